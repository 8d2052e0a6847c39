//! `--config keyspill.yaml`: the options of `scan` in a file; `crawl` uses those that it shares.
//!
//! Owns: reading the file, its error messages (file, line, key), and `${NAME}` in values that may be
//! secret. Leaves out: the keys (`cli/file.rs`).

use std::path::Path;

use keyspill::error::Error;

use crate::args::{FileOptions, ScanOptions};

/// Options whose values may be secret, and which no message quotes. (`${NAME}` is expanded in all of
/// them except `auth`, which has `env:NAME`.)
const SECRET: [&str; 4] = ["header", "cookie", "auth", "proxy"];

/// Returns the options of the file that `--config` names; none if it is not given.
///
/// # Errors
///
/// Returns [`Error::Usage`], which names file, line and key.
pub(crate) fn options(path: Option<&Path>) -> Result<ScanOptions, Error> {
    let Some(path) = path else {
        return Ok(ScanOptions::default());
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::Usage(format!("cannot read {}: {error}", path.display())))?;
    // A variable that is not valid Unicode cannot appear in a header, so it counts as missing.
    read(path, &text, &|name| std::env::var(name).ok())
}

type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

fn read(path: &Path, text: &str, environment: Environment<'_>) -> Result<ScanOptions, Error> {
    let at = |line: Option<usize>, message: String| {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        Error::Usage(format!("{}{line}: {message}", path.display()))
    };
    // An empty file is a file without options.
    let mut options = serde_yaml::from_str::<Option<FileOptions>>(text)
        .map_err(|error| {
            let line = error.location().map(|location| location.line());
            let message = message_of(&error);
            at(line_of_twin(&message, text).or(line), message)
        })?
        .map(ScanOptions::from)
        .unwrap_or_default();
    let reach = &mut options.reach;
    let values = std::iter::empty()
        .chain(reach.header.iter_mut().map(|value| ("header", value)))
        .chain(reach.cookie.iter_mut().map(|value| ("cookie", value)))
        .chain(reach.proxy.iter_mut().map(|value| ("proxy", value)));
    for (key, value) in values {
        *value = expand(value, environment).map_err(|fault| {
            let line = text.lines().position(|line| line.contains(&fault.written));
            at(
                line.map(|line| line + 1),
                format!("{key}: {}", fault.message),
            )
        })?;
    }
    Ok(options)
}

