//! The request and time budget, and the share of it that each phase may spend.
//!
//! Owns: what is left, and whether anything was left out for lack of it. Leaves out: waiting
//! (`throttle.rs`), and what a phase does.
//!
//! A crawl may spend at most half of what is left for exploring, so that something gets planted. A
//! quarter of the whole is reserved for confirming, so that what was seen can be proven. What
//! confirming does not need goes back to exploring, except for a quarter of that, and so on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::http::{Failure, FailureKind, Phase};

/// The budget of one scan.
#[derive(Debug)]
pub(super) struct Budget {
    requests: u64,
    time: Option<Duration>,
    begun: Instant,
    sent: AtomicU64,
    /// What the phase may spend: the total number of requests, and until when.
    bound: Mutex<(u64, Option<Instant>)>,
    crawling: AtomicBool,
    /// True if a crawl was cut short and no later crawl has continued it.
    cut: AtomicBool,
    /// True if anything else was left out.
    starved: AtomicBool,
}

impl Budget {
    /// Creates a budget that can be spent in full until [`Budget::enter`] sets a phase's share.
    pub(super) fn new(requests: Option<u64>, time: Option<Duration>) -> Self {
        let begun = Instant::now();
        let requests = requests.unwrap_or(u64::MAX);
        Self {
            requests,
            time,
            begun,
            sent: AtomicU64::new(0),
            bound: Mutex::new((requests, time.and_then(|time| begun.checked_add(time)))),
            crawling: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            starved: AtomicBool::new(false),
        }
    }

    /// Gives a phase its share.
    pub(super) fn enter(&self, phase: Phase) {
        let now = Instant::now();
        // The rest is reserved for confirming.
        let explored = self.requests - self.requests / 4;
        let explored_until = self
            .time
            .and_then(|time| self.begun.checked_add(time.mul_f64(0.75)));
        let end = self.end();
        let crawl = phase == Phase::Crawl;
        let bound = match phase {
            Phase::Crawl => {
                let left = explored.saturating_sub(self.sent());
                let half = |until: Instant| now + until.saturating_duration_since(now) / 2;
                let requests = self.sent().saturating_add(left.div_ceil(2));
                (requests, explored_until.map(half))
            }
            Phase::Explore | Phase::Late => (explored, explored_until),
            Phase::Confirm => (self.requests, end),
            Phase::Rest => {
                let left = self.requests.saturating_sub(self.sent());
                let most = |end: Instant| {
                    let left = end.saturating_duration_since(now);
                    now + left.mul_f64(0.75)
                };
                (self.requests - left / 4, end.map(most))
            }
        };
        self.crawling.store(crawl, Ordering::SeqCst);
        if crawl {
            self.cut.store(false, Ordering::SeqCst);
        }
        *self.bound.lock().unwrap_or_else(PoisonError::into_inner) = bound;
    }

    /// Returns the end of the whole time budget.
    fn end(&self) -> Option<Instant> {
        self.time.and_then(|time| self.begun.checked_add(time))
    }

    /// Returns true if something was left out although there is something left to spend.
    pub(super) fn has_rest(&self) -> bool {
        let over = self.end().is_some_and(|end| Instant::now() >= end);
        self.spent() && self.sent() < self.requests && !over
    }

    /// Returns the end of the phase's time.
    pub(super) fn until(&self) -> Option<Instant> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// Returns an error once the phase's time is over.
    pub(super) fn in_time(&self) -> Result<(), Failure> {
        if self.is_late() {
            return Err(self.refuse("the time budget is spent"));
        }
        Ok(())
    }

    /// Returns true once the phase's time is over.
    pub(super) fn is_late(&self) -> bool {
        self.until().is_some_and(|until| Instant::now() >= until)
    }

