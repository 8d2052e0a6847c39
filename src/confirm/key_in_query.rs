//! authentication/key-in-query: a credential-like query input that the application consumes.

use std::sync::Arc;

use super::Confirm;
use crate::finding::{Draft, Evidence, MergedOver, Role, Sink, SinkPlace, Source, Verdict};
use crate::http::Transport;
use crate::judge::differential;
use crate::judge::suspects::exchange;
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, shapes};
use crate::progress::Progress;
use crate::surface::{Endpoint, Input};

/// Rounds of absent, present and nonsense, in turn: what time alone changes differs inside a group
/// as well.
const ROUNDS: usize = 3;

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Decides whether one query input is consumed. `stored` is the confirmed stored finding of
    /// this input, which is proof enough.
    pub(crate) async fn key_in_query(
        &self,
        endpoint: &Endpoint,
        body: BodyKind,
        input: &Input,
        stored: Option<&Draft>,
    ) -> Option<Draft> {
        let rule = self.rule("authentication/key-in-query")?;
        let source = Source {
            endpoint: endpoint.id.clone(),
            place: input.place,
            input: input.name.clone(),
        };
        let draft = |verdict, place, evidence| Draft {
            rule: rule.clone(),
            verdict,
            sink: Sink {
                endpoint: endpoint.id.clone(),
                place,
                field: String::new(),
            },
            source: Some(source.clone()),
            class: "consumed".to_owned(),
            merged_over: MergedOver::Nothing,
            occurrences: Vec::new(),
            transform: None,
            evidence,
            planted_at: None,
            first_seen: None,
            last_seen: None,
        };
        if let Some(stored) = stored {
            return Some(draft(
                Verdict::Confirmed,
                SinkPlace::Status,
                stored.evidence.clone(),
            ));
        }
        let shape = shapes(input).last().copied()?;
        let is_key = |i: &Input| i.place == input.place && i.name == input.name;
        let baseline = self.bench.planner.baseline(endpoint, body);
        let without = Arc::new(baseline.without(is_key));
        let present = Arc::new(without.with(input, Fill::Canary(shape)));
        let mut nonsense_input = input.clone();
        nonsense_input.name = super::controls::nonsense_name();
        let nonsense = Arc::new(without.with(&nonsense_input, Fill::Canary(shape)));

        let (mut absents, mut presents) = (Vec::new(), Vec::new());
        let mut first: Option<(Observation, Observation)> = None;
        for round in 0..ROUNDS {
            let (a, _) = self.replay(&without, Role::Control).await;
            let (p, _) = self.replay(&present, Role::Replay).await;
            absents.push(self.sketch(&a)?);
            presents.push(self.sketch(&p)?);
            // A parameter that nobody reads must look like an absent one.
            let (n, _) = self.replay(&nonsense, Role::Control).await;
            absents.push(self.sketch(&n)?);
            if round == 0 {
                if a.outcome() == Outcome::Failed || p.outcome() == Outcome::Failed {
                    return None;
                }
                first = Some((a, p));
            }
            // Saves the other rounds where nothing differs.
            if round == 0 && !differential::consumed(&absents, &presents) {
                break;
            }
        }
        let (a, p) = first?;
        let redactor = self.bench.redactor;
        let (absent, step) = (a.steps.first()?, p.steps.first()?);
        let (no, yes) = (a.answer()?.status, p.answer()?.status);
        let snippet = format!(
            "without {name}: {no}; with {name}={key}: {yes}",
            name = input.name,
            key = self.texts(&p).first()?,
        );
        let mut curl = self.curl(&a, 0);
        curl.extend(self.curl(&p, 0));
        let evidence = Evidence {
            snippet,
            curl,
            exchanges: vec![
                exchange(redactor, Role::Control, absent, None),
                exchange(redactor, Role::Replay, step, None),
            ],
        };
        let place = if no == yes {
            SinkPlace::Body
        } else {
            SinkPlace::Status
        };
        if differential::consumed(&absents, &presents) && absents.len() == 2 * ROUNDS {
            return Some(draft(Verdict::Confirmed, place, evidence));
        }
        // Offered, and not seen consumed.
        Some(draft(Verdict::Undetermined, SinkPlace::Status, evidence))
    }
}
