//! Where a credential's value comes from, so that it need not be on the command line.
//!
//! This module reads `env:NAME`, `@file`, `cmd:…` and literals. No message quotes a value.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::command::{self, Leash};

/// A value as written.
///
/// It is `env:NAME` (an environment variable), `@file` (a file's text without its last line break),
/// `cmd:…` (the output of a command), or the text itself. `text:…` is a literal that would
/// otherwise be read as one of the others.
#[derive(Clone, PartialEq, Eq)]
pub enum GivenValue {
    /// The text itself.
    Literal(String),
    /// An environment variable.
    Environment(String),
    /// A file.
    File(PathBuf),
    /// A shell command.
    Command(String),
}

/// Shows where the value comes from, never the value itself.
impl fmt::Debug for GivenValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("text:***"),
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "@{}", path.display()),
            // The command may contain a secret itself.
            Self::Command(_) => f.write_str("cmd:***"),
        }
    }
}

impl GivenValue {
    /// Parses a value as written.
    ///
    /// # Errors
    ///
    /// Fails for `env:` without a variable name, `@` without a file name, and `cmd:` without a
    /// command.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(literal) = text.strip_prefix("text:") {
            return Ok(Self::Literal(literal.to_owned()));
        }
        if let Some(name) = text.strip_prefix("env:") {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            return if !name.is_empty() && name.chars().all(word) {
                Ok(Self::Environment(name.to_owned()))
            } else {
                Err("env: is followed by the name of an environment variable".to_owned())
            };
        }
        if let Some(command) = text.strip_prefix("cmd:") {
            return if command.trim().is_empty() {
                Err("cmd: is followed by a command".to_owned())
            } else {
                Ok(Self::Command(command.to_owned()))
            };
        }
        match text.strip_prefix('@') {
            Some("") => Err("@ is followed by the name of a file".to_owned()),
            Some(path) => Ok(Self::File(PathBuf::from(path))),
            None => Ok(Self::Literal(text.to_owned())),
        }
    }

    /// Returns whether the value is given literally.
    pub const fn is_literal(&self) -> bool {
        matches!(self, Self::Literal(_))
    }

    /// Returns whether the value may change when it is read again.
    pub const fn is_command(&self) -> bool {
        matches!(self, Self::Command(_))
    }

    /// Returns the value; a command runs on that leash.
    ///
    /// # Errors
    ///
    /// Fails if a variable is not set, a file cannot be read or a command fails, and if any of them
    /// gives an empty value.
    pub fn read(&self, leash: &Leash) -> Result<String, String> {
        let (from, text) = match self {
            Self::Literal(text) => return Ok(text.clone()),
            Self::Command(command) => return command::output(command, leash),
            Self::Environment(name) => {
                let text = std::env::var(name)
                    .map_err(|_| format!("the environment variable {name} is not set"))?;
                (format!("the environment variable {name}"), text)
            }
            Self::File(path) => {
                let at = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("cannot read the file {at}: {error}"))?;
                (format!("the file {at}"), text)
            }
        };
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(format!("{from} is empty"));
        }
        Ok(text.to_owned())
    }
}

/// Parses inside a visitor, because only there does an error get its line number.
impl<'de> Deserialize<'de> for GivenValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Text(Self::parse))
    }
}

/// Reads a value from YAML text; anything else is rejected without being quoted.
pub(crate) struct Text<F>(pub(crate) F);

impl<T, F: Fn(&str) -> Result<T, String>> Visitor<'_> for Text<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text (quote what YAML reads otherwise)")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_says_where_it_comes_from() {
        assert_eq!(
            GivenValue::parse("env:TOKEN"),
            Ok(GivenValue::Environment("TOKEN".to_owned()))
        );
        assert_eq!(
            GivenValue::parse("@/run/secrets/token"),
            Ok(GivenValue::File("/run/secrets/token".into()))
        );
        assert_eq!(
            GivenValue::parse("text:@dmin"),
            Ok(GivenValue::Literal("@dmin".to_owned()))
        );
        assert_eq!(
            GivenValue::parse("plain"),
            Ok(GivenValue::Literal("plain".to_owned()))
        );
        assert_eq!(
            GivenValue::parse("cmd:pass show t"),
            Ok(GivenValue::Command("pass show t".to_owned()))
        );
        for wrong in ["env:", "env:A-B", "@", "cmd:", "cmd: "] {
            assert!(GivenValue::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_loses_its_last_line_break_and_an_empty_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "s3cret\r\n").unwrap();
        assert_eq!(
            GivenValue::File(path.clone()).read(&Leash::default()),
            Ok("s3cret".to_owned())
        );
        std::fs::write(&path, "\n").unwrap();
        assert!(
            GivenValue::File(path)
                .read(&Leash::default())
                .unwrap_err()
                .contains("is empty")
        );
    }

    #[test]
    fn a_missing_source_is_named() {
        let variable = GivenValue::Environment("KEYSPILL_TEST_NOT_SET".to_owned());
        assert!(
            variable
                .read(&Leash::default())
                .unwrap_err()
                .contains("KEYSPILL_TEST_NOT_SET")
        );
        let file = GivenValue::File("/nonexistent/token".into());
        assert!(
            file.read(&Leash::default())
                .unwrap_err()
                .contains("/nonexistent/token")
        );
    }

    #[test]
    fn a_literal_is_not_shown() {
        let shown = format!("{:?}", GivenValue::Literal("s3cret".to_owned()));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
