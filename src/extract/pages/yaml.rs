//! YAML as JSON values, for specifications and collections written in it.
//!
//! Owns: the bounds that keep aliases from growing ("billion laughs"), keys that are not text (`200:`),
//! merge keys. Leaves out: what the document means.
//!
//! The YAML crate stops recursion at 128 levels and follows at most a hundred aliases per event of the
//! document, which can still turn a megabyte into gigabytes. So this module counts every value that is
//! built, including aliased ones.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde_json::{Map, Value};

/// The most values built from one document.
const MAX_VALUES: usize = 2_000_000;
/// The most bytes of text built from one document.
const MAX_TEXT: usize = 64 << 20;

/// Parses the first document of a text.
///
/// # Errors
///
/// Returns what is wrong, with line and column if known, or that aliases expand beyond the limits.
pub fn value(text: &str) -> Result<Value, String> {
    let Some(document) = serde_yaml::Deserializer::from_str(text).next() else {
        return Ok(Value::Null);
    };
    let budget = Budget {
        values: Cell::new(MAX_VALUES),
        text: Cell::new(MAX_TEXT),
    };
    Build(&budget)
        .deserialize(document)
        .map_err(|error| error.to_string())
}

/// Parses a specification in YAML. Only texts with the top-level key are tried, so that prose is not
/// parsed.
pub fn specification(text: &str) -> Option<Value> {
    let is_key = |line: &str| {
        let line = line.trim_start_matches('\u{feff}');
        let line = line.trim_start_matches(['"', '\'']);
        ["openapi", "swagger"].iter().any(|key| {
            line.strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
        })
    };
    if text.len() > MAX_SERVED || !text.lines().take(2_000).any(is_key) {
        return None;
    }
    value(text).ok().filter(Value::is_object)
}

/// The largest YAML text from a target that is read: its events take many times its bytes.
const MAX_SERVED: usize = 4 << 20;

struct Budget {
    values: Cell<usize>,
    text: Cell<usize>,
}

impl Budget {
    fn spend<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        let (values, text) = (self.values.get(), self.text.get());
        if values == 0 || text < bytes {
            return Err(E::custom("its aliases make too much of it"));
        }
        self.values.set(values - 1);
        self.text.set(text - bytes);
        Ok(())
    }
}

/// Builds one value within the budget.
#[derive(Clone, Copy)]
struct Build<'a>(&'a Budget);

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.0.spend(0).map(|()| Value::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.0.spend(0).map(|()| Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.0.spend(0).map(|()| Value::from(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.0.spend(0).map(|()| Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        self.0.spend(0).map(|()| Value::from(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.0.spend(value.len()).map(|()| Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.0.spend(0)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.0.spend(0)?;
        let mut map = Map::new();
        let mut merged = Vec::new();
        while let Some(key) = entries.next_key_seed(self)? {
            let value = entries.next_value_seed(self)?;
            match key {
                Value::String(key) if key == "<<" => merged.push(value),
                Value::String(key) => {
                    map.insert(key, value);
                }
                // `200:` under `responses`, `true:` under the names of an enumeration.
                Value::Number(_) | Value::Bool(_) => {
                    map.insert(key.to_string(), value);
                }
                Value::Null => {
                    map.insert("null".to_owned(), value);
                }
                Value::Array(_) | Value::Object(_) => {
                    return Err(A::Error::custom("a key is a list or a mapping"));
                }
            }
        }
        // YAML 1.1's merge keys: the mapping's own entries win.
        for value in merged {
            let parts = match value {
                Value::Array(parts) => parts,
                one => vec![one],
            };
            for part in parts {
                let Value::Object(part) = part else { continue };
                for (key, value) in part {
                    map.entry(key).or_insert(value);
                }
            }
        }
        Ok(Value::Object(map))
    }

    /// Builds a tagged value (`!Ref x`) without its tag.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (_, content) = tagged.variant_seed(Tag)?;
        content.newtype_variant_seed(self)
    }
}

/// A tag's name, which is ignored.
struct Tag;

impl<'de> DeserializeSeed<'de> for Tag {
    type Value = serde::de::IgnoredAny;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(serde::de::IgnoredAny)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_read_with_numbers_as_keys_merges_and_tags() {
        let text = "base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nresponses:\n  200: ok\n  default: !t no\ndate: 2024-01-31\nlist: [~, true, 1.5]\n---\nsecond: 1";
        assert_eq!(
            value(text).unwrap(),
            json!({
                "base": {"x": 1, "y": 2}, "use": {"y": 3, "x": 1},
                "responses": {"200": "ok", "default": "no"},
                "date": "2024-01-31", "list": [null, true, 1.5]
            })
        );
        assert_eq!(value("").unwrap(), Value::Null);
    }

    #[test]
    fn an_error_names_its_line() {
        let error = value("openapi: 3.0.0\npaths:\n  /a: [\n").unwrap_err();
        assert!(
            error.contains("line 3") || error.contains("line 4"),
            "{error}"
        );
    }

    #[test]
    fn aliases_that_multiply_are_refused_soon() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            let _ = writeln!(text, "a{level}: &a{level} [{before}]");
        }
        assert!(value(&text).is_err());
        // One long text, many times: few jumps, much memory.
        let mut text = format!("a: &a {}\nl:\n", "x".repeat(1 << 20));
        for _ in 0..200 {
            text.push_str("- *a\n");
        }
        let error = value(&text).unwrap_err();
        assert!(error.contains("aliases"), "{error}");
        let nested = "[".repeat(5_000);
        assert!(value(&nested).is_err());
    }

    #[test]
    fn only_a_text_with_the_key_of_a_specification_is_parsed() {
        assert!(specification("# API\nopenapi: 3.1.0\npaths: {}").is_some());
        assert!(specification("'swagger': '2.0'").is_some());
        assert!(specification("the openapi: document").is_none());
        assert!(specification("openapi: [").is_none());
    }
}
