//! Turns an observation into sightings: canaries with their source and sink, and static texts.
//!
//! Owns: attribution (which input planted it, which operation answered). Leaves out: proof (`confirm`).

use std::ops::Range;

use super::classify::{SightingFacts, classify, holds_for_any};
use super::offsets::to_body;
use crate::canary::{Canary, Recogniser, STAND_IN, Slot, Strength};
use crate::detect::{self, Around, Records};
use crate::finding::{Sink, SinkPlace, Source};
use crate::http::{Method, Request, Response};
use crate::ledger::Ledger;
use crate::observe::Observation;
use crate::plan::Fill;
use crate::rule::{CanarySink, Shows, StaticSighting, Statics};
use crate::surface::{EndpointId, Surface};

/// The maximum number of earlier canaries among which pieces are looked up.
const NEAR: usize = 200;

/// A canary seen where its source did not expect it.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    /// The kind it has if its input is credential-like; `None` for a flow.
    pub(crate) kind: Option<CanarySink>,
    /// True when the kind applies whatever the input.
    pub(crate) any: bool,
    /// The surroundings of the canary in its record, where they may show what it is.
    pub(crate) around: Option<Around>,
    /// The slot of the canary.
    pub(crate) slot: Slot,
    /// Where it went in.
    pub(crate) source: Source,
    /// Where it came out.
    pub(crate) sink: Sink,
    /// How it was transformed.
    pub(crate) transform: String,
    /// How certain the recognition is.
    pub(crate) strength: Strength,
    /// The step of the observation in which it was seen (0 is the operation's own answer).
    pub(crate) step: usize,
    /// Its range in that part of the answer.
    pub(crate) span: Range<usize>,
}

/// What the answers of an observation show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The canaries.
    pub(crate) canaries: Vec<Sighting>,
    /// The static texts, each with its step and the operation that answered. Ranges in a body are
    /// ranges of its bytes.
    pub(crate) statics: Vec<(usize, EndpointId, StaticSighting)>,
}

/// The detectors, built once.
pub(crate) struct Eyes<'a> {
    /// Recognises canaries.
    pub(crate) recogniser: Recogniser,
    /// Recognises static texts.
    pub(crate) statics: &'a Statics,
}

/// One answer, with the context needed to judge its canaries.
struct JudgedAnswer<'a> {
    observation: &'a Observation,
    /// The step of the observation.
    at: usize,
    request: &'a Request,
    response: &'a Response,
    /// The operation that answered.
    endpoint: &'a EndpointId,
    records: &'a Records<'a>,
    statics: &'a [StaticSighting],
    /// The canaries that are also recognised by pieces of them.
    near: &'a [Canary],
}

impl Eyes<'_> {
    /// Looks at every answer of an observation.
    pub(crate) fn look(
        &self,
        observation: &Observation,
        ledger: &Ledger,
        surface: &Surface,
    ) -> Seen {
        let mut seen = Seen::default();
        let near = near(observation, ledger);
        for (at, step) in observation.steps.iter().enumerate() {
            let Some(response) = step.response() else {
                continue;
            };
            let endpoint = if at == 0 {
                observation.template.endpoint.clone()
            } else {
                endpoint_of(surface, &step.request)
            };
            let records = Records::of(step.request.url.path(), response);
            let is_ours = |value: &str| self.is_ours(value);
            let mut statics =
                self.statics
                    .scan_exchange(&step.request, response, &records, &is_ours);
            drop_settings(&mut statics);
            if at > 0 && makes(observation) {
                statics.retain(|one| !is_single_field(one));
            }
            to_body(response, &mut statics);
            let answer = JudgedAnswer {
                observation,
                at,
                request: &step.request,
                response,
                endpoint: &endpoint,
                records: &records,
                statics: &statics,
                near: &near,
            };
            let canaries = self.canaries(&answer, ledger);
            provoked(&canaries, &mut statics);
            seen.canaries.extend(canaries);
            seen.statics.extend(
                statics
                    .into_iter()
                    .map(|sighting| (at, endpoint.clone(), sighting)),
            );
        }
        seen
    }

    /// Returns true for a value that the scan has sent.
    fn is_ours(&self, value: &str) -> bool {
        value.contains(STAND_IN) || !self.recogniser.scan(value.as_bytes()).is_empty()
    }

    fn canaries(&self, answer: &JudgedAnswer<'_>, ledger: &Ledger) -> Vec<Sighting> {
        let response = answer.response;
        let found = detect::canaries(&self.recogniser, response, answer.near);
        if found.is_empty() {
            return Vec::new();
        }
        // A followed redirect belongs to its sender: the follow-up counts as carrying what the first
        // request carried.
        let mut carried = detect::carried(&self.recogniser, answer.request);
        carried.extend(answer.observation.planted.iter().copied());
        let redirected: Vec<Slot> = found
            .iter()
            .filter(|sighting| sighting.place == SinkPlace::Header("location".to_owned()))
            .map(|sighting| sighting.slot)
            .collect();
        let plain: Vec<Slot> = found
            .iter()
            .filter(|sighting| !is_digest(&sighting.transform))
            .map(|sighting| sighting.slot)
            .collect();
        let failed = response.is_failure();
        let mut seen = Vec::new();
        for sighting in found {
            // A digest beside the canary itself adds nothing.
            if is_digest(&sighting.transform) && plain.contains(&sighting.slot) {
                continue;
            }
            // The page that comes with a redirect repeats its `Location`: one leak, not two.
            if response.is_redirect()
                && sighting.place == SinkPlace::Body
                && redirected.contains(&sighting.slot)
            {
                continue;
            }
            let Some(entry) = ledger.entry(sighting.slot) else {
                continue;
            };
            let is_carried = carried.contains(&sighting.slot);
            let facts = SightingFacts {
                carried: is_carried,
                failed,
                in_error_text: sighting.place == SinkPlace::Body
                    && in_error_text(answer.statics, &sighting.span),
                digest: is_digest(&sighting.transform),
                place: &sighting.place,
            };
            let any = holds_for_any(&facts);
            let possible = ledger.is_possible(entry);
            let kind = classify(&facts).filter(|_| possible || any);
            let around = (possible && sighting.place == SinkPlace::Body)
                .then(|| {
                    answer
                        .records
                        .around(&sighting.span, &|value| self.is_ours(value))
                })
                .flatten();
            let fill = entry.template.fill(entry.source.place, &entry.source.input);
            let field = of_text(sighting.field, fill);
            seen.push(Sighting {
                kind,
                any,
                around,
                slot: sighting.slot,
                source: entry.source.clone(),
                sink: Sink {
                    endpoint: answer.endpoint.clone(),
                    place: sighting.place,
                    field,
                },
                transform: sighting.transform,
                strength: sighting.strength,
                step: answer.at,
                span: sighting.span,
            });
        }
        seen
    }
}

