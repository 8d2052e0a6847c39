//! Differential probes against a small real Flask application: a user's own probe works, controls
//! are shared, and a probe costs what it says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use keyspill::probe::Catalog;

use crate::app::{Scan, Served, app, root};

const OWN: &str = "authentication/switch-skips-login";
const ANY_KEY: &str = "authentication/any-key-accepted";
const IN_QUERY: &str = "authentication/key-in-query";
const MALFORMED: &str = "input-validation/malformed-key-accepted";
const UNHANDLED: &str = "input-validation/unhandled-input";
const BUILTIN: [&str; 4] = [ANY_KEY, IN_QUERY, MALFORMED, UNHANDLED];

fn serve(target: &str) -> Served {
    app(&format!("probed/{target}")).in_order().seed(5).serve()
}

/// Scans with the probes of a folder; the scan is the same each time.
fn scan_with(served: &Served, probes: &Path) -> Scan {
    // No probe file can turn off what a rule in Rust tries.
    let operators = ["--exclude-rule", "input-validation/operator-injection"];
    served.scan(&[&operators[..], &["--probes", probes.to_str().unwrap()]].concat())
}

/// Creates a folder with the example probe of `examples/probes`, and built-in rules that never
/// examine anything.
fn folder(own: &[&str], off: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |id: &str, text: &str| {
        let path = folder.path().join(format!("{id}.yaml"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let example = root().join(format!("examples/probes/{OWN}.yaml"));
    let example = fs::read_to_string(example).unwrap();
    for id in own {
        write(
            id,
            &example.replace(&format!("id: {OWN}"), &format!("id: {id}")),
        );
    }
    for id in off {
        let text = fs::read_to_string(root().join(format!("probes/{id}.yaml"))).unwrap();
        let nowhere = "inputs:\n      path: '^/nowhere$'\n";
        let block = text.replace("inputs:\n", nowhere);
        let flow = block.replace("inputs: {", "inputs: {path: '^/nowhere$', ");
        assert!(flow != text);
        write(id, &flow);
    }
    folder
}

fn of_rule(found: &Scan, rule: &str) -> Vec<String> {
    let lines = found.lines();
    let of_rule = lines.iter().filter(|line| line.starts_with(rule));
    of_rule.cloned().collect()
}

fn cost(catalog: &Catalog, rule: &str) -> usize {
    let probe = catalog.get(rule).unwrap();
    let costs = probe.experiments().map(|experiment| experiment.cost());
    costs.max().unwrap()
}

#[test]
fn somebodys_own_probe_finds_its_fault_and_the_builtin_rules_find_theirs() {
    let server = serve("desk:app");
    let found = scan_with(&server, &root().join("examples/probes"));
    assert_eq!(
        of_rule(&found, OWN),
        [format!(
            "{OWN} | GET /drafts/spring query preview | GET /drafts/spring body | confirmed"
        )]
    );
    for (rule, places) in [
        // An input that gets past a refusal is a credential, whatever its name.
        (
            ANY_KEY,
            &[
                "GET /drafts/spring query preview",
                "GET /figures header x-api-key",
            ][..],
        ),
        (IN_QUERY, &["GET /quote query api_key"]),
        (
            MALFORMED,
            &[
                "GET /drafts/spring query preview",
                "GET /figures header x-api-key",
                "GET /quote query api_key",
                "POST /keys json api_key",
            ],
        ),
        (UNHANDLED, &["GET /items query number"]),
    ] {
        let lines = of_rule(&found, rule);
        let confirmed: Vec<&str> = lines
            .iter()
            .filter(|line| line.ends_with("confirmed"))
            .filter_map(|line| line.split(" | ").nth(1))
            // It is really used: it is required, or its value decides.
            .filter(|place| rule != IN_QUERY || place.contains("/quote"))
            .collect();
        assert_eq!(confirmed, places, "{rule}: {lines:#?}");
    }
}

#[test]
fn nothing_is_found_where_the_same_is_repaired() {
    let server = serve("desk:repaired");
    let found = scan_with(&server, &root().join("examples/probes"));
    let rules = [&BUILTIN[..], &[OWN]].concat();
    // `/verify` takes its key in the query in the repaired application, too.
    let lines: Vec<String> = rules
        .iter()
        .flat_map(|rule| of_rule(&found, rule))
        .filter(|line| !line.ends_with("undetermined"))
        .filter(|line| !line.contains("/verify query") && !line.contains("/search query"))
        .collect();
    assert_eq!(lines, [""; 0], "{}", found.stdout);
}

#[test]
fn two_rules_on_one_operation_send_the_baseline_and_each_control_once() {
    let server = serve("desk:app");
    let second = "authentication/switch-skips-login-too";
    // An application without records is asked more, until an id is known, so the first scan leaves
    // some.
    scan_with(&server, folder(&[], &BUILTIN).path());
    let mut spent = vec![server.said("GET /")];
    let mut nonsense = Vec::new();
    for own in [&[][..], &[OWN], &[OWN, second]] {
        let before = server.said("zq7wvx");
        let found = scan_with(&server, folder(own, &BUILTIN).path());
        let confirmed = found.lines().iter().filter(|l| l.starts_with(OWN)).count();
        assert_eq!(confirmed, own.len(), "{:#?}", found.lines());
        spent
            .push(usize::try_from(found.report["coverage"]["requests"].as_u64().unwrap()).unwrap());
        nonsense.push(server.said("zq7wvx") - before);
    }
    let (one, two) = (spent[2] - spent[1], spent[3] - spent[2]);
    // Two controls and three rounds of three steps.
    assert_eq!(one, 2 + 3 * 3);
    // The second rule has its own repeats. It shares the controls and the first answer without the
    // input with the first rule.
    assert_eq!(one - two, 3);
    assert_eq!(
        (nonsense[1] - nonsense[0], nonsense[2] - nonsense[0]),
        (2, 2)
    );
}

#[test]
fn a_probe_costs_what_it_says() {
    let server = serve("desk:app");
    let catalog = keyspill::builtin::catalog().unwrap();
    let pieces = [
        "/figures",
        "/quote",
        "POST /keys",
        "/hello",
        "POST /notes",
        "/search",
        "/drafts",
        "GET /items",
    ];
    let requests = |on: Option<&str>| {
        let off: Vec<&str> = BUILTIN.into_iter().filter(|id| Some(*id) != on).collect();
        let before = pieces.map(|piece| server.said(piece));
        scan_with(&server, folder(&[OWN], &off).path());
        let after = pieces.map(|piece| server.said(piece));
        let all = pieces.into_iter().zip(after.into_iter().zip(before));
        all.map(|(piece, (after, before))| (piece, after - before))
            .collect::<BTreeMap<&str, usize>>()
    };
    let without = requests(None);
    let with: BTreeMap<&str, BTreeMap<&str, usize>> = BUILTIN
        .into_iter()
        .map(|rule| (rule, requests(Some(rule))))
        .collect();
    for (rule, piece, exact) in [
        // Absent, a key, another key, all twice; and one malformed key.
        (ANY_KEY, "/figures", 7),
        // Absent and present, three times each; a nonsense parameter.
        (IN_QUERY, "/quote", 7),
        // Absent, well-formed, four malformed values, two repeats of a pair, empty.
        (MALFORMED, "POST /keys", 11),
        // Only echoed or ignored: absent and well-formed.
        (MALFORMED, "/hello", 2),
        (MALFORMED, "POST /notes", 2),
        (MALFORMED, "/search", 2),
        // Nothing is spent if no canary succeeded, or on an input that is not a credential.
        (MALFORMED, "GET /items", 0),
        // The odd value, the baseline, twice.
        (UNHANDLED, "GET /items", 4),
    ] {
        let spent = with[rule][piece].checked_sub(without[piece]);
        assert_eq!(
            spent,
            Some(exact),
            "{rule} on {piece}: {with:#?} {without:#?}"
        );
        assert!(exact <= cost(&catalog, rule), "{rule} says it costs less");
    }
}

#[test]
fn the_testers_own_key_is_tried_out_where_only_its_form_is_checked() {
    let server = serve("gate:app");
    let key = "dk_live_7f3a9c1e5b2d8064";
    let own = format!("X-Depot-Key: {key}");
    let auth = format!("header:X-Depot-Key={key}");
    for given in [["-H", &own], ["--auth", &auth]] {
        let found = server.scan(&given);
        let mut places: Vec<&str> = found
            .findings()
            .iter()
            .filter(|finding| finding["rule"] == ANY_KEY && finding["verdict"] == "confirmed")
            .map(|finding| finding["sink"]["path"].as_str().unwrap())
            .collect();
        places.sort_unstable();
        assert_eq!(places, ["/loose/lots", "/loose/lots/{id}"], "{given:?}");
        assert!(!found.report.to_string().contains("7f3a9c1e5b2d8064"));
        // In the line that shows the refusal, the key is missing altogether.
        let finding = found.findings().iter().find(|f| f["rule"] == ANY_KEY);
        let refused = finding.unwrap()["evidence"]["curl"][0].as_str().unwrap();
        assert!(!refused.contains("X-Depot-Key"), "{refused}");
    }
}

#[test]
fn a_stray_quote_in_json_and_in_a_path_brings_the_drivers_message_out() {
    let server = serve("books:app");
    let found = server.scan(&[]);
    let mut places: Vec<String> = found
        .findings()
        .iter()
        .filter(|finding| finding["verdict"] == "confirmed")
        .flat_map(|finding| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let rule = text(&finding["rule"]);
            // One message of the driver is one finding, wherever it appears.
            let others = finding["occurrences"].as_array().unwrap().iter();
            let places = std::iter::once(finding).chain(others);
            let paths = places.map(|place| text(&place["sink"]["path"]));
            paths
                .filter(|path| !path.is_empty())
                .map(|path| format!("{rule} {path}"))
                .collect::<Vec<_>>()
        })
        .filter(|place| !place.contains("public-identifier"))
        .collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(
        places,
        [
            "data-exposure/database-error /glued/books/{title}",
            "data-exposure/database-error /glued/find",
            "input-validation/unhandled-input /glued/books/{title}",
            "input-validation/unhandled-input /glued/find",
        ]
    );
}
