//! Runs of base64 as a layer.
//!
//! This module decides which parts of a run are worth decoding, decodes them at each alignment and
//! from either end, and maps positions back. What happens to the bytes is decided elsewhere.
//!
//! Anything hidden in a run begins with ASCII characters or with the header of a compressed stream.
//! For each alignment it is known which bits of a base64 digit are the top bits of the encoded
//! bytes, so the digits themselves show whether ten bytes in a row are ASCII, sixty-four digits at
//! a time. Most words and paths that happen to consist of base64 digits are rejected here. A long
//! run is always decoded at the alignment given by its beginning; at the other alignments, only the
//! surroundings of such ASCII are.

use std::borrow::Cow;
use std::ops::Range;

use pulp::{Arch, NullaryFnOnce};

use super::super::transform::Transform;
use super::inflate;
use super::lanes::{self, LANES};
use super::runs::Run;
use super::{LAYERS, Match, Recogniser, Start, Work};

/// From this length on, decoding from the beginning costs less than testing whether to.
const LONG: usize = 256;

/// Longer runs are not tried in reverse.
const LONGEST_REVERSED: usize = 1024;

/// Number of digits that hold ten bytes, the shortest canary, at any alignment.
const STREAK: usize = 13;

/// Number of digits decoded on each side of a window of a long run: text may reach this far into
/// a window without being noticed there.
const MARGIN: usize = 32;

/// Number of digits that show whether a compressed stream begins: they hold twelve bytes.
const BEGINNING: usize = 16;

/// A part of a run to be decoded.
struct Part {
    digits: Range<usize>,
    reversed: bool,
}

impl Recogniser {
    #[inline(never)]
    pub(super) fn base64(
        &self,
        run: &Run<'_>,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let chars = &run.chars[..];
        self.digests_in_base64(run, found);
        if depth == LAYERS {
            return;
        }
        let parts = if chars.len() < LONG {
            of_short(self.arch, chars)
        } else {
            of_long(self.arch, chars)
        };
        for part in parts {
            self.part(run, &part, depth, work, found);
        }
    }

    /// Decodes part of a run and searches the result.
    fn part(
        &self,
        run: &Run<'_>,
        part: &Part,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let Part {
            digits: Range { start, end },
            reversed,
        } = *part;
        let mut digits = Cow::Borrowed(&run.chars[start..end]);
        if reversed {
            digits.to_mut().reverse();
        }
        let decoded = decode(&digits);
        if !work.spend(decoded.len()) {
            return;
        }
        let mut inside = Vec::new();
        self.layer(&decoded, depth + 1, Start::OfStream, work, &mut inside);
        found.extend(inside.into_iter().map(|mut m| {
            let from = m.span.start * 4 / 3;
            let to = (m.span.end * 4).div_ceil(3).min(end - start);
            m.transforms.insert(0, Transform::Base64);
            if reversed {
                m.transforms.insert(0, Transform::Reversed);
                m.span = run.source(end - to..end - from);
            } else {
                m.span = run.source(start + from..start + to);
            }
            m
        }));
    }
}

/// Lists the parts of a short run: the whole of it, at each alignment that is worth decoding.
fn of_short(arch: Arch, chars: &[u8]) -> Vec<Part> {
    let mut forward = u8::from(inflate::is_plausible(
        &beginning(chars),
        chars.len() / 4 * 3,
    ));
    let mut backward = 0;
    for start in (0..chars.len()).step_by(STEP) {
        let clear = clear(&chars[start..chars.len().min(start + LANES)]);
        for skip in 0..4 {
            forward |= u8::from(forward_text(chars, clear, start, skip)) << skip;
            backward |= u8::from(backward_text(chars, clear, start, skip)) << skip;
        }
    }
    for at in headers(arch, chars) {
        forward |= 1 << (at % 4);
    }
    let mut end = [0; BEGINNING];
    for (to, from) in end.iter_mut().zip(chars.iter().rev()) {
        *to = *from;
    }
    backward |= u8::from(is_header(&end));
    let wanted = |bits: u8| (0..4).filter(move |skip| bits & 1 << skip != 0);
    let forward = wanted(forward).map(|skip| Part {
        digits: skip..chars.len(),
        reversed: false,
    });
    let backward = wanted(backward).map(|skip| Part {
        digits: 0..chars.len() - skip,
        reversed: true,
    });
    forward.chain(backward).collect()
}

