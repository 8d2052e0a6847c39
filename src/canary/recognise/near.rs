//! Parts of canaries: heads, tails, and pieces next to mask characters.
//!
//! This module has the only look-up among planted texts, so it is given the few that may occur in
//! the body. Whole canaries are handled elsewhere. Every match found here is weak.

use aho_corasick::AhoCorasick;

use super::super::mint::Canary;
use super::super::transform::Transform;
use super::triggers::Marker;
use super::{Match, Recogniser, Strength};
use crate::shape::Shape;

/// Lengths of the shortest head and the shortest tail, in characters.
const HEAD: usize = 10;
const TAIL: usize = 12;

/// Bits that the visible characters next to a mask must add up to.
const VISIBLE: f64 = 20.0;

/// What hides a part: two asterisks, three `x`, `#` or dots, one bullet or ellipsis.
const MASKS: &str = r"(?x-u)
    \*{2,} | x{3,} | X{3,} | \#{3,} | \.{3,}
    | (?: \xe2\x80\xa2 )+ | (?: \xe2\x97\x8f )+ | (?: \xe2\x80\xa6 )+ | (?: \xc2\xb7 ){2,}
    | (?: \xe2\x96\x88 )+";

pub(super) fn masks() -> Option<regex::bytes::Regex> {
    regex::bytes::Regex::new(MASKS).ok()
}

/// Planted texts, arranged for looking up parts of them.
pub(super) struct Near<'a> {
    planted: Vec<Planted<'a>>,
    tails: Option<AhoCorasick>,
    /// The index of the planted text that each pattern of `tails` belongs to.
    owners: Vec<usize>,
}

struct Planted<'a> {
    canary: &'a Canary,
    text: Vec<u8>,
    core: Vec<u8>,
}

impl<'a> Near<'a> {
    pub(super) fn new(recogniser: &Recogniser, near: &'a [Canary]) -> Near<'a> {
        let planted: Vec<Planted<'a>> = near
            .iter()
            .map(|canary| Planted {
                canary,
                text: canary.text.to_ascii_lowercase().into_bytes(),
                core: recogniser
                    .codec
                    .core(canary.slot, canary.shape)
                    .into_bytes(),
            })
            .collect();
        let long = |p: &Planted<'_>| p.core.len() > TAIL;
        let owners: Vec<usize> = (0..planted.len()).filter(|i| long(&planted[*i])).collect();
        let tails = owners
            .iter()
            .map(|i| &planted[*i].core[planted[*i].core.len() - TAIL..]);
        let tails = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(tails)
            .ok();
        Near {
            planted,
            tails,
            owners,
        }
    }

    /// Returns the head of a planted text that has its marker at `at`.
    pub(super) fn head(&self, bytes: &[u8], at: usize, marker: Marker) -> Option<Match> {
        let belongs = |shape| (shape == Shape::Integer) == (marker == Marker::Digits);
        let common = |planted: &Planted<'_>| {
            let pairs = planted.core.iter().zip(&bytes[at..]);
            pairs.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
        };
        let (len, planted) = self
            .planted
            .iter()
            .filter(|planted| belongs(planted.canary.shape))
            .map(|planted| (common(planted), planted))
            .max_by_key(|(len, _)| *len)?;
        let part = len >= HEAD && len < planted.core.len();
        part.then(|| planted.part(at, at + len, Transform::Truncated))
    }

    pub(super) fn tails(&self, bytes: &[u8], found: &mut Vec<Match>) {
        let Some(tails) = self.tails.as_ref().filter(|_| !self.owners.is_empty()) else {
            return;
        };
        for m in tails.find_iter(bytes) {
            let planted = &self.planted[self.owners[m.pattern().as_usize()]];
            let rest = &planted.core[..planted.core.len() - TAIL];
            let pairs = rest.iter().rev().zip(bytes[..m.start()].iter().rev());
            let more = pairs.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
            if more < rest.len() {
                found.push(planted.part(m.start() - more, m.end(), Transform::Truncated));
            }
        }
    }

    pub(super) fn masked(&self, masks: &regex::bytes::Regex, bytes: &[u8], found: &mut Vec<Match>) {
        for mask in masks.find_iter(bytes) {
            let (before, after) = (&bytes[..mask.start()], &bytes[mask.end()..]);
            let left = before
                .iter()
                .rev()
                .take(64)
                .take_while(|b| belongs(**b))
                .count();
            let right = after.iter().take(64).take_while(|b| belongs(**b)).count();
            if left + right < 4 {
                continue;
            }
            let left = &before[before.len() - left..];
            let mut best: Option<(usize, usize, &Planted<'_>)> = None;
            let mut tied = false;
            for planted in &self.planted {
                let (head, tail) = planted.beside(left, &after[..right]);
                let visible = best.map_or(0, |(h, t, _)| h + t);
                if head + tail > visible {
                    best = Some((head, tail, planted));
                    tied = false;
                } else if head + tail == visible {
                    tied = true;
                }
            }
            let Some((head, tail, planted)) = best.filter(|_| !tied) else {
                continue;
            };
            // A head before an ellipsis is truncated, and is found as such.
            let truncated = tail == 0 && head >= HEAD && !mask.as_bytes().starts_with(b"*");
            if planted.is_telling(head + tail) && !truncated {
                let span = (mask.start() - head, mask.end() + tail);
                found.push(planted.part(span.0, span.1, Transform::Masked));
            }
        }
    }
}

impl Planted<'_> {
    fn part(&self, start: usize, end: usize, transform: Transform) -> Match {
        Match {
            span: start..end,
            slot: self.canary.slot,
            shape: self.canary.shape,
            strength: Strength::Weak,
            transforms: vec![transform],
        }
    }

    /// Returns how much of the text's head ends `left`, and how much of its tail begins `right`.
    fn beside(&self, left: &[u8], right: &[u8]) -> (usize, usize) {
        let len = self.text.len();
        let head = |part: &[u8]| {
            (1..=left.len().min(part.len()))
                .rev()
                .find(|n| left[left.len() - n..].eq_ignore_ascii_case(&part[..*n]))
        };
        let tail = (1..=right.len().min(len))
            .rev()
            .find(|n| right[..*n].eq_ignore_ascii_case(&self.text[len - n..]));
        let head = head(&self.text).max(head(&self.core)).unwrap_or(0);
        // One or two equal characters are likely to be chance.
        let (head, tail) = (head, tail.unwrap_or(0));
        (
            if head < 3 { 0 } else { head },
            if tail < 3 { 0 } else { tail },
        )
    }

    /// Returns whether this many visible characters rule out chance.
    fn is_telling(&self, visible: usize) -> bool {
        let bits = f64::from(self.canary.shape.payload().radix).log2();
        f64::from(u32::try_from(visible).unwrap_or(0)) * bits >= VISIBLE
    }
}

fn belongs(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_@.:/".contains(&byte)
}
