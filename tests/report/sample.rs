//! Scans made by hand.

use keyspill::credential::{Judgement, Standing, Tier};
use keyspill::finding::{
    Coverage, Draft, Evidence, ExchangeText, Finding, Flow, MergedOver, Occurrence, Planted,
    Problem, Reached, Role, RuleInfo, ScanResult, Severity, Sink, SinkPlace, Source, SurfaceInput,
    SurfaceRow, Verdict,
};
use keyspill::http::Method;
use keyspill::report::{Layout, ReportV2};
use keyspill::surface::{EndpointId, Place};
use time::{Duration, OffsetDateTime, UtcOffset};

pub(crate) const CANARY: &str = "ks7f3aq0w9e8r7t6y5u4i3o2p1a0s9d8f7g6h5j4";

pub(crate) fn start() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_750_000_000).unwrap() + Duration::nanoseconds(123_456_789)
}

/// A scan of an application without operations.
pub(crate) fn empty() -> ScanResult {
    ScanResult {
        run_id: "r-0001".to_owned(),
        run_key: "00112233445566778899aabbccddeeff".to_owned(),
        started: start(),
        finished: start() + Duration::seconds(61),
        complete: true,
        arguments: vec!["scan".to_owned(), "http://localhost:5000".to_owned()],
        target: "http://localhost:5000/".to_owned(),
        findings: Vec::new(),
        flows: Vec::new(),
        coverage: Coverage::default(),
        surface: Vec::new(),
        problems: Vec::new(),
        planted: Vec::new(),
        imports: Vec::new(),
    }
}

/// A scan with a finding of every severity and verdict, and every optional part.
pub(crate) fn full() -> ScanResult {
    let mut outcome = empty();
    outcome.findings = vec![
        static_finding(
            "data-exposure/public-identifier",
            Severity::Info,
            Verdict::Confirmed,
        ),
        stored().made(),
        differential(),
        static_finding(
            "data-exposure/config-dump",
            Severity::Critical,
            Verdict::Likely,
        ),
        Made {
            rule: "input-validation/unhandled-input",
            severity: Severity::Low,
            merged_over: MergedOver::Inputs,
            occurrences: vec![
                Occurrence {
                    source: Some(source(Method::Post, "/keys", Place::Json, "owner[].name")),
                    sink: None,
                },
                Occurrence {
                    source: None,
                    sink: Some(sink(Method::Post, "/keys/{id}", SinkPlace::Status, "")),
                },
            ],
            ..stored()
        }
        .made(),
        Made {
            rule: "data-exposure/canary-in-redirect",
            severity: Severity::Medium,
            verdict: Verdict::Undetermined,
            sink: sink(
                Method::Get,
                "/go",
                SinkPlace::Header("location".to_owned()),
                "",
            ),
            transform: Some("base64/zlib"),
            ..stored()
        }
        .made(),
    ];
    outcome.flows = vec![
        Flow {
            source: source(Method::Get, "/search", Place::Query, "q"),
            sink: sink(Method::Get, "/search", SinkPlace::Body, "results[].text"),
            transform: Some("identity".to_owned()),
            count: 3,
            why_not: None,
        },
        Flow {
            source: source(Method::Get, "/a", Place::Query, "q"),
            sink: sink(Method::Get, "/a", SinkPlace::Session, ""),
            transform: None,
            count: 1,
            why_not: None,
        },
    ];
    outcome.coverage = Coverage {
        endpoints: 5,
        endpoints_reached: 4,
        inputs: 7,
        inputs_tested: 6,
        requests: 120,
        failed_requests: 2,
    };
    outcome.surface = surface(&["GET /keys/{id}", "POST /keys", "GET /x", "GET /config"]);
    outcome.surface.push(SurfaceRow {
        endpoint: endpoint(Method::Delete, "/keys/{id}"),
        reached: Reached::Never("deletes; not allowed with --allow".to_owned()),
        inputs: Vec::new(),
    });
    outcome.problems = vec![Problem::new("untested-input", "multipart file not tested")];
    outcome.planted = vec![Planted {
        source: source(Method::Post, "/keys", Place::Query, "key"),
        canary: CANARY.to_owned(),
        slot: 7,
        shape: "token",
        at: start(),
        status: Some(201),
        curl: Some("curl -s -i 'http://localhost:5000/keys'".to_owned()),
    }];
    outcome
}

/// Text of so many columns, a line a finding.
pub(crate) const fn layout(width: usize, color: bool) -> Layout<'static> {
    Layout {
        width,
        color,
        whole: false,
        details: false,
        hint: None,
    }
}

pub(crate) fn report() -> ReportV2 {
    ReportV2::from_result(&full())
}

pub(crate) fn endpoint(method: Method, path: &str) -> EndpointId {
    EndpointId::new(method, path)
}

pub(crate) fn source(method: Method, path: &str, place: Place, input: &str) -> Source {
    Source {
        endpoint: endpoint(method, path),
        place,
        input: input.to_owned(),
    }
}

pub(crate) fn sink(method: Method, path: &str, place: SinkPlace, field: &str) -> Sink {
    Sink {
        endpoint: endpoint(method, path),
        place,
        field: field.to_owned(),
    }
}

