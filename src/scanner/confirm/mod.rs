//! Proof: repeats every suspect with a fresh canary, and runs its controls.
//!
//! Owns: a straight pass over a small plan; verdicts. Leaves out: finding suspects (`judge`).
//! Nothing seen here creates a new suspect.

pub(crate) mod controls;
mod direct;
mod fresh;
mod shell;
mod statics;
pub(crate) mod stored;

pub(crate) use statics::once_a_target;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::canary::{Shape, Strength};
use crate::finding::{
    Draft, Evidence, ExchangeText, MergedOver, Role, RuleInfo, SinkPlace, Source, Verdict,
};
use crate::http::Transport;
use crate::judge::sightings::{Eyes, Seen, Sighting};
use crate::judge::suspects::{Cutter, Suspect, hidden, secrets};
use crate::observe::Observation;
use crate::plan::{Fill, RequestTemplate, shapes};
use crate::probe::Catalog;
use crate::progress::Progress;
use crate::rule::CanarySink;
use crate::send::Executor;
use crate::settings::Settings;
use crate::surface::{EndpointId, Place, Surface};

/// How often a request is sent again if its answer was lost on its way.
const AGAIN: usize = 2;

/// What all confirmations share.
pub(crate) struct Confirm<'a, T, P> {
    /// Sends requests.
    pub(crate) executor: &'a Executor<'a, T, P>,
    /// Examines answers.
    pub(crate) eyes: &'a Eyes<'a>,
    /// Knows the facts about rules.
    pub(crate) catalog: &'a Catalog,
    /// Knows the operations.
    pub(crate) surface: &'a Surface,
    /// Request templates that got past a refusal. Their keys are added to requests that take them
    /// too.
    pub(crate) opened: &'a [Arc<RequestTemplate>],
    /// Controls that have been run. One serves all inputs of its place and operation.
    pub(crate) controls: controls::Shared,
    /// How long a queue may take. If zero, nothing waits.
    pub(crate) settle: Duration,
    /// Suspects that a queue in the application may still hold.
    pub(crate) waiting: stored::Queue,
    /// Requests that were seen to create what an operation reads, by that operation.
    pub(crate) makers: BTreeMap<EndpointId, Arc<RequestTemplate>>,
    /// Knows what may be sent.
    pub(crate) settings: &'a Settings,
    /// The tester's own credential, for probes that send it elsewhere.
    pub(crate) own: Option<String>,
}

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Sends a request template and examines what comes back. If the answer is lost, sends it again
    /// with fresh canaries.
    pub(crate) async fn replay(
        &self,
        template: &Arc<RequestTemplate>,
        role: Role,
    ) -> (Observation, Seen) {
        let mut observation = self.executor.run_quietly(template, role).await;
        for _ in 0..AGAIN {
            if !observation.is_lost() {
                break;
            }
            observation = self.executor.run_quietly(template, role).await;
        }
        let seen = self
            .eyes
            .look(&observation, &self.executor.ledger(), self.surface);
        self.executor.owner.hide(&secrets(&observation, &seen));
        (observation, seen)
    }

    fn rule(&self, id: &str) -> Option<RuleInfo> {
        self.catalog.rule(id).cloned()
    }

    /// Returns the first rule that looks for such sightings.
    fn canary_rule(&self, kind: CanarySink) -> Option<RuleInfo> {
        self.catalog.canary_rules(kind).next().cloned()
    }

    /// Copies what was proven of a suspect to every rule that looks for such sightings.
    fn for_every_rule(&self, suspect: &Suspect, proven: Option<Draft>) -> Vec<Draft> {
        let Some(draft) = proven else {
            return Vec::new();
        };
        let rules = self.catalog.canary_rules(suspect.kind);
        rules
            .map(|rule| Draft {
                rule: titled(rule.clone(), suspect),
                ..draft.clone()
            })
            .collect()
    }

    /// Returns the texts of an observation's own canaries.
    pub(crate) fn texts(&self, observation: &Observation) -> Vec<String> {
        let ledger = self.executor.ledger();
        let entries = observation
            .planted
            .iter()
            .filter_map(|slot| ledger.entry(*slot));
        entries.map(|entry| entry.canary.text.clone()).collect()
    }

    /// Drafts the suspects that no attempt has shown again. `blocked` means that the application's
    /// state refused an attempt (409, 429), which says nothing against a full-strength sighting.
    fn unproven(&self, suspects: Vec<&Suspect>, blocked: bool) -> Vec<Draft> {
        let drafts = suspects.into_iter().filter_map(|suspect| {
            let verdict = if blocked && suspect.strength == Strength::Full {
                Verdict::Likely
            } else {
                Verdict::Undetermined
            };
            let rule = self.canary_rule(suspect.kind)?;
            let draft = draft_of(suspect, rule, suspect.evidence.clone());
            Some((suspect, Draft { verdict, ..draft }))
        });
        drafts
            .flat_map(|(suspect, draft)| self.for_every_rule(suspect, Some(draft)))
            .collect()
    }

    /// Returns the attempts for all suspects of a source, each once.
    fn all_attempts(&self, source: &Source, suspects: &[Suspect]) -> Vec<RequestTemplate> {
        let mut attempts: Vec<RequestTemplate> = Vec::new();
        for suspect in suspects {
            for attempt in self.attempts(&suspect.planted_by, source) {
                if !attempts.contains(&attempt) {
                    attempts.push(attempt);
                }
            }
        }
        attempts
    }

    /// Returns the requests that could show a suspect again, the most minimal first: with only its
    /// own input planted, with the keys that got past a refusal, and with everything as it was.
    /// Each may be sent twice.
    fn attempts(&self, planted_by: &RequestTemplate, source: &Source) -> Vec<RequestTemplate> {
        let is_source = |place: Place, name: &str| place == source.place && name == source.input;
        let Some((input, fill)) = planted_by
            .fills
            .iter()
            .find(|(input, _)| is_source(input.place, &input.name))
        else {
            return Vec::new();
        };
        // A weak form is confirmed by a strong one if the input takes it.
        let strong = shapes(input).into_iter().rfind(|shape| shape.is_strong());
        let fills: Vec<Fill> = match (fill, strong) {
            (Fill::Canary(Shape::Short) | Fill::Quoted(_), Some(strong)) => {
                vec![Fill::Canary(strong), fill.clone()]
            }
            _ => vec![fill.clone()],
        };
        let base = match self.surface.get(&planted_by.endpoint) {
            Some(endpoint) => {
                let mut base = self.executor.planner.baseline(endpoint, planted_by.body);
                // Use the path that was seen to work, not one that was learnt later.
                for (input, fill) in &planted_by.fills {
                    if input.place == Place::Path && fill.shape().is_none() {
                        base = base.with(input, fill.clone());
                    }
                }
                base.path.clone_from(&planted_by.path);
                base
            }
            None => planted_by.without(|input| !is_source(input.place, &input.name)),
        };
        let once = RequestTemplate {
            repeat: false,
            ..planted_by.clone()
        };
        let mut attempts: Vec<RequestTemplate> = Vec::new();
        for fill in fills {
            let minimal = base.with(input, fill.clone());
            let keyed = planted_by
                .fills
                .iter()
                .fold(minimal.clone(), |template, (other, fill)| {
                    let key = !other.place.in_body()
                        && fill.shape().is_some()
                        && !is_source(other.place, &other.name)
                        && self
                            .executor
                            .planner
                            .is_credential(&planted_by.endpoint, other);
                    if key {
                        template.with(other, fill.clone())
                    } else {
                        template
                    }
                });
            let whole = once.with(input, fill);
            for attempt in [minimal, keyed, whole] {
                if !attempts.contains(&attempt) {
                    attempts.push(attempt);
                }
            }
        }
        // Send it twice only if once does not show it: what must be unique is reported the second
        // time.
        if planted_by.repeat {
            let twice = attempts.clone().into_iter().map(|attempt| RequestTemplate {
                repeat: true,
                ..attempt
            });
            attempts.extend(twice);
        }
        attempts
    }
}

