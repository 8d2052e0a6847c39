//! Which field of a text in object notation a position stands in.
//!
//! Owns: the way down the tree, for many positions at once. Leaves out: values. A broken or cut text
//! gives the paths as far as it can be read.

use std::ops::Range;

use super::record::data::{below, columns, holds_notation, moved, places};
use super::record::notation::{self, Kind, Node};
use super::view::View;

/// A place in a text in object notation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The path as reports write it: `a.b[].c`, `a.*.c` where names are ids or count up; empty outside
    /// of any field.
    pub path: String,
    /// The scalar that the position stands in, without its quotes; empty when it is none.
    pub scalar: Range<usize>,
}

/// Text in text in text.
const MAX_LAYERS: usize = 3;

/// The fields in which these positions stand, in the same order.
pub fn fields_at(text: &str, positions: &[usize]) -> Vec<Field> {
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by_key(|index| positions.get(*index));
    let sorted: Vec<usize> = order
        .iter()
        .filter_map(|index| positions.get(*index).copied())
        .collect();
    let mut down = Down {
        text,
        layer: 0,
        found: Vec::with_capacity(sorted.len()),
    };
    down.among(&notation::all(text), &sorted, "");
    let mut fields = vec![Field::default(); positions.len()];
    for (index, found) in order.into_iter().zip(down.found) {
        if let Some(field) = fields.get_mut(index) {
            *field = found;
        }
    }
    fields
}

/// The way down a tree. Positions rise; each gives one field, in their order.
struct Down<'t> {
    text: &'t str,
    layer: usize,
    found: Vec<Field>,
}

impl Down<'_> {
    /// Positions among values that stand side by side.
    fn among(&mut self, nodes: &[Node], mut at: &[usize], path: &str) {
        while let Some(first) = at.first() {
            let next = nodes.partition_point(|node| begin(node) <= *first);
            let node = next.checked_sub(1).and_then(|index| nodes.get(index));
            at = match node.filter(|node| *first < end(node)) {
                Some(node) => {
                    let (inside, rest) = split(at, end(node));
                    self.value(node, inside, path);
                    rest
                }
                None => self.none(at, path),
            };
        }
    }

    fn value(&mut self, node: &Node, at: &[usize], path: &str) {
        match &node.kind {
            Kind::Text if self.nested(node, at, path) => {}
            Kind::Text | Kind::Bare => {
                let field = Field {
                    path: path.to_owned(),
                    scalar: node.span(),
                };
                self.found.extend(at.iter().map(|_| field.clone()));
            }
            Kind::List(items) => self.among(items, at, &format!("{path}[]")),
            Kind::Map(entries) => self.map(entries, at, path),
        }
    }

    fn map(&mut self, entries: &[(Node, Node)], mut at: &[usize], path: &str) {
        let names = places(self.text, entries);
        let table = columns(self.text, entries);
        while let Some(first) = at.first() {
            let next = entries.partition_point(|(key, _)| begin(key) <= *first);
            let entry = next.checked_sub(1).and_then(|index| {
                let (key, value) = entries.get(index)?;
                // A name is no field's; what stands behind it is.
                (*first >= end(key)).then_some((index, value))
            });
            let Some((index, value)) = entry else {
                at = self.none(at, path);
                continue;
            };
            let under = below(path, names.get(index).map_or("", String::as_str));
            if !(begin(value)..end(value)).contains(first) {
                at = self.none(at, &under);
                continue;
            }
            let (inside, rest) = split(at, end(value));
            match (&table, &value.kind) {
                (Some((rows, names)), Kind::List(items)) if *rows == index => {
                    self.rows(items, names, inside, &format!("{under}[]"));
                }
                _ => self.value(value, inside, &under),
            }
            at = rest;
        }
    }

    /// Positions in rows whose columns are named apart from them.
    fn rows(&mut self, rows: &[Node], names: &[String], mut at: &[usize], path: &str) {
        while let Some(first) = at.first() {
            let next = rows.partition_point(|row| begin(row) <= *first);
            let cell = next.checked_sub(1).and_then(|index| {
                let Kind::List(cells) = &rows.get(index)?.kind else {
                    return None;
                };
                let next = cells.partition_point(|cell| begin(cell) <= *first);
                let index = next.checked_sub(1)?;
                Some((cells.get(index)?, names.get(index)?))
            });
            at = match cell.filter(|(cell, _)| *first < end(cell)) {
                Some((cell, name)) => {
                    let (inside, rest) = split(at, end(cell));
                    self.value(cell, inside, &below(path, name));
                    rest
                }
                None => self.none(at, path),
            };
        }
    }

    /// Positions within a text that is in object notation itself.
    fn nested(&mut self, node: &Node, at: &[usize], path: &str) -> bool {
        let raw = self.text.get(node.span()).unwrap_or_default();
        if self.layer >= MAX_LAYERS || !holds_notation(raw) {
            return false;
        }
        let begin = node.span().start;
        let view = View::of_string(raw);
        let inside: Vec<usize> = at
            .iter()
            .map(|at| view.seen(at.saturating_sub(begin)))
            .collect();
        let mut down = Down {
            text: &view.text,
            layer: self.layer + 1,
            found: Vec::new(),
        };
        down.among(&notation::all(&view.text), &inside, path);
        self.found.extend(down.found.into_iter().map(|field| Field {
            path: field.path,
            scalar: moved(&view.sent(&field.scalar), begin),
        }));
        true
    }

    /// The first position stands in no value.
    fn none<'p>(&mut self, at: &'p [usize], path: &str) -> &'p [usize] {
        let Some((first, rest)) = at.split_first() else {
            return at;
        };
        let place = (*first).min(self.text.len());
        self.found.push(Field {
            path: path.to_owned(),
            scalar: place..place,
        });
        rest
    }
}

