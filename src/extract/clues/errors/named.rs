//! One input as an error names it, and all that an error names.
//!
//! Owns: what the message beside a name says of it, what may be a name. Leaves out: where it belongs
//! (`places.rs`).

use crate::sentences::Sentences;
use crate::surface::{Place, TypeHint};

/// An answer names no more inputs than this.
pub(super) const MAX_NAMES: usize = 40;

/// An input that an error names; the place only where the error says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Named {
    /// The place, if it is said.
    pub(super) place: Option<Place>,
    /// The name.
    pub(super) name: String,
    /// True when the error says that it is missing or required.
    pub(super) required: bool,
    /// What the error asks for.
    pub(super) hint: TypeHint,
    /// What stands before the value.
    pub(super) prefix: String,
    /// It is an ordinary word of a sentence: only its position makes it a name.
    pub(super) plain: bool,
    /// Its message is the developer's own help text: it says nothing of what was wrong.
    pub(super) help: bool,
    /// Its message is a library's, which says so only of what is absent.
    pub(super) absent: bool,
}

/// Reads one error.
pub(super) struct Reader<'a> {
    /// The sentences that it knows.
    pub(super) table: &'a Sentences,
    /// What was named so far.
    pub(super) found: Vec<Named>,
}

impl Reader<'_> {
    /// A name with what a message says of it.
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

    /// Adds a name, unless it is known in the same place.
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

/// True for what may be the name of an input.
pub(super) fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins
        && text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c))
}
