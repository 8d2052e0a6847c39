//! A scan's exchanges, kept to run it again without a request.
//!
//! Owns: the order in which answers came, which is all that one run of a scan has over another. Leaves out:
//! what is written of it (`traffic`): a tape holds secrets, and stays in memory.
//!
//! What a scan sends next rests on what it knows, and that on the answers and their order. So the same
//! settings, the same key and the same answers in the same order give the same report.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::http::{Failure, FailureKind, Response};

/// What a request is known by.
type Mark = [u8; 32];

/// How long a request waits for its turn: longer, and the tape is of another scan.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keeps exchanges, or plays them.
#[derive(Clone, Debug, Default)]
pub struct Tape(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    playing: bool,
    exchanges: Mutex<VecDeque<(Mark, Result<Response, Failure>)>>,
    played: Notify,
}

impl Tape {
    /// A tape that keeps what it is given.
    pub fn recording() -> Self {
        Self::default()
    }

    /// What was kept, to be played from its beginning.
    #[must_use]
    pub fn rewound(&self) -> Self {
        Self(Arc::new(Inner {
            playing: true,
            exchanges: Mutex::new(self.exchanges().clone()),
            played: Notify::new(),
        }))
    }

    /// How many exchanges there are still.
    pub fn left(&self) -> usize {
        self.exchanges().len()
    }

    /// True where answers come from here, and nothing is sent.
    pub fn plays(&self) -> bool {
        self.0.playing
    }

    /// Keeps an exchange.
    pub fn keep(&self, mark: Mark, outcome: &Result<Response, Failure>) {
        self.exchanges().push_back((mark, outcome.clone()));
    }

    /// The answer to a request, once all that came before it have been given.
    ///
    /// # Errors
    ///
    /// What the request got when it was kept; [`FailureKind::Request`] for one that was not.
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

/// What a request is known by: all of it.
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
