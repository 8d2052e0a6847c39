//! The crawl: from a base URL to the [`Surface`].
//!
//! Owns: [`Crawl`], the one task that holds the queue, the visited set and what is in flight; it is
//! done when both are empty. Extractors (`extract`), clues (`clues`) and guesses (`guess`) are pure
//! functions beside it. Leaves out: what is planted (`plan`), and what an answer proves (`detect`).
//!
//! The crawl sends GETs, OPTIONS where it must know whether a route exists that a GET cannot tell,
//! and one POST to what looks like GraphQL, for its schema. It fetches nothing that [`may_send`] refuses.

mod absent;
mod basis;
pub mod clues;
mod copies;
mod crowd;
mod demand;
pub mod extract;
pub mod found;
mod frontier;
mod guess;
pub mod import;
mod kin;
mod learn;
mod reach;
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

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use url::Url;

use crate::canary::Recogniser;
use crate::finding::Problem;
use crate::http::{Failure, FailureKind, Method, Request, Response, Transport, send_patiently};
use crate::policy::{may_carry, may_send};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Place, Provenance, Surface, Template};
use absent::Absent;
use basis::Doubt;
use copies::Copies;
use demand::Cookies;
use found::Found;
use frontier::{Frontier, Job, Why};
use reach::Reach;
use sample::Samples;
use siblings::Siblings;
use trouble::Troubles;

pub use found::is_csrf;

/// What every page request says that it takes.
const ACCEPT: &str = "text/html,application/json;q=0.9,*/*;q=0.8";

/// Answers that wait for an earlier one, for each request in flight.
const WAITING: usize = 4;

/// The crawl of one target.
pub struct Crawl {
    /// What was discovered so far.
    pub surface: Surface,
    settings: Settings,
    frontier: Frontier,
    absent: Absent,
    samples: Samples,
    siblings: Siblings,
    copies: Copies,
    /// What each page said when it was fetched first.
    said: HashMap<u64, u64>,
    cookies: Cookies,
    book: clues::source::Book,
    /// Prefixes under which blueprints are mounted, by file and variable.
    mounts: BTreeMap<(String, String), String>,
    reached: BTreeMap<EndpointId, Reach>,
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
    /// What a nonsense path of so many segments takes: a catch-all route.
    anything: BTreeMap<usize, BTreeSet<Method>>,
    /// Prefixes that got their guesses.
    guessed: BTreeSet<String>,
    /// Collections that got their guesses.
    collections: BTreeSet<String>,
    /// Directories of which a page was asked for data, and those that gave some.
    variants: BTreeSet<String>,
    negotiates: BTreeSet<String>,
    /// The tester's word list.
    words: Vec<String>,
    troubles: Troubles,
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
            samples: Samples::default(),
            siblings: Siblings::default(),
            copies: Copies::default(),
            said: HashMap::new(),
            cookies: Cookies::default(),
            book: clues::source::Book::default(),
            mounts: BTreeMap::new(),
            reached: BTreeMap::new(),
            read: HashSet::new(),
            refusals: HashSet::new(),
            slashless: BTreeSet::new(),
            dead: BTreeSet::new(),
            asked: BTreeSet::new(),
            anything: BTreeMap::new(),
            guessed: BTreeSet::new(),
            collections: BTreeSet::new(),
            variants: BTreeSet::new(),
            negotiates: BTreeSet::new(),
            words: Vec::new(),
            troubles: Troubles::default(),
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

