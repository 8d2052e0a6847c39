//! Returned ids: how the answer to a create names what was stored.
//!
//! Owns: reading `Location`, fields, paths and sentences, and which of these open a given detail.
//! Leaves out: what lists name (`near.rs`), and unknown operations (`crawl` asks for them). Pure.

use serde_json::Value;
use url::Url;

use crate::crawl::clues::reference::{only_number, references, references_like, said};
use crate::http::{Hop, Request, Response};
use crate::surface::{Endpoint, Place, Template};
use crate::words::{id_text, names_an_id, singular};

/// How many ids of one answer are followed, and how many of those may only look like ids.
const MAX_IDS: usize = 3;
const MAX_GUESSED: usize = 2;

/// How many paths of one answer are examined.
const MAX_PATHS: usize = 20;

/// An id that an answer names, and how it does so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnedId {
    /// The id.
    pub(crate) value: String,
    /// What names it.
    pub(crate) by: NamedBy,
    /// The values of the placeholders before it, if there are any.
    pub(crate) before: Vec<(String, String)>,
}

/// What names an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamedBy {
    /// The last segment of `Location`.
    Location,
    /// A JSON field.
    Field(String),
    /// The last segment of the path in a JSON field.
    PathField(String),
    /// A link, by the path before the id.
    Link(String),
    /// A word of the answer.
    Word,
}

impl ReturnedId {
    /// Creates an id for a path with one placeholder.
    pub(super) const fn new(value: String, by: NamedBy) -> Self {
        let before = Vec::new();
        Self { value, by, before }
    }
}

/// Returns the ids in the answer to a create that open a detail.
///
/// The ids in paths that it names come first, then those in fields. Values that only look like ids
/// are used if there are neither.
pub(crate) fn returned_ids(detail: &Endpoint, create: &Hop) -> Vec<ReturnedId> {
    let Some(answer) = create.response() else {
        return Vec::new();
    };
    let template = &detail.id.path;
    let names = template.names();
    let Some(last) = names.last() else {
        return Vec::new();
    };
    let mut ids: Vec<ReturnedId> = Vec::new();
    for (by, path) in named_paths(answer) {
        push(&mut ids, of_path(template, &path, by));
    }
    let above = above(template, create.request.url.path());
    let before = match (&above, names.len()) {
        (Some(before), _) => before.clone(),
        (None, 1) => Vec::new(),
        // Nothing says which parents it belongs to.
        (None, _) => return cut(ids, MAX_IDS),
    };
    let at = |(value, by): (String, NamedBy)| ReturnedId {
        value,
        by,
        before: before.clone(),
    };
    for id in named(answer, &singular(noun(collection(template))), last) {
        push(&mut ids, Some(at(id)));
    }
    if ids.is_empty() && above.is_some() {
        for id in guessed(detail, last, &create.request, answer) {
            push(&mut ids, Some(at(id)));
        }
        return cut(ids, MAX_GUESSED);
    }
    cut(ids, MAX_IDS)
}

/// Returns the paths that an answer names: `Location`, and every JSON field that holds a path.
pub(crate) fn named_paths(answer: &Response) -> Vec<(NamedBy, String)> {
    let location = answer.header("location").and_then(path_in);
    let mut found: Vec<(NamedBy, String)> = location
        .map(|path| (NamedBy::Location, path))
        .into_iter()
        .collect();
    if let Some(json) = answer.json() {
        visit(&json, 0, &mut |name, value| {
            let path = value.as_str().and_then(path_in);
            if let Some(path) = path.filter(|_| found.len() < MAX_PATHS) {
                found.push((NamedBy::PathField(name.to_owned()), path));
            }
        });
    }
    found
}

/// Returns the path of a text that is a path or a URL.
fn path_in(text: &str) -> Option<String> {
    let plain = text.len() <= 500 && !text.contains(char::is_whitespace);
    let url = match text {
        _ if !plain => return None,
        _ if text.starts_with("http://") || text.starts_with("https://") => Url::parse(text),
        // Any base works, because only the path is used, and requests are built from the target's
        // templates.
        _ if text.starts_with('/') => Url::parse("http://target").and_then(|u| u.join(text)),
        _ => return None,
    };
    let path = url.ok()?.path().trim_end_matches('/').to_owned();
    (!path.is_empty()).then_some(path)
}

