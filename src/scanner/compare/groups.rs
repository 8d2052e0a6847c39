//! Decides whether two groups of answers differ reliably.
//!
//! Owns: finding what marks one group. Leaves out: how many answers to take (`chance`), and comparing
//! two single answers (`noise`).

use super::difference::{Best, Difference};
use super::print::{PlaceView, Print, PrintedValue};
use super::sets::{both, either, minus};

/// Finds something that appears in every answer of one group and in none of the other.
///
/// The mark is an exact value if its group has two or more answers, a blurred value otherwise, or a
/// kind of value.
///
/// The groups should be requested in turn ([`turn`](super::turn)). Then neither a clock or counter,
/// which only moves forward, nor pages that a server serves in turn can tell them apart. Pages chosen
/// at random can, by chance: [`false_chance`](super::false_chance) returns how often, and
/// [`samples_needed`](super::samples_needed) how many answers make that rare enough.
///
/// Two kinds of marks are discounted. Where the other group has more values *changing* at the same
/// place than this one, that many marks may be a banner that happened to stand still. Where it shows an
/// echo of what was sent, that many may be the default without the echo.
pub fn reliably_differ(left: &[Print], right: &[Print]) -> Option<Difference> {
    let mut best = Best::default();
    marks(left, right, false, &mut best);
    marks(right, left, true, &mut best);
    best.end()
}

/// Returns true if two groups of answers are of one kind: they have the same status, and nothing
/// reliably tells them apart ([`reliably_differ`]).
///
/// This is less strict than [`same`](super::same), which needs every answer to be explained by earlier
/// ones: a box that appears on one page in five is often missing from a handful of controls. It needs
/// as many answers on each side as [`samples_needed`](super::samples_needed) returns, and proves
/// nothing about single answers.
pub fn alike(left: &[Print], right: &[Print]) -> bool {
    let mut statuses = left.iter().chain(right).map(Print::status);
    let first = statuses.next();
    let one = !left.is_empty() && !right.is_empty() && statuses.all(|next| Some(next) == first);
    one && reliably_differ(left, right).is_none()
}

/// Offers each place where something marks `group` against `others`.
fn marks(group: &[Print], others: &[Print], swapped: bool, best: &mut Best) {
    let (Some(first), Some(_)) = (group.first(), others.first()) else {
        return;
    };
    let facts = first.facts();
    for (at, place) in facts.places.iter().enumerate() {
        let own = facts.spot(place.id);
        // Most places are the same everywhere.
        if others
            .iter()
            .any(|other| covers(&other.facts().spot(place.id), &own))
        {
            continue;
        }
        let spots = |prints: &[Print]| -> Vec<Values> {
            let spots = prints.iter().map(|print| print.facts().spot(place.id));
            spots.map(|spot| Values::of(&spot)).collect()
        };
        let Some(mark) = mark(&spots(group), &spots(others)) else {
            continue;
        };
        best.offer(place.id, place.rank(), || {
            let shown = match mark {
                Mark::Blurred(mark) => own.blurring_to(mark),
                Mark::Exact(mark) => own.values.iter().find(|value| value.exact == mark),
                Mark::Kind => own.values.first(),
            };
            let shown = shown.map(|value| facts.excerpt(value));
            let other = others.iter().find_map(|print| {
                let print = print.facts();
                let spot = print.spot(place.id);
                let new =
                    |value: &&PrintedValue| !own.values.iter().any(|v| v.exact == value.exact);
                let value = spot.values.iter().find(new).or(spot.values.first())?;
                Some(print.excerpt(value))
            });
            let (left, right) = if swapped {
                (other, shown)
            } else {
                (shown, other)
            };
            Difference {
                place: facts.name(at),
                left,
                right,
                others: 0,
            }
        });
    }
}

/// Returns true if a spot has exactly the values of another one, and at least its kinds.
fn covers(spot: &PlaceView<'_>, own: &PlaceView<'_>) -> bool {
    let exact = |spot: &PlaceView<'_>| spot.values.len();
    exact(spot) == exact(own)
        && spot
            .values
            .iter()
            .zip(own.values)
            .all(|(a, b)| a.exact == b.exact)
        && spot.kinds & own.kinds == own.kinds
}

/// Something that marks a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Blurred(u64),
    Exact(u64),
    /// A kind of value, whatever the values.
    Kind,
}

/// The values at one place of one answer.
struct Values {
    blurred: Vec<u64>,
    exact: Vec<u64>,
    kinds: u16,
    echoes: usize,
}

impl Values {
    fn of(spot: &PlaceView<'_>) -> Self {
        Self {
            blurred: spot.blurred.to_vec(),
            exact: spot.values.iter().map(|value| value.exact).collect(),
            kinds: spot.kinds,
            echoes: spot.echoes.len(),
        }
    }
}

/// Finds what appears in all of `ours` and in none of `theirs` at one place.
fn mark(ours: &[Values], theirs: &[Values]) -> Option<Mark> {
    let most = theirs.iter().map(|values| values.echoes).max();
    let least = ours.iter().map(|values| values.echoes).min();
    let defaults = most.unwrap_or(0).saturating_sub(least.unwrap_or(0));
    if let Some(mark) = value(ours, theirs, defaults, |values| &values.blurred) {
        return Some(Mark::Blurred(mark));
    }
    // One answer cannot show that a number stands still.
    if ours.len() > 1
        && let Some(mark) = value(ours, theirs, defaults, |values| &values.exact)
    {
        return Some(Mark::Exact(mark));
    }
    let kinds = ours.iter().fold(u16::MAX, |kinds, v| kinds & v.kinds);
    let others = theirs.iter().fold(0, |kinds, v| kinds | v.kinds);
    (kinds & !others != 0 && defaults == 0).then_some(Mark::Kind)
}

fn value(
    ours: &[Values],
    theirs: &[Values],
    defaults: usize,
    of: impl Fn(&Values) -> &[u64],
) -> Option<u64> {
    let (always, never) = (shared(ours, &of), shared(theirs, &of));
    let seen = theirs
        .iter()
        .fold(Vec::new(), |seen, v| either(&seen, of(v)));
    let marks = minus(&always, &seen);
    let changing = |group: &[Values], shared: &[u64]| {
        let counts = group.iter().map(|values| of(values).len() - shared.len());
        counts.max().unwrap_or(0)
    };
    let stuck = changing(theirs, &never).saturating_sub(changing(ours, &always));
    (marks.len() > stuck + defaults).then(|| marks.first().copied())?
}

/// Returns the values that every answer has.
fn shared(group: &[Values], of: impl Fn(&Values) -> &[u64]) -> Vec<u64> {
    let mut answers = group.iter().map(of);
    let first = answers.next().unwrap_or_default().to_vec();
    answers.fold(first, |kept, values| both(&kept, values))
}
