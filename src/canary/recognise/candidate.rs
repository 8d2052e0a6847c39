//! Reading the text at a trigger.
//!
//! This module decides whether a canary is there and which bytes it covers: its case, its groups,
//! what precedes and follows it, and whether a weak one is a whole token. Layers are handled
//! elsewhere.

use std::ops::Range;

use super::super::codec::lead;
use super::super::mint::Slot;
use super::super::shape::{MARKER, Shape};
use super::super::transform::Transform;
use super::triggers::{HEAD, Marker};
use super::{Match, Recogniser, Strength, Work};

/// The longest core, in characters.
const LONGEST: usize = 64;

/// How far a reversed canary may extend on either side of its marker.
const BEFORE: usize = 16;
const AFTER: usize = 192;

/// Separators that may stand between groups. A canary uses only one kind.
const SEPARATORS: [&str; 22] = [
    "-", " ", ".", ":", "_", "/", ",", "+", "|", "\u{ad}", "\u{a0}", "\u{b7}", "\u{2009}",
    "\u{200b}", "\u{200c}", "\u{200d}", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2060}", "\u{feff}",
    "%20",
];

/// The characters of a candidate in lower case, and the position of each.
struct Text {
    chars: [u8; LONGEST],
    at: [usize; LONGEST],
    len: usize,
    grouped: bool,
}

impl Recogniser {
    /// Reads a canary that has its marker at `at`.
    pub(super) fn forward(
        &self,
        bytes: &[u8],
        at: usize,
        marker: Marker,
        work: &Work<'_>,
        found: &mut Vec<Match>,
    ) {
        found.extend(self.read(bytes, at, marker, work));
    }

    /// Reads a reversed canary, given that the first characters of its reversed marker are at `at`.
    pub(super) fn backward(
        &self,
        bytes: &[u8],
        at: usize,
        marker: Marker,
        work: &Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let first = at + HEAD;
        let end = (first + BEFORE).min(bytes.len());
        let start = first.saturating_sub(AFTER);
        let mut mirror = [0_u8; BEFORE + AFTER];
        let mirror = &mut mirror[..end - start];
        for (to, from) in mirror.iter_mut().zip(bytes[start..end].iter().rev()) {
            *to = *from;
        }
        if let Some(mut canary) = self.read(mirror, end - first, marker, work) {
            canary.span = end - canary.span.end..end - canary.span.start;
            let place = canary
                .transforms
                .iter()
                .take_while(|t| is_case(**t))
                .count();
            canary.transforms.insert(place, Transform::Reversed);
            found.push(canary);
        }
    }

    fn read(&self, bytes: &[u8], at: usize, marker: Marker, work: &Work<'_>) -> Option<Match> {
        let text = Text::solid(bytes, at);
        if text.len >= MARKER
            && let Some(canary) = self.identify(bytes, &text, marker)
        {
            return Some(canary);
        }
        let grouped = Text::grouped(bytes, at);
        grouped
            .and_then(|text| self.identify(bytes, &text, marker))
            .or_else(|| work.near.as_ref()?.head(bytes, at, marker))
    }

    /// Returns the issued canary that the text spells, if any.
    fn identify(&self, bytes: &[u8], text: &Text, marker: Marker) -> Option<Match> {
        let chars = &text.chars[..text.len];
        let expected = match marker {
            Marker::Common => &self.codec.marker,
            Marker::Digits => &self.codec.digits,
        };
        if !chars.starts_with(expected) {
            return None;
        }
        let shapes: &[Shape] = match marker {
            Marker::Digits => &[Shape::Integer],
            Marker::Common => &[
                Shape::Token,
                Shape::Hex32,
                Shape::Hex64,
                Shape::Uuid,
                Shape::Prefixed,
                Shape::Email,
                Shape::Url,
                Shape::Short,
            ],
        };
        shapes
            .iter()
            .find_map(|&shape| self.identify_as(bytes, text, shape))
    }

    fn identify_as(&self, bytes: &[u8], text: &Text, shape: Shape) -> Option<Match> {
        let chars = &text.chars[..text.len];
        let mut removed = false;
        let (slot, len) = match self.codec.read(chars, shape) {
            Some(slot) => (slot, shape.core_len()),
            None if shape == Shape::Uuid => {
                // A UUID is often printed without its dashes.
                removed = true;
                (self.codec.read(&dashed(chars)?, shape)?, 32)
            }
            None => return None,
        };
        if self.issued.shape(slot) != Some(shape) {
            return None;
        }
        let core = text.at[0]..text.at[len - 1] + 1;
        if !shape.is_strong() && !is_whole(bytes, &core, text, len, shape) {
            return None;
        }
        let (span, whole) = self.around(bytes, core, slot, shape);
        let mut transforms = Vec::new();
        transforms.extend(case(bytes, &span, text, len));
        if !whole {
            transforms.push(Transform::Truncated);
        }
        if text.grouped || removed {
            transforms.push(Transform::Separators);
        }
        let strength = if shape.is_strong() {
            Strength::Full
        } else {
            Strength::Weak
        };
        Some(Match {
            span,
            slot,
            shape,
            strength,
            transforms,
        })
    }

