//! The executor: renders a request template with fresh canaries, sends it, and passes the
//! observation on.
//!
//! Owns: one injection from description to answer, including CSRF tokens. Leaves out: which request
//! templates to send (`plan`), and in which order (`climb.rs`).

use std::cell::Ref;
use std::collections::BTreeMap;
use std::sync::Arc;

use scraper::{Html, Selector};

use crate::canary::Slot;
use crate::credential::looks_random;
use crate::finding::{Role, Source};
use crate::http::{
    ACCEPT, Hop, Jar, Request, Transport, likeness, likeness_without, send_patiently, travel,
};
use crate::ledger::{Ledger, Reply};
use crate::observe::Observation;
use crate::plan::{Fill, Planner, RequestTemplate, compose};
use crate::progress::Progress;
use crate::surface::{Input, Place};
use crate::target::Target;

use super::owner::Owner;
use super::said::said;

/// What all senders share during a scan.
pub(crate) struct Executor<'a, T, P> {
    /// The network.
    pub(crate) http: &'a T,
    /// The target, for URLs.
    pub(crate) target: &'a Target,
    /// Knows which inputs may carry what.
    pub(crate) planner: &'a Planner,
    /// Knows where every canary went, and takes every observation as it arrives, so that bodies do
    /// not pile up.
    pub(crate) owner: &'a dyn Owner,
    /// Gets notified of every request.
    pub(crate) progress: &'a P,
}

