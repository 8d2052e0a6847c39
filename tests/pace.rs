//! One slow operation and one limited one delay nobody, odd spellings get past nobody, and what a page
//! says of another name of its host is asked for where the application is.

#![allow(clippy::unwrap_used)]

// Not every test file uses all of it.
#[allow(dead_code)]
mod cli_harness;
mod harness;
#[allow(dead_code)]
mod raw_harness;

use std::sync::{Arc, Mutex};

use cli_harness::Place;
use harness::{Scan, root, scan};
use keyspill_lab::{App, Lab, Server};
use raw_harness::{page, says, scan as scan_raw, serve as serve_raw};
use serde_json::Value;

fn serve(faulty: bool) -> Server {
    let folder = root().join("tests/apps/pace");
    let lab = Lab::open().unwrap();
    let python = lab.python(&folder.join("requirements.txt")).unwrap();
    let app = App::new("desk:app").folder(&folder);
    python
        .serve(app.env("FAULTY", if faulty { "1" } else { "0" }))
        .unwrap()
}

fn problem<'a>(scan: &'a Scan, code: &str) -> Option<&'a str> {
    let problems = scan.report["problems"].as_array().unwrap().iter();
    let mut found = problems.filter(|problem| problem["code"] == code);
    found.next().and_then(|problem| problem["message"].as_str())
}

/// The inputs whose canary came back in an answer, as `METHOD path input`.
fn seen(scan: &Scan) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = scan.report["findings"].as_array().unwrap().iter();
    let mut seen: Vec<String> = findings
        .filter(|finding| finding["rule"] == "data-exposure/canary-in-body")
        .map(|finding| {
            let source = &finding["source"];
            [&source["method"], &source["path"], &source["input"]]
                .map(text)
                .join(" ")
        })
        .collect();
    seen.sort();
    seen
}

#[test]
fn slow_limited_and_dangerous_operations_are_named_and_the_rest_is_scanned() {
    for faulty in [true, false] {
        let server = serve(faulty);
        let quick = ["--timeout", "1s", "--settle", "0s", "--seed", "7"];
        let scan = scan(server.url(), &quick);
        assert!(scan.code <= 1, "{}", scan.stderr);
        let expected: &[&str] = if faulty {
            &[
                "GET /memo api_key",
                "GET /notes api_key",
                "POST /visitors secret",
            ]
        } else {
            &[]
        };
        assert_eq!(seen(&scan), expected);

        let silent = problem(&scan, "route-silent").unwrap();
        assert!(
            silent.starts_with("GET /report: no answer within 1s"),
            "{silent}"
        );
        let limited = problem(&scan, "route-limited").unwrap();
        assert!(
            limited.contains("GET /office") && limited.contains("86400"),
            "{limited}"
        );
        // What was found to be the application's own leads nowhere else; a foreign page is no problem.
        assert_eq!(problem(&scan, "links-outside"), None);
        let log = server.log().join("\n");
        for wrong in ["de%6cete", "delete", "lo%67out", "logout"] {
            assert!(!log.contains(&format!("/{wrong}")), "{log}");
        }
        assert!(log.matches("GET /office").count() <= 4, "{log}");
        assert!(log.matches("GET /report").count() <= 4, "{log}");
    }
}

/// How many requests with a value ten slow pages had, at each of them; and by how many the most asked was
/// ahead of the least asked at most.
#[derive(Default)]
struct Turns {
    had: [usize; 10],
    ahead: usize,
}

#[test]
fn slow_operations_take_turns_when_they_are_more_than_requests_in_flight() {
    let turns = Arc::new(Mutex::new(Turns::default()));
    let seen = Arc::clone(&turns);
    let url = serve_raw(move |asked| {
        let links = |n| format!("<a href=\"/page{n}?label=\">page {n}</a>");
        let path = asked.path.as_str();
        if path == "/" {
            return page(&(0..10).map(links).collect::<String>());
        }
        let Some(number) = path.strip_prefix("/page").and_then(|n| n.parse().ok()) else {
            return says("404 Not Found", "", "no such page");
        };
        let number: usize = number;
        let value = asked.whole.split("?label=").nth(1);
        if value.is_some_and(|value| !value.starts_with(' ')) {
            let mut turns = seen.lock().unwrap();
            turns.had[number] += 1;
            let (most, least) = (turns.had.iter().max(), turns.had.iter().min());
            turns.ahead = turns.ahead.max(most.unwrap() - least.unwrap());
        }
        // It is slow.
        std::thread::sleep(std::time::Duration::from_millis(100));
        page(&format!("<h1>page {number}</h1>"))
    });
    let place = Place::new();
    let options = ["--concurrency", "8"];
    let ran = scan_raw(&place, &url, &options);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let turns = turns.lock().unwrap();
    let had = turns.had[0];
    assert!(had >= 3 && turns.had.iter().all(|n| *n == had), "{had}");
    assert!(turns.ahead < had, "the last began when the first was done");
}

#[test]
fn a_short_budget_keeps_a_part_for_proving() {
    let server = serve(true);
    let few = [
        "--timeout",
        "1s",
        "--settle",
        "0s",
        "--max-requests",
        "120",
        "--exclude",
        "report",
        "--no-hidden-inputs",
    ];
    let scan = scan(server.url(), &few);
    assert_eq!(scan.code, 4, "{}", scan.stderr);
    assert!(scan.report["coverage"]["requests"].as_u64().unwrap() <= 120);
    let findings = scan.report["findings"].as_array().unwrap().iter();
    let mut sure = findings.filter(|finding| finding["verdict"] == "confirmed");
    assert!(sure.any(|finding| finding["rule"] == "data-exposure/canary-in-body"));
    assert!(problem(&scan, "budget").is_some());
}
