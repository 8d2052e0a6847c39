//! Where to try an input next when an error names it without a place.
//!
//! Owns: the usual place, and the next one to try when a value was sent and is still reported missing.
//! Leaves out: what an error names (`sentence.rs`, `json.rs`).

use super::named::Named;
use super::sent::Sent;
use crate::http::{Request, Response};
use crate::surface::{Input, Kind, Place, Provenance};

/// Lengths to try if nothing says how long a value must be: those of common keys.
const LENGTHS: [usize; 3] = [32, 40, 64];

/// Where and how to try an input next.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Next {
    /// The place in which it was reported missing.
    pub(super) wrong: Place,
    /// Where it may belong instead.
    pub(super) places: Vec<Place>,
    /// The length of its plain value.
    pub(super) length: Option<usize>,
}

/// Returns what to try next for an input that was sent with a value and is still reported missing. The
/// order is JSON, a form, a form with files, and then places outside the body. Hand-written checks also
/// report a value as missing if it is too short, so longer values are tried before places that plain
/// requests do not use. If nothing helps, the input is kept in all remaining places.
pub(super) fn next(
    named: &Named,
    (request, response): (&Request, &Response),
    sent: &Sent,
    known: &[Input],
) -> Option<Next> {
    if !named.required || named.help {
        return None;
    }
    let own = |input: &&Input| input.name == named.name;
    let only_errors = |input: &Input| input.provenance.iter().all(|p| *p == Provenance::Error);
    // A value was once accepted, or all places have been tried.
    if known.iter().filter(own).any(|input| input.settled) || known.iter().filter(own).count() > 2 {
        return None;
    }
    let refused = known
        .iter()
        .filter(own)
        .find(|input| only_errors(input) && sent.gave(input.place, &input.name))?;
    let wrong = refused.place;
    let to = |place| {
        Some(Next {
            wrong,
            places: vec![place],
            length: None,
        })
    };
    let after = match wrong {
        Place::Json => Some(Place::Form),
        Place::Form => Some(Place::Multipart),
        Place::Multipart => Some(Place::Query),
        Place::Query if named.absent => Some(Place::Cookie),
        Place::Cookie if named.absent => Some(Place::Header),
        _ => None,
    };
    if named.absent || (refused.length.is_none() && after.is_some()) {
        return after.and_then(to);
    }
    let first = body_of(known).unwrap_or(if request.method.takes_body() {
        Place::Json
    } else {
        Place::Query
    });
    // Plain requests never send longer values for a refused credential.
    let refusal = matches!(response.status, 401 | 403);
    let tried = longer(named, refused, first, known).filter(|_| !refusal);
    let (places, length) = tried.unwrap_or((vec![first, Place::Cookie, Place::Header], None));
    Some(Next {
        wrong,
        places,
        length,
    })
}

/// Returns the next length in the same place, or the first length in the next place; `None` once all
/// are tried.
fn longer(
    named: &Named,
    refused: &Input,
    first: Place,
    known: &[Input],
) -> Option<(Vec<Place>, Option<usize>)> {
    // A number, a date or one of a list of choices is not made longer.
    let text = matches!(named.hint.kind, Kind::Unknown | Kind::String)
        && named.hint.format.is_none()
        && named.hint.choices.is_empty();
    if !text {
        return None;
    }
    let next = LENGTHS
        .into_iter()
        .find(|length| refused.length.is_none_or(|tried| *length > tried));
    match (refused.length, next) {
        (None, _) => Some((vec![first], next)),
        (Some(_), Some(_)) => Some((vec![refused.place], next)),
        (Some(_), None) if refused.place == Place::Json && body_of(known).is_none() => {
            Some((vec![Place::Form], Some(LENGTHS[0])))
        }
        (Some(_), None) => None,
    }
}

