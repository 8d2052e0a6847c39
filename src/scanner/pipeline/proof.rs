//! The confirming phase: proves, weakens or drops every suspect.
//!
//! Owns: which confirmations are run. Leaves out: how each one works (`confirm`).

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::exploration::LadderResults;
use super::merge::StaticSuspects;
use crate::attempt::{Cases, Confirmed, Explored, Group, Matcher, waves};
use crate::confirm::{Confirm, by_source, controls, stored};
use crate::finding::{Draft, Finding, Problem, Sink, Source, Verdict};
use crate::http::{Phase, Transport};
use crate::judge::sightings::Eyes;
use crate::judge::standing::{Standings, Stands};
use crate::judge::suspects::{Suspect, Suspects};
use crate::plan::RequestTemplate;
use crate::probe::{Catalog, Probe};
use crate::progress::Progress;
use crate::rule::CanarySink;
use crate::send::Executor;
use crate::settings::Settings;
use crate::surface::{EndpointId, Input, Surface};
use crate::trial::Tier;

/// Proves suspects.
pub(super) struct Proof<'a, T, P> {
    /// Sends requests.
    pub(super) executor: &'a Executor<'a, T, P>,
    /// Looks at answers.
    pub(super) eyes: &'a Eyes<'a>,
    /// Holds the rules.
    pub(super) catalog: &'a Catalog,
    /// Holds the operations.
    pub(super) surface: &'a Surface,
    /// Says which inputs are credential-like.
    pub(super) standings: &'a Standings,
    /// Says what may be sent.
    pub(super) settings: &'a Settings,
    /// The tester's own credential.
    pub(super) own: Option<String>,
    /// The header that carries it, with a similar value that was never issued.
    pub(super) own_header: Option<Input>,
    /// Query values sent with every request.
    pub(super) own_queries: Vec<(String, String)>,
    /// Operations whose comparing rules have already run.
    pub(super) done: BTreeSet<EndpointId>,
}

/// The result of proving.
pub(super) struct ProofResult {
    /// The findings.
    pub(super) findings: Vec<Finding>,
    /// Drafts that lacked something, which are defects of keyspill.
    pub(super) problems: Vec<Problem>,
    /// What remains: flows and secrets.
    pub(super) rest: Suspects,
}

type Job<'a> = Pin<Box<dyn Future<Output = Vec<Draft>> + 'a>>;

