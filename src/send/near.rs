//! What is near a plant: the reads that most likely give a stored value back.
//!
//! Owns: which operations to read, and the ids that an answer returned. Pure.

use serde_json::Value;

use crate::http::{Method, Response};
use crate::plan::{BodyKind, Fill, Planner, Recipe};
use crate::policy::may_send;
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Place, Surface, Template, naming};

/// Ids that are followed from one answer.
const MAX_IDS: usize = 3;
/// Links of one page that are looked at.
const MAX_LINKS: usize = 2000;

/// The reads near an operation that took a canary: the same path, its parent, and the details of
/// every id that the answer returned. What may not be sent is left out.
pub(crate) fn near_reads(
    settings: &Settings,
    surface: &Surface,
    planner: &Planner,
    planted: &EndpointId,
    answer: &Response,
) -> Vec<Recipe> {
    let mut reads = Vec::new();
    let may_send =
        |endpoint: &&Endpoint| may_send(settings, &endpoint.id, &endpoint.summary).is_ok();
    let path = planted.path.as_str();
    let parent = path.rsplit_once('/').map_or("/", |(parent, _)| parent);
    for near in [path, parent] {
        let id = EndpointId::new(Method::Get, near);
        if let Some(endpoint) = surface.get(&id).filter(|e| id != *planted && may_send(e)) {
            reads.push(planner.baseline(endpoint, BodyKind::None));
        }
    }
    let ids = returned_ids(answer);
    for endpoint in details(surface, path).filter(may_send) {
        for id in &ids {
            if let Some(recipe) = detail(planner, endpoint, &id.value) {
                reads.push(recipe);
            }
        }
    }
    reads
}

/// The reads of one thing in a collection: `/keys/{id}` and what is below it.
pub(crate) fn details<'a>(
    surface: &'a Surface,
    collection: &'a str,
) -> impl Iterator<Item = &'a Endpoint> {
    surface.iter().filter(move |endpoint| {
        let path = endpoint.id.path.as_str();
        let below = path.strip_prefix(collection.trim_end_matches('/'));
        let names = endpoint.id.path.names();
        endpoint.id.method == Method::Get
            && names.len() == 1
            && below.is_some_and(|rest| rest.starts_with("/{"))
    })
}

/// A read of one id.
pub(crate) fn detail(planner: &Planner, endpoint: &Endpoint, id: &str) -> Option<Recipe> {
    let name = endpoint
        .id
        .path
        .names()
        .last()
        .map(|name| (*name).to_owned())?;
    let input = endpoint.input(Place::Path, &name)?.clone();
    let recipe = planner.baseline(endpoint, BodyKind::None);
    Some(recipe.with(&input, Fill::Plain(Value::String(id.to_owned()))))
}

/// True where a list may name ids of a detail: the same collection, or one of the same noun
/// elsewhere (`/partners/` and `/api/partners/{id}`).
pub(crate) fn lists_for(detail: &EndpointId, list: &EndpointId) -> bool {
    let wanted = noun(detail.path.collection());
    !wanted.is_empty() && wanted == noun(list.path.as_str())
}

/// The last segment of a collection's path.
fn noun(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
}

/// The details that may show what an operation stored: of the collection that it belongs to, or of
/// one with the same noun. At most three.
pub(crate) fn related_details(surface: &Surface, planted: &EndpointId) -> Vec<EndpointId> {
    let segments: Vec<&str> = planted
        .path
        .as_str()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    surface
        .iter()
        .filter(|detail| detail.id.method == Method::Get && detail.id.path.names().len() == 1)
        .filter(|detail| segments.contains(&noun(detail.id.path.collection())))
        .map(|detail| detail.id.clone())
        .take(3)
        .collect()
}

/// An id that an answer names, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnedId {
    /// The id.
    pub(crate) value: String,
    /// The JSON field that holds it; `None` for `Location` or a link.
    pub(crate) field: Option<String>,
    /// For a link: the path before the id.
    pub(crate) before: String,
}

