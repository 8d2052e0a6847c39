//! Decides whether an answer asks to log in.
//!
//! Owns: refusals, redirects to a login, login pages that answer 200, and how similar two pages
//! are. Leaves out: what follows from that (`watch.rs`).

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use url::Url;

use crate::http::Response;
use crate::login;

/// How many words of a page are compared at most.
const MOST_WORDS: usize = 4000;

/// Pages with at least this likeness are the same page, apart from times and tokens.
const SAME: f64 = 0.7;

/// What is remembered of a page, to recognise it later.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    /// True if the page has a password input.
    pub(super) password: bool,
    words: HashSet<u64>,
}

impl Page {
    pub(super) fn of(answer: &Response) -> Self {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let text = answer.text();
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .take(MOST_WORDS)
            .map(|word| hasher.hash_one(word))
            .collect();
        Self {
            status: answer.status,
            password: has_password(answer),
            words,
        }
    }

    /// Returns how much two pages have in common, from 0 to 1.
    #[allow(clippy::cast_precision_loss)] // a few thousand words
    pub(super) fn likeness(&self, other: &Self) -> f64 {
        let both = self.words.intersection(&other.words).count();
        let all = self.words.len() + other.words.len() - both;
        if all == 0 {
            return 1.0;
        }
        both as f64 / all as f64
    }

    /// Returns true if this is the same page at another time.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.status == other.status && self.likeness(other) >= SAME
    }
}

/// Returns true for a page with a password input.
pub(super) fn has_password(answer: &Response) -> bool {
    if !answer.media_type().contains("html") {
        return false;
    }
    let text = answer.text().to_ascii_lowercase();
    ["type=\"password\"", "type='password'", "type=password"]
        .iter()
        .any(|input| text.contains(input))
}

/// Returns true for 401, and for a redirect to something named like a login.
pub(super) fn refuses(answer: &Response, at: &Url, own: Option<&str>) -> bool {
    if answer.status == 401 {
        return true;
    }
    let Some(location) = answer.header("location").filter(|_| answer.is_redirect()) else {
        return false;
    };
    at.join(location).is_ok_and(|to| {
        to.path() != at.path() && (Some(to.path()) == own || login::leads_to_login(location))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Url {
        Url::parse("http://h/app/keys").unwrap()
    }

    #[test]
    fn a_refusal_is_401_or_a_redirect_to_a_login() {
        let to = |to: &str| Response::of(302, &[("Location", to)], "");
        assert!(refuses(&Response::of(401, &[], ""), &at(), None));
        for path in ["/login?next=/app/keys", "/auth/sign-in", "log_in", "/SSO/x"] {
            assert!(refuses(&to(path), &at(), None), "{path}");
        }
        for path in ["/app/keys/1", "/blogin", "/"] {
            assert!(!refuses(&to(path), &at(), None), "{path}");
        }
        assert!(refuses(&to("/door"), &at(), Some("/door")));
        assert!(!refuses(&Response::of(403, &[], ""), &at(), None));
    }

    #[test]
    fn a_password_input_is_seen_in_html_only() {
        let page =
            |kind: &str| Response::of(200, &[("Content-Type", kind)], "<INPUT type=Password>");
        assert!(has_password(&page("text/html; charset=utf-8")));
        assert!(!has_password(&page("application/json")));
    }

    #[test]
    fn a_page_is_like_itself_with_another_token() {
        let page = |text: &str| Page::of(&Response::of(200, &[], text));
        let text = "Your account. Name alice. Keys and plans and bills and a link to log out.";
        let one = page(&format!("{text} token a1"));
        assert!(one.is_like(&page(&format!("{text} token b2"))));
        assert!(!one.is_like(&page("Please log in. Name. Password.")));
    }
}
