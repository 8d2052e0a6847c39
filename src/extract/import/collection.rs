//! Collections of API clients: Postman 2.0 and 2.1, Insomnia 4 (JSON) and 5 (YAML).

use serde_json::Value;
use url::Url;

use super::super::found::{Call, Found, input_of};
use super::super::pages::fields::{items, text};
use super::Recorded;
use super::har::{is_disabled, pairs};
use crate::surface::{Input, Place, Provenance};

/// The deepest nesting of folders.
const MAX_DEPTH: usize = 20;

/// Reads the requests of a Postman collection.
pub(super) fn postman(root: &Value) -> Option<Found> {
    let root = root.get("collection").unwrap_or(root);
    root.get("info")?;
    let items = root.get("item")?.as_array()?;
    let variables = pairs(root, "variable", "key");
    Some(folders(
        items,
        ["item", "auth"],
        root.get("auth"),
        |item, auth| postman_request(item.get("request")?, auth, &variables),
    ))
}

/// Reads the requests of nested folders, each with the credentials of the closest folder that defines
/// some; `names` are the fields that contain a folder's items and its credentials.
fn folders<'a>(
    items: &'a [Value],
    names: [&str; 2],
    auth: Option<&'a Value>,
    request: impl Fn(&'a Value, Option<&'a Value>) -> Option<Call>,
) -> Found {
    let mut found = Found::default();
    let mut stack: Vec<(&Value, Option<&Value>, usize)> = Vec::new();
    stack.extend(items.iter().rev().map(|item| (item, auth, 0)));
    while let Some((item, auth, depth)) = stack.pop() {
        let auth = item.get(names[1]).or(auth);
        if let Some(inner) = item.get(names[0]).and_then(Value::as_array) {
            if depth < MAX_DEPTH {
                stack.extend(inner.iter().rev().map(|item| (item, auth, depth + 1)));
            }
        } else {
            push(&mut found, item, request(item, auth));
        }
    }
    found
}

/// Adds an item's request, or records that the item has none that can be sent.
fn push(found: &mut Found, item: &Value, call: Option<Call>) {
    match call {
        Some(call) => found.push(call),
        None => {
            let name = item.get("name").and_then(Value::as_str);
            let why = "it has no URL, or a method that keyspill does not send";
            found.leave_out(name.unwrap_or("an item without a name"), why);
        }
    }
}

fn postman_request(
    request: &Value,
    auth: Option<&Value>,
    variables: &[(&str, &str)],
) -> Option<Call> {
    let url = request.get("url").unwrap_or(request);
    let raw = url.as_str().or_else(|| url.get("raw")?.as_str())?;
    let body = request.get("body").unwrap_or(&Value::Null);
    let mode = text(body, "mode");
    let media = match mode {
        "urlencoded" => "application/x-www-form-urlencoded",
        "formdata" => "multipart/form-data",
        _ => "",
    };
    let recorded = Recorded {
        method: request
            .get("method")
            .and_then(Value::as_str)
            .unwrap_or("GET"),
        url: on_target(raw, variables),
        headers: pairs(request, "header", "key"),
        media,
        body: text(body, "raw"),
        fields: pairs(body, mode, "key"),
    };
    let mut call = recorded.call()?;
    let own = request.get("auth").or(auth);
    let at = first_of_body(&call);
    if let Some(input) = own.and_then(credential) {
        call.inputs.insert(at, input);
    }
    Some(call)
}

fn credential(auth: &Value) -> Option<Input> {
    match auth.get("type")?.as_str()? {
        "bearer" | "oauth2" | "jwt" => Some(header("authorization", "Bearer ")),
        "basic" => Some(header("authorization", "Basic ")),
        "apikey" => {
            let said = |key: &str| {
                let item = items(auth, "apikey")
                    .iter()
                    .find(|item| text(item, "key") == key);
                item?.get("value")?.as_str()
            };
            match said("in") {
                Some("query") => Some(Input::new(Place::Query, said("key")?, Provenance::Import)),
                _ => Some(header(said("key")?, "")),
            }
        }
        _ => None,
    }
}

