//! Runs of base64 as a layer.
//!
//! Owns the question whether a run is worth decoding, the decoding itself at each alignment and
//! read from either end, and the map back. Leaves out what is done with the bytes.
//!
//! Whatever a run hides begins with characters of ASCII or with the header of a compressed
//! stream. Which bits of a base64 digit are the top bits of the bytes it encodes is known for
//! each alignment, so whether ten bytes in a row are ASCII is asked of the digits themselves,
//! sixty-four at a time; most words and paths that happen to be base64 digits end here. Long
//! runs are decoded without asking, at all four alignments.

use super::super::transform::Transform;
use super::inflate;
use super::runs::Run;
use super::{Match, Recogniser, Start, Work};

/// From here on, asking costs more than decoding.
const LONG: usize = 192;

/// Longer runs are not tried from their end.
const LONGEST_REVERSED: usize = 1024;

/// Digits that hold ten bytes, the shortest canary, at any alignment.
const STREAK: usize = 13;

/// Digits that show whether a compressed stream begins a run.
const HEADER: usize = 64;

/// Which alignments of a run are worth decoding, a bit for each.
#[derive(Clone, Copy, Default)]
struct Worth {
    forward: u8,
    backward: u8,
}

impl Recogniser {
    pub(super) fn base64(
        &self,
        run: &Run<'_>,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let chars = &run.chars[..];
        let worth = worth(chars);
        if worth.forward | worth.backward == 0 {
            return;
        }
        for skip in 0..4 {
            if worth.forward & 1 << skip != 0 {
                self.aligned(run, skip, false, depth, work, found);
            }
        }
        if worth.backward != 0 {
            for skip in 0..4 {
                if worth.backward & 1 << skip != 0 {
                    self.aligned(run, skip, true, depth, work, found);
                }
            }
        }
    }

    /// Decodes a run from its `skip`th digit on and searches what it holds.
    fn aligned(
        &self,
        run: &Run<'_>,
        skip: usize,
        reversed: bool,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let len = run.chars.len();
        let mut digits = Vec::with_capacity(len);
        if reversed {
            digits.extend(run.chars.iter().rev().skip(skip).copied().map(normal));
        } else {
            digits.extend(run.chars[skip.min(len)..].iter().copied().map(normal));
        }
        let decoded = decode(digits);
        if !work.spend(decoded.len()) {
            return;
        }
        let start = if skip == 0 {
            Start::OfStream
        } else {
            Start::Within
        };
        let mut inside = Vec::new();
        self.layer(&decoded, depth + 1, start, work, &mut inside);
        found.extend(inside.into_iter().map(|mut m| {
            let from = skip + m.span.start * 4 / 3;
            let to = (skip + (m.span.end * 4).div_ceil(3)).min(len);
            m.transforms.insert(0, Transform::Base64);
            if reversed {
                m.transforms.insert(0, Transform::Reversed);
                m.span = run.source(len - to..len - from);
            } else {
                m.span = run.source(from..to);
            }
            m
        }));
    }
}

fn worth(chars: &[u8]) -> Worth {
    if chars.len() >= LONG {
        let mut worth = if chars.len() <= LONGEST_REVERSED {
            streaks(chars)
        } else {
            Worth::default()
        };
        worth.forward = 0b1111;
        return worth;
    }
    let mut worth = streaks(chars);
    for at in memchr::memchr2_iter(b'e', b'H', chars) {
        if is_header(&chars[at..]) {
            worth.forward |= 1 << (at % 4);
        }
    }
    if begins_with_stream(chars) {
        worth.forward |= 1;
    }
    let mut end = [0; 4];
    for (to, from) in end.iter_mut().zip(chars.iter().rev()) {
        *to = *from;
    }
    if is_header(&end) {
        worth.backward |= 1;
    }
    worth
}

/// The alignments at which ten bytes in a row are ASCII.
fn streaks(chars: &[u8]) -> Worth {
    let len = chars.len();
    let mut worth = Worth::default();
    let mut start = 0;
    loop {
        let window = &chars[start..len.min(start + 64)];
        let mut clear = [0_u64; 3];
        for (i, byte) in window.iter().enumerate() {
            let bits = u64::from(CLEAR[usize::from(*byte)]);
            clear[0] |= (bits & 1) << i;
            clear[1] |= (bits >> 1 & 1) << i;
            clear[2] |= (bits >> 2 & 1) << i;
        }
        for skip in 0..4_usize {
            // Role r is played by the digits i with i ≡ skip + r, the window's start included.
            let role = |r: usize| EVERY_FOURTH << ((skip + r + 4 - start % 4) % 4);
            let fits = (clear[0] | !role(0)) & (clear[1] | !role(1)) & (clear[2] | !role(2));
            worth.forward |= u8::from(has_streak(fits, window.len())) << skip;
            // From the end, digit i plays the role (len - 1 - i - skip).
            let role = |r: usize| EVERY_FOURTH << ((len - start + 7 - skip - r) % 4);
            let fits = (clear[0] | !role(0)) & (clear[1] | !role(1)) & (clear[2] | !role(2));
            worth.backward |= u8::from(has_streak(fits, window.len())) << skip;
        }
        if start + 64 >= len {
            return worth;
        }
        start += 64 - STREAK + 1;
    }
}

