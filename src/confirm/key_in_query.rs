//! authentication/key-in-query: a credential-like query input that the application consumes.

use std::sync::Arc;

use super::Confirm;
use crate::compare::{Difference, samples_needed, turn};
use crate::finding::{Draft, Evidence, MergedOver, Role, Sink, SinkPlace, Source, Verdict};
use crate::http::Transport;
use crate::judge::differential;
use crate::judge::suspects::exchange;
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, Recipe, shapes};
use crate::progress::Progress;
use crate::surface::{Endpoint, Input};

/// Rounds of absent and present, in turn: what time alone changes differs inside a group as well.
/// Enough for a difference in status.
const ROUNDS: usize = 3;
/// A difference in content must be no A/B page of up to so many variants, but for this chance.
const VARIANTS: usize = 4;
const CHANCE: f64 = 0.001;

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

        let asked = self.asked([&without, &present, &nonsense]).await?;
        let (a, p, difference) = (&asked.without, &asked.with, &asked.difference);
        let redactor = self.bench.redactor;
        let (absent, step) = (a.steps.first()?, p.steps.first()?);
        let (no, yes) = (a.answer()?.status, p.answer()?.status);
        // A field's name is the application's own text, too.
        let found = difference.as_ref().map_or_else(String::new, |difference| {
            let words = redactor.excerpt(difference.to_string().as_bytes(), None, 200);
            format!("; {words}")
        });
        let snippet = format!(
            "without {name}: {no}; with {name}={key}: {yes}{found}",
            name = input.name,
            key = self.texts(p).first()?,
        );
        let mut curl = self.curl(a, 0);
        curl.extend(self.curl(p, 0));
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
        if difference.is_some() && asked.enough {
            return Some(draft(Verdict::Confirmed, place, evidence));
        }
        // Offered, and not seen consumed.
        Some(draft(Verdict::Undetermined, SinkPlace::Status, evidence))
    }

    /// Asks without the input, with it, and with one that nobody reads in its place, until it is
    /// clear whether they differ. `None` when the first answers fail.
    async fn asked(&self, recipes: [&Arc<Recipe>; 3]) -> Option<Asked> {
        let (mut absents, mut presents) = (Vec::new(), Vec::new());
        let (mut without, mut with) = (None, None);
        let mut difference = None;
        for round in 0..samples_needed(VARIANTS, CHANCE).max(ROUNDS) {
            let mut roles: Vec<usize> = turn(2, round).collect();
            if round == 0 {
                // A parameter that nobody reads must look like an absent one.
                roles.push(2);
            }
            for role in roles {
                let (why, group) = match role {
                    1 => (Role::Replay, &mut presents),
                    _ => (Role::Control, &mut absents),
                };
                let (seen, _) = self.replay(recipes[role], why).await;
                // An answer that failed is one sample less, not a reason to doubt.
                if seen.outcome() != Outcome::Failed {
                    group.push(self.print(&seen)?);
                } else if round == 0 && role != 2 {
                    return None;
                }
                match role {
                    0 => without = without.or(Some(seen)),
                    1 => with = with.or(Some(seen)),
                    _ => {}
                }
            }
            difference = differential::consumed(&absents, &presents);
            // Saves the other rounds where nothing differs, and where a status does.
            let clear = difference
                .as_ref()
                .is_none_or(|difference| difference.place == "status" && round + 1 >= ROUNDS);
            if clear {
                break;
            }
        }
        Some(Asked {
            without: without?,
            with: with?,
            difference,
            enough: presents.len() >= ROUNDS,
        })
    }
}

/// What the answers without and with the input said.
struct Asked {
    /// The first without it.
    without: Observation,
    /// The first with it.
    with: Observation,
    /// What tells the two groups apart.
    difference: Option<Difference>,
    /// True when enough answers came to believe it.
    enough: bool,
}
