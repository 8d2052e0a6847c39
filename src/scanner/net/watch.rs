//! Decides which answers cast doubt on the login. Pure: it only looks.
//!
//! Owns: what operations answered before, rates of refusals, and the check: a request whose answer
//! differs with and without a login. Leaves out: sending the check, and logging in (`session.rs`).
//!
//! A refusal alone proves nothing, because a scan asks for things that are refused. So the check
//! settles each doubt, and an operation that keeps refusing raises doubts more and more rarely.

use std::collections::{HashMap, HashSet, VecDeque};

use super::page::{self, Page};
use crate::http::{Method, Request, Response};
use crate::login;

/// The login is checked after this many answers, whatever they say.
const CHECK_EVERY: u64 = 50;
/// How many pages are requested without credentials at most, in search of a check.
const MOST_TRIED: u8 = 25;
/// This many refusals are sudden, among the last `WINDOW` answers of operations that answered
/// before.
const WINDOW: usize = 12;
const SUDDEN: usize = 8;
/// Without a check, this many operations that answered before must refuse, and must refuse a repeat
/// of what they had answered.
const REFUSING_WITHOUT_CHECK: usize = 3;

/// A request whose answer shows whether the scan is logged in.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) request: Request,
    pub(super) expected: Expected,
}

/// The answer that the check expects.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// The status and the text that the recipe names.
    Given(u16, Option<String>),
    /// A page as seen with the credentials, and without them.
    Learnt(Box<(Page, Page)>),
}

impl Check {
    /// Returns whether the answer shows a login; `None` if it does not say.
    pub(super) fn says(&self, answer: &Response) -> Option<bool> {
        if answer.status == 429 || answer.status >= 500 {
            return None;
        }
        match &self.expected {
            Expected::Given(status, text) => {
                let has = text
                    .as_deref()
                    .is_none_or(|text| answer.text().contains(text));
                Some(answer.status == *status && has)
            }
            Expected::Learnt(pages) => {
                let (inside, outside) = pages.as_ref();
                let now = Page::of(answer);
                if now.password && !inside.password {
                    return Some(false);
                }
                if now.status != inside.status {
                    // The page may be gone, or its status may differ for other reasons.
                    return (now.status == outside.status).then_some(false);
                }
                if outside.status != inside.status {
                    return Some(true);
                }
                Some(now.likeness(inside) >= now.likeness(outside))
            }
        }
    }

    /// Makes a check of a page seen with and without credentials; `None` if both saw the same page.
    pub(super) fn learn(request: &Request, with: &Response, without: &Response) -> Option<Self> {
        let (inside, outside) = (Page::of(with), Page::of(without));
        let refused = matches!(outside.status, 401 | 403) || without.is_redirect();
        let other = outside.status == inside.status
            && ((outside.password && !inside.password) || outside.likeness(&inside) < 0.5);
        (refused || other).then(|| Self {
            request: request.clone(),
            expected: Expected::Learnt(Box::new((inside, outside))),
        })
    }
}

/// What to do after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// Nothing.
    Nothing,
    /// Look at what a stranger is shown in its place.
    Learn,
    /// Ask the check.
    Doubt,
}

/// A method and a path, with the variable parts left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Operation(Method, String);

impl Operation {
    fn of(request: &Request) -> Self {
        let segment = |segment: &str| {
            let varies = segment.len() > 40 || segment.bytes().any(|b| b.is_ascii_digit());
            if varies {
                "{}".to_owned()
            } else {
                segment.to_owned()
            }
        };
        let path: Vec<String> = request.url.path().split('/').map(segment).collect();
        Self(request.method, path.join("/"))
    }
}

