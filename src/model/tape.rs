//! A scan's exchanges, kept to run it again without sending requests.
//!
//! This module keeps the order in which answers came, which is the only difference between two runs
//! of the same scan. A tape holds secrets, so it stays in memory; what is written to disk is in
//! `traffic`.
//!
//! What a scan sends next depends on what it knows, which depends on the answers and their order.
//! So the same settings, the same key and the same answers in the same order give the same report.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::http::{Failure, FailureKind, Response};

/// A hash that identifies a request.
type Mark = [u8; 32];

/// How long a request waits for its turn before it is treated as unknown to the tape.
const PATIENCE: Duration = Duration::from_secs(10);

/// Records exchanges, or plays them back.
#[derive(Clone, Debug, Default)]
pub struct Tape(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    playing: bool,
    exchanges: Mutex<VecDeque<(Mark, Result<Response, Failure>)>>,
    played: Notify,
}

impl Tape {
    /// Creates an empty tape that records.
    pub fn recording() -> Self {
        Self::default()
    }

    /// Returns a copy that plays the recorded exchanges from the beginning.
    #[must_use]
    pub fn rewound(&self) -> Self {
        Self(Arc::new(Inner {
            playing: true,
            exchanges: Mutex::new(self.exchanges().clone()),
            played: Notify::new(),
        }))
    }

    /// Returns the number of exchanges left.
    pub fn left(&self) -> usize {
        self.exchanges().len()
    }

    /// Returns whether answers come from the tape, so that nothing is sent.
    pub fn plays(&self) -> bool {
        self.0.playing
    }

    /// Records an exchange.
    pub fn keep(&self, mark: Mark, outcome: &Result<Response, Failure>) {
        self.exchanges().push_back((mark, outcome.clone()));
    }

    /// Returns the answer to a request, once all earlier answers have been returned.
    ///
    /// # Errors
    ///
    /// Returns the failure that was recorded for the request, or [`FailureKind::Request`] for a
    /// request that was not recorded.
    pub async fn play(&self, mark: Mark) -> Result<Response, Failure> {
        let turn = async {
            loop {
                let played = self.0.played.notified();
                {
                    let mut exchanges = self.exchanges();
                    if exchanges.front().is_some_and(|(next, _)| *next == mark) {
                        let taken = exchanges.pop_front();
                        drop(exchanges);
                        self.0.played.notify_waiters();
                        return taken.map(|(_, outcome)| outcome);
                    }
                    if exchanges.iter().all(|(known, _)| *known != mark) {
                        return None;
                    }
                }
                played.await;
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, turn).await.ok().flatten();
        let stray = || Failure::new(FailureKind::Request, "the tape does not know this request");
        outcome.unwrap_or_else(|| Err(stray()))
    }

    fn exchanges(&self) -> MutexGuard<'_, VecDeque<(Mark, Result<Response, Failure>)>> {
        self.0
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the hash that identifies a request, made of all its parts.
pub fn mark<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Mark {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Response {
        Response::of(status, &[], "")
    }

    fn of(text: &str) -> Mark {
        mark([text.as_bytes()])
    }

    #[tokio::test]
    async fn answers_come_in_the_order_in_which_they_came() {
        let tape = Tape::recording();
        for (name, status) in [("b", 201), ("a", 200), ("b", 404)] {
            tape.keep(of(name), &Ok(answer(status)));
        }
        let tape = tape.rewound();
        let (a, b) = tokio::join!(tape.play(of("a")), tape.play(of("b")));
        assert_eq!([a, b].map(|one| one.unwrap().status), [200, 201]);
        assert_eq!(tape.play(of("b")).await.unwrap().status, 404);
        assert_eq!(tape.left(), 0);
    }

    #[tokio::test]
    async fn what_was_not_kept_is_refused_at_once() {
        let tape = Tape::recording();
        tape.keep(of("a"), &Ok(answer(200)));
        let failure = tape.rewound().play(of("c")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Request);
    }
}
