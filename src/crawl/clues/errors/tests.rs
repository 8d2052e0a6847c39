//! What error answers of each library name.

use crate::http::Method;
use serde_json::{Value, json};
use url::Url;

use super::super::lines;
use super::*;

#[track_caller]
fn check(body: &Value, expected: &[&str]) {
    check_text(
        Method::Post,
        "application/json",
        &body.to_string(),
        expected,
    );
}

#[track_caller]
fn check_text(method: Method, kind: &str, body: &str, expected: &[&str]) {
    let url = Url::parse("http://h/x").unwrap();
    let request = Request::new(method, url).with_header("content-type", kind);
    let inputs = read(&request, &Response::of(422, &[], body), &[], true).inputs;
    assert_eq!(lines(&inputs), expected, "{body}");
}

#[test]
fn flask_smorest_and_apiflask_errors_name_place_and_field() {
    check(
        &json!({"code": 422, "errors": {"json": {"name": ["Missing data for required field."], "n": ["Not a valid integer."]}, "query": {"page": ["Must be greater than 0."]}}, "status": "Unprocessable Entity"}),
        &["json name!", "json n", "query page"],
    );
    check(
        &json!({"detail": {"headers": {"X-Token": ["Missing data for required field."]}}, "message": "Validation error"}),
        &["header x-token!"],
    );
    check(
        &json!({"json": {"address": {"city": ["Missing data for required field."]}}}),
        &["json address.city!"],
    );
}

#[test]
fn pydantic_errors_name_their_location() {
    check(
        &json!({"detail": [{"loc": ["body", "user", "mail"], "msg": "Field required", "type": "missing"}, {"loc": ["query", "q"], "msg": "field required", "type": "value_error.missing"}]}),
        &["json user.mail!", "query q!"],
    );
    check(
        &json!([{"type": "missing", "loc": ["secret"], "msg": "Field required", "input": {}}]),
        &["json secret!"],
    );
}

#[test]
fn reqparse_cerberus_and_jsonschema_errors_name_the_field() {
    check(
        &json!({"message": {"task": "Missing required parameter in the JSON body"}}),
        &["json task!"],
    );
    check(
        &json!({"errors": {"page": "Missing required parameter in the query string"}, "message": "Input payload validation failed"}),
        &["query page!"],
    );
    check(
        &json!({"_status": "ERR", "_issues": {"lastname": "required field"}, "_error": {"code": 422, "message": "Insertion failure: 1 document(s) contain(s) error(s)"}}),
        &["json lastname!"],
    );
    check(
        &json!({"error": "'name' is a required property"}),
        &["json name!"],
    );
    check(
        &json!({"error": "required key not provided @ data['host']"}),
        &["json host!"],
    );
}

#[test]
fn nested_fields_and_lists_keep_their_path() {
    check(
        &json!({"customs": ["required field"], "wheels": ["min value is 1"]}),
        &["json customs!", "json wheels"],
    );
    check(
        &json!({"errors": {"json": {"doses": {"0": {"drug": ["Missing data for required field."]}}, "home": {"_schema": ["Invalid input type."]}}}}),
        &["json doses[].drug!", "json home"],
    );
    check(
        &json!([{"path": ["bill", 0], "message": "'net' is a required property"}]),
        &["json bill[].net!"],
    );
    check(
        &json!({"errors": ["required key not provided @ data['a'][0]['b']"]}),
        &["json a[].b!"],
    );
    check(
        &json!({"detail": "'email' is a required property - 'contact.0'", "status": 400}),
        &["json contact[].email!"],
    );
    check_text(
        Method::Post,
        "application/json",
        "2 validation errors for Driver\nlicence\n  Field required [type=missing, input_value={}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2/v/missing\nspot.0.row\n  Input should be a valid integer [type=int_type, input_value='x', input_type=str]",
        &["json licence!", "json spot[].row"],
    );
    check(
        &json!({"json": {"reason": ["Missing data for required field."], "code": ["Not a valid integer."]}}),
        &["json reason!", "json code"],
    );
}

