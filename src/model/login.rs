//! Whether a path belongs to a login, a sign-up or an operation that hands out tokens.
//!
//! This module has all the words that indicate it. Several decisions rely on them: what counts as
//! *refused* and as *success*, which inputs a rule leaves alone, and which token is its caller's
//! own. Pages that ask to log in under another name are handled in `auth`.
//!
//! Words are compared as whole words of path segments, never as parts of words: `/users/log_in`,
//! `/SSO/start` and `/oauth2/v2.0/authorize` are logins; `/blogin`, `/plugins` and `/assortment`
//! are not.

use crate::words::{plain, words};

/// Words, or two adjacent words joined, that mean "log in here".
const LOGIN: [&str; 12] = [
    "authenticate",
    "authorise",
    "authorize",
    "login",
    "logon",
    "oauth2",
    "openid",
    "saml",
    "saml2",
    "signin",
    "signon",
    "sso",
];
/// Whole segments that mean the same.
const LOGIN_SEGMENTS: [&str; 3] = ["unauthorized", "unauthorised", "openid-connect"];
/// Words that, next to a login word in one segment, mean it is about logins and not a login itself.
const ABOUT: [&str; 17] = [
    "activity", "attempt", "attempts", "audit", "count", "event", "events", "failed", "failures",
    "history", "last", "log", "logs", "settings", "sheet", "stats", "success",
];
/// Last segments, without punctuation, of operations that create an account.
const SIGN_UP: [&str; 7] = [
    "register",
    "registration",
    "signup",
    "createaccount",
    "newaccount",
    "enroll",
    "enrol",
];
/// Further words in paths that hand out tokens.
const TOKENS: [&str; 9] = [
    "token", "tokens", "auth", "oauth", "session", "sessions", "refresh", "callback", "register",
];

/// Returns whether a path is that of a login.
pub fn is_login(path: &str) -> bool {
    path.split('/').any(|segment| {
        let words = words(segment);
        let pairs = words.windows(2).map(<[String]>::concat);
        let says = words
            .iter()
            .cloned()
            .chain(pairs)
            .any(|word| LOGIN.contains(&word.as_str()));
        // `log_in` itself contains `log`.
        let about = |word: &String| ABOUT.contains(&word.as_str()) && word != "log";
        let logs = words.iter().any(|word| word == "log") && !log_in(&words);
        LOGIN_SEGMENTS.contains(&segment.to_ascii_lowercase().as_str())
            || (says && !logs && !words.iter().any(about))
    })
}

fn log_in(words: &[String]) -> bool {
    words
        .windows(2)
        .any(|pair| pair[0] == "log" && (pair[1] == "in" || pair[1] == "on"))
}

/// Returns whether a `Location` leads to a login.
///
/// It may be absolute or relative, or have the path in its fragment (`/#/login`) as in a
/// single-page application.
pub fn leads_to_login(location: &str) -> bool {
    let path = location.split_once("://").map_or(location, |(_, rest)| {
        rest.find('/').map_or("/", |at| &rest[at..])
    });
    let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
    let path = path.split('?').next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next();
    let inside = fragment.trim_start_matches('!').split('?').next();
    is_login(path)
        || last.is_some_and(|last| last.eq_ignore_ascii_case("auth"))
        || inside.is_some_and(|inside| inside.starts_with('/') && is_login(inside))
}

/// Returns whether a path is that of an operation that creates an account.
pub fn signs_up(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next();
    SIGN_UP.contains(&plain(last.unwrap_or_default()).as_str())
}

/// Returns whether an operation at this path hands its caller a token.
///
/// That is a login, a sign-up, or an operation named after tokens or sessions.
pub fn hands_out_tokens(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
    is_login(path) || signs_up(path) || words.any(|word| TOKENS.contains(&word))
}

/// Returns whether a path has one of these as a whole segment, ignoring case.
pub fn has_segment(path: &str, names: &[&str]) -> bool {
    path.split('/')
        .any(|segment| names.iter().any(|name| segment.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_told_by_the_words_of_a_segment() {
        for path in [
            "/login",
            "/users/log_in",
            "/users/log-in/",
            "/Account/LogOn",
            "/account/signIn",
            "/auth/sign-in",
            "/sign_in",
            "/login.html",
            "/admin-login",
            "/SSO/start",
            "/saml2/acs",
            "/oauth/authorize",
            "/oauth2/v2.0/authorize",
            "/realms/shop/protocol/openid-connect/auth",
            "/unauthorized",
            "/authenticate",
        ] {
            assert!(is_login(path), "{path}");
        }
        for path in [
            "/blogin",
            "/plugins/list",
            "/assortment",
            "/catalog/index",
            "/authors",
            "/logout",
            "/log/in-progress",
            "/login-history",
            "/audit/login_attempts",
            "/log/login-log",
            "/designing",
            "/lessons",
            "/signature",
            "/",
        ] {
            assert!(!is_login(path), "{path}");
        }
    }

    #[test]
    fn a_redirect_leads_to_a_login_by_its_path_alone() {
        for location in [
            "/login?next=%2Fx",
            "https://id.example/oauth2/authorize?client_id=7",
            "https://login.example/realms/x/protocol/openid-connect/auth?x=/y",
            "log_in",
            "/auth",
            "/auth/",
            "/#/login",
            "/app#!/sign-in?from=x",
        ] {
            assert!(leads_to_login(location), "{location}");
        }
        for location in [
            "/home?from=login",
            "/home?next=/login",
            "https://login.example/home",
            "/auth/profile",
            "/x#login",
            "/",
            "",
        ] {
            assert!(!leads_to_login(location), "{location}");
        }
    }

    #[test]
    fn tokens_are_handed_out_by_logins_sign_ups_and_token_operations() {
        for path in [
            "/auth/token",
            "/api/session",
            "/sign-up",
            "/sso",
            "/v1/refresh",
        ] {
            assert!(hands_out_tokens(path), "{path}");
        }
        for path in ["/members", "/tokenizer", "/registers/7"] {
            assert!(!hands_out_tokens(path), "{path}");
        }
        assert!(has_segment("/api/Sessions/7", &["session", "sessions"]));
        assert!(!has_segment("/api/obsessions", &["sessions"]));
    }
}
