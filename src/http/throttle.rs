//! When a request may leave: the hard rate ceiling, and pauses that the server asks for.
//!
//! Owns: spacing and pauses. Leaves out: concurrency and budget (`client.rs`).

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

/// Spaces requests so that no one-second window ever holds more than the ceiling.
///
/// Requests are spaced evenly (burst 1). The spacing is 3 % wider than the ceiling asks for:
/// what is granted on time can leave late, and two that bunch up must still fit the window.
pub(crate) struct Throttle {
    limiter: DefaultDirectRateLimiter,
    paused_until: Mutex<Option<Instant>>,
}

/// A server may ask for a pause; nobody waits longer than this for one answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Throttle {
    /// A throttle for at most `rate` requests in any one-second window.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = rate.max(1);
        let spacing = Duration::from_secs(1).mul_f64(1.03) / rate;
        let quota =
            Quota::with_period(spacing).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
        Self {
            limiter: RateLimiter::direct(quota),
            paused_until: Mutex::new(None),
        }
    }

    /// Waits until one more request may leave.
    pub(crate) async fn wait(&self) {
        loop {
            let pause = *self
                .paused_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match pause {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => break,
            }
        }
        self.limiter.until_ready().await;
    }

    /// Holds every request back for so long, as `Retry-After` asks (at most 30 seconds).
    pub(crate) fn pause(&self, time: Duration) {
        let until = Instant::now() + time.min(LONGEST_PAUSE);
        let mut pause = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if pause.is_none_or(|known| known < until) {
            *pause = Some(until);
        }
    }
}
