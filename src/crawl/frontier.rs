//! The frontier: what is still to be fetched, and what was ever queued.
//!
//! Owns: the queue, the visited set (marked when a URL is queued, so nothing is fetched twice), and
//! the bounds that keep calendars, cursors and facets from running away. Leaves out: sending.
//!
//! Everything is decided when a URL is queued, and answers are taken in the order of their
//! queueing. So the width of the crawl changes its speed and nothing else.

use std::collections::{HashMap, HashSet, VecDeque};

use url::Url;

use crate::http::Method;
use crate::surface::Endpoint;

/// Why a URL is fetched.
#[derive(Clone, Debug)]
pub(super) enum Why {
    /// It is a page of the application.
    Page,
    /// It is nonsense, in this directory.
    Control(String),
    /// It is nonsense beside pages that look alike, in this directory.
    Sibling(String),
    /// It may be a GraphQL endpoint: its schema is asked for.
    Schema,
    /// It may not exist: these endpoints count when it does.
    Tentative(Vec<Endpoint>),
}

/// One request to come.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) why: Why,
}

/// GETs for one template, at most, whatever their paths and queries are.
const PER_SHAPE: u32 = 3;

/// GETs for one path with the same query names, at most.
const PER_QUERY: u32 = 2;

/// Different pages fetched in one directory, and at the root, at most.
const PER_DIRECTORY: u32 = 60;
const PER_ROOT: u32 = 300;

/// Requests that are made again because the server was busy, at most.
const MAX_REPEATED: usize = 60;

/// Deeper paths are relative links that feed on themselves.
const MAX_SEGMENTS: usize = 16;

/// The queue with its memory.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    queue: VecDeque<Job>,
    visited: HashSet<String>,
    shapes: HashMap<String, u32>,
    queries: HashMap<String, u32>,
    directories: HashMap<String, u32>,
    repeated: HashSet<String>,
    most: usize,
    /// True once something was refused because the whole crawl is bounded.
    pub(super) full: bool,
}

impl Frontier {
    /// A frontier that queues no more than so many requests in all.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// Makes room for so many requests more.
    pub(super) fn widen(&mut self, more: usize) {
        self.most = self.most.saturating_add(more);
    }

    /// Queues a request unless it was queued before or its like were queued often enough.
    pub(super) fn admit(&mut self, job: Job, template: &str) -> bool {
        let path = job.url.path();
        let key = format!(
            "{} {path}?{}",
            job.method,
            job.url.query().unwrap_or_default()
        );
        if self.visited.contains(&key) || runs_in_circles(path) {
            return false;
        }
        if self.visited.len() >= self.most {
            self.full = true;
            return false;
        }
        if !matches!(job.why, Why::Control(_) | Why::Sibling(_) | Why::Schema) {
            let shape = format!("{} {template}", job.method);
            let mut names: Vec<String> = job
                .url
                .query_pairs()
                .map(|(name, _)| name.into_owned())
                .collect();
            names.sort();
            let query = format!("{} {path}?{}", job.method, names.join("&"));
            let count = self.shapes.entry(shape).or_default();
            if *count >= PER_SHAPE {
                return false;
            }
            let same = self.queries.entry(query).or_default();
            if *same >= PER_QUERY {
                return false;
            }
            // Pages of one directory are bounded too: a list of a thousand slugs is queued before
            // the first of them is answered.
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            let most = if directory.is_empty() {
                PER_ROOT
            } else {
                PER_DIRECTORY
            };
            if *count == 0 && matches!(job.why, Why::Page) {
                let children = self.directories.entry(directory.to_owned()).or_default();
                if *children >= most {
                    return false;
                }
                *children += 1;
            }
            *count += 1;
            *same += 1;
        }
        self.visited.insert(key);
        self.queue.push_back(job);
        true
    }

    /// Queues a request once more, that the server had no time for.
    pub(super) fn again(&mut self, job: Job) -> bool {
        let key = format!("{} {}", job.method, job.url);
        let may = self.repeated.len() < MAX_REPEATED && self.repeated.insert(key);
        if may {
            self.queue.push_back(job);
        }
        may
    }

    /// The next request.
    pub(super) fn next(&mut self) -> Option<Job> {
        self.queue.pop_front()
    }

    /// True when nothing is queued.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

fn runs_in_circles(path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let repeats = segments
        .windows(3)
        .any(|three| three[0] == three[1] && three[1] == three[2]);
    let pairs = segments
        .windows(4)
        .any(|four| four[0] == four[2] && four[1] == four[3]);
    segments.len() > MAX_SEGMENTS || repeats || (pairs && segments.len() > 5)
}
