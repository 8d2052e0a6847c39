//! What hand-written errors reveal about inputs: scans of a real application whose checks answer in
//! sentences.

use std::sync::LazyLock;

use crate::app::{Scan, app, words};

/// Returns the scan of the application with its faults, which is made once.
fn faulty() -> &'static Scan {
    // How it refuses an operator is irrelevant to finding out what an operation takes.
    const EXPLORING: [&str; 2] = ["--exclude-rule", "input-validation/operator-injection"];
    static SCAN: LazyLock<Scan> =
        LazyLock::new(|| app("surface/terse").seed(7).options(&EXPLORING).scan());
    SCAN.told()
}

/// Returns the inputs of an operation, as `place name`.
fn inputs(scan: &Scan, path: &str) -> Vec<String> {
    let inputs = scan.row("POST", path)["inputs"].as_array().unwrap().iter();
    let inputs = inputs.map(|input| words(input, &["place", "name"]));
    inputs.collect()
}

/// Returns for each path the input whose canary came back from storage.
fn stored(scan: &Scan) -> Vec<String> {
    let stored = scan.findings().iter().filter(|finding| {
        finding["rule"] == "data-exposure/stored-canary" && finding["verdict"] == "confirmed"
    });
    let mut lines: Vec<String> = stored
        .map(|finding| words(&finding["source"], &["path", "place", "input"]))
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn a_key_that_is_refused_as_absent_while_it_is_short_is_found_in_its_place() {
    let found = faulty();
    let log = &found.log;
    assert_eq!(inputs(found, "/seals"), ["json seal_token"]);
    let stored = stored(found);
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
    let found = faulty();
    let stored = stored(found);
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
        assert_eq!(inputs(found, page), [""; 0], "{page}");
    }
}

#[test]
fn the_repaired_application_shows_no_key() {
    let found = app("surface/terse").faulty(false).seed(7).scan();
    assert_eq!(stored(&found), [""; 0]);
}
