//! Inputs that error answers name: missing, mistyped, refused.
//!
//! Owns: the shapes of marshmallow/webargs, flask-smorest, `APIFlask`, pydantic, reqparse, Cerberus,
//! `WTForms`, voluptuous and jsonschema errors, `BadRequestKeyError`, and plain sentences. Leaves out:
//! tracebacks' source lines (`source.rs`).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::traceback::unescape;
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
}

/// An answer names no more inputs than this.
const MAX_NAMES: usize = 40;

/// Text looked at in one answer.
const MAX_TEXT: usize = 64 << 10;

/// The inputs that an error answer (status 400 and above) names, for the operation that failed;
/// `known` are those that it is known to take.
pub fn inputs(request: &Request, response: &Response, known: &[Input]) -> Vec<Input> {
    if response.status < 400 || matches!(response.status, 404 | 405) {
        return Vec::new();
    }
    let mut found = Vec::new();
    match response.json() {
        Some(value) => json(&value, &mut found),
        None => text(&visible_text(&response.text()), &mut found),
    }
    let mut inputs: Vec<Input> = Vec::new();
    for named in found.into_iter().take(MAX_NAMES) {
        let places = named.place.map_or_else(
            || usual_places(request, &named.name, known),
            |place| vec![place],
        );
        for place in &places {
            let mut input = Input::new(*place, &named.name, Provenance::Error);
            // Of two possible places, none is known to be demanded.
            input.required = named.required && places.len() == 1;
            input.hint = named.hint.clone();
            if !inputs
                .iter()
                .any(|i| i.place == input.place && i.name == input.name)
            {
                inputs.push(input);
            }
        }
    }
    inputs
}

/// Where a request of this kind carries its inputs.
fn usual_places(request: &Request, name: &str, known: &[Input]) -> Vec<Place> {
    if let Some(input) = known.iter().find(|input| input.name == name) {
        return vec![input.place];
    }
    if !request.method.takes_body() {
        return vec![Place::Query];
    }
    let kind = request.header("content-type").unwrap_or_default();
    if kind.contains("json") {
        vec![Place::Json]
    } else if kind.contains("multipart") {
        vec![Place::Multipart]
    } else if kind.contains("urlencoded") && !request.body.is_empty() {
        vec![Place::Form]
    } else if let Some(input) = known.iter().find(|input| input.place.in_body()) {
        vec![input.place]
    } else {
        vec![Place::Json, Place::Form]
    }
}

/// Names in a JSON error.
pub fn json(value: &Value, found: &mut Vec<Named>) {
    walk(value, None, 0, found);
}

fn walk(value: &Value, place: Option<Place>, depth: usize, found: &mut Vec<Named>) {
    if depth > 6 || found.len() >= MAX_NAMES {
        return;
    }
    match value {
        Value::Object(fields) => {
            if let Some(named) = located(value) {
                push(found, named);
                return;
            }
            for (key, inner) in fields {
                if let Some(place) = place_word(key) {
                    // {"json": {"name": ["Missing data for required field."]}}
                    if inner.is_object() {
                        walk(inner, Some(place), depth + 1, found);
                        continue;
                    }
                }
                let inside = place.is_some() || depth > 0;
                match complaint(inner) {
                    Some(message) if inside && is_name(key) && !is_wrapper(key) => {
                        let named = named(key, place.or_else(|| place_of(&message)), &message);
                        push(found, named);
                    }
                    _ => walk_field(key, inner, place, depth, found),
                }
            }
        }
        Value::Array(items) => {
            for item in items.iter().take(100) {
                walk(item, place, depth + 1, found);
            }
        }
        Value::String(message) => text(message, found),
        _ => {}
    }
}

fn walk_field(
    key: &str,
    inner: &Value,
    place: Option<Place>,
    depth: usize,
    found: &mut Vec<Named>,
) {
    // {"address": {"city": ["…"]}} under a place: nested names.
    let nested = place.is_some() && inner.is_object() && !is_wrapper(key);
    if !nested {
        walk(inner, place, depth + 1, found);
        return;
    }
    let before = found.len();
    walk(inner, place, depth + 1, found);
    for named in &mut found[before..] {
        // A list's items are numbered: {"tags": {"0": ["…"]}}.
        let index = key.chars().all(|c| c.is_ascii_digit());
        if !index {
            named.name = format!("{key}.{}", named.name);
        }
    }
}

