//! The twins, scanned over loopback: every fault of the vulnerable one is confirmed with its source
//! and sink, and nothing is found on the repaired one. (With other words: `other_words.rs`.)

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::app::{Application, Scan, Served, line, root};
use crate::place::Place;

/// Returns the twin `vulnerable` or `repaired`, on a fresh database.
fn twin(name: &str) -> Application {
    let twin = Application::of(&root().join("examples/twins"), name);
    twin.packages("examples/twins/requirements.txt").database()
}

/// The vulnerable twin, scanned once with default settings.
struct Vulnerable {
    found: Scan,
    /// What it reveals about its settings.
    config: Value,
    /// Still running, until a test takes it.
    served: Mutex<Option<Served>>,
}

static VULNERABLE: LazyLock<Vulnerable> = LazyLock::new(|| {
    let served = twin("vulnerable").serve();
    let config = Command::new("curl")
        .args(["-s", &format!("{}/ops/config", served.url())])
        .output();
    let mut found = served.scan(&[]);
    found.log = served.log();
    Vulnerable {
        found,
        config: serde_json::from_slice(&config.unwrap().stdout).unwrap(),
        served: Mutex::new(Some(served)),
    }
});

fn vulnerable() -> &'static Scan {
    VULNERABLE.found.told()
}

/// Returns the scan of the vulnerable twin with one request at a time, which is made once.
fn in_order() -> &'static Scan {
    static SCAN: LazyLock<Scan> = LazyLock::new(|| twin("vulnerable").in_order().seed(7).scan());
    SCAN.told()
}

