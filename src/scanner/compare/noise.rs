//! Noise: learns from repeated controls what changes by itself, and decides whether two answers are the
//! same apart from that.
//!
//! Owns: learning and forgiving. Leaves out: which requests are controls (`confirm`, `plan`), and
//! groups of answers (`groups`).

use std::collections::{HashMap, HashSet};

use time::Duration;

use super::blur::tells_time;
use super::builder::token;
use super::difference::{Best, Difference};
use super::print::{Content, PlaceView, Print, ValueKind};
use super::sets::{both, either, minus};

/// The maximum number of controls kept per variant.
const MAX_CONTROLS: usize = 16;
/// The maximum number of variants of a page that are distinguished.
const MAX_VARIANTS: usize = 8;
/// The number of controls that must agree before a number counts as standing still.
const STEADY: usize = 3;
/// The time within which a clock that shows seconds is sure to move.
const SECOND: Duration = Duration::milliseconds(1100);
/// The number of fields of an object that must come and go before its names count as values.
const OPEN: usize = 3;

/// Parts of an answer that change by themselves, learnt from answers to one and the same request.
///
/// Controls with wholly different layouts (an A/B test) are kept apart as variants. For each place of a
/// variant, the noise records which values appear in every control, which were seen at all, and how
/// many values of an answer may be new: a rotating banner has one such slot. Numbers and texts are
/// compared exactly where three controls agree on them, or two that are more than a second apart,
/// unless they look like a clock.
#[derive(Clone, Debug, Default)]
pub struct Noise {
    pub(super) variants: Vec<Variant>,
}

/// One layout of the page.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    controls: Vec<Print>,
    places: HashMap<u64, Learnt>,
    /// Objects whose field names are values.
    open: HashSet<u64>,
}

/// What is known about a place.
#[derive(Clone, Debug)]
struct Learnt {
    stable: Vec<u64>,
    seen: Vec<u64>,
    /// The most values beyond the stable ones that any control had.
    slots: usize,
    /// The exact values, where they stand still.
    exact: Option<Vec<u64>>,
    kinds: u16,
    /// True when the place is filled in every control.
    always: bool,
}

/// Returns true if two answers are the same apart from noise.
pub fn same(left: &Print, right: &Print, noise: &Noise) -> bool {
    difference(left, right, noise).is_none()
}

/// Finds where two answers differ, apart from noise.
///
/// A field or line that holds an echo of what was sent is the same as its default without the echo. Two
/// echoes are the same if they are equal apart from what was sent.
pub fn difference(left: &Print, right: &Print, noise: &Noise) -> Option<Difference> {
    let direct = compare(left, right, noise.nearest(left))?;
    // Both may be known variants of the page.
    let known = |print| noise.variant(print);
    if noise.variants.len() > 1 && known(left).is_some() && known(right).is_some() {
        return None;
    }
    Some(direct)
}

impl Noise {
    /// Learns from answers to one and the same request.
    pub fn of(controls: &[Print]) -> Self {
        let mut noise = Self::default();
        noise.learn(controls);
        noise
    }

    /// Learns from more answers to that request.
    pub fn learn(&mut self, controls: &[Print]) {
        let mut changed = vec![false; self.variants.len()];
        for control in controls {
            let alike = self
                .variants
                .iter()
                .position(|variant| variant.is_alike(control));
            match alike {
                Some(at) if self.variants[at].controls.len() < MAX_CONTROLS => {
                    self.variants[at].controls.push(control.clone());
                    changed[at] = true;
                }
                None if self.variants.len() < MAX_VARIANTS => {
                    self.variants.push(Variant::new(control));
                    changed.push(true);
                }
                _ => {}
            }
        }
        for (variant, changed) in self.variants.iter_mut().zip(changed) {
            if changed {
                variant.relearn();
            }
        }
    }

    /// Returns the variant that an answer is the same as, apart from noise.
    fn variant(&self, print: &Print) -> Option<usize> {
        self.variants.iter().position(|variant| {
            let control = variant.controls.first();
            control.is_some_and(|c| compare(c, print, Some(variant)).is_none())
        })
    }

    /// Returns the variant whose layout an answer has, or else the first one.
    fn nearest(&self, print: &Print) -> Option<&Variant> {
        let alike = self.variants.iter().find(|variant| variant.is_alike(print));
        alike.or(self.variants.first())
    }
}

impl Variant {
    fn new(control: &Print) -> Self {
        Self {
            controls: vec![control.clone()],
            places: HashMap::new(),
            open: HashSet::new(),
        }
    }

