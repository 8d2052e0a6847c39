//! input-validation/unhandled-input: a value that turns success or 4xx into 5xx, reproducibly.

use std::sync::Arc;

use super::Confirm;
use crate::finding::{
    Draft, Evidence, MergedOver, Occurrence, Role, Sink, SinkPlace, Source, Verdict,
};
use crate::http::Transport;
use crate::judge::differential;
use crate::judge::suspects::{exchange, snippet};
use crate::observe::Outcome;
use crate::plan::Recipe;
use crate::progress::Progress;
use crate::surface::Input;

/// Inputs of one operation that are confirmed one by one; more teach nothing.
const MAX_INPUTS: usize = 6;

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Confirms the inputs that broke one operation. One finding an operation, its inputs as
    /// occurrences; two repeats of each value, two baselines between them.
    pub(crate) async fn broken(&self, suspects: &[(Arc<Recipe>, Input)]) -> Option<Draft> {
        let rule = self.rule("input-validation/unhandled-input")?;
        let mut proven: Vec<(Source, Evidence)> = Vec::new();
        for (recipe, input) in suspects.iter().take(MAX_INPUTS) {
            let source = Source {
                endpoint: recipe.endpoint.clone(),
                place: input.place,
                input: input.name.clone(),
            };
            if proven.iter().any(|(known, _)| *known == source) {
                continue;
            }
            if let Some(evidence) = self.breaks(recipe, &source).await {
                proven.push((source, evidence));
            }
        }
        proven.sort_by(|left, right| left.0.cmp(&right.0));
        let mut proven = proven.into_iter();
        let (source, evidence) = proven.next()?;
        let sink = Sink {
            endpoint: source.endpoint.clone(),
            place: SinkPlace::Status,
            field: String::new(),
        };
        let occurrences = proven
            .map(|(source, _)| Occurrence {
                source: Some(source),
                sink: None,
            })
            .collect();
        Some(Draft {
            rule,
            verdict: Verdict::Confirmed,
            source: Some(source),
            sink,
            class: "5xx".to_owned(),
            merged_over: MergedOver::Inputs,
            occurrences,
            transform: None,
            evidence,
            planted_at: None,
            first_seen: None,
            last_seen: None,
        })
    }

    /// Broken, plain, broken, plain: only a value that decides it passes.
    async fn breaks(&self, recipe: &Arc<Recipe>, source: &Source) -> Option<Evidence> {
        let plain = Arc::new(self.plain(recipe, source));
        let mut evidence = None;
        for _ in 0..2 {
            let (bad, _) = self.replay(recipe, Role::Replay).await;
            if bad.outcome() != Outcome::Broken {
                return None;
            }
            let (good, _) = self.replay(&plain, Role::Control).await;
            if !differential::breaks(good.outcome(), bad.outcome()) {
                return None;
            }
            if evidence.is_none() {
                let (step, control) = (bad.steps.first()?, good.steps.first()?);
                let redactor = &self.bench.masks.now();
                evidence = Some(Evidence {
                    snippet: snippet(redactor, step.response()?, &SinkPlace::Status, &(0..0)),
                    curl: self.curl(&bad, 0),
                    exchanges: vec![
                        exchange(redactor, Role::Control, control, None),
                        exchange(redactor, Role::Replay, step, None),
                    ],
                });
            }
        }
        evidence
    }
}
