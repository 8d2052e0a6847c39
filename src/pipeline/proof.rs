//! The confirming phase: every suspect is proven, weakened, or dropped.
//!
//! Owns: which confirmations are run. Leaves out: how each one works (`confirm`).

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::differential::Facts;
use super::rounds::Climbed;
use crate::confirm::{Confirm, by_source, controls, once_a_target, stored};
use crate::finding::{Draft, Finding, Occurrence, Problem, Sink, Source, Verdict};
use crate::http::Transport;
use crate::judge::sightings::Eyes;
use crate::judge::suspects::{StaticSuspect, Suspect, Suspects};
use crate::plan::Recipe;
use crate::probe::Catalog;
use crate::progress::{Progress, Stop};
use crate::send::Bench;
use crate::settings::Settings;
use crate::surface::{Input, Surface};

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
    /// Knows what may be sent.
    pub(super) settings: &'a Settings,
    /// The tester's own credential.
    pub(super) own: Option<String>,
    /// The header that carries it, with a value like it that nobody has issued.
    pub(super) own_header: Option<Input>,
    /// Ends that wait.
    pub(super) stop: &'a Stop,
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
    pub(super) async fn prove(&self, mut suspects: Suspects, climbed: &Climbed) -> Proven {
        let concurrency = self.settings.http.concurrency;
        let confirm = Confirm {
            bench: self.bench,
            eyes: self.eyes,
            catalog: self.catalog,
            surface: self.surface,
            opened: &climbed.opened,
            controls: controls::Shared::default(),
            settle: self.settings.settle,
            waiting: stored::Queue::default(),
            settings: self.settings,
            own: self.own.clone(),
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

        let mut waves = self.waves();
        let facts = Facts::default();
        let first = waves.pop_front().unwrap_or_default();
        let first = self.candidates(&first, climbed, &facts);

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
        for one in &first {
            let confirm = &confirm;
            jobs.push(Box::pin(async move {
                confirm
                    .differential(one.rule, one.probe, &one.candidates)
                    .await
            }));
        }
        self.bench.progress.phase("confirm", None);
        let mut drafts = self.run(jobs, concurrency).await;
        drafts.extend(self.late(&confirm, concurrency).await);
        // What rests on other rules' verdicts waits for them.
        for wave in waves {
            let facts = Facts::of(&drafts);
            let groups = self.candidates(&wave, climbed, &facts);
            let jobs: Vec<Job<'_>> = groups
                .iter()
                .map(|one| -> Job<'_> {
                    let confirm = &confirm;
                    Box::pin(async move {
                        confirm
                            .differential(one.rule, one.probe, &one.candidates)
                            .await
                    })
                })
                .collect();
            drafts.extend(self.run(jobs, concurrency).await);
        }

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

    /// What is stored by a worker is looked for once more, after one wait for all of it.
    async fn late(&self, confirm: &Confirm<'_, T, P>, concurrency: usize) -> Vec<Draft> {
        let waiting = confirm.waiting.take();
        if waiting.is_empty() {
            return Vec::new();
        }
        tokio::select! {
            () = tokio::time::sleep(self.settings.settle) => {}
            () = self.stop.wait() => {}
        }
        let jobs = waiting
            .iter()
            .map(|one| -> Job<'_> { Box::pin(confirm.late(one)) });
        self.run(jobs.collect(), concurrency).await
    }

    /// Runs jobs side by side, and tells what each has proven.
    async fn run(&self, jobs: Vec<Job<'_>>, concurrency: usize) -> Vec<Draft> {
        let lists: Vec<Vec<Draft>> = stream::iter(jobs)
            .buffer_unordered(concurrency.max(1))
            .inspect(|drafts| self.tell(drafts))
            .collect()
            .await;
        lists.into_iter().flatten().collect()
    }

    fn tell(&self, drafts: &[Draft]) {
        let sure = drafts
            .iter()
            .filter(|draft| draft.verdict > Verdict::Undetermined);
        for finding in sure.filter_map(|draft| Finding::new(draft.clone()).ok()) {
            self.bench.progress.proven(&finding);
        }
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
        let (served, others): (Vec<_>, Vec<_>) = std::mem::take(&mut suspects.statics)
            .into_values()
            .partition(|suspect| self.surface.get(&suspect.sink.endpoint).is_some());
        for suspect in served.into_iter().chain(others) {
            if once_a_target(self.catalog, &suspect) {
                let key = (suspect.rule.clone(), suspect.class.clone());
                // What no operation serves (a guess, a control) is no place to name beside others.
                if self.surface.get(&suspect.sink.endpoint).is_none() && merged.contains_key(&key) {
                    continue;
                }
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
}

/// A digest in the answer of another operation: it was stored, so it needs a plant and a read.
fn elsewhere(suspect: &Suspect) -> bool {
    suspect.rule == DIGEST && suspect.sink.endpoint != suspect.source.endpoint
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
