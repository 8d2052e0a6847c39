//! The report as text for people.

use keyspill::finding::{Problem, Severity, SinkPlace, Verdict};
use keyspill::http::Method;
use keyspill::report::json::JudgementV2;
use keyspill::report::{Layout, ReportV2, finding_text, text};
use keyspill::surface::Place;

use super::sample::{self, Made, layout, sink, source, stored};

#[test]
fn a_finding_is_one_line() {
    let mut outcome = sample::empty();
    outcome.findings = vec![stored().made()];
    let report = ReportV2::from_result(&outcome);
    let short = &report.findings[0].fingerprint[..8];
    let hint = Layout {
        hint: Some("evidence: keyspill show FINGERPRINT"),
        ..layout(140, false)
    };
    let expected = format!(
        "HIGH     {short} data-exposure/stored-canary  query key of POST /keys -> \
         body keys[].key of GET /keys/{{id}}  confirmed
evidence: keyspill show FINGERPRINT

1 finding: 1 high

coverage: 0 endpoints (0 answered), 0 of 0 inputs tested, 0 requests, 0 failed
"
    );
    assert_eq!(text(&report, hint), expected);
}

#[test]
fn sixty_findings_are_about_sixty_lines() {
    let mut outcome = sample::empty();
    outcome.findings = (0..60)
        .map(|number| {
            let path = format!("/keys{number}");
            Made {
                source: Some(source(Method::Post, &path, Place::Query, "key")),
                ..stored()
            }
            .made()
        })
        .collect();
    let text = text(&ReportV2::from_result(&outcome), layout(80, false));
    assert!(text.lines().count() < 70, "{text}");
}

#[test]
fn the_rule_is_never_cut_and_what_is_cut_says_so() {
    let report = sample::report();
    for width in [24, 60, 80, 100, 120] {
        let text = text(&report, layout(width, false));
        for finding in &report.findings {
            // Its category makes room for the way.
            let name = finding.rule.rsplit('/').next().unwrap();
            assert!(text.contains(name), "{width}: {text}");
        }
    }
    let narrow = text(&report, layout(80, false));
    let line = |rule: &str| narrow.lines().find(|line| line.contains(rule)).unwrap();
    let stored = line("stored-canary");
    assert!(
        stored.contains("query key of PO… -> body keys[].key…"),
        "{stored}"
    );
    assert!(stored.ends_with("  confirmed"), "{stored}");
    let merged = line("unhandled-input");
    assert!(merged.ends_with("confirmed, 3 places"), "{merged}");
}

#[test]
fn findings_of_one_group_stand_together_under_one_line() {
    let mut report = sample::report();
    for rule in [
        "authentication/any-key-accepted",
        "data-exposure/public-identifier",
    ] {
        let finding = report.findings.iter_mut().find(|f| f.rule == rule).unwrap();
        finding.group = Some("debugger".to_owned());
    }
    let text = text(&report, layout(120, false));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("debugger: 2 findings of one cause"));
    assert!(lines.next().unwrap().starts_with("  CRITICAL "), "{text}");
    assert!(lines.next().unwrap().starts_with("  INFO "), "{text}");
    assert!(lines.next().unwrap().starts_with("CRITICAL "), "{text}");
}

