//! The names to try.
//!
//! Owns: keyspill's own short list, reading the tester's, and how many names fit into one request.

use std::collections::BTreeSet;

use crate::http::Method;
use crate::surface::{Endpoint, Input, Place, Provenance};

/// The most names in one list.
const MAX_NAMES: usize = 100_000;

/// The most bytes in one name.
const MAX_LENGTH: usize = 60;

/// keyspill's own list.
const USUAL: &str = include_str!("names.txt");

/// A name, the place to try it in, and who guessed it.
type Name = (Place, String, Provenance);

/// Names to try, each in one place; [`Place::Json`] stands for a field of whatever body is sent.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    names: Vec<Name>,
    /// True if they are also tried in operations that write, which has effects.
    writes: bool,
}

impl Names {
    /// Returns the names that Flask applications usually have, for queries, headers and cookies.
    /// They are tried in every operation that reads.
    pub(crate) fn usual() -> Self {
        // A test checks that the list can be read.
        let names = read(USUAL, Provenance::Guess).unwrap_or_default();
        Self {
            names,
            writes: false,
        }
    }

    /// Returns no names, so that nothing is tried.
    pub(crate) const fn none() -> Self {
        Self {
            names: Vec::new(),
            writes: false,
        }
    }

    /// Adds other names, each once.
    #[must_use]
    pub(crate) fn and(mut self, more: Self) -> Self {
        let known: BTreeSet<(Place, String)> = self
            .names
            .iter()
            .map(|(place, name, _)| (*place, name.clone()))
            .collect();
        let new = more.names.into_iter();
        self.names
            .extend(new.filter(|(place, name, _)| !known.contains(&(*place, name.clone()))));
        self.writes |= more.writes;
        self
    }

    /// Returns true if these names are tried in an operation with such a method. keyspill's own
    /// list is tried only where nothing is written.
    pub(super) fn are_for(&self, method: Method) -> bool {
        !self.names.is_empty() && (self.writes || method.is_safe())
    }

    /// Reads the tester's list.
    ///
    /// Each line holds a name, which is tried in queries and bodies; `header NAME`, `cookie NAME`,
    /// `query NAME` and `field NAME` give one place. Empty lines and lines that begin with `#` are
    /// skipped.
    ///
    /// # Errors
    ///
    /// Returns a message that gives the line without a valid name, or says that there is no name at
    /// all.
    pub(crate) fn of_list(text: &str) -> Result<Self, String> {
        let names = read(text, Provenance::Wordlist)?;
        if names.is_empty() {
            return Err("there is no name in it; it holds one a line".to_owned());
        }
        Ok(Self {
            names,
            writes: true,
        })
    }

    /// Returns the names that an operation is not known to take, as inputs. `body` is the place of
    /// its body's fields, if it has a body.
    pub(super) fn for_endpoint(&self, endpoint: &Endpoint, body: Option<Place>) -> Vec<Input> {
        self.names
            .iter()
            .filter_map(|(place, name, provenance)| {
                let place = if place.in_body() { body? } else { *place };
                let known = endpoint
                    .inputs
                    .iter()
                    .any(|input| input.place == place && input.name.eq_ignore_ascii_case(name));
                (!known).then(|| Input::new(place, name, *provenance))
            })
            .collect()
    }
}

/// Reads names by place, each once.
fn read(text: &str, provenance: Provenance) -> Result<Vec<Name>, String> {
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (places, name): (&[Place], &str) = match line.split_once(' ') {
            Some(("query", name)) => (&[Place::Query], name.trim()),
            Some(("header", name)) => (&[Place::Header], name.trim()),
            Some(("cookie", name)) => (&[Place::Cookie], name.trim()),
            Some(("field", name)) => (&[Place::Json], name.trim()),
            _ => (&[Place::Query, Place::Json], line),
        };
        let odd = |letter: char| letter.is_control() || letter.is_whitespace();
        let token = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        let bare = matches!(places, [Place::Header | Place::Cookie]);
        if name.len() > MAX_LENGTH || name.contains(odd) || (bare && !name.chars().all(token)) {
            return Err(format!("line {}: {:?} is no name", number + 1, cut(name)));
        }
        for place in places {
            let name = match place {
                Place::Header => name.to_ascii_lowercase(),
                _ => name.to_owned(),
            };
            if seen.insert((*place, name.clone())) {
                names.push((*place, name, provenance));
            }
        }
        if names.len() > 2 * MAX_NAMES {
            return Err(format!("more than {MAX_NAMES} names; split the list"));
        }
    }
    Ok(names)
}

fn cut(name: &str) -> String {
    name.chars().take(40).collect()
}

