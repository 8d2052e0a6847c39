//! The records of a text in object notation: its objects, with the names, values and positions of their
//! scalars.
//!
//! Owns: deciding what in a tree is a record: objects, rows under a list of columns, lists of pairs,
//! and all of these within a string. Leaves out: what the fields mean (`sensitive`).

use std::ops::Range;

use super::names::{Sibling, in_places};
use super::{MAX_RECORDS, Origin, Record, Scalar, name_of, name_of_pair};
use crate::notation::{self, Node, NodeKind};
use crate::unescape::{JSON, View};

/// The maximum depth of texts nested within texts; more layers do not occur by accident.
const MAX_LAYERS: usize = 3;
/// A list with more columns is data.
const MAX_COLUMNS: usize = 200;
/// The keys for the name in a pair; `VALUED` has those for its value.
const NAMED: &[&str] = &[
    "name",
    "key",
    "k",
    "setting",
    "field",
    "label",
    "attribute",
    "option",
    "variable",
    "property",
];
const VALUED: &[&str] = &["value", "val", "v", "content", "setting_value"];

/// Returns the records of a text, outer ones first.
pub(super) fn records(text: &str) -> Vec<Record> {
    of_nodes(text, &notation::all(text))
}

/// Returns the records of values that were read from a text.
pub(super) fn of_nodes(text: &str, nodes: &[Node]) -> Vec<Record> {
    let mut walk = Walk {
        text,
        layer: 0,
        found: Vec::new(),
        groups: 0,
    };
    for node in nodes {
        walk.extent(node, "");
    }
    walk.found
}

/// Returns the path of a name below another path.
pub(in crate::detect) fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// Returns the names of an object's entries as they appear in paths.
pub(in crate::detect) fn places(text: &str, entries: &[(Node, Node)]) -> Vec<String> {
    let siblings: Vec<Sibling> = entries
        .iter()
        .map(|(key, value)| Sibling {
            name: key.value(text),
            holds: value.is_container(),
        })
        .collect();
    in_places(&siblings)
        .into_iter()
        .map(std::borrow::Cow::into_owned)
        .collect()
}

/// Returns the columns of an object that lists them apart from its rows, and the index of the entry
/// that holds the rows.
pub(in crate::detect) fn columns(
    text: &str,
    entries: &[(Node, Node)],
) -> Option<(usize, Vec<String>)> {
    let named = entries.iter().find_map(|(_, value)| match &value.kind {
        NodeKind::List(items) => headings(text, items),
        _ => None,
    })?;
    let rows =
        entries.iter().position(|(_, value)| match &value.kind {
            NodeKind::List(rows) => !rows.is_empty()
                && rows.iter().all(
                    |row| matches!(&row.kind, NodeKind::List(cells) if cells.len() == named.len()),
                ),
            _ => false,
        })?;
    Some((rows, named))
}

/// Returns the names in a list of columns, which are texts or objects with a name each.
fn headings(text: &str, items: &[Node]) -> Option<Vec<String>> {
    if !(2..=MAX_COLUMNS).contains(&items.len()) {
        return None;
    }
    let names: Option<Vec<String>> = items
        .iter()
        .map(|item| match &item.kind {
            NodeKind::Text => name_of(&item.value(text)),
            NodeKind::Map(entries) => {
                let title = entries.iter().find(|(key, value)| {
                    let key = key.value(text);
                    matches!(value.kind, NodeKind::Text)
                        && ["name", "field", "key", "title", "data", "label", "id"]
                            .contains(&key.as_str())
                });
                title.and_then(|(_, value)| name_of(&value.value(text)))
            }
            _ => None,
        })
        .collect();
    let names = names?;
    let unique = (1..names.len()).all(|at| !names[..at].contains(&names[at]));
    unique.then_some(names)
}

/// Returns the names and values of a list of pairs: `[[name, value], …]`, `[{name, value}, …]`.
fn pairs<'n>(text: &str, items: &'n [Node]) -> Option<Vec<(String, &'n Node)>> {
    if items.len() < 2 {
        return None;
    }
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let (name, value) = match &item.kind {
            NodeKind::List(pair) => match pair.as_slice() {
                [name, value] if matches!(name.kind, NodeKind::Text) => (name, value),
                _ => return None,
            },
            NodeKind::Map(entries) if entries.len() <= 6 => {
                let of = |known: &[&str]| {
                    let mut fit = entries.iter().filter(|(key, _)| {
                        known.contains(&key.value(text).to_ascii_lowercase().as_str())
                    });
                    fit.next().map(|(_, value)| value)
                };
                (of(NAMED)?, of(VALUED)?)
            }
            _ => return None,
        };
        if !matches!(name.kind, NodeKind::Text) {
            return None;
        }
        found.push((name_of_pair(&name.value(text))?, value));
    }
    Some(found)
}

struct Walk<'t> {
    text: &'t str,
    layer: usize,
    found: Vec<Record>,
    groups: usize,
}

