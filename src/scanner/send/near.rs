//! Finds the reads near a plant, those most likely to return a stored value.
//!
//! Owns: which operations to read, and the ids that lists name. Leaves out: the ids in the answer
//! to a create (`returned.rs`). Pure.

use serde_json::Value;

use super::returned::{NamedBy, ReturnedId, named_paths, noun, returned_ids};
use crate::http::{Hop, Method, Response};
use crate::plan::{BodyKind, Fill, Planner, RequestTemplate};
use crate::policy::may_send;
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Place, Surface, Template, naming};
use crate::words::{id_text, names_an_id};

/// How many reads follow from what an answer names, at most.
const MAX_NAMED: usize = 12;
/// How many links of one page are examined.
const MAX_LINKS: usize = 2000;

/// Returns the reads near an operation that took a canary: the same path, its parent, the details
/// of every id that the answer returned, and those of every path that it names. Leaves out whatever
/// must not be sent.
pub(crate) fn near_reads(
    settings: &Settings,
    surface: &Surface,
    planner: &Planner,
    planted: &EndpointId,
    create: &Hop,
) -> Vec<RequestTemplate> {
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
    let mut near: Vec<&Endpoint> = details(surface, path).filter(may_send).collect();
    // For example `POST /keys/new`.
    near.extend(details(surface, parent).filter(may_send));
    for (_, path) in create.response().map(named_paths).unwrap_or_default() {
        let template = surface.template_of(&path).filter(|t| !t.is_literal());
        let named = template.and_then(|template| {
            surface.get(&EndpointId {
                path: template.clone(),
                method: Method::Get,
            })
        });
        near.extend(named.filter(may_send));
    }
    let most = reads.len() + MAX_NAMED;
    for endpoint in near {
        for id in returned_ids(endpoint, create) {
            let read = detail(planner, endpoint, &id);
            reads.extend(read.filter(|read| reads.len() < most && !reads.contains(read)));
        }
    }
    reads
}

/// Finds the reads of one item of a collection: `/keys/{id}` and everything below it.
fn details<'a>(surface: &'a Surface, collection: &'a str) -> impl Iterator<Item = &'a Endpoint> {
    surface.iter().filter(move |endpoint| {
        let path = endpoint.id.path.as_str();
        let below = path.strip_prefix(collection.trim_end_matches('/'));
        endpoint.id.method == Method::Get
            && below.is_some_and(|rest| rest.starts_with("/{") && rest.matches('{').count() == 1)
    })
}

/// Builds the read of one id.
pub(crate) fn detail(
    planner: &Planner,
    endpoint: &Endpoint,
    id: &ReturnedId,
) -> Option<RequestTemplate> {
    let last = endpoint
        .id
        .path
        .names()
        .last()
        .map(|name| (*name).to_owned())?;
    let values = id.before.iter().map(|(name, value)| (name, value));
    let template = planner.baseline(endpoint, BodyKind::None);
    values
        .chain([(&last, &id.value)])
        .try_fold(template, |template, (name, value)| {
            let input = endpoint.input(Place::Path, name)?.clone();
            Some(template.with(&input, Fill::Plain(Value::String(value.clone()))))
        })
}

/// Returns true if a list may name ids of a detail: both have the same collection, or the same noun
/// elsewhere (`/partners/` and `/api/partners/{id}`).
pub(crate) fn lists_for(detail: &EndpointId, list: &EndpointId) -> bool {
    let wanted = noun(detail.path.collection());
    !wanted.is_empty() && wanted == noun(list.path.as_str())
}

/// Finds the details that may show what an operation stored: those of its own collection, or of one
/// with the same noun. Returns at most three.
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

/// Returns the ids that a list names for a path template with one placeholder, by links or by the
/// id fields of its items.
///
/// The last and first ones come before the others, because a fresh one is at one of the ends. A
/// path of its own (`/keys/export` beside `/keys/{id}`) is not an id.
pub(crate) fn listed_ids(
    answer: &Response,
    template: &Template,
    surface: &Surface,
) -> Vec<ReturnedId> {
    let before = template.as_str().split('{').next().unwrap_or_default();
    let text = answer.text();
    let mut found: Vec<ReturnedId> = Vec::new();
    let mut push = |id: ReturnedId| {
        let linked = match &id.by {
            NamedBy::Link(before) => before.as_str(),
            _ => before,
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
                    push(ReturnedId::new(id, NamedBy::Field(name.clone())));
                }
            }
        }
    } else {
        // The links on another page of the same noun name the same things.
        let short = format!("/{}/", noun(before));
        for before in [before, short.as_str()] {
            for (at, _) in text.match_indices(before).take(MAX_LINKS) {
                let rest = &text[at + before.len()..];
                let end = rest
                    .find(['"', '/', '?', '<', '>', '&', ' ', '\''])
                    .unwrap_or(0);
                let by = NamedBy::Link(before.to_owned());
                push(ReturnedId::new(rest[..end].to_owned(), by));
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

/// Finds the field of a record that a placeholder's name refers to.
fn nearest<'a>(item: &'a serde_json::Map<String, Value>, placeholder: &str) -> Option<&'a str> {
    let meant = item
        .keys()
        .filter_map(|name| Some((naming::distance(name, placeholder)?, name)));
    meant
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name.as_str())
}

/// Collects the objects in the lists of a JSON answer, on its first levels.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_its_summary_withholds_is_not_read() {
        let settings = Settings::new(crate::target::Target::parse("http://h").unwrap());
        let planner = Planner {
            credentials: crate::credential::Credentials::default(),
            own_headers: Vec::new(),
            own_cookies: Vec::new(),
            own_queries: Vec::new(),
            excluded: Vec::new(),
        };
        let url = url::Url::parse("http://h/keys").unwrap();
        let create = Hop {
            request: crate::http::Request::new(Method::Post, url),
            outcome: Ok(Response::of(201, &[("Location", "/keys/77")], "")),
        };
        let planted = EndpointId::new(Method::Post, "/keys");
        let read = |summary: &str| -> Vec<String> {
            let mut surface = Surface::default();
            for path in ["/keys", "/keys/{id}"] {
                let id = EndpointId::new(Method::Get, path);
                let mut endpoint = Endpoint::new(id, crate::surface::Provenance::Link);
                endpoint.summary = summary.to_owned();
                surface.add(endpoint);
            }
            let reads = near_reads(&settings, &surface, &planner, &planted, &create);
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
