//! SARIF as code scanning reads it. The files that these tests leave in the target folder are
//! validated by `.ci/sarif`.

use std::fs;
use std::path::Path;

use keyspill::finding::{Finding, Problem, ScanResult, SinkPlace};
use keyspill::http::Method;
use keyspill::report::baseline::apply;
use keyspill::report::json::{SinkV1, SourceV1};
use keyspill::report::{ReportV2, render};
use keyspill::settings::Format;
use keyspill::surface::Place;
use serde_json::{Value, json};

use super::sample::{self, Made, sink, source, stored};

/// The SARIF of a report; a copy stays for the validator.
fn sarif(name: &str, report: &ReportV2) -> Value {
    let bytes = render(Format::Sarif, report).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.sarif")), &bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn of(name: &str, findings: Vec<Finding>) -> Value {
    let outcome = ScanResult {
        findings,
        ..sample::empty()
    };
    sarif(name, &ReportV2::from_result(&outcome))
}

#[test]
fn a_clean_scan_has_an_empty_list_of_results() {
    let log = of("empty", Vec::new());
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"][0]["results"], json!([]));
    assert_eq!(
        log["runs"][0]["invocations"][0]["executionSuccessful"],
        true
    );
}

#[test]
fn every_result_points_at_its_rule() {
    let log = sarif("full", &sample::report());
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let ids: Vec<&str> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
}

#[test]
fn two_findings_of_one_rule_share_it() {
    let second = Made {
        source: Some(source(Method::Post, "/keys", Place::Json, "secret")),
        ..stored()
    };
    let log = of("shared-rule", vec![stored().made(), second.made()]);
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
    assert_eq!(run["results"].as_array().unwrap().len(), 2);
}

#[test]
fn undetermined_findings_are_no_results() {
    let log = sarif("full", &sample::report());
    let text = log.to_string();
    assert!(!text.contains("undetermined"));
    assert!(!text.contains("canary-in-redirect"));
}

#[test]
fn a_result_tells_place_fingerprint_and_way() {
    let report = sample::report();
    let log = sarif("full", &report);
    let result = &log["runs"][0]["results"][2];
    assert_eq!(result["ruleId"], "data-exposure/stored-canary");
    assert_eq!(result["level"], "error");
    assert_eq!(
        result["message"]["text"],
        "Fault of data-exposure/stored-canary. In: 'query key of POST /keys'. \
         Out: 'body keys[].key of GET /keys/{id}'."
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "localhost/keys/%7Bid%7D");
    assert_eq!(place["region"]["startLine"], 1);
    assert!(
        place["region"]["snippet"]["text"]
            .as_str()
            .unwrap()
            .contains(sample::CANARY)
    );
    assert_eq!(
        result["partialFingerprints"],
        json!({
            "primaryLocationLineHash": report.findings[2].fingerprint,
            "keyspill/v2": report.findings[2].fingerprints.as_ref().unwrap().v2,
        })
    );
    let steps = &result["codeFlows"][0]["threadFlows"][0]["locations"];
    let uri = |step: usize| &steps[step]["location"]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(
        (uri(0), uri(1)),
        (&json!("localhost/keys"), &json!("localhost/keys/%7Bid%7D"))
    );
    assert_eq!(
        steps[0]["location"]["message"]["text"],
        "Planted: 'query key of POST /keys'."
    );
    assert_eq!(result["webRequest"]["method"], "GET");
    assert_eq!(result["webRequest"]["target"], "/keys/1");
    assert_eq!(result["webResponse"]["statusCode"], 200);
    assert_eq!(result["webResponse"]["headers"]["set-cookie"], "a=1, b=2");
    assert!(
        result["webResponse"]["body"]["text"]
            .as_str()
            .unwrap()
            .contains(sample::CANARY)
    );
    assert!(result.get("baselineState").is_none());
}

#[test]
fn every_location_has_a_region_and_a_uri_without_scheme_and_port() {
    let mut seen = 0;
    let log = sarif("full", &sample::report());
    visit(&log, &mut |key, value| {
        if key == "physicalLocation" {
            seen += 1;
            assert!(value["region"]["startLine"].as_u64().unwrap() >= 1);
            let uri = value["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                uri.starts_with("localhost/") && !uri.contains(['{', ':']),
                "{uri}"
            );
        }
    });
    assert!(seen > 8, "{seen}");
}

fn visit(value: &Value, each: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                each(key, value);
                visit(value, each);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, each)),
        _ => {}
    }
}