const EVERY_FOURTH: u64 = 0x1111_1111_1111_1111;

fn has_streak(fits: u64, len: usize) -> bool {
    let within = if len < 64 { (1 << len) - 1 } else { u64::MAX };
    let mut streak = fits & within;
    streak &= streak >> 1;
    streak &= streak >> 2;
    streak &= streak >> 4;
    streak &= streak >> 5;
    streak != 0
}

/// Which top bits a digit leaves clear: of the first, the second, the third byte of a group.
const CLEAR: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation)]
        if let Some(value) = value(byte as u8) {
            table[byte] =
                (value < 32) as u8 | ((value & 8 == 0) as u8) << 1 | ((value & 2 == 0) as u8) << 2;
        }
        byte += 1;
    }
    table
};

const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Whether base64 of a header of gzip, or of zlib at any level, begins here.
fn is_header(chars: &[u8]) -> bool {
    matches!(
        chars,
        [b'e', b'A', b'E'..=b'H', ..]
            | [b'e', b'F', b'4'..=b'7', ..]
            | [b'e', b'J', b'w'..=b'z', ..]
            | [b'e', b'N', b'o'..=b'r', ..]
            | [b'H', b'4', b's', b'I', ..]
    )
}

/// Whether the run looks like a compressed stream without a header.
fn begins_with_stream(chars: &[u8]) -> bool {
    let chars = &chars[..chars.len().min(HEADER)];
    // A word without capitals is no stream; neither is a path.
    chars.len() > STREAK
        && chars.iter().any(u8::is_ascii_uppercase)
        && inflate::is_plausible(&decode(chars.iter().copied().map(normal).collect()))
}

/// A digit of either alphabet in the common one.
pub(super) fn normal(digit: u8) -> u8 {
    match digit {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

/// Decodes digits of the common alphabet; a last group of one digit holds no byte.
pub(super) fn decode(mut digits: Vec<u8>) -> Vec<u8> {
    let groups = digits.len() / 4 * 4;
    let mut last = [0_u8; 4];
    let rest = digits.len() - groups;
    for (to, from) in last.iter_mut().zip(&digits[groups..]) {
        *to = value(*from).unwrap_or(0);
    }
    digits.truncate(groups);
    let len = base64_simd::STANDARD_NO_PAD
        .decode_inplace(&mut digits)
        .map_or(0, |b| b.len());
    digits.truncate(len);
    if rest > 1 {
        digits.push(last[0] << 2 | last[1] >> 4);
    }
    if rest > 2 {
        digits.push(last[1] << 4 | last[2] >> 2);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::Engine as _;
    use ::base64::prelude::BASE64_STANDARD_NO_PAD;

    #[test]
    fn decoding_is_that_of_the_standard() {
        for len in 0..100_u8 {
            let bytes: Vec<u8> = (0..len).map(|i| i.wrapping_mul(91)).collect();
            let text = BASE64_STANDARD_NO_PAD.encode(&bytes);
            assert_eq!(decode(text.into_bytes()), bytes);
        }
    }

    #[test]
    fn ten_characters_are_worth_decoding_wherever_they_stand() {
        for before in 0..130 {
            for after in [0, 1, 2, 60] {
                let mut bytes = vec![0xff; before];
                bytes.extend_from_slice(b"a0b1c2d3e4");
                bytes.extend(vec![0xff; after]);
                let text = BASE64_STANDARD_NO_PAD.encode(&bytes).into_bytes();
                for glue in 0..4 {
                    let mut chars = vec![b'_'; glue];
                    chars.extend_from_slice(&text);
                    let place = format!("{before} {after} {glue}");
                    assert!(streaks(&chars).forward & 1 << (glue % 4) != 0, "{place}");
                    chars.reverse();
                    assert!(streaks(&chars).backward & 1 << (glue % 4) != 0, "{place}");
                }
            }
        }
    }

    #[test]
    fn words_and_paths_are_not_worth_decoding() {
        for text in [
            "addEventListener",
            "/static/js/vendor/bootstrap",
            "encodeURIComponent",
        ] {
            let worth = worth(text.as_bytes());
            assert_eq!(worth.forward | worth.backward, 0, "{text}");
        }
    }
}
