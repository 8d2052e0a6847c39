//! What names reveal: a thing is found by the name that a list shows or that it was just given, and
//! an operation is recognised by its name if its answers reveal nothing.

use std::sync::LazyLock;

use serde_json::Value;

use crate::app::{Application, Scan, app, words};

/// Returns one of the applications, with or without its faults.
fn quiet(name: &str, faulty: bool) -> Application {
    let app = app(&format!("names/{name}")).faulty(faulty);
    app.in_order().seed(7).settle("0s")
}

/// Returns the scan of the repaired shelf, which is made once.
fn repaired_shelf() -> &'static Scan {
    static SCAN: LazyLock<Scan> = LazyLock::new(|| quiet("shelf", false).scan());
    SCAN.told()
}

/// Returns the findings of a rule, as `verdict METHOD path input`, then where each was seen.
fn found(scan: &Scan, rule: &str) -> Vec<String> {
    let findings = scan.findings().iter();
    findings
        .filter(|finding| finding["rule"] == rule)
        .map(|finding| {
            let source = words(&finding["source"], &["method", "path", "input"]);
            let sink = words(&finding["sink"], &["method", "path"]);
            format!("{} {source} {sink}", words(finding, &["verdict"]))
        })
        .collect()
}

#[test]
fn a_thing_is_read_back_under_the_name_that_it_was_just_given() {
    let seen = "confirmed POST /books/v1 secret GET /books/v1/{book_title}";
    let faulty = quiet("shelf", true).scan();
    for (scan, expected) in [(&faulty, &[seen][..]), (repaired_shelf(), &[])] {
        assert_eq!(found(scan, "data-exposure/stored-canary"), expected);
        // The list provides the first value for the placeholder.
        let asked = |line: &String| line.contains("GET /books/v1/atlas ");
        assert!(scan.log.iter().any(asked));
    }
}

#[test]
fn what_answers_that_it_is_not_there_was_not_reached() {
    let scan = repaired_shelf();
    let rows = scan.rows().iter();
    let not_there = |row: &&Value| {
        row["reached"]["status"]
            .as_u64()
            .is_none_or(|s| matches!(s, 404 | 405))
    };
    let (missing, there): (Vec<&Value>, Vec<&Value>) = rows.partition(not_there);
    let names = missing
        .iter()
        .map(|row| format!("{} {}", row["method"], row["path"]));
    let expected = [r#""POST" "/""#, r#""GET" "/books/v2/{book_title}""#];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    // An operation that exists but never accepted anything says why.
    let accepted = there.iter().filter(|row| row["reached"]["why"].is_null());
    let accepted = accepted.count();
    assert_eq!(scan.report["coverage"]["endpoints_reached"], accepted);
    assert!(
        scan.stdout.contains(&format!("({accepted} answered)")),
        "{}",
        scan.stdout
    );
}

#[test]
fn a_sign_up_that_leads_to_the_login_page_has_taken_its_password() {
    let taken = "confirmed POST /auth/register password POST /auth/register";
    for (faulty, expected) in [(true, &[taken][..]), (false, &[])] {
        let scan = quiet("club", faulty).scan();
        let found = found(&scan, "input-validation/malformed-key-accepted");
        assert_eq!(found, expected);
    }
}
