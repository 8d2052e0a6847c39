//! Strings of a script that look like paths, whatever the script does with them.
//!
//! Owns: what a string or template literal yields together with the literals and variables added to it,
//! and which texts are paths. Leaves out: calls (`program`).

use std::collections::{BTreeMap, BTreeSet};

use super::super::text;
use super::address;
use super::tokens::{Piece, Token};
use super::value::{Value, text_of};
use crate::found::{Call, Found};
use crate::http::Method;
use crate::surface::Provenance;

/// Variables that contain a text, by dotted name; a later one replaces an earlier one of the same name.
type Names = BTreeMap<String, String>;

/// The most variables of one script that are kept.
const MAX_NAMES: usize = 5_000;

/// The longest text kept under a name: a text may be built from itself.
const MAX_NAMED: usize = 500;

/// The deepest nesting of calls and templates inside one text.
const MAX_DEPTH: usize = 6;

/// The most tokens skipped between two brackets.
const MAX_BRACKET: usize = 400;

/// The most cookies that one script sets.
const MAX_COOKIES: usize = 20;

/// Adds the paths in the strings of a script, except the known ones, and the cookies that it sets.
pub(super) fn strings(tokens: &[Token], known: &mut BTreeSet<String>, found: &mut Found) {
    let names = names(tokens);
    cookies(tokens, &names, found);
    within(tokens, &names, known, found);
}

/// Collects the names in `document.cookie = "name=" + value`.
fn cookies(tokens: &[Token], names: &Names, found: &mut Found) {
    for at in 1..tokens.len() {
        if tokens[at] != Token::Mark('=') || !dotted_before(tokens, at).ends_with("document.cookie")
        {
            continue;
        }
        // The name comes first, whatever follows.
        let text = match tokens.get(at + 1) {
            Some(Token::Template(pieces)) => match pieces.first() {
                Some(Piece::Text(text)) => text.clone(),
                _ => continue,
            },
            _ => {
                match sum(tokens, at + 1, names, 0).or_else(|| operand(tokens, at + 1, names, 0)) {
                    Some((Value::Text(text), _)) => text,
                    _ => continue,
                }
            }
        };
        if let Some((name, _)) = text.split_once('=')
            && found.cookies.len() < MAX_COOKIES
        {
            found.cookies.push(name.trim().to_owned());
        }
    }
}

/// Collects variables such as `const BASE = "/api"` and `a.b = "/x" + c`.
fn names(tokens: &[Token]) -> Names {
    let mut names = Names::new();
    for at in 1..tokens.len().saturating_sub(1) {
        let (Token::Name(_), Token::Mark('=')) = (&tokens[at - 1], &tokens[at]) else {
            continue;
        };
        let Some((Value::Text(text), _)) = sum(tokens, at + 1, &names, 0) else {
            continue;
        };
        if text.len() < MAX_NAMED && names.len() < MAX_NAMES {
            names.insert(dotted_before(tokens, at), text);
        }
    }
    names
}

fn within(tokens: &[Token], names: &Names, known: &mut BTreeSet<String>, found: &mut Found) {
    for (at, token) in tokens.iter().enumerate() {
        match token {
            // A text that continues (`"/x/" + id`) is read as a whole.
            Token::Text(text) if text.starts_with('/') || text.starts_with("http") => {
                if let Some((whole, _)) = sum(tokens, at, names, 0) {
                    path(&text_of(&whole), known, found);
                }
            }
            Token::Text(text) => path(text, known, found),
            Token::Template(pieces) => {
                for piece in pieces {
                    if let Piece::Expression(inner) = piece {
                        within(inner, names, known, found);
                    }
                }
                // Only the program may know what follows an unknown base.
                if let Some((whole, _)) = sum(tokens, at, names, 0)
                    && let text = text_of(&whole)
                    && !text.starts_with('{')
                {
                    path(&text, known, found);
                }
            }
            _ => {}
        }
    }
}

/// Joins operands separated by `+`, and returns where they end; `None` if one is more than a literal, a
/// variable, or a call with such an argument.
fn sum(tokens: &[Token], at: usize, names: &Names, depth: usize) -> Option<(Value, usize)> {
    let (mut value, mut next) = operand(tokens, at, names, depth)?;
    while let Some(Token::Mark('+')) = tokens.get(next) {
        let (other, end) = operand(tokens, next + 1, names, depth)?;
        value = Value::Text(text_of(&value) + &text_of(&other));
        next = end;
    }
    Some((value, next))
}

