//! The rounds: crawl, plant, and at the end read everything again.
//!
//! Owns: what is new in a round, and the order of operations. Leaves out: one operation's ladder
//! (`send`), what is slow (`rounds/late.rs`).

mod late;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream::{self, StreamExt};

use super::{fixed, locked};
use crate::canary::Slot;
use crate::crawl::Crawl;
use crate::finding::{Problem, Role};
use crate::hidden::{self, Guesses};
use crate::http::{ACCEPT, Failure, Method, Phase, Request, Response, Step, Transport};
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, Recipe, bodies, dress, order, read_body};
use crate::policy;
use crate::progress::{Progress, Stop};
use crate::send::{
    self, Bench, climb, detail, later_pages, listed_ids, lists_for, named_reads, near_reads,
    page_of, related_details, sent_values,
};
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Input, Place, Provenance, TypeHint};

/// Rounds at most: what the fourth reveals is listed and not followed.
const MAX_ROUNDS: usize = 4;
/// Times that one operation's baseline is sent anew in a round, with what its refusal has shown.
const MAX_ASKED: usize = 12;
/// Sample paths of one template that are read in the reading phase.
const READ_SAMPLES: usize = 3;

/// Ids of one list that are read.
const LISTED: usize = 4;
/// Further pages of one list that are read.
const MAX_PAGES: usize = 4;
/// Lists, and ids of each, that are looked at right after a plant.
const NEAR_LISTS: usize = 2;
const NEAR_LISTED: usize = 4;

/// What climbing the ladders has shown beyond single observations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Climbed {
    /// Recipes that passed where the baseline was refused.
    pub(crate) opened: Vec<Arc<Recipe>>,
    /// Values that broke an operation, by operation.
    pub(crate) broken: BTreeMap<EndpointId, Vec<(Arc<Recipe>, Input)>>,
}

/// An operation to climb, and the inputs that are new (`None`: all).
type Todo = (Endpoint, Option<BTreeSet<(Place, String)>>);

/// What was known of an operation when it was climbed.
#[derive(Debug, Default)]
struct Covered {
    inputs: BTreeMap<(Place, String), TypeHint>,
    body: Option<Place>,
}

impl Covered {
    fn of(endpoint: &Endpoint) -> Self {
        let inputs = endpoint.inputs.iter();
        Self {
            inputs: inputs
                .map(|input| ((input.place, input.name.clone()), typed(input)))
                .collect(),
            body: endpoint.body,
        }
    }

    /// True where a type or the kind of body was learnt since: plain values would differ.
    fn is_outdated(&self, endpoint: &Endpoint) -> bool {
        self.body != endpoint.body
            || endpoint.inputs.iter().any(|input| {
                let known = self.inputs.get(&(input.place, input.name.clone()));
                known.is_some_and(|known| *known != typed(input))
            })
    }
}

/// What values an input takes, without the values that were seen.
fn typed(input: &Input) -> TypeHint {
    TypeHint {
        example: None,
        ..input.hint.clone()
    }
}

/// A scan under way.
pub(super) struct Road<'a, T, P> {
    settings: &'a Settings,
    bench: &'a Bench<'a, T, P>,
    crawl: &'a Mutex<Crawl>,
    /// Looks at what the crawl has learnt from already.
    look: &'a (dyn Fn(&Observation) + Sync),
    stop: &'a Stop,
    /// Names of inputs that nothing reveals.
    guesses: &'a Guesses,
    /// Operations in which they were sought.
    sought: Mutex<BTreeSet<EndpointId>>,
    /// What each operation was climbed with.
    covered: BTreeMap<EndpointId, Covered>,
    /// Values that broke an operation, by operation.
    broken: BTreeMap<EndpointId, Vec<(Arc<Recipe>, Input)>>,
    /// Recipes that got past a refusal, as they are found.
    opened: Mutex<Vec<Arc<Recipe>>>,
    /// Details that were read, by operation and id.
    read_ids: Mutex<BTreeSet<(EndpointId, String)>>,
    /// Operations that gave no answer and wait for the end.
    put_off: Mutex<BTreeSet<EndpointId>>,
    /// Slow pages, and how long they took.
    times: Mutex<Vec<(String, Duration)>>,
}

