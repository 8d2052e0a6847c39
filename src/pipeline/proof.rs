//! The confirming phase: every suspect is proven, weakened, or dropped.
//!
//! Owns: which confirmations are run. Leaves out: how each one works (`confirm`).

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::rounds::Climbed;
use crate::confirm::{Confirm, by_source, controls, once_a_target};
use crate::finding::{Draft, Finding, Occurrence, Problem, Sink, Source, Verdict};
use crate::http::Transport;
use crate::judge::sightings::Eyes;
use crate::judge::suspects::{StaticSuspect, Suspect, Suspects};
use crate::plan::{Recipe, bodies, shapes};
use crate::probe::Catalog;
use crate::progress::Progress;
use crate::send::Bench;
use crate::surface::{EndpointId, Input, Place, Provenance, Surface};

/// Proves suspects.
pub(super) struct Proof<'a, T, P> {
    /// Sends.
    pub(super) bench: &'a Bench<'a, T, P>,
    /// Looks.
    pub(super) eyes: &'a Eyes<'a>,
    /// Knows the rules.
    pub(super) catalog: &'a Catalog,
    /// Knows the operations.
    pub(super) surface: &'a Surface,
}

/// What is left when all is proven.
pub(super) struct Proven {
    /// Findings.
    pub(super) findings: Vec<Finding>,
    /// Drafts that lacked something: defects of keyspill.
    pub(super) problems: Vec<Problem>,
    /// Flows and secrets.
    pub(super) rest: Suspects,
}

type Job<'a> = Pin<Box<dyn Future<Output = Vec<Draft>> + Send + 'a>>;

/// Places of one finding that are listed; a header on every page needs no list of all pages.
const MAX_PLACES: usize = 20;
const STORED: &str = "data-exposure/stored-canary";
const DIGEST: &str = "data-exposure/canary-digest";
const KEY_IN_QUERY: &str = "authentication/key-in-query";

impl<T: Transport, P: Progress> Proof<'_, T, P> {
    /// Proves everything.
    pub(super) async fn prove(
        &self,
        mut suspects: Suspects,
        climbed: &Climbed,
        concurrency: usize,
    ) -> Proven {
        let confirm = Confirm {
            bench: self.bench,
            eyes: self.eyes,
            catalog: self.catalog,
            surface: self.surface,
            opened: &climbed.opened,
            controls: controls::Shared::default(),
        };
        suspects.settle(self.surface);
        let canaries: Vec<Suspect> = std::mem::take(&mut suspects.canaries)
            .into_values()
            .collect();
        let (stored, direct): (Vec<Suspect>, Vec<Suspect>) = canaries
            .into_iter()
            .partition(|suspect| suspect.rule == STORED || elsewhere(suspect));
        let (statics, merged) = self.static_groups(&mut suspects);
        let (stored, direct) = (by_source(stored), by_source(direct));

        let mut jobs: Vec<Job<'_>> = Vec::new();
        for (source, group) in &stored {
            let confirm = &confirm;
            jobs.push(Box::pin(async move { confirm.stored(source, group).await }));
        }
        for (source, group) in &direct {
            let confirm = &confirm;
            jobs.push(Box::pin(async move { confirm.direct(source, group).await }));
        }
        for (recipe, group) in &statics {
            let confirm = &confirm;
            jobs.push(Box::pin(
                async move { confirm.statics(recipe, group).await },
            ));
        }
        for opened in &climbed.opened {
            let confirm = &confirm;
            jobs.push(Box::pin(async move { confirm.any_key(opened).await }));
        }
        for group in climbed.broken.values() {
            let confirm = &confirm;
            jobs.push(Box::pin(async move {
                confirm.broken(group).await.into_iter().collect()
            }));
        }
        self.bench.progress.phase("confirm", None);
        let mut drafts = run(jobs, concurrency).await;
        // What was stored is consumed: these wait for the verdicts on stored canaries.
        let queries = self.queries(&confirm, &drafts);
        drafts.extend(run(queries, concurrency).await);

        for draft in &mut drafts {
            let key = (draft.rule.id.clone(), draft.class.clone());
            if let Some(others) = merged.get(&key) {
                draft.occurrences = others
                    .iter()
                    .filter(|sink| **sink != draft.sink)
                    .take(MAX_PLACES)
                    .map(|sink| Occurrence {
                        source: None,
                        sink: Some(sink.clone()),
                    })
                    .collect();
            }
        }
        finish(drafts, suspects)
    }

    /// Static suspects by what they were seen in the answer of. Debugger pages make one finding a
    /// rule: one of their places is proven, the others are listed.
    #[allow(clippy::type_complexity)]
    fn static_groups(
        &self,
        suspects: &mut Suspects,
    ) -> (
        Vec<(Arc<Recipe>, Vec<StaticSuspect>)>,
        BTreeMap<(String, String), Vec<Sink>>,
    ) {
        let mut groups: Vec<(Arc<Recipe>, Vec<StaticSuspect>)> = Vec::new();
        let mut merged: BTreeMap<(String, String), Vec<Sink>> = BTreeMap::new();
        for suspect in std::mem::take(&mut suspects.statics).into_values() {
            if once_a_target(self.catalog, &suspect) {
                // What no operation serves (a guess, a control) is no place to name.
                if self.surface.get(&suspect.sink.endpoint).is_none() && !groups.is_empty() {
                    continue;
                }
                let key = (suspect.rule.clone(), suspect.class.clone());
                let places = merged.entry(key).or_default();
                places.push(suspect.sink.clone());
                if places.len() > 1 {
                    continue;
                }
            }
            match groups
                .iter_mut()
                .find(|(recipe, _)| **recipe == *suspect.seen_by)
            {
                Some((_, group)) => group.push(suspect),
                None => groups.push((Arc::clone(&suspect.seen_by), vec![suspect])),
            }
        }
        (groups, merged)
    }

    /// One job for each credential-like query input.
    fn queries<'b>(&'b self, confirm: &'b Confirm<'b, T, P>, drafts: &[Draft]) -> Vec<Job<'b>> {
        let mut jobs: Vec<Job<'b>> = Vec::new();
        let planner = self.bench.planner;
        for endpoint in self.surface.iter() {
            for input in endpoint
                .inputs
                .iter()
                .filter(|input| input.place == Place::Query)
            {
                let asked = planner.is_credential(&endpoint.id, input)
                    && planner.may_plant(input)
                    && !shapes(input).is_empty()
                    && self.was_planted(&endpoint.id, &input.name);
                if !asked {
                    continue;
                }
                let stored = drafts
                    .iter()
                    .find(|draft| {
                        draft.rule.id == STORED
                            && draft.verdict == Verdict::Confirmed
                            && draft.source.as_ref().is_some_and(|source| {
                                source.endpoint == endpoint.id
                                    && source.place == Place::Query
                                    && source.input == input.name
                            })
                    })
                    .cloned();
                let body = bodies(endpoint)
                    .first()
                    .copied()
                    .unwrap_or(crate::plan::BodyKind::None);
                jobs.push(Box::pin(async move {
                    let draft = confirm
                        .key_in_query(endpoint, body, input, stored.as_ref())
                        .await;
                    // Only what is offered is worth a word when it was not seen consumed.
                    draft
                        .into_iter()
                        .filter(|draft| draft.verdict == Verdict::Confirmed || offered(input))
                        .collect()
                }));
            }
        }
        jobs
    }

    fn was_planted(&self, endpoint: &EndpointId, name: &str) -> bool {
        self.bench.ledger().entries().iter().any(|entry| {
            entry.status.is_some()
                && entry.source.place == Place::Query
                && entry.source.input == name
                && entry.source.endpoint == *endpoint
        })
    }
}

