//! Tests sixty-four bytes at a time.
//!
//! This module turns a predicate on a byte into a word with one bit for each of sixty-four bytes.
//! It is written so that the compiler uses vector instructions on any machine and, for a block of
//! words, the widest that the machine has. The predicates themselves are defined by its callers.

use std::ops::Range;

use pulp::{Arch, NullaryFnOnce};
use wide::u8x16;

/// Number of bytes tested per word.
pub(super) const LANES: usize = 64;

/// Number of words in a block, which covers four kilobytes.
const BLOCK: usize = 64;

/// The words of one block, computed at once.
struct Block {
    words: [u64; BLOCK],
    /// A bit for each word that is worth a look: one that contains a streak of the wanted length,
    /// or the end of one that began in the word before.
    busy: u64,
}

/// A predicate to be applied to each byte of a block.
struct Ask<'a, const N: usize, F> {
    bytes: &'a [u8],
    of: F,
    block: &'a mut Block,
    /// The word that precedes the block.
    before: u64,
}

impl<const N: usize, F: Fn(u8) -> bool> NullaryFnOnce for Ask<'_, N, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Block { words, busy } = self.block;
        let mut chunks = self.bytes.chunks(LANES);
        for word in &mut *words {
            *word = chunks.next().map_or(0, |bytes| bits(bytes, &self.of));
        }
        let mut before = self.before;
        *busy = 0;
        for (number, word) in words.iter().enumerate() {
            *busy |= u64::from(holds_streak::<N>(before, *word)) << number;
            before = *word;
        }
    }
}

impl Block {
    /// Computes the block that begins with word `first`; `before` is the word preceding it.
    fn of<const N: usize>(
        arch: Arch,
        bytes: &[u8],
        of: impl Fn(u8) -> bool,
        first: usize,
        before: u64,
    ) -> Block {
        let mut block = Block {
            words: [0; BLOCK],
            busy: 0,
        };
        block.fill::<N>(arch, bytes, of, first, before);
        block
    }

    fn fill<const N: usize>(
        &mut self,
        arch: Arch,
        bytes: &[u8],
        of: impl Fn(u8) -> bool,
        first: usize,
        before: u64,
    ) {
        let from = (first * LANES).min(bytes.len());
        let bytes = &bytes[from..bytes.len().min(from + BLOCK * LANES)];
        arch.dispatch(Ask::<N, _> {
            bytes,
            of,
            block: self,
            before,
        });
    }
}

/// Returns a bit for each position where `N` set bits in a row begin.
#[inline(always)]
pub(super) fn streaks<const N: usize>(mut word: u64) -> u64 {
    let mut len = 1;
    while len < N {
        let more = len.min(N - len);
        word &= word >> more;
        len += more;
    }
    word
}

/// Returns whether `N` set bits in a row lie in a word, or begin in the one before and end in it.
#[inline(always)]
fn holds_streak<const N: usize>(before: u64, word: u64) -> bool {
    let across = if N == 1 {
        0
    } else {
        before >> (LANES - (N - 1)) | word << (N - 1)
    };
    streaks::<N>(word) | streaks::<N>(across) != 0
}

/// Returns a bit for each of up to sixty-four bytes; positions beyond the end have none.
#[inline(always)]
pub(super) fn bits(bytes: &[u8], of: impl Fn(u8) -> bool) -> u64 {
    if let Some(whole) = bytes.first_chunk::<LANES>() {
        return of_whole(whole, of);
    }
    let mut padded = [0_u8; LANES];
    padded[..bytes.len()].copy_from_slice(bytes);
    of_whole(&padded, of) & ((1 << bytes.len()) - 1)
}

#[inline(always)]
fn of_whole(bytes: &[u8; LANES], of: impl Fn(u8) -> bool) -> u64 {
    let mut lanes = [0_u8; LANES];
    for (lane, byte) in lanes.iter_mut().zip(bytes) {
        *lane = u8::from(of(*byte)).wrapping_neg();
    }
    gather(&lanes)
}

/// Returns whether the predicate holds for any of sixteen bytes.
#[inline(always)]
pub(super) fn any(bytes: &[u8; 16], of: impl Fn(u8) -> bool) -> bool {
    u8x16::new(bytes.map(|byte| u8::from(of(byte)).wrapping_neg())).to_bitmask() != 0
}

/// Collects the highest bit of each of sixty-four bytes.
#[inline(always)]
pub(super) fn gather(lanes: &[u8; LANES]) -> u64 {
    let (sixteens, _) = lanes.as_chunks::<16>();
    sixteens.iter().rev().fold(0, |word, sixteen| {
        word << 16 | u64::from(u8x16::new(*sixteen).to_bitmask())
    })
}

/// Returns the positions of a word's set bits, in order.
#[inline]
pub(super) fn places(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (word != 0).then(|| word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        place
    })
}

/// Visits the bytes for which the predicate holds, in order; a visit returns where to continue.
#[inline]
pub(super) fn each(
    arch: Arch,
    bytes: &[u8],
    of: impl Fn(u8) -> bool,
    mut visit: impl FnMut(usize) -> usize,
) {
    let mut next = 0;
    let mut visit_all = |number: usize, word: u64| {
        for place in places(word) {
            let here = number * LANES + place;
            if here >= next {
                next = visit(here);
            }
        }
    };
    if bytes.len() <= LANES {
        return visit_all(0, bits(bytes, of));
    }
    for first in (0..bytes.len().div_ceil(LANES)).step_by(BLOCK) {
        let block = Block::of::<1>(arch, bytes, &of, first, 0);
        for number in places(block.busy) {
            visit_all(first + number, block.words[number]);
        }
    }
}

