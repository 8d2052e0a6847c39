//! Applications in the various styles of Flask, each with a fault and repaired: the fault is found
//! and confirmed, and nothing else; the repaired one gives no findings.
//!
//! The applications are in `tests/apps/styles`. Their README says which packages each of them uses,
//! and their operations exercise what each rule is *not* (the negative examples under `probes/`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::app::{Scan, Served, app, line, root, words};

/// Scans `tests/apps/styles/MODULE.py` on a fresh database; one of its functions creates the
/// application.
fn scanned(module: &str, variant: &str, options: &[&str]) -> Scan {
    let app = app(&format!("styles/{module}:{variant}")).database();
    app.options(options).scan()
}

/// Returns rule and source of every finding above info. An input among the occurrences counts like
/// the first, and an unconfirmed finding is marked.
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

/// Checks that the vulnerable application gives exactly these findings, and the repaired one none.
#[track_caller]
fn check(module: &str, expected: &[&str]) {
    check_with(module, &[], expected);
}

#[track_caller]
fn check_with(module: &str, options: &[&str], expected: &[&str]) {
    let found = scanned(module, "vulnerable", options);
    assert_eq!(accusations(&found), expected, "{module}: {}", found.stdout);
    let found = scanned(module, "repaired", options);
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
            // It is echoed but never used.
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
fn malformed_keys_that_a_flask_jwt_extended_application_takes() {
    check(
        "pairing",
        &["input-validation/malformed-key-accepted | POST /doors json pairing_secret"],
    );
}

#[test]
fn malformed_keys_that_a_flask_restx_application_stores() {
    check(
        "hooks",
        &["input-validation/malformed-key-accepted | POST /api/subscriptions json signing_secret"],
    );
}

#[test]
fn a_key_that_a_worker_stores_later_and_one_of_a_form_that_no_canary_has() {
    check_with(
        "registry",
        &["--settle", "900ms"],
        &[
            "authentication/any-key-accepted | GET /stock header x-stock-key",
            "data-exposure/stored-canary | POST /shops form dealer_secret",
        ],
    );
}

/// Every document of every collection: collection, id, document.
type Snapshot = BTreeMap<String, BTreeMap<String, Value>>;

fn snapshot(served: &Served) -> Snapshot {
    let script = root().join("tests/apps/database/snapshot.py");
    let mut python = served.python();
    let output = python.args(["-I", "-B"]).arg(script).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Collections that a client's ordinary requests add to, and the one that such a request updates by
/// design: `POST /settings` has no id, and no word gives it away. The report lists it.
const CREATES: [&str; 4] = ["comments", "labels", "subscribers", "tickets"];
const UPDATES_BY_DESIGN: (&str, &str) = ("settings", "/settings");

#[test]
fn a_scan_adds_to_the_database_and_changes_and_removes_nothing() {
    let desk = app("database/desk");
    let server = desk.database().serve();
    let before = snapshot(&server);
    let found = server.scan(&[]);
    let after = snapshot(&server);

    for (collection, documents) in &before {
        for (id, document) in documents {
            let now = after.get(collection).and_then(|all| all.get(id));
            let at = format!("{collection} {id}");
            assert!(now.is_some(), "{at} was removed");
            if collection != UPDATES_BY_DESIGN.0 {
                assert_eq!(now, Some(document), "{at} was changed");
            }
        }
    }
    for (collection, documents) in &after {
        let known = before.get(collection).map_or(0, BTreeMap::len);
        let added = documents.len() - known;
        let creates = CREATES.contains(&collection.as_str());
        assert_eq!(added > 0, creates, "{added} new documents in {collection}");
    }
    let planted = found.report["planted"].as_array().unwrap();
    let listed = |row: &&Value| row["path"] == UPDATES_BY_DESIGN.1 && row["method"] == "POST";
    let row = planted
        .iter()
        .find(listed)
        .expect("what updates by design is listed");
    assert!(
        row["curl"]
            .as_str()
            .unwrap()
            .contains(row["canaries"][0]["canary"].as_str().unwrap())
    );
    assert_withheld(&found);

    // If it is allowed, the change is visible here.
    server.scan(&["--allow", "^POST /tickets/.*/edit$"]);
    let edited = snapshot(&server);
    assert_ne!(edited["tickets"], after["tickets"]);
    let changed = |id: &String| edited["tickets"][id] != before["tickets"][id];
    assert!(
        before["tickets"].keys().any(changed),
        "an edit changes a ticket"
    );
}

/// Checks that operations that delete or update are listed in the surface, with the reason why they
/// were not sent.
#[track_caller]
fn assert_withheld(found: &Scan) {
    let rows = found.rows().iter();
    let withheld: Vec<String> = rows
        .filter(|row| row["reached"]["why"].as_str().is_some())
        .map(|row| words(row, &["method", "path"]))
        .collect();
    for operation in [
        "DELETE /api/tickets/{id}",
        "GET /admin/purge-audit",
        "GET /admin/reset",
        "GET /tickets/{id}/remove",
        "PATCH /api/tickets/{id}",
        "POST /labels/clear",
        "POST /labels/merge/{id}",
        "POST /tickets/{id}/archive",
        "POST /tickets/{id}/delete",
        "POST /tickets/{id}/edit",
        "PUT /api/tickets/{id}",
    ] {
        assert!(
            withheld.iter().any(|row| row == operation),
            "{operation}: {withheld:#?}"
        );
    }
}