/// The bytes that one value takes, including its delimiters.
const VALUE: usize = 12;
/// The most headers of one request, and their bytes; leaves room for the client's own.
const HEADERS: usize = 45;
const HEADER_BYTES: usize = 4500;
/// The most bytes of cookies, and the most fields of a body.
const COOKIE_BYTES: usize = 2500;
const FIELDS: usize = 450;

/// Splits names into batches that share a request, with `query` bytes left in the request line.
///
/// The other limits are the constants above. Each request takes as many names of each place as fit,
/// so that a few headers cost nothing extra beside a long query.
pub(super) fn batches(candidates: &[Input], query: usize) -> Vec<Vec<Input>> {
    let mut batches: Vec<Vec<Input>> = Vec::new();
    for place in [
        Place::Query,
        Place::Header,
        Place::Cookie,
        Place::Form,
        Place::Multipart,
        Place::Json,
    ] {
        let (mut batch, mut count, mut bytes) = (0, 0, 0);
        let (most, most_bytes) = match place {
            Place::Query => (usize::MAX, query),
            Place::Header => (HEADERS, HEADER_BYTES),
            Place::Cookie => (usize::MAX, COOKIE_BYTES),
            _ => (FIELDS, usize::MAX),
        };
        for input in candidates.iter().filter(|input| input.place == place) {
            let size = encoded(&input.name) + VALUE;
            if count > 0 && (count == most || bytes + size > most_bytes) {
                (batch, count, bytes) = (batch + 1, 0, 0);
            }
            count += 1;
            bytes += size;
            if batch == batches.len() {
                batches.push(Vec::new());
            }
            batches[batch].push(input.clone());
        }
    }
    batches
}

/// Returns the bytes that a name takes in a query.
fn encoded(name: &str) -> usize {
    name.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.*".contains(&b) {
                1
            } else {
                3
            }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::EndpointId;

    #[test]
    fn the_own_list_fits_into_one_request() {
        let endpoint = Endpoint::new(EndpointId::new(Method::Get, "/x"), Provenance::Link);
        let candidates = Names::usual().for_endpoint(&endpoint, None);
        assert!(candidates.len() > 120, "{}", candidates.len());
        let batches = batches(&candidates, 3300);
        assert_eq!(batches.len(), 1);
    }

    #[test]
    fn the_own_list_holds_no_name_that_looks_dangerous() {
        let names = Names::usual().names;
        let dangerous = |(_, name, _): &&Name| crate::policy::is_dangerous_name(name);
        assert_eq!(names.iter().find(dangerous), None);
    }

    #[test]
    fn a_list_says_where_its_names_go() {
        let names = Names::of_list("# mine\n\ndebug\nheader X-Mode\ncookie c\n").unwrap();
        let expected = [
            (Place::Query, "debug"),
            (Place::Json, "debug"),
            (Place::Header, "x-mode"),
            (Place::Cookie, "c"),
        ];
        let expected = expected.map(|(place, name)| (place, name.to_owned(), Provenance::Wordlist));
        assert_eq!(names.names, expected);
    }

    #[test]
    fn a_line_that_is_no_name_is_told_with_its_number() {
        let wrong = Names::of_list("good\nnot a name\n").unwrap_err();
        assert!(wrong.contains("line 2"), "{wrong}");
        assert!(Names::of_list("# nothing\n").is_err());
        assert!(Names::of_list("header Bad:Name\n").is_err());
    }

    #[test]
    fn what_an_operation_is_known_to_take_is_not_tried() {
        let mut endpoint = Endpoint::new(EndpointId::new(Method::Get, "/x"), Provenance::Link);
        endpoint.add_input(Input::new(Place::Query, "q", Provenance::Form));
        let candidates = Names::usual().for_endpoint(&endpoint, None);
        assert!(
            !candidates
                .iter()
                .any(|c| c.place == Place::Query && c.name == "q")
        );
        assert!(candidates.iter().all(|c| !c.place.in_body()));
    }

    #[test]
    fn twenty_five_thousand_names_of_five_letters_take_125_requests() {
        let text: Vec<String> = (0..25_000).map(|n| format!("query n{n:05}")).collect();
        let names = Names::of_list(&text.join("\n")).unwrap();
        let endpoint = Endpoint::new(EndpointId::new(Method::Get, "/x"), Provenance::Link);
        let batches = batches(&names.for_endpoint(&endpoint, None), 3400);
        assert!(batches.len() <= 135, "{}", batches.len());
        for batch in &batches {
            let bytes: usize = batch.iter().map(|input| input.name.len() + VALUE).sum();
            assert!(bytes <= 3400);
        }
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 25_000);
    }
}
