//! The patterns that give away a marker.
//!
//! This module has the patterns and the packed search for all of them at once. Reading what stands
//! at a trigger is left to `candidate`. Three characters of a marker are enough for a pattern: they
//! stay together even where separators stand in the canary, and the rest is read anyway.

use aho_corasick::Span;
use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, MatchKind};

use super::super::codec::Codec;

/// The meaning of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// The beginning of a marker.
    Forward(Marker),
    /// The beginning of a reversed marker.
    Backward(Marker),
}

/// Identifies one of the two markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// The marker of every shape except `integer`.
    Common,
    /// The marker of `integer`.
    Digits,
}

/// Number of marker characters that make a trigger.
pub(super) const HEAD: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct Triggers {
    kinds: Vec<Trigger>,
    searcher: Search,
}

#[derive(Clone, Debug)]
enum Search {
    Packed(Searcher),
    Automaton(AhoCorasick),
    /// Neither could be built, which cannot happen with a dozen short patterns.
    Nothing,
}

impl Triggers {
    pub(super) fn new(codec: &Codec) -> Triggers {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let mut kinds = Vec::new();
        for (marker, kind) in [
            (&codec.marker, Marker::Common),
            (&codec.digits, Marker::Digits),
        ] {
            let head = &marker[..HEAD];
            let forward = [head.to_vec(), head.to_ascii_uppercase()];
            for mut pattern in forward {
                if patterns.contains(&pattern) {
                    continue;
                }
                patterns.push(pattern.clone());
                kinds.push(Trigger::Forward(kind));
                pattern.reverse();
                patterns.push(pattern);
                kinds.push(Trigger::Backward(kind));
            }
        }
        Triggers {
            searcher: Search::new(&patterns),
            kinds,
        }
    }

    /// Returns the first trigger at or after `from`, and its position.
    pub(super) fn next(&self, bytes: &[u8], from: usize) -> Option<(Trigger, usize)> {
        let (pattern, at) = match &self.searcher {
            Search::Packed(searcher) => {
                let span = Span {
                    start: from.min(bytes.len()),
                    end: bytes.len(),
                };
                searcher
                    .find_in(bytes, span)
                    .map(|m| (m.pattern(), m.start()))
            }
            Search::Automaton(automaton) => {
                let input = aho_corasick::Input::new(bytes).range(from.min(bytes.len())..);
                automaton.find(input).map(|m| (m.pattern(), m.start()))
            }
            Search::Nothing => None,
        }?;
        self.kinds.get(pattern.as_usize()).map(|kind| (*kind, at))
    }
}

impl Search {
    fn new(patterns: &[Vec<u8>]) -> Search {
        let packed = packed::Config::new().builder().extend(patterns).build();
        if let Some(searcher) = packed {
            return Search::Packed(searcher);
        }
        // Without vector instructions the search is slower, but finds the same matches.
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(patterns)
            .map_or(Search::Nothing, Search::Automaton)
    }
}