#[test]
fn an_argument_s_own_help_stands_for_what_is_missing() {
    check(
        &json!({"message": {"parcel": "Which parcel was lost", "weight": "could not convert string to float: 'x'"}}),
        &["json parcel!", "json weight"],
    );
}

fn said(kind: &str, body: &str, status: u16, error: &str, known: &[(Place, &str)]) -> Said {
    let mut request = Request::new(Method::Post, Url::parse("http://h/x").unwrap())
        .with_header("content-type", kind);
    request.body = body.as_bytes().to_vec();
    let known: Vec<Input> = known
        .iter()
        .map(|(place, name)| Input::new(*place, name, Provenance::Error))
        .collect();
    read(&request, &Response::of(status, &[], error), &known, true)
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
    // Nothing is moved for an empty value, or where another field is missing as well.
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

#[test]
fn the_one_input_that_carried_a_refused_value_gets_its_type() {
    let error = "'sample' is not one of ['east', 'west']";
    let one = said(
        "application/json",
        r#"{"wing": "sample", "n": 1}"#,
        400,
        error,
        &[],
    );
    assert_eq!(one.inputs[0].name, "wing");
    assert_eq!(one.inputs[0].hint.choices, ["east", "west"]);
    let two = said(
        "application/json",
        r#"{"wing": "sample", "n": "sample"}"#,
        400,
        error,
        &[],
    );
    assert_eq!(two.inputs, []);
}

#[test]
fn sentences_name_inputs_by_quotes_snake_case_and_header_style() {
    check(
        &json!({"error": "Missing X-API-Key header"}),
        &["header x-api-key!"],
    );
    check(
        &json!({"error": "'url' and 'secret' are required"}),
        &["json url!", "json secret!"],
    );
    check(
        &json!({"error": "url and secret are required"}),
        &["json url!", "json secret!"],
    );
    check(
        &json!({"error": "api_key parameter is required"}),
        &["json api_key!"],
    );
    check_text(
        Method::Get,
        "",
        "Missing required query parameter: token",
        &["query token!"],
    );
    check_text(Method::Get, "", "Name is required", &["query Name!"]);
    check_text(
        Method::Get,
        "",
        "<p>The browser (or proxy) sent a request that this server could not understand.<br>KeyError: &#39;tenant&#39;</p>",
        &["query tenant!"],
    );
    check_text(
        Method::Post,
        "",
        "{\"error\":\"pin_code is required\"}",
        &["json pin_code", "form pin_code"],
    );
}

#[test]
fn answers_that_list_what_is_missing_or_name_a_field_beside_its_message() {
    check(
        &json!({"error": "incomplete", "missing": ["title", "key"]}),
        &["json title!", "json key!"],
    );
    check(
        &json!({"errors": [{"field": "title", "message": "title is required"}, {"param": "n", "msg": "must be a number"}]}),
        &["json title!", "json n"],
    );
}

#[test]
fn what_people_write_names_inputs_where_nothing_else_explains_it() {
    check(
        &json!({"error": "finish must be one of: matt, semi_gloss"}),
        &["json finish!"],
    );
    check(
        &json!({"error": "please provide finish"}),
        &["json finish!"],
    );
    check(
        &json!({"errors": ["finish is not a string", "paintCode has to be given"]}),
        &["json finish!", "json paintCode!"],
    );
    let quoted = said(
        "application/json",
        r#"{"n": "sample"}"#,
        400,
        "'sample' is not a valid choice",
        &[],
    );
    assert_eq!(quoted.inputs[0].name, "n");
    let known = [(Place::Json, "finish")];
    let body = r#"{"finish": "sample"}"#;
    let of = |error: &str| said("application/json", body, 400, error, &known).inputs;
    assert_eq!(of(r#"{"error": "no paint"}"#), []);
    assert_eq!(of(r#"{"error": "paint does not match finish"}"#), []);
    assert_eq!(
        of(r#"{"error": "coat must be an integer"}"#)[0].name,
        "coat"
    );
    let one = &of(r#"{"error": "finish must be one of: matt, semi_gloss"}"#);
    assert_eq!(one.len(), 1, "{one:?}");
    assert_eq!(one[0].hint.choices, ["matt", "semi_gloss"]);
}

#[test]
fn prose_in_refusals_of_bodies_names_nothing() {
    for text in [
        "Something went wrong, please try again later.",
        "bad request",
        "The browser (or proxy) sent a request that this server could not understand.",
        "Order must be paid first",
        "this slot is not available",
        "No data given",
        "invalid JSON",
        "Please provide valid credentials",
        "invalid_grant",
        "invalid_token: The token has expired",
        "Your session is over. Please log in again.",
        "You have to wait 30 seconds",
        "Dates must be given as YYYY-MM-DD",
        "There is no such room",
        "JavaScript must be enabled",
        "E-Mail is not valid",
    ] {
        for body in [json!({"error": text}).to_string(), format!("<p>{text}</p>")] {
            let said = said("application/json", "{}", 400, &body, &[]);
            let names: Vec<&str> = said.inputs.iter().map(|i| i.name.as_str()).collect();
            assert_eq!(names, [""; 0], "{body}");
        }
    }
}

fn check_status(status: u16, body: &str, expected: &[&str]) {
    let request = Request::get(Url::parse("http://h/x").unwrap());
    let inputs = read(&request, &Response::of(status, &[], body), &[], true).inputs;
    let lines: Vec<String> = inputs
        .iter()
        .map(|i| format!("{} {}{}", i.place, i.prefix, i.name))
        .collect();
    assert_eq!(lines, expected, "{body}");
}

#[test]
fn refusals_name_headers() {
    check_status(
        401,
        "{\"msg\": \"Missing JWT in cookies, headers, query_string or json (Missing cookie \\\"access_token_cookie\\\"; Missing Authorization Header; Missing \\\"jwt\\\" query paramater)\"}",
        &[
            "header Bearer authorization",
            "cookie access_token_cookie",
            "query jwt",
        ],
    );
    check_status(
        401,
        "{\"msg\": \"Missing JWT in headers or cookies (Missing Authorization Header)\"}",
        &["header Bearer authorization"],
    );
    check_status(
        422,
        "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'",
        &["header Bearer authorization"],
    );
    check_status(401, "Invalid token", &["header Bearer authorization"]);
    check_status(401, "API key required", &["header x-api-key"]);
    check_status(
        401,
        "{\"error\": \"Send the key of your contract as X-Partner-Key.\"}",
        &["header x-partner-key"],
    );
    check_status(403, "X-Request-ID: 5; try X-Key", &["header x-key"]);
    check_status(422, "Send it as X-Partner-Key.", &[]);
    check_status(422, "Invalid token", &[]);
    check_status(400, "Missing token", &["query token"]);
    check_status(401, "Missing query parameter: token", &["query token"]);
}

#[test]
fn a_bare_key_is_a_field_and_parents_are_kept() {
    check(&json!({"error": "'name'"}), &["json name!"]);
    check_text(
        Method::Post,
        "application/x-www-form-urlencoded",
        "'name'",
        &["json name", "form name"],
    );
    check(
        &json!({"error": {"vault": {"passphrase": "is required"}}}),
        &["json passphrase", "json vault.passphrase"],
    );
}

#[test]
fn ordinary_errors_name_nothing() {
    for body in [
        "Authentication required",
        "You must be logged in",
        "Invalid credentials",
        "The key is invalid",
        "An unexpected error occurred",
        "A valid API key is required.",
        "Missing authorization",
        "TypeError: expected str, not 'int'",
        "must be str, not 'list'",
        "can only join an iterable, expected str, got 'Decimal'",
        "'int' object has no attribute 'get_name' which is required",
        "save() missing 1 required positional argument: 'owner_id'",
        "list indices must be integers or slices, not str",
        "Traceback (most recent call last):\nValueError: 'x_y' must be z",
    ] {
        check_text(Method::Get, "", body, &[]);
    }
}
