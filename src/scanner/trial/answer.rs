//! What judging needs to know of an answer, and when answers are the same.
//!
//! Owns: what is kept of an exchange and its redirects. Leaves out: comparing prints (`compare`),
//! what a step expects (`mod.rs`).

use super::refusal::{refuses, says_no};
use super::{Expect, Step};
use crate::compare::{Noise, Print, alike, same};
use crate::http::{Hop, Response};
use crate::observe::Outcome;

/// How many answers each side needs before the sides are compared as a whole, in case single
/// answers differ too much.
const ENOUGH: usize = 4;

/// What judging needs to know of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) status: u16,
    pub(super) print: Option<Print>,
    /// The answer at the end of the redirects.
    followed: Option<Print>,
    /// The path that it redirects to.
    pub(super) location: Option<String>,
    pub(super) json: bool,
    /// True if it succeeds as HTTP but says no in its content.
    pub(super) says_no: bool,
    /// True if it says that something is wrong with the request, whatever its status.
    pub(super) refuses: bool,
}

impl Answer {
    /// Reads an answer and the end of its redirects.
    ///
    /// `sent` holds the values that its request carried; `own` the path of the operation itself,
    /// then those of the page that holds its form.
    pub(crate) fn of(hops: &[Hop], sent: &[String], own: &[&str]) -> Self {
        let first = hops.first().and_then(Hop::response);
        let last = hops.last().and_then(Hop::response);
        let followed = last.filter(|_| hops.len() > 1);
        let mut answer = Self::of_one(first, sent, own);
        answer.followed = followed.map(|response| Print::of(response, sent));
        answer.says_no |= followed.is_some_and(says_no);
        answer.refuses |= followed.is_some_and(refuses);
        answer
    }

    /// Reads a single answer.
    pub(crate) fn of_one(response: Option<&Response>, sent: &[String], own: &[&str]) -> Self {
        let location = response.and_then(|response| response.header("location"));
        let location = location.map(|to| path_of(to).to_owned());
        let back = location.as_deref().is_some_and(|to| own.contains(&to));
        Self {
            outcome: response.map_or(Outcome::Failed, |response| {
                Outcome::of_write(own.first().unwrap_or(&""), response)
            }),
            status: response.map_or(0, |response| response.status),
            print: response.map(|response| Print::of(response, sent)),
            followed: None,
            json: response.is_some_and(|response| response.json().is_some()),
            says_no: back || response.is_some_and(says_no),
            refuses: response.is_some_and(refuses),
            location,
        }
    }

    fn is(&self, expect: Expect) -> bool {
        match expect {
            Expect::Success => self.outcome == Outcome::Success,
            Expect::Refused => self.outcome == Outcome::Refused,
            Expect::Rejected => self.outcome == Outcome::Rejected,
            Expect::Broken => self.outcome == Outcome::Broken,
            Expect::Status(range) => range.contains(self.status),
        }
    }

    pub(super) fn meets(&self, step: &Step) -> bool {
        step.expect.is_empty() || step.expect.iter().any(|expect| self.is(*expect))
    }

    /// Returns true if this answer is the same as one of `others`, apart from noise, and led to the
    /// same answer.
    pub(super) fn resembles(&self, others: &[Self], noise: &Noise, followed: &Noise) -> bool {
        others.iter().any(|other| {
            let alike = |left: &Option<Print>, right: &Option<Print>, noise| match (left, right) {
                (Some(left), Some(right)) => same(left, right, noise),
                (None, None) => true,
                _ => false,
            };
            self.status == other.status
                && alike(&self.print, &other.print, noise)
                && alike(&self.followed, &other.followed, followed)
        })
    }
}

/// Returns the path of a `Location`, absolute or relative.
fn path_of(location: &str) -> &str {
    let rest = location.split_once("://").map_or(location, |(_, rest)| {
        rest.find('/').map_or("/", |at| &rest[at..])
    });
    rest.split(['?', '#']).next().unwrap_or_default()
}

pub(super) fn segments(path: Option<&str>) -> Vec<&str> {
    path.unwrap_or_default().split('/').collect()
}

/// Returns true if there are enough answers and nothing consistently distinguishes the two sides.
pub(super) fn of_one_kind(left: &[Answer], right: &[Answer]) -> bool {
    let prints = |answers: &[Answer], print: fn(&Answer) -> Option<Print>| {
        answers.iter().filter_map(print).collect::<Vec<Print>>()
    };
    let own = |answer: &Answer| answer.print.clone();
    let led_to = |answer: &Answer| answer.followed.clone();
    let enough = left.len().min(right.len()) >= ENOUGH;
    let (there, here) = (prints(left, led_to), prints(right, led_to));
    enough
        && alike(&prints(left, own), &prints(right, own))
        && ((there.is_empty() && here.is_empty()) || alike(&there, &here))
}

/// Returns what changes by itself among answers, and among the answers that they led to.
pub(super) fn noises(answers: &[Answer]) -> (Noise, Noise) {
    let of = |print: fn(&Answer) -> Option<Print>| {
        let prints: Vec<Print> = answers.iter().filter_map(print).collect();
        if prints.len() < 2 {
            Noise::default()
        } else {
            Noise::of(&prints)
        }
    };
    (
        of(|answer| answer.print.clone()),
        of(|answer| answer.followed.clone()),
    )
}
