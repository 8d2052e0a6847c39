//! Scripts: what they fetch, with methods, headers and fields, and the paths that they name.
//!
//! Owns: [`scripts`]. `program` walks a script's tree; where there is none, `calls` finds what sends in the
//! `tokens`, by the expressions that `value` reads, and through `wrappers`. For both, `clients` knows `fetch`,
//! axios, jQuery and their kin, `payload` what they carry, `address` what a URL is. Leaves out: running
//! anything.

mod address;
mod calls;
mod clients;
mod payload;
mod program;
mod tokens;
mod value;
mod wrappers;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::super::found::{Call, Found};
use super::text;
use crate::http::Method;
use crate::surface::Provenance;
use tokens::{Piece, Token};
use value::{Names, Value};

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
    // What is run as a script there is left out.
    for code in codes.iter().take(MAX_CODES) {
        found.absorb(flat(code).0);
    }
    (found, markup)
}

/// Texts that one script runs as scripts, at most.
const MAX_CODES: usize = 50;

/// A script, with the markup and the scripts in its strings.
fn flat(code: &str) -> (Found, Vec<String>, Vec<String>) {
    let (tokens, comments) = tokens::tokens(code);
    let names = names(&tokens);
    let mut found = Found {
        cookies: cookies(&tokens, &names),
        ..Found::default()
    };
    let program = program::program(code);
    if let Some(program) = &program {
        program
            .calls
            .iter()
            .cloned()
            .for_each(|call| found.push(call));
    } else {
        found.cut = true;
        calls::calls(&tokens, &names, &mut found);
    }
    let mut known: std::collections::BTreeSet<String> =
        found.calls.iter().map(|call| call.url.clone()).collect();
    strings(&tokens, &names, &mut known, &mut found);
    text::paths(&comments, &mut found);
    let mut markup = Vec::new();
    let mut codes = Vec::new();
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
    let Some(program) = program else {
        return (found, markup, codes);
    };
    codes.extend(program.codes);
    for text in program.texts {
        if is_markup(&text) {
            markup.push(text);
        } else {
            path(&text, &mut known, &mut found);
        }
    }
    (found, markup, codes)
}

/// Cookies that one script sets, at most.
const MAX_COOKIES: usize = 20;

/// `document.cookie = "name=" + value`.
fn cookies(tokens: &[Token], names: &Names) -> Vec<String> {
    let mut set = Vec::new();
    for at in 2..tokens.len().saturating_sub(2) {
        let is_cookie = matches!(&tokens[at], Token::Name(name) if name == "cookie")
            && matches!(&tokens[at - 1], Token::Mark('.'))
            && matches!(&tokens[at - 2], Token::Name(name) if name == "document")
            && matches!(&tokens[at + 1], Token::Mark('='))
            && !matches!(&tokens[at + 2], Token::Mark('='));
        if is_cookie
            && let Value::Text(text) = value::expression(tokens, at + 2, names)
            && let Some((name, _)) = text.split_once('=')
            && set.len() < MAX_COOKIES
        {
            set.push(name.trim().to_owned());
        }
    }
    set
}

/// Pieces of HTML in strings that are read, at most.
const MAX_MARKUP: usize = 100;

fn is_markup(text: &str) -> bool {
    let links = ["href=", "src=", "action="];
    text.len() < 20_000 && text.contains('<') && links.iter().any(|link| text.contains(link))
}

/// Variables that hold a text or an object: `const BASE = "/api"`, `url: "/x"` stays a string.
fn names(tokens: &[Token]) -> Names {
    let mut names = Names::new();
    for at in 1..tokens.len().saturating_sub(1) {
        let (Token::Mark('='), Token::Name(name)) = (&tokens[at], &tokens[at - 1]) else {
            continue;
        };
        // `==`, `===`; `a.b = …` is kept under its whole name.
        if matches!(tokens[at + 1], Token::Mark('=')) || names.values.len() > 5_000 {
            continue;
        }
        let name = dotted(tokens, at - 1).unwrap_or_else(|| name.clone());
        let value = value::expression(tokens, at + 1, &names);
        if is_worth_keeping(&value) {
            names.values.insert(name, value);
        }
    }
    names
}

/// Names double when a text is put together from itself, so only short ones are kept.
fn is_worth_keeping(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.len() < 500,
        Value::Object(fields) => !fields.is_empty() && value.weight() < 500,
        Value::Call(name, _) => matches!(
            name.as_str(),
            "JSON.stringify" | "URLSearchParams" | "FormData" | "URL" | "axios.create"
        ),
        _ => false,
    }
}

/// The dotted name that ends at `at`.
fn dotted(tokens: &[Token], at: usize) -> Option<String> {
    let Token::Name(last) = tokens.get(at)? else {
        return None;
    };
    let mut name = last.clone();
    let mut at = at;
    while at >= 2
        && let (Token::Mark('.'), Token::Name(part)) = (&tokens[at - 1], &tokens[at - 2])
        && name.len() < 200
    {
        name = format!("{part}.{name}");
        at -= 2;
    }
    Some(name)
}

/// Every string that looks like a path and stands in no call that is known.
fn strings(
    tokens: &[Token],
    names: &Names,
    known: &mut std::collections::BTreeSet<String>,
    found: &mut Found,
) {
    for (at, token) in tokens.iter().enumerate() {
        let text = match token {
            // A text that goes on (`"/x/" + id`) is read as a whole.
            Token::Text(text) if text.starts_with('/') || text.starts_with("http") => {
                match value::expression(tokens, at, names) {
                    Value::Text(whole) => whole,
                    _ => text.clone(),
                }
            }
            Token::Text(text) => text.clone(),
            Token::Template(pieces) => {
                for piece in pieces {
                    if let Piece::Expression(inner) = piece {
                        strings(inner, names, known, found);
                    }
                }
                match value::expression(tokens, at, names) {
                    Value::Text(whole) => whole,
                    _ => continue,
                }
            }
            _ => continue,
        };
        path(&text, known, found);
    }
}

/// Longer texts with spaces in them are not read for paths.
const MAX_SENTENCE: usize = 300;

/// A text that may be the path of something.
fn path(text: &str, known: &mut std::collections::BTreeSet<String>, found: &mut Found) {
    // "GET /x" in a table of routes, and a path in a sentence.
    if text.contains(' ') {
        if text.len() < MAX_SENTENCE && !text.contains('<') {
            text::paths(text, found);
        }
        return;
    }
    let text = address::without_base(text);
    let text = address::without_glued(text).unwrap_or(text);
    let absolute = ["http://", "https://", "ws://", "wss://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    let usable = absolute || text::looks_like_path(text) || is_file(text);
    if usable && known.insert(text.to_owned()) {
        found.push(Call::new(Method::Get, text, Provenance::Script).tentative());
    }
}

/// `sw.js`, `chunks/admin.3f2a.js`: what a script loads besides itself, relative to where it is.
fn is_file(text: &str) -> bool {
    let ends = [".js", ".mjs", ".json", ".ts", ".vue", ".html"];
    text.len() < 200
        && ends.iter().any(|end| text.ends_with(end))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-@".contains(c))
}

/// The original sources inside a source map, if that is what a JSON answer is.
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

/// Sections of one source map that are read, and sources of its own.
const MAX_SECTIONS: usize = 200;
const MAX_SOURCES: usize = 400;

/// Reads one map (<https://tc39.es/ecma426/>); false where it is none.
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

/// Where the source map of a script is, or the map itself in a `data:` URI.
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
        // The sources of a map in a map are left out.
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
