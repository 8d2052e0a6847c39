//! One cause, one finding: merges what single answers show in several places.
//!
//! Owns: which static suspects share a cause, which of them are proven, and how the drafts of one cause
//! become one. Leaves out: proving (`confirm`), what each rule merges over (`probes/`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::confirm::once_a_target;
use crate::finding::{Covered, Draft, Occurrence, Sink, Verdict};
use crate::judge::suspects::{StaticSuspect, Suspects};
use crate::plan::RequestTemplate;
use crate::probe::Catalog;
use crate::rule::Merge;
use crate::surface::Surface;

/// The maximum number of places listed per finding; a header on every page needs no list of all pages.
const MAX_PLACES: usize = 20;
/// The number of places of one cause that are proven individually. The others are listed with them; if
/// none of these is confirmed, the others are proven too.
const PROVEN: usize = 4;

/// Suspects to prove, grouped by the request template in whose answer they were seen.
pub(super) type Groups = Vec<(Arc<RequestTemplate>, Vec<StaticSuspect>)>;

/// Rule, class and sink.
type Key = (String, String, Sink);

/// Static suspects, sorted by their causes.
#[derive(Default)]
pub(super) struct StaticSuspects {
    /// The suspects to prove first.
    pub(super) first: Groups,
    /// The causes of each suspect.
    causes: BTreeMap<Key, BTreeSet<u64>>,
    /// All places of suspects that make one finding per target.
    targets: BTreeMap<(String, String), Vec<Sink>>,
    /// Suspects grouped by cause: those in `first` by their sinks, the others in full.
    crowds: Vec<Crowd>,
    /// Places of operations that are not on the surface, such as a guess or a control.
    unserved: BTreeSet<Sink>,
}

struct Crowd {
    rule: String,
    class: String,
    causes: BTreeSet<u64>,
    first: Vec<Sink>,
    rest: Vec<StaticSuspect>,
}

impl StaticSuspects {
    /// Takes the static suspects and sorts them. Debugger pages make one finding per rule: one of their
    /// places is proven, the others are listed.
    pub(super) fn of(suspects: &mut Suspects, catalog: &Catalog, surface: &Surface) -> Self {
        let mut sorted = Self::default();
        let (served, others): (Vec<_>, Vec<_>) = std::mem::take(&mut suspects.statics)
            .into_values()
            .partition(|suspect| surface.get(&suspect.sink.endpoint).is_some());
        let guessed = others.iter().map(|suspect| suspect.sink.clone());
        sorted.unserved.extend(guessed);
        for suspect in served.into_iter().chain(others) {
            sorted.causes.insert(key(&suspect), suspect.causes.clone());
            if once_a_target(catalog, &suspect) {
                sorted.once(suspect);
            } else if merges(catalog, &suspect.rule) && !suspect.needs_provoking {
                sorted.crowd(suspect);
            } else {
                join(&mut sorted.first, suspect);
            }
        }
        sorted
    }

    fn once(&mut self, suspect: StaticSuspect) {
        let key = (suspect.rule.clone(), suspect.class.clone());
        // A place that no operation serves (a guess, a control) is not worth naming beside others.
        if self.unserved.contains(&suspect.sink) && self.targets.contains_key(&key) {
            return;
        }
        let places = self.targets.entry(key).or_default();
        places.push(suspect.sink.clone());
        if places.len() == 1 {
            join(&mut self.first, suspect);
        }
    }

    fn crowd(&mut self, suspect: StaticSuspect) {
        let known = self.crowds.iter_mut().find(|crowd| {
            crowd.rule == suspect.rule
                && crowd.class == suspect.class
                && suspect.causes.is_subset(&crowd.causes)
        });
        match known {
            Some(crowd) if crowd.first.len() >= PROVEN => return crowd.rest.push(suspect),
            Some(crowd) => crowd.first.push(suspect.sink.clone()),
            None => self.crowds.push(Crowd {
                rule: suspect.rule.clone(),
                class: suspect.class.clone(),
                causes: suspect.causes.clone(),
                first: vec![suspect.sink.clone()],
                rest: Vec::new(),
            }),
        }
        join(&mut self.first, suspect);
    }

    /// Returns what is left to prove: the remaining suspects of causes that no place has confirmed.
    pub(super) fn second(&mut self, drafts: &[Draft]) -> Groups {
        let mut groups = Groups::new();
        for crowd in &mut self.crowds {
            let confirmed = drafts.iter().any(|draft| {
                draft.verdict == Verdict::Confirmed
                    && draft.rule.id == crowd.rule
                    && draft.class == crowd.class
                    && crowd.first.contains(&draft.sink)
            });
            if !confirmed {
                for suspect in std::mem::take(&mut crowd.rest) {
                    join(&mut groups, suspect);
                }
            }
        }
        groups
    }

