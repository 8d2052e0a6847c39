//! The command line as a user at a shell meets it. Nothing here needs a target.

use std::fs;

use crate::place::{Place, Ran};
use serde_json::{Value, json};

#[test]
fn a_misspelt_option_is_a_usage_error_with_a_suggestion() {
    let ran = Place::new().run(&["scan", "http://localhost:1", "--cookei", "a=b"]);
    ran.refused(2, &["--cookei", "similar", "--cookie"]);
}

#[test]
fn a_misspelt_subcommand_is_a_usage_error_with_a_suggestion() {
    Place::new()
        .run(&["scann", "http://h"])
        .refused(2, &["scan"]);
}

#[test]
fn a_wrong_url_is_a_usage_error_and_its_password_is_not_shown() {
    for url in [
        "ftp://u:s3cret@h",
        "http://",
        "http://u:s3cret@h:port",
        "http://u:s3cret/x@h:1",
    ] {
        let ran = Place::new().run(&["scan", url]);
        ran.refused(2, &["error: "]);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    }
}

#[test]
fn a_wrong_header_is_a_usage_error_and_its_value_is_not_shown() {
    for arguments in [
        &["scan", "http://h", "-H", "s3cret"][..],
        &["scan", "http://h", "-H", "X-Key: s3cret\r\nX-Evil: 1"],
        &[
            "scan",
            "http://h",
            "-H",
            "Authorization:",
            "Bearer",
            "s3cret",
        ],
        &["scan", "http://h", "--cookie", "s3cret"],
        &["scan", "http://h", "--proxy", "x://u:s3cret@h"],
    ] {
        let ran = Place::new().run(arguments);
        ran.refused(2, &["error: "]);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    }
}

#[test]
fn a_value_that_an_option_cannot_take_is_a_usage_error() {
    for (option, value) in [
        ("--rate", "0"),
        ("--concurrency", "0"),
        ("--max-requests", "few"),
        ("--max-time", "soon"),
        ("--timeout", "0s"),
        ("--settle", "5"),
        ("--include", "["),
        ("--max-depth", "0"),
        ("--max-endpoints", "0"),
        ("--methods", "BREW"),
        ("--format", "pdf"),
        ("--fail-on", "awful"),
        ("--seed", "x"),
    ] {
        let ran = Place::new().run(&["scan", "http://h", option, value]);
        ran.refused(2, &["error: ", option, value]);
    }
}

#[test]
fn a_crawl_refuses_what_only_a_scan_takes_and_formats_that_do_not_fit() {
    for (arguments, part) in [
        (&["--fail-on", "high"][..], "--fail-on"),
        (&["--baseline", "old.json"], "--baseline"),
        (&["--format", "sarif"], "openapi"),
        (&["--format", "table,json"], "one --format"),
        (&["--import", "http://elsewhere/x"], "out of scope"),
        (&["--include", "["], "--include"),
        (&["--rate", "0"], "--rate"),
    ] {
        let ran = Place::new().run(&[&["crawl", "http://h"][..], arguments].concat());
        ran.refused(2, &["error: ", part]);
    }
}

#[test]
fn a_broken_configuration_is_a_usage_error_that_names_file_line_and_key() {
    for (text, parts) in [
        ("seed: 1\nrat: 5\n", ["keyspill.yaml:2:", "`rat`"]),
        ("seed: 1\nrate: many\n", ["keyspill.yaml:2:", "rate:"]),
        (
            "cookie: a=${KEYSPILL_TEST_UNSET}\n",
            ["keyspill.yaml:1: cookie:", "KEYSPILL_TEST_UNSET is not set"],
        ),
    ] {
        let place = Place::new().with("keyspill.yaml", text);
        let ran = place.run(&["scan", "http://h", "--config", "keyspill.yaml"]);
        ran.refused(2, &parts);
    }
    let ran = Place::new().run(&["scan", "http://h", "--config", "none.yaml"]);
    ran.refused(2, &["none.yaml"]);
}

#[test]
fn an_unknown_probe_is_a_usage_error() {
    let ran = Place::new().run(&["probes", "show", "data-exposure/nothing"]);
    ran.refused(2, &["data-exposure/nothing", "probes list"]);
}

#[test]
fn probes_are_listed_and_explained() {
    let place = Place::new();
    let id = "data-exposure/stored-canary";
    place
        .run(&["probes", "list"])
        .printed(0, &[id, "high", "authentication/"]);
    let ran = place.run(&["probes", "show", id]);
    ran.printed(0, &[id, "Severity", "CWE-", "Why it matters", "Repair"]);
}

#[test]
fn the_page_of_rules_in_the_repository_is_what_is_printed_today() {
    let ran = Place::new().run(&["probes", "list", "--format", "markdown"]);
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/probes/RULES.md"));
    let stale = "stale: keyspill probes list --format markdown > probes/RULES.md";
    assert_eq!(ran.out, page.unwrap(), "{stale}");
}

