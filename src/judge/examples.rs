//! Runs the examples of canary and differential probes through the code that a scan uses.
//!
//! Owns: making an observation of an example. Leaves out: the decisions themselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::differential;
use super::sightings::Eyes;
use crate::canary::{RunKey, Shape};
use crate::compare::Print;
use crate::credential::Credentials;
use crate::detect::Statics;
use crate::finding::{Role, Source};
use crate::http::{Method, Request, Response, Step};
use crate::ledger::Ledger;
use crate::observe::{Observation, Outcome};
use crate::plan::{BodyKind, Fill, Recipe};
use crate::probe::{Catalog, Example, ExampleRunner, Probe, Sent, expand};
use crate::surface::{EndpointId, Input, Place, Provenance, Surface};

/// Runs canary examples: a canary is planted, the answer is looked at, the rule is compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct CanaryExamples;

/// Runs differential examples: the answers go through the rule's own condition.
#[derive(Clone, Copy, Debug, Default)]
pub struct DifferentialExamples;

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
        let catalog = Catalog::builtin().map_err(|error| error.to_string())?;
        let statics = Statics::new(&catalog);
        let ledger = Mutex::new(Ledger::new(RunKey::from_seed(1)));
        let mut ledger = ledger.lock().map_err(|error| error.to_string())?;
        let input = Input::new(*place, input, Provenance::Link);
        let recipe = Arc::new(Recipe {
            endpoint: EndpointId::new(Method::Post, "/planted"),
            body: BodyKind::None,
            fills: vec![(input.clone(), Fill::Canary(Shape::Token))],
            form_page: None,
            path: None,
            document: None,
            repeat: false,
        });
        let source = Source {
            endpoint: recipe.endpoint.clone(),
            place: *place,
            input: input.name.clone(),
        };
        let credential_like = Credentials::default().input(&input);
        let canary = ledger.plant(source, credential_like, Shape::Token, &recipe);
        let observation = Observation {
            recipe,
            planted: if *elsewhere {
                Vec::new()
            } else {
                vec![canary.slot]
            },
            role: Role::Plant,
            steps: vec![Step {
                request: Request::get(url.clone()),
                outcome: Ok(expanded(response, &canary.text)?),
            }],
        };
        let eyes = Eyes {
            recogniser: ledger.mint().recogniser(),
            statics: &statics,
        };
        let seen = eyes.look(&observation, &ledger, &Surface::default());
        Ok(seen
            .canaries
            .iter()
            .any(|sighting| sighting.rule == Some(probe.rule.id.as_str())))
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
            answers,
            ..
        } = example
        else {
            return Err("not a differential example".to_owned());
        };
        let credential_like =
            Credentials::default().input(&Input::new(*place, input, Provenance::Link));
        let answers = Answers::of(answers)?;
        match probe.rule.id.rsplit('/').next().unwrap_or_default() {
            "any-key-accepted" => {
                let carried = matches!(place, Place::Header | Place::Query | Place::Cookie);
                let passes = [answers.print(Sent::Canary)?, answers.print(Sent::Other)?];
                let refusal = answers.outcome(Sent::Absent)?;
                Ok(carried && credential_like && differential::any_key(&[refusal], &passes))
            }
            "key-in-query" => {
                let without = [answers.print(Sent::Absent)?];
                let mut with = vec![answers.print(Sent::Canary)?];
                with.extend(answers.print(Sent::Other));
                Ok(credential_like && differential::consumed(&without, &with).is_some())
            }
            "unhandled-input" => {
                let plain = answers.outcome(Sent::Plain)?;
                let odd = [
                    answers.outcome(Sent::Canary)?,
                    answers.outcome(Sent::Other)?,
                ];
                Ok(odd.into_iter().all(|odd| differential::breaks(plain, odd)))
            }
            other => Err(format!("no differential rule is called {other:?}")),
        }
    }
}

/// The answers of an example, each with the canary that was sent for it.
struct Answers(BTreeMap<Sent, (Response, String)>);

impl Answers {
    fn of(answers: &BTreeMap<Sent, Response>) -> Result<Self, String> {
        let mut expanded_answers = BTreeMap::new();
        for (at, (sent, response)) in answers.iter().enumerate() {
            let canary = format!("example{at}canary{at}example{at}");
            expanded_answers.insert(*sent, (expanded(response, &canary)?, canary));
        }
        Ok(Self(expanded_answers))
    }

    fn get(&self, sent: Sent) -> Result<&(Response, String), String> {
        self.0
            .get(&sent)
            .ok_or_else(|| format!("the answer to {:?} is missing", sent.as_str()))
    }

    fn outcome(&self, sent: Sent) -> Result<Outcome, String> {
        self.get(sent).map(|(response, _)| Outcome::of(response))
    }

    fn print(&self, sent: Sent) -> Result<Print, String> {
        let (response, canary) = self.get(sent)?;
        Ok(Print::of(response, std::slice::from_ref(canary)))
    }
}

fn expanded(response: &Response, canary: &str) -> Result<Response, String> {
    let mut whole = response.clone();
    whole.body = expand(&response.text(), canary)?.into_bytes();
    for (_, value) in &mut whole.headers {
        *value = expand(value, canary)?;
    }
    Ok(whole)
}
