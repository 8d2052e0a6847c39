//! Stored canaries: a fresh plant, then a fresh read.
//!
//! Owns: where to look for a fresh value, including ids. Leaves out: direct echoes.

use std::cell::RefCell;
use std::sync::Arc;

use super::controls::Control;
use super::shell::{IdFrom, freshened, keep_id, use_id};
use super::{Confirm, draft_of, evidence_of, matches};
use crate::finding::{Draft, Evidence, Role, Source, Verdict};
use crate::http::Transport;
use crate::judge::sightings::Seen;
use crate::judge::suspects::{Suspect, exchange};
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, RequestTemplate, with_keys};
use crate::policy;
use crate::progress::Progress;
use crate::send::{
    NamedBy, ReturnedId, detail, later_pages, listed_ids, lists_for, named_read, page_of,
    returned_ids, sent_values,
};
use crate::surface::{Endpoint, Place};

/// How many ids of a list are examined in search of the fresh one.
const MAX_LISTED: usize = 4;
/// How many lists of one collection are requested.
const MAX_LISTS: usize = 2;
/// How many further pages of a list are examined in search of the fresh value.
const MAX_LATER: usize = 3;

/// A read that may show the fresh value.
pub(super) struct Read {
    /// The request.
    pub(super) template: RequestTemplate,
    /// The id in its path, and where the shell gets it from.
    id: Option<(String, IdFrom)>,
    /// The list that named the id, to be fetched between plant and read.
    list: Option<Arc<(Observation, Seen)>>,
}

/// Suspects of one source that no read right after their plants has shown again.
pub(crate) struct Waiting {
    open: Vec<Suspect>,
    /// At least one.
    plants: Vec<Observation>,
    control: Option<Arc<Control>>,
    blocked: bool,
}

/// All suspects that wait: one pause serves every source.
#[derive(Default)]
pub(crate) struct Queue(RefCell<Vec<Waiting>>);

impl Queue {
    fn push(&self, waiting: Waiting) {
        self.0.borrow_mut().push(waiting);
    }

    /// Takes everything that waits.
    pub(crate) fn take(&self) -> Vec<Waiting> {
        self.0.take()
    }
}