/// pydantic: `{"loc": ["body", "x"], "msg": "field required", "type": "…"}`.
fn located(value: &Value) -> Option<Named> {
    let parts = value.get("loc")?.as_array()?;
    let message = value
        .get("msg")
        .or_else(|| value.get("message"))?
        .as_str()?;
    let mut place = None;
    let mut name = String::new();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Value::String(part) => {
                if at == 0 && parts.len() > 1 && place_word(part).is_some() {
                    place = place_word(part);
                    continue;
                }
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(part);
            }
            Value::Number(_) if !name.is_empty() => name.push_str("[]"),
            _ => {}
        }
    }
    if !is_name(&name) {
        return None;
    }
    let mut named = named(&name, place, message);
    if let Some(context) = value.get("ctx") {
        let number = |name: &str| {
            let number = context.get(name).and_then(Value::as_u64)?;
            usize::try_from(number).ok()
        };
        named.hint.min_length = number("min_length").or(named.hint.min_length);
        named.hint.max_length = number("max_length").or(named.hint.max_length);
        named.hint.minimum = context.get("ge").and_then(Value::as_f64);
        named.hint.maximum = context.get("le").and_then(Value::as_f64);
        let pattern = context.get("pattern").and_then(Value::as_str);
        named.hint.pattern = pattern.map(str::to_owned).or(named.hint.pattern);
    }
    if value
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.ends_with("missing"))
    {
        named.required = true;
    }
    Some(named)
}

/// The message, where a value is one or a list of them and complains about its field.
fn complaint(value: &Value) -> Option<String> {
    let message = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.is_empty() && items.len() < 20 => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts?.join(" ")
        }
        _ => return None,
    };
    (message.len() < 500 && complains(&message)).then_some(message)
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

/// Keys that hold errors and are no field's name.
fn is_wrapper(key: &str) -> bool {
    const NAMES: [&str; 23] = [
        "code",
        "detail",
        "details",
        "description",
        "error",
        "error_description",
        "errors",
        "fields",
        "message",
        "messages",
        "msg",
        "reason",
        "status",
        "title",
        "type",
        "_error",
        "_issues",
        "_schema",
        "_status",
        "exception",
        "name_error",
        "error_message",
        "traceback",
    ];
    let lower = key.to_ascii_lowercase();
    NAMES.contains(&lower.as_str())
}

/// `json`, `body`, `query`, …: where the fields under such a key stand.
fn place_word(key: &str) -> Option<Place> {
    match key.to_ascii_lowercase().as_str() {
        "json" | "body" | "body_params" | "json_or_form" | "data" | "payload" => Some(Place::Json),
        "query" | "querystring" | "query_params" | "args" | "params" => Some(Place::Query),
        "form" | "form_params" => Some(Place::Form),
        "headers" | "header" | "header_params" => Some(Place::Header),
        "cookies" | "cookie" => Some(Place::Cookie),
        "files" | "form_and_files" => Some(Place::Multipart),
        "path" | "path_params" | "view_args" => Some(Place::Path),
        _ => None,
    }
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
    Named {
        place,
        name: name.to_owned(),
        required: missing && !lower.contains("not required"),
        hint: hint(message),
    }
}

fn push(found: &mut Vec<Named>, named: Named) {
    let known = found
        .iter()
        .any(|known| known.name == named.name && known.place == named.place);
    if !known && found.len() < MAX_NAMES && !is_python_type(&named.name) {
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

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

fn all<'a>(
    pattern: &'a LazyLock<Option<Regex>>,
    text: &'a str,
) -> impl Iterator<Item = regex::Captures<'a>> {
    pattern
        .as_ref()
        .into_iter()
        .flat_map(move |regex| regex.captures_iter(text))
}

static KEY_ERROR: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r#"KeyError: ['"]([\w.-]{1,64})['"]"#));

static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r#"['"`‘“]([A-Za-z_][\w.-]{0,63})['"`’”]"#));

static HEADER: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b([A-Z][A-Za-z0-9]*(?:-[A-Z][A-Za-z0-9]*)+)\b"));

static SNAKE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b"));

/// `url and secret are required`, `token is missing`.
static SUBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b ([a-z_][\w.-]* (?: \s*,\s*(?:and\s+|or\s+)?[a-z_][\w.-]* | \s+(?:and|or)\s+[a-z_][\w.-]* )*)
           \s+ (?:(?:query|form|json|url|body|post|get|request|http|cookie|input) \s+)*
           (?:(?:parameter|param|field|argument|header|cookie|value|key)s? \s+)?
           (?:is|are|was|were|must\s+be|cannot\s+be|may\s+not\s+be|can't\s+be|not)
           \s+ (?:a\s+)? (required|missing|mandatory|needed|blank|empty|null|provided|invalid|not\s+provided|not\s+set)",
    )
});

/// `Missing required parameter: name`, `missing header X-Key`, `Missing token`.
static OBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b (?:missing|requires?|required|provide|invalid|expected|need) \b \s*
           (?: (?:the|a|an|your|required|mandatory|query|form|json|url|body|post|get|request|http) \s+ )*
           (?: (?:parameter|param|field|argument|arg|header|cookie|key|value|property|input|file)s? \s* )?
           [:=]? \s* ([a-z_][\w.-]*(?:\s*,\s*[a-z_][\w.-]*)*)",
    )
});

