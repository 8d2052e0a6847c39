//! Crowds: many pages of one directory, and many queries of pages in it. The first few are fetched at
//! once; the rest wait for what those say.
//!
//! Owns: who waits, and what lets them in. Leaves out: the bounds of the whole crawl (`frontier.rs`), and
//! whether a directory takes any name (`siblings.rs`).

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::job::{Job, key};
use super::shape::directory;

/// Pages of one directory that are fetched before anything is known of it: as many as make siblings.
const FIRST: usize = 3;

/// The same at the root, where an application's own pages stand.
const FIRST_AT_ROOT: usize = 300;

/// Pages with another query that are fetched in one directory before they are judged.
const FIRST_QUERIES: usize = 5;

/// How many more are let in at a time where nothing is proven.
const STEP: usize = 12;

/// Pages of one directory where nothing is proven, and pages with another query in it, at most.
const UNPROVEN: usize = 60;

/// Who comes in a crowd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CrowdKind {
    /// A page of a directory.
    Page,
    /// A script, a style sheet.
    Asset,
    /// A page that was fetched already, with another query.
    Query,
}

/// The crowds of a crawl.
#[derive(Debug, Default)]
pub(super) struct Crowds {
    by_directory: BTreeMap<(CrowdKind, String), Crowd>,
    waiting: HashSet<u64>,
    /// Directories in which pages have begun to wait.
    news: Vec<String>,
}

#[derive(Debug, Default)]
struct Crowd {
    let_in: usize,
    state: State,
    waiting: VecDeque<(Job, String)>,
    /// Pages that another query did not change.
    same: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nobody knows yet.
    #[default]
    Unproven,
    /// Each is a page of its own.
    Open,
    /// They are all the same.
    Closed,
}

impl Crowds {
    /// True when a job may be queued now. Otherwise it waits (for [`Crowds::next`]), or was refused.
    pub(super) fn admits(&mut self, kind: CrowdKind, key: u64, job: &Job, template: &str) -> bool {
        let directory = directory(job.url.path());
        let first = match kind {
            CrowdKind::Page if directory.is_empty() => FIRST_AT_ROOT,
            CrowdKind::Page => FIRST,
            CrowdKind::Asset => UNPROVEN,
            CrowdKind::Query => FIRST_QUERIES,
        };
        let crowd = self
            .by_directory
            .entry((kind, directory.to_owned()))
            .or_default();
        match crowd.state {
            State::Open => return true,
            State::Closed => return false,
            State::Unproven => {}
        }
        if crowd.let_in < first {
            crowd.let_in += 1;
            return true;
        }
        if self.waiting.insert(key) {
            if kind == CrowdKind::Page && crowd.waiting.is_empty() && crowd.let_in == first {
                self.news.push(directory.to_owned());
            }
            crowd.waiting.push_back((job.clone(), template.to_owned()));
        }
        false
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// A directory in which pages have begun to wait, each once.
    pub(super) fn news(&mut self) -> Option<String> {
        self.news.pop()
    }

    /// Each page of a directory is a page of its own. Gives those that waited.
    pub(super) fn open(&mut self, kind: CrowdKind, directory: &str) -> Vec<(Job, String)> {
        let crowd = self
            .by_directory
            .entry((kind, directory.to_owned()))
            .or_default();
        crowd.state = State::Open;
        let all = std::mem::take(&mut crowd.waiting).into();
        self.forget(all)
    }

    /// A page was fetched with another query: whether that made it another page. Gives those that
    /// waited where it did.
    pub(super) fn judge(&mut self, path: &str, same: bool) -> Vec<(Job, String)> {
        let directory = directory(path);
        if !same {
            return self.open(CrowdKind::Query, directory);
        }
        let Some(crowd) = self
            .by_directory
            .get_mut(&(CrowdKind::Query, directory.to_owned()))
        else {
            return Vec::new();
        };
        crowd.same += 1;
        if crowd.same >= FIRST_QUERIES && crowd.state == State::Unproven {
            crowd.state = State::Closed;
            let all = std::mem::take(&mut crowd.waiting).into();
            self.forget(all);
        }
        Vec::new()
    }

    /// Lets some in, once nothing else is to be fetched: where nothing is proven a few more, without
    /// the pages that `is_known` names.
    pub(super) fn next(&mut self, is_known: impl Fn(&str) -> bool) -> Vec<(Job, String)> {
        let mut next = Vec::new();
        let mut known = Vec::new();
        for ((kind, _), crowd) in &mut self.by_directory {
            let is_known = |job: &Job| *kind == CrowdKind::Page && is_known(job.url.path());
            let all = std::mem::take(&mut crowd.waiting);
            let mut rest = VecDeque::new();
            for (job, template) in all {
                if is_known(&job) {
                    known.push((job, template));
                } else {
                    rest.push_back((job, template));
                }
            }
            let more = STEP
                .min(UNPROVEN.saturating_sub(crowd.let_in))
                .min(rest.len());
            crowd.let_in += more;
            next.extend(rest.drain(..more));
            crowd.waiting = rest;
        }
        self.forget(known);
        self.forget(next)
    }

    /// The directories of which pages wait that nothing lets in.
    pub(super) fn crowded(&self) -> impl Iterator<Item = &str> {
        let full = |crowd: &Crowd| !crowd.waiting.is_empty() && crowd.let_in >= UNPROVEN;
        let crowds = self.by_directory.iter();
        crowds
            .filter(move |((kind, _), crowd)| *kind != CrowdKind::Query && full(crowd))
            .map(|((_, directory), _)| directory.as_str())
    }

    fn forget(&mut self, jobs: Vec<(Job, String)>) -> Vec<(Job, String)> {
        for (job, _) in &jobs {
            self.waiting.remove(&key(job));
        }
        jobs
    }
}