impl<'a, T: Transport, P: Progress> Road<'a, T, P> {
    pub(super) fn new(
        settings: &'a Settings,
        bench: &'a Bench<'a, T, P>,
        crawl: &'a Mutex<Crawl>,
        look: &'a (dyn Fn(&Observation) + Sync),
        stop: &'a Stop,
        guesses: &'a Guesses,
    ) -> Self {
        Self {
            settings,
            bench,
            crawl,
            look,
            stop,
            guesses,
            sought: Mutex::default(),
            covered: BTreeMap::new(),
            broken: BTreeMap::new(),
            opened: Mutex::default(),
            read_ids: Mutex::default(),
            put_off: Mutex::default(),
            times: Mutex::default(),
        }
    }

    /// What the ladders have shown, in order.
    pub(super) fn climbed(&self) -> Climbed {
        let mut opened = locked(&self.opened).clone();
        opened.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        Climbed {
            opened,
            broken: self.broken.clone(),
        }
    }

    /// The operations that were climbed whole.
    pub(super) fn done(&self) -> BTreeSet<EndpointId> {
        self.covered.keys().cloned().collect()
    }

    /// All rounds, then the reading phase.
    pub(super) async fn travel(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for round in 0..MAX_ROUNDS {
            if !self.settings.dry_run {
                self.bench.http.enter(Phase::Crawl);
            }
            problems.extend(self.crawl_once().await);
            if self.settings.dry_run {
                self.show_plan();
                return problems;
            }
            self.bench.http.enter(Phase::Explore);
            if round == 0 {
                for recipe in fixed::requests(&self.settings.target) {
                    // An answer to our own odd path teaches nothing about the application's.
                    let seen = self.bench.run_quietly(&Arc::new(recipe), Role::Read).await;
                    (self.look)(&seen);
                }
            }
            let todo = self.todo();
            if todo.is_empty() || self.stop.is_set() || self.is_spent().await {
                break;
            }
            self.plant(&todo).await;
        }
        self.read().await;
        // What was read has shown that an operation keeps what nobody told of.
        if self.learn_kept() && !self.stop.is_set() {
            let todo = self.todo();
            self.plant(&todo).await;
            self.read().await;
        }
        self.try_late().await;
        problems
    }

    /// Goes on with what the budget has cut short, now that proving has left some of it: first with what
    /// was begun.
    pub(super) async fn go_on(&mut self) -> Vec<Problem> {
        self.bench.http.enter(Phase::Rest);
        self.plant_new().await;
        let problems = self.crawl_once().await;
        self.plant_new().await;
        problems
    }

    async fn plant_new(&mut self) {
        let todo = self.todo();
        if !todo.is_empty() && !self.stop.is_set() {
            self.plant(&todo).await;
            self.read().await;
        }
    }

    /// True where the phase may send nothing more.
    async fn is_spent(&self) -> bool {
        !self.bench.http.rest(Duration::ZERO).await
    }

    /// Adds the hidden inputs whose values other operations served; true where there are any.
    fn learn_kept(&self) -> bool {
        let mut crawl = locked(self.crawl);
        let mut any = false;
        for (id, input) in self.guesses.kept() {
            if let Some(endpoint) = crawl.surface.get_mut(&id)
                && endpoint.input(input.place, &input.name).is_none()
            {
                any |= endpoint.add_input(input);
            }
        }
        any
    }

    /// Drains the crawl's frontier; every page is looked at as it lands.
    async fn crawl_once(&self) -> Vec<Problem> {
        self.bench.progress.phase("crawl", None);
        // The crawl holds its own state while it runs. A page needs no surface to be looked at: its
        // sink is named by its path, and settled later.
        let mut crawl = std::mem::replace(&mut *locked(self.crawl), Crawl::new(self.settings, ""));
        let problems = crawl
            .run(
                self.bench.http,
                self.bench.progress,
                &mut |request, outcome| {
                    self.note_time(request, outcome);
                    (self.look)(&page(request, outcome));
                },
            )
            .await;
        *locked(self.crawl) = crawl;
        problems
    }

