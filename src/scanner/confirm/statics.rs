//! Static texts: fetched again for the proof, and absent on a nonsense path beside it.

use std::sync::Arc;

use super::controls::nonsense_beside;
use super::{Confirm, evidence_of};
use crate::credential::Tier;
use crate::detect::minted;
use crate::finding::{Draft, Evidence, MergedOver, Role, Verdict};
use crate::http::Transport;
use crate::judge::sightings::Seen;
use crate::judge::suspects::StaticSuspect;
use crate::observe::Observation;
use crate::plan::{Fill, RequestTemplate};
use crate::probe::Catalog;
use crate::progress::Progress;
use crate::rule::{Merge, Shows, StaticSighting};

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Confirms the static suspects that were seen in the answer to one request template.
    pub(crate) async fn statics(
        &self,
        template: &Arc<RequestTemplate>,
        group: &[StaticSuspect],
    ) -> Vec<Draft> {
        let (observation, seen) = self.replay(template, Role::Replay).await;
        let mut control = template.without(|input| input.place == crate::surface::Place::Path);
        control.path = nonsense_beside(self.executor.target, &self.template(template));
        let beside = match control.path {
            Some(_) => Some(self.replay(&Arc::new(control), Role::Control).await),
            None => None,
        };
        let answered = beside
            .as_ref()
            .is_none_or(|(observation, _)| observation.answer().is_some());
        let elsewhere = beside.map(|(_, seen)| seen).unwrap_or_default();
        let mut drafts = Vec::new();
        for suspect in group {
            let Some(mut rule) = self.rule(&suspect.rule) else {
                continue;
            };
            let once = once_a_target(self.catalog, suspect);
            if !once {
                // The group is for the debugger's findings; other findings of the rule stand alone.
                rule.group = None;
            }
            let again = same(&seen, suspect);
            // A catch-all page that shows it everywhere proves nothing about this operation. A
            // debugger does, since every page that breaks shows it. A secret or a message that even
            // the page of an unknown path shows is still exposed, but the part that shows it is
            // unknown.
            let everywhere = same(&elsewhere, suspect).is_some() && !once;
            let merge = self
                .catalog
                .get(&suspect.rule)
                .map(|probe| probe.policy.merge);
            if everywhere && merge != Some(Merge::Cause) {
                continue;
            }
            if suspect.needs_provoking && self.stands_unprovoked(template, suspect).await {
                continue;
            }
            if again.is_some() && self.is_minted(template, &observation, suspect).await {
                continue;
            }
            let mut verdict = Verdict::Undetermined;
            let mut evidence: Evidence = suspect.evidence.clone();
            if let Some((at, sighting)) = again
                && let Some((snippet, text)) = evidence_of(
                    self.executor,
                    &suspect.sink.place,
                    &sighting.span,
                    (Role::Replay, &observation, &seen),
                    at,
                )
            {
                if answered {
                    verdict = if everywhere {
                        Verdict::Likely
                    } else {
                        Verdict::Confirmed
                    };
                }
                evidence = Evidence {
                    snippet,
                    curl: self.curl(&observation, at),
                    exchanges: vec![text],
                };
                // The record of this run does not exist in another database.
                if let Some(fresh) = self.on_record(suspect).await
                    && let Some((_, sighting)) = same(&fresh.done.1, suspect)
                    && let Some((snippet, text)) = evidence_of(
                        self.executor,
                        &suspect.sink.place,
                        &sighting.span,
                        (Role::Replay, &fresh.done.0, &fresh.done.1),
                        fresh.at,
                    )
                {
                    evidence = Evidence {
                        snippet,
                        curl: fresh.curl,
                        exchanges: vec![text],
                    };
                }
            }
            drafts.push(Draft {
                rule,
                verdict,
                source: None,
                sink: suspect.sink.clone(),
                class: suspect.class.clone(),
                merged_over: if once {
                    MergedOver::Everything
                } else {
                    MergedOver::Nothing
                },
                occurrences: Vec::new(),
                covers: Vec::new(),
                transform: None,
                evidence,
                planted_at: None,
                first_seen: Some(suspect.first_seen),
                last_seen: Some(suspect.first_seen),
            });
        }
        drafts
    }

    /// Returns true for a field under a weak name (`token`), or in a page's form or script, that
    /// has a different value in each answer.
    async fn is_minted(
        &self,
        template: &Arc<RequestTemplate>,
        observation: &Observation,
        suspect: &StaticSuspect,
    ) -> bool {
        let field = suspect.sink.field.as_str();
        let credentials = &self.executor.planner.credentials;
        let carried = ["inputs.", "script", "data", "comment"]
            .iter()
            .any(|begin| field.starts_with(begin));
        let may_be = carried || credentials.tier(field) == Tier::Weak;
        if suspect.shows != Shows::RecordField || !may_be {
            return false;
        }
        let (second, _) = self.replay(template, Role::Control).await;
        match (observation.last_answer(), second.last_answer()) {
            (Some(first), Some(second)) => minted(first, second, field),
            _ => false,
        }
    }

    /// Returns true if the same operation shows the text with plain values too.
    async fn stands_unprovoked(&self, template: &RequestTemplate, suspect: &StaticSuspect) -> bool {
        let endpoint = self.surface.get(&template.endpoint);
        let baseline = endpoint.map(|one| self.executor.planner.baseline(one, template.body));
        let plain = template.map(|input, fill| {
            fill.shape()?;
            let known = baseline.as_ref();
            let known = known.and_then(|known| known.fill(input.place, &input.name).cloned());
            let any = || Fill::Plain(serde_json::Value::String("sample".to_owned()));
            Some(known.unwrap_or_else(any))
        });
        let (_, seen) = self.replay(&Arc::new(plain), Role::Control).await;
        same(&seen, suspect).is_some()
    }
}

/// Returns true if a suspect makes one finding per rule and target: debugger pages, and what is
/// public by design, appear on every page, or on every page that breaks.
pub(crate) fn once_a_target(catalog: &Catalog, suspect: &StaticSuspect) -> bool {
    let merge = catalog.get(&suspect.rule).map(|probe| probe.policy.merge);
    merge == Some(Merge::Target) || suspect.shows == Shows::Debugger
}

/// Finds where an observation shows what was suspected.
pub(super) fn same<'a>(
    seen: &'a Seen,
    suspect: &StaticSuspect,
) -> Option<(usize, &'a StaticSighting)> {
    seen.statics
        .iter()
        .find(|(_, _, sighting)| {
            sighting.rule == suspect.rule
                && sighting.class == suspect.class
                && sighting.place == suspect.sink.place
                && sighting.field == suspect.sink.field
        })
        .map(|(at, _, sighting)| (*at, sighting))
}
