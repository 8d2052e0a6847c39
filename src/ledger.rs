//! The ledger: which canary went where.
//!
//! Owns: minting, and the source of each slot. Leaves out: recognising (`canary`), meaning
//! (`judge`).

use std::sync::Arc;

use time::OffsetDateTime;

use crate::canary::{Canary, Mint, RunKey, Shape, Slot};
use crate::finding::Source;
use crate::plan::Recipe;

/// One canary and where it went.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The input that got it.
    pub source: Source,
    /// True when that input is credential-like.
    pub credential_like: bool,
    /// The canary.
    pub canary: Canary,
    /// When it was planted (UTC).
    pub at: OffsetDateTime,
    /// The recipe whose rendering planted it.
    pub recipe: Arc<Recipe>,
    /// The request that carried it, for a shell, masked; set when it left.
    pub curl: Option<Arc<str>>,
    /// What came back: 2xx says that the application may have kept it.
    pub status: Option<u16>,
}

/// Every canary of a run, by slot.
#[derive(Debug)]
pub struct Ledger {
    mint: Mint,
    entries: Vec<Entry>,
}

impl Ledger {
    /// An empty ledger over a run's key.
    pub fn new(key: RunKey) -> Self {
        Self {
            mint: Mint::new(key),
            entries: Vec::new(),
        }
    }

    /// The same ledger with another domain for canaries in the shape of an e-mail address.
    #[must_use]
    pub fn with_email_domain(mut self, domain: Option<&str>) -> Self {
        if let Some(domain) = domain {
            self.mint = self.mint.with_email_domain(domain);
        }
        self
    }

    /// Mints a canary for an input.
    pub fn plant(
        &mut self,
        source: Source,
        credential_like: bool,
        shape: Shape,
        recipe: &Arc<Recipe>,
    ) -> Canary {
        let canary = self.mint.plant(shape);
        self.entries.push(Entry {
            source,
            credential_like,
            canary: canary.clone(),
            at: OffsetDateTime::now_utc(),
            recipe: Arc::clone(recipe),
            curl: None,
            status: None,
        });
        canary
    }

    /// Notes that the request with these canaries left, and what came back.
    pub fn sent(&mut self, slots: &[Slot], curl: &str, status: Option<u16>) {
        let curl: Arc<str> = curl.into();
        for slot in slots {
            if let Some(entry) = self.entries.get_mut(slot.0 as usize) {
                entry.curl = Some(Arc::clone(&curl));
                entry.status = status;
            }
        }
    }

    /// The entry of a slot.
    pub fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(slot.0 as usize)
    }

    /// All entries, by slot.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The mint, for what it has issued.
    pub const fn mint(&self) -> &Mint {
        &self.mint
    }
}
