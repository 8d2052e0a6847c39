//! What an error says besides names, and sentence files as a tester writes them.

use std::collections::BTreeMap;

use url::Url;

use super::*;
use crate::http::Method;
use crate::sentences::{Sentences, builtin, builtin_files};

fn said(kind: &str, body: &str, status: u16, error: &str, known: &[(Place, &str)]) -> Said {
    let mut request = Request::new(Method::Post, Url::parse("http://h/x").unwrap())
        .with_header("content-type", kind);
    request.body = body.as_bytes().to_vec();
    let known: Vec<Input> = known
        .iter()
        .map(|(place, name)| Input::new(*place, name, Provenance::Error))
        .collect();
    let table = Sentences::joined(builtin().values());
    read(
        &table,
        &request,
        &Response::of(status, &[], error),
        &known,
        true,
    )
}

#[test]
fn a_field_that_went_along_and_is_missed_belongs_elsewhere() {
    let missing = r#"[{"type": "missing", "loc": ["badge"], "msg": "Field required"}]"#;
    let json = [(Place::Json, "badge")];
    let moved = said(
        "application/json",
        r#"{"badge": "sample"}"#,
        422,
        missing,
        &json,
    );
    assert_eq!(moved.misplaced, [(Place::Json, "badge".to_owned())]);
    assert_eq!(moved.inputs[0].place, Place::Form);
    // Nothing moves for an empty value, or if another field is missing as well.
    let empty = said("application/json", r#"{"badge": ""}"#, 422, missing, &json);
    assert!(empty.misplaced.is_empty());
    let both = "'badge' and 'name' are required";
    let joint = said(
        "application/json",
        r#"{"badge": "sample"}"#,
        400,
        both,
        &json,
    );
    assert!(joint.misplaced.is_empty());
}

#[test]
fn a_415_says_which_body_is_wanted() {
    let wanted = |error: &str| said("application/json", "{}", 415, error, &[]).body;
    assert_eq!(
        wanted("Invalid Content-type (application/json), expected ['multipart/form-data']"),
        Some(Place::Multipart)
    );
    assert_eq!(
        wanted(
            "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."
        ),
        None
    );
}

/// Returns the defects of a file beside the built-in ones, one per line.
fn defects(text: &str) -> Vec<String> {
    let (defects, _) = check(&builtin(), &[("own/sentences/a.yaml", text)]);
    defects.iter().map(ToString::to_string).collect()
}

#[test]
fn every_builtin_example_holds_and_every_form_is_needed() {
    let files = builtin_files();
    let files = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let files: Vec<_> = files.collect();
    let (defects, examples) = check(&BTreeMap::new(), &files);
    let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    assert!(examples > 200, "{examples}");
}

const OWN: &str = "\
forms:
  - form: Greek
    in: text
    pattern: 'λείπει το (?P<name>\\w+)'
    required: true
    examples:
      - {says: λείπει το tag, names: [json tag!]}
negative_examples:
  - {says: λείπει}
";

#[test]
fn a_file_of_a_tester_s_is_read_beside_the_builtin_ones() {
    assert_eq!(defects(OWN), [""; 0]);
    let broken = [
        ("+)'", "+'", "a.yaml:2"),
        ("+)'", "+'", "forms[0]: error: unclosed group"),
        // It parses, but is too large to compile.
        (
            "+)'",
            "{900}){90}'",
            "a.yaml:2: forms[0]: Compiled regex exceeds size limit",
        ),
        ("required: true", "requird: true", "a.yaml:5:"),
        (
            "in: text",
            "in: nowhere",
            "forms[0].in: unknown variant `nowhere`",
        ),
        ("tag!", "tag", "a.yaml:7: forms[0].examples[0]: Greek: "),
        (
            "το tag",
            "Missing tag",
            "a.yaml:2: forms[0]: Greek: no example needs",
        ),
        (
            "negative_examples:\n  - {says: λείπει}\n",
            "",
            "a.yaml:1: negative_examples: is missing",
        ),
        (
            "{says: λείπει}",
            "{says: λείπει το tag}",
            "a.yaml:9: negative_examples[0]: ",
        ),
    ];
    for (right, wrong, expected) in broken {
        let told = defects(&OWN.replace(right, wrong)).join("\n");
        assert!(told.contains(expected), "{wrong}: {told}");
    }
}
