//! Hidden inputs: tries many candidate names in one request, each with a canary of its own.
//!
//! Owns: the names and how they share requests (`names`), and finding out which of them an
//! operation reads ([`discover`]). Leaves out: sending one request (`send`), when two answers are
//! the same (`compare`), and what is planted in an input once it is known (`plan`).
//!
//! A name is read if its value comes back where the value of a nonsense name does not, if the
//! answer changes with it and with nothing else, apart from noise, or if its value comes back in
//! the answer of another operation (`kept`). A reflected value identifies its name; a name that
//! changes the answer is found by halving. The canaries used here come from a key of their own.
//! They distinguish names and prove nothing, so they are not in the ledger, and a link that repeats
//! them teaches the crawl nothing.

mod kept;
mod names;

use std::sync::Arc;

use futures::stream::{self, StreamExt};
use time::OffsetDateTime;

use crate::canary::{Canary, Mint, Recogniser, RunKey, Shape, Slot};
use crate::compare::{Noise, Print, same};
use crate::finding::{Planted, Role, Source};
use crate::http::{Method, Response, Transport};
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, RequestTemplate};
use crate::progress::Progress;
use crate::send::Executor;
use crate::surface::{Endpoint, EndpointId, Input, Place, Provenance};

use kept::Kept;

pub(crate) use names::Names;

/// The most bytes of a request line, leaving room for the method, the version, and encoding.
const LINE: usize = 3450;

/// The most requests beyond the batches: controls, halves, repeats.
const MAX_EXTRA: usize = 80;

/// The most canaries of guesses that are kept for cleaning up.
const MAX_KEPT: usize = 20_000;

/// The most control requests for learning an answer's noise.
const MAX_CONTROLS: usize = 4;

/// The names to try in a scan, and a recogniser for the values that are sent with them.
#[derive(Debug)]
pub(crate) struct Guesses {
    names: Names,
    /// Made once, because every answer is examined.
    recogniser: Recogniser,
}

impl Guesses {
    /// Creates the guesses of a run, and the empty record of what becomes of them. Their canaries
    /// come from a key derived from the run's.
    pub(crate) fn new(names: Names, run: RunKey) -> (Self, Guessed) {
        let mint = Mint::new(run.derived("hidden inputs"));
        let recogniser = mint.recogniser();
        let guessed = Guessed {
            recogniser: recogniser.clone(),
            mint,
            kept: Kept::default(),
            sent: Vec::new(),
        };
        (Self { names, recogniser }, guessed)
    }

    /// Returns the recogniser for the values that are sent with the names.
    pub(crate) const fn recogniser(&self) -> &Recogniser {
        &self.recogniser
    }

    /// Returns true if names are tried in an operation with such a method.
    pub(crate) fn are_for(&self, method: Method) -> bool {
        self.names.are_for(method)
    }
}

/// What is known about the names that were sent.
#[derive(Debug)]
pub(crate) struct Guessed {
    mint: Mint,
    recogniser: Recogniser,
    kept: Kept,
    /// What was sent to operations that write, because they may have kept it.
    sent: Vec<Planted>,
}

impl Guessed {
    /// Mints the value that is sent in an input.
    pub(crate) fn mint(&mut self, operation: &Arc<EndpointId>, input: &Input) -> Canary {
        let canary = self.mint.plant(Shape::Short);
        self.kept.sent(canary.slot, operation, input);
        canary
    }

    /// Looks for the values in an answer to a request that did not carry them.
    pub(crate) fn look(&mut self, observation: &Observation) {
        self.kept.look(observation, &self.recogniser);
    }

    /// Returns the inputs that turned out to keep what they are sent since the last call.
    pub(crate) fn kept(&mut self) -> Vec<(EndpointId, Input)> {
        self.kept.take()
    }

    /// Records what was sent to an operation that writes.
    pub(crate) fn keep(&mut self, planted: Vec<Planted>) {
        if self.sent.len() < MAX_KEPT {
            self.sent.extend(planted);
        }
    }

    /// Returns what was sent to operations that write, for cleaning up.
    pub(crate) fn into_planted(self) -> Vec<Planted> {
        self.sent
    }
}

