//! Applications in the styles that Flask is written in, each with a fault and repaired: the fault
//! is found and confirmed, and nothing else; the repaired one is silent.
//!
//! The applications are `tests/apps/styles`; their README says which packages each of them uses,
//! and their operations exercise what RULES.md says each rule is *not*.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod harness;

use harness::{Scan, line, scan};
use keyspill_lab::{App, Lab};

/// Scans `tests/apps/styles/MODULE.py`, made by one of its functions, on a fresh database.
fn scanned(module: &str, variant: &str) -> Scan {
    let folder = harness::root().join("tests/apps/styles");
    let lab = Lab::open().unwrap();
    let python = lab.python(&folder.join("requirements.txt")).unwrap();
    let database = lab.database().unwrap();
    let app = App::new(format!("{module}:{variant}"))
        .folder(&folder)
        .env("MONGO_URI", database.uri_for(module));
    let server = python.serve(app).unwrap();
    scan(server.url(), &[])
}

/// Rule and source of every finding above info; an input among the occurrences counts like the
/// first. What is not confirmed says so.
fn accusations(found: &Scan) -> Vec<String> {
    let mut all = Vec::new();
    for finding in found.findings().iter().filter(|f| f["severity"] != "info") {
        let occurrences = finding["occurrences"].as_array().unwrap();
        let sources = occurrences.iter().map(|place| &place["source"]);
        for source in std::iter::once(&finding["source"]).chain(sources.filter(|s| !s.is_null())) {
            let mut one = finding.clone();
            one["source"] = source.clone();
            let line = line(&one);
            let parts: Vec<&str> = line.split(" | ").collect();
            let unsure = if parts[3] == "confirmed" {
                ""
            } else {
                parts[3]
            };
            all.push(
                format!("{} | {} {unsure}", parts[0], parts[1])
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    all.sort();
    all
}

/// The vulnerable application gives this and nothing else; the repaired one gives nothing.
#[track_caller]
fn check(module: &str, expected: &[&str]) {
    let found = scanned(module, "vulnerable");
    assert_eq!(accusations(&found), expected, "{module}: {}", found.stdout);
    let found = scanned(module, "repaired");
    assert_eq!(
        accusations(&found),
        [""; 0],
        "{module}, repaired: {}",
        found.stdout
    );
    assert_eq!(found.code, 0);
}

#[test]
fn a_key_in_the_query_of_a_plain_application() {
    check(
        "parcels",
        &[
            "authentication/key-in-query | GET /feed/manifests query merchant_secret",
            "authentication/key-in-query | GET /feed/returns query merchant_secret",
            // Echoed and never consumed.
            "data-exposure/canary-in-body | GET /widget query site_token",
        ],
    );
}

#[test]
fn a_key_in_the_query_of_a_flask_restx_application() {
    check(
        "stations",
        &["authentication/key-in-query | GET /api/observations/ query subscriber_token"],
    );
}

#[test]
fn any_key_in_the_header_of_a_flask_httpauth_application() {
    check(
        "fleet",
        &[
            "authentication/any-key-accepted | GET /api/vans header x-partner-key",
            "authentication/any-key-accepted | GET /api/vans/{id} header x-partner-key",
            "authentication/any-key-accepted | POST /api/trips header x-partner-key",
        ],
    );
}

#[test]
fn any_key_in_a_cookie_beside_flask_jwt_extended() {
    check(
        "firmware",
        &[
            "authentication/any-key-accepted | GET /devices/calibration cookie device_token",
            "authentication/any-key-accepted | GET /devices/latest cookie device_token",
        ],
    );
}

#[test]
fn values_that_break_a_flask_login_application() {
    check(
        "library",
        &[
            "input-validation/unhandled-input | GET /hours query day",
            "input-validation/unhandled-input | GET /new query since",
            "input-validation/unhandled-input | POST /join form birth_year",
        ],
    );
}

#[test]
fn values_that_break_a_plain_application_on_a_database() {
    check(
        "recipes",
        &[
            "input-validation/unhandled-input | GET /api/recipes/{id} path id",
            "input-validation/unhandled-input | POST /api/recipes json steps",
            "input-validation/unhandled-input | POST /api/recipes json title",
            "input-validation/unhandled-input | POST /api/recipes/{id}/comments path id",
        ],
    );
}

#[test]
#[ignore = "input-validation/malformed-key-accepted is not part of the catalogue yet"]
fn malformed_keys_that_a_flask_jwt_extended_application_takes() {
    check(
        "pairing",
        &["input-validation/malformed-key-accepted | POST /doors json pairing_secret"],
    );
}

#[test]
#[ignore = "input-validation/malformed-key-accepted is not part of the catalogue yet"]
fn malformed_keys_that_a_flask_restx_application_stores() {
    check(
        "hooks",
        &["input-validation/malformed-key-accepted | POST /api/subscriptions json signing_secret"],
    );
}