/// Extracts the id from a path that matches a template, up to its last placeholder.
fn of_path(template: &Template, path: &str, by: NamedBy) -> Option<ReturnedId> {
    let mut before = Template::new(head(template)).values(path)?;
    for (_, value) in &mut before {
        *value = percent_encoding::percent_decode_str(value)
            .decode_utf8_lossy()
            .into_owned();
    }
    let (_, value) = before.pop()?;
    Some(ReturnedId { value, by, before })
}

/// Returns a template up to its last placeholder: `/a/{b}/c/{d}` of `/a/{b}/c/{d}/e`.
fn head(template: &Template) -> &str {
    let text = template.as_str();
    let open = text.rfind('{').unwrap_or(text.len());
    let end = text[open..].find('/').map_or(text.len(), |end| open + end);
    &text[..end]
}

/// Returns the collection that contains a detail's last placeholder: `/a/{b}/c` of
/// `/a/{b}/c/{d}/e`.
fn collection(template: &Template) -> &str {
    head(template)
        .rsplit_once('/')
        .map_or("", |(above, _)| above)
}

/// Returns the last segment of a collection's path.
pub(super) fn noun(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
}

/// Returns the values of the placeholders before a detail's last one, if the requested path lies in
/// its collection: `/a/7/c` and `/a/7/c/new` for `/a/{b}/c/{d}`.
fn above(template: &Template, asked: &str) -> Option<Vec<(String, String)>> {
    let collection = collection(template);
    let depth = collection.matches('/').count() + 1;
    let segments: Vec<&str> = asked.split('/').take(depth).collect();
    Template::new(collection).values(&segments.join("/"))
}

/// Returns the ids in `Location` and in fields: `id`, `_id`, `uuid`, `…_id`, `slug`, a field named
/// like one item of the collection, or like the placeholder.
fn named(answer: &Response, thing: &str, placeholder: &str) -> Vec<(String, NamedBy)> {
    let mut found = Vec::new();
    let last = answer.header("location").and_then(|location| {
        let path = location.split(['?', '#']).next()?;
        path.trim_end_matches('/').rsplit('/').next()
    });
    found.extend(last.map(|last| (last.to_owned(), NamedBy::Location)));
    if let Some(json) = answer.json() {
        visit(&json, 0, &mut |name, value| {
            let called = [thing, placeholder].iter().any(|own| {
                // A placeholder without a name does not match any field.
                !own.is_empty() && name.eq_ignore_ascii_case(own)
            });
            if (names_an_id(name) || called)
                && let Some(id) = id_text(value)
                && !id.contains(['/', ' '])
            {
                found.push((id, NamedBy::Field(name.to_owned())));
            }
        });
    }
    found
}

/// Returns values that only look like ids: words like the known ids of a detail, references if no
/// id is known, or the only number of an answer. Values that were sent do not count.
fn guessed(
    detail: &Endpoint,
    name: &str,
    request: &Request,
    answer: &Response,
) -> Vec<(String, NamedBy)> {
    let known: Vec<&str> = detail
        .samples
        .iter()
        .filter_map(|sample| sample.get(name).map(String::as_str))
        .collect();
    let sent = String::from_utf8_lossy(&request.body);
    let carried = |word: &str| sent.contains(word) || request.url.as_str().contains(word);
    let text = said(answer);
    let words = if known.is_empty() {
        references(&text)
    } else {
        references_like(&text, &known)
    };
    let mut found: Vec<(String, NamedBy)> = words
        .into_iter()
        .filter(|word| !carried(word))
        .map(|word| (word.to_owned(), NamedBy::Word))
        .collect();
    let numbers = known
        .iter()
        .all(|known| known.bytes().all(|b| b.is_ascii_digit()));
    let typed = detail
        .input(Place::Path, name)
        .is_none_or(|input| input.hint.format.is_none());
    if found.is_empty()
        && numbers
        && typed
        && let Some(json) = answer.json()
        && let Some((field, number)) = only_number(&json)
    {
        found.push((number.to_string(), NamedBy::Field(field.to_owned())));
    }
    found
}

/// Visits the named values of a JSON answer on its first levels.
fn visit(json: &Value, depth: usize, take: &mut impl FnMut(&str, &Value)) {
    let Value::Object(fields) = json else { return };
    if depth >= 3 {
        return;
    }
    for (name, value) in fields {
        take(name, value);
    }
    for value in fields.values().filter(|value| value.is_object()) {
        visit(value, depth + 1, take);
    }
}

fn push(ids: &mut Vec<ReturnedId>, id: Option<ReturnedId>) {
    if let Some(id) = id
        && !id.value.is_empty()
        && id.value.len() <= 128
        && !ids.iter().any(|known| known.value == id.value)
    {
        ids.push(id);
    }
}

