//! A target that answers nothing but "come later".
//!
//! Owns: when 429 and 503 mean that nothing more is to be had. Leaves out: pauses (`throttle.rs`) and
//! repeats (`follow.rs`), which outlive a short overload.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::http::{Request, Response};
use crate::sanitise::shorten;

/// Such answers in a row that mean it.
const IN_ROW: usize = 20;
/// To so many paths at least: a limit of one route, or a service behind a few, says nothing of the
/// others.
const PATHS: usize = 5;
/// Such answers in a row that mean it for however few paths.
const MOST_IN_ROW: usize = 100;

/// Answers in a row that asked to come later.
#[derive(Debug, Default)]
pub(super) struct Busy {
    in_row: usize,
    paths: BTreeSet<String>,
}

impl Busy {
    /// The rest of the target answers: what was seen says nothing of it.
    pub(super) fn reassure(&mut self) {
        self.in_row = 0;
        self.paths.clear();
    }

    /// Takes an answer; `beyond` says that it asks for more time than the scan waits. What the target
    /// said, once it says nothing else.
    pub(super) fn note(
        &mut self,
        request: &Request,
        response: &Response,
        beyond: bool,
    ) -> Option<String> {
        let later = response.header("retry-after");
        // 503 without a time is also what a feature that is switched off says.
        if response.status != 429 && !(response.status == 503 && later.is_some()) {
            self.in_row = 0;
            self.paths.clear();
            return None;
        }
        self.in_row += 1;
        if self.paths.len() < PATHS {
            self.paths.insert(request.url.path().to_owned());
        }
        // What asks to come back tomorrow is not asked twenty times.
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

/// The beginning of what an answer says, without its tags.
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