/// Lists the parts of a long run: all of it from its beginning, and pieces at the other alignments.
fn of_long(arch: Arch, chars: &[u8]) -> Vec<Part> {
    let len = chars.len();
    let mut parts = vec![Part {
        digits: 0..len,
        reversed: false,
    }];
    let mut open: [Option<Range<usize>>; 4] = [const { None }; 4];
    let mut backward = 0_u8;
    let windows = arch.dispatch(Windows(chars));
    for (number, clear) in windows.into_iter().enumerate() {
        let start = number * STEP;
        for (skip, open) in open.iter_mut().enumerate().skip(1) {
            if forward_text(chars, clear, start, skip) {
                let from = start.saturating_sub(MARGIN) / 4 * 4 + skip;
                let to = len.min(start + LANES + MARGIN);
                match open {
                    Some(part) if part.end >= from => part.end = to,
                    part => {
                        let done = part.replace(from..to);
                        parts.extend(done.map(|digits| Part {
                            digits,
                            reversed: false,
                        }));
                    }
                }
            }
        }
        if len <= LONGEST_REVERSED {
            for skip in 0..4 {
                backward |= u8::from(backward_text(chars, clear, start, skip)) << skip;
            }
        }
    }
    parts.extend(open.into_iter().flatten().map(|digits| Part {
        digits,
        reversed: false,
    }));
    parts.extend(
        headers(arch, chars)
            .into_iter()
            .filter(|at| at % 4 != 0)
            .map(|at| Part {
                digits: at..len,
                reversed: false,
            }),
    );
    for skip in (0..4).filter(|skip| backward & 1 << skip != 0) {
        parts.push(Part {
            digits: 0..len - skip,
            reversed: true,
        });
    }
    parts
}

/// Finds base64-encoded gzip or zlib headers that may be followed by a stream.
fn headers(arch: Arch, chars: &[u8]) -> Vec<usize> {
    let mut headers = Vec::new();
    let second = |b: u8| (b == b'A') | (b == b'F') | (b == b'J') | (b == b'N') | (b == b'4');
    lanes::each_pair(
        arch,
        chars,
        |b| (b == b'e') | (b == b'H'),
        second,
        |at| {
            let stream = &chars[at..];
            let gzip = stream[0] == b'H';
            if is_header(stream)
                && (gzip || inflate::is_plausible(&beginning(stream)[2..], stream.len() / 4 * 3))
            {
                headers.push(at);
            }
        },
    );
    headers
}

/// Returns whether a base64-encoded header begins here: gzip, or zlib at any level.
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

/// Returns the first bytes that the digits encode, padded with zeros.
fn beginning(chars: &[u8]) -> [u8; BEGINNING / 4 * 3] {
    let mut bytes = [0; BEGINNING / 4 * 3];
    for (group, to) in chars.chunks_exact(4).zip(bytes.chunks_exact_mut(3)) {
        let bits = group.iter().fold(0_u32, |bits, d| {
            bits << 6 | u32::from(VALUES[usize::from(*d)])
        });
        to.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    bytes
}

/// Distance between windows, chosen so that every streak lies within a single window.
const STEP: usize = LANES - STREAK + 1;

/// Computes what `clear` returns for each window of a long run.
struct Windows<'a>(&'a [u8]);

impl NullaryFnOnce for Windows<'_> {
    type Output = Vec<[u64; 3]>;

    #[inline(always)]
    fn call(self) -> Vec<[u64; 3]> {
        let len = self.0.len();
        let mut windows = vec![[0; 3]; len.div_ceil(STEP)];
        for (number, window) in windows.iter_mut().enumerate() {
            let start = number * STEP;
            *window = clear(&self.0[start..len.min(start + LANES)]);
        }
        windows
    }
}

/// Returns which top bits each digit leaves clear, for the first, second and third byte of a group.
#[inline(always)]
fn clear(window: &[u8]) -> [u64; 3] {
    let mut values = [0xff_u8; LANES];
    values[..window.len()].copy_from_slice(window);
    let (mut first, mut second, mut third) = ([0; LANES], [0; LANES], [0; LANES]);
    for i in 0..LANES {
        let value = value_of(values[i]);
        // Shifts the bit to the highest position and inverts it, so that it is set where the
        // digit's is clear.
        first[i] = !(value << 2);
        second[i] = !(value << 4);
        third[i] = !(value << 6);
    }
    [&first, &second, &third].map(lanes::gather)
}

/// Returns whether the window at `start` holds text at an alignment.
fn forward_text(chars: &[u8], clear: [u64; 3], start: usize, skip: usize) -> bool {
    let streaks = streaks(clear, |r| skip + r + 4 - start % 4);
    lanes::places(streaks).any(|place| is_text(chars.len(), start + place, skip, |at| chars[at]))
}

/// Returns whether the window at `start` holds text at an alignment, read from the run's end.
fn backward_text(chars: &[u8], clear: [u64; 3], start: usize, skip: usize) -> bool {
    let len = chars.len();
    // Read from the end, digit i plays the role (len - 1 - i - skip).
    let streaks = streaks(clear, |r| len - start + 7 - skip - r);
    lanes::places(streaks).any(|place| {
        let last = (start + place + STREAK).min(len);
        is_text(len, len - last, skip, |at| chars[len - 1 - at])
    })
}