/// What was read since the plant: one read serves every sink in its answer.
#[derive(Default)]
pub(super) struct Cache {
    done: Vec<(RequestTemplate, Arc<(Observation, Seen)>)>,
    /// What the shell does between plant and read.
    pause: Option<String>,
}

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Confirms the stored suspects of one source. What does not show at once may be in a queue of
    /// the application; it waits for [`Confirm::late`].
    pub(crate) async fn stored(&self, source: &Source, suspects: &[Suspect]) -> Vec<Draft> {
        let mut open: Vec<&Suspect> = suspects.iter().collect();
        let mut drafts = Vec::new();
        let mut blocked = false;
        let mut plants: Vec<Observation> = Vec::new();
        for attempt in self.all_attempts(source, suspects) {
            if open.is_empty() {
                break;
            }
            let template = Arc::new(attempt);
            let (plant, _) = self.replay(&template, Role::Plant).await;
            blocked |= plant
                .answer()
                .is_some_and(|a| matches!(a.status, 409 | 429));
            // A refused plant (a name that is taken, say) stored nothing, unless the original plant
            // was refused too.
            if plant.outcome() != Outcome::Success && suspects.iter().all(|s| s.taken) {
                continue;
            }
            plants.push(plant);
            open = self.read_back_all(open, &plants, &mut drafts).await;
        }
        match plants.last() {
            Some(last) if !open.is_empty() && !self.settle.is_zero() => {
                // The control is sent now: if requests are logged late, it must be as old as the
                // plants.
                let control = self.log_control(&last.template, source).await;
                let open = open.into_iter().cloned().collect();
                self.waiting.push(Waiting {
                    open,
                    plants,
                    control,
                    blocked,
                });
            }
            _ => drafts.extend(self.unproven(open, blocked)),
        }
        drafts
    }

    /// Looks for the last of some plants right after it. Returns the suspects that did not show.
    async fn read_back_all<'s>(
        &self,
        open: Vec<&'s Suspect>,
        plants: &[Observation],
        drafts: &mut Vec<Draft>,
    ) -> Vec<&'s Suspect> {
        let Some((at, plant)) = plants.iter().enumerate().next_back() else {
            return open;
        };
        let mut cache = Cache::default();
        let mut rest = Vec::new();
        let mut shown: Vec<(&Suspect, Draft, RequestTemplate)> = Vec::new();
        for suspect in open {
            match self.read_back(suspect, plants, at, &mut cache).await {
                Some((draft, read)) => shown.push((suspect, draft, read)),
                None => rest.push(suspect),
            }
        }
        if let Some((first, _, _)) = shown.first() {
            let control = self.log_control(&plant.template, &first.source).await;
            for (suspect, draft, read) in shown {
                let control = control.as_deref();
                let told = self.unless_logged(control, suspect, draft, &read).await;
                drafts.extend(self.for_every_rule(suspect, told));
            }
        }
        rest
    }

    /// Reads once more, after the settling time, what did not show right after its plants. What
    /// still does not show stays in the queue and waits for [`Confirm::alone`].
    pub(crate) async fn late(&self, mut waiting: Waiting) -> Vec<Draft> {
        let mut cache = Cache {
            pause: Some(format!("sleep {}", self.settle.as_secs_f32())),
            ..Cache::default()
        };
        let mut drafts = Vec::new();
        let mut rest = Vec::new();
        for suspect in std::mem::take(&mut waiting.open) {
            let mut shown = None;
            for at in (0..waiting.plants.len()).rev() {
                shown = self
                    .read_back(&suspect, &waiting.plants, at, &mut cache)
                    .await;
                if shown.is_some() {
                    break;
                }
            }
            let Some((draft, read)) = shown else {
                rest.push(suspect);
                continue;
            };
            let control = waiting.control.as_deref();
            let told = self.unless_logged(control, &suspect, draft, &read).await;
            drafts.extend(self.for_every_rule(&suspect, told));
        }
        if !rest.is_empty() {
            waiting.open = rest;
            self.waiting.push(waiting);
        }
        drafts
    }

    /// Takes the last look at what still waits. If others wrote `meanwhile`, a list of the newest
    /// things may have moved on between plant and read, so both are repeated while nothing else is
    /// sent.
    pub(crate) async fn alone(&self, waiting: &Waiting, meanwhile: bool) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let mut open: Vec<&Suspect> = waiting.open.iter().collect();
        for plant in waiting.plants.iter().filter(|_| meanwhile) {
            if open.is_empty() {
                break;
            }
            let (plant, _) = self.replay(&plant.template, Role::Plant).await;
            open = self.read_back_all(open, &[plant], &mut drafts).await;
        }
        drafts.extend(self.unproven(open, waiting.blocked));
        drafts
    }

    /// Looks for a fresh plant where the suspect was seen, by the reads that the plant number `at`
    /// suggests. Any of the plants may show.
    async fn read_back(
        &self,
        suspect: &Suspect,
        plants: &[Observation],
        at: usize,
        cache: &mut Cache,
    ) -> Option<(Draft, RequestTemplate)> {
        for read in self.reads(suspect, plants.get(at)?, cache).await {
            let done = self.read(&read.template, cache).await;
            let (observation, seen) = (&done.0, &done.1);
            let fresh = seen.canaries.iter().find_map(|sighting| {
                let planted = |plant: &&Observation| plant.planted.contains(&sighting.slot);
                let shows =
                    matches(sighting, suspect) && sighting.sink.endpoint == suspect.sink.endpoint;
                let plant = plants.iter().find(planted).filter(|_| shows)?;
                Some((sighting, plant))
            });
            let Some((fresh, plant)) = fresh else {
                continue;
            };
            let step = observation.steps.get(fresh.step)?;
            let response = step.response()?;
            let curl = self.read_lines(
                Some(plant),
                &read,
                cache.pause.clone(),
                (observation, fresh.step),
            )?;
            let curl = freshened(curl, &self.others(plant, &suspect.source));
            let curl = self.noted(&suspect.source.endpoint, curl);
            let (snippet, text) = evidence_of(
                self.executor,
                &fresh.sink.place,
                &fresh.span,
                (Role::Read, observation, seen),
                fresh.step,
            )?;
            let first = plant.steps.first()?;
            let exchanges = vec![
                exchange(&self.executor.owner.redactor(), Role::Plant, first),
                text,
            ];
            let draft = draft_of(
                suspect,
                self.canary_rule(suspect.kind)?,
                Evidence {
                    snippet,
                    curl,
                    exchanges,
                },
            );
            let draft = Draft {
                verdict: suspect.ceiling,
                transform: Some(fresh.transform.clone()),
                last_seen: Some(response.at),
                ..draft
            };
            return Some((draft, read.template));
        }
        None
    }

    /// Returns the lines of a plant and of the read after it, with the id that the read needs.
    pub(super) fn read_lines(
        &self,
        plant: Option<&Observation>,
        read: &Read,
        pause: Option<String>,
        (observation, step): (&Observation, usize),
    ) -> Option<Vec<String>> {
        let mut curl = plant.map_or_else(Vec::new, |plant| self.curl(plant, 0));
        let mut line = self.curl(observation, step);
        if let (Some((_, from)), None) = (&read.id, &read.list) {
            let last = curl.pop()?;
            curl.push(keep_id(&last, from));
        }
        curl.extend(pause);
        if let Some((id, from)) = &read.id {
            if let Some(list) = &read.list {
                let fetch = self
                    .curl(&list.0, list.0.steps.len().saturating_sub(1))
                    .pop()?;
                curl.push(keep_id(&fetch, from));
            }
            line = line
                .into_iter()
                .map(|line| use_id(&line, id, read.list.is_some()))
                .collect();
        }
        curl.extend(line);
        Some(curl)
    }

    /// Reads once per attempt.
    pub(super) async fn read(
        &self,
        template: &RequestTemplate,
        cache: &mut Cache,
    ) -> Arc<(Observation, Seen)> {
        let endpoint = self.surface.get(&template.endpoint);
        let template = &with_keys(template.clone(), endpoint, self.opened);
        if let Some((_, done)) = cache.done.iter().find(|(known, _)| known == template) {
            return Arc::clone(done);
        }
        let done = Arc::new(self.replay(&Arc::new(template.clone()), Role::Read).await);
        cache.done.push((template.clone(), Arc::clone(&done)));
        done
    }

    /// Returns the reads to try: with an id that the plant returned, with an id that a list newly
    /// names, and the one that showed the suspect.
    async fn reads(&self, suspect: &Suspect, plant: &Observation, cache: &mut Cache) -> Vec<Read> {
        let mut reads = Vec::new();
        let endpoint = self.surface.get(&suspect.sink.endpoint);
        let names = suspect.sink.endpoint.path.names().len();
        if let (Some(endpoint), Some(create)) = (endpoint, plant.steps.first()) {
            for id in returned_ids(endpoint, create) {
                reads.extend(self.detail_read(endpoint, &id, None));
            }
            reads.extend(self.named_read(endpoint, plant));
        }
        if let (Some(endpoint), 1) = (endpoint, names) {
            reads.extend(self.listed_reads(endpoint, cache).await);
        }
        let safe = suspect.sink.endpoint.method.is_safe();
        if let Some(endpoint) = endpoint.filter(|_| safe && names == 0) {
            let template = self.executor.planner.baseline(endpoint, BodyKind::None);
            let later = match &suspect.seen_by.path {
                Some(seen) if seen.contains('?') => self.later_pages(&template, cache).await,
                _ => Vec::new(),
            };
            let pages = std::iter::once(template).chain(later);
            reads.extend(pages.map(|template| Read {
                template,
                id: None,
                list: None,
            }));
        }
        // The read as it was, with plain values in place of other canaries.
        let seen_by = self.surface.get(&suspect.seen_by.endpoint);
        let baseline = seen_by.map(|seen_by| {
            self.executor
                .planner
                .baseline(seen_by, suspect.seen_by.body)
        });
        let plain = suspect.seen_by.map(|input, fill| {
            fill.shape()?;
            let known = baseline
                .as_ref()
                .and_then(|b| b.fill(input.place, &input.name).cloned());
            Some(known.unwrap_or(Fill::Plain(serde_json::Value::String("sample".to_owned()))))
        });
        if reads.iter().all(|read| read.template != plain) {
            reads.push(Read {
                template: plain,
                id: None,
                list: None,
            });
        }
        // A read that a summary rules out is not sent either.
        reads.retain(|read| {
            policy::may_send_known(self.settings, self.surface, &read.template.endpoint).is_ok()
        });
        reads
    }

    /// Builds the read of the detail by the name that the fresh plant was given.
    fn named_read(&self, endpoint: &Endpoint, plant: &Observation) -> Option<Read> {
        let values = sent_values(&plant.template, &plant.planted, &self.executor.ledger());
        let template = named_read(self.executor.planner, endpoint, &values)?;
        Some(Read {
            template,
            id: None,
            list: None,
        })
    }

    /// Returns the other pages of a list: a fresh value may be on another page than the suspect.
    async fn later_pages(&self, list: &RequestTemplate, cache: &mut Cache) -> Vec<RequestTemplate> {
        let done = self.read(list, cache).await;
        let pages = done.0.steps.last().and_then(|step| {
            let pages = later_pages(&step.request.url, step.response()?);
            Some(pages.into_iter().take(MAX_LATER))
        });
        let pages = pages.into_iter().flatten();
        pages.map(|page| page_of(&done.0.template, page)).collect()
    }

    /// Builds the read of an id's detail, and notes where the shell gets the id from.
    pub(super) fn detail_read(
        &self,
        endpoint: &Endpoint,
        id: &ReturnedId,
        list: Option<Arc<(Observation, Seen)>>,
    ) -> Option<Read> {
        let template = detail(self.executor.planner, endpoint, id)?;
        let from = match (&id.by, &list) {
            (NamedBy::Location, _) => IdFrom::Location,
            (NamedBy::Field(name), None) => IdFrom::Field(name.clone()),
            (NamedBy::Field(name), Some(_)) => IdFrom::ListField(name.clone()),
            (NamedBy::PathField(name), _) => IdFrom::PathField(name.clone()),
            (NamedBy::Word, _) => IdFrom::Word(id.value.clone()),
            (NamedBy::Link(before), _) => IdFrom::List {
                before: before.clone(),
            },
        };
        Some(Read {
            template,
            id: Some((id.value.clone(), from)),
            list,
        })
    }

    /// Builds the reads of the items that the collection's lists name first and last.
    pub(super) async fn listed_reads(&self, endpoint: &Endpoint, cache: &mut Cache) -> Vec<Read> {
        let collection = endpoint.id.path.collection();
        let mut lists: Vec<&Endpoint> = self
            .surface
            .iter()
            .filter(|list| list.id.method == crate::http::Method::Get)
            .filter(|list| list.id.path.names().is_empty() && lists_for(&endpoint.id, &list.id))
            .filter(|list| policy::may_send(self.settings, &list.id, &list.summary).is_ok())
            .collect();
        // Its own list comes first.
        lists.sort_by_key(|list| list.id.path.as_str().trim_end_matches('/') != collection);
        let mut pages = Vec::new();
        for list in lists.into_iter().take(MAX_LISTS) {
            let template = self.executor.planner.baseline(list, BodyKind::None);
            let last = self.later_pages(&template, cache).await.into_iter().next();
            pages.push(template);
            pages.extend(last);
        }
        let mut reads = Vec::new();
        for template in pages {
            let done = self.read(&template, cache).await;
            let observation = &done.0;
            // A list without its trailing slash answers with a redirect.
            let Some(answer) = observation.last_answer() else {
                continue;
            };
            let ids = listed_ids(answer, &endpoint.id.path, self.surface);
            reads.extend(
                ids.into_iter()
                    .take(MAX_LISTED)
                    .filter_map(|id| self.detail_read(endpoint, &id, Some(Arc::clone(&done)))),
            );
        }
        reads
    }

    /// Sends a parameter that no application reads in place of the source. A sink that shows it too
    /// is a log of requests, not a store of keys. Returns `None` if there is no such control: a
    /// body that is stored whole would show the nonsense field as well.
    async fn log_control(
        &self,
        template: &RequestTemplate,
        source: &Source,
    ) -> Option<Arc<Control>> {
        if source.place.in_body() || source.place == Place::Path {
            return None;
        }
        self.nonsense_parameter(template, source).await
    }

    /// Returns the draft, unless the sink is a log. The draft is undetermined if the control, or
    /// the read of the sink after it, got no answer.
    async fn unless_logged(
        &self,
        control: Option<&Control>,
        suspect: &Suspect,
        draft: Draft,
        read: &RequestTemplate,
    ) -> Option<Draft> {
        let Some(control) = control else {
            return Some(draft);
        };
        let mut logged = None;
        if control.observation.outcome() != Outcome::Failed {
            let (read, seen) = self.replay(&Arc::new(read.clone()), Role::Control).await;
            logged = read.last_answer().map(|_| shows(&seen, control, suspect));
        }
        match logged {
            Some(true) => None,
            Some(false) => Some(draft),
            None => Some(Draft {
                verdict: Verdict::Undetermined,
                ..draft
            }),
        }
    }
}

/// Returns true if a control's canary is where the suspect's was.
fn shows(seen: &Seen, control: &Control, suspect: &Suspect) -> bool {
    seen.canaries.iter().any(|sighting| {
        control.observation.planted.contains(&sighting.slot)
            && sighting.source == control.source
            && sighting.sink.place == suspect.sink.place
            && sighting.sink.field == suspect.sink.field
    })
}
