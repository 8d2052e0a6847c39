//! Detects a target that answers nothing but "come later".
//!
//! Owns: when 429 and 503 mean that the target will answer nothing more. Leaves out: pauses
//! (`throttle.rs`) and repeats (`follow.rs`), which cope with a short overload.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::http::{Request, Response};
use crate::sanitise::shorten;

/// The number of such answers in a row that means the target is busy.
const IN_ROW: usize = 20;
/// The least number of paths they must come from: a limit on one route, or a service behind a few
/// routes, says nothing about the others.
const PATHS: usize = 5;
/// The number of such answers in a row that is enough for any number of paths.
const MOST_IN_ROW: usize = 100;

/// A run of answers that asked to come later.
#[derive(Debug, Default)]
pub(super) struct Busy {
    in_row: usize,
    paths: BTreeSet<String>,
}

impl Busy {
    /// Starts over, because the rest of the target answers.
    pub(super) fn reassure(&mut self) {
        self.in_row = 0;
        self.paths.clear();
    }

    /// Records an answer and returns what the target said, once it says nothing else.
    ///
    /// `beyond` means that the answer asks for a longer wait than the scan allows.
    pub(super) fn note(
        &mut self,
        request: &Request,
        response: &Response,
        beyond: bool,
    ) -> Option<String> {
        let later = response.header("retry-after");
        // A feature that is switched off may also answer 503, but without a time.
        if response.status != 429 && !(response.status == 503 && later.is_some()) {
            self.in_row = 0;
            self.paths.clear();
            return None;
        }
        self.in_row += 1;
        if self.paths.len() < PATHS {
            self.paths.insert(request.url.path().to_owned());
        }
        // A target that says to come back tomorrow is not asked twenty times.
        let all = (beyond || self.in_row >= IN_ROW) && self.paths.len() >= PATHS;
        if !all && self.in_row < MOST_IN_ROW {
            return None;
        }
        let (status, times) = (response.status, self.in_row);
        let mut said = format!("the target answered {status} to {times} requests in a row");
        if let Some(later) = later {
            let _ = write!(said, ", with Retry-After {later:.40}");
        }
        let words = words(&response.text());
        if !words.is_empty() {
            let _ = write!(said, ": {words:?}");
        }
        Some(said)
    }
}

/// Returns the beginning of an answer's text, without its tags.
fn words(text: &str) -> String {
    let mut inside = false;
    let shown = text.chars().take(2_000).map(|letter| {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                return ' ';
            }
            _ => {}
        }
        if inside { ' ' } else { letter }
    });
    let shown: String = shown.collect();
    let words: Vec<&str> = shown.split_whitespace().collect();
    shorten(&words.join(" "), 120)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn request(path: &str) -> Request {
        Request::get(Url::parse(&format!("http://h{path}")).unwrap())
    }

    fn limited() -> Response {
        let page = "<title>429 Too Many Requests</title><p>200 per 1 day</p>";
        Response::of(429, &[("retry-after", "43200")], page)
    }

    #[test]
    fn a_target_that_only_says_come_later_is_given_up_with_what_it_said() {
        let mut busy = Busy::default();
        let said: Vec<String> = (0..20)
            .filter_map(|n| busy.note(&request(&format!("/{}", n / 4)), &limited(), false))
            .collect();
        assert_eq!(
            said,
            [
                "the target answered 429 to 20 requests in a row, with Retry-After 43200: \
              \"429 Too Many Requests 200 per 1 day\""
            ]
        );
    }

    #[test]
    fn what_asks_for_more_time_than_the_scan_has_is_asked_at_a_few_paths_only() {
        let mut busy = Busy::default();
        let said = (0..9).position(|n| {
            busy.note(&request(&format!("/{n}")), &limited(), true)
                .is_some()
        });
        assert_eq!(said, Some(4));
    }

    #[test]
    fn a_limit_of_one_route_and_what_is_switched_off_are_let_be() {
        let mut busy = Busy::default();
        for _ in 0..90 {
            assert_eq!(busy.note(&request("/login"), &limited(), true), None);
        }
        let off = Response::of(503, &[], "not configured");
        for n in 0..200 {
            assert_eq!(busy.note(&request(&format!("/{n}")), &off, false), None);
        }
        for n in 0..200 {
            let answer = if n % 10 == 9 {
                Response::of(200, &[], "")
            } else {
                limited()
            };
            assert_eq!(busy.note(&request(&format!("/{n}")), &answer, false), None);
        }
    }
}
