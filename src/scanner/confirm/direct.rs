//! Canaries that came straight back: body, error, redirect, cookie, header, digest.
//!
//! Owns: one fresh plant for all sinks of a source, and the two controls. Leaves out: stored
//! canaries.

use std::sync::Arc;

use super::controls::{Control, explains};
use super::shell::freshened;
use super::{Confirm, draft_of, evidence_of, matches};
use crate::finding::{Draft, Evidence, Role, Source, Verdict};
use crate::http::Transport;
use crate::judge::sightings::{Seen, Sighting};
use crate::judge::suspects::{Suspect, exchange};
use crate::observe::Observation;
use crate::progress::Progress;

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Confirms the direct suspects of one source.
    pub(crate) async fn direct(&self, source: &Source, suspects: &[Suspect]) -> Vec<Draft> {
        let mut open: Vec<&Suspect> = suspects.iter().collect();
        let mut drafts = Vec::new();
        let mut blocked = false;
        for attempt in self.all_attempts(source, suspects) {
            if open.is_empty() {
                break;
            }
            let template = Arc::new(attempt);
            let (observation, seen) = self.replay(&template, Role::Replay).await;
            blocked |= observation
                .answer()
                .is_some_and(|a| matches!(a.status, 409 | 429));
            let (shown, rest): (Vec<&Suspect>, Vec<&Suspect>) = open
                .into_iter()
                .partition(|suspect| again(&seen, suspect, &observation));
            open = rest;
            if shown.is_empty() {
                continue;
            }
            let parameter = self.nonsense_parameter(&template, source).await;
            let path = self.nonsense_path(&template, source).await;
            for suspect in shown {
                let shown = self.shown(suspect, &observation, &seen, [&parameter, &path]);
                drafts.extend(self.for_every_rule(suspect, shown));
            }
        }
        drafts.extend(self.unproven(open, blocked));
        drafts
    }

    fn shown(
        &self,
        suspect: &Suspect,
        observation: &Observation,
        seen: &Seen,
        controls: [&Option<Arc<Control>>; 2],
    ) -> Option<Draft> {
        let mut fresh: Vec<&Sighting> = seen
            .canaries
            .iter()
            .filter(|sighting| {
                matches(sighting, suspect) && observation.planted.contains(&sighting.slot)
            })
            .collect();
        fresh.sort_by_key(|sighting| sighting.transform != suspect.transform);
        let first = fresh.first()?;
        for control in controls.into_iter().flatten() {
            if explains(control, suspect.kind, &fresh) {
                return None;
            }
        }
        let mut verdict = suspect.ceiling;
        // A control without an answer explains nothing and clears nothing. One that broke off
        // counts if the proof itself broke off, since some servers break off every answer.
        let breaks = observation.answer().is_none();
        let unanswered = |control: &&Option<Arc<Control>>| {
            let control = control.as_ref().map(|control| &control.observation);
            control.is_some_and(|one| one.answer().is_none() && !(breaks && one.has_begun()))
        };
        if controls.iter().any(unanswered) {
            verdict = Verdict::Undetermined;
        }
        let step = observation.steps.get(first.step)?;
        let response = step.response()?;
        let (snippet, text) = evidence_of(
            self.executor,
            &first.sink.place,
            &first.span,
            (Role::Replay, observation, seen),
            first.step,
        )?;
        let mut exchanges = Vec::new();
        if first.step > 0
            && let Some(plant) = observation.steps.first()
        {
            exchanges.push(exchange(
                &self.executor.owner.redactor(),
                Role::Plant,
                plant,
            ));
        }
        exchanges.push(text);
        let rule = self.canary_rule(suspect.kind)?;
        let curl = freshened(
            self.curl(observation, first.step),
            &self.others(observation, &suspect.source),
        );
        let curl = self.noted(&suspect.source.endpoint, curl);
        let draft = draft_of(
            suspect,
            rule,
            Evidence {
                snippet,
                curl,
                exchanges,
            },
        );
        Some(Draft {
            verdict,
            transform: Some(first.transform.clone()),
            last_seen: Some(response.at),
            ..draft
        })
    }
}

fn again(seen: &Seen, suspect: &Suspect, observation: &Observation) -> bool {
    seen.canaries
        .iter()
        .any(|sighting| matches(sighting, suspect) && observation.planted.contains(&sighting.slot))
}
