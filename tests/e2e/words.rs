//! Weak names, judged by evidence: an application where they are credentials and leak, one where
//! the same names hold ordinary data, and the plainest leak of the field with six ways of linking
//! to it.
//!
//! The expectations for each are beside the applications, in `tests/apps/words/expected.json`.

use std::collections::{BTreeMap, BTreeSet};

use keyspill::surface::Template;
use serde_json::Value;

use crate::app::{Scan, app, root};

/// Rules that compare answers; they may see the difference in any part.
const COMPARING: &[&str] = &[
    "authentication/key-in-query",
    "authentication/any-key-accepted",
    "input-validation/malformed-key-accepted",
];
/// Expectations that no scan meets yet, each with the reason.
const OPEN: &[&str] = &[
    // Only a text of digits gets in; canaries of digits are sent as numbers.
    "data-exposure/canary-digest | POST /api/safe json pin | POST /api/safe body",
];

/// Scans one of the applications on a fresh database.
fn scanned(name: &str, environment: &[(&str, &str)]) -> Scan {
    let app = app(&format!("words/{name}")).database().seed(7);
    let app = environment
        .iter()
        .fold(app, |app, (name, value)| app.env(name, *value));
    app.scan()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Formats `rule | METHOD path place input | METHOD path place`, without the parts that may vary.
fn line(rule: &str, source: [&str; 4], sink: [&str; 3]) -> String {
    let plain = |path: &str| Template::new(path).anonymous();
    let [method, path, place, input] = source;
    let planted = format!("{method} {} {place} {input}", plain(path));
    let planted = if input.is_empty() { "-" } else { &planted };
    if COMPARING.contains(&rule) {
        return format!("{rule} | {planted}");
    }
    let [method, path, place] = sink;
    format!("{rule} | {planted} | {method} {} {place}", plain(path))
}

/// Returns every finding above info with its verdict; occurrences count like the first place.
fn found(scan: &Scan) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for finding in scan.findings().iter().filter(|f| f["severity"] != "info") {
        let occurrences = finding["occurrences"].as_array().unwrap();
        for place in std::iter::once(finding).chain(occurrences) {
            let part = |name: &str| match &place[name] {
                Value::Null => finding[name].clone(),
                part => part.clone(),
            };
            let (source, sink) = (part("source"), part("sink"));
            let source =
                ["method", "path", "place", "input"].map(|key| text(&source[key]).to_owned());
            let sink = ["method", "path", "place"].map(|key| text(&sink[key]).to_owned());
            all.insert(
                line(
                    text(&finding["rule"]),
                    source.each_ref().map(String::as_str),
                    sink.each_ref().map(String::as_str),
                ),
                text(&finding["verdict"]).to_owned(),
            );
        }
    }
    all
}

fn expectations(part: &Value) -> Vec<(String, Vec<String>)> {
    let rows = part.as_array().unwrap().iter();
    rows.map(|row| {
        let source = ["method", "path", "place", "input"].map(|key| text(&row[key]));
        let sink = ["sink_method", "sink_path", "sink_place"].map(|key| text(&row[key]));
        let verdicts = match &row["verdict"] {
            Value::Array(several) => several.iter().map(|v| text(v).to_owned()).collect(),
            one => vec![text(one).to_owned()],
        };
        (line(text(&row["rule"]), source, sink), verdicts)
    })
    .collect()
}

fn expected(name: &str) -> Value {
    let file = std::fs::read_to_string(root().join("tests/apps/words/expected.json")).unwrap();
    let all: Value = serde_json::from_str(&file).unwrap();
    all[name].clone()
}

/// Checks that everything expected is there with its verdict, and nothing else except what is
/// allowed.
#[track_caller]
fn check(scan: &Scan, wanted: &Value, may: &Value) {
    let found = found(scan);
    let wanted = expectations(wanted);
    let missing: Vec<String> = wanted
        .iter()
        .filter(|(line, verdicts)| {
            found
                .get(line)
                .is_none_or(|verdict| !verdicts.contains(verdict))
        })
        .map(|(line, verdicts)| format!("{line}: {:?}, not {verdicts:?}", found.get(line)))
        .filter(|line| !OPEN.iter().any(|open| line.starts_with(open)))
        .collect();
    assert!(missing.is_empty(), "missing:\n{}", missing.join("\n"));
    let may = expectations(may);
    let known: BTreeSet<&String> = wanted.iter().chain(&may).map(|(line, _)| line).collect();
    let more: Vec<String> = found
        .iter()
        .filter(|(line, _)| !known.contains(line))
        .map(|(line, verdict)| format!("{line}: {verdict}"))
        .collect();
    assert!(more.is_empty(), "not expected:\n{}", more.join("\n"));
}

#[test]
fn the_plainest_leak_is_found_however_it_is_linked() {
    let (wanted, may) = (expected("lookup"), expected("lookup_may"));
    for link in ["demo", "abc", "placeholder", "hex", "empty", "none"] {
        let scan = scanned("lookup", &[("LINK", link)]);
        println!("linked as {link}");
        check(&scan, &wanted[link], &may);
        assert_eq!(scan.code, 1, "{link}: {}", scan.stdout);
    }
}

#[test]
fn a_key_is_found_though_more_keys_are_kept_between_its_plant_and_its_read() {
    let (wanted, may) = (expected("lookup"), expected("lookup_may"));
    let scan = scanned("lookup", &[("LINK", "hex"), ("SLOW", "0.2")]);
    check(&scan, &wanted["hex"], &may);
}

#[test]
fn weak_names_that_are_credentials_are_all_found() {
    let scan = scanned("credentials", &[]);
    check(
        &scan,
        &expected("credentials"),
        &expected("credentials_may"),
    );
}

#[test]
fn the_same_names_over_ordinary_data_say_nothing() {
    let scan = scanned("ordinary", &[]);
    check(&scan, &expected("ordinary"), &Value::Array(Vec::new()));
    assert_eq!(scan.code, 0);
}
