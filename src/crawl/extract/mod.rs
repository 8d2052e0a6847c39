//! Extractors: pure functions from one answer's text to what it reveals.
//!
//! Owns: one file a format, and [`extract`], which picks the file by media type. Leaves out: what
//! becomes of it (`learn.rs`), and errors and tracebacks (`clues`).

mod docs;
mod forms;
pub mod graphql;
pub mod headers;
pub mod html;
pub mod json;
pub mod openapi;
pub mod robots;
pub(super) mod schema;
pub mod script;
pub mod text;
pub mod xml;
pub mod yaml;

use url::Url;

use super::found::Found;
use crate::http::Response;

/// Reads an answer's body by its media type, or by its first bytes where that says nothing.
pub fn extract(url: &Url, response: &Response) -> Found {
    let path = url.path();
    let kind = response.media_type();
    let text = response.text();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if is_library(path) {
        return Found::default();
    }
    if kind.contains("javascript") || kind.contains("ecmascript") || is_script_path(path, &kind) {
        let mut found = docs::specifications(&text, url);
        found.absorb(script::scripts(&text));
        return found;
    }
    if kind.ends_with("css") {
        let mut found = Found::default();
        html::css(&text, &mut found);
        return found;
    }
    if let Some(value) = response.json() {
        return openapi::specification(&value, url)
            .or_else(|| script::source_map(&value))
            .unwrap_or_else(|| json::links(&value));
    }
    if kind.ends_with("xml") && !kind.contains("html") || start.starts_with("<?xml") {
        return xml::links(&text);
    }
    if kind.contains("html") || (kind.is_empty() && start.starts_with('<')) {
        let mut found = docs::specifications(&text, url);
        found.absorb(html::page(&text));
        return found;
    }
    if path.ends_with("/robots.txt") {
        return robots::lines(&text);
    }
    if let Some(found) =
        yaml::specification(&text).and_then(|value| openapi::specification(&value, url))
    {
        return found;
    }
    if kind.starts_with("text/") || kind.is_empty() {
        let mut found = Found::default();
        text::paths(&text, &mut found);
        return found;
    }
    Found::default()
}

/// Published libraries name paths of their own documentation, never of the application.
fn is_library(path: &str) -> bool {
    const NAMES: [&str; 24] = [
        "ace",
        "alpine",
        "angular",
        "axios",
        "bootstrap",
        "chart",
        "codemirror",
        "d3",
        "datatables",
        "fontawesome",
        "highlight",
        "htmx",
        "jquery",
        "leaflet",
        "lodash",
        "moment",
        "popper",
        "rapidoc",
        "react",
        "redoc",
        "socket.io",
        "swagger-ui",
        "underscore",
        "vue",
    ];
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let Some((stem, _)) = name.split_once(".js").or_else(|| name.split_once(".css")) else {
        return false;
    };
    NAMES.iter().any(|known| {
        // `jquery-3.7.min`, `swagger-ui-bundle`, `bootstrap`; not `chartview`. An initializer is
        // the application's own.
        let rest = stem.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '@']))
            && !stem.contains("init")
    })
}

fn is_script_path(path: &str, kind: &str) -> bool {
    let script = [".js", ".mjs", ".jsx", ".ts", ".tsx"]
        .iter()
        .any(|end| path.ends_with(end));
    script && !kind.contains("html") && !kind.contains("json")
}
