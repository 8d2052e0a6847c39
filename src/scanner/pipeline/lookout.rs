//! A transport that keeps checking whether the target still answers as it did.
//!
//! Owns: what the last answers were like, the known-good pages that are requested again when answers go
//! bad, and the times during which the target was not available. Leaves out: time-outs, budget and
//! pauses (`net`), a login that is lost (`auth`), a target that never showed anything (`wall.rs`).
//!
//! A refusal alone says nothing, because a scan requests things that are refused. So a row of refusals
//! only raises a doubt, which one request settles. Each doubt that turns out to be unfounded makes the
//! next one rarer.

use std::cell::RefCell;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Semaphore;
use url::Url;

use super::wall::{Shown, Tally};
use crate::crawl::said as words;
use crate::finding::Problem;
use crate::http::{
    Failure, FailureKind, Method, Phase, Request, Response, Transport, likeness, page_words,
};
use crate::net::Client;
use crate::progress::Stop;
use crate::target::Target;

/// The number of past answers considered.
const WINDOW: usize = 20;
/// The number of bad or identical answers among them that raises a doubt.
const MANY: usize = 16;
/// The number of consecutive bad answers that also raises a doubt.
const IN_ROW: usize = 8;
/// The number of consecutive bad answers that raises a doubt at the end of a phase.
const AT_END: usize = 3;
/// The number of answers until the next doubt, after an unfounded one; doubled each time.
const QUIET: usize = 25;
const LONGEST_QUIET: usize = 400;
/// The number of answers, all of them server errors, after which a target that never answered otherwise
/// is down.
const DOWN_AFTER: usize = 40;
/// The waits before the known-good pages are requested once more.
const WAITS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
];
/// The maximum number of paths that are remembered as accepted.
const MAX_ACCEPTED: usize = 20_000;
/// The maximum number of known-good pages kept, and how many of them may be below one first segment.
const MOST_GOOD: usize = 12;
const MOST_GOOD_BELOW: usize = 2;
/// The number of answers after which a good page is trusted more than newer ones.
const SETTLED: usize = 60;
/// The number of known-good pages requested per doubt, besides the start page.
const ASKED: usize = 4;
/// The percentage of a page's words that must still be there; too few words say nothing.
const STILL: usize = 20;
const FEW_WORDS: usize = 4;

/// The client, under watch.
#[derive(Clone)]
pub(super) struct Lookout(Rc<Inner>);

struct Inner {
    client: Client,
    target: Target,
    stop: Stop,
    /// True when refusals may come from a lost login, which `auth` handles.
    logged_in: bool,
    /// Held while the known-good pages are requested; all other requests wait.
    gate: Semaphore,
    seen: RefCell<Seen>,
}

/// A page that shows whether the target is there.
#[derive(Clone)]
struct Good {
    request: Request,
    status: u16,
    likeness: u64,
    /// The words of a page for people; `None` for data, which may change completely.
    words: Option<HashSet<u64>>,
    /// The number of answers that came before it.
    at: usize,
}

struct Seen {
    tally: Tally,
    /// The first one is where the scan began.
    good: Vec<Good>,
    /// The number of answers so far.
    count: usize,
    /// The index of the other page to request next.
    turn: usize,
    /// Paths that redirects led to; a page shown to banned clients is not a good one.
    led_to: HashSet<String>,
    accepted: HashSet<u64>,
    recent: VecDeque<Look>,
    bad_in_row: usize,
    /// The number of answers that must pass before the next doubt.
    quiet: usize,
    period: usize,
    /// When the target last answered as it should.
    trusted: OffsetDateTime,
    /// The times during which the target was not available.
    dark: Vec<(OffsetDateTime, OffsetDateTime)>,
    lost: Option<Problem>,
}

/// The properties of an answer that matter for a doubt.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    bad: bool,
    likeness: u64,
}

impl Lookout {
    pub(super) fn new(client: Client, target: Target, stop: Stop) -> Self {
        let logged_in = client.session().is_some();
        Self(Rc::new(Inner {
            client,
            target,
            stop,
            logged_in,
            gate: Semaphore::new(1),
            seen: RefCell::new(Seen::new()),
        }))
    }

