//! Compressed streams as a layer, inside decoded bytes.
//!
//! This module recognises where a stream begins (a zlib or gzip header anywhere, a headerless
//! stream only at the start) and inflates it within bounds. The decompressor itself is an external
//! crate.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::super::transform::Transform;
use super::lanes;
use super::{Match, Recogniser, Start, Work};

/// The most bytes that a stream may yield, however much of the budget is left.
const LARGEST: usize = 4 << 20;

/// Length in bytes of the shortest dynamic block that could hold a canary.
///
/// Ten different characters take 50 bits of lengths for the code-length code, 80 for their own
/// lengths and the gaps between them, and 30 for themselves.
const SHORTEST_DYNAMIC: usize = 20;

/// A shorter stream with the fixed code has little room for anything but a canary.
const ONLY_A_CANARY: usize = 16;

impl Recogniser {
    #[inline(never)]
    pub(super) fn streams(
        &self,
        bytes: &[u8],
        depth: u8,
        start: Start,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let second = |b: u8| (b == 0x01) | (b == 0x5e) | (b == 0x9c) | (b == 0xda) | (b == 0x8b);
        lanes::each_pair(
            self.arch,
            bytes,
            |b| (b == 0x78) | (b == 0x1f),
            second,
            |at| {
                let stream = &bytes[at..];
                if is_zlib(stream) && is_plausible(&stream[2..], stream.len() - 2) {
                    self.stream(bytes, at, 2, Transform::Zlib, depth, work, found);
                } else if let Some(header) = gzip_header(stream)
                    && is_plausible(&stream[header..], stream.len() - header)
                {
                    self.stream(bytes, at, header, Transform::Gzip, depth, work, found);
                }
            },
        );
        if start == Start::OfStream && is_plausible(bytes, bytes.len()) {
            self.stream(bytes, 0, 0, Transform::Deflate, depth, work, found);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn stream(
        &self,
        bytes: &[u8],
        at: usize,
        header: usize,
        kind: Transform,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let stream = &bytes[at + header..];
        // Noise that passed for a stream inflates to noise, and a small sample shows it.
        let taste = if header == 0 { 64 } else { 4096 };
        if !holds_text(&inflate(stream, taste)) {
            return;
        }
        let inflated = inflate(stream, work.left().min(LARGEST));
        if !work.spend(inflated.len()) {
            return;
        }
        let mut inside = Vec::new();
        self.layer(&inflated, depth + 1, Start::Within, work, &mut inside);
        found.extend(inside.into_iter().map(|mut m| {
            // A byte of a stream depends on everything before it.
            m.span = at..bytes.len();
            m.transforms.insert(0, kind);
            m
        }));
    }
}

/// Inflates a stream, up to a limit.
///
/// A truncated or corrupt stream yields what was inflated until then.
fn inflate(stream: &[u8], limit: usize) -> Vec<u8> {
    decompress_to_vec_with_limit(stream, limit).unwrap_or_else(|failed| failed.output)
}

/// Returns whether ten bytes in a row are printable, or every other one is zero as in UTF-16.
fn holds_text(bytes: &[u8]) -> bool {
    let (mut streak, mut last) = (0, 0);
    for byte in bytes {
        let printable = (b' '..=b'~').contains(byte) || b"\n\r\t".contains(byte);
        let text = printable || (*byte == 0 && last != 0);
        streak = if text { streak + 1 } else { 0 };
        last = *byte;
        if streak == 10 {
            return true;
        }
    }
    false
}

/// Returns whether these bytes begin with a zlib or gzip header.
pub(super) fn has_header(bytes: &[u8]) -> bool {
    is_zlib(bytes) || gzip_header(bytes).is_some()
}

fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, 0x01 | 0x5e | 0x9c | 0xda, _, ..])
}

/// Returns the length of the gzip header that begins here.
fn gzip_header(bytes: &[u8]) -> Option<usize> {
    let [0x1f, 0x8b, 8, flags, ..] = bytes else {
        return None;
    };
    let mut at = 10;
    if flags & 4 != 0 {
        let extra = bytes.get(at..at + 2)?;
        at += 2 + usize::from(extra[0]) + (usize::from(extra[1]) << 8);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|b| *b == 0)? + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    (flags & 0xe0 == 0 && at < bytes.len()).then_some(at)
}