    /// Merges drafts with the same cause into the first one. Proven drafts come before unproven ones,
    /// then drafts of served operations before others.
    pub(super) fn merge(&self, drafts: Vec<Draft>, catalog: &Catalog) -> Vec<Draft> {
        let (mut fixed, mut merged): (Vec<Draft>, Vec<Draft>) = drafts
            .into_iter()
            .partition(|draft| draft.source.is_none() && merges(catalog, &draft.rule.id));
        fixed.sort_by_cached_key(|draft| {
            let served = !self.unserved.contains(&draft.sink);
            (Reverse(draft.verdict), !served, draft.sink.clone())
        });
        for draft in &mut merged {
            let key = (draft.rule.id.clone(), draft.class.clone());
            let places = self.targets.get(&key).filter(|_| draft.source.is_none());
            for sink in places.into_iter().flatten() {
                add_place(draft, sink);
            }
        }
        let mut heads: Vec<(Draft, BTreeSet<u64>)> = Vec::new();
        for draft in fixed {
            let causes = self.causes_of(&draft);
            let head = heads.iter_mut().find(|(head, rests_on)| {
                head.rule.id == draft.rule.id
                    && head.class == draft.class
                    && !causes.is_empty()
                    && causes.is_subset(rests_on)
            });
            match head {
                Some((head, _)) => add_place(head, &draft.sink),
                None => heads.push((draft, causes)),
            }
        }
        for crowd in &self.crowds {
            let head = heads.iter_mut().find(|(head, _)| {
                let places = head.occurrences.iter().filter_map(|one| one.sink.as_ref());
                let mut places = std::iter::once(&head.sink).chain(places);
                head.rule.id == crowd.rule
                    && head.class == crowd.class
                    && places.any(|sink| crowd.first.contains(sink))
            });
            if let Some((head, _)) = head {
                for suspect in &crowd.rest {
                    add_place(head, &suspect.sink);
                }
            }
        }
        self.cover(&mut heads, &mut merged, catalog);
        merged.extend(heads.into_iter().map(|(head, _)| head));
        merged
    }

    /// Drops drafts that another finding at the same place shows in full, such as the fields of a
    /// settings page.
    fn cover(
        &self,
        heads: &mut Vec<(Draft, BTreeSet<u64>)>,
        others: &mut Vec<Draft>,
        catalog: &Catalog,
    ) {
        let covering = |draft: &Draft| {
            let probe = catalog.get(&draft.rule.id);
            probe.is_some_and(|probe| !probe.policy.covers.is_empty())
        };
        let (mut above, mut below): (Vec<_>, Vec<_>) = std::mem::take(heads)
            .into_iter()
            .partition(|(draft, _)| covering(draft));
        let mut covered = |draft: &Draft, causes: &BTreeSet<u64>| {
            let Some((by, _)) = above.iter_mut().find(|(by, rests_on)| {
                let covers = catalog.get(&by.rule.id).map(|probe| &probe.policy.covers);
                covers.is_some_and(|covers| covers.contains(&draft.rule.id))
                    && by.verdict >= draft.verdict
                    && !causes.is_empty()
                    && causes.is_subset(rests_on)
                    && is_place_of(by, draft)
            }) else {
                return false;
            };
            let places = draft.occurrences.iter().filter_map(|one| one.sink.as_ref());
            for sink in std::iter::once(&draft.sink).chain(places) {
                by.covers.push(Covered {
                    rule: draft.rule.id.clone(),
                    class: draft.class.clone(),
                    sink: sink.clone(),
                });
            }
            true
        };
        below.retain(|(draft, causes)| !covered(draft, causes));
        others.retain(|draft| draft.source.is_some() || !covered(draft, &self.causes_of(draft)));
        heads.extend(above);
        heads.extend(below);
    }

    fn causes_of(&self, draft: &Draft) -> BTreeSet<u64> {
        let key = (
            draft.rule.id.clone(),
            draft.class.clone(),
            draft.sink.clone(),
        );
        self.causes.get(&key).cloned().unwrap_or_default()
    }
}

/// Returns true if every operation that shows `draft` also shows `by`.
fn is_place_of(by: &Draft, draft: &Draft) -> bool {
    let endpoints = |draft: &Draft| -> BTreeSet<_> {
        let places = draft.occurrences.iter().filter_map(|one| one.sink.as_ref());
        let covered = draft.covers.iter().map(|one| &one.sink);
        std::iter::once(&draft.sink)
            .chain(places)
            .chain(covered)
            .map(|sink| sink.endpoint.clone())
            .collect()
    };
    endpoints(draft).is_subset(&endpoints(by))
}

/// Adds a further place; once the list is full, only its fingerprint is kept.
fn add_place(draft: &mut Draft, sink: &Sink) {
    let known = |one: &Occurrence| one.sink.as_ref() == Some(sink);
    if draft.sink == *sink || draft.occurrences.iter().any(known) {
        return;
    }
    if draft.occurrences.len() < MAX_PLACES {
        draft.occurrences.push(Occurrence {
            source: None,
            sink: Some(sink.clone()),
        });
    } else {
        draft.covers.push(Covered {
            rule: draft.rule.id.clone(),
            class: draft.class.clone(),
            sink: sink.clone(),
        });
    }
}

fn key(suspect: &StaticSuspect) -> Key {
    (
        suspect.rule.clone(),
        suspect.class.clone(),
        suspect.sink.clone(),
    )
}

fn merges(catalog: &Catalog, rule: &str) -> bool {
    catalog
        .get(rule)
        .is_some_and(|probe| probe.policy.merge == Merge::Cause)
}

fn join(groups: &mut Groups, suspect: StaticSuspect) {
    match groups
        .iter_mut()
        .find(|(template, _)| **template == *suspect.seen_by)
    {
        Some((_, group)) => group.push(suspect),
        None => groups.push((Arc::clone(&suspect.seen_by), vec![suspect])),
    }
}
