//! Turns slots into text and back, with a keyed permutation.
//!
//! This module is the only place that decides a canary's characters, and it holds the inverse.
//! Finding candidates is left to `recognise`, and whether a slot was ever issued to `issued`.
//!
//! The permutation is a Feistel network over two halves counted in the shape's own alphabet, so
//! that it covers the payload's characters exactly: it adds modulo the half's size instead of using
//! exclusive or, and its round function is a keyed hash (`SipHash-2-4`). There are eight rounds: it
//! need not resist a cryptanalyst, only make a look-alike as improbable as a random one.

use std::sync::Arc;

use super::key::RunKey;
use super::mint::Slot;
use super::shape::{MARKER, Shape};

const ROUNDS: u8 = 8;
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Purposes of the keyed hash. They are part of the format and are never renumbered.
const MARKER_PURPOSE: u8 = 0;
const VARIANT_PURPOSE: u8 = 0x40;
const ROUND_PURPOSE: u8 = 0x80;

/// Prefixes, used in turn by slot number. None yields a valid key of the provider it resembles,
/// because what follows is always 32 lower-case letters and digits:
///
/// * `sk-`: `OpenAI`'s keys have 48 characters or more, with `T3BlbkFJ` in the middle, which has
///   capitals;
/// * `glpat-`: GitLab's tokens have 20 characters, or more with a `.` and a checksum;
/// * `xoxb-`: Slack's bot tokens are two groups of digits and one of letters, with dashes;
/// * `hf_`: Hugging Face's tokens are 34 letters;
/// * `key_`: we know of no provider that puts 32 characters after it.
pub(super) const PREFIXES: [&str; 5] = ["key_", "sk-", "glpat-", "xoxb-", "hf_"];

/// Turns slots into text and text into slots, for one key.
#[derive(Clone, Debug)]
pub(super) struct Codec {
    key: RunKey,
    /// The marker of every shape except `integer`: hexadecimal digits, the first a letter.
    pub(super) marker: [u8; MARKER],
    /// The marker of `integer`.
    pub(super) digits: [u8; MARKER],
    pub(super) domain: Arc<str>,
}

impl Codec {
    pub(super) fn new(key: RunKey, domain: &str) -> Codec {
        let marker = first_that(key, 1, 16, |m| {
            let letters = m.iter().filter(|b| b.is_ascii_alphabetic()).count();
            // Words contain no digits and numbers no letters, so neither can be a marker.
            m[0].is_ascii_alphabetic() && (2..=4).contains(&letters) && all_but_one_differ(*m)
        });
        let digits = first_that(key, 2, 10, |m| {
            // Years and Unix timestamps begin with 1 or 2, and an integer does not begin with 0.
            m[0] >= b'3' && all_but_one_differ(*m)
        });
        Codec {
            key,
            marker,
            digits,
            domain: domain.to_ascii_lowercase().into(),
        }
    }

    /// Returns the whole text of a canary.
    pub(super) fn write(&self, slot: Slot, shape: Shape) -> String {
        let mut text = String::with_capacity(48);
        text.push_str(lead(slot, shape));
        text.push_str(&self.core(slot, shape));
        match shape {
            Shape::Email => {
                text.push('@');
                text.push_str(&self.domain);
            }
            Shape::Url => text.push_str(".invalid"),
            _ => {}
        }
        text
    }

    /// Returns the marker and the payload.
    pub(super) fn core(&self, slot: Slot, shape: Shape) -> String {
        let payload = shape.payload();
        let (lsize, rsize) = (payload.left_size(), payload.right_size());
        let (mut left, mut right) = (u128::from(slot.0) / rsize, u128::from(slot.0) % rsize);
        for round in 0..ROUNDS {
            if round % 2 == 0 {
                left = (left + self.round(shape, round, right) % lsize) % lsize;
            } else {
                right = (right + self.round(shape, round, left) % rsize) % rsize;
            }
        }
        let mut core = Vec::with_capacity(64);
        core.extend_from_slice(self.marker_of(shape));
        push_digits(&mut core, left, payload.left, payload.radix);
        push_digits(&mut core, right, payload.right, payload.radix);
        if shape == Shape::Uuid {
            core = self.with_dashes(&core, slot);
        }
        core.into_iter().map(char::from).collect()
    }