/// What must be found on the vulnerable twin, each *confirmed*: rule | source | sink.
const FAULTS: &[&str] = &[
    "authentication/any-key-accepted | GET /api/reports/monthly cookie partner_token | GET /api/reports/monthly body",
    "authentication/any-key-accepted | GET /api/reports/summary header x-partner-key | GET /api/reports/summary body",
    "authentication/key-in-query | GET /account/enter query token | GET /account/enter status",
    "authentication/key-in-query | GET /partners/lookup query api_key | GET /partners/lookup status",
    "authentication/key-in-query | GET /partners/register query api_key | GET /partners/register status",
    "authentication/key-in-query | GET /tools/quote query client_secret | GET /tools/quote status",
    "authentication/key-in-query | POST /api/notes query access_key | POST /api/notes status",
    "data-exposure/canary-in-body | GET /account/welcome query token | GET /account/welcome body",
    "data-exposure/canary-in-body | GET /tools/convert query promo_secret | GET /tools/convert body promotion",
    "data-exposure/canary-in-body | GET /tools/ledger query ledger_key | GET /tools/ledger body holder",
    "data-exposure/canary-in-body | GET /tools/quote query client_secret | GET /tools/quote body client_secret",
    "data-exposure/canary-in-body | POST /api/webhooks json shared_secret | POST /api/webhooks body shared_secret",
    "data-exposure/canary-in-body | POST /partners/register form api_key | POST /partners/register body",
    "data-exposure/canary-digest | POST /api/keys/fingerprint json api_key | POST /api/keys/fingerprint body fingerprint",
    "data-exposure/canary-in-body | POST /api/keys/exchange json api_key | POST /api/keys/exchange body ticket",
    "data-exposure/canary-in-cookie | POST /account/draft form api_key | POST /account/draft session draft.api_key",
    "data-exposure/canary-in-cookie | POST /account/enter form token | POST /account/enter session api_key",
    "data-exposure/canary-in-cookie | POST /account/remember json api_key | POST /account/remember cookie:partner_token",
    "data-exposure/canary-in-error | GET /partners/lookup query api_key | GET /partners/lookup body error",
    "data-exposure/canary-in-error | GET /tools/convert query amount | GET /tools/convert body",
    "data-exposure/canary-in-error | GET /tools/convert query currency | GET /tools/convert body",
    "data-exposure/canary-in-redirect | GET /account/enter query token | GET /account/enter header:location",
    "data-exposure/config-dump | - | GET /ops/config body",
    "data-exposure/connection-string | - | GET /ops/config body REPLICA_MONGO_URI",
    "data-exposure/stored-canary | GET /partners/register query api_key | GET /api/partners/{partner_id} body api_key",
    "data-exposure/stored-canary | GET /partners/register query api_key | GET /ops/audit body",
    "data-exposure/stored-canary | POST /partners/register form api_key | GET /ops/audit body",
    "data-exposure/stored-canary | POST /api/webhooks json shared_secret | GET /api/webhooks body [].shared_secret",
    "data-exposure/stored-canary | GET /partners/register query api_key | GET /ops/backup body rows[].sealed",
    "data-exposure/stored-canary | GET /partners/register query api_key | GET /partners/ body",
    "data-exposure/stored-canary | GET /partners/register query api_key | GET /partners/export.csv body api_key",
    "data-exposure/stored-canary | GET /partners/register query api_key | GET /partners/{id} body",
    "data-exposure/stored-canary | POST /api/notes query access_key | GET /api/notes body [].access_key",
    "data-exposure/stored-canary | POST /partners/register form api_key | GET /api/partners/{partner_id} body api_key",
    "data-exposure/stored-canary | POST /partners/register form api_key | GET /ops/backup body rows[].sealed",
    "data-exposure/stored-canary | POST /partners/register form api_key | GET /partners/ body",
    "data-exposure/stored-canary | POST /partners/register form api_key | GET /partners/export.csv body api_key",
    "data-exposure/stored-canary | POST /partners/register form api_key | GET /partners/{id} body",
    "input-validation/malformed-key-accepted | GET /account/enter query token | GET /account/enter status",
    "input-validation/malformed-key-accepted | GET /partners/register query api_key | GET /partners/register status",
    "input-validation/malformed-key-accepted | GET /tools/quote query client_secret | GET /tools/quote status",
    "input-validation/malformed-key-accepted | POST /account/draft form api_key | POST /account/draft status",
    "input-validation/malformed-key-accepted | POST /account/enter form token | POST /account/enter status",
    "input-validation/malformed-key-accepted | POST /account/remember json api_key | POST /account/remember status",
    "input-validation/malformed-key-accepted | POST /api/keys/exchange json api_key | POST /api/keys/exchange status",
    "input-validation/malformed-key-accepted | POST /api/keys/fingerprint json api_key | POST /api/keys/fingerprint status",
    "input-validation/malformed-key-accepted | POST /api/notes query access_key | POST /api/notes status",
    "input-validation/malformed-key-accepted | POST /api/webhooks json shared_secret | POST /api/webhooks status",
    "input-validation/malformed-key-accepted | POST /partners/register form api_key | POST /partners/register status",
    "input-validation/unhandled-input | GET /tools/convert query amount | GET /tools/convert status",
    "input-validation/unhandled-input | POST /account/remember json api_key | POST /account/remember status",
    "input-validation/unhandled-input | POST /api/keys/fingerprint json api_key | POST /api/keys/fingerprint status",
];

/// Debugger pages make one finding per rule and target; any of their places may come first.
const DEBUGGER: &[&str] = &[
    "authentication/debug-console",
    "data-exposure/debug-mode",
    "data-exposure/traceback",
];

/// How canaries come out disguised, with one case for each family: the sink and the transform.
const DISGUISES: &[(&str, &str)] = &[
    ("/ops/audit", "base64"),
    ("/ops/backup", "reversed"),
    ("/api/webhooks", "masked"),
    ("/api/keys/fingerprint", "sha256"),
    ("/account/draft", "base64/zlib"),
    ("/api/keys/exchange", "base64"),
];

/// What has been added since the stored report was written; everything else must be the same.
const ADDED_SINCE: &[&str] =
    &["input-validation/operator-injection | POST /api/keys/exchange json api_key"];