impl<T: Transport, P: Progress> Proof<'_, T, P> {
    /// Proves all suspects.
    pub(super) async fn prove(
        &self,
        mut suspects: Suspects,
        climbed: &LadderResults,
    ) -> ProofResult {
        let abreast = self.settings.http.abreast();
        suspects.settle(self.surface);
        suspects.judge(self.standings);
        let confirm = Confirm {
            executor: self.executor,
            eyes: self.eyes,
            catalog: self.catalog,
            surface: self.surface,
            opened: &climbed.opened,
            controls: controls::Shared::default(),
            settle: self.settings.settle,
            waiting: stored::Queue::default(),
            makers: self.makers(&suspects),
            settings: self.settings,
            own: self.own.clone(),
        };
        let canaries: Vec<Suspect> = std::mem::take(&mut suspects.canaries)
            .into_values()
            .collect();
        let (stored, direct): (Vec<Suspect>, Vec<Suspect>) = canaries
            .into_iter()
            .partition(|suspect| suspect.kind == CanarySink::Stored || elsewhere(suspect));
        let mut statics = StaticSuspects::of(&mut suspects, self.catalog, self.surface);
        let (stored, direct) = (by_source(stored), by_source(direct));

        let explored = Explored {
            executor: self.executor,
            surface: self.surface,
            settings: self.settings,
            opened: &climbed.opened,
            broken: &climbed.broken,
            own_header: self.own_header.clone(),
            own_queries: self.own_queries.clone(),
        };
        let mut waves = waves(self.catalog);
        let first = waves.pop_front().unwrap_or_default();
        let first = self.groups(&explored, &first, &Confirmed::default());

        let mut jobs: Vec<Job<'_>> = Vec::new();
        for (source, group) in &stored {
            let confirm = &confirm;
            jobs.push(Box::pin(async move { confirm.stored(source, group).await }));
        }
        for (source, group) in &direct {
            let confirm = &confirm;
            jobs.push(Box::pin(async move { confirm.direct(source, group).await }));
        }
        for (template, group) in &statics.first {
            let confirm = &confirm;
            jobs.push(Box::pin(
                async move { confirm.statics(template, group).await },
            ));
        }
        for one in &first {
            let confirm = &confirm;
            jobs.push(Box::pin(self.attempt(confirm, one)));
        }
        self.executor.progress.phase("confirm", None);
        self.executor.http.enter(Phase::Confirm);
        let mut drafts = self.run(jobs, abreast).await;
        let rest = statics.second(&drafts);
        let jobs = rest.iter().map(|(template, group)| -> Job<'_> {
            let confirm = &confirm;
            Box::pin(async move { confirm.statics(template, group).await })
        });
        drafts.extend(self.run(jobs.collect(), abreast).await);
        drafts.extend(self.late(&confirm, abreast).await);
        // Rules that depend on the verdicts of other rules wait for them.
        for wave in waves {
            let facts = Confirmed::of(&drafts, self.catalog);
            let groups = self.groups(&explored, &wave, &facts);
            let jobs: Vec<Job<'_>> = groups
                .iter()
                .map(|one| -> Job<'_> { Box::pin(self.attempt(&confirm, one)) })
                .collect();
            drafts.extend(self.run(jobs, abreast).await);
        }

        finish(statics.merge(drafts, self.catalog), suspects, self.catalog)
    }

    /// Returns, for each operation that reads one record, a request whose values the operation was seen
    /// to show.
    fn makers(&self, suspects: &Suspects) -> BTreeMap<EndpointId, Arc<RequestTemplate>> {
        let mut makers = BTreeMap::new();
        let is_record = |sink: &Sink| sink.endpoint.path.names().len() == 1;
        for suspect in suspects.canaries.values() {
            if suspect.kind == CanarySink::Stored && suspect.taken && is_record(&suspect.sink) {
                let id = suspect.sink.endpoint.clone();
                makers
                    .entry(id)
                    .or_insert_with(|| Arc::clone(&suspect.planted_by));
            }
        }
        let ledger = self.executor.ledger();
        for flow in suspects.flows(self.standings) {
            let apart = flow.source.endpoint != flow.sink.endpoint;
            if !apart || !is_record(&flow.sink) || makers.contains_key(&flow.sink.endpoint) {
                continue;
            }
            let taken = ledger
                .entries()
                .iter()
                .rev()
                .find(|entry| entry.source == flow.source && entry.is_taken());
            if let Some(entry) = taken {
                makers.insert(flow.sink.endpoint, Arc::clone(&entry.template));
            }
        }
        makers
    }

    /// Returns what a wave of comparing rules has to try.
    fn groups<'b>(
        &self,
        explored: &Explored<'_, T, P>,
        wave: &[Matcher<'b>],
        facts: &Confirmed,
    ) -> Vec<Group<'b>> {
        let cases = Cases {
            explored,
            standings: self.standings,
            facts,
            done: &self.done,
            has_own: self.own.is_some(),
        };
        cases.groups(wave)
    }

    /// Tries the cases of one operation. If the experiment asks for a credential, the input's standing
    /// limits the verdict.
    async fn attempt(&self, confirm: &Confirm<'_, T, P>, group: &Group<'_>) -> Vec<Draft> {
        let mut drafts = confirm.attempt(group).await;
        if group.experiment.inputs.tier != Tier::Any {
            for draft in &mut drafts {
                let stands = draft
                    .source
                    .as_ref()
                    .map(|source| self.standings.of(source));
                if let Some(ceiling) = stands.and_then(Stands::ceiling) {
                    draft.verdict = draft.verdict.min(ceiling);
                }
            }
        }
        drafts
    }

    /// Looks again for values that a worker stores, after one wait for all of them; those still missing
    /// are looked for once more, with nothing else running.
    async fn late(&self, confirm: &Confirm<'_, T, P>, abreast: usize) -> Vec<Draft> {
        let waiting = confirm.waiting.take();
        if waiting.is_empty() {
            return Vec::new();
        }
        self.executor.http.rest(self.settings.settle).await;
        let jobs = waiting
            .into_iter()
            .map(|one| -> Job<'_> { Box::pin(confirm.late(one)) });
        let mut drafts = self.run(jobs.collect(), abreast).await;
        let missing = confirm.waiting.take();
        let jobs = missing
            .iter()
            .map(|one| -> Job<'_> { Box::pin(confirm.alone(one, abreast > 1)) });
        drafts.extend(self.run(jobs.collect(), 1).await);
        drafts
    }

    /// Runs jobs concurrently, and reports what each has proven.
    async fn run(&self, jobs: Vec<Job<'_>>, abreast: usize) -> Vec<Draft> {
        let lists: Vec<Vec<Draft>> = stream::iter(jobs)
            .buffer_unordered(abreast)
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
            self.executor.progress.proven(&finding);
        }
    }
}

