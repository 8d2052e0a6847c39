//! Links and identifiers in JSON answers.
//!
//! Owns: links in HAL, JSON:API, Eve and plain fields; ids that fill path templates. Leaves out:
//! specifications (`openapi.rs`) and errors (`clues`).

use crate::words;
use serde_json::Value;

use super::super::found::{Call, Found};
use super::super::shape;
use super::{html, script, text};

/// Fields whose string is a URL, even a relative one.
const LINK_FIELDS: [&str; 16] = [
    "href",
    "url",
    "uri",
    "link",
    "self",
    "next",
    "prev",
    "previous",
    "first",
    "last",
    "location",
    "path",
    "endpoint",
    "related",
    "src",
    "download_url",
];

/// The most records of one list whose fields are kept.
const RECORDS: usize = 3;

/// The most values examined in one answer.
const MAX_VALUES: usize = 50_000;

/// Returns the links in a JSON answer.
pub fn links(value: &Value) -> Found {
    let mut found = Found::default();
    let up = entry_point(value);
    let mut inside = Vec::new();
    walk(value, &mut |field, text| {
        if text.starts_with("http://") || text.starts_with("https://") {
            found.link(template(text));
        } else if text::looks_like_path(text) {
            // "/x" in a link field is a link; elsewhere it may be anything.
            let call = Call::link(template(text));
            found.push(if is_link_field(field) {
                call
            } else {
                call.tentative()
            });
        } else if matches!(field, "href" | "self") && is_bare(text) {
            found.push(Call::link(format!("{up}{}", template(text))).tentative());
        } else if is_link_field(field) && text.starts_with('?') {
            found.link(text);
        } else if text.contains('/') {
            inside.push(text);
        }
    });
    for text in inside.into_iter().take(MAX_INSIDE) {
        within(text, &mut found);
    }
    if is_eves(value) {
        found.link("?where=%7B%7D");
    }
    found
}

/// Returns true for a list as Eve serves it: it accepts a filter in `where` that nothing reveals.
fn is_eves(value: &Value) -> bool {
    value.get("_items").is_some_and(Value::is_array)
        && value.get("_meta").is_some_and(Value::is_object)
}

/// Returns the relative path from an answer's page to the base of its bare links. Eve writes them
/// relative to the entry point of its API (`{"_links": {"self": {"href": "people/5"}}}` is served at
/// `…/people/5`); otherwise they are relative to the page, as RFC 3986 specifies.
fn entry_point(value: &Value) -> String {
    let own = value
        .pointer("/_links/self/href")
        .and_then(Value::as_str)
        .filter(|own| is_bare(own));
    let depth = own.map_or(0, |own| {
        let path = own.split(['?', '#']).next().unwrap_or_default();
        path.matches('/').count().min(20)
    });
    match depth {
        0 => "./".to_owned(),
        depth => "../".repeat(depth),
    }
}

/// The most texts inside an answer that are read.
const MAX_INSIDE: usize = 500;

/// Reads a string that is HTML, JSON again, or words with a path among them.
fn within(text: &str, found: &mut Found) {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        found.absorb(script::plain(text));
    } else if text.contains('<') && text.contains('=') {
        html::fragment(text, found);
    } else {
        text::paths(text, found);
    }
}

/// One identifier in an answer: the field's name and its value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    /// The field's name: `id`, `_id`, `uuid`, `user_id`, `slug`, …
    pub field: String,
    /// The value as it would appear in a path.
    pub value: String,
}

/// Returns the identifiers in an answer, those of the outermost records first; at most `most`.
pub fn ids(value: &Value, most: usize) -> Vec<Id> {
    let mut found = named(value, most);
    let mut level = vec![value];
    let mut looked = 0;
    while !level.is_empty() && found.len() < most && looked < MAX_VALUES {
        let mut deeper = Vec::new();
        for value in level {
            looked += 1;
            match value {
                Value::Array(items) => deeper.extend(items.iter().take(50)),
                Value::Object(fields) => {
                    for (field, value) in fields {
                        if let Some(text) =
                            words::names_an_id(field).then(|| id_text(value)).flatten()
                        {
                            let id = Id {
                                field: field.clone(),
                                value: text,
                            };
                            if found.len() < most && !found.contains(&id) {
                                found.push(id);
                            }
                        } else {
                            deeper.push(value);
                        }
                    }
                }
                _ => {}
            }
        }
        level = deeper;
    }
    found
}

/// Returns short values in the first records of an answer's lists, with the names of their fields; at
/// most `most`.
pub fn named_values(value: &Value, most: usize) -> Vec<Id> {
    let mut found = Vec::new();
    let mut level = vec![value];
    for _ in 0..3 {
        let mut deeper = Vec::new();
        for value in level {
            match value {
                Value::Array(items) => {
                    let records = items.iter().take(RECORDS).filter_map(Value::as_object);
                    let fields = records.flatten().filter_map(|(field, value)| {
                        let value = id_text(value).filter(|_| !value.is_object())?;
                        let field = field.clone();
                        Some(Id { field, value })
                    });
                    found.extend(fields);
                }
                Value::Object(fields) => deeper.extend(fields.values().take(50)),
                _ => {}
            }
        }
        level = deeper;
    }
    found.truncate(most);
    found
}

