//! Inputs that error answers name: missing, mistyped, refused.
//!
//! Owns: the shapes of marshmallow/webargs, flask-smorest, `APIFlask`, pydantic, reqparse, Cerberus,
//! `WTForms`, voluptuous and jsonschema errors, `BadRequestKeyError`, and plain sentences. Leaves out:
//! tracebacks' source lines (`source.rs`).
//!
//! `json`, `jsonschema` and `sentence` find the names in an error, `credential` what a refusal asks for;
//! `words` and `hint` are what they know of messages. `places` and `next`, with what was `sent`, tell
//! where each belongs; `forms` reads the sentences that people write by hand.

mod credential;
mod forms;
mod hint;
mod json;
mod jsonschema;
mod named;
mod next;
mod places;
mod sent;
mod sentence;
mod words;

use super::visible::{each_text, visible_text};
use crate::http::{Request, Response};
use crate::surface::{Input, Kind, Place, Provenance};
use named::{MAX_NAMES, Named, is_name, named, push};
use places::{sends, wanted_body};
use sent::Sent;

/// What an error says of an operation's inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Inputs that it names.
    pub inputs: Vec<Input>,
    /// Places where an input went along, and was missed all the same: it belongs elsewhere.
    pub misplaced: Vec<(Place, String)>,
    /// The kind of body that it asks for.
    pub body: Option<Place>,
}

/// A page with more text than this says other things as well.
const MAX_PAGE: usize = 400;

/// What an error answer (status 400 and above) says of the inputs of the operation that failed;
/// `known` are those that it is known to take. Values that were not `plain` may be missed where they belong.
pub fn read(request: &Request, response: &Response, known: &[Input], plain: bool) -> Said {
    let mut said = Said::default();
    if response.status < 400 || matches!(response.status, 404 | 405) {
        return said;
    }
    let sent = Sent::of(request);
    let mut found = Vec::new();
    let mut values = Vec::new();
    let mut spoken = Vec::new();
    let text = match response.json() {
        Some(value) => {
            json::json(&value, &mut found);
            each_text(&value, &mut |text| {
                values.extend(jsonschema::values(text));
                spoken.push(text.to_owned());
            });
            value.to_string()
        }
        // JSON that cannot be read is no sentence.
        None if response.media_type().contains("json") => return said,
        None => {
            let text = visible_text(&response.text());
            sentence::text(&text, &mut found);
            values.extend(jsonschema::values(&text));
            // Pages say more than what is wrong.
            if text.trim().len() <= MAX_PAGE {
                spoken.push(text.clone());
            }
            text
        }
    };
    settle_nested(&mut found, known);
    for (value, hint) in values {
        if let Some((place, name)) = sent.carrier(&value)
            && is_name(name)
            && place != Place::Header
        {
            let mut named = named(name, Some(place), "");
            named.hint = hint;
            push(&mut found, named);
        }
    }
    // "Invalid token" speaks of the credential that came or did not, wherever it is expected.
    if matches!(response.status, 401 | 403 | 422) {
        found.retain(|named| {
            let credential =
                named.plain && named.place.is_none() && credential::is_word(&named.name);
            !credential || known.iter().any(|known| known.name == named.name)
        });
    }
    if matches!(response.status, 400 | 422) {
        by_forms(&spoken, request, &sent, known, &mut found);
    }
    // A refusal needs no word of complaint: what it says is how to be let in.
    if matches!(response.status, 401 | 403) {
        sentence::own_headers(&text, &mut found);
    }
    if response.status == 401 && !found.iter().any(|named| named.place == Some(Place::Header)) {
        found.extend(credential::suggested(&text));
    }
    if response.status == 415 {
        said.body = wanted_body(&text).filter(|place| !sends(request, *place));
    }
    // "a and b are required" may come though only one of them is missing.
    let all_sent = found
        .iter()
        .filter(|named| named.required)
        .all(|named| sent.has_anywhere(&named.name));
    for mut named in found.into_iter().take(MAX_NAMES) {
        // A help text answers what is missing as well as what is wrong.
        named.required |= named.help && !sent.has_anywhere(&named.name);
        let (mut length, mut moved) = (None, false);
        let places = match named.place {
            Some(place) => vec![place],
            None => match next::next(&named, (request, response), &sent, known)
                .filter(|_| all_sent && (plain || named.absent))
            {
                Some(next) => {
                    said.misplaced.push((next.wrong, named.name.clone()));
                    // To Flask, only files make the one kind of form another than the other.
                    if next.places == [Place::Multipart] && named.hint.kind == Kind::Unknown {
                        named.hint.kind = Kind::File;
                    }
                    (length, moved) = (next.length, true);
                    next.places
                }
                None => next::usual(request, &named.name, known),
            },
        };
        for place in &places {
            let mut input = Input::new(*place, &named.name, Provenance::Error);
            // Of two possible places, none is known to be demanded.
            input.required = named.required && (moved || places.len() == 1);
            input.length = length;
            input.hint = named.hint.clone();
            input.prefix.clone_from(&named.prefix);
            if !said
                .inputs
                .iter()
                .any(|i| i.place == input.place && i.name == input.name)
            {
                said.inputs.push(input);
            }
        }
    }
    said
}