impl Walk<'_> {
    /// Reads an outermost value; all of its records share its extent.
    fn extent(&mut self, node: &Node, path: &str) {
        let first = self.found.len();
        self.walk(node, path);
        for record in self.found.iter_mut().skip(first) {
            record.extent = node.span();
        }
    }

    fn walk(&mut self, node: &Node, path: &str) {
        if self.found.len() >= MAX_RECORDS {
            return;
        }
        match &node.kind {
            NodeKind::Bare => {}
            NodeKind::Text => {
                self.nested(node, path);
            }
            NodeKind::List(items) => self.list(items, path),
            NodeKind::Map(entries) => self.map(entries, path),
        }
    }

    fn list(&mut self, items: &[Node], path: &str) {
        if let Some(pairs) = pairs(self.text, items) {
            self.groups += 1;
            let at = self.push(path, self.groups, Origin::Pairs);
            for (name, value) in pairs {
                self.field(at, &name, value, path);
            }
        }
        if let [
            Node {
                kind: NodeKind::List(first),
                ..
            },
            rows @ ..,
        ] = items
            && !rows.is_empty()
            && let Some(names) = headings(self.text, first)
            && rows
                .iter()
                .all(|row| matches!(&row.kind, NodeKind::List(cells) if cells.len() == names.len()))
        {
            self.rows(rows, &names, path);
            return;
        }
        let path = format!("{path}[]");
        for item in items {
            self.walk(item, &path);
        }
    }

    fn map(&mut self, entries: &[(Node, Node)], path: &str) {
        let at = self.push(path, 0, Origin::Data);
        let table = columns(self.text, entries);
        let places = places(self.text, entries);
        for (index, ((key, value), place)) in entries.iter().zip(&places).enumerate() {
            let under = below(path, place);
            match (&table, &value.kind) {
                (Some((rows, names)), NodeKind::List(items)) if *rows == index => {
                    self.rows(items, names, &under);
                }
                _ => self.field(at, &key.value(self.text), value, &under),
            }
        }
    }

    fn rows(&mut self, rows: &[Node], names: &[String], path: &str) {
        let path = format!("{path}[]");
        self.groups += 1;
        for row in rows {
            if self.found.len() >= MAX_RECORDS {
                return;
            }
            let NodeKind::List(cells) = &row.kind else {
                continue;
            };
            let at = self.push(&path, self.groups, Origin::Data);
            for (name, cell) in names.iter().zip(cells) {
                self.field(at, name, cell, &below(&path, name));
            }
        }
    }

    /// Adds the value of a name to a record: scalars, directly or in lists. Anything with a deeper
    /// structure becomes records of its own.
    fn field(&mut self, at: usize, name: &str, value: &Node, under: &str) {
        match &value.kind {
            NodeKind::Text if self.nested(value, under) => {}
            NodeKind::Text | NodeKind::Bare => {
                let scalar = Scalar {
                    name: name.to_owned(),
                    value: value.value(self.text),
                    text: matches!(value.kind, NodeKind::Text),
                    span: value.span(),
                };
                if let Some(record) = self.found.get_mut(at) {
                    record.fields.push(scalar);
                }
            }
            NodeKind::List(items)
                if items
                    .iter()
                    .any(|item| !matches!(item.kind, NodeKind::Map(_)))
                    && pairs(self.text, items).is_none() =>
            {
                let under = format!("{under}[]");
                for item in items {
                    self.field(at, name, item, &under);
                }
            }
            NodeKind::List(items) => self.list(items, under),
            NodeKind::Map(entries) => match bson(self.text, entries) {
                Some(value) => self.field(at, name, value, under),
                None => self.map(entries, under),
            },
        }
    }

    /// Reads a text that is itself in object notation; returns false if it is not.
    fn nested(&mut self, node: &Node, path: &str) -> bool {
        let raw = self.text.get(node.span()).unwrap_or_default();
        if self.layer >= MAX_LAYERS || !holds_notation(raw) {
            return false;
        }
        let view = View::of(raw, JSON);
        let mut inner = Walk {
            text: &view.text,
            layer: self.layer + 1,
            found: Vec::new(),
            groups: self.groups,
        };
        for node in notation::all(&view.text) {
            inner.walk(&node, path);
        }
        self.groups = inner.groups;
        let begin = node.span().start;
        for mut record in inner.found {
            if self.found.len() >= MAX_RECORDS {
                break;
            }
            record.place(|span| moved(&view.sent(span), begin));
            self.found.push(record);
        }
        true
    }

    fn push(&mut self, path: &str, group: usize, origin: Origin) -> usize {
        self.found.push(Record {
            origin,
            group,
            ..Record::of(path, Vec::new())
        });
        self.found.len() - 1
    }
}