impl<T: Transport, P: Progress> Executor<'_, T, P> {
    /// Renders and sends a request template, follows its redirects, and passes the observation to
    /// the owner.
    pub(crate) async fn run(&self, template: &Arc<RequestTemplate>, role: Role) -> Observation {
        let observation = self.run_quietly(template, role).await;
        self.owner.take(&observation);
        observation
    }

    /// Does the same without the owner, for confirmations, which judge for themselves.
    pub(crate) async fn run_quietly(
        &self,
        template: &Arc<RequestTemplate>,
        role: Role,
    ) -> Observation {
        let mut jar = Jar::default();
        let csrf = self.csrf(template, &mut jar).await;
        let mut planted = Vec::new();
        let request = compose(template, self.target, &csrf, |input, fill| {
            self.mint(template, input, fill, &mut planted)
        });
        let steps = match request {
            Some(request) => {
                if template.repeat {
                    travel(self.http, request.clone(), &mut jar.clone()).await;
                }
                travel(self.http, request, &mut jar).await
            }
            None => Vec::new(),
        };
        self.progress.request();
        if role == Role::Baseline
            && let Some(answer) = steps.first().and_then(Hop::response)
        {
            // An operation that repeats what it is sent also does so in the answer to a canary.
            let alike = [
                likeness(answer),
                likeness_without(answer, &plain_words(template)),
            ];
            self.owner.answers_plainly(&template.endpoint, alike);
        }
        if !planted.is_empty() {
            let curl = steps
                .first()
                .map(|step| self.owner.redactor().curl(&step.request));
            let answer = steps.first().and_then(Hop::response);
            let reply = answer.map_or_else(Reply::default, |answer| Reply {
                status: Some(answer.status),
                said: said(answer),
                likeness: (!answer.broken).then(|| likeness(answer)),
                broken: answer.broken,
            });
            if let (Some(curl), Some(true)) = (curl, steps.first().map(left)) {
                self.owner.sent(&planted, &curl, reply);
            }
        }
        Observation {
            template: Arc::clone(template),
            planted,
            role,
            steps,
        }
    }

    /// Borrows the ledger for a moment. The borrow must never be held across an await.
    pub(crate) fn ledger(&self) -> Ref<'_, Ledger> {
        self.owner.ledger()
    }

    fn mint(
        &self,
        template: &Arc<RequestTemplate>,
        input: &Input,
        fill: &Fill,
        planted: &mut Vec<Slot>,
    ) -> Option<crate::canary::Canary> {
        let shape = fill.shape()?;
        let source = Source {
            endpoint: template.endpoint.clone(),
            place: input.place,
            input: input.name.clone(),
        };
        let pattern = input.hint.pattern.as_deref();
        let possible = self.planner.is_credential(&template.endpoint, input);
        let canary = self
            .owner
            .plant(source, possible, (shape, pattern), template);
        planted.push(canary.slot);
        Some(canary)
    }

    /// Fetches the form's page and reads the current values of its CSRF fields.
    async fn csrf(&self, template: &RequestTemplate, jar: &mut Jar) -> BTreeMap<String, String> {
        let wanted: Vec<&str> = template
            .fills
            .iter()
            .filter(|(_, fill)| *fill == Fill::Csrf)
            .map(|(input, _)| input.name.as_str())
            .collect();
        if wanted.is_empty() {
            return BTreeMap::new();
        }
        match self.form_page(template, jar).await {
            Some(page) => hidden_values(&page, &wanted),
            None => BTreeMap::new(),
        }
    }

    /// Fetches the page of a request template's form.
    async fn form_page(&self, template: &RequestTemplate, jar: &mut Jar) -> Option<String> {
        let page = self.target.url_for(template.form_page.as_deref()?)?;
        let mut request = Request::get(page).with_header("Accept", ACCEPT);
        jar.add_to(&mut request);
        let response = send_patiently(self.http, &request).await.ok()?;
        jar.learn(&response);
        Some(response.text().into_owned())
    }

    /// Finds the hidden fields of a template's form that get another random value at each fetch:
    /// the value sent before is no longer anywhere on the page. If such a field guards against
    /// forged requests, its old value is refused, whatever its name.
    pub(crate) async fn renewed(&self, template: &RequestTemplate) -> Vec<Input> {
        let sent: Vec<(&Input, &str)> = template
            .fills
            .iter()
            .filter_map(|(input, fill)| match fill {
                Fill::Plain(serde_json::Value::String(value)) => Some((input, value.as_str())),
                _ => None,
            })
            .filter(|(input, value)| {
                matches!(input.place, Place::Form | Place::Multipart) && looks_random(value)
            })
            .collect();
        if sent.is_empty() {
            return Vec::new();
        }
        let Some(page) = self.form_page(template, &mut Jar::default()).await else {
            return Vec::new();
        };
        let names: Vec<&str> = sent.iter().map(|(input, _)| input.name.as_str()).collect();
        let now = hidden_values(&page, &names);
        sent.into_iter()
            .filter(|(input, value)| {
                now.get(&input.name).is_some_and(|now| looks_random(now)) && !page.contains(*value)
            })
            .map(|(input, _)| input.clone())
            .collect()
    }
}

/// Returns the texts that a request template sends, joined.
fn plain_words(template: &RequestTemplate) -> String {
    let texts = template.fills.iter().filter_map(|(_, fill)| match fill {
        Fill::Plain(serde_json::Value::String(text)) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// Returns true if a step's request left this machine.
fn left(step: &Hop) -> bool {
    use crate::http::FailureKind as Kind;
    match &step.outcome {
        Ok(_) => true,
        Err(failure) => matches!(failure.kind, Kind::Timeout | Kind::Protocol),
    }
}

fn hidden_values(page: &str, wanted: &[&str]) -> BTreeMap<String, String> {
    let Ok(selector) = Selector::parse("input[name], meta[name]") else {
        return BTreeMap::new();
    };
    let html = Html::parse_document(page);
    let mut values = BTreeMap::new();
    for element in html.select(&selector) {
        let name = element.attr("name").unwrap_or_default();
        let value = element.attr("value").or_else(|| element.attr("content"));
        if let (true, Some(value)) = (wanted.contains(&name), value) {
            values
                .entry(name.to_owned())
                .or_insert_with(|| value.to_owned());
        }
    }
    values
}
