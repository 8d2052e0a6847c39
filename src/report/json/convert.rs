//! Converts the scan's own values to the published ones.

use std::cmp::Reverse;

use time::OffsetDateTime;

use super::{
    CoverageV1, EvidenceV1, ExchangeV1, FindingV1, FingerprintsV2, FlowV1, ImportV2, InputV1,
    JudgementV2, LeftOutV2, OccurrenceV1, PlantedV1, ProblemV1, ReachedV1, ReportV2, RunV1, SCHEMA,
    SinkV1, SourceV1, SurfaceV1, TargetV1, ToolV1, v1,
};
use crate::credential::Judgement;
use crate::finding::fingerprint::{self, FingerprintParts};
use crate::finding::{
    Coverage, Evidence, Finding, Flow, Imported, Planted, Problem, Reached, ScanResult, Sink,
    Source, SurfaceRow,
};
use crate::problem;

impl ReportV2 {
    /// Creates the report of a scan. The order is fixed, so that equal scans give equal reports. The
    /// caller fills in `rules` and `limits`, which an outcome does not contain.
    pub fn from_result(outcome: &ScanResult) -> Self {
        let mut findings: Vec<FindingV1> = outcome.findings.iter().map(finding).collect();
        rank(&mut findings);
        let mut flows: Vec<FlowV1> = outcome.flows.iter().map(flow).collect();
        flows.sort_by(|a, b| {
            (&a.source, &a.sink, &a.transform).cmp(&(&b.source, &b.sink, &b.transform))
        });
        Self {
            schema: SCHEMA.to_owned(),
            tool: ToolV1 {
                name: "keyspill".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            run: RunV1 {
                id: outcome.run_id.clone(),
                key: outcome.run_key.clone(),
                started: moment(outcome.started),
                finished: moment(outcome.finished),
                complete: outcome.complete,
                arguments: outcome.arguments.clone(),
            },
            target: TargetV1 {
                url: outcome.target.clone(),
            },
            findings,
            flows,
            coverage: coverage(&outcome.coverage),
            surface: outcome.surface.iter().map(row).collect(),
            problems: outcome.problems.iter().map(ProblemV1::from).collect(),
            planted: v1::by_request(outcome.planted.iter().map(|one| (planted(one), one.status))),
            rules: Vec::new(),
            limits: Vec::new(),
            not_reached: Vec::new(),
            imports: outcome.imports.iter().map(import).collect(),
        }
    }
}

/// Sorts the worst findings first, then the most certain ones, then by rule and place.
fn rank(findings: &mut [FindingV1]) {
    findings.sort_by(|a, b| {
        let key = |f: &FindingV1| (Reverse(f.severity), Reverse(f.verdict));
        key(a).cmp(&key(b)).then_with(|| {
            (&a.rule, &a.sink, &a.source, &a.fingerprint).cmp(&(
                &b.rule,
                &b.sink,
                &b.source,
                &b.fingerprint,
            ))
        })
    });
}

/// Converts a finding to its published form.
pub(in crate::report) fn finding(finding: &Finding) -> FindingV1 {
    FindingV1 {
        rule: finding.rule.id.clone(),
        category: finding.rule.category().to_owned(),
        title: finding.rule.title.clone(),
        severity: finding.rule.severity,
        verdict: finding.verdict,
        fingerprint: finding.fingerprint().to_owned(),
        fingerprints: Some(FingerprintsV2 {
            v1: finding.fingerprint().to_owned(),
            v2: fingerprint::v2(FingerprintParts::of(finding)),
        }),
        aliases: finding.aliases(),
        group: finding.rule.group.clone(),
        source: finding.source.as_ref().map(source),
        sink: sink(&finding.sink),
        occurrences: finding
            .occurrences
            .iter()
            .filter(|one| one.source.is_some() || one.sink.is_some())
            .map(|one| OccurrenceV1 {
                source: one.source.as_ref().map(source),
                sink: one.sink.as_ref().map(sink),
            })
            .collect(),
        transform: finding.transform.clone(),
        evidence: evidence(&finding.evidence),
        cwe: finding.rule.cwe.clone(),
        owasp: finding.rule.owasp.clone(),
        asvs: finding.rule.asvs.clone(),
        help: finding.rule.help.clone(),
        why: finding.rule.why.clone(),
        remediation: finding.rule.remediation.clone(),
        planted_at: finding.planted_at.map(moment),
        first_seen: finding.first_seen.map(moment),
        last_seen: finding.last_seen.map(moment),
        baseline: None,
    }
}

fn source(source: &Source) -> SourceV1 {
    SourceV1 {
        method: source.endpoint.method.to_string(),
        path: source.endpoint.path.to_string(),
        place: source.place,
        input: source.input.clone(),
    }
}

fn sink(sink: &Sink) -> SinkV1 {
    SinkV1::Http {
        method: sink.endpoint.method.to_string(),
        path: sink.endpoint.path.to_string(),
        place: sink.place.to_string(),
        field: (!sink.field.is_empty()).then(|| sink.field.clone()),
    }
}

fn evidence(evidence: &Evidence) -> EvidenceV1 {
    EvidenceV1 {
        snippet: evidence.snippet.clone(),
        curl: evidence.curl.clone(),
        exchanges: evidence
            .exchanges
            .iter()
            .map(|exchange| ExchangeV1 {
                role: exchange.role,
                request: exchange.request.clone(),
                response: exchange.response.clone(),
            })
            .collect(),
    }
}

fn flow(flow: &Flow) -> FlowV1 {
    FlowV1 {
        source: source(&flow.source),
        sink: sink(&flow.sink),
        transform: flow.transform.clone(),
        count: flow.count,
        why_not: flow.why_not.as_ref().map(judgement),
    }
}

fn judgement(judged: &Judgement) -> JudgementV2 {
    JudgementV2 {
        standing: judged.standing.as_str().to_owned(),
        speaks_for: judged.speaks_for.clone(),
        speaks_against: judged.against.clone(),
        decided: judged.decided.clone(),
    }
}

fn coverage(coverage: &Coverage) -> CoverageV1 {
    CoverageV1 {
        endpoints: coverage.endpoints as u64,
        endpoints_reached: coverage.endpoints_reached as u64,
        inputs: coverage.inputs as u64,
        inputs_tested: coverage.inputs_tested as u64,
        requests: coverage.requests,
        failed_requests: coverage.failed_requests,
    }
}

fn row(row: &SurfaceRow) -> SurfaceV1 {
    let reached = match &row.reached {
        Reached::Status(status) => ReachedV1 {
            status: Some(*status),
            why: None,
        },
        Reached::Refused(status, why) => ReachedV1 {
            status: Some(*status),
            why: Some(why.clone()),
        },
        Reached::Never(why) => ReachedV1 {
            status: None,
            why: Some(why.clone()),
        },
    };
    SurfaceV1 {
        method: row.endpoint.method.to_string(),
        path: row.endpoint.path.to_string(),
        reached,
        inputs: row
            .inputs
            .iter()
            .map(|input| InputV1 {
                place: input.place,
                name: input.name.clone(),
                credential_like: input.judgement.is_credential(),
                credential: Some(judgement(&input.judgement)),
                tested: Some(input.tested),
                discovered_by: input
                    .discovered_by
                    .iter()
                    .map(|&word| word.to_owned())
                    .collect(),
            })
            .collect(),
    }
}

impl From<&Problem> for ProblemV1 {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code.to_owned(),
            message: problem.message.clone(),
            operation: problem.operation.as_ref().map(ToString::to_string),
            option: problem::lookup(problem.code)
                .and_then(|row| row.option)
                .map(str::to_owned),
        }
    }
}

fn import(import: &Imported) -> ImportV2 {
    ImportV2 {
        name: import.name.clone(),
        read: import.read as u64,
        out_of_scope: import.out_of_scope as u64,
        left_out: import
            .left_out
            .iter()
            .map(|(part, why)| LeftOutV2 {
                part: part.clone(),
                why: why.clone(),
            })
            .collect(),
    }
}

fn planted(planted: &Planted) -> PlantedV1 {
    PlantedV1 {
        method: planted.source.endpoint.method.to_string(),
        path: planted.source.endpoint.path.to_string(),
        place: planted.source.place,
        input: planted.source.input.clone(),
        canary: planted.canary.clone(),
        slot: planted.slot,
        shape: planted.shape.to_owned(),
        at: moment(planted.at),
        curl: planted.curl.clone().filter(|line| !line.is_empty()),
    }
}

/// Converts to UTC with millisecond precision: finer values are meaningless, and other time zones make
/// reports hard to compare.
fn moment(at: OffsetDateTime) -> OffsetDateTime {
    let utc = at.to_offset(time::UtcOffset::UTC);
    utc.replace_millisecond(utc.millisecond()).unwrap_or(utc)
}
