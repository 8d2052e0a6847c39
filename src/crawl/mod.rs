//! The crawl: from a base URL to the [`Surface`].
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
mod basis;
mod begin;
pub mod clues;
mod copies;
mod cors;
mod crowd;
mod demand;
mod drain;
pub mod extract;
pub mod found;
mod frontier;
mod guess;
pub mod import;
mod inputs;
mod job;
mod kin;
mod learn;
mod mark;
mod middles;
mod outside;
mod place;
mod reach;
mod rename;
mod resolve;
mod sample;
mod settle;
mod shape;
mod siblings;
pub mod survey;
mod tentative;
mod trace;
mod trouble;
pub mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::canary::Recogniser;
use crate::finding::{Imported, Problem};
use crate::http::{Failure, Method, Request, Response, Transport};
use crate::login;
use crate::progress::Progress;
use crate::sentences::Sentences;
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Provenance, Surface, Template};
use absent::Absent;
use basis::Doubt;
use copies::Copies;
use cors::Allowed;
use demand::Cookies;
use frontier::Frontier;
use job::{Job, Why};
use middles::Middles;
use outside::Outside;
use reach::Reach;
pub(crate) use reach::{is_there, rank, said};
use sample::Samples;
use siblings::Siblings;
use trouble::Troubles;

pub use clues::errors::check as check_sentences;
pub(crate) use drain::Owner;
pub(crate) use drain::drain;

/// The crawl of one target.
pub struct Crawl {
    /// What was discovered so far.
    pub surface: Surface,
    settings: Settings,
    frontier: Frontier,
    absent: Absent,
    /// What nonsense among items gets where a login is needed.
    refused: Absent,
    samples: Samples,
    siblings: Siblings,
    middles: Middles,
    copies: Copies,
    /// What each page said when it was fetched first.
    said: HashMap<u64, u64>,
    /// Which page linked which path.
    linked: HashSet<u64>,
    /// How often a URL was fetched.
    fetched: HashMap<u64, u8>,
    cookies: Cookies,
    allowed: Allowed,
    book: clues::source::Book,
    /// The sentences in which errors name inputs.
    sentences: Arc<Sentences>,
    /// Prefixes under which blueprints are mounted, by file and variable.
    mounts: BTreeMap<(String, String), String>,
    reached: BTreeMap<EndpointId, Reach>,
    /// What was read of each import, and the operations that it names.
    imported: Vec<(Imported, Vec<EndpointId>)>,
    /// Answers that were learnt from, so that the same page is not read again.
    read: HashSet<u64>,
    /// Texts of "not found" that were read.
    refusals: HashSet<u64>,
    /// Paths that only redirect to themselves with a slash at the end.
    slashless: BTreeSet<String>,
    /// Linked paths that the application does not know.
    dead: BTreeSet<String>,
    /// Templates whose methods were asked for.
    asked: BTreeSet<Template>,
    /// What texts tell of operations that are not known to exist.
    told: Vec<Endpoint>,
    /// What a nonsense path of so many segments takes: a catch-all route.
    anything: BTreeMap<usize, BTreeSet<Method>>,
    /// Prefixes that got their guesses.
    guessed: BTreeSet<String>,
    /// Collections that got their guesses.
    collections: BTreeSet<String>,
    /// Directories of which a page was asked for data, and those that gave some.
    variants: BTreeSet<String>,
    negotiates: BTreeSet<String>,
    /// What pages that were asked for data look like, by branch.
    variant_forms: HashSet<u64>,
    /// The tester's word list.
    words: Vec<String>,
    troubles: Troubles,
    /// Where links lead that are not the target's.
    outside: Outside,
    /// Specifications of which it is not known where their paths begin; none once it is.
    doubts: Vec<Option<Doubt>>,
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
            surface: Surface::default(),
            settings: settings.clone(),
            frontier: Frontier::new(most),
            absent: Absent::default(),
            refused: Absent::default(),
            samples: Samples::default(),
            siblings: Siblings::default(),
            middles: Middles::default(),
            copies: Copies::default(),
            said: HashMap::new(),
            linked: HashSet::new(),
            fetched: HashMap::new(),
            cookies: Cookies::default(),
            allowed: Allowed::default(),
            book: clues::source::Book::default(),
            sentences: Arc::default(),
            mounts: BTreeMap::new(),
            reached: BTreeMap::new(),
            imported: Vec::new(),
            read: HashSet::new(),
            refusals: HashSet::new(),
            slashless: BTreeSet::new(),
            dead: BTreeSet::new(),
            asked: BTreeSet::new(),
            told: Vec::new(),
            anything: BTreeMap::new(),
            guessed: BTreeSet::new(),
            collections: BTreeSet::new(),
            variants: BTreeSet::new(),
            negotiates: BTreeSet::new(),
            variant_forms: HashSet::new(),
            words: Vec::new(),
            troubles: Troubles::default(),
            outside: Outside::default(),
            doubts: Vec::new(),
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

