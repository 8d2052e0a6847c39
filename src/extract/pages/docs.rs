//! Pages that display a specification: Swagger UI, `ReDoc`, `RapiDoc`, Scalar, Elements.
//!
//! Owns: where such a page or its script says the document is (including bare names such as
//! `openapi.json`, which would not be links elsewhere), and documents embedded in the page. Leaves out:
//! reading scripts in general (`script`), and the document's content (`openapi.rs`).

use serde_json::Value;
use url::Url;

use super::super::found::{Call, Found};
use super::{openapi, yaml};

/// Text that only such pages contain, in lower case.
const MARKS: [&str; 8] = [
    "swaggerui",
    "swagger-ui",
    "redoc",
    "rapi-doc",
    "rapidoc",
    "api-reference",
    "elements-api",
    "openapi-explorer",
];

/// Text that precedes the document's address.
const KEYS: [&str; 7] = [
    "url",
    "spec-url",
    "specurl",
    "data-url",
    "configurl",
    "apidescriptionurl",
    "redoc.init(",
];

/// The most addresses, and the most embedded documents, read from one page.
const MAX_URLS: usize = 50;
const MAX_DOCUMENTS: usize = 5;

/// The most bytes of one embedded document.
const MAX_DOCUMENT: usize = 4 << 20;

/// Returns the specifications that a page or a script names or contains; nothing for any other text.
pub(super) fn specifications(text: &str, page: &Url) -> Found {
    let mut found = Found::default();
    let lower = text.to_ascii_lowercase();
    if MARKS.iter().any(|mark| lower.contains(mark)) {
        urls(text, &lower, &mut found);
    }
    for document in documents(text) {
        if let Some(inside) = openapi::specification(&document, page) {
            found.absorb(inside);
        }
    }
    found
}

/// Reads `url: "…"`, `'url': '…'`, `spec-url="…"` and `Redoc.init("…"`.
fn urls(text: &str, lower: &str, found: &mut Found) {
    let mut taken = 0;
    for key in KEYS {
        for (at, _) in lower.match_indices(key) {
            let letter = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
            let inside = lower[..at].chars().next_back().is_some_and(letter);
            if inside || taken >= MAX_URLS {
                continue;
            }
            let rest = text[at + key.len()..].trim_start();
            let value = if key.ends_with('(') {
                Some(rest)
            } else {
                let rest = rest.trim_start_matches(['"', '\'']).trim_start();
                rest.strip_prefix([':', '='])
            };
            let quoted = value.and_then(|value| quoted(value.trim_start()));
            if let Some(url) = quoted.filter(|url| is_address(url)) {
                found.push(Call::link(url).tentative());
                taken += 1;
            }
        }
    }
}

fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| "\"'`".contains(*c))?;
    let rest = &text[1..];
    rest.get(..rest.find(quote)?)
}

fn is_address(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 500
        && !text.starts_with('#')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-~%:?=&+@,".contains(c))
}

/// Returns the objects in a text that start like a specification.
fn documents(text: &str) -> Vec<Value> {
    let mut documents = Vec::new();
    let mut end = 0;
    let mut tried = 0;
    for key in ["openapi", "swagger"] {
        for (at, _) in text.match_indices(key) {
            let after = text[at + key.len()..].trim_start_matches(['"', '\'']);
            let before = text[..at].trim_end_matches(['"', '\'']).trim_end();
            // `openapi` need not be the first key, but every generator writes it first.
            if at < end || !after.trim_start().starts_with(':') || !before.ends_with('{') {
                continue;
            }
            // Each attempt may read to the end of the text.
            tried += 1;
            if tried > MAX_DOCUMENTS {
                return documents;
            }
            let start = before.len() - 1;
            let Some(length) = object_length(&text[start..]) else {
                continue;
            };
            let object = &text[start..start + length];
            // Keys in a script literal have no quotes, as in YAML's flow style.
            let value = serde_json::from_str(object).or_else(|_| yaml::value(object));
            if let Ok(value) = value {
                end = start + length;
                documents.push(value);
            }
        }
    }
    documents
}

/// Returns the length of the object at the start of a text, skipping strings.
fn object_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().take(MAX_DOCUMENT) {
        match (quote, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let page = Url::parse("http://h/docs/").unwrap();
        let calls = specifications(text, &page).calls;
        calls
            .iter()
            .map(|call| format!("{} {}", call.method, call.url))
            .collect()
    }

    #[test]
    fn every_way_of_naming_the_document_is_read() {
        for page in [
            "<script>SwaggerUIBundle({url: \"spec.json\", dom_id: '#x'})</script>",
            "<script>const ui = SwaggerUIBundle({\"url\" : 'spec.json'})</script>",
            "window.ui = SwaggerUIBundle({urls: [{url: \"spec.json\", name: \"one\"}]})",
            "SwaggerUIBundle({configUrl: 'spec.json'})",
            "<redoc spec-url='spec.json'></redoc>",
            "<rapi-doc spec-url = \"spec.json\"></rapi-doc>",
            "<script>Redoc.init('spec.json', {}, el)</script>",
            "<script id='api-reference' data-url='spec.json'></script>",
            "<elements-api apiDescriptionUrl=\"spec.json\"/>",
        ] {
            assert_eq!(lines(page), ["GET spec.json"], "{page}");
        }
        assert!(lines("fetch({url: 'spec.json'})").is_empty());
        assert!(
            lines("SwaggerUIBundle({validatorUrl: null, dom_id: '#url', curl: 'x'})").is_empty()
        );
    }

    #[test]
    fn a_document_inside_of_the_page_is_read() {
        let json =
            r#"{"openapi": "3.0.0", "info": {"title": "a } b"}, "paths": {"/k": {"post": {}}}}"#;
        let literal = "{\n  openapi: '3.0.0',\n  paths: {'/k': {post: {responses: {200: {}}}}},\n}";
        for page in [
            format!("<script>SwaggerUIBundle({{spec: {json}, dom_id: '#x'}})</script>"),
            format!("<script>const spec = {json}; Redoc.init(spec)</script>"),
            format!("<script type='application/json'>{json}</script>"),
            format!("SwaggerUIBundle({{spec: {literal}}})"),
        ] {
            assert_eq!(lines(&page), ["POST /k"], "{page}");
        }
    }

    #[test]
    fn what_only_looks_like_a_document_ends_soon() {
        let open = "{\"openapi\":".repeat(20_000);
        assert!(lines(&open).is_empty());
        assert!(lines("{\"swagger\": \"2.0\", \"paths\": {").is_empty());
    }
}
