//! Builds a print from features as they are read.
//!
//! Owns: naming places, hashing values, taking back what turns out to accompany only an echo. Leaves
//! out: where features come from (`head`, `json`, `html`, `text`).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use time::OffsetDateTime;

use super::blur::{TOKEN, blur};
use super::mask::Mask;
use super::print::{Content, PrintedValue, ValueKind, ValuePlace};

/// Bytes of a value that a difference shows.
const EXCERPT: usize = 80;

/// Collects the features of one answer.
#[derive(Debug)]
pub(super) struct Builder<'m> {
    mask: &'m Mask,
    places: Vec<ValuePlace>,
    index: HashMap<u64, usize>,
    features: Vec<Feature>,
    excerpts: String,
}

/// One value at one place.
#[derive(Debug)]
struct Feature {
    place: usize,
    kind: ValueKind,
    exact: u64,
    blurred: u64,
    excerpt: Range<usize>,
    echo: bool,
}

impl<'m> Builder<'m> {
    pub(super) fn new(mask: &'m Mask) -> Self {
        Self {
            mask,
            places: Vec::new(),
            index: HashMap::new(),
            features: Vec::new(),
            excerpts: String::new(),
        }
    }

    /// Returns the place of this name under another place, creating it if it is new.
    pub(super) fn place(&mut self, parent: Option<usize>, part: &str, rank: usize) -> usize {
        let above = parent.and_then(|parent| self.places.get(parent));
        let id = hash(&(above.map_or(0, |place| place.id), part));
        if let Some(at) = self.index.get(&id) {
            return *at;
        }
        let at = self.places.len();
        self.index.insert(id, at);
        self.places.push(ValuePlace {
            id,
            parent,
            part: part.to_owned(),
            rank,
            kinds: 0,
            values: 0..0,
            blurred: 0..0,
            echoes: 0..0,
        });
        at
    }

    /// Adds a text; returns true if it holds an echo.
    pub(super) fn text(&mut self, place: usize, text: &str) -> bool {
        self.leaf(place, ValueKind::Text, text, None)
    }

    /// Adds a value; returns true if it holds an echo. `blurred` overrides the blurred form of the
    /// text.
    pub(super) fn leaf(
        &mut self,
        place: usize,
        kind: ValueKind,
        text: &str,
        blurred: Option<&str>,
    ) -> bool {
        let masked = self.mask.masked(text);
        let echo = masked.is_some();
        let shown = masked.as_deref().unwrap_or(text);
        let blurred = match blurred {
            Some(blurred) if !echo => hash(blurred),
            _ => hash(blur(shown).as_str()),
        };
        let excerpt = if echo { 0..0 } else { self.excerpt(shown) };
        self.features.push(Feature {
            place,
            kind,
            exact: hash(shown),
            blurred,
            excerpt,
            echo,
        });
        echo
    }

    /// Adds an element; elements are counted at the end.
    pub(super) fn element(&mut self, place: usize) {
        self.features.push(Feature {
            place,
            kind: ValueKind::Element,
            exact: 0,
            blurred: 0,
            excerpt: 0..0,
            echo: false,
        });
    }

    /// Returns the text without the values that the request sent, or `None` if it holds none.
    pub(super) fn masked(&self, text: &str) -> Option<String> {
        self.mask.masked(text)
    }

    /// Returns true if the text holds a value that the request sent, and not just by chance.
    pub(super) fn holds_sent(&self, text: &str) -> bool {
        self.mask.holds(text)
    }

    /// Returns the number of features so far; later ones can be taken back.
    pub(super) fn len(&self) -> usize {
        self.features.len()
    }

    /// Takes back all features from `start` on.
    pub(super) fn forget_since(&mut self, start: usize) {
        self.features.truncate(start);
    }

    /// Marks all features from `start` on as echoes: they accompany only an echo and add nothing to it.
    pub(super) fn echo_since(&mut self, start: usize) {
        for feature in self.features.iter_mut().skip(start) {
            feature.echo = true;
        }
    }

    /// Finishes the print.
    pub(super) fn end(mut self, status: u16, at: OffsetDateTime) -> Content {
        self.features
            .sort_by_key(|feature| (feature.place, feature.exact));
        let (mut values, mut blurred, mut echoes) = (Vec::new(), Vec::new(), Vec::new());
        for group in self.features.chunk_by(|a, b| a.place == b.place) {
            let Some(place) = group.first().and_then(|f| self.places.get_mut(f.place)) else {
                continue;
            };
            let from = (values.len(), blurred.len(), echoes.len());
            let mut elements = 0_usize;
            for feature in group {
                if feature.echo {
                    echoes.push(feature.blurred);
                    continue;
                }
                place.kinds |= feature.kind.bit();
                if feature.kind == ValueKind::Element {
                    elements += 1;
                } else if values.len() == from.0
                    || values
                        .last()
                        .is_some_and(|last: &PrintedValue| last.exact != feature.exact)
                {
                    values.push(PrintedValue {
                        exact: feature.exact,
                        blurred: feature.blurred,
                        excerpt: feature.excerpt.clone(),
                    });
                    blurred.push(feature.blurred);
                }
            }
            // The number of elements is unknown where some hold only an echo.
            if elements > 0 && echoes.len() == from.2 {
                let start = self.excerpts.len();
                self.excerpts.push_str(&counted(elements, "element"));
                values.push(PrintedValue {
                    exact: hash(&elements),
                    blurred: 0,
                    excerpt: start..self.excerpts.len(),
                });
                blurred.push(0);
            }
            sort_tail(&mut blurred, from.1);
            echoes[from.2..].sort_unstable();
            place.values = from.0..values.len();
            place.blurred = from.1..blurred.len();
            place.echoes = from.2..echoes.len();
        }
        Content {
            status,
            at,
            places: self.places,
            index: self.index,
            values,
            blurred,
            echoes,
            excerpts: self.excerpts,
        }
    }

    fn excerpt(&mut self, text: &str) -> Range<usize> {
        let start = self.excerpts.len();
        let end = text
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|end| *end <= EXCERPT)
            .last()
            .unwrap_or(0);
        self.excerpts.push_str(&text[..end]);
        start..self.excerpts.len()
    }
}

/// Returns a number with its noun: `1 element`, `3 elements`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Returns the blurred form of a value that consists of a single token.
pub(super) fn token() -> u64 {
    hash(TOKEN.to_string().as_str())
}

/// Hashes a value; the hash is the same in every run of the program.
fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Sorts the end of a list and removes duplicates from it.
fn sort_tail(list: &mut Vec<u64>, start: usize) {
    list[start..].sort_unstable();
    let mut kept = start;
    for at in start..list.len() {
        if at == start || list[at] != list[kept - 1] {
            list[kept] = list[at];
            kept += 1;
        }
    }
    list.truncate(kept);
}
