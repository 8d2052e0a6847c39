//! Inputs that an answer names: to which operation they belong, and which of them are one.
//!
//! Owns: what an error's words mean beside the inputs that are known. Leaves out: reading the words
//! (`clues/errors`), source lines of tracebacks (`trace.rs`).

use std::collections::BTreeMap;

use super::found::{MAX_INPUTS, is_ours};
use super::mark::mark;
use super::resolve::Carried;
use super::{Crawl, clues};
use crate::http::{Method, Request, Response};
use crate::surface::{Endpoint, EndpointId, Input, Place, Provenance, Template};

impl Crawl {
    /// Inputs that an error names or a traceback shows.
    pub(super) fn learn_errors(
        &mut self,
        request: &Request,
        response: &Response,
        template: &Template,
        missing: bool,
        plain: bool,
    ) -> bool {
        let mut news = self.learn_traceback(request, response, template);
        if missing {
            return news;
        }
        let carried = Carried::of(request);
        let known = self
            .known
            .surface
            .get(&operation(request.method, template))
            .map(|endpoint| endpoint.inputs.clone())
            .unwrap_or_default();
        // A guessed name in the place of a placeholder: the error speaks of that.
        let routed = self.routed(request.url.path());
        let said = clues::errors::read(&self.sentences, request, response, &known, plain);
        let inputs: Vec<Input> = said
            .inputs
            .into_iter()
            .filter(|input| input.place != Place::Query || !routed.contains(&input.name))
            // A value that the request brought and the error repeats is no name.
            .filter(|input| {
                known.iter().any(|known| known.name == input.name)
                    || !carried.has_value(&input.name)
            })
            .collect();
        if let Some(endpoint) = self
            .known
            .surface
            .get_mut(&operation(request.method, template))
        {
            endpoint
                .inputs
                .retain(|input| !said.misplaced.contains(&(input.place, input.name.clone())));
            if said.body.is_some() && endpoint.body != said.body {
                endpoint.body = said.body;
                news = true;
            }
        }
        news |= self.learn_inputs(request, template, inputs);
        news
    }

    /// Notes that the operation took the values that a request carried: what was only heard of stands where
    /// they stood, and nowhere else.
    pub(super) fn note_taken(&mut self, request: &Request, template: &Template) {
        let Some(endpoint) = self
            .known
            .surface
            .get_mut(&operation(request.method, template))
        else {
            return;
        };
        let doubtful = |input: &Input| {
            !input.settled && input.provenance.iter().all(|p| *p == Provenance::Error)
        };
        if !endpoint.inputs.iter().any(doubtful) {
            return;
        }
        let taken: Vec<(Place, String)> = clues::errors::carried(request, &endpoint.inputs)
            .into_iter()
            .filter(|input| doubtful(input))
            .map(|input| (input.place, input.name.clone()))
            .collect();
        for (place, name) in taken {
            endpoint
                .inputs
                .retain(|input| input.name != name || input.place == place || !doubtful(input));
            if let Some(input) = endpoint.input_mut(place, &name) {
                input.settled = true;
            }
        }
    }

    /// A mark of the lengths that are being tried in an operation: what it says of longer values is read
    /// anew.
    pub(super) fn lengths_tried(&self, request: &Request, template: &Template) -> u64 {
        let endpoint = self.known.surface.get(&operation(request.method, template));
        let inputs = endpoint.into_iter().flat_map(|endpoint| &endpoint.inputs);
        let tried = inputs.filter_map(|input| Some((&input.name, input.length?)));
        mark(tried.collect::<Vec<_>>())
    }