/// Returns whether a deflate stream may begin here.
///
/// This is tested before the decompressor is tried, which costs two hundred times as much. One in a
/// hundred random inputs passes. `len` is the number of bytes that the stream may have; `bytes` are
/// the first of them.
#[inline]
pub(super) fn is_plausible(bytes: &[u8], len: usize) -> bool {
    let mut bits = Bits::of(bytes);
    bits.take(1);
    match bits.take(2) {
        Some(0) => {
            matches!(bytes, [_, a, b, c, d, ..] if *a == !*c && *b == !*d)
        }
        Some(1) => begins_with_text(&mut bits, if len < ONLY_A_CANARY { 10 } else { 6 }),
        Some(2) => len >= SHORTEST_DYNAMIC && has_code_lengths(&mut bits),
        _ => false,
    }
}

/// Returns whether the first symbols of a fixed-code block are ASCII characters or repeat some.
#[inline]
fn begins_with_text(bits: &mut Bits, symbols: u32) -> bool {
    let mut written = 0;
    for _ in 0..symbols {
        let Some(high) = bits.code(7) else {
            return written > 0;
        };
        // Seven bits encode a length or the end; eight bits from 0x30 on encode the bytes from 0
        // on.
        if high == 0 {
            return written > 0;
        }
        if high < 0x18 {
            let Some((length, distance)) = bits.repeat(high) else {
                return written > 0;
            };
            if distance > written {
                return false;
            }
            written += length;
            continue;
        }
        let Some(low) = bits.code(1) else {
            return written > 0;
        };
        if !(0x30..0x30 + 0x80).contains(&(high << 1 | low)) {
            return false;
        }
        written += 1;
    }
    true
}

/// Returns whether a block with its own code has a complete code for its code lengths.
fn has_code_lengths(bits: &mut Bits) -> bool {
    let (Some(literals), Some(distances), Some(count)) = (bits.take(5), bits.take(5), bits.take(4))
    else {
        return false;
    };
    let mut filled = 0;
    for _ in 0..count + 4 {
        match bits.take(3) {
            Some(0) => {}
            Some(length) => filled += 128 >> length,
            None => return false,
        }
    }
    literals <= 29 && distances <= 29 && filled == 128
}

/// The bits of the first sixteen bytes, in deflate's order.
struct Bits {
    bits: u128,
    left: u32,
}

impl Bits {
    #[inline]
    fn of(bytes: &[u8]) -> Bits {
        let (mut first, mut left) = ([0; 16], 0);
        for (to, from) in first.iter_mut().zip(bytes) {
            *to = *from;
            left += 8;
        }
        Bits {
            bits: u128::from_le_bytes(first),
            left,
        }
    }

    /// Reads a number, its lowest bit first.
    #[inline]
    fn take(&mut self, count: u32) -> Option<u32> {
        self.left = self.left.checked_sub(count)?;
        let [a, b, c, d, ..] = self.bits.to_le_bytes();
        let taken = u32::from_le_bytes([a, b, c, d]) & ((1 << count) - 1);
        self.bits >>= count;
        Some(taken)
    }

    /// Reads a code, its highest bit first.
    fn code(&mut self, count: u32) -> Option<u32> {
        Some(self.take(count)?.reverse_bits() >> (32 - count))
    }

    /// Reads the rest of a repetition, its length and distance, both from codes with extra bits.
    fn repeat(&mut self, code: u32) -> Option<(u32, u32)> {
        let (base, more) = match code - 1 {
            low @ 0..8 => (3 + low, 0),
            code => {
                let more = code / 4 - 1;
                (3 + ((4 + code % 4) << more), more)
            }
        };
        let length = base + self.take(more)?;
        let (base, more) = match self.code(5)? {
            low @ 0..4 => (1 + low, 0),
            code @ 4..30 => {
                let more = code / 2 - 1;
                (1 + ((2 + code % 2) << more), more)
            }
            _ => return Some((length, u32::MAX)),
        };
        Some((length, base + self.take(more)?))
    }
}
