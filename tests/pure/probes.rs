//! The probes as a user meets them: the built-in ones are correct, and broken ones are refused with
//! file, line and key.

use std::fs;
use std::path::Path;

use keyspill::error::Error;
use keyspill::finding::Severity;
use keyspill::judge::{DifferentialExamples, StaticExamples};
use keyspill::probe::{Catalog, Defect, Example, ExampleRunner, Probe, ProbeFile, check};

/// Stands in for the runners of canaries and comparisons, which have tests of their own.
struct Elsewhere;

impl ExampleRunner for Elsewhere {
    fn handles(&self, example: &Example) -> bool {
        !matches!(example, Example::Static { .. })
    }

    fn run(&self, _probe: &Probe, _example: &Example) -> Result<bool, String> {
        Err("elsewhere".to_owned())
    }
}

fn check_statics(files: &[ProbeFile]) -> Vec<Defect> {
    let mut defects = check(files, &[&StaticExamples, &Elsewhere]).0;
    defects.retain(|defect| defect.message != "elsewhere");
    defects
}

fn lines(defects: &[Defect]) -> String {
    let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn every_builtin_static_example_holds() {
    let defects = check_statics(&keyspill::builtin::files());
    assert!(defects.is_empty(), "\n{}", lines(&defects));
}

#[test]
fn an_example_that_nobody_runs_is_a_defect() {
    let defects = check(&keyspill::builtin::files(), &[&StaticExamples]).0;
    assert!(
        defects
            .iter()
            .any(|defect| defect.file.ends_with("canary-in-body.yaml"))
    );
    assert!(
        defects
            .iter()
            .all(|defect| defect.message.contains("no detector runs"))
    );
}

#[test]
fn severities_and_cwes_are_those_of_the_rules() {
    use Severity::{Critical, High, Low, Medium};
    let catalog = keyspill::builtin::catalog().unwrap();
    let rules = [
        ("authentication/any-key-accepted", Critical, 287),
        ("authentication/debug-console", Critical, 489),
        ("authentication/key-in-query", Medium, 598),
        ("data-exposure/canary-digest", Low, 328),
        ("data-exposure/canary-in-body", Medium, 200),
        ("data-exposure/canary-in-cookie", Medium, 315),
        ("data-exposure/canary-in-error", Medium, 209),
        ("data-exposure/canary-in-header", Medium, 200),
        ("data-exposure/canary-in-redirect", Medium, 598),
        ("data-exposure/config-dump", Critical, 497),
        ("data-exposure/connection-string", Critical, 522),
        ("data-exposure/database-error", Medium, 209),
        ("data-exposure/debug-mode", High, 489),
        ("data-exposure/exposed-file", High, 538),
        ("data-exposure/public-identifier", Severity::Info, 200),
        ("data-exposure/secret-in-response", High, 200),
        ("data-exposure/sensitive-field", High, 213),
        ("data-exposure/stored-canary", High, 312),
        ("data-exposure/traceback", High, 209),
        ("input-validation/malformed-key-accepted", Medium, 20),
        ("input-validation/operator-injection", High, 943),
        ("input-validation/unhandled-input", Low, 755),
    ];
    for (id, severity, cwe) in rules {
        let rule = catalog
            .rule(id)
            .unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(
            (rule.severity, rule.cwe.as_slice()),
            (severity, &[cwe][..]),
            "{id}"
        );
    }
}

const GOOD: &str = "\
id: data-exposure/teapot
title: The teapot shows itself
severity: low
cwe: [200]
why: Teapots are private.
remediation: Remove the teapot.
detect:
  - type: regex
    pattern: 'teapot-\\d+'
examples:
  - {status: 418, body: teapot-1}
negative_examples:
  - {status: 200, body: coffee}
";

/// Writes these files into a folder, and returns the errors of its probes.
fn errors_of(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    match Catalog::default().with_folder(folder.path()) {
        Ok(_) => String::new(),
        Err(Error::Usage(message)) => message,
        Err(other) => panic!("{other}"),
    }
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn a_probe_is_loaded_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("data-exposure/teapot.yaml", GOOD)]);
    let catalog = keyspill::builtin::catalog()
        .unwrap()
        .with_folder(folder.path())
        .unwrap();
    assert_eq!(
        catalog.rule("data-exposure/teapot").unwrap().severity,
        Severity::Low
    );
    assert!(catalog.rule("data-exposure/traceback").is_some());
    assert!(check_statics(&ProbeFile::folder(folder.path()).unwrap()).is_empty());
}

#[test]
fn a_folders_probe_wins_over_the_builtin_one() {
    let folder = tempfile::tempdir().unwrap();
    let text = GOOD.replace("data-exposure/teapot", "data-exposure/traceback");
    write(folder.path(), &[("data-exposure/traceback.yaml", &text)]);
    let catalog = keyspill::builtin::catalog()
        .unwrap()
        .with_folder(folder.path())
        .unwrap();
    assert_eq!(
        catalog.rule("data-exposure/traceback").unwrap().severity,
        Severity::Low
    );
}

