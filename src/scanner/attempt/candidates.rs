//! Chooses the inputs that deserve an experiment, from what exploring has shown of them.
//!
//! Owns: the meaning of each range (`planted`, `taken`, `let-in`, `given`, `broke`). Leaves out:
//! what is sent to them (`run`), what the answers prove (`trial`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use crate::canary::Shape;
use crate::http::{Method, Transport};
use crate::ledger::Entry;
use crate::plan::{Fill, RequestTemplate, bodies, made, read_body, shapes, with_keys};
use crate::policy;
use crate::progress::Progress;
use crate::rule::{Candidate, Scene};
use crate::send::Executor;
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Input, Place, Provenance, Surface};
use crate::trial::{self, Experiment, Form, Tier};

/// The most operations at which the tester's own key is tried; each costs two requests if it is
/// checked there.
const OWN_KEY_AT: usize = 16;

/// The same limit for a query value that no operation is known to take.
const OWN_QUERY_AT: usize = 6;

/// What exploring has shown.
pub(crate) struct Explored<'a, T, P> {
    /// Knows what was planted, and plans requests.
    pub(crate) executor: &'a Executor<'a, T, P>,
    /// Knows the operations.
    pub(crate) surface: &'a Surface,
    /// Knows what may be sent.
    pub(crate) settings: &'a Settings,
    /// Requests that got past a refusal.
    pub(crate) opened: &'a [Arc<RequestTemplate>],
    /// Requests with values that broke an operation, by operation.
    pub(crate) broken: &'a BTreeMap<EndpointId, Vec<(Arc<RequestTemplate>, Input)>>,
    /// The header of the tester's own credential, as an input that takes values of the same form.
    pub(crate) own_header: Option<Input>,
    /// Query values that go with every request.
    pub(crate) own_queries: Vec<(String, String)>,
}

impl<T: Transport, P: Progress> Scene for Explored<'_, T, P> {
    fn in_range(&self, experiment: &Arc<Experiment>) -> Vec<Candidate> {
        match experiment.inputs.seen {
            trial::Seen::LetIn => {
                let mut found = self.let_in(experiment);
                found.extend(self.unplanted(experiment));
                found.extend(self.own_key(experiment));
                found
            }
            trial::Seen::Broke => self.broke(experiment),
            trial::Seen::Given => self.given(experiment),
            trial::Seen::Planted | trial::Seen::Taken => self.planted(experiment),
        }
    }

    fn operations(&self) -> Vec<&Endpoint> {
        let may_be_sent = |endpoint: &&Endpoint| {
            policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_ok()
        };
        self.surface.iter().filter(may_be_sent).collect()
    }

    fn base(&self, endpoint: &Endpoint, place: Place) -> Option<RequestTemplate> {
        let kinds = bodies(endpoint);
        let body = kinds.iter().find(|kind| kind.carries(place)).copied()?;
        let baseline = self.executor.planner.baseline(endpoint, body);
        Some(with_keys(baseline, Some(endpoint), self.opened))
    }

    fn was_asked(&self, endpoint: &Endpoint, input: &Input) -> bool {
        let mut asked = false;
        self.entries(&endpoint.id, input, |_| asked = true);
        asked
    }
}

