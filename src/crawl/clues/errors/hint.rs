//! What a message asks for: a type, a format, a length, one of several values.

use std::sync::LazyLock;

use regex::Regex;

use super::super::patterns::{all, pattern};
use crate::surface::{Kind, TypeHint};

static ONE_OF: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:must be one of|one of|be either|allowed (?:values|options|choices)(?: are)?|unallowed value|expected|input should be)\s*:?\s*\[?((?:'[^']*'|[\w-]+)(?:\s*(?:,|\bor\b|\|)\s*(?:'[^']*'|[\w-]+))+)",
    )
});

static LENGTHS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) (?: (longer\s+than\s+maximum\s+length|at\s+most|max(?:imum)?\s+length\s+(?:is|of)?|no\s+more\s+than)
                  | (shorter\s+than\s+minimum\s+length|at\s+least|min(?:imum)?\s+length\s+(?:is|of)?)
                  | (length\s+must\s+be\s+between|between) )
           \s+ (\d{1,6}) (?: \s*(?:and|-|to)\s* (\d{1,6}) )? ([^.]*)",
    )
});

/// `8 to 100 characters`, `exactly 40 characters`.
static SPAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) (?: \b exactly \s+ (\d{1,6}) | \b (\d{1,6}) \s* (?: to | - | – | and ) \s* (\d{1,6}) )
           \s* (?: characters | chars | letters | symbols ) \b",
    )
});

/// Words for types, in the order in which they count.
const KINDS: [(&str, Kind); 17] = [
    ("file", Kind::File),
    ("integer", Kind::Integer),
    ("int", Kind::Integer),
    ("number", Kind::Number),
    ("float", Kind::Number),
    ("decimal", Kind::Number),
    ("boolean", Kind::Boolean),
    ("bool", Kind::Boolean),
    ("mapping", Kind::Object),
    ("dictionary", Kind::Object),
    ("dict", Kind::Object),
    ("object", Kind::Object),
    ("list", Kind::Array),
    ("array", Kind::Array),
    ("string", Kind::String),
    ("str", Kind::String),
    ("text", Kind::String),
];

/// `does not match pattern "…"`, `should match pattern '…'`, `does not match regex '…'`.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?i)\bmatch(?:es)?(?:\s+(?:the\s+)?(?:pattern|regex|regular expression))?:?\s+(?:'([^'\n]{1,200})'|"([^"\n]{1,200})")"#,
    )
});

static BOUNDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) (?: (greater\s+than(?:\s+or\s+equal\s+to)? | at\s+least | min\s+value\s+is | minimum\s+of | no\s+less\s+than)
                  | (less\s+than(?:\s+or\s+equal\s+to)? | at\s+most | max\s+value\s+is | maximum\s+of)
                  | (between | the\s+range) )
           \s+ (-?\d{1,9}(?:\.\d{1,6})?) (?: \s*(?:and|-|to)\s* (-?\d{1,9}(?:\.\d{1,6})?) )?",
    )
});

/// Least and greatest value of a number.
fn bounds(message: &str, hint: &mut TypeHint) {
    let lower = message.to_ascii_lowercase();
    if ["length", "character", "item", "longer", "shorter"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return;
    }
    for found in all(&BOUNDS, message) {
        let number = |index: usize| found.get(index).and_then(|part| part.as_str().parse().ok());
        // jsonschema says what is wrong: `5 is less than the minimum of 7`.
        let (least, most) = match (found.get(1).is_some(), found.get(2).is_some()) {
            (true, _) => (number(4), None),
            (_, true) => (None, number(4)),
            _ => (number(4), number(5)),
        };
        hint.minimum = least.or(hint.minimum);
        hint.maximum = most.or(hint.maximum);
    }
}

/// Words of messages that ask for a type.
const ASKS: [&str; 8] = [
    "valid",
    "must be",
    "should be",
    "of type",
    "expected",
    "could not convert",
    "time data",
    "must exist",
];

/// True where a message names a type beside the input: `x (string)`, `x: string`, `x is not a string`.
fn is_typed(lower: &str) -> bool {
    KINDS.iter().any(|(word, _)| {
        ["(", ": ", " as ", "not a ", "not an "]
            .iter()
            .any(|before| lower.contains(&format!("{before}{word}")))
    })
}

