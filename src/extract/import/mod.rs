//! Imports: what the tester already knows about the application.
//!
//! Owns: detecting the format and reading it as calls: OpenAPI and Swagger, HAR, Postman and Insomnia
//! collections, Burp's XML, the text of `flask routes`. Leaves out: reading files (the caller), and
//! scope (`resolve.rs`).
//!
//! Specifications are rebased onto the target, whatever servers they list. Recorded requests name their
//! host: those of another host are out of scope, and a variable in place of the host means the target.
//! Values of recorded credentials are dropped, because only the names are needed.

mod burp;
mod collection;
mod har;
mod routes;

use serde_json::Value;
use url::Url;

use super::found::{Call, Found, MAX_INPUTS, below, hint_of, input_of};
use super::pages::{openapi, yaml};
use crate::credential::Credentials;
use crate::http::Method;
use crate::surface::{Input, Kind, Place, Provenance};
use crate::words::is_csrf;

/// Reads an import of any known format; relative URLs are relative to `base`.
///
/// # Errors
///
/// Returns an error if the text has no known format, or is malformed.
pub fn read(text: &str, base: &Url) -> Result<Found, String> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let mut found = if start.starts_with(['{', '[']) {
        let value: Value = serde_json::from_str(start)
            .map_err(|error| format!("not readable as JSON: {error}"))?;
        document(&value, base)
            .ok_or("JSON, but no OpenAPI, Swagger, HAR, Postman or Insomnia document")?
    } else if start.starts_with('<') {
        burp::items(start).ok_or("XML or HTML, but no Burp export")?
    } else if let Some(found) = routes::lines(start) {
        found
    } else if looks_like_yaml(start) {
        if start.len() > MAX_YAML {
            let most = MAX_YAML >> 20;
            return Err(format!("YAML of more than {most} MiB; convert it to JSON"));
        }
        let value = yaml::value(start).map_err(|error| format!("not readable as YAML: {error}"))?;
        document(&value, base).ok_or("YAML, but no OpenAPI, Swagger or Insomnia document")?
    } else {
        return Err(
            "no known format (OpenAPI, Swagger, HAR, Postman, Insomnia, Burp XML, or the output \
             of `flask routes`)"
                .to_owned(),
        );
    };
    let credentials = Credentials::default();
    for call in &mut found.calls {
        if call.provenance != Provenance::Specification {
            call.provenance = Provenance::Import;
            forget_secrets(call, &credentials);
        }
    }
    Ok(found)
}

/// The largest YAML text that is read; the limit is tighter than for JSON, because the YAML parser
/// keeps every event.
const MAX_YAML: usize = 16 << 20;

/// Reads a value as any of the documents that JSON and YAML can hold.
fn document(value: &Value, base: &Url) -> Option<Found> {
    openapi::specification(value, base)
        .or_else(|| har::entries(value))
        .or_else(|| collection::postman(value))
        .or_else(|| collection::insomnia(value))
        .or_else(|| collection::insomnia_5(value))
}

/// Returns true if one of the first lines starts with a key.
fn looks_like_yaml(text: &str) -> bool {
    text.lines().take(200).any(|line| {
        let word = line.split_once(':').map_or("", |(key, _)| key);
        let word = word.trim_matches(['"', '\'']);
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    })
}

/// Drops values that may be credentials of whoever recorded the call.
pub(super) fn forget_secrets(call: &mut Call, credentials: &Credentials) {
    for input in &mut call.inputs {
        if credentials.may_be_secret(input) {
            input.hint.example = None;
        }
    }
    let Some((path, query)) = call.url.split_once('?') else {
        return;
    };
    let mut kept = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let mut input = Input::new(Place::Query, &name, Provenance::Import);
        input.hint.example = Some(value.clone().into_owned().into());
        let secret = credentials.may_be_secret(&input);
        kept.append_pair(&name, if secret { "" } else { &value });
    }
    call.url = format!("{path}?{}", kept.finish());
}

/// A request as an export describes it.
pub(super) struct Recorded<'a> {
    pub(super) method: &'a str,
    pub(super) url: String,
    pub(super) headers: Vec<(&'a str, &'a str)>,
    pub(super) media: &'a str,
    pub(super) body: &'a str,
    /// Form fields, if the export lists them.
    pub(super) fields: Vec<(&'a str, &'a str)>,
}

