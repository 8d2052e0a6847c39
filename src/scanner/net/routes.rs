//! Routes that are slow or limited: each one delays only itself.
//!
//! Owns: which route waits, which is put off until the end, and what is reported about it. Leaves
//! out: pausing everything (`throttle.rs`), a target that is gone (`client.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::finding::Problem;
use crate::http::asks_to_wait;
use crate::http::{Failure, FailureKind, Method, Request, Response};
use crate::words::is_id;

/// The number of time-outs in a row after which a route is put off until the end.
const MOST_SILENT: u32 = 2;
/// How many times in a row a route may ask to come later, each after the wait that it asked for.
const MOST_LATER: u32 = 3;
/// If this many routes ask to come later, with no other answer in between, the whole target does.
const SEVERAL: usize = 3;
/// How many routes are remembered at most.
const MOST: usize = 10_000;
/// How many routes are named at most.
const MOST_NAMED: usize = 5;

/// A method and a path, with everything that looks like an id left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route(Method, String);

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let segments = request.url.path().split('/');
        let path: Vec<&str> = segments
            .map(|segment| if varies(segment) { "{}" } else { segment })
            .collect();
        Self(request.method, path.join("/"))
    }
}

/// Returns true for an id, and for a segment too long and too mixed to be a word.
fn varies(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    is_id(segment) || (digits > 0 && segment.len() > 30) || (digits >= 3 && segment.len() >= 10)
}

/// Why a route is put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Off {
    /// It does not answer in time.
    Silent,
    /// It asks to come back too late, or again and again.
    Limited,
}

#[derive(Debug, Default)]
struct Record {
    paused_until: Option<Instant>,
    silent: u32,
    later: u32,
    off: Option<Off>,
    /// What the route did, in words.
    said: String,
}

#[derive(Debug, Default)]
struct State {
    records: BTreeMap<Route, Record>,
    /// The routes that have asked to come later since another route last answered.
    asking: BTreeSet<Route>,
    asking_since: Option<Instant>,
    /// True once routes that were put off are tried again.
    reopened: bool,
}

/// How each route has used the scan's time.
#[derive(Debug)]
pub(super) struct Routes {
    state: Mutex<State>,
    most: Duration,
}

impl Routes {
    /// Creates the records. No route waits longer than `most` for one answer.
    pub(super) fn new(most: Duration) -> Self {
        Self {
            state: Mutex::default(),
            most,
        }
    }

    /// Returns when a request to a route may leave; `None` means at once.
    pub(super) fn may_leave(&self, route: &Route) -> Result<Option<Instant>, Failure> {
        let state = self.state();
        let Some(record) = state.records.get(route) else {
            return Ok(None);
        };
        if record.off.is_some() {
            let text = format!("{}: not sent for now", record.said);
            return Err(Failure::new(FailureKind::PutOff, text));
        }
        Ok(record.paused_until.filter(|until| *until > Instant::now()))
    }

    /// Records an answer to a request that left at `left`.
    ///
    /// Returns how long everything must wait, once several routes ask for it, and whether the
    /// answer asks for a longer wait than allowed.
    pub(super) fn answered(&self, request: &Request, left: Instant, response: &Response) -> Asked {
        let route = Route::of(request);
        let mut state = self.state();
        let Some(time) = asks_to_wait(response) else {
            if let Some(record) = state.records.get_mut(&route) {
                record.silent = 0;
                record.later = 0;
            }
            // An answer to a request that left before the first of them asked says nothing about
            // now.
            if !matches!(response.status, 429 | 503)
                && state.asking_since.is_none_or(|since| left >= since)
            {
                state.asking.clear();
                state.asking_since = None;
            }
            return Asked::default();
        };
        let now = Instant::now();
        let beyond = time > self.most;
        let full = state.records.len() >= MOST;
        if state.asking.len() < SEVERAL {
            state.asking.insert(route.clone());
            state.asking_since.get_or_insert(now);
        }
        let several = state.asking.len() >= SEVERAL;
        if full && !state.records.contains_key(&route) {
            return Asked::default();
        }
        let reopened = state.reopened;
        let record = state.records.entry(route).or_default();
        let waited = record.paused_until.is_none_or(|until| left >= until);
        record.later += u32::from(waited);
        let later = response.header("retry-after").unwrap_or_default();
        let at = format!("{} {}", request.method, request.url.path());
        let status = response.status;
        if beyond || record.later >= MOST_LATER || (reopened && record.off.is_some()) {
            record.off = Some(Off::Limited);
            record.said = if beyond {
                format!(
                    "{at} answered {status} and asks to come back later than --max-wait (Retry-After: {later:.40})"
                )
            } else {
                format!(
                    "{at} answered {status} and asked to come later again and again (Retry-After: {later:.40})"
                )
            };
            return Asked {
                everything: None,
                beyond,
            };
        }
        let until = now + time;
        if record.paused_until.is_none_or(|known| known < until) {
            record.paused_until = Some(until);
        }
        Asked {
            everything: several.then_some(time),
            beyond,
        }
    }

