//! The patterns that betray a marker.
//!
//! Owns which patterns there are and the packed search for all of them at once. Leaves out what
//! is read where one is found. Three characters of a marker are enough as a pattern: they stay
//! together even where separators stand in the canary, and what follows is looked at anyway.

use aho_corasick::Span;
use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, MatchKind};

use super::super::codec::Codec;

/// What a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// The beginning of a marker.
    Forward(Marker),
    /// The beginning of a marker, read from its end.
    Backward(Marker),
}

/// Which of the two markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// That of every shape but one.
    Common,
    /// That of `integer`.
    Digits,
}

/// Characters of a marker that make a trigger.
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
    /// Neither could be built, which a dozen short patterns cannot bring about.
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

    /// The first trigger at or after `from`, and where it stands.
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
        // A machine without the vector instructions: slower, and the same matches.
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(patterns)
            .map_or(Search::Nothing, Search::Automaton)
    }
}
