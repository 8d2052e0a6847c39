//! What a script's call carries: headers, and the fields of its body or query.

use super::value::{Value, text_of};
use crate::found::{FORM_FIELDS, below, hint_of};
use crate::import::is_usual_header;
use crate::surface::{Input, Kind, Place, Provenance};
use crate::words::is_csrf;

/// Returns the input for a header that a script sets, unless it is a header of the exchange itself.
pub(super) fn header(name: &str, value: &Value) -> Option<Input> {
    let lower = name.to_ascii_lowercase();
    let valid = lower
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_usual_header(&lower) || lower.is_empty() || !valid {
        return None;
    }
    let mut input = Input::new(Place::Header, &lower, Provenance::Script);
    input.csrf = is_csrf(name);
    let text = text_of(value);
    match text.split_once(' ') {
        // "Bearer " + token
        Some((scheme, rest))
            if rest.starts_with('{') && scheme.chars().all(char::is_alphabetic) =>
        {
            input.prefix = format!("{scheme} ");
        }
        _ if matches!(value, Value::Text(_)) => input.hint = hint_of(&text),
        _ => {}
    }
    Some(input)
}

/// Returns the fields of a body: `JSON.stringify({…})`, `new URLSearchParams({…})`, an object,
/// `a=1&b=2`.
pub(super) fn body(data: &Value, place: Place) -> Vec<Input> {
    let Some((name, own)) = form_of(data, 0) else {
        return listed(data, place);
    };
    let last = match data {
        Value::Call(callee, _) => callee.rsplit('.').next().unwrap_or(callee),
        _ => "",
    };
    let place = match last {
        "FormData" => Place::Multipart,
        "stringify" => Place::Json,
        "URLSearchParams" | "param" | "serialize" => Place::Form,
        _ => place,
    };
    let mut inputs = own.map_or_else(Vec::new, |own| fields(own, place));
    let mut all = Input::new(place, FORM_FIELDS, Provenance::Script);
    all.hint.example = name.map(Into::into);
    inputs.push(all);
    inputs
}

/// Detects a body made from a form's fields (`new FormData(form)`, `$(form).serialize()`, or
/// `Object.fromEntries(…)` of the former): returns the form's id or name, and the fields added to it.
fn form_of(data: &Value, depth: usize) -> Option<(Option<String>, Option<&Value>)> {
    let Value::Call(callee, arguments) = data else {
        return None;
    };
    match callee.rsplit('.').next().unwrap_or(callee) {
        "FormData" => {
            let is_form = |value: &&Value| !matches!(value, Value::Object(_));
            let form = arguments.iter().find(is_form)?;
            let own = arguments.iter().find(|value| !is_form(value));
            Some((form_name(form), own))
        }
        "serialize" | "serializeArray" if callee.contains('.') => {
            Some((arguments.first().and_then(selected), None))
        }
        "entries" if callee == "FormData.entries" => Some((None, None)),
        "fromEntries" | "URLSearchParams" | "param" | "stringify" if depth < 4 => {
            arguments.iter().find_map(|inner| form_of(inner, depth + 1))
        }
        _ => None,
    }
}

/// Returns the form's name in `document.getElementById("f")`, `$("#f")` and `document.forms.f`.
fn form_name(form: &Value) -> Option<String> {
    match form {
        Value::Call(_, arguments) => arguments.first().and_then(selected),
        Value::Name(name) => name.strip_prefix("document.forms.").map(str::to_owned),
        _ => None,
    }
}

/// Returns the id that a selector names.
fn selected(selector: &Value) -> Option<String> {
    let Value::Text(text) = selector else {
        return None;
    };
    let id = text.rsplit_once('#').map_or(text.as_str(), |(_, id)| id);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (!id.is_empty() && id.chars().all(plain) && id != "form").then(|| id.to_owned())
}

fn listed(data: &Value, place: Place) -> Vec<Input> {
    match data {
        Value::Call(name, arguments) => {
            let inner = arguments.first().unwrap_or(&Value::Other);
            match name.rsplit('.').next().unwrap_or(name) {
                "stringify" if name.starts_with("JSON") => fields(inner, Place::Json),
                "URLSearchParams" | "param" | "serialize" | "stringify" => {
                    fields(inner, Place::Form)
                }
                "FormData" => fields(inner, Place::Multipart),
                _ => Vec::new(),
            }
        }
        Value::Text(text) if text.contains('=') && !text.contains(['<', '\n']) => {
            let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .filter(|(name, _)| !name.is_empty() && name.len() < 100)
                .map(|(name, value)| named(Place::Form, name, &Value::Text(value.to_owned())))
                .collect()
        }
        _ => fields(data, place),
    }
}

/// Returns one input per field of an object; in JSON, nested objects become `a.b` and `a[].b`.
pub(super) fn fields(data: &Value, place: Place) -> Vec<Input> {
    let mut inputs = Vec::new();
    nested(data, "", place, &mut inputs);
    inputs
}

fn nested(data: &Value, name: &str, place: Place, inputs: &mut Vec<Input>) {
    if inputs.len() >= 200 || name.len() > 300 {
        return;
    }
    let before = inputs.len();
    match data {
        Value::Object(fields) => {
            for (field, value) in fields {
                nested(value, &below(name, field), place, inputs);
            }
        }
        Value::List(items) if place == Place::Json => {
            if let Some(item @ Value::Object(_)) = items.first() {
                nested(item, &format!("{name}[]"), place, inputs);
            }
        }
        Value::Call(callee, arguments) if callee == "URLSearchParams" && name.is_empty() => {
            nested(
                arguments.first().unwrap_or(&Value::Other),
                name,
                place,
                inputs,
            );
        }
        _ => {}
    }
    if inputs.len() == before && !name.is_empty() {
        inputs.push(named(place, name, data));
    }
}

fn named(place: Place, name: &str, value: &Value) -> Input {
    let mut input = Input::new(place, name, Provenance::Script);
    input.csrf = is_csrf(name);
    match value {
        Value::Text(text) => {
            input.hint = hint_of(text);
            input.hint.kind = Kind::String;
        }
        Value::Plain(text) => input.hint = hint_of(text),
        Value::List(_) => input.hint.kind = Kind::Array,
        Value::Object(_) => input.hint.kind = Kind::Object,
        _ => {}
    }
    if matches!(input.hint.kind, Kind::Boolean) {
        input.hint.example = input
            .hint
            .example
            .take()
            .map(|text| text == "true")
            .map(Into::into);
    }
    input
}
