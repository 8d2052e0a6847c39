//! Assembles everything that a report is written from.
//!
//! Owns: coverage, the surface's rows, what was planted; the last masking. Leaves out: formats.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::brought::missing_imports;
use super::filter::{Filter, plain_filter};
use super::lookout::Lookout;
use super::proxy_shown;
use super::scan::Scan;
use crate::canary::RunKey;
use crate::crawl::{is_there, rank};
use crate::finding::{
    Coverage, Finding, Flow, Planted, Problem, Reached, ScanResult, Severity, Source, SurfaceInput,
    SurfaceRow, Verdict,
};
use crate::http::is_not_now;
use crate::judge::standing::Standings;
use crate::ledger::{Entry, Ledger};
use crate::plan::{shapes, untestable};
use crate::policy;
use crate::redact::Redactor;
use crate::settings::Settings;
use crate::surface::{Endpoint, EndpointId, Input, Place};

/// Everything that a scan leaves behind.
pub(super) struct Parts<'a> {
    pub(super) settings: &'a Settings,
    pub(super) run_id: String,
    pub(super) key: RunKey,
    pub(super) started: OffsetDateTime,
    pub(super) lookout: &'a Lookout,
    pub(super) scan: Scan<'a>,
    /// The filter that lets no canary through, as far as a control has shown it.
    pub(super) filter: Option<Filter>,
    pub(super) standings: Standings,
    pub(super) findings: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
}

pub(super) fn assemble(mut parts: Parts<'_>) -> ScanResult {
    parts.scan.ledger.forget_broken();
    parts.filter = parts
        .filter
        .or_else(|| plain_filter(&parts.scan.crawl, &parts.scan.ledger));
    let mut redactor = Redactor::clone(&parts.scan.masks.now());
    // Logins during the scan have obtained new tokens.
    redactor.hide(&parts.settings.identities.vault().all());
    let tested = tested(&parts);
    let mut problems = std::mem::take(&mut parts.problems);
    let mut surface = Vec::new();
    let mut coverage = Coverage {
        requests: parts.lookout.client().sent(),
        failed_requests: parts.lookout.client().failed(),
        ..Coverage::default()
    };
    for endpoint in parts.scan.crawl.known.surface.iter() {
        let reached = reached(&parts, endpoint, &tested);
        coverage.endpoints += 1;
        let answered = match reached {
            Reached::Status(status) | Reached::Refused(status, _) => {
                is_there(status) && !is_not_now(status)
            }
            Reached::Never(_) => false,
        };
        coverage.endpoints_reached += usize::from(matches!(reached, Reached::Status(_)));
        for input in &endpoint.inputs {
            coverage.inputs += 1;
            let key = (endpoint.id.clone(), input.place, input.name.clone());
            if tested.contains(&key) {
                coverage.inputs_tested += 1;
            } else if answered
                && parts.scan.planner.may_plant(&endpoint.id, input)
                && shapes(input).is_empty()
            {
                let why = untestable(input).map_or_else(
                    || "no canary shape fits its type".to_owned(),
                    |why| why.to_string(),
                );
                let text = format!(
                    "{} {} {}: {why}; it got plain values",
                    endpoint.id, input.place, input.name
                );
                problems.push(Problem::new("untested-input", text).at(&endpoint.id));
            }
        }
        surface.push(row(endpoint, reached, &tested, &parts));
    }
    problems.extend(judged(&parts, &problems, &coverage, &surface));
    // What a finding reports is no longer just a flow.
    let mut flows = parts.scan.suspects.flows(&parts.standings);
    flows.retain(|flow| !parts.findings.iter().any(|finding| tells(finding, flow)));
    let complete = !problems.iter().any(Problem::is_ending);
    ScanResult {
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
        planted: planted(&parts.scan.ledger, &redactor)
            .into_iter()
            .chain(
                parts
                    .scan
                    .guessed
                    .into_planted()
                    .into_iter()
                    .map(|mut one| {
                        one.curl = one.curl.map(|curl| redactor.text(&curl));
                        one
                    }),
            )
            .collect(),
        imports: parts.scan.crawl.imported().cloned().collect(),
    }
}

/// Returns true if a finding shows the same source at the same sink.
fn tells(finding: &Finding, flow: &Flow) -> bool {
    finding.source.as_ref() == Some(&flow.source)
        && finding.sink == flow.sink
        && finding.transform.is_some()
}

/// The key of an input: operation, place and name.
type Named = (EndpointId, Place, String);

fn tested(parts: &Parts<'_>) -> BTreeSet<Named> {
    parts
        .scan
        .ledger
        .entries()
        .iter()
        .filter(|entry| came_through(parts, entry))
        .filter(|entry| {
            let filter = parts.filter.as_ref();
            filter.is_none_or(|filter| filter.let_through(entry))
        })
        .map(|entry| {
            let source = &entry.source;
            (source.endpoint.clone(), source.place, source.input.clone())
        })
        .collect()
}