    /// Claims one request. Called just before it leaves, so that concurrent requests cannot
    /// overdraw.
    pub(super) fn claim(&self) -> Result<(), Failure> {
        self.in_time()?;
        let most = self.bound.lock().unwrap_or_else(PoisonError::into_inner).0;
        let claim = self
            .sent
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |sent| {
                (sent < most).then_some(sent + 1)
            });
        match claim {
            Ok(_) => Ok(()),
            Err(_) => Err(self.refuse("the request budget is spent")),
        }
    }

    /// Returns an error if no request is left, without claiming one, so that nothing waits in vain.
    pub(super) fn any_left(&self) -> Result<(), Failure> {
        self.in_time()?;
        let most = self.bound.lock().unwrap_or_else(PoisonError::into_inner).0;
        if self.sent() < most {
            return Ok(());
        }
        Err(self.refuse("the request budget is spent"))
    }

    /// Creates the failure of a request that the budget does not allow.
    pub(super) fn refuse(&self, why: &str) -> Failure {
        let flag = if self.crawling.load(Ordering::SeqCst) {
            &self.cut
        } else {
            &self.starved
        };
        flag.store(true, Ordering::SeqCst);
        Failure::new(FailureKind::Budget, why)
    }

    /// Returns the number of requests that have left.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    /// Returns true if something was left out for lack of requests or time.
    pub(super) fn spent(&self) -> bool {
        self.starved.load(Ordering::SeqCst) || self.cut.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(budget: &Budget) -> u64 {
        (0..1_000).filter(|_| budget.claim().is_ok()).count() as u64
    }

    #[test]
    fn each_phase_leaves_something_for_the_next() {
        let budget = Budget::new(Some(200), None);
        budget.enter(Phase::Crawl);
        assert_eq!(spend(&budget), 75);
        budget.enter(Phase::Explore);
        assert_eq!(spend(&budget), 75);
        budget.enter(Phase::Crawl);
        assert_eq!(spend(&budget), 0);
        budget.enter(Phase::Confirm);
        assert_eq!(spend(&budget), 50);
        assert_eq!(budget.sent(), 200);
        assert!(budget.spent());
    }

    #[test]
    fn a_crawl_that_was_cut_short_and_goes_on_later_has_left_nothing_out() {
        let budget = Budget::new(Some(40), None);
        budget.enter(Phase::Crawl);
        spend(&budget);
        assert!(budget.spent());
        budget.enter(Phase::Crawl);
        assert!(budget.claim().is_ok() && !budget.spent());
        let whole = Budget::new(None, None);
        whole.enter(Phase::Crawl);
        assert_eq!(spend(&whole), 1_000);
        assert!(!whole.spent() && whole.until().is_none());
    }

    #[test]
    fn small_budgets_are_spent_to_the_request() {
        for most in 1..12 {
            let budget = Budget::new(Some(most), None);
            for phase in [Phase::Crawl, Phase::Explore, Phase::Late, Phase::Confirm] {
                budget.enter(phase);
                spend(&budget);
            }
            assert_eq!(budget.sent(), most);
        }
    }

    #[test]
    fn what_confirming_leaves_is_explored_with_to_the_last_request() {
        let budget = Budget::new(Some(200), None);
        budget.enter(Phase::Explore);
        assert_eq!(spend(&budget), 150);
        budget.enter(Phase::Confirm);
        assert!(budget.claim().is_ok() && budget.has_rest());
        let mut shares = Vec::new();
        while budget.has_rest() {
            budget.enter(Phase::Rest);
            shares.push(spend(&budget));
        }
        assert_eq!(shares, [37, 9, 3]);
        assert_eq!(budget.sent(), 200);
        let whole = Budget::new(Some(200), None);
        assert!(
            whole.claim().is_ok() && !whole.has_rest(),
            "nothing was left out"
        );
    }

    #[test]
    fn time_is_shared_as_requests_are() {
        let budget = Budget::new(None, Some(Duration::from_secs(80)));
        let lasts = |phase| {
            budget.enter(phase);
            let left = budget.until().unwrap() - budget.begun;
            left.as_secs_f64().round()
        };
        assert!((lasts(Phase::Crawl) - 30.0).abs() < 1.0);
        assert!((lasts(Phase::Explore) - 60.0).abs() < 0.1);
        assert!((lasts(Phase::Confirm) - 80.0).abs() < 0.1);
        assert!(budget.in_time().is_ok());
        let over = Budget::new(None, Some(Duration::ZERO));
        assert_eq!(over.claim().unwrap_err().kind, FailureKind::Budget);
        assert!(over.spent());
    }
}
