//! Which field of a JSON text a position stands in.
//!
//! Owns: one pass over the text as sent, for many positions at once. Leaves out: values. A broken
//! or cut text gives the paths as far as it can be read.

use std::ops::Range;

use crate::compare::is_id;

/// Stands in paths for a name that is an id: what differs from record to record and from scan to scan
/// is no field's name.
pub(super) const ANY: &str = "*";

/// A place in a JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The path as reports write it: `a.b[].c`, `a.*.c` where names are ids; empty outside of any
    /// field.
    pub path: String,
    /// The scalar that the position stands in, without its quotes; empty when it is none.
    pub scalar: Range<usize>,
}

/// Deeper nesting than this is not followed; the path ends there.
const MAX_DEPTH: usize = 64;

/// The fields in which these positions stand, in the same order.
pub fn fields_at(text: &str, positions: &[usize]) -> Vec<Field> {
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by_key(|at| positions.get(*at));
    let mut fields = vec![Field::default(); positions.len()];
    let mut wanted = order.into_iter().peekable();
    let mut walk = Walk::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let token = token(bytes, at);
        // Whatever is wanted up to this token's end stands in it.
        while let Some(index) =
            wanted.next_if(|index| positions.get(*index).is_some_and(|p| *p < token.end))
        {
            if let Some(field) = fields.get_mut(index) {
                *field = walk.field(bytes, &token);
            }
        }
        if wanted.peek().is_none() {
            break;
        }
        walk.step(text, &token);
        at = token.end;
    }
    fields
}

/// A string with its quotes, another scalar, or one character.
fn token(bytes: &[u8], at: usize) -> Range<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = match rest.first() {
        Some(b'"') => string_length(rest),
        Some(byte) if is_scalar(*byte) => rest
            .iter()
            .position(|byte| !is_scalar(*byte))
            .unwrap_or(rest.len()),
        _ => 1,
    };
    at..at + length
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(step) = memchr::memchr2(b'"', b'\\', rest.get(at..).unwrap_or_default()) {
        at += step;
        match rest.get(at) {
            Some(b'"') => return at + 1,
            _ => at += 2,
        }
    }
    rest.len()
}

fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// One open object or list.
#[derive(Debug)]
enum Open {
    /// An object and its current key, `None` where a key is expected.
    Object(Option<Range<usize>>),
    /// A list.
    List,
}

#[derive(Debug, Default)]
struct Walk {
    open: Vec<Open>,
    keys: Vec<String>,
    /// How many brackets beyond [`MAX_DEPTH`] are open.
    beyond: usize,
}

impl Walk {
    fn step(&mut self, text: &str, token: &Range<usize>) {
        let piece = text.get(token.clone()).unwrap_or_default();
        match piece.as_bytes().first() {
            Some(b'{') => self.push(Open::Object(None)),
            Some(b'[') => self.push(Open::List),
            Some(b'}' | b']') => {
                if self.beyond > 0 {
                    self.beyond -= 1;
                } else {
                    self.open.pop();
                    self.keys.truncate(self.open.len());
                }
            }
            Some(b',') if self.beyond == 0 => {
                if let Some(Open::Object(key)) = self.open.last_mut() {
                    *key = None;
                }
            }
            Some(b'"') if self.beyond == 0 => {
                if let Some(Open::Object(key @ None)) = self.open.last_mut() {
                    *key = Some(token.clone());
                    let name = serde_json::from_str(piece)
                        .unwrap_or_else(|_| piece.trim_matches('"').to_owned());
                    if let Some(slot) = self.keys.last_mut() {
                        *slot = name;
                    }
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, open: Open) {
        if self.open.len() < MAX_DEPTH && self.beyond == 0 {
            self.open.push(open);
            self.keys.push(String::new());
        } else {
            self.beyond += 1;
        }
    }

    fn field(&self, bytes: &[u8], token: &Range<usize>) -> Field {
        let mut path = String::new();
        for (open, key) in self.open.iter().zip(&self.keys) {
            match open {
                Open::List => path.push_str("[]"),
                Open::Object(None) => {}
                Open::Object(Some(_)) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(if is_id(key) { ANY } else { key });
                }
            }
        }
        let scalar = match bytes.get(token.start) {
            Some(b'"') => token.start + 1..token.end.saturating_sub(1).max(token.start + 1),
            Some(byte) if is_scalar(*byte) => token.clone(),
            _ => token.start..token.start,
        };
        Field { path, scalar }
    }
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
            "address2": {"key": "three"}}"#;
        assert_eq!(path(text, "one"), "keys.*.key");
        assert_eq!(path(text, "two"), "keys.*.key");
        assert_eq!(path(text, "three"), "address2.key");
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