/// Words of sentences that are no input's name.
const WORDS: [&str; 101] = [
    "a",
    "access",
    "all",
    "an",
    "and",
    "any",
    "api",
    "are",
    "arg",
    "argument",
    "arguments",
    "at",
    "auth",
    "authentication",
    "authorization",
    "bad",
    "be",
    "body",
    "both",
    "but",
    "by",
    "call",
    "characters",
    "content",
    "content-type",
    "cookie",
    "credentials",
    "data",
    "document",
    "either",
    "empty",
    "entry",
    "error",
    "field",
    "fields",
    "file",
    "for",
    "form",
    "format",
    "from",
    "has",
    "header",
    "headers",
    "http",
    "id",
    "in",
    "input",
    "invalid",
    "is",
    "it",
    "item",
    "items",
    "json",
    "key",
    "keys",
    "length",
    "literal",
    "login",
    "method",
    "missing",
    "must",
    "needed",
    "no",
    "not",
    "object",
    "of",
    "on",
    "one",
    "or",
    "parameter",
    "parameters",
    "params",
    "payload",
    "permission",
    "permissions",
    "property",
    "provided",
    "query",
    "request",
    "required",
    "resource",
    "schema",
    "set",
    "string",
    "that",
    "the",
    "there",
    "this",
    "to",
    "type",
    "user",
    "valid",
    "value",
    "values",
    "was",
    "were",
    "which",
    "with",
    "xml",
    "you",
    "your",
];

/// `'list' object has no attribute …`, `'int' object is not iterable`.
fn is_python_type(word: &str) -> bool {
    const NAMES: [&str; 14] = [
        "NoneType", "ObjectId", "bool", "bytes", "dict", "float", "function", "int", "list",
        "object", "set", "str", "string", "tuple",
    ];
    NAMES.contains(&word)
}

/// Words that stand for themselves only where they are quoted.
fn is_plain_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    WORDS.binary_search(&lower.as_str()).is_ok()
}

/// Names in running text: sentences that say that something is missing, required or wrong.
pub fn text(body: &str, found: &mut Vec<Named>) {
    for key in all(&KEY_ERROR, body) {
        let mut missing = named(&key[1], None, "missing");
        missing.hint = TypeHint::default();
        push(found, missing);
    }
    // Exceptions speak of the program's own names; only a KeyError's may be an input's.
    if body.contains("Traceback (most recent call last)") {
        return;
    }
    for sentence in body.split(['\n', ';']).flat_map(|line| line.split(". ")) {
        if sentence.len() > 600 || !complains(sentence) {
            continue;
        }
        self::sentence(sentence.trim(), found);
    }
}

fn sentence(sentence: &str, found: &mut Vec<Named>) {
    let place = place_of(sentence);
    let before = found.len();
    for name in all(&HEADER, sentence) {
        if !matches!(&name[1], "Content-Type" | "Content-Length" | "User-Agent") {
            push(
                found,
                named(&name[1].to_ascii_lowercase(), Some(Place::Header), sentence),
            );
        }
    }
    for name in all(&QUOTED, sentence) {
        if !name[1].contains('-') || place == Some(Place::Header) {
            push(found, named(&name[1], place, sentence));
        }
    }
    for name in all(&SNAKE, sentence) {
        push(found, named(&name[1], place, sentence));
    }
    for part in all(&SUBJECT, sentence) {
        for word in part[1].split([' ', ',']).filter(|word| !word.is_empty()) {
            if is_name(word) && !is_plain_word(word) {
                push(found, named(word, place, sentence));
            }
        }
    }
    if found.len() == before {
        for part in all(&OBJECT, sentence) {
            for word in part[1].split([' ', ',']).filter(|word| !word.is_empty()) {
                if is_name(word) && !is_plain_word(word) && word.len() > 1 {
                    push(found, named(word.trim_end_matches('.'), place, sentence));
                }
            }
        }
    }
}

fn place_of(message: &str) -> Option<Place> {
    let lower = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["header"]) {
        Some(Place::Header)
    } else if has(&["query", "url parameter"]) {
        Some(Place::Query)
    } else if has(&["cookie"]) {
        Some(Place::Cookie)
    } else if has(&["json", "request body", "payload"]) {
        Some(Place::Json)
    } else if has(&["form field", "form data", "in the form"]) {
        Some(Place::Form)
    } else if has(&["uploaded file", "file upload"]) {
        Some(Place::Multipart)
    } else {
        None
    }
}