    /// Adds inputs to the operation that a request was sent to.
    pub(super) fn learn_inputs(
        &mut self,
        request: &Request,
        template: &Template,
        inputs: Vec<Input>,
    ) -> bool {
        let Some(provenance) = inputs
            .first()
            .and_then(|input| input.provenance.first().copied())
        else {
            return false;
        };
        let id = operation(request.method, template);
        let names: Vec<String> = template.names().into_iter().map(str::to_owned).collect();
        let mut news = false;
        if self.known.surface.get(&id).is_none() {
            let mut endpoint = Endpoint::new(id.clone(), provenance);
            endpoint
                .samples
                .extend(sample(template, request.url.path()));
            news |= self.add(endpoint);
        }
        if let Some(endpoint) = self.known.surface.get_mut(&id) {
            for mut input in inputs {
                let fits = match input.place {
                    Place::Path => names.contains(&input.name),
                    // A name known in another place of the body is the same input.
                    Place::Form | Place::Multipart
                        if input.provenance.contains(&Provenance::Error) =>
                    {
                        !endpoint
                            .inputs
                            .iter()
                            .any(|known| known.name == input.name && known.place.in_body())
                            || endpoint.input(input.place, &input.name).is_some()
                    }
                    _ => true,
                };
                // An object whose fields are known is no input of its own.
                if fits && endpoint.inputs.len() < MAX_INPUTS && !is_outer(&input, &endpoint.inputs)
                {
                    input.required |= endpoint.inputs.iter().any(|known| {
                        let list = input.name.strip_suffix("[]") == Some(known.name.as_str());
                        list && is_inside(&input, known) && known.required
                    });
                    endpoint.inputs.retain(|known| {
                        !is_inside(&input, known)
                            || known.provenance.iter().any(|p| *p != Provenance::Error)
                    });
                    news |= endpoint.add_input(input);
                }
            }
            join_files(endpoint);
        }
        news
    }

    /// True for a refusal of a guessed name that speaks of the placeholder in whose place it stands: there
    /// is no route of that name.
    pub(super) fn is_about_a_placeholder(&self, request: &Request, response: &Response) -> bool {
        if response.status < 400 {
            return false;
        }
        let routed = self.routed(request.url.path());
        let said = clues::errors::read(&self.sentences, request, response, &[], false);
        said.inputs.iter().any(|input| routed.contains(&input.name))
    }

    /// The placeholders of the templates that a path is an instance of.
    fn routed(&self, path: &str) -> Vec<String> {
        self.known
            .surface
            .wide_of(path)
            .flat_map(Template::names)
            .map(str::to_owned)
            .collect()
    }
}

/// The operation that a request reaches: HEAD and OPTIONS count as GET.
pub(super) fn operation(method: Method, template: &Template) -> EndpointId {
    let method = match method {
        Method::Head | Method::Options => Method::Get,
        other => other,
    };
    EndpointId::of(method, template.clone())
}

/// The values of a template's placeholders in a concrete path.
pub(super) fn sample(template: &Template, path: &str) -> Option<BTreeMap<String, String>> {
    let values = template.values(path)?;
    let ours = values.iter().any(|(_, value)| is_ours(value));
    (!values.is_empty() && !ours).then(|| values.into_iter().collect())
}

/// Beside a file, the fields of a form go along in the same body.
fn join_files(endpoint: &mut Endpoint) {
    if !endpoint.inputs.iter().any(|i| i.place == Place::Multipart) {
        return;
    }
    let heard = |input: &Input| {
        let mut from = input.provenance.iter();
        from.all(|p| matches!(p, Provenance::Error | Provenance::Traceback))
    };
    let (forms, rest): (Vec<Input>, Vec<Input>) = std::mem::take(&mut endpoint.inputs)
        .into_iter()
        .partition(|input| input.place == Place::Form && heard(input));
    endpoint.inputs = rest;
    for mut input in forms {
        input.place = Place::Multipart;
        endpoint.add_input(input);
    }
}

/// True for an object or a list some part of which is known.
fn is_outer(input: &Input, known: &[Input]) -> bool {
    known.iter().any(|known| is_inside(known, input))
}

/// True for a JSON field that lies in another: `a.b` and `a[]` in `a`.
fn is_inside(inner: &Input, outer: &Input) -> bool {
    inner.place == Place::Json
        && outer.place == Place::Json
        && inner
            .name
            .strip_prefix(outer.name.as_str())
            .is_some_and(|rest| rest.starts_with(['.', '[']))
}
