//! How many samples a comparison of groups needs, and in which order to take them.
//!
//! Owns: the probabilities. Leaves out: the comparison (`groups`).

/// More samples than any scan would send.
const MOST: usize = 64;

/// Returns the chance that two groups of answers of *one* kind are told apart, where each answer is one
/// of `variants` wholly different pages, all equally likely and chosen anew for every request.
///
/// Some variant `v` must appear in all `left` answers and in none of the `right` ones, or vice versa:
/// `E(n, m) = k · k⁻ⁿ · ((k−1)/k)ᵐ` each, and `k·(k−1)·k⁻⁽ⁿ⁺ᵐ⁾` for both at once. With two variants,
/// three answers on each side still differ by chance once in 32 cases; six, once in 2,048.
///
/// For a banner that always has its place, [`reliably_differ`](super::reliably_differ) is stricter (the
/// other group must not show it changing), and the chance is that last term alone, `(k−1)/k⁽ⁿ⁺ᵐ⁻¹⁾`.
/// Parts that change independently each add a chance of their own.
pub fn false_chance(variants: usize, left: usize, right: usize) -> f64 {
    let whole = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let power = |base: f64, exponent: usize| base.powf(whole(exponent));
    let k = whole(variants);
    if variants < 2 {
        return 0.0;
    }
    let one = |all: usize, none: usize| k * power(1.0 / k, all) * power((k - 1.0) / k, none);
    let both = k * (k - 1.0) * power(1.0 / k, left + right);
    (one(left, right) + one(right, left) - both).clamp(0.0, 1.0)
}

/// Returns how many answers each of two groups needs so that pages with up to `variants` rotating
/// variants make the groups differ by chance no more often than `chance`.
pub fn samples_needed(variants: usize, chance: f64) -> usize {
    (2..MOST)
        .find(|samples| {
            // A few variants may be worse than many, so the worst case up to the given number counts.
            (2..=variants).all(|k| false_chance(k, *samples, *samples) <= chance)
        })
        .unwrap_or(MOST)
}

/// Returns the order in which to send `roles` different requests in a round: `0, 1, 2`, then `2, 0, 1`,
/// then `1, 2, 0`, and so on.
///
/// If the order never changed, a server that serves its variants in turn would give each role the same
/// variant in every round. In this order, each role comes twice in a row once within `roles + 1`
/// rounds, so no period fits.
pub fn turn(roles: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..roles).map(move |at| (at + roles - round % roles) % roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_variants_need_six_samples_for_one_in_a_thousand() {
        assert!((false_chance(2, 3, 3) - 1.0 / 32.0).abs() < 1e-9);
        assert!((false_chance(2, 6, 6) - 1.0 / 2048.0).abs() < 1e-9);
        assert_eq!(samples_needed(2, 0.001), 6);
        assert_eq!(samples_needed(8, 0.001), 6);
        assert_eq!(samples_needed(2, 0.05), 3);
    }

    #[test]
    fn the_chance_is_what_counting_every_case_gives() {
        for (k, left, right) in [(2_u32, 2, 2), (3, 2, 3), (4, 3, 2)] {
            let total = left + right;
            let cases = k.pow(total);
            let differing = (0..cases).filter(|case| {
                let drawn: Vec<u32> = (0..total).map(|at| case / k.pow(at) % k).collect();
                let (l, r) = drawn.split_at(usize::try_from(left).unwrap());
                let marks =
                    |a: &[u32], b: &[u32]| a.iter().all(|v| *v == a[0]) && !b.contains(&a[0]);
                marks(l, r) || marks(r, l)
            });
            let counted = f64::from(u32::try_from(differing.count()).unwrap()) / f64::from(cases);
            let computed = false_chance(
                usize::try_from(k).unwrap(),
                usize::try_from(left).unwrap(),
                usize::try_from(right).unwrap(),
            );
            assert!((counted - computed).abs() < 1e-9, "{k} {left} {right}");
        }
    }

    #[test]
    fn no_role_meets_a_rotating_page_always_in_the_same_state() {
        for roles in 2..5 {
            for period in 2..12 {
                let asked: Vec<usize> = (0..=roles).flat_map(|round| turn(roles, round)).collect();
                for role in 0..roles {
                    let states = (0..asked.len()).filter(|at| asked[*at] == role);
                    let states: std::collections::BTreeSet<usize> =
                        states.map(|at| at % period).collect();
                    assert!(states.len() > 1, "{roles} roles, period {period}");
                }
            }
        }
    }
}
