//! A target that does not show anything of itself: what it answers instead, and what to try.
//!
//! Owns: which answers show something of the application, and the messages about those that do not.
//! Pure. Leaves out: sending requests (`lookout.rs`).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::crawl::said as words;
use crate::finding::Problem;
use crate::http::{Method, Request, Response, page_words};
use crate::login;
use crate::sanitise::{sanitise, shorten};
use crate::target::Target;

/// The percentage of answers of one kind from which all count as that kind.
const NEARLY_ALL: usize = 80;
/// The maximum number of characters of the target's text that a message quotes.
const QUOTED: usize = 80;
/// Bytes of a body that are searched for a challenge.
const LOOKED_AT: usize = 20_000;

/// What an answer shows of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    /// Content of its own.
    Accepted,
    /// A style sheet, a picture or `robots.txt`, which are served even in front of a wall.
    Asset,
    /// A login page.
    LoginPage,
    /// A success with an empty body.
    Empty,
    /// A page that checks for a browser or a person.
    Challenge,
    /// A redirect to the same host over https.
    Https,
    /// A redirect to another host, or to a path outside the base.
    Elsewhere,
    /// A redirect to a login page.
    Login,
    /// Another redirect.
    Around,
    /// A status of 400 or above.
    Status(u16),
}

impl Shown {
    /// Classifies an answer.
    pub(super) fn of(target: &Target, request: &Request, response: &Response) -> Self {
        if response.is_redirect() {
            return redirected(target, request, response);
        }
        if is_challenge(response) {
            return Self::Challenge;
        }
        if !response.is_success() {
            return Self::Status(response.status);
        }
        let path = request.url.path();
        if is_asset(path) {
            Self::Asset
        } else if login::is_login(path.strip_prefix(target.prefix()).unwrap_or(path)) {
            Self::LoginPage
        } else if request.method == Method::Get && response.body.trim_ascii().is_empty() {
            Self::Empty
        } else {
            Self::Accepted
        }
    }

    /// Returns true for "no such page", which says nothing about other pages.
    const fn is_missing(self) -> bool {
        matches!(self, Self::Status(404 | 405 | 410) | Self::Asset)
    }
}

fn redirected(target: &Target, request: &Request, response: &Response) -> Shown {
    let location = response.header("location").unwrap_or_default();
    let Ok(to) = request.url.join(location) else {
        return Shown::Around;
    };
    let same_host = to.host_str() == request.url.host_str();
    if request.url.scheme() == "http" && to.scheme() == "https" && same_host {
        Shown::Https
    } else if !target.same_origin(&to) {
        Shown::Elsewhere
    } else if login::leads_to_login(location) {
        Shown::Login
    } else if target.covers(&to) {
        Shown::Around
    } else {
        Shown::Elsewhere
    }
}

fn is_asset(path: &str) -> bool {
    const ENDS: [&str; 14] = [
        ".css",
        ".js",
        ".map",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".svg",
        ".ico",
        ".webp",
        ".woff",
        ".woff2",
        ".ttf",
        "/robots.txt",
    ];
    let lower = path.to_ascii_lowercase();
    ENDS.iter().any(|end| lower.ends_with(end))
}

/// Returns true for a page of a filter that checks for a browser first.
fn is_challenge(response: &Response) -> bool {
    const HEADERS: [&str; 3] = ["cf-mitigated", "x-amzn-waf-action", "x-sucuri-block"];
    const TITLES: [&str; 10] = [
        "human verification",
        "pardon our interruption",
        "request rejected",
        "just a moment",
        "attention required! | cloudflare",
        "checking your browser",
        "ddos-guard",
        "please verify you are a human",
        "are you a robot",
        "request unsuccessful. incapsula",
    ];
    if HEADERS.iter().any(|name| response.header(name).is_some()) {
        return true;
    }
    let text = response.body.get(..LOOKED_AT).unwrap_or(&response.body);
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let title = text
        .split_once("<title")
        .and_then(|(_, rest)| rest.split_once("</title"))
        .map_or("", |(title, _)| title);
    TITLES.iter().any(|said| title.contains(said)) || text.contains("_incapsula_resource")
}