    /// Forgets which routes asked to come later, because the rest of the target answers: they speak
    /// for themselves only.
    pub(super) fn reassure(&self) {
        let mut state = self.state();
        state.asking.clear();
        state.asking_since = None;
    }

    /// Records a time-out of a route while other routes were answered.
    pub(super) fn silent(&self, request: &Request, failure: &Failure) {
        self.note_silence(request, failure, 1);
    }

    /// Records a time-out that held up the whole target. The route is not tried again before the
    /// end.
    pub(super) fn blocks(&self, request: &Request, failure: &Failure) {
        self.note_silence(request, failure, MOST_SILENT);
    }

    fn note_silence(&self, request: &Request, failure: &Failure, weight: u32) {
        let mut state = self.state();
        if state.records.len() >= MOST {
            return;
        }
        let reopened = state.reopened;
        let record = state.records.entry(Route::of(request)).or_default();
        record.silent += weight;
        if record.silent >= MOST_SILENT || (reopened && !record.said.is_empty()) {
            record.off = Some(Off::Silent);
            let at = format!("{} {}", request.method, request.url.path());
            record.said = format!("{at}: {}", failure.message);
        }
    }

    /// Lets the routes that were put off be tried once more.
    pub(super) fn reopen(&self) {
        let mut state = self.state();
        state.reopened = true;
        let silent = state.records.values_mut();
        for record in silent.filter(|record| record.off == Some(Off::Silent)) {
            record.off = None;
            record.silent = MOST_SILENT - 1;
        }
        let now = Instant::now();
        for record in state.records.values_mut() {
            // A route that said to come back tomorrow is not ready yet.
            let again = record.paused_until.is_some_and(|until| until <= now);
            if record.off == Some(Off::Limited) && again {
                record.off = None;
                record.later = MOST_LATER - 1;
            }
        }
    }

    /// Returns the problems that a reader of the report must know about.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let state = self.state();
        let of = |kind: Off| -> Vec<&str> {
            let off = state.records.values().filter(|r| r.off == Some(kind));
            off.map(|record| record.said.as_str()).collect()
        };
        let mut problems = Vec::new();
        let silent = of(Off::Silent);
        if !silent.is_empty() {
            let text = format!("{}; it was left out after that", told(&silent));
            problems.push(Problem::new("route-silent", text));
        }
        let limited = of(Off::Limited);
        if !limited.is_empty() {
            let text = format!("{}; it was left out after that", told(&limited));
            problems.push(Problem::new("route-limited", text));
        }
        problems
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an answer demands of the other requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// How long everything must wait.
    pub(super) everything: Option<Duration>,
    /// True if the answer asks for a longer wait than allowed.
    pub(super) beyond: bool,
}

