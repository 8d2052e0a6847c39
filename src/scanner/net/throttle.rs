//! Decides when a request may leave: the hard rate ceiling, and pauses that the server asks for.
//!
//! Owns: spacing and pauses. Leaves out: concurrency and budget (`client.rs`).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

/// Spaces requests so that no one-second window ever holds more than the ceiling.
///
/// Requests are spaced evenly (burst 1). The spacing is 3 % wider than the ceiling demands: a
/// request granted on time can leave late, and two that bunch up must still fit the window.
pub(crate) struct Throttle {
    /// `None` for a rate too high for the clock to space.
    limiter: Option<DefaultDirectRateLimiter>,
    paused_until: Mutex<Option<Instant>>,
}

impl Throttle {
    /// Creates a throttle for at most `rate` requests in any one-second window.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = rate.max(1);
        let spacing = Duration::from_secs(1).mul_f64(1.03) / rate;
        // A spacing below one nanosecond rounds to none at all.
        let quota = Quota::with_period(spacing);
        Self {
            limiter: quota.map(RateLimiter::direct),
            paused_until: Mutex::new(None),
        }
    }

    /// Waits until one more request may leave.
    pub(crate) async fn wait(&self) {
        loop {
            if let Some(until) = self.pause() {
                tokio::time::sleep_until(until).await;
            }
            if let Some(limiter) = &self.limiter {
                limiter.until_ready().await;
            }
            // Another answer may have asked for a pause in the meantime.
            if self.pause().is_none() {
                return;
            }
        }
    }

    fn pause(&self) -> Option<Instant> {
        let pause = self.paused_until.lock();
        let until = *pause.unwrap_or_else(PoisonError::into_inner);
        until.filter(|until| *until > Instant::now())
    }

    /// Holds back every request for the given time, as `Retry-After` asks.
    pub(crate) fn hold(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut pause = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if pause.is_none_or(|known| known < until) {
            *pause = Some(until);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};

    use super::*;

    /// Returns when each request may leave, with `waiting` tasks waiting at a time.
    async fn granted(rate: u32, waiting: usize, hold: Duration) -> Vec<Instant> {
        let throttle = Arc::new(Throttle::new(rate));
        let each = usize::try_from(rate).unwrap() / waiting + 10;
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..waiting {
            let throttle = Arc::clone(&throttle);
            tasks.spawn(async move {
                let mut times = Vec::new();
                for round in 0..each {
                    throttle.wait().await;
                    times.push(Instant::now());
                    if task == 0 && round == each / 2 {
                        throttle.hold(hold);
                    }
                }
                times
            });
        }
        let mut times = tasks.join_all().await.concat();
        times.sort();
        times
    }

    #[test]
    fn no_second_holds_more_than_the_ceiling_at_any_rate_with_any_pause() {
        // A single thread, so that nothing delays noting when a request was granted.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let mut runner = TestRunner::new(Config::with_cases(5));
        let cases = (5_u32..3_000, 1_usize..40, 0_u64..200);
        let result = runner.run(&cases, |(rate, waiting, hold)| {
            let hold = Duration::from_millis(hold);
            let times = runtime.block_on(granted(rate, waiting, hold));
            for (at, first) in times.iter().enumerate() {
                let second = times[at..].iter().take_while(|t| **t - *first < SECOND);
                prop_assert!(second.count() <= usize::try_from(rate).unwrap());
            }
            Ok(())
        });
        result.unwrap();
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_rate_beyond_the_clock_is_no_rate_of_one() {
        let throttle = Throttle::new(u32::MAX);
        let begun = Instant::now();
        for _ in 0..1_000 {
            throttle.wait().await;
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}
