//! Plain, well-typed values: what a well-behaved client would send.
//!
//! Owns: a value for each type hint. Leaves out: canaries (`ladder.rs`).

use serde_json::{Value, json};

use crate::policy::{is_acting_value, is_dangerous_value};
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};

/// The value of a credential-like input. It is not a word, so that a link with it still looks like
/// one with a credential.
const KEY: &str = crate::canary::STAND_IN;

/// Returns a value that the input should accept: a known good one, or one made from the hint.
pub(super) fn plain(input: &Input, credential_like: bool) -> Value {
    let hint = &input.hint;
    // A well-behaved client does not send `?action=delete`.
    let harmless = |text: &str| {
        let acts = input.place == Place::Query && is_acting_value(&input.name, text);
        !acts && !is_dangerous_value(&input.name, text)
    };
    let example = hint.example.as_ref().filter(|value| usable(value));
    if let Some(example) = example.filter(|value| value.as_str().is_none_or(harmless)) {
        return example.clone();
    }
    let mut choices = hint.choices.iter().filter(|choice| !choice.is_empty());
    if let Some(choice) = choices.find(|choice| harmless(choice)) {
        return typed(hint.kind, choice);
    }
    match hint.kind {
        Kind::Integer => json!(whole(within(hint, 1.0))),
        Kind::Number => json!(within(hint, 1.5)),
        Kind::Boolean => json!(true),
        // The type of the items is all that is left to find out.
        Kind::Array if only_errors(input) => json!(["sample"]),
        Kind::Array => json!([]),
        Kind::Object => json!({}),
        Kind::File => json!("sample"),
        Kind::Unknown if counts(&input.name) => json!(1),
        Kind::String | Kind::Unknown
            if credential_like && matches!(hint.format.as_deref(), None | Some("basic")) =>
        {
            json!(fit(KEY, &lengthened(input)))
        }
        Kind::String | Kind::Unknown => json!(text(input)),
    }
}

/// Returns true if only errors have mentioned an input. An empty list would then end what they
/// reveal.
fn only_errors(input: &Input) -> bool {
    input.place == Place::Json && input.provenance.iter().all(|p| *p == Provenance::Error)
}

/// Returns true for names of quantities: code that reads them converts them to numbers.
fn counts(name: &str) -> bool {
    const WORDS: [&str; 22] = [
        "amount", "quantity", "qty", "price", "total", "age", "count", "number", "year", "month",
        "day", "hours", "minutes", "seconds", "size", "limit", "page", "weight", "height", "width",
        "rating", "score",
    ];
    let last = name.rsplit(['.', '_', '-']).next().unwrap_or(name);
    let last = last.trim_end_matches("[]").to_ascii_lowercase();
    WORDS.contains(&last.as_str())
}

fn usable(value: &Value) -> bool {
    !matches!(value, Value::Null) && value.as_str() != Some("")
}

/// Converts a choice, which is kept as text, to the type of its input.
fn typed(kind: Kind, choice: &str) -> Value {
    match kind {
        Kind::Integer | Kind::Number | Kind::Boolean => {
            serde_json::from_str(choice).unwrap_or_else(|_| json!(choice))
        }
        _ => json!(choice),
    }
}

/// Returns the whole part of a number as JSON writes it: `1`, not `1.0`.
fn whole(number: f64) -> Value {
    let text = format!("{:.0}", number.trunc());
    serde_json::from_str(&text).unwrap_or_else(|_| json!(1))
}

fn within(hint: &TypeHint, wish: f64) -> f64 {
    let wish = hint.minimum.map_or(wish, |least| wish.max(least));
    hint.maximum.map_or(wish, |most| wish.min(most))
}

fn text(input: &Input) -> String {
    let hint = &input.hint;
    let by_format = match hint.format.as_deref().unwrap_or_default() {
        "email" | "idn-email" => Some("kim@example.com"),
        "uuid" => Some("6f1c2a34-9b1d-4e52-8a77-0c3f5d9e1b20"),
        "objectid" => Some("65f0c0ffee65f0c0ffee65f0"),
        "date" => Some("2024-01-15"),
        "date-time" | "datetime" => Some("2024-01-15T10:30:00+00:00"),
        "datetime-local" => Some("2024-01-15T10:30"),
        "time" => Some("10:30:00"),
        "month" => Some("2024-01"),
        "week" => Some("2024-W03"),
        "color" => Some("#336699"),
        "tel" => Some("+4930123456"),
        "uri" | "url" | "iri" => Some("https://example.com/hook"),
        "ipv4" | "ip" => Some("192.0.2.10"),
        "ipv6" => Some("2001:db8::10"),
        "hostname" => Some("www.example.com"),
        _ => None,
    };
    if let Some(text) = by_format {
        return text.to_owned();
    }
    if input.place == Place::Path {
        return "1".to_owned();
    }
    let name = input.name.to_ascii_lowercase();
    let by_name = if name.contains("email") {
        "kim@example.com"
    } else if name.contains("url") || name.contains("callback") || name.contains("webhook") {
        "https://example.com/hook"
    } else if name.contains("date") {
        "2024-01-15"
    } else {
        "sample"
    };
    fit(by_name, &lengthened(input))
}

/// Adds the length that is being tried to the hint, if nothing says how long a value is.
fn lengthened(input: &Input) -> TypeHint {
    let mut hint = input.hint.clone();
    if (hint.min_length, hint.max_length) == (None, None) {
        (hint.min_length, hint.max_length) = (input.length, input.length);
    }
    hint
}

/// Stretches or cuts a word to the lengths that the hint allows.
fn fit(word: &str, hint: &TypeHint) -> String {
    let mut text = word.to_owned();
    // An excessive minimum is not met: it would only cost bytes.
    let least = hint.min_length.unwrap_or(0).min(512);
    while text.len() < least {
        text.push_str(word);
    }
    let most = hint.max_length.unwrap_or(usize::MAX).max(least);
    text.truncate(most.max(1));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(hint: TypeHint) -> Value {
        plain(
            &Input::new(Place::Json, "field", Provenance::Link).with_hint(hint),
            false,
        )
    }

    #[test]
    fn a_known_good_value_comes_before_an_invented_one() {
        let hint = TypeHint {
            kind: Kind::Integer,
            example: Some(json!(7)),
            choices: vec!["9".to_owned()],
            ..TypeHint::default()
        };
        assert_eq!(value(hint), json!(7));
    }

    #[test]
    fn a_choice_keeps_its_type() {
        let hint = TypeHint {
            kind: Kind::Integer,
            choices: vec!["9".to_owned()],
            ..TypeHint::default()
        };
        assert_eq!(value(hint), json!(9));
    }

    #[test]
    fn numbers_and_lengths_stay_inside_their_bounds() {
        let number = TypeHint {
            kind: Kind::Integer,
            minimum: Some(10.0),
            ..TypeHint::default()
        };
        assert_eq!(value(number), json!(10));
        let text = TypeHint {
            max_length: Some(3),
            ..TypeHint::default()
        };
        assert_eq!(value(text), json!("sam"));
        let long = TypeHint {
            min_length: Some(8),
            max_length: Some(8),
            ..TypeHint::default()
        };
        assert_eq!(value(long), json!("samplesa"));
    }
}