/// The number of operations that must fail beside the only one that does not.
const FAILING: usize = 3;

/// Returns the problem of an application in which one page answers and everything else fails.
fn all_but_one(surface: &[SurfaceRow]) -> Option<Problem> {
    let mut failing = Vec::new();
    let mut well = Vec::new();
    for row in surface {
        match row.reached {
            Reached::Refused(status @ 500.., _) => failing.push((row, status)),
            Reached::Refused(404 | 405 | 410, _) | Reached::Never(_) => {}
            Reached::Status(_) | Reached::Refused(..) => well.push(row),
        }
    }
    let ((first, status), [one]) = (failing.first()?, &well[..]) else {
        return None;
    };
    if failing.len() < FAILING {
        return None;
    }
    let text = format!(
        "{} answers and nothing else does: {} operations fail, {} with {status}; is the application up?",
        one.endpoint,
        failing.len(),
        first.endpoint
    );
    Some(Problem::new("server-errors", text))
}

/// Returns true for a canary that the application itself answered.
fn came_through(parts: &Parts<'_>, entry: &Entry) -> bool {
    entry.reply.status.is_some_and(|status| !is_not_now(status))
        && !parts.lookout.was_dark(entry.at)
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
            status: entry.reply.status,
            curl: entry.curl.as_deref().map(|curl| redactor.text(curl)),
        })
        .collect()
}

/// Returns the most telling status that an operation gave, either to the crawl or to a plant.
fn reached(parts: &Parts<'_>, endpoint: &Endpoint, tested: &BTreeSet<Named>) -> Reached {
    let id = &endpoint.id;
    let planted: Vec<&Entry> = parts
        .scan
        .ledger
        .entries()
        .iter()
        .filter(|entry| entry.source.endpoint == *id)
        .collect();
    let learnt = parts.scan.crawl.known.reached(id).into_iter();
    let statuses = planted.iter().filter_map(|entry| entry.reply.status);
    let Some(best) = learnt.chain(statuses).min_by_key(|status| rank(*status)) else {
        let why = policy::may_send(parts.settings, id, &endpoint.summary)
            .err()
            .unwrap_or_else(|| "no answer, or the scan ended before it".to_owned());
        return Reached::Never(why);
    };
    let came = tested.iter().any(|(operation, ..)| operation == id);
    if !planted.is_empty() && !came && best < 400 {
        let last = planted.iter().rev().find_map(|entry| entry.reply.status);
        let now = last.map_or_else(|| "nothing".to_owned(), |status| status.to_string());
        return Reached::Never(format!(
            "it answered {best} before, and {now} to requests with a canary: not tested"
        ));
    }
    let accepted = parts.scan.crawl.known.accepted(id)
        || planted
            .iter()
            .any(|entry| matches!(entry.reply.status, Some(200..=299)));
    if accepted {
        return Reached::Status(best);
    }
    let why = match parts.scan.crawl.known.refusal(id) {
        Some((status, "")) => format!("never accepted; it says {status}"),
        Some((status, said)) => format!("never accepted; it says {status} {said:?}"),
        None => "never accepted; it redirects to a login".to_owned(),
    };
    Reached::Refused(best, why)
}

/// Returns the problems that the scan as a whole shows.
fn judged(
    parts: &Parts<'_>,
    known: &[Problem],
    coverage: &Coverage,
    surface: &[SurfaceRow],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(parts.lookout.away());
    let lost = known.iter().any(Problem::is_targets);
    let found = parts.findings.iter().any(|finding| {
        finding.verdict > Verdict::Undetermined && finding.rule.severity > Severity::Info
    });
    let wall = if lost || found {
        None
    } else {
        let proxy = proxy_shown(parts.settings);
        let credentials = parts.settings.has_credentials();
        let wall = parts.lookout.wall(credentials, proxy.as_deref());
        wall.or_else(|| all_but_one(surface))
    };
    let walled = wall.is_some();
    problems.extend(missing_imports(&parts.scan.crawl));
    problems.extend(wall);
    if !lost {
        problems.extend(parts.lookout.client().losses());
        let filter = parts.filter.as_ref();
        problems.extend(filter.and_then(|one| one.problem(&parts.scan.crawl, &parts.scan.ledger)));
    }
    // A scan that ended early already reports that.
    if coverage.inputs == 0 && !walled && !known.iter().any(Problem::is_ending) {
        let text = format!(
            "no input was found in {} operations: no canary was sent",
            coverage.endpoints
        );
        problems.push(Problem::new("no-inputs", text));
    }
    if let Some(percent) = parts.settings.require_coverage {
        let (all, of) = (coverage.endpoints, coverage.endpoints_reached);
        if of * 100 < usize::from(percent) * all.max(1) {
            let text = format!(
                "{of} of {all} operations accepted something, fewer than the {percent} % asked for"
            );
            problems.push(Problem::new("coverage-short", text));
        }
    }
    problems
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
        let credentials = &parts.scan.planner.credentials;
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
