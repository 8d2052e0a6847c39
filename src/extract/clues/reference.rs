//! References: how an application names what it just stored, in a sentence or in a field of its own.
//!
//! Owns: which words and numbers of an answer look like references. Leaves out: fields whose names mean
//! ids (`extract/json.rs`, `send`), and whether the thing exists (OPTIONS tells).

use serde_json::Value;

use super::super::shape::varies;
use crate::http::Response;

/// The most references taken from one answer, and the most characters of text read for them.
const MAX_REFERENCES: usize = 5;
const MAX_TEXT: usize = 16 << 10;

/// Returns the words of a text that look like references: `REF-00041`, `INV2024_7`, and within a
/// sentence also a UUID or an `ObjectId`. A word alone on its line may be a digest.
pub fn references(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let sentence = line.trim().contains(char::is_whitespace);
        for word in words(line).filter(|word| is_numbered(word) || sentence && varies(word)) {
            if found.len() < MAX_REFERENCES && !found.contains(&word) {
                found.push(word);
            }
        }
    }
    // Dates and times vary too, but contain no letters.
    found.retain(|word| word.bytes().any(|byte| byte.is_ascii_alphabetic()));
    found
}

/// Returns the words that have the same form as one of the known references, whatever it is, except the
/// known ones themselves.
pub fn references_like<'a>(text: &'a str, known: &[&str]) -> Vec<&'a str> {
    let forms: Vec<String> = known.iter().map(|known| form(known)).collect();
    let mut found = Vec::new();
    for word in words(text) {
        let digits = word.bytes().any(|byte| byte.is_ascii_digit());
        let alone = word.bytes().all(|byte| byte.is_ascii_digit());
        // A number in a sentence may count anything.
        let new = digits && !alone && !known.contains(&word) && !found.contains(&word);
        if new && found.len() < MAX_REFERENCES && forms.contains(&form(word)) {
            found.push(word);
        }
    }
    found
}

/// Returns what an answer says in words: the strings of JSON, or the visible text of a page.
pub fn said(answer: &Response) -> String {
    let mut text = match answer.json() {
        Some(json) => super::visible::texts(&json),
        None if answer.media_type().starts_with("text/") => {
            super::visible::visible_text(&answer.text())
        }
        None => String::new(),
    };
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text
}

/// Returns the field and value of the only whole number in a JSON object:
/// `{"stored": 4, "status": "ok"}`.
pub fn only_number(json: &Value) -> Option<(&str, u64)> {
    let mut numbers = json.as_object()?.iter().filter_map(|(name, value)| {
        let number = value.as_u64()?;
        Some((name.as_str(), number))
    });
    numbers.next().filter(|_| numbers.next().is_none())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let joint = |c: char| matches!(c, '-' | '_');
    text.split(move |c: char| !c.is_ascii_alphanumeric() && !joint(c))
        .map(move |word| word.trim_matches(joint))
        .filter(|word| (3..=40).contains(&word.len()))
}

/// Returns true for letters followed by a number: `REF-00041`. `sha256` and `base64` are plain words.
fn is_numbered(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (head, rest) = word.split_at(letters);
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let marked = rest.starts_with(['-', '_']) || head.bytes().all(|byte| byte.is_ascii_uppercase());
    let number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=8).contains(&letters) && digits >= 2 && marked && rest.bytes().all(number)
}

/// Returns the form that all references of one kind share.
fn form(word: &str) -> String {
    let letters = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    if letters && varies(word) {
        return format!("{} characters", word.len());
    }
    let mut form = String::new();
    for letter in word.chars() {
        match letter {
            '0'..='9' if form.ends_with('0') => {}
            '0'..='9' => form.push('0'),
            _ => form.push(letter),
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_told_from_words_dates_and_numbers() {
        let text = "Stored as REF-00041 (sha256, UTF-8, base64) on 2026-01-31T10:00 for INV2024_7, 12 times; \
                    see 65f0c0ffee65f0c0ffee65f0.";
        assert_eq!(
            references(text),
            ["REF-00041", "INV2024_7", "65f0c0ffee65f0c0ffee65f0"]
        );
        assert_eq!(
            references("REF-00041\n65f0c0ffee65f0c0ffee65f0"),
            ["REF-00041"]
        );
    }

    #[test]
    fn what_looks_like_a_known_reference_is_one() {
        let text = "REF-9 REF-00041 INV-7 q7x9-b2 q8x1-b3 41";
        assert_eq!(
            references_like(text, &["REF-00012"]),
            ["REF-9", "REF-00041"]
        );
        assert_eq!(references_like(text, &["q7x9-b2"]), ["q8x1-b3"]);
        assert_eq!(references_like(text, &["12", "my-first-post"]), [""; 0]);
    }

    #[test]
    fn a_number_that_is_alone_is_told() {
        assert_eq!(only_number(&json!({"n": 4, "ok": true})), Some(("n", 4)));
        assert_eq!(only_number(&json!({"n": 4, "of": 9})), None);
    }
}
