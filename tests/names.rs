//! What names tell: a thing is found under the name that a list shows or that it was just given, and an
//! operation is told by its name where its answers tell nothing.

#![allow(clippy::unwrap_used)]

mod harness;

use harness::{Scan, root, scan};
use keyspill_lab::{App, Lab, Server};
use serde_json::Value;

/// One of the applications, with or without its faults.
fn serve(app: &str, faulty: bool) -> Server {
    let folder = root().join("tests/apps/names");
    let lab = Lab::open().unwrap();
    let python = lab.python(&folder.join("requirements.txt")).unwrap();
    let app = App::new(format!("{app}:app")).folder(&folder);
    python
        .serve(app.env("FAULTY", if faulty { "1" } else { "0" }))
        .unwrap()
}

fn scan_quietly(server: &Server, arguments: &[&str]) -> Scan {
    let same = ["--concurrency", "1", "--seed", "7", "--settle", "0s"];
    scan(server.url(), &[&same[..], arguments].concat())
}

/// The findings of a rule, as `verdict METHOD path input`, then where each was seen.
fn found(scan: &Scan, rule: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = scan.report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["rule"] == rule)
        .map(|finding| {
            let (source, sink) = (&finding["source"], &finding["sink"]);
            let parts = [
                &finding["verdict"],
                &source["method"],
                &source["path"],
                &source["input"],
                &sink["method"],
                &sink["path"],
            ];
            parts.map(text).join(" ")
        })
        .collect()
}

#[test]
fn a_thing_is_read_back_under_the_name_that_it_was_just_given() {
    let seen = "confirmed POST /books/v1 secret GET /books/v1/{book_title}";
    for (faulty, expected) in [(true, &[seen][..]), (false, &[])] {
        let server = serve("shelf", faulty);
        let scan = scan_quietly(&server, &[]);
        assert_eq!(found(&scan, "data-exposure/stored-canary"), expected);
        // The list shows the first value for the placeholder.
        let asked = |line: &&String| line.contains("GET /books/v1/atlas ");
        assert!(server.log().iter().any(|line| asked(&line)));
    }
}

#[test]
fn what_answers_that_it_is_not_there_was_not_reached() {
    let server = serve("shelf", false);
    let scan = scan_quietly(&server, &[]);
    let rows = scan.report["surface"].as_array().unwrap().iter();
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
    // What is there but never accepted anything says why.
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
        let server = serve("club", faulty);
        let scan = scan_quietly(&server, &[]);
        let found = found(&scan, "input-validation/malformed-key-accepted");
        assert_eq!(found, expected);
    }
}
