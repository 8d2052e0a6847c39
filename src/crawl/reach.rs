//! How an operation answered so far.
//!
//! Owns: which of several answers says most. Leaves out: what is made of it (`survey.rs`, `send`).

use std::collections::BTreeSet;

use crate::http::Response;
use crate::login;

/// Different statuses kept of one operation, at most.
const MAX_STATUSES: usize = 20;

/// The answers of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    best: u16,
    all: BTreeSet<u16>,
    /// Some answer was a redirect to a login page.
    login: bool,
}

impl Reach {
    pub(super) fn of(response: &Response) -> Self {
        Self {
            best: response.status,
            all: BTreeSet::from([response.status]),
            login: response.is_redirect()
                && response
                    .header("location")
                    .is_some_and(login::leads_to_login),
        }
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
        for status in other.all {
            if self.all.len() < MAX_STATUSES {
                self.all.insert(status);
            }
        }
    }
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
    fn a_redirect_to_a_login_page_is_a_refusal() {
        let to = |place: &str| Reach::of(&Response::of(302, &[("location", place)], ""));
        assert!(to("/auth/sign-in?next=%2Fx").needs_login());
        assert!(to("http://h/login").needs_login());
        assert!(!to("/home?from=login").needs_login());
        assert!(Reach::of(&Response::of(401, &[], "")).needs_login());
    }
}
