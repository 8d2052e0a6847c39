//! Which findings of two reports are the same: the alias rule of [`crate::finding::fingerprint`].

use std::collections::{HashMap, HashSet};

use crate::finding::fingerprint::{folded, position};
use crate::report::json::{FindingV1, SinkV1, SourceV1};
use crate::surface::{Place, Template};

/// An index of one report's findings, to look up those of another report.
pub(super) struct Index<'a> {
    names: HashSet<&'a str>,
    places: HashMap<Where, Vec<&'a FindingV1>>,
}

/// A rule with its source and sink; ids in paths count as placeholders.
type Where = (String, Option<Folded>, Sink);

/// Method, path, place and name of an input, as compared between runs.
type Folded = (String, String, String, String);

#[derive(PartialEq, Eq, Hash)]
enum Sink {
    Http(String, String, String, Option<String>),
    Other(String, String),
}

impl<'a> Index<'a> {
    pub(super) fn of(findings: impl IntoIterator<Item = &'a FindingV1>) -> Self {
        let mut places: HashMap<Where, Vec<&FindingV1>> = HashMap::new();
        let mut called = HashSet::new();
        for finding in findings {
            places.entry(place(finding)).or_default().push(finding);
            called.extend(names(finding));
        }
        Self {
            names: called,
            places,
        }
    }

    /// Returns true if the report has the same finding.
    pub(super) fn has(&self, finding: &FindingV1) -> bool {
        names(finding).any(|name| self.names.contains(name))
            || self.places.get(&place(finding)).is_some_and(|known| {
                known
                    .iter()
                    .any(|one| unnamed(one, finding) && other_template(one, finding))
            })
    }
}

/// Returns every fingerprint of a finding. The versions cannot be confused: each digest includes its
/// version.
fn names(finding: &FindingV1) -> impl Iterator<Item = &str> {
    let versions = finding.fingerprints.iter();
    std::iter::once(finding.fingerprint.as_str())
        .chain(versions.flat_map(|all| [all.v1.as_str(), all.v2.as_str()]))
        .chain(finding.aliases.iter().map(String::as_str))
}

/// Returns true if one of the findings has no fingerprint of version 2, which would decide.
fn unnamed(one: &FindingV1, other: &FindingV1) -> bool {
    one.fingerprints.is_none() || other.fingerprints.is_none()
}

/// Returns true if source or sink has a different template. If both are equal, version 1 has already
/// told the findings apart by their class.
fn other_template(one: &FindingV1, other: &FindingV1) -> bool {
    let source = |finding: &FindingV1| {
        let source = finding.source.as_ref();
        source.map(|source| Template::new(&source.path).anonymous())
    };
    let sink = |finding: &FindingV1| match &finding.sink {
        SinkV1::Http { path, .. } => Template::new(path).anonymous(),
        SinkV1::File { .. } | SinkV1::Database { .. } => String::new(),
    };
    source(one) != source(other) || sink(one) != sink(other)
}

fn place(finding: &FindingV1) -> Where {
    let source = finding.source.as_ref().map(input_of);
    let sink = match &finding.sink {
        SinkV1::Http {
            method,
            path,
            place,
            field,
        } => Sink::Http(method.clone(), folded(path), place.clone(), field.clone()),
        SinkV1::File { file, .. } => Sink::Other(file.clone(), String::new()),
        SinkV1::Database { collection, field } => Sink::Other(collection.clone(), field.clone()),
    };
    (finding.rule.clone(), source, sink)
}

/// Returns the input of a source.
pub(super) fn input_of(source: &SourceV1) -> Folded {
    input(&source.method, &source.path, source.place, &source.input)
}

/// Returns an input as compared between runs: ids count as placeholders, and an input in the path is
/// identified by its position.
pub(super) fn input(method: &str, path: &str, place: Place, name: &str) -> Folded {
    let name = match place {
        Place::Path => position(path, name),
        Place::Header => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    };
    (method.to_owned(), folded(path), place.to_string(), name)
}
