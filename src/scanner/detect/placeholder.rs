//! Distinguishes a real value from one that stands in for it: masked, templated, or an example word
//! from a manual.
//!
//! Leaves out: what kind of secret it is.

/// Words that programs use in place of a secret.
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

/// Words that manuals use in place of a secret.
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

/// Returns true for files such as `.env.example` or `config.sample.yml`, whose contents are meant to be
/// replaced.
pub(crate) fn is_example_file(asked: &str) -> bool {
    let path = asked.split('?').next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    file.split(['.', '-', '_'])
        .any(|part| matches!(part, "example" | "sample" | "template" | "dist" | "tmpl"))
}

/// Returns true for a value that hides the real one: empty, stars, a template, `[redacted]`.
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
        || is_kept_elsewhere(value)
}

/// Returns true for a masked value, and for example values from manuals: `password`,
/// `your-secret-here`.
pub(crate) fn is_placeholder(value: &str) -> bool {
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
        || [
            "changeme",
            "change-me",
            "change_me",
            "change-this",
            "change_this",
            "replaceme",
            "replace-me",
            "replace_me",
            "replace-with",
            "replace_with",
        ]
        .iter()
        .any(|order| lower.contains(order))
        // AWS and others put it, in capitals, into keys that look like real ones.
        || value.contains("EXAMPLE")
        || is_documented(value)
}

/// Bodies of keys shown in manuals and test suites, whatever their prefix.
const DOCUMENTED: &[&str] = &[
    // Stripe's test account.
    "4eC39HqLyjWDarjtT1zdp7dc",
    "BQokikJOvBiI2HlWgH4olfQ2",
    "26PHem9AhJZvU623DfE1x4sd",
    "tR3PYbcVNZZ796tH88S4VQ2u",
    "TYooMQauvdEDq54NiTphI7jx",
    // GitHub's, Slack's and SendGrid's manuals.
    "16C7e42F292c6912E7710c838347Ae178B4a",
    "263594206564-2343594206574",
    "ngeVfQFYQlKU0ufo8x5d1A",
    // The token of jwt.io.
    "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ",
    // Flask's and Python's manuals.
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    "_5#y2L\"F4Q8z",
    "_5#y2LF4Q8z",
];

/// The minimum length of a key; a shorter value with a row of digits may be a weak password.
const MIN_KEY: usize = 16;
/// The minimum length of a row such as `abcdefgh` or `12345678`, which real keys do not contain.
const MIN_ROW: usize = 8;

/// Returns true for a published example, or for a row of the alphabet as in test vectors.
fn is_documented(value: &str) -> bool {
    DOCUMENTED.iter().any(|body| value.contains(body)) || (value.len() >= MIN_KEY && has_row(value))
}

fn has_row(value: &str) -> bool {
    let mut run = 1;
    let mut before = 0;
    for byte in value.bytes().map(|byte| byte.to_ascii_lowercase()) {
        let next = byte.is_ascii_alphanumeric()
            && (byte == before + 1 || (before == b'9' && matches!(byte, b'0' | b'a')));
        run = if next { run + 1 } else { 1 };
        if run >= MIN_ROW {
            return true;
        }
        before = byte;
    }
    false
}

/// Returns true for a value of a YAML file that is not text: a tag that a loader resolves (`!vault`,
/// `!ENV`), the start of a block, or an alias.
pub(super) fn is_yaml_reference(value: &str) -> bool {
    let value = value.trim();
    let tag = value
        .strip_prefix('!')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!'));
    let alias = value.strip_prefix('*').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && !rest.contains(char::is_whitespace)
    });
    let block = value.strip_prefix(['|', '>']).is_some_and(|rest| {
        let rest = rest.split('#').next().unwrap_or_default().trim_end();
        rest.len() <= 2
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || b"+-".contains(&b))
    });
    tag || alias || block
}

/// Returns true for a reference to where a secret is kept: `vault:kv/desk#key`, `ENC[AES256_GCM,…]`.
fn is_kept_elsewhere(value: &str) -> bool {
    [
        "vault:",
        "ENC[",
        "ENC(",
        "arn:aws:",
        "op://",
        "ssm:",
        "secretref:",
        "keyring:",
        "env:",
        "file:",
        "awssm:",
        "gcpsm:",
        "sops:",
        "ref+",
        "@Microsoft.KeyVault",
        "$ANSIBLE_VAULT",
    ]
    .iter()
    .any(|begin| value.starts_with(begin))
}

/// Returns true for `xxxx`, `••••`, `0000`, `....`.
fn is_one_letter(value: &str) -> bool {
    let mut letters = value.chars();
    let first = letters.next();
    value.chars().count() >= 3 && letters.all(|letter| Some(letter) == first)
}

/// Returns true for three masking characters in a row, as in `ks7f3a****`, or for an ellipsis, as in
/// `abc…xyz`.
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

/// Returns true for `${VAR}`, `$VAR`, `%s`, `%(name)s`, `{{ x }}`, `{password}`, `<password>`,
/// `[password]`.
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
    // The same, escaped by a page.
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
            "please-change-me-soon",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "dev-abcdefghijklmnop",
            "0123456789abcdef0123456789abcdef",
        ] {
            assert!(is_placeholder(value), "{value:?}");
        }
        // A weak password that may be in use.
        assert!(!is_placeholder("12345678"));
    }

    #[test]
    fn published_keys_are_placeholders_under_any_prefix() {
        for body in DOCUMENTED {
            assert!(is_placeholder(body));
            assert!(is_placeholder(&format!(
                "{}{body}",
                ["sk", "_live_"].concat()
            )));
        }
    }

    #[test]
    fn references_of_yaml_and_of_vaults_hide_what_they_stand_for() {
        for value in [
            "!vault |",
            "!secret desk_key",
            "!ENV ${KEY}",
            "!Ref Key",
            "|",
            ">-",
            "|2-",
            "*key",
        ] {
            assert!(is_yaml_reference(value), "{value:?}");
        }
        for value in ["!", "!9fk2", "**bold**", "> 3", "k3y-8f3c1d", "|x9f"] {
            assert!(!is_yaml_reference(value), "{value:?}");
        }
        for value in [
            "vault:kv/desk#key",
            "ENC[AES256_GCM,data:k3y8f3c1d]",
            "op://desk/key",
        ] {
            assert!(is_masked(value), "{value:?}");
        }
    }
}