#[test]
fn a_report_of_an_earlier_version_differs_only_in_what_was_added_since() {
    let place = Place::new().with("now.json", &in_order().files["report.json"]);
    let kept = root().join("tests/report/kept/report-221b7f3.json");
    let reports = [kept.to_str().unwrap(), "now.json"];
    let ran = place.run(&[&["diff", "--format", "json"][..], &reports].concat());
    let diff: Value = serde_json::from_str(&ran.out).unwrap();
    let list = |name: &str| -> Vec<String> {
        let findings = diff[name].as_array().unwrap();
        findings.iter().map(line).collect()
    };
    for name in ["fixed", "gone", "not_reached"] {
        assert_eq!(list(name), Vec::<String>::new(), "{name}");
    }
    assert!(!list("unchanged").is_empty());
    for new in list("new") {
        assert!(
            ADDED_SINCE.iter().any(|added| new.starts_with(added)),
            "{new}"
        );
    }
}

/// Returns the confirmed findings as `rule | source | sink`.
fn confirmed(found: &Scan) -> Vec<String> {
    found
        .findings()
        .iter()
        .filter(|finding| finding["verdict"] == "confirmed")
        .map(|finding| line(finding).rsplit_once(" | ").unwrap().0.to_owned())
        .collect()
}

pub(crate) fn assert_all_found(found: &Scan, translate: impl Fn(&str) -> String) {
    let lines = confirmed(found);
    let missing: Vec<String> = FAULTS
        .iter()
        .map(|fault| translate(fault))
        .filter(|fault| !lines.contains(fault) && !merged(found, fault))
        .collect();
    assert!(
        missing.is_empty(),
        "missing: {missing:#?}\nfound: {lines:#?}\n{}",
        found.stderr
    );
    for rule in DEBUGGER {
        let of_rule = lines.iter().filter(|line| line.starts_with(rule)).count();
        assert_eq!(of_rule, 1, "{rule}: {lines:#?}");
    }
}

/// Returns true for a fault that is one finding per operation, with its input among the
/// occurrences.
fn merged(found: &Scan, fault: &str) -> bool {
    found.findings().iter().any(|finding| {
        let places = finding["occurrences"].as_array().unwrap();
        places.iter().any(|place| {
            let mut one = finding.clone();
            one["source"] = place["source"].clone();
            place.get("source").is_some() && line(&one).starts_with(fault)
        })
    })
}

#[test]
fn every_fault_of_the_vulnerable_twin_is_found_and_confirmed() {
    let found = vulnerable();
    assert_all_found(found, str::to_owned);
    assert_eq!(found.code, 1);
    for finding in found
        .findings()
        .iter()
        .filter(|finding| finding["verdict"] == "confirmed")
    {
        let evidence = &finding["evidence"];
        assert!(
            !evidence["snippet"].as_str().unwrap().is_empty(),
            "{}",
            line(finding)
        );
    }
    // Operations that would reset, delete or log out were listed and left alone.
    for request in &found.log {
        for never in ["/ops/reset", "/account/logout", "\"DELETE ", "\"PUT "] {
            assert!(!request.contains(never), "{request}");
        }
    }
}

#[test]
fn canaries_are_recognised_in_every_disguise_that_the_twin_gives_them() {
    let found = vulnerable();
    for (path, transform) in DISGUISES {
        let seen = found.findings().iter().any(|finding| {
            finding["sink"]["path"] == *path
                && finding["transform"] == *transform
                && finding["verdict"] == "confirmed"
        });
        assert!(seen, "{transform} at {path}: {:#?}", found.lines());
    }
}

#[test]
fn no_output_holds_a_piece_of_a_found_secret() {
    let found = vulnerable();
    let mut outputs = vec![found.stdout.clone(), found.stderr.clone()];
    for name in ["report.json", "report.sarif"] {
        outputs.push(found.files[name].clone());
    }
    for name in ["SECRET_KEY", "JWT_SECRET"] {
        // A masked secret shows four characters, and a cut excerpt must not show more.
        let piece = &VULNERABLE.config[name].as_str().unwrap()[..8];
        for output in &outputs {
            let at = output.find(piece);
            assert_eq!(
                at,
                None,
                "{name}: {:?}",
                at.map(|at| &output[at.saturating_sub(60)..at + 20])
            );
        }
    }
}

#[test]
fn the_repaired_twin_gives_no_finding_above_info() {
    let found = twin("repaired").scan();
    assert_eq!(found.above_info(), [""; 0], "{}", found.stdout);
    assert_eq!(found.code, 0);
    assert!(!found.log.iter().any(|line| line.contains("\" 500 ")));
}

