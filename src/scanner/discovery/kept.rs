//! Names whose values came back elsewhere: the operation keeps an input that no source mentions.
//!
//! Owns: which value of the search went where, and recognising it in the answers of other requests.
//! Leaves out: the search itself (`mod.rs`), and the proof, which takes a canary of the ledger.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::canary::{Recogniser, Slot};
use crate::detect::carried;
use crate::observe::Observation;
use crate::surface::{EndpointId, Input};

/// The most names of one operation that may come back: an operation with more keeps whole requests,
/// like a log.
const MOST: usize = 3;

/// What was sent, and which of it was kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    sent: BTreeMap<Slot, (Arc<EndpointId>, Input)>,
    seen: BTreeMap<EndpointId, Vec<Input>>,
}

impl Kept {
    /// Records that a value went into an input.
    pub(super) fn sent(&mut self, slot: Slot, endpoint: &Arc<EndpointId>, input: &Input) {
        self.sent
            .insert(slot, (Arc::clone(endpoint), input.clone()));
    }

    /// Looks for values in the answers to requests that did not carry them.
    pub(super) fn look(&mut self, observation: &Observation, recogniser: &Recogniser) {
        if self.sent.is_empty() {
            return;
        }
        for step in &observation.steps {
            let Some(answer) = step.response() else {
                continue;
            };
            let found = recogniser.scan(&answer.body);
            if found.is_empty() {
                continue;
            }
            let own = carried(recogniser, &step.request);
            for slot in found
                .iter()
                .map(|one| one.slot)
                .filter(|slot| !own.contains(slot))
            {
                let Some((endpoint, input)) = self.sent.get(&slot) else {
                    continue;
                };
                let seen = self.seen.entry(EndpointId::clone(endpoint)).or_default();
                if !seen.contains(input) {
                    seen.push(input.clone());
                }
            }
        }
    }

    /// Takes the inputs that turned out to be kept; each is returned once.
    pub(super) fn take(&mut self) -> Vec<(EndpointId, Input)> {
        let seen = std::mem::take(&mut self.seen).into_iter();
        seen.filter(|(_, inputs)| inputs.len() <= MOST)
            .flat_map(|(endpoint, inputs)| {
                inputs
                    .into_iter()
                    .map(move |input| (endpoint.clone(), input))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::canary::{Mint, RunKey, Shape};
    use crate::finding::Role;
    use crate::http::{Hop, Method, Request, Response};
    use crate::plan::RequestTemplate;
    use crate::surface::{Place, Provenance};

    fn read(path: &str, body: &str) -> Observation {
        Observation {
            template: Arc::new(RequestTemplate::bare(EndpointId::new(Method::Get, "/keys"))),
            planted: Vec::new(),
            role: Role::Read,
            steps: vec![Hop {
                request: Request::get(Url::parse(&format!("http://h{path}")).unwrap()),
                outcome: Ok(Response::of(200, &[], body)),
            }],
        }
    }

    /// Returns the names that count as kept when `count` of them come back at a path.
    fn kept(count: usize, at: impl Fn(&[String]) -> String) -> Vec<String> {
        let mut mint = Mint::new(RunKey::from_seed(3));
        let mut kept = Kept::default();
        let endpoint = Arc::new(EndpointId::new(Method::Get, "/lookup"));
        let values: Vec<String> = (0..count)
            .map(|number| {
                let canary = mint.plant(Shape::Short);
                let name = format!("name{number}");
                let input = Input::new(Place::Query, &name, Provenance::Guess);
                kept.sent(canary.slot, &endpoint, &input);
                canary.text
            })
            .collect();
        kept.look(&read(&at(&values), &values.join(" ")), &mint.recogniser());
        let taken = kept.take().into_iter().map(|(_, input)| input.name);
        taken.collect()
    }

    #[test]
    fn a_value_that_another_answer_holds_was_kept() {
        assert_eq!(kept(1, |_| "/keys".to_owned()), ["name0"]);
    }

    #[test]
    fn what_the_request_carried_itself_is_an_echo() {
        let echo = |values: &[String]| format!("/search?q={}", values[0]);
        assert_eq!(kept(1, echo), [""; 0]);
    }

    #[test]
    fn a_log_of_whole_requests_keeps_no_input() {
        assert_eq!(kept(MOST + 1, |_| "/log".to_owned()), [""; 0]);
    }
}