/// Finds names that an operation reads in addition to the inputs that it is known to take.
///
/// `base` is a request with plain values that the operation accepts, and `seen` is its answer;
/// `width` batches are sent at a time. Sends one request per batch of names, and more only if an
/// answer differs or a value comes back.
pub(crate) async fn discover<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    endpoint: &Endpoint,
    base: &RequestTemplate,
    seen: &Observation,
    guesses: &Guesses,
    width: usize,
) -> Vec<Input> {
    let Some(answer) = seen.answer().filter(|answer| is_readable(answer)) else {
        return Vec::new();
    };
    let body = match base.body {
        BodyKind::Json => Some(Place::Json),
        BodyKind::Form => Some(Place::Form),
        BodyKind::Multipart => Some(Place::Multipart),
        BodyKind::None | BodyKind::Graphql => None,
    };
    let candidates: Vec<Input> = guesses
        .names
        .for_endpoint(endpoint, body)
        .into_iter()
        .filter(|input| executor.planner.may_plant(&endpoint.id, input))
        .collect();
    let line = seen
        .steps
        .first()
        .map_or(0, |step| step.request.url.as_str().len());
    let mut search = Search {
        executor,
        base,
        endpoint: Arc::new(endpoint.id.clone()),
        guesses,
        outcome: seen.outcome(),
        first: Print::of(answer, &[]),
        noise: Noise::default(),
        controls: Vec::new(),
        echoes: false,
        left: MAX_EXTRA,
        found: Vec::new(),
    };
    let batches = names::batches(&candidates, LINE.saturating_sub(line));
    // Numbers count only once they are seen to stand still. That is worth two requests if there are
    // many batches.
    if let [first, _, ..] = &batches[..]
        && !(search.control(first).await && search.control(first).await)
    {
        return Vec::new();
    }
    let shown: Vec<(Vec<Input>, Shown)> = stream::iter(batches)
        .map(|batch| async {
            let shown = search.send(&batch).await;
            (batch, shown)
        })
        .buffered(width.max(1))
        .filter(|(_, shown)| std::future::ready(search.is_odd(shown)))
        .collect()
        .await;
    for (batch, shown) in shown {
        if !search.look(batch, shown).await {
            break;
        }
    }
    search.found
}

/// Returns true for answers meant for programs or people: not pictures, styles or scripts.
fn is_readable(answer: &Response) -> bool {
    let kind = answer.media_type();
    let text = kind.is_empty()
        || kind.starts_with("text/")
        || kind.contains("json")
        || kind.contains("xml");
    text && !matches!(kind.as_str(), "text/css" | "text/javascript" | "text/csv")
}

/// The search in one operation.
struct Search<'a, 'b, T, P> {
    executor: &'a Executor<'b, T, P>,
    base: &'a RequestTemplate,
    guesses: &'a Guesses,
    endpoint: Arc<EndpointId>,
    /// How the operation took the request without any of the names.
    outcome: Outcome,
    first: Print,
    noise: Noise,
    controls: Vec<Print>,
    /// True if it repeats even names that it cannot know.
    echoes: bool,
    /// How many requests may still be spent beyond the batches.
    left: usize,
    found: Vec<Input>,
}

/// What a request with some names showed.
struct Shown {
    print: Option<Print>,
    outcome: Outcome,
    /// The names whose values came back.
    reflected: Vec<Input>,
}

impl<T: Transport, P: Progress> Search<'_, '_, T, P> {
    /// Returns true if some of the values came back, or if the answer differs.
    fn is_odd(&self, shown: &Shown) -> bool {
        let same = shown.print.as_ref().is_some_and(|p| self.is_same(p));
        !same || !shown.reflected.is_empty()
    }

    /// Finds the names that caused an odd answer. Returns false if further searching is pointless.
    async fn look(&mut self, batch: Vec<Input>, shown: Shown) -> bool {
        // What was learnt from an earlier batch may explain this answer.
        if !self.is_odd(&shown) {
            return true;
        }
        let Some(print) = shown.print else {
            return false;
        };
        if !self.explain(&batch, &print).await {
            return false;
        }
        // An operation that repeats any name changes its answer with all of them.
        if self.echoes {
            return false;
        }
        let mut rest = batch;
        let mut reflected = shown.reflected;
        // One name that came back may hide another, so the rest is asked again.
        while !reflected.is_empty() && self.spend() {
            for input in &reflected {
                rest.retain(|other| other != input);
                // Among many, a value that comes back may be any text, so its name is tried alone.
                if self.spend()
                    && self
                        .send(std::slice::from_ref(input))
                        .await
                        .came_back(input)
                {
                    self.found.push(input.clone());
                }
            }
            reflected = self.send(&rest).await.reflected;
            reflected.retain(|input| rest.contains(input));
        }
        while self.differs(&rest).await {
            let Some(one) = self.halve(&rest).await else {
                break;
            };
            rest.retain(|input| *input != one);
            self.found.push(one);
        }
        true
    }

    /// Finds one name that changes the answer, among some that do so together.
    async fn halve(&mut self, names: &[Input]) -> Option<Input> {
        let mut names = names;
        while names.len() > 1 {
            let (head, tail) = names.split_at(names.len() / 2);
            names = if self.differs(head).await { head } else { tail };
            if self.left == 0 {
                return None;
            }
        }
        // Try it once more alone, and once try a nonsense name: noise would not keep to that.
        let one = names.first()?;
        let nonsense = Input::new(one.place, &nonsense(one.place, 0), Provenance::Guess);
        let certain = self.differs(std::slice::from_ref(one)).await
            && !self.differs(std::slice::from_ref(&nonsense)).await;
        certain.then(|| one.clone())
    }