/// Returns a range moved by an offset.
pub(in crate::detect) fn moved(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Returns true for a string that holds an object or a list.
pub(in crate::detect) fn holds_notation(raw: &str) -> bool {
    raw.len() > 6 && raw.contains([':', '=']) && notation::begins(raw)
}

/// Returns the value in one of BSON's types, which are objects with one such key: `{"$oid": …}` is a
/// value of the field that holds it.
fn bson<'n>(text: &str, entries: &'n [(Node, Node)]) -> Option<&'n Node> {
    let (_, value) = entries.first()?;
    let typed = entries.iter().all(|(key, _)| {
        let key = text.get(key.span()).unwrap_or_default();
        key.starts_with('$')
    });
    typed.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let found = records(text);
        found.iter().map(|one| line(one, None)).collect()
    }

    #[test]
    fn records_name_their_paths_and_fields() {
        let text = r#"{"n": 2, "users": [{"_id": "a", "keys": ["x", "y\""], "in": {"t": null}}, {"_id": "b"}]}"#;
        assert_eq!(
            read(text),
            [
                ": n=2",
                "users[]: _id=a keys=x keys=y\"",
                "users[].in: t=null",
                "users[]: _id=b"
            ]
        );
        let users = &records(text)[1];
        assert_eq!(&text[users.fields[1].span.clone()], "x");
    }

    #[test]
    fn records_under_ids_are_of_one_kind() {
        let text = r#"{"65f0a1b2c3d4e5f607182930": {"key": "x"}, "items": {"7": {"key": "y"}}}"#;
        let paths: Vec<String> = records(text).into_iter().map(|one| one.path).collect();
        assert_eq!(paths, ["", "*", "items", "items.*"]);
    }

    #[test]
    fn a_bson_type_is_a_value_of_its_field() {
        let text = r#"[{"_id": {"$oid": "665f"}, "at": {"$date": {"$numberLong": "1"}}}]"#;
        assert_eq!(read(text), ["[]: _id=665f at=1"]);
    }

    #[test]
    fn pythons_notation_makes_the_same_records() {
        let text =
            "[{'_id': ObjectId('65f1'), 'key': 'x\\'1', 'at': datetime.datetime(2024, 5, 1)}]";
        assert_eq!(
            read(text),
            ["[]: _id=65f1 key=x'1 at=datetime.datetime(2024, 5, 1)"]
        );
    }

    #[test]
    fn notation_within_a_string_is_read_where_it_stands() {
        for text in [
            r#"{"result": "[{\"name\": \"ann\", \"key\": \"x\\\"1\"}]"}"#,
            r#"{"result": "[{'name': 'ann', 'key': 'x\"1'}]"}"#,
        ] {
            assert_eq!(read(text), [": ", "result[]: name=ann key=x\"1"], "{text}");
            let inner = &records(text)[1];
            assert!(
                text[inner.fields[1].span.clone()].starts_with('x'),
                "{text}"
            );
            assert_eq!(&text[inner.fields[0].span.clone()], "ann");
        }
        assert_eq!(read(r#""{\"name\": \"ann\"}""#), [": name=ann"]);
    }

    #[test]
    fn columns_and_rows_are_records() {
        for text in [
            r#"{"columns": ["name", "API key"], "rows": [["ann", "x"], ["bob", "y"]]}"#,
            r#"{"columns": [{"name": "name"}, {"name": "API key"}], "rows": [["ann", "x"], ["bob", "y"]]}"#,
        ] {
            let all = read(text);
            assert!(
                all.contains(&"rows[]: name=ann api_key=x".to_owned()),
                "{all:?}"
            );
            assert!(
                all.contains(&"rows[]: name=bob api_key=y".to_owned()),
                "{all:?}"
            );
        }
        assert_eq!(
            read(r#"[["id", "name", "key"], [1, "ann", "x"]]"#),
            ["[]: id=1 name=ann key=x"]
        );
    }

    #[test]
    fn lists_of_pairs_are_one_record() {
        for text in [
            r#"[["HOST", "h1"], ["API_KEY", "x"]]"#,
            r#"[{"name": "HOST", "value": "h1"}, {"name": "API_KEY", "value": "x"}]"#,
            "OrderedDict([('HOST', 'h1'), ('API_KEY', 'x')])",
        ] {
            assert_eq!(read(text)[0], ": HOST=h1 API_KEY=x", "{text}");
        }
        // These are not pairs.
        let points = read(r#"[["a", 1, 2], ["b", 2, 3]]"#);
        assert!(!points.iter().any(|one| one.contains("a=1")), "{points:?}");
    }

    #[test]
    fn hostile_texts_take_bounded_time() {
        let nested = (0..6).fold("{\"a\": 1}".to_owned(), |text, _| {
            serde_json::json!({ "a": text }).to_string()
        });
        let _ = records(&nested);
        for piece in [
            "{\"a\":[",
            "[[\"a\",\"b\"],",
            "{\"a\":\"{'b':\",",
            "{'a':'{\\'b\\':1}',",
        ] {
            let _ = records(&piece.repeat(60_000));
        }
    }
}
