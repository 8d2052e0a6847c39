//! Where an input belongs that an error names.
//!
//! Owns: what a message says of the place, and what else tells: the request, and the inputs that are
//! known. Leaves out: places that the shape of a JSON error names (`json.rs`).

use super::named::Named;
use super::sent::Sent;
use crate::http::Request;
use crate::surface::{Input, Place, Provenance};

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

/// Where a request of this kind carries its inputs.
pub(super) fn usual_places(request: &Request, name: &str, known: &[Input]) -> Vec<Place> {
    if let Some(input) = known.iter().find(|input| input.name == name) {
        return vec![input.place];
    }
    // Nobody but a header is written `X-Like-This`.
    if name.contains('-')
        && name
            .split('-')
            .all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
    {
        return vec![Place::Header];
    }
    if !request.method.takes_body() {
        return vec![Place::Query];
    }
    let kind = request.header("content-type").unwrap_or_default();
    if kind.contains("json") {
        // A part of the body that the others of it belong to, too, was found elsewhere already.
        let form = known.iter().any(|input| {
            matches!(input.place, Place::Form | Place::Multipart)
                && input.provenance.contains(&Provenance::Error)
        });
        let json = known.iter().any(|input| input.place == Place::Json);
        if form && !json {
            return known
                .iter()
                .find(|input| matches!(input.place, Place::Form | Place::Multipart))
                .map_or_else(Vec::new, |input| vec![input.place]);
        }
        vec![Place::Json]
    } else if kind.contains("multipart") {
        vec![Place::Multipart]
    } else if kind.contains("urlencoded") && !request.body.is_empty() {
        vec![Place::Form]
    } else if let Some(input) = known.iter().find(|input| input.place.in_body()) {
        vec![input.place]
    } else {
        vec![Place::Json, Place::Form]
    }
}

/// Where an input belongs that went along with a value and is said to be missing all the same: pydantic
/// does not say where it looked. JSON is tried before a form, a form before one with files, and then what
/// is no body.
pub(super) fn elsewhere(named: &Named, sent: &Sent, known: &[Input]) -> Option<(Place, Place)> {
    let field = |place: Place| {
        sent.gave(place, &named.name)
            && known.iter().any(|input| {
                let errors = input.provenance.iter().all(|p| *p == Provenance::Error);
                input.place == place && input.name == named.name && errors
            })
    };
    let next = [
        (Place::Json, Place::Form),
        (Place::Form, Place::Multipart),
        (Place::Multipart, Place::Query),
        (Place::Query, Place::Cookie),
        (Place::Cookie, Place::Header),
    ];
    next.into_iter()
        .find(|(place, _)| named.required && !named.help && field(*place))
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
