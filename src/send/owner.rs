//! What those that send need of whoever owns what a scan knows.
//!
//! Owns: the interface. Leaves out: the state, and what an observation changes in it
//! (`pipeline/scan.rs`).

use std::cell::Ref;
use std::sync::Arc;

use crate::canary::{Canary, Shape, Slot};
use crate::finding::{Planted, Source};
use crate::ledger::{Ledger, Reply};
use crate::observe::Observation;
use crate::plan::Recipe;
use crate::redact::Redactor;
use crate::surface::{EndpointId, Input};

/// The owner of a scan's state, its one writer. It is asked for a moment at a time, never across a wait.
pub(crate) trait Owner {
    /// Which canary went where.
    fn ledger(&self) -> Ref<'_, Ledger>;

    /// What masks the secrets that are known by now.
    fn redactor(&self) -> Arc<Redactor>;

    /// Mints a canary for an input, as [`Ledger::plant`] does.
    fn plant(
        &self,
        source: Source,
        possible: bool,
        shape: (Shape, Option<&str>),
        recipe: &Arc<Recipe>,
    ) -> Canary;

    /// Notes that the request with these canaries left, and what came back.
    fn sent(&self, planted: &[Slot], curl: &str, reply: Reply);

    /// Notes what an operation's answer without a canary is like.
    fn answers_plainly(&self, operation: &EndpointId, alike: [u64; 2]);

    /// Notes that an input gets past a refusal.
    fn let_in(&self, source: Source);

    /// Masks these from now on.
    fn hide(&self, secrets: &[String]);

    /// Mints a value for an input that nobody told of.
    fn guess(&self, operation: &Arc<EndpointId>, input: &Input) -> Canary;

    /// Notes such values that an operation may have kept.
    fn guessed(&self, planted: Vec<Planted>);

    /// Takes what came back: it is learnt from, and looked at.
    fn take(&self, observation: &Observation);
}