/// Rows of operations that answered.
pub(crate) fn surface(operations: &[&str]) -> Vec<SurfaceRow> {
    operations
        .iter()
        .map(|operation| {
            let (method, path) = operation.split_once(' ').unwrap();
            SurfaceRow {
                endpoint: endpoint(method.parse().unwrap(), path),
                reached: Reached::Status(200),
                inputs: vec![SurfaceInput {
                    place: Place::Query,
                    name: "key".to_owned(),
                    hint: keyspill::surface::TypeHint::default(),
                    required: false,
                    tested: false,
                    judgement: Judgement {
                        standing: Standing::Yes,
                        tier: Tier::Weak,
                        speaks_for: Vec::new(),
                        against: Vec::new(),
                        decided: "a caller's name that nothing contradicts".to_owned(),
                    },
                    discovered_by: vec!["link", "specification"],
                }],
            }
        })
        .collect()
}

/// What the samples differ in.
pub(crate) struct Made {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) verdict: Verdict,
    pub(crate) source: Option<Source>,
    pub(crate) sink: Sink,
    pub(crate) merged_over: MergedOver,
    pub(crate) occurrences: Vec<Occurrence>,
    pub(crate) transform: Option<&'static str>,
    pub(crate) snippet: String,
    pub(crate) exchanges: Vec<ExchangeText>,
}

/// A canary planted by POST and read by GET.
pub(crate) fn stored() -> Made {
    Made {
        rule: "data-exposure/stored-canary",
        severity: Severity::High,
        verdict: Verdict::Confirmed,
        source: Some(source(Method::Post, "/keys", Place::Query, "key")),
        sink: sink(Method::Get, "/keys/{id}", SinkPlace::Body, "keys[].key"),
        merged_over: MergedOver::Nothing,
        occurrences: Vec::new(),
        transform: Some("identity"),
        snippet: format!("…{{\"key\": \"{CANARY}\", \"n\": 1}}…"),
        exchanges: vec![
            ExchangeText {
                role: Role::Replay,
                request: format!(
                    "POST /keys?key={CANARY} HTTP/1.1\nHost: localhost:5000\n\
                     Content-Type: application/json\n\n{{}}"
                ),
                response: Some("HTTP/1.1 201\ncontent-type: application/json\n\n{}".to_owned()),
            },
            ExchangeText {
                role: Role::Replay,
                request: "GET /keys/1 HTTP/1.1\nHost: localhost:5000\n".to_owned(),
                response: Some(format!(
                    "HTTP/1.1 200\ncontent-type: application/json\n\
                     set-cookie: a=1\nset-cookie: b=2\n\n[{{\"key\": \"{CANARY}\", \"n\": 1}}]"
                )),
            },
        ],
    }
}

impl Made {
    pub(crate) fn made(self) -> Finding {
        Finding::new(Draft {
            rule: RuleInfo {
                id: self.rule.to_owned(),
                title: format!("Fault of {}", self.rule),
                title_any: None,
                group: None,
                severity: self.severity,
                cwe: vec![312, 79],
                owasp: vec!["API3:2023".to_owned()],
                asvs: vec!["v4.0.3-8.3.1".to_owned()],
                help: format!(
                    "https://keyspill.invalid/rules#{}",
                    self.rule.replace('/', "-")
                ),
                why: "Whoever reads it can use it".to_owned(),
                remediation: "Keep a keyed hash (`hmac.new(…)`) instead of the key.".to_owned(),
                needs_source: false,
            },
            verdict: self.verdict,
            source: self.source,
            sink: self.sink,
            class: "canary".to_owned(),
            merged_over: self.merged_over,
            occurrences: self.occurrences,
            covers: Vec::new(),
            transform: self.transform.map(str::to_owned),
            evidence: Evidence {
                snippet: self.snippet,
                curl: vec![
                    format!("curl -s -i -X POST 'http://localhost:5000/keys?key={CANARY}'"),
                    "curl -s -i 'http://localhost:5000/keys/1'".to_owned(),
                ],
                exchanges: self.exchanges,
            },
            planted_at: Some(start()),
            first_seen: Some(start() + Duration::seconds(1)),
            // Reports are in UTC whatever comes in.
            last_seen: Some(start().to_offset(UtcOffset::from_hms(2, 0, 0).unwrap())),
        })
        .unwrap()
    }
}

fn differential() -> Finding {
    Made {
        rule: "authentication/any-key-accepted",
        severity: Severity::Critical,
        source: Some(source(Method::Get, "/x", Place::Header, "x-api-key")),
        sink: sink(Method::Get, "/x", SinkPlace::Status, ""),
        transform: None,
        ..stored()
    }
    .made()
}

pub(crate) fn static_finding(rule: &'static str, severity: Severity, verdict: Verdict) -> Finding {
    Made {
        rule,
        severity,
        verdict,
        source: None,
        sink: sink(Method::Get, "/config", SinkPlace::Body, ""),
        transform: None,
        exchanges: vec![ExchangeText {
            role: Role::Replay,
            request: "GET /config HTTP/1.1\nHost: localhost:5000\n".to_owned(),
            response: None,
        }],
        ..stored()
    }
    .made()
}
