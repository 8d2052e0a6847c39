//! Maps offsets in an answer's text to offsets in its body.
//!
//! Static detectors read [`Response::text`], in which each invalid sequence takes up three bytes;
//! evidence is cut from the body as it was received.

use std::ops::Range;

use crate::finding::SinkPlace;
use crate::http::Response;
use crate::rule::StaticSighting;

/// Converts the ranges of body sightings from text offsets to byte offsets in the body.
pub(super) fn to_body(response: &Response, statics: &mut [StaticSighting]) {
    let offsets = Offsets::of(&response.body);
    if offsets.0.is_empty() {
        return;
    }
    for sighting in statics
        .iter_mut()
        .filter(|sighting| sighting.place == SinkPlace::Body)
    {
        sighting.span = offsets.range(&sighting.span);
        sighting.extent = offsets.range(&sighting.extent);
        for secret in &mut sighting.secrets {
            *secret = offsets.range(secret);
        }
    }
}

/// The points at which the offsets of text and body drift apart: the end of each invalid sequence, in
/// the text and in the body.
struct Offsets(Vec<(usize, usize)>);

impl Offsets {
    fn of(body: &[u8]) -> Self {
        let mut ends = Vec::new();
        let (mut text, mut bytes) = (0, 0);
        for chunk in body.utf8_chunks() {
            text += chunk.valid().len();
            bytes += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                text += char::REPLACEMENT_CHARACTER.len_utf8();
                bytes += chunk.invalid().len();
                ends.push((text, bytes));
            }
        }
        Self(ends)
    }

    fn range(&self, range: &Range<usize>) -> Range<usize> {
        self.at(range.start)..self.at(range.end)
    }

    fn at(&self, text: usize) -> usize {
        let before = self.0.partition_point(|(end, _)| *end <= text);
        match before.checked_sub(1).and_then(|last| self.0.get(last)) {
            Some((end, body)) => body + (text - end),
            None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_behind_bytes_that_are_no_utf8_is_found_in_the_body() {
        let body = b"caf\xe9, na\xefve: secret";
        let text = String::from_utf8_lossy(body);
        let start = text.find("secret").unwrap();
        let found = Offsets::of(body).range(&(start..start + 6));
        assert_eq!(&body[found], b"secret");
    }

    #[test]
    fn a_range_of_an_invalid_sequence_is_that_sequence() {
        let body = b"a\xe2\x82b\xffc";
        let offsets = Offsets::of(body);
        assert_eq!(offsets.range(&(0..1)), 0..1);
        assert_eq!(offsets.range(&(1..4)), 1..3);
        assert_eq!(offsets.range(&(5..8)), 4..5);
        assert_eq!(offsets.range(&(8..9)), 5..6);
    }
}
