//! Where an input belongs that an error names.
//!
//! Owns: what a message says of the place. Leaves out: where an input is looked for that no message places
//! (`next.rs`), places that the shape of a JSON error names (`json.rs`).

use crate::http::Request;
use crate::surface::Place;

/// The place that a message speaks of.
pub(super) fn place_of(message: &str) -> Option<Place> {
    let lower = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["header"]) {
        Some(Place::Header)
    } else if has(&["query", "url parameter"]) {
        Some(Place::Query)
    } else if has(&["cookie"]) {
        Some(Place::Cookie)
    } else if has(&["json", "request body", "payload"]) {
        Some(Place::Json)
    } else if has(&["form field", "form data", "in the form"]) {
        Some(Place::Form)
    } else if has(&["uploaded file", "file upload"]) {
        Some(Place::Multipart)
    } else {
        None
    }
}

/// The kind of body that a 415 asks for: Connexion's `expected ['multipart/form-data']`, Werkzeug's
/// `the request Content-Type was not 'application/json'`.
pub(super) fn wanted_body(text: &str) -> Option<Place> {
    let lower = text.to_ascii_lowercase();
    let at = ["expected", "must be", "was not", "should be", "supported"]
        .iter()
        .filter_map(|word| lower.rfind(word))
        .max()?;
    let kinds = [
        ("application/json", Place::Json),
        ("application/x-www-form-urlencoded", Place::Form),
        ("multipart/form-data", Place::Multipart),
    ];
    let wanted = lower.get(at..)?;
    kinds
        .into_iter()
        .filter_map(|(kind, place)| Some((wanted.find(kind)?, place)))
        .min_by_key(|(at, _)| *at)
        .map(|(_, place)| place)
}

/// True where a request's body is of that kind already.
pub(super) fn sends(request: &Request, place: Place) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    match place {
        Place::Json => kind.contains("json"),
        Place::Form => kind.contains("urlencoded"),
        Place::Multipart => kind.contains("multipart"),
        _ => false,
    }
}