/// Returns the operation that a request belongs to.
pub(crate) fn endpoint_of(surface: &Surface, request: &Request) -> EndpointId {
    let path = request.url.path();
    match surface.template_of(path) {
        Some(template) => EndpointId {
            path: template.clone(),
            method: request.method,
        },
        None => EndpointId::new(request.method, path),
    }
}

/// Returns the canaries among which truncated and masked pieces are looked up: the operation's own,
/// then the most recent ones that an operation accepted.
fn near(observation: &Observation, ledger: &Ledger) -> Vec<Canary> {
    let own = observation
        .planted
        .iter()
        .filter_map(|slot| ledger.entry(*slot));
    let stored = ledger
        .entries()
        .iter()
        .rev()
        .filter(|entry| ledger.is_possible(entry) && entry.is_taken())
        .take(NEAR);
    own.chain(stored)
        .map(|entry| entry.canary.clone())
        .collect()
}

/// Returns true if a span is inside the text of a traceback or a driver, or in a debugger page.
fn in_error_text(statics: &[StaticSighting], span: &Range<usize>) -> bool {
    statics
        .iter()
        .any(|sighting| is_error_around(sighting, span))
}

fn is_error_around(sighting: &StaticSighting, span: &Range<usize>) -> bool {
    matches!(sighting.shows, Shows::ErrorText | Shows::Debugger)
        && sighting.place == SinkPlace::Body
        && sighting.extent.start <= span.start
        && span.end <= sighting.extent.end
}

/// Marks error texts that hold a canary as provoked: such a text is not a quotation, whatever page it
/// stands in.
fn provoked(canaries: &[Sighting], statics: &mut [StaticSighting]) {
    for sighting in statics.iter_mut().filter(|one| one.needs_provoking) {
        let held = canaries.iter().any(|canary| {
            canary.sink.place == SinkPlace::Body && is_error_around(sighting, &canary.span)
        });
        sighting.needs_provoking = !held;
    }
}

/// Returns true if the request may create something, so that its redirect may show what was created.
fn makes(observation: &Observation) -> bool {
    let first = observation.steps.first();
    first.is_some_and(|step| !matches!(step.request.method, Method::Get | Method::Head))
}

/// Returns true for a sighting of one field alone.
///
/// A new key is shown once to its creator, often on the page that the form leads to; a list of keys is
/// more than that.
fn is_single_field(sighting: &StaticSighting) -> bool {
    sighting.shows == Shows::RecordField && sighting.extent == sighting.span
}

/// Drops the fields of records where settings are shown: the settings make one finding, and their
/// fields belong to no record.
fn drop_settings(statics: &mut Vec<StaticSighting>) {
    let dump = statics
        .iter()
        .any(|sighting| sighting.shows == Shows::Settings);
    statics.retain(|sighting| !dump || sighting.shows != Shows::RecordField);
}

/// Returns the field as it would be for a text, where a list was sent in place of one.
fn of_text(mut field: String, fill: Option<&Fill>) -> String {
    if matches!(fill, Some(Fill::List(_))) && field.ends_with("[]") {
        field.truncate(field.len() - "[]".len());
    }
    field
}

/// Returns true for a transform whose innermost step is a digest.
pub(crate) fn is_digest(transform: &str) -> bool {
    let innermost = transform.rsplit('/').next().unwrap_or_default();
    ["md5", "sha", "blake"]
        .iter()
        .any(|name| innermost.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canary::Shape;

    #[test]
    fn a_list_in_the_place_of_a_text_stands_in_the_texts_field() {
        let of = |field: &str, fill: Fill| of_text(field.to_owned(), Some(&fill));
        assert_eq!(of("[].key[]", Fill::List(Shape::Token)), "[].key");
        assert_eq!(of("[].key", Fill::List(Shape::Token)), "[].key");
        assert_eq!(of("[].keys[]", Fill::Canary(Shape::Token)), "[].keys[]");
    }
}
