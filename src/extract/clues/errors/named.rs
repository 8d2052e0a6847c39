//! One input as an error names it, and all inputs that an error names.
//!
//! Owns: what the message beside a name says about it, and what may be a name. Leaves out: where it
//! belongs (`places.rs`).

use crate::sentences::Sentences;
use crate::surface::{Place, TypeHint};

/// The most inputs taken from one answer.
pub(super) const MAX_NAMES: usize = 40;

/// An input that an error names, with a place only if the error states it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Named {
    /// The place, if the error states it.
    pub(super) place: Option<Place>,
    /// The name.
    pub(super) name: String,
    /// The error says that the input is missing or required.
    pub(super) required: bool,
    /// What the error asks for.
    pub(super) hint: TypeHint,
    /// What precedes the value.
    pub(super) prefix: String,
    /// The name is an ordinary word of a sentence, and a name only by its position.
    pub(super) plain: bool,
    /// The message is the developer's own help text, which does not say what was wrong.
    pub(super) help: bool,
    /// The message is a library's, which says this only of absent inputs.
    pub(super) absent: bool,
}

/// Reads one error.
pub(super) struct Reader<'a> {
    /// The sentences that the reader knows.
    pub(super) table: &'a Sentences,
    /// The names found so far.
    pub(super) found: Vec<Named>,
}

impl Reader<'_> {
    /// Creates a name with what a message says about it.
    pub(super) fn named(&self, name: &str, place: Option<Place>, message: &str) -> Named {
        let heard = self.table.heard(message);
        Named {
            place,
            name: name.to_owned(),
            required: heard.required,
            absent: heard.absent,
            hint: heard.hint,
            ..Named::default()
        }
    }

    /// Adds a name, unless it is already known in the same place.
    pub(super) fn push(&mut self, named: Named) {
        let known = self
            .found
            .iter()
            .any(|known| known.name == named.name && known.place == named.place);
        if !known && self.found.len() < MAX_NAMES {
            self.found.push(named);
        }
    }
}

/// Returns true if a text may be the name of an input.
pub(super) fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins
        && text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c))
}