#[test]
fn a_name_is_explained_without_a_scan() {
    let place = Place::new();
    let explain = |arguments: &[&str], words: &[&str]| {
        let ran = place.run(&[&["probes", "explain"][..], arguments].concat());
        ran.printed(0, words);
    };
    explain(
        &["key", "--path", "/lookup"],
        &[
            "key (query of /lookup) is credential-like",
            "nothing contradicts",
        ],
    );
    explain(
        &[
            "token", "--value", "BTC", "--value", "ETH", "--value", "DOGE",
        ],
        &[
            "is no credential",
            "its values are words: BTC, DOGE, ETH",
            "--credential-name '^token$'",
        ],
    );
    explain(
        &["code", "--path", "/invites", "--place", "json"],
        &["is credential-like", "named after a credential: invite"],
    );
    explain(&["code", "--path", "/enter"], &["may be credential-like"]);
    let refused = place.run(&["probes", "explain", "key", "--place", "nowhere"]);
    refused.refused(2, &["--place", "nowhere", "query, header"]);
}

#[test]
fn a_broken_probe_is_a_usage_error_for_a_scan_and_a_defect_for_check() {
    let place = Place::new().with("mine/x/broken.yaml", "id: x/broken\ntitel: A title\n");
    let ran = place.run(&["scan", "http://127.0.0.1:1", "--probes", "mine"]);
    ran.refused(2, &["broken.yaml", "titel"]);
    place
        .run(&["probes", "check", "mine"])
        .printed(1, &["broken.yaml:", "titel", "defect"]);
    place
        .run(&["probes", "check", "none"])
        .refused(2, &["none"]);
}

#[test]
fn a_command_line_without_a_subcommand_shows_how_to_use_it() {
    Place::new()
        .run(&[])
        .refused(2, &["Usage: keyspill", "scan"]);
}

#[test]
fn every_subcommand_has_examples_and_the_exit_codes_in_its_help() {
    let whole = Place::new().run(&["--help"]);
    let listed = whole
        .out
        .split("\n\n")
        .find_map(|part| part.strip_prefix("Commands:\n"));
    let names: Vec<&str> = listed
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    for known in [
        "scan",
        "crawl",
        "diff",
        "show",
        "report",
        "probes",
        "completions",
    ] {
        assert!(names.contains(&known), "{known} is not in {names:?}");
    }
    for name in [""].into_iter().chain(names) {
        let arguments: Vec<_> = [name, "--help"]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let example = format!("  keyspill {}", if name.is_empty() { "scan" } else { name });
        let codes = "Exit codes:\n  0  nothing at or above --fail-on";
        let ran = Place::new().run(&arguments);
        ran.printed(0, &["Examples:\n", &example, codes]);
    }
}