    /// Operations with inputs that no ladder has covered yet, reads before writes.
    fn todo(&self) -> Vec<Todo> {
        let crawl = locked(self.crawl);
        let mut todo = Vec::new();
        let mut room = self
            .settings
            .max_endpoints
            .saturating_sub(self.covered.len());
        for endpoint in crawl.surface.iter() {
            if policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_err() {
                continue;
            }
            let inputs: BTreeSet<(Place, String)> = endpoint
                .inputs
                .iter()
                .map(|input| (input.place, input.name.clone()))
                .collect();
            match self.covered.get(&endpoint.id) {
                None if room == 0 => {}
                None => {
                    room -= 1;
                    todo.push((endpoint.clone(), None));
                }
                Some(covered) => {
                    let new: BTreeSet<_> = inputs
                        .into_iter()
                        .filter(|input| !covered.inputs.contains_key(input))
                        .collect();
                    // An operation that never got past its checks was not tested yet.
                    let failed = crawl
                        .reached(&endpoint.id)
                        .is_none_or(|status| status >= 400);
                    if new.is_empty() && !(failed && covered.is_outdated(endpoint)) {
                        continue;
                    }
                    todo.push((endpoint.clone(), (!failed).then_some(new)));
                }
            }
        }
        // What looks dangerous and was allowed comes last of all. What is slow begins first: the others
        // go on beside it.
        let times = locked(&self.times);
        todo.sort_by_key(|(endpoint, _)| {
            let dangerous = policy::danger(&endpoint.id, &endpoint.summary).is_some();
            let slow = Reverse(late::time_of(&times, &endpoint.id));
            (dangerous, turn(endpoint), slow, endpoint.id.clone())
        });
        todo
    }

