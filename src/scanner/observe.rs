//! An observation: an injection and what came back, to compare with its baseline.

use std::sync::Arc;

use crate::canary::Slot;
use crate::finding::Role;
use crate::http::{Hop, Response};
use crate::login;
use crate::plan::RequestTemplate;

/// The result of one injection.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What was sent.
    pub template: Arc<RequestTemplate>,
    /// The canaries in it.
    pub planted: Vec<Slot>,
    /// Why it was sent.
    pub role: Role,
    /// The exchange and the redirects it led to; at least one.
    pub steps: Vec<Hop>,
}

impl Observation {
    /// Returns the first answer, the operation's own. An answer that broke off does not count.
    pub fn answer(&self) -> Option<&Response> {
        whole(self.steps.first())
    }

    /// Returns the last answer, where the redirects led. An answer that broke off does not count.
    pub fn last_answer(&self) -> Option<&Response> {
        whole(self.steps.last())
    }

    /// Returns true if at least the beginning of an answer arrived.
    pub(crate) fn has_begun(&self) -> bool {
        self.steps.first().and_then(Hop::response).is_some()
    }

    /// Returns true if an answer was lost on its way; the same request may get one at another time.
    pub(crate) fn is_lost(&self) -> bool {
        self.steps.iter().any(Hop::is_lost)
    }

    /// Returns how the operation took the request. The status decides, even if the rest broke off.
    pub fn outcome(&self) -> Outcome {
        let id = &self.template.endpoint;
        let of = |answer| {
            if id.method.is_safe() {
                Outcome::of(answer)
            } else {
                Outcome::of_write(id.path.as_str(), answer)
            }
        };
        let answer = self.steps.first().and_then(Hop::response);
        answer.map_or(Outcome::Failed, of)
    }
}

fn whole(step: Option<&Hop>) -> Option<&Response> {
    step.and_then(Hop::response).filter(|answer| !answer.broken)
}

/// How an operation took a request, in as much detail as comparing needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// 2xx, or a redirect that does not lead to a login.
    Success,
    /// 401, 403, or a redirect to a login.
    Refused,
    /// Another 4xx.
    Rejected,
    /// A 5xx that means "broken". 501 to 504 mean "not now", or do not come from the application.
    Broken,
    /// No answer, or "not now".
    Failed,
}

impl Outcome {
    /// Returns the outcome that an answer shows.
    pub fn of(response: &Response) -> Self {
        match response.status {
            401 | 403 => Self::Refused,
            429 | 501..=504 => Self::Failed,
            200..=299 => Self::Success,
            300..=399 => {
                let to = response.header("location").unwrap_or_default();
                if login::leads_to_login(to) {
                    Self::Refused
                } else {
                    Self::Success
                }
            }
            400..=499 => Self::Rejected,
            _ => Self::Broken,
        }
    }

    /// Returns the outcome of a write to a path. A sign-up that redirects to the login page
    /// succeeded.
    pub fn of_write(path: &str, response: &Response) -> Self {
        match Self::of(response) {
            Self::Refused if response.is_redirect() && login::signs_up(path) => Self::Success,
            outcome => outcome,
        }
    }

    /// Returns true if this outcome is a failure that the other is not.
    pub const fn worse_than(self, baseline: Self) -> bool {
        matches!(
            (self, baseline),
            (Self::Refused | Self::Rejected, Self::Success)
                | (Self::Broken, Self::Success | Self::Refused | Self::Rejected)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_page_refuses_whoever_does_not_come_from_a_sign_up() {
        let to_login = Response::of(302, &[("location", "/auth/login?next=%2F")], "");
        for path in ["/auth/register", "/sign-up/", "/api/v1/SignUp"] {
            assert_eq!(
                Outcome::of_write(path, &to_login),
                Outcome::Success,
                "{path}"
            );
        }
        for path in ["/", "/registers", "/register/export", "/login"] {
            assert_eq!(
                Outcome::of_write(path, &to_login),
                Outcome::Refused,
                "{path}"
            );
        }
        let refused = Response::of(401, &[], "");
        assert_eq!(Outcome::of_write("/register", &refused), Outcome::Refused);
    }
}
