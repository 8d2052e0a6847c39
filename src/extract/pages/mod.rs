//! Extractors: pure functions from one answer's text to what it reveals.
//!
//! Owns: one file per format, and [`extract`], which picks the file by media type. Leaves out: what is
//! done with the result (`place.rs`), and errors and tracebacks (`clues`).

pub mod css;
mod curl;
mod docs;
pub(super) mod fields;
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

use std::io::Read;

use url::Url;

use super::found::{Call, Found};
use crate::http::Response;

/// Reads an answer's body by its media type, or by its first bytes if the type says nothing.
pub fn extract(url: &Url, response: &Response) -> Found {
    if let Some((inflated, cut)) = inflated(&response.body) {
        let mut found = read(
            url,
            "",
            &Response {
                body: inflated,
                ..response.clone()
            },
        );
        found.cut |= cut;
        return found;
    }
    read(url, &response.media_type(), response)
}

/// Decompresses a gzip file (sitemaps are served like this), and returns whether it had to be cut.
fn inflated(body: &[u8]) -> Option<(Vec<u8>, bool)> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    let mut plain = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(body).take(MAX_INFLATED + 1);
    // What precedes an error is worth reading.
    let _ = reader.read_to_end(&mut plain);
    let cut = plain.len() as u64 > MAX_INFLATED;
    plain.truncate(usize::try_from(MAX_INFLATED).unwrap_or(usize::MAX));
    Some((plain, cut))
}

/// The most bytes of a compressed file that are read.
const MAX_INFLATED: u64 = 8 << 20;

fn read(url: &Url, kind: &str, response: &Response) -> Found {
    let path = url.path();
    let text = response.text();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if is_library(path) {
        return Found::default();
    }
    if kind.contains("javascript") || kind.contains("ecmascript") || is_script_path(path, kind) {
        let mut found = docs::specifications(&text, url);
        found.absorb(script::scripts(&text));
        if !text.contains("sourceMappingURL=") && is_minified(&text) {
            // Bundlers may omit the reference but leave the map beside the script.
            let name = path.rsplit('/').next().unwrap_or_default();
            found.push(Call::link(format!("{name}.map")).tentative());
        }
        return found;
    }
    if kind.ends_with("css") {
        let mut found = Found::default();
        css::sheet(&text, &mut found);
        return found;
    }
    if let Some(value) = response.json().or_else(|| later_json(start)) {
        return openapi::specification(&value, url)
            .or_else(|| script::source_map(&value))
            .unwrap_or_else(|| json::links(&value));
    }
    if kind.ends_with("xml") && !kind.contains("html")
        || XML_STARTS.iter().any(|known| start.starts_with(known))
    {
        return xml::links(&text);
    }
    if kind.contains("html") || (kind.is_empty() && start.starts_with('<')) {
        let mut found = docs::specifications(&text, url);
        found.absorb(html::page(&text));
        return found;
    }
    if kind.contains("json") {
        // Lines of JSON, and cut or broken JSON: only the strings matter.
        return script::plain(&text);
    }
    if path.ends_with("/robots.txt") {
        return robots::lines(&text);
    }
    if let Some(found) =
        yaml::specification(&text).and_then(|value| openapi::specification(&value, url))
    {
        return found;
    }
    if kind.starts_with("text/") || kind.contains("yaml") || kind.is_empty() {
        let mut found = Found::default();
        text::paths(&text, &mut found);
        return found;
    }
    Found::default()
}

/// How XML starts that may be served without a media type of its own.
const XML_STARTS: [&str; 4] = ["<?xml", "<urlset", "<sitemapindex", "<rss"];

/// Returns true for a script without line breaks, as bundlers write it.
fn is_minified(text: &str) -> bool {
    let head = text.trim_end().bytes().take(1_000);
    !text.is_empty() && !head.into_iter().any(|byte| byte == b'\n')
}

/// Parses JSON after a byte order mark, or after a line that keeps it from running as a script.
fn later_json(start: &str) -> Option<serde_json::Value> {
    let bare = start
        .strip_prefix(")]}'")
        .map_or(start, |rest| rest.trim_start_matches(','));
    let bare = bare.trim_start();
    bare.starts_with(['{', '['])
        .then(|| serde_json::from_str(bare).ok())?
}

/// Returns true for a published library: it names paths of its own documentation, never of the
/// application.
fn is_library(path: &str) -> bool {
    const NAMES: [&str; 28] = [
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
        "jquery-ui",
        "jquery.datatables",
        "leaflet",
        "lodash",
        "moment",
        "popper",
        "rapidoc",
        "react",
        "react-dom",
        "redoc",
        "socket.io",
        "swagger-ui",
        "underscore",
        "vue",
        "vue-router",
    ];
    /// Words in the names of library builds.
    const BUILDS: [&str; 18] = [
        "all",
        "browser",
        "bundle",
        "cjs",
        "common",
        "core",
        "development",
        "dist",
        "esm",
        "global",
        "min",
        "pkgd",
        "preset",
        "prod",
        "production",
        "slim",
        "standalone",
        "umd",
    ];
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let stem = [".js", ".mjs", ".css"]
        .iter()
        .find_map(|end| name.strip_suffix(end));
    let Some(stem) = stem else {
        return false;
    };
    // `jquery-3.7.min`, `swagger-ui-standalone-preset`; not `chartview`, `vue-app` or an initializer,
    // which belong to the application.
    let is_build = |part: &str| {
        let number = part.trim_start_matches(['v', 'r', 'c']);
        BUILDS.contains(&part) || number.starts_with(|c: char| c.is_ascii_digit())
    };
    NAMES.iter().any(|known| {
        let rest = stem.strip_prefix(known);
        rest.is_some_and(|rest| {
            rest.is_empty()
                || rest.starts_with(['.', '-', '@'])
                    && rest.split(['.', '-', '@']).skip(1).all(is_build)
        })
    })
}

fn is_script_path(path: &str, kind: &str) -> bool {
    let script = [".js", ".mjs", ".jsx", ".ts", ".tsx"]
        .iter()
        .any(|end| path.ends_with(end));
    script && !kind.contains("html") && !kind.contains("json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_librarys_builds_are_known_from_the_applications_own_scripts() {
        for name in [
            "jquery.js",
            "jquery-3.7.1.min.js",
            "swagger-ui-bundle.js",
            "swagger-ui-standalone-preset.js",
            "vue@3.4.0-rc1.js",
            "react-dom.production.min.js",
            "bootstrap.min.css",
            "chart.umd.js",
        ] {
            assert!(is_library(&format!("/static/{name}")), "{name}");
        }
        for name in [
            "vue-app.js",
            "datatables-users.js",
            "react-app.js",
            "chart-page.js",
            "chart.json",
            "chartview.js",
            "swagger-initializer.js",
            "moment.jsx.html",
        ] {
            assert!(!is_library(&format!("/static/{name}")), "{name}");
        }
    }
}
