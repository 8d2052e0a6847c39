//! htmx and similar libraries: requests defined by attributes of any element.
//!
//! Owns: which fields are sent with them (<https://htmx.org/docs/#parameters>). Leaves out: what a
//! control says about its values (`controls.rs`).

use scraper::ElementRef;
use serde_json::Value;

use super::Form;
use super::controls::{Lists, control_type, input, inputs};
use crate::found::{Call, Found, MAX_INPUTS, hint_of};
use crate::http::Method;
use crate::surface::{Input, Place, Provenance, TypeHint};
use crate::words::is_csrf;

/// Attributes whose name contains the method, as in htmx and similar libraries.
const METHOD_ATTRIBUTES: [(&str, Method); 10] = [
    ("hx-get", Method::Get),
    ("hx-post", Method::Post),
    ("hx-put", Method::Put),
    ("hx-patch", Method::Patch),
    ("hx-delete", Method::Delete),
    ("data-hx-get", Method::Get),
    ("data-hx-post", Method::Post),
    ("data-hx-put", Method::Put),
    ("data-hx-patch", Method::Patch),
    ("data-hx-delete", Method::Delete),
];

/// Returns true for an attribute that names a method.
pub(in super::super) fn is_method(key: &str) -> bool {
    METHOD_ATTRIBUTES.iter().any(|(name, _)| *name == key)
}

/// Returns the requests that an element's attributes define.
pub(super) fn requests(element: ElementRef<'_>) -> impl Iterator<Item = (Method, &str)> {
    let element = element.value();
    let named = METHOD_ATTRIBUTES
        .iter()
        .filter_map(move |(name, method)| Some((*method, element.attr(name)?.trim())));
    named.filter(|(_, url)| !url.is_empty())
}

/// Adds the requests that htmx sends from an element, with the element's own value, and unless the
/// method is GET, with those of the surrounding form (<https://htmx.org/docs/#parameters>).
pub(super) fn push_active(
    element: ElementRef<'_>,
    form: Option<&Form<'_>>,
    lists: &Lists<'_>,
    found: &mut Found,
) {
    for (method, url) in requests(element) {
        let place = place_of(method, false);
        let around = form.filter(|_| method != Method::Get);
        let mut fields =
            around.map_or_else(Vec::new, |form| inputs(&form.controls, place, lists, found));
        let value = element.value().attr("value").unwrap_or_default();
        let own = element.value().attr("name").unwrap_or_default();
        let is_control = matches!(
            element.value().name(),
            "input" | "select" | "textarea" | "button"
        );
        if is_control && !own.is_empty() && fields.iter().all(|known| known.name != own) {
            fields.push(input(
                element,
                &control_type(element),
                own,
                (value, place),
                lists,
            ));
        }
        add_values(element, place, &mut fields);
        found.push(Call::new(method, url, Provenance::Script).with_inputs(fields));
    }
}

/// Adds the fields of `hx-vals`, which elements inherit.
pub(super) fn add_values(element: ElementRef<'_>, place: Place, fields: &mut Vec<Input>) {
    let around = element.ancestors().filter_map(ElementRef::wrap);
    for holder in std::iter::once(element).chain(around) {
        let attribute = |name: &str| holder.value().attr(name);
        let written = attribute("hx-vals").or_else(|| attribute("data-hx-vals"));
        let Some(Ok(Value::Object(values))) = written.map(serde_json::from_str) else {
            continue;
        };
        for (name, value) in values {
            if fields.len() >= MAX_INPUTS || fields.iter().any(|known| known.name == name) {
                continue;
            }
            let mut input = Input::new(place, &name, Provenance::Script);
            input.csrf = is_csrf(&name);
            input.hint = match value {
                Value::String(text) => hint_of(&text),
                Value::Array(_) | Value::Object(_) | Value::Null => TypeHint::default(),
                plain => hint_of(&plain.to_string()),
            };
            fields.push(input);
        }
    }
}

pub(super) fn place_of(method: Method, multipart: bool) -> Place {
    match (method, multipart) {
        // htmx sends the fields of a DELETE in the query too.
        (Method::Get | Method::Delete, _) => Place::Query,
        (_, true) => Place::Multipart,
        _ => Place::Form,
    }
}