    /// Returns true if an answer has the same status and at least a third of all places in common.
    fn is_alike(&self, print: &Print) -> bool {
        let Some(control) = self.controls.first().map(Print::facts) else {
            return false;
        };
        let facts = print.facts();
        let ids = facts.places.iter().map(|place| place.id);
        let common = ids.filter(|id| control.index.contains_key(id)).count();
        let all = facts.places.len() + control.places.len() - common;
        facts.status == control.status && 3 * common >= all
    }

    fn relearn(&mut self) {
        self.places.clear();
        self.open.clear();
        let controls: Vec<&Content> = self.controls.iter().map(Print::facts).collect();
        let mut missing: HashMap<u64, usize> = HashMap::new();
        let mut kept: HashSet<u64> = HashSet::new();
        for facts in &controls {
            for place in &facts.places {
                if self.places.contains_key(&place.id) {
                    continue;
                }
                let spots: Vec<PlaceView<'_>> = controls.iter().map(|c| c.spot(place.id)).collect();
                let learnt = learn(&spots, &controls);
                let parent = place.parent.and_then(|parent| facts.places.get(parent));
                if let Some(parent) = parent
                    && parent.kinds & ValueKind::Object.bit() != 0
                {
                    if learnt.always {
                        kept.insert(parent.id);
                    } else {
                        *missing.entry(parent.id).or_default() += 1;
                    }
                }
                self.places.insert(place.id, learnt);
            }
        }
        // Names are values where several come and go, or where no two controls share one.
        let open = missing
            .into_iter()
            .filter(|(object, fields)| *fields >= OPEN || (*fields >= 2 && !kept.contains(object)));
        self.open.extend(open.map(|(id, _)| id));
    }

    /// Returns true for a place under a new field of an object whose names are values.
    fn is_new_field(&self, facts: &Content, at: usize) -> bool {
        let mut next = facts.places.get(at);
        while let Some(place) = next {
            if self.places.contains_key(&place.id) {
                return false;
            }
            next = place.parent.and_then(|parent| facts.places.get(parent));
            if next.is_some_and(|parent| self.open.contains(&parent.id)) {
                return true;
            }
        }
        false
    }
}

