//! JSON errors: fields under `json`, `query` and their kin, pydantic's locations, fields with complaints.

use serde_json::Value;

use super::named::{MAX_NAMES, Named, is_name, named, push};
use super::places::place_of;
use super::sentence::text;
use super::words::complains_of_a_field;
use crate::surface::{Kind, Place};

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
            // {"field": "name", "message": "…"}
            if let Some((name, message)) = of_field(value) {
                push(
                    found,
                    named(name, place.or_else(|| place_of(message)), message),
                );
                return;
            }
            if let Some((path, message)) = pathed(value) {
                let before = found.len();
                text(message, found);
                for named in found.iter_mut().skip(before) {
                    named.name = format!("{path}.{}", named.name);
                }
                if found.len() == before && complains_of_a_field(message) && is_name(&path) {
                    push(found, named(&path, place, message));
                }
                return;
            }
            for (key, inner) in fields {
                // {"error": "incomplete", "missing": ["name", "key"]}
                if depth < 3 && is_list_of_missing(key) && missing(inner, place, found) {
                    continue;
                }
                if let Some(place) = place_word(key) {
                    // {"json": {"name": ["Missing data for required field."]}}
                    if inner.is_object() {
                        let before = found.len();
                        walk(inner, Some(place), depth + 1, found);
                        let files = key.eq_ignore_ascii_case("files");
                        for named in found.iter_mut().skip(before).filter(|_| files) {
                            named.hint.kind = Kind::File;
                        }
                        continue;
                    }
                }
                // At the top, a list of complaints makes its key a field: {"name": ["This field is …"]}.
                let inside = place.is_some() || depth > 0 || inner.is_array();
                let field =
                    is_name(key) && (place.is_some() && key != "_schema" || !is_wrapper(key));
                match complaint(inner) {
                    Some(message) if inside && field => {
                        let named = named(key, place.or_else(|| place_of(&message)), &message);
                        push(found, named);
                    }
                    _ if place.is_none() && is_messages(key) && helps(inner, found) => {}
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
    let wrapper = is_wrapper(key) && place.is_none() || key == "_schema";
    let nested = inner.is_object() && !wrapper && is_name(key);
    // {"home": {"_schema": ["Invalid input type."]}}: marshmallow wants an object.
    if nested && inner.get("_schema").is_some() {
        push(found, object(key, place));
        return;
    }
    let listed = inner.as_object().is_some_and(|fields| {
        let mut keys = fields.keys();
        !fields.is_empty() && keys.all(|key| key.bytes().all(|b| b.is_ascii_digit()))
    });
    if nested
        && listed
        && let Some(first) = inner.as_object().and_then(|fields| fields.values().next())
        && (first.get("_schema").is_some() || complaint(first).is_some())
    {
        // {"tags": {"0": ["Not a valid integer."]}}
        let name = format!("{key}[]");
        push(
            found,
            match complaint(first) {
                Some(message) => named(&name, place, &message),
                None => object(&name, place),
            },
        );
        return;
    }
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
            push(
                found,
                Named {
                    required: false,
                    ..named.clone()
                },
            );
        }
        let item = if listed { "[]" } else { "" };
        named.name = format!("{key}{item}.{}", named.name);
        push(found, named);
    }
}

fn object(name: &str, place: Option<Place>) -> Named {
    let mut named = named(name, place, "");
    named.hint.kind = Kind::Object;
    named
}

/// Flask-RESTful's reqparse: `{"message": {"task": "the argument's own help"}}`. True where it was one.
fn helps(value: &Value, found: &mut Vec<Named>) -> bool {
    let Some(fields) = value.as_object() else {
        return false;
    };
    let texts = fields.iter().all(|(key, value)| {
        value.as_str().is_some_and(|text| text.len() < 500) && is_name(key) && !is_wrapper(key)
    });
    if fields.is_empty() || !texts {
        return false;
    }
    for (key, value) in fields {
        let message = value.as_str().unwrap_or_default();
        let mut named = named(key, place_of(message), message);
        named.help = !complains_of_a_field(message);
        push(found, named);
    }
    true
}

/// Keys under which Flask-RESTful and flask-restx tell one message a field.
fn is_messages(key: &str) -> bool {
    matches!(key, "message" | "messages" | "errors")
}

/// A message that stands beside the name of its field.
fn of_field(value: &Value) -> Option<(&str, &str)> {
    let text = |keys: [&str; 3]| keys.iter().find_map(|key| value.get(key)?.as_str());
    let name = text(["field", "param", "parameter"]).filter(|name| is_name(name))?;
    let message = text(["message", "msg", "error"]).filter(|text| complains_of_a_field(text))?;
    Some((name, message))
}

/// `{"path": ["bill", 0], "message": "…"}`, as applications write jsonschema's errors down: the path as a
/// name, unless it is empty.
fn pathed(value: &Value) -> Option<(String, &str)> {
    let message = ["message", "msg", "error"]
        .iter()
        .find_map(|key| value.get(key)?.as_str())?;
    let steps = ["path", "absolute_path", "field_path"]
        .iter()
        .find_map(|key| value.get(key)?.as_array())?;
    let mut name = String::new();
    for step in steps {
        match step {
            Value::String(step) if name.is_empty() => name.push_str(step),
            Value::String(step) => {
                name.push('.');
                name.push_str(step);
            }
            Value::Number(_) => name.push_str("[]"),
            _ => return None,
        }
    }
    (!name.is_empty()).then_some((name, message))
}

/// Keys under which answers list the names that are missing.
fn is_list_of_missing(key: &str) -> bool {
    const KEYS: [&str; 6] = [
        "missing",
        "missing_fields",
        "missingfields",
        "missing_parameters",
        "required",
        "required_fields",
    ];
    let lower = key.to_ascii_lowercase();
    KEYS.contains(&lower.as_str())
}

/// Takes a list of names; true where it is one.
fn missing(value: &Value, place: Option<Place>, found: &mut Vec<Named>) -> bool {
    let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
        return false;
    };
    let names: Vec<&str> = items
        .iter()
        .filter_map(|item| item.as_str().filter(|name| is_name(name)))
        .collect();
    if names.len() != items.len() {
        return false;
    }
    for name in names {
        push(found, named(name, place, "missing"));
    }
    true
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
        let bound = |names: [&str; 2]| names.iter().find_map(|name| context.get(*name)?.as_f64());
        named.hint.minimum = bound(["ge", "gt"]).or(named.hint.minimum);
        named.hint.maximum = bound(["le", "lt"]).or(named.hint.maximum);
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
    (message.len() < 500 && complains_of_a_field(&message)).then_some(message)
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