#[test]
fn broken_files_are_refused_with_file_line_and_key() {
    let second = "negative_examples:\n  - {status: 200, body: coffee}\n";
    let rows = [
        ("cwe: [200]", "cwe: [200]\ncolour: red", 5, "colour"),
        ("    pattern", "    sugar: 2\n    pattern", 9, "sugar"),
        ("severity: low", "severity: grave", 3, "severity"),
        ("cwe: [200]", "cwe: [many]", 4, ""),
        ("cwe: [200]", "cwe: []", 4, "cwe"),
        (r"'teapot-\d+'", "'teapot-('", 9, "detect[0].pattern"),
        (r"'teapot-\d+'", r"'\d*'", 9, "detect[0].pattern"),
        ("type: regex", "type: magic", 8, ""),
        ("title: The teapot shows itself\n", "", 1, "title"),
        ("title: The teapot shows itself", "title: ''", 2, "title"),
        (second, "", 1, "negative_examples"),
        ("status: 418", "status: 7", 11, "examples[0]"),
        (
            "id: data-exposure/teapot",
            "id: data-exposure/tea_pot",
            1,
            "id",
        ),
        ("id: data-exposure/teapot", "id: kitchen/teapot", 1, "id"),
        (
            "id: data-exposure/teapot",
            "id: data-exposure/kettle",
            1,
            "id",
        ),
        (
            "body: teapot-1",
            "answers: {plain: {status: 200}}, place: json, input: a",
            11,
            "examples[0]",
        ),
        (
            "body: teapot-1}",
            "body: '{{canary:rot13}}', place: json, input: a}",
            11,
            "examples[0]",
        ),
        (
            "    pattern",
            "    in: nowhere\n    pattern",
            9,
            "detect[0].in",
        ),
        (
            "    pattern",
            "    status: [2xx, 7xx]\n    pattern",
            9,
            "detect[0].status",
        ),
        (
            "    pattern",
            "    unless: [{on: group, pattern: x}]\n    pattern",
            9,
            "detect[0].unless",
        ),
        (
            "  - type: regex",
            "  - {type: native, name: oracle}\n  - type: regex",
            8,
            "detect[0].name",
        ),
    ];
    for (from, to, line, key) in rows {
        assert!(GOOD.contains(from), "{from:?}");
        let text = GOOD.replacen(from, to, 1);
        let errors = errors_of(&[("data-exposure/teapot.yaml", &text)]);
        let file = "data-exposure/teapot.yaml";
        let first = errors.lines().next().unwrap_or_default();
        assert!(
            first.contains(&format!("{file}:{line}")),
            "{to:?}: {errors}"
        );
        assert!(first.contains(key), "{to:?}: {errors}");
    }
}

const COMPARING: &str = "\
id: data-exposure/teapot
title: The teapot opens for any key
severity: low
cwe: [287]
why: Teapots are private.
remediation: Look the key up.
detect:
  - type: differential
    inputs:
      place: header
      seen: let-in
    steps:
      - {send: absent, expect: refused}
      - {send: canary, expect: 2xx}
      - {name: odd, send: [empty, long], decides: false}
    compare:
      - {differ: [absent, canary]}
    controls: nonsense-path
    repeats: 1
examples:
  - {place: header, input: x-key, answers: {absent: {status: 401}, canary: {body: tea}}}
negative_examples:
  - {place: header, input: x-key, answers: {absent: {status: 200}, canary: {body: tea}}}
";

#[test]
fn a_broken_comparison_is_refused_with_file_line_and_key() {
    let rows = [
        (
            "      place: header\n",
            "      place: pocket\n",
            10,
            "inputs.place",
        ),
        ("seen: let-in", "seen: never", 11, "inputs.seen"),
        ("seen: let-in", "seem: let-in", 11, "seem"),
        ("seen: let-in", "name: '('", 11, "inputs.name"),
        (
            "{send: absent, expect: refused}",
            "{send: nothing}",
            13,
            "steps[0].send",
        ),
        ("expect: refused}", "expect: sad}", 13, "steps[0].expect"),
        ("expect: refused}", "expects: refused}", 13, "expects"),
        ("name: odd, ", "", 15, "steps[2].name"),
        (
            "[absent, canary]}\n    controls",
            "[absent, milk]}\n    controls",
            17,
            "compare[0]",
        ),
        (
            "[absent, canary]}\n    controls",
            "[absent, odd]}\n    controls",
            17,
            "compare[0]",
        ),
        (
            "[absent, canary]}\n    controls",
            "[absent]}\n    controls",
            17,
            "compare[0]",
        ),
        ("nonsense-path", "nonsense", 18, "controls"),
        ("repeats: 1", "repeats: 99", 19, "repeats"),
        ("repeats: 1", "verdict: sure", 19, "verdict"),
        ("repeats: 1", "offered: maybe", 19, "offered"),
        ("repeats: 1", "sink: kitchen", 19, "sink"),
        ("repeats: 1", "merge: all", 19, "merge"),
        ("repeats: 1", "cost: 3", 19, "cost"),
        (
            "canary: {body: tea}}}\nneg",
            "milk: {body: tea}}}\nneg",
            21,
            "examples[0]",
        ),
    ];
    assert_eq!(errors_of(&[("data-exposure/teapot.yaml", COMPARING)]), "");
    for (from, to, line, key) in rows {
        assert!(COMPARING.contains(from), "{from:?}");
        let text = COMPARING.replacen(from, to, 1);
        let errors = errors_of(&[("data-exposure/teapot.yaml", &text)]);
        let first = errors.lines().next().unwrap_or_default();
        assert!(
            first.contains(&format!("data-exposure/teapot.yaml:{line}")),
            "{to:?}: {errors}"
        );
        assert!(first.contains(key), "{to:?}: {errors}");
    }
}

