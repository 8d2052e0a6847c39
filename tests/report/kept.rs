//! Reports of an earlier version are read, compared and rendered (`kept/README.md`).

use std::path::{Path, PathBuf};

use keyspill::report::baseline::{apply, compare};
use keyspill::report::json::{BaselineV1, read};
use keyspill::report::{ReportV2, render};
use keyspill::settings::Format;
use serde_json::Value;

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/report/kept")
        .join(name)
}

fn report() -> ReportV2 {
    read(&kept("report-221b7f3.json")).unwrap()
}

#[test]
fn a_kept_report_is_read_whole() {
    let report = report();
    assert_eq!(report.schema, "keyspill-report/2");
    assert_eq!(report.findings.len(), 60);
    assert!(report.rules.is_empty(), "version 1 does not say");
    let written: Value =
        serde_json::from_slice(&std::fs::read(kept("report-221b7f3.json")).unwrap()).unwrap();
    let canaries: usize = report.planted.iter().map(|one| one.canaries.len()).sum();
    assert_eq!(canaries, written["planted"].as_array().unwrap().len());
    assert!(report.planted.len() < canaries, "one curl line a request");
    for (finding, old) in report
        .findings
        .iter()
        .zip(written["findings"].as_array().unwrap())
    {
        assert_eq!(old["fingerprint"], finding.fingerprint.as_str());
    }
}

#[test]
fn a_kept_report_differs_in_nothing_from_itself_in_either_version() {
    let old = report();
    let bytes = render(Format::Json, &old).unwrap();
    let again = keyspill::report::json::parse("again.json", &bytes).unwrap();
    assert_eq!(again, old);
    let diff = compare(&old, &again);
    assert_eq!(diff.unchanged.len(), old.findings.len());
    assert!(diff.new.is_empty() && diff.fixed.is_empty() && diff.gone.is_empty());
    assert!(diff.not_reached.is_empty());
}

#[test]
fn a_kept_baseline_knows_what_it_knew() {
    let baseline = read(&kept("baseline-221b7f3.json")).unwrap();
    let mut report = report();
    apply(&baseline, &mut report);
    let known = report
        .findings
        .iter()
        .filter(|finding| finding.baseline == Some(BaselineV1::Unchanged))
        .count();
    assert_eq!(known, baseline.findings.len());
}

#[test]
fn a_kept_report_is_rendered_in_every_format() {
    let report = report();
    let sarif: Value = serde_json::from_slice(&render(Format::Sarif, &report).unwrap()).unwrap();
    assert!(!sarif["runs"][0]["results"].as_array().unwrap().is_empty());
    let text = keyspill::report::text(&report, super::sample::layout(100, false));
    let lines = text.lines().count();
    assert!(lines < report.findings.len() + 40, "{lines} lines: {text}");
    for finding in &report.findings {
        assert!(text.contains(&finding.fingerprint[..8]), "{text}");
    }
}
