//! The report as text for people.

use keyspill::finding::{Problem, Severity, SinkPlace, Verdict};
use keyspill::http::Method;
use keyspill::report::{ReportV2, text};
use keyspill::surface::Place;

use crate::sample::{self, Made, sink, source, stored};

#[test]
fn a_finding_is_told_from_rule_to_repair() {
    let mut outcome = sample::empty();
    outcome.findings = vec![
        Made {
            transform: Some("base64"),
            ..stored()
        }
        .made(),
    ];
    let text = text(&ReportV2::from_outcome(&outcome), look(100, false));
    let expected = format!(
        "HIGH data-exposure/stored-canary confirmed
    Fault of data-exposure/stored-canary
    query key of POST /keys -> body keys[].key of GET /keys/{{id}}
    seen as: base64
    | …{{\"key\": \"{canary}\", \"n\": 1}}…
    curl -s -i -X POST 'http://localhost:5000/keys?key={canary}'
    curl -s -i 'http://localhost:5000/keys/1'
    fix: Keep a keyed hash (`hmac.new(…)`) instead of the key.

1 finding: 1 high
0 flows of other inputs (see report.json)
coverage: 0 endpoints (0 answered), 0 of 0 inputs tested, 0 requests, 0 failed
",
        canary = sample::CANARY
    );
    assert_eq!(text, expected);
}

#[test]
fn findings_stand_worst_first_and_are_counted() {
    let text = text(&sample::report(), look(80, false));
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
    assert!(text.contains("2 flows of other inputs"));
    assert!(text.contains("and 2 further places"));
    assert!(text.contains("problem: multipart file not tested (untested-input)\n"));
    assert!(text.contains(
        "coverage: 5 endpoints (4 answered), 6 of 7 inputs tested, 120 requests, 2 failed\n"
    ));
}

#[test]
fn a_scan_that_stopped_early_says_so() {
    let mut outcome = sample::empty();
    let says =
        |outcome: &_| text(&ReportV2::from_outcome(outcome), look(80, false)).contains("stopped early");
    assert!(!says(&outcome));
    outcome.complete = false;
    assert!(says(&outcome));
}

#[test]
fn no_line_is_wider_than_the_terminal_but_curl_lines() {
    for width in [24, 40, 60, 80, 200] {
        let text = text(&sample::report(), look(width, false));
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("curl "))
        {
            assert!(line.chars().count() <= width, "{width}: {line:?}");
        }
        assert_eq!(
            text.lines().filter(|line| line.contains("curl -s")).count(),
            12
        );
    }
    // Too narrow to honour, but no reason to fail.
    assert!(text(&sample::report(), look(0, true)).contains("CRITICAL"));
}

#[test]
fn colour_is_there_only_when_asked_for() {
    assert!(!text(&sample::report(), look(80, false)).contains('\x1b'));
    assert!(text(&sample::report(), look(80, true)).contains("\x1b[1;31mHIGH"));
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
    let text = text(&ReportV2::from_outcome(&outcome), look(200, false));
    assert!(text.contains("| x\\x1b[2J\\r\\n\\u{202e}\\x9b0m"), "{text}");
    assert!(
        text.chars()
            .all(|c| c == '\n' || !keyspill::sanitise::is_hostile(c))
    );
}
