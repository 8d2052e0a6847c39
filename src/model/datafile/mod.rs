//! YAML files that are compiled into the binary or written by testers, and the defects in them.
//!
//! This module reads a file into its written form and reports defects with file, line and key. What
//! the files mean is defined in `probe` and `sentences`.

mod locate;

use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::de::DeserializeOwned;

use locate::has_key;
pub use locate::line_of;

/// Maximum compiled size of a pattern; a larger one is a mistake.
const MAX_PATTERN_BYTES: usize = 4 << 20;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, if known.
    pub column: Option<usize>,
    /// The key at fault (`detect[0].pattern`); empty if it is the file as a whole.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Parses a file. `file` is its name in messages.
///
/// # Errors
///
/// Returns the first defect, with its line and key.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Defect> {
    serde_yaml::from_str(text).map_err(|error| {
        let (line, column) = error
            .location()
            .map_or((1, 1), |at| (at.line(), at.column()));
        let message = error.to_string();
        let (key, rest) = match quoted_name(&message) {
            Some(name) => (name, message.as_str()),
            // `forms[5].in: unknown variant …`
            None => message
                .split_once(": ")
                .filter(|(key, _)| !key.contains(' '))
                .unwrap_or(("", &message)),
        };
        Defect {
            file: file.to_owned(),
            line: unknown_field_line(text, &message).unwrap_or(line),
            column: Some(column),
            key: key.to_owned(),
            message: rest.to_owned(),
        }
    })
}

/// Compiles a pattern.
///
/// # Errors
///
/// Returns what is wrong with the pattern, in one line.
pub fn regex(pattern: &str) -> Result<Regex, String> {
    let compiled = RegexBuilder::new(pattern)
        .size_limit(MAX_PATTERN_BYTES)
        .build();
    compiled.map_err(|error| one_line(&error.to_string()))
}

/// Checks a pattern without compiling it.
///
/// # Errors
///
/// Returns what is wrong with the pattern, in one line.
pub fn well_formed(pattern: &str) -> Result<(), String> {
    match regex_syntax::parse(pattern) {
        Ok(_) => Ok(()),
        Err(error) => Err(one_line(&error.to_string())),
    }
}

/// Returns the name quoted by the YAML reader in `` unknown field `x` `` and `` missing field `x`
/// ``.
fn quoted_name(message: &str) -> Option<&str> {
    let at = message.find(" field `")?;
    message.get(at + " field `".len()..)?.split('`').next()
}

/// Returns the line of an unknown field: inside tagged lists the reader reports the item's line.
fn unknown_field_line(text: &str, message: &str) -> Option<usize> {
    let name = message
        .contains("unknown field")
        .then(|| quoted_name(message))??;
    let found: Vec<usize> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| has_key(line, name))
        .map(|(at, _)| at + 1)
        .collect();
    match found.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// Collects defects.
pub struct Log<'a> {
    /// The file's name in messages.
    pub file: &'a str,
    text: &'a str,
    /// The defects found so far.
    pub defects: Vec<Defect>,
}

impl<'a> Log<'a> {
    /// Creates an empty log for a file with this text.
    pub const fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            defects: Vec::new(),
        }
    }

    /// Adds a defect at a key.
    pub fn add(&mut self, key: &str, message: impl Into<String>) {
        self.defects.push(Defect {
            file: self.file.to_owned(),
            line: line_of(self.text, key),
            column: None,
            key: key.to_owned(),
            message: message.into(),
        });
    }

    /// Returns the value, or adds a defect at that key.
    pub fn ok<T>(&mut self, key: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.add(key, message)).ok()
    }

    /// Returns the compiled pattern, or adds a defect at that key.
    pub fn regex(&mut self, key: &str, pattern: &str) -> Option<Regex> {
        self.ok(key, regex(pattern))
    }
}

/// Shortens an error of the regex crate, which has several lines: the last one says what is wrong.
fn one_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim().to_owned()
}
