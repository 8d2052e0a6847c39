//! The rounds: crawl and plant, and read everything again at the end.
//!
//! Owns: what is new in a round, and the order of operations. Leaves out: the ladder of one operation
//! (`send`), slow operations (`rounds/late.rs`).

mod late;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};

use super::agenda::{Todo, turn};
use super::fixed;
use super::scan::Scan;
use crate::canary::Slot;
use crate::crawl::{self, Crawl};
use crate::discovery::{self, Guesses};
use crate::finding::{Problem, Role};
use crate::http::{ACCEPT, Failure, Hop, Phase, Request, Response, Transport};
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, RequestTemplate, bodies};
use crate::policy;
use crate::progress::{Progress, Stop};
use crate::send::{self, Executor, climb, later_pages, page_of};
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Input, Place, Provenance};

/// The maximum number of rounds; what the last one reveals is listed but not followed.
const MAX_ROUNDS: usize = 4;
/// How many times per round the baseline of one operation is sent again with what its refusal revealed.
const MAX_ASKED: usize = 12;
/// The number of ids read per list.
const LISTED: usize = 4;
/// The number of further pages read per list.
const MAX_PAGES: usize = 4;
/// The number of ids of each list that are looked at right after a plant.
const NEAR_LISTED: usize = 4;

/// A scan under way.
pub(super) struct Scheduler<'a, 's, T, P> {
    settings: &'a Settings,
    executor: &'a Executor<'a, T, P>,
    /// Everything known so far; borrowed only between two waits.
    scan: &'a RefCell<Scan<'s>>,
    stop: &'a Stop,
    /// Names of inputs that nothing reveals.
    guesses: &'a Guesses,
}

impl<'a, 's, T: Transport, P: Progress> Scheduler<'a, 's, T, P> {
    pub(super) const fn new(
        settings: &'a Settings,
        executor: &'a Executor<'a, T, P>,
        scan: &'a RefCell<Scan<'s>>,
        stop: &'a Stop,
        guesses: &'a Guesses,
    ) -> Self {
        Self {
            settings,
            executor,
            scan,
            stop,
            guesses,
        }
    }

    /// Runs all rounds, then the reading phase.
    pub(super) async fn travel(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for round in 0..MAX_ROUNDS {
            if !self.settings.dry_run {
                self.executor.http.enter(Phase::Crawl);
            }
            problems.extend(self.crawl_once().await);
            if self.settings.dry_run {
                for line in self.scan.borrow().plan() {
                    self.executor.progress.note(&line);
                }
                return problems;
            }
            self.executor.http.enter(Phase::Explore);
            if round == 0 {
                for template in fixed::requests(&self.settings.target) {
                    // An answer to our own odd path teaches nothing about the application's paths.
                    let seen = self
                        .executor
                        .run_quietly(&Arc::new(template), Role::Read)
                        .await;
                    self.scan.borrow_mut().look(&seen);
                }
            }
            let todo = self.scan.borrow().todo();
            if todo.is_empty() || self.stop.is_set() || self.is_spent().await {
                break;
            }
            self.plant(&todo).await;
        }
        self.read().await;
        // Reading has shown that an operation stores values under names that nothing revealed.
        if self.scan.borrow_mut().learn_kept() && !self.stop.is_set() {
            let todo = self.scan.borrow().todo();
            self.plant(&todo).await;
            self.read().await;
        }
        self.try_late().await;
        problems
    }

    /// Resumes what the budget had cut short, with what proving left of it; work already begun comes
    /// first.
    pub(super) async fn go_on(&self) -> Vec<Problem> {
        self.executor.http.enter(Phase::Rest);
        self.plant_new().await;
        let problems = self.crawl_once().await;
        self.plant_new().await;
        problems
    }

    async fn plant_new(&self) {
        let todo = self.scan.borrow().todo();
        if !todo.is_empty() && !self.stop.is_set() {
            self.plant(&todo).await;
            self.read().await;
        }
    }

    /// Returns true if the phase may not send anything more.
    async fn is_spent(&self) -> bool {
        !self.executor.http.rest(Duration::ZERO).await
    }

    /// Drains the crawl's frontier and looks at every page as it arrives.
    async fn crawl_once(&self) -> Vec<Problem> {
        self.executor.progress.phase("crawl", None);
        crawl::drain(
            &mut Lent(self.scan),
            self.executor.http,
            self.executor.progress,
        )
        .await
    }

    async fn plant(&self, todo: &[Todo]) {
        self.executor.progress.phase("plant", None);
        // Each group finishes before the next begins, so that reads see the state before writes.
        let group = |endpoint: &Endpoint| {
            let dangerous = policy::danger(&endpoint.id, &endpoint.summary).is_some();
            (dangerous, turn(endpoint))
        };
        for chunk in todo.chunk_by(|left, right| group(&left.0) == group(&right.0)) {
            let climbs: Vec<_> = stream::iter(chunk)
                .map(|(endpoint, only)| async {
                    let climb = self.climb_one(endpoint, only.as_ref()).await;
                    (climb, self.is_spent().await)
                })
                .buffer_unordered(self.settings.http.abreast())
                .collect()
                .await;
            for ((endpoint, broken), cut) in climbs {
                // What was cut short is started again if some budget is left for it.
                let explored = &mut self.scan.borrow_mut().explored;
                if !cut {
                    explored.cover(&endpoint);
                }
                explored.broke(endpoint.id, broken);
            }
        }
    }

