//! What a message asks for: a type, a format, a length, one of several values.

use std::sync::LazyLock;

use regex::Regex;

use super::{all, pattern};
use crate::surface::{Kind, TypeHint};

static ONE_OF: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:must be one of|one of|unallowed value|expected|input should be)\s*:?\s*\[?((?:'[^']*'|[\w-]+)(?:\s*(?:,|or)\s*(?:'[^']*'|[\w-]+))+)",
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

/// What a message asks for.
pub(super) fn hint(message: &str) -> TypeHint {
    let lower = message.to_ascii_lowercase();
    let mut hint = TypeHint::default();
    let formats = [
        ("uuid", "uuid"),
        ("email", "email"),
        ("e-mail", "email"),
        ("datetime", "date-time"),
        ("date", "date"),
        (" url", "uri"),
    ];
    if lower.contains("valid") || lower.contains("must be") || lower.contains("should be") {
        hint.format = formats
            .iter()
            .find(|(word, _)| lower.contains(word))
            .map(|(_, format)| (*format).to_owned());
        let kinds = [
            ("integer", Kind::Integer),
            ("number", Kind::Number),
            ("float", Kind::Number),
            ("boolean", Kind::Boolean),
            ("mapping", Kind::Object),
            ("dictionary", Kind::Object),
            ("list", Kind::Array),
            ("string", Kind::String),
        ];
        let kind = kinds.iter().find(|(word, _)| lower.contains(word));
        hint.kind = kind.map_or(Kind::Unknown, |(_, kind)| *kind);
    }
    for found in all(&LENGTHS, message) {
        let about_length = lower.contains("length") || found[6].contains("character");
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
    if let Some(found) = all(&ONE_OF, message).next() {
        hint.choices = found[1]
            .replace(" or ", ",")
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
        assert!(ONE_OF.is_some() && LENGTHS.is_some());
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
        let both = hint("Length must be between 3 and 9.");
        assert_eq!((both.min_length, both.max_length), (Some(3), Some(9)));
        assert_eq!(
            hint("Must be one of: red, green.").choices,
            ["red", "green"]
        );
    }
}
