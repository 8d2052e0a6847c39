//! The recogniser over a reader.
//!
//! Owns reading in windows that overlap, so that what lies across a border is found, and found
//! once, in bounded memory. Leaves out opening anything.
//!
//! A window is searched as a body would be. A match counts in the one window where it begins
//! before the overlap, and each window begins with some bytes of the one before, so that what
//! stands before a match is known. What is longer than the overlap (a compressed stream, most of
//! all) may be cut by a border; cut base64 and hexadecimal runs are still decoded on both sides.

use std::io::{self, Read};

use super::super::mint::Canary;
use super::{Match, Recogniser};

/// Bytes of a window, of its end that is searched again, and of what is kept before it.
const WINDOW: usize = 1 << 20;
const OVERLAP: usize = 64 << 10;
const BEFORE: usize = 4 << 10;

impl Recogniser {
    /// Searches everything a reader gives, in about a megabyte of memory, and calls `found` for
    /// each match in the order of their beginnings, with spans counted from the first byte read.
    /// Gives the number of bytes read.
    ///
    /// ```
    /// use keyspill::canary::{Mint, RunKey, Shape};
    ///
    /// let mut mint = Mint::new(RunKey::from_seed(7));
    /// let canary = mint.plant(Shape::Token);
    /// let log = format!("GET /?key={}\n", canary.text);
    /// let mut found = Vec::new();
    /// mint.recogniser().scan_reader(log.as_bytes(), &[], |m| found.push(m))?;
    /// assert_eq!(found[0].slot, canary.slot);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// Whatever the reader fails with; matches before it were already given.
    pub fn scan_reader(
        &self,
        reader: impl Read,
        near: &[Canary],
        found: impl FnMut(Match),
    ) -> io::Result<u64> {
        self.windows(reader, near, WINDOW, OVERLAP, found)
    }

    fn windows(
        &self,
        mut reader: impl Read,
        near: &[Canary],
        size: usize,
        overlap: usize,
        mut found: impl FnMut(Match),
    ) -> io::Result<u64> {
        let mut window = vec![0; size];
        let (mut base, mut filled, mut from) = (0_usize, 0, 0);
        loop {
            let mut ended = false;
            while filled < size && !ended {
                match reader.read(&mut window[filled..]) {
                    Ok(0) => ended = true,
                    Ok(count) => filled += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            let to = if ended { filled } else { filled - overlap };
            let bytes = &window[..filled];
            let matches = if near.is_empty() {
                self.scan(bytes)
            } else {
                self.scan_near(bytes, near)
            };
            for mut m in matches {
                if (from..to).contains(&m.span.start) {
                    m.span = base + m.span.start..base + m.span.end;
                    found(m);
                }
            }
            if ended {
                return Ok(u64::try_from(base + filled).unwrap_or(u64::MAX));
            }
            let keep = to.saturating_sub(BEFORE.min(overlap));
            window.copy_within(keep..filled, 0);
            base += keep;
            filled -= keep;
            from = to - keep;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canary::{Mint, RunKey, Shape, Slot};

    /// Gives its bytes a few at a time.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(to.len()).min(self.1);
            to[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn a_canary_across_a_border_is_found_once_wherever_it_stands() {
        let mut mint = Mint::new(RunKey::from_seed(8));
        let canaries = [
            mint.plant(Shape::Token),
            mint.plant(Shape::Short),
            mint.plant(Shape::Url),
        ];
        for canary in &canaries {
            for before in (0..3_000).step_by(7) {
                let text = format!("{} {} {}", "-".repeat(before), canary.text, "-".repeat(900));
                let mut found = Vec::new();
                let read = mint
                    .recogniser()
                    .windows(Trickle(text.as_bytes(), 100), &[], 1024, 256, |m| {
                        found.push(m);
                    })
                    .unwrap();
                assert_eq!(read, text.len() as u64);
                assert_eq!(found.len(), 1, "{before} {found:?}");
                assert_eq!(&text[found[0].span.clone()], canary.text);
            }
        }
    }

    #[test]
    fn every_line_of_a_long_log_is_found_in_order() {
        let mut mint = Mint::new(RunKey::from_seed(8));
        let mut log = String::new();
        for i in 0..20_000 {
            let canary = mint.plant(Shape::Token).text;
            log.extend([&format!("127.0.0.1 GET /items/{i}?key="), &canary, "\n"]);
        }
        let mut slots = Vec::new();
        let recogniser = mint.recogniser();
        let read = recogniser
            .scan_reader(log.as_bytes(), &[], |m| slots.push(m.slot))
            .unwrap();
        assert_eq!(read, log.len() as u64);
        assert_eq!(slots, (0..20_000).map(Slot).collect::<Vec<_>>());
    }

    #[test]
    fn a_reader_that_fails_fails_after_what_was_found() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let mint = Mint::new(RunKey::from_seed(8));
        assert!(mint.recogniser().scan_reader(Broken, &[], |_| {}).is_err());
    }
}