    /// Drains the frontier: fetches pages, learns from each answer, and calls `sink` for every
    /// exchange, so that detectors see each page once. Called again, it goes on with what was learnt
    /// since.
    ///
    /// Stops early when the transport says that the budget is spent or the scan was stopped.
    pub async fn run<T: Transport, P: Progress>(
        &mut self,
        http: &T,
        progress: &P,
        sink: &mut impl FnMut(&Request, &Result<Response, Failure>),
    ) -> Vec<Problem> {
        if !self.started {
            self.started = true;
            self.start();
        }
        let width = self.settings.http.concurrency.max(1);
        let mut flight = FuturesUnordered::new();
        // Answers that came before an earlier one, by the number of their request.
        let mut early = BTreeMap::new();
        let (mut sent, mut taken) = (0_u64, 0_u64);
        let mut stopped = false;
        loop {
            while !stopped && flight.len() < width && early.len() < width * WAITING {
                let Some(job) = self.next_job() else {
                    break;
                };
                let number = sent;
                sent += 1;
                let mut request =
                    Request::new(job.method, job.url.clone()).with_header("accept", ACCEPT);
                if matches!(job.why, Why::Variant) {
                    request.set_header("accept", "application/json");
                }
                if matches!(job.why, Why::Schema) {
                    let body = serde_json::json!({"query": extract::graphql::INTROSPECTION});
                    request.set_header("content-type", "application/json");
                    request.body = body.to_string().into_bytes();
                }
                let http = http.clone();
                flight.push(async move {
                    let answer = send_patiently(&http, &request).await;
                    (number, job, request, answer)
                });
            }
            let Some((number, job, request, answer)) = flight.next().await else {
                if !stopped && self.unfold() {
                    continue;
                }
                break;
            };
            early.insert(number, (job, request, answer));
            while let Some((job, request, answer)) = early.remove(&taken) {
                taken += 1;
                progress.request();
                sink(&request, &answer);
                stopped |= self.take(job, &request, &answer);
            }
        }
        self.decide_rest();
        self.settle();
        self.told()
    }

    /// Takes over what the tester already knows, as [`import::read`] gives it. `name` is what the
    /// tester calls it, for problems. Gives how many operations were new.
    pub fn import(&mut self, name: &str, found: Found) -> usize {
        let base = without_userinfo(self.settings.target.base().clone());
        let before = self.surface.len();
        let calls = &found.calls;
        if calls.is_empty() {
            self.trouble("import-empty", &format!("{name} names no operation"));
        } else if !calls.iter().any(|call| self.resolve(call, &base).is_some()) {
            let count = calls.len();
            let text = format!("none of the {count} requests in {name} is in scope");
            self.trouble("import-out-of-scope", &text);
        }
        if found.cut {
            let text = format!("{name} holds more operations than the crawl reads");
            self.trouble("import-cut", &text);
        }
        self.learn_found(&Request::get(base), found);
        self.surface.len().saturating_sub(before)
    }

