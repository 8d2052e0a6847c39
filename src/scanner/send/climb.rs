//! Climbs the ladder of one operation: baseline, absent, keys, combined, path, malformed. Splits
//! only a combined request that fails although the baseline did not.
//!
//! Owns: the order within one operation, splitting, and signs of faults that only comparing
//! reveals. Leaves out: what an answer contains (`detect`).

use std::sync::Arc;
use std::time::Duration;

use super::executor::Executor;
use super::pin::{self, Pinned};
use crate::canary::Slot;
use crate::finding::Role;
use crate::http::{Hop, Transport};
use crate::observe::{Observation, Outcome};
use crate::plan::{Fill, Ladder, RequestTemplate, alternatives};
use crate::progress::Progress;
use crate::surface::{Input, Kind, Place};

/// How many requests splitting one combined request may cost.
const MAX_SPLITS: usize = 24;

/// What climbing a ladder revealed beyond its observations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Climb {
    /// A request template that passed although the baseline was refused: perhaps keys are not
    /// looked up.
    pub(crate) opened: Option<Arc<RequestTemplate>>,
    /// Request templates with one odd value that broke the operation, and the input with that
    /// value.
    pub(crate) broken: Vec<(Arc<RequestTemplate>, Input)>,
    /// The last request template with full-strength canaries that succeeded.
    pub(crate) taken: Option<Arc<RequestTemplate>>,
    /// The exchange of the last such template with canaries outside its path, for the ids in its
    /// answer.
    pub(crate) exchange: Option<Hop>,
    /// What that exchange sent, and its canaries.
    pub(crate) stored: Option<(Arc<RequestTemplate>, Vec<Slot>)>,
    /// Inputs that turned out to expect a number.
    pub(crate) numbers: Vec<Input>,
    /// Inputs that were found to get past a refusal.
    pub(crate) lets_in: Vec<Input>,
}

/// Sends an operation's ladder. `baseline` is the observation of its first request, if that was
/// sent already.
pub(crate) async fn climb<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    ladder: Ladder,
    baseline: Option<Observation>,
) -> Climb {
    let mut climb = Climb::default();
    let baseline = match baseline {
        Some(baseline) => baseline,
        None => {
            let template = Arc::new(ladder.baseline.clone());
            executor.run(&template, Role::Baseline).await
        }
    };
    let mut known = baseline.outcome();
    if known == Outcome::Broken
        && let Some(numbers) = numbers(&ladder.baseline)
    {
        // Plain words break it, so perhaps it converts them to numbers. If so, more is known about
        // its inputs, and the ladder is climbed again with that.
        let again = executor.run(&Arc::new(numbers.0), Role::Baseline).await;
        if !matches!(again.outcome(), Outcome::Broken | Outcome::Failed) {
            climb.numbers = numbers.1;
            return climb;
        }
    }
    let pace = Pace::of(&baseline);

    let mut absent_refused = false;
    if let Some(absent) = ladder.absent {
        let absent = executor.run(&Arc::new(absent), Role::Control).await;
        absent_refused = absent.outcome() == Outcome::Refused;
    }
    // What gets past a refusal goes into every later request, so that what lies behind it is seen.
    let mut keys: Option<RequestTemplate> = None;
    match (ladder.keys, known) {
        (Some(template), Outcome::Refused) => {
            let template = Arc::new(template);
            let opened = executor.run(&template, Role::Plant).await;
            if matches!(
                opened.outcome(),
                Outcome::Success | Outcome::Rejected | Outcome::Broken
            ) {
                known = opened.outcome();
                keys = Some(RequestTemplate::clone(&template));
                climb.take(&opened);
                climb.opened = Some(template);
            }
        }
        // The made-up value of the baseline was already enough.
        (Some(template), Outcome::Success) if absent_refused => {
            climb.opened = Some(Arc::new(template));
        }
        (None, Outcome::Success) if absent_refused => {
            climb.pinned(pin::by_absence(executor, &ladder.baseline).await);
        }
        _ => {}
    }
    let dressed = |template: RequestTemplate| match &keys {
        Some(keys) => with_keys(template, keys),
        None => template,
    };

    let base = dressed(ladder.baseline);
    let mut tried = false;
    for template in ladder.combined.into_iter().chain(ladder.path).map(dressed) {
        let template = Arc::new(template);
        let seen = executor.run(&template, Role::Plant).await;
        climb.take(&seen);
        if known == Outcome::Refused && seen.outcome() == Outcome::Success && !tried {
            tried = true;
            climb.pinned(pin::by_presence(executor, &base, &template).await);
        }
        if seen.outcome().worse_than(known) {
            split(executor, &seen, &base, known, &mut climb).await;
        }
        if pace.stays_too_slow(executor, &seen).await {
            return climb;
        }
    }
    for template in ladder.malformed.into_iter().map(dressed) {
        let template = Arc::new(template);
        let seen = executor.run(&template, Role::Plant).await;
        if seen.outcome() == Outcome::Broken && known != Outcome::Broken {
            split(executor, &seen, &base, known, &mut climb).await;
        }
        if pace.stays_too_slow(executor, &seen).await {
            return climb;
        }
    }
    // A value that must be unique is reported when it is sent a second time.
    if let Some(taken) = climb.taken.clone().filter(|t| !t.endpoint.method.is_safe()) {
        let twice = RequestTemplate {
            repeat: true,
            ..RequestTemplate::clone(&taken)
        };
        executor.run(&Arc::new(twice), Role::Plant).await;
    }
    climb
}