/// Visits each place where `first` holds for a byte and `second` for the next one.
#[inline]
pub(super) fn each_pair(
    arch: Arch,
    bytes: &[u8],
    first: impl Fn(u8) -> bool,
    second: impl Fn(u8) -> bool,
    mut visit: impl FnMut(usize),
) {
    each(arch, bytes, first, |at| {
        if bytes.get(at + 1).is_some_and(|next| second(*next)) {
            visit(at);
        }
        at + 1
    });
}

/// Visits the stretches of at least `N` bytes inside one word.
#[inline]
pub(super) fn stretches_of_word<const N: usize>(
    mut word: u64,
    mut visit: impl FnMut(Range<usize>),
) {
    loop {
        let streaks = streaks::<N>(word);
        if streaks == 0 {
            return;
        }
        let start = streaks.trailing_zeros() as usize;
        let len = (word >> start).trailing_ones() as usize;
        visit(start..start + len);
        if start + len == LANES {
            return;
        }
        word &= u64::MAX << (start + len);
    }
}

/// Stretches of at least `N` bytes for which the predicate holds, in order.
pub(super) struct Stretches<'a, const N: usize, F> {
    arch: Arch,
    bytes: &'a [u8],
    of: F,
    block: Block,
    /// The number of the block's first word.
    first: usize,
    /// The number of the current word.
    number: usize,
    /// A bit for each byte of the current word that has not been returned yet.
    word: u64,
    /// How many bytes at the end of the previous word may begin a stretch: fewer than `N`.
    before: usize,
}

impl<'a, const N: usize, F: Fn(u8) -> bool + Copy> Stretches<'a, N, F> {
    pub(super) fn new(arch: Arch, bytes: &'a [u8], of: F) -> Self {
        let block = Block::of::<N>(arch, bytes, of, 0, 0);
        Stretches {
            arch,
            bytes,
            of,
            first: 0,
            number: 0,
            word: block.words[0],
            block,
            before: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let start = self.number * LANES;
            if self.before + self.word.trailing_ones() as usize >= N {
                let start = start - self.before;
                return Some(start..self.end(start));
            }
            let streaks = streaks::<N>(self.word);
            if streaks != 0 {
                let start = start + streaks.trailing_zeros() as usize;
                return Some(start..self.end(start));
            }
            if !self.go_to_busy() {
                return None;
            }
        }
    }

    /// Skips everything before a position.
    pub(super) fn go_on_from(&mut self, position: usize) {
        while (self.number + 1) * LANES <= position && self.advance() {}
        self.before = 0;
        let passed = position.saturating_sub(self.number * LANES);
        self.word &= u64::MAX
            .checked_shl(u32::try_from(passed).unwrap_or(u32::MAX))
            .unwrap_or(0);
    }

    /// Moves to the next word, if there is one.
    #[inline]
    fn advance(&mut self) -> bool {
        self.before = self.word.leading_ones() as usize;
        self.number += 1;
        if self.number * LANES >= self.bytes.len() {
            self.word = 0;
            return false;
        }
        if self.number == self.first + BLOCK {
            let last = self.block.words[BLOCK - 1];
            self.first = self.number;
            self.block
                .fill::<N>(self.arch, self.bytes, self.of, self.first, last);
        }
        self.word = self.block.words[self.number - self.first];
        true
    }

    /// Moves to the next word in which a stretch may begin or end, if there is one.
    fn go_to_busy(&mut self) -> bool {
        loop {
            let passed = self.number - self.first + 1;
            // Past the end, the number may be one more than the block has.
            let ahead = if passed >= BLOCK {
                0
            } else {
                self.block.busy >> passed
            };
            // Skip to the word before it, or to the end of the block.
            let quiet = if ahead == 0 {
                BLOCK.saturating_sub(passed)
            } else {
                ahead.trailing_zeros() as usize
            };
            if quiet > 0 {
                self.number += quiet;
                self.word = self.block.words[self.number - self.first];
            }
            if !self.advance() {
                return false;
            }
            if ahead != 0 || self.block.busy & 1 != 0 {
                return true;
            }
        }
    }

    /// Returns where a stretch that reaches into this word ends.
    fn end(&mut self, start: usize) -> usize {
        let from = start.saturating_sub(self.number * LANES);
        let here = (self.word >> from).trailing_ones() as usize;
        if from + here < LANES {
            return self.number * LANES + from + here;
        }
        while self.advance() {
            let here = self.word.trailing_ones() as usize;
            if here < LANES {
                return self.number * LANES + here;
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

    #[test]
    fn stretches_are_those_that_a_loop_over_the_bytes_finds() {
        let mut state = 1_u64;
        for len in [0, 1, 63, 64, 65, 200, 4095, 4096, 4097, 9000] {
            for often in [2, 12, 40] {
                let bytes: Vec<u8> = (0..len)
                    .map(|_| {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1);
                        u8::from(!(state >> 33).is_multiple_of(often))
                    })
                    .collect();
                let mut expected = Vec::new();
                let mut start = 0;
                for (at, byte) in bytes.iter().chain([&0]).enumerate() {
                    if *byte == 0 {
                        if at - start >= 14 {
                            expected.push(start..at);
                        }
                        start = at + 1;
                    }
                }
                let mut stretches = Stretches::<14, _>::new(Arch::new(), &bytes, |b| b == 1);
                let mut found = Vec::new();
                while let Some(stretch) = stretches.next() {
                    stretches.go_on_from(stretch.end);
                    found.push(stretch);
                }
                assert_eq!(found, expected, "{len} {often}");
            }
        }
    }
}