fn learn(spots: &[PlaceView<'_>], controls: &[&Content]) -> Learnt {
    let mut stable: Option<Vec<u64>> = None;
    let mut seen = Vec::new();
    for spot in spots {
        stable =
            Some(stable.map_or_else(|| spot.blurred.to_vec(), |kept| both(&kept, spot.blurred)));
        seen = either(&seen, spot.blurred);
    }
    let mut stable = stable.unwrap_or_default();
    let moving = spots
        .windows(2)
        .any(|pair| exact(&pair[0]) != exact(&pair[1]));
    if moving {
        // One token in a hundred does not look like one, so all of them count as one moving value.
        stable.retain(|value| *value != token());
    }
    let most = spots.iter().map(|spot| spot.blurred.len()).max();
    let most = most.unwrap_or(0);
    if 2 * stable.len() < most {
        // Where more changes than stands still, the rest may have stood still by chance.
        stable.clear();
    }
    Learnt {
        slots: most - stable.len(),
        exact: steady(spots, controls),
        kinds: spots.iter().fold(0, |kinds, spot| kinds | spot.kinds),
        always: spots.iter().all(|spot| !spot.is_empty()),
        stable,
        seen,
    }
}

/// Returns the exact values, where the controls show that they stand still.
fn steady(spots: &[PlaceView<'_>], controls: &[&Content]) -> Option<Vec<u64>> {
    let (first, rest) = spots.split_first()?;
    let times = || controls.iter().map(|control| control.at);
    let spread = times().max()? - times().min()?;
    if controls.len() < STEADY && (rest.is_empty() || spread < SECOND) {
        return None;
    }
    let exact = exact(first);
    let agreed = first.echoes.is_empty() && rest.iter().all(|spot| self::exact(spot) == exact);
    let clock = |value| {
        controls
            .first()
            .is_some_and(|c| tells_time(&c.excerpt(value)))
    };
    (agreed && !first.values.iter().any(clock)).then_some(exact)
}

fn exact(spot: &PlaceView<'_>) -> Vec<u64> {
    spot.values.iter().map(|value| value.exact).collect()
}

/// Finds where two answers differ beyond what a variant forgives.
fn compare(left: &Print, right: &Print, variant: Option<&Variant>) -> Option<Difference> {
    let (left, right) = (left.facts(), right.facts());
    let mut best = Best::default();
    let of_left = left.places.iter().enumerate().map(|at| (left, at));
    let of_right = right.places.iter().enumerate().map(|at| (right, at));
    let only_right = of_right.filter(|(_, (_, place))| !left.index.contains_key(&place.id));
    for (facts, (at, place)) in of_left.chain(only_right) {
        let (l, r) = (left.spot(place.id), right.spot(place.id));
        let learnt = variant.and_then(|variant| variant.places.get(&place.id));
        let differing = match learnt {
            None if variant.is_some_and(|v| v.is_new_field(facts, at)) => None,
            None => Unlike::of(&l, &r).any(),
            Some(learnt) => learnt.unforgiven(&l, &r),
        };
        if let Some((l_value, r_value)) = differing {
            best.offer(place.id, place.rank(), || Difference {
                place: facts.name(at),
                left: shown(left, &l, l_value),
                right: shown(right, &r, r_value),
                others: 0,
            });
        }
    }
    best.end()
}

/// The blurred values to show on the left and right, if any.
type Shown = (Option<u64>, Option<u64>);

/// Returns an excerpt of a value, or of the first one in the spot.
fn shown(facts: &Content, spot: &PlaceView<'_>, blurred: Option<u64>) -> Option<String> {
    let value = blurred.and_then(|blurred| spot.blurring_to(blurred));
    let value = value.or(spot.values.first());
    value.map(|value| facts.excerpt(value))
}

/// The values that only one side has.
struct Unlike {
    left: Vec<u64>,
    right: Vec<u64>,
    /// The same for values that hold an echo.
    left_echoes: Vec<u64>,
    right_echoes: Vec<u64>,
}

impl Unlike {
    fn of(left: &PlaceView<'_>, right: &PlaceView<'_>) -> Self {
        Self {
            left: minus(left.blurred, right.blurred),
            right: minus(right.blurred, left.blurred),
            left_echoes: minus(left.echoes, right.echoes),
            right_echoes: minus(right.echoes, left.echoes),
        }
    }

    /// Returns what differs when nothing is forgiven except the defaults of echoes.
    fn any(&self) -> Option<Shown> {
        let (left, right) = self.counted();
        let echoes = !self.left_echoes.is_empty() && !self.right_echoes.is_empty();
        (left + right > 0 || echoes)
            .then(|| (self.left.first().copied(), self.right.first().copied()))
    }

    /// Returns how many values only one side has, less those that an echo on the other side explains.
    fn counted(&self) -> (usize, usize) {
        let (left, right) = (self.left.len(), self.right.len());
        let (left_echoes, right_echoes) = (self.left_echoes.len(), self.right_echoes.len());
        (
            left.saturating_sub(right_echoes),
            right.saturating_sub(left_echoes),
        )
    }
}

impl Learnt {
    /// Returns what differs beyond what the controls showed to change.
    fn unforgiven(&self, left: &PlaceView<'_>, right: &PlaceView<'_>) -> Option<Shown> {
        let mut unlike = Unlike::of(left, right);
        let one_echoes = left.echoes.len() + right.echoes.len() > 0;
        if self.always && left.is_empty() != right.is_empty() {
            return Some((
                left.blurred.first().copied(),
                right.blurred.first().copied(),
            ));
        }
        if let Some(steady) = &self.exact
            && !one_echoes
        {
            let (l, r) = (exact(left), exact(right));
            // A value that was never seen may have any precision.
            if l != r && (l == *steady || r == *steady) {
                return Some((
                    minus(left.blurred, right.blurred).first().copied(),
                    minus(right.blurred, left.blurred).first().copied(),
                ));
            }
        }
        let (gone, come) = (
            both(&unlike.left, &self.stable),
            both(&unlike.right, &self.stable),
        );
        let defaults = unlike.left_echoes.len() + unlike.right_echoes.len();
        if gone.len() + come.len() > defaults {
            return Some((
                gone.first().or(unlike.left.first()).copied(),
                come.first().or(unlike.right.first()).copied(),
            ));
        }
        let new_kinds = (left.kinds | right.kinds) & !self.kinds;
        if new_kinds != 0 && !one_echoes && self.kinds != 0 && left.kinds != right.kinds {
            return unlike.any();
        }
        unlike.left = minus(&unlike.left, &self.seen);
        unlike.right = minus(&unlike.right, &self.seen);
        let room = self.slots + self.slots / 4;
        let (more_left, more_right) = unlike.counted();
        let echoes_differ =
            self.slots == 0 && !unlike.left_echoes.is_empty() && !unlike.right_echoes.is_empty();
        if more_left > room || more_right > room || echoes_differ {
            return Some((unlike.left.first().copied(), unlike.right.first().copied()));
        }
        None
    }
}