impl Recorded<'_> {
    pub(super) fn call(&self) -> Option<Call> {
        let method: Method = self.method.parse().ok()?;
        let mut call = Call::new(method, self.url.clone(), Provenance::Import);
        for (name, value) in &self.headers {
            call.inputs.extend(header(name, value));
        }
        let place = if self.media.contains("multipart") {
            Place::Multipart
        } else {
            Place::Form
        };
        if !self.fields.is_empty() {
            let fields = self.fields.iter().filter(|(name, _)| !name.is_empty());
            call.inputs.extend(
                fields.map(|(name, value)| input_of(place, name, value, Provenance::Import)),
            );
        } else if let Ok(value) = serde_json::from_str::<Value>(self.body) {
            json_fields(&value, "", &mut call.inputs);
        } else if self.media.contains("urlencoded") {
            let pairs = url::form_urlencoded::parse(self.body.as_bytes());
            call.inputs.extend(
                pairs.map(|(name, value)| input_of(Place::Form, &name, &value, Provenance::Import)),
            );
        }
        call.inputs.truncate(MAX_INPUTS);
        Some(call)
    }
}

impl Found {
    /// Adds a recorded request, or records why it is left out.
    fn record(&mut self, recorded: &Recorded<'_>) {
        match recorded.call() {
            Some(call) => self.push(call),
            None => {
                let part = format!("{} {}", recorded.method, recorded.url);
                self.leave_out(&part, "its method is none that keyspill sends");
            }
        }
    }
}

/// Returns true for a header of the exchange itself, from which no application takes a value.
pub fn is_usual_header(lower: &str) -> bool {
    const USUAL: [&str; 24] = [
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "dnt",
        "host",
        "if-modified-since",
        "if-none-match",
        "origin",
        "pragma",
        "priority",
        "range",
        "referer",
        "te",
        "transfer-encoding",
        "upgrade-insecure-requests",
        "user-agent",
        "x-requested-with",
        "proxy-connection",
        "keep-alive",
        "expect",
    ];
    lower.starts_with(':') || lower.starts_with("sec-") || USUAL.contains(&lower)
}

/// Returns the inputs of a header that an application may read; none for headers of the exchange
/// itself.
fn header(name: &str, value: &str) -> Vec<Input> {
    let lower = name.to_ascii_lowercase();
    if is_usual_header(&lower) {
        return Vec::new();
    }
    if lower == "cookie" {
        let pairs = value
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        // The session belongs to the tester: only the cookie's name matters, never its value.
        return pairs
            .map(|(name, _)| Input::new(Place::Cookie, name, Provenance::Import))
            .collect();
    }
    let mut input = Input::new(Place::Header, &lower, Provenance::Import);
    input.csrf = is_csrf(&lower);
    // Credentials in imports stay out of the surface: only the scheme is kept.
    if let Some((scheme, _)) = value.split_once(' ').filter(|_| lower == "authorization") {
        input.prefix = format!("{scheme} ");
    }
    vec![input]
}

