//! A scan with a login leaves the tester's account and the target's data as an empty visit would,
//! and nothing that it writes besides its reports contains a secret.

use std::fs;

use serde_json::Value;

use crate::app::{PASSWORD, Served, app, root};

const CONFIG: &str = "
identities:
  ann:
    login:
      form: {page: /login, fields: {username: ann, password: env:PASSWORD}}
      check: {path: /, text: Club of ann}
";

fn club() -> Served {
    let club = app("database/members");
    let club = club.database().config(CONFIG).seed(7);
    club.options(&["--as", "ann"]).serve()
}

fn snapshot(club: &Served) -> Value {
    let mut python = club.python();
    let script = root().join("tests/apps/database/snapshot.py");
    let output = python.args(["-I", "-B"]).arg(script).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn row<'a>(report: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let mut rows = report["surface"].as_array().unwrap().iter();
    rows.find(|row| row["method"] == method && row["path"] == path)
}

#[test]
fn account_and_data_are_left_as_they_were() {
    let club = club();
    let before = snapshot(&club);
    let folder = tempfile::tempdir().unwrap();
    let har = folder.path().join("traffic.har");
    let options = [
        "--methods",
        "GET,HEAD,OPTIONS,POST,PUT",
        "--traffic",
        har.to_str().unwrap(),
    ];
    let report = club.scan(&options).report;
    let after = snapshot(&club);
    for collection in ["members", "items"] {
        assert_eq!(after[collection], before[collection], "{collection}");
    }
    // Its name gave nothing away: it acted once, and was not repeated.
    let bumps = after["bumps"].as_object().map_or(0, serde_json::Map::len);
    assert!(bumps <= 1, "{bumps} bumps");

    // An operation that only creates is tested as usual, and one that is dangerous only by name is
    // read.
    let notes = after["notes"].as_object().map_or(0, serde_json::Map::len);
    assert!(notes > 0, "notes are written");
    for path in ["/start", "/archive", "/vote"] {
        let row = row(&report, "GET", path).unwrap_or_else(|| panic!("{path} is not found"));
        assert_eq!(row["reached"]["status"], 200, "{row}");
    }
    // Each withheld operation is listed with its reason.
    for (method, path) in [
        ("POST", "/edit_profile"),
        ("POST", "/about-you"),
        ("POST", "/api/card"),
        ("PUT", "/api/me"),
        ("GET", "/populate"),
        ("GET", "/session/end"),
    ] {
        let row = row(&report, method, path).unwrap_or_else(|| panic!("{path} is not found"));
        let why = row["reached"]["why"].as_str().unwrap_or_default();
        assert!(why.contains("--allow"), "{row}");
    }

    let text = fs::read_to_string(&har).unwrap();
    assert!(
        !text.contains(PASSWORD) && !text.contains("correct+horse"),
        "a password in the HAR"
    );
    let log = &serde_json::from_str::<Value>(&text).unwrap()["log"];
    assert_eq!(log["version"], "1.2");
    let entries = log["entries"].as_array().unwrap();
    let sent = report["coverage"]["requests"].as_u64().unwrap();
    assert_eq!(entries.len() as u64, sent, "every request is there");
    let login = entries.iter().find(|entry| {
        entry["request"]["method"] == "POST"
            && entry["request"]["url"]
                .as_str()
                .unwrap()
                .ends_with("/login")
    });
    let login = login.unwrap();
    assert_eq!(login["response"]["status"], 302, "{login}");
    assert!(
        login["request"]["postData"]["text"]
            .as_str()
            .unwrap()
            .contains("masked"),
        "{login}"
    );
    for entry in entries {
        for part in [
            "startedDateTime",
            "time",
            "request",
            "response",
            "cache",
            "timings",
        ] {
            assert!(!entry[part].is_null(), "{part}: {entry}");
        }
    }
}

#[test]
fn what_is_allowed_is_sent() {
    let club = club();
    let before = snapshot(&club);
    club.scan(&["--allow", "^GET /populate$"]);
    assert_ne!(snapshot(&club)["items"], before["items"]);
}
