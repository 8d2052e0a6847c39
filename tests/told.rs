//! What hand-written errors tell of inputs: scans of a real application whose checks speak in sentences.

#![allow(clippy::unwrap_used)]

mod harness;

use std::path::Path;

use harness::{Scan, scan};
use keyspill_lab::{App, Lab, Server};

fn serve(repaired: bool) -> Server {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps/surface");
    let python = Lab::open()
        .unwrap()
        .python(&folder.join("requirements.txt"))
        .unwrap();
    let app = App::new("terse:app").folder(&folder);
    let app = app.env("REPAIRED", if repaired { "1" } else { "0" });
    python.serve(app).unwrap()
}

fn told(repaired: bool) -> (Scan, Vec<String>) {
    let server = serve(repaired);
    let scan = scan(server.url(), &["--seed", "7"]);
    (scan, server.log())
}

/// The inputs of an operation, as `place name`.
fn inputs(scan: &Scan, path: &str) -> Vec<String> {
    let rows = scan.report["surface"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["method"] == "POST" && row["path"] == path)
        .unwrap_or_else(|| panic!("no POST {path}"));
    let inputs = row["inputs"].as_array().unwrap().iter();
    let words = |word: &serde_json::Value| word.as_str().unwrap_or_default().to_owned();
    inputs
        .map(|input| format!("{} {}", words(&input["place"]), words(&input["name"])))
        .collect()
}

/// The input whose canary came back from what was stored, for each path.
fn stored(scan: &Scan) -> Vec<String> {
    let stored = scan.findings().iter().filter(|finding| {
        finding["rule"] == "data-exposure/stored-canary" && finding["verdict"] == "confirmed"
    });
    let mut lines: Vec<String> = stored
        .map(|finding| {
            let source = &finding["source"];
            let word = |name: &str| source[name].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", word("path"), word("place"), word("input"))
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn a_key_that_is_refused_as_absent_while_it_is_short_is_found_in_its_place() {
    let (found, log) = told(false);
    assert_eq!(inputs(&found, "/seals"), ["json seal_token"]);
    let stored = stored(&found);
    assert!(
        stored.contains(&"/seals json seal_token".to_owned()),
        "{stored:#?} {} {log:#?}",
        found.stdout
    );
    let refused = log
        .iter()
        .filter(|line| line.contains("POST /seals") && line.contains(" 400 "));
    assert!(refused.count() < 20, "{log:#?}");
}

#[test]
fn names_in_hand_written_sentences_are_planted_and_prose_names_nothing() {
    let (found, _) = told(false);
    let stored = stored(&found);
    for expected in [
        "/anchors json password",
        "/lanterns json wick_key",
        "/oars json passkey",
        "/ropes json secret",
        "/sails json sailToken",
    ] {
        assert!(
            stored.contains(&expected.to_owned()),
            "{expected}: {stored:#?}"
        );
    }
    for page in ["/ferry", "/tide", "/harbour", "/quay", "/toll"] {
        assert_eq!(inputs(&found, page), [""; 0], "{page}");
    }
}

#[test]
fn the_repaired_application_shows_no_key() {
    let (found, _) = told(true);
    assert_eq!(stored(&found), [""; 0]);
}