    /// Extends the span to the lead and the tail of a canary where they surround its core.
    fn around(
        &self,
        bytes: &[u8],
        core: Range<usize>,
        slot: Slot,
        shape: Shape,
    ) -> (Range<usize>, bool) {
        let lead = lead(slot, shape).as_bytes();
        let mut span = core;
        let before = bytes[..span.start].len().checked_sub(lead.len());
        let mut whole = true;
        match before {
            Some(start) if bytes[start..span.start].eq_ignore_ascii_case(lead) => {
                span.start = start;
            }
            _ => whole = false,
        }
        let mailbox;
        let tail = match shape {
            Shape::Email => {
                mailbox = format!("@{}", self.codec.domain);
                mailbox.as_bytes()
            }
            Shape::Url => b".invalid",
            _ => b"",
        };
        match bytes[span.end..].get(..tail.len()) {
            Some(after) if after.eq_ignore_ascii_case(tail) => span.end += tail.len(),
            _ => whole = false,
        }
        (span, whole)
    }
}

impl Text {
    /// Reads consecutive characters: letters, digits and the dashes of a UUID.
    fn solid(bytes: &[u8], at: usize) -> Text {
        let mut text = Text {
            chars: [0; LONGEST],
            at: [0; LONGEST],
            len: 0,
            grouped: false,
        };
        for (i, byte) in bytes[at..].iter().take(LONGEST).enumerate() {
            let dash = *byte == b'-' && [8, 13, 18, 23].contains(&i);
            if !dash && !byte.is_ascii_alphanumeric() {
                break;
            }
            text.push(*byte, at + i);
        }
        text
    }

    /// Reads characters in groups of three to eight, with one kind of separator between them.
    ///
    /// The last group may be shorter.
    fn grouped(bytes: &[u8], at: usize) -> Option<Text> {
        let letters = |from: usize| {
            bytes[from..]
                .iter()
                .take(9)
                .take_while(|b| b.is_ascii_alphanumeric())
                .count()
        };
        let size = letters(at);
        if !(3..=8).contains(&size) {
            return None;
        }
        let separator = SEPARATORS
            .iter()
            .find(|s| bytes[at + size..].starts_with(s.as_bytes()))?;
        let mut text = Text {
            chars: [0; LONGEST],
            at: [0; LONGEST],
            len: 0,
            grouped: true,
        };
        let mut from = at;
        loop {
            let count = letters(from).min(size);
            for (i, byte) in bytes[from..from + count].iter().enumerate() {
                text.push(*byte, from + i);
            }
            from += count;
            let goes_on = bytes[from..].starts_with(separator.as_bytes());
            if count < size || text.len == LONGEST || !goes_on {
                break;
            }
            from += separator.len();
        }
        Some(text)
    }

    fn push(&mut self, byte: u8, at: usize) {
        if self.len < LONGEST {
            self.chars[self.len] = byte.to_ascii_lowercase();
            self.at[self.len] = at;
            self.len += 1;
        }
    }
}

fn dashed(chars: &[u8]) -> Option<Vec<u8>> {
    let digits = chars.get(..32)?;
    let mut text = Vec::with_capacity(36);
    for (i, digit) in digits.iter().enumerate() {
        if [8, 12, 16, 20].contains(&i) {
            text.push(b'-');
        }
        text.push(*digit);
    }
    Some(text)
}

/// Returns whether a weak canary has no letters or digits next to it on either side.
fn is_whole(bytes: &[u8], core: &Range<usize>, text: &Text, len: usize, shape: Shape) -> bool {
    let ends = |at: usize| !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let goes_on = text.grouped && text.len > len;
    let number = shape == Shape::Integer
        && (is_fraction_before(&bytes[..core.start]) || is_fraction_after(&bytes[core.end..]));
    !goes_on && !number && ends(core.end) && begins(&bytes[..core.start])
}

/// Returns whether a token may begin after these bytes.
///
/// It may if they do not end in a letter or digit, or if that letter or digit ends an escape.
fn begins(before: &[u8]) -> bool {
    let Some(last) = before.last() else {
        return true;
    };
    if !last.is_ascii_alphanumeric() {
        return true;
    }
    let ends_with = |introducer: &[u8], digits: usize| {
        before.len() >= introducer.len() + digits && {
            let (head, tail) = before.split_at(before.len() - digits);
            head.ends_with(introducer) && tail.iter().all(u8::is_ascii_hexdigit)
        }
    };
    let backslashes = |rest: &[u8]| rest.iter().rev().take_while(|b| **b == b'\\').count();
    let simple = b"nrtbfav0".contains(last) && backslashes(&before[..before.len() - 1]) % 2 == 1;
    simple || ends_with(b"%", 2) || ends_with(b"\\u", 4) || ends_with(b"\\x", 2)
}

fn is_fraction_before(before: &[u8]) -> bool {
    matches!(before, [.., digit, b'.'] if digit.is_ascii_digit())
}

/// Returns whether a fraction other than `.0` follows.
fn is_fraction_after(after: &[u8]) -> bool {
    match after {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            rest[..digits].iter().any(|b| *b != b'0')
        }
        _ => false,
    }
}

/// Returns how the letters of a match differ from the lower case of its canary.
fn case(bytes: &[u8], span: &Range<usize>, text: &Text, len: usize) -> Option<Transform> {
    let core = text.at[..len].iter().map(|at| bytes[*at]);
    let around = (span.start..text.at[0])
        .chain(text.at[len - 1] + 1..span.end)
        .map(|i| bytes[i]);
    let (mut upper, mut lower) = (false, false);
    for byte in core.chain(around) {
        upper |= byte.is_ascii_uppercase();
        lower |= byte.is_ascii_lowercase();
    }
    match (upper, lower) {
        (true, false) => Some(Transform::Uppercase),
        (true, true) => Some(Transform::MixedCase),
        (false, _) => None,
    }
}

pub(super) fn is_case(transform: Transform) -> bool {
    matches!(transform, Transform::Uppercase | Transform::MixedCase)
}