/// Joins the first few texts, and says how many more there are.
fn told(all: &[&str]) -> String {
    let named = all[..all.len().min(MOST_NAMED)].join("; ");
    match all.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn get(path: &str) -> Request {
        Request::get(Url::parse(&format!("http://h{path}")).unwrap())
    }

    fn later(seconds: &str) -> Response {
        Response::of(429, &[("retry-after", seconds)], "")
    }

    fn routes() -> Routes {
        Routes::new(Duration::from_mins(1))
    }

    fn waits(routes: &Routes, path: &str) -> bool {
        routes.may_leave(&Route::of(&get(path))).unwrap().is_some()
    }

    fn is_off(routes: &Routes, path: &str) -> bool {
        routes.may_leave(&Route::of(&get(path))).is_err()
    }

    fn no_answer() -> Failure {
        Failure::new(FailureKind::Timeout, "no answer within 2s")
    }

    #[test]
    fn a_route_is_its_method_and_path_without_ids() {
        let same = |left: &str, right: &str| Route::of(&get(left)) == Route::of(&get(right));
        assert!(same("/a/1?x", "/a/22?y"));
        assert!(same(
            "/a/65a1b2c3d4e5f60718293a4b",
            "/a/75a1b2c3d4e5f60718293a4c"
        ));
        assert!(same("/k/k3jd92ka8s7d", "/k/zz83kd02mm1a"));
        assert!(!same("/v1/a", "/v2/a"));
        assert!(!same("/report", "/reports"));
    }

    #[test]
    fn one_limited_route_waits_alone_and_several_make_everything_wait() {
        let routes = routes();
        let asked = |path| {
            routes
                .answered(&get(path), Instant::now(), &later("0.05"))
                .everything
        };
        assert_eq!(asked("/a"), None);
        assert!(waits(&routes, "/a") && !waits(&routes, "/b"));
        assert_eq!(asked("/b"), None);
        // Another route answers, so only these two are limited.
        routes.answered(&get("/c"), Instant::now(), &Response::of(200, &[], ""));
        assert_eq!(asked("/d"), None);
        assert_eq!(asked("/e"), None);
        assert_eq!(asked("/f"), Some(Duration::from_millis(50)));
        std::thread::sleep(Duration::from_millis(60));
        assert!(!waits(&routes, "/a"));
        assert!(routes.problems().is_empty());
    }

    #[test]
    fn what_asks_for_too_long_or_too_often_is_left_out_and_named() {
        let routes = routes();
        assert!(
            routes
                .answered(&get("/busy"), Instant::now(), &later("99999"))
                .beyond
        );
        assert!(is_off(&routes, "/busy") && !is_off(&routes, "/other"));
        for _ in 0..3 {
            assert!(!is_off(&routes, "/again"));
            routes.answered(&get("/again"), Instant::now(), &later("0.05"));
            // Requests that left together with it do not count.
            routes.answered(&get("/again"), Instant::now(), &later("0.05"));
            std::thread::sleep(Duration::from_millis(60));
        }
        assert!(is_off(&routes, "/again"));
        let problems = routes.problems();
        assert_eq!(problems.len(), 1);
        let text = &problems[0].message;
        assert!(
            text.contains("GET /busy answered 429") && text.contains("99999"),
            "{text}"
        );
        assert!(text.contains("GET /again"), "{text}");
        routes.reopen();
        assert!(is_off(&routes, "/busy") && !is_off(&routes, "/again"));
    }

    #[test]
    fn two_time_outs_put_a_route_off_and_it_is_tried_once_more_at_the_end() {
        let routes = routes();
        routes.silent(&get("/slow/1"), &no_answer());
        assert!(!is_off(&routes, "/slow/2"));
        routes.answered(&get("/slow/2"), Instant::now(), &Response::of(200, &[], ""));
        routes.silent(&get("/slow/3"), &no_answer());
        assert!(!is_off(&routes, "/slow/4"));
        routes.silent(&get("/slow/4"), &no_answer());
        assert!(is_off(&routes, "/slow/5"));
        routes.blocks(&get("/report"), &no_answer());
        assert!(is_off(&routes, "/report"));
        routes.reopen();
        assert!(!is_off(&routes, "/slow/5") && !is_off(&routes, "/report"));
        assert!(routes.problems().is_empty());
        routes.answered(&get("/slow/5"), Instant::now(), &Response::of(200, &[], ""));
        routes.silent(&get("/report"), &no_answer());
        assert!(is_off(&routes, "/report"));
        let problems = routes.problems();
        assert_eq!(problems[0].code, "route-silent");
        assert!(
            problems[0]
                .message
                .starts_with("GET /report: no answer within 2s")
        );
    }
}