/// Reads the requests of an Insomnia 4 export.
pub(super) fn insomnia(root: &Value) -> Option<Found> {
    let resources = root.get("resources")?.as_array()?;
    let mut found = Found::default();
    let requests = resources.iter();
    for item in requests.filter(|item| text(item, "_type") == "request") {
        push(&mut found, item, insomnia_request(item, None));
    }
    Some(found)
}

/// Reads the requests of an Insomnia 5 file: nested folders, each with `children`.
pub(super) fn insomnia_5(root: &Value) -> Option<Found> {
    if !text(root, "type").contains("insomnia") {
        return None;
    }
    let items = items(root, "collection");
    Some(folders(
        items,
        ["children", "authentication"],
        None,
        insomnia_request,
    ))
}

fn insomnia_request(item: &Value, auth: Option<&Value>) -> Option<Call> {
    let body = item.get("body").unwrap_or(&Value::Null);
    let recorded = Recorded {
        method: text(item, "method"),
        url: on_target(text(item, "url"), &[]),
        headers: pairs(item, "headers", "name"),
        media: text(body, "mimeType"),
        body: text(body, "text"),
        fields: pairs(body, "params", "name"),
    };
    if recorded.url.is_empty() {
        return None;
    }
    let mut call = recorded.call()?;
    let at = first_of_body(&call);
    if let Some(input) = item
        .get("authentication")
        .or(auth)
        .and_then(insomnia_credential)
    {
        call.inputs.insert(at, input);
    }
    for (name, value) in pairs(item, "parameters", "name") {
        call.inputs
            .push(input_of(Place::Query, name, value, Provenance::Import));
    }
    Some(call)
}

fn insomnia_credential(auth: &Value) -> Option<Input> {
    let said = |name: &str| text(auth, name);
    if is_disabled(auth) {
        return None;
    }
    match said("type") {
        "bearer" | "oauth2" => Some(header("authorization", "Bearer ")),
        "basic" => Some(header("authorization", "Basic ")),
        "apikey" if !said("key").is_empty() => match said("addTo") {
            "queryParams" => Some(Input::new(Place::Query, said("key"), Provenance::Import)),
            "cookie" => Some(Input::new(Place::Cookie, said("key"), Provenance::Import)),
            _ => Some(header(said("key"), "")),
        },
        _ => None,
    }
}

fn header(name: &str, prefix: &str) -> Input {
    let mut input = Input::new(Place::Header, name, Provenance::Import);
    prefix.clone_into(&mut input.prefix);
    input
}

/// Returns the index where the inputs of a call's body begin.
fn first_of_body(call: &Call) -> usize {
    let before = call
        .inputs
        .iter()
        .take_while(|input| !input.place.in_body());
    before.count()
}

/// Replaces a variable in place of the host by the target: `{{baseUrl}}/x` becomes `/x`. If the
/// collection gives the variable a URL, that URL's path is kept. Variables after the host become
/// placeholders.
fn on_target(url: &str, variables: &[(&str, &str)]) -> String {
    let url = url.trim();
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = after_scheme
        .find(['/', '?', '#'])
        .unwrap_or(after_scheme.len());
    let (host, rest) = after_scheme.split_at(end);
    let whole = if host.contains("{{") {
        let name = host.trim_start_matches("{{").trim_end_matches("}}").trim();
        let value = variables.iter().find(|(key, _)| *key == name);
        let base = value.and_then(|(_, value)| Url::parse(value).ok());
        let base = base.map_or_else(String::new, |base| {
            base.path().trim_end_matches('/').to_owned()
        });
        let slash = if rest.starts_with('/') { "" } else { "/" };
        format!("{base}{slash}{rest}")
    } else {
        url.to_owned()
    };
    whole.replace("{{", "{").replace("}}", "}").replace(' ', "")
}
