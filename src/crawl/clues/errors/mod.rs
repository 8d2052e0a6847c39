//! Inputs that error answers name: missing, mistyped, refused.
//!
//! Owns: the shapes of marshmallow/webargs, flask-smorest, `APIFlask`, pydantic, reqparse, Cerberus,
//! `WTForms`, voluptuous and jsonschema errors, `BadRequestKeyError`, and plain sentences. Leaves out:
//! tracebacks' source lines (`source.rs`).

mod credential;
mod forms;
mod hint;
mod json;
mod jsonschema;
mod place;
mod sent;
mod sentence;

use super::patterns::{all, pattern};

use sent::Sent;

use crate::http::{Request, Response};
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};

/// An input that an error names; the place only where the error says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The place, if it is said.
    pub place: Option<Place>,
    /// The name.
    pub name: String,
    /// True when the error says that it is missing or required.
    pub required: bool,
    /// What the error asks for.
    pub hint: TypeHint,
    /// What stands before the value.
    pub prefix: String,
    /// It is an ordinary word of a sentence: only its position makes it a name.
    pub plain: bool,
    /// Its message is the developer's own help text: it says nothing of what was wrong.
    pub help: bool,
    /// Its message is a library's, which says so only of what is absent.
    pub absent: bool,
}

/// What an error says of an operation's inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Inputs that it names.
    pub inputs: Vec<Input>,
    /// Places where an input went along, and was missed all the same: it belongs elsewhere.
    pub misplaced: Vec<(Place, String)>,
    /// The kind of body that it asks for.
    pub body: Option<Place>,
}

pub(super) use sentence::visible_text;

/// A page with more text than this says other things as well.
const MAX_PAGE: usize = 400;

/// An answer names no more inputs than this.
const MAX_NAMES: usize = 40;

/// What an error answer (status 400 and above) says of the inputs of the operation that failed;
/// `known` are those that it is known to take. Values that were not `plain` may be missed where they belong.
pub fn read(request: &Request, response: &Response, known: &[Input], plain: bool) -> Said {
    let mut said = Said::default();
    if response.status < 400 || matches!(response.status, 404 | 405) {
        return said;
    }
    let sent = Sent::of(request);
    let mut found = Vec::new();
    let mut values = Vec::new();
    let mut spoken = Vec::new();
    let text = match response.json() {
        Some(value) => {
            json::json(&value, &mut found);
            json::texts(&value, &mut |text| {
                values.extend(jsonschema::values(text));
                spoken.push(text.to_owned());
            });
            value.to_string()
        }
        // JSON that cannot be read is no sentence.
        None if response.media_type().contains("json") => return said,
        None => {
            let text = sentence::visible_text(&response.text());
            sentence::text(&text, &mut found);
            values.extend(jsonschema::values(&text));
            // Pages say more than what is wrong.
            if text.trim().len() <= MAX_PAGE {
                spoken.push(text.clone());
            }
            text
        }
    };
    settle_nested(&mut found, known);
    for (value, hint) in values {
        if let Some((place, name)) = sent.carrier(&value)
            && is_name(name)
            && place != Place::Header
        {
            let mut named = named(name, Some(place), "");
            named.hint = hint;
            push(&mut found, named);
        }
    }
    // "Invalid token" speaks of the credential that came or did not, wherever it is expected.
    if matches!(response.status, 401 | 403 | 422) {
        found.retain(|named| {
            let credential =
                named.plain && named.place.is_none() && credential::is_word(&named.name);
            !credential || known.iter().any(|known| known.name == named.name)
        });
    }
    if matches!(response.status, 400 | 422) {
        by_forms(&spoken, request, &sent, known, &mut found);
    }
    // A refusal needs no word of complaint: what it says is how to be let in.
    if matches!(response.status, 401 | 403) {
        sentence::own_headers(&text, &mut found);
    }
    if response.status == 401 && !found.iter().any(|named| named.place == Some(Place::Header)) {
        found.extend(credential::suggested(&text));
    }
    if response.status == 415 {
        said.body = wanted_body(&text).filter(|place| !sends(request, *place));
    }
    // "a and b are required" may come though only one of them is missing.
    let all_sent = found
        .iter()
        .filter(|named| named.required)
        .all(|named| sent.has_anywhere(&named.name));
    for mut named in found.into_iter().take(MAX_NAMES) {
        // A help text answers what is missing as well as what is wrong.
        named.required |= named.help && !sent.has_anywhere(&named.name);
        let (mut length, mut moved) = (None, false);
        let places = match named.place {
            Some(place) => vec![place],
            None => match place::next(&named, (request, response), &sent, known)
                .filter(|_| all_sent && (plain || named.absent))
            {
                Some(next) => {
                    said.misplaced.push((next.wrong, named.name.clone()));
                    // To Flask, only files make the one kind of form another than the other.
                    if next.places == [Place::Multipart] && named.hint.kind == Kind::Unknown {
                        named.hint.kind = Kind::File;
                    }
                    (length, moved) = (next.length, true);
                    next.places
                }
                None => place::usual(request, &named.name, known),
            },
        };
        for place in &places {
            let mut input = Input::new(*place, &named.name, Provenance::Error);
            // Of two possible places, none is known to be demanded.
            input.required = named.required && (moved || places.len() == 1);
            input.length = length;
            input.hint = named.hint.clone();
            input.prefix.clone_from(&named.prefix);
            if !said
                .inputs
                .iter()
                .any(|i| i.place == input.place && i.name == input.name)
            {
                said.inputs.push(input);
            }
        }
    }
    said
}

