//! authentication/any-key-accepted: no key is refused, two different well-formed ones get the same
//! content.

use std::sync::Arc;

use super::Confirm;
use crate::compare::Print;
use crate::finding::{Draft, Evidence, MergedOver, Role, Sink, SinkPlace, Source, Verdict};
use crate::http::Transport;
use crate::judge::differential;
use crate::judge::suspects::exchange;
use crate::observe::{Observation, Outcome};
use crate::plan::{Fill, Recipe, shapes};
use crate::progress::Progress;
use crate::surface::{Input, Place};

/// Rounds of absent, one key, another key.
const MOST_ROUNDS: usize = 4;

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Confirms each credential-like header, query or cookie input of a recipe that got past a
    /// refusal.
    pub(crate) async fn any_key(&self, opened: &Recipe) -> Vec<Draft> {
        let inputs: Vec<Input> = opened
            .fills
            .iter()
            .filter(|(input, fill)| {
                fill.shape().is_some()
                    && matches!(input.place, Place::Header | Place::Query | Place::Cookie)
                    && self.bench.planner.is_credential(&opened.endpoint, input)
            })
            .map(|(input, _)| input.clone())
            .collect();
        let mut drafts = Vec::new();
        for input in &inputs {
            // A login or sign-up takes any new key by design.
            if !gives_keys(opened.endpoint.path.as_str()) {
                drafts.extend(self.any_key_in(opened, input, inputs.len() > 1).await);
            }
        }
        drafts
    }

    async fn any_key_in(&self, opened: &Recipe, input: &Input, others: bool) -> Option<Draft> {
        let rule = self.rule("authentication/any-key-accepted")?;
        let is_key = |i: &Input| i.place == input.place && i.name == input.name;
        let absent = Arc::new(opened.without(|i| is_key(i)).without(|i| {
            others && !i.place.in_body() && self.bench.planner.is_credential(&opened.endpoint, i)
        }));
        let shape = shapes(input).last().copied()?;
        let shape = opened
            .fill(input.place, &input.name)
            .and_then(Fill::shape)
            .unwrap_or(shape);
        let keyed = Arc::new(absent.with(input, Fill::Canary(shape)));
        let mut refusals: Vec<Observation> = Vec::new();
        let mut passes: Vec<Observation> = Vec::new();
        let mut accepted = false;
        // Absent, one key, another key; and all of it once more. A page of several variants needs
        // more answers until each of them has come twice.
        for round in 0..MOST_ROUNDS {
            let (refused, _) = self.replay(&absent, Role::Control).await;
            if refused.outcome() != Outcome::Refused {
                return None;
            }
            refusals.push(refused);
            for _ in 0..2 {
                let (passed, _) = self.replay(&keyed, Role::Replay).await;
                if !passed
                    .answer()
                    .is_some_and(crate::http::Response::is_success)
                {
                    return None;
                }
                passes.push(passed);
            }
            let outcomes: Vec<Outcome> = refusals.iter().map(Observation::outcome).collect();
            let prints: Vec<Print> = passes.iter().filter_map(|seen| self.print(seen)).collect();
            if round > 0 && differential::any_key(&outcomes, &prints) {
                accepted = true;
                break;
            }
        }
        if !accepted {
            return None;
        }
        let (refused, passed) = (refusals.first()?, passes.first()?);
        let step = passed.steps.first()?;
        let redactor = &self.bench.masks.now();
        let source = Source {
            endpoint: opened.endpoint.clone(),
            place: input.place,
            input: input.name.clone(),
        };
        let body = redactor.excerpt(&step.response()?.body, None, 200);
        let snippet = format!(
            "no {name}: {no}; any {name}: {yes} {body}",
            name = input.name,
            no = refused.answer()?.status,
            yes = step.response()?.status,
        );
        let mut curl = self.curl(refused, 0);
        curl.extend(self.curl(passed, 0));
        Some(Draft {
            rule,
            verdict: Verdict::Confirmed,
            sink: Sink {
                endpoint: opened.endpoint.clone(),
                place: SinkPlace::Body,
                field: String::new(),
            },
            source: Some(source),
            class: "any-key".to_owned(),
            merged_over: MergedOver::Nothing,
            occurrences: Vec::new(),
            transform: None,
            evidence: Evidence {
                snippet,
                curl,
                exchanges: vec![
                    exchange(redactor, Role::Control, refused.steps.first()?, None),
                    exchange(redactor, Role::Replay, step, None),
                ],
            },
            planted_at: None,
            first_seen: None,
            last_seen: None,
        })
    }
}

/// True for operations whose purpose is to take or make a key.
fn gives_keys(path: &str) -> bool {
    const WORDS: [&str; 12] = [
        "login",
        "signin",
        "sign-in",
        "signup",
        "sign-up",
        "register",
        "authenticate",
        "token",
        "oauth",
        "logon",
        "session",
        "sessions",
    ];
    path.split('/')
        .any(|segment| WORDS.contains(&segment.to_ascii_lowercase().as_str()))
}
