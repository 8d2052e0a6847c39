//! JSON errors: fields under `json`, `query` and their kin, pydantic's locations, fields with complaints.

use serde_json::Value;

use super::sentence::{place_of, text};
use super::{MAX_NAMES, Named, complains, is_name, named, push};
use crate::surface::Place;

/// Names in a JSON error.
pub(super) fn json(value: &Value, found: &mut Vec<Named>) {
    walk(value, None, 0, found);
}

fn walk(value: &Value, place: Option<Place>, depth: usize, found: &mut Vec<Named>) {
    if depth > 6 || found.len() >= MAX_NAMES {
        return;
    }
    match value {
        Value::Object(fields) => {
            if let Some(named) = located(value) {
                push(found, named);
                return;
            }
            for (key, inner) in fields {
                if let Some(place) = place_word(key) {
                    // {"json": {"name": ["Missing data for required field."]}}
                    if inner.is_object() {
                        walk(inner, Some(place), depth + 1, found);
                        continue;
                    }
                }
                let inside = place.is_some() || depth > 0;
                match complaint(inner) {
                    Some(message) if inside && is_name(key) && !is_wrapper(key) => {
                        let named = named(key, place.or_else(|| place_of(&message)), &message);
                        push(found, named);
                    }
                    _ => walk_field(key, inner, place, depth, found),
                }
            }
        }
        Value::Array(items) => {
            for item in items.iter().take(100) {
                walk(item, place, depth + 1, found);
            }
        }
        Value::String(message) => text(message, found),
        _ => {}
    }
}

fn walk_field(
    key: &str,
    inner: &Value,
    place: Option<Place>,
    depth: usize,
    found: &mut Vec<Named>,
) {
    // {"address": {"city": ["…"]}}: nested names. Where no place is said, the outer name may be one of
    // the answer's own, so both are offered.
    let nested = inner.is_object() && !is_wrapper(key) && is_name(key);
    let before = found.len();
    walk(inner, place, depth + 1, found);
    // A list's items are numbered: {"tags": {"0": ["…"]}}.
    if !nested || key.chars().all(|c| c.is_ascii_digit()) {
        return;
    }
    let inside = found.split_off(before.min(found.len()));
    for mut named in inside {
        if place.is_none() {
            if named.place.is_some_and(|place| place != Place::Json) {
                push(found, named);
                continue;
            }
            // Of two names, none is known to be demanded.
            named.required = false;
            push(found, named.clone());
        }
        named.name = format!("{key}.{}", named.name);
        push(found, named);
    }
}

/// pydantic: `{"loc": ["body", "x"], "msg": "field required", "type": "…"}`.
fn located(value: &Value) -> Option<Named> {
    let parts = value.get("loc")?.as_array()?;
    let message = value
        .get("msg")
        .or_else(|| value.get("message"))?
        .as_str()?;
    let mut place = None;
    let mut name = String::new();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Value::String(part) => {
                if at == 0 && parts.len() > 1 && place_word(part).is_some() {
                    place = place_word(part);
                    continue;
                }
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(part);
            }
            Value::Number(_) if !name.is_empty() => name.push_str("[]"),
            _ => {}
        }
    }
    if !is_name(&name) {
        return None;
    }
    let mut named = named(&name, place, message);
    if let Some(context) = value.get("ctx") {
        let number = |name: &str| {
            let number = context.get(name).and_then(Value::as_u64)?;
            usize::try_from(number).ok()
        };
        named.hint.min_length = number("min_length").or(named.hint.min_length);
        named.hint.max_length = number("max_length").or(named.hint.max_length);
        named.hint.minimum = context.get("ge").and_then(Value::as_f64);
        named.hint.maximum = context.get("le").and_then(Value::as_f64);
        let pattern = context.get("pattern").and_then(Value::as_str);
        named.hint.pattern = pattern.map(str::to_owned).or(named.hint.pattern);
    }
    if value
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.ends_with("missing"))
    {
        named.required = true;
    }
    Some(named)
}

/// The message, where a value is one or a list of them and complains about its field.
fn complaint(value: &Value) -> Option<String> {
    let message = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.is_empty() && items.len() < 20 => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts?.join(" ")
        }
        _ => return None,
    };
    (message.len() < 500 && complains(&message)).then_some(message)
}

/// Keys that hold errors and are no field's name.
fn is_wrapper(key: &str) -> bool {
    const NAMES: [&str; 23] = [
        "code",
        "detail",
        "details",
        "description",
        "error",
        "error_description",
        "errors",
        "fields",
        "message",
        "messages",
        "msg",
        "reason",
        "status",
        "title",
        "type",
        "_error",
        "_issues",
        "_schema",
        "_status",
        "exception",
        "name_error",
        "error_message",
        "traceback",
    ];
    let lower = key.to_ascii_lowercase();
    NAMES.contains(&lower.as_str())
}

/// `json`, `body`, `query`, …: where the fields under such a key stand.
fn place_word(key: &str) -> Option<Place> {
    match key.to_ascii_lowercase().as_str() {
        "json" | "body" | "body_params" | "json_or_form" | "data" | "payload" => Some(Place::Json),
        "query" | "querystring" | "query_params" | "args" | "params" => Some(Place::Query),
        "form" | "form_params" => Some(Place::Form),
        "headers" | "header" | "header_params" => Some(Place::Header),
        "cookies" | "cookie" => Some(Place::Cookie),
        "files" | "form_and_files" => Some(Place::Multipart),
        "path" | "path_params" | "view_args" => Some(Place::Path),
        _ => None,
    }
}
