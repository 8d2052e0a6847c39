//! Runs of hexadecimal digits as a layer.
//!
//! This module finds them inside a run, tests whether they hold text, and decodes them from either
//! end and at either nibble. Runs of a digest's length are passed to `digests`.

use std::ops::Range;

use super::super::transform::Transform;
use super::inflate;
use super::lanes::{self, LANES, Stretches, stretches_of_word};
use super::runs::Run;
use super::{LAYERS, Match, Recogniser, Start, Work};

/// Number of digits that hold ten bytes, the shortest canary.
const SHORTEST: usize = 20;

impl Recogniser {
    #[inline(never)]
    pub(super) fn hexadecimal(
        &self,
        run: &Run<'_>,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let chars = &run.chars[..];
        if !might_hold_digits(chars) {
            return;
        }
        let is_digit = |b: u8| (b.wrapping_sub(b'0') < 10) | ((b | 0x20).wrapping_sub(b'a') < 6);
        let mut visit = |digits: Range<usize>| {
            self.digests_in_hex(run, digits.clone(), found);
            if depth < LAYERS {
                self.hex_digits(run, digits, depth, work, found);
            }
        };
        if chars.len() <= LANES {
            stretches_of_word::<SHORTEST>(lanes::bits(chars, is_digit), visit);
            return;
        }
        let mut stretches: Stretches<'_, SHORTEST, _> = Stretches::new(self.arch, chars, is_digit);
        while let Some(digits) = stretches.next() {
            stretches.go_on_from(digits.end);
            visit(digits);
        }
    }

    fn hex_digits(
        &self,
        run: &Run<'_>,
        digits: Range<usize>,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let Range { start: from, end } = digits;
        let chars = &run.chars[from..end];
        let ascii = ascii(chars);
        for reversed in [false, true] {
            for skip in 0..2 {
                // Read from the end, the first digit is the last one.
                let first = if reversed {
                    chars.len() - 1 - skip
                } else {
                    skip
                };
                let stream = skip == 0 && begins_with_stream(chars, reversed);
                if !stream && !ascii[first % 2] {
                    continue;
                }
                let decoded = decode(chars, reversed, skip);
                if !work.spend(decoded.len()) {
                    return;
                }
                let mut inside = Vec::new();
                self.layer(&decoded, depth + 1, Start::OfStream, work, &mut inside);
                found.extend(inside.into_iter().map(|mut m| {
                    let (s, e) = (skip + m.span.start * 2, skip + m.span.end * 2);
                    m.transforms.insert(0, Transform::Hex);
                    if reversed {
                        m.transforms.insert(0, Transform::Reversed);
                        m.span = run.source(end - e..end - s);
                    } else {
                        m.span = run.source(from + s..from + e);
                    }
                    m
                }));
            }
        }
    }
}

/// Returns whether a run may have twenty hexadecimal digits in a row.
///
/// In a short run, only every twentieth character is tested, which rules out most words.
fn might_hold_digits(chars: &[u8]) -> bool {
    chars.len() >= LANES * 2 || {
        let mut probes = chars.iter().skip(SHORTEST - 1).step_by(SHORTEST);
        probes.any(u8::is_ascii_hexdigit)
    }
}

/// Returns whether ten bytes in a row are ASCII, for bytes at even digits and for those at odd
/// ones.
fn ascii(chars: &[u8]) -> [bool; 2] {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let mut found = [false; 2];
    for start in (0..chars.len()).step_by(LANES - SHORTEST) {
        let window = &chars[start..chars.len().min(start + LANES)];
        let low = lanes::bits(window, |b| b < b'8');
        // The second digit of a byte may be anything, even if it lies beyond the end.
        for (parity, other) in [(0, !EVEN), (1, EVEN)] {
            let mut streak = low | other;
            streak &= streak >> 1;
            streak &= streak >> 2;
            streak &= streak >> 4;
            streak &= streak >> 8;
            streak &= streak >> 3;
            found[parity] |= streak != 0;
        }
    }
    found
}

/// Number of digits that show whether a compressed stream begins.
const BEGINNING: usize = 24;

/// Returns whether a compressed stream, with or without its header, begins here.
fn begins_with_stream(chars: &[u8], reversed: bool) -> bool {
    let mut bytes = [0; BEGINNING / 2];
    if reversed {
        for (to, pair) in bytes.iter_mut().zip(chars.rchunks_exact(2)) {
            *to = value_of(pair[1]) << 4 | value_of(pair[0]);
        }
    } else {
        for (to, pair) in bytes.iter_mut().zip(chars.chunks_exact(2)) {
            *to = value_of(pair[0]) << 4 | value_of(pair[1]);
        }
    }
    inflate::has_header(&bytes) || inflate::is_plausible(&bytes, chars.len() / 2)
}

/// Decodes digits from the `skip`th on, counted from the end at which reading begins.
pub(super) fn decode(chars: &[u8], reversed: bool, skip: usize) -> Vec<u8> {
    let pair = |first: u8, second: u8| value_of(first) << 4 | value_of(second);
    if reversed {
        let chars = &chars[..chars.len() - skip];
        chars
            .rchunks_exact(2)
            .map(|digits| pair(digits[1], digits[0]))
            .collect()
    } else {
        chars[skip..]
            .chunks_exact(2)
            .map(|digits| pair(digits[0], digits[1]))
            .collect()
    }
}

/// Returns the value of a hexadecimal digit, without branches.
///
/// The low four bits of `0` to `9` are the value; bit 6 marks a letter, which needs nine added.
#[inline(always)]
fn value_of(digit: u8) -> u8 {
    (digit & 0xf) + 9 * (digit >> 6)
}