    /// Returns true if the answer to these names differs, apart from noise.
    async fn differs(&mut self, names: &[Input]) -> bool {
        if names.is_empty() || !self.spend() {
            return false;
        }
        let shown = self.send(names).await;
        shown.print.is_some_and(|print| !self.is_same(&print))
    }

    fn is_same(&self, print: &Print) -> bool {
        same(&self.first, print, &self.noise)
            || self
                .controls
                .iter()
                .any(|control| same(control, print, &self.noise))
    }

    /// Learns what changes by itself, and what any name changes, until an answer is explained or
    /// the controls are spent. Returns false if the operation refuses names that it does not know.
    async fn explain(&mut self, batch: &[Input], print: &Print) -> bool {
        while self.controls.len() < MAX_CONTROLS {
            if !self.controls.is_empty() && self.is_same(print) {
                break;
            }
            if !self.control(batch).await {
                return false;
            }
        }
        true
    }

    /// Sends one control: alternately with as many nonsense names as a batch has, and with none.
    async fn control(&mut self, batch: &[Input]) -> bool {
        if !self.spend() {
            return false;
        }
        let names: Vec<Input> = if self.controls.len().is_multiple_of(2) {
            let stand_in = |(i, input): (usize, &Input)| {
                Input::new(input.place, &nonsense(input.place, i), Provenance::Guess)
            };
            batch.iter().enumerate().map(stand_in).collect()
        } else {
            Vec::new()
        };
        let shown = self.send(&names).await;
        let Some(control) = shown.print else {
            return false;
        };
        if shown.outcome.worse_than(self.outcome) {
            return false;
        }
        self.echoes |= !shown.reflected.is_empty();
        self.controls.push(control);
        let mut all = vec![self.first.clone()];
        all.extend(self.controls.iter().cloned());
        self.noise = Noise::of(&all);
        true
    }

    fn spend(&mut self) -> bool {
        let may = self.left > 0;
        self.left -= usize::from(may);
        may
    }

    /// Records what was sent to an operation that writes.
    fn keep(&self, seen: &Observation, minted: &[(&Input, Canary)]) {
        let id = &self.base.endpoint;
        let Some(step) = seen.steps.first().filter(|_| !id.method.is_safe()) else {
            return;
        };
        if minted.is_empty() {
            return;
        }
        let curl = self.executor.owner.redactor().curl(&step.request);
        let at = OffsetDateTime::now_utc();
        let planted = minted.iter().map(|(input, canary)| Planted {
            source: Source {
                endpoint: id.clone(),
                place: input.place,
                input: input.name.clone(),
            },
            canary: canary.text.clone(),
            slot: canary.slot.0,
            shape: canary.shape.name(),
            at,
            status: step.response().map(|response| response.status),
            curl: Some(curl.clone()),
        });
        self.executor.owner.guessed(planted.collect());
    }

    /// Sends the base with some names, each with its own canary.
    async fn send(&self, names: &[Input]) -> Shown {
        let mut template = self.base.clone();
        let mut sent = Vec::new();
        let mut values = Vec::new();
        let mut minted = Vec::new();
        for input in names {
            let canary = self.executor.owner.guess(&self.endpoint, input);
            let slot = canary.slot;
            minted.push((input, canary.clone()));
            template = template.with(input, Fill::Plain(canary.text.clone().into()));
            values.push(canary.text);
            sent.push((slot, input));
        }
        let seen = self
            .executor
            .run_quietly(&Arc::new(template), Role::Control)
            .await;
        self.keep(&seen, &minted);
        let mut reflected = Vec::new();
        for answer in seen.steps.iter().filter_map(|step| step.response()) {
            let found = self.guesses.recogniser.scan(&answer.body);
            let mut slots: Vec<Slot> = found.iter().map(|m| m.slot).collect();
            for (_, value) in &answer.headers {
                slots.extend(
                    self.guesses
                        .recogniser
                        .scan(value.as_bytes())
                        .iter()
                        .map(|m| m.slot),
                );
            }
            for (slot, input) in &sent {
                if slots.contains(slot) && !reflected.contains(*input) {
                    reflected.push((*input).clone());
                }
            }
        }
        Shown {
            print: seen.answer().map(|answer| Print::of(answer, &values)),
            outcome: seen.outcome(),
            reflected,
        }
    }
}

impl Shown {
    fn came_back(&self, input: &Input) -> bool {
        self.reflected.contains(input)
    }
}

/// Returns a name that no application knows.
fn nonsense(place: Place, number: usize) -> String {
    let name = format!("zq{number}wvx");
    if place == Place::Header {
        format!("x-{name}")
    } else {
        name
    }
}
