//! Scripts: what they fetch, with methods, headers and fields, and the paths they name.
//!
//! Owns: [`scripts`]. `program` walks a script's tree and finds what is called with which `value`s.
//! `clients` knows `fetch`, axios, jQuery and similar libraries, `payload` knows what they carry, and
//! `address` what a URL is. The `tokens` provide what the walk does not: all `strings` that look like
//! paths, and the comments. Leaves out: running anything.

mod address;
mod clients;
mod payload;
mod program;
mod strings;
mod tokens;
mod value;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::super::found::{Call, Found};
use super::text;
use crate::http::Method;
use crate::surface::Provenance;
use tokens::Token;

/// Reads a script, and the HTML in its strings.
pub fn scripts(code: &str) -> Found {
    let (mut found, markup) = read(code);
    source_map_of(code, &mut found);
    for text in markup.iter().take(MAX_MARKUP) {
        super::html::fragment(text, &mut found);
    }
    found
}

/// Reads a script without the HTML in its strings.
pub fn plain(code: &str) -> Found {
    read(code).0
}

fn read(code: &str) -> (Found, Vec<String>) {
    let (mut found, markup, codes) = flat(code);
    // Scripts that those texts run in turn are left out.
    for code in codes.iter().take(MAX_CODES) {
        found.absorb(flat(code).0);
    }
    (found, markup)
}

/// The most texts that one script runs as scripts.
const MAX_CODES: usize = 50;

/// Reads a script, and returns the markup and the scripts in its strings.
fn flat(code: &str) -> (Found, Vec<String>, Vec<String>) {
    let program = program::program(code);
    let mut found = Found {
        cut: program.cut,
        ..Found::default()
    };
    for call in program.calls {
        found.push(call);
    }
    let mut known: BTreeSet<String> = found.calls.iter().map(|call| call.url.clone()).collect();
    let (tokens, comments) = tokens::tokens(code);
    strings::strings(&tokens, &mut known, &mut found);
    text::paths(&comments, &mut found);
    let mut markup = Vec::new();
    let mut codes = program.codes;
    for token in tokens {
        match token {
            Token::Text(text) if is_markup(&text) => markup.push(text),
            // JSON in a string.
            Token::Text(text) if text.starts_with(['{', '[']) && text.contains('/') => {
                codes.push(text);
            }
            _ => {}
        }
    }
    for text in program.texts {
        if is_markup(&text) {
            markup.push(text);
        } else {
            strings::path(&text, &mut known, &mut found);
        }
    }
    (found, markup, codes)
}

/// The most pieces of HTML in strings that are read.
const MAX_MARKUP: usize = 100;

fn is_markup(text: &str) -> bool {
    let links = ["href=", "src=", "action="];
    text.len() < 20_000 && text.contains('<') && links.iter().any(|link| text.contains(link))
}

/// Reads the original sources inside a source map, if the JSON answer is one.
pub fn source_map(value: &Json) -> Option<Found> {
    let mut found = Found::default();
    if let Some(sections) = value.get("sections").and_then(Json::as_array) {
        for section in sections.iter().take(MAX_SECTIONS) {
            sources(section.get("map")?, &mut found);
        }
        return Some(found);
    }
    sources(value, &mut found).then_some(found)
}

/// The most sections read of one source map, and the most sources of one map.
const MAX_SECTIONS: usize = 200;
const MAX_SOURCES: usize = 400;

/// Reads one map (<https://tc39.es/ecma426/>); returns false if the value is not one.
fn sources(map: &Json, found: &mut Found) -> bool {
    let (Some(_), Some(names)) = (
        map.get("mappings"),
        map.get("sources").and_then(Json::as_array),
    ) else {
        return false;
    };
    let root = map
        .get("sourceRoot")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let contents = map.get("sourcesContent").and_then(Json::as_array);
    let mut read = 0;
    for (at, name) in names.iter().enumerate() {
        let name = name.as_str().unwrap_or_default();
        if name.contains("node_modules") {
            continue;
        }
        if read >= MAX_SOURCES {
            found.cut = true;
            break;
        }
        read += 1;
        if let Some(code) = contents.and_then(|all| all.get(at)?.as_str()) {
            found.absorb(scripts(code));
        } else if !name.contains(':') && !name.is_empty() {
            let slash = if root.is_empty() || root.ends_with('/') {
                ""
            } else {
                "/"
            };
            found.push(
                Call::new(
                    Method::Get,
                    format!("{root}{slash}{name}"),
                    Provenance::Script,
                )
                .tentative(),
            );
        }
    }
    true
}

/// Adds the address of a script's source map, or reads the map itself from a `data:` URI.
fn source_map_of(code: &str, found: &mut Found) {
    let Some((_, url)) = code.rsplit_once("sourceMappingURL=") else {
        return;
    };
    let url = url.split_whitespace().next().unwrap_or_default();
    let Some(data) = url.strip_prefix("data:") else {
        if !url.is_empty() && url.len() < 500 {
            found.push(Call::new(Method::Get, url, Provenance::Script).tentative());
        }
        return;
    };
    let text = data
        .split_once("base64,")
        .and_then(|(_, text)| STANDARD.decode(text.trim()).ok());
    if let Some(map) = text.and_then(|text| serde_json::from_slice::<Json>(&text).ok()) {
        // Maps inside the sources of a map are ignored.
        let contents = map
            .get("sourcesContent")
            .and_then(Json::as_array)
            .into_iter()
            .flatten();
        for code in contents.take(MAX_SECTIONS).filter_map(Json::as_str) {
            let (calls, _) = read(code);
            found.absorb(calls);
        }
    }
}

#[cfg(test)]
mod tests;