/// Returns a baseline with numbers in place of made-up words, and the inputs that got them.
fn numbers(baseline: &RequestTemplate) -> Option<(RequestTemplate, Vec<Input>)> {
    let wordy = |input: &Input, fill: &Fill| {
        let word = matches!(fill, Fill::Plain(serde_json::Value::String(_)));
        let unknown = input.hint.kind == Kind::Unknown && input.hint.example.is_none();
        word && unknown && matches!(input.place, Place::Json | Place::Form | Place::Query)
    };
    let inputs: Vec<Input> = baseline
        .fills
        .iter()
        .filter(|(i, f)| wordy(i, f))
        .map(|(i, _)| i.clone())
        .collect();
    let template = baseline
        .map(|input, fill| wordy(input, fill).then(|| Fill::Plain(serde_json::Value::from(1))));
    (!inputs.is_empty()).then_some((template, inputs))
}

impl Climb {
    fn pinned(&mut self, pinned: Pinned) {
        if let Some(opened) = pinned.opened {
            self.take(&opened);
            self.opened = Some(opened.template);
        }
        self.lets_in.extend(pinned.inputs);
    }

    fn take(&mut self, seen: &Observation) {
        if seen.outcome() == Outcome::Success && seen.template.plants() {
            self.taken = Some(Arc::clone(&seen.template));
            // A request with canaries only in its path stored plain values.
            let inside = |(input, fill): &(Input, Fill)| {
                input.place != Place::Path && fill.shape().is_some()
            };
            if self.exchange.is_none() || seen.template.fills.iter().any(inside) {
                self.exchange = seen.steps.first().cloned();
                self.stored = Some((Arc::clone(&seen.template), seen.planted.clone()));
            }
        }
    }
}

/// Adds the fills of the keys template to another one, except where that one already has a canary.
fn with_keys(template: RequestTemplate, keys: &RequestTemplate) -> RequestTemplate {
    let mut dressed = template;
    for (input, fill) in &keys.fills {
        let planted = dressed
            .fill(input.place, &input.name)
            .is_some_and(|f| f.shape().is_some());
        if fill.shape().is_some() && !planted {
            dressed = dressed.with(input, fill.clone());
        }
    }
    dressed
}

/// Stops the ladder if values make the operation slow: a careless regular expression can hang on
/// one long value.
struct Pace {
    template: Arc<RequestTemplate>,
    baseline: Duration,
}

impl Pace {
    fn of(baseline: &Observation) -> Self {
        Self {
            template: Arc::clone(&baseline.template),
            baseline: baseline
                .answer()
                .map_or(Duration::ZERO, |answer| answer.took),
        }
    }

    /// Returns true if the values make the operation slow twice while plain ones do not. A single
    /// slow answer, or even two, may be the server's own affair.
    async fn stays_too_slow<T: Transport, P: Progress>(
        &self,
        executor: &Executor<'_, T, P>,
        seen: &Observation,
    ) -> bool {
        self.too_slow(seen)
            && self.too_slow(&executor.run(&seen.template, seen.role).await)
            && !self.too_slow(&executor.run(&self.template, Role::Control).await)
    }

    fn too_slow(&self, seen: &Observation) -> bool {
        seen.answer().is_some_and(|answer| {
            answer.took > self.baseline * 3 && answer.took > Duration::from_millis(500)
        })
    }
}

/// Returns true for fills that a split resets to a plain value.
const fn odd(fill: &Fill) -> bool {
    !matches!(fill, Fill::Plain(_) | Fill::Csrf | Fill::Withheld)
}