    /// Returns the slot whose canary of this shape has its core at the beginning of `text`.
    ///
    /// `text` must be in lower case. The slot may be one that was never issued.
    pub(super) fn read(&self, text: &[u8], shape: Shape) -> Option<Slot> {
        let core = text.get(..shape.core_len())?;
        if !core.starts_with(self.marker_of(shape)) {
            return None;
        }
        let payload = shape.payload();
        let slot = if shape == Shape::Uuid {
            let fixed = |at: &usize| DASHES.contains(at) || *at == VERSION || *at == VARIANT;
            let digits: Vec<u8> = (0..core.len())
                .filter(|at| !fixed(at))
                .map(|at| core[at])
                .collect();
            self.decrypt(&digits[MARKER..], shape)?
        } else {
            self.decrypt(
                &core[MARKER..MARKER + usize::from(payload.left + payload.right)],
                shape,
            )?
        };
        // Checks the fixed characters (dashes, version, variant) by writing the canary again.
        (shape != Shape::Uuid || self.core(slot, shape).as_bytes() == core).then_some(slot)
    }

    fn decrypt(&self, symbols: &[u8], shape: Shape) -> Option<Slot> {
        let payload = shape.payload();
        let (lsize, rsize) = (payload.left_size(), payload.right_size());
        let (l, r) = symbols.split_at_checked(usize::from(payload.left))?;
        let (mut left, mut right) = (number(l, payload.radix)?, number(r, payload.radix)?);
        for round in (0..ROUNDS).rev() {
            if round % 2 == 0 {
                left = (left + lsize - self.round(shape, round, right) % lsize) % lsize;
            } else {
                right = (right + rsize - self.round(shape, round, left) % rsize) % rsize;
            }
        }
        let slot = left.checked_mul(rsize)?.checked_add(right)?;
        u32::try_from(slot).ok().map(Slot)
    }

    fn round(&self, shape: Shape, round: u8, half: u128) -> u128 {
        self.key
            .hash(ROUND_PURPOSE | shape.tweak(), &[u128::from(round), half])
    }

    pub(super) fn marker_of(&self, shape: Shape) -> &[u8; MARKER] {
        if shape == Shape::Integer {
            &self.digits
        } else {
            &self.marker
        }
    }

    /// Spreads thirty digits over a version 4 UUID.
    fn with_dashes(&self, digits: &[u8], slot: Slot) -> Vec<u8> {
        let choice = self.key.hash(VARIANT_PURPOSE, &[u128::from(slot.0)]) % 4;
        let variant = b"89ab"[usize::try_from(choice).unwrap_or(0)];
        let mut from = digits.iter();
        (0..36)
            .filter_map(|at| match at {
                at if DASHES.contains(&at) => Some(b'-'),
                VERSION => Some(b'4'),
                VARIANT => Some(variant),
                _ => from.next().copied(),
            })
            .collect()
    }
}

/// Positions of a UUID's dashes, its version and its variant.
const DASHES: [usize; 4] = [8, 13, 18, 23];
const VERSION: usize = 14;
const VARIANT: usize = 19;

/// Returns the text that precedes the core.
pub(super) fn lead(slot: Slot, shape: Shape) -> &'static str {
    match shape {
        Shape::Prefixed => PREFIXES[slot.0 as usize % PREFIXES.len()],
        Shape::Url => "https://",
        _ => "",
    }
}

fn first_that(
    key: RunKey,
    which: u128,
    radix: u8,
    wanted: impl Fn(&[u8; MARKER]) -> bool,
) -> [u8; MARKER] {
    let mut count = 0_u128;
    loop {
        let mut bits = key.hash(MARKER_PURPOSE, &[which, count]);
        let marker = std::array::from_fn(|_| {
            let digit = bits % u128::from(radix);
            bits /= u128::from(radix);
            symbol(digit)
        });
        if wanted(&marker) {
            return marker;
        }
        count += 1;
    }
}

/// Returns whether at least five characters are different, and the first three all differ.
///
/// The marker and its mirror image can then be told apart by three characters.
fn all_but_one_differ(marker: [u8; MARKER]) -> bool {
    let mut sorted = marker;
    sorted.sort_unstable();
    let same = sorted.windows(2).filter(|pair| pair[0] == pair[1]).count();
    same <= 1 && marker[0] != marker[1] && marker[0] != marker[2] && marker[1] != marker[2]
}

fn symbol(digit: u128) -> u8 {
    usize::try_from(digit)
        .ok()
        .and_then(|d| DIGITS.get(d))
        .copied()
        .unwrap_or(b'0')
}

fn push_digits(to: &mut Vec<u8>, mut number: u128, count: u8, radix: u8) {
    let start = to.len();
    for _ in 0..count {
        to.push(symbol(number % u128::from(radix)));
        number /= u128::from(radix);
    }
    to[start..].reverse();
}

