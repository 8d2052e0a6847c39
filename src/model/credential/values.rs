//! What an observed value says about the input or field that holds it.
//!
//! This module looks at one value alone. What several of them say is decided in `evidence`.

/// The kind that a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// Empty, or what documentation puts in the place of the reader's own value: proves nothing.
    Placeholder,
    /// `true`, `on`, `1`, `basic`: a switch.
    Flag,
    /// Only digits.
    Number,
    /// A text that begins with a date.
    Date,
    /// A publishable key, which is not a secret.
    Publishable,
    /// A text long and random enough to be a key.
    KeyLike,
    /// A word, a slug, a sentence, or a code for people to read.
    Word,
    /// Anything else.
    Other,
}

/// Placeholders that people write for a credential; they contradict nothing.
const PLACEHOLDERS: &[&str] = &[
    "string",
    "secret",
    "token",
    "key",
    "password",
    "passwd",
    "pass",
    "apikey",
    "api_key",
    "api-key",
    "bearer",
    "changeme",
    "change-me",
    "example",
    "sample",
    "demo",
    "test",
    "testing",
    "abc",
    "abcd",
    "abcdef",
    "abc123",
    "123abc",
    "foo",
    "bar",
    "baz",
    "qux",
    "foobar",
    "xyz",
    "x",
    "xx",
    "xxx",
    "xxxx",
    "xxxxx",
    "none",
    "null",
    "nil",
    "undefined",
    "todo",
    "tbd",
    "dummy",
    "placeholder",
    "value",
    "hello",
    "world",
    "asdf",
    "qwerty",
    "guest",
    "anonymous",
    "default",
    "mykey",
    "my-key",
    "my_key",
    "mytoken",
    "my-token",
    "my_token",
    "auth",
    "code",
    "pin",
    "...",
    "…",
    "here",
    "insert",
    "fake",
    "invalid",
    "wrong",
    "valid",
    "good",
    "bad",
    "some",
    "any",
    "something",
    "secret123",
    "test123",
    "testkey",
    "test-key",
    "test_key",
    "testtoken",
    "demo-key",
    "demo_key",
    "demokey",
];

/// Values of a switch.
const FLAGS: &[&str] = &[
    "true", "false", "on", "off", "yes", "no", "1", "0", "enabled", "disabled", "basic", "digest",
    "required", "optional", "public", "private",
];

/// Prefixes of keys that their issuers make public.
const PUBLISHABLE: &[&str] = &[
    "pk_live_", "pk_test_", "pk-live-", "pk-test-", "6L", "G-", "GTM-", "UA-",
];

/// Minimum length of a value that looks like a key.
const KEY_LENGTH: usize = 16;

/// Returns what a value looks like.
pub(super) fn look(value: &str) -> Likeness {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    if value.is_empty() || is_masked(value) || is_placeholder(&lower) {
        Likeness::Placeholder
    } else if FLAGS.contains(&lower.as_str()) {
        Likeness::Flag
    } else if is_number(value) {
        Likeness::Number
    } else if is_date(value) {
        Likeness::Date
    } else if is_publishable(value) {
        Likeness::Publishable
    } else if is_key_like(value) {
        Likeness::KeyLike
    } else if is_word(value) {
        Likeness::Word
    } else {
        Likeness::Other
    }
}

/// Returns whether a value is masked, like `****a1`, and so proves nothing.
fn is_masked(value: &str) -> bool {
    value.contains("**") || value.contains("••") || value.contains("…")
}

/// Returns whether a value is what documentation writes in the place of the reader's own: `demo`,
/// `YOUR_TOKEN`, `your-key`, `token_here`, `<key>`, `{token}`, `***`.
fn is_placeholder(lower: &str) -> bool {
    let stripped = lower.trim_matches(['<', '>', '{', '}', '[', ']', '$', '"', '\'', '%']);
    if stripped.is_empty()
        || stripped
            .bytes()
            .all(|byte| matches!(byte, b'*' | b'x' | b'.' | b'-' | b'_'))
    {
        return true;
    }
    let parts = || stripped.split(['-', '_', ' ']);
    PLACEHOLDERS.contains(&stripped)
        || (parts().count() > 1
            && (matches!(parts().next(), Some("your" | "my" | "insert" | "enter"))
                || parts().next_back() == Some("here")
                || (parts().any(|part| PLACEHOLDERS.contains(&part))
                    && parts().all(|part| PLACEHOLDERS.contains(&part) || is_number(part)))))
        || (stripped.len() < lower.len() && lower.len() - stripped.len() >= 2 && is_word(stripped))
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    !digits.is_empty()
        && digits.len() < KEY_LENGTH
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 10
        && bytes
            .iter()
            .take(10)
            .enumerate()
            .all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
}

