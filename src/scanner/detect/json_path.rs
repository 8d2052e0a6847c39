//! Finds the field of a text in object notation that contains a position.
//!
//! Owns: descending the tree for many positions at once. Leaves out: values. A broken or truncated text
//! yields paths as far as it can be read.

use std::ops::Range;

use super::record::data::{below, columns, holds_notation, moved, places};
use crate::notation::{self, Node, NodeKind};
use crate::unescape::{JSON, View};

/// A position in a text in object notation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The path as reports write it: `a.b[].c`, or `a.*.c` where names are ids or count up; empty
    /// outside any field.
    pub path: String,
    /// The scalar that contains the position, without its quotes; empty if there is none.
    pub scalar: Range<usize>,
}

/// The maximum depth of texts nested within texts.
const MAX_LAYERS: usize = 3;

/// Returns the fields that contain these positions, in the same order.
pub fn fields_at(text: &str, positions: &[usize]) -> Vec<Field> {
    let mut at: Vec<(usize, usize)> = positions.iter().copied().zip(0..).collect();
    at.sort_unstable();
    let mut down = Down {
        text,
        layer: 0,
        found: vec![Field::default(); positions.len()],
    };
    down.outside(&at, "");
    down.among(&notation::all(text), &at, "");
    down.found
}

/// Positions, each with its index among the requested ones, in ascending order.
type Wanted = [(usize, usize)];

/// Descends a tree: each node that contains a position assigns it a field, then its children do.
struct Down<'t> {
    text: &'t str,
    layer: usize,
    found: Vec<Field>,
}

impl Down<'_> {
    /// Assigns the path to positions that, as far as is known, are not in a scalar.
    fn outside(&mut self, at: &Wanted, path: &str) {
        for (position, index) in at {
            let place = (*position).min(self.text.len());
            self.give(*index, path, place..place);
        }
    }

    fn give(&mut self, index: usize, path: &str, scalar: Range<usize>) {
        if let Some(field) = self.found.get_mut(index) {
            path.clone_into(&mut field.path);
            field.scalar = scalar;
        }
    }

    /// Visits positions among values that are next to each other.
    fn among(&mut self, nodes: &[Node], at: &Wanted, path: &str) {
        for node in nodes {
            self.value(node, within(at, &extent(node)), path);
        }
    }

    fn value(&mut self, node: &Node, at: &Wanted, path: &str) {
        if at.is_empty() {
            return;
        }
        match &node.kind {
            NodeKind::Text if self.nested(node, at, path) => {}
            NodeKind::Text | NodeKind::Bare => {
                for (_, index) in at {
                    self.give(*index, path, node.span());
                }
            }
            NodeKind::List(items) => {
                self.outside(at, &format!("{path}[]"));
                self.among(items, at, &format!("{path}[]"));
            }
            NodeKind::Map(entries) => {
                self.outside(at, path);
                self.map(entries, at, path);
            }
        }
    }

    fn map(&mut self, entries: &[(Node, Node)], at: &Wanted, path: &str) {
        let table = columns(self.text, entries);
        let names = places(self.text, entries);
        for (index, ((key, value), name)) in entries.iter().zip(&names).enumerate() {
            // A name does not belong to its field, but everything after it does.
            let next = entries.get(index + 1).map(|(key, _)| extent(key).start);
            let behind = within(at, &(extent(key).end..next.unwrap_or(usize::MAX)));
            if behind.is_empty() {
                continue;
            }
            let under = below(path, name);
            self.outside(behind, &under);
            let inside = within(behind, &extent(value));
            match (&table, &value.kind) {
                (Some((rows, names)), NodeKind::List(items)) if *rows == index => {
                    let path = format!("{under}[]");
                    self.outside(inside, &path);
                    self.rows(items, names, inside, &path);
                }
                _ => self.value(value, inside, &under),
            }
        }
    }

    /// Visits positions in rows whose columns are named in a separate list.
    fn rows(&mut self, rows: &[Node], names: &[String], at: &Wanted, path: &str) {
        for row in rows {
            let inside = within(at, &extent(row));
            if let NodeKind::List(cells) = &row.kind
                && !inside.is_empty()
            {
                for (cell, name) in cells.iter().zip(names) {
                    self.value(cell, within(inside, &extent(cell)), &below(path, name));
                }
            }
        }
    }

    /// Visits positions within a text that is itself in object notation; returns false if it is not.
    fn nested(&mut self, node: &Node, at: &Wanted, path: &str) -> bool {
        let raw = self.text.get(node.span()).unwrap_or_default();
        if self.layer >= MAX_LAYERS || !holds_notation(raw) {
            return false;
        }
        let begin = node.span().start;
        let view = View::of(raw, JSON);
        let seen = |(at, _): &(usize, usize)| view.seen(at.saturating_sub(begin));
        let inside: Vec<(usize, usize)> = at.iter().map(seen).zip(0..).collect();
        let mut down = Down {
            text: &view.text,
            layer: self.layer + 1,
            found: vec![Field::default(); inside.len()],
        };
        down.outside(&inside, path);
        down.among(&notation::all(&view.text), &inside, path);
        for ((_, index), field) in at.iter().zip(down.found) {
            let scalar = moved(&view.sent(&field.scalar), begin);
            self.give(*index, &field.path, scalar);
        }
        true
    }
}

/// Returns the positions within a range.
fn within<'p>(at: &'p Wanted, range: &Range<usize>) -> &'p Wanted {
    let before = |end: usize| at.partition_point(|(position, _)| *position < end);
    at.get(before(range.start)..before(range.end))
        .unwrap_or_default()
}

/// Returns the range of a value, including its quotes.
fn extent(node: &Node) -> Range<usize> {
    let quote = usize::from(matches!(node.kind, NodeKind::Text));
    node.span().start.saturating_sub(quote)..node.span().end + quote
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
