//! What senders need from the owner of a scan's state.
//!
//! Owns: the interface. Leaves out: the state, and how an observation changes it
//! (`pipeline/scan.rs`).

use std::cell::Ref;
use std::sync::Arc;

use crate::canary::{Canary, Shape, Slot};
use crate::finding::{Planted, Source};
use crate::ledger::{Ledger, Reply};
use crate::observe::Observation;
use crate::plan::RequestTemplate;
use crate::redact::Redactor;
use crate::surface::{EndpointId, Input};

/// The owner of a scan's state, and its only writer. It is borrowed for a moment at a time, never
/// across an await.
pub(crate) trait Owner {
    /// Borrows the ledger of which canary went where.
    fn ledger(&self) -> Ref<'_, Ledger>;

    /// Returns the redactor for all secrets known by now.
    fn redactor(&self) -> Arc<Redactor>;

    /// Mints a canary for an input, as [`Ledger::plant`] does.
    fn plant(
        &self,
        source: Source,
        possible: bool,
        shape: (Shape, Option<&str>),
        template: &Arc<RequestTemplate>,
    ) -> Canary;

    /// Records that the request with these canaries left, and what came back.
    fn sent(&self, planted: &[Slot], curl: &str, reply: Reply);

    /// Records the likeness of an operation's answer without a canary.
    fn answers_plainly(&self, operation: &EndpointId, alike: [u64; 2]);

    /// Records that an input gets past a refusal.
    fn let_in(&self, source: Source);

    /// Masks these secrets from now on.
    fn hide(&self, secrets: &[String]);

    /// Mints a value for a guessed input, one that no source mentions.
    fn guess(&self, operation: &Arc<EndpointId>, input: &Input) -> Canary;

    /// Records guessed values that an operation may have kept.
    fn guessed(&self, planted: Vec<Planted>);

    /// Takes what came back, to learn from it and to examine it.
    fn take(&self, observation: &Observation);
}

/// An owner for tests of senders: keeps a ledger and learns nothing.
#[cfg(test)]
pub(crate) struct Forgetful(pub(crate) std::cell::RefCell<Ledger>);

#[cfg(test)]
impl Owner for Forgetful {
    fn ledger(&self) -> Ref<'_, Ledger> {
        self.0.borrow()
    }

    fn redactor(&self) -> Arc<Redactor> {
        Arc::default()
    }

    fn plant(
        &self,
        source: Source,
        possible: bool,
        shape: (Shape, Option<&str>),
        template: &Arc<RequestTemplate>,
    ) -> Canary {
        self.0.borrow_mut().plant(source, possible, shape, template)
    }

    fn sent(&self, planted: &[Slot], curl: &str, reply: Reply) {
        self.0.borrow_mut().sent(planted, curl, reply);
    }

    fn answers_plainly(&self, _: &EndpointId, _: [u64; 2]) {}

    fn let_in(&self, source: Source) {
        self.0.borrow_mut().let_in(source);
    }

    fn hide(&self, _: &[String]) {}

    fn guess(&self, operation: &Arc<EndpointId>, input: &Input) -> Canary {
        let source = Source {
            endpoint: EndpointId::clone(operation),
            place: input.place,
            input: input.name.clone(),
        };
        let template = Arc::new(RequestTemplate::bare(EndpointId::clone(operation)));
        self.plant(source, false, (Shape::Short, None), &template)
    }

    fn guessed(&self, _: Vec<Planted>) {}

    fn take(&self, _: &Observation) {}
}