fn operand(tokens: &[Token], at: usize, names: &Names, depth: usize) -> Option<(Value, usize)> {
    if depth > MAX_DEPTH {
        return None;
    }
    let (mut value, mut next) = match tokens.get(at)? {
        Token::Text(text) => (Value::Text(text.clone()), at + 1),
        Token::Number(number) => (Value::Plain(number.clone()), at + 1),
        Token::Template(pieces) => (template(pieces, names, depth)?, at + 1),
        Token::Name(word) if matches!(word.as_str(), "await" | "new") => {
            return operand(tokens, at + 1, names, depth + 1);
        }
        Token::Name(_) => {
            let (name, next) = dotted(tokens, at);
            match names.get(&name) {
                Some(text) => (Value::Text(text.clone()), next),
                None => (Value::Name(name), next),
            }
        }
        Token::Mark(_) => return None,
    };
    // Calls, indexes and fields of the value.
    loop {
        match (tokens.get(next), tokens.get(next + 1)) {
            (Some(Token::Mark('(')), inner) => {
                if let Value::Name(name) = value {
                    let argument = match inner {
                        Some(Token::Mark(')')) => None,
                        _ => Some(operand(tokens, next + 1, names, depth + 1)?.0),
                    };
                    value = Value::Call(name, argument.into_iter().collect());
                }
                next = bracket_end(tokens, next)?;
            }
            (Some(Token::Mark('[')), _) => next = bracket_end(tokens, next)?,
            (Some(Token::Mark('.')), Some(Token::Name(_))) => next += 2,
            _ => return Some((value, next)),
        }
    }
}

fn template(pieces: &[Piece], names: &Names, depth: usize) -> Option<Value> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Expression(inner) => {
                let (value, end) = sum(inner, 0, names, depth + 1)?;
                if end < inner.len() {
                    return None;
                }
                text.push_str(&text_of(&value));
            }
        }
    }
    Some(Value::Text(text))
}

/// Returns the dotted name that begins at `at`, and where it ends.
fn dotted(tokens: &[Token], at: usize) -> (String, usize) {
    let mut name = String::new();
    let mut next = at;
    while let Some(Token::Name(part)) = tokens.get(next) {
        name.push_str(part);
        next += 1;
        match (tokens.get(next), tokens.get(next + 1)) {
            (Some(Token::Mark('.')), Some(Token::Name(_))) if name.len() < 200 => {
                name.push('.');
                next += 1;
            }
            _ => break,
        }
    }
    (name, next)
}

/// Returns the dotted name that ends before `end`.
fn dotted_before(tokens: &[Token], end: usize) -> String {
    let mut start = end - 1;
    while start >= 2
        && end - start < 20
        && let (Token::Name(_), Token::Mark('.')) = (&tokens[start - 2], &tokens[start - 1])
    {
        start -= 2;
    }
    dotted(tokens, start).0
}

/// Returns the position after the bracket that closes the one at `at`.
fn bracket_end(tokens: &[Token], at: usize) -> Option<usize> {
    let mut open = 0_usize;
    for (offset, token) in tokens[at..].iter().take(MAX_BRACKET).enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => open += 1,
            Token::Mark(')' | ']' | '}') if open == 1 => return Some(at + offset + 1),
            Token::Mark(')' | ']' | '}') => open -= 1,
            _ => {}
        }
    }
    None
}

/// The longest text with spaces that is searched for paths.
const MAX_SENTENCE: usize = 300;

/// Adds a text if it may be a path.
pub(super) fn path(text: &str, known: &mut BTreeSet<String>, found: &mut Found) {
    // "GET /x" in a table of routes, or a path in a sentence.
    if text.contains(' ') {
        if text.len() < MAX_SENTENCE && !text.contains('<') {
            text::paths(text, found);
        }
        return;
    }
    let text = address::without_base(text);
    let text = address::without_glued(text).unwrap_or(text);
    let usable = address::is_absolute(text) || text::looks_like_path(text) || is_file(text);
    if usable && known.insert(text.to_owned()) {
        found.push(Call::new(Method::Get, text, Provenance::Script).tentative());
    }
}

/// Returns true for `sw.js` and `chunks/admin.3f2a.js`: other files that a script loads, relative to
/// its own location.
fn is_file(text: &str) -> bool {
    let ends = [".js", ".mjs", ".json", ".ts", ".vue", ".html"];
    text.len() < 200
        && ends.iter().any(|end| text.ends_with(end))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-@".contains(c))
}