fn number(symbols: &[u8], radix: u8) -> Option<u128> {
    symbols.iter().try_fold(0_u128, |sum, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            _ => return None,
        };
        (digit < radix).then(|| sum * u128::from(radix) + u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codec(seed: u64) -> Codec {
        Codec::new(RunKey::from_seed(seed), "example.com")
    }

    #[test]
    fn every_slot_of_every_shape_reads_back() {
        let codec = codec(3);
        for shape in Shape::ALL {
            let top = u32::try_from(shape.capacity() - 1).unwrap();
            for slot in [0, 1, 2, 41, 1_679_614, 999_999, top - 1, top]
                .into_iter()
                .map(Slot)
            {
                let core = codec.core(slot, shape);
                assert_eq!(core.len(), shape.core_len(), "{shape:?}");
                assert_eq!(
                    codec.read(core.as_bytes(), shape),
                    Some(slot),
                    "{shape:?} {core}"
                );
            }
        }
    }

    #[test]
    fn different_slots_have_different_texts() {
        let codec = codec(3);
        for shape in Shape::ALL {
            let texts: std::collections::HashSet<_> = (0..2_000)
                .map(|slot| codec.write(Slot(slot), shape))
                .collect();
            assert_eq!(texts.len(), 2_000, "{shape:?}");
        }
    }

    #[test]
    fn neighbouring_slots_do_not_look_alike() {
        let codec = codec(3);
        let (one, two) = (
            codec.core(Slot(7), Shape::Token),
            codec.core(Slot(8), Shape::Token),
        );
        let same = one
            .bytes()
            .zip(two.bytes())
            .skip(MARKER)
            .filter(|(a, b)| a == b)
            .count();
        assert!(same < 8, "{one} {two}");
    }

    #[test]
    fn one_changed_character_is_refused_by_every_strong_shape() {
        let codec = codec(4);
        for shape in Shape::ALL.into_iter().filter(|shape| shape.is_strong()) {
            let core = codec.core(Slot(5), shape).into_bytes();
            for at in 0..core.len() {
                for other in b"0123456789abcdefg-" {
                    let mut changed = core.clone();
                    changed[at] = *other;
                    let expected = (changed == core).then_some(Slot(5));
                    assert_eq!(codec.read(&changed, shape), expected, "{shape:?} {at}");
                }
            }
        }
    }

    #[test]
    fn markers_mix_letters_and_digits_under_any_key() {
        for seed in 0..500 {
            let codec = codec(seed);
            let letters = codec
                .marker
                .iter()
                .filter(|b| b.is_ascii_alphabetic())
                .count();
            assert!(codec.marker[0].is_ascii_alphabetic() && (2..=4).contains(&letters));
            assert!(codec.digits.iter().all(u8::is_ascii_digit) && codec.digits[0] > b'2');
        }
    }

    #[test]
    fn a_uuid_is_a_valid_version_4() {
        let pattern = regex::Regex::new("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$").unwrap();
        let codec = codec(5);
        for slot in 0..200 {
            let text = codec.write(Slot(slot), Shape::Uuid);
            assert!(pattern.is_match(&text), "{text}");
            assert_eq!(text.as_bytes()[14], b'4');
            assert!(b"89ab".contains(&text.as_bytes()[19]));
        }
    }

    #[test]
    fn an_integer_has_fifteen_digits_below_two_to_the_53() {
        let codec = codec(6);
        for slot in 0..200 {
            let number: u64 = codec.write(Slot(slot), Shape::Integer).parse().unwrap();
            assert!((100_000_000_000_000..1 << 53).contains(&number));
        }
    }

    #[test]
    fn a_prefixed_key_is_valid_at_no_provider() {
        // The published forms of keys with these prefixes.
        let valid = regex::Regex::new(
            "^(sk-[A-Za-z0-9_-]*T3BlbkFJ[A-Za-z0-9_-]+|glpat-[A-Za-z0-9_-]{20}\
             |glpat-[A-Za-z0-9_-]{27,300}\\.[0-9a-z]{9}|xoxb-[0-9]+-[0-9]+-?[A-Za-z0-9-]*\
             |hf_[A-Za-z]{34})$",
        )
        .unwrap();
        assert!(
            valid.is_match(&format!("hf_{}", "a".repeat(34))),
            "the test can fail"
        );
        let codec = codec(7);
        for slot in 0..500 {
            let text = codec.write(Slot(slot), Shape::Prefixed);
            assert!(!valid.is_match(&text), "{text}");
        }
    }
}
