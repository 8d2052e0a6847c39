//! Decides whether the content of a successful answer says no.
//!
//! Owns: the words of refusal and the fields that hold them. Leaves out: statuses, and telling an
//! error from a redirect (`answer.rs`).

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::http::Response;

/// How many bytes of a body are searched for words of refusal.
const READ: usize = 64 << 10;

/// Returns true if a success says no in its content: JSON with false flags or empty values, or
/// words of refusal. It errs towards "no", which can only hold a finding back.
pub(super) fn says_no(response: &Response) -> bool {
    use serde_json::Value;
    let empty = |value: &Value| match value {
        Value::Bool(flag) => !flag,
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    let nothing = response.json().is_some_and(|json| match &json {
        Value::Object(fields) => fields.values().any(empty) || fields.is_empty(),
        other => empty(other),
    });
    let body = &response.body[..response.body.len().min(READ)];
    nothing || has_words(body)
}

/// Fields that say how a request was taken.
const TELLING: &[&str] = &[
    "message",
    "msg",
    "detail",
    "details",
    "reason",
    "status",
    "result",
    "title",
    "description",
];
/// The most bytes of visible text that count as nothing but a message.
const MESSAGE: usize = 400;

/// Returns true if the content says that the request is refused: JSON with an error, or with words
/// of refusal in its message, or a short text with such words. Longer content may contain such
/// words by chance.
pub(super) fn refuses(response: &Response) -> bool {
    use serde_json::Value;
    let says = |text: &str| has_words(text.as_bytes());
    match response.json() {
        Some(Value::Object(fields)) => fields.iter().any(|(name, value)| {
            let name = name.to_ascii_lowercase();
            match value {
                Value::String(text) if TELLING.contains(&name.as_str()) => says(text),
                _ if !matches!(name.as_str(), "error" | "errors") => false,
                Value::Null => false,
                Value::Bool(flag) => *flag,
                Value::Number(number) => number.as_f64() != Some(0.0),
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(fields) => !fields.is_empty(),
            }
        }),
        Some(Value::String(text)) => says(&text),
        Some(_) => false,
        None => response.body.len() <= MESSAGE && says(&response.text()),
    }
}

/// Matches words of refusal, in any case.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    RegexBuilder::new(
        r"\b(invalid|unknown|incorrect|wrong|denied|expired|errors?|fail(ed|ure)?|forbidden|unauthori[sz]ed|unrecogni[sz]ed|not (found|valid|known|recogni[sz]ed|accepted|authori[sz]ed|allowed)|no such|mismatch|rejected|refused|does ?n[o']t|bad)\b",
    )
    .case_insensitive(true)
    .unicode(false)
    .build()
    .ok()
});

/// Returns true if a text contains words of refusal.
fn has_words(text: &[u8]) -> bool {
    WORDS.as_ref().is_some_and(|words| words.is_match(text))
}
