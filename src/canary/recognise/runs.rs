//! Runs of base64 and hexadecimal digits.
//!
//! Owns finding them (sixty-four bytes at a time, in most of which there is none long enough),
//! joining runs that are broken over lines, and handing each to the decoders. Leaves out the
//! decoders (`base64`, `hex`) and digests (`digests`).
//!
//! Both base64 alphabets count as one: where a character of the other alphabet only stands
//! before or after a run, decoding at every alignment finds its way. Every run of fourteen
//! characters or more is seen, the least that can hold a canary.

use std::borrow::Cow;
use std::ops::Range;

use super::lanes::{self, LANES};
use super::{LAYERS, Match, Recogniser, Work};

/// Shorter runs cannot hold an encoded canary.
const SHORTEST: usize = 14;

/// A line that is followed by another has at least this many characters.
const SHORTEST_LINE: usize = 16;

/// What breaks a run over lines, plain or escaped.
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
    /// Where each piece begins, in the run and in the layer.
    pieces: Vec<(usize, usize)>,
}

impl Run<'_> {
    /// The bytes of the layer that hold these characters of the run.
    pub(super) fn source(&self, chars: Range<usize>) -> Range<usize> {
        let of = |at: usize| {
            let piece = self
                .pieces
                .partition_point(|(start, _)| *start <= at)
                .saturating_sub(1);
            let (start, source) = self.pieces[piece];
            source + (at - start)
        };
        of(chars.start)..of(chars.end.max(chars.start + 1) - 1) + 1
    }

    pub(super) fn is_joined(&self) -> bool {
        self.pieces.len() > 1
    }
}

impl Recogniser {
    /// Decodes every run of a layer.
    pub(super) fn runs(
        &self,
        bytes: &[u8],
        depth: u8,
        work: &mut Work<'_>,
        found: &mut Vec<Match>,
    ) {
        let mut runs = Runs::new(bytes);
        while let Some(run) = runs.next() {
            let end = self.run(bytes, run, depth, work, found);
            runs.go_on_from(end);
        }
    }

    /// Decodes one run, with the lines that continue it; gives where it ends.
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
            pieces: vec![(0, first.start)],
        };
        let mut last = first;
        while let Some(next) = continuation(bytes, &last) {
            run.pieces.push((run.chars.len(), next.start));
            run.chars.to_mut().extend_from_slice(&bytes[next.clone()]);
            last = next;
        }
        self.hexadecimal(&run, depth, work, found);
        self.digests_in_base64(&run, found);
        if depth < LAYERS {
            self.base64(&run, depth, work, found);
        }
        last.end
    }
}

/// The next line of a run that is broken over lines.
fn continuation(bytes: &[u8], line: &Range<usize>) -> Option<Range<usize>> {
    if line.len() < SHORTEST_LINE || !line.len().is_multiple_of(4) {
        return None;
    }
    let rest = &bytes[line.end..];
    let newline = BREAKS.iter().find(|newline| rest.starts_with(newline))?;
    let start = line.end + newline.len();
    let len = digits(&bytes[start..]);
    (len > 0).then_some(start..start + len)
}

/// The runs of a layer that are long enough, in order.
struct Runs<'a> {
    bytes: &'a [u8],
    /// Where the word stands.
    at: usize,
    /// A bit for each digit that was not yet given away.
    word: u64,
    /// The end of the word before.
    before: u64,
}

impl<'a> Runs<'a> {
    /// Bits of the word before that may begin a run.
    const KEPT: usize = SHORTEST - 1;

    fn new(bytes: &'a [u8]) -> Runs<'a> {
        Runs {
            bytes,
            at: 0,
            word: lanes::bits(bytes, is_digit),
            before: 0,
        }
    }

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let mut streak = u128::from(self.word) << Self::KEPT | u128::from(self.before);
            streak &= streak >> 1;
            streak &= streak >> 2;
            streak &= streak >> 4;
            streak &= streak >> 6;
            if streak != 0 {
                let start = self.at + streak.trailing_zeros() as usize - Self::KEPT;
                return Some(start..self.end(start));
            }
            if !self.advance() {
                return None;
            }
        }
    }

    fn advance(&mut self) -> bool {
        self.before = self.word >> (LANES - Self::KEPT);
        self.at += LANES;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.word = lanes::bits(rest, is_digit);
        !rest.is_empty()
    }

    /// Where a run ends that reaches into this word.
    fn end(&mut self, start: usize) -> usize {
        let from = start.saturating_sub(self.at);
        let here = (self.word >> from).trailing_ones() as usize;
        if from + here < LANES {
            return self.at + from + here;
        }
        while self.advance() {
            let here = self.word.trailing_ones() as usize;
            if here < LANES {
                return self.at + here;
            }
        }
        self.bytes.len()
    }

    fn go_on_from(&mut self, position: usize) {
        while self.at + LANES <= position && self.advance() {}
        self.before = 0;
        self.word &= u64::MAX << position.saturating_sub(self.at).min(LANES - 1);
    }
}

/// How many digits of base64 stand at the beginning.
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

/// A digit of base64, in either alphabet. Written without branches, for the vector units.
#[allow(clippy::needless_bitwise_bool)]
fn is_digit(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `-` and `.` to `9` without `.`; then `+` and `_`.
    let digit = byte.wrapping_sub(b'/') < 11;
    letter | digit | (byte == b'+') | (byte == b'-') | (byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

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
                let run = Runs::new(&bytes).next();
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
