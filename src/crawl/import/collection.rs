//! Collections of API clients: Postman 2.0 and 2.1, Insomnia 4 (JSON).

use serde_json::Value;

use super::super::found::{Call, Found, input_of};
use super::Recorded;
use super::har::pairs;
use crate::surface::{Input, Place, Provenance};

/// Folders in folders, at most.
const MAX_DEPTH: usize = 20;

/// The requests of a Postman collection.
pub(super) fn postman(root: &Value) -> Option<Found> {
    let root = root.get("collection").unwrap_or(root);
    root.get("info")?;
    let items = root.get("item")?.as_array()?;
    let mut found = Found::default();
    let mut stack: Vec<(&Value, Option<&Value>, usize)> = Vec::new();
    let auth = root.get("auth");
    stack.extend(items.iter().rev().map(|item| (item, auth, 0)));
    while let Some((item, auth, depth)) = stack.pop() {
        let auth = item.get("auth").or(auth);
        if let Some(inner) = item.get("item").and_then(Value::as_array) {
            if depth < MAX_DEPTH {
                stack.extend(inner.iter().rev().map(|item| (item, auth, depth + 1)));
            }
        } else if let Some(call) = item.get("request").and_then(|r| postman_request(r, auth)) {
            found.push(call);
        }
    }
    Some(found)
}

fn postman_request(request: &Value, auth: Option<&Value>) -> Option<Call> {
    let url = request.get("url").unwrap_or(request);
    let raw = url.as_str().or_else(|| url.get("raw")?.as_str())?;
    let body = request.get("body").unwrap_or(&Value::Null);
    let mode = body.get("mode").and_then(Value::as_str).unwrap_or_default();
    let (media, list) = match mode {
        "urlencoded" => ("application/x-www-form-urlencoded", body.get("urlencoded")),
        "formdata" => ("multipart/form-data", body.get("formdata")),
        _ => ("", None),
    };
    let recorded = Recorded {
        method: request
            .get("method")
            .and_then(Value::as_str)
            .unwrap_or("GET"),
        url: without_variable(raw),
        headers: pairs(request.get("header"), "key"),
        media,
        body: body.get("raw").and_then(Value::as_str).unwrap_or_default(),
        fields: pairs(list, "key"),
    };
    let mut call = recorded.call()?;
    let own = request.get("auth").or(auth);
    let at = call
        .inputs
        .iter()
        .take_while(|input| !input.place.in_body())
        .count();
    if let Some(input) = own.and_then(credential) {
        call.inputs.insert(at, input);
    }
    Some(call)
}

fn credential(auth: &Value) -> Option<Input> {
    let header = |name: &str, prefix: &str| {
        let mut input = Input::new(Place::Header, name, Provenance::Import);
        prefix.clone_into(&mut input.prefix);
        input
    };
    match auth.get("type")?.as_str()? {
        "bearer" | "oauth2" | "jwt" => Some(header("authorization", "Bearer ")),
        "basic" => Some(header("authorization", "Basic ")),
        "apikey" => {
            let listed = auth.get("apikey")?.as_array()?;
            let said = |key: &str| {
                let item = listed
                    .iter()
                    .find(|item| item.get("key").and_then(Value::as_str) == Some(key));
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

/// The requests of an Insomnia export.
pub(super) fn insomnia(root: &Value) -> Option<Found> {
    let resources = root.get("resources")?.as_array()?;
    let mut found = Found::default();
    let is_request = |item: &&Value| item.get("_type").and_then(Value::as_str) == Some("request");
    for item in resources.iter().filter(is_request) {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let body = item.get("body").unwrap_or(&Value::Null);
        let part = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let recorded = Recorded {
            method: text("method"),
            url: without_variable(text("url")),
            headers: pairs(item.get("headers"), "name"),
            media: part("mimeType"),
            body: part("text"),
            fields: pairs(body.get("params"), "name"),
        };
        if let Some(mut call) = recorded.call() {
            for (name, value) in pairs(item.get("parameters"), "name") {
                call.inputs
                    .push(input_of(Place::Query, name, value, Provenance::Import));
            }
            found.push(call);
        }
    }
    Some(found)
}

/// `{{baseUrl}}/x` is `/x`; a variable further on is a placeholder.
fn without_variable(url: &str) -> String {
    let url = url.trim();
    let rest = match url
        .strip_prefix("{{")
        .and_then(|rest| rest.split_once("}}"))
    {
        Some((_, rest)) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => url,
    };
    rest.replace("{{", "{").replace("}}", "}").replace(' ', "")
}