/// The first answer of a kind, and how many there were.
#[derive(Clone, Debug)]
struct Met {
    count: usize,
    at: String,
    said: String,
}

/// All answers, counted by what they show.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    met: BTreeMap<Shown, Met>,
    first: Option<Shown>,
    failed: Option<Met>,
    /// The page that blocks everything, identified by its words, if it is always the same; `behind`
    /// holds the first paths that show it.
    door: Option<(Door, HashSet<u64>)>,
    behind: BTreeSet<String>,
    /// True when a different page was accepted.
    beyond: bool,
}

/// What a blocking page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Door {
    Password,
    Captcha,
}

/// The number of paths with the same such page from which it is taken to block everything.
const SAME_DOOR: usize = 3;

/// Returns what a page asks for before it shows anything, along with its words.
fn door(response: &Response) -> Option<(Door, HashSet<u64>)> {
    const CAPTCHAS: [&str; 5] = [
        "captcha-delivery.com",
        "cf-turnstile",
        "g-recaptcha",
        "h-captcha",
        "px-captcha",
    ];
    let shown = page_words(response)?;
    let text = response.body.get(..LOOKED_AT).unwrap_or(&response.body);
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let password = ["type=\"password\"", "type='password'", "type=password"];
    let door = if password.iter().any(|field| text.contains(field)) {
        Door::Password
    } else if CAPTCHAS.iter().any(|mark| text.contains(mark)) {
        Door::Captcha
    } else {
        return None;
    };
    Some((door, shown))
}

impl Tally {
    /// Records an answer.
    pub(super) fn note(&mut self, kind: Shown, request: &Request, response: &Response) {
        self.first.get_or_insert(kind);
        if kind == Shown::Accepted && !self.beyond {
            let door = door(response);
            self.beyond = door.is_none() || (self.door.is_some() && self.door != door);
            self.door = door;
            if self.behind.len() < SAME_DOOR {
                self.behind.insert(request.url.path().to_owned());
            }
        }
        let met = self.met.entry(kind).or_insert_with(|| Met {
            count: 0,
            at: at(request),
            said: said(kind, response),
        });
        met.count += 1;
    }

    /// Records a request without an answer.
    pub(super) fn note_failure(&mut self, request: &Request, why: &str) {
        let met = self.failed.get_or_insert_with(|| Met {
            count: 0,
            at: at(request),
            said: why.to_owned(),
        });
        met.count += 1;
    }

    /// Returns the total number of answers.
    fn answers(&self) -> usize {
        self.met.values().map(|met| met.count).sum()
    }

    /// Returns true once anything of the application has been seen.
    pub(super) fn has_seen(&self) -> bool {
        self.met.contains_key(&Shown::Accepted) && self.door().is_none()
    }

    /// Returns what every accepted page asks for.
    fn door(&self) -> Option<Door> {
        let (door, _) = self.door.as_ref()?;
        (self.behind.len() >= SAME_DOOR && !self.beyond).then_some(*door)
    }

    /// Returns true if there were at least this many answers, all of them "not now" or server errors.
    pub(super) fn is_down(&self, least: usize) -> bool {
        let down = |kind: &Shown| matches!(kind, Shown::Status(429 | 500..=599));
        self.answers() >= least && self.met.keys().all(down)
    }