#[test]
fn rules_carry_what_code_scanning_shows() {
    let log = sarif("full", &sample::report());
    let rules = &log["runs"][0]["tool"]["driver"]["rules"];
    let facts: Vec<(&str, &str, &str)> = rules
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            (
                rule["name"].as_str().unwrap(),
                rule["properties"]["security-severity"].as_str().unwrap(),
                rule["defaultConfiguration"]["level"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        facts,
        [
            ("AnyKeyAccepted", "9.5", "error"),
            ("ConfigDump", "9.5", "error"),
            ("PublicIdentifier", "0.0", "note"),
            ("StoredCanary", "8.0", "error"),
            ("UnhandledInput", "3.0", "note"),
        ]
    );
    let rule = &rules[3];
    assert_eq!(
        rule["properties"]["tags"],
        json!([
            "security",
            "data-exposure",
            "external/cwe/cwe-312",
            "external/cwe/cwe-079",
            "external/owasp-api-2023/api3",
            "external/owasp-asvs/v4.0.3-8.3.1"
        ])
    );
    assert_eq!(
        rule["helpUri"],
        "https://keyspill.invalid/rules#data-exposure-stored-canary"
    );
    assert!(
        rule["help"]["markdown"]
            .as_str()
            .unwrap()
            .contains("keyed hash")
    );
}

#[test]
fn further_places_are_related_locations() {
    let log = sarif("full", &sample::report());
    let related = &log["runs"][0]["results"][3]["relatedLocations"];
    assert_eq!(related[0]["id"], 1);
    assert_eq!(
        related[0]["message"]["text"],
        "In: 'json owner[].name of POST /keys'."
    );
    assert_eq!(
        related[1]["message"]["text"],
        "Out: 'status of POST /keys/{id}'."
    );
}

#[test]
fn a_baseline_shows_as_state() {
    let old = ReportV2::from_result(&ScanResult {
        findings: vec![stored().made()],
        ..sample::empty()
    });
    let mut report = sample::report();
    apply(&old, &mut report);
    let log = sarif("baseline", &report);
    let states: Vec<&Value> = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["baselineState"])
        .collect();
    assert_eq!(states, ["new", "new", "unchanged", "new", "new"]);
}

#[test]
fn another_port_run_and_canary_give_the_same_results_to_a_service() {
    let first = sarif("run-1", &sample::report());
    let mut outcome = sample::full();
    outcome.target = "http://localhost:61234/".to_owned();
    outcome.run_id = "r-0002".to_owned();
    let second = sarif("run-2", &ReportV2::from_result(&outcome));
    let identity = |log: &Value| -> Vec<(Value, Value)> {
        log["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| {
                (
                    result["partialFingerprints"].clone(),
                    result["locations"].clone(),
                )
            })
            .collect()
    };
    assert_eq!(identity(&first), identity(&second));
    let id = |log: &Value| log["runs"][0]["automationDetails"]["id"].clone();
    assert_eq!(id(&first), "keyspill/localhost/r-0001");
    assert_eq!(id(&second), "keyspill/localhost/r-0002");
}

#[test]
fn a_scan_that_stopped_early_is_not_successful_and_says_why() {
    let outcome = ScanResult {
        complete: false,
        problems: vec![Problem::new(
            "budget",
            "the budget of 100 requests is spent",
        )],
        ..sample::empty()
    };
    let log = sarif("stopped", &ReportV2::from_result(&outcome));
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = &invocation["toolExecutionNotifications"][0];
    assert_eq!(told["descriptor"]["id"], "budget");
    assert_eq!(
        told["message"]["text"],
        "the budget of 100 requests is spent."
    );
}

#[test]
fn names_that_a_hostile_target_chose_stay_text() {
    let odd = "a[x](1)\u{202e}\n{0} 'q'";
    let log = of(
        "hostile",
        vec![
            Made {
                source: Some(source(
                    Method::Get,
                    &format!("/{odd}/%zz/é"),
                    Place::Json,
                    odd,
                )),
                sink: sink(Method::Get, "/", SinkPlace::Header("x:y".to_owned()), odd),
                snippet: "\0\u{feff}\x1b".to_owned(),
                exchanges: vec![keyspill::finding::ExchangeText {
                    role: keyspill::finding::Role::Read,
                    request: "no request line".to_owned(),
                    response: Some(String::new()),
                }],
                ..stored()
            }
            .made(),
        ],
    );
    let text = log["runs"][0]["results"][0]["message"]["text"]
        .as_str()
        .unwrap();
    assert!(!text.contains("]("), "{text}");
    assert!(!text.contains('\n'), "{text}");
}

#[test]
fn witnesses_have_places_too() {
    let mut report = sample::report();
    report.target.url = "http://[::1]:5000/".to_owned();
    report.findings[0].sink = SinkV1::File {
        file: "logs/app.log".to_owned(),
        line: Some(17),
        offset: Some(3),
    };
    report.findings[1].sink = SinkV1::Database {
        collection: "keys".to_owned(),
        field: "key".to_owned(),
    };
    report.findings[1].source = Some(SourceV1 {
        method: "POST".to_owned(),
        path: "/keys".to_owned(),
        place: Place::Json,
        input: "*".to_owned(),
    });
    let log = sarif("witnesses", &report);
    let place =
        |index: usize| &log["runs"][0]["results"][index]["locations"][0]["physicalLocation"];
    assert_eq!(place(0)["artifactLocation"]["uri"], "witness/logs/app.log");
    assert_eq!(place(0)["region"]["startLine"], 17);
    assert_eq!(place(1)["artifactLocation"]["uri"], "database/keys");
    assert_eq!(
        place(2)["artifactLocation"]["uri"],
        "%5B%3A%3A1%5D/keys/%7Bid%7D"
    );
}
