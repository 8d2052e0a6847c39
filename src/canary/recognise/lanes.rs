//! Sixty-four bytes at a time.
//!
//! Owns turning a question about a byte into a word with a bit for each of sixty-four bytes,
//! written so that the compiler uses vector instructions on any machine. Leaves out what is
//! asked.

use std::ops::Range;

use wide::u8x16;

/// Bytes in a word.
pub(super) const LANES: usize = 64;

/// A bit for each of up to sixty-four bytes; what lies beyond the end has none.
#[inline]
pub(super) fn bits(bytes: &[u8], of: impl Fn(u8) -> bool) -> u64 {
    if let Some(whole) = bytes.first_chunk::<LANES>() {
        return of_whole(whole, of);
    }
    let mut padded = [0_u8; LANES];
    padded[..bytes.len()].copy_from_slice(bytes);
    of_whole(&padded, of) & ((1 << bytes.len()) - 1)
}

#[inline]
fn of_whole(bytes: &[u8; LANES], of: impl Fn(u8) -> bool) -> u64 {
    let mut lanes = [0_u8; LANES];
    for (lane, byte) in lanes.iter_mut().zip(bytes) {
        *lane = u8::from(of(*byte)).wrapping_neg();
    }
    gather(&lanes)
}

/// The highest bit of each of sixty-four bytes.
#[inline]
pub(super) fn gather(lanes: &[u8; LANES]) -> u64 {
    let (sixteens, _) = lanes.as_chunks::<16>();
    sixteens.iter().rev().fold(0, |word, sixteen| {
        word << 16 | u64::from(u8x16::new(*sixteen).to_bitmask())
    })
}

/// Visits the bytes that the question is true of, in order; a visit gives where to go on.
#[inline]
pub(super) fn each(bytes: &[u8], of: impl Fn(u8) -> bool, mut visit: impl FnMut(usize) -> usize) {
    let mut next = 0;
    for at in (0..bytes.len()).step_by(LANES) {
        if next >= at + LANES {
            continue;
        }
        let mut word = bits(&bytes[at..], &of);
        while word != 0 {
            let here = at + word.trailing_zeros() as usize;
            word &= word - 1;
            if here >= next {
                next = visit(here);
            }
        }
    }
}

/// Visits each place where the first question is true of a byte and the second of the next one.
#[inline]
pub(super) fn each_pair(
    bytes: &[u8],
    first: impl Fn(u8) -> bool,
    second: impl Fn(u8) -> bool,
    mut visit: impl FnMut(usize),
) {
    // Each word looks one byte further than it goes.
    for at in (0..bytes.len()).step_by(LANES - 1) {
        let window = &bytes[at..];
        let mut both = bits(window, &first) & bits(window, &second) >> 1;
        while both != 0 {
            visit(at + both.trailing_zeros() as usize);
            both &= both - 1;
        }
    }
}

/// Stretches of `N` bytes and more that the question is true of, in order.
pub(super) struct Stretches<'a, const N: usize, F> {
    bytes: &'a [u8],
    of: F,
    /// Where the word stands.
    at: usize,
    /// A bit for each byte that was not yet given away.
    word: u64,
    /// The end of the word before, which may begin a stretch.
    before: u64,
}

impl<'a, const N: usize, F: Fn(u8) -> bool + Copy> Stretches<'a, N, F> {
    pub(super) fn new(bytes: &'a [u8], of: F) -> Self {
        Stretches {
            bytes,
            of,
            at: 0,
            word: bits(bytes, of),
            before: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let mut streak = u128::from(self.word) << (N - 1) | u128::from(self.before);
            let mut len = 1;
            while len < N {
                let more = len.min(N - len);
                streak &= streak >> more;
                len += more;
            }
            if streak != 0 {
                let start = self.at + streak.trailing_zeros() as usize - (N - 1);
                return Some(start..self.end(start));
            }
            if !self.advance() {
                return None;
            }
        }
    }

    /// Passes over what lies before a position.
    pub(super) fn go_on_from(&mut self, position: usize) {
        while self.at + LANES <= position && self.advance() {}
        self.before = 0;
        self.word &= u64::MAX << position.saturating_sub(self.at).min(LANES - 1);
    }

    fn advance(&mut self) -> bool {
        self.before = self.word >> (LANES - (N - 1));
        self.at += LANES;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.word = bits(rest, self.of);
        !rest.is_empty()
    }

    /// Where a stretch ends that reaches into this word.
    fn end(&mut self, start: usize) -> usize {
        let from = start.saturating_sub(self.at);
        let here = (self.word >> from).trailing_ones() as usize;
        if from + here < LANES {
            return self.at + from + here;
        }
        while self.advance() {
            let here = self.word.trailing_ones() as usize;
            if here < LANES {
                return self.at + here;
            }
        }
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bit() {
        for len in 0..=80 {
            let bytes: Vec<u8> = (0..80_u8).map(|i| i.wrapping_mul(37)).take(len).collect();
            let word = bits(&bytes, |b| b & 4 != 0);
            for at in 0..LANES {
                let expected = bytes.get(at).is_some_and(|b| b & 4 != 0);
                assert_eq!(word >> at & 1 == 1, expected, "{len} {at}");
            }
        }
    }
}