/// Finds the inputs that make a combined request fail, by halving. Each half is a plant of its own,
/// so it also shows what the culprits hid. An input refused with 4xx is tried with other shapes;
/// one that breaks the operation is recorded.
async fn split<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    failed: &Observation,
    base: &RequestTemplate,
    known: Outcome,
    climb: &mut Climb,
) {
    let suspects: Vec<(Input, Fill)> = failed
        .template
        .fills
        .iter()
        .filter(|(_, fill)| odd(fill))
        .cloned()
        .collect();
    let mut left = MAX_SPLITS;
    let mut refused: Vec<Input> = Vec::new();
    let mut groups = vec![(Arc::clone(&failed.template), failed.outcome(), suspects)];
    while let Some((template, outcome, group)) = groups.pop() {
        match group.as_slice() {
            [] => {}
            [(input, _)] if outcome == Outcome::Broken => {
                climb.broken.push((template, input.clone()));
            }
            [(input, _)] => refused.push(input.clone()),
            group => {
                let (head, tail) = group.split_at(group.len() / 2);
                for half in [tail, head] {
                    if left == 0 {
                        return;
                    }
                    left -= 1;
                    let narrowed = Arc::new(with_fills(base, half));
                    let seen = executor.run(&narrowed, Role::Plant).await;
                    climb.take(&seen);
                    if seen.outcome().worse_than(known) {
                        groups.push((narrowed, seen.outcome(), half.to_vec()));
                    }
                }
            }
        }
    }
    for input in refused {
        let credential_like = executor.planner.is_credential(&base.endpoint, &input);
        let plain = base.fill(input.place, &input.name);
        for shape in alternatives(&input, credential_like, plain) {
            if left == 0 {
                return;
            }
            left -= 1;
            let other = Arc::new(base.with(&input, Fill::Canary(shape)));
            let seen = executor.run(&other, Role::Plant).await;
            climb.take(&seen);
            if !seen.outcome().worse_than(known) {
                break;
            }
        }
    }
}

/// Adds some odd fills to the baseline.
fn with_fills(base: &RequestTemplate, fills: &[(Input, Fill)]) -> RequestTemplate {
    fills.iter().fold(base.clone(), |template, (input, fill)| {
        template.with(input, fill.clone())
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::canary::RunKey;
    use crate::credential::Credentials;
    use crate::http::{Failure, Method, Request, Response};
    use crate::ledger::Ledger;
    use crate::plan::{BodyKind, Planner};
    use crate::progress::Silent;
    use crate::send::owner::Forgetful;
    use crate::surface::{Endpoint, EndpointId, Provenance};
    use crate::target::Target;

    /// Answers 200. The first `times` requests with a value of 10 characters or more take a second.
    /// If `all` is set, so does every request after the first.
    #[derive(Clone)]
    struct Slow {
        times: usize,
        all: bool,
        planted: Arc<AtomicUsize>,
        sent: Arc<AtomicUsize>,
    }

    impl Transport for Slow {
        async fn send(&self, request: Request) -> Result<Response, Failure> {
            let later = self.sent.fetch_add(1, Ordering::SeqCst) > 0;
            let mut answer = Response::of(200, &[], "");
            let planted = request
                .url
                .query_pairs()
                .any(|(_, value)| value.len() >= 10);
            let slow = planted && self.planted.fetch_add(1, Ordering::SeqCst) < self.times;
            if slow || (later && self.all) {
                answer.took = Duration::from_secs(1);
            }
            Ok(answer)
        }
    }

    /// Returns how many planted requests a ladder sends if the first `times` of them are slow.
    async fn planted(times: usize, all: bool) -> usize {
        let http = Slow {
            times,
            all,
            planted: Arc::default(),
            sent: Arc::default(),
        };
        let target = Target::parse("http://h").unwrap();
        let planner = Planner {
            credentials: Credentials::default(),
            own_headers: Vec::new(),
            own_cookies: Vec::new(),
            own_queries: Vec::new(),
            excluded: Vec::new(),
        };
        let owner = Forgetful(RefCell::new(Ledger::new(RunKey::from_seed(1))));
        let executor = Executor {
            http: &http,
            target: &target,
            planner: &planner,
            owner: &owner,
            progress: &Silent,
        };
        let id = EndpointId::new(Method::Get, "/x");
        let mut endpoint = Endpoint::new(id, Provenance::Link);
        endpoint.add_input(Input::new(Place::Query, "q", Provenance::Link));
        let ladder = planner.ladder(&endpoint, BodyKind::None, None);
        climb(&executor, ladder, None).await;
        http.planted.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn values_that_are_slow_twice_end_the_ladder_unless_plain_ones_are_slow_too() {
        let quick = planted(0, false).await;
        assert!(quick > 2, "{quick}");
        assert_eq!(planted(1, false).await, quick + 1);
        assert_eq!(planted(99, false).await, 2);
        assert_eq!(planted(0, true).await, 2 * quick);
    }
}