    /// Returns the client itself.
    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    /// Requests a known-good page at the end of a phase. Requests more of them if it has changed or if
    /// the last answers were bad, because a target lost just now has left no other trace yet.
    pub(super) async fn settle(&self) {
        let (bad, one) = {
            let mut seen = self.0.seen.borrow_mut();
            let other = seen.next_good(1).pop();
            let one = other.or_else(|| seen.good.first().cloned());
            (seen.bad_in_row >= AT_END, one)
        };
        let Some(one) = one.filter(|_| !bad && self.lost().is_none()) else {
            if bad {
                self.ask_again().await;
            }
            return;
        };
        if matches!(self.ask(&one).await, Found::Bad { .. }) {
            self.ask_all().await;
        }
    }

    /// Returns why the target was given up, or `None` while it answers.
    pub(super) fn lost(&self) -> Option<Problem> {
        self.0.seen.borrow().lost.clone()
    }

    /// Returns the problem that reports the times during which the target was away.
    pub(super) fn away(&self) -> Option<Problem> {
        let seen = self.0.seen.borrow();
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

    /// Returns true if the target was not available at a time.
    pub(super) fn was_dark(&self, at: OffsetDateTime) -> bool {
        let seen = self.0.seen.borrow();
        let away = seen.dark.iter().any(|(from, to)| *from <= at && at <= *to);
        away || (seen.lost.is_some() && seen.trusted <= at)
    }

    /// Returns the problem of a target that has not shown anything of itself.
    pub(super) fn wall(&self, credentials: bool, proxy: Option<&str>) -> Option<Problem> {
        self.0.seen.borrow().tally.problem(credentials, proxy)
    }

    /// Requests the known-good pages, unless another task has done so in the meantime.
    async fn ask_again(&self) {
        let _gate = self.0.gate.acquire().await;
        {
            let seen = self.0.seen.borrow();
            if seen.lost.is_some() || seen.bad_in_row < AT_END && !seen.is_uniform() {
                return;
            }
        }
        self.ask_all().await;
    }

    /// Requests the start page and some others, and waits if none of them is as it was.
    ///
    /// One page may have changed by itself: as long as any other page is unchanged, the target is
    /// there. A start page alone may be served by something else.
    async fn ask_all(&self) {
        let (start, others) = {
            let mut seen = self.0.seen.borrow_mut();
            (seen.good.first().cloned(), seen.next_good(ASKED))
        };
        let Some(start) = start else {
            self.0.seen.borrow_mut().reassure(None);
            return;
        };
        let mut last = (String::new(), false);
        for wait in std::iter::once(Duration::ZERO).chain(WAITS) {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.0.stop.wait() => return,
            }
            let mut bad = 0;
            let mut well = false;
            // The start page counts only if there is no other page, or just one.
            let decides = others.len() < 2;
            for good in others.iter().chain(decides.then_some(&start)) {
                match self.ask(good).await {
                    Found::Ended => return,
                    Found::Well => {
                        well = true;
                        break;
                    }
                    Found::Bad { said, blocks } => {
                        bad += 1;
                        let at = format!("{} {}", good.request.method, good.request.url.path());
                        let text = format!(
                            "{at} answered {} before and does no longer: {said}",
                            good.status
                        );
                        if bad == 1 {
                            last = (text, blocks);
                        }
                    }
                }
            }
            if well {
                let away = !wait.is_zero();
                self.0
                    .seen
                    .borrow_mut()
                    .reassure(away.then(OffsetDateTime::now_utc));
                return;
            }
        }
        let (said, blocks) = last;
        let text = format!(
            "{said}, {} times in {} s; what was seen before is reported",
            WAITS.len() + 1,
            WAITS.iter().sum::<Duration>().as_secs()
        );
        self.0.seen.borrow_mut().lost = Some(if blocks {
            Problem::new("blocked", text)
        } else {
            Problem::new("target-lost", text)
        });
        self.0.client.give_up();
    }

