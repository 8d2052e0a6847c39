//! What is slow: it begins first where that is known, and what gave no answer is tried once more at the
//! end.
//!
//! Owns: which operations those are. Leaves out: which routes are put off meanwhile (`http/routes.rs`).

use std::time::Duration;

use super::super::locked;
use super::{Road, Todo};
use crate::finding::Role;
use crate::http::{Failure, FailureKind, Phase, Request, Response, Transport};
use crate::observe::Observation;
use crate::progress::Progress;
use crate::surface::EndpointId;

/// Pages that take so long make their operation begin first.
const SLOW: Duration = Duration::from_millis(300);
/// Slow pages that are remembered.
const MAX_TIMES: usize = 1_000;
impl<T: Transport, P: Progress> Road<'_, T, P> {
    /// Climbs the operations once more that gave no answer, now that nothing waits behind them.
    pub(super) async fn try_late(&mut self) {
        let late = std::mem::take(&mut *locked(&self.put_off));
        if late.is_empty() || self.stop.is_set() {
            return;
        }
        self.bench.http.enter(Phase::Late);
        let todo: Vec<Todo> = {
            let crawl = locked(self.crawl);
            let known = late.iter().filter_map(|id| crawl.surface.get(id));
            known.map(|endpoint| (endpoint.clone(), None)).collect()
        };
        self.plant(&todo).await;
    }

    /// Notes how long a page took, where it is long.
    pub(super) fn note_time(&self, request: &Request, outcome: &Result<Response, Failure>) {
        // One at a time nothing goes on beside it, and the order is the same each time.
        if self.settings.http.concurrency <= 1 {
            return;
        }
        let took = match outcome {
            Ok(response) => response.took,
            Err(failure) if failure.kind == FailureKind::Timeout => self.settings.http.timeout,
            Err(_) => return,
        };
        let mut times = locked(&self.times);
        if took >= SLOW && times.len() < MAX_TIMES {
            times.push((request.url.path().to_owned(), took));
        }
    }

    /// A baseline that was answered, if need be the second time; `None` where the operation must wait for
    /// the end.
    pub(super) async fn answered(&self, baseline: Observation) -> Option<Observation> {
        let silent = |seen: &Observation| {
            let first = seen.steps.first().map(|step| &step.outcome);
            matches!(first, Some(Err(failure))
                if matches!(failure.kind, FailureKind::Timeout | FailureKind::PutOff))
        };
        if !silent(&baseline) {
            return Some(baseline);
        }
        let again = self.bench.run(&baseline.recipe, Role::Baseline).await;
        (!silent(&again)).then_some(again)
    }
}

/// How long the pages of an operation's path took at most.
pub(super) fn time_of(times: &[(String, Duration)], id: &EndpointId) -> Duration {
    let path = &id.path;
    let own = times
        .iter()
        .filter(|(page, _)| page == path.as_str() || path.values(page).is_some());
    own.map(|(_, took)| *took).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;

    #[test]
    fn an_operation_is_as_slow_as_its_slowest_page() {
        let times = [("/a/1", 2), ("/a/2", 5), ("/b", 9)]
            .map(|(path, seconds)| (path.to_owned(), Duration::from_secs(seconds)));
        let of = |path| time_of(&times, &EndpointId::new(Method::Post, path)).as_secs();
        assert_eq!([of("/a/{id}"), of("/b"), of("/c")], [5, 9, 0]);
    }
}