fn is_publishable(value: &str) -> bool {
    let known = |prefix: &&str| {
        value.strip_prefix(*prefix).is_some_and(|rest| {
            rest.len() >= 4
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
    };
    // A reCAPTCHA key has forty characters.
    PUBLISHABLE.iter().any(known) && (!value.starts_with("6L") || value.len() == 40)
}

/// Returns whether a value is long and random enough to be a key.
///
/// It has at least sixteen characters without spaces, mixing letters and digits, or all
/// hexadecimal; a slug of words does not count.
fn is_key_like(value: &str) -> bool {
    let body = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~+/=:".contains(&byte));
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let longest = value
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|part| !(part.bytes().all(|byte| byte.is_ascii_lowercase()) || is_number(part)))
        .map(str::len)
        .max()
        .unwrap_or(0);
    value.len() >= KEY_LENGTH
        && body
        && longest >= 8
        && (digits >= 2 && letters >= 2 || mixed(value))
}

/// Returns whether upper and lower case alternate more than in names.
fn mixed(value: &str) -> bool {
    let changes = value
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
        .count();
    changes >= 4
}

/// Returns whether a value is something that people read or that names a thing.
///
/// Examples are `asc`, `Name`, `USD`, `C major`, `MATH-101`, `first-steps` and `/img/logo.png`; a
/// mix such as `xKqPz` does not count.
fn is_word(value: &str) -> bool {
    let parts = value
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .filter(|part| !part.is_empty());
    let mut any = false;
    for part in parts {
        if !(is_read(numbered(part))
            || (part.len() <= 6 && part.chars().all(char::is_alphanumeric) && !is_jumbled(part)))
        {
            return false;
        }
        any = true;
    }
    any
}

/// Removes the number at the end: `SUMMER` for `SUMMER25`.
fn numbered(part: &str) -> &str {
    let stem = part.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if stem.len() >= 3 && part.len() - stem.len() <= 4 {
        stem
    } else {
        part
    }
}

/// Returns whether a part has only letters, in lower case, upper case or capitalised.
fn is_read(part: &str) -> bool {
    let tail = part
        .get(part.chars().next().map_or(0, char::len_utf8)..)
        .unwrap_or_default();
    part.chars()
        .all(|letter| letter.is_alphabetic() || letter == '\'')
        && (tail.chars().all(|letter| !letter.is_uppercase())
            || part.chars().all(|letter| !letter.is_lowercase()))
}

/// Returns whether letters of both cases and digits alternate, as in `aB3x`.
fn is_jumbled(part: &str) -> bool {
    let kinds = part.bytes().map(|byte| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    });
    let kinds: Vec<u8> = kinds.collect();
    kinds.windows(2).filter(|pair| pair[0] != pair[1]).count() > 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_says_what_it_is() {
        let rows = [
            (
                Likeness::Placeholder,
                "demo, abc, test, your-key-here, none, YOUR_TOKEN, your-key, token_here, token, <key>, {token}, ****, xxxx-xxxx, ****a1, test-key-1, my_api_key",
            ),
            (Likeness::Flag, "true, on, 1, basic, NO"),
            (Likeness::Number, "42, 4711, 3.5, 123456"),
            (Likeness::Date, "2024-05-01, 2024-05-01T10:00:00Z"),
            (
                Likeness::Publishable,
                "pk_live_51Habc, pk_test_abcd1234, GTM-ABCD12",
            ),
            (
                Likeness::KeyLike,
                "9f86d081884c7d659a2feaa0c55ad015, k8s2hf7ak2jd9sl4, sk_live_4eC39HqLyjWDarjtT1zdp7dc, 6f1c2d3e-4b5a-6978-8a9b-0c1d2e3f4a5b",
            ),
            (
                Likeness::Word,
                "asc, created_at, USD, C major, F#m, MATH-101, CS50, first-steps, Grüße, home.title, Yours sincerely, logo.png, SUMMER25, A1, in-the-middle-of-the-night",
            ),
            (Likeness::Other, "xKqPz7Rw, aB3xY9, $#!"),
        ];
        for (expected, values) in rows {
            for value in values.split(", ") {
                assert_eq!(look(value), expected, "{value}");
            }
        }
        assert_eq!(look("  "), Likeness::Placeholder);
    }
}
