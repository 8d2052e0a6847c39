//! The records of a JSON text: its objects, with the names, values and places of their scalars.
//!
//! Owns: one pass over the text as sent. Leaves out: what the fields mean (`sensitive`). A broken or
//! cut text gives the records as far as it can be read.

use std::ops::Range;

use super::super::json_path::ANY;
use super::{MAX_RECORDS, Record, Scalar};
use crate::compare::is_id;

/// Deeper nesting than this is not read.
const MAX_DEPTH: usize = 32;
/// An open bracket.
struct Open {
    /// For an object, its record.
    record: Option<usize>,
    path: String,
    key: Option<String>,
}

/// The records of a JSON text, outer ones first.
pub(super) fn records(text: &str) -> Vec<Record> {
    let bytes = text.as_bytes();
    let mut records: Vec<Record> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let begin = at;
        at += 1;
        match byte {
            b'{' | b'[' => {
                if open.len() >= MAX_DEPTH || records.len() >= MAX_RECORDS {
                    return records;
                }
                let mut path = path_of(&open);
                let record = (*byte == b'{').then_some(records.len());
                if record.is_some() {
                    records.push(Record {
                        path: path.clone(),
                        ..Record::default()
                    });
                } else {
                    path.push_str("[]");
                }
                open.push(Open {
                    record,
                    path,
                    key: None,
                });
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' => {
                if let Some(Open {
                    record: Some(_),
                    key,
                    ..
                }) = open.last_mut()
                {
                    *key = None;
                }
            }
            b'"' => {
                at = string_end(bytes, begin);
                let span = begin + 1..at.saturating_sub(1).max(begin + 1);
                let whole = text.get(begin..at).unwrap_or_default();
                let value = serde_json::from_str(whole)
                    .unwrap_or_else(|_| text.get(span.clone()).unwrap_or_default().to_owned());
                match open.last_mut() {
                    Some(Open {
                        record: Some(_),
                        key: key @ None,
                        ..
                    }) => *key = Some(value),
                    _ => add(&mut records, &open, value, true, span),
                }
            }
            byte if byte.is_ascii_alphanumeric() || *byte == b'-' => {
                while bytes
                    .get(at)
                    .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
                {
                    at += 1;
                }
                let value = text.get(begin..at).unwrap_or_default().to_owned();
                add(&mut records, &open, value, false, begin..at);
            }
            _ => {}
        }
    }
    records
}

/// Adds a scalar to the record that holds it, directly or in a list.
fn add(records: &mut [Record], open: &[Open], value: String, text: bool, span: Range<usize>) {
    // BSON's types are objects with one such key: `{"$oid": …}` is a value of the field outside.
    let is_type = |one: &Open| one.key.as_deref().is_some_and(|key| key.starts_with('$'));
    let mut holders = open.iter().rev().filter(|one| one.record.is_some());
    let Some(holder) = holders.find(|one| !is_type(one)) else {
        return;
    };
    let (Some(record), Some(name)) = (holder.record, &holder.key) else {
        return;
    };
    if let Some(record) = records.get_mut(record) {
        record.fields.push(Scalar {
            name: name.clone(),
            value,
            text,
            span,
        });
    }
}

/// The path of what begins now.
fn path_of(open: &[Open]) -> String {
    let Some(last) = open.last() else {
        return String::new();
    };
    let name = |key: &str| if is_id(key) { ANY } else { key }.to_owned();
    match &last.key {
        Some(key) if last.path.is_empty() => name(key),
        Some(key) => format!("{}.{}", last.path, name(key)),
        None => last.path.clone(),
    }
}

/// Behind the closing quote.
fn string_end(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while let Some(step) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += step;
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            _ => at += 2,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_name_their_paths_and_fields() {
        let text = r#"{"n": 2, "users": [{"_id": "a", "keys": ["x", "y\""], "in": {"t": null}}, {"_id": "b"}]}"#;
        let read: Vec<String> = records(text)
            .iter()
            .map(|record| {
                let fields: Vec<String> = record
                    .fields
                    .iter()
                    .map(|one| format!("{}={}", one.name, one.value))
                    .collect();
                format!("{}: {}", record.path, fields.join(" "))
            })
            .collect();
        assert_eq!(
            read,
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
        let first = &records(text)[0];
        let fields: Vec<_> = first
            .fields
            .iter()
            .map(|one| (&*one.name, &*one.value))
            .collect();
        assert_eq!(fields, [("_id", "665f"), ("at", "1")]);
    }

    #[test]
    fn broken_texts_do_not_panic() {
        for text in [
            "",
            "{",
            "{\"a",
            "[\"\\",
            "{\"a\": \"é\\",
            "}}]]",
            "{\"a\":1",
        ] {
            let _ = records(text);
        }
        let _ = records(&"[".repeat(100_000));
        let _ = records(&"{\"a\":".repeat(100_000));
    }
}
