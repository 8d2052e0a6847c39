//! A transport that keeps asking whether the target still answers as it did.
//!
//! Owns: what the last answers were like, the known-good page that is asked again when they go bad, and
//! the times in which nothing was to be had. Leaves out: time-outs, budget and pauses (`http`), a login
//! that is lost (`auth`), what was never seen at all (`wall.rs`).
//!
//! A refusal alone says nothing: a scan asks for things that are refused. So a row of them only makes a
//! doubt, which one request settles; each that is settled well makes the next doubt rarer.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::RwLock;
use url::Url;

use super::locked;
use super::wall::{Kind, Tally};
use crate::crawl::said as words;
use crate::finding::Problem;
use crate::http::{Client, Failure, FailureKind, Method, Phase, Request, Response, Transport};
use crate::progress::Stop;
use crate::target::Target;

/// Answers that are looked back at.
const WINDOW: usize = 20;
/// So many bad or equal ones among them are a doubt.
const MANY: usize = 16;
/// So many bad ones in a row are a doubt, too.
const IN_ROW: usize = 8;
/// So many at the end of a phase.
const AT_END: usize = 3;
/// Answers until the next doubt, after one that was settled well: doubled each time.
const QUIET: usize = 25;
const LONGEST_QUIET: usize = 400;
/// Answers, all of them errors of a server, after which a target that never answered otherwise is down.
const DOWN_AFTER: usize = 40;
/// How long is waited before the known-good page is asked once more.
const WAITS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
];
/// Paths that are remembered as accepted.
const MAX_ACCEPTED: usize = 20_000;
/// Bytes of a body by which answers are told apart.
const LOOKED_AT: usize = 4_096;

/// The client, watched.
#[derive(Clone)]
pub(super) struct Lookout(Arc<Inner>);

struct Inner {
    client: Client,
    target: Target,
    stop: Stop,
    /// Whether refusals may come from a lost login, which `auth` looks after.
    logged_in: bool,
    /// Held by who asks the known-good page: all others wait.
    gate: RwLock<()>,
    seen: Mutex<Seen>,
}

/// The page that tells whether the target is there.
#[derive(Clone)]
struct Good {
    request: Request,
    status: u16,
    likeness: u64,
}

struct Seen {
    tally: Tally,
    good: Option<Good>,
    accepted: HashSet<u64>,
    recent: VecDeque<Look>,
    bad_in_row: usize,
    /// Answers that pass before the next doubt.
    quiet: usize,
    period: usize,
    /// When the target last answered as it should.
    trusted: OffsetDateTime,
    /// Times in which nothing was to be had.
    dark: Vec<(OffsetDateTime, OffsetDateTime)>,
    lost: Option<Problem>,
}

/// One answer, as far as a doubt needs it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    bad: bool,
    likeness: u64,
}

impl Lookout {
    pub(super) fn new(client: Client, target: Target, stop: Stop) -> Self {
        let logged_in = client.session().is_some();
        Self(Arc::new(Inner {
            client,
            target,
            stop,
            logged_in,
            gate: RwLock::new(()),
            seen: Mutex::new(Seen::new()),
        }))
    }

    /// The client itself.
    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    /// Asks the known-good page, where the last answers were bad: at the end of a phase.
    pub(super) async fn settle(&self) {
        if locked(&self.0.seen).bad_in_row >= AT_END {
            self.ask_again().await;
        }
    }

    /// Why the target was given up; `None` while it answers.
    pub(super) fn lost(&self) -> Option<Problem> {
        locked(&self.0.seen).lost.clone()
    }

    /// What else is to be told: times in which the target was away.
    pub(super) fn away(&self) -> Option<Problem> {
        let seen = locked(&self.0.seen);
        if seen.lost.is_some() || seen.dark.is_empty() {
            return None;
        }
        let times = seen.dark.len();
        let long: Duration = seen
            .dark
            .iter()
            .map(|(from, to)| (*to - *from).unsigned_abs())
            .sum();
        let text = format!(
            "the target refused everything for a while ({times} times, {} s in all) and came back; what \
             was sent meanwhile is not counted as tested",
            long.as_secs()
        );
        Some(Problem::new("target-away", text))
    }

    /// Whether nothing was to be had from the target at a time.
    pub(super) fn was_dark(&self, at: OffsetDateTime) -> bool {
        let seen = locked(&self.0.seen);
        let away = seen.dark.iter().any(|(from, to)| *from <= at && at <= *to);
        away || (seen.lost.is_some() && seen.trusted <= at)
    }

    /// The problem of a target that has shown nothing of itself.
    pub(super) fn wall(&self, credentials: bool, proxy: Option<&str>) -> Option<Problem> {
        locked(&self.0.seen).tally.problem(credentials, proxy)
    }

