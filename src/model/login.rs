//! Whether a path is called a login, a sign-up or a place that hands out tokens.
//!
//! Owns: the words that say so, in one place: what is *refused*, what is a *success*, which inputs
//! a rule leaves alone and whose token is its caller's own all rest on the same answer. Leaves out:
//! pages that ask to log in under another name (`auth`).
//!
//! Words of whole path segments count and never parts of words: `/users/log_in`, `/SSO/start` and
//! `/oauth2/v2.0/authorize` are logins, `/blogin`, `/plugins` and `/assortment` are none.

use crate::words::{plain, words};

/// Words, or two words in a row, that say "log in here".
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
/// Where a whole segment, the same.
const LOGIN_SEGMENTS: [&str; 3] = ["unauthorized", "unauthorised", "openid-connect"];
/// Beside a word of login in one segment: it tells of logins, and asks for none.
const ABOUT: [&str; 17] = [
    "activity", "attempt", "attempts", "audit", "count", "event", "events", "failed", "failures",
    "history", "last", "log", "logs", "settings", "sheet", "stats", "success",
];
/// Last segments, without their marks, of what makes an account.
const SIGN_UP: [&str; 7] = [
    "register",
    "registration",
    "signup",
    "createaccount",
    "newaccount",
    "enroll",
    "enrol",
];
/// Words of paths that hand out tokens besides.
const TOKENS: [&str; 9] = [
    "token", "tokens", "auth", "oauth", "session", "sessions", "refresh", "callback", "register",
];

/// True for the path of a login.
pub fn is_login(path: &str) -> bool {
    path.split('/').any(|segment| {
        let words = words(segment);
        let pairs = words.windows(2).map(<[String]>::concat);
        let says = words
            .iter()
            .cloned()
            .chain(pairs)
            .any(|word| LOGIN.contains(&word.as_str()));
        // `log_in` holds `log` itself.
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

/// True for a `Location` that sends to a login: whole or relative, as a single-page application
/// writes it (`/#/login`) too.
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

/// True for the path of an operation that makes an account.
pub fn signs_up(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next();
    SIGN_UP.contains(&plain(last.unwrap_or_default()).as_str())
}

/// True for the path of an operation that hands its caller a token: a login, a sign-up, or one that
/// is named after tokens and sessions.
pub fn hands_out_tokens(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
    is_login(path) || signs_up(path) || words.any(|word| TOKENS.contains(&word))
}

/// True for a path with one of these as a whole segment, whatever its case.
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
