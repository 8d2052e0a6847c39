//! Puts everything together that a report is written from.
//!
//! Owns: coverage, the surface's rows, what was planted; the last masking. Leaves out: formats.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use crate::canary::RunKey;
use crate::crawl::{Crawl, is_there, rank};
use crate::finding::{
    Coverage, Finding, Flow, Outcome, Planted, Problem, Reached, Source, SurfaceInput, SurfaceRow,
};
use crate::http::Client;
use crate::judge::standing::Standings;
use crate::judge::suspects::Suspects;
use crate::ledger::Ledger;
use crate::plan::{Planner, shapes};
use crate::policy;
use crate::redact::{Masks, Redactor};
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Input, Place};

/// Everything that a scan leaves behind.
pub(super) struct Parts<'a> {
    pub(super) settings: &'a Settings,
    pub(super) run_id: String,
    pub(super) key: RunKey,
    pub(super) started: OffsetDateTime,
    pub(super) client: &'a Client,
    pub(super) planner: &'a Planner,
    pub(super) masks: &'a Masks,
    pub(super) crawl: Crawl,
    pub(super) ledger: Ledger,
    pub(super) suspects: Suspects,
    pub(super) standings: Standings,
    pub(super) findings: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
    /// What was sent besides to find hidden inputs.
    pub(super) guessed: Vec<Planted>,
}

pub(super) fn assemble(mut parts: Parts<'_>) -> Outcome {
    let mut redactor = Redactor::clone(&parts.masks.now());
    // Logins in mid-scan have obtained new tokens.
    redactor.hide(&parts.settings.identities.vault().all());
    let tested = tested(&parts.ledger);
    let mut problems = std::mem::take(&mut parts.problems);
    let mut surface = Vec::new();
    let mut coverage = Coverage {
        requests: parts.client.sent(),
        failed_requests: parts.client.failed(),
        ..Coverage::default()
    };
    for endpoint in parts.crawl.surface.iter() {
        let reached = reached(&parts.crawl, &parts.ledger, endpoint, parts.settings);
        coverage.endpoints += 1;
        let answered = matches!(reached, Reached::Status(status) if is_there(status));
        coverage.endpoints_reached += usize::from(answered);
        for input in &endpoint.inputs {
            coverage.inputs += 1;
            let key = (endpoint.id.clone(), input.place, input.name.clone());
            if tested.contains(&key) {
                coverage.inputs_tested += 1;
            } else if answered && parts.planner.may_plant(input) && shapes(input).is_empty() {
                let text = format!(
                    "{} {} {}: no canary shape fits its type; it got plain values",
                    endpoint.id, input.place, input.name
                );
                problems.push(Problem::new("untested-input", text).at(&endpoint.id));
            }
        }
        surface.push(row(endpoint, reached, &tested, &parts));
    }
    // What a finding says is no mere flow.
    let mut flows = parts.suspects.flows(&parts.standings);
    flows.retain(|flow| !parts.findings.iter().any(|finding| tells(finding, flow)));
    let complete = !problems.iter().any(Problem::is_ending);
    Outcome {
        run_id: parts.run_id,
        run_key: parts.key.to_string(),
        started: parts.started,
        finished: OffsetDateTime::now_utc(),
        complete,
        arguments: parts
            .settings
            .arguments
            .iter()
            .map(|text| redactor.text(text))
            .collect(),
        target: redactor.text(parts.settings.target.base().as_str()),
        findings: parts
            .findings
            .into_iter()
            .map(|finding| finding.masked(&redactor))
            .collect(),
        flows,
        coverage,
        surface,
        problems: problems
            .into_iter()
            .map(|problem| problem.masked(&redactor))
            .collect(),
        planted: planted(&parts.ledger, &redactor)
            .into_iter()
            .chain(parts.guessed.into_iter().map(|mut one| {
                one.curl = one.curl.map(|curl| redactor.text(&curl));
                one
            }))
            .collect(),
    }
}

/// True when a finding shows the same source at the same sink.
fn tells(finding: &Finding, flow: &Flow) -> bool {
    finding.source.as_ref() == Some(&flow.source)
        && finding.sink == flow.sink
        && finding.transform.is_some()
}

/// An input of an operation.
type Named = (EndpointId, Place, String);

fn tested(ledger: &Ledger) -> BTreeSet<Named> {
    ledger
        .entries()
        .iter()
        .filter(|entry| entry.status.is_some())
        .map(|entry| {
            let source = &entry.source;
            (source.endpoint.clone(), source.place, source.input.clone())
        })
        .collect()
}

fn planted(ledger: &Ledger, redactor: &Redactor) -> Vec<Planted> {
    ledger
        .entries()
        .iter()
        .filter(|entry| entry.curl.is_some())
        .map(|entry| Planted {
            source: entry.source.clone(),
            canary: entry.canary.text.clone(),
            slot: entry.canary.slot.0,
            shape: entry.canary.shape.name(),
            at: entry.at,
            status: entry.status,
            curl: entry.curl.as_deref().map(|curl| redactor.text(curl)),
        })
        .collect()
}

/// The status that says most of those that an operation gave: to the crawl, or to a plant.
fn reached(crawl: &Crawl, ledger: &Ledger, endpoint: &Endpoint, settings: &Settings) -> Reached {
    let planted = ledger
        .entries()
        .iter()
        .filter(|entry| entry.source.endpoint == endpoint.id)
        .filter_map(|entry| entry.status);
    let learnt = crawl.reached(&endpoint.id).into_iter();
    let best = learnt.chain(planted).min_by_key(|status| rank(*status));
    match (
        best,
        policy::may_send(settings, &endpoint.id, &endpoint.summary),
    ) {
        (Some(status), _) => Reached::Status(status),
        (None, Err(why)) => Reached::Never(why),
        (None, Ok(())) => Reached::Never("no answer, or the scan ended before it".to_owned()),
    }
}

fn row(
    endpoint: &Endpoint,
    reached: Reached,
    tested: &BTreeSet<Named>,
    parts: &Parts<'_>,
) -> SurfaceRow {
    let judged = |input: &Input| {
        let source = Source {
            endpoint: endpoint.id.clone(),
            place: input.place,
            input: input.name.clone(),
        };
        let known = parts.standings.judgement(&source).cloned();
        let credentials = &parts.planner.credentials;
        known.unwrap_or_else(|| credentials.judge_input(endpoint, input, false, None))
    };
    SurfaceRow {
        endpoint: endpoint.id.clone(),
        reached,
        inputs: endpoint
            .inputs
            .iter()
            .map(|input| SurfaceInput {
                place: input.place,
                name: input.name.clone(),
                hint: input.hint.clone(),
                required: input.required,
                tested: tested.contains(&(endpoint.id.clone(), input.place, input.name.clone())),
                judgement: judged(input),
                discovered_by: input.provenance.iter().map(|p| p.as_str()).collect(),
            })
            .collect(),
    }
}
