//! What an answer's headers allow: cookies without their flags, storing, reading from elsewhere.
//!
//! Owns: RFC 6265 (cookies), RFC 9111 (caches) and CORS as far as the rules need them; pure. Leaves
//! out: whether the answer carries a credential, which the caller knows.

use std::collections::BTreeSet;

use crate::credential::{Credentials, Tier};
use crate::http::{Method, Request, Response};
use crate::signed::decode;

/// A flag that a session cookie lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CookieFlaw {
    /// Scripts can read it.
    NoHttpOnly,
    /// It was set over https, and goes over plain http too.
    NoSecure,
    /// `SameSite=None` without `Secure`: other sites send it along, or browsers drop it.
    SameSiteNone,
}

impl CookieFlaw {
    /// A class for fingerprints.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoHttpOnly => "no-httponly",
            Self::NoSecure => "no-secure",
            Self::SameSiteNone => "samesite-none",
        }
    }
}

/// The session cookies of an answer that lack flags, by name. A cookie that is deleted, a CSRF
/// token (scripts must read some) and a preference are none.
pub fn session_cookie_flaws(
    request: &Request,
    response: &Response,
    credentials: &Credentials,
) -> BTreeSet<(String, CookieFlaw)> {
    let mut flaws = BTreeSet::new();
    let cookies = response
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie");
    for (_, cookie) in cookies {
        let mut parts = cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            continue;
        };
        let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
        let has = |wanted: &str| attributes.iter().any(|one| one == wanted);
        let value = value.trim_matches('"');
        let deleted = value.is_empty()
            || has("max-age=0")
            || attributes
                .iter()
                .any(|one| one.starts_with("expires=thu, 01 jan 1970"));
        if deleted || !is_session(name.trim(), value, credentials) {
            continue;
        }
        let secure = has("secure");
        let mut add = |flaw| flaws.insert((name.trim().to_owned(), flaw));
        if !has("httponly") {
            add(CookieFlaw::NoHttpOnly);
        }
        if !secure && request.url.scheme() == "https" {
            add(CookieFlaw::NoSecure);
        }
        if !secure && has("samesite=none") {
            add(CookieFlaw::SameSiteNone);
        }
    }
    flaws
}

/// A login or session by its name, or by what it holds: a Flask session, a JWT.
fn is_session(name: &str, value: &str, credentials: &Credentials) -> bool {
    let lower = name.to_ascii_lowercase();
    let bare = lower
        .trim_start_matches("__host-")
        .trim_start_matches("__secure-");
    // `session_language` is about a session, and small.
    let named = match credentials.tier(bare) {
        Tier::Strong => true,
        Tier::Weak => value.len() >= 8,
        Tier::Never => false,
    };
    let csrf = bare.contains("csrf") || bare.contains("xsrf");
    !csrf && (named || bare == "connect.sid" || decode(value).is_some())
}

/// True when a shared cache may store the answer and give it to others. The caller knows that it
/// carries a credential.
pub fn is_cacheable(request: &Request, response: &Response) -> bool {
    if !matches!(request.method, Method::Get | Method::Head)
        || !(200..300).contains(&response.status)
    {
        return false;
    }
    let directives: Vec<String> = values(response, "cache-control")
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().to_ascii_lowercase())
        .collect();
    let says = |wanted: &str| {
        directives
            .iter()
            .any(|one| one.split('=').next().unwrap_or_default().trim() == wanted)
    };
    if says("no-store") || says("private") {
        return false;
    }
    let explicit = says("public") || says("s-maxage");
    // RFC 9111, 3.5: without such a word the answer to an authorised request is not stored.
    if request
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
    {
        return explicit || says("must-revalidate");
    }
    let varies = values(response, "vary").any(|value| {
        value.split(',').any(|one| {
            let one = one.trim();
            one == "*"
                || one.eq_ignore_ascii_case("cookie")
                || one.eq_ignore_ascii_case("authorization")
        })
    });
    let fresh = directives.iter().any(|one| {
        one.strip_prefix("max-age=")
            .or_else(|| one.strip_prefix("s-maxage="))
            .and_then(|age| age.trim_matches('"').parse::<u64>().ok())
            .is_some_and(|age| age > 0)
    });
    // With nothing said at all a cache may guess; the rule is about what it is told or not told.
    explicit || (!varies && !says("no-cache") && (fresh || directives.is_empty()))
}

/// Who may read an answer from a page of another origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrossOrigin {
    /// The request's foreign `Origin` came back, with credentials allowed.
    EchoedWithCredentials,
    /// `*`: anybody, without credentials. It matters where no login is needed.
    Anyone,
}

