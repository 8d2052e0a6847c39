//! One slow operation and one limited one delay nobody, odd spellings get past nobody, and what a page
//! says of another name of its host is asked for where the application is.

#![allow(clippy::unwrap_used)]

mod harness;

use harness::{Scan, root, scan};
use keyspill_lab::{App, Lab, Server};
use serde_json::Value;

fn serve(faulty: bool) -> Server {
    let folder = root().join("tests/apps/pace");
    let lab = Lab::open().unwrap();
    let python = lab.python(&folder.join("requirements.txt")).unwrap();
    let app = App::new("desk:app").folder(&folder);
    python
        .serve(app.env("FAULTY", if faulty { "1" } else { "0" }))
        .unwrap()
}

fn problem<'a>(scan: &'a Scan, code: &str) -> Option<&'a str> {
    let problems = scan.report["problems"].as_array().unwrap().iter();
    let mut found = problems.filter(|problem| problem["code"] == code);
    found.next().and_then(|problem| problem["message"].as_str())
}

/// The inputs whose canary came back in an answer, as `METHOD path input`.
fn seen(scan: &Scan) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = scan.report["findings"].as_array().unwrap().iter();
    let mut seen: Vec<String> = findings
        .filter(|finding| finding["rule"] == "data-exposure/canary-in-body")
        .map(|finding| {
            let source = &finding["source"];
            [&source["method"], &source["path"], &source["input"]]
                .map(text)
                .join(" ")
        })
        .collect();
    seen.sort();
    seen
}

#[test]
fn slow_limited_and_dangerous_operations_are_named_and_the_rest_is_scanned() {
    for faulty in [true, false] {
        let server = serve(faulty);
        let quick = ["--timeout", "1s", "--settle", "0s", "--seed", "7"];
        let scan = scan(server.url(), &quick);
        assert!(scan.code <= 1, "{}", scan.stderr);
        let expected: &[&str] = if faulty {
            &[
                "GET /memo api_key",
                "GET /notes api_key",
                "POST /visitors secret",
            ]
        } else {
            &[]
        };
        assert_eq!(seen(&scan), expected);

        let silent = problem(&scan, "route-silent").unwrap();
        assert!(
            silent.starts_with("GET /report: no answer within 1s"),
            "{silent}"
        );
        let limited = problem(&scan, "route-limited").unwrap();
        assert!(
            limited.contains("GET /office") && limited.contains("86400"),
            "{limited}"
        );
        // What was found to be the application's own leads nowhere else; a foreign page is no problem.
        assert_eq!(problem(&scan, "links-outside"), None);
        let log = server.log().join("\n");
        for wrong in ["de%6cete", "delete", "lo%67out", "logout"] {
            assert!(!log.contains(&format!("/{wrong}")), "{log}");
        }
        assert!(log.matches("GET /office").count() <= 4, "{log}");
        assert!(log.matches("GET /report").count() <= 4, "{log}");
    }
}

#[test]
fn a_short_budget_keeps_a_part_for_proving() {
    let server = serve(true);
    let few = [
        "--timeout",
        "1s",
        "--settle",
        "0s",
        "--max-requests",
        "120",
        "--exclude",
        "report",
        "--no-hidden-inputs",
    ];
    let scan = scan(server.url(), &few);
    assert_eq!(scan.code, 4, "{}", scan.stderr);
    assert!(scan.report["coverage"]["requests"].as_u64().unwrap() <= 120);
    let findings = scan.report["findings"].as_array().unwrap().iter();
    let mut sure = findings.filter(|finding| finding["verdict"] == "confirmed");
    assert!(sure.any(|finding| finding["rule"] == "data-exposure/canary-in-body"));
    assert!(problem(&scan, "budget").is_some());
}