/// Returns whether ten bytes in a row are printable, or zero as in UTF-16, around a streak of
/// digits that would allow it. Few streaks pass this test.
fn is_text(len: usize, streak: usize, skip: usize, digit: impl Fn(usize) -> u8) -> bool {
    // From the group before the streak to the one after it.
    let before = (streak + 4 - skip) % 4 + 4;
    let begin = streak.checked_sub(before).unwrap_or(skip);
    let mut in_a_row = 0;
    for group in (begin..len.min(begin + STREAK + 12)).step_by(4) {
        let value = |i: usize| {
            if group + i < len {
                VALUES[usize::from(digit(group + i))]
            } else {
                0
            }
        };
        let bits = (0..4).fold(0, |bits, i| bits << 6 | u32::from(value(i)));
        for byte in &bits.to_be_bytes()[1..] {
            let text = (b' '..=b'~').contains(byte) || b"\0\n\r\t".contains(byte);
            in_a_row = if text { in_a_row + 1 } else { 0 };
            if in_a_row == 10 {
                return true;
            }
        }
    }
    false
}

/// Returns where thirteen digits in a row leave everything clear, if every fourth digit from
/// `role(r)` on plays role r.
#[inline]
fn streaks(clear: [u64; 3], role: impl Fn(usize) -> usize) -> u64 {
    const EVERY_FOURTH: u64 = 0x1111_1111_1111_1111;
    let other = |r: usize| !(EVERY_FOURTH << (role(r) % 4));
    lanes::streaks::<STREAK>((clear[0] | other(0)) & (clear[1] | other(1)) & (clear[2] | other(2)))
}

/// The value of each digit.
const VALUES: [u8; 256] = {
    let mut values = [0; 256];
    let mut digit = 0_u8;
    while digit < 128 {
        values[digit as usize] = value_of(digit);
        digit += 1;
    }
    values
};

/// Returns the value of a digit, without branches; any other byte gets one that leaves nothing
/// clear.
#[inline(always)]
const fn value_of(digit: u8) -> u8 {
    let upper = mask(digit.wrapping_sub(b'A') < 26) & digit.wrapping_sub(b'A');
    let lower = mask(digit.wrapping_sub(b'a') < 26) & digit.wrapping_sub(b'a' - 26);
    let number = mask(digit.wrapping_sub(b'0') < 10) & digit.wrapping_add(4);
    let plus = mask((digit == b'+') | (digit == b'-')) & 0x3e;
    let slash = mask((digit == b'/') | (digit == b'_') | (digit == 0xff)) & 0x3f;
    upper | lower | number | plus | slash
}

#[inline(always)]
const fn mask(is: bool) -> u8 {
    (is as u8).wrapping_neg()
}

/// Decodes digits of either alphabet; a last group of a single digit holds no byte.
pub(super) fn decode(digits: &[u8]) -> Vec<u8> {
    let (groups, rest) = digits.split_at(digits.len() / 4 * 4);
    let of_url = memchr::memchr2(b'-', b'_', groups).is_some();
    let groups = if of_url {
        Cow::Owned(groups.iter().map(|digit| standard(*digit)).collect())
    } else {
        Cow::Borrowed(groups)
    };
    let mut bytes = base64_simd::STANDARD_NO_PAD
        .decode_to_vec(groups)
        .unwrap_or_default();
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = value_of(*from);
    }
    if rest.len() > 1 {
        bytes.push(last[0] << 2 | last[1] >> 4);
    }
    if rest.len() > 2 {
        bytes.push(last[1] << 4 | last[2] >> 2);
    }
    bytes
}

/// Converts a digit of the URL-safe alphabet to the standard one.
#[inline]
fn standard(digit: u8) -> u8 {
    let plus = mask(digit == b'-') & (b'-' ^ b'+');
    let slash = mask(digit == b'_') & (b'_' ^ b'/');
    digit ^ (plus | slash)
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
            assert_eq!(decode(text.as_bytes()), bytes);
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
                    let parts = |chars: &[u8]| {
                        if chars.len() < LONG {
                            of_short(Arch::new(), chars)
                        } else {
                            of_long(Arch::new(), chars)
                        }
                    };
                    let holds = |part: &Part| {
                        let mut digits: Vec<u8> = chars[part.digits.clone()].to_vec();
                        if part.reversed {
                            digits.reverse();
                        }
                        memchr::memmem::find(&decode(&digits), b"a0b1c2d3e4").is_some()
                    };
                    assert!(parts(&chars).iter().any(holds), "{place}");
                    chars.reverse();
                    let holds = |part: &Part| {
                        let mut digits: Vec<u8> = chars[part.digits.clone()].to_vec();
                        if part.reversed {
                            digits.reverse();
                        }
                        memchr::memmem::find(&decode(&digits), b"a0b1c2d3e4").is_some()
                    };
                    assert!(parts(&chars).iter().any(holds), "{place}");
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
            assert!(of_short(Arch::new(), text.as_bytes()).is_empty(), "{text}");
        }
    }
}
