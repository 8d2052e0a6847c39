//! Turns a request template into bytes.
//!
//! Owns: how each place is written into a request. Leaves out: which values go there (`ladder.rs`).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::request_template::{BodyKind, CANARY, Fill, RequestTemplate};
use crate::canary::Canary;
use crate::http::{ACCEPT, Request};
use crate::surface::{Input, Place};
use crate::target::Target;
use crate::words::{cased, plain};

/// Words that mark an input as a repetition of another.
const AGAIN: [&str; 9] = [
    "confirm",
    "confirmation",
    "confirmed",
    "repeat",
    "repeated",
    "again",
    "retype",
    "verify",
    "reenter",
];

/// Finds the input that another one repeats: `password` for `confirm_password`, `password2`,
/// `confirm`.
fn partner<'a>(input: &Input, template: &'a RequestTemplate) -> Option<&'a Input> {
    if !input.place.in_body() {
        return None;
    }
    let words = cased(&input.name);
    let base: String = words
        .iter()
        .filter(|word| !AGAIN.contains(&word.as_str()))
        .cloned()
        .collect();
    let numbered = base
        .strip_suffix('2')
        .map(|base| base.trim_end_matches('1').to_owned());
    let repeats = words.iter().any(|word| AGAIN.contains(&word.as_str()));
    let wanted = match (&numbered, repeats) {
        (Some(base), false) if base.contains("pass") || base.contains("pwd") => base.clone(),
        (_, true) => base,
        _ => return None,
    };
    let others = || {
        template
            .fills
            .iter()
            .map(|(other, _)| other)
            .filter(|other| {
                other.place == input.place && other.name != input.name && {
                    let words = cased(&other.name);
                    !words.iter().any(|word| AGAIN.contains(&word.as_str()))
                }
            })
    };
    let exact = others().find(|other| {
        let name = plain(&other.name);
        !wanted.is_empty() && (name == wanted || name == format!("{wanted}1"))
    });
    let password = || others().find(|other| other.name.to_ascii_lowercase().contains("pass"));
    exact.or_else(|| if wanted.is_empty() { password() } else { None })
}

/// The character that lengthens values: no place escapes it.
pub(crate) const PADDING: char = 'a';

/// Appends a control character to a text, and then a letter so that trimming does not remove it.
pub(crate) fn with_control(text: &str) -> String {
    format!("{text}\u{1}x")
}

/// Characters that would end a path segment or be normalised away.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Characters that would end a cookie's value (RFC 6265 §4.1.1).
const COOKIE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'\\')
    .add(b'%');

/// Writes a request template as a request.
///
/// `mint` returns the canary for an input; `csrf` holds the fresh token of each form field. Returns
/// `None` if the target cannot express the path.
pub(crate) fn compose(
    template: &RequestTemplate,
    target: &Target,
    csrf: &BTreeMap<String, String>,
    mut mint: impl FnMut(&Input, &Fill) -> Option<Canary>,
) -> Option<Request> {
    let mut values: Vec<(&Input, Value)> = Vec::with_capacity(template.fills.len());
    for (input, fill) in &template.fills {
        if partner(input, template).is_some() || *fill == Fill::Withheld {
            continue;
        }
        let canary = mint(input, fill).map(|canary| canary.text);
        values.push((input, basic(input, value(input, fill, canary, csrf))));
    }
    // A "repeat your password" field gets the same value as the password, or the form never
    // succeeds.
    for (input, _) in &template.fills {
        let same = partner(input, template)
            .and_then(|partner| values.iter().find(|(i, _)| i.name == partner.name))
            .map(|(_, value)| value.clone());
        values.extend(same.map(|value| (input, value)));
    }
    let of = |place: Place| values.iter().filter(move |(input, _)| input.place == place);

    let path = template.path.clone().unwrap_or_else(|| {
        template.endpoint.path.fill(|name| {
            let value = of(Place::Path).find(|(input, _)| input.name == name);
            let text = value.map_or_else(|| "1".to_owned(), |(_, value)| plain_text(value));
            utf8_percent_encode(&text, SEGMENT).to_string()
        })
    });
    let mut url = target.url_for(&path)?;
    // The fragment is the name of a GraphQL operation; it is not sent.
    url.set_fragment(None);
    let query: Vec<(&str, String)> = of(Place::Query)
        .map(|(input, value)| (input.name.as_str(), plain_text(value)))
        .collect();
    if !query.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(query);
    }

    let mut request = Request::new(template.endpoint.method, url).with_header("Accept", ACCEPT);
    let withheld = template
        .fills
        .iter()
        .filter(|(_, fill)| *fill == Fill::Withheld);
    request.withheld = withheld.map(|(input, _)| input.name.clone()).collect();
    for (input, value) in of(Place::Header) {
        request.set_header(
            &input.name,
            &format!("{}{}", input.prefix, plain_text(value)),
        );
    }
    let cookies: Vec<String> = of(Place::Cookie)
        .map(|(input, value)| {
            let text = plain_text(value);
            format!("{}={}", input.name, utf8_percent_encode(&text, COOKIE))
        })
        .collect();
    if !cookies.is_empty() {
        request.set_header("Cookie", &cookies.join("; "));
    }
    match template.body {
        BodyKind::None => {}
        BodyKind::Json => {
            let mut root = Value::Object(Map::new());
            for (input, value) in of(Place::Json) {
                set(&mut root, &steps(&input.name), value.clone());
            }
            request.set_header("Content-Type", "application/json");
            request.body = root.to_string().into_bytes();
        }
        BodyKind::Graphql => {
            let mut variables = Value::Object(Map::new());
            for (input, value) in of(Place::Graphql) {
                set(&mut variables, &steps(&input.name), value.clone());
            }
            let document = template.document.as_deref().unwrap_or_default();
            let body = serde_json::json!({"query": document, "variables": variables});
            request.set_header("Content-Type", "application/json");
            request.body = body.to_string().into_bytes();
        }
        BodyKind::Form => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (input, value) in of(Place::Form) {
                form.append_pair(&input.name, &plain_text(value));
            }
            request.set_header("Content-Type", "application/x-www-form-urlencoded");
            request.body = form.finish().into_bytes();
        }
        BodyKind::Multipart => {
            let parts = values
                .iter()
                .filter(|(i, _)| BodyKind::Multipart.carries(i.place));
            let fields: Vec<_> = parts.filter(|(input, _)| input.place.in_body()).collect();
            request.set_header(
                "Content-Type",
                &format!("multipart/form-data; boundary={BOUNDARY}"),
            );
            request.body = multipart(&fields);
        }
    }
    Some(request)
}

