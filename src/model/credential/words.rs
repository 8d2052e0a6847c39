//! Splits a name into lower-case words, whatever its case style.
//!
//! This module handles dotted paths, brackets and digits. One part is split by case in
//! `crate::words`, and the words get their meaning in `tables`.

use crate::words::{cased, singular};

/// A name in words: its last part, and the parts before it (`sort.key` has the context `sort`).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The words of the last part, which decide.
    pub(super) last: Vec<String>,
    /// The words of the parts before it.
    pub(super) context: Vec<String>,
}

/// Maximum number of words of a name; the rest is ignored.
const MAX_WORDS: usize = 24;

/// Splits `a.b[].apiKey`, `user[api_key]` or `X-API-Key` into words.
pub(super) fn split(name: &str) -> Words {
    let mut parts = name
        .split(['.', '[', ']', '/', '$'])
        .map(words)
        .filter(|words| words.iter().any(|word| !is_number(word)));
    let mut context = Vec::new();
    let mut last = parts.next().unwrap_or_default();
    for part in parts {
        context.extend(std::mem::replace(&mut last, part));
    }
    last.truncate(MAX_WORDS);
    context.truncate(MAX_WORDS);
    Words { last, context }
}

/// Returns the words of each literal segment of a path or template, the last word in the singular.
pub(super) fn literal_segments(path: &str) -> impl DoubleEndedIterator<Item = Vec<String>> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/')
        .filter(|segment| !segment.contains(['{', '}', '<', '>']))
        .filter_map(|segment| {
            let mut words = words(segment);
            words.truncate(MAX_WORDS);
            let last = words.pop().filter(|last| !is_number(last))?;
            words.push(singular(&last));
            Some(words)
        })
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the words of one part.
///
/// Digits at a word's end decide nothing and are removed (`password2`, `oauth2`); others stay
/// (`i18n`).
fn words(part: &str) -> Vec<String> {
    let mut found = cased(part);
    for word in &mut found {
        let stem = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        if !stem.is_empty() {
            word.truncate(stem.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_style_gives_the_same_words() {
        for name in [
            "api_key",
            "api-key",
            "apiKey",
            "ApiKey",
            "API_KEY",
            "Api Key",
            "a.b[].apiKey",
        ] {
            assert_eq!(split(name).last, ["api", "key"], "{name}");
        }
    }

    #[test]
    fn capitals_in_a_row_are_one_word() {
        assert_eq!(split("JWTToken").last, ["jwt", "token"]);
        assert_eq!(split("X-API-Key").last, ["x", "api", "key"]);
        assert_eq!(split("OAuthToken").last, ["o", "auth", "token"]);
    }

    #[test]
    fn digits_at_a_words_end_go() {
        assert_eq!(split("password2").last, ["password"]);
        assert_eq!(split("oauth2Token").last, ["oauth", "token"]);
        assert_eq!(split("i18nKey").last, ["i18n", "key"]);
        assert_eq!(split("keys[0]").last, ["keys"]);
        assert_eq!(split("users.0.token").last, ["token"]);
    }

    #[test]
    fn what_stands_before_the_last_part_is_context() {
        let words = split("sort.by[].key");
        assert_eq!(words.last, ["key"]);
        assert_eq!(words.context, ["sort", "by"]);
        assert_eq!(split("user[api_key]").context, ["user"]);
    }

    #[test]
    fn a_paths_literal_segments_are_read_in_the_singular() {
        let read = |path: &str| -> Vec<String> {
            literal_segments(path)
                .map(|words| words.join(" "))
                .collect()
        };
        assert_eq!(read("/api/v1/countries/{id}"), ["api", "v", "country"]);
        assert_eq!(
            read("/promo-codes/<int:n>/tax_classes?x=1"),
            ["promo code", "tax class"]
        );
        for word in ["status", "address", "bus", "basis", "news2"] {
            assert_eq!(read(word).len(), 1);
        }
        assert_eq!(
            read("/status/address/boxes/buses"),
            ["status", "address", "box", "buse"]
        );
        assert_eq!(read("/7/{x}//"), [""; 0]);
    }

    #[test]
    fn odd_names_do_not_panic() {
        for name in [
            "",
            ".",
            "[]",
            "---",
            "ключ",
            "İ",
            "a".repeat(100_000).as_str(),
        ] {
            let _ = split(name);
        }
    }
}