/// Names in the sentences of a refusal that people write by hand. What is asked for and did not go along is
/// required.
fn by_forms(
    spoken: &[String],
    request: &Request,
    sent: &Sent,
    known: &[Input],
    found: &mut Vec<Named>,
) {
    // "'sample' is not a valid choice" repeats a value.
    found.retain(|named| {
        let value = named.place.is_none() && sent.has_value(&named.name);
        !value || sent.has_anywhere(&named.name) || known.iter().any(|i| i.name == named.name)
    });
    let unknown = known
        .iter()
        .all(|input| matches!(input.place, Place::Path | Place::Header | Place::Cookie));
    let body = request.method.takes_body();
    let scene = forms::Scene {
        takes_names: found.is_empty() && (body || unknown),
        bare: body && unknown,
        known: &|word| known.iter().any(|input| input.name == word),
        sent: &|word| sent.has_value(word),
    };
    for sentence in spoken.iter().flat_map(|text| sentence::hand_written(text)) {
        for (name, plain) in forms::names(sentence, &scene) {
            let absent = !sent.has_anywhere(&name);
            if let Some(named) = found.iter_mut().find(|named| named.name == name) {
                named.required |= absent;
                continue;
            }
            let mut named = named(&name, places::place_of(sentence), sentence);
            named.required |= absent;
            named.plain = plain;
            push(found, named);
        }
    }
}

/// The inputs that a request gave values to, each in the only place in which it carried that name.
pub fn carried<'a>(request: &Request, inputs: &'a [Input]) -> Vec<&'a Input> {
    let sent = Sent::of(request);
    let gave = |input: &&Input| sent.gave(input.place, &input.name);
    let given: Vec<&Input> = inputs.iter().filter(gave).collect();
    let alone = |input: &&&Input| given.iter().filter(|i| i.name == input.name).count() == 1;
    given.iter().filter(alone).copied().collect()
}

/// The names that a request gives values to, each with its place, sorted.
pub fn sent_names(request: &Request) -> Vec<String> {
    Sent::of(request).names()
}

/// `{"a": {"b": […]}}` may mean the field `b`, or `a.b`: where `a` is known as a field, it is the latter.
fn settle_nested(found: &mut Vec<Named>, known: &[Input]) {
    let names: Vec<String> = found.iter().map(|named| named.name.clone()).collect();
    let mut settled = Vec::new();
    for named in found.iter_mut() {
        let Some((outer, inner)) = named.name.rsplit_once('.') else {
            continue;
        };
        if named.place.is_some() || !names.iter().any(|name| name == inner) {
            continue;
        }
        let stem = outer.trim_end_matches("[]");
        let is_field = known.iter().any(|known| {
            let rest = known.name.strip_prefix(stem);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        if is_field {
            settled.push(inner.to_owned());
        } else {
            named.required = false;
        }
    }
    found.retain(|named| named.place.is_some() || !settled.contains(&named.name));
}

#[cfg(test)]
mod tests;
