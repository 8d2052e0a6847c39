//! Everything that a scan knows, with one owner and one writer.
//!
//! Owns: the state, and how an observation changes it. First the crawl learns from it, then it is
//! looked at, its secrets are masked, and what it shows becomes a suspect. Leaves out: what is sent,
//! and in which order (`rounds.rs`, `proof.rs`).
//!
//! A scan is one task: the sender borrows the state between two waits, never across one. The state is a
//! function of what was planted and what was passed to [`Scan::take`], in that order.

use std::cell::{Ref, RefCell};
use std::sync::Arc;

use super::exploration::Exploration;
use crate::canary::{Canary, Shape, Slot};
use crate::crawl::Crawl;
use crate::detect;
use crate::discovery::Guessed;
use crate::finding::{Planted, Role, Source};
use crate::judge::sightings::Eyes;
use crate::judge::suspects::{Suspects, secrets};
use crate::ledger::{Ledger, Reply};
use crate::observe::Observation;
use crate::plan::{Planner, RequestTemplate};
use crate::progress::Progress;
use crate::redact::{Masks, Redactor, keys_in};
use crate::send::Owner;
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Input};

/// The state of a scan.
pub(super) struct Scan<'a> {
    /// What exists, and what remains to be requested.
    pub(super) crawl: Crawl,
    /// Where each canary went.
    pub(super) ledger: Ledger,
    /// What was seen but is not proven yet.
    pub(super) suspects: Suspects,
    /// What must not be shown.
    pub(super) masks: Masks,
    /// The names that nothing revealed.
    pub(super) guessed: Guessed,
    /// What was tried, and what that showed.
    pub(super) explored: Exploration,
    /// The tester's settings.
    pub(super) settings: &'a Settings,
    /// Says which input may carry what.
    pub(super) planner: &'a Planner,
    /// The detectors.
    pub(super) eyes: &'a Eyes<'a>,
    /// Receives the number of suspects.
    pub(super) progress: &'a dyn Progress,
}

impl Scan<'_> {
    /// Takes an observation: learns from it, and looks at it. Nothing is learnt from a control.
    pub(super) fn take(&mut self, observation: &Observation) {
        if observation.role != Role::Control {
            self.learn(observation);
        }
        self.look(observation);
    }

    /// Lets the crawl learn from answers, without letting a canary become a link or an example.
    fn learn(&mut self, observation: &Observation) {
        for step in &observation.steps {
            let Some(response) = step.response() else {
                continue;
            };
            let scrubbed = detect::scrub(&self.eyes.recogniser, &step.request, response);
            let (request, response) = match &scrubbed {
                Some((request, response)) => (request, response),
                None => (&step.request, response),
            };
            match observation.role {
                Role::Baseline => self.crawl.learn(request, response),
                _ => self.crawl.learn_planted(request, response),
            };
        }
        if let Some(answer) = observation.answer() {
            self.crawl
                .note_answer(&observation.template.endpoint, answer);
        }
    }

    /// Looks at an observation from which the crawl has already learnt, or must not learn.
    pub(super) fn look(&mut self, observation: &Observation) {
        self.guessed.look(observation);
        let seen = self
            .eyes
            .look(observation, &self.ledger, &self.crawl.known.surface);
        // Learn the secrets before any evidence is cut: half a secret would not be recognised any more.
        self.masks.learn(&secrets(observation, &seen));
        self.masks.learn(&published(observation, self.eyes));
        self.suspects
            .take(observation, seen, &self.ledger, &self.masks.now());
        self.progress.found(self.suspects.len());
    }

    /// Adds the hidden inputs whose values other operations served; returns true if there are any.
    pub(super) fn learn_kept(&mut self) -> bool {
        let mut any = false;
        for (id, input) in self.guessed.kept() {
            if let Some(endpoint) = self.crawl.known.surface.get_mut(&id)
                && endpoint.input(input.place, &input.name).is_none()
            {
                any |= endpoint.add_input(input);
            }
        }
        any
    }

    /// Records something about inputs, for every later plan.
    pub(super) fn note(&mut self, id: &EndpointId, inputs: &[Input], note: impl Fn(&mut Input)) {
        if let Some(known) = self.crawl.known.surface.get_mut(id) {
            known.change_inputs(inputs, note);
        }
    }

    /// Records what gets past the refusal of an operation: the inputs, and the request template.
    pub(super) fn open(
        &mut self,
        id: &EndpointId,
        inputs: &[Input],
        template: Option<Arc<RequestTemplate>>,
    ) {
        self.note(id, inputs, |input| input.lets_in = true);
        self.explored.open(template);
    }

    /// Records that inputs want numbers; returns the operation as known afterwards.
    pub(super) fn want_numbers(&mut self, endpoint: &Endpoint, inputs: &[Input]) -> Endpoint {
        self.note(&endpoint.id, inputs, |input| {
            input.hint.example = Some(1.into());
        });
        let known = self.crawl.known.surface.get(&endpoint.id);
        known.unwrap_or(endpoint).clone()
    }
}

/// Returns keys in answers that are recognised by format alone: finding or not, no output shows them.
fn published(observation: &Observation, eyes: &Eyes<'_>) -> Vec<String> {
    let answers = observation.steps.iter().filter_map(|step| step.response());
    let mut keys = Vec::new();
    for answer in answers {
        let text = answer.text();
        // A canary may look like a key.
        let found = keys_in(&text).filter(|key| eyes.recogniser.scan(key.as_bytes()).is_empty());
        keys.extend(found.map(str::to_owned));
    }
    keys
}

impl Owner for RefCell<Scan<'_>> {
    fn ledger(&self) -> Ref<'_, Ledger> {
        Ref::map(self.borrow(), |scan| &scan.ledger)
    }

    fn redactor(&self) -> Arc<Redactor> {
        self.borrow().masks.now()
    }

    fn plant(
        &self,
        source: Source,
        possible: bool,
        shape: (Shape, Option<&str>),
        template: &Arc<RequestTemplate>,
    ) -> Canary {
        let mut scan = self.borrow_mut();
        scan.ledger.plant(source, possible, shape, template)
    }

    fn sent(&self, planted: &[Slot], curl: &str, reply: Reply) {
        self.borrow_mut().ledger.sent(planted, curl, reply);
    }

    fn answers_plainly(&self, operation: &EndpointId, alike: [u64; 2]) {
        self.borrow_mut().ledger.answers_plainly(operation, alike);
    }

    fn let_in(&self, source: Source) {
        self.borrow_mut().ledger.let_in(source);
    }

    fn hide(&self, secrets: &[String]) {
        self.borrow_mut().masks.learn(secrets);
    }

    fn guess(&self, operation: &Arc<EndpointId>, input: &Input) -> Canary {
        self.borrow_mut().guessed.mint(operation, input)
    }

    fn guessed(&self, planted: Vec<Planted>) {
        self.borrow_mut().guessed.keep(planted);
    }

    fn take(&self, observation: &Observation) {
        self.borrow_mut().take(observation);
    }
}