/// Returns the kind of body in which other inputs were accepted.
fn body_of(known: &[Input]) -> Option<Place> {
    let mut taken = known.iter().filter(|i| i.settled && i.place.in_body());
    taken.next().map(|input| input.place)
}

/// Returns where a request of this kind carries its inputs.
pub(super) fn usual(request: &Request, name: &str, known: &[Input]) -> Vec<Place> {
    if let Some(input) = known.iter().find(|input| input.name == name) {
        return vec![input.place];
    }
    // Only headers are written `X-Like-This`.
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
        // The other inputs of this body have already been found in another place.
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

#[cfg(test)]
mod tests {
    use super::super::{Said, read};
    use super::*;
    use crate::http::Method;

    /// Sends one input in a request and reads its refusal.
    fn refused(known: &[Input], status: u16, error: &str, plain: bool) -> Said {
        let input = &known[0];
        let mut url = url::Url::parse("http://h/x").unwrap();
        let mut request = Request::new(Method::Post, url.clone());
        let pair = format!("{}=sample", input.name);
        match input.place {
            Place::Json => {
                request = request.with_header("content-type", "application/json");
                request.body = format!(r#"{{"{}": "sample"}}"#, input.name).into_bytes();
            }
            Place::Form => {
                request = request.with_header("content-type", "application/x-www-form-urlencoded");
                request.body = pair.into_bytes();
            }
            Place::Multipart => {
                request = request.with_header("content-type", "multipart/form-data; boundary=b");
                request.body = format!(
                    "--b\r\nContent-Disposition: form-data; name=\"{}\"",
                    input.name
                )
                .into_bytes();
            }
            Place::Query => {
                url.set_query(Some(&pair));
                request.url = url;
            }
            Place::Cookie => request = request.with_header("cookie", &pair),
            _ => request = request.with_header(&input.name, "sample"),
        }
        let table = crate::sentences::Sentences::joined(crate::sentences::builtin().values());
        let response = Response::of(status, &[], error);
        read(&table, &request, &response, known, plain)
    }

    /// Lists where an input that is always refused is tried: places, with lengths.
    fn walk(status: u16, error: &str) -> Vec<String> {
        let mut known = vec![Input::new(Place::Json, "seal", Provenance::Error)];
        let mut steps = Vec::new();
        loop {
            let said = refused(&known, status, error, true);
            if said.misplaced.is_empty() {
                return steps;
            }
            known = said.inputs;
            let place = |input: &Input| match input.length {
                Some(length) => format!("{} {length}", input.place),
                None => input.place.to_string(),
            };
            steps.push(known.iter().map(place).collect::<Vec<_>>().join("+"));
        }
    }

    #[test]
    fn a_sentence_may_mean_the_place_or_the_length() {
        let all = [
            "form",
            "multipart",
            "query",
            "json 32",
            "json 40",
            "json 64",
            "form 32",
            "form 40",
            "form 64",
            "json+cookie+header",
        ];
        assert_eq!(walk(400, r#"{"error": "seal is required"}"#), all);
        // For a refused credential, length does not matter.
        let refusal = ["form", "multipart", "query", "json+cookie+header"];
        assert_eq!(walk(401, r#"{"error": "seal is required"}"#), refusal);
        // A library distinguishes absent from wrong.
        assert_eq!(
            walk(
                422,
                r#"[{"type": "missing", "loc": ["seal"], "msg": "Field required"}]"#
            ),
            ["form", "multipart", "query", "cookie", "header"]
        );
    }

    #[test]
    fn what_was_taken_once_and_what_odd_values_are_told_moves_nothing() {
        let error = r#"{"error": "seal is required"}"#;
        let mut known = vec![Input::new(Place::Json, "seal", Provenance::Error)];
        let odd = refused(&known, 400, error, false);
        assert!(odd.misplaced.is_empty());
        assert_eq!(odd.inputs[0].place, Place::Json);
        known[0].settled = true;
        assert!(refused(&known, 400, error, true).misplaced.is_empty());
    }
}