/// Names in the sentences of a refusal that people write by hand. What is asked for and did not go along is
/// required.
fn by_forms(
    spoken: &[String],
    request: &Request,
    sent: &Sent,
    known: &[Input],
    found: &mut Vec<Named>,
) {
    // "'sample' is not a valid choice" repeats a value.
    found.retain(|named| {
        let value = named.place.is_none() && sent.has_value(&named.name);
        !value || sent.has_anywhere(&named.name) || known.iter().any(|i| i.name == named.name)
    });
    let unknown = known
        .iter()
        .all(|input| matches!(input.place, Place::Path | Place::Header | Place::Cookie));
    let body = request.method.takes_body();
    let scene = forms::Scene {
        takes_names: found.is_empty() && (body || unknown),
        bare: body && unknown,
        known: &|word| known.iter().any(|input| input.name == word),
        sent: &|word| sent.has_value(word),
    };
    for sentence in spoken.iter().flat_map(|text| sentence::hand_written(text)) {
        for (name, plain) in forms::names(sentence, &scene) {
            let absent = !sent.has_anywhere(&name);
            if let Some(named) = found.iter_mut().find(|named| named.name == name) {
                named.required |= absent;
                continue;
            }
            let mut named = named(&name, sentence::place_of(sentence), sentence);
            named.required |= absent;
            named.plain = plain;
            push(found, named);
        }
    }
}

/// The texts of a JSON answer, a line each, up to a bound.
pub(super) fn texts(value: &serde_json::Value) -> String {
    let mut lines = Vec::new();
    json::texts(value, &mut |text| lines.push(text));
    lines.join("\n")
}

/// The inputs that a request gave values to, each in the only place in which it carried that name.
pub fn carried<'a>(request: &Request, inputs: &'a [Input]) -> Vec<&'a Input> {
    let sent = Sent::of(request);
    let gave = |input: &&Input| sent.gave(input.place, &input.name);
    let given: Vec<&Input> = inputs.iter().filter(gave).collect();
    let alone = |input: &&&Input| given.iter().filter(|i| i.name == input.name).count() == 1;
    given.iter().filter(alone).copied().collect()
}

/// The names that a request gives values to, each with its place, sorted.
pub fn sent_names(request: &Request) -> Vec<String> {
    Sent::of(request).names()
}

