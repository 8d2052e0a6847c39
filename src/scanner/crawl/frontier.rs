//! The frontier: what is still to be fetched, and what was ever queued.
//!
//! Owns: the queue, the visited set (marked when a URL is queued, so nothing is fetched twice), and
//! the bounds that keep calendars, cursors and facets from running away. Leaves out: sending.
//!
//! Everything is decided when a URL is queued, and answers are taken in the order of their
//! queueing. So the width of the crawl changes its speed and nothing else.

use std::collections::{HashMap, HashSet, VecDeque};

use super::crowd::{CrowdKind, Crowds};
use super::job::{Job, Why, key};
use super::mark::mark;
use super::resolve::is_asset;
use crate::http::Method;

/// GETs for one template, at most, whatever their paths and queries are.
const PER_SHAPE: u32 = 3;

/// GETs for one path with the same query names, at most.
const PER_QUERY: u32 = 2;

/// Requests that are made again because the server was busy, at most.
const MAX_REPEATED: usize = 60;

/// Deeper paths are relative links that feed on themselves.
const MAX_SEGMENTS: usize = 16;

/// The queue with its memory.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    queue: VecDeque<Job>,
    /// By [`mark`]s, since the texts of a large crawl are much to keep.
    visited: HashSet<u64>,
    shapes: HashMap<u64, u32>,
    queries: HashMap<u64, u32>,
    /// Paths that were queued, with whatever query.
    paths: HashSet<u64>,
    /// Pages that wait.
    pub(super) crowds: Crowds,
    repeated: HashSet<u64>,
    most: usize,
    /// Room that was made for the tester's own words.
    more: usize,
    /// Paths that may not exist, queued so far.
    tentative: usize,
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
        self.more = self.more.saturating_add(more);
    }

    /// Queues a request unless it was queued before or its like were queued often enough. A page among
    /// many waits for [`Frontier::let_in`].
    pub(super) fn admit(&mut self, job: Job, template: &str) -> bool {
        self.enter(job, template, false)
    }

    /// Queues pages that waited.
    pub(super) fn let_in(&mut self, jobs: Vec<(Job, String)>) {
        for (job, template) in jobs {
            self.enter(job, &template, true);
        }
    }

    fn enter(&mut self, job: Job, template: &str, waited: bool) -> bool {
        let path = job.url.path();
        let key = key(&job);
        if self.visited.contains(&key) || runs_in_circles(path) {
            return false;
        }
        if self.visited.len() + self.crowds.len() >= self.most {
            self.full = true;
            return false;
        }
        // What only looks like a path does not crowd out the pages.
        let tentative = matches!(job.why, Why::Tentative(_));
        if tentative && self.tentative >= self.most / 4 + self.more {
            self.full = true;
            return false;
        }
        if !matches!(
            job.why,
            Why::Control(_)
                | Why::Refusal(_)
                | Why::Sibling(_)
                | Why::Middle(_)
                | Why::Anything(_)
                | Why::Schema
                | Why::Outside(_)
        ) {
            let shape = mark((job.method, template));
            let mut names: Vec<String> = job
                .url
                .query_pairs()
                .map(|(name, _)| name.into_owned())
                .collect();
            names.sort();
            let query = mark((job.method, path, names));
            let count = self.shapes.get(&shape).copied().unwrap_or_default();
            let same = self.queries.get(&query).copied().unwrap_or_default();
            if count >= PER_SHAPE || same >= PER_QUERY {
                return false;
            }
            if matches!(job.why, Why::Page) && job.method == Method::Get && !waited {
                // A list of a thousand slugs is queued before the first of them is answered.
                let kind = match job.url.query() {
                    _ if count == 0 && is_asset(path).is_some() => Some(CrowdKind::Asset),
                    _ if count == 0 => Some(CrowdKind::Page),
                    Some(_) if self.paths.contains(&mark(path)) => Some(CrowdKind::Query),
                    _ => None,
                };
                if kind.is_some_and(|kind| !self.crowds.admits(kind, key, &job, template)) {
                    return false;
                }
            }
            self.shapes.insert(shape, count + 1);
            self.queries.insert(query, same + 1);
            if job.method == Method::Get {
                self.paths.insert(mark(path));
            }
        }
        self.tentative += usize::from(tentative);
        self.visited.insert(key);
        // What these say spares many of the pages that wait.
        if matches!(job.why, Why::Middle(_) | Why::Anything(_)) {
            self.queue.push_front(job);
        } else {
            self.queue.push_back(job);
        }
        true
    }

    /// Queues a request once more, that the server had no time for.
    pub(super) fn again(&mut self, job: Job) -> bool {
        let may = self.repeated.len() < MAX_REPEATED && self.repeated.insert(key(&job));
        if may {
            self.queue.push_back(job);
        }
        may
    }

    /// The next request.
    pub(super) fn next(&mut self) -> Option<Job> {
        self.queue.pop_front()
    }

    /// Drops what is remembered of requests.
    pub(super) fn forget(&mut self) {
        *self = Self {
            full: self.full,
            ..Self::default()
        };
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