/// What a message asks for.
pub(super) fn hint(message: &str) -> TypeHint {
    // voluptuous: "expected int for dictionary value".
    let lower = message
        .to_ascii_lowercase()
        .replace("for dictionary value", "");
    let mut hint = TypeHint::default();
    let formats = [
        ("uuid", "uuid"),
        ("email", "email"),
        ("e-mail", "email"),
        ("datetime", "date-time"),
        ("date", "date"),
        (" url", "uri"),
    ];
    if ASKS.iter().any(|word| lower.contains(word)) || is_typed(&lower) {
        hint.format = formats
            .iter()
            .find(|(word, _)| lower.contains(word))
            .map(|(_, format)| (*format).to_owned());
        let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let kind = KINDS.iter().find(|(word, _)| words.contains(word));
        hint.kind = kind.map_or(Kind::Unknown, |(_, kind)| *kind);
        // Python's own words: time data 'x' does not match format '%Y-%m-%d'.
        if let Some((_, format)) = lower.split_once("does not match format") {
            let format = if format.contains("%h") {
                "date-time"
            } else {
                "date"
            };
            hint.format = Some(format.to_owned());
        }
        if words.contains(&"objectid") {
            hint.format = Some("objectid".to_owned());
        }
    }
    if let Some(found) = all(&PATTERN, message).next() {
        let text = found.get(1).or_else(|| found.get(2));
        hint.pattern = text
            .map(|text| text.as_str().to_owned())
            .filter(|text| !text.contains('%') && Regex::new(text).is_ok());
    }
    bounds(message, &mut hint);
    for found in all(&LENGTHS, message) {
        let about_length = lower.contains("length")
            || found[6].contains("character")
            || lower.contains("longer than")
            || lower.contains("shorter than");
        let number = |index: usize| found.get(index).and_then(|part| part.as_str().parse().ok());
        if !about_length {
            continue;
        }
        if found.get(1).is_some() {
            hint.max_length = number(4);
        } else if found.get(2).is_some() {
            hint.min_length = number(4);
        } else {
            hint.min_length = number(4);
            hint.max_length = number(5);
        }
    }
    if let Some(found) = all(&SPAN, message).next() {
        let number = |index: usize| found.get(index).and_then(|part| part.as_str().parse().ok());
        hint.min_length = number(1).or(number(2));
        hint.max_length = number(1).or(number(3));
    }
    if let Some(found) = all(&ONE_OF, message).next() {
        hint.choices = found[1]
            .replace(" or ", ",")
            .replace('|', ",")
            .split(',')
            .map(|choice| choice.trim().trim_matches('\'').to_owned())
            .filter(|choice| !choice.is_empty())
            .take(50)
            .collect();
    }
    hint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_compile() {
        assert!(
            SPAN.is_some()
                && ONE_OF.is_some()
                && LENGTHS.is_some()
                && PATTERN.is_some()
                && BOUNDS.is_some()
        );
    }

    #[test]
    fn messages_say_what_they_ask_for() {
        assert_eq!(hint("Not a valid UUID.").format.as_deref(), Some("uuid"));
        assert_eq!(hint("Input should be a valid integer").kind, Kind::Integer);
        assert_eq!(hint("Longer than maximum length 12.").max_length, Some(12));
        assert_eq!(
            hint("String should have at least 3 characters").min_length,
            Some(3)
        );
        assert_eq!(hint("must be of dict type").kind, Kind::Object);
        assert_eq!(hint("'x' is not of type 'integer'").kind, Kind::Integer);
        assert_eq!(
            hint("Must be greater than or equal to 10 and less than or equal to 900.").maximum,
            Some(900.0)
        );
        assert_eq!(hint("max value is 24").maximum, Some(24.0));
        assert_eq!(hint("Number must be between 1 and 9.").minimum, Some(1.0));
        assert_eq!(
            hint("Value does not match pattern: \"^[A-Z]{6}$\"")
                .pattern
                .as_deref(),
            Some("^[A-Z]{6}$")
        );
        assert_eq!(
            hint("time data 'x' does not match format '%Y-%m-%d'")
                .format
                .as_deref(),
            Some("date")
        );
        let both = hint("Length must be between 3 and 9.");
        assert_eq!((both.min_length, both.max_length), (Some(3), Some(9)));
        for message in [
            "Must be one of: red, green.",
            "must be either red or green",
            "allowed values are red|green",
        ] {
            assert_eq!(hint(message).choices, ["red", "green"], "{message}");
        }
        let span = hint("x: string of 8 to 100 characters");
        assert_eq!((span.min_length, span.max_length), (Some(8), Some(100)));
        assert_eq!(span.kind, Kind::String);
        assert_eq!(hint("exactly 40 characters").max_length, Some(40));
        assert_eq!(hint("x (integer) is required").kind, Kind::Integer);
    }
}
