//! Inputs that nothing reveals: many candidate names in one request, each with a canary of its own.
//!
//! Owns: the names and how they travel together (`names`), and telling which of them an operation
//! reads ([`discover`]). Leaves out: sending one request (`send`), what makes two answers the same
//! (`compare`), and what is planted in an input once it is known (`plan`).
//!
//! A name is read if its value comes back where a nonsense name's does not, or if the answer changes
//! with it and with nothing else, noise apart; or if its value comes back in the answer of another
//! operation (`kept`). Reflected names name themselves; what changes the answer
//! is found by halves. The canaries here come from a key of their own: they tell names apart and
//! prove nothing, so they stand in no ledger, and a link that repeats them teaches the crawl nothing.

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

/// Bytes of a request line that stay free for the method, the version, and what is encoded.
const LINE: usize = 3450;

/// Requests beyond the batches: controls, halves, repeats.
const MAX_EXTRA: usize = 80;

/// Canaries of guesses that are listed, at most.
const MAX_KEPT: usize = 20_000;

/// Control requests that learn an answer's noise, at most.
const MAX_CONTROLS: usize = 4;

/// The names to seek in a scan, and what recognises the values that they are sent with.
#[derive(Debug)]
pub(crate) struct Guesses {
    names: Names,
    /// Made once: every answer is looked at.
    recogniser: Recogniser,
}

impl Guesses {
    /// Guesses under a run's key, and what will be known of them; their canaries come from a key of their
    /// own.
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

    /// Recognises the values that the names are sent with.
    pub(crate) const fn recogniser(&self) -> &Recogniser {
        &self.recogniser
    }

    /// True when names are sought in an operation with such a method.
    pub(crate) fn are_for(&self, method: Method) -> bool {
        self.names.are_for(method)
    }
}

/// What is known of the names that were sent.
#[derive(Debug)]
pub(crate) struct Guessed {
    mint: Mint,
    recogniser: Recogniser,
    kept: Kept,
    /// What was sent to operations that write: they may have kept it.
    sent: Vec<Planted>,
}

impl Guessed {
    /// Mints the value that an input is sent with.
    pub(crate) fn mint(&mut self, operation: &Arc<EndpointId>, input: &Input) -> Canary {
        let canary = self.mint.plant(Shape::Short);
        self.kept.sent(canary.slot, operation, input);
        canary
    }

    /// Looks for the values in an answer to a request that did not carry them.
    pub(crate) fn look(&mut self, observation: &Observation) {
        self.kept.look(observation, &self.recogniser);
    }

    /// The inputs that keep what they are sent, as far as answers have shown since the last time.
    pub(crate) fn kept(&mut self) -> Vec<(EndpointId, Input)> {
        self.kept.take()
    }

    /// Notes what was sent to an operation that writes.
    pub(crate) fn keep(&mut self, planted: Vec<Planted>) {
        if self.sent.len() < MAX_KEPT {
            self.sent.extend(planted);
        }
    }

    /// What was sent to operations that write, for cleaning up.
    pub(crate) fn into_planted(self) -> Vec<Planted> {
        self.sent
    }
}

/// Seeks the names that an operation reads beside those it is known to take. `base` is a request
/// that it takes well, with plain values; `seen` is its answer; `width` batches are sent at a time.
///
/// Sends one request a batch of names; more only where an answer differs or a value comes back.
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
    // Numbers count once they are seen to stand still: worth two requests where there are many.
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

/// True for answers that a program reads or a person does: no pictures, styles, scripts.
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
    /// It repeats names that it cannot know.
    echoes: bool,
    /// Requests that may still be spent beyond the batches.
    left: usize,
    found: Vec<Input>,
}

/// What a request with some names showed.
struct Shown {
    print: Option<Print>,
    outcome: Outcome,
    /// Which of the names came back.
    reflected: Vec<Input>,
}

impl<T: Transport, P: Progress> Search<'_, '_, T, P> {
    /// True where some of the names came back, or the answer is another.
    fn is_odd(&self, shown: &Shown) -> bool {
        let same = shown.print.as_ref().is_some_and(|p| self.is_same(p));
        !same || !shown.reflected.is_empty()
    }

    /// Finds the names that made an odd answer; false where there is no use in looking on.
    async fn look(&mut self, batch: Vec<Input>, shown: Shown) -> bool {
        // What was learnt from an earlier batch may explain this one.
        if !self.is_odd(&shown) {
            return true;
        }
        let Some(print) = shown.print else {
            return false;
        };
        if !self.explain(&batch, &print).await {
            return false;
        }
        // What repeats any name it gets changes with all of them.
        if self.echoes {
            return false;
        }
        let mut rest = batch;
        let mut reflected = shown.reflected;
        // One that came back may hide another: what is left is asked again.
        while !reflected.is_empty() && self.spend() {
            for input in &reflected {
                rest.retain(|other| other != input);
                // One that comes back among many may be any text: it is asked alone.
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

    /// Finds one name that changes the answer among some that do together.
    async fn halve(&mut self, names: &[Input]) -> Option<Input> {
        let mut names = names;
        while names.len() > 1 {
            let (head, tail) = names.split_at(names.len() / 2);
            names = if self.differs(head).await { head } else { tail };
            if self.left == 0 {
                return None;
            }
        }
        // Once more alone, and once with a name that nobody knows: noise would not keep to that.
        let one = names.first()?;
        let nonsense = Input::new(one.place, &nonsense(one.place, 0), Provenance::Guess);
        let certain = self.differs(std::slice::from_ref(one)).await
            && !self.differs(std::slice::from_ref(&nonsense)).await;
        certain.then(|| one.clone())
    }

    /// True when the answer to these names is another, noise apart.
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

    /// Learns what changes by itself, and what any names change, until an answer is explained or the
    /// controls are spent; false where the operation refuses what it does not know.
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

    /// One control: as many nonsense names as a batch has, the next time none.
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

    /// Keeps what was sent to an operation that writes.
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

/// A name that no application knows.
fn nonsense(place: Place, number: usize) -> String {
    let name = format!("zq{number}wvx");
    if place == Place::Header {
        format!("x-{name}")
    } else {
        name
    }
}