#[test]
fn details_tell_a_finding_from_rule_to_repair() {
    let mut outcome = sample::empty();
    outcome.findings = vec![
        Made {
            transform: Some("base64"),
            ..stored()
        }
        .made(),
    ];
    let report = ReportV2::from_result(&outcome);
    let layout = Layout {
        details: true,
        ..layout(100, false)
    };
    let short = &report.findings[0].fingerprint[..8];
    let expected = format!(
        "HIGH data-exposure/stored-canary confirmed {short}
    Fault of data-exposure/stored-canary
    query key of POST /keys -> body keys[].key of GET /keys/{{id}}
    seen as: base64
    | …{{\"key\": \"{canary}\", \"n\": 1}}…
    curl -s -i -X POST 'http://localhost:5000/keys?key={canary}'
    curl -s -i 'http://localhost:5000/keys/1'
    fix: Keep a keyed hash (`hmac.new(…)`) instead of the key.

1 finding: 1 high

coverage: 0 endpoints (0 answered), 0 of 0 inputs tested, 0 requests, 0 failed
",
        canary = sample::CANARY
    );
    assert_eq!(text(&report, layout), expected);
    let one = finding_text(&report.findings[0], 100, false);
    for part in [
        "why: Whoever",
        "fix: Keep",
        "CWE-312",
        "API3:2023",
        "ASVS v4.0.3-8.3.1",
        "help: http",
    ] {
        assert!(one.contains(part), "{one}");
    }
    assert!(one.contains(&report.findings[0].fingerprint), "{one}");
}

#[test]
fn findings_stand_worst_first_and_are_counted() {
    let text = text(&sample::report(), layout(140, false));
    let order: Vec<&str> = text
        .lines()
        .filter(|line| line.contains('/') && line.starts_with(char::is_uppercase))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        order,
        ["CRITICAL", "CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"]
    );
    assert!(
        text.contains("6 findings: 2 critical, 1 high, 1 medium, 1 low, 1 info (1 undetermined)\n")
    );
    assert!(text.contains("problem: multipart file not tested (untested-input)\n"));
    assert!(text.contains(
        "coverage: 5 endpoints (4 answered), 6 of 7 inputs tested, 120 requests, 2 failed\n"
    ));
}

#[test]
fn the_most_telling_flows_say_why_they_are_no_findings() {
    let mut report = sample::report();
    let weak = report
        .flows
        .iter_mut()
        .find(|flow| flow.source.path == "/search")
        .unwrap();
    weak.why_not = Some(JudgementV2 {
        decided: "three words among other records' values".to_owned(),
        ..JudgementV2::default()
    });
    let text = text(&report, layout(100, false));
    let at = text.find("flows that are no findings:\n").unwrap();
    let told: Vec<&str> = text[at..].lines().skip(1).take(4).collect();
    assert_eq!(
        told,
        [
            "  query q of GET /search -> body results[].text of GET /search",
            "    not a credential: three words among other records' values; --credential-name '^q$' makes it one",
            "  query q of GET /a -> session of GET /a",
            "    not a credential: its name is no credential's; --credential-name '^q$' makes it one",
        ]
    );
}

#[test]
fn what_is_less_sure_than_was_asked_for_is_counted_and_not_shown() {
    let mut report = sample::report();
    report.set_min_verdict(Verdict::Confirmed);
    let text = text(&report, layout(140, false));
    assert!(!text.contains("undetermined"), "{text}");
    assert!(text.contains("4 findings: 1 critical"), "{text}");
    assert!(
        text.contains("2 below confirmed not shown (--min-verdict)"),
        "{text}"
    );
    assert_eq!(report.findings.len(), 6);
}

#[test]
fn a_scan_that_stopped_early_says_so() {
    let mut outcome = sample::empty();
    let says = |outcome: &_| {
        text(&ReportV2::from_result(outcome), layout(80, false)).contains("is not complete")
    };
    assert!(!says(&outcome));
    outcome.complete = false;
    assert!(says(&outcome));
}

#[test]
fn no_line_is_wider_than_the_terminal_but_for_the_rule_and_what_is_for_copying() {
    for width in [24, 40, 60, 80, 200] {
        let told = text(&sample::report(), layout(width, false));
        // Severity, fingerprint and the longest rule.
        let least = width.max(8 + 1 + 8 + 1 + "input-validation/malformed-key-accepted".len());
        for line in told.lines() {
            assert!(line.chars().count() <= least, "{width}: {line:?}");
        }
        let details = Layout {
            details: true,
            ..layout(width, false)
        };
        for line in text(&sample::report(), details)
            .lines()
            .filter(|line| !line.trim_start().starts_with("curl "))
        {
            assert!(line.chars().count() <= width, "{width}: {line:?}");
        }
    }
    // Too narrow to honour, but no reason to fail.
    assert!(text(&sample::report(), layout(0, true)).contains("CRITICAL"));
}

#[test]
fn colour_is_there_only_when_asked_for() {
    assert!(!text(&sample::report(), layout(80, false)).contains('\x1b'));
    assert!(text(&sample::report(), layout(80, true)).contains("\x1b[1;31mHIGH"));
}

#[test]
fn hostile_text_is_inert() {
    let hostile = "x\x1b[2J\r\n\u{202e}\u{9b}0m";
    let mut outcome = sample::full();
    outcome.problems = vec![Problem::new("odd", hostile)];
    outcome.findings = vec![
        Made {
            severity: Severity::High,
            verdict: Verdict::Likely,
            source: Some(source(
                Method::Get,
                &format!("/{hostile}"),
                Place::Json,
                hostile,
            )),
            sink: sink(
                Method::Get,
                "/",
                SinkPlace::Cookie(hostile.to_owned()),
                hostile,
            ),
            snippet: hostile.to_owned(),
            ..stored()
        }
        .made(),
    ];
    let details = Layout {
        details: true,
        ..layout(200, false)
    };
    let inert = |text: &str| {
        assert!(
            text.chars()
                .all(|c| c == '\n' || !keyspill::sanitise::is_hostile(c)),
            "{text}"
        );
    };
    inert(&text(&ReportV2::from_result(&outcome), layout(200, false)));
    let text = text(&ReportV2::from_result(&outcome), details);
    assert!(text.contains("| x\\x1b[2J\\r\\n\\u{202e}\\x9b0m"), "{text}");
    inert(&text);
}
