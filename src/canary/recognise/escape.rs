//! Escapes as a layer: percent-encoding, HTML character references, backslash escapes.
//!
//! This module finds the stretches where an escape stands for a character that can occur in a
//! canary or its encodings, and undoes them while keeping a map back. Other escapes (quotes, angle
//! brackets, line ends) are left alone: they never occur inside a canary, so the text around them
//! is searched as it is. Doubled and mixed escapes are handled as layers upon layers.

use std::ops::Range;

use super::super::escape::escape;
use super::super::transform::Transform;
use super::lanes;
use super::{LAYERS, Match, Recogniser, Start, Work};

/// A stretch with its escapes undone, and the origin of each of its bytes.
#[derive(Default)]
struct Undone {
    bytes: Vec<u8>,
    from: Vec<(usize, Option<Transform>)>,
}

impl Recogniser {
    #[inline(never)]
    pub(super) fn escapes(
        &self,
        bytes: &[u8],
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let introduces = |b: u8| (b == b'%') | (b == b'&') | (b == b'\\');
        let mut done = 0;
        lanes::each(self.arch, bytes, introduces, |at| {
            if !may_matter(&bytes[at..]) || !matters(&bytes[at..], LAYERS) {
                return at + 1;
            }
            let stretch = stretch(bytes, done, at);
            done = stretch.end;
            if work.spend(stretch.len()) {
                let undone = undo(bytes, stretch);
                let mut inside = Vec::new();
                self.layer(&undone.bytes, depth + 1, Start::OfStream, work, &mut inside);
                found.extend(inside.into_iter().map(|m| undone.map_back(m)));
            }
            done
        });
    }
}

impl Undone {
    fn push(&mut self, byte: u8, from: usize, kind: Option<Transform>) {
        self.bytes.push(byte);
        self.from.push((from, kind));
    }

    fn map_back(&self, mut found: Match) -> Match {
        let (span, transforms) = (&mut found.span, &mut found.transforms);
        // Only an escape inside the canary is one of its transforms.
        for kind in [Transform::Json, Transform::Html, Transform::Url] {
            if self.from[span.clone()]
                .iter()
                .any(|(_, k)| *k == Some(kind))
            {
                transforms.insert(0, kind);
            }
        }
        *span = self.from[span.start].0..self.from[span.end].0;
        found
    }
}

/// Returns whether a byte can be part of a canary, of an encoding of one, or of an escape of
/// either.
fn belongs(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"+/=-_@.:~%&#;\\{}".contains(&byte)
}

fn stretch(bytes: &[u8], from: usize, at: usize) -> Range<usize> {
    let before = bytes[from..at]
        .iter()
        .rev()
        .take_while(|b| belongs(**b))
        .count();
    let after = bytes[at..].iter().take_while(|b| belongs(**b)).count();
    at - before..at + after
}

fn undo(bytes: &[u8], stretch: Range<usize>) -> Undone {
    let mut undone = Undone::default();
    let mut at = stretch.start;
    while at < stretch.end {
        if let Some(escape) = escape(&bytes[at..stretch.end]) {
            for byte in escape.bytes() {
                undone.push(*byte, at, Some(escape.kind));
            }
            at += escape.len;
        } else {
            undone.push(bytes[at], at, None);
            at += 1;
        }
    }
    undone.from.push((at, None));
    undone
}

/// The bytes that may follow each introducer in an escape that matters, as one bit per introducer.
///
/// This is tested first, since pages and JSON are full of escapes of no interest.
const FOLLOWS: [u8; 256] = {
    let mut follows = [0; 256];
    let sets: [(u8, &[u8]); 3] = [
        (PERCENT, b"234567aA"),
        (AMPERSAND, b"#aApbnscelz"),
        (BACKSLASH, b"xuU\\/"),
    ];
    let mut set = 0;
    while set < sets.len() {
        let (kind, bytes) = sets[set];
        let mut i = 0;
        while i < bytes.len() {
            follows[bytes[i] as usize] |= kind;
            i += 1;
        }
        set += 1;
    }
    follows
};

const PERCENT: u8 = 1;
const AMPERSAND: u8 = 2;
const BACKSLASH: u8 = 4;

/// Returns whether the escape that begins here may matter, as a quick test.
#[inline]
fn may_matter(bytes: &[u8]) -> bool {
    let [introducer, next, rest @ ..] = bytes else {
        return false;
    };
    let kind = match introducer {
        b'%' => PERCENT,
        b'&' => AMPERSAND,
        _ => BACKSLASH,
    };
    if FOLLOWS[usize::from(*next)] & kind == 0 {
        return false;
    }
    match (introducer, next, rest) {
        (b'%', b'2', [b'0', ..])
        | (b'&', b'#', [b'3', b'4' | b'9', b';', ..])
        | (b'&', b'l', [b't', ..])
        | (b'&', b'n', [b'b', ..]) => false,
        // An escaped ampersand continues as a reference only if the reference has an end.
        (b'&', b'a', [b'm', b'p', b';', rest @ ..]) => goes_on(b'&', rest),
        _ => true,
    }
}

/// Returns whether an escape that matters begins here, up to `layers` deep.
///
/// It matters if it stands for a letter, a digit, or a character that stands between them in a
/// canary or an encoding.
fn matters(bytes: &[u8], layers: u8) -> bool {
    let Some(first) = escape(bytes) else {
        return false;
    };
    match first.bytes() {
        [introducer @ (b'%' | b'&' | b'\\')] if layers > 1 => {
            goes_on(*introducer, &bytes[first.len..]) && {
                // This is an escaped escape: undo one layer of what follows and test again.
                let mut next = [0; 16];
                next[0] = *introducer;
                let mut rest = &bytes[first.len..];
                for to in &mut next[1..] {
                    let step = escape(rest).filter(|e| e.bytes().len() == 1);
                    let Some(byte) = step.map(|e| e.bytes()[0]).or(rest.first().copied()) else {
                        break;
                    };
                    *to = byte;
                    rest = &rest[step.map_or(1, |e| e.len)..];
                }
                matters(&next, layers - 1)
            }
        }
        [byte] if byte.is_ascii() => byte.is_ascii_alphanumeric() || b"+/=-_@.:".contains(byte),
        // A soft hyphen in Latin-1.
        [0xad] => true,
        bytes => SEPARATORS.iter().any(|one| one.as_bytes() == bytes),
    }
}

/// Invisible characters: the soft hyphen and zero-width ones.
const SEPARATORS: [&str; 6] = [
    "\u{ad}", "\u{2060}", "\u{feff}", "\u{200b}", "\u{200c}", "\u{200d}",
];

/// Returns whether the text after an escaped introducer may complete an escape, as a quick test.
fn goes_on(introducer: u8, rest: &[u8]) -> bool {
    let Some(next) = rest.first() else {
        return false;
    };
    if b"%&\\".contains(next) {
        return true;
    }
    match introducer {
        b'%' => next.is_ascii_hexdigit(),
        b'\\' => b"uxU".contains(next),
        _ => {
            // A name or a number, followed by an end, which may itself be escaped.
            (*next == b'#' || next.is_ascii_alphabetic()) && {
                let mut rest = rest[1..].iter().take(11);
                let end = rest.find(|b| !b.is_ascii_alphanumeric() && **b != b'#');
                end.is_some_and(|b| b";%&\\".contains(b))
            }
        }
    }
}