static ONE_OF: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:must be one of|one of|unallowed value|expected|input should be)\s*:?\s*\[?((?:'[^']*'|[\w-]+)(?:\s*(?:,|or)\s*(?:'[^']*'|[\w-]+))+)",
    )
});

static LENGTHS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) (?: (longer\s+than\s+maximum\s+length|at\s+most|max(?:imum)?\s+length\s+(?:is|of)?|no\s+more\s+than)
                  | (shorter\s+than\s+minimum\s+length|at\s+least|min(?:imum)?\s+length\s+(?:is|of)?)
                  | (length\s+must\s+be\s+between|between) )
           \s+ (\d{1,6}) (?: \s*(?:and|-|to)\s* (\d{1,6}) )? ([^.]*)",
    )
});

/// What a message asks for.
pub fn hint(message: &str) -> TypeHint {
    let lower = message.to_ascii_lowercase();
    let mut hint = TypeHint::default();
    let formats = [
        ("uuid", "uuid"),
        ("email", "email"),
        ("e-mail", "email"),
        ("datetime", "date-time"),
        ("date", "date"),
        (" url", "uri"),
    ];
    if lower.contains("valid") || lower.contains("must be") || lower.contains("should be") {
        hint.format = formats
            .iter()
            .find(|(word, _)| lower.contains(word))
            .map(|(_, format)| (*format).to_owned());
        let kinds = [
            ("integer", Kind::Integer),
            ("number", Kind::Number),
            ("float", Kind::Number),
            ("boolean", Kind::Boolean),
            ("mapping", Kind::Object),
            ("dictionary", Kind::Object),
            ("list", Kind::Array),
            ("string", Kind::String),
        ];
        let kind = kinds.iter().find(|(word, _)| lower.contains(word));
        hint.kind = kind.map_or(Kind::Unknown, |(_, kind)| *kind);
    }
    for found in all(&LENGTHS, message) {
        let about_length = lower.contains("length") || found[6].contains("character");
        let number = |index: usize| found.get(index).and_then(|part| part.as_str().parse().ok());
        if !about_length {
            continue;
        }
        if found.get(1).is_some() {
            hint.max_length = number(4);
        } else if found.get(2).is_some() {
            hint.min_length = number(4);
        } else {
            hint.min_length = number(4);
            hint.max_length = number(5);
        }
    }
    if let Some(found) = all(&ONE_OF, message).next() {
        hint.choices = found[1]
            .replace(" or ", ",")
            .split(',')
            .map(|choice| choice.trim().trim_matches('\'').to_owned())
            .filter(|choice| !choice.is_empty())
            .take(50)
            .collect();
    }
    hint
}

/// The text of a page without its tags, scripts and styles, bounded.
fn visible_text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = ["script", "style"]
            .iter()
            .find(|name| {
                let head = rest.get(1..=name.len());
                head.is_some_and(|head| head.eq_ignore_ascii_case(name))
            })
            .and_then(|name| rest.find(&format!("</{name}")));
        if let Some(end) = end {
            rest = &rest[end..];
        }
        match rest.find('>') {
            Some(end) => rest = &rest[end + 1..],
            None => break,
        }
        text.push(' ');
        if text.len() > MAX_TEXT {
            break;
        }
    }
    text.push_str(rest.split('<').next().unwrap_or_default());
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= MAX_TEXT)
        .last()
        .unwrap_or(0);
    if text.len() > MAX_TEXT {
        text.truncate(end);
    }
    unescape(&text)
}

#[cfg(test)]
mod tests {
    use crate::http::Method;
    use serde_json::json;
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
        let inputs = inputs(&request, &Response::of(422, &[], body), &[]);
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
    fn the_tables_are_sorted_and_the_patterns_compile() {
        assert!(WORDS.is_sorted());
        for regex in [
            &KEY_ERROR, &QUOTED, &HEADER, &SNAKE, &SUBJECT, &OBJECT, &ONE_OF, &LENGTHS,
        ] {
            assert!(regex.is_some());
        }
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
            "Traceback (most recent call last):\nValueError: 'x_y' must be z",
        ] {
            check_text(Method::Get, "", body, &[]);
        }
    }

    #[test]
    fn messages_say_what_they_ask_for() {
        assert_eq!(hint("Not a valid UUID.").format.as_deref(), Some("uuid"));
        assert_eq!(hint("Input should be a valid integer").kind, Kind::Integer);
        assert_eq!(hint("Longer than maximum length 12.").max_length, Some(12));
        assert_eq!(
            hint("String should have at least 3 characters").min_length,
            Some(3)
        );
        let both = hint("Length must be between 3 and 9.");
        assert_eq!((both.min_length, both.max_length), (Some(3), Some(9)));
        assert_eq!(
            hint("Must be one of: red, green.").choices,
            ["red", "green"]
        );
    }
}
