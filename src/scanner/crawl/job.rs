//! One request to come: where it goes, and why.
//!
//! Owns: what makes two requests the same. Leaves out: the queue (`frontier.rs`), the request's bytes
//! (`ask.rs`), what the answer means (`answer.rs`).

use url::Url;

use super::mark::mark;
use super::slug_segments::Pattern;
use crate::http::Method;
use crate::surface::Endpoint;

/// One request to come.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) why: Why,
}

/// Why a URL is fetched.
#[derive(Clone, Debug)]
pub(super) enum Why {
    /// It is a page of the application.
    Page,
    /// It is nonsense, in this directory.
    Control(String),
    /// It is nonsense beside what a guess is refused at, in this directory.
    Refusal(String),
    /// It is nonsense beside pages that look alike, in this directory.
    Sibling(String),
    /// It is nonsense in the holes of a pattern.
    Middle(Pattern),
    /// It is nonsense of so many segments.
    Anything(usize),
    /// It may be a GraphQL endpoint: its schema is asked for.
    Schema,
    /// It is a page, asked for data.
    Variant,
    /// Whether an operation of a specification lies under one prefix.
    Basis(Question),
    /// A link to this other host has its path: perhaps it is another name of the target.
    Outside(String),
    /// It may not exist: these endpoints count when it does.
    Tentative(Vec<Endpoint>),
}

/// One question: does this operation answer under this prefix?
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) doubt: usize,
    pub(super) base: usize,
    pub(super) method: Method,
}

/// What makes two requests of a crawl the same: method, path, query, and what is asked for.
pub(super) fn key(job: &Job) -> u64 {
    let query = job.url.query().unwrap_or_default();
    mark((
        job.method,
        job.url.path(),
        query,
        matches!(job.why, Why::Variant),
    ))
}