/// Positions before a place, and the others.
fn split(at: &[usize], end: usize) -> (&[usize], &[usize]) {
    at.split_at(at.partition_point(|position| *position < end))
}

/// Where a value begins, with its quote.
fn begin(node: &Node) -> usize {
    let quote = usize::from(matches!(node.kind, Kind::Text));
    node.span().start.saturating_sub(quote)
}

/// Where it ends, with its quote.
fn end(node: &Node) -> usize {
    node.span().end + usize::from(matches!(node.kind, Kind::Text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str, needle: &str) -> String {
        let at = text.find(needle).unwrap();
        fields_at(text, &[at]).remove(0).path
    }

    #[test]
    fn a_position_gives_its_path() {
        let text = r#"{"a": {"b": [{"c": "one"}, {"d\u0065": 12}], "e": true}, "f": ["two"]}"#;
        assert_eq!(path(text, "one"), "a.b[].c");
        assert_eq!(path(text, "12"), "a.b[].de");
        assert_eq!(path(text, "true"), "a.e");
        assert_eq!(path(text, "two"), "f[]");
        assert_eq!(path(r#"[{"key": "x1"}]"#, "x1"), "[].key");
        assert_eq!(path(r#""x1""#, "x1"), "");
    }

    #[test]
    fn names_that_are_ids_are_one_place() {
        let text = r#"{"keys": {"65f0a1b2c3d4e5f607182930": {"key": "one"}, "17": {"key": "two"}},
            "address2": {"key": "three"}, "more": {"user1": {"key": "four"}}}"#;
        assert_eq!(path(text, "one"), "keys.*.key");
        assert_eq!(path(text, "two"), "keys.*.key");
        assert_eq!(path(text, "three"), "address2.key");
        assert_eq!(path(text, "four"), "more.*.key");
        let outermost = r#"{"65f0a1b2c3d4e5f607182930": "one"}"#;
        assert_eq!(path(outermost, "one"), "*");
    }

    #[test]
    fn escaped_quotes_and_brackets_in_strings_do_not_confuse() {
        let text = r#"{"a": "x\"}{[", "b": "two\\", "c": "three"}"#;
        assert_eq!(path(text, "three"), "c");
        assert_eq!(path(text, "two"), "b");
    }

    #[test]
    fn many_positions_in_any_order_take_one_pass() {
        let text = r#"{"a": "one", "b": {"c": "two"}}"#;
        let at = |needle| text.find(needle).unwrap();
        let paths: Vec<String> = fields_at(text, &[at("two"), at("one"), at("two")])
            .into_iter()
            .map(|field| field.path)
            .collect();
        assert_eq!(paths, ["b.c", "a", "b.c"]);
    }

    #[test]
    fn the_scalar_is_told_without_its_quotes() {
        let text = r#"{"a": "one two"}"#;
        let field = fields_at(text, &[text.find("two").unwrap()]).remove(0);
        assert_eq!(&text[field.scalar], "one two");
    }

    #[test]
    fn other_shapes_of_data_have_the_same_paths() {
        for (text, expected) in [
            ("[{'_id': ObjectId('65f1'), 'key': 'HERE'}]", "[].key"),
            (
                r#"{"columns": ["a", "b"], "rows": [["x", "HERE"]]}"#,
                "rows[].b",
            ),
            (r#"{"result": "[{\"key\": \"HERE\"}]"}"#, "result[].key"),
            ("data: {\"key\": \"HERE\"}\n\n", "key"),
            ("cb([{\"key\": \"HERE\"}])", "[].key"),
        ] {
            assert_eq!(path(text, "HERE"), expected, "{text}");
        }
    }

    #[test]
    fn broken_and_deep_texts_do_not_panic() {
        for text in [
            "",
            "{",
            "}}]]",
            "\"",
            "\"\\",
            "{\"a\": \"",
            "[1,,",
            "{\"a\" \"b\" \"c\"}",
        ] {
            let all: Vec<usize> = (0..=text.len() + 1).collect();
            assert_eq!(fields_at(text, &all).len(), all.len());
        }
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(fields_at(&deep, &[10_000]).len(), 1);
    }
}
