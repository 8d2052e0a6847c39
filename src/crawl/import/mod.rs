//! Imports: what the tester already knows of the application.
//!
//! Owns: telling the formats apart, and reading them as calls: OpenAPI and Swagger, HAR, Postman and
//! Insomnia collections, Burp's XML, the text of `flask routes`. Leaves out: reading files (the
//! caller), and scope (`learn.rs`).

mod burp;
mod collection;
mod har;
mod routes;

use serde_json::Value;
use url::Url;

use super::extract::openapi;
use super::found::{Call, Found, MAX_INPUTS, hint_of, input_of, is_csrf};
use crate::http::Method;
use crate::surface::{Input, Kind, Place, Provenance};

/// Reads an import of any known format; relative URLs are relative to `base`.
///
/// # Errors
///
/// Says that the text has no known format, or what is wrong with it.
pub fn read(text: &str, base: &Url) -> Result<Found, String> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let mut found = if start.starts_with(['{', '[']) {
        let value: Value = serde_json::from_str(start)
            .map_err(|error| format!("not readable as JSON: {error}"))?;
        openapi::specification(&value, base)
            .or_else(|| har::entries(&value))
            .or_else(|| collection::postman(&value))
            .or_else(|| collection::insomnia(&value))
            .ok_or("JSON, but no OpenAPI, HAR, Postman or Insomnia document")?
    } else if start.starts_with('<') {
        burp::items(start).ok_or("XML, but no Burp export")?
    } else {
        routes::lines(start).ok_or(
            "no known format (OpenAPI, HAR, Postman, Insomnia, Burp XML, or the output of `flask routes`)",
        )?
    };
    for call in &mut found.calls {
        if call.provenance != Provenance::Specification {
            call.provenance = Provenance::Import;
        }
    }
    Ok(found)
}

/// A request as exports describe it.
struct Recorded<'a> {
    method: &'a str,
    url: String,
    headers: Vec<(&'a str, &'a str)>,
    media: &'a str,
    body: &'a str,
    /// Fields of a form, where the export lists them.
    fields: Vec<(&'a str, &'a str)>,
}

impl Recorded<'_> {
    fn call(&self) -> Option<Call> {
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

/// A header that an application may read; those of the exchange itself are left out.
fn header(name: &str, value: &str) -> Vec<Input> {
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
    let lower = name.to_ascii_lowercase();
    if lower.starts_with(':') || lower.starts_with("sec-") || USUAL.contains(&lower.as_str()) {
        return Vec::new();
    }
    if lower == "cookie" {
        let pairs = value
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        // The session is the tester's own; its name is what matters, never its value.
        return pairs
            .map(|(name, _)| Input::new(Place::Cookie, name, Provenance::Import))
            .collect();
    }
    let mut input = Input::new(Place::Header, &lower, Provenance::Import);
    input.csrf = is_csrf(&lower);
    // An import's credentials stay out of the surface: only the scheme is kept.
    if let Some((scheme, _)) = value.split_once(' ').filter(|_| lower == "authorization") {
        input.prefix = format!("{scheme} ");
    }
    vec![input]
}

/// One input per field of a JSON body, with its value as the example.
fn json_fields(value: &Value, name: &str, inputs: &mut Vec<Input>) {
    if inputs.len() >= MAX_INPUTS || name.matches(['.', '[']).count() > 6 {
        return;
    }
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (field, value) in fields {
                let full = if name.is_empty() {
                    field.clone()
                } else {
                    format!("{name}.{field}")
                };
                json_fields(value, &full, inputs);
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
            &["GET /", "DELETE /keys/{id} path:id", "GET /keys/{id} path:id"],
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
    fn what_is_no_import_says_so() {
        let base = Url::parse("http://h/").unwrap();
        for (text, word) in [
            ("{", "JSON"),
            ("{}", "OpenAPI"),
            ("<x/>", "Burp"),
            ("hello", "flask routes"),
        ] {
            let error = read(text, &base).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