    /// Drains the frontier, as [`drain`] does, and calls `sink` for every exchange.
    pub async fn run<T: Transport, P: Progress>(
        &mut self,
        http: &T,
        progress: &P,
        sink: &mut impl FnMut(&Request, &Result<Response, Failure>),
    ) -> Vec<Problem> {
        drain(&mut drain::Alone { crawl: self, sink }, http, progress).await
    }

    /// True for an answer that a nonsense path in the same place gets too: 404, or a catch-all page
    /// learnt from control requests.
    pub fn is_not_found(&self, response: &Response, path: &str) -> bool {
        self.absent.covers(response, path)
    }

    /// The best status that an operation was seen to answer with.
    pub fn reached(&self, id: &EndpointId) -> Option<u16> {
        self.reached.get(id).map(Reach::best)
    }

    /// True where an operation accepted something: a success, a redirect that asks for no login, or one
    /// that does after an account was made.
    pub(crate) fn accepted(&self, id: &EndpointId) -> bool {
        let made =
            |reach: &Reach| matches!(reach.best(), 300..=399) && login::signs_up(id.path.as_str());
        self.reached
            .get(id)
            .is_some_and(|reach| reach.accepted() || made(reach))
    }

    /// What an operation said when it last refused: its status, and the beginning of its text.
    pub(crate) fn refusal(&self, id: &EndpointId) -> Option<(u16, &str)> {
        self.reached.get(id)?.refusal()
    }

    /// The next request that is worth sending.
    fn next_job(&mut self) -> Option<Job> {
        loop {
            let job = self.frontier.next()?;
            if !self.may_fetch_again(&job) {
                continue;
            }
            let page = matches!(job.why, Why::Page) && job.method == Method::Get;
            if !page {
                return Some(job);
            }
            let template = shaped(job.url.path());
            if !self.copies.covers(&template) && self.middles.may_fetch(&template) {
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
        if self.surface.len() >= most && self.surface.get(&endpoint.id).is_none() {
            self.trouble("max-endpoints", "more endpoints than the scan keeps");
            return false;
        }
        self.surface.add(endpoint)
    }

    /// The template that a request's path belongs to.
    fn template_of(&self, path: &str) -> Template {
        match self.surface.template_of(path) {
            Some(template) => template.clone(),
            None => Template::new(&shaped(path)),
        }
    }

    /// Drops what is remembered of pages.
    fn forget(&mut self) {
        self.frontier.forget();
        self.siblings = Siblings::default();
        self.middles = Middles::default();
        self.copies = Copies::default();
        self.samples = Samples::default();
        self.said = HashMap::new();
        self.linked = HashSet::new();
        self.fetched = HashMap::new();
        self.read = HashSet::new();
        self.asked = BTreeSet::new();
        self.told = Vec::new();
        self.book = clues::source::Book::default();
    }
}

/// The template that a path has by itself.
fn shaped(path: &str) -> String {
    shape::shape(path, |_| false).template
}

#[cfg(test)]
mod tests;