/// Adds one input per field of a JSON body, with its value as the example.
fn json_fields(value: &Value, name: &str, inputs: &mut Vec<Input>) {
    if inputs.len() >= MAX_INPUTS || name.matches(['.', '[']).count() > 6 {
        return;
    }
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (field, value) in fields {
                json_fields(value, &below(name, field), inputs);
            }
        }
        Value::Array(items) if matches!(items.first(), Some(Value::Object(_))) => {
            if let Some(item) = items.first() {
                json_fields(item, &format!("{name}[]"), inputs);
            }
        }
        _ if name.is_empty() => {}
        _ => {
            let mut input = Input::new(Place::Json, name, Provenance::Import);
            input.csrf = is_csrf(name);
            input.hint.kind = match value {
                Value::String(text) => {
                    input.hint = hint_of(text);
                    Kind::String
                }
                Value::Bool(_) => Kind::Boolean,
                Value::Number(number) if number.is_f64() => Kind::Number,
                Value::Number(_) => Kind::Integer,
                Value::Array(_) => Kind::Array,
                Value::Object(_) => Kind::Object,
                Value::Null => Kind::Unknown,
            };
            if !value.is_null() && input.hint.example.is_none() {
                input.hint.example = Some(value.clone());
            }
            if let Value::String(text) = value {
                input.hint.example = Some(Value::from(text.as_str()));
            }
            inputs.push(input);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = read(text, &Url::parse("http://h/").unwrap()).unwrap();
        let lines: Vec<String> = found
            .calls
            .iter()
            .map(|call| {
                assert_eq!(call.provenance, Provenance::Import);
                let mut line = format!("{} {}", call.method, call.url);
                for input in &call.inputs {
                    let parts = [" ", input.place.as_str(), ":", &input.prefix, &input.name];
                    line.push_str(&parts.concat());
                }
                line
            })
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn the_output_of_flask_routes_is_read() {
        check(
            "Endpoint      Methods    Rule\n--------  ---------  -----\nindex         GET        /\nkeys.one      DELETE, GET  /keys/<int:id>\nstatic        GET        /static/<path:filename>\n * noise",
            &[
                "GET /",
                "DELETE /keys/{id} path:id",
                "GET /keys/{id} path:id",
            ],
        );
        check(
            "Endpoint  Host       Methods  Rule\n--------  ---------  -------  ----\na         h.example  POST     /x",
            &["POST /x"],
        );
    }

    #[test]
    fn a_har_is_read() {
        let har = json!({"log": {"version": "1.1", "entries": [
            {"request": {"method": "POST", "url": "http://h/a?x=1", "headers": [{"name": "X-Key", "value": "s3cret"}, {"name": "Accept", "value": "*/*"}, {"name": "Cookie", "value": "sid=1; b=2"}], "postData": {"mimeType": "application/json", "text": "{\"a\": {\"b\": [{\"c\": 1}]}}"}}},
            {"request": {"method": "POST", "url": "http://h/f", "headers": [], "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "u", "value": "v"}]}}},
            {"request": {"method": "CONNECT", "url": "h"}}
        ]}});
        check(
            &har.to_string(),
            &[
                "POST http://h/a?x=1 header:x-key cookie:sid cookie:b json:a.b[].c",
                "POST http://h/f form:u",
            ],
        );
    }

    #[test]
    fn a_postman_collection_is_read() {
        let collection = json!({"info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": [
            {"name": "folder", "item": [{"name": "one", "request": {"method": "PUT", "url": {"raw": "{{baseUrl}}/k/:id?q=1"}, "auth": {"type": "bearer"}, "header": [{"key": "X-A", "value": "1"}], "body": {"mode": "raw", "raw": "{\"n\": 1}"}}}]},
            {"name": "two", "request": {"method": "POST", "url": "{{base}}/f", "body": {"mode": "urlencoded", "urlencoded": [{"key": "u", "value": "v"}]}}},
            {"name": "three", "request": "https://h/g"}
        ]});
        check(
            &collection.to_string(),
            &[
                "PUT /k/:id?q=1 header:x-a header:Bearer authorization json:n",
                "POST /f form:u",
                "GET https://h/g",
            ],
        );
    }

    #[test]
    fn an_insomnia_export_is_read() {
        let export = json!({"_type": "export", "resources": [
            {"_type": "workspace"},
            {"_type": "request", "method": "POST", "url": "{{ _.base }}/x", "parameters": [{"name": "p", "value": "1"}], "headers": [{"name": "X-B", "value": ""}], "body": {"mimeType": "application/json", "text": "{\"z\": true}"}}
        ]});
        check(&export.to_string(), &["POST /x header:x-b json:z query:p"]);
    }

    #[test]
    fn a_burp_export_is_read() {
        let request = "POST /p?a=1 HTTP/1.1\r\nHost: h\r\nX-C: 1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nu=v";
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, request);
        check(
            &format!(
                "<?xml version=\"1.0\"?><items burpVersion=\"2\"><item><url><![CDATA[http://h/p?a=1]]></url><method><![CDATA[POST]]></method><request base64=\"true\"><![CDATA[{encoded}]]></request></item></items>"
            ),
            &["POST http://h/p?a=1 header:x-c form:u"],
        );
    }

    #[test]
    fn a_specification_in_yaml_is_read() {
        let text = "openapi: 3.0.3\nservers:\n- url: https://prod.example\npaths:\n  /k/{id}:\n    get:\n      parameters:\n      - {name: id, in: path, required: true, schema: {type: integer}}\n      responses:\n        200: {description: ok}\n";
        let found = read(text, &Url::parse("http://h/").unwrap()).unwrap();
        assert_eq!(found.calls.len(), 1);
        assert_eq!(found.calls[0].url, "/k/{id}");
        assert_eq!(found.calls[0].inputs[0].hint.kind, Kind::Integer);
    }

    #[test]
    fn an_insomnia_5_export_is_read() {
        check(
            "type: collection.insomnia.rest/5.0\nname: n\ncollection:\n- name: folder\n  authentication: {type: bearer, token: t}\n  children:\n  - name: one\n    url: '{{ _.base }}/x/:id'\n    method: POST\n    headers: [{name: X-B, value: v}]\n    parameters: [{name: p, value: '1'}, {name: q, value: '', disabled: true}]\n    body: {mimeType: application/json, text: '{\"z\": true}'}\n- url: http://other/y\n  method: GET\nenvironments: {name: e}\n",
            &[
                "POST /x/:id header:x-b header:Bearer authorization json:z query:p",
                "GET http://other/y",
            ],
        );
    }

    #[test]
    fn a_variable_in_the_place_of_a_host_is_the_target() {
        let collection = |url: &str| {
            let json = json!({
                "info": {}, "item": [{"request": {"url": url}}],
                "variable": [{"key": "api", "value": "https://prod.example/v1/"}]
            });
            let found = read(&json.to_string(), &Url::parse("http://h/").unwrap()).unwrap();
            found.calls[0].url.clone()
        };
        for (url, expected) in [
            ("{{baseUrl}}/x", "/x"),
            ("{{baseUrl}}", "/"),
            ("{{baseUrl}}?a=1", "/?a=1"),
            ("http://{{host}}:{{port}}/x", "/x"),
            ("{{scheme}}://{{host}}/x/{{id}}", "/x/{id}"),
            ("{{api}}/x", "/v1/x"),
            ("https://prod.example/x", "https://prod.example/x"),
            ("/x", "/x"),
        ] {
            assert_eq!(collection(url), expected, "{url}");
        }
    }

    #[test]
    fn recorded_credentials_lose_their_values_and_keep_their_names() {
        let har = json!({"log": {"entries": [{"request": {
            "method": "POST", "url": "http://h/a?api_key=s3cret&page=2",
            "headers": [{"name": "X-Api-Key", "value": "s3cret"}, {"name": "Authorization", "value": "Bearer s3cret"}],
            "postData": {"mimeType": "application/json", "text": "{\"password\": \"s3cret\", \"name\": \"kim\"}"}
        }}]}});
        let found = read(&har.to_string(), &Url::parse("http://h/").unwrap()).unwrap();
        let text = format!("{found:?}");
        assert!(!text.contains("s3cret"), "{text}");
        assert!(
            text.contains("kim") && text.contains("api_key=&page=2"),
            "{text}"
        );
    }

    #[test]
    fn a_burp_request_that_is_not_encoded_is_read() {
        check(
            "<?xml version=\"1.0\"?><items><item><url>http://h/p?a=1&amp;b=2</url><request base64=\"false\"><![CDATA[POST /p HTTP/1.1\nContent-Type: application/json\n\n{\"u\": 1}]]></request></item></items>",
            &["POST http://h/p?a=1&b=2 json:u"],
        );
    }

    #[test]
    fn what_is_no_import_says_so() {
        let base = Url::parse("http://h/").unwrap();
        for (text, word) in [
            ("{\n\"a\": }", "line 2"),
            ("{}", "OpenAPI"),
            ("<x/>", "Burp"),
            ("hello", "flask routes"),
            ("hello: world", "YAML, but no"),
            ("openapi: 3.0.0\npaths: [", "at line 3"),
            ("", "no known format"),
        ] {
            let error = read(text, &base).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
