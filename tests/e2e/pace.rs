//! One slow and one limited operation delay no others, odd spellings slip past no check, and links
//! to another name of the application's host are followed on the application itself.

use crate::app::{Scan, Served, app, words};

fn serve(faulty: bool) -> Served {
    let app = app("pace/desk").faulty(faulty).settle("0s");
    app.options(&["--timeout", "1s"]).serve()
}

/// Returns the inputs whose canary came back in an answer, as `METHOD path input`.
fn seen(scan: &Scan) -> Vec<String> {
    let findings = scan.findings().iter();
    let mut seen: Vec<String> = findings
        .filter(|finding| finding["rule"] == "data-exposure/canary-in-body")
        .map(|finding| words(&finding["source"], &["method", "path", "input"]))
        .collect();
    seen.sort();
    seen
}

#[test]
fn slow_limited_and_dangerous_operations_are_named_and_the_rest_is_scanned() {
    for faulty in [true, false] {
        let server = serve(faulty);
        let scan = server.scan(&["--seed", "7"]);
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

        let silent = scan.problem("route-silent").unwrap();
        assert!(
            silent.starts_with("GET /report: no answer within 1s"),
            "{silent}"
        );
        let limited = scan.problem("route-limited").unwrap();
        assert!(
            limited.contains("GET /office") && limited.contains("86400"),
            "{limited}"
        );
        // A name known to be the application's own does not lead outside, and a foreign page is not
        // a problem.
        assert_eq!(scan.problem("links-outside"), None);
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
    let few = ["--max-requests", "120", "--exclude", "report"];
    let scan = server.scan(&[&few[..], &["--no-hidden-inputs"]].concat());
    assert_eq!(scan.code, 4, "{}", scan.stderr);
    assert!(scan.report["coverage"]["requests"].as_u64().unwrap() <= 120);
    let findings = scan.findings().iter();
    let mut sure = findings.filter(|finding| finding["verdict"] == "confirmed");
    assert!(sure.any(|finding| finding["rule"] == "data-exposure/canary-in-body"));
    assert!(scan.problem("budget").is_some());
}
