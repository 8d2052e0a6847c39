//! What a crawl asks for, and has asked for already.
//!
//! Owns: the frontier, and what is asked once only. Leaves out: what answers have shown (`known.rs`).

use std::collections::{BTreeSet, HashMap};

use super::frontier::Frontier;
use crate::surface::Template;

/// What is still to be asked, and what was.
pub(super) struct Asking {
    /// Requests to come.
    pub(super) frontier: Frontier,
    /// How often a URL was fetched.
    pub(super) fetched: HashMap<u64, u8>,
    /// Templates whose methods were asked for.
    pub(super) asked: BTreeSet<Template>,
    /// Prefixes that got their guesses.
    pub(super) guessed: BTreeSet<String>,
    /// Collections that got their guesses.
    pub(super) collections: BTreeSet<String>,
    /// Directories of which a page was asked for data.
    pub(super) variants: BTreeSet<String>,
}

impl Asking {
    /// Nothing yet; at most so many requests will come.
    pub(super) fn new(most: usize) -> Self {
        Self {
            frontier: Frontier::new(most),
            fetched: HashMap::new(),
            asked: BTreeSet::new(),
            guessed: BTreeSet::new(),
            collections: BTreeSet::new(),
            variants: BTreeSet::new(),
        }
    }

    /// Drops what is remembered of pages.
    pub(super) fn forget(&mut self) {
        self.frontier.forget();
        self.fetched = HashMap::new();
        self.asked = BTreeSet::new();
    }
}
