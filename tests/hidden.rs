//! Inputs that nothing reveals are found by their names, a hundred and more in one request; what
//! answers differently by itself, repeats everything or refuses the unknown is not taken for one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Instant;

use harness::{Scan, scan};
use keyspill_lab::{App, Lab, Python, Server};

fn python() -> Python {
    let folder = harness::root().join("tests/apps/hidden");
    let lab = Lab::open().unwrap();
    lab.python(&folder.join("requirements.txt")).unwrap()
}

fn serve(python: &Python, names: &str) -> Server {
    let folder = harness::root().join("tests/apps/hidden");
    let app = App::new("app:app").folder(folder).env("NAMES", names);
    python.serve(app).unwrap()
}

/// The inputs of an operation that a list of names has revealed, as `place name`.
fn guessed(scan: &Scan, method: &str, path: &str) -> BTreeSet<String> {
    let endpoints = scan.report["surface"].as_array().unwrap();
    let row = endpoints
        .iter()
        .find(|row| row["method"] == method && row["path"] == path)
        .unwrap_or_else(|| panic!("no {method} {path}"));
    row["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|input| {
            let by = input["discovered_by"].as_array().unwrap();
            by.iter().any(|by| by == "guess" || by == "wordlist")
        })
        .map(|input| {
            [&input["place"], &input["name"]]
                .map(|v| v.as_str().unwrap())
                .join(" ")
        })
        .collect()
}

#[test]
fn a_key_that_nobody_documents_is_found_and_planted_and_noise_is_not_taken_for_one() {
    let server = serve(&python(), "one,two,three");
    let found = scan(server.url(), &["--seed", "1"]);
    let tariff = guessed(&found, "GET", "/tariff");
    for input in ["query api_key", "header x-api-key"] {
        assert!(tariff.contains(input), "{tariff:?}");
    }
    assert_eq!(tariff.len(), 2, "{tariff:?}");
    for path in ["/board", "/mirror", "/strict", "/"] {
        assert_eq!(guessed(&found, "GET", path), BTreeSet::new(), "{path}");
    }
    // A page that lists requests shows the guesses: that makes no inputs of them.
    let surface = found.report["surface"].to_string();
    assert!(!surface.contains("client_secret"), "{surface}");
    let leak = found.findings().iter().any(|finding| {
        finding["rule"] == "data-exposure/canary-in-body"
            && finding["source"]["input"] == "api_key"
            && finding["verdict"] == "confirmed"
    });
    assert!(leak, "{}", found.stdout);
}

#[test]
fn who_wants_no_guesses_gets_none() {
    let server = serve(&python(), "one,two,three");
    let found = scan(server.url(), &["--seed", "1", "--no-hidden-inputs"]);
    assert_eq!(guessed(&found, "GET", "/tariff"), BTreeSet::new());
    assert!(
        !server
            .log()
            .iter()
            .any(|line| line.contains("client_secret"))
    );
}

#[test]
fn a_list_of_the_testers_is_tried_in_bodies_too() {
    let server = serve(&python(), "one,two,three");
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("names.txt");
    fs::write(&list, "colour\nsender_note\nsize_of_label\n").unwrap();
    let found = scan(
        server.url(),
        &["--seed", "1", "--input-wordlist", list.to_str().unwrap()],
    );
    let labels = guessed(&found, "POST", "/labels");
    assert_eq!(labels, BTreeSet::from(["form sender_note".to_owned()]));
}

/// The names of the `arjun` package, and three of them.
fn names(python: &Python) -> (Vec<String>, [String; 3]) {
    let script =
        "import arjun, pathlib; print(pathlib.Path(arjun.__file__).parent / 'db/large.txt')";
    let out = Command::new(python.interpreter())
        .args(["-c", script])
        .output()
        .unwrap();
    let path = String::from_utf8(out.stdout).unwrap();
    let text = fs::read_to_string(path.trim()).unwrap();
    let plain = |name: &&str| {
        name.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    let names: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|n| !n.is_empty())
        .filter(plain)
        .map(str::to_owned)
        .take(25_000)
        .collect();
    assert_eq!(names.len(), 25_000);
    let pick = |at: usize| names[at].clone();
    let three = [pick(3_107), pick(12_345), pick(21_003)];
    (names, three)
}

/// Requests to `/lookup` that an application got.
fn lookups(server: &Server) -> usize {
    server
        .log()
        .iter()
        .filter(|line| line.contains("GET /lookup?"))
        .count()
}

#[test]
fn three_of_25_000_names_are_found_in_200_requests_side_by_side_with_arjun() {
    let python = python();
    let (names, three) = names(&python);
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("names.txt");
    let lines: Vec<String> = names.iter().map(|name| format!("query {name}")).collect();
    fs::write(&list, lines.join("\n")).unwrap();

    let server = serve(&python, &three.join(","));
    let begun = Instant::now();
    let arguments = [
        "--seed",
        "1",
        "--no-hidden-inputs",
        "--include",
        "^/$|^/lookup",
        "--input-wordlist",
        list.to_str().unwrap(),
    ];
    let found = scan(server.url(), &arguments);
    let ours = (
        lookups(&server),
        begun.elapsed(),
        guessed(&found, "GET", "/lookup"),
    );

    let server = serve(&python, &three.join(","));
    let plain = folder.path().join("plain.txt");
    fs::write(&plain, names.join("\n")).unwrap();
    let out = folder.path().join("arjun.json");
    let begun = Instant::now();
    let arjun = python.interpreter().with_file_name("arjun");
    let _ = Command::new(python.interpreter())
        .arg(arjun)
        .args(["-u", &format!("{}/lookup", server.url()), "-oJ"])
        .arg(&out)
        .arg("-w")
        .arg(&plain)
        .output()
        .unwrap();
    let theirs = (
        lookups(&server),
        begun.elapsed(),
        fs::read_to_string(&out).unwrap_or_default(),
    );
    println!("keyspill {ours:?}\narjun {theirs:?}");

    let expected: BTreeSet<String> = three.iter().map(|name| format!("query {name}")).collect();
    assert_eq!(ours.2, expected);
    assert!(ours.0 <= 200, "{} requests", ours.0);
}
