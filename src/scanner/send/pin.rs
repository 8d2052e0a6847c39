//! Finds the input that gets past a refusal: it is a credential, whatever its name.
//!
//! Owns: a few requests, one per input. Leaves out: what follows for the input (`credential`,
//! `judge::standing`).

use std::sync::Arc;

use super::executor::Executor;
use crate::credential::Tier;
use crate::finding::{Role, Source};
use crate::http::Transport;
use crate::observe::{Observation, Outcome};
use crate::plan::{Fill, RequestTemplate, shapes};
use crate::progress::Progress;
use crate::surface::{Input, Place};

/// How many inputs of one operation are tried.
const MOST: usize = 6;

/// The result of the search.
#[derive(Debug, Default)]
pub(super) struct Pinned {
    /// The inputs that get past the refusal.
    pub(super) inputs: Vec<Input>,
    /// The observation of a request that was let in with a canary in one of them.
    pub(super) opened: Option<Observation>,
}

/// Finds the inputs that an operation refuses to go without, if its baseline succeeds and the
/// request without any input does not.
pub(super) async fn by_absence<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    baseline: &RequestTemplate,
) -> Pinned {
    let mut pinned = Pinned::default();
    for input in candidates(executor, baseline, |fill| matches!(fill, Fill::Plain(_))) {
        let without = baseline.without(|other| same(other, &input));
        if refuses(&executor.run(&Arc::new(without), Role::Control).await) {
            let base = baseline.clone();
            take(executor, &base, input, &mut pinned).await;
        }
    }
    pinned
}

/// Finds the inputs that are enough on their own to be let in, if an operation refuses its baseline
/// but accepted a request with canaries in many inputs.
pub(super) async fn by_presence<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    baseline: &RequestTemplate,
    passed: &RequestTemplate,
) -> Pinned {
    let mut pinned = Pinned::default();
    for input in candidates(executor, passed, |fill| fill.shape().is_some()) {
        take(executor, baseline, input, &mut pinned).await;
        if pinned.opened.is_some() {
            break;
        }
    }
    pinned
}

/// Returns the inputs worth trying. There are none if one has a strong name, since that is the
/// credential and its name says so. If any have weak names, only those are tried.
fn candidates<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    template: &RequestTemplate,
    sent: impl Fn(&Fill) -> bool,
) -> Vec<Input> {
    let planner = executor.planner;
    let all: Vec<&Input> = template
        .fills
        .iter()
        .filter(|(input, fill)| input.place != Place::Path && !input.csrf && sent(fill))
        .map(|(input, _)| input)
        .filter(|input| planner.plants(&template.endpoint, input))
        .collect();
    if all
        .iter()
        .any(|input| planner.credentials.tier(&input.name) == Tier::Strong)
    {
        return Vec::new();
    }
    let weak: Vec<&Input> = all
        .iter()
        .filter(|input| planner.is_credential(&template.endpoint, input))
        .copied()
        .collect();
    let tried = if weak.is_empty() { all } else { weak };
    tried.into_iter().take(MOST).cloned().collect()
}

/// Sends a canary in one input alone.
///
/// An input with a weak name is a credential if the operation refuses to go without it. Any other
/// input must let a canary in, since a required checkbox is refused when absent too.
async fn take<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    base: &RequestTemplate,
    mut input: Input,
    pinned: &mut Pinned,
) {
    let Some(shape) = shapes(&input).last().copied() else {
        return;
    };
    let weak = executor.planner.is_credential(&base.endpoint, &input);
    input.lets_in = true;
    let mut template = base.without(|other| same(other, &input));
    template = template.with(&input, Fill::Canary(shape));
    let template = Arc::new(template);
    let mut seen = executor.run(&template, Role::Plant).await;
    let passed = seen.outcome() == Outcome::Success;
    let absent_refused = base.fill(input.place, &input.name).is_some();
    if !(passed || (weak && absent_refused)) {
        return;
    }
    executor.owner.let_in(Source {
        endpoint: base.endpoint.clone(),
        place: input.place,
        input: input.name.clone(),
    });
    if passed {
        if !weak {
            // The observation of the first request was used for the flows.
            seen = executor.run(&template, Role::Plant).await;
        }
        pinned.opened = Some(seen);
    }
    pinned.inputs.push(input);
}

fn refuses(seen: &Observation) -> bool {
    seen.outcome() == Outcome::Refused
}

fn same(one: &Input, other: &Input) -> bool {
    one.place == other.place && one.name == other.name
}