/// Copies every built-in probe under another name, as a tester might.
fn copied(to: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for category in fs::read_dir(root().join("probes")).unwrap() {
        let category = category.unwrap().path();
        for file in fs::read_dir(&category).into_iter().flatten() {
            let file = file.unwrap().path();
            let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
            texts.push((
                name(&category),
                name(&file),
                fs::read_to_string(file).unwrap(),
            ));
        }
    }
    let ids: Vec<(String, String)> = texts
        .iter()
        .map(|(category, file, _)| (category.clone(), file.trim_end_matches(".yaml").to_owned()))
        .collect();
    for (category, file, text) in &texts {
        let mut text = text.clone();
        for (category, name) in &ids {
            let id = Regex::new(&format!(r"\b{category}/{name}\b")).unwrap();
            let copy = format!("{category}/my-{name}");
            text = id.replace_all(&text, copy.as_str()).into_owned();
        }
        // Debugger pages are reported in groups of their own.
        let text = text.replace("group: debugger", "group: my-debugger");
        fs::create_dir_all(to.join(category)).unwrap();
        fs::write(to.join(category).join(format!("my-{file}")), text).unwrap();
    }
    ids.into_iter()
        .map(|(category, name)| format!("{category}/{name}"))
        .collect()
}

#[test]
fn a_testers_copy_of_a_built_in_rule_finds_what_the_built_in_one_finds() {
    let folder = tempfile::tempdir().unwrap();
    let rules = copied(folder.path());
    assert!(rules.len() > 20, "{rules:?}");
    let probes = folder.path().to_str().unwrap();
    let found = twin("vulnerable").options(&["--probes", probes]).scan();
    let of = |rule: &str| -> BTreeSet<String> {
        let own = found.findings().iter().filter(|one| one["rule"] == rule);
        own.map(|one| line(one).replacen(rule, "", 1)).collect()
    };
    let mut any = 0;
    for rule in rules {
        let (category, name) = rule.split_once('/').unwrap();
        let (built_in, copy) = (of(&rule), of(&format!("{category}/my-{name}")));
        assert_eq!(built_in, copy, "{rule}");
        any += built_in.len();
    }
    assert!(any > 50, "{any}");
}

/// The twins draw their CSRF tokens at random. About one in thirty contains no digit, or a word
/// that was asked for, and looks like text of the page. The search for hidden inputs then sends two
/// more controls.
#[test]
fn one_request_at_a_time_and_a_seed_make_the_number_of_requests_exact_but_for_controls() {
    let repaired = twin("repaired").in_order().seed(7).scan();
    for (found, exact) in [(in_order(), 986), (&repaired, 606)] {
        let sent = found.report["coverage"]["requests"].as_u64().unwrap();
        let may = [0, 2, 4].map(|more| exact + more);
        assert!(may.contains(&sent), "{exact}: {sent}");
    }
}

