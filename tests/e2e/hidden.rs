//! Inputs that nothing reveals are found by their names, with a hundred and more in one request. An
//! operation that answers differently by itself, repeats everything or refuses the unknown is not
//! mistaken for one with such inputs.

use std::collections::BTreeSet;
use std::fs;

use crate::app::{Scan, Served, app};

fn serve(names: &str) -> Served {
    app("hidden/app").seed(1).env("NAMES", names).serve()
}

/// Returns the inputs of an operation that a list of names has revealed, as `place name`.
fn guessed(scan: &Scan, method: &str, path: &str) -> BTreeSet<String> {
    let row = scan.row(method, path);
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
    let server = serve("one,two,three");
    let found = server.scan(&[]);
    let tariff = guessed(&found, "GET", "/tariff");
    for input in ["query api_key", "header x-api-key"] {
        assert!(tariff.contains(input), "{tariff:?}");
    }
    assert_eq!(tariff.len(), 2, "{tariff:?}");
    for path in ["/board", "/mirror", "/strict", "/"] {
        assert_eq!(guessed(&found, "GET", path), BTreeSet::new(), "{path}");
    }
    // A page that lists requests shows the guesses, but that does not make them inputs.
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
    let server = serve("one,two,three");
    let found = server.scan(&["--no-hidden-inputs"]);
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
    let server = serve("one,two,three");
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("names.txt");
    fs::write(&list, "colour\nsender_note\nsize_of_label\n").unwrap();
    let found = server.scan(&["--input-wordlist", list.to_str().unwrap()]);
    let labels = guessed(&found, "POST", "/labels");
    assert_eq!(labels, BTreeSet::from(["form sender_note".to_owned()]));
}

/// Returns 25,000 names as short as those in real lists, and three of them.
fn names() -> (Vec<String>, [String; 3]) {
    let syllable = |n: usize| [&"bcdfghjklm"[n / 3..=n / 3], &"aio"[n % 3..=n % 3]].concat();
    let letter = |n: usize| &"abcdefghijklmnopqrstuvwxyz2345"[n..=n];
    let name = |n: usize| syllable(n / 900) + &syllable(n / 30 % 30) + letter(n % 30);
    let names: Vec<String> = (0..25_000).map(name).collect();
    let three = [3_107, 12_345, 21_003].map(|at| names[at].clone());
    (names, three)
}

#[test]
fn three_of_25_000_names_are_found_in_200_requests() {
    let (names, three) = names();
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("names.txt");
    let lines: Vec<String> = names.iter().map(|name| format!("query {name}")).collect();
    fs::write(&list, lines.join("\n")).unwrap();

    let server = serve(&three.join(","));
    let only = ["--no-hidden-inputs", "--include", "^/$|^/lookup"];
    // Only the requests of the search are counted.
    let only = [
        &only[..],
        &["--exclude-rule", "input-validation/operator-injection"],
    ]
    .concat();
    let list = ["--input-wordlist", list.to_str().unwrap()];
    let found = server.scan(&[&only[..], &list].concat());
    let expected: BTreeSet<String> = three.iter().map(|name| format!("query {name}")).collect();
    assert_eq!(guessed(&found, "GET", "/lookup"), expected);
    let lookups = server.said("GET /lookup?");
    assert!(lookups <= 200, "{lookups} requests");
}