impl<T: Transport, P: Progress> Explored<'_, T, P> {
    /// Returns the inputs of requests that got past a refusal. Each is tried alone, since other
    /// keys of the same request would hide its absence.
    fn let_in(&self, experiment: &Arc<Experiment>) -> Vec<Candidate> {
        let planner = self.executor.planner;
        let mut found = Vec::new();
        for opened in self.opened {
            let key = |input: &Input| {
                !input.place.in_body() && planner.is_credential(&opened.endpoint, input)
            };
            let planted: Vec<(&Input, Shape)> = opened
                .fills
                .iter()
                .filter_map(|(input, fill)| Some((input, fill.shape()?)))
                .filter(|(input, _)| key(input) || experiment.inputs.tier == Tier::Any)
                .collect();
            for (input, shape) in &planted {
                let others = planted.len() > 1;
                let base = opened.without(|other| {
                    (other.place == input.place && other.name == input.name)
                        || (others && key(other))
                });
                found.push(Candidate::new(experiment, input, base, *shape));
            }
        }
        found
    }

    /// Returns keys in a form that no canary has, or that no canary got past. Whether the operation
    /// refuses without one is for the probe to find out. Only for probes that send nothing but
    /// whole values.
    fn unplanted(&self, experiment: &Arc<Experiment>) -> Vec<Candidate> {
        let planner = self.executor.planner;
        let key = self.executor.ledger().mint().key();
        let mut found = Vec::new();
        if !whole(experiment) {
            return found;
        }
        for endpoint in self.operations() {
            let opened = |input: &Input| {
                self.opened.iter().any(|opened| {
                    let fill = opened.fill(input.place, &input.name).and_then(Fill::shape);
                    opened.endpoint == endpoint.id && fill.is_some()
                })
            };
            let keys = endpoint.inputs.iter().filter(|input| {
                matches!(input.place, Place::Header | Place::Query | Place::Cookie)
                    && planner.may_plant(&endpoint.id, input)
                    && planner.is_credential(&endpoint.id, input)
                    && !opened(input)
                    && made(input, &key, 0).is_some()
            });
            let Some(body) = bodies(endpoint).first().copied() else {
                continue;
            };
            for input in keys {
                let base = planner.baseline(endpoint, body);
                let base = base.without(|o| o.place == input.place && o.name == input.name);
                found.push(Candidate {
                    made: true,
                    ..Candidate::new(experiment, input, base, Shape::Token)
                });
            }
        }
        found
    }

    /// Returns candidates for the tester's own key, which has gone with every request so far. They
    /// show whether operations that refuse without it know it, or accept any text of its form.
    fn own_key(&self, experiment: &Arc<Experiment>) -> Vec<Candidate> {
        let Some(input) = self.own_header.as_ref().filter(|_| whole(experiment)) else {
            return Vec::new();
        };
        let planner = self.executor.planner;
        let key = self.executor.ledger().mint().key();
        if made(input, &key, 0).is_none() {
            return Vec::new();
        }
        let mut by_collection: BTreeMap<&str, VecDeque<&Endpoint>> = BTreeMap::new();
        for endpoint in self.readable() {
            let collection = by_collection.entry(endpoint.id.path.collection());
            collection.or_default().push_back(endpoint);
        }
        // Covers each part of the application first, because one check usually serves all of it.
        let mut found = Vec::new();
        while found.len() < OWN_KEY_AT && !by_collection.is_empty() {
            for endpoints in by_collection.values_mut() {
                let Some(endpoint) = endpoints.pop_front() else {
                    continue;
                };
                let base = planner.baseline(endpoint, read_body(endpoint));
                let base = base.with(input, Fill::Withheld);
                found.push(Candidate {
                    made: true,
                    ..Candidate::new(experiment, input, base, Shape::Token)
                });
            }
            by_collection.retain(|_, endpoints| !endpoints.is_empty());
        }
        found.truncate(OWN_KEY_AT);
        found
    }

    /// Returns candidates for the query values that the tester sends with every request, to be
    /// withheld: at operations known to take them, or else at some that may.
    fn given(&self, experiment: &Arc<Experiment>) -> Vec<Candidate> {
        let planner = self.executor.planner;
        let mut found = Vec::new();
        for (name, value) in &self.own_queries {
            let mut input = Input::new(Place::Query, name, Provenance::Import);
            // The value that is sent. An echo of it does not make the answer depend on it.
            input.hint.example = Some(Value::String(value.clone()));
            let takes = |endpoint: &&Endpoint| {
                let mut inputs = endpoint.inputs.iter();
                inputs.any(|input| input.place == Place::Query && input.name == *name)
            };
            let readable = self.readable().into_iter();
            let mut at: Vec<&Endpoint> = readable.clone().filter(takes).take(OWN_KEY_AT).collect();
            if at.is_empty() {
                at = readable.take(OWN_QUERY_AT).collect();
            }
            for endpoint in at {
                let base = planner.baseline(endpoint, read_body(endpoint));
                let base = base.with(&input, Fill::Withheld);
                found.push(Candidate::new(experiment, &input, base, Shape::Token));
            }
        }
        found
    }

    /// Returns the GET operations that may be sent.
    fn readable(&self) -> Vec<&Endpoint> {
        let mut operations = self.operations();
        operations.retain(|endpoint| endpoint.id.method == Method::Get);
        operations
    }

    /// Returns inputs that got a canary and an answer.
    fn planted(&self, experiment: &Arc<Experiment>) -> Vec<Candidate> {
        let planner = self.executor.planner;
        let mut found = Vec::new();
        for endpoint in self.surface.iter() {
            for input in &endpoint.inputs {
                let Some(shape) = shapes(input).last().copied() else {
                    continue;
                };
                let name = input.name.as_str();
                let range = &experiment.inputs;
                if !planner.may_plant(&endpoint.id, input)
                    || !range.contains(input.place, name, endpoint.id.path.as_str())
                {
                    continue;
                }
                let base = match range.seen {
                    trial::Seen::Taken => self.taken(&endpoint.id, input),
                    _ if self.was_asked(endpoint, input) => self.base(endpoint, input.place),
                    _ => None,
                };
                found.extend(base.map(|base| Candidate::new(experiment, input, base, shape)));
            }
        }
        found
    }

    /// Returns the request with a canary in that input that succeeded. Of several it is the one
    /// with the most canaries, because fresh values are never "taken already".
    fn taken(&self, id: &EndpointId, input: &Input) -> Option<RequestTemplate> {
        let mut best: Option<(usize, RequestTemplate)> = None;
        self.entries(id, input, |entry| {
            let fill = entry.template.fill(input.place, &input.name);
            let whole = matches!(fill, Some(Fill::Canary(_)));
            if !(whole && entry.is_taken()) {
                return;
            }
            let planted = entry.template.fills.iter();
            let count = planted.filter(|(_, fill)| fill.shape().is_some()).count();
            if best.as_ref().is_none_or(|(most, _)| count > *most) {
                let once = RequestTemplate {
                    repeat: false,
                    ..RequestTemplate::clone(&entry.template)
                };
                best = Some((count, once));
            }
        });
        best.map(|(_, template)| template)
    }

    /// Calls `with` for every answered plant in that input.
    fn entries(&self, id: &EndpointId, input: &Input, mut with: impl FnMut(&Entry)) {
        let ledger = self.executor.ledger();
        let of_input = ledger.entries().iter().filter(|entry| {
            entry.reply.status.is_some()
                && entry.source.place == input.place
                && entry.source.input == input.name
                && entry.source.endpoint == *id
        });
        of_input.for_each(&mut with);
    }

    /// Returns values that broke an operation, with the request that carried them.
    fn broke(&self, experiment: &Arc<Experiment>) -> Vec<Candidate> {
        let broken = self.broken.values().flatten();
        broken
            .map(|(template, input)| {
                let fill = template.fill(input.place, &input.name).cloned();
                let shape = fill.as_ref().and_then(Fill::shape);
                let base = RequestTemplate::clone(template);
                Candidate {
                    suspect: fill,
                    ..Candidate::new(experiment, input, base, shape.unwrap_or(Shape::Token))
                }
            })
            .collect()
    }
}

/// Returns true for experiments that send nothing but whole values.
fn whole(experiment: &Experiment) -> bool {
    use Form::{Absent, Canary, OneCharacter, Other};
    let mut forms = experiment.steps.iter().flat_map(|step| &step.forms);
    forms.all(|sent| matches!(sent.form(), Some(Absent | Canary | Other | OneCharacter)))
}

/// Returns true for an input that a page, a script or a specification offers.
pub(super) fn offered(input: &Input) -> bool {
    use Provenance::{Form, Import, Link, Script, Specification};
    [Form, Import, Link, Script, Specification]
        .iter()
        .any(|by| input.provenance.contains(by))
}
