//! New, fixed, unchanged, not reached.

use keyspill::baseline::{apply, compare, fails};
use keyspill::finding::{Finding, Outcome, Reached, Severity, Verdict};
use keyspill::http::Method;
use keyspill::report::json::{BaselineV1, FindingV1};
use keyspill::report::{ReportV2, diff_json, diff_text};
use keyspill::surface::Place;

use crate::sample::{self, Made, source, stored};

fn report(findings: Vec<Finding>, operations: &[&str]) -> ReportV2 {
    ReportV2::from_outcome(&Outcome {
        findings,
        surface: sample::surface(operations),
        ..sample::empty()
    })
}

fn other() -> Finding {
    Made {
        source: Some(source(Method::Post, "/keys", Place::Json, "secret")),
        ..stored()
    }
    .made()
}

const BOTH: &[&str] = &["POST /keys", "GET /keys/{key_id}"];

fn inputs(findings: &[&FindingV1]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| finding.source.as_ref().unwrap().input.clone())
        .collect()
}

#[test]
fn findings_are_told_apart_by_fingerprint() {
    let old = report(vec![stored().made()], BOTH);
    let new = report(vec![stored().made(), other()], BOTH);
    let diff = compare(&old, &new);
    assert_eq!(inputs(&diff.new), ["secret"]);
    assert_eq!(inputs(&diff.unchanged), ["key"]);
    assert!(diff.fixed.is_empty() && diff.not_reached.is_empty());
}

#[test]
fn a_finding_is_fixed_only_where_both_operations_answered_again() {
    let old = report(vec![stored().made()], BOTH);
    // The placeholder's name may differ.
    let diff_of = |new: &ReportV2| {
        let diff = compare(&old, new);
        (diff.fixed.len(), diff.not_reached.len())
    };
    assert_eq!(diff_of(&report(vec![], BOTH)), (1, 0));
    assert_eq!(diff_of(&report(vec![], &["POST /keys"])), (0, 1));
    assert_eq!(diff_of(&report(vec![], &["GET /keys/{key_id}"])), (0, 1));
    assert_eq!(
        diff_of(&report(vec![], &["POST /keys", "HEAD /keys/{id}"])),
        (0, 1)
    );
    let mut never = sample::surface(BOTH);
    never[0].reached = Reached::Never("time-out".to_owned());
    let silent = ReportV2::from_outcome(&Outcome {
        surface: never,
        ..sample::empty()
    });
    assert_eq!(diff_of(&silent), (0, 1));
}

#[test]
fn a_run_that_stopped_early_fixes_nothing() {
    let old = report(vec![stored().made()], BOTH);
    let mut new = report(vec![], BOTH);
    new.run.complete = false;
    let diff = compare(&old, &new);
    assert_eq!((diff.fixed.len(), diff.not_reached.len()), (0, 1));
}

#[test]
fn a_finding_without_source_needs_its_sink_alone() {
    let finding = sample::static_finding(
        "data-exposure/config-dump",
        Severity::Critical,
        Verdict::Confirmed,
    );
    let old = report(vec![finding], BOTH);
    assert_eq!(
        compare(&old, &report(vec![], &["GET /config"])).fixed.len(),
        1
    );
    assert_eq!(compare(&old, &report(vec![], BOTH)).not_reached.len(), 1);
}

#[test]
fn a_baseline_marks_findings() {
    let old = report(vec![stored().made()], BOTH);
    let mut new = report(vec![stored().made(), other()], BOTH);
    apply(&old, &mut new);
    for finding in &new.findings {
        let known = finding.source.as_ref().unwrap().input == "key";
        let expected = if known {
            BaselineV1::Unchanged
        } else {
            BaselineV1::New
        };
        assert_eq!(finding.baseline, Some(expected));
    }
}

#[test]
fn only_what_is_sure_and_bad_enough_fails() {
    use Severity::{Critical, High, Info, Low};
    use Verdict::{Confirmed, Likely, Undetermined};
    let failing = |severity, verdict, threshold| {
        let finding = Made {
            severity,
            verdict,
            ..stored()
        };
        fails(&report(vec![finding.made()], BOTH), threshold, false)
    };
    assert!(failing(High, Confirmed, High));
    assert!(failing(Critical, Likely, High));
    assert!(failing(Low, Likely, Low));
    assert!(!failing(Low, Confirmed, High));
    assert!(!failing(Critical, Undetermined, Low));
    assert!(!failing(Info, Confirmed, Info));
    assert!(failing(Low, Confirmed, Info));
    assert!(!fails(&report(vec![], BOTH), Info, false));
}

#[test]
fn with_a_baseline_only_new_findings_fail() {
    let old = report(vec![stored().made()], BOTH);
    let mut same = old.clone();
    apply(&old, &mut same);
    assert!(fails(&same, Severity::High, false));
    assert!(!fails(&same, Severity::High, true));
    let mut more = report(vec![stored().made(), other()], BOTH);
    apply(&old, &mut more);
    assert!(fails(&more, Severity::High, true));
    assert!(compare(&old, &more).fails(Severity::High));
    assert!(!compare(&old, &more).fails(Severity::Critical));
    assert!(!compare(&old, &same).fails(Severity::Low));
}

#[test]
fn a_difference_is_told_in_text_and_json() {
    let config = sample::static_finding(
        "data-exposure/config-dump",
        Severity::Critical,
        Verdict::Confirmed,
    );
    let old = report(vec![stored().made(), config], BOTH);
    let new = report(vec![other()], BOTH);
    let diff = compare(&old, &new);
    let text = diff_text(&diff, look(80, false));
    assert!(text.starts_with("new:\n\nHIGH data-exposure/stored-canary confirmed\n"));
    assert!(text.contains("json secret of POST /keys -> body keys[].key of GET /keys/{id}\n"));
    assert!(text.contains("\nfixed:\n\nHIGH data-exposure/stored-canary confirmed\n"));
    assert!(text.contains("\nnot reached again:\n\nCRITICAL data-exposure/config-dump"));
    assert!(
        text.ends_with("\n1 new, 1 fixed, 0 unchanged, 1 not reached\n"),
        "{text}"
    );
    let json = diff_json(&diff, &old, &new).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["schema"], "keyspill-diff/1");
    assert_eq!(json["new"][0]["source"]["input"], "secret");
    assert_eq!(json["fixed"][0]["source"]["input"], "key");
    assert_eq!(json["unchanged"], serde_json::json!([]));
    assert_eq!(json["not_reached"][0]["rule"], "data-exposure/config-dump");
    assert_eq!(json["runs"]["new"]["complete"], true);
}
