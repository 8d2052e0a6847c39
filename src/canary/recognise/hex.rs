//! Runs of hexadecimal digits as a layer.
//!
//! Owns finding them inside a run, the question whether they hold text, and decoding them, from
//! either end and at either nibble. Hands those of a digest's length to `digests`.

use super::super::transform::Transform;
use super::inflate;
use super::runs::Run;
use super::{LAYERS, Match, Recogniser, Start, Work};

/// Digits that hold ten bytes, the shortest canary.
const SHORTEST: usize = 20;
const BYTES: usize = SHORTEST / 2;

impl Recogniser {
    pub(super) fn hexadecimal(
        &self,
        run: &Run<'_>,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let chars = &run.chars[..];
        let mut from = 0;
        // A run of twenty digits covers a position in every twenty.
        while let Some(probe) = chars.get(from..from + SHORTEST) {
            if let Some(other) = probe.iter().rposition(|b| !b.is_ascii_hexdigit()) {
                from += other + 1;
                continue;
            }
            let more = chars[from + SHORTEST..]
                .iter()
                .take_while(|b| b.is_ascii_hexdigit())
                .count();
            let end = from + SHORTEST + more;
            self.digests_in_hex(run, from..end, found);
            if depth < LAYERS {
                self.hex_digits(run, from, end, depth, work, found);
            }
            from = end;
        }
    }

    fn hex_digits(
        &self,
        run: &Run<'_>,
        from: usize,
        end: usize,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let mut digits = run.chars[from..end].to_vec();
        for reversed in [false, true] {
            if reversed {
                digits.reverse();
            }
            for skip in 0..2 {
                let digits = &digits[skip..];
                let stream = skip == 0 && begins_with_stream(digits);
                if !stream && !holds_text(digits) {
                    continue;
                }
                let decoded = decode(digits);
                if !work.spend(decoded.len()) {
                    return;
                }
                let start = if stream {
                    Start::OfStream
                } else {
                    Start::Within
                };
                let mut inside = Vec::new();
                self.layer(&decoded, depth + 1, start, work, &mut inside);
                found.extend(inside.into_iter().map(|mut m| {
                    let (s, e) = (skip + m.span.start * 2, skip + m.span.end * 2);
                    m.transforms.insert(0, Transform::Hex);
                    if reversed {
                        m.transforms.insert(0, Transform::Reversed);
                        m.span = run.source(end - e..end - s);
                    } else {
                        m.span = run.source(from + s..from + e);
                    }
                    m
                }));
            }
        }
    }
}

/// Whether ten bytes in a row are ASCII, or a header of zlib or gzip stands anywhere.
fn holds_text(digits: &[u8]) -> bool {
    let mut streak = 0;
    for pair in digits.chunks_exact(2) {
        streak = if pair[0] < b'8' { streak + 1 } else { 0 };
        if streak == BYTES {
            return true;
        }
    }
    false
}

/// Whether a compressed stream, with its header or without, begins here.
fn begins_with_stream(digits: &[u8]) -> bool {
    let bytes = decode(&digits[..digits.len().min(96)]);
    inflate::has_header(&bytes) || inflate::is_plausible(&bytes)
}

pub(super) fn decode(digits: &[u8]) -> Vec<u8> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        other => (other | 0x20).wrapping_sub(b'a').wrapping_add(10),
    };
    digits
        .chunks_exact(2)
        .map(|pair| value(pair[0]) << 4 | value(pair[1]))
        .collect()
}