/// Returns true for a digest in the answer of another operation: it was stored, so it needs a plant and
/// a read.
fn elsewhere(suspect: &Suspect) -> bool {
    suspect.kind == CanarySink::Digest && suspect.sink.endpoint != suspect.source.endpoint
}

/// Turns drafts into findings: worst first, each fingerprint once.
fn finish(drafts: Vec<Draft>, rest: Suspects, catalog: &Catalog) -> ProofResult {
    let is_stored = |draft: &Draft| catalog.is_canary_rule(&draft.rule.id, CanarySink::Stored);
    let tells_offered = |draft: &Draft| {
        catalog
            .get(&draft.rule.id)
            .is_some_and(Probe::tells_offered)
    };
    let mut problems = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    let stored: Vec<(Option<Source>, Sink)> = drafts
        .iter()
        .filter(|draft| is_stored(draft) && draft.verdict >= Verdict::Likely)
        .map(|draft| (draft.source.clone(), draft.sink.clone()))
        .collect();
    // Sinks that an input of the same operation also reaches, by rule.
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
    let mut told: BTreeSet<(String, Source)> = BTreeSet::new();
    let consumed: BTreeSet<(String, Source)> = drafts
        .iter()
        .filter(|draft| tells_offered(draft) && draft.verdict == Verdict::Confirmed)
        .filter_map(|draft| Some((draft.rule.id.clone(), draft.source.clone()?)))
        .collect();
    for draft in drafts {
        // Two matchers may look at the same key, which must be reported only once.
        if let (true, Some(source)) = (tells_offered(&draft), &draft.source)
            && consumed.contains(&(draft.rule.id.clone(), source.clone()))
            && (draft.verdict != Verdict::Confirmed
                || !told.insert((draft.rule.id.clone(), source.clone())))
        {
            continue;
        }
        // Only echoed, which another rule reports.
        if tells_offered(&draft)
            && draft.verdict == Verdict::Undetermined
            && draft
                .source
                .as_ref()
                .is_some_and(|source| echoed.contains(source))
        {
            continue;
        }
        // The page that answers a submission repeats the list, and the read of the list is reported
        // already.
        if is_stored(&draft)
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
            && !is_stored(&draft);
        if followed
            && (stored.contains(&(draft.source.clone(), draft.sink.clone()))
                || own.contains(&(draft.rule.id.clone(), draft.sink.clone())))
        {
            continue;
        }
        match Finding::new(draft) {
            Ok(finding) => keep(&mut findings, finding),
            Err(defect) => problems.push(Problem::new("half-made-finding", defect.to_string())),
        }
    }
    sort(&mut findings);
    ProofResult {
        findings,
        problems,
        rest,
    }
}

/// Sorts findings, worst first.
fn sort(findings: &mut [Finding]) {
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
}

/// Adds findings that were proven later.
pub(super) fn join(findings: &mut Vec<Finding>, later: Vec<Finding>) {
    for finding in later {
        keep(findings, finding);
    }
    sort(findings);
}

/// Keeps the finding with the highest verdict for each fingerprint.
fn keep(findings: &mut Vec<Finding>, finding: Finding) {
    let known = findings
        .iter_mut()
        .find(|known| known.fingerprint() == finding.fingerprint());
    match known {
        Some(known) if known.verdict < finding.verdict => *known = finding,
        Some(_) => {}
        None => findings.push(finding),
    }
}
