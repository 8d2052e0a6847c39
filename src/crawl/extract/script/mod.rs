//! Scripts: what they fetch, with methods, headers and fields, and the paths that they name.
//!
//! Owns: [`scripts`]. `tokens.rs` cuts, `value.rs` reads expressions, `calls.rs` knows `fetch`,
//! axios, jQuery and their kin. Leaves out: running anything.

mod calls;
mod payload;
mod tokens;
mod value;
mod wrappers;

use super::super::found::{Call, Found};
use super::text;
use crate::http::Method;
use crate::surface::Provenance;
use tokens::{Piece, Token};
use value::{Names, Value};

/// Reads a script, and the HTML in its strings.
pub fn scripts(code: &str) -> Found {
    let (mut found, markup) = read(code);
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
    let (tokens, comments) = tokens::tokens(code);
    let names = names(&tokens);
    let mut found = Found::default();
    calls::calls(&tokens, &names, &mut found);
    let mut known: std::collections::BTreeSet<String> =
        found.calls.iter().map(|call| call.url.clone()).collect();
    strings(&tokens, &names, &mut known, &mut found);
    text::paths(&comments, &mut found);
    if let Some(url) = source_map_url(code) {
        found.push(Call::new(Method::Get, url, Provenance::Script).tentative());
    }
    let markup = tokens.into_iter().filter_map(|token| match token {
        Token::Text(text) if is_markup(&text) => Some(text),
        _ => None,
    });
    (found, markup.collect())
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
        let text = calls::without_base(&text);
        let text = calls::without_glued(text).unwrap_or(text);
        let absolute = text.starts_with("http://") || text.starts_with("https://");
        let usable = absolute || text::looks_like_path(text);
        if usable && known.insert(text.to_owned()) {
            found.push(Call::new(Method::Get, text, Provenance::Script).tentative());
        }
    }
}

/// The original sources inside a source map, if that is what a JSON answer is.
pub fn source_map(value: &serde_json::Value) -> Option<Found> {
    value.get("mappings")?;
    let sources = value.get("sources")?.as_array()?;
    let contents = value.get("sourcesContent")?.as_array()?;
    let mut found = Found::default();
    for (name, content) in sources.iter().zip(contents) {
        let library = name
            .as_str()
            .is_some_and(|name| name.contains("node_modules"));
        if let Some(code) = content.as_str().filter(|_| !library) {
            found.absorb(scripts(code));
        }
    }
    Some(found)
}

fn source_map_url(code: &str) -> Option<&str> {
    let tail = code.get(code.len().saturating_sub(500)..)?;
    let (_, url) = tail.rsplit_once("sourceMappingURL=")?;
    let url = url.split_whitespace().next()?;
    (!url.starts_with("data:")).then_some(url)
}
