//! `report.json` against its schema, and reading it back.

use std::fmt::Write as _;
use std::path::Path;

use keyspill::finding::{Severity, Verdict};
use keyspill::http::Method;
use keyspill::redact::Redactor;
use keyspill::report::json::{FindingV1, SinkV1, parse, read};
use keyspill::report::{ReportV2, render};
use keyspill::settings::Format;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::sample;

/// What version 1 promised.
const SCHEMA_V1: &str = include_str!("../schema/report.schema.json");

/// What version 2 promises.
const SCHEMA: &str = include_str!("../schema/report-2.schema.json");

/// The report as JSON, after the schema has accepted it.
fn valid(report: &ReportV2) -> Value {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let bytes = render(Format::Json, report).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    value
}

#[test]
fn what_version_1_promised_never_changes() {
    let mut digest = String::new();
    for byte in Sha256::digest(SCHEMA_V1) {
        write!(digest, "{byte:02x}").unwrap();
    }
    assert_eq!(
        digest,
        "9d51e4aa0ef08ae4ff7ca8c471f60598dcb01a0fbb3cbfee12b3b554c01f765b"
    );
}

#[test]
fn an_empty_report_is_valid() {
    let value = valid(&ReportV2::from_result(&sample::empty()));
    assert_eq!(value["findings"], json!([]));
    assert_eq!(value["schema"], "keyspill-report/2");
    assert_eq!(value["run"]["started"], "2025-06-15T15:06:40.123Z");
}

#[test]
fn a_report_with_everything_in_it_is_valid() {
    let value = valid(&sample::report());
    let stored = &value["findings"][2];
    assert_eq!(
        stored["sink"],
        json!({"method": "GET", "path": "/keys/{id}", "place": "body", "field": "keys[].key"})
    );
    assert_eq!(
        stored["source"],
        json!({"method": "POST", "path": "/keys", "place": "query", "input": "key"})
    );
    assert_eq!(stored["last_seen"], "2025-06-15T15:06:40.123Z");
    assert!(stored.get("baseline").is_none());
    let differential = &value["findings"][0];
    assert!(differential["sink"].get("field").is_none());
    assert_eq!(differential["transform"], Value::Null);
    assert_eq!(value["findings"][1]["source"], Value::Null);
    assert_eq!(value["surface"][4]["reached"]["status"], Value::Null);
    assert_eq!(value["coverage"]["endpoints_reached"], 4);
}

#[test]
fn the_schema_test_can_fail() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut value = valid(&sample::report());
    value["findings"][2]["sink"]["extra"] = json!(1);
    assert!(!validator.is_valid(&value));
}

#[test]
fn findings_are_ranked_by_severity_then_verdict() {
    let order: Vec<(Severity, Verdict)> = sample::report()
        .findings
        .iter()
        .map(|finding| (finding.severity, finding.verdict))
        .collect();
    assert_eq!(
        order,
        [
            (Severity::Critical, Verdict::Confirmed),
            (Severity::Critical, Verdict::Likely),
            (Severity::High, Verdict::Confirmed),
            (Severity::Medium, Verdict::Undetermined),
            (Severity::Low, Verdict::Confirmed),
            (Severity::Info, Verdict::Confirmed),
        ]
    );
}

#[test]
fn the_order_in_which_a_scan_finds_things_does_not_show() {
    let mut outcome = sample::full();
    outcome.findings.reverse();
    outcome.flows.reverse();
    assert_eq!(ReportV2::from_result(&outcome), sample::report());
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let mut report = sample::report();
    keyspill::report::baseline::apply(&ReportV2::from_result(&sample::empty()), &mut report);
    report.findings[0].sink = SinkV1::File {
        file: "app.log".to_owned(),
        line: Some(3),
        offset: None,
    };
    report.findings[1].sink = SinkV1::Database {
        collection: "keys".to_owned(),
        field: "key".to_owned(),
    };
    valid(&report);
    let bytes = render(Format::Json, &report).unwrap();
    assert_eq!(parse("report.json", &bytes).unwrap(), report);
}

