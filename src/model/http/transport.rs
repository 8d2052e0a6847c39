//! The trait between the stages and the network.

use std::future::Future;
use std::time::Duration;

use url::Url;

use super::{Request, Response};

/// Why a request has no answer. A failure is data: it counts as lost coverage, never as clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureKind {
    /// The URL is outside the scan's scope, or the policy forbids it; nothing was sent.
    Scope,
    /// The request or time budget is spent; nothing was sent.
    Budget,
    /// Ctrl-C was pressed, or the pipeline stopped the scan; nothing was sent.
    Stopped,
    /// The route is slow or rate-limited and waits for the end of the scan; nothing was sent.
    PutOff,
    /// No connection: refused, host unreachable, or no such host.
    Connect,
    /// TLS failed.
    Tls,
    /// No answer within the time-out.
    Timeout,
    /// The answer is not HTTP, or broke off before its headers ended.
    Protocol,
    /// The request cannot be expressed (for example, control bytes in a header); nothing was sent.
    Request,
}

/// A request without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind, for counting and for exit codes.
    pub kind: FailureKind,
    /// One line for people; it contains no credential.
    pub message: String,
}

impl Failure {
    /// Creates a failure of that kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Returns whether nothing was sent.
    pub const fn is_unsent(&self) -> bool {
        use FailureKind::{Budget, PutOff, Request, Scope, Stopped};
        matches!(self.kind, Scope | Budget | Stopped | PutOff | Request)
    }
}

/// What a scan is doing. Each phase has its share of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Fetches pages.
    Crawl,
    /// Plants and reads.
    Explore,
    /// Tries again what was too slow or rate-limited before.
    Late,
    /// Proves what was seen.
    Confirm,
    /// Continues exploring, with the budget that proving did not need.
    Rest,
}

/// Sends requests. Implementations check scope, rate limit and budget before sending anything.
pub trait Transport: Clone + 'static {
    /// Sends one request and reads its answer; redirects are not followed.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, Failure>>;

    /// Announces the purpose of the next requests. (A wrapper passes this and the two methods below
    /// on.)
    fn enter(&self, _phase: Phase) {}

    /// Waits, and returns false if the scan is stopped or its budget ends before that.
    fn rest(&self, time: Duration) -> impl Future<Output = bool> {
        async move {
            tokio::time::sleep(time).await;
            true
        }
    }

    /// Returns a URL as it is requested: another name of the target's host is rewritten onto its
    /// base.
    fn at_home(&self, url: Url) -> Url {
        url
    }
}
