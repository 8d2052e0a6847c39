//! What is known about the values that an input takes.
//!
//! This module has the type and merges two hints. Where hints come from is decided elsewhere, and
//! which shape suits one in `fit`.

use serde::Deserialize;
use serde_json::Value;

/// The type of a value, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nothing is known; treated as text.
    #[default]
    Unknown,
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list whose items are not described further.
    Array,
    /// An object whose fields are not described further.
    Object,
    /// An uploaded file.
    File,
}

/// What is known about the values that an input takes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TypeHint {
    /// The type.
    pub kind: Kind,
    /// `email`, `uuid`, `date-time`, `uri`, … as in JSON Schema's `format`.
    pub format: Option<String>,
    /// A regular expression (ECMA 262, unanchored) that values must match.
    pub pattern: Option<String>,
    /// Minimum length in characters.
    pub min_length: Option<usize>,
    /// Maximum length in characters.
    pub max_length: Option<usize>,
    /// Smallest value of a number.
    pub minimum: Option<f64>,
    /// Greatest value of a number.
    pub maximum: Option<f64>,
    /// The only values allowed; empty if there is no such list.
    pub choices: Vec<String>,
    /// A value known to be good: a default, an example, the current value of a form field.
    pub example: Option<Value>,
}

impl TypeHint {
    /// Fills in what is unknown here from another hint; what is known is kept.
    pub fn absorb(&mut self, other: &Self) {
        if self.kind == Kind::Unknown {
            self.kind = other.kind;
        }
        self.format = self.format.take().or_else(|| other.format.clone());
        self.pattern = self.pattern.take().or_else(|| other.pattern.clone());
        self.min_length = self.min_length.or(other.min_length);
        self.max_length = self.max_length.or(other.max_length);
        self.minimum = self.minimum.or(other.minimum);
        self.maximum = self.maximum.or(other.maximum);
        self.example = self.example.take().or_else(|| other.example.clone());
        if self.choices.is_empty() {
            self.choices.clone_from(&other.choices);
        }
    }
}
