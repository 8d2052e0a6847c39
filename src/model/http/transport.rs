//! The trait that stands between the stages and the network.

use std::future::Future;
use std::time::Duration;

use url::Url;

use super::{Request, Response};

/// Why a request has no answer. A failure is data: it counts as coverage lost, never as clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureKind {
    /// The URL is outside the scan's scope, or the policy forbids it; nothing was sent.
    Scope,
    /// The request or time budget is spent; nothing was sent.
    Budget,
    /// Ctrl-C, or the pipeline stopped the scan; nothing was sent.
    Stopped,
    /// The route is slow or limited and waits for the end of the scan; nothing was sent.
    PutOff,
    /// No connection: refused, unreachable, no such host.
    Connect,
    /// TLS failed.
    Tls,
    /// No answer within the time-out.
    Timeout,
    /// The answer is not HTTP, or broke off before its headers ended.
    Protocol,
    /// The request cannot be expressed (control bytes in a header, say); nothing was sent.
    Request,
}

/// A request without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind, for counting and for exit codes.
    pub kind: FailureKind,
    /// One line for people; holds no credential.
    pub message: String,
}

impl Failure {
    /// A failure of that kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// True where nothing was sent.
    pub const fn is_unsent(&self) -> bool {
        use FailureKind::{Budget, PutOff, Request, Scope, Stopped};
        matches!(self.kind, Scope | Budget | Stopped | PutOff | Request)
    }
}

/// What a scan is doing: each phase has its share of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Fetches pages.
    Crawl,
    /// Plants and reads.
    Explore,
    /// Tries once more what was too slow or limited before.
    Late,
    /// Proves what was seen.
    Confirm,
    /// Explores on, with what proving did not need.
    Rest,
}

/// Sends requests. Implementations ask scope, rate ceiling and budget before anything leaves.
pub trait Transport: Clone + 'static {
    /// Sends one request and reads its answer; redirects are not followed.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, Failure>>;

    /// Says what the requests to come are for. (What wraps a transport passes this and the two below on.)
    fn enter(&self, _phase: Phase) {}

    /// Waits, unless the scan is stopped or its budget ends before; false then.
    fn rest(&self, time: Duration) -> impl Future<Output = bool> {
        async move {
            tokio::time::sleep(time).await;
            true
        }
    }

    /// A URL as it is asked for: another name of the target's host is rewritten onto its base.
    fn at_home(&self, url: Url) -> Url {
        url
    }
}
