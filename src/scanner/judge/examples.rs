//! Runs the examples of probes through the code that a scan uses.
//!
//! Owns: turning an example into an observation. Leaves out: the decisions themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::sightings::Eyes;
use crate::canary::{RunKey, Shape};
use crate::credential::{self, Credentials};
use crate::detect::Records;
use crate::finding::{Role, Source};
use crate::http::{Hop, Method, Request, Response};
use crate::ledger::Ledger;
use crate::observe::Observation;
use crate::plan::{Fill, RequestTemplate};
use crate::probe::{Catalog, Example, ExampleRunner, Probe, expand};
use crate::rule::Statics;
use crate::surface::{EndpointId, Input, Place, Provenance, Surface};
use crate::trial::{Answer, Experiment, Form, InputFacts, Seen, Tier, Trial};

/// Runs static examples: a sighting counts if it does not need to be provoked.
#[derive(Clone, Copy, Debug, Default)]
pub struct StaticExamples;

/// Runs canary examples: plants a canary, looks at the answer and checks that the rule matches.
#[derive(Debug)]
pub struct CanaryExamples {
    statics: Statics,
}

impl CanaryExamples {
    /// Creates a runner that judges examples among the sightings of all rules of the catalog.
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            statics: catalog.statics(),
        }
    }
}

/// Runs differential examples: passes the recorded answers through the rule's own condition.
#[derive(Clone, Copy, Debug, Default)]
pub struct DifferentialExamples;

impl ExampleRunner for StaticExamples {
    fn handles(&self, example: &Example) -> bool {
        matches!(example, Example::Static { .. })
    }

    fn run(&self, probe: &Probe, example: &Example) -> Result<bool, String> {
        let Example::Static { url, response, .. } = example else {
            return Err("is no static example".to_owned());
        };
        let records = Records::of(url.path(), response);
        let request = Request::get(url.clone());
        let statics = probe.statics();
        let seen = statics.scan_exchange(&request, response, &records, &|_| false);
        Ok(seen.iter().any(|sighting| !sighting.needs_provoking))
    }
}

impl ExampleRunner for CanaryExamples {
    fn handles(&self, example: &Example) -> bool {
        matches!(example, Example::Canary { .. })
    }

    fn run(&self, probe: &Probe, example: &Example) -> Result<bool, String> {
        let Example::Canary {
            place,
            input,
            elsewhere,
            url,
            response,
            ..
        } = example
        else {
            return Err("not a canary's example".to_owned());
        };
        let mut ledger = Ledger::new(RunKey::from_seed(1));
        let input = Input::new(*place, input, Provenance::Link);
        let template = Arc::new(RequestTemplate {
            fills: vec![(input.clone(), Fill::Canary(Shape::Token))],
            ..RequestTemplate::bare(EndpointId::new(Method::Post, "/planted"))
        });
        let source = Source {
            endpoint: template.endpoint.clone(),
            place: *place,
            input: input.name.clone(),
        };
        let credential_like = Credentials::default().possible("/planted", &input);
        let canary = ledger.plant(source, credential_like, (Shape::Token, None), &template);
        let observation = Observation {
            template,
            planted: if *elsewhere {
                Vec::new()
            } else {
                vec![canary.slot]
            },
            role: Role::Plant,
            steps: vec![Hop {
                request: Request::get(url.clone()),
                outcome: Ok(expanded(response, &canary.text)?),
            }],
        };
        let eyes = Eyes {
            recogniser: ledger.mint().recogniser(),
            statics: &self.statics,
        };
        let seen = eyes.look(&observation, &ledger, &Surface::default());
        Ok(seen
            .canaries
            .iter()
            .any(|sighting| sighting.kind.is_some_and(|kind| probe.sees_canary(kind))))
    }
}

impl ExampleRunner for DifferentialExamples {
    fn handles(&self, example: &Example) -> bool {
        matches!(example, Example::Differential { .. })
    }

    fn run(&self, probe: &Probe, example: &Example) -> Result<bool, String> {
        let Example::Differential {
            place,
            input,
            method,
            path,
            answers,
            found,
            ..
        } = example
        else {
            return Err("not a differential example".to_owned());
        };
        let input = Input::new(*place, input, Provenance::Link);
        let credentials = Credentials::default();
        let credential_like = credentials.possible(path, &input);
        let strong = credentials.tier(&input.name) == credential::Tier::Strong;
        let (mut ran, mut lacks) = (false, None);
        for matcher in probe.experiments() {
            let range = &matcher.inputs;
            let tier = match range.tier {
                Tier::Any => true,
                Tier::Weak => credential_like,
                Tier::Strong => credential_like && strong,
            };
            if !(tier && range.contains(*place, &input.name, path)) {
                continue;
            }
            // The tester's own value is used as it is, so the example must have an answer to it.
            let given = answers.contains_key(Form::Plain.as_str());
            if range.seen == Seen::Given && !given {
                continue;
            }
            if matcher.proven_by.iter().any(|rule| found.contains(rule)) {
                return Ok(true);
            }
            let known = InputFacts {
                strong,
                safe: method.is_safe(),
                accepted: matcher.accepted_by.iter().any(|rule| found.contains(rule)),
            };
            match recorded(matcher, known, *place, path, answers) {
                Ok(true) => return Ok(true),
                Ok(false) => ran = true,
                // The example may be meant for another matcher.
                Err(missing) => lacks = Some(missing),
            }
        }
        match lacks {
            Some(missing) if !ran => Err(missing),
            _ => Ok(false),
        }
    }
}

/// Feeds recorded answers to a trial in the order in which a scan would request them.
fn recorded(
    experiment: &Experiment,
    known: InputFacts,
    place: Place,
    path: &str,
    answers: &BTreeMap<String, Response>,
) -> Result<bool, String> {
    let mut trial = Trial::new(experiment, known);
    for (at, (step, form)) in trial.asks(0).into_iter().enumerate() {
        let (name, sent) = (
            &experiment.steps[step].name,
            &experiment.steps[step].forms[form],
        );
        if !sent.fits(place) {
            continue;
        }
        let Some(response) = answers.get(sent.name()).or_else(|| answers.get(name)) else {
            // One of several forms is enough.
            if experiment.steps[step].forms.len() > 1 {
                continue;
            }
            return Err(format!("the answer to {name:?} is missing"));
        };
        let canary = format!("example{at}canary{at}example{at}");
        let response = expanded(response, &canary)?;
        let answer = Answer::of_one(Some(&response), &[canary], &[path]);
        if !trial.take(step, form, answer) {
            return Ok(false);
        }
    }
    for control in &experiment.controls {
        if let Some(response) = answers.get(control.as_str()) {
            let answer = Answer::of_one(Some(response), &[], &[path]);
            trial.control(*control, answer);
        }
    }
    Ok(trial.recorded())
}

fn expanded(response: &Response, canary: &str) -> Result<Response, String> {
    let mut whole = response.clone();
    whole.body = expand(&response.text(), canary)?.into_bytes();
    for (_, value) in &mut whole.headers {
        *value = expand(value, canary)?;
    }
    Ok(whole)
}
