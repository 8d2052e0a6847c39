//! What the answers to different values of one input say. Pure.
//!
//! Owns: the conditions of the differential rules (RULES.md). Leaves out: sending (`confirm`).

use super::compare::{Noise, Sketch, groups_differ};
use crate::observe::Outcome;

/// authentication/any-key-accepted: no key is refused with 401, 403 or a redirect to login, and
/// every different key gets the same 2xx content. `passes` are answers to different canaries, in
/// the order they came; what differs between the first two is noise, and must explain the rest.
pub(crate) fn any_key(refusals: &[Outcome], passes: &[(u16, Sketch)]) -> bool {
    let refused = !refusals.is_empty() && refusals.iter().all(|o| *o == Outcome::Refused);
    let passed = passes.iter().all(|(status, _)| (200..300).contains(status));
    let [(_, first), (_, second), rest @ ..] = passes else {
        return false;
    };
    if !(refused && passed) {
        return false;
    }
    let mut noise = Noise::default();
    if rest.is_empty() {
        return noise.same(first, second);
    }
    noise.learn(&[first, second]);
    rest.iter()
        .all(|(_, later)| noise.same(first, later) || noise.same(second, later))
}

/// authentication/key-in-query: the answers without the input differ reliably from those with it,
/// beyond its echo.
pub(crate) fn consumed(without: &[Sketch], with: &[Sketch]) -> bool {
    groups_differ(without, with)
}

/// input-validation/unhandled-input: a value breaks what a plain one does not.
pub(crate) fn breaks(plain: Outcome, odd: Outcome) -> bool {
    odd == Outcome::Broken && !matches!(plain, Outcome::Broken | Outcome::Failed)
}
