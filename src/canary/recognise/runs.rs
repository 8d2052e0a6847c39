//! Runs of base64 and hexadecimal digits.
//!
//! This module finds them (sixty-four bytes at a time, as most such blocks have no run long
//! enough), joins runs that are broken over lines, and passes each to the decoders `base64` and
//! `hex`, and to `digests`.
//!
//! Both base64 alphabets count as one: where a character of the other alphabet merely stands next
//! to a run, decoding at every alignment takes care of it. Every run of at least fourteen
//! characters, the fewest that can hold a canary, is seen.

use std::borrow::Cow;
use std::ops::Range;

use super::lanes::{self, LANES, Stretches};
use super::{Match, Recogniser, Work};

/// Shorter runs cannot hold an encoded canary.
const SHORTEST: usize = 14;

/// Minimum length of a line that is continued by another.
const SHORTEST_LINE: usize = 16;

/// Line breaks within a run, plain or escaped.
const BREAKS: [&[u8]; 10] = [
    b"\r\n",
    b"\n",
    b"\\r\\n",
    b"\\n",
    b"%0D%0A",
    b"%0d%0a",
    b"%0A",
    b"%0a",
    b"&#13;&#10;",
    b"&#10;",
];

/// A run of digits, in one piece or joined from lines.
pub(super) struct Run<'a> {
    pub(super) chars: Cow<'a, [u8]>,
    /// Where the run begins in the layer. `further` has the start of each further piece, in the run
    /// and in the layer.
    first: usize,
    further: Vec<(usize, usize)>,
}

impl Run<'_> {
    /// Returns the bytes of the layer that hold these characters of the run.
    pub(super) fn source(&self, chars: Range<usize>) -> Range<usize> {
        let of = |at: usize| {
            let further = self.further.partition_point(|(start, _)| *start <= at);
            let piece = further
                .checked_sub(1)
                .map_or((0, self.first), |i| self.further[i]);
            piece.1 + (at - piece.0)
        };
        of(chars.start)..of(chars.end.max(chars.start + 1) - 1) + 1
    }

    pub(super) fn is_joined(&self) -> bool {
        !self.further.is_empty()
    }
}

impl Recogniser {
    /// Decodes every run of a layer.
    #[inline(never)]
    pub(super) fn runs(
        &self,
        bytes: &[u8],
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let mut runs: Stretches<'_, SHORTEST, _> = Stretches::new(self.arch, bytes, is_digit);
        while let Some(run) = runs.next() {
            let end = self.run(bytes, run, depth, work, found);
            runs.go_on_from(end);
        }
    }

    /// Decodes one run with the lines that continue it, and returns where it ends.
    fn run(
        &self,
        bytes: &[u8],
        first: Range<usize>,
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) -> usize {
        let mut run = Run {
            chars: bytes[first.clone()].into(),
            first: first.start,
            further: Vec::new(),
        };
        let mut last = first;
        while let Some(next) = continuation(bytes, &last) {
            run.further.push((run.chars.len(), next.start));
            run.chars.to_mut().extend_from_slice(&bytes[next.clone()]);
            last = next;
        }
        // Most runs in text are words and paths, which have neither.
        let (capital, decimal) = kinds(&run.chars);
        if decimal {
            self.hexadecimal(&run, depth, work, found);
        }
        if capital {
            self.base64(&run, depth, work, found);
        }
        last.end
    }
}

/// Returns whether there is a capital, and whether there is a decimal digit.
///
/// Base64 needs a capital: the encoding of a marker has at least two, that of a compressed header
/// one, and by chance less than one encoding in some thousands has none. Hexadecimal needs a
/// decimal digit.
fn kinds(chars: &[u8]) -> (bool, bool) {
    let (mut capital, mut decimal) = (false, false);
    let mut look = |sixteen: &[u8; 16]| {
        capital |= lanes::any(sixteen, |b| b.wrapping_sub(b'A') < 26);
        decimal |= lanes::any(sixteen, |b| b.wrapping_sub(b'0') < 10);
        capital && decimal
    };
    // The last sixteen bytes overlap the ones before.
    if let Some(last) = chars.last_chunk() {
        let (sixteens, _) = chars.as_chunks();
        let _ = sixteens.iter().any(&mut look) || look(last);
    } else {
        let mut padded = [0; 16];
        padded[..chars.len()].copy_from_slice(chars);
        look(&padded);
    }
    (capital, decimal)
}

/// Returns the next line of a run that is broken over lines.
fn continuation(bytes: &[u8], line: &Range<usize>) -> Option<Range<usize>> {
    if line.len() < SHORTEST_LINE || !line.len().is_multiple_of(4) {
        return None;
    }
    let rest = &bytes[line.end..];
    rest.first().filter(|first| b"\r\n\\%&".contains(first))?;
    let newline = BREAKS.iter().find(|newline| rest.starts_with(newline))?;
    let start = line.end + newline.len();
    let len = digits(&bytes[start..]);
    (len > 0).then_some(start..start + len)
}

/// Returns how many base64 digits stand at the beginning.
fn digits(bytes: &[u8]) -> usize {
    let mut count = 0;
    for chunk in bytes.chunks(LANES) {
        let here = lanes::bits(chunk, is_digit).trailing_ones() as usize;
        count += here;
        if here < LANES {
            break;
        }
    }
    count
}

/// Returns whether a byte is a base64 digit in either alphabet.
///
/// It is written without branches, for the vector units.
#[inline(always)]
fn is_digit(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `/` and `0` to `9`; then `+`, `-` and `_`.
    let digit = byte.wrapping_sub(b'/') < 11;
    letter | digit | (byte == b'+') | (byte == b'-') | (byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Arch;

    #[test]
    fn the_digits_are_those_of_both_alphabets() {
        let digits: String = (0..=255_u8)
            .filter(|b| is_digit(*b))
            .map(char::from)
            .collect();
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
        assert_eq!(digits, format!("+-/0123456789{letters}"));
    }

    #[test]
    fn a_run_of_fourteen_is_seen_at_every_offset() {
        for before in 0..250 {
            for after in [0, 1, 70, 200] {
                let mut bytes = vec![b' '; before];
                bytes.extend_from_slice(&[b'a'; 14]);
                bytes.extend(vec![b' '; after]);
                let run = Stretches::<SHORTEST, _>::new(Arch::new(), &bytes, is_digit).next();
                assert_eq!(run, Some(before..before + 14), "{before} {after}");
            }
        }
    }

    #[test]
    fn lines_of_base64_continue_and_words_do_not() {
        let line = "QUJDREVGR0hJSktMTU5P";
        let text = format!("{line}\r\n{line}");
        assert_eq!(continuation(text.as_bytes(), &(0..20)), Some(22..42));
        assert_eq!(continuation(b"word\nword", &(0..4)), None);
    }
}
