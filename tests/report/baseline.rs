//! New, fixed, gone, unchanged, not reached.

use keyspill::finding::{Finding, Planted, Reached, ScanResult, Severity, SinkPlace, Verdict};
use keyspill::http::Method;
use keyspill::report::baseline::{apply, compare, fails};
use keyspill::report::json::{BaselineV1, FindingV1};
use keyspill::report::{Layout, ReportV2, diff_json, diff_text};
use keyspill::surface::Place;

use super::sample::{self, CANARY, Made, layout, sink, source, stored};

fn report(findings: Vec<Finding>, operations: &[&str]) -> ReportV2 {
    ReportV2::from_result(&ScanResult {
        findings,
        surface: sample::surface(operations),
        planted: planted(operations, Some(200)),
        ..sample::empty()
    })
}

/// The two inputs of the findings here, planted where their operation is known.
fn planted(operations: &[&str], status: Option<u16>) -> Vec<Planted> {
    if !operations.contains(&"POST /keys") {
        return Vec::new();
    }
    [(Place::Query, "key"), (Place::Json, "secret")]
        .into_iter()
        .map(|(place, input)| Planted {
            source: source(Method::Post, "/keys", place, input),
            canary: CANARY.to_owned(),
            slot: 1,
            shape: "token",
            at: sample::start(),
            status,
            curl: Some(format!("curl {place}")),
        })
        .collect()
}

/// What became of the one finding of an old report.
fn fate(old: &ReportV2, new: &ReportV2) -> &'static str {
    let diff = compare(old, new);
    let lists = [
        ("fixed", diff.fixed),
        ("gone", diff.gone),
        ("unchanged", diff.unchanged),
        ("not reached", diff.not_reached),
    ];
    let mut told = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let (fate, _) = told.next().unwrap();
    assert!(told.next().is_none());
    fate
}

#[test]
fn what_an_answer_says_of_an_absent_finding() {
    let old = report(vec![stored().made()], BOTH);
    let answered = |source, sink| {
        let mut surface = sample::surface(BOTH);
        surface[0].reached = Reached::Status(source);
        surface[1].reached = Reached::Status(sink);
        let new = ReportV2::from_result(&ScanResult {
            surface,
            planted: planted(BOTH, Some(source)),
            ..sample::empty()
        });
        fate(&old, &new)
    };
    assert_eq!(answered(200, 200), "fixed");
    assert_eq!(answered(302, 200), "fixed");
    // Refused.
    for status in [400, 401, 403, 422] {
        assert_eq!(answered(status, 200), "fixed", "{status}");
        assert_eq!(answered(200, status), "fixed", "{status}");
    }
    for status in [404, 410] {
        assert_eq!(answered(status, 200), "gone", "{status}");
        assert_eq!(answered(200, status), "gone", "{status}");
    }
    // A block, or nothing that the application said.
    for status in [429, 500, 502, 503, 405] {
        assert_eq!(answered(status, 200), "not reached", "{status}");
        assert_eq!(answered(404, status), "not reached", "{status}");
    }
}

#[test]
fn what_was_not_planted_again_is_not_fixed() {
    let old = report(vec![stored().made()], BOTH);
    let new = |planted, rules: &[&str]| {
        let mut new = ReportV2::from_result(&ScanResult {
            surface: sample::surface(BOTH),
            planted,
            ..sample::empty()
        });
        new.rules = rules.iter().map(|&rule| rule.to_owned()).collect();
        new
    };
    let all = || planted(BOTH, Some(200));
    assert_eq!(fate(&old, &new(all(), &[])), "fixed");
    assert_eq!(fate(&old, &new(Vec::new(), &[])), "not reached");
    // The operation answered, but not to this.
    assert_eq!(
        fate(&old, &new(planted(BOTH, Some(500)), &[])),
        "not reached"
    );
    // A rule that did not run says nothing.
    let rule = "data-exposure/stored-canary";
    assert_eq!(fate(&old, &new(all(), &[rule])), "fixed");
    assert_eq!(
        fate(&old, &new(all(), &["data-exposure/traceback"])),
        "not reached"
    );
}

