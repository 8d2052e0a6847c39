//! The crawl: from a base URL to the [`Surface`](crate::surface::Surface).
//!
//! Owns: [`Crawl`], the one task that holds the queue, the visited set and what is in flight; it is
//! done when both are empty. Leaves out: what is planted (`plan`), and what an answer proves
//! (`detect`).
//!
//! `begin` seeds the frontier, `ask` turns a path into a request, `answer` takes what comes back, and
//! `learn` reads it; `settle` tidies the surface once the frontier is dry, and unfolds what only the
//! whole shows. Extractors (`extract`), clues (`clues`) and guesses (`guess`) are pure functions beside
//! them.
//!
//! The crawl sends GETs, OPTIONS where it must know whether a route exists that a GET cannot tell,
//! and one POST to what looks like GraphQL, for its schema. It fetches nothing that [`may_send`](crate::policy::may_send) refuses.

mod absent;
mod act;
mod answer;
mod ask;
mod asking;
mod basis;
mod begin;
mod copies;
mod cors;
mod crowd;
mod demand;
mod drain;
mod frontier;
mod guess;
mod inputs;
mod job;
mod kin;
mod known;
mod learn;
mod mark;
mod outside;
mod place;
mod reach;
mod rename;
mod resolve;
mod sample;
mod settle;
mod siblings;
mod slug_segments;
pub mod survey;
mod tentative;
mod trace;
mod trouble;
mod unfold;
pub mod words;

use std::sync::Arc;

pub use keyspill_extract::pages as extract;
use keyspill_extract::shape;
pub use keyspill_extract::{clues, found, import};

use crate::canary::Recogniser;
use crate::finding::Problem;
use crate::http::{Failure, Method, Request, Response, Transport};
use crate::progress::Progress;
use crate::sentences::Sentences;
use crate::settings::Settings;
use crate::surface::{Endpoint, Provenance};
use asking::Asking;
use job::{Job, Why};
pub use known::Known;
pub(crate) use reach::{is_there, rank, said};
use trouble::Troubles;

pub use clues::errors::check as check_sentences;
pub(crate) use drain::CrawlOwner;
pub(crate) use drain::drain;

/// The crawl of one target: what is known of it, and what is still to be asked.
pub struct Crawl {
    /// What answers have shown.
    pub known: Known,
    asking: Asking,
    settings: Settings,
    /// The sentences in which errors name inputs.
    sentences: Arc<Sentences>,
    /// The tester's word list.
    words: Vec<String>,
    troubles: Troubles,
    started: bool,
    seed: String,
    /// Recognises the values that guessed names of inputs were sent with.
    guesses: Option<Recogniser>,
}

impl Crawl {
    /// A crawl that has not begun.
    ///
    /// `seed` decides which nonsense paths its controls ask for.
    pub fn new(settings: &Settings, seed: &str) -> Self {
        // Three GETs an endpoint, and room for guesses and controls.
        let most = settings.max_endpoints.saturating_mul(3).saturating_add(500);
        Self {
            known: Known::default(),
            asking: Asking::new(most),
            settings: settings.clone(),
            sentences: Arc::default(),
            words: Vec::new(),
            troubles: Troubles::default(),
            started: false,
            seed: seed.to_owned(),
            guesses: None,
        }
    }

    /// Links whose queries carry one of these canaries teach no inputs: keyspill has guessed them.
    #[must_use]
    pub fn with_guesses(mut self, guesses: Recogniser) -> Self {
        self.guesses = Some(guesses);
        self
    }

    /// Errors name inputs in these sentences; without them, none is read.
    #[must_use]
    pub fn with_sentences(mut self, sentences: Arc<Sentences>) -> Self {
        self.sentences = sentences;
        self
    }

    /// Drains the frontier, as a scan does, and calls `sink` for every exchange.
    pub async fn run<T: Transport, P: Progress>(
        &mut self,
        http: &T,
        progress: &P,
        sink: &mut impl FnMut(&Request, &Result<Response, Failure>),
    ) -> Vec<Problem> {
        drain(&mut drain::Alone { crawl: self, sink }, http, progress).await
    }

    /// The next request that is worth sending.
    fn next_job(&mut self) -> Option<Job> {
        loop {
            let job = self.asking.frontier.next()?;
            if !self.may_fetch_again(&job) {
                continue;
            }
            let page = matches!(job.why, Why::Page) && job.method == Method::Get;
            if !page {
                return Some(job);
            }
            let template = shaped(job.url.path());
            if !self.known.copies.covers(&template) && self.known.slug_segments.may_fetch(&template)
            {
                return Some(job);
            }
        }
    }

    /// Adds an endpoint, unless there are far too many.
    fn add(&mut self, endpoint: Endpoint) -> bool {
        // What is beyond `max_endpoints` is listed, not tested; a list is bounded too.
        let most = self.settings.max_endpoints.saturating_mul(4).max(1_000);
        // Links come in thousands; half the room is for what forms, scripts and specifications show.
        let mut from = endpoint.provenance.iter();
        let linked = endpoint.inputs.is_empty() && from.all(|found| *found == Provenance::Link);
        let most = if linked { most / 2 } else { most };
        if self.known.surface.len() >= most && self.known.surface.get(&endpoint.id).is_none() {
            self.trouble("max-endpoints", "more endpoints than the scan keeps");
            return false;
        }
        self.known.surface.add(endpoint)
    }

    /// Drops what is remembered of pages.
    fn forget(&mut self) {
        self.known.forget();
        self.asking.forget();
    }
}

/// The template that a path has by itself.
fn shaped(path: &str) -> String {
    shape::shape(path, |_| false).template
}

#[cfg(test)]
mod tests;