/// What the answer to a request with a foreign `Origin` lets pages of that origin read. `own` is the
/// origin of the target itself.
pub fn cross_origin(request: &Request, response: &Response, own: &str) -> Option<CrossOrigin> {
    let allowed = response.header("access-control-allow-origin")?.trim();
    if allowed == "*" {
        let authorised = request.headers.iter().any(|(name, _)| {
            name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("cookie")
        });
        return (!authorised).then_some(CrossOrigin::Anyone);
    }
    let origin = request
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("origin"))
        .map(|(_, value)| value.trim())?;
    let credentials = response
        .header("access-control-allow-credentials")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
    let echoed = allowed.eq_ignore_ascii_case(origin) && !origin.eq_ignore_ascii_case(own);
    (echoed && credentials).then_some(CrossOrigin::EchoedWithCredentials)
}

fn values<'r>(response: &'r Response, name: &'static str) -> impl Iterator<Item = &'r str> {
    response
        .headers
        .iter()
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(scheme: &str) -> Request {
        Request::get(url::Url::parse(&format!("{scheme}://desk.example/x")).unwrap())
    }

    fn flaws(scheme: &str, cookie: &str) -> Vec<&'static str> {
        let answer = Response::of(200, &[("set-cookie", cookie)], "");
        session_cookie_flaws(&get(scheme), &answer, &Credentials::default())
            .into_iter()
            .map(|(_, flaw)| flaw.as_str())
            .collect()
    }

    #[test]
    fn session_cookies_need_their_flags() {
        let session = "session=eyJrZXkiOiJrNyJ9.aGVsbG8.bm90LWEtc2lnbmF0dXJlLW9mLWFueQ";
        for (scheme, attributes, expected) in [
            ("http", "; HttpOnly; Path=/", vec![]),
            ("http", "; Path=/", vec!["no-httponly"]),
            ("https", "; HttpOnly", vec!["no-secure"]),
            ("https", "; HttpOnly; Secure; SameSite=None", vec![]),
            ("http", "; HttpOnly; SameSite=None", vec!["samesite-none"]),
            ("https", "; Max-Age=0", vec![]),
            ("https", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT", vec![]),
        ] {
            assert_eq!(
                flaws(scheme, &format!("{session}{attributes}")),
                expected,
                "{attributes}"
            );
        }
    }

    #[test]
    fn other_cookies_do_not() {
        for cookie in [
            "theme=dark",
            "csrf_token=vT9rQ2mLx7KdWc4",
            "XSRF-TOKEN=vT9rQ2mLx7KdWc4",
            "session=",
            "lang=de",
            "broken",
        ] {
            assert_eq!(flaws("https", cookie), [""; 0], "{cookie}");
        }
        for cookie in [
            "remember_token=7|9f3c1dk3",
            "__Host-sid=vT9rQ2mLx7",
            "connect.sid=s%3Ax8f3",
        ] {
            assert_eq!(flaws("http", cookie), ["no-httponly"], "{cookie}");
        }
    }

    #[test]
    fn a_shared_cache_stores_what_nothing_forbids() {
        for (headers, expected) in [
            (vec![], true),
            (vec![("cache-control", "public, max-age=60")], true),
            (vec![("cache-control", "max-age=60")], true),
            (vec![("cache-control", "no-store")], false),
            (
                vec![
                    ("cache-control", "max-age=60"),
                    ("cache-control", "Private"),
                ],
                false,
            ),
            (vec![("cache-control", "no-cache")], false),
            (vec![("vary", "Accept, Cookie")], false),
        ] {
            let answer = Response::of(200, &headers, "");
            assert_eq!(is_cacheable(&get("http"), &answer), expected, "{headers:?}");
        }
        let authorised = get("http").with_header("Authorization", "Bearer x");
        assert!(!is_cacheable(&authorised, &Response::of(200, &[], "")));
        let public = Response::of(200, &[("cache-control", "public")], "");
        assert!(is_cacheable(&authorised, &public));
        assert!(!is_cacheable(&get("http"), &Response::of(404, &[], "")));
    }

    #[test]
    fn a_foreign_origin_reads_what_is_allowed_to_it() {
        let asked = get("http").with_header("Origin", "https://elsewhere.example");
        let allow = "access-control-allow-origin";
        let with = ("access-control-allow-credentials", "true");
        for (headers, expected) in [
            (vec![], None),
            (vec![(allow, "*")], Some(CrossOrigin::Anyone)),
            (vec![(allow, "https://elsewhere.example")], None),
            (
                vec![(allow, "https://elsewhere.example"), with],
                Some(CrossOrigin::EchoedWithCredentials),
            ),
            (vec![(allow, "https://partner.example"), with], None),
        ] {
            let answer = Response::of(200, &headers, "");
            assert_eq!(
                cross_origin(&asked, &answer, "http://desk.example"),
                expected,
                "{headers:?}"
            );
        }
        let login = asked.with_header("Cookie", "session=x");
        let star = Response::of(200, &[(allow, "*"), with], "");
        assert_eq!(cross_origin(&login, &star, "http://desk.example"), None);
    }
}
