//! Records in the shapes that Flask applications use besides plain JSON and tables: seen in the
//! faulty twins, absent in the repaired ones, and stored values found again in one place of each
//! shape.

use std::collections::BTreeSet;

use crate::app::{Scan, app, words};

/// What `office.py` shows: path and field.
const OFFICE: &[&str] = &[
    "/apart data[].access_token",
    "/attribute data[].access_token",
    "/boxed [].access_token",
    "/by_address *.access_token",
    "/cards cards[].access_token",
    "/drawn [].access_token",
    "/dumps [].access_token",
    "/elements clerks.clerk[].access_token",
    "/equal access_token",
    "/events access_token",
    "/guarded [].access_token",
    "/headed [].access_token",
    "/indented [].access_token",
    "/lines access_token",
    "/listed [].access_token",
    "/marked [].access_token",
    "/one_dumped access_token",
    "/padded [].access_token",
    "/paired clerk.access_token",
    "/paragraphs access_token",
    "/printed [].access_token",
    "/remark comment[].access_token",
    "/repr access_token",
    "/stringified access_token",
    "/tabbed [].access_token",
    "/wrapped clerks[].access_token",
];

/// Where `drawers.py` shows what was stored.
const DRAWERS: &[&str] = &[
    "/apart rows[].secret",
    "/days days.*[].secret",
    "/drawers *.secret",
    "/inside result[].secret",
    "/repr [].secret",
    "/rows secret",
    "/text [].secret",
];

fn scanned(target: &str) -> Scan {
    let app = app(&format!("probed/{target}"));
    app.seed(5).options(&["--no-hidden-inputs"]).scan()
}

/// Returns paths and fields of the confirmed findings of a rule.
fn places(found: &Scan, rule: &str) -> Vec<String> {
    let findings = found.findings().iter();
    let of_rule = findings.filter(|one| one["rule"] == rule && one["verdict"] == "confirmed");
    let places = of_rule.map(|one| words(&one["sink"], &["path", "field"]));
    let mut places: Vec<String> = places.collect();
    places.sort();
    places
}

#[test]
fn records_are_seen_in_every_shape() {
    let found = scanned("office:app");
    let seen: BTreeSet<String> = places(&found, "data-exposure/sensitive-field")
        .into_iter()
        .collect();
    let expected: BTreeSet<String> = OFFICE.iter().map(|line| (*line).to_owned()).collect();
    let missing: Vec<_> = expected.difference(&seen).collect();
    let more: Vec<_> = seen.difference(&expected).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "missing {missing:?}, more {more:?}"
    );
}

#[test]
fn records_without_secrets_are_silent_in_every_shape() {
    let found = scanned("office:repaired");
    assert_eq!(found.above_info(), [""; 0]);
}

#[test]
fn a_store_is_found_again_in_one_place_of_each_shape() {
    let found = scanned("drawers:app");
    assert_eq!(places(&found, "data-exposure/stored-canary"), DRAWERS);
}

#[test]
fn a_store_that_forgets_is_silent() {
    let found = scanned("drawers:repaired");
    assert_eq!(found.above_info(), [""; 0]);
}
