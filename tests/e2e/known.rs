//! Applications with a list of their faults beside them, one per line. All faults are found, and
//! the same application without them is accused of none. `zoo` has the styles of five frameworks
//! and odd corners of many applications; `harbor` is a portal that grew over years.

use std::collections::BTreeSet;

use keyspill::surface::Template;
use serde_json::Value;

use crate::app::{Scan, app, root, words};

/// Faults that no scan finds yet.
const OPEN: &[&str] = &[
    "guarded 03",
    "corners 08",
    "corners 16",
    "harbor A13",
    "harbor A18",
];

/// These applications are not about the form of a key: most take any, repaired or not.
const NOT_MEANT: &str = "input-validation/malformed-key-accepted";

/// Returns `rule | METHOD path place input | METHOD path place`, regardless of the names of
/// placeholders.
fn key(rule: &Value, source: &Value, sink: &Value) -> String {
    let place = |of: &Value, last: &str| {
        let path = of["path"].as_str().unwrap_or_default();
        let path = Template::new(path).anonymous();
        format!(
            "{} {path} {}",
            words(of, &["method"]),
            words(of, &["place", last])
        )
    };
    let (source, sink) = (place(source, "input"), place(sink, ""));
    format!("{} | {source} | {sink}", rule.as_str().unwrap())
}

/// Returns everything that a scan claims; every place counts like the first.
fn claims(scan: &Scan) -> BTreeSet<String> {
    let sure = scan
        .findings()
        .iter()
        .filter(|finding| finding["severity"] != "info" && finding["verdict"] != "undetermined");
    sure.flat_map(|finding| {
        let places = |name: &str| {
            let others = finding["occurrences"].as_array().unwrap().iter();
            let others = others
                .map(|other| &other[name])
                .filter(|one| !one.is_null());
            std::iter::once(&finding[name])
                .chain(others)
                .cloned()
                .collect::<Vec<_>>()
        };
        let (sources, sinks) = (places("source"), places("sink"));
        let rule = finding["rule"].clone();
        let pairs = sources.into_iter().flat_map(move |source| {
            let pair = |sink: &Value| key(&rule, &source, sink);
            sinks.iter().map(pair).collect::<Vec<_>>()
        });
        pairs.collect::<Vec<_>>()
    })
    .collect()
}

#[track_caller]
fn check(name: &str) {
    let (_, module) = name.split_once('/').unwrap();
    let file = root().join(format!("tests/apps/{name}.json"));
    let known: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let app = app(name).database().seed(7);

    let found = app.clone().faulty(true).scan();
    let claimed = claims(&found);
    let faults = known["faults"].as_array().unwrap().iter();
    let missed: Vec<String> = faults
        .map(|fault| {
            let id = words(fault, &["id"]);
            (
                format!("{module} {id}"),
                key(&fault["rule"], &fault["source"], &fault["sink"]),
            )
        })
        .filter(|(id, fault)| !claimed.contains(fault) && !OPEN.contains(&id.as_str()))
        .map(|(id, fault)| format!("{id}: {fault}"))
        .collect();
    assert!(missed.is_empty(), "{missed:#?} are not among {claimed:#?}");

    let found = app.faulty(false).scan();
    let mut claimed = claims(&found);
    claimed.retain(|claim| !claim.starts_with(NOT_MEANT));
    assert_eq!(claimed, BTreeSet::new());
}

#[test]
fn flask_httpauth() {
    check("zoo/guarded");
}

#[test]
fn flask_login_and_flask_wtf() {
    check("zoo/members");
}

#[test]
fn eve_like_resources() {
    check("zoo/resources");
}

#[test]
fn flask_jwt_extended() {
    check("zoo/tokens");
}

#[test]
fn flask_restx() {
    check("zoo/vault");
}

#[test]
fn corners_of_many_applications() {
    check("zoo/corners");
}

#[test]
fn a_portal_as_it_grew_over_years() {
    check("harbor/harbor");
}