#[test]
fn the_curl_lines_reproduce_each_finding_on_a_fresh_database() {
    let found = vulnerable();
    let mut twin = VULNERABLE.served.lock().unwrap().take().unwrap();
    let mut failures = Vec::new();
    let findings: Vec<&Value> = found
        .findings()
        .iter()
        .filter(|finding| finding["verdict"] == "confirmed")
        // A record's own page is identified by the record's id, which a fresh database does not
        // have.
        .filter(|finding| finding["rule"] != "data-exposure/sensitive-field")
        .collect();
    assert!(findings.len() > 30);
    for chunk in findings.chunks(12) {
        twin = twin.restarted();
        for finding in chunk {
            if let Err(why) = reproduces(finding) {
                failures.push(format!("{}\n{why}", line(finding)));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Runs a finding's lines in one shell and looks for its proof in the output of the last one.
fn reproduces(finding: &Value) -> Result<(), String> {
    let lines: Vec<&str> = finding["evidence"]["curl"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let output = Command::new("bash")
        .arg("-c")
        .arg(lines.join("\n"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rule = finding["rule"].as_str().unwrap();
    match proof(finding, rule, &text) {
        Ok(()) => Ok(()),
        Err(missing) => Err(format!(
            "{missing} in\n{}\n--\n{text:.600}",
            lines.join("\n")
        )),
    }
}

/// Checks that curl's output contains the rule's proof, or the canary at its sink.
fn proof(finding: &Value, rule: &str, text: &str) -> Result<(), String> {
    let shows = |pieces: &[&str]| match pieces.iter().find(|piece| !text.contains(**piece)) {
        Some(missing) => Err(format!("no {missing:?}")),
        None => Ok(()),
    };
    let canary = canary_in(&finding["evidence"]["curl"].to_string());
    match rule {
        "authentication/any-key-accepted" => shows(&["HTTP/1.1 401", "HTTP/1.1 200"]),
        "authentication/key-in-query" => {
            let statuses: BTreeSet<&str> = text
                .lines()
                .filter(|line| line.starts_with("HTTP/1.1 "))
                .collect();
            let stored = text.contains(&canary);
            let consumed = statuses.len() > 1 || stored;
            if consumed {
                Ok(())
            } else {
                Err("one status only, and no canary".to_owned())
            }
        }
        "authentication/debug-console" => shows(&["EVALEX = true"]),
        "data-exposure/traceback" => shows(&["Traceback (most recent call last)"]),
        "data-exposure/debug-mode" => shows(&["CONSOLE_MODE && EVALEX"]),
        "data-exposure/config-dump" => shows(&["SECRET_KEY"]),
        "data-exposure/connection-string" => shows(&["mongodb://"]),
        "data-exposure/public-identifier" => shows(&["Werkzeug/"]),
        "input-validation/unhandled-input" => shows(&["HTTP/1.1 500"]),
        // A well-formed and a malformed value get the same status.
        "input-validation/malformed-key-accepted" => {
            // A body may end without a line break.
            let statuses = text.match_indices("HTTP/1.1 ");
            let statuses = statuses.filter_map(|(at, _)| text.get(at + 9..at + 12));
            let all: Vec<&str> = statuses.collect();
            let last = &all[all.len().saturating_sub(2)..];
            match last {
                [one, other] if one == other && "23".contains(&one[..1]) => Ok(()),
                _ => Err(format!("not the same success twice: {last:?}")),
            }
        }
        _ => disguised(finding, &canary, text),
    }
}

/// Checks that a text contains the canary as the finding's transform leaves it.
fn disguised(finding: &Value, canary: &str, text: &str) -> Result<(), String> {
    let found = match finding["transform"].as_str().unwrap_or_default() {
        "identity" => text.contains(canary),
        "reversed" => text.contains(&canary.chars().rev().collect::<String>()),
        "masked" => text.contains(&format!("{}***", &canary[..6])),
        "sha256" => {
            let digest = Sha256::digest(canary);
            let hex = digest
                .iter()
                .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            text.contains(&hex)
        }
        // It is base64 in the body, a token's payload, or a session.
        _ => words(text).any(|word| {
            let inside = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(canary);
            let decoded = keyspill::signed::decode(word);
            decoded.is_some_and(|signed| inside(&signed.payload))
                || STANDARD.decode(word).is_ok_and(|plain| inside(&plain))
        }),
    };
    let what = &finding["transform"];
    if found {
        Ok(())
    } else {
        Err(format!("no {canary} as {what}"))
    }
}

/// Returns runs of the characters that make up base64, tokens and signed sessions.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=-_.".contains(c)))
        .flat_map(|word| [word, word.trim_start_matches("session=")])
        .filter(|word| word.len() > 20)
}

/// Returns the 40-character canary in a text.
fn canary_in(text: &str) -> String {
    let pattern = regex::Regex::new(r"\b[a-z0-9]{40}\b").unwrap();
    let short = regex::Regex::new(r"\b[a-z0-9]{10}\b").unwrap();
    let found = pattern
        .find_iter(text)
        .last()
        .or_else(|| short.find_iter(text).last());
    found
        .map(|found| found.as_str().to_owned())
        .unwrap_or_default()
}
