//! Stored canaries: a fresh plant, then a fresh read.
//!
//! Owns: where a fresh value must be looked for, ids included. Leaves out: direct echoes.

use std::sync::Arc;

use super::shell::{IdFrom, keep_id, use_id};
use super::{Confirm, draft_of, evidence_of, matches};
use crate::finding::{Draft, Evidence, Role, Source, Verdict};
use crate::http::Transport;
use crate::judge::sightings::{Seen, Sighting};
use crate::judge::suspects::{Suspect, exchange};
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, Recipe, dress};
use crate::policy;
use crate::progress::Progress;
use crate::send::{ReturnedId, detail, listed_ids, lists_for, returned_ids};
use crate::surface::{Endpoint, Place};

/// Ids of a list that are looked at in search of the fresh one.
const MAX_LISTED: usize = 4;
/// Lists of one collection that are asked.
const MAX_LISTS: usize = 2;

/// A read that may show the fresh value.
struct Read {
    recipe: Recipe,
    /// The id in its path, and where the shell gets it from.
    id: Option<(String, IdFrom)>,
    /// The list that named the id, to be fetched between plant and read.
    list: Option<Arc<(Observation, Seen)>>,
}

/// What was read since the plant: one read serves every sink in its answer.
#[derive(Default)]
struct Cache(Vec<(Recipe, Arc<(Observation, Seen)>)>);

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Confirms the stored suspects of one source.
    pub(crate) async fn stored(&self, source: &Source, suspects: &[Suspect]) -> Vec<Draft> {
        let mut open: Vec<&Suspect> = suspects.iter().collect();
        let mut drafts = Vec::new();
        let mut blocked = false;
        for attempt in self.all_attempts(source, suspects) {
            if open.is_empty() {
                break;
            }
            let recipe = Arc::new(attempt);
            let (plant, _) = self.replay(&recipe, Role::Plant).await;
            blocked |= plant
                .answer()
                .is_some_and(|a| matches!(a.status, 409 | 429));
            // What was refused (a name that is taken, say) stored nothing; unless it was so then.
            if plant.outcome() != Outcome::Success && suspects.iter().all(|s| s.taken) {
                continue;
            }
            let mut cache = Cache::default();
            let mut rest = Vec::new();
            let mut shown: Vec<(&Suspect, Draft, Recipe)> = Vec::new();
            for suspect in open {
                match self.read_back(suspect, &plant, &mut cache).await {
                    Some((draft, read)) => shown.push((suspect, draft, read)),
                    None => rest.push(suspect),
                }
            }
            open = rest;
            let logged = self.is_log(&recipe, source, &shown).await;
            let kept = shown.into_iter().zip(logged).filter(|(_, logged)| !logged);
            drafts.extend(kept.map(|((_, draft, _), _)| draft));
        }
        drafts.extend(self.unproven(open, blocked));
        drafts
    }

    /// Looks for the fresh plant where the suspect was seen.
    async fn read_back(
        &self,
        suspect: &Suspect,
        plant: &Observation,
        cache: &mut Cache,
    ) -> Option<(Draft, Recipe)> {
        for read in self.reads(suspect, plant, cache).await {
            let done = self.read(&read.recipe, cache).await;
            let (observation, seen) = (&done.0, &done.1);
            let fresh: Option<&Sighting> = seen.canaries.iter().find(|sighting| {
                matches(sighting, suspect)
                    && sighting.sink.endpoint == suspect.sink.endpoint
                    && plant.planted.contains(&sighting.slot)
            });
            let Some(fresh) = fresh else { continue };
            let step = observation.steps.get(fresh.step)?;
            let response = step.response()?;
            let mut curl = self.curl(plant, 0);
            let mut line = self.curl(observation, fresh.step);
            if let Some((id, from)) = &read.id {
                match &read.list {
                    Some(list) => {
                        let fetch = self
                            .curl(&list.0, list.0.steps.len().saturating_sub(1))
                            .pop()?;
                        curl.push(keep_id(&fetch, from));
                    }
                    None => {
                        let last = curl.pop()?;
                        curl.push(keep_id(&last, from));
                    }
                }
                line = line
                    .into_iter()
                    .map(|line| use_id(&line, id, read.list.is_some()))
                    .collect();
            }
            curl.extend(line);
            let (snippet, text) = evidence_of(
                self.bench,
                &fresh.sink.place,
                &fresh.span,
                (Role::Read, observation, seen),
                fresh.step,
            )?;
            let first = plant.steps.first()?;
            let exchanges = vec![exchange(&self.bench.masks.now(), Role::Plant, first), text];
            let draft = draft_of(
                suspect,
                self.rule(suspect.rule)?,
                Evidence {
                    snippet,
                    curl,
                    exchanges,
                },
            );
            let draft = Draft {
                verdict: Verdict::Confirmed,
                last_seen: Some(response.at),
                ..draft
            };
            return Some((draft, read.recipe));
        }
        None
    }

    /// A read, once an attempt.
    async fn read(&self, recipe: &Recipe, cache: &mut Cache) -> Arc<(Observation, Seen)> {
        let endpoint = self.surface.get(&recipe.endpoint);
        let recipe = &dress(recipe.clone(), endpoint, self.opened);
        if let Some((_, done)) = cache.0.iter().find(|(known, _)| known == recipe) {
            return Arc::clone(done);
        }
        let done = Arc::new(self.replay(&Arc::new(recipe.clone()), Role::Read).await);
        cache.0.push((recipe.clone(), Arc::clone(&done)));
        done
    }

    /// The reads to try: with an id that the plant returned, with an id that a list newly names,
    /// and the one that showed the suspect.
    async fn reads(&self, suspect: &Suspect, plant: &Observation, cache: &mut Cache) -> Vec<Read> {
        let mut reads = Vec::new();
        let endpoint = self.surface.get(&suspect.sink.endpoint);
        let names = suspect.sink.endpoint.path.names().len();
        if let (Some(endpoint), 1) = (endpoint, names) {
            for id in plant.answer().map(returned_ids).unwrap_or_default() {
                reads.extend(self.detail_read(endpoint, &id, None));
            }
            reads.extend(self.listed_reads(endpoint, cache).await);
        }
        let safe = suspect.sink.endpoint.method.is_safe();
        if let Some(endpoint) = endpoint.filter(|_| safe && names == 0) {
            let recipe = self.bench.planner.baseline(endpoint, BodyKind::None);
            reads.push(Read {
                recipe,
                id: None,
                list: None,
            });
        }
        // As it was seen, with plain values where other canaries stood.
        let seen_by = self.surface.get(&suspect.seen_by.endpoint);
        let baseline =
            seen_by.map(|seen_by| self.bench.planner.baseline(seen_by, suspect.seen_by.body));
        let plain = suspect.seen_by.map(|input, fill| {
            fill.shape()?;
            let known = baseline
                .as_ref()
                .and_then(|b| b.fill(input.place, &input.name).cloned());
            Some(known.unwrap_or(Fill::Plain(serde_json::Value::String("sample".to_owned()))))
        });
        if reads.iter().all(|read| read.recipe != plain) {
            reads.push(Read {
                recipe: plain,
                id: None,
                list: None,
            });
        }
        // What a summary withholds is not read either.
        reads.retain(|read| {
            policy::may_send_known(self.settings, self.surface, &read.recipe.endpoint).is_ok()
        });
        reads
    }

    fn detail_read(
        &self,
        endpoint: &Endpoint,
        id: &ReturnedId,
        list: Option<Arc<(Observation, Seen)>>,
    ) -> Option<Read> {
        let recipe = detail(self.bench.planner, endpoint, &id.value)?;
        let from = match (&id.field, &list) {
            (None, None) => IdFrom::Location,
            (Some(name), None) => IdFrom::Field(name.clone()),
            (None, Some(_)) => IdFrom::List {
                before: id.before.clone(),
            },
            (Some(name), Some(_)) => IdFrom::ListField(name.clone()),
        };
        Some(Read {
            recipe,
            id: Some((id.value.clone(), from)),
            list,
        })
    }

    /// The details of what the collection's lists name first and last.
    async fn listed_reads(&self, endpoint: &Endpoint, cache: &mut Cache) -> Vec<Read> {
        let collection = endpoint.id.path.collection();
        let mut lists: Vec<&Endpoint> = self
            .surface
            .iter()
            .filter(|list| list.id.method == crate::http::Method::Get)
            .filter(|list| list.id.path.names().is_empty() && lists_for(&endpoint.id, &list.id))
            .filter(|list| policy::may_send(self.settings, &list.id, &list.summary).is_ok())
            .collect();
        // Its own list first.
        lists.sort_by_key(|list| list.id.path.as_str().trim_end_matches('/') != collection);
        let mut reads = Vec::new();
        for list in lists.into_iter().take(MAX_LISTS) {
            let recipe = self.bench.planner.baseline(list, BodyKind::None);
            let done = self.read(&recipe, cache).await;
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

    /// For each sink: does it also show a parameter that no application reads? Then it is a log of
    /// requests and not a store of keys.
    async fn is_log(
        &self,
        recipe: &Recipe,
        source: &Source,
        shown: &[(&Suspect, Draft, Recipe)],
    ) -> Vec<bool> {
        let nothing = vec![false; shown.len()];
        // A body that is stored whole would show the nonsense field as well.
        if shown.is_empty() || source.place.in_body() || source.place == Place::Path {
            return nothing;
        }
        let Some(control) = self.nonsense_parameter(recipe, source).await else {
            return nothing;
        };
        let mut logged = Vec::new();
        for (suspect, _, read) in shown {
            let (_, seen) = self.replay(&Arc::new(read.clone()), Role::Control).await;
            logged.push(seen.canaries.iter().any(|sighting| {
                control.observation.planted.contains(&sighting.slot)
                    && sighting.source == control.source
                    && sighting.sink.place == suspect.sink.place
                    && sighting.sink.field == suspect.sink.field
            }));
        }
        logged
    }
}
