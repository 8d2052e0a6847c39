//! Routes that an application's own "not found" answers name: `did you mean /a or /b ?` of
//! Flask-RESTful and flask-restx, or lists of the existing routes.
//!
//! Owns: paths and methods in such a text. Leaves out: whether they exist (each is only a guess).

use super::super::found::{Call, Found};
use super::super::pages::text::looks_like_path;
use super::visible::{texts, visible_text};
use crate::http::{Method, Response};
use crate::surface::Provenance;

/// The most routes taken from one answer.
const MAX_ROUTES: usize = 60;

/// Returns the rooted paths that a text names, with the methods before them. `own` is the requested
/// path, which such a text repeats.
pub fn named(response: &Response, own: &str) -> Found {
    let mut found = Found::default();
    let text = match response.json() {
        Some(value) => texts(&value),
        None => visible_text(&response.text()),
    };
    let own = own.trim_end_matches('/');
    let mut method = Method::Get;
    for word in text.split(|c: char| c.is_whitespace() || "\"'`()[],;|".contains(c)) {
        if let Ok(named) = word.trim_matches(':').parse::<Method>()
            && word.starts_with(|c: char| c.is_ascii_uppercase())
        {
            method = named;
            continue;
        }
        let path = word.trim_end_matches(['.', ':', '!', '?', '…', '/']);
        let echo = !own.is_empty() && (path == own || path.starts_with(&format!("{own}/")));
        if word.starts_with('/') && looks_like_path(path) && !echo {
            found.push(Call::new(method, path, Provenance::Error).tentative());
            if found.calls.len() >= MAX_ROUTES {
                break;
            }
        }
        if !word.is_empty() {
            method = Method::Get;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &str, body: &str, expected: &[&str]) {
        let found = named(
            &Response::of(404, &[("content-type", kind)], body),
            "/own/path",
        );
        let lines: Vec<String> = found
            .calls
            .iter()
            .map(|call| format!("{} {}", call.method, call.url))
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_refusal_names_routes_with_their_methods() {
        check(
            "application/json",
            r#"{"message": "You have requested this URI [/own/path] but did you mean /a/b or /c/<int:id> ?", "known": ["/d", {"e": "POST /e/{id}"}]}"#,
            &["GET /a/b", "GET /c/<int:id>", "GET /d", "POST /e/{id}"],
        );
        check(
            "text/html",
            "<h1>Not Found</h1><p>The requested URL /own/path was not found. and/or 1/2 <a href=/nav>x</a>",
            &[],
        );
    }
}