/// What has been seen of the application while logged in.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The login page's path.
    pub(super) login_path: Option<String>,
    /// Pages that ask to log in.
    pub(super) login_pages: Vec<Page>,
    pub(super) check: Option<Check>,
    /// Answers since the login was last known to hold.
    pub(super) since_proof: u64,
    /// How many pages have been tried as a check.
    pub(super) tried: u8,
    /// How many of them gave a stranger no answer.
    pub(super) unheard: u8,
    /// Whether requests may be sent as a stranger. Not if the tester wants headers on every
    /// request.
    pub(super) may_ask_as_stranger: bool,
    /// True while a page is being tried.
    pub(super) learning: bool,
    departures: u64,
    proven: u64,
    /// Operations that have answered, each with a GET request that it answered.
    answered: HashMap<Operation, Option<Request>>,
    doubted: HashMap<Operation, u32>,
    recent: VecDeque<bool>,
    refusing: HashSet<Operation>,
}

impl Watch {
    /// Returns the number of a request that leaves now.
    pub(super) fn departure(&mut self) -> u64 {
        self.departures += 1;
        self.departures
    }

    /// Records that the login held when that request left.
    pub(super) fn proven(&mut self, departure: u64) {
        self.proven = self.proven.max(departure);
        self.since_proof = 0;
        self.recent.clear();
        self.refusing.clear();
    }

    /// Begins a new login, which clears all earlier doubts.
    pub(super) fn begin(&mut self) {
        let now = self.departures;
        self.proven(now);
        self.doubted.clear();
    }

    /// Drops a learnt check that no longer distinguishes the two; another page can replace it.
    pub(super) fn forget_check(&mut self) {
        let learnt = |check: &Check| matches!(check.expected, Expected::Learnt(_));
        if self.check.as_ref().is_some_and(learnt) {
            self.check = None;
            self.tried = self.tried.min(MOST_TRIED - 5);
        }
    }

    /// Records the outcome of trying a page as a check; `None` if it is not one.
    pub(super) fn learnt(&mut self, check: Option<Check>) {
        if let Some(check) = check {
            if let Expected::Learnt(pages) = &check.expected
                && pages.1.password
            {
                self.login_pages.push(pages.1.clone());
            }
            self.check.get_or_insert(check);
        }
    }

    /// Returns requests that were answered before, of operations that refuse now; they stand in for
    /// a check.
    pub(super) fn witnesses(&self) -> Vec<Request> {
        let answered = |operation| self.answered.get(operation).cloned().flatten();
        self.refusing
            .iter()
            .filter_map(answered)
            .take(REFUSING_WITHOUT_CHECK)
            .collect()
    }

    /// Returns true for an answer that asks to log in.
    pub(super) fn refuses(&self, request: &Request, answer: &Response) -> bool {
        if page::refuses(answer, &request.url, self.login_path.as_deref()) {
            return true;
        }
        if answer.status == 403 {
            // Many things are forbidden, but not those that answered before.
            return self.answered.contains_key(&Operation::of(request));
        }
        let here = request.url.path();
        let at_login = Some(here) == self.login_path.as_deref() || login::is_login(here);
        if at_login || !answer.is_success() || !page::has_password(answer) {
            return false;
        }
        // This is a login page in place of another page if the operation answered without a
        // password input before, or if the page is known to ask for the login.
        let now = Page::of(answer);
        self.answered.contains_key(&Operation::of(request))
            || self.login_pages.iter().any(|known| now.is_like(known))
    }

    /// Evaluates an answer to a request that left with the credentials.
    pub(super) fn notice(
        &mut self,
        request: &Request,
        answer: &Response,
        departure: u64,
        refused: bool,
    ) -> Notice {
        self.since_proof += 1;
        // Flask answers OPTIONS by itself, and a HEAD response has no body to tell pages apart.
        if matches!(request.method, Method::Options | Method::Head) {
            return Notice::Nothing;
        }
        let operation = Operation::of(request);
        let known = self.answered.contains_key(&operation);
        if known {
            self.recent.push_back(refused);
            if self.recent.len() > WINDOW {
                self.recent.pop_front();
            }
        }
        if refused {
            return self.refused(operation, known, departure);
        }
        let mut notice = Notice::Nothing;
        if answer.is_success() {
            self.refusing.remove(&operation);
            if !page::has_password(answer) {
                let read = (request.method == Method::Get).then(|| request.clone());
                self.answered.insert(operation, read);
            }
            if self.may_learn(request) {
                self.learning = true;
                notice = Notice::Learn;
            }
        }
        if self.check.is_some() && self.since_proof >= CHECK_EVERY {
            notice = Notice::Doubt;
        }
        notice
    }

