//! Patterns, word lists and phrases as written in a file.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use regex::{Captures, Match, Regex};
use serde::{Deserialize, Deserializer, de};

use crate::datafile::{regex, well_formed};

/// A regular expression, parsed with its file but compiled on first use: most scans never need most of
/// them. Clones share the compiled expression.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Arc<Lazy>);

#[derive(Debug)]
struct Lazy {
    text: String,
    compiled: OnceLock<Result<Regex, String>>,
}

impl Pattern {
    /// Returns the compiled pattern.
    ///
    /// # Errors
    ///
    /// Returns an error if the pattern compiles to something too large.
    pub(super) fn compiled(&self) -> Result<&Regex, &str> {
        let compiled = self.0.compiled.get_or_init(|| regex(&self.0.text));
        compiled.as_ref().map_err(String::as_str)
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.compiled().is_ok_and(|regex| regex.is_match(text))
    }

    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<Match<'t>> {
        self.compiled().ok()?.find(text)
    }

    pub(crate) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.compiled().ok()?.captures(text)
    }

    pub(crate) fn captures_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
        let compiled = self.compiled().into_iter();
        compiled.flat_map(move |regex| regex.captures_iter(text))
    }

    /// Returns the names of the pattern's groups.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let compiled = self.compiled().into_iter();
        compiled.flat_map(|regex| regex.capture_names().flatten())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        well_formed(&text).map_err(de::Error::custom)?;
        Ok(Self(Arc::new(Lazy {
            text,
            compiled: OnceLock::new(),
        })))
    }
}

/// Words separated by spaces. Words in lower case match every spelling.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words(HashSet<String>);

impl Words {
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(word) || self.0.contains(&word.to_ascii_lowercase())
    }

    pub(super) fn extend(&mut self, more: &Self) {
        self.0.extend(more.0.iter().cloned());
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words = String::deserialize(from)?;
        Ok(Self(words.split_whitespace().map(str::to_owned).collect()))
    }
}

/// A phrase, word by word: `a|b` is one of several words, `?a` is optional.
#[derive(Clone, Debug)]
pub(super) struct Template {
    text: String,
    parts: Vec<Part>,
}

/// One word of a phrase.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) optional: bool,
    pub(crate) what: What,
}

/// What a word of a phrase may match.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// `:`, at the end of the previous word.
    Colon,
    /// `(`, or a word that begins with it.
    Open,
    /// `TYPE`: the name of a type.
    Type,
    /// `SAID`: a type, or another word for what values are said to be.
    Said,
    /// One of these words, in lower case.
    Words(Vec<String>),
}

impl Template {
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl Deref for Template {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let part = |part: &str| Part {
            optional: part.starts_with('?'),
            what: match part.trim_start_matches('?') {
                ":" => What::Colon,
                "(" => What::Open,
                "TYPE" => What::Type,
                "SAID" => What::Said,
                words => What::Words(words.split('|').map(str::to_owned).collect()),
            },
        };
        let parts = text.split_whitespace().map(part).collect();
        Ok(Self { text, parts })
    }
}