    async fn plant(&mut self, todo: &[Todo]) {
        self.bench.progress.phase("plant", None);
        // Each group is done before the next begins: reads see what was there before writes.
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
                // What was cut short is begun again, should there be something left for it.
                if !cut {
                    let covered = self.covered.entry(endpoint.id.clone()).or_default();
                    let Covered { inputs, body } = Covered::of(&endpoint);
                    covered.inputs.extend(inputs);
                    covered.body = body;
                }
                if !broken.is_empty() {
                    self.broken.entry(endpoint.id).or_default().extend(broken);
                }
            }
        }
    }

    /// Climbs one operation; gives it as it is known afterwards, and what broke it.
    async fn climb_one(
        &self,
        endpoint: &Endpoint,
        only: Option<&BTreeSet<(Place, String)>>,
    ) -> (Endpoint, Vec<(Arc<Recipe>, Input)>) {
        let mut broken = Vec::new();
        let mut known = endpoint.clone();
        let mut climbed = Vec::new();
        let mut asked = 0;
        let mut stamped = false;
        while let Some(body) = bodies(&known).into_iter().find(|b| !climbed.contains(b)) {
            let baseline = self
                .bench
                .run(
                    &Arc::new(self.bench.planner.baseline(&known, body)),
                    Role::Baseline,
                )
                .await;
            let Some(baseline) = self.answered(baseline).await else {
                locked(&self.put_off).insert(endpoint.id.clone());
                break;
            };
            if asked < MAX_ASKED
                && let Some(better) = self.better(&known, body, &baseline)
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
                // What was learnt just now is new too.
                only.is_none_or(|o| o.contains(&(input.place, input.name.clone())))
                    || endpoint.input(input.place, &input.name).is_none()
            };
            self.seek(&known, body, &baseline).await;
            let ladder = self.bench.planner.ladder(&known, body, Some(&narrowed));
            let mut climb = climb(self.bench, ladder, Some(baseline)).await;
            if !climb.numbers.is_empty() {
                known = self.want_numbers(&known, &climb.numbers);
                let ladder = self.bench.planner.ladder(&known, body, Some(&narrowed));
                climb = send::climb(self.bench, ladder, None).await;
            }
            if let Some((stored, planted)) = climb.stored.filter(|_| writes(&known, self.bench)) {
                self.look_by_name(&stored, &planted).await;
            }
            self.let_in(&known.id, &climb.lets_in);
            locked(&self.opened).extend(climb.opened);
            broken.extend(climb.broken);
            if let Some(create) = climb.exchange.filter(|_| writes(&known, self.bench)) {
                self.look_near(&known.id, &create).await;
            }
        }
        (known, broken)
    }

    /// Seeks inputs that nothing reveals, once an operation; the next round plants in them.
    async fn seek(&self, endpoint: &Endpoint, body: BodyKind, baseline: &Observation) {
        if !self.guesses.are_for(endpoint.id.method)
            || matches!(baseline.outcome(), Outcome::Broken | Outcome::Failed)
            || baseline.answer().is_none_or(|answer| answer.status == 404)
            || !locked(&self.sought).insert(endpoint.id.clone())
        {
            return;
        }
        let base = self.bench.planner.baseline(endpoint, body);
        let found = hidden::seek(
            self.bench,
            endpoint,
            &base,
            baseline,
            self.guesses,
            self.settings.http.concurrency,
        )
        .await;
        let mut crawl = locked(self.crawl);
        if let Some(known) = crawl.surface.get_mut(&endpoint.id) {
            for input in found {
                known.add_input(input);
            }
        }
    }

    /// The operation as its refusal of a baseline has shown it, where another baseline would now be sent:
    /// many applications name one fault at a time.
    fn better(&self, known: &Endpoint, body: BodyKind, seen: &Observation) -> Option<Endpoint> {
        let refused = seen
            .last_answer()
            .is_some_and(|answer| matches!(answer.status, 400 | 415 | 422));
        if !refused {
            return None;
        }
        let better = locked(self.crawl).surface.get(&known.id)?.clone();
        // What is sent counts, not what is known of it.
        let values = |endpoint: &Endpoint| -> Vec<(Place, String, Fill)> {
            let fills = self.bench.planner.baseline(endpoint, body).fills;
            let named = fills.into_iter();
            named
                .map(|(input, fill)| (input.place, input.name, fill))
                .collect()
        };
        let differs = bodies(&better) != bodies(known) || values(&better) != values(known);
        differs.then_some(better)
    }

    /// The operation with its hidden fields that are new at each fetch as CSRF tokens, where a refused
    /// baseline is taken with fresh ones.
    async fn with_fresh_stamps(
        &self,
        known: &Endpoint,
        body: BodyKind,
        baseline: &Observation,
    ) -> Option<Endpoint> {
        if !matches!(baseline.outcome(), Outcome::Refused | Outcome::Rejected) {
            return None;
        }
        let renewed = self.bench.renewed(&baseline.recipe).await;
        if renewed.is_empty() {
            return None;
        }
        let mut better = known.clone();
        for stamp in &renewed {
            if let Some(input) = better.input_mut(stamp.place, &stamp.name) {
                input.csrf = true;
            }
        }
        let recipe = Arc::new(self.bench.planner.baseline(&better, body));
        let seen = self.bench.run(&recipe, Role::Baseline).await;
        // Another answer says that it got further: what is wrong now is something else.
        let status = |seen: &Observation| seen.answer().map(|answer| answer.status);
        if seen.outcome() != Outcome::Success && status(&seen) == status(baseline) {
            return None;
        }
        let mut crawl = locked(self.crawl);
        for stamp in &renewed {
            let known = crawl.surface.get_mut(&known.id);
            if let Some(input) = known.and_then(|e| e.input_mut(stamp.place, &stamp.name)) {
                input.csrf = true;
            }
        }
        Some(better)
    }

    /// Notes the inputs that get past a refusal: they are credentials for every later plan.
    fn let_in(&self, id: &EndpointId, inputs: &[Input]) {
        let mut crawl = locked(self.crawl);
        for input in inputs {
            let known = crawl.surface.get_mut(id);
            if let Some(known) = known.and_then(|e| e.input_mut(input.place, &input.name)) {
                known.lets_in = true;
            }
        }
    }

    /// Notes that inputs want numbers, for every later plan; gives the operation with that.
    fn want_numbers(&self, endpoint: &Endpoint, inputs: &[Input]) -> Endpoint {
        let mut crawl = locked(self.crawl);
        for (place, name) in inputs.iter().map(|input| (input.place, &input.name)) {
            let known = crawl
                .surface
                .get_mut(&endpoint.id)
                .and_then(|e| e.input_mut(place, name));
            if let Some(input) = known {
                input.hint.example = Some(serde_json::Value::from(1));
            }
        }
        crawl
            .surface
            .get(&endpoint.id)
            .cloned()
            .unwrap_or_else(|| endpoint.clone())
    }

    /// The recipe with the keys that got past refusals.
    fn dressed(&self, recipe: Recipe, endpoint: &Endpoint) -> Recipe {
        dress(recipe, Some(endpoint), &locked(&self.opened))
    }

    /// Looks for a stored value under the name that it was just given.
    async fn look_by_name(&self, stored: &Recipe, planted: &[Slot]) {
        let values = sent_values(stored, planted, &self.bench.ledger());
        let reads = {
            let surface = &locked(self.crawl).surface;
            let collection = stored.endpoint.path.as_str();
            let planner = self.bench.planner;
            let reads = named_reads(self.settings, surface, planner, collection, &values);
            let dressed = |read: Recipe| {
                let endpoint = surface.get(&read.endpoint);
                Arc::new(dress(read, endpoint, &locked(&self.opened)))
            };
            reads.into_iter().map(dressed).collect::<Vec<_>>()
        };
        for read in reads {
            self.bench.run(&read, Role::Read).await;
        }
    }

    /// Looks for a stored value right after it was planted: the reads near it, and the details of
    /// what the lists beside it name last and first.
    async fn look_near(&self, planted: &EndpointId, create: &Step) {
        let planner = self.bench.planner;
        let (reads, lists) = {
            let surface = &locked(self.crawl).surface;
            let reads = near_reads(self.settings, surface, planner, planted, create);
            let details = related_details(surface, planted);
            let lists: Vec<Arc<Recipe>> = surface
                .iter()
                .filter(|list| list.id.method == Method::Get && list.id.path.names().is_empty())
                .filter(|list| details.iter().any(|detail| lists_for(detail, &list.id)))
                .filter(|list| policy::may_send(self.settings, &list.id, &list.summary).is_ok())
                .take(NEAR_LISTS)
                .map(|list| Arc::new(self.dressed(planner.baseline(list, BodyKind::None), list)))
                .collect();
            (reads, lists)
        };
        for recipe in reads {
            self.bench.run(&Arc::new(recipe), Role::Read).await;
        }
        let lists = self.read_all(&lists).await;
        for recipe in self.listed(&lists, NEAR_LISTED) {
            self.bench.run(&recipe, Role::Read).await;
        }
    }

    /// Fetches everything again, and once more after the settling time, for queues.
    async fn read(&self) {
        if self.stop.is_set() {
            return;
        }
        let mut reads = self.reads();
        let total = u64::try_from(reads.len()).ok();
        self.bench.progress.phase("read", total);
        let mut lists = self.read_all(&reads).await;
        let pages = self.further_pages(&lists).await;
        reads.extend(pages.iter().map(|page| Arc::clone(&page.recipe)));
        lists.extend(pages);
        let details = self.listed(&lists, LISTED);
        self.read_all(&details).await;
        reads.extend(details);
        let settle = self.settings.settle;
        if !settle.is_zero() && self.bench.http.rest(settle).await {
            self.read_all(&reads).await;
        }
    }

    /// The later pages of lists: what was stored last often stands there.
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
                let recipe = Arc::new(page_of(&list.recipe, next));
                let page = self.bench.run(&recipe, Role::Read).await;
                // What the last page names stands at the end, too.
                named.splice(0..0, named_pages(&page));
                pages.push(page);
            }
        }
        pages
    }

    /// Reads, and keeps the answers that list ids.
    async fn read_all(&self, reads: &[Arc<Recipe>]) -> Vec<Observation> {
        stream::iter(reads)
            .map(|recipe| self.bench.run(recipe, Role::Read))
            .buffer_unordered(self.settings.http.concurrency.max(1))
            .filter(|seen| {
                let list = seen.recipe.endpoint.path.names().is_empty()
                    && seen.last_answer().is_some_and(Response::is_success);
                std::future::ready(list)
            })
            .collect()
            .await
    }

    /// The details of what lists name first and last: what was stored last stands at an end.
    fn listed(&self, lists: &[Observation], most: usize) -> Vec<Arc<Recipe>> {
        let crawl = locked(self.crawl);
        let mut seen = locked(&self.read_ids);
        let mut details: Vec<Arc<Recipe>> = Vec::new();
        for endpoint in crawl.surface.iter() {
            let one = endpoint.id.method == Method::Get && endpoint.id.path.names().len() == 1;
            if !one || policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_err() {
                continue;
            }
            for list in lists
                .iter()
                .filter(|l| lists_for(&endpoint.id, &l.recipe.endpoint))
            {
                let Some(answer) = list.last_answer() else {
                    continue;
                };
                // What was not read yet comes first: it is what was stored since.
                let ids = listed_ids(answer, &endpoint.id.path, &crawl.surface);
                let (new, known): (Vec<_>, Vec<_>) = ids
                    .into_iter()
                    .partition(|id| !seen.contains(&(endpoint.id.clone(), id.value.clone())));
                for id in new.into_iter().chain(known).take(most) {
                    let recipe = detail(self.bench.planner, endpoint, &id)
                        .map(|recipe| Arc::new(self.dressed(recipe, endpoint)));
                    seen.insert((endpoint.id.clone(), id.value));
                    details.extend(recipe.filter(|recipe| !details.contains(recipe)));
                }
            }
        }
        details
    }

    /// A read of every operation that reads, with every sample of its path.
    fn reads(&self) -> Vec<Arc<Recipe>> {
        let crawl = locked(self.crawl);
        let mut reads: Vec<Recipe> = Vec::new();
        for endpoint in crawl.surface.iter().filter(|e| e.reads()) {
            if policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_err() {
                continue;
            }
            // What answered "no such page" to everything has nothing to read.
            let missing = crawl
                .reached(&endpoint.id)
                .is_none_or(|status| status == 404);
            if missing && endpoint.document.is_none() {
                continue;
            }
            let recipe = self.bench.planner.baseline(endpoint, read_body(endpoint));
            let recipe = self.dressed(recipe, endpoint);
            let mut variants = vec![recipe.clone()];
            for sample in endpoint.samples.iter().rev().take(READ_SAMPLES) {
                variants.push(recipe.map(|input, _| {
                    let value = sample
                        .get(&input.name)
                        .filter(|_| input.place == Place::Path)?;
                    Some(Fill::Plain(serde_json::Value::String(value.clone())))
                }));
            }
            for variant in variants {
                if !reads.contains(&variant) {
                    reads.push(variant);
                }
            }
        }
        let times = locked(&self.times);
        reads.sort_by_key(|read| Reverse(late::time_of(&times, &read.endpoint)));
        reads.into_iter().map(Arc::new).collect()
    }

    /// The first round's plan, for `--dry-run`.
    fn show_plan(&self) {
        for (endpoint, _) in self.todo() {
            let inputs: Vec<String> = endpoint
                .inputs
                .iter()
                .map(|input| {
                    let shapes = crate::plan::shapes(input);
                    let planted = self.bench.planner.plants(&endpoint.id, input);
                    let what = match shapes.last() {
                        Some(shape) if planted => shape.name(),
                        _ => "plain",
                    };
                    format!("{}:{}={what}", input.place, input.name)
                })
                .collect();
            self.bench
                .progress
                .note(&format!("plan: {} {}", endpoint.id, inputs.join(" ")));
        }
    }
}

