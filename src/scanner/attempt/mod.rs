//! What to try: the experiments of all rules, from the inputs that deserve one to the draft of a
//! finding.
//!
//! Owns: the order of rules that depend on each other ([`waves`]), which inputs to try
//! ([`Explored`]), and each step as a request, with the evidence (`run`). Leaves out: what the
//! answers prove (`trial`), controls and replays (`confirm`).

mod candidates;
mod own;
mod run;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub(crate) use candidates::Explored;
pub(crate) use own::{own_credential, own_header};

use crate::credential;
use crate::finding::{Draft, Evidence, RuleInfo, Source, Verdict};
use crate::http::Transport;
use crate::judge::standing::Standings;
use crate::probe::{Catalog, Probe};
use crate::progress::Progress;
use crate::rule::{CanarySink, Candidate, Detector};
use crate::surface::EndpointId;
use crate::trial::{Experiment, Form, InputFacts, Sent, Tier};

/// One detector of one rule.
pub(crate) type Matcher<'a> = (&'a RuleInfo, &'a dyn Detector);

/// A candidate, with what earlier verdicts say about it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) candidate: Candidate,
    /// What is known about it.
    known: InputFacts,
    /// True if a page, script or specification offers it.
    offered: bool,
    /// The evidence of a confirmed finding that proves it without a request.
    proven: Option<Evidence>,
}

/// The cases of one operation for one experiment, which share its controls.
pub(crate) struct Group<'a> {
    pub(crate) rule: &'a RuleInfo,
    pub(crate) experiment: Arc<Experiment>,
    pub(crate) cases: Vec<Case>,
}

/// Confirmed findings by rule and source.
#[derive(Default)]
pub(crate) struct Confirmed(BTreeMap<(String, Source), Evidence>);

impl Confirmed {
    pub(crate) fn of(drafts: &[Draft], catalog: &Catalog) -> Self {
        let confirmed = drafts
            .iter()
            .filter(|draft| draft.verdict == Verdict::Confirmed);
        // An echo, even one in another spelling, shows that a value came back, not that it was
        // accepted.
        let taken = confirmed.filter(|draft| {
            !catalog.is_canary_rule(&draft.rule.id, CanarySink::Body)
                || !draft.transform.as_deref().is_some_and(is_rewritten)
        });
        // Evidence that shows the value as it was sent is the easiest to read. Sorting also removes
        // the chance order of answers.
        let mut taken: Vec<&Draft> = taken.collect();
        taken.sort_by_key(|draft| (draft.transform.as_deref() != Some("identity"), &draft.sink));
        let mut facts = BTreeMap::new();
        for draft in taken {
            if let Some(source) = draft.source.clone() {
                let key = (draft.rule.id.clone(), source);
                facts.entry(key).or_insert_with(|| draft.evidence.clone());
            }
        }
        Self(facts)
    }

    pub(super) fn of_one(&self, rules: &[String], source: &Source) -> Option<&Evidence> {
        rules
            .iter()
            .find_map(|rule| self.0.get(&(rule.clone(), source.clone())))
    }
}

/// What groups are made from.
pub(crate) struct Cases<'a, T, P> {
    /// What exploring has shown.
    pub(crate) explored: &'a Explored<'a, T, P>,
    /// Knows which inputs are credential-like.
    pub(crate) standings: &'a Standings,
    /// Confirmed findings so far.
    pub(crate) facts: &'a Confirmed,
    /// Operations that rules have already compared.
    pub(crate) done: &'a BTreeSet<EndpointId>,
    /// True if the tester gave a credential that an experiment may send.
    pub(crate) has_own: bool,
}