    /// Takes the tester's own paths to try, as [`words::paths`] gives them, before the crawl begins.
    /// They are tried below the base; a short list under each discovered prefix too.
    pub fn try_words(&mut self, words: Vec<String>) {
        let prefixes = if words.len() <= words::FEW {
            guess::MAX_PREFIXES
        } else {
            0
        };
        self.frontier.widen(words.len() * (prefixes + 1));
        self.words = words;
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

    fn start(&mut self) {
        let base = self.settings.target.base().clone();
        let prefix = self.settings.target.prefix().to_owned();
        let path = base.path().to_owned();
        let job = Job {
            method: Method::Get,
            url: without_userinfo(base),
            why: Why::Tentative(vec![guessed(&path, Provenance::Link)]),
        };
        self.frontier.admit(job, &path);
        self.control(&prefix, 0);
        self.control(&prefix, 1);
        self.guessed.insert(prefix.clone());
        let lists = [&guess::SPECIFICATIONS[..], &guess::FILES, &guess::ROOT];
        for path in lists.concat() {
            self.try_path(&format!("{prefix}{path}"), Provenance::Guess);
        }
        for directory in words::directories(&self.words) {
            self.control(&format!("{prefix}/{directory}"), 0);
        }
        self.try_words_below(&prefix);
    }

    /// Queues the tester's words below a prefix.
    fn try_words_below(&mut self, prefix: &str) {
        let words = std::mem::take(&mut self.words);
        let at_root = prefix == self.settings.target.prefix();
        for word in &words {
            let path = format!("{prefix}/{word}");
            let (path, query) = path.split_once('?').unwrap_or((&path, ""));
            let mut endpoint = guessed(path, Provenance::Wordlist);
            if let Err(why) = may_send(&self.settings, &endpoint.id, "") {
                if at_root {
                    self.trouble("wordlist-withheld", &format!("{path} was not tried: {why}"));
                }
                continue;
            }
            if endpoint.id.path.is_literal() {
                let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
                    .into_owned()
                    .collect();
                if let Err(why) = may_carry(&self.settings, &endpoint.id, &query)
                    && at_root
                {
                    let text = format!("{word} was tried without its query: {why}");
                    self.trouble("wordlist-withheld", &text);
                }
                for (name, value) in &query {
                    let input = found::input_of(Place::Query, name, value, Provenance::Wordlist);
                    endpoint.add_input(input);
                }
                self.try_with_query(path, &query, vec![endpoint]);
            } else if at_root {
                // Below a catch-all route every template would seem to exist.
                self.try_template(endpoint);
            }
        }
        self.words = words;
    }

    /// Queues a request for a path that no application has, in a directory.
    fn control(&mut self, directory: &str, number: usize) {
        let path = format!("{directory}/{}", absent::nonsense(&self.seed, number));
        let Some(url) = self.settings.target.url_for(&path) else {
            return;
        };
        let why = Why::Control(directory.to_owned());
        self.frontier.admit(
            Job {
                method: Method::Get,
                url,
                why,
            },
            &path,
        );
    }

    /// The next request that is worth sending.
    fn next_job(&mut self) -> Option<Job> {
        loop {
            let job = self.frontier.next()?;
            let page = matches!(job.why, Why::Page) && job.method == Method::Get;
            if !(page && self.copies.covers(&shaped(job.url.path()))) {
                return Some(job);
            }
        }
    }

    /// Asks whether a directory takes any name.
    fn ask_sibling(&mut self, directory: &str) {
        if !self.settings.methods.contains(&Method::Options) {
            return;
        }
        let path = format!("{directory}/{}", absent::nonsense(&self.seed, 2));
        if let Some(url) = self.settings.target.url_for(&path) {
            let job = Job {
                method: Method::Options,
                url,
                why: Why::Sibling(directory.to_owned()),
            };
            self.frontier.admit(job, &path);
        }
    }

    /// Asks for a schema where an answer or a path looks like GraphQL. The one POST of a crawl: it
    /// reads.
    fn ask_schema(&mut self, request: &Request, response: &Response) {
        let path = request.url.path();
        if request.method != Method::Get || !is_graphql(path, response) {
            return;
        }
        // GraphiQL is often served beside the endpoint.
        let beside = path
            .strip_suffix("/graphiql")
            .map(|parent| format!("{parent}/graphql"));
        for path in std::iter::once(path.to_owned()).chain(beside) {
            let id = EndpointId::new(Method::Post, &path);
            if may_send(&self.settings, &id, "").is_err() {
                continue;
            }
            if let Some(url) = self.settings.target.url_for(&path) {
                let job = Job {
                    method: Method::Post,
                    url,
                    why: Why::Schema,
                };
                self.frontier.admit(job, &path);
            }
        }
    }

    /// Queues a GET of a path that may exist.
    fn try_path(&mut self, path: &str, provenance: Provenance) {
        let endpoint = guessed(path, provenance);
        self.try_endpoints(path, vec![endpoint]);
    }

    /// Queues the request that tells whether endpoints of one path exist: a GET, or OPTIONS where a
    /// GET may not be sent or would only say that an item does not exist.
    fn try_endpoints(&mut self, path: &str, endpoints: Vec<Endpoint>) -> bool {
        let Some(first) = endpoints.first() else {
            return false;
        };
        let get = EndpointId {
            path: first.id.path.clone(),
            method: Method::Get,
        };
        let template = first.id.path.as_str().to_owned();
        let sendable = may_send(&self.settings, &get, "").is_ok();
        let method = if first.id.path.names().is_empty() && sendable {
            Method::Get
        } else {
            Method::Options
        };
        let may = method == Method::Get || self.settings.methods.contains(&method);
        let Some(url) = self.settings.target.url_for(path).filter(|_| may) else {
            return false;
        };
        if !self.settings.target.covers(&url) {
            return false;
        }
        if method == Method::Options {
            return self.ask_methods(url, endpoints);
        }
        let why = Why::Tentative(endpoints);
        self.frontier.admit(Job { method, url, why }, &template)
    }

    /// Queues the OPTIONS request that tells whether endpoints of one path exist.
    fn ask_methods(&mut self, mut url: Url, endpoints: Vec<Endpoint>) -> bool {
        let Some(template) = endpoints.first().map(|first| first.id.path.to_string()) else {
            return false;
        };
        if !self.settings.methods.contains(&Method::Options) {
            return false;
        }
        if let Some((directory, _)) = template.rsplit_once('/')
            && !directory.contains('{')
        {
            self.ask_sibling(directory);
        }
        if template.contains('{') {
            self.ask_anything(self.depth(&template));
        }
        url.set_query(None);
        let job = Job {
            method: Method::Options,
            url,
            why: Why::Tentative(endpoints),
        };
        self.frontier.admit(job, &template)
    }

    /// Takes one answer. True when the crawl must stop.
    fn take(&mut self, job: Job, request: &Request, answer: &Result<Response, Failure>) -> bool {
        let response = match answer {
            Ok(response) => response,
            Err(failure) => {
                let stop = matches!(failure.kind, FailureKind::Stopped | FailureKind::Budget);
                if let Why::Basis(question) = job.why {
                    self.hear(question, None);
                }
                if !stop && failure.kind != FailureKind::Scope {
                    self.trouble("crawl-failure", &failure.message);
                }
                return stop;
            }
        };
        // Busy: what it says is about the moment, not about the path.
        if matches!(response.status, 429 | 502..=504) && self.frontier.again(job.clone()) {
            return false;
        }
        let path = request.url.path();
        self.learn_refusal(request, response);
        match job.why {
            Why::Control(directory) => {
                self.absent.learn(&directory, path, response);
                if response.status == 405 {
                    self.learn_any(&directory, &extract::headers::allowed(response));
                }
                self.learn_control(request, response);
            }
            Why::Sibling(directory) => {
                if response.is_success() {
                    self.learn_any(&directory, &extract::headers::allowed(response));
                } else if matches!(response.status, 404 | 410) {
                    // Flask answers OPTIONS for whatever a rule matches: no rule takes any name.
                    let pages = self.frontier.crowds.open(crowd::Kind::Page, &directory);
                    self.frontier.let_in(pages);
                }
            }
            Why::Anything(depth) => {
                if response.is_success() {
                    let methods = extract::headers::allowed(response);
                    self.anything.insert(depth, methods.into_iter().collect());
                }
            }
            Why::Schema => {
                let answer = response.json().unwrap_or_default();
                for endpoint in extract::graphql::operations(&answer, path) {
                    self.add(endpoint);
                }
            }
            Why::Variant => {
                if self.take_variant(&job, response) {
                    self.learn(request, response);
                }
            }
            Why::Basis(question) => {
                if self.hear(question, Some((request, response))) {
                    self.note_page(request, response);
                    self.learn(request, response);
                }
            }
            Why::Page => {
                let gone = job.method == Method::Get && matches!(response.status, 404 | 410);
                if gone && self.absent.is_like_nonsense(response, path) {
                    self.dead.insert(path.to_owned());
                } else if !gone {
                    self.ask_schema(request, response);
                }
                self.note_page(request, response);
                self.learn(request, response);
            }
            Why::Tentative(endpoints) => {
                self.take_tentative(&job.url, endpoints, request, response);
            }
        }
        false
    }

    /// Notes what a page says: whether its query made a difference, whether it repeats another page.
    fn note_page(&mut self, request: &Request, response: &Response) {
        let path = request.url.path();
        let page = request.method == Method::Get && response.is_success();
        if !page || self.is_not_found(response, path) {
            return;
        }
        let said = absent::said(response);
        if let Some(before) = self.said.get(&frontier::mark(path)) {
            let jobs = self.frontier.crowds.judge(path, *before == said);
            self.frontier.let_in(jobs);
            return;
        }
        self.said.insert(frontier::mark(path), said);
        self.ask_variant(path, response);
        self.copies.note(&Template::new(&shaped(path)), path, said);
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
        self.copies = Copies::default();
        self.samples = Samples::default();
        self.said = HashMap::new();
        self.read = HashSet::new();
        self.asked = BTreeSet::new();
        self.book = clues::source::Book::default();
    }
}

/// True for a path or an answer of a GraphQL endpoint: its usual names, what it says to a request
/// without a query, a page to write queries in.
fn is_graphql(path: &str, response: &Response) -> bool {
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    if matches!(last, "graphql" | "graphiql" | "gql") {
        return true;
    }
    let text = response.text();
    if response.media_type().contains("html") {
        let marks = [
            "graphiql",
            "GraphiQL",
            "GraphQLPlayground",
            "EmbeddedSandbox",
        ];
        return marks.iter().any(|mark| text.contains(mark));
    }
    let says = ["Must provide query string", "No GraphQL query found"];
    says.iter().any(|words| text.contains(words))
}

/// The template that a path has by itself.
fn shaped(path: &str) -> String {
    shape::shape(path, |_| false).template
}

fn guessed(path: &str, provenance: Provenance) -> Endpoint {
    Endpoint::new(EndpointId::new(Method::Get, path), provenance)
}

fn without_userinfo(mut url: Url) -> Url {
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests;