/// `{"a": {"b": […]}}` may mean the field `b`, or `a.b`: where `a` is known as a field, it is the latter.
fn settle_nested(found: &mut Vec<Named>, known: &[Input]) {
    let names: Vec<String> = found.iter().map(|named| named.name.clone()).collect();
    let mut settled = Vec::new();
    for named in found.iter_mut() {
        let Some((outer, inner)) = named.name.rsplit_once('.') else {
            continue;
        };
        if named.place.is_some() || !names.iter().any(|name| name == inner) {
            continue;
        }
        let stem = outer.trim_end_matches("[]");
        let is_field = known.iter().any(|known| {
            let rest = known.name.strip_prefix(stem);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        if is_field {
            settled.push(inner.to_owned());
        } else {
            named.required = false;
        }
    }
    found.retain(|named| named.place.is_some() || !settled.contains(&named.name));
}

/// The kind of body that a 415 asks for: Connexion's `expected ['multipart/form-data']`, Werkzeug's
/// `the request Content-Type was not 'application/json'`.
fn wanted_body(text: &str) -> Option<Place> {
    let lower = text.to_ascii_lowercase();
    let at = ["expected", "must be", "was not", "should be", "supported"]
        .iter()
        .filter_map(|word| lower.rfind(word))
        .max()?;
    let kinds = [
        ("application/json", Place::Json),
        ("application/x-www-form-urlencoded", Place::Form),
        ("multipart/form-data", Place::Multipart),
    ];
    let wanted = lower.get(at..)?;
    kinds
        .into_iter()
        .filter_map(|(kind, place)| Some((wanted.find(kind)?, place)))
        .min_by_key(|(at, _)| *at)
        .map(|(_, place)| place)
}

/// True where a request's body is of that kind already.
fn sends(request: &Request, place: Place) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    match place {
        Place::Json => kind.contains("json"),
        Place::Form => kind.contains("urlencoded"),
        Place::Multipart => kind.contains("multipart"),
        _ => false,
    }
}

fn complains(message: &str) -> bool {
    const WORDS: [&str; 17] = [
        "missing",
        "required",
        "invalid",
        "must ",
        "not a valid",
        "should ",
        "expected",
        "cannot be",
        "can't be",
        "may not",
        "shorter",
        "longer",
        "not allowed",
        "unknown field",
        "is a required",
        "not provided",
        "unallowed",
    ];
    let lower = message.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// The same, and messages that complain only where they stand beside a field's name.
fn complains_of_a_field(message: &str) -> bool {
    const WORDS: [&str; 16] = [
        "between",
        "choice",
        "could not convert",
        "does not match",
        "greater than",
        "is not one of",
        "is too long",
        "is too short",
        "less than",
        "max length",
        "max value",
        "min length",
        "min value",
        "not a ",
        "of type",
        "within the range",
    ];
    let lower = message.to_ascii_lowercase();
    complains(message) || WORDS.iter().any(|word| lower.contains(word))
}

fn named(name: &str, place: Option<Place>, message: &str) -> Named {
    let lower = message.to_ascii_lowercase();
    let missing = [
        "missing",
        "required",
        "not provided",
        "field may not be null",
    ]
    .iter()
    .any(|word| lower.contains(word));
    let mut hint = hint::hint(message);
    // reqparse: "Missing required parameter in an uploaded file".
    if lower.contains("in an uploaded file") {
        hint.kind = Kind::File;
    }
    Named {
        place,
        name: name.to_owned(),
        required: missing && !lower.contains("not required"),
        hint,
        prefix: String::new(),
        plain: false,
        help: false,
        absent: place::is_of_absent(&lower),
    }
}

fn push(found: &mut Vec<Named>, named: Named) {
    let known = found
        .iter()
        .any(|known| known.name == named.name && known.place == named.place);
    if !known && found.len() < MAX_NAMES {
        found.push(named);
    }
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins
        && text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c))
}

#[cfg(test)]
mod tests {
    use crate::http::Method;
    use serde_json::{Value, json};
    use url::Url;

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
        let lines: Vec<String> = inputs
            .iter()
            .map(|i| {
                format!(
                    "{} {}{}",
                    i.place,
                    i.name,
                    if i.required { "!" } else { "" }
                )
            })
            .collect();
        assert_eq!(lines, expected, "{body}");
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
}