#[test]
fn examples_of_a_comparison_are_run_on_their_answers() {
    let run = |text: &str| {
        let file = ProbeFile {
            name: "data-exposure/teapot.yaml".to_owned(),
            text: text.to_owned(),
        };
        lines(&check(&[file], &[&DifferentialExamples]).0)
    };
    assert_eq!(run(COMPARING), "");
    let open = COMPARING.replacen("absent: {status: 401}", "absent: {status: 200}", 1);
    assert!(
        run(&open).contains("examples[0]: is not seen"),
        "{}",
        run(&open)
    );
    let missing = COMPARING.replacen("absent: {status: 401}, ", "", 1);
    assert!(
        run(&missing).contains("\"absent\" is missing"),
        "{}",
        run(&missing)
    );
}

#[test]
fn all_defects_of_a_file_are_told_at_once() {
    let text = GOOD
        .replace("low", "grave")
        .replace("cwe: [200]", "cwe: []");
    let errors = errors_of(&[("data-exposure/teapot.yaml", &text)]);
    assert_eq!(errors.lines().count(), 2, "{errors}");
}

#[test]
fn an_id_may_stand_only_once_in_a_folder() {
    let errors = errors_of(&[
        ("a/data-exposure/teapot.yaml", GOOD),
        ("b/data-exposure/teapot.yaml", GOOD),
    ]);
    assert!(
        errors.contains("b/data-exposure/teapot.yaml:1: id:"),
        "{errors}"
    );
    assert!(errors.contains("a/data-exposure/teapot.yaml"), "{errors}");
}

#[test]
fn a_folder_of_sentences_holds_no_probes() {
    let marks = "marks: [{mark: complaint, pattern: fehlt}]\n";
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("sentences/german.yaml", marks)]);
    let catalog = Catalog::default().with_folder(folder.path()).unwrap();
    assert_eq!(catalog.iter().count(), 0);
    let broken = marks.replace("pattern", "patern");
    let errors = errors_of(&[("sentences/german.yaml", &broken)]);
    assert!(errors.contains("german.yaml:1:"), "{errors}");
    assert!(errors.contains("patern"), "{errors}");
}

#[test]
fn folders_that_hold_no_probe_are_refused() {
    assert!(errors_of(&[("readme.txt", "none")]).contains("holds no probe"));
    let missing = Catalog::default().with_folder(Path::new("/no/such/folder"));
    assert!(missing.unwrap_err().to_string().contains("/no/such/folder"));
}

#[test]
fn examples_that_do_not_hold_are_told_with_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let text = GOOD
        .replace("teapot-1", "cup-1")
        .replace("coffee", "teapot-2");
    write(folder.path(), &[("data-exposure/teapot.yaml", &text)]);
    let defects = check_statics(&ProbeFile::folder(folder.path()).unwrap());
    let told: Vec<(usize, &str)> = defects.iter().map(|d| (d.line, d.key.as_str())).collect();
    assert_eq!(told, [(11, "examples[0]"), (13, "negative_examples[0]")]);
}

#[test]
fn the_manuals_examples_are_probes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/probes");
    let files = ProbeFile::folder(&folder).unwrap();
    assert_eq!(files.len(), 2);
    let defects = check(&files, &[&StaticExamples, &DifferentialExamples]).0;
    assert!(defects.is_empty(), "\n{}", lines(&defects));
}

#[test]
fn the_manual_names_every_key_and_every_matcher() {
    let manual = include_str!("../../probes/README.md");
    let sinks = keyspill::rule::CanarySink::ALL
        .iter()
        .map(|one| one.as_str());
    let forms = keyspill::trial::Form::ALL.iter().map(|one| one.as_str());
    let seen = keyspill::trial::Seen::ALL.iter().map(|one| one.as_str());
    let controls = keyspill::trial::Control::ALL.iter().map(|one| one.as_str());
    let expected = keyspill::trial::Expect::NAMES.iter().map(|one| one.0);
    let checks = keyspill::rule::Verify::ALL.iter().map(|one| one.as_str());
    let steps = forms.chain(seen).chain(controls).chain(expected);
    for name in sinks.chain(steps).chain(checks) {
        assert!(manual.contains(&format!("`{name}`")), "{name}");
    }
}
