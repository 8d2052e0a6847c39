//! UTF-16 as a layer.
//!
//! This module finds characters separated by single zero bytes, in either byte order. Characters
//! beyond ASCII are not supported: no canary has any.

use super::super::transform::Transform;
use super::{Match, Recogniser, Start, Work};

/// Length of the shortest canary, in characters.
const SHORTEST: usize = 10;

impl Recogniser {
    #[inline(never)]
    pub(super) fn wide(
        &self,
        bytes: &[u8],
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let mut from = 0;
        while let Some(offset) = bytes.get(from..).and_then(|rest| memchr::memchr(0, rest)) {
            let zero = from + offset;
            from = zero + 1;
            // Two zeros with one character between them are needed to go on.
            if bytes.get(zero + 2) != Some(&0) {
                continue;
            }
            let Some(first) = zero.checked_sub(1).filter(|at| is_char(bytes, *at)) else {
                continue;
            };
            let mut chars = vec![bytes[first]];
            let mut next = first + 2;
            while is_char(bytes, next) && bytes[next - 1] == 0 {
                chars.push(bytes[next]);
                next += 2;
            }
            // In big-endian text the last character stands just before the end, so the loop took it
            // too.
            from = next.max(zero + 1);
            if chars.len() < SHORTEST {
                continue;
            }
            if !work.spend(chars.len()) {
                return;
            }
            // A zero follows each character, or precedes it where the text does not end in one.
            let big = bytes.get(next - 1) != Some(&0);
            let base = if big { first.saturating_sub(1) } else { first };
            let mut inside = Vec::new();
            self.layer(&chars, depth + 1, Start::Within, work, &mut inside);
            found.extend(inside.into_iter().map(|mut m| {
                m.span = base + 2 * m.span.start..(base + 2 * m.span.end).min(bytes.len());
                m.transforms.insert(0, Transform::Utf16);
                m
            }));
        }
    }
}

fn is_char(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|b| *b != 0)
}
