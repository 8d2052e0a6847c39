//! What a value looks like: a secret, a word, or text for people.
//!
//! Owns: distinguishing random letters and digits from words, labels and sentences. Leaves out: values
//! that stand in for others (`placeholder`), and what names say (`credential`).
//!
//! A generated secret mixes letters and digits, or upper and lower case, in a way that words do not. A
//! chosen secret may be a word: then the value alone proves nothing, and its surroundings must.

use super::placeholder::{is_masked, is_placeholder};

/// What a value looks like, from hidden to secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ValueLook {
    /// Empty, masked, or a reference to where the value is kept.
    Masked,
    /// A label or a sentence, in any language.
    Prose,
    /// An example value from a manual.
    Placeholder,
    /// A word, words without a space, or a number: a weak secret, or the name of something.
    Word,
    /// A generated or carefully chosen secret.
    Secret,
}

/// Shorter values are chosen by people or are codes.
const MIN_SECRET: usize = 8;
/// Fewer mixed characters make an abbreviation: `i18n`, `sha256`, `v2`.
const MIN_MIXED: usize = 6;
/// A value with more words is a sentence, whatever they consist of.
const MAX_WORDS: usize = 2;

/// Returns true for a value that is not made up of words.
pub(crate) fn is_generated(value: &str) -> bool {
    look(value) == ValueLook::Secret
}

/// Returns what a value looks like.
pub(super) fn look(value: &str) -> ValueLook {
    let value = value.trim();
    if is_masked(value) || !value.contains(char::is_alphanumeric) {
        ValueLook::Masked
    } else if is_prose(value) {
        ValueLook::Prose
    } else if is_placeholder(value) {
        ValueLook::Placeholder
    } else if is_secret(value) {
        ValueLook::Secret
    } else {
        ValueLook::Word
    }
}

/// Returns true for words with spaces, words of other alphabets, and single words in the form of
/// labels: `Passwort`, `API-Key`, `password:`.
fn is_prose(value: &str) -> bool {
    let words: Vec<&str> = value.split_whitespace().collect();
    if words.len() > MAX_WORDS {
        return true;
    }
    let plain = words.iter().all(|word| is_plain(word));
    if words.len() > 1 || !value.is_ascii() {
        return plain;
    }
    let asks = value.ends_with([':', '?', '…', '*']);
    plain && (asks || is_label(value))
}

/// Returns true for letters, joined and ended the way words are.
fn is_plain(word: &str) -> bool {
    let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    bare.chars().all(|letter| {
        letter.is_alphabetic()
            || is_mark(letter)
            || matches!(letter, '-' | '\'' | '’' | '/' | '&' | '.')
    })
}

/// Returns true for vowel signs and the like, which Unicode does not count as letters: `पासवर्ड`.
fn is_mark(letter: char) -> bool {
    !letter.is_ascii() && !letter.is_numeric() && !letter.is_control()
}

/// Returns true for `Passwort`, `API-Key`, `E-mail`: a capital followed by lower-case letters, or
/// several parts at least one of which looks like that.
fn is_label(value: &str) -> bool {
    let title = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase)
    };
    let capitals = |part: &str| part.chars().all(char::is_uppercase);
    let parts: Vec<&str> = value.split(['-', '/', '&']).collect();
    value.chars().count() > 1
        && parts.iter().any(|part| title(part))
        && parts.iter().all(|part| {
            title(part)
                || capitals(part)
                || (parts.len() > 1 && part.chars().all(char::is_lowercase))
        })
}

/// Returns true for a value that is long enough and has pieces that are not words.
fn is_secret(value: &str) -> bool {
    if value.len() < MIN_SECRET
        || !value.is_ascii()
        || value.contains(char::is_whitespace)
        || is_address(value)
        || is_date(value)
    {
        return false;
    }
    let mixed: usize = value
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|piece| is_mixed(piece))
        .map(str::len)
        .sum();
    mixed >= MIN_MIXED
}

/// Returns true for a piece that switches between letters and digits more than once (`8f3c1d`, but not
/// `hunter22` or `v2`), or has more capitals among lower-case letters than joined words have.
fn is_mixed(piece: &str) -> bool {
    let kinds: Vec<u8> = piece.bytes().map(kind).collect();
    let changes = |first: &dyn Fn(u8) -> bool, then: &dyn Fn(u8) -> bool| {
        let pairs = kinds.iter().zip(kinds.iter().skip(1));
        pairs.filter(|(a, b)| first(**a) && then(**b)).count()
    };
    let digit = |kind: u8| kind == b'0';
    let letter = |kind: u8| kind != b'0';
    let switches = changes(&digit, &letter) + changes(&letter, &digit);
    let humps = changes(&|kind| kind == b'a', &|kind| kind == b'A');
    switches >= 2 || (piece.len() >= 10 && humps >= 3 && piece.len() < humps * 5)
}

/// Returns `0` for digits, `a` for lower-case and `A` for upper-case letters.
fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'0',
        b'A'..=b'Z' => b'A',
        _ => b'a',
    }
}

/// Returns true for an e-mail address or the location of something.
fn is_address(value: &str) -> bool {
    let mail = value.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !name.contains(':')
            && host.contains('.')
            && !host.contains('@')
            && host.ends_with(|letter: char| letter.is_ascii_alphabetic())
    });
    mail || value.contains("://") || value.starts_with(['/', '.', '#'])
}

/// Returns true for dates such as `2024-05-01…`.
fn is_date(value: &str) -> bool {
    let digits = value
        .bytes()
        .take(10)
        .enumerate()
        .all(|(at, byte)| match at {
            4 | 7 => byte == b'-' || byte == b'/',
            _ => byte.is_ascii_digit(),
        });
    value.len() >= 10 && digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_all(expected: ValueLook, values: &[&str]) {
        for value in values {
            assert_eq!(look(value), expected, "{value:?}");
        }
    }

    #[test]
    fn what_was_generated_looks_like_a_secret() {
        assert_all(
            ValueLook::Secret,
            &[
                "vT9rQ2mLx7KdWc4",
                "k3y-8f3c1d",
                "not-a-real-one-8f3c1d",
                "5f4dcc3b5aa765d61d8327deb882cf99",
                "550e8400-e29b-41d4-a716-446655440000",
                "xKqPzTrWbLmNcVd",
                "Tr1cky%40Pw",
                "$2b$12$Nw0m1xk9Q4T8s7uH",
            ],
        );
    }

    #[test]
    fn words_and_numbers_prove_nothing_alone() {
        assert_all(
            ValueLook::Word,
            &[
                "dev",
                "hunter2",
                "hunter22",
                "super-secret-key",
                "apiKeyField",
                "i18n.password.label",
                "20240501",
                "2024-05-01T10:00:00Z",
                "ada@desk.example.net",
                "/run/secrets/key1a2b3c",
            ],
        );
    }

    #[test]
    fn labels_in_any_language_are_prose() {
        assert_all(
            ValueLook::Prose,
            &[
                "Passwort",
                "Ihr API-Schlüssel",
                "API-Schlüssel",
                "API-Key",
                "API key",
                "E-Mail",
                "password:",
                "Mot de passe",
                "contraseña",
                "Пароль",
                "パスワード",
                "密码",
                "पासवर्ड",
                "Clé d’API",
                "Your 2 keys",
                "Forgot password?",
            ],
        );
    }

    #[test]
    fn masks_and_placeholders_are_neither() {
        assert_all(ValueLook::Masked, &["", "****", "None", "--", "${KEY}"]);
        assert_all(
            ValueLook::Placeholder,
            &["change-me", "your-key-here", "PASSWORD"],
        );
    }
}