    fn refused(&mut self, operation: Operation, known: bool, departure: u64) -> Notice {
        // The login has been proven since this request left.
        if departure <= self.proven {
            return Notice::Nothing;
        }
        let times = self.doubted.entry(operation.clone()).or_default();
        *times += 1;
        let rare = times.is_power_of_two();
        if known && rare {
            self.refusing.insert(operation);
        }
        let doubt = if self.check.is_some() {
            let sudden = self.recent.iter().filter(|refused| **refused).count() >= SUDDEN;
            rare || sudden || self.since_proof >= CHECK_EVERY
        } else {
            rare && self.refusing.len() >= REFUSING_WITHOUT_CHECK
        };
        if doubt {
            Notice::Doubt
        } else {
            Notice::Nothing
        }
    }

    fn may_learn(&self, request: &Request) -> bool {
        self.may_ask_as_stranger
            && self.check.is_none()
            && !self.learning
            && self.tried < MOST_TRIED
            && request.method == Method::Get
            && request.url.query().is_none()
            && request
                .headers
                .iter()
                .all(|(name, _)| name.eq_ignore_ascii_case("accept"))
            && !login::is_login(request.url.path())
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn get(path: &str) -> Request {
        Request::get(Url::parse("http://h").unwrap().join(path).unwrap())
    }

    fn html(body: &str) -> Response {
        Response::of(200, &[("Content-Type", "text/html")], body)
    }

    const FORM: &str = "Log in <form><input name=user><input name=password type=password></form>";

    fn see(watch: &mut Watch, request: &Request, answer: &Response) -> Notice {
        let departure = watch.departure();
        let refused = watch.refuses(request, answer);
        watch.notice(request, answer, departure, refused)
    }

    fn with_check() -> Watch {
        let check = Check::learn(
            &get("/me"),
            &html("hello alice"),
            &Response::of(401, &[], ""),
        );
        let mut watch = Watch::default();
        watch.learnt(check);
        watch
    }

    #[test]
    fn a_page_that_strangers_are_refused_is_a_check() {
        let refused = Response::of(401, &[], "");
        let check = Check::learn(&get("/me"), &html("hello alice"), &refused).unwrap();
        assert_eq!(check.says(&html("hello alice, 3 new keys")), Some(true));
        assert_eq!(check.says(&refused), Some(false));
        assert_eq!(check.says(&Response::of(503, &[], "")), None);
        assert_eq!(check.says(&Response::of(404, &[], "")), None, "it is gone");
        assert!(Check::learn(&get("/"), &html("hello"), &html("hello")).is_none());
        for status in [404, 429, 503] {
            let other = Response::of(status, &[], "");
            assert!(Check::learn(&get("/"), &html("hello"), &other).is_none());
        }
    }

    #[test]
    fn a_login_page_that_answers_200_does_not_pass_the_check() {
        let page = "Account of alice: keys, plans, bills";
        let check = Check::learn(&get("/me"), &html(page), &html(FORM)).unwrap();
        assert_eq!(check.says(&html(FORM)), Some(false));
        assert_eq!(check.says(&html(page)), Some(true));
    }

    #[test]
    fn json_that_says_no_with_200_does_not_pass_the_check() {
        let json = |body: &str| Response::of(200, &[("Content-Type", "application/json")], body);
        let with = json(r#"{"user": "alice", "plan": "gold", "keys": 3, "since": 2019}"#);
        let without = json(r#"{"error": "please log in first"}"#);
        let check = Check::learn(&get("/me"), &with, &without).unwrap();
        let later = json(r#"{"user": "alice", "plan": "gold", "keys": 5, "since": 2019}"#);
        assert_eq!(check.says(&later), Some(true));
        assert_eq!(check.says(&without), Some(false));
    }

    #[test]
    fn a_refusal_is_doubted_and_a_stubborn_one_ever_more_rarely() {
        let mut watch = with_check();
        let refused = Response::of(401, &[], "");
        let doubts = (0..16)
            .filter(|_| see(&mut watch, &get("/admin"), &refused) == Notice::Doubt)
            .count();
        assert_eq!(doubts, 5, "1, 2, 4, 8, 16");
    }

    #[test]
    fn a_refusal_from_before_the_last_proof_says_nothing() {
        let mut watch = with_check();
        let departure = watch.departure();
        let check = watch.departure();
        watch.proven(check);
        let refused = Response::of(401, &[], "");
        let notice = watch.notice(&get("/x"), &refused, departure, true);
        assert_eq!(notice, Notice::Nothing);
    }

    #[test]
    fn sudden_refusals_are_doubted_though_each_is_known() {
        let mut watch = with_check();
        let paths: Vec<String> = (0..3).map(|n| format!("/{}", ["a", "b", "c"][n])).collect();
        for path in &paths {
            see(&mut watch, &get(path), &html("fine"));
        }
        let refused = Response::of(401, &[], "");
        for path in &paths {
            for _ in 0..2 {
                see(&mut watch, &get(path), &refused);
            }
        }
        // The third refusal of an operation alone is not doubted.
        see(&mut watch, &get("/a"), &refused);
        assert_eq!(see(&mut watch, &get("/b"), &refused), Notice::Doubt);
    }

    #[test]
    fn the_check_is_asked_now_and_then() {
        let mut watch = with_check();
        let asked = (0..100)
            .filter(|_| {
                let doubt = see(&mut watch, &get("/a"), &html("fine")) == Notice::Doubt;
                if doubt {
                    let now = watch.departure();
                    watch.proven(now);
                }
                doubt
            })
            .count();
        assert_eq!(asked, 2);
    }

    #[test]
    fn without_a_check_three_operations_must_refuse() {
        let mut watch = Watch::default();
        for path in ["/a", "/b", "/c"] {
            see(&mut watch, &get(path), &html("fine"));
        }
        let refused = Response::of(401, &[], "");
        assert_eq!(see(&mut watch, &get("/a"), &refused), Notice::Nothing);
        assert_eq!(see(&mut watch, &get("/new"), &refused), Notice::Nothing);
        assert_eq!(see(&mut watch, &get("/b"), &refused), Notice::Nothing);
        assert_eq!(see(&mut watch, &get("/c"), &refused), Notice::Doubt);
        assert_eq!(watch.witnesses().len(), 3);
    }

    #[test]
    fn what_was_answered_and_is_forbidden_now_is_a_refusal() {
        let mut watch = with_check();
        let forbidden = Response::of(403, &[], "");
        assert!(!watch.refuses(&get("/admin"), &forbidden));
        see(&mut watch, &get("/keys"), &html("your keys"));
        assert!(watch.refuses(&get("/keys"), &forbidden));
    }

    #[test]
    fn a_login_page_counts_where_another_page_was_or_where_it_is_known() {
        let mut watch = with_check();
        see(&mut watch, &get("/keys"), &html("your keys"));
        assert!(watch.refuses(&get("/keys"), &html(FORM)));
        assert!(!watch.refuses(&get("/register"), &html(FORM)));
        assert!(!watch.refuses(&get("/login"), &html(FORM)));
        watch.login_pages.push(Page::of(&html(FORM)));
        assert!(watch.refuses(&get("/new"), &html(FORM)));
    }
}
