//! Data that is compiled into the binary and that testers write as well: YAML files, and what is wrong with them.
//!
//! Owns: reading a file into its written form, defects with file, line and key. Leaves out: what the files
//! mean (`probe`, `sentences`).

mod locate;

use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::de::DeserializeOwned;

use locate::has_key;
pub use locate::line_of;

/// A pattern that compiles to more than this is a mistake.
const MAX_PATTERN_BYTES: usize = 4 << 20;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, where it is known.
    pub column: Option<usize>,
    /// The key at fault (`detect[0].pattern`); empty for the file as a whole.
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

/// Reads a file. `file` is its name for messages.
///
/// # Errors
///
/// What is wrong first, with line and key.
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
/// What is wrong with it, in one line.
pub fn regex(pattern: &str) -> Result<Regex, String> {
    let compiled = RegexBuilder::new(pattern)
        .size_limit(MAX_PATTERN_BYTES)
        .build();
    compiled.map_err(|error| one_line(&error.to_string()))
}

/// Parses a pattern without compiling it.
///
/// # Errors
///
/// What is wrong with it, in one line.
pub fn well_formed(pattern: &str) -> Result<(), String> {
    match regex_syntax::parse(pattern) {
        Ok(_) => Ok(()),
        Err(error) => Err(one_line(&error.to_string())),
    }
}

/// The name that the YAML reader quotes in `` unknown field `x` `` and `` missing field `x` ``.
fn quoted_name(message: &str) -> Option<&str> {
    let at = message.find(" field `")?;
    message.get(at + " field `".len()..)?.split('`').next()
}

/// Inside tagged lists the reader tells the line of the item, not that of the stray key.
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
    /// The file, as messages call it.
    pub file: &'a str,
    text: &'a str,
    /// What was found so far.
    pub defects: Vec<Defect>,
}

impl<'a> Log<'a> {
    /// Nothing found yet in a file of this text.
    pub const fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            defects: Vec::new(),
        }
    }

    /// Notes a defect at a key.
    pub fn add(&mut self, key: &str, message: impl Into<String>) {
        self.defects.push(Defect {
            file: self.file.to_owned(),
            line: line_of(self.text, key),
            column: None,
            key: key.to_owned(),
            message: message.into(),
        });
    }

    /// The value, or a defect at that key.
    pub fn ok<T>(&mut self, key: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.add(key, message)).ok()
    }

    /// The pattern, or a defect at that key.
    pub fn regex(&mut self, key: &str, pattern: &str) -> Option<Regex> {
        self.ok(key, regex(pattern))
    }
}

/// The regex crate draws a picture of several lines; its last line says what is wrong.
fn one_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim().to_owned()
}
