//! How an operation answered so far.
//!
//! Owns: which of several answers says most. Leaves out: what is made of it (`survey.rs`, `send`).

use std::collections::BTreeSet;

use crate::http::Response;
use crate::login;
use crate::sanitise::{sanitise, shorten};

/// Different statuses kept of one operation, at most.
const MAX_STATUSES: usize = 20;

/// The answers of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    best: u16,
    all: BTreeSet<u16>,
    /// Some answer was a redirect to a login page.
    login: bool,
    /// Some answer was a success, or a redirect that does not lead to a login.
    accepted: bool,
    /// What the last refusal said.
    refusal: Option<(u16, String)>,
}

impl Reach {
    pub(super) fn of(response: &Response) -> Self {
        let to = response.header("location");
        let login = response.is_redirect() && to.is_some_and(login::leads_to_login);
        let redirected = response.is_redirect() && !login;
        Self {
            best: response.status,
            all: BTreeSet::from([response.status]),
            login,
            accepted: response.is_success() || redirected,
            refusal: (response.status >= 400).then(|| (response.status, said(response))),
        }
    }

    /// True where something was accepted.
    pub(super) const fn accepted(&self) -> bool {
        self.accepted
    }

    /// What the last refusal said: its status, and the beginning of its text.
    pub(super) fn refusal(&self) -> Option<(u16, &str)> {
        let (status, said) = self.refusal.as_ref()?;
        Some((*status, said))
    }

    /// The status that says most.
    pub(super) const fn best(&self) -> u16 {
        self.best
    }

    /// Every status that was seen.
    pub(super) const fn all(&self) -> &BTreeSet<u16> {
        &self.all
    }

    /// True where only a login page was behind it.
    pub(super) const fn needs_login(&self) -> bool {
        matches!(self.best, 401 | 403) || (self.login && self.best >= 300)
    }

    /// Takes over the answers of another.
    pub(super) fn absorb(&mut self, other: Self) {
        if rank(other.best) < rank(self.best) {
            self.best = other.best;
        }
        self.login |= other.login;
        self.accepted |= other.accepted;
        self.refusal = other.refusal.or(self.refusal.take());
        for status in other.all {
            if self.all.len() < MAX_STATUSES {
                self.all.insert(status);
            }
        }
    }
}

/// Bytes of an answer that are read for what it says.
const READ: usize = 4_096;
/// Characters of it that are kept.
const KEPT: usize = 80;

/// The beginning of what an answer says, without its tags.
pub(crate) fn said(response: &Response) -> String {
    let body = response.body.get(..READ).unwrap_or(&response.body);
    let mut inside = false;
    let plain: String = String::from_utf8_lossy(body)
        .chars()
        .map(|letter| match letter {
            '<' => {
                inside = true;
                ' '
            }
            '>' if inside => {
                inside = false;
                ' '
            }
            _ if inside => ' ',
            letter => letter,
        })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().take(KEPT).collect();
    sanitise(&shorten(&words.join(" "), KEPT)).into_owned()
}

/// True for an answer of the operation itself: not "no such page", and not "no such method".
pub(crate) const fn is_there(status: u16) -> bool {
    !matches!(status, 404 | 405 | 410)
}

/// Success before redirects, refusals, errors of the server, and at last "not there".
pub(crate) const fn rank(status: u16) -> u8 {
    match status {
        200..=299 => 0,
        300..=399 => 1,
        400 | 409 | 415 | 422 => 2,
        401 | 403 => 3,
        500..=599 => 4,
        _ if !is_there(status) => 6,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_that_says_most_is_kept_beside_all_statuses() {
        let answer = |status: u16| Reach::of(&Response::of(status, &[], ""));
        let mut reach = answer(404);
        for status in [500, 403, 422, 302, 404] {
            reach.absorb(answer(status));
        }
        assert_eq!(reach.best(), 302);
        assert_eq!(reach.all().len(), 5);
        assert!(!reach.needs_login());
    }

    #[test]
    fn what_is_only_refused_is_never_accepted_and_the_last_reason_is_kept() {
        let mut reach = Reach::of(&Response::of(401, &[], "no"));
        reach.absorb(Reach::of(&Response::of(302, &[("location", "/login")], "")));
        reach.absorb(Reach::of(&Response::of(
            422,
            &[],
            "<p>title is <b>missing</b></p>",
        )));
        assert!(!reach.accepted());
        assert_eq!(reach.refusal(), Some((422, "title is missing")));
        reach.absorb(Reach::of(&Response::of(201, &[], "")));
        assert!(reach.accepted());
        assert!(Reach::of(&Response::of(302, &[("location", "/done")], "")).accepted());
    }

    #[test]
    fn a_redirect_to_a_login_page_is_a_refusal() {
        let to = |place: &str| Reach::of(&Response::of(302, &[("location", place)], ""));
        assert!(to("/auth/sign-in?next=%2Fx").needs_login());
        assert!(to("http://h/login").needs_login());
        assert!(!to("/home?from=login").needs_login());
        assert!(Reach::of(&Response::of(401, &[], "")).needs_login());
    }
}
