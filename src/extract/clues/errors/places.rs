//! The kind of body that a refusal asks for.
//!
//! Leaves out: where to look for an input that no message places (`next.rs`).

use crate::http::Request;
use crate::surface::Place;

/// Returns the kind of body that a 415 asks for: Connexion's `expected ['multipart/form-data']`,
/// Werkzeug's `the request Content-Type was not 'application/json'`.
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

/// Returns true if a request's body is already of that kind.
pub(super) fn sends(request: &Request, place: Place) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    match place {
        Place::Json => kind.contains("json"),
        Place::Form => kind.contains("urlencoded"),
        Place::Multipart => kind.contains("multipart"),
        _ => false,
    }
}