impl<T: Transport, P: Progress> Cases<'_, T, P> {
    /// Groups the cases of a wave's detectors by rule, experiment and operation.
    pub(crate) fn groups<'b>(&self, wave: &[Matcher<'b>]) -> Vec<Group<'b>> {
        let mut groups = Vec::new();
        for (rule, detector) in wave {
            let mut sorted: BTreeMap<(usize, EndpointId), Vec<Case>> = BTreeMap::new();
            let experiments = detector.experiments();
            for candidate in detector.candidates(self.explored) {
                let endpoint = candidate.base.endpoint.clone();
                if self.done.contains(&endpoint) || !self.looks_at(&candidate) {
                    continue;
                }
                let is_its = |one: &Arc<Experiment>| Arc::ptr_eq(one, &candidate.experiment);
                let at = experiments.iter().position(is_its);
                debug_assert!(at.is_some(), "{}: an experiment of no detector", rule.id);
                let Some(at) = at else { continue };
                let cases = sorted.entry((at, endpoint)).or_default();
                cases.push(self.case(candidate));
            }
            groups.extend(sorted.into_iter().map(|((at, _), cases)| Group {
                rule,
                experiment: Arc::clone(&experiments[at]),
                cases,
            }));
        }
        groups
    }

    fn case(&self, candidate: Candidate) -> Case {
        let (experiment, input) = (&candidate.experiment, &candidate.input);
        let source = candidate.source();
        let credentials = &self.explored.executor.planner.credentials;
        Case {
            known: InputFacts {
                strong: credentials.tier(&source.input) == credential::Tier::Strong,
                safe: source.endpoint.method.is_safe(),
                accepted: self
                    .facts
                    .of_one(&experiment.accepted_by, &source)
                    .is_some(),
            },
            offered: candidates::offered(input) && !credential::shows_words(input),
            proven: self.facts.of_one(&experiment.proven_by, &source).cloned(),
            candidate,
        }
    }

    fn looks_at(&self, candidate: &Candidate) -> bool {
        let (experiment, input) = (&candidate.experiment, &candidate.input);
        let (range, source) = (&experiment.inputs, candidate.source());
        let stands = self.standings.of(&source);
        let tier = match range.tier {
            Tier::Any => true,
            Tier::Weak => stands.ceiling().is_some(),
            Tier::Strong => stands.is_strong(),
        };
        let sends_own = experiment
            .steps
            .iter()
            .any(|step| step.forms.contains(&Sent::Form(Form::Own)));
        tier && (!sends_own || self.has_own)
            && range.contains(input.place, &input.name, source.endpoint.path.as_str())
    }
}

/// Returns the matchers in an order in which they can run: a rule that depends on another's verdict
/// comes after it. Rules that depend on each other come last, together.
pub(crate) fn waves(catalog: &Catalog) -> VecDeque<Vec<Matcher<'_>>> {
    let mut left: Vec<&Probe> = catalog
        .iter()
        .filter(|probe| probe.experiments().next().is_some())
        .collect();
    let rests = |probe: &Probe| {
        let of = |one: &Arc<Experiment>| [one.proven_by.clone(), one.accepted_by.clone()].concat();
        probe
            .experiments()
            .flat_map(of)
            .collect::<BTreeSet<String>>()
    };
    let mut waves: VecDeque<Vec<Matcher<'_>>> = VecDeque::new();
    let all = |probes: &[&'_ Probe]| -> Vec<String> {
        probes.iter().map(|probe| probe.rule.id.clone()).collect()
    };
    // The first wave runs alongside the confirmation of canaries, so its rules must not depend on
    // any other.
    let mut first = true;
    while !left.is_empty() {
        let waiting = all(&left);
        let (mut ready, rest): (Vec<&Probe>, Vec<&Probe>) = left.into_iter().partition(|probe| {
            let rests = rests(probe);
            if first {
                rests.is_empty()
            } else {
                rests
                    .iter()
                    .all(|rule| *rule == probe.rule.id || !waiting.contains(rule))
            }
        });
        left = rest;
        if ready.is_empty() && !first {
            ready = std::mem::take(&mut left);
        }
        first = false;
        let wave = ready.into_iter().flat_map(|probe| {
            let active = probe
                .detectors
                .iter()
                .filter(|one| !one.experiments().is_empty());
            active.map(|one| (&probe.rule, &**one))
        });
        waves.push_back(wave.collect());
    }
    waves
}

/// Returns true for a text that was written in another way without losing anything.
fn is_rewritten(transform: &str) -> bool {
    transform
        .split('/')
        .all(|step| !matches!(step, "truncated" | "masked"))
}
