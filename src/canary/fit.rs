//! Choosing the shapes that suit an input.
//!
//! This module maps what a specification, a form or a validation error says about an input to the
//! shapes that it should accept, best first, or to the reason why there are none. Where hints come
//! from, and what is sent instead of a canary, is decided elsewhere.
//!
//! Hints are taken as they come: an unknown `format` is ignored, and a `pattern` is honoured by
//! trying it. Canaries of each shape are made as the mint would make them, and a shape suits if
//! some of them match. A pattern is unanchored, as in JSON Schema.

use std::fmt;

use regex::Regex;
use serde_json::Value;

use super::codec::Codec;
use super::hint::{Kind, TypeHint};
use super::key::RunKey;
use super::mint::{Canary, Mint, Slot};
use super::shape::Shape;

/// The reason why an input takes no canary, which is reported as not testable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotTestable {
    /// Only listed values are accepted.
    Choices,
    /// Only true or false is accepted.
    Boolean,
    /// Its values are composed of other inputs' values.
    Composite,
    /// Values of this format leave no room for a canary.
    Format(String),
    /// No shape matches the pattern.
    Pattern(String),
    /// The pattern is in a dialect that cannot be tried.
    UnknownPattern(String),
    /// No shape is short enough, or long enough.
    Length {
        /// Fewest characters.
        min: Option<usize>,
        /// Most characters.
        max: Option<usize>,
    },
    /// Fifteen-digit numbers lie outside the accepted range.
    Range,
}

impl fmt::Display for NotTestable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotTestable::Choices => f.write_str("takes listed values only"),
            NotTestable::Boolean => f.write_str("takes true or false only"),
            NotTestable::Composite => f.write_str("takes a list or an object"),
            NotTestable::Format(format) => write!(f, "format {format} has no room for a canary"),
            NotTestable::Pattern(pattern) => write!(f, "no canary meets the pattern {pattern}"),
            NotTestable::UnknownPattern(pattern) => {
                write!(
                    f,
                    "the pattern {pattern} is in a dialect that cannot be tried"
                )
            }
            NotTestable::Length { min, max } => {
                let bound = |bound: Option<usize>| bound.map_or("any".into(), |n| n.to_string());
                write!(
                    f,
                    "no canary has {} to {} characters",
                    bound(*min),
                    bound(*max)
                )
            }
            NotTestable::Range => f.write_str("takes no number of fifteen digits"),
        }
    }
}

impl std::error::Error for NotTestable {}

/// Sample texts of a shape that a pattern is tried on: every prefix and many payloads.
const SAMPLES: u32 = 40;

/// Slots that are tried in search of a text that matches a pattern.
const TRIES: u32 = 200;

impl Shape {
    /// Returns the shapes that an input should accept, best first.
    ///
    /// Where the hint has a pattern, some canaries of a shape may not match it: use
    /// [`Mint::plant_meeting`] to plant one that does.
    ///
    /// ```
    /// use keyspill_canary::{NotTestable, Shape, TypeHint};
    ///
    /// let mut hint = TypeHint { pattern: Some("^[0-9a-f]{32}$".into()), ..TypeHint::default() };
    /// assert_eq!(Shape::fit(&hint), Ok(vec![Shape::Hex32]));
    /// hint.max_length = Some(8);
    /// assert!(matches!(Shape::fit(&hint), Err(NotTestable::Length { .. })));
    /// ```
    ///
    /// # Errors
    /// Returns the reason why no shape suits.
    pub fn fit(hint: &TypeHint) -> Result<Vec<Shape>, NotTestable> {
        if !hint.choices.is_empty() {
            return Err(NotTestable::Choices);
        }
        let shapes = of_kind(hint)?;
        let (min, max) = (hint.min_length, hint.max_length);
        let fits = |shape: &Shape| match hint.kind {
            Kind::Integer | Kind::Number => true,
            _ => {
                min.is_none_or(|min| shortest(*shape) >= min)
                    && max.is_none_or(|max| shape.len() <= max)
            }
        };
        let shapes: Vec<Shape> = shapes.into_iter().filter(fits).collect();
        if shapes.is_empty() {
            return Err(NotTestable::Length { min, max });
        }
        let Some(pattern) = &hint.pattern else {
            return Ok(shapes);
        };
        let regex = compile(pattern)?;
        let codec = Codec::new(RunKey::from_seed(0), "example.com");
        let meets = |shape: &Shape| {
            (0..SAMPLES).any(|slot| regex.is_match(&codec.write(Slot(slot), *shape)))
        };
        let shapes: Vec<Shape> = shapes.into_iter().filter(meets).collect();
        if shapes.is_empty() {
            return Err(NotTestable::Pattern(pattern.clone()));
        }
        Ok(shapes)
    }
}