/// The other pages that a page of a list names.
fn named_pages(list: &Observation) -> Vec<String> {
    let last = list.steps.last();
    let pages = last.and_then(|step| Some(later_pages(&step.request.url, step.response()?)));
    pages.unwrap_or_default()
}

/// True for operations after which stored values are looked for at once: writes, and reads that
/// take a credential.
fn writes<T, P>(endpoint: &Endpoint, bench: &Bench<'_, T, P>) -> bool {
    !endpoint.id.method.is_safe()
        || endpoint.inputs.iter().any(|input| {
            input.place == Place::Query && bench.planner.is_credential(&endpoint.id, input)
        })
}

/// An operation's place in the order of a round: a GraphQL query is a read, though it is posted.
fn turn(endpoint: &Endpoint) -> u8 {
    if endpoint.reads() {
        order(Method::Get)
    } else {
        order(endpoint.id.method)
    }
}

/// A crawled page as an observation.
fn page(request: &Request, outcome: &Result<Response, Failure>) -> Observation {
    let url = &request.url;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    // What was asked for is part of the proof where it is not what every request asks for.
    let asked = request.header("accept").filter(|asked| *asked != ACCEPT);
    let fills = asked.map(|asked| {
        let input = Input::new(Place::Header, "accept", Provenance::Guess);
        (
            input,
            Fill::Plain(serde_json::Value::String(asked.to_owned())),
        )
    });
    Observation {
        recipe: Arc::new(Recipe {
            fills: fills.into_iter().collect(),
            path: Some(path),
            ..Recipe::bare(EndpointId::new(request.method, url.path()))
        }),
        planted: Vec::new(),
        role: Role::Read,
        steps: vec![Step {
            request: request.clone(),
            outcome: outcome.clone(),
        }],
    }
}