fn cut(mut ids: Vec<ReturnedId>, most: usize) -> Vec<ReturnedId> {
    ids.truncate(most);
    ids
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::http::Method;
    use crate::surface::{EndpointId, Provenance};

    fn step(asked: &str, headers: &[(&str, &str)], body: &str) -> Hop {
        let url = Url::parse("http://h").unwrap().join(asked).unwrap();
        let json = [("Content-Type", "application/json")];
        Hop {
            request: Request::new(Method::Post, url),
            outcome: Ok(Response::of(201, &[&json, headers].concat(), body)),
        }
    }

    /// Checks which paths of a template an answer opens.
    #[track_caller]
    fn check(template: &str, known: &[&str], step: &Hop, expected: &[&str]) {
        let mut detail = Endpoint::new(EndpointId::new(Method::Get, template), Provenance::Link);
        let name = (*detail.id.path.names().last().unwrap()).to_owned();
        detail.samples = known
            .iter()
            .map(|known| BTreeMap::from([(name.clone(), (*known).to_owned())]))
            .collect();
        let paths: Vec<String> = returned_ids(&detail, step)
            .iter()
            .map(|id| {
                detail.id.path.fill(|name| {
                    let mut before = id.before.iter();
                    let value = before.find(|(known, _)| known == name);
                    value.map_or_else(|| id.value.clone(), |(_, value)| value.clone())
                })
            })
            .collect();
        assert_eq!(paths, expected);
    }

    #[test]
    fn ids_come_from_location_and_from_fields_in_any_spelling() {
        let body = r#"{"_id": {"$oid": "65a"}, "item": {"noteId": 3}, "name": "x"}"#;
        let answer = step("/keys", &[("Location", "/keys/77")], body);
        check(
            "/keys/{id}",
            &[],
            &answer,
            &["/keys/77", "/keys/65a", "/keys/3"],
        );
    }

    #[test]
    fn a_field_named_for_the_thing_or_like_the_placeholder_holds_an_id() {
        let answer = step(
            "/devices",
            &[],
            r#"{"device": 4, "status": "ok", "code": 9}"#,
        );
        check("/devices/{id}", &[], &answer, &["/devices/4"]);
        check(
            "/devices/{code}/log",
            &[],
            &answer,
            &["/devices/4/log", "/devices/9/log"],
        );
        check("/lists/{id}", &[], &answer, &[""; 0]);
    }

    #[test]
    fn a_path_opens_what_it_is_an_instance_of() {
        let answer = step("/vault/a/items", &[], r#"{"item": "/vault/alpha/items/3"}"#);
        check(
            "/vault/{space}/items/{id}",
            &[],
            &answer,
            &["/vault/alpha/items/3"],
        );
        check(
            "/vault/{space}/items/{id}/text",
            &[],
            &answer,
            &["/vault/alpha/items/3/text"],
        );
        check("/vault/{space}/members/{id}", &[], &answer, &[""; 0]);
        let url = step(
            "/x",
            &[],
            r#"{"links": {"self": "http://h/things/a%20b?x=1"}}"#,
        );
        check("/things/{id}", &[], &url, &["/things/a b"]);
    }

    #[test]
    fn an_id_below_a_placeholder_stands_below_what_was_asked() {
        let answer = step("/vault/alpha/items", &[], r#"{"id": 3}"#);
        check(
            "/vault/{space}/items/{id}",
            &[],
            &answer,
            &["/vault/alpha/items/3"],
        );
        check("/other/{space}/items/{id}", &[], &answer, &[""; 0]);
    }

    #[test]
    fn what_only_looks_like_an_id_is_tried_where_nothing_is_one() {
        let answer = step(
            "/orders",
            &[],
            r#"{"message": "Booked as REF-00041, see INV-7."}"#,
        );
        check(
            "/orders/{id}",
            &["REF-00012"],
            &answer,
            &["/orders/REF-00041"],
        );
        check("/orders/{id}", &[], &answer, &["/orders/REF-00041"]);
        check("/orders/{id}", &["12"], &answer, &[""; 0]);
        check("/users/{id}", &["REF-00012"], &answer, &[""; 0]);
        check(
            "/orders/{id}",
            &["12"],
            &step("/orders", &[], r#"{"n": 13}"#),
            &["/orders/13"],
        );
        let mut echo = answer;
        echo.request.body = b"note=REF-00041".to_vec();
        check("/orders/{id}", &["REF-00012"], &echo, &[""; 0]);
    }
}
