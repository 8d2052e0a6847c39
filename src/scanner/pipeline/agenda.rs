//! Decides what to send next, based on what is known.
//!
//! Owns: the operations and inputs of a round, and the reads of what may have been stored. Leaves out:
//! sending (`rounds.rs`), and how the knowledge came about (`scan.rs`). Nothing here waits for an
//! answer.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::scan::Scan;
use crate::canary::Slot;
use crate::http::{Hop, Method};
use crate::observe::Observation;
use crate::plan::{BodyKind, Fill, RequestTemplate, bodies, order, read_body, shapes, with_keys};
use crate::policy;
use crate::send::{
    detail, listed_ids, lists_for, named_reads, near_reads, related_details, sent_values,
};
use crate::surface::{Endpoint, EndpointId, Place};

/// The number of sample paths of a template that are read in the reading phase.
const READ_SAMPLES: usize = 3;
/// The number of lists that are looked at right after a plant.
const NEAR_LISTS: usize = 2;

/// An operation to climb, with its new inputs (`None` means all inputs).
pub(super) type Todo = (Endpoint, Option<BTreeSet<(Place, String)>>);

impl Scan<'_> {
    /// Returns the operations with inputs that no ladder has covered yet, reads before writes.
    pub(super) fn todo(&self) -> Vec<Todo> {
        let known = &self.crawl.known;
        let mut todo = Vec::new();
        let mut room = self
            .settings
            .max_endpoints
            .saturating_sub(self.explored.count());
        for endpoint in known.surface.iter() {
            if policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_err() {
                continue;
            }
            let inputs: BTreeSet<(Place, String)> = endpoint
                .inputs
                .iter()
                .map(|input| (input.place, input.name.clone()))
                .collect();
            match self.explored.covered(&endpoint.id) {
                None if room == 0 => {}
                None => {
                    room -= 1;
                    todo.push((endpoint.clone(), None));
                }
                Some(covered) => {
                    let new: BTreeSet<_> = inputs
                        .into_iter()
                        .filter(|input| !covered.inputs.contains_key(input))
                        .collect();
                    // An operation that never got past its checks has not been tested yet.
                    let failed = known
                        .reached(&endpoint.id)
                        .is_none_or(|status| status >= 400);
                    if new.is_empty() && !(failed && covered.is_outdated(endpoint)) {
                        continue;
                    }
                    todo.push((endpoint.clone(), (!failed).then_some(new)));
                }
            }
        }
        // Operations that look dangerous but were allowed come last of all. Slow ones begin first, so
        // that the others can run beside them.
        todo.sort_by_key(|(endpoint, _)| {
            let dangerous = policy::danger(&endpoint.id, &endpoint.summary).is_some();
            let slow = Reverse(self.explored.time_of(&endpoint.id));
            (dangerous, turn(endpoint), slow, endpoint.id.clone())
        });
        todo
    }

    /// Returns the details of the ids that lists name first and last: the most recently stored one is
    /// at either end.
    pub(super) fn listed(
        &mut self,
        lists: &[Observation],
        most: usize,
    ) -> Vec<Arc<RequestTemplate>> {
        let known = &self.crawl.known;
        let explored = &mut self.explored;
        let mut details: Vec<Arc<RequestTemplate>> = Vec::new();
        for endpoint in known.surface.iter() {
            let one = endpoint.id.method == Method::Get && endpoint.id.path.names().len() == 1;
            if !one || policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_err() {
                continue;
            }
            for list in lists
                .iter()
                .filter(|l| lists_for(&endpoint.id, &l.template.endpoint))
            {
                let Some(answer) = list.last_answer() else {
                    continue;
                };
                // Ids that have not been read come first: they have been stored since.
                let ids = listed_ids(answer, &endpoint.id.path, &known.surface);
                let (new, known): (Vec<_>, Vec<_>) = ids
                    .into_iter()
                    .partition(|id| !explored.has_read(&endpoint.id, &id.value));
                for id in new.into_iter().chain(known).take(most) {
                    let template = detail(self.planner, endpoint, &id).map(|template| {
                        Arc::new(with_keys(template, Some(endpoint), explored.opened()))
                    });
                    explored.read(&endpoint.id, id.value);
                    details.extend(template.filter(|template| !details.contains(template)));
                }
            }
        }
        details
    }

    /// Returns a read of every operation that reads, with every sample of its path.
    pub(super) fn reads(&self) -> Vec<Arc<RequestTemplate>> {
        let known = &self.crawl.known;
        let mut reads: Vec<RequestTemplate> = Vec::new();
        for endpoint in known.surface.iter().filter(|e| e.reads()) {
            if policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_err() {
                continue;
            }
            // An operation that always answered "no such page" has nothing to read.
            let missing = known
                .reached(&endpoint.id)
                .is_none_or(|status| status == 404);
            if missing && endpoint.document.is_none() {
                continue;
            }
            let template = self.planner.baseline(endpoint, read_body(endpoint));
            let template = self.keyed(template, endpoint);
            let mut variants = vec![template.clone()];
            for sample in endpoint.samples.iter().rev().take(READ_SAMPLES) {
                variants.push(template.map(|input, _| {
                    let value = sample
                        .get(&input.name)
                        .filter(|_| input.place == Place::Path)?;
                    Some(Fill::Plain(serde_json::Value::String(value.clone())))
                }));
            }
            for variant in variants {
                if !reads.contains(&variant) {
                    reads.push(variant);
                }
            }
        }
        reads.sort_by_key(|read| Reverse(self.explored.time_of(&read.endpoint)));
        reads.into_iter().map(Arc::new).collect()
    }

    /// Returns the reads of a stored value under the name that it was just given.
    pub(super) fn reads_by_name(
        &self,
        stored: &RequestTemplate,
        planted: &[Slot],
    ) -> Vec<Arc<RequestTemplate>> {
        let values = sent_values(stored, planted, &self.ledger);
        let surface = &self.crawl.known.surface;
        let collection = stored.endpoint.path.as_str();
        let reads = named_reads(self.settings, surface, self.planner, collection, &values);
        let keyed = |read: RequestTemplate| {
            let endpoint = surface.get(&read.endpoint);
            Arc::new(with_keys(read, endpoint, self.explored.opened()))
        };
        reads.into_iter().map(keyed).collect()
    }

    /// Returns the reads near what was just planted, and the lists beside it.
    pub(super) fn reads_near(
        &self,
        planted: &EndpointId,
        create: &Hop,
    ) -> (Vec<RequestTemplate>, Vec<Arc<RequestTemplate>>) {
        let (surface, planner) = (&self.crawl.known.surface, self.planner);
        let reads = near_reads(self.settings, surface, planner, planted, create);
        let details = related_details(surface, planted);
        let lists = surface
            .iter()
            .filter(|list| list.id.method == Method::Get && list.id.path.names().is_empty())
            .filter(|list| details.iter().any(|detail| lists_for(detail, &list.id)))
            .filter(|list| policy::may_send(self.settings, &list.id, &list.summary).is_ok())
            .take(NEAR_LISTS)
            .map(|list| Arc::new(self.keyed(planner.baseline(list, BodyKind::None), list)));
        (reads, lists.collect())
    }

    /// Returns the operation as the refusal of its baseline has revealed it, if this changes the
    /// baseline: many applications name only one fault at a time.
    pub(super) fn better(
        &self,
        known: &Endpoint,
        body: BodyKind,
        seen: &Observation,
    ) -> Option<Endpoint> {
        let refused = seen
            .last_answer()
            .is_some_and(|answer| matches!(answer.status, 400 | 415 | 422));
        if !refused {
            return None;
        }
        let better = self.crawl.known.surface.get(&known.id)?;
        // Compare what would be sent, not what is known.
        let values = |endpoint: &Endpoint| -> Vec<(Place, String, Fill)> {
            let fills = self.planner.baseline(endpoint, body).fills;
            let named = fills.into_iter();
            named
                .map(|(input, fill)| (input.place, input.name, fill))
                .collect()
        };
        let differs = bodies(better) != bodies(known) || values(better) != values(known);
        differs.then(|| better.clone())
    }

    /// Returns the request template with the keys that got past refusals.
    fn keyed(&self, template: RequestTemplate, endpoint: &Endpoint) -> RequestTemplate {
        with_keys(template, Some(endpoint), self.explored.opened())
    }

    /// Returns the plan of the first round, with one line per operation, for `--dry-run`.
    pub(super) fn plan(&self) -> Vec<String> {
        let line = |(endpoint, _): (Endpoint, _)| {
            let inputs: Vec<String> = endpoint
                .inputs
                .iter()
                .map(|input| {
                    let shapes = shapes(input);
                    let planted = self.planner.plants(&endpoint.id, input);
                    let what = match shapes.last() {
                        Some(shape) if planted => shape.name(),
                        _ => "plain",
                    };
                    format!("{}:{}={what}", input.place, input.name)
                })
                .collect();
            format!("plan: {} {}", endpoint.id, inputs.join(" "))
        };
        self.todo().into_iter().map(line).collect()
    }
}

/// Returns the position of an operation in the order of a round: a GraphQL query is a read, even if it
/// is posted.
pub(super) fn turn(endpoint: &Endpoint) -> u8 {
    if endpoint.reads() {
        order(Method::Get)
    } else {
        order(endpoint.id.method)
    }
}