    /// Climbs one operation; returns it as known afterwards, and the values that broke it.
    async fn climb_one(
        &self,
        endpoint: &Endpoint,
        only: Option<&BTreeSet<(Place, String)>>,
    ) -> (Endpoint, Vec<(Arc<RequestTemplate>, Input)>) {
        let mut broken = Vec::new();
        let mut known = endpoint.clone();
        let mut climbed = Vec::new();
        let mut asked = 0;
        let mut stamped = false;
        while let Some(body) = bodies(&known).into_iter().find(|b| !climbed.contains(b)) {
            let baseline = self
                .executor
                .run(
                    &Arc::new(self.executor.planner.baseline(&known, body)),
                    Role::Baseline,
                )
                .await;
            let Some(baseline) = self.answered(baseline).await else {
                let explored = &mut self.scan.borrow_mut().explored;
                explored.put_off(endpoint.id.clone());
                break;
            };
            if asked < MAX_ASKED
                && let Some(better) = self.scan.borrow().better(&known, body, &baseline)
            {
                asked += 1;
                known = better;
                continue;
            }
            if !stamped && let Some(better) = self.with_fresh_stamps(&known, body, &baseline).await
            {
                stamped = true;
                known = better;
                continue;
            }
            climbed.push(body);
            let narrowed = |input: &Input| {
                // What was learnt just now is new as well.
                only.is_none_or(|o| o.contains(&(input.place, input.name.clone())))
                    || endpoint.input(input.place, &input.name).is_none()
            };
            self.discover(&known, body, &baseline).await;
            let ladder = self.executor.planner.ladder(&known, body, Some(&narrowed));
            let mut climb = climb(self.executor, ladder, Some(baseline)).await;
            if !climb.numbers.is_empty() {
                known = self.scan.borrow_mut().want_numbers(&known, &climb.numbers);
                let ladder = self.executor.planner.ladder(&known, body, Some(&narrowed));
                climb = send::climb(self.executor, ladder, None).await;
            }
            if let Some((stored, planted)) = climb.stored.filter(|_| writes(&known, self.executor))
            {
                self.look_by_name(&stored, &planted).await;
            }
            self.scan
                .borrow_mut()
                .open(&known.id, &climb.lets_in, climb.opened);
            broken.extend(climb.broken);
            if let Some(create) = climb.exchange.filter(|_| writes(&known, self.executor)) {
                self.look_near(&known.id, &create).await;
            }
        }
        (known, broken)
    }

    /// Seeks inputs that nothing reveals, once per operation; the next round plants in them.
    async fn discover(&self, endpoint: &Endpoint, body: BodyKind, baseline: &Observation) {
        if !self.guesses.are_for(endpoint.id.method)
            || matches!(baseline.outcome(), Outcome::Broken | Outcome::Failed)
            || baseline.answer().is_none_or(|answer| answer.status == 404)
            || !self.scan.borrow_mut().explored.searches(&endpoint.id)
        {
            return;
        }
        let base = self.executor.planner.baseline(endpoint, body);
        let found = discovery::discover(
            self.executor,
            endpoint,
            &base,
            baseline,
            self.guesses,
            self.settings.http.concurrency,
        )
        .await;
        let surface = &mut self.scan.borrow_mut().crawl.known.surface;
        surface.add_inputs(&endpoint.id, found);
    }

    /// Returns the operation with those hidden fields marked as CSRF tokens that change at each fetch,
    /// if a refused baseline passes with fresh values in them.
    async fn with_fresh_stamps(
        &self,
        known: &Endpoint,
        body: BodyKind,
        baseline: &Observation,
    ) -> Option<Endpoint> {
        if !matches!(baseline.outcome(), Outcome::Refused | Outcome::Rejected) {
            return None;
        }
        let renewed = self.executor.renewed(&baseline.template).await;
        if renewed.is_empty() {
            return None;
        }
        let csrf = |input: &mut Input| input.csrf = true;
        let mut better = known.clone();
        better.change_inputs(&renewed, csrf);
        let template = Arc::new(self.executor.planner.baseline(&better, body));
        let seen = self.executor.run(&template, Role::Baseline).await;
        // A different status means that the request got further: some other part of it is wrong now.
        let status = |seen: &Observation| seen.answer().map(|answer| answer.status);
        if seen.outcome() != Outcome::Success && status(&seen) == status(baseline) {
            return None;
        }
        self.scan.borrow_mut().note(&known.id, &renewed, csrf);
        Some(better)
    }

