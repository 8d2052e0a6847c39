//! Inputs that error answers name: missing, mistyped or refused.
//!
//! Owns: where in an answer the forms of `probes/sentences` are looked for, and the examples of those
//! files. Leaves out: the forms themselves (`sentences`), and the source lines of tracebacks
//! (`source.rs`).
//!
//! `json`, `jsonschema` and `sentence` find the names in an error, and `grammar` those in sentences
//! written by hand. `places` and `next` decide where each name belongs, based on what was `sent`.

mod examples;
mod grammar;
mod json;
mod jsonschema;
mod named;
mod next;
mod places;
mod sent;
mod sentence;

use super::visible::{each_text, visible_text};
use crate::http::{Request, Response};
use crate::sentences::{List, Mark, Sentences};
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};
pub use examples::check;
use grammar::Scene;
use named::{MAX_NAMES, Named, Reader, is_name};
use places::{sends, wanted_body};
use sent::Sent;

/// What an error says about an operation's inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// The inputs that it names.
    pub inputs: Vec<Input>,
    /// Places in which an input was sent and was still reported missing: it belongs elsewhere.
    pub misplaced: Vec<(Place, String)>,
    /// The kind of body that it asks for.
    pub body: Option<Place>,
}

/// The longest text of a page that only reports an error; longer ones say other things as well.
const MAX_PAGE: usize = 400;

/// The texts of an answer.
#[derive(Default)]
struct Spoken {
    /// The whole text.
    text: String,
    /// The texts in which somebody may have written what is wrong.
    parts: Vec<String>,
    /// Values refused without the name of their input, with what is asked for.
    values: Vec<(String, TypeHint)>,
}