/// Returns serde's message in one line, without its own position, and without a value that may be
/// secret.
fn message_of(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    let key = text.split([':', '[', '.']).next().unwrap_or_default();
    let key = key.to_owned();
    if SECRET.contains(&key.as_str()) {
        return format!("{key}: must be text or a list of texts (quote what YAML reads otherwise)");
    }
    let position = error.location().map(|location| {
        let (line, column) = (location.line(), location.column());
        format!(" at line {line} column {column}")
    });
    let text = position
        .and_then(|position| text.strip_suffix(&position).map(str::to_owned))
        .unwrap_or(text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if key == "identities" {
        return without_values(&text);
    }
    text
}

/// Removes the values that serde quotes from a message: each may be a password in the wrong place.
fn without_values(text: &str) -> String {
    for kind in [
        "string",
        "integer",
        "floating point",
        "boolean",
        "character",
    ] {
        for quote in ["\"", "`"] {
            let opening = format!("{kind} {quote}");
            // The value may contain quotes itself, so it extends to the last one.
            let (Some(start), Some(end)) = (text.find(&opening), text.rfind(quote)) else {
                continue;
            };
            let expected = text.rfind(", expected ").unwrap_or(text.len());
            if start < end && text[start..].starts_with(&opening) {
                return format!("{}a {kind}{}", &text[..start], &text[expected..]);
            }
        }
    }
    text.to_owned()
}

/// Finds the second occurrence of a duplicate key; serde reports it at the start of the file.
fn line_of_twin(message: &str, text: &str) -> Option<usize> {
    let key = message
        .strip_prefix("duplicate field `")?
        .strip_suffix('`')?;
    let is_key = |line: &str| {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| is_key(line))
        .nth(1)
        .map(|(index, _)| index + 1)
}

/// A `${…}` that cannot be expanded: as written in the file, and why.
struct BadVariable {
    written: String,
    message: String,
}

/// Replaces each `${NAME}` with the environment's value; `$${` means a literal `${`.
fn expand(value: &str, environment: Environment<'_>) -> Result<String, BadVariable> {
    let mut out = String::new();
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        let before = &rest[..start];
        let after = &rest[start + 2..];
        if let Some(escaped) = before.strip_suffix('$') {
            out.push_str(escaped);
            out.push_str("${");
            rest = after;
            continue;
        }
        out.push_str(before);
        let bad = |written: &str, message: String| BadVariable {
            written: written.to_owned(),
            message,
        };
        let end = after
            .find('}')
            .ok_or_else(|| bad("${", "a ${ has no closing brace".to_owned()))?;
        let name = &after[..end];
        let written = format!("${{{name}}}");
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(word) {
            return Err(bad(&written, "${…} holds no variable's name".to_owned()));
        }
        let found = environment(name).ok_or_else(|| {
            let message = format!("the environment variable {name} is not set");
            bad(&written, message)
        })?;
        out.push_str(&found);
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        (name == "TOKEN").then(|| "t0ken".to_owned())
    }

    fn ok(yaml: &str) -> ScanOptions {
        read(Path::new("k.yaml"), yaml, &environment).unwrap_or_else(|error| panic!("{error}"))
    }

    fn refused(yaml: &str) -> String {
        match read(Path::new("k.yaml"), yaml, &environment) {
            Ok(_) => panic!("accepted: {yaml}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn options_have_the_names_of_the_command_line() {
        let options = ok("
rate: 20
max-time: 10m
dry-run: true
methods: [GET, put]
format: json,sarif
fail-on: never
exclude: /billing
credential-name: [pin, '^otp$']
");
        assert_eq!(options.reach.rate.map(std::num::NonZeroU32::get), Some(20));
        assert_eq!(options.reach.max_time.map(|time| time.as_secs()), Some(600));
        assert!(options.dry_run);
        assert_eq!(options.reach.methods.len(), 2);
        assert_eq!(options.format.len(), 2);
        assert_eq!(options.fail_on.map(|fail_on| fail_on.0), Some(None));
        assert_eq!(options.reach.exclude.len(), 1);
        assert_eq!(options.reach.credential_name.len(), 2);
    }

    #[test]
    fn an_empty_file_has_no_options() {
        assert!(ok("").reach.rate.is_none());
        assert!(ok("# nothing\n").reach.rate.is_none());
    }

    #[test]
    fn headers_can_be_written_with_and_without_quotes() {
        for yaml in [
            "header: 'X-Key: a'",
            "header: ['X-Key: a']",
            "header:\n- X-Key: a",
            "header:\n  X-Key: a",
        ] {
            assert_eq!(ok(yaml).reach.header, ["X-Key: a"], "{yaml}");
        }
    }

    #[test]
    fn identities_are_read_with_their_logins() {
        let options = ok("
as: alice
auth: ['query:tenant=acme']
identities:
  alice:
    login:
      form:
        page: /login
        fields: {username: alice, password: env:ALICE_PASSWORD}
      check: {path: /account, text: Log out}
  bob:
    auth: ['bearer:env:BOB_TOKEN']
");
        assert_eq!(options.reach.identity, ["alice"]);
        assert!(options.reach.identities["alice"].login.is_some());
        assert_eq!(options.reach.identities["bob"].auth.len(), 1);
    }

    #[test]
    fn the_example_of_identities_is_read() {
        let options = ok(include_str!("../../examples/identities.yaml"));
        assert_eq!(options.reach.identities.len(), 4);
    }

    #[test]
    fn an_error_in_an_identity_names_its_line_and_key_and_no_value() {
        for (yaml, start, part) in [
            (
                "identities:\n  a:\n    auht: [x]",
                "k.yaml:3: identities.a: ",
                "`auht`",
            ),
            (
                "identities:\n  a:\n    auth:\n    - 'bearer:one'\n    - 's3cret'",
                "k.yaml:5: identities.a.auth[1]: ",
                "a credential is",
            ),
            (
                "identities:\n  a:\n    login: {form: {page: /l, fields: s3cret}}",
                "k.yaml:3: identities.a.login.form.fields: ",
                "a string, expected a map",
            ),
            (
                "identities:\n  a:\n    login:\n      form:\n        page: /l\n        fields: {p: 1234}",
                "k.yaml:6: identities.a.login.form.fields.p: ",
                "quote",
            ),
            (
                "identities:\n  a:\n    login:\n      take:\n      - json: token",
                "k.yaml:5: identities.a.login.take[0].json: ",
                "JSONPath",
            ),
            (
                "identities:\n  a:\n    login:\n      check: {path: /me}",
                "k.yaml:3: identities.a: ",
                "one of `form`, `json` and `oauth2`",
            ),
        ] {
            let message = refused(yaml);
            assert!(message.starts_with(start), "{yaml}: {message}");
            assert!(message.contains(part), "{yaml}: {message}");
            assert!(
                !message.contains("s3cret") && !message.contains("1234"),
                "{message}"
            );
        }
    }

    #[test]
    fn an_error_names_file_line_and_key() {
        for (yaml, start, part) in [
            ("seed: 1\nrat: 5", "k.yaml:2: ", "`rat`"),
            ("seed: 1\nrate: many", "k.yaml:2: rate: ", "many"),
            ("rate: 0", "k.yaml:1: rate: ", "nonzero"),
            ("seed: 1\nsettle: 5", "k.yaml:2: settle: ", "ms, s, m or h"),
            (
                "exclude:\n- ok\n- '('",
                "k.yaml:3: exclude[1]: ",
                "unclosed",
            ),
            ("exclude: {a: b}", "k.yaml:1: exclude: ", "map"),
            ("methods: BREW", "k.yaml:1: methods: ", "BREW"),
            ("config: other.yaml", "k.yaml:1: ", "`config`"),
            ("rate: 5\nrate: 6", "k.yaml:2: ", "`rate`"),
            ("- rate", "k.yaml:1: ", "sequence"),
            ("seed: 1\nproxy: \"x", "k.yaml:2: ", "quoted"),
        ] {
            let message = refused(yaml);
            assert!(message.starts_with(start), "{yaml}: {message}");
            assert!(message.contains(part), "{yaml}: {message}");
            assert!(!message.contains('\n'), "{yaml}: {message}");
        }
    }

    #[test]
    fn a_variable_is_expanded_where_a_value_may_be_secret() {
        let options = ok("
header: 'Authorization: Bearer ${TOKEN}'
cookie: a=${TOKEN}; b=$${TOKEN}
proxy: http://u:${TOKEN}@p
cacert: '${TOKEN}'
");
        assert_eq!(options.reach.header, ["Authorization: Bearer t0ken"]);
        assert_eq!(options.reach.cookie, ["a=t0ken; b=${TOKEN}"]);
        assert_eq!(options.reach.proxy.as_deref(), Some("http://u:t0ken@p"));
        assert_eq!(options.reach.cacert.unwrap(), Path::new("${TOKEN}"));
    }

    #[test]
    fn a_missing_variable_is_named_with_its_line() {
        let message = refused("seed: 1\ncookie: s3cret=${MISSING}");
        assert_eq!(
            message,
            "k.yaml:2: cookie: the environment variable MISSING is not set"
        );
        assert!(refused("cookie: a=${}").starts_with("k.yaml:1: cookie: "));
        assert!(refused("cookie: a=${TOKEN").contains("closing brace"));
    }

    #[test]
    fn no_message_shows_a_value_that_may_be_secret() {
        for yaml in [
            "header: {X: [s3cret]}",
            "header: [{X: {y: s3cret}}]",
            "header: [[['s3cret']]]",
            "cookie: 1234567",
            "cookie: [{a: s3cret}]",
            "cookie: {a: s3cret}",
            "proxy: [s3cret]",
            "header: 1234567",
        ] {
            if let Err(error) = read(Path::new("k.yaml"), yaml, &environment) {
                let message = error.to_string();
                assert!(!message.contains("s3cret"), "{message}");
                assert!(!message.contains("1234567"), "{message}");
                assert!(message.starts_with("k.yaml:1: "), "{message}");
            }
        }
    }
}