    /// Looks for a stored value under the name that it was just given.
    async fn look_by_name(&self, stored: &RequestTemplate, planted: &[Slot]) {
        let reads = self.scan.borrow().reads_by_name(stored, planted);
        for read in reads {
            self.executor.run(&read, Role::Read).await;
        }
    }

    /// Looks for a stored value right after it was planted: in the reads near it, and in the details of
    /// the first and last entries of the lists beside it.
    async fn look_near(&self, planted: &EndpointId, create: &Hop) {
        let (reads, lists) = self.scan.borrow().reads_near(planted, create);
        for template in reads {
            self.executor.run(&Arc::new(template), Role::Read).await;
        }
        let lists = self.read_all(&lists).await;
        let details = self.scan.borrow_mut().listed(&lists, NEAR_LISTED);
        for template in details {
            self.executor.run(&template, Role::Read).await;
        }
    }

    /// Fetches everything again, and once more after the settling time, for the sake of queues.
    async fn read(&self) {
        if self.stop.is_set() {
            return;
        }
        let mut reads = self.scan.borrow().reads();
        let total = u64::try_from(reads.len()).ok();
        self.executor.progress.phase("read", total);
        let mut lists = self.read_all(&reads).await;
        let pages = self.further_pages(&lists).await;
        reads.extend(pages.iter().map(|page| Arc::clone(&page.template)));
        lists.extend(pages);
        let details = self.scan.borrow_mut().listed(&lists, LISTED);
        self.read_all(&details).await;
        reads.extend(details);
        let settle = self.settings.settle;
        if !settle.is_zero() && self.executor.http.rest(settle).await {
            self.read_all(&reads).await;
        }
    }

    /// Reads further pages of lists, where the most recently stored values often are.
    async fn further_pages(&self, lists: &[Observation]) -> Vec<Observation> {
        let mut pages: Vec<Observation> = Vec::new();
        for list in lists {
            let mut seen = BTreeSet::new();
            let mut named = named_pages(list);
            for _ in 0..MAX_PAGES {
                named.retain(|page| !seen.contains(page));
                let Some(next) = named.first().cloned() else {
                    break;
                };
                seen.insert(next.clone());
                let template = Arc::new(page_of(&list.template, next));
                let page = self.executor.run(&template, Role::Read).await;
                // The pages that the last page names are also near the end.
                named.splice(0..0, named_pages(&page));
                pages.push(page);
            }
        }
        pages
    }

    /// Sends the reads, and returns the answers that list ids.
    async fn read_all(&self, reads: &[Arc<RequestTemplate>]) -> Vec<Observation> {
        stream::iter(reads)
            .map(|template| self.executor.run(template, Role::Read))
            .buffer_unordered(self.settings.http.concurrency.max(1))
            .filter(|seen| {
                let list = seen.template.endpoint.path.names().is_empty()
                    && seen.last_answer().is_some_and(Response::is_success);
                std::future::ready(list)
            })
            .collect()
            .await
    }
}

/// Returns the other pages that a page of a list names.
fn named_pages(list: &Observation) -> Vec<String> {
    let last = list.steps.last();
    let pages = last.and_then(|step| Some(later_pages(&step.request.url, step.response()?)));
    pages.unwrap_or_default()
}

/// Returns true for operations after which stored values are looked for at once: writes, and reads that
/// take a credential.
fn writes<T, P>(endpoint: &Endpoint, executor: &Executor<'_, T, P>) -> bool {
    !endpoint.id.method.is_safe()
        || endpoint.inputs.iter().any(|input| {
            input.place == Place::Query && executor.planner.is_credential(&endpoint.id, input)
        })
}

/// Lends the crawl to the code that drives it.
struct Lent<'a, 's>(&'a RefCell<Scan<'s>>);

impl crawl::CrawlOwner for Lent<'_, '_> {
    fn lend<R>(&mut self, work: impl FnOnce(&mut Crawl) -> R) -> R {
        work(&mut self.0.borrow_mut().crawl)
    }

    fn look(&mut self, request: &Request, outcome: &Result<Response, Failure>) {
        let mut scan = self.0.borrow_mut();
        if let Some(took) = late::took(scan.settings, outcome) {
            scan.explored.note_time(request.url.path(), took);
        }
        scan.look(&page(request, outcome));
    }
}

/// Converts a crawled page to an observation.
fn page(request: &Request, outcome: &Result<Response, Failure>) -> Observation {
    let url = &request.url;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    // An unusual `Accept` header is part of the proof.
    let asked = request.header("accept").filter(|asked| *asked != ACCEPT);
    let fills = asked.map(|asked| {
        let input = Input::new(Place::Header, "accept", Provenance::Guess);
        (
            input,
            Fill::Plain(serde_json::Value::String(asked.to_owned())),
        )
    });
    Observation {
        template: Arc::new(RequestTemplate {
            fills: fills.into_iter().collect(),
            path: Some(path),
            ..RequestTemplate::bare(EndpointId::new(request.method, url.path()))
        }),
        planted: Vec::new(),
        role: Role::Read,
        steps: vec![Hop {
            request: request.clone(),
            outcome: outcome.clone(),
        }],
    }
}