#[test]
fn the_version_is_printed() {
    let ran = Place::new().run(&["--version"]);
    ran.printed(0, &[]);
    assert_eq!(ran.out, format!("keyspill {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_know_subcommands_and_options() {
    for (shell, option) in [
        ("bash", "--fail-on"),
        ("zsh", "--fail-on"),
        ("fish", "-l fail-on"),
    ] {
        let ran = Place::new().run(&["completions", shell]);
        ran.printed(0, &["scan", "completions", option, "critical", "wordlist"]);
        ran.printed(0, &["crawl", "max-depth", "openapi"]);
    }
    Place::new()
        .run(&["completions", "cmd.com"])
        .refused(2, &["cmd.com"]);
}

#[test]
fn without_a_terminal_there_are_no_colours_unless_asked_for() {
    let place = Place::new();
    let wrong = ["scan", "ftp://h"];
    assert!(!place.run(&wrong).err.contains('\x1b'));
    let always = place.run(&["scan", "ftp://h", "--color", "always"]);
    assert!(always.err.contains('\x1b'), "{}", always.err);
    let mut command = place.command(&wrong);
    command.env("NO_COLOR", "1");
    assert!(!Ran::from(command.output().unwrap()).err.contains('\x1b'));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_an_output_error() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let place = Place::new();
    let mut command = place.command(&["completions", "bash"]);
    let ran = Ran::from(command.stdout(full).output().unwrap());
    ran.refused(5, &["standard output", "No space left"]);
}

#[test]
fn a_reader_that_leaves_early_is_no_fault() {
    let place = Place::new();
    let mut child = place.command(&["completions", "bash"]).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    ran.printed(0, &[]);
}

/// Returns a report with these findings: rule, severity, fingerprint.
fn report(findings: &[(&str, &str, &str)]) -> String {
    let findings = findings.iter().map(|(rule, severity, fingerprint)| {
        let category = rule.split('/').next().unwrap();
        json!({
            "rule": rule, "title": "A title", "category": category, "severity": severity,
            "verdict": "confirmed", "fingerprint": fingerprint, "cwe": [200],
            "source": {"method": "POST", "path": "/keys", "place": "json", "input": "key"},
            "sink": {"method": "GET", "path": "/keys/{id}", "place": "body", "field": "key"},
            "transform": "identity", "occurrences": [],
            "evidence": {"snippet": "a \u{1b}[2Jsnippet", "curl": ["curl http://h/"],
                "exchanges": [{"role": "plant", "request": "POST /keys", "response": null}]},
            "why": "why", "remediation": "repair"
        })
    });
    let row = |method: &str, path: &str| json!({"method": method, "path": path, "reached": {"status": 200}, "inputs": []});
    json!({
        "schema": "keyspill-report/1",
        "tool": {"name": "keyspill", "version": "0.1.0"},
        "run": {"id": "r", "key": "k", "started": "2026-01-01T00:00:00Z",
            "finished": "2026-01-01T00:01:00Z", "complete": true, "arguments": []},
        "target": {"url": "http://h/"},
        "findings": findings.collect::<Vec<_>>(),
        "flows": [],
        "coverage": {"endpoints": 2, "inputs": 1, "inputs_tested": 1, "requests": 9,
            "failed_requests": 0},
        "surface": [row("POST", "/keys"), row("GET", "/keys/{id}")],
        "problems": [],
        "planted": [{"method": "POST", "path": "/keys", "place": "json", "input": "key",
            "canary": "c", "slot": 0, "shape": "token", "at": "2026-01-01T00:00:30Z"}]
    })
    .to_string()
}

const STORED: (&str, &str, &str) = ("data-exposure/stored-canary", "high", "f1");
const IN_ERROR: (&str, &str, &str) = ("data-exposure/canary-in-error", "medium", "f2");

fn two_reports(old: &[(&str, &str, &str)], new: &[(&str, &str, &str)]) -> Place {
    Place::new()
        .with("old.json", &report(old))
        .with("new.json", &report(new))
}

#[test]
fn a_new_finding_at_the_threshold_makes_diff_fail() {
    let place = two_reports(&[], &[STORED]);
    let ran = place.run(&["diff", "old.json", "new.json"]);
    ran.printed(
        1,
        &["new:", STORED.0, "1 new, 0 fixed, 0 gone, 0 unchanged"],
    );
    assert!(!ran.out.contains('\x1b'), "{}", ran.out);
}

#[test]
fn a_new_finding_below_the_threshold_does_not() {
    let place = two_reports(&[], &[IN_ERROR]);
    place
        .run(&["diff", "old.json", "new.json"])
        .printed(0, &["1 new"]);
    let lower = place.run(&["diff", "old.json", "new.json", "--fail-on", "medium"]);
    lower.printed(1, &["1 new"]);
    let never = place.run(&["diff", "old.json", "new.json", "--fail-on=never"]);
    never.printed(0, &["1 new"]);
}

#[test]
fn fixed_and_unchanged_findings_do_not_make_diff_fail() {
    let place = two_reports(&[STORED, IN_ERROR], &[STORED]);
    let ran = place.run(&["diff", "old.json", "new.json"]);
    ran.printed(
        0,
        &["fixed:", IN_ERROR.0, "0 new, 1 fixed, 0 gone, 1 unchanged"],
    );
}

#[test]
fn a_difference_is_printed_for_programs_too() {
    let place = two_reports(&[], &[STORED]);
    let ran = place.run(&["diff", "old.json", "new.json", "--format", "json"]);
    ran.printed(1, &[]);
    let diff: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(diff["new"][0]["rule"], STORED.0);
}

#[test]
fn a_report_that_cannot_be_read_is_a_usage_error_that_names_it() {
    let place = two_reports(&[], &[]).with("other.json", "{\"schema\": \"x\"}");
    place
        .run(&["diff", "old.json", "none.json"])
        .refused(2, &["none.json"]);
    place
        .run(&["diff", "other.json", "new.json"])
        .refused(2, &["other.json"]);
    place
        .run(&["report", "other.json"])
        .refused(2, &["other.json"]);
}

#[test]
fn a_report_is_written_again_in_every_format() {
    let place = two_reports(&[], &[STORED]);
    let ran = place.run(&["report", "new.json"]);
    ran.printed(0, &[STORED.0, "1 finding"]);
    assert!(!ran.out.contains('\x1b'), "{}", ran.out);

    let ran = place.run(&["report", "new.json", "--format", "sarif"]);
    ran.printed(0, &[]);
    let sarif: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");

    let ran = place.run(&[
        "report",
        "new.json",
        "--format=text,json,sarif",
        "--output=out",
    ]);
    ran.printed(0, &[]);
    assert_eq!(ran.out, "");
    for name in ["report.txt", "report.json", "report.sarif"] {
        assert!(place.path("out").join(name).is_file(), "{name}");
    }
    let again: Value =
        serde_json::from_str(&fs::read_to_string(place.path("out/report.json")).unwrap()).unwrap();
    assert_eq!(again["findings"][0]["fingerprint"], STORED.2);
}

#[test]
fn two_formats_do_not_fit_into_standard_output() {
    let place = two_reports(&[], &[]);
    let ran = place.run(&["report", "new.json", "--format", "json,sarif"]);
    ran.refused(2, &["one --format"]);
}

#[test]
fn a_folder_that_is_a_file_is_an_output_error() {
    let place = two_reports(&[], &[]).with("out", "a file");
    let ran = place.run(&["report", "new.json", "--format", "json", "--output", "out"]);
    ran.refused(5, &["out"]);
    assert_eq!(fs::read_to_string(place.path("out")).unwrap(), "a file");
}