    async fn ask_again(&self) {
        let _gate = self.0.gate.write().await;
        let good = {
            let seen = locked(&self.0.seen);
            // Somebody else has asked meanwhile.
            if seen.lost.is_some() || seen.bad_in_row < AT_END && !seen.is_uniform() {
                return;
            }
            seen.good.clone()
        };
        let Some(good) = good else {
            locked(&self.0.seen).reassure(None);
            return;
        };
        let mut last = String::new();
        let mut blocks = false;
        for wait in std::iter::once(Duration::ZERO).chain(WAITS) {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.0.stop.wait() => return,
            }
            let answer = self.0.client.send(good.request.clone()).await;
            let mut seen = locked(&self.0.seen);
            match &answer {
                Err(failure)
                    if matches!(failure.kind, FailureKind::Stopped | FailureKind::Budget) =>
                {
                    return;
                }
                Err(failure) => {
                    blocks = false;
                    last.clone_from(&failure.message);
                }
                Ok(answer) if self.0.logged_in && asks_for_login(answer) => {
                    seen.reassure(None);
                    return;
                }
                Ok(answer) if good.is_like(answer, seen.uniform()) => {
                    let away = !wait.is_zero();
                    seen.reassure(away.then(OffsetDateTime::now_utc));
                    return;
                }
                Ok(answer) => {
                    blocks = !matches!(answer.status, 502..=504);
                    last = format!("{} {:?}", answer.status, words(answer));
                }
            }
        }
        let at = format!("{} {}", good.request.method, good.request.url.path());
        let mut seen = locked(&self.0.seen);
        let text = format!(
            "{at} answered {} before and does no longer: {last}, {} times in {} s; what was seen before \
             is reported",
            good.status,
            WAITS.len() + 1,
            WAITS.iter().sum::<Duration>().as_secs()
        );
        seen.lost = Some(if blocks {
            Problem::new("blocked", text)
        } else {
            Problem::new("target-lost", text)
        });
        drop(seen);
        self.0.client.give_up();
    }
}

impl Transport for Lookout {
    async fn send(&self, request: Request) -> Result<Response, Failure> {
        drop(self.0.gate.read().await);
        let result = self.0.client.send(request.clone()).await;
        let doubt = match &result {
            Err(failure)
                if matches!(
                    failure.kind,
                    FailureKind::Scope
                        | FailureKind::Budget
                        | FailureKind::Stopped
                        | FailureKind::PutOff
                        | FailureKind::Request
                ) =>
            {
                false
            }
            Err(failure) => locked(&self.0.seen).note_failure(&request, failure),
            Ok(response) => {
                let kind = Kind::of(&self.0.target, &request, response);
                locked(&self.0.seen).note(kind, &request, response)
            }
        };
        if doubt {
            self.ask_again().await;
        }
        let down = {
            let mut seen = locked(&self.0.seen);
            let down = seen.lost.is_none() && seen.good.is_none() && seen.tally.is_down(DOWN_AFTER);
            if down {
                seen.lost = seen.tally.problem(false, None);
            }
            down
        };
        if down {
            self.0.client.give_up();
        }
        result
    }

    fn enter(&self, phase: Phase) {
        self.0.client.enter(phase);
    }

    async fn rest(&self, time: Duration) -> bool {
        self.0.client.rest(time).await
    }

    fn at_home(&self, url: Url) -> Url {
        self.0.client.at_home(url)
    }
}

impl Seen {
    fn new() -> Self {
        Self {
            tally: Tally::default(),
            good: None,
            accepted: HashSet::new(),
            recent: VecDeque::new(),
            bad_in_row: 0,
            quiet: 0,
            period: QUIET,
            trusted: OffsetDateTime::now_utc(),
            dark: Vec::new(),
            lost: None,
        }
    }

    /// Takes an answer. True where it makes a doubt.
    fn note(&mut self, kind: Kind, request: &Request, response: &Response) -> bool {
        // Flask answers OPTIONS by itself, and a HEAD has no body to tell pages apart.
        if matches!(request.method, Method::Options | Method::Head) {
            return false;
        }
        self.tally.note(kind, request, response);
        let mut hasher = DefaultHasher::new();
        (request.method, request.url.path()).hash(&mut hasher);
        let operation = hasher.finish();
        let likeness = likeness(response);
        if kind == Kind::Accepted {
            if self.accepted.len() < MAX_ACCEPTED {
                self.accepted.insert(operation);
            }
            if self.good.is_none() && request.method == Method::Get && request.url.query().is_none()
            {
                self.good = Some(Good {
                    request: request.clone(),
                    status: response.status,
                    likeness,
                });
            }
        }
        // "No such page" is said of what was never there.
        let missing = matches!(response.status, 404 | 405 | 410);
        if missing && !self.accepted.contains(&operation) {
            return false;
        }
        let bad = response.status >= 400 || kind == Kind::Challenge;
        self.take(Look { bad, likeness })
    }

    fn note_failure(&mut self, request: &Request, failure: &Failure) -> bool {
        self.tally.note_failure(request, &failure.message);
        let look = Look {
            bad: true,
            likeness: 0,
        };
        self.take(look)
    }