/// Returns what an error answer (status 400 and above) says about the inputs of the operation that
/// failed. `known` are the inputs it is known to take. If the values were not `plain`, the answer may
/// call them missing even where they belong.
pub fn read(
    table: &Sentences,
    request: &Request,
    response: &Response,
    known: &[Input],
    plain: bool,
) -> Said {
    let mut said = Said::default();
    if response.status < 400 || matches!(response.status, 404 | 405) {
        return said;
    }
    let sent = Sent::of(request);
    let mut reader = Reader {
        table,
        found: Vec::new(),
    };
    let Some(Spoken {
        text,
        parts,
        values,
    }) = reader.answer(response)
    else {
        return said;
    };
    settle_nested(&mut reader.found, known);
    for (value, hint) in values {
        if let Some((place, name)) = sent.carrier(&value)
            && is_name(name)
            && place != Place::Header
        {
            reader.push(Named {
                place: Some(place),
                name: name.to_owned(),
                hint,
                ..Named::default()
            });
        }
    }
    // "Invalid token" refers to the credential that was or was not sent, wherever it is expected.
    if matches!(response.status, 401 | 403 | 422) {
        reader.found.retain(|named| {
            let credential =
                named.plain && named.place.is_none() && table.has(List::Credential, &named.name);
            !credential || known.iter().any(|known| known.name == named.name)
        });
    }
    if matches!(response.status, 400 | 422) {
        reader.by_forms(&parts, request, &sent, known);
    }
    // A refusal need not complain: it says how to get in.
    if matches!(response.status, 401 | 403) {
        reader.own_headers(&text);
    }
    let header = |named: &Named| named.place == Some(Place::Header);
    if response.status == 401 && !reader.found.iter().any(header) {
        reader.suggested(&text);
    }
    let found = reader.found;
    if response.status == 415 {
        said.body = wanted_body(&text).filter(|place| !sends(request, *place));
    }
    // "a and b are required" may appear although only one of them is missing.
    let all_sent = found
        .iter()
        .filter(|named| named.required)
        .all(|named| sent.has_anywhere(&named.name));
    for mut named in found.into_iter().take(MAX_NAMES) {
        // A help text answers missing values as well as wrong ones.
        named.required |= named.help && !sent.has_anywhere(&named.name);
        let (mut length, mut moved) = (None, false);
        let places = match named.place {
            Some(place) => vec![place],
            None => match next::next(&named, (request, response), &sent, known)
                .filter(|_| all_sent && (plain || named.absent))
            {
                Some(next) => {
                    said.misplaced.push((next.wrong, named.name.clone()));
                    // For Flask, files are the only difference between the two kinds of form.
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
            // With two possible places, neither is known to be required.
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

impl Reader<'_> {
    /// Reads a whole answer; `None` if there is nothing to read.
    fn answer(&mut self, response: &Response) -> Option<Spoken> {
        let mut spoken = Spoken::default();
        match response.json() {
            Some(value) => {
                self.json(&value);
                each_text(&value, &mut |text| {
                    spoken.values.extend(self.values(text));
                    spoken.parts.push(text.to_owned());
                });
                spoken.text = value.to_string();
            }
            // Malformed JSON is not a sentence.
            None if response.media_type().contains("json") => return None,
            None => {
                spoken.text = visible_text(&response.text());
                self.text(&spoken.text);
                spoken.values = self.values(&spoken.text);
                // A longer page says more than what is wrong.
                if spoken.text.trim().len() <= MAX_PAGE {
                    spoken.parts.push(spoken.text.clone());
                }
            }
        }
        Some(spoken)
    }

    /// Adds the names in sentences of a refusal that people wrote by hand. A name that is asked for and
    /// was not sent is required.
    fn by_forms(&mut self, spoken: &[String], request: &Request, sent: &Sent, known: &[Input]) {
        let is_known = |name: &str| known.iter().any(|input| input.name == name);
        // "'sample' is not a valid choice" repeats a value that was sent.
        self.found.retain(|named| {
            let value = named.place.is_none() && sent.has_value(&named.name);
            !value || sent.has_anywhere(&named.name) || is_known(&named.name)
        });
        let unknown = known
            .iter()
            .all(|input| matches!(input.place, Place::Path | Place::Header | Place::Cookie));
        let body = request.method.takes_body();
        let scene = Scene {
            takes_names: self.found.is_empty() && (body || unknown),
            bare: body && unknown,
            known: &is_known,
            sent: &|word| sent.has_value(word),
        };
        // Neither a library's report nor a trace: somebody wrote it.
        let written = spoken
            .iter()
            .filter(|text| !self.table.is(Mark::Report, text));
        let written = written
            .flat_map(|text| sentence::sentences(text))
            .map(str::trim);
        let written: Vec<&str> = written
            .filter(|sentence| !self.table.is(Mark::Program, sentence))
            .collect();
        for sentence in written {
            for (name, plain) in self.by_hand(sentence, &scene) {
                let absent = !sent.has_anywhere(&name);
                if let Some(named) = self.found.iter_mut().find(|named| named.name == name) {
                    named.required |= absent;
                    continue;
                }
                let mut named = self.named(&name, self.table.place_of(sentence), sentence);
                named.required |= absent;
                named.plain = plain;
                self.push(named);
            }
        }
    }
}

/// Returns the inputs that a request gave values to, each in the only place that carried its name.
pub fn carried<'a>(request: &Request, inputs: &'a [Input]) -> Vec<&'a Input> {
    let sent = Sent::of(request);
    let gave = |input: &&Input| sent.gave(input.place, &input.name);
    let given: Vec<&Input> = inputs.iter().filter(gave).collect();
    let alone = |input: &&&Input| given.iter().filter(|i| i.name == input.name).count() == 1;
    given.iter().filter(alone).copied().collect()
}

/// Returns the names that a request gives values to, each with its place, sorted.
pub fn sent_names(request: &Request) -> Vec<String> {
    Sent::of(request).names()
}

/// Decides whether `{"a": {"b": […]}}` means the field `b` or `a.b`: it is the latter if `a` is a known
/// field.
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
