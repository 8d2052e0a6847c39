//! What stands around a value in the record that holds it: the same field elsewhere, and its siblings.
//!
//! Owns: finding the record. Leaves out: reading records (`record`), and what the neighbours mean
//! (`credential`).

use std::collections::BTreeSet;
use std::ops::Range;

use super::record::{Record, records};
use crate::http::{Request, Response};

/// The neighbours of one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    /// The name of the field that holds it.
    pub(crate) field: String,
    /// The values of that field in other records of the kind, some of them.
    pub(crate) others: BTreeSet<String>,
    /// The names of the other fields in its record.
    pub(crate) beside: BTreeSet<String>,
}

/// Values and names that are looked at.
const MOST: usize = 24;
/// A longer value is a text.
const MAX_VALUE: usize = 128;

/// The records of an answer.
#[derive(Debug)]
pub(crate) struct Neighbourhood(Vec<Record>);

impl Neighbourhood {
    /// Reads the records of an answer; none where its body is no UTF-8, since places would differ.
    pub(crate) fn of(request: &Request, response: &Response) -> Self {
        let text = response.text();
        if text.len() != response.body.len() {
            return Self(Vec::new());
        }
        Self(records(request.url.path(), &text, response))
    }

    /// The neighbours of what stands in a range of the body.
    pub(crate) fn around(&self, span: &Range<usize>) -> Option<Around> {
        let holds = |range: &Range<usize>| range.start <= span.start && span.end <= range.end;
        let (record, field) = self.0.iter().find_map(|record| {
            let field = record.fields.iter().find(|field| holds(&field.span))?;
            Some((record, field))
        })?;
        let kin = self.0.iter().filter(|other| {
            other.path == record.path && other.group == record.group && !std::ptr::eq(*other, record)
        });
        let others = kin
            .flat_map(|other| &other.fields)
            .filter(|other| other.name == field.name && !other.value.is_empty())
            .filter(|other| other.value.len() <= MAX_VALUE)
            .map(|other| other.value.clone())
            .take(MOST);
        let beside = record.fields.iter().map(|other| &other.name);
        Some(Around {
            field: field.name.clone(),
            others: others.collect(),
            beside: beside.filter(|name| **name != field.name).take(MOST).cloned().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Method, Response};

    fn around(kind: &str, body: &str) -> Option<Around> {
        let request = Request::new(Method::Get, url::Url::parse("http://h/x").unwrap());
        let response = Response::of(200, &[("Content-Type", kind)], body);
        let at = body.find("HERE").unwrap();
        Neighbourhood::of(&request, &response).around(&(at..at + 4))
    }

    #[test]
    fn a_values_neighbours_are_the_same_field_and_its_siblings() {
        let bodies = [
            ("application/json", r#"[{"key": "C", "id": 1}, {"key": "HERE", "id": 2}, {"key": "Am", "id": 3}]"#),
            ("text/html", "<table><tr><th>id<th>key<tr><td>1<td>C<tr><td>2<td>HERE<tr><td>3<td>Am</table>"),
        ];
        for (kind, body) in bodies {
            let found = around(kind, body).unwrap();
            assert_eq!(found.field, "key", "{kind}");
            assert_eq!(found.others, ["Am", "C"].map(str::to_owned).into(), "{kind}");
            assert_eq!(found.beside, ["id"].map(str::to_owned).into(), "{kind}");
        }
        assert_eq!(around("text/html", "<p>HERE</p>"), None);
    }
}