#[test]
fn fields_of_later_versions_are_skipped() {
    let mut value = valid(&sample::report());
    value["later"] = json!({"a": 1});
    value["findings"][0]["later"] = json!(true);
    value["findings"][0]["sink"]["later"] = json!(true);
    value["coverage"]["later"] = json!(12);
    let report = parse("report.json", value.to_string().as_bytes()).unwrap();
    assert_eq!(report, sample::report());
}

/// What `parse` says about a full report after a change.
fn complaint(change: impl FnOnce(&mut Value)) -> String {
    let mut value = valid(&sample::report());
    change(&mut value);
    parse("old/report.json", value.to_string().as_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn errors_name_the_file_and_what_is_wrong() {
    for (change, expected) in [
        (
            (|v| v["schema"] = json!("keyspill-report/3")) as fn(&mut Value),
            "old/report.json: has schema \"keyspill-report/3\", this version of keyspill reads \
             \"keyspill-report/2\" and \"keyspill-report/1\"",
        ),
        (
            |v| *v = json!({"version": "2.1.0", "runs": []}),
            "old/report.json: is no keyspill report (no \"schema\": \"keyspill-report/2\")",
        ),
        (
            |v| {
                v["findings"][0].as_object_mut().unwrap().remove("verdict");
            },
            "missing field `verdict` at line 1 column",
        ),
        (
            |v| {
                v["findings"][0].as_object_mut().unwrap().remove("source");
            },
            "missing field `source`",
        ),
        (
            |v| v["findings"][0]["severity"] = json!("awful"),
            "\"awful\" is no severity (known: info, low, medium, high, critical)",
        ),
        (
            |v| v["findings"][0]["sink"] = json!({"method": "GET", "file": "x"}),
            "a sink needs method, path and place",
        ),
        (
            |v| v["findings"][0]["category"] = json!("data-exposure"),
            "findings[0]: category \"data-exposure\" is not that of rule",
        ),
        (
            |v| v["findings"][0]["evidence"]["curl"] = json!([]),
            "findings[0]: no curl line",
        ),
        (
            |v| v["run"]["started"] = json!("yesterday"),
            "is no valid keyspill report",
        ),
        (
            |v| v["surface"][0]["reached"] = json!({}),
            "missing field `status`",
        ),
    ] {
        let said = complaint(change);
        assert!(said.starts_with("old/report.json: "), "{said}");
        assert!(said.contains(expected), "{said}");
    }
    let said = parse("x.json", b"{\"schema\":").unwrap_err().to_string();
    assert!(said.starts_with("x.json: is not JSON (EOF"), "{said}");
    let said = read(Path::new("no/such.json")).unwrap_err().to_string();
    assert!(said.starts_with("cannot read no/such.json: "), "{said}");
}

#[test]
fn a_secret_that_is_learnt_late_is_masked_everywhere() {
    let secret = "S3cret-of-the-db";
    let mut outcome = sample::full();
    outcome.arguments.push(secret.to_owned());
    outcome.problems[0].message = format!("broke at {secret}");
    outcome.planted[0].curl = Some(format!("curl '{secret}'"));
    outcome.flows[0].sink.field = secret.to_owned();
    outcome.surface[0].endpoint = sample::endpoint(Method::Get, &format!("/reset/{secret}"));
    outcome.findings.push(
        sample::Made {
            snippet: format!("uri={secret}"),
            exchanges: vec![keyspill::finding::ExchangeText {
                role: keyspill::finding::Role::Read,
                request: format!("GET /{secret} HTTP/1.1\n"),
                response: Some(format!("HTTP/1.1 200\n\n{secret}")),
            }],
            ..sample::stored()
        }
        .made(),
    );
    let mut report = ReportV2::from_result(&outcome);
    let has = |report: &ReportV2| {
        let bytes = render(Format::Json, report).unwrap();
        String::from_utf8(bytes).unwrap().contains(secret)
    };
    assert!(has(&report));
    let before = report.clone();
    let mut redactor = Redactor::default();
    redactor.learn("keys");
    report.mask(&redactor);
    assert_eq!(report, before);
    redactor.learn(secret);
    report.mask(&redactor);
    assert!(!has(&report));
    let visible = |finding: &FindingV1| finding.evidence.snippet.contains(sample::CANARY);
    assert!(report.findings.iter().any(visible));
}