impl ReturnedId {
    fn new(value: String, field: Option<&str>) -> Self {
        Self {
            value,
            field: field.map(str::to_owned),
            before: String::new(),
        }
    }
}

/// The ids in an answer: fields named `id`, `_id`, `uuid`, `…_id`, `slug` on its first levels, and
/// the last segment of `Location`.
pub(crate) fn returned_ids(answer: &Response) -> Vec<ReturnedId> {
    let mut ids: Vec<ReturnedId> = Vec::new();
    let mut push = |id: ReturnedId| {
        let fits = !id.value.is_empty() && id.value.len() <= 128;
        if fits && !ids.iter().any(|known| known.value == id.value) {
            ids.push(id);
        }
    };
    if let Some(location) = answer.header("location") {
        let path = location.split(['?', '#']).next().unwrap_or_default();
        if let Some(last) = path.trim_end_matches('/').rsplit('/').next() {
            push(ReturnedId::new(last.to_owned(), None));
        }
    }
    if let Some(json) = answer.json() {
        collect(&json, 0, &mut push);
    }
    ids.truncate(MAX_IDS);
    ids
}

/// The ids that a list names for a path template with one placeholder: by links, or by the id
/// fields of its items. Last and first ones before the others: a fresh one stands at an end.
///
/// What is a path of its own (`/keys/export` beside `/keys/{id}`) is no id.
pub(crate) fn listed_ids(
    answer: &Response,
    template: &Template,
    surface: &Surface,
) -> Vec<ReturnedId> {
    let before = template.as_str().split('{').next().unwrap_or_default();
    let text = answer.text();
    let mut found: Vec<ReturnedId> = Vec::new();
    let mut push = |id: ReturnedId| {
        let linked = if id.before.is_empty() {
            before
        } else {
            id.before.as_str()
        };
        let own_path = surface.has_path(&format!("{linked}{}", id.value));
        let known = found.iter().any(|known| known.value == id.value);
        if !id.value.is_empty() && !own_path && !known {
            found.push(id);
        }
    };
    if let Some(json) = answer.json() {
        let mut lists = Vec::new();
        items(&json, 0, &mut lists);
        let placeholder = template.names().last().copied().unwrap_or_default();
        for item in lists {
            let meant = nearest(item, placeholder);
            for (name, value) in item {
                if meant.map_or_else(|| names_an_id(name), |meant| name == meant)
                    && let Some(id) = id_text(value)
                {
                    push(ReturnedId::new(id, Some(name)));
                }
            }
        }
    } else {
        // The links of another page of the same noun name the same things.
        let short = format!("/{}/", noun(before));
        for before in [before, short.as_str()] {
            for (at, _) in text.match_indices(before).take(MAX_LINKS) {
                let rest = &text[at + before.len()..];
                let end = rest
                    .find(['"', '/', '?', '<', '>', '&', ' ', '\''])
                    .unwrap_or(0);
                let mut id = ReturnedId::new(rest[..end].to_owned(), None);
                before.clone_into(&mut id.before);
                push(id);
            }
        }
    }
    let mut ordered = Vec::new();
    let mut ends = found.into_iter();
    while let Some(last) = ends.next_back() {
        ordered.push(last);
        ordered.extend(ends.next());
    }
    ordered
}

/// The field of a record whose name a placeholder means.
fn nearest<'a>(item: &'a serde_json::Map<String, Value>, placeholder: &str) -> Option<&'a str> {
    let meant = item
        .keys()
        .filter_map(|name| Some((naming::distance(name, placeholder)?, name)));
    meant
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name.as_str())
}

/// The objects in the lists of a JSON answer, on its first levels.
fn items<'a>(json: &'a Value, depth: usize, found: &mut Vec<&'a serde_json::Map<String, Value>>) {
    match json {
        Value::Array(list) => found.extend(list.iter().filter_map(Value::as_object)),
        Value::Object(fields) if depth < 2 => {
            fields
                .values()
                .for_each(|value| items(value, depth + 1, found));
        }
        _ => {}
    }
}