/// Returns ids from a collection whose elements name its members: `["ann", "bob"]` and
/// `{"17": {…}, "18": {…}}`.
fn named(value: &Value, most: usize) -> Vec<Id> {
    let names: Vec<&str> = match value {
        Value::Array(items) => items.iter().take(most).filter_map(Value::as_str).collect(),
        Value::Object(fields) if fields.values().all(Value::is_object) => fields
            .keys()
            .take(most)
            .map(String::as_str)
            .filter(|name| shape::varies(name))
            .collect(),
        _ => Vec::new(),
    };
    names
        .into_iter()
        .filter_map(|name| id_text(&Value::from(name)))
        .map(|value| Id {
            field: "id".to_owned(),
            value,
        })
        .collect()
}

/// Returns an id as it would appear in a path.
pub fn id_text(value: &Value) -> Option<String> {
    words::id_text(value).filter(|text| {
        !text.is_empty()
            && text.len() <= 64
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.:@".contains(c))
    })
}

fn is_link_field(field: &str) -> bool {
    let lower = field.to_ascii_lowercase();
    LINK_FIELDS.contains(&lower.as_str()) || lower.ends_with("_url") || lower.ends_with("_link")
}

fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 200
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.contains(':')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/_-.?=&{}<>".contains(c))
}

/// Converts a URI template (RFC 6570): `/x{?page}` and `{&page}` name query inputs, `/x/{id}` and
/// `/x{/id}` a path variable.
fn template(text: &str) -> String {
    let mut plain = String::new();
    let mut query: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((expression, after)) = after.split_once('}') else {
            break;
        };
        plain.push_str(before);
        rest = after;
        let names = expression.trim_start_matches(['?', '&', '/', '+', '#', '.', ';']);
        let names = names
            .split(',')
            .map(|name| name.split(['*', ':']).next().unwrap_or_default())
            .filter(|name| !name.is_empty());
        match expression.chars().next() {
            Some('?' | '&') => query.extend(names.map(|name| format!("{name}="))),
            Some('/') => plain.extend(names.map(|name| format!("/{{{name}}}"))),
            Some('#' | ';') => {}
            Some('.') => plain.extend(names.map(|name| format!(".{{{name}}}"))),
            Some('+') => plain.extend(names.map(|name| format!("{{{name}}}"))),
            _ => plain.extend(["{", expression, "}"]),
        }
    }
    plain.push_str(rest);
    if !query.is_empty() {
        plain.push(if plain.contains('?') { '&' } else { '?' });
        plain.push_str(&query.join("&"));
    }
    plain
}

/// Visits every string with the name of the field that contains it, directly or through a list.
fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a str, &'a str)) {
    let mut stack = vec![("", value)];
    let mut looked = 0;
    while let Some((field, value)) = stack.pop() {
        looked += 1;
        if looked > MAX_VALUES {
            return;
        }
        match value {
            Value::String(text) => visit(field, text),
            Value::Array(items) => stack.extend(items.iter().rev().map(|item| (field, item))),
            Value::Object(fields) => {
                for (name, value) in fields.iter().rev() {
                    stack.push((name.as_str(), value));
                    // {"/keys": {…}}: a table of routes.
                    if name.starts_with('/') {
                        visit("", name);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hypermedia_and_plain_fields_are_links() {
        let found = links(&json!({
            "_links": {"self": {"href": "/a"}, "child": [{"href": "people"}], "find": {"href": "/s{?q,page}"}},
            "next": "/b?page=2", "note": "/c", "text": "and/or", "site": "http://h/d"
        }));
        let urls: Vec<(&str, bool)> = found
            .calls
            .iter()
            .map(|call| (call.url.as_str(), call.tentative))
            .collect();
        assert_eq!(
            urls,
            [
                ("/a", false),
                ("./people", true),
                ("/s?q=&page=", false),
                ("/b?page=2", false),
                ("/c", true),
                ("http://h/d", false)
            ]
        );
    }

    #[test]
    fn uri_templates_name_queries_and_path_variables() {
        for (text, plain) in [
            ("/s{?q,page*}", "/s?q=&page="),
            ("/more?a=1{&cursor}", "/more?a=1&cursor="),
            ("/seg{/id,part}", "/seg/{id}/{part}"),
            ("/x/{id}/y{?q:3}{#top}", "/x/{id}/y?q="),
            ("/open{?q", "/open{?q"),
        ] {
            assert_eq!(template(text), plain);
        }
    }

    #[test]
    fn the_fields_of_a_lists_records_are_values_with_names() {
        let value = json!({"Books": [{"book_title": "a1", "by": {"name": "x"}, "text": "two words"}], "page": 1});
        let named = named_values(&value, 9).into_iter();
        let named: Vec<(String, String)> = named.map(|id| (id.field, id.value)).collect();
        assert_eq!(named, [("book_title".to_owned(), "a1".to_owned())]);
    }

    #[test]
    fn ids_of_records_are_found_bounded_and_outermost_first() {
        let value = json!({"items": [
            {"_id": {"$oid": "65f0c0ffee65f0c0ffee65f0"}, "owner": {"id": 7}},
            {"id": "a b"}, {"userId": 3}, {"slug": "x-y"}
        ]});
        let ids: Vec<(String, String)> = ids(&value, 3)
            .into_iter()
            .map(|id| (id.field, id.value))
            .collect();
        let expected = [
            ("_id", "65f0c0ffee65f0c0ffee65f0"),
            ("userId", "3"),
            ("slug", "x-y"),
        ];
        assert_eq!(ids, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
