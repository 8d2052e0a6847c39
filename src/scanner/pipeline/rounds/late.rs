//! Slow operations: those known to be slow begin first, and those that did not answer are tried once
//! more at the end.
//!
//! Owns: which operations these are. Leaves out: which routes are put off in the meantime
//! (`net/routes.rs`).

use std::time::Duration;

use super::super::agenda::Todo;
use super::Scheduler;
use crate::finding::Role;
use crate::http::{Failure, FailureKind, Phase, Response, Transport};
use crate::observe::Observation;
use crate::progress::Progress;
use crate::settings::Settings;

impl<T: Transport, P: Progress> Scheduler<'_, '_, T, P> {
    /// Climbs the operations that did not answer once more, now that nothing waits behind them.
    pub(super) async fn try_late(&self) {
        let late = self.scan.borrow_mut().explored.late();
        if late.is_empty() || self.stop.is_set() {
            return;
        }
        self.executor.http.enter(Phase::Late);
        let todo: Vec<Todo> = {
            let scan = self.scan.borrow();
            let known = late
                .iter()
                .filter_map(|id| scan.crawl.known.surface.get(id));
            known.map(|endpoint| (endpoint.clone(), None)).collect()
        };
        self.plant(&todo).await;
    }

    /// Returns a baseline that was answered, possibly at the second attempt, or `None` if the operation
    /// must wait until the end.
    pub(super) async fn answered(&self, baseline: Observation) -> Option<Observation> {
        let silent = |seen: &Observation| {
            let first = seen.steps.first().map(|step| &step.outcome);
            matches!(first, Some(Err(failure))
                if matches!(failure.kind, FailureKind::Timeout | FailureKind::PutOff))
        };
        if !silent(&baseline) {
            return Some(baseline);
        }
        let again = self.executor.run(&baseline.template, Role::Baseline).await;
        (!silent(&again)).then_some(again)
    }
}

/// Returns how long a page took, if that matters.
pub(super) fn took(settings: &Settings, outcome: &Result<Response, Failure>) -> Option<Duration> {
    // With one request at a time nothing runs beside it, and the order stays the same every time.
    if settings.http.concurrency <= 1 {
        return None;
    }
    match outcome {
        Ok(response) => Some(response.took),
        Err(failure) => (failure.kind == FailureKind::Timeout).then_some(settings.http.timeout),
    }
}
