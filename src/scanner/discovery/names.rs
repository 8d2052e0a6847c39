//! The names that are tried.
//!
//! Owns: keyspill's own short list, reading the tester's, and how many names fit into one request.

use std::collections::BTreeSet;

use crate::http::Method;
use crate::surface::{Endpoint, Input, Place, Provenance};

/// Names of one list, at most.
const MAX_NAMES: usize = 100_000;

/// Characters of one name, at most.
const MAX_LENGTH: usize = 60;

/// keyspill's own list.
const USUAL: &str = include_str!("names.txt");

/// A name, where it is tried, and whose guess it is.
type Name = (Place, String, Provenance);

/// Names to try, each in one place; [`Place::Json`] stands for a field of whatever body is sent.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    names: Vec<Name>,
    /// For bodies too, which have an effect.
    writes: bool,
}

impl Names {
    /// The names that Flask applications usually have, for queries, headers and cookies: what is
    /// sent to every operation that reads.
    pub(crate) fn usual() -> Self {
        // A test reads the list.
        let names = read(USUAL, Provenance::Guess).unwrap_or_default();
        Self {
            names,
            writes: false,
        }
    }

    /// No names: nothing is sought.
    pub(crate) const fn none() -> Self {
        Self {
            names: Vec::new(),
            writes: false,
        }
    }

    /// These and others, each once.
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

    /// True when these names are sought in an operation with such a method: keyspill's own list only
    /// where nothing is written.
    pub(super) fn are_for(&self, method: Method) -> bool {
        !self.names.is_empty() && (self.writes || method.is_safe())
    }

    /// The tester's list: a name a line, tried in queries and bodies; `header NAME`, `cookie NAME`,
    /// `query NAME` and `field NAME` say where. Empty lines and those that begin with `#` are left
    /// out.
    ///
    /// # Errors
    ///
    /// Says which line is no name, or that there is none.
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

    /// The names that an operation is not known to take, as inputs; `body` is the place of its body's
    /// fields, if it has one.
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

/// Names by place, each once.
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

/// Bytes that one value takes with the signs around it.
const VALUE: usize = 12;
/// Headers of one request, and their bytes; room is left for the client's own.
const HEADERS: usize = 45;
const HEADER_BYTES: usize = 4500;
/// Bytes of cookies, and fields of a body.
const COOKIE_BYTES: usize = 2500;
const FIELDS: usize = 450;

/// Names that travel together, with so many bytes left in the request line; the other limits are those of DESIGN.md. Every request takes as
/// many of each place as fit, so that a few headers cost nothing beside a long query.
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

/// Bytes of a name in a query.
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
