//! The cause of a static sighting, so that one cause seen in many places is reported once.
//!
//! Owns: digests of the secrets that a text shows, or of its message without the parts that change from
//! request to request. Leaves out: which rules merge (`probes/`), and the merging (`pipeline`).

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Bytes of a message that are compared.
const MESSAGE: usize = 300;
/// A word of at least this length with a digit in it is an id, a time or a value.
const WORD: usize = 8;

/// Returns a digest that is stable for the duration of the run.
pub(crate) fn digest(text: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}

/// Returns a message without the values in it: quoted parts, numbers, and long words with digits.
/// Anything after the message in a page's markup is cut off.
pub(crate) fn steady(message: &str) -> String {
    let message = message.split("</").next().unwrap_or_default();
    let message = message.get(..message.floor_char_boundary(MESSAGE));
    let mut steady = String::new();
    let mut rest = message.unwrap_or_default().trim();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '"' | '\'')
            && let Some((_, after)) = rest[1..].split_once(first)
        {
            steady.push('?');
            rest = after;
            continue;
        }
        let end = rest.find(|letter: char| !letter.is_alphanumeric());
        let (word, after) = match end.unwrap_or(rest.len()) {
            0 => rest.split_at(first.len_utf8()),
            end => rest.split_at(end),
        };
        rest = after;
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if digits > 0 && (digits == word.len() || word.len() >= WORD) {
            steady.push('#');
        } else {
            steady.push_str(word);
        }
    }
    steady
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_the_same_whatever_values_it_names() {
        for (one, other) in [
            (
                "'ks7f3a' is not a valid ObjectId, it must be a 12-byte input",
                "'ks9b1c' is not a valid ObjectId, it must be a 12-byte input",
            ),
            (
                "E11000 duplicate key error collection: shop.users index: email_1 dup key: { email: \"a@b.c\" }",
                "E11000 duplicate key error collection: shop.users index: email_1 dup key: { email: \"x@y.z\" }</p>",
            ),
            (
                "k3j4h5g6f7d8s9 is not a valid ObjectId</p><footer>a",
                "q1w2e3r4t5y6u7 is not a valid ObjectId</p><footer>b",
            ),
            ("near \"'\": syntax error", "near \"x\": syntax error"),
        ] {
            assert_eq!(steady(one), steady(other), "{one}");
        }
        for (one, other) in [
            ("no such table: users", "no such table: keys"),
            (
                "E11000 duplicate key error collection: shop.users",
                "E11000 duplicate key error collection: shop.keys",
            ),
        ] {
            assert_ne!(steady(one), steady(other), "{one}");
        }
    }

    #[test]
    fn a_message_of_quotes_alone_takes_linear_time() {
        for text in ["'", "\"'", "é'", "🦀"] {
            let _ = steady(&text.repeat(100_000));
        }
    }
}
