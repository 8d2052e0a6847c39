//! Controls: what a control explains is no finding.
//!
//! Owns: the nonsense parameter and the nonsense path. Leaves out: what to do about it.

use std::sync::Arc;

use super::Confirm;
use crate::canary::Shape;
use crate::finding::{Role, Source};
use crate::http::Transport;
use crate::judge::sightings::Sighting;
use crate::observe::Observation;
use crate::plan::{Fill, Recipe};
use crate::progress::Progress;
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};

/// What no application reads.
const NONSENSE: &str = "zq7wvx";

/// The name of a parameter that no application reads.
pub(super) fn nonsense_name() -> String {
    NONSENSE.to_owned()
}

/// What a control showed.
pub(super) struct Control {
    /// The control request's observation.
    pub(super) observation: Observation,
    /// The control's own canary, wherever it came back.
    pub(super) echoes: Vec<Sighting>,
    /// The source of the control's canary.
    pub(super) source: Source,
}

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// The same request with the canary in a parameter that no application reads: an echo of it
    /// says that the answer repeats whatever it gets. `None` for path inputs.
    pub(super) async fn nonsense_parameter(
        &self,
        recipe: &Recipe,
        source: &Source,
    ) -> Option<Control> {
        let place = source.place;
        if place == Place::Path {
            return None;
        }
        let name = match place {
            Place::Header => format!("x-{NONSENSE}"),
            _ => NONSENSE.to_owned(),
        };
        let hint = TypeHint {
            kind: Kind::String,
            ..TypeHint::default()
        };
        let input = Input::new(place, &name, Provenance::Guess).with_hint(hint);
        let shape = recipe.fill(place, &source.input).and_then(Fill::shape);
        let without = self.plain(recipe, source);
        let control = without.with(&input, Fill::Canary(shape.unwrap_or(Shape::Token)));
        Some(
            self.control(
                control,
                Source {
                    input: input.name,
                    ..source.clone()
                },
            )
            .await,
        )
    }

    /// The same request on a path beside it that nobody serves.
    pub(super) async fn nonsense_path(&self, recipe: &Recipe, source: &Source) -> Option<Control> {
        let path = recipe.endpoint.path.as_str();
        let mut control = recipe.clone();
        if source.place == Place::Path {
            // The canary stays in its place; the segment before it is replaced.
            let anonymous: Vec<&str> = path.split('/').collect();
            let literal = anonymous
                .iter()
                .rposition(|part| !part.is_empty() && !part.starts_with('{'));
            let nonsense: Vec<&str> = anonymous
                .iter()
                .enumerate()
                .map(|(at, part)| if Some(at) == literal { NONSENSE } else { *part })
                .collect();
            control.endpoint.path = crate::surface::Template::new(&nonsense.join("/"));
            literal?;
        } else {
            control.path = Some(nonsense_sibling(recipe.path.as_deref().unwrap_or(path)));
        }
        let source = Source {
            endpoint: control.endpoint.clone(),
            ..source.clone()
        };
        Some(self.control(control, source).await)
    }

    async fn control(&self, recipe: Recipe, source: Source) -> Control {
        let (observation, seen) = self.replay(&Arc::new(recipe), Role::Control).await;
        let echoes = seen
            .canaries
            .into_iter()
            .filter(|sighting| {
                sighting.source == source && observation.planted.contains(&sighting.slot)
            })
            .collect();
        Control {
            observation,
            echoes,
            source,
        }
    }

    /// The recipe with a plain value (or nothing) where the source's canary stood.
    pub(super) fn plain(&self, recipe: &Recipe, source: &Source) -> Recipe {
        let is_source = |input: &Input| input.place == source.place && input.name == source.input;
        let baseline = self
            .surface
            .get(&recipe.endpoint)
            .map(|endpoint| self.bench.planner.baseline(endpoint, recipe.body));
        let fill = baseline
            .as_ref()
            .and_then(|baseline| baseline.fill(source.place, &source.input).cloned());
        match fill {
            Some(fill) => recipe.map(|input, _| is_source(input).then(|| fill.clone())),
            None => recipe.without(is_source),
        }
    }
}

/// A path beside another one that nobody serves.
pub(super) fn nonsense_sibling(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.replace(['{', '}'], "");
    let parent = path
        .trim_end_matches('/')
        .rsplit_once('/')
        .map_or("", |(parent, _)| parent);
    format!("{parent}/{NONSENSE}")
}

/// True when a control's echo explains a sighting: it came back in the same part and field, in as
/// many places.
pub(super) fn explains(control: &Control, rule: &str, seen: &[&Sighting]) -> bool {
    let Some(first) = seen.first() else {
        return false;
    };
    let echoes = control
        .echoes
        .iter()
        .filter(|echo| echo.sink.place == first.sink.place && echo.sink.field == first.sink.field)
        .filter(|echo| {
            echo.rule
                .is_none_or(|echoed| echoed == rule || first.sink.field.is_empty())
        })
        .count();
    echoes > 0 && echoes >= seen.len()
}
