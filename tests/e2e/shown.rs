//! What a small real Flask application shows of records, settings, errors and files, in any format.
//! Nothing is reported for its repaired twin, nor for manuals, forms, and keys shown only once.

use std::collections::BTreeSet;

use crate::app::{Scan, app};

/// What `shelf.py` shows, except what it echoes: `rule | sink | verdict`.
const SHOWN: &[&str] = &[
    "data-exposure/config-dump | GET /system body | confirmed",
    "data-exposure/exposed-file | GET /backup.sql body | confirmed",
    "data-exposure/sensitive-field | GET /board body script.members[].api_key | confirmed",
    "data-exposure/sensitive-field | GET /board body script.members[].password | confirmed",
    "data-exposure/sensitive-field | GET /branch body table.api_key | confirmed",
    "data-exposure/sensitive-field | GET /inline body script.signing_secret | confirmed",
    "data-exposure/sensitive-field | GET /mail body inputs.smtp_password | confirmed",
    "data-exposure/sensitive-field | GET /members body table[].Password | confirmed",
    "data-exposure/sensitive-field | GET /members.csv body [].api_key | confirmed",
    "data-exposure/sensitive-field | GET /members.tsv body [].api_key | confirmed",
    "data-exposure/sensitive-field | GET /members.xml body members.member[].password | confirmed",
    "data-exposure/sensitive-field | GET /members.yaml body members[].api_key | confirmed",
    "data-exposure/sensitive-field | GET /partner body dl.webhook_secret | confirmed",
    "data-exposure/traceback | GET /trip body | confirmed",
];

fn scanned(target: &str) -> Scan {
    app(&format!("probed/{target}")).seed(5).scan()
}

/// Returns the findings of the rules that examine single answers, without their source.
fn shown(found: &Scan) -> BTreeSet<String> {
    const RULES: [&str; 5] = [
        "config-dump",
        "connection-string",
        "exposed-file",
        "sensitive-field",
        "traceback",
    ];
    let lines = found.above_info();
    let lines = lines.iter().filter_map(|line| {
        let parts: Vec<&str> = line.split(" | ").collect();
        let rule = parts[0].strip_prefix("data-exposure/")?;
        let line = format!("{} | {} | {}", parts[0], parts[2], parts[3]);
        RULES.contains(&rule).then_some(line)
    });
    lines.collect()
}

#[test]
fn records_settings_errors_and_files_are_seen_in_every_format() {
    let found = scanned("shelf:app");
    let expected = SHOWN.iter().map(|line| (*line).to_owned());
    assert_eq!(shown(&found), expected.collect());
    // The evidence shows where the secret is, but not what it is.
    for finding in found.findings() {
        let text = finding["evidence"].to_string();
        assert!(!text.contains("tulip-field"), "{text}");
    }
}

#[test]
fn the_repaired_twin_is_silent() {
    let found = scanned("shelf:repaired");
    assert_eq!(found.above_info(), [""; 0]);
}
