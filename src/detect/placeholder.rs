//! Tells a real value from one that stands for it: masked, templated, or a manual's example word.
//!
//! Leaves out: what kind of secret it is.

/// Words that programs put in the place of a secret.
const MASKS: &[&str] = &[
    "redacted",
    "hidden",
    "masked",
    "filtered",
    "removed",
    "secret hidden",
    "not shown",
    "omitted",
    "scrubbed",
    "obfuscated",
    "encrypted",
    "protected",
    "none",
    "null",
    "nil",
    "undefined",
    "unset",
    "not set",
    "n/a",
    "na",
    "empty",
    "true",
    "false",
    "string",
];

/// Words that manuals put in the place of a secret.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "passw0rd",
    "p@ssword",
    "secret",
    "mypassword",
    "mypass",
    "my-password",
    "my_password",
    "mysecret",
    "mysecretpassword",
    "my-secret-pw",
    "userpass",
    "userpassword",
    "user_password",
    "dbpassword",
    "db_password",
    "dbpass",
    "db_pass",
    "pw",
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "change_this",
    "change-this",
    "replaceme",
    "replace_me",
    "replace-me",
    "example",
    "sample",
    "placeholder",
    "dummy",
    "token",
    "key",
    "apikey",
    "api_key",
    "foo",
    "bar",
    "baz",
    "foobar",
    "abc",
    "abc123",
    "todo",
    "tbd",
    "fixme",
    "credentials",
    "value",
    "text",
    "passwort",
    "kennwort",
    "clave",
    "contraseña",
];

/// True for a value that hides what it stands for: empty, stars, a template, `[redacted]`.
pub(super) fn is_masked(value: &str) -> bool {
    let value = value.trim();
    let bare = value.trim_matches([
        '"', '\'', '<', '>', '[', ']', '(', ')', '{', '}', '*', '-', ' ',
    ]);
    let lower = bare.to_lowercase();
    bare.is_empty()
        || MASKS.contains(&lower.as_str())
        || is_one_letter(bare)
        || is_starred(value)
        || is_template(value)
}

/// True for a masked value, and for what manuals write: `password`, `your-secret-here`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.trim().trim_matches(['"', '\'']).to_lowercase();
    is_masked(value)
        || WORDS.contains(&lower.as_str())
        || [
            "your", "my_", "my-", "some_", "some-", "insert", "replace", "enter_", "put_",
            "example",
        ]
        .iter()
        .any(|begin| lower.starts_with(begin))
        || ["_here", "-here", "example"]
            .iter()
            .any(|end| lower.ends_with(end))
}

/// `xxxx`, `••••`, `0000`, `....`
fn is_one_letter(value: &str) -> bool {
    let mut letters = value.chars();
    let first = letters.next();
    value.chars().count() >= 3 && letters.all(|letter| Some(letter) == first)
}

/// Three masking characters in a row: `ks7f3a****`, `abc…xyz` does as well.
fn is_starred(value: &str) -> bool {
    const MASKING: &[char] = &['*', '•', '●', '█', '∗', 'x', 'X', '.'];
    let mut run = 0;
    let mut before = '\0';
    for letter in value.chars() {
        run = if MASKING.contains(&letter) && letter == before {
            run + 1
        } else {
            1
        };
        if run >= 3 && MASKING.contains(&letter) {
            return true;
        }
        before = letter;
    }
    value.contains('…')
}

/// `${VAR}`, `$VAR`, `%s`, `%(name)s`, `{{ x }}`, `{password}`, `<password>`, `[password]`.
fn is_template(value: &str) -> bool {
    let wrapped = [('<', '>'), ('{', '}'), ('[', ']'), ('(', ')'), ('%', '%')]
        .iter()
        .any(|(open, close)| value.starts_with(*open) && value.ends_with(*close));
    let shell = value.strip_prefix('$').is_some_and(|rest| {
        rest.starts_with(['{', '('])
            || rest
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    });
    let format = value == "%s" || value.starts_with("%(") || value.contains("{{");
    // The same, where a page shows them escaped.
    let escaped = ["&lt;", "%3C", "%7B", "&#60;", "\\u003c"]
        .iter()
        .any(|open| value.starts_with(open));
    wrapped || shell || format || escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_told_from_values() {
        for value in [
            "",
            "  ",
            "***",
            "********",
            "xxxx",
            "XXXXXXXX",
            "••••••",
            "[REDACTED]",
            "<hidden>",
            "[Filtered]",
            "None",
            "null",
            "ks7f3a****",
            "sk-...abc",
            "${DB_PASSWORD}",
            "$PASSWORD",
            "%s",
            "%(password)s",
            "{{ password }}",
            "{password}",
            "<password>",
            "%PASSWORD%",
            "0000",
            "abc…xyz",
            "'***'",
        ] {
            assert!(is_masked(value), "{value:?}");
        }
        for value in [
            "vT9rQ2mLx7KdWc4",
            "dev",
            "p",
            "hunter2",
            "Tr1cky%40Pw",
            "a.b.c",
            "$2b$12$abc",
        ] {
            assert!(!is_masked(value), "{value:?}");
            assert!(!is_placeholder(value), "{value:?}");
        }
    }

    #[test]
    fn manuals_words_are_placeholders() {
        for value in [
            "password",
            "PASSWORD",
            "your_password",
            "your-secret-key",
            "changeme",
            "mypassword",
            "secret-key-here",
            "AKIAIOSFODNN7EXAMPLE",
            "replace_me",
            "insert-token",
        ] {
            assert!(is_placeholder(value), "{value:?}");
        }
    }
}