fn collect(json: &Value, depth: usize, push: &mut impl FnMut(ReturnedId)) {
    match json {
        Value::Object(fields) if depth < 3 => {
            for (name, value) in fields {
                if names_an_id(name)
                    && let Some(id) = id_text(value)
                {
                    push(ReturnedId::new(id, Some(name)));
                }
            }
            for value in fields.values() {
                if value.is_object() {
                    collect(value, depth + 1, push);
                }
            }
        }
        _ => {}
    }
}

/// True for field names that hold an identifier.
pub(crate) fn names_an_id(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "id" | "_id" | "uuid" | "guid" | "slug" | "oid"
    ) || lower.ends_with("_id")
        || name.ends_with("Id")
}

/// An id as text; MongoDB's extended JSON writes an `ObjectId` as `{"$oid": "…"}`.
fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        Value::Object(fields) => fields
            .get("$oid")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_location_and_from_fields_in_any_spelling() {
        let answer = Response::of(
            201,
            &[
                ("Location", "/keys/77"),
                ("Content-Type", "application/json"),
            ],
            r#"{"_id": {"$oid": "65a"}, "item": {"noteId": 3}, "name": "x"}"#,
        );
        let ids: Vec<String> = returned_ids(&answer)
            .into_iter()
            .map(|id| id.value)
            .collect();
        assert_eq!(ids, ["77", "65a", "3"]);
    }

    #[test]
    fn what_its_summary_withholds_is_not_read() {
        let settings = Settings::new(crate::target::Target::parse("http://h").unwrap());
        let planner = Planner {
            credentials: crate::credential::Credentials::default(),
            own_headers: Vec::new(),
            own_cookies: Vec::new(),
        };
        let answer = Response::of(201, &[("Location", "/keys/77")], "");
        let planted = EndpointId::new(Method::Post, "/keys");
        let read = |summary: &str| -> Vec<String> {
            let mut surface = Surface::default();
            for path in ["/keys", "/keys/{id}"] {
                let id = EndpointId::new(Method::Get, path);
                let mut endpoint = Endpoint::new(id, crate::surface::Provenance::Link);
                endpoint.summary = summary.to_owned();
                surface.add(endpoint);
            }
            let reads = near_reads(&settings, &surface, &planner, &planted, &answer);
            reads.iter().map(|read| read.endpoint.to_string()).collect()
        };
        assert_eq!(read("List the keys"), ["GET /keys", "GET /keys/{id}"]);
        assert_eq!(read("Purge all keys"), [""; 0]);
    }

    #[test]
    fn a_list_names_its_last_and_first_ids_first() {
        let page = r#"<a href="/keys/export">x</a> <a href="/keys/1">a</a> <a href="/keys/2">b</a> <a href="/keys/3">c</a>"#;
        let html = Response::of(200, &[("Content-Type", "text/html")], page);
        let mut surface = Surface::default();
        let export = EndpointId::new(Method::Get, "/keys/export");
        surface.add(Endpoint::new(export, crate::surface::Provenance::Link));
        let ids: Vec<String> = listed_ids(&html, &Template::new("/keys/{id}"), &surface)
            .into_iter()
            .map(|id| id.value)
            .collect();
        assert_eq!(ids, ["3", "1", "2"]);
        let items = r#"{"books": [{"id": 1, "title": "a b"}, {"id": 2, "title": "c"}]}"#;
        let json = Response::of(200, &[("Content-Type", "application/json")], items);
        let titles = listed_ids(&json, &Template::new("/books/{book_title}"), &surface);
        let titles: Vec<&str> = titles.iter().map(|id| id.value.as_str()).collect();
        assert_eq!(titles, ["c", "a b"]);
    }
}