impl Mint {
    /// Makes the next canary of a shape with a text that matches a pattern.
    ///
    /// Slots whose text does not match are skipped and stay unissued. If none of many matches, the
    /// next slot is used regardless.
    pub fn plant_meeting(&mut self, shape: Shape, pattern: &str) -> Canary {
        match compile(pattern) {
            Ok(regex) => self.plant_where(shape, TRIES, |text| regex.is_match(text)),
            Err(_) => self.plant(shape),
        }
    }
}

/// Returns the shapes for a kind and a format, best first.
fn of_kind(hint: &TypeHint) -> Result<Vec<Shape>, NotTestable> {
    match hint.kind {
        Kind::Boolean => return Err(NotTestable::Boolean),
        Kind::Array | Kind::Object => return Err(NotTestable::Composite),
        Kind::Integer | Kind::Number => {
            let least = hint.minimum.is_none_or(|least| least <= 3e14);
            let greatest = hint
                .maximum
                .is_none_or(|greatest| greatest >= 999_999_999_999_999.0);
            let narrow = matches!(hint.format.as_deref(), Some("int32" | "int16" | "int8"));
            return if least && greatest && !narrow {
                Ok(vec![Shape::Integer])
            } else {
                Err(NotTestable::Range)
            };
        }
        Kind::Unknown | Kind::String | Kind::File => {}
    }
    let format = hint
        .format
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match format.as_str() {
        "email" | "idn-email" => Ok(vec![Shape::Email]),
        "uuid" | "guid" | "uuid4" => Ok(vec![Shape::Uuid]),
        "uri" | "url" | "iri" | "uri-reference" | "iri-reference" => Ok(vec![Shape::Url]),
        "date" | "date-time" | "datetime" | "time" | "duration" | "ipv4" | "ipv6" | "ip"
        | "objectid" | "color" | "phone" | "tel" | "country-code" | "currency" | "json"
        | "regex" => Err(NotTestable::Format(format)),
        _ => Ok(by_example(hint)),
    }
}

/// Returns every textual shape, beginning with the one that the example looks like.
fn by_example(hint: &TypeHint) -> Vec<Shape> {
    let mut shapes = Shape::ALL.to_vec();
    // A text input does not ask for an integer unless it says so.
    shapes.retain(|shape| *shape != Shape::Integer);
    shapes.push(Shape::Integer);
    let example = hint.example.as_ref().and_then(Value::as_str);
    if let Some(like) = example.and_then(looks_like) {
        shapes.retain(|shape| *shape != like);
        shapes.insert(0, like);
    }
    shapes
}

/// Returns the shape that a value looks like.
fn looks_like(example: &str) -> Option<Shape> {
    let hex = example.bytes().all(|b| b.is_ascii_hexdigit());
    let is_uuid = || {
        let groups: Vec<usize> = example.split('-').map(str::len).collect();
        groups == [8, 4, 4, 4, 12] && example.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
    };
    let is_prefixed = || {
        let prefix = example.find(['_', '-']).filter(|at| (2..=6).contains(at));
        let rest = example.rfind(['_', '-']).map_or(0, |at| example.len() - at);
        prefix.is_some() && rest > 16
    };
    match example.len() {
        32 if hex => Some(Shape::Hex32),
        64 if hex => Some(Shape::Hex64),
        36 if is_uuid() => Some(Shape::Uuid),
        _ if example.starts_with("http://") || example.starts_with("https://") => Some(Shape::Url),
        _ if example.contains('@') && !example.contains(' ') => Some(Shape::Email),
        _ if is_prefixed() => Some(Shape::Prefixed),
        10.. if example.bytes().all(|b| b.is_ascii_digit()) => Some(Shape::Integer),
        _ => None,
    }
}

/// Returns the length of a shape's shortest text, in characters.
fn shortest(shape: Shape) -> usize {
    if shape == Shape::Prefixed {
        shape.core_len() + 3
    } else {
        shape.len()
    }
}