    /// Requests one known-good page.
    async fn ask(&self, good: &Good) -> Found {
        let answer = self.0.client.send(good.request.clone()).await;
        match &answer {
            Err(failure) if matches!(failure.kind, FailureKind::Stopped | FailureKind::Budget) => {
                Found::Ended
            }
            Err(failure) => Found::Bad {
                said: failure.message.clone(),
                blocks: false,
            },
            // `auth` handles a lost login, whatever the application answers then.
            Ok(answer) if self.0.logged_in && (asks_for_login(answer) || answer.is_success()) => {
                Found::Well
            }
            Ok(answer) if good.is_like(answer, self.0.seen.borrow().uniform()) => Found::Well,
            Ok(answer) => Found::Bad {
                said: format!("{} {:?}", answer.status, words(answer)),
                blocks: !matches!(answer.status, 404 | 410 | 500..=504),
            },
        }
    }
}

/// What a known-good page answers now.
enum Found {
    /// The same as before.
    Well,
    /// Something else; `blocks` is true if it is a refusal.
    Bad { said: String, blocks: bool },
    /// Nothing, because the scan has ended.
    Ended,
}

impl Transport for Lookout {
    async fn send(&self, request: Request) -> Result<Response, Failure> {
        drop(self.0.gate.acquire().await);
        let result = self.0.client.send(request.clone()).await;
        let doubt = match &result {
            Err(failure) if failure.is_unsent() => false,
            Err(failure) => self
                .0
                .seen
                .borrow_mut()
                .note_failure(&request, &failure.message),
            Ok(response) if response.broken => self
                .0
                .seen
                .borrow_mut()
                .note_failure(&request, "the answer broke off"),
            Ok(response) => {
                let kind = Shown::of(&self.0.target, &request, response);
                self.0.seen.borrow_mut().note(kind, &request, response)
            }
        };
        if doubt {
            self.ask_again().await;
        }
        let down = {
            let mut seen = self.0.seen.borrow_mut();
            let down =
                seen.lost.is_none() && seen.good.is_empty() && seen.tally.is_down(DOWN_AFTER);
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
            good: Vec::new(),
            count: 0,
            turn: 0,
            led_to: HashSet::new(),
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

    /// Records an answer; returns true if it raises a doubt.
    fn note(&mut self, kind: Shown, request: &Request, response: &Response) -> bool {
        // Flask answers OPTIONS by itself, and the answer to a HEAD has no body that distinguishes
        // pages.
        if matches!(request.method, Method::Options | Method::Head) {
            return false;
        }
        self.tally.note(kind, request, response);
        self.count += 1;
        let mut hasher = DefaultHasher::new();
        (request.method, request.url.path()).hash(&mut hasher);
        let operation = hasher.finish();
        let likeness = likeness(response);
        if response.is_redirect() && self.led_to.len() < MAX_ACCEPTED {
            let to = response.header("location").unwrap_or_default();
            let to = request.url.join(to).ok();
            self.led_to.extend(to.map(|url| url.path().to_owned()));
        }
        if kind == Shown::Accepted {
            if self.accepted.len() < MAX_ACCEPTED {
                self.accepted.insert(operation);
            }
            if request.method == Method::Get {
                self.keep_good(request, response, likeness);
            }
        }
        // "No such page" is the answer for anything that was never there.
        let missing = matches!(response.status, 404 | 405 | 410);
        if missing && !self.accepted.contains(&operation) {
            return false;
        }
        let bad = response.status >= 400 || kind == Shown::Challenge;
        self.take(Look { bad, likeness })
    }

    /// Keeps a page to request again: a few from each part of the application.
    fn keep_good(&mut self, request: &Request, response: &Response, likeness: u64) {
        let path = request.url.path();
        let known = |good: &&Good| good.request.url.path() == path;
        let known = self.good.iter().any(|good| known(&good)) || self.led_to.contains(path);
        if self.good.len() >= MOST_GOOD || known {
            return;
        }
        let part = |path: &str| path.split('/').nth(1).unwrap_or_default().to_owned();
        let below = self
            .good
            .iter()
            .filter(|good| part(good.request.url.path()) == part(path));
        if below.count() < MOST_GOOD_BELOW {
            self.good.push(Good {
                request: request.clone(),
                status: response.status,
                likeness,
                words: page_words(response),
                at: self.count,
            });
        }
    }

    /// Returns up to `most` known-good pages besides the start page; different ones each time.
    fn next_good(&mut self, most: usize) -> Vec<Good> {
        let others = self.good.iter().skip(1);
        // A page that was accepted just now may be the one shown to banned clients.
        let old = others
            .clone()
            .filter(|good| good.at + SETTLED <= self.count);
        let mut known: Vec<&Good> = old.collect();
        if known.is_empty() {
            known.extend(others);
        }
        let from = self.turn % known.len().max(1);
        let most = most.min(known.len());
        let asked = known.into_iter().cycle().skip(from).take(most);
        let asked: Vec<Good> = asked.cloned().collect();
        self.turn += asked.len();
        asked
    }

    fn note_failure(&mut self, request: &Request, why: &str) -> bool {
        self.tally.note_failure(request, why);
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

    /// Returns the likeness that nearly all of the last answers share.
    fn uniform(&self) -> Option<u64> {
        let last = self.recent.back()?.likeness;
        (self.count(|look| look.likeness == last) >= MANY).then_some(last)
    }

    fn is_uniform(&self) -> bool {
        self.uniform().is_some()
    }

    /// Records that the target is there; `away_until` is set if it was away until then.
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
    /// Returns true if the answer is as it was: pages may change, but not completely, and not into what
    /// every other answer says now.
    fn is_like(&self, answer: &Response, uniform: Option<u64>) -> bool {
        let now = likeness(answer);
        if answer.status != self.status {
            return false;
        }
        if now == self.likeness {
            return true;
        }
        if Some(now) == uniform {
            return false;
        }
        match (&self.words, page_words(answer)) {
            (Some(before), Some(after)) => {
                let still = before.intersection(&after).count();
                before.len() < FEW_WORDS || still * 100 >= STILL * before.len()
            }
            // A page in place of data does not come from the application.
            (None, Some(_)) => false,
            (_, None) => true,
        }
    }
}

fn asks_for_login(answer: &Response) -> bool {
    let to = answer.header("location").unwrap_or_default();
    answer.status == 401 || (answer.is_redirect() && crate::login::leads_to_login(to))
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
        let kind = Shown::of(&target, &request, &response);
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
    fn a_page_is_known_again_by_its_words() {
        let page = |body: &str| Response::of(200, &[("content-type", "text/html")], body);
        let home = page("<h1>shop</h1><p>buy fine keys here</p><ul><li>red key</li></ul>");
        let good = |response: &Response| Good {
            request: get("/"),
            status: 200,
            likeness: likeness(response),
            words: page_words(response),
            at: 0,
        };
        let more = page("<h1>shop</h1><p>buy fine keys here</p><ul><li>blue one</li></ul>");
        assert!(good(&home).is_like(&more, None));
        let banned = page("<h1>sorry</h1><p>you have no permission to access /</p>");
        assert!(!good(&home).is_like(&banned, None));
        let data = Response::of(200, &[("content-type", "application/json")], "[]");
        let filled = Response::of(200, &[("content-type", "application/json")], "[{\"a\": 1}]");
        assert!(good(&data).is_like(&filled, None));
        assert!(!good(&data).is_like(&banned, None));
    }

    #[test]
    fn of_each_part_some_pages_are_kept_and_asked_in_turn() {
        let mut seen = Seen::new();
        for path in ["/", "/a", "/a/1", "/a/2", "/b", "/b?x=1"] {
            note(&mut seen, path, 200, path);
        }
        let paths = |asked: Vec<Good>| -> Vec<String> {
            let paths = asked.iter().map(|good| good.request.url.path().to_owned());
            paths.collect()
        };
        assert_eq!(paths(seen.next_good(2)), ["/a", "/a/1"]);
        assert_eq!(paths(seen.next_good(2)), ["/b", "/a"]);
    }

    #[test]
    fn a_page_may_change_but_not_into_what_everything_says() {
        let home = Response::of(200, &[], "hello");
        let good = Good {
            request: get("/"),
            status: 200,
            likeness: likeness(&home),
            words: page_words(&home),
            at: 0,
        };
        let other = Response::of(200, &[], "hello, and three new notes");
        assert!(good.is_like(&other, None));
        assert!(!good.is_like(&other, Some(likeness(&other))));
        assert!(good.is_like(&home, Some(likeness(&home))));
        assert!(!good.is_like(&Response::of(503, &[], "hello"), None));
    }
}