/// Returns true if a sighting of a fresh canary matches a suspect.
fn matches(sighting: &Sighting, suspect: &Suspect) -> bool {
    sighting.kind == Some(suspect.kind)
        && sighting.source == suspect.source
        && sighting.sink.place == suspect.sink.place
        && sighting.sink.field == suspect.sink.field
        && suspect.transforms.contains(&sighting.transform)
}

/// Collects evidence from a step of a confirmation.
fn evidence_of<T, P>(
    executor: &Executor<'_, T, P>,
    place: &SinkPlace,
    span: &std::ops::Range<usize>,
    (role, observation, seen): (Role, &Observation, &Seen),
    at: usize,
) -> Option<(String, ExchangeText)> {
    let step = observation.steps.get(at)?;
    let cut = Cutter {
        redactor: &executor.owner.redactor(),
        hidden: &hidden(&seen.statics, at, place),
    };
    Some((
        cut.snippet(step.response()?, place, span),
        cut.exchange(role, step, place, span),
    ))
}

/// Gives a rule the title that it has for such an input.
fn titled(mut rule: RuleInfo, suspect: &Suspect) -> RuleInfo {
    if let (false, Some(title)) = (suspect.credential_like, &rule.title_any) {
        rule.title.clone_from(title);
    }
    rule
}

/// Drafts a canary suspect, with the evidence that the scan itself has.
fn draft_of(suspect: &Suspect, rule: RuleInfo, evidence: Evidence) -> Draft {
    Draft {
        rule,
        verdict: Verdict::Undetermined,
        source: Some(suspect.source.clone()),
        sink: suspect.sink.clone(),
        class: "canary".to_owned(),
        merged_over: MergedOver::Nothing,
        occurrences: Vec::new(),
        covers: Vec::new(),
        transform: Some(suspect.transform.clone()),
        evidence,
        planted_at: Some(suspect.planted_at),
        first_seen: Some(suspect.first_seen),
        last_seen: Some(suspect.last_seen),
    }
}

/// Groups suspects by source, so that one fresh plant serves all their sinks.
pub(crate) fn by_source(suspects: Vec<Suspect>) -> BTreeMap<Source, Vec<Suspect>> {
    let mut groups: BTreeMap<Source, Vec<Suspect>> = BTreeMap::new();
    for suspect in suspects {
        groups
            .entry(suspect.source.clone())
            .or_default()
            .push(suspect);
    }
    groups
}
