//! The ledger: records which canary went where.
//!
//! Owns: minting canaries, and the source of each slot. Leaves out: recognising canaries
//! (`canary`), and what they mean (`judge`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use time::OffsetDateTime;

use crate::canary::{Canary, Mint, RunKey, Shape, Slot};
use crate::finding::Source;
use crate::plan::RequestTemplate;
use crate::surface::EndpointId;

/// One canary and where it went.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The input that received it.
    pub source: Source,
    /// True if that input may be a credential; how its canaries behave decides.
    pub possible: bool,
    /// The canary.
    pub canary: Canary,
    /// When it was planted (UTC).
    pub at: OffsetDateTime,
    /// The request template whose rendering planted it.
    pub template: Arc<RequestTemplate>,
    /// The request that carried it, as a masked shell command; set once it has left.
    pub curl: Option<Arc<str>>,
    /// The answer: a 2xx status means that the application may have kept the canary.
    pub reply: Reply,
}

impl Entry {
    /// Returns true if the operation accepted the request: it neither refused nor failed.
    pub fn is_taken(&self) -> bool {
        self.reply.status.is_some_and(|status| status < 400)
    }
}

/// The answer to a request with canaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: Option<u16>,
    /// What the answer says about the values that were sent.
    pub said: Reaction,
    /// A value that similar answers share; `None` if the answer was incomplete.
    pub likeness: Option<u64>,
    /// True if the answer broke off.
    pub broken: bool,
}

/// What an answer says about the values in its request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reaction {
    /// Nothing about them.
    #[default]
    Nothing,
    /// One is not accepted: 401, 403, "invalid", "expired".
    Doubted,
    /// There is no such thing: 404, 410, "not found".
    Missing,
}

/// Every canary of a run, by slot.
#[derive(Debug)]
pub struct Ledger {
    mint: Mint,
    entries: Vec<Entry>,
    /// Inputs that have been seen to get past a refusal.
    let_in: BTreeSet<Source>,
    /// How operations answer without a canary.
    plain: BTreeMap<EndpointId, [u64; 2]>,
}

impl Ledger {
    /// Creates an empty ledger over a run's key.
    pub fn new(key: RunKey) -> Self {
        Self {
            mint: Mint::new(key),
            entries: Vec::new(),
            let_in: BTreeSet::new(),
            plain: BTreeMap::new(),
        }
    }

    /// Uses another domain for canaries in the shape of an e-mail address.
    #[must_use]
    pub fn with_email_domain(mut self, domain: Option<&str>) -> Self {
        if let Some(domain) = domain {
            self.mint = self.mint.with_email_domain(domain);
        }
        self
    }

    /// Mints a canary for an input; it matches the pattern of the input's values, if there is one.
    pub fn plant(
        &mut self,
        source: Source,
        possible: bool,
        (shape, pattern): (Shape, Option<&str>),
        template: &Arc<RequestTemplate>,
    ) -> Canary {
        let canary = match pattern {
            Some(pattern) => self.mint.plant_meeting(shape, pattern),
            None => self.mint.plant(shape),
        };
        self.entries.push(Entry {
            source,
            possible,
            canary: canary.clone(),
            at: OffsetDateTime::now_utc(),
            template: Arc::clone(template),
            curl: None,
            reply: Reply::default(),
        });
        canary
    }

    /// Records that the request with these canaries left, and what came back.
    pub fn sent(&mut self, slots: &[Slot], curl: &str, reply: Reply) {
        let curl: Arc<str> = curl.into();
        for slot in slots {
            if let Ok(at) = self.at(*slot) {
                let entry = &mut self.entries[at];
                entry.curl = Some(Arc::clone(&curl));
                entry.reply = reply;
            }
        }
    }

    /// Discards the status of answers that broke off, unless all answers of the operation did.
    pub fn forget_broken(&mut self) {
        let whole: BTreeSet<EndpointId> = self
            .entries
            .iter()
            .filter(|entry| entry.reply.status.is_some() && !entry.reply.broken)
            .map(|entry| entry.source.endpoint.clone())
            .collect();
        let broken = self.entries.iter_mut().filter(|entry| entry.reply.broken);
        for entry in broken.filter(|entry| whole.contains(&entry.source.endpoint)) {
            entry.reply.status = None;
        }
    }

    /// Records the likeness of an operation's answer without a canary: of the whole answer, and of
    /// the answer without what was sent.
    pub fn answers_plainly(&mut self, operation: &EndpointId, alike: [u64; 2]) {
        self.plain.entry(operation.clone()).or_insert(alike);
    }

    /// Returns true if an operation also answers like that without a canary.
    pub fn says_plainly(&self, operation: &EndpointId, likeness: u64) -> bool {
        let alike = self.plain.get(operation);
        alike.is_some_and(|alike| alike.contains(&likeness))
    }

    /// Records that an input gets past a refusal: from now on its canaries count as a credential's,
    /// whatever its name.
    pub fn let_in(&mut self, source: Source) {
        self.let_in.insert(source);
    }

    /// Returns the inputs that have been seen to get past a refusal.
    pub const fn all_let_in(&self) -> &BTreeSet<Source> {
        &self.let_in
    }

    /// Returns true if the canary of an entry may be a credential's.
    pub fn is_possible(&self, entry: &Entry) -> bool {
        entry.possible || self.let_in.contains(&entry.source)
    }

    /// Returns the entry of a slot.
    pub fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(self.at(slot).ok()?)
    }

    /// Finds the index of a slot's entry. Slots ascend, but some are skipped.
    fn at(&self, slot: Slot) -> Result<usize, usize> {
        self.entries
            .binary_search_by_key(&slot, |entry| entry.canary.slot)
    }

    /// Returns all entries, by slot.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the mint, which knows what it has issued.
    pub const fn mint(&self) -> &Mint {
        &self.mint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;
    use crate::plan::BodyKind;
    use crate::surface::Place;

    #[test]
    fn slots_that_no_canary_of_a_pattern_has_leave_every_entry_in_its_place() {
        let mut ledger = Ledger::new(RunKey::from_seed(7));
        let endpoint = EndpointId::new(Method::Get, "/look");
        let template = Arc::new(RequestTemplate {
            endpoint: endpoint.clone(),
            body: BodyKind::None,
            fills: Vec::new(),
            form_page: None,
            path: None,
            document: None,
            repeat: false,
        });
        let mut planted = Vec::new();
        for number in 0..20 {
            let source = Source {
                endpoint: endpoint.clone(),
                place: Place::Query,
                input: format!("n{number}"),
            };
            let pattern = (number % 2 == 0).then_some("[a-f]$");
            planted.push(ledger.plant(source, false, (Shape::Token, pattern), &template));
        }
        let last = planted.last().unwrap().slot;
        assert!(last > Slot(20), "some slots were passed over: {last:?}");
        for (number, canary) in planted.iter().enumerate() {
            assert!(number % 2 == 1 || canary.text.ends_with(['a', 'b', 'c', 'd', 'e', 'f']));
            ledger.sent(&[canary.slot], "curl", Reply::default());
            let entry = ledger.entry(canary.slot).unwrap();
            assert_eq!(entry.source.input, format!("n{number}"));
            assert!(entry.curl.is_some());
        }
        assert!(ledger.entry(Slot(10_000)).is_none());
    }
}