/// A boundary that no value sent by keyspill contains.
const BOUNDARY: &str = "------------------------ksboundary7d81";

fn multipart(fields: &[&(&Input, Value)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (input, value) in fields {
        let quoted = input.name.replace('"', "%22");
        body.extend_from_slice(format!("--{BOUNDARY}\r\n").as_bytes());
        let is_file = input.hint.kind == crate::surface::Kind::File;
        let head = if is_file {
            format!(
                "Content-Disposition: form-data; name=\"{quoted}\"; filename=\"sample.txt\"\r\n\
                 Content-Type: text/plain\r\n\r\n"
            )
        } else {
            format!("Content-Disposition: form-data; name=\"{quoted}\"\r\n\r\n")
        };
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(plain_text(value).as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

fn value(
    input: &Input,
    fill: &Fill,
    canary: Option<String>,
    csrf: &BTreeMap<String, String>,
) -> Value {
    match (fill, canary) {
        (Fill::Plain(value), _) => value.clone(),
        (Fill::Quoted(_), Some(text)) => Value::String(format!("{text}'\"")),
        (Fill::List(_), Some(text)) => Value::Array(vec![Value::String(text)]),
        (Fill::Padded(_, length), Some(text)) => {
            let padding = length.saturating_sub(text.len());
            Value::String(text + &PADDING.to_string().repeat(padding))
        }
        (Fill::Control(_), Some(text)) => Value::String(with_control(&text)),
        (Fill::Json(_, value), Some(text)) => with_canary(value, &text),
        // An integer canary is sent as a number where JSON expects one.
        (Fill::Canary(crate::canary::Shape::Integer), Some(text)) => {
            text.parse::<u64>().map_or(Value::String(text), Value::from)
        }
        (Fill::Canary(_), Some(text)) => Value::String(text),
        (Fill::Number, _) => Value::from(7),
        (Fill::Csrf, _) => Value::String(csrf.get(&input.name).cloned().unwrap_or_default()),
        // The value is withheld, or no canary was minted.
        (Fill::Withheld, _) | (_, None) => Value::String(String::new()),
    }
}

/// Puts the canary into the names and texts of a JSON value.
fn with_canary(value: &Value, canary: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(CANARY, canary)),
        Value::Array(items) => items.iter().map(|one| with_canary(one, canary)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let name = name.replace(CANARY, canary);
                (name, with_canary(value, canary))
            });
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// Encodes a value for basic authentication (RFC 7617), with the canary as the password.
fn basic(input: &Input, value: Value) -> Value {
    if input.hint.format.as_deref() != Some("basic") {
        return value;
    }
    Value::String(STANDARD.encode(format!("keyspill:{}", plain_text(&value))))
}

fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(plain_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// One step of a JSON path: a field, or the first item of a list.
enum JsonStep<'a> {
    Field(&'a str),
    Item,
}

/// Splits `a.b[].c` into its steps.
fn steps(name: &str) -> Vec<JsonStep<'_>> {
    let mut steps = Vec::new();
    for part in name.split('.') {
        let field = part.trim_end_matches("[]");
        if !field.is_empty() {
            steps.push(JsonStep::Field(field));
        }
        steps.extend((0..(part.len() - field.len()) / 2).map(|_| JsonStep::Item));
    }
    steps
}

fn set(root: &mut Value, steps: &[JsonStep<'_>], value: Value) {
    let Some((first, rest)) = steps.split_first() else {
        *root = value;
        return;
    };
    match first {
        JsonStep::Field(name) => {
            if !root.is_object() {
                *root = Value::Object(Map::new());
            }
            if let Value::Object(fields) = root {
                set(
                    fields.entry((*name).to_owned()).or_insert(Value::Null),
                    rest,
                    value,
                );
            }
        }
        JsonStep::Item => {
            if !root.is_array() {
                *root = Value::Array(vec![Value::Null]);
            }
            if let Value::Array(items) = root {
                if items.is_empty() {
                    items.push(Value::Null);
                }
                set(&mut items[0], rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;
    use crate::surface::{EndpointId, Provenance};

    fn template(
        method: Method,
        path: &str,
        body: BodyKind,
        inputs: &[(Place, &str, &str)],
    ) -> RequestTemplate {
        RequestTemplate {
            endpoint: EndpointId::new(method, path),
            body,
            fills: inputs
                .iter()
                .map(|(place, name, value)| {
                    let input = Input::new(*place, name, Provenance::Link);
                    (input, Fill::Plain(Value::String((*value).to_owned())))
                })
                .collect(),
            form_page: None,
            path: None,
            document: None,
            repeat: false,
        }
    }

    fn request(template: &RequestTemplate) -> Request {
        let target = Target::parse("http://h:5000/app").unwrap();
        compose(template, &target, &BTreeMap::new(), |_, _| None).unwrap()
    }

    #[test]
    fn every_place_stands_where_http_wants_it() {
        let template = template(
            Method::Get,
            "/app/keys/{id}",
            BodyKind::None,
            &[
                (Place::Path, "id", "a/b c"),
                (Place::Query, "q", "x&y"),
                (Place::Header, "X-Api-Key", "k"),
                (Place::Cookie, "sid", "s;t"),
            ],
        );
        let request = request(&template);
        assert_eq!(
            request.url.as_str(),
            "http://h:5000/app/keys/a%2Fb%20c?q=x%26y"
        );
        assert_eq!(request.header("x-api-key"), Some("k"));
        assert_eq!(request.header("cookie"), Some("sid=s%3Bt"));
    }

    #[test]
    fn nested_json_names_become_nested_json() {
        let template = template(
            Method::Post,
            "/app/x",
            BodyKind::Json,
            &[
                (Place::Json, "a.b[].c", "1"),
                (Place::Json, "a.b[].d", "2"),
                (Place::Json, "e[]", "3"),
            ],
        );
        let body = String::from_utf8(request(&template).body).unwrap();
        assert_eq!(body, r#"{"a":{"b":[{"c":"1","d":"2"}]},"e":["3"]}"#);
    }

    #[test]
    fn the_arguments_of_a_graphql_operation_travel_as_variables() {
        let inputs = [
            (Place::Graphql, "data.secret", "one"),
            (Place::Graphql, "tags[]", "two"),
        ];
        let mut template = template(Method::Post, "/app/graphql", BodyKind::Graphql, &inputs);
        template.endpoint.path = crate::surface::Template::graphql("/app/graphql", "make");
        template.document = Some("mutation { make }".to_owned());
        let sent = request(&template);
        assert_eq!(sent.url.as_str(), "http://h:5000/app/graphql");
        assert_eq!(
            String::from_utf8(sent.body).unwrap(),
            r#"{"query":"mutation { make }","variables":{"data":{"secret":"one"},"tags":["two"]}}"#
        );
    }

    #[test]
    fn a_repeated_password_gets_the_passwords_value() {
        for name in [
            "confirm",
            "confirm_password",
            "passwordConfirmation",
            "password2",
        ] {
            let inputs = [(Place::Form, "password", "one"), (Place::Form, name, "two")];
            let form = template(Method::Post, "/app/x", BodyKind::Form, &inputs);
            let body = String::from_utf8(request(&form).body).unwrap();
            assert_eq!(body, format!("password=one&{name}=one"));
        }
        let inputs = [
            (Place::Form, "email", "one"),
            (Place::Form, "confirmed_at", "two"),
        ];
        let form = template(Method::Post, "/app/x", BodyKind::Form, &inputs);
        assert_eq!(request(&form).body, b"email=one&confirmed_at=two");
    }

    #[test]
    fn a_form_and_a_multipart_body_say_what_they_are() {
        let form = template(
            Method::Post,
            "/app/x",
            BodyKind::Form,
            &[(Place::Form, "a", "1 2")],
        );
        assert_eq!(request(&form).body, b"a=1+2");
        let multipart = template(
            Method::Post,
            "/app/x",
            BodyKind::Multipart,
            &[(Place::Multipart, "a", "1")],
        );
        let sent = request(&multipart);
        assert!(
            sent.header("content-type")
                .unwrap()
                .starts_with("multipart/form-data; boundary=")
        );
        assert!(
            String::from_utf8(sent.body)
                .unwrap()
                .contains("name=\"a\"\r\n\r\n1\r\n")
        );
    }
}
