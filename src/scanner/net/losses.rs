//! Answers that are lost on their way: how many, and whether the target loses them habitually.
//!
//! Owns: the count for each route, and what is reported about it. Leaves out: asking again
//! (`follow.rs`), routes that are silent (`routes.rs`), a target that is gone (`client.rs`).
//!
//! A route that never answers, or breaks at one kind of value, has a problem of its own. If routes
//! answer now and lose the answer to the next request, the cause lies between the scan and the
//! target. Then something that the scan did not see may exist all the same.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::routes::Route;
use crate::finding::Problem;
use crate::http::{Failure, FailureKind, Request, Response};

/// How many routes are remembered at most.
const MOST: usize = 10_000;
/// At least this many routes must lose answers now and then.
const ROUTES: usize = 3;
/// On those routes at least this many answers must be lost, and this percentage of all answers.
const LEAST: u32 = 8;
const SHARE: u32 = 20;

/// The outcomes of the requests to one route.
#[derive(Clone, Debug, Default)]
struct Count {
    answered: u32,
    lost: u32,
    /// The first loss, in words.
    said: String,
}

/// The losses, by route.
#[derive(Debug, Default)]
pub(super) struct Losses(Mutex<BTreeMap<Route, Count>>);

impl Losses {
    /// Records the outcome of a request that left.
    pub(super) fn note(
        &self,
        route: Route,
        request: &Request,
        outcome: &Result<Response, Failure>,
    ) {
        let said = match outcome {
            Ok(answer) if answer.broken => Some("the answer broke off".to_owned()),
            Ok(answer) if answer.is_lost() => Some(answer.status.to_string()),
            Ok(_) => None,
            Err(failure) if failure.kind == FailureKind::Protocol => Some(failure.message.clone()),
            Err(_) => return,
        };
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST && !counts.contains_key(&route) {
            return;
        }
        let count = counts.entry(route).or_default();
        match said {
            None => count.answered += 1,
            Some(said) => {
                count.lost += 1;
                if count.lost == 1 {
                    count.said = format!("{} {}: {said}", request.method, request.url.path());
                }
            }
        }
    }

    /// Returns the problem to report if the target loses too many answers.
    pub(super) fn problem(&self) -> Option<Problem> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now_and_then: Vec<&Count> = counts
            .values()
            .filter(|count| count.lost > 0 && count.answered > 0)
            .collect();
        let lost: u32 = now_and_then.iter().map(|count| count.lost).sum();
        let answered: u32 = counts.values().map(|count| count.answered).sum();
        let all = lost + answered;
        if now_and_then.len() < ROUTES || lost < LEAST || lost * 100 < all * SHARE {
            return None;
        }
        let routes = now_and_then.len();
        let first = &now_and_then.first()?.said;
        let text = format!(
            "{lost} of {all} answers were lost, of {routes} routes that answer otherwise; the first at \
             {first}; what was not seen may be there all the same"
        );
        Some(Problem::new("answers-lost", text))
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn noted(losses: &Losses, path: &str, statuses: &[u16]) {
        let url = Url::parse("http://h").unwrap().join(path).unwrap();
        for status in statuses {
            let answer = Ok(Response::of(*status, &[], ""));
            let request = Request::get(url.clone());
            losses.note(Route::of(&request), &request, &answer);
        }
    }

    #[test]
    fn several_routes_that_lose_answers_now_and_then_are_told() {
        let losses = Losses::default();
        for path in ["/a", "/b", "/c"] {
            noted(&losses, path, &[200, 502, 200, 502, 404, 502]);
        }
        let told = losses.problem().unwrap();
        assert_eq!(told.code, "answers-lost");
        let text = "9 of 18 answers were lost, of 3 routes";
        assert!(told.message.starts_with(text), "{}", told.message);
        assert!(told.message.contains("GET /a: 502"), "{}", told.message);
    }

    #[test]
    fn a_route_that_is_always_lost_is_its_own_matter_and_so_is_one_loss_in_many() {
        let losses = Losses::default();
        for path in ["/a", "/b", "/c", "/d"] {
            noted(&losses, path, &[502; 10]);
        }
        noted(
            &losses,
            "/e",
            &[200, 502, 502, 502, 502, 502, 502, 502, 502],
        );
        assert!(losses.problem().is_none());
        let losses = Losses::default();
        for path in ["/a", "/b", "/c"] {
            noted(&losses, path, &[200; 13]);
            noted(&losses, path, &[502; 3]);
        }
        assert!(losses.problem().is_none());
    }
}