#[test]
fn a_template_that_was_folded_since_is_the_same() {
    let read_from = |path: &str| {
        let finding = Made {
            sink: sink(Method::Get, path, SinkPlace::Body, "key"),
            ..stored()
        };
        report(
            vec![finding.made()],
            &["POST /keys", &format!("GET {path}")],
        )
    };
    let (literal, folded) = (read_from("/keys/1"), read_from("/keys/{id}"));
    let other = read_from("/keys/all");
    assert_ne!(
        literal.findings[0].fingerprint,
        folded.findings[0].fingerprint
    );
    for (old, new) in [(&literal, &folded), (&folded, &literal)] {
        assert_eq!(fate(old, new), "unchanged");
        // A report of version 1 does not know the second fingerprint.
        let mut first = old.clone();
        first.findings[0].fingerprints = None;
        assert_eq!(fate(&first, new), "unchanged");
        let mut marked = new.clone();
        apply(&first, &mut marked);
        assert_eq!(marked.findings[0].baseline, Some(BaselineV1::Unchanged));
        assert_eq!(compare(old, &other).new.len(), 1);
    }
    // It was not found again: the folded operation answered.
    let empty = report(vec![], &["POST /keys", "GET /keys/{id}"]);
    assert_eq!(fate(&literal, &empty), "fixed");
}

#[test]
fn another_class_at_the_same_place_is_another_finding() {
    let mut old = report(vec![stored().made()], BOTH);
    old.findings[0].fingerprints = None;
    old.findings[0].fingerprint = "of another class".to_owned();
    let new = report(vec![stored().made()], BOTH);
    let diff = compare(&old, &new);
    assert_eq!((diff.new.len(), diff.fixed.len()), (1, 1));
}

#[test]
fn parts_of_a_merged_finding_are_known_by_its_aliases() {
    let old = report(vec![stored().made(), other()], BOTH);
    let mut new = report(vec![stored().made()], BOTH);
    let alias = old
        .findings
        .iter()
        .map(|finding| finding.fingerprint.clone())
        .find(|name| *name != new.findings[0].fingerprint);
    new.findings[0].aliases.extend(alias);
    let diff = compare(&old, &new);
    assert_eq!(diff.unchanged.len(), 1);
    assert!(diff.new.is_empty() && diff.fixed.is_empty() && diff.not_reached.is_empty());
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
    let silent = ReportV2::from_result(&ScanResult {
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
    let text = diff_text(&diff, layout(80, false));
    let short = |findings: &[&FindingV1]| findings[0].fingerprint[..8].to_owned();
    let new_line = format!("new:\nHIGH     {} stored-canary", short(&diff.new));
    assert!(text.starts_with(&new_line), "{text}");
    let fixed = format!("\nfixed:\nHIGH     {} ", short(&diff.fixed));
    assert!(text.contains(&fixed), "{text}");
    let lost = format!(
        "\nnot reached again:\nCRITICAL {} ",
        short(&diff.not_reached)
    );
    assert!(text.contains(&lost), "{text}");
    let details = diff_text(
        &diff,
        Layout {
            details: true,
            ..layout(80, false)
        },
    );
    assert!(details.contains("    json secret of POST /keys -> body keys[].key of GET"));
    assert!(
        text.ends_with("\n1 new, 1 fixed, 0 gone, 0 unchanged, 1 not reached\n"),
        "{text}"
    );
    let json = diff_json(&diff, &old, &new).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["schema"], "keyspill-diff/1");
    assert_eq!(json["new"][0]["source"]["input"], "secret");
    assert_eq!(json["fixed"][0]["source"]["input"], "key");
    assert_eq!(json["unchanged"], serde_json::json!([]));
    assert_eq!(json["gone"], serde_json::json!([]));
    assert_eq!(json["not_reached"][0]["rule"], "data-exposure/config-dump");
    assert_eq!(json["runs"]["new"]["complete"], true);
}
