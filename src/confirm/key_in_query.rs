//! authentication/key-in-query: a credential-like query input that the application consumes.

use std::sync::Arc;

use super::Confirm;
use crate::compare::{Difference, samples_needed, turn};
use crate::finding::{Draft, Evidence, MergedOver, Role, Sink, SinkPlace, Source, Verdict};
use crate::http::Transport;
use crate::judge::differential;
use crate::judge::suspects::exchange;
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, shapes};
use crate::progress::Progress;
use crate::surface::{Endpoint, Input};

/// Rounds of absent and present, in turn: what time alone changes differs inside a group as well.
/// Enough for a difference in status.
const ROUNDS: usize = 3;
/// A difference in content must be no A/B page of up to so many variants, but for this chance.
const VARIANTS: usize = 4;
const CHANCE: f64 = 0.001;

/// The answers without and with the input.
struct Compared {
    without: Observation,
    with: Observation,
    /// What differs reliably; `None` where nothing does.
    difference: Option<Difference>,
    /// True when there were enough answers to say so.
    enough: bool,
}

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
        let draft = |verdict, place, evidence| Draft {
            rule,
            verdict,
            sink: Sink {
                endpoint: endpoint.id.clone(),
                place,
                field: String::new(),
            },
            source: Some(Source {
                endpoint: endpoint.id.clone(),
                place: input.place,
                input: input.name.clone(),
            }),
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
            let evidence = stored.evidence.clone();
            return Some(draft(Verdict::Confirmed, SinkPlace::Status, evidence));
        }
        let compared = self.with_and_without(endpoint, body, input).await?;
        let evidence = self.consumption(input, &compared)?;
        // An answer that failed is one sample less, not a reason to doubt.
        if compared.difference.is_some() && compared.enough {
            let statuses =
                [&compared.without, &compared.with].map(|o| o.answer().map(|a| a.status));
            let place = if statuses[0] == statuses[1] {
                SinkPlace::Body
            } else {
                SinkPlace::Status
            };
            return Some(draft(Verdict::Confirmed, place, evidence));
        }
        // Offered, and not seen consumed.
        Some(draft(Verdict::Undetermined, SinkPlace::Status, evidence))
    }

    /// Asks without the input, with it, and with one that nobody reads, in turns.
    async fn with_and_without(
        &self,
        endpoint: &Endpoint,
        body: BodyKind,
        input: &Input,
    ) -> Option<Compared> {
        let shape = shapes(input).last().copied()?;
        let is_key = |i: &Input| i.place == input.place && i.name == input.name;
        let baseline = self.bench.planner.baseline(endpoint, body);
        let without = Arc::new(baseline.without(is_key));
        let present = Arc::new(without.with(input, Fill::Canary(shape)));
        let mut nonsense_input = input.clone();
        super::controls::NONSENSE.clone_into(&mut nonsense_input.name);
        let nonsense = Arc::new(without.with(&nonsense_input, Fill::Canary(shape)));

        let (mut absents, mut presents) = (Vec::new(), Vec::new());
        let mut first: (Option<Observation>, Option<Observation>) = (None, None);
        let mut difference = None;
        for round in 0..samples_needed(VARIANTS, CHANCE).max(ROUNDS) {
            let mut roles: Vec<usize> = turn(2, round).collect();
            if round == 0 {
                // A parameter that nobody reads must look like an absent one.
                roles.push(2);
            }
            for role in roles {
                let (recipe, why, group) = match role {
                    0 => (&without, Role::Control, &mut absents),
                    1 => (&present, Role::Replay, &mut presents),
                    _ => (&nonsense, Role::Control, &mut absents),
                };
                let (seen, _) = self.replay(recipe, why).await;
                if seen.outcome() != Outcome::Failed {
                    group.push(self.print(&seen)?);
                } else if round == 0 && role != 2 {
                    return None;
                }
                match role {
                    0 => first.0 = first.0.or(Some(seen)),
                    1 => first.1 = first.1.or(Some(seen)),
                    _ => {}
                }
            }
            difference = differential::consumed(&absents, &presents);
            // Saves the other rounds where nothing differs, and where a status does.
            let enough = match &difference {
                None => true,
                Some(difference) => difference.place == "status" && round + 1 >= ROUNDS,
            };
            if enough {
                break;
            }
        }
        let (Some(without), Some(with)) = first else {
            return None;
        };
        let enough = presents.len() >= ROUNDS;
        Some(Compared {
            without,
            with,
            difference,
            enough,
        })
    }

    fn consumption(&self, input: &Input, compared: &Compared) -> Option<Evidence> {
        let Compared {
            without,
            with,
            difference,
            ..
        } = compared;
        let redactor = &self.bench.masks.now();
        let (absent, step) = (without.steps.first()?, with.steps.first()?);
        // A field's name is the application's own text, too.
        let found = difference.as_ref().map_or_else(String::new, |difference| {
            let words = redactor.excerpt(difference.to_string().as_bytes(), None, 200);
            format!("; {words}")
        });
        let snippet = format!(
            "without {name}: {no}; with {name}={key}: {yes}{found}",
            name = input.name,
            no = without.answer()?.status,
            yes = with.answer()?.status,
            key = self.texts(with).first()?,
        );
        let mut curl = self.curl(without, 0);
        curl.extend(self.curl(with, 0));
        Some(Evidence {
            snippet,
            curl,
            exchanges: vec![
                exchange(redactor, Role::Control, absent, None),
                exchange(redactor, Role::Replay, step, None),
            ],
        })
    }
}
