//! What the answers to different values of one input say. Pure.
//!
//! Owns: the conditions of the differential rules (RULES.md). Leaves out: sending (`confirm`).

use crate::compare::{Difference, Noise, Print, reliably_differ, same};
use crate::observe::Outcome;

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
    rest.iter()
        .all(|later| learnt.iter().any(|earlier| same(earlier, later, &noise)))
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
