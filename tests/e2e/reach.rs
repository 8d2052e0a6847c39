//! Operations that only prose mentions, and records that a create names in its own way, are found:
//! by the real binary on a real Flask application and its repaired twin.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::{Scan, app, words};
use crate::place::Place;

fn scan(faulty: bool) -> Scan {
    let scan = app("surface/prose")
        .faulty(faulty)
        .seed(7)
        .settle("0s")
        .scan();
    assert!(matches!(scan.code, 0 | 1), "{}", scan.stderr);
    scan
}

/// Returns the findings above info as `rule | METHOD path input | METHOD path | verdict`.
fn findings(scan: &Scan) -> BTreeSet<String> {
    let findings = scan.findings().iter();
    findings
        .filter(|finding| finding["severity"] != "info")
        .map(|finding| {
            let source = words(&finding["source"], &["method", "path", "input"]);
            let sink = words(&finding["sink"], &["method", "path"]);
            let end = words(finding, &["verdict"]);
            format!("{} | {source} | {sink} | {end}", words(finding, &["rule"]))
        })
        .collect()
}

/// Returns `METHOD path` for every operation.
fn operations(rows: &Value) -> BTreeSet<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| words(row, &["method", "path"])).collect()
}

#[test]
fn a_manual_in_prose_tells_operations_with_their_inputs_and_only_those_that_are_there() {
    let (place, server) = (Place::new(), app("surface/prose").serve());
    let ran = place.run(&["crawl", server.url(), "--rate", "1000", "--format", "json"]);
    ran.printed(0, &[]);
    let survey: Value = serde_json::from_str(&ran.out).unwrap();
    let found = operations(&survey["endpoints"]);
    for expected in [
        "POST /claims",
        "POST /lockers/{number}/visits",
        "GET /lockers/{id}",
        "POST /parcels",
        "POST /vaults/{name}/items",
        "GET /vaults/{name}/items/{number}",
    ] {
        assert!(found.contains(expected), "{expected} in {found:#?}");
    }
    for phantom in [
        "PATCH /lockers/{number}",
        "PATCH /lockers/{id}",
        "POST /else",
        "GET /guarded/orders/export",
        "GET /guarded/orders/search",
    ] {
        assert!(!found.contains(phantom), "{phantom} in {found:#?}");
    }
    let inputs = |operation: &str| -> Vec<String> {
        let mut rows = survey["endpoints"].as_array().unwrap().iter();
        let row = rows.find(|row| words(row, &["method", "path"]) == operation);
        let inputs = row.unwrap()["inputs"].as_array().unwrap().iter();
        inputs
            .map(|input| words(input, &["place", "name"]))
            .collect()
    };
    assert_eq!(
        inputs("POST /parcels"),
        ["header x-sender", "json sender", "json unlock_secret"]
    );
    assert_eq!(
        inputs("POST /vaults/{name}/items"),
        ["path name", "json label", "json unlock_key"]
    );
    assert_eq!(inputs("POST /claims"), ["json text", "json reply_token"]);
    assert_eq!(inputs("GET /kiosk"), ["header x-kiosk-token"]);
}

#[test]
fn what_was_stored_is_found_whatever_the_create_calls_it_and_on_whichever_page_it_stands() {
    let found = findings(&scan(true));
    for expected in [
        "data-exposure/stored-canary | POST /parcels unlock_secret | GET /parcels/{id} | confirmed",
        "data-exposure/stored-canary | POST /vaults/{name}/items unlock_key | GET /vaults/{name}/items/{number} | confirmed",
        "data-exposure/stored-canary | POST /claims reply_token | GET /claims/{id} | confirmed",
        "data-exposure/stored-canary | POST /visitors door_password | GET /visitors | confirmed",
        "data-exposure/canary-in-body | GET /kiosk x-kiosk-token | GET /kiosk | confirmed",
    ] {
        assert!(found.contains(expected), "{expected} in {found:#?}");
    }
    let doubtful: Vec<_> = found
        .iter()
        .filter(|line| line.ends_with("undetermined"))
        .collect();
    assert!(doubtful.is_empty(), "{doubtful:#?}");

    let repaired = findings(&scan(false));
    assert!(repaired.is_empty(), "{repaired:#?}");
}