/// Compiles a pattern in the dialect of JSON Schema.
///
/// Features that the regex engine does not support (look-around, back-references) are an error.
fn compile(pattern: &str) -> Result<Regex, NotTestable> {
    let limit = 1 << 20;
    // ECMAScript allows a slash to be escaped.
    let pattern_here = pattern.replace("\\/", "/");
    let built = regex::RegexBuilder::new(&pattern_here)
        .size_limit(limit)
        .build();
    built.map_err(|_| NotTestable::UnknownPattern(pattern.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(pattern: &str) -> TypeHint {
        TypeHint {
            pattern: Some(pattern.to_owned()),
            ..TypeHint::default()
        }
    }

    fn format(format: &str) -> TypeHint {
        TypeHint {
            format: Some(format.to_owned()),
            ..TypeHint::default()
        }
    }

    #[test]
    fn an_input_that_says_nothing_gets_a_token() {
        assert_eq!(Shape::fit(&TypeHint::default()).unwrap()[0], Shape::Token);
    }

    #[test]
    fn a_format_decides() {
        assert_eq!(Shape::fit(&format("email")), Ok(vec![Shape::Email]));
        assert_eq!(Shape::fit(&format("UUID")), Ok(vec![Shape::Uuid]));
        assert_eq!(Shape::fit(&format("uri")), Ok(vec![Shape::Url]));
        let date = NotTestable::Format("date-time".into());
        assert_eq!(Shape::fit(&format("date-time")), Err(date));
        assert_eq!(Shape::fit(&format("password")).unwrap()[0], Shape::Token);
    }

    #[test]
    fn numbers_get_an_integer_where_fifteen_digits_are_taken() {
        let mut hint = TypeHint {
            kind: Kind::Integer,
            ..TypeHint::default()
        };
        assert_eq!(Shape::fit(&hint), Ok(vec![Shape::Integer]));
        hint.maximum = Some(100.0);
        assert_eq!(Shape::fit(&hint), Err(NotTestable::Range));
        hint.maximum = None;
        hint.format = Some("int32".into());
        assert_eq!(Shape::fit(&hint), Err(NotTestable::Range));
    }

    #[test]
    fn lengths_choose_among_the_shapes() {
        let of = |min_length, max_length| {
            Shape::fit(&TypeHint {
                min_length,
                max_length,
                ..TypeHint::default()
            })
            .map(|s| s[0])
        };
        assert_eq!(of(None, Some(64)), Ok(Shape::Token));
        assert_eq!(of(None, Some(32)), Ok(Shape::Hex32));
        assert_eq!(of(None, Some(20)), Ok(Shape::Short));
        assert_eq!(of(Some(50), None), Ok(Shape::Hex64));
        assert_eq!(of(Some(11), Some(15)), Ok(Shape::Integer));
        let none = NotTestable::Length {
            min: None,
            max: Some(9),
        };
        assert_eq!(of(None, Some(9)), Err(none));
        assert!(of(Some(65), None).is_err());
    }

    #[test]
    fn a_pattern_is_honoured_and_searched_for_unanchored() {
        for (text, shape) in [
            ("^[a-z0-9]{40}$", Shape::Token),
            ("^[a-f0-9]{32}$", Shape::Hex32),
            ("^[0-9a-fA-F]{64}$", Shape::Hex64),
            ("^sk-[a-z0-9]{32}$", Shape::Prefixed),
            ("^[^@]+@[^@]+$", Shape::Email),
            ("^https?:\\/\\/", Shape::Url),
            ("^\\d{8}-|^[0-9a-f-]{36}$", Shape::Uuid),
            ("^\\w{1,12}$", Shape::Short),
            ("^\\d+$", Shape::Integer),
            ("[a-z]", Shape::Token),
        ] {
            let hint = pattern(text);
            assert_eq!(Shape::fit(&hint).unwrap()[0], shape, "{text}");
            let regex = Regex::new(text).unwrap();
            let mut mint = Mint::new(RunKey::from_seed(9));
            for _ in 0..20 {
                let canary = mint.plant_meeting(shape, text);
                assert!(regex.is_match(&canary.text), "{text} {}", canary.text);
                assert_eq!(mint.recogniser().scan(canary.text.as_bytes()).len(), 1);
            }
        }
    }

    #[test]
    fn a_pattern_that_no_shape_meets_is_said_to_be_so() {
        let upper = "^[A-Z]{20}$";
        assert_eq!(
            Shape::fit(&pattern(upper)),
            Err(NotTestable::Pattern(upper.into()))
        );
        let ahead = "^(?=.*[a-z]).+$";
        assert_eq!(
            Shape::fit(&pattern(ahead)),
            Err(NotTestable::UnknownPattern(ahead.into()))
        );
    }

    #[test]
    fn listed_values_booleans_and_composites_are_not_testable() {
        let choices = vec!["asc".to_owned(), "desc".to_owned()];
        let hint = TypeHint {
            choices,
            ..TypeHint::default()
        };
        assert_eq!(Shape::fit(&hint), Err(NotTestable::Choices));
        for (kind, reason) in [
            (Kind::Boolean, NotTestable::Boolean),
            (Kind::Array, NotTestable::Composite),
            (Kind::Object, NotTestable::Composite),
        ] {
            assert_eq!(
                Shape::fit(&TypeHint {
                    kind,
                    ..TypeHint::default()
                }),
                Err(reason)
            );
        }
    }

    #[test]
    fn an_example_is_imitated() {
        for (example, shape) in [
            ("9e107d9d372bb6826bd81d3542a419d6", Shape::Hex32),
            ("5f0c6f5e-8d2b-4c55-9b0a-0a2d6c1f3e77", Shape::Uuid),
            ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", Shape::Prefixed),
            ("jane@corp.test", Shape::Email),
            ("https://hooks.test/x", Shape::Url),
            ("anything", Shape::Token),
        ] {
            let hint = TypeHint {
                example: Some(example.into()),
                ..TypeHint::default()
            };
            assert_eq!(Shape::fit(&hint).unwrap()[0], shape, "{example}");
        }
    }
}
