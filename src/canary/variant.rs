//! A canary in other clothes.
//!
//! Owns the variants that draw an echo which the plain value would not: with a quote, of the
//! wrong type, as a name. Leaves out when each is sent. All are recognised as the canary itself.

use serde_json::{Value, json};

use super::mint::Canary;
use super::shape::Shape;

impl Canary {
    /// The text with a quote behind it, for statements and markup that a quote breaks.
    pub fn quoted(&self) -> String {
        format!("{}'", self.text)
    }

    /// The value in a JSON body: a number for an `integer`, else text.
    pub fn value(&self) -> Value {
        match (self.shape, self.text.parse::<u64>()) {
            (Shape::Integer, Ok(number)) => json!(number),
            _ => json!(self.text),
        }
    }

    /// A list where a single value is expected.
    pub fn in_list(&self) -> Value {
        json!([self.value()])
    }

    /// An object where a single value is expected. Its one name is harmless: no operator.
    pub fn in_object(&self) -> Value {
        json!({ "value": self.value() })
    }

    /// A number where text is expected; only an `integer` has one.
    pub fn as_number(&self) -> Option<Value> {
        (self.shape == Shape::Integer).then(|| self.value())
    }

    /// Text where a number is expected.
    pub fn as_text(&self) -> Value {
        json!(self.text)
    }

    /// A name for a parameter or a field that nobody knows; only shapes that are one word make
    /// one. They begin with a letter.
    pub fn as_name(&self) -> Option<&str> {
        let word = self.text.bytes().all(|b| b.is_ascii_alphanumeric());
        (word && self.shape != Shape::Integer).then_some(self.text.as_str())
    }

    /// An object whose one field has the canary as its name.
    pub fn named_field(&self, value: &Value) -> Option<Value> {
        self.as_name().map(|name| json!({ name: value }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canary::{Mint, RunKey};

    #[test]
    fn every_variant_is_recognised_as_its_canary() {
        let mut mint = Mint::new(RunKey::from_seed(3));
        for shape in Shape::ALL {
            let canary = mint.plant(shape);
            let mut bodies = vec![
                canary.quoted(),
                canary.value().to_string(),
                canary.in_list().to_string(),
                canary.in_object().to_string(),
                canary.as_text().to_string(),
            ];
            bodies.extend(canary.as_number().map(|value| value.to_string()));
            bodies.extend(canary.named_field(&json!(1)).map(|value| value.to_string()));
            for body in bodies {
                let found = mint.recogniser().scan(body.as_bytes());
                assert_eq!(found.len(), 1, "{body}");
                assert_eq!(found[0].slot, canary.slot);
                assert!(found[0].transforms.is_empty());
            }
        }
    }

    #[test]
    fn an_integer_is_a_number_and_nothing_else_is() {
        let mut mint = Mint::new(RunKey::from_seed(3));
        assert!(mint.plant(Shape::Integer).value().is_u64());
        assert_eq!(mint.plant(Shape::Token).as_number(), None);
    }

    #[test]
    fn a_name_is_one_word_that_begins_with_a_letter() {
        let mut mint = Mint::new(RunKey::from_seed(3));
        for shape in [Shape::Token, Shape::Short, Shape::Hex32] {
            let canary = mint.plant(shape);
            assert!(
                canary
                    .as_name()
                    .unwrap()
                    .starts_with(|c: char| c.is_ascii_alphabetic())
            );
        }
        assert_eq!(mint.plant(Shape::Email).as_name(), None);
        assert_eq!(mint.plant(Shape::Integer).as_name(), None);
    }
}
