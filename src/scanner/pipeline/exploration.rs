//! What has been tried so far, and what that showed beyond single observations.
//!
//! Owns: what is new since an operation was tried. Leaves out: what is tried next (`agenda.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::plan::RequestTemplate;
use crate::surface::{Endpoint, EndpointId, Input, Place, TypeHint};

/// Operations whose pages take at least this long are started first.
const SLOW: Duration = Duration::from_millis(300);
/// The maximum number of slow pages remembered.
const MAX_TIMES: usize = 1_000;

/// What climbing the ladders showed beyond single observations.
#[derive(Clone, Debug, Default)]
pub(crate) struct LadderResults {
    /// Request templates that passed where the baseline was refused.
    pub(crate) opened: Vec<Arc<RequestTemplate>>,
    /// Values that broke an operation, by operation.
    pub(crate) broken: BTreeMap<EndpointId, Vec<(Arc<RequestTemplate>, Input)>>,
}

/// What was known about an operation when it was climbed.
#[derive(Debug, Default)]
pub(super) struct TriedWith {
    pub(super) inputs: BTreeMap<(Place, String), TypeHint>,
    body: Option<Place>,
}

impl TriedWith {
    fn of(endpoint: &Endpoint) -> Self {
        let inputs = endpoint.inputs.iter();
        Self {
            inputs: inputs
                .map(|input| ((input.place, input.name.clone()), typed(input)))
                .collect(),
            body: endpoint.body,
        }
    }

    /// Returns true if a type or the kind of body was learnt since, so that plain values would differ.
    pub(super) fn is_outdated(&self, endpoint: &Endpoint) -> bool {
        self.body != endpoint.body
            || endpoint.inputs.iter().any(|input| {
                let known = self.inputs.get(&(input.place, input.name.clone()));
                known.is_some_and(|known| *known != typed(input))
            })
    }
}

/// Returns which values an input takes, without an example that was seen.
fn typed(input: &Input) -> TypeHint {
    TypeHint {
        example: None,
        ..input.hint.clone()
    }
}

/// What a scan has tried.
#[derive(Debug, Default)]
pub(super) struct Exploration {
    /// The inputs and body with which each operation was climbed.
    covered: BTreeMap<EndpointId, TriedWith>,
    /// The results of the ladders, in the order in which they came.
    climbed: LadderResults,
    /// Operations in which undisclosed names were sought.
    sought: BTreeSet<EndpointId>,
    /// Details that have been read, by operation and id.
    read_ids: BTreeSet<(EndpointId, String)>,
    /// Operations that did not answer and are put off until the end.
    put_off: BTreeSet<EndpointId>,
    /// Slow pages, with the time they took.
    times: Vec<(String, Duration)>,
}

impl Exploration {
    /// Returns the results of the ladders, sorted by operation.
    pub(super) fn climbed(&self) -> LadderResults {
        let mut climbed = self.climbed.clone();
        climbed.opened.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        climbed
    }

    /// Returns the request templates that passed where the baseline was refused, in the order found.
    pub(super) fn opened(&self) -> &[Arc<RequestTemplate>] {
        &self.climbed.opened
    }

    /// Records a request template that got past a refusal.
    pub(super) fn open(&mut self, template: Option<Arc<RequestTemplate>>) {
        self.climbed.opened.extend(template);
    }

    /// Returns the operations that were climbed completely.
    pub(super) fn done(&self) -> BTreeSet<EndpointId> {
        self.covered.keys().cloned().collect()
    }

    /// Returns the number of operations that were climbed.
    pub(super) fn count(&self) -> usize {
        self.covered.len()
    }

    /// Returns what an operation was climbed with, or `None` if it was not climbed.
    pub(super) fn covered(&self, id: &EndpointId) -> Option<&TriedWith> {
        self.covered.get(id)
    }

    /// Records that an operation was climbed completely.
    pub(super) fn cover(&mut self, endpoint: &Endpoint) {
        let covered = self.covered.entry(endpoint.id.clone()).or_default();
        let TriedWith { inputs, body } = TriedWith::of(endpoint);
        covered.inputs.extend(inputs);
        covered.body = body;
    }

    /// Records the values that broke an operation.
    pub(super) fn broke(&mut self, id: EndpointId, broken: Vec<(Arc<RequestTemplate>, Input)>) {
        if !broken.is_empty() {
            self.climbed.broken.entry(id).or_default().extend(broken);
        }
    }

    /// Returns true the first time that names are sought in an operation.
    pub(super) fn searches(&mut self, id: &EndpointId) -> bool {
        self.sought.insert(id.clone())
    }

    /// Returns true if the detail of an id has been read.
    pub(super) fn has_read(&self, id: &EndpointId, value: &str) -> bool {
        self.read_ids.contains(&(id.clone(), value.to_owned()))
    }

    /// Records that the detail of an id is read.
    pub(super) fn read(&mut self, id: &EndpointId, value: String) {
        self.read_ids.insert((id.clone(), value));
    }

    /// Puts off an operation that did not answer.
    pub(super) fn put_off(&mut self, id: EndpointId) {
        self.put_off.insert(id);
    }

    /// Returns the operations that were put off, and clears the list.
    pub(super) fn late(&mut self) -> BTreeSet<EndpointId> {
        std::mem::take(&mut self.put_off)
    }

    /// Records how long a page took, if it was slow.
    pub(super) fn note_time(&mut self, page: &str, took: Duration) {
        if took >= SLOW && self.times.len() < MAX_TIMES {
            self.times.push((page.to_owned(), took));
        }
    }

    /// Returns the longest time that a page of an operation's path took.
    pub(super) fn time_of(&self, id: &EndpointId) -> Duration {
        time_of(&self.times, id)
    }
}

/// Returns the longest time that a page of an operation's path took.
fn time_of(times: &[(String, Duration)], id: &EndpointId) -> Duration {
    let path = &id.path;
    let own = times
        .iter()
        .filter(|(page, _)| page == path.as_str() || path.values(page).is_some());
    own.map(|(_, took)| *took).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;

    #[test]
    fn an_operation_is_as_slow_as_its_slowest_page() {
        let times = [("/a/1", 2), ("/a/2", 5), ("/b", 9)]
            .map(|(path, seconds)| (path.to_owned(), Duration::from_secs(seconds)));
        let of = |path| time_of(&times, &EndpointId::new(Method::Post, path)).as_secs();
        assert_eq!([of("/a/{id}"), of("/b"), of("/c")], [5, 9, 0]);
    }
}