/// True for an input that a page, a script or a specification offers.
fn offered(input: &Input) -> bool {
    use Provenance::{Form, Import, Link, Script, Specification};
    [Form, Import, Link, Script, Specification]
        .iter()
        .any(|by| input.provenance.contains(by))
}

/// A digest in the answer of another operation: it was stored, so it needs a plant and a read.
fn elsewhere(suspect: &Suspect) -> bool {
    suspect.rule == DIGEST && suspect.sink.endpoint != suspect.source.endpoint
}

async fn run(jobs: Vec<Job<'_>>, concurrency: usize) -> Vec<Draft> {
    let lists: Vec<Vec<Draft>> = stream::iter(jobs)
        .buffer_unordered(concurrency.max(1))
        .collect()
        .await;
    lists.into_iter().flatten().collect()
}

/// Makes findings of drafts: worst first, each fingerprint once.
fn finish(drafts: Vec<Draft>, rest: Suspects) -> Proven {
    let mut problems = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    let stored: Vec<(Option<Source>, Sink)> = drafts
        .iter()
        .filter(|draft| draft.rule.id == STORED && draft.verdict == Verdict::Confirmed)
        .map(|draft| (draft.source.clone(), draft.sink.clone()))
        .collect();
    // Sinks that an input of the same operation reaches as well, by rule.
    let own: Vec<(String, Sink)> = drafts
        .iter()
        .filter(|draft| draft.verdict == Verdict::Confirmed)
        .filter(|d| {
            d.source
                .as_ref()
                .is_some_and(|s| s.endpoint == d.sink.endpoint)
        })
        .map(|draft| (draft.rule.id.clone(), draft.sink.clone()))
        .collect();
    let echoed: Vec<Source> = drafts
        .iter()
        .filter(|draft| draft.verdict == Verdict::Confirmed && draft.transform.is_some())
        .filter_map(|draft| draft.source.clone())
        .collect();
    for draft in drafts {
        // Only echoed, and said so by another rule.
        if draft.rule.id == KEY_IN_QUERY
            && draft.verdict == Verdict::Undetermined
            && draft
                .source
                .as_ref()
                .is_some_and(|source| echoed.contains(source))
        {
            continue;
        }
        // The page that answers a submission repeats the list: the read of it says so.
        if draft.rule.id == STORED
            && draft.verdict == Verdict::Undetermined
            && stored.iter().any(|(source, sink)| {
                *source == draft.source && sink.endpoint.path == draft.sink.endpoint.path
            })
        {
            continue;
        }
        // A redirect that was followed shows what the read shows by itself.
        let followed = draft
            .source
            .as_ref()
            .is_some_and(|source| source.endpoint != draft.sink.endpoint)
            && draft.rule.id != STORED;
        if followed
            && (stored.contains(&(draft.source.clone(), draft.sink.clone()))
                || own.contains(&(draft.rule.id.clone(), draft.sink.clone())))
        {
            continue;
        }
        match Finding::new(draft) {
            Ok(finding) => match findings
                .iter_mut()
                .find(|known| known.fingerprint() == finding.fingerprint())
            {
                Some(known) if known.verdict < finding.verdict => *known = finding,
                Some(_) => {}
                None => findings.push(finding),
            },
            Err(defect) => problems.push(Problem::new("half-made-finding", defect.to_string())),
        }
    }
    findings.sort_by(|left, right| {
        let rank = |finding: &Finding| {
            (
                std::cmp::Reverse(finding.rule.severity),
                std::cmp::Reverse(finding.verdict),
                finding.rule.id.clone(),
                finding.source.clone(),
                finding.sink.clone(),
            )
        };
        rank(left).cmp(&rank(right))
    });
    Proven {
        findings,
        problems,
        rest,
    }
}
