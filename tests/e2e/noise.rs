//! Noisy applications, scanned again and again: whatever the noise, the faults are found and
//! nothing else is.

use std::collections::BTreeSet;

use crate::app::{Scan, app, whole};
use crate::place::drawn;

/// The faults of `club.py`: rule | source | operation of the sink.
const CLUB: &[&str] = &[
    "authentication/any-key-accepted | GET /door query access_key | GET /door",
    "authentication/key-in-query | GET /door query access_key | GET /door",
    "authentication/key-in-query | GET /invitation query invite_token | GET /invitation",
    "data-exposure/canary-in-body | GET /card query card_secret | GET /card",
    "data-exposure/canary-in-redirect | GET /invitation query invite_token | GET /invitation",
    "data-exposure/stored-canary | POST /keys form locker_secret | GET /keys",
    // A door that checks the length lets control characters pass; the others take anything.
    "input-validation/malformed-key-accepted | GET /door query access_key | GET /door",
    "input-validation/malformed-key-accepted | GET /invitation query invite_token | GET /invitation",
    "input-validation/malformed-key-accepted | POST /keys form locker_secret | POST /keys",
    "input-validation/unhandled-input | GET /calendar query year | GET /calendar",
];

/// The faults of `depot.py`.
const DEPOT: &[&str] = &[
    "authentication/any-key-accepted | GET /api/report header x-report-key | GET /api/report",
    "authentication/key-in-query | GET /api/quota query api_key | GET /api/quota",
    "data-exposure/canary-in-cookie | POST /api/remember json device_secret | POST /api/remember",
    "data-exposure/canary-in-error | GET /api/lookup query voucher_secret | GET /api/lookup",
    "data-exposure/stored-canary | POST /api/hooks json signing_secret | GET /api/hooks",
    "input-validation/malformed-key-accepted | POST /api/hooks json signing_secret | POST /api/hooks",
    "input-validation/malformed-key-accepted | POST /api/remember json device_secret | POST /api/remember",
    "input-validation/unhandled-input | POST /api/convert json amount | POST /api/convert",
];

/// Returns what a scan claims: everything above info that is not undetermined.
fn claims(found: &Scan) -> BTreeSet<String> {
    let sure = |line: &String| !line.ends_with("| undetermined");
    let claims = found.above_info().into_iter().filter(sure);
    claims.map(|line| short(&line)).collect()
}

/// Reduces a line to the rule, the source, and the operation of the sink.
fn short(line: &str) -> String {
    let parts: Vec<&str> = line.split(" | ").collect();
    let sink: Vec<&str> = parts[2].split(' ').take(2).collect();
    format!("{} | {} | {}", parts[0], parts[1], sink.join(" "))
}

/// Returns what is wrong with a scan's claims.
fn wrong(found: &Scan, expected: &[&str]) -> Vec<String> {
    let claims = claims(found);
    let expected: BTreeSet<String> = expected.iter().map(|line| (*line).to_owned()).collect();
    let missed = expected
        .difference(&claims)
        .map(|line| format!("missed {line}"));
    let false_ones = claims
        .difference(&expected)
        .map(|line| format!("false  {line}"));
    missed.chain(false_ones).collect()
}

/// Scans once per seed, on noise of that seed, and once on random noise, whose seed a failure
/// names.
fn check(module: &str, expected: &[&str]) {
    let seeds = if whole() { 12 } else { 3 };
    let seeded = (1..=seeds).map(|seed| (seed, seed));
    let mut failures = Vec::new();
    for (seed, noise) in seeded.chain([(101, drawn())]) {
        let app = app(&format!("noise/{module}")).seed(seed);
        let found = app.env("NOISE", noise.to_string()).scan();
        let wrong = wrong(&found, expected);
        if !wrong.is_empty() {
            let (lines, problems) = (found.lines(), &found.report["problems"]);
            failures.push(format!(
                "seed {seed}, noise {noise}: {wrong:#?}\n{lines:#?}\n{problems}"
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn of_a_noisy_club_the_faults_are_found_and_nothing_else() {
    check("club", CLUB);
}

#[test]
fn of_a_noisy_depot_the_faults_are_found_and_nothing_else() {
    check("depot", DEPOT);
}
