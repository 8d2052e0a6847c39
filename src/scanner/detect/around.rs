//! The records of an answer, read once and shared, and the surroundings of a value in its record: the
//! same field in other records, and its siblings.
//!
//! Owns: finding the record. Leaves out: reading records (`record`), and what the neighbours mean
//! (`credential`).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::record::{Origin, Record, records};
use crate::http::Response;

/// The neighbours of one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    /// The name of the field that holds it.
    pub(crate) field: String,
    /// Some of the values of that field in other records of the same kind.
    pub(crate) others: BTreeSet<String>,
    /// The names of the other fields in its record.
    pub(crate) beside: BTreeSet<String>,
    /// The path before the value, if it is a segment of a link: `/products/`.
    pub(crate) link: Option<String>,
}

/// The maximum number of values and of names collected.
const MOST: usize = 24;
/// The maximum number of values checked for being the scan's own.
const MAX_LOOKED: usize = 200;
/// Longer values count as texts.
const MAX_VALUE: usize = 128;

/// The text of an answer, and the records in it.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(super) all: Vec<Record>,
    body: &'a [u8],
}

impl<'a> Records<'a> {
    /// Reads the answer to a request for this path.
    pub(crate) fn of(path: &str, response: &'a Response) -> Self {
        let text = response.text();
        Self {
            all: records(path, &text, response),
            text,
            body: &response.body,
        }
    }

    /// Returns the extent of everything that a value was written among, in one list of documents or in
    /// lines.
    pub(crate) fn written_among(&self, span: &Range<usize>) -> Option<&Range<usize>> {
        let own = |record: &&Record| {
            matches!(record.origin, Origin::Text | Origin::Pairs | Origin::Lines)
                && record.fields.len() > 1
                && record.extent.start <= span.start
                && span.end <= record.extent.end
        };
        self.all.iter().find(own).map(|record| &record.extent)
    }

    /// Returns the neighbours of the contents of a range of the body, leaving out the scan's own
    /// values.
    pub(crate) fn around(
        &self,
        span: &Range<usize>,
        is_ours: &dyn Fn(&str) -> bool,
    ) -> Option<Around> {
        let link = link_before(self.body, span);
        let found = self.in_record(span, is_ours);
        if found.is_none() && link.is_none() {
            return None;
        }
        Some(Around {
            link,
            ..found.unwrap_or_default()
        })
    }

    /// Returns `None` if the body is not UTF-8, because its offsets are then not those of the text.
    fn in_record(&self, span: &Range<usize>, is_ours: &dyn Fn(&str) -> bool) -> Option<Around> {
        if self.text.len() != self.body.len() {
            return None;
        }
        let holds = |range: &Range<usize>| range.start <= span.start && span.end <= range.end;
        let (record, field) = self.all.iter().find_map(|record| {
            let field = record.fields.iter().find(|field| holds(&field.span))?;
            Some((record, field))
        })?;
        let kin = self.all.iter().filter(|other| {
            other.path == record.path
                && other.group == record.group
                && !std::ptr::eq(*other, record)
        });
        let others = kin
            .flat_map(|other| &other.fields)
            .filter(|other| other.name == field.name && !other.value.is_empty())
            .filter(|other| other.value.len() <= MAX_VALUE)
            .take(MAX_LOOKED)
            .filter(|other| !is_ours(&other.value))
            .map(|other| other.value.clone())
            .take(MOST);
        let beside = record.fields.iter().map(|other| &other.name);
        Some(Around {
            field: field.name.clone(),
            others: others.collect(),
            beside: beside
                .filter(|name| **name != field.name)
                .take(MOST)
                .cloned()
                .collect(),
            link: None,
        })
    }
}

/// The maximum number of bytes examined before a value.
const MAX_LINK: usize = 200;

/// Returns the path whose last segment is the value, in a link or a JSON text.
fn link_before(body: &[u8], span: &Range<usize>) -> Option<String> {
    let after = body.get(span.end).copied();
    if !matches!(after, Some(b'"' | b'\'' | b'?' | b'#' | b'/' | b'>' | b' ')) {
        return None;
    }
    let begin = span.start.saturating_sub(MAX_LINK);
    let before = body.get(begin..span.start)?;
    let quote = before
        .iter()
        .rposition(|byte| matches!(byte, b'"' | b'\'' | b'=' | b' ' | b'<' | b'>'))?;
    let path = std::str::from_utf8(before.get(quote + 1..)?).ok()?;
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.get(rest.find('/')?..)?,
        None => path,
    };
    let segments = path.trim_matches('/');
    let plain = path.starts_with('/')
        && path.ends_with('/')
        && !segments.is_empty()
        && !path.contains(['?', '#', '&', ';']);
    plain.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Response;

    fn around(kind: &str, body: &str) -> Option<Around> {
        let response = Response::of(200, &[("Content-Type", kind)], body);
        let at = body.find("HERE").unwrap();
        Records::of("/x", &response).around(&(at..at + 4), &|value| value == "OURS")
    }

    #[test]
    fn a_values_neighbours_are_the_same_field_and_its_siblings() {
        let bodies = [
            (
                "application/json",
                r#"[{"key": "C", "id": 1}, {"key": "HERE", "id": 2}, {"key": "Am", "id": 3}, {"key": "OURS", "id": 4}]"#,
            ),
            (
                "text/html",
                "<table><tr><th>id<th>key<tr><td>1<td>C<tr><td>2<td>HERE<tr><td>3<td>Am</table>",
            ),
        ];
        for (kind, body) in bodies {
            let found = around(kind, body).unwrap();
            assert_eq!(found.field, "key", "{kind}");
            assert_eq!(
                found.others,
                ["Am", "C"].map(str::to_owned).into(),
                "{kind}"
            );
            assert_eq!(found.beside, ["id"].map(str::to_owned).into(), "{kind}");
        }
        assert_eq!(around("text/html", "<p>HERE</p>"), None);
    }

    #[test]
    fn a_value_that_is_a_segment_of_a_link_says_so() {
        let link = |body: &str| around("text/html", body).and_then(|found| found.link);
        let shop = Some("/products/".to_owned());
        assert_eq!(link("<a href='/products/HERE'>x</a>"), shop);
        assert_eq!(link("<a href=/products/HERE>x</a>"), shop);
        assert_eq!(link("<a href=\"http://h:5/products/HERE?x=1\">x</a>"), shop);
        for body in [
            "<a href='/HERE'>x</a>",
            "<a href='/x?key=HERE'>x</a>",
            "a/HERE",
            "<p>/ HERE</p>",
        ] {
            assert_eq!(link(body), None, "{body}");
        }
    }
}
