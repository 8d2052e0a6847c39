//! Finds the canaries in a body.
//!
//! This module has the pass over a body, the order of its layers, and what happens to a match on
//! the way out. A single candidate is read in `candidate`; each layer is undone in `escape`, `runs`
//! and its decoders, `inflate` and `utf16`; digests and parts have `digests` and `near`.
//!
//! A layer is searched for the marker's *triggers*, a handful of short patterns, all at once. The
//! text at a trigger is read as a canary and decrypted, and it counts only if it decrypts to a slot
//! that was issued in that form. Anything that may hide a marker (escapes, base64 and so on) is
//! decoded where it stands and searched as a layer of its own, at most three deep, and its matches
//! are mapped back to the bytes they came from. No planted string is ever searched for.
//!
//! Not recognised are: reversed escapes; separators beyond ASCII inside base64 or hexadecimal; a
//! headerless stream that does not begin its run; reversed runs of more than 1,024 digits; a
//! compressed body that is not encoded (the transport undoes that).

// Predicates on bytes are written without branches, for the vector units.
#![allow(clippy::needless_bitwise_bool)]
// A predicate on a block is compiled for its vector instructions only if it is inlined.
#![allow(clippy::inline_always)]

mod base64;
mod candidate;
mod digests;
mod escape;
mod hex;
mod inflate;
mod lanes;
mod near;
mod runs;
mod triggers;
mod utf16;

use std::ops::Range;

use pulp::Arch;

use super::codec::Codec;
use super::issued::Issued;
use super::key::RunKey;
use super::mint::{Canary, Slot};
use super::shape::Shape;
use super::transform::{Chain, Transform};
use digests::Digests;
use near::Near;
use triggers::{Trigger, Triggers};

/// How much a match proves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// A short form or a part: a look-alike is possible.
    Weak,
    /// Enough redundancy to rule out chance.
    Full,
}

/// A canary found in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The bytes of the body that carry it.
    pub span: Range<usize>,
    /// The canary's slot.
    pub slot: Slot,
    /// The form in which it was issued.
    pub shape: Shape,
    /// How much it proves.
    pub strength: Strength,
    /// The transforms it went through, outermost first; empty for an unchanged canary.
    pub transforms: Vec<Transform>,
}

impl Match {
    /// Returns the transforms as written in reports.
    pub fn chain(&self) -> Chain<'_> {
        Chain(&self.transforms)
    }

    fn is_partial(&self) -> bool {
        self.transforms
            .iter()
            .any(|t| matches!(t, Transform::Truncated | Transform::Masked))
    }
}

/// Number of encoding layers that are undone.
const LAYERS: u8 = 3;

/// Finds the canaries of one run.
///
/// It is cheap to share: it never changes, and it sees the slots issued through a shared handle
/// while the mint continues to plant.
#[derive(Clone, Debug)]
pub struct Recogniser {
    codec: Codec,
    issued: Issued,
    triggers: Triggers,
    digests: Digests,
    masks: Option<regex::bytes::Regex>,
    /// The vector instructions available on this machine.
    arch: Arch,
}

/// The budget that a scan has left.
struct Work<'a> {
    decoded: usize,
    near: Option<Near<'a>>,
}

impl Work<'_> {
    fn left(&self) -> usize {
        self.decoded
    }

    /// Takes `bytes` from the budget and returns whether enough was left.
    fn spend(&mut self, bytes: usize) -> bool {
        let enough = bytes <= self.decoded;
        self.decoded -= if enough { bytes } else { 0 };
        enough
    }
}

/// What the beginning of a layer's bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// The beginning of something encoded, which may be a compressed stream.
    OfStream,
    /// An arbitrary place.
    Within,
}

/// Decoded bytes allowed per byte of the body, and the minimum for even the smallest body.
const DECODED_PER_BYTE: usize = 16;
const DECODED_AT_LEAST: usize = 1 << 20;

impl Recogniser {
    /// Creates a recogniser of the slots issued under a key.
    pub fn new(key: RunKey, issued: Issued) -> Recogniser {
        Recogniser::of(Codec::new(key, "example.com"), issued)
    }

    pub(super) fn of(codec: Codec, issued: Issued) -> Recogniser {
        let triggers = Triggers::new(&codec);
        Recogniser {
            codec,
            issued,
            triggers,
            digests: Digests::default(),
            masks: near::masks(),
            arch: Arch::new(),
        }
    }

    /// Returns every canary in `body`, ordered by span, with each occurrence listed once.
    pub fn scan(&self, body: &[u8]) -> Vec<Match> {
        self.search(body, None)
    }

    /// Does the same as [`Recogniser::scan`] and also finds parts of the canaries in `near`: heads,
    /// tails, and what mask characters left visible.
    pub fn scan_near(&self, body: &[u8], near: &[Canary]) -> Vec<Match> {
        self.search(body, Some(Near::new(self, near)))
    }

    fn search(&self, body: &[u8], near: Option<Near<'_>>) -> Vec<Match> {
        let decoded = body
            .len()
            .saturating_mul(DECODED_PER_BYTE)
            .max(DECODED_AT_LEAST);
        let mut found = Vec::new();
        self.layer(
            body,
            0,
            Start::Within,
            &mut Work { decoded, near },
            &mut found,
        );
        settle(found)
    }

    fn layer(
        &self,
        bytes: &[u8],
        depth: u8,
        start: Start,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let mut from = 0;
        while let Some((trigger, at)) = self.triggers.next(bytes, from) {
            from = at + 1;
            match trigger {
                Trigger::Forward(marker) => self.forward(bytes, at, marker, work, found),
                Trigger::Backward(marker) => self.backward(bytes, at, marker, work, found),
            }
        }
        self.runs(bytes, depth, work, found);
        if let Some(near) = &work.near {
            near.tails(bytes, found);
            if let Some(masks) = &self.masks {
                near.masked(masks, bytes, found);
            }
        }
        if depth < LAYERS {
            self.escapes(bytes, depth, work, found);
            self.wide(bytes, depth, work, found);
            if depth > 0 {
                self.streams(bytes, depth, start, work, found);
            }
        }
    }
}

/// Keeps one match for each occurrence.
///
/// Where several readings of the same bytes name the same slot, a whole canary wins over a part,
/// then the plainer reading wins.
fn settle(mut found: Vec<Match>) -> Vec<Match> {
    if found.len() < 2 {
        return found;
    }
    found.sort_by_key(|m| {
        let size = m.span.len();
        (
            m.slot,
            m.is_partial(),
            m.strength == Strength::Weak,
            m.transforms.len(),
            usize::MAX - size,
        )
    });
    let mut kept: Vec<Match> = Vec::with_capacity(found.len());
    let mut of_slot = 0;
    for candidate in found {
        if kept.last().is_some_and(|last| last.slot != candidate.slot) {
            of_slot = kept.len();
        }
        let clash = kept[of_slot..].iter().any(|other| {
            other.span.start < candidate.span.end && candidate.span.start < other.span.end
        });
        if !clash {
            kept.push(candidate);
        }
    }
    kept.sort_by_key(|m| (m.span.start, m.span.end, m.slot));
    kept
}

#[cfg(test)]
mod tests;