    fn take(&mut self, look: Look) -> bool {
        let last = self.recent.back().copied();
        self.recent.push_back(look);
        if self.recent.len() > WINDOW {
            self.recent.pop_front();
        }
        if look.bad {
            self.bad_in_row += 1;
        } else {
            self.bad_in_row = 0;
            if last.is_some_and(|last| last.likeness != look.likeness) {
                self.trusted = OffsetDateTime::now_utc();
            }
        }
        if self.quiet > 0 {
            self.quiet -= 1;
            return false;
        }
        self.bad_in_row >= IN_ROW || self.count(|look| look.bad) >= MANY || self.is_uniform()
    }

    fn count(&self, of: impl Fn(&Look) -> bool) -> usize {
        self.recent.iter().filter(|look| of(look)).count()
    }

    /// What nearly all of the last answers were.
    fn uniform(&self) -> Option<u64> {
        let last = self.recent.back()?.likeness;
        (self.count(|look| look.likeness == last) >= MANY).then_some(last)
    }

    fn is_uniform(&self) -> bool {
        self.uniform().is_some()
    }

    /// The target is there; `Some`: it was away until then.
    fn reassure(&mut self, away_until: Option<OffsetDateTime>) {
        if let Some(until) = away_until {
            self.dark.push((self.trusted, until));
        }
        self.trusted = OffsetDateTime::now_utc();
        self.recent.clear();
        self.bad_in_row = 0;
        self.quiet = self.period;
        self.period = (self.period * 2).min(LONGEST_QUIET);
    }
}

impl Good {
    /// True for an answer as it was: pages change, but not into what everything else says now.
    fn is_like(&self, answer: &Response, uniform: Option<u64>) -> bool {
        let now = likeness(answer);
        answer.status == self.status && (now == self.likeness || Some(now) != uniform)
    }
}

fn asks_for_login(answer: &Response) -> bool {
    let to = answer.header("location").unwrap_or_default();
    answer.status == 401 || (answer.is_redirect() && crate::login::leads_to_login(to))
}

/// The same for answers that differ in numbers and random texts alone.
fn likeness(response: &Response) -> u64 {
    let mut hasher = DefaultHasher::new();
    response.status.hash(&mut hasher);
    let body = response.body.get(..LOOKED_AT).unwrap_or(&response.body);
    for word in body.split(|byte| !byte.is_ascii_alphanumeric()) {
        if word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic) {
            word.hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn get(path: &str) -> Request {
        Request::get(Url::parse("http://h.example").unwrap().join(path).unwrap())
    }

    fn note(seen: &mut Seen, path: &str, status: u16, body: &str) -> bool {
        let (request, response) = (get(path), Response::of(status, &[], body));
        let target = Target::parse("http://h.example/").unwrap();
        let kind = Kind::of(&target, &request, &response);
        seen.note(kind, &request, &response)
    }

    #[test]
    fn refusals_in_a_row_make_a_doubt_that_grows_rarer() {
        let mut seen = Seen::new();
        assert!(!note(&mut seen, "/", 200, "home"));
        let refused = |seen: &mut Seen| {
            (1..=1_000)
                .find(|_| note(seen, "/a", 403, "no"))
                .unwrap_or(0)
        };
        assert_eq!(refused(&mut seen), IN_ROW);
        seen.reassure(None);
        assert_eq!(refused(&mut seen), QUIET + 1);
        seen.reassure(None);
        assert_eq!(refused(&mut seen), 2 * QUIET + 1);
    }

    #[test]
    fn what_was_never_there_makes_no_doubt_and_what_was_does() {
        let mut seen = Seen::new();
        note(&mut seen, "/", 200, "home");
        for n in 0..100 {
            assert!(!note(&mut seen, &format!("/guess{n}"), 404, "no"));
        }
        for n in 0..40 {
            note(
                &mut seen,
                &format!("/p{n}"),
                200,
                &format!("page {}", "ab".repeat(n)),
            );
        }
        let doubts = (0..40).filter(|n| note(&mut seen, &format!("/p{n}"), 404, "gone"));
        assert!(doubts.count() > 0);
    }

    #[test]
    fn one_answer_to_everything_is_a_doubt_and_answers_that_differ_are_none() {
        let mut seen = Seen::new();
        for n in 0..100 {
            let body = format!("page of {}", "x".repeat(n + 2));
            assert!(!note(&mut seen, &format!("/{n}"), 200, &body));
        }
        let same = |n: usize| format!("<p>please wait, ray 8f{n}a0</p>");
        let doubts = (0..40).filter(|n| note(&mut seen, &format!("/{n}"), 200, &same(*n)));
        assert!(doubts.count() > 0);
    }

    #[test]
    fn a_page_may_change_but_not_into_what_everything_says() {
        let home = Response::of(200, &[], "hello");
        let good = Good {
            request: get("/"),
            status: 200,
            likeness: likeness(&home),
        };
        let other = Response::of(200, &[], "hello, and three new notes");
        assert!(good.is_like(&other, None));
        assert!(!good.is_like(&other, Some(likeness(&other))));
        assert!(good.is_like(&home, Some(likeness(&home))));
        assert!(!good.is_like(&Response::of(503, &[], "hello"), None));
    }
}