    /// Returns the problem of a target that has not shown anything of itself. `credentials` is true if
    /// credentials were sent.
    pub(super) fn problem(&self, credentials: bool, proxy: Option<&str>) -> Option<Problem> {
        if self.has_seen() {
            return None;
        }
        let through =
            proxy.map_or_else(String::new, |proxy| format!(", through the proxy {proxy}"));
        let most = self
            .met
            .iter()
            .max_by_key(|(kind, met)| (!kind.is_missing(), met.count));
        let Some((kind, met)) = most else {
            let met = self.failed.as_ref()?;
            let text = format!(
                "no request was answered: {} at {}{through}",
                met.said, met.at
            );
            return Some(Problem::new("target-lost", text));
        };
        let (count, at) = (met.count, &met.at);
        let seen = format!("{count} answers, the first to {at}{through}");
        let quoted = if met.said.is_empty() {
            String::new()
        } else {
            format!(": {}", met.said)
        };
        Some(match *kind {
            Shown::Accepted => match self.door()? {
                Door::Password if credentials => Problem::new(
                    "login-refused",
                    format!("every page asks for a password in spite of the credentials ({seen})"),
                ),
                Door::Password => Problem::new(
                    "login-needed",
                    format!("every page asks for a password ({seen}); give one with --auth"),
                ),
                Door::Captcha => Problem::new(
                    "blocked",
                    format!("every page wants to see a person ({seen})"),
                ),
            },
            Shown::Https => Problem::new(
                "redirected-away",
                format!("everything is redirected to https ({seen}){quoted}; give that URL"),
            ),
            Shown::Elsewhere => Problem::new(
                "redirected-away",
                format!(
                    "everything is redirected out of the scope ({seen}){quoted}; give that URL, or a \
                     login if it is one"
                ),
            ),
            Shown::LoginPage | Shown::Login | Shown::Status(401) if credentials => Problem::new(
                "login-refused",
                format!("everything asks for a login in spite of the credentials ({seen}){quoted}"),
            ),
            Shown::LoginPage | Shown::Login | Shown::Status(401) => Problem::new(
                "login-needed",
                format!("everything asks for a login ({seen}){quoted}; give one with --auth"),
            ),
            Shown::Status(407) => Problem::new(
                "proxy-refused",
                format!("a proxy asks for a login: everything answers 407 ({seen}){quoted}"),
            ),
            Shown::Challenge => Problem::new(
                "blocked",
                format!("everything answers with a challenge for browsers ({seen}){quoted}"),
            ),
            Shown::Status(status @ (403 | 406 | 418 | 429 | 451)) => Problem::new(
                "blocked",
                format!("everything is refused with {status} ({seen}){quoted}"),
            ),
            Shown::Status(status @ (404 | 405 | 410)) => Problem::new(
                "nothing-there",
                format!("every path answers {status} ({seen}){quoted}; is it the right URL?"),
            ),
            Shown::Asset => Problem::new(
                "nothing-there",
                format!("nothing but static files is there ({seen}); is it the right URL?"),
            ),
            Shown::Status(status @ 500..) => Problem::new(
                "server-errors",
                format!("everything fails with {status} ({seen}){quoted}; is the application up?"),
            ),
            Shown::Empty => Problem::new(
                "nothing-accepted",
                format!("every answer is empty ({seen}); is it the right URL?"),
            ),
            Shown::Around => Problem::new(
                "nothing-accepted",
                format!("everything is redirected, and leads nowhere ({seen}){quoted}"),
            ),
            Shown::Status(status) if self.is_wall(*kind) => Problem::new(
                "nothing-accepted",
                format!("everything is refused with {status} ({seen}){quoted}"),
            ),
            Shown::Status(status) => Problem::new(
                "never-accepted",
                format!("no request was accepted; most say {status} ({seen}){quoted}"),
            ),
        })
    }

    /// Returns true if the first answer and nearly all others are of one kind.
    fn is_wall(&self, kind: Shown) -> bool {
        let count = self.met.get(&kind).map_or(0, |met| met.count);
        self.first == Some(kind) && count * 100 >= self.answers() * NEARLY_ALL
    }
}

fn at(request: &Request) -> String {
    format!("{} {}", request.method, sanitise(request.url.path()))
}

/// Returns what an answer says, in a few words.
fn said(kind: Shown, response: &Response) -> String {
    let header = |name: &str| {
        let value = response.header(name).map(cut)?;
        Some(format!("{name} {value}"))
    };
    match kind {
        Shown::Https | Shown::Elsewhere | Shown::Login | Shown::Around => {
            // The query of a redirect may hold a state or a token.
            let to = response.header("location").unwrap_or_default();
            cut(to.split(['?', '#']).next().unwrap_or_default())
        }
        Shown::Status(401) => header("www-authenticate").unwrap_or_default(),
        Shown::Status(429 | 503) => match header("retry-after") {
            Some(later) => format!("{later}, {}", words(response))
                .trim_end_matches(", ")
                .to_owned(),
            None => words(response),
        },
        _ => words(response),
    }
}

