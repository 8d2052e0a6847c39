//! What the answers to different values of one input say. Pure.
//!
//! Owns: the conditions of the differential rules (RULES.md). Leaves out: sending (`confirm`).

use crate::compare::{Difference, Noise, Print, alike, reliably_differ, same};
use crate::observe::Outcome;

/// Passes from which on groups of them are compared, where single ones are too different.
const GROUPS: usize = 8;

/// authentication/any-key-accepted: no key is refused with 401, 403 or a redirect to login, and
/// every different key gets the same 2xx content. `passes` are answers to different canaries, in
/// the order they came; what differs within their first half is noise, and must explain the rest.
pub(crate) fn any_key(refusals: &[Outcome], passes: &[Print]) -> bool {
    let refused = !refusals.is_empty() && refusals.iter().all(|o| *o == Outcome::Refused);
    let passed = |pass: &Print| (200..300).contains(&pass.status());
    let [first, second, ..] = passes else {
        return false;
    };
    if !(refused && passes.iter().all(passed)) {
        return false;
    }
    let (learnt, rest) = passes.split_at(passes.len() / 2);
    if learnt.len() < 2 {
        return same(first, second, &Noise::default());
    }
    let noise = Noise::of(learnt);
    let explained = rest
        .iter()
        .all(|later| learnt.iter().any(|earlier| same(earlier, later, &noise)));
    explained || (passes.len() >= GROUPS && of_one_kind(passes))
}

/// What every second key gets differs from what the others get in nothing that lasts.
fn of_one_kind(passes: &[Print]) -> bool {
    let every_second = |from: usize| passes.iter().skip(from).step_by(2).cloned().collect();
    let (one, other): (Vec<Print>, Vec<Print>) = (every_second(0), every_second(1));
    alike(&one, &other)
}

/// authentication/key-in-query: how the answers without the input differ reliably from those with
/// it, beyond its echo.
pub(crate) fn consumed(without: &[Print], with: &[Print]) -> Option<Difference> {
    reliably_differ(without, with)
}

/// input-validation/unhandled-input: a value breaks what a plain one does not.
pub(crate) fn breaks(plain: Outcome, odd: Outcome) -> bool {
    odd == Outcome::Broken && !matches!(plain, Outcome::Broken | Outcome::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Response;

    fn page(body: &str) -> Print {
        Print::of(&Response::of(200, &[], body), &[])
    }

    #[test]
    fn a_box_that_few_pages_have_does_not_hide_that_any_key_is_accepted() {
        let refused = [Outcome::Refused];
        // None of the earlier pages has the box, so none explains the later ones.
        let boxed: Vec<Print> = (0..8)
            .map(|at| page(if at > 5 { "door\n\noffer" } else { "door" }))
            .collect();
        assert!(!any_key(&refused, &boxed[..7]));
        assert!(any_key(&refused, &boxed));
        assert!(!any_key(&[Outcome::Success], &boxed));
    }
}
