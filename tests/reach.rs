//! What only prose tells of, and what a create names in its own way, is found: by the real binary on a real
//! Flask application and its repaired twin.

// A helper that fails is a test that fails; clippy spares only the tests themselves.
#![allow(clippy::unwrap_used)]

// It is needed in part.
#[allow(dead_code)]
mod cli_harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cli_harness::Place;
use keyspill_lab::{App, Lab, Server};
use serde_json::Value;

fn serve(repaired: bool) -> Server {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps/surface");
    let lab = Lab::open().unwrap();
    let python = lab.python(&folder.join("requirements.txt")).unwrap();
    let app = App::new("prose:app").folder(&folder);
    let app = if repaired {
        app.env("REPAIRED", "1")
    } else {
        app
    };
    python.serve(app).unwrap()
}

fn scan(server: &Server) -> Value {
    let place = Place::new();
    let output = place.path("out");
    let fixed = [
        "scan",
        server.url(),
        "--rate",
        "1000",
        "--seed",
        "7",
        "--settle",
        "0s",
    ];
    let to = ["--format", "json", "--output", output.to_str().unwrap()];
    let ran = place.run(&[&fixed[..], &to].concat());
    assert!(matches!(ran.code, 0 | 1), "{}", ran.err);
    serde_json::from_str(&fs::read_to_string(output.join("report.json")).unwrap()).unwrap()
}

/// `rule | METHOD path input | METHOD path | verdict` of the findings above info.
fn findings(report: &Value) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["severity"] != "info")
        .map(|finding| {
            let (source, sink) = (&finding["source"], &finding["sink"]);
            format!(
                "{} | {} {} {} | {} {} | {}",
                text(&finding["rule"]),
                text(&source["method"]),
                text(&source["path"]),
                text(&source["input"]),
                text(&sink["method"]),
                text(&sink["path"]),
                text(&finding["verdict"])
            )
        })
        .collect()
}

/// `METHOD path` of every operation.
fn operations(rows: &Value) -> BTreeSet<String> {
    let row = |row: &Value| {
        [&row["method"], &row["path"]]
            .map(|v| v.as_str().unwrap())
            .join(" ")
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_manual_in_prose_tells_operations_with_their_inputs_and_only_those_that_are_there() {
    let (place, server) = (Place::new(), serve(false));
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
        let rows = survey["endpoints"].as_array().unwrap();
        let row = rows.iter().find(|row| {
            format!(
                "{} {}",
                row["method"].as_str().unwrap(),
                row["path"].as_str().unwrap()
            ) == operation
        });
        let inputs = row.unwrap()["inputs"].as_array().unwrap().iter();
        let name = |input: &Value| {
            [&input["place"], &input["name"]]
                .map(|v| v.as_str().unwrap())
                .join(" ")
        };
        inputs.map(name).collect()
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
    let report = scan(&serve(false));
    let found = findings(&report);
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

    let repaired = findings(&scan(&serve(true)));
    assert!(repaired.is_empty(), "{repaired:#?}");
}