fn cut(text: &str) -> String {
    sanitise(&shorten(text.trim(), QUOTED)).into_owned()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn target() -> Target {
        Target::parse("http://h.example/").unwrap()
    }

    fn tally(answers: &[(&str, Response)]) -> Tally {
        let mut tally = Tally::default();
        for (path, response) in answers {
            let url = Url::parse("http://h.example").unwrap().join(path).unwrap();
            let request = Request::get(url);
            tally.note(Shown::of(&target(), &request, response), &request, response);
        }
        tally
    }

    fn code(answers: &[(&str, Response)], credentials: bool) -> Option<&'static str> {
        let problem = tally(answers).problem(credentials, None);
        problem.map(|problem| problem.code)
    }

    fn to(location: &str) -> Response {
        Response::of(302, &[("location", location)], "")
    }

    #[test]
    fn each_wall_has_a_name() {
        let status = |status| Response::of(status, &[], "no");
        let challenge = "<title>Just a moment...</title>";
        for (answer, expected) in [
            (status(401), "login-needed"),
            (status(403), "blocked"),
            (status(404), "nothing-there"),
            (status(407), "proxy-refused"),
            (status(418), "blocked"),
            (status(451), "blocked"),
            (status(400), "nothing-accepted"),
            (status(500), "server-errors"),
            (status(503), "server-errors"),
            (to("https://h.example/"), "redirected-away"),
            (to("https://sso.example/oauth2/start"), "redirected-away"),
            (to("/login?next=/"), "login-needed"),
            (to("/again"), "nothing-accepted"),
            (Response::of(200, &[], " \n"), "nothing-accepted"),
            (Response::of(204, &[], ""), "nothing-accepted"),
            (Response::of(200, &[], challenge), "blocked"),
            (
                Response::of(403, &[("cf-mitigated", "challenge")], "x"),
                "blocked",
            ),
        ] {
            let all = [("/", answer.clone()), ("/a", answer)];
            assert_eq!(code(&all, false), Some(expected), "{all:?}");
        }
        let refused = [("/", status(401)), ("/a", status(404))];
        assert_eq!(code(&refused, true), Some("login-refused"));
    }

    #[test]
    fn a_login_page_and_static_files_show_nothing_of_what_is_behind() {
        let page = Response::of(200, &[], "<input type=password>");
        let css = Response::of(200, &[], "body {}");
        let missing = Response::of(404, &[], "");
        let all = [
            ("/", to("/login")),
            ("/login", page),
            ("/static/a.css", css),
            ("/x", missing.clone()),
            ("/y", missing),
        ];
        assert_eq!(code(&all, false), Some("login-needed"));
    }

    #[test]
    fn an_application_that_shows_something_is_no_wall() {
        let home = Response::of(200, &[], "<h1>hello</h1>");
        assert_eq!(code(&[("/", home)], false), None);
        // An application that accepts only valid values.
        let api = [
            ("/", Response::of(404, &[], "")),
            ("/keys", Response::of(422, &[], "key is wrong")),
        ];
        assert_eq!(code(&api, false), Some("never-accepted"));
        let created = Request::get(Url::parse("http://h.example/x").unwrap());
        let created = Request {
            method: Method::Post,
            ..created
        };
        let answer = Response::of(204, &[], "");
        assert_eq!(Shown::of(&target(), &created, &answer), Shown::Accepted);
    }

    #[test]
    fn a_message_says_what_was_met_and_holds_no_query_of_a_redirect() {
        let all = [("/", to("https://sso.example/start?state=s3cret"))];
        let problem = tally(&all).problem(false, Some("p:1")).unwrap();
        assert!(problem.message.contains("https://sso.example/start"));
        assert!(problem.message.contains("GET /, through the proxy p:1"));
        assert!(!problem.message.contains("s3cret"));
    }
}
