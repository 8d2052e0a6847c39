//! From bytes to the canaries in them.
//!
//! Owns the pass over a body, the order of its layers and what becomes of a match on the way
//! out. Leaves out how a single candidate is read (`candidate`) and how each layer is undone
//! (`escape`, `runs` and its decoders, `inflate`, `utf16`), digests, and parts (`near`).
//!
//! A layer is searched for the marker's *triggers*, a handful of short patterns, all at once.
//! What stands at a trigger is read as a canary would stand there, decrypted, and counts only if
//! it decrypts to a slot that was issued in that form. What may hide a marker (escapes, base64
//! and so on) is decoded where it stands and searched as a layer of its own, three deep at most, its matches
//! mapped back to the bytes that they came from. No planted string is ever looked for.
//!
//! What is not recognised: escapes read from their end; separators beyond ASCII inside base64 or
//! hexadecimal; a headerless stream that does not begin its run; runs over 1,024 digits read from
//! their end; a compressed body that is not encoded (transport undoes that).

// Questions about bytes are written without branches, for the vector units.
#![allow(clippy::needless_bitwise_bool)]
// What is not inlined into a question about a block is not compiled for its vectors.
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
    /// A short form, or a part: a look-alike is possible.
    Weak,
    /// Redundancy enough to exclude chance.
    Full,
}

/// A canary found in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The bytes of the body that carry it.
    pub span: Range<usize>,
    /// Which canary it is.
    pub slot: Slot,
    /// The form it was issued in.
    pub shape: Shape,
    /// How much it proves.
    pub strength: Strength,
    /// What it went through, outermost first; empty for an unchanged canary.
    pub transforms: Vec<Transform>,
}

impl Match {
    /// The transforms as reports write them.
    pub fn chain(&self) -> Chain<'_> {
        Chain(&self.transforms)
    }

    fn is_partial(&self) -> bool {
        self.transforms
            .iter()
            .any(|t| matches!(t, Transform::Truncated | Transform::Masked))
    }
}

/// Layers of encoding that are undone.
const LAYERS: u8 = 3;

/// Finds the canaries of one run. Cheap to share: it never changes, and the slots issued are
/// seen through a shared handle while the mint goes on planting.
#[derive(Clone, Debug)]
pub struct Recogniser {
    codec: Codec,
    issued: Issued,
    triggers: Triggers,
    digests: Digests,
    masks: Option<regex::bytes::Regex>,
    /// The vector instructions that this machine has.
    arch: Arch,
}

/// What a scan may still spend.
struct Work<'a> {
    decoded: usize,
    near: Option<Near<'a>>,
}

impl Work<'_> {
    fn left(&self) -> usize {
        self.decoded
    }

    /// Takes from what may be spent, if there is enough left.
    fn spend(&mut self, bytes: usize) -> bool {
        let enough = bytes <= self.decoded;
        self.decoded -= if enough { bytes } else { 0 };
        enough
    }
}

/// Where the bytes of a layer begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Where something encoded begins, which may be a compressed stream.
    OfStream,
    /// Anywhere.
    Within,
}

/// Decoded bytes per body byte, and what even the smallest body may use.
const DECODED_PER_BYTE: usize = 16;
const DECODED_AT_LEAST: usize = 1 << 20;

impl Recogniser {
    /// A recogniser of the slots that were issued under a key.
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

    /// Every canary in `body`, in the order of their spans, each occurrence once.
    pub fn scan(&self, body: &[u8]) -> Vec<Match> {
        self.search(body, None)
    }

    /// As [`Recogniser::scan`], and parts of the canaries in `near` besides: heads, tails, and
    /// what mask characters left visible.
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

/// One match for each occurrence: where several readings of the same bytes name the same slot,
/// the whole one wins over the part, then the plainer one.
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
