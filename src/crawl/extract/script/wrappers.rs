//! Small functions that send requests for others: `function api(path, options) { fetch("/v1" + path, …) }`.
//!
//! Owns: finding them, and what their own call adds. Leaves out: reading the calls (`calls.rs`).

use std::collections::BTreeMap;

use super::calls;
use super::tokens::Token;
use super::value::Names;
use crate::crawl::found::Call;

/// Tokens of a function that are looked at.
const MAX_BODY: usize = 600;

/// A function whose parameter becomes part of a URL.
#[derive(Clone, Debug)]
pub(super) struct Wrapper {
    /// Which parameter.
    pub(super) index: usize,
    /// Its name.
    pub(super) parameter: String,
    /// The call that it makes, with `{parameter}` in its URL.
    pub(super) call: Call,
    /// Where its body stands.
    pub(super) body: std::ops::Range<usize>,
}

/// The wrappers of a script, by name.
pub(super) fn wrappers(tokens: &[Token], names: &Names) -> BTreeMap<String, Wrapper> {
    let mut found = BTreeMap::new();
    for at in 0..tokens.len() {
        if found.len() >= 200 {
            break;
        }
        let Some((name, parameters, start)) = head(tokens, at) else {
            continue;
        };
        let end = block_end(tokens, start);
        let mut inner = Vec::new();
        calls::within(tokens, start..end, names, &BTreeMap::new(), &mut inner);
        let wrapper = inner.into_iter().find_map(|call| {
            let index = parameters
                .iter()
                .position(|parameter| call.url.contains(&format!("{{{parameter}}}")))?;
            Some(Wrapper {
                index,
                parameter: parameters[index].clone(),
                call,
                body: start..end,
            })
        });
        if let Some(wrapper) = wrapper {
            found.insert(name, wrapper);
        }
    }
    found
}

/// `function name(a, b) {`, `name = (a, b) => {`, `name(a, b) {` in a class, `name: function (a) {`:
/// the name, the parameters, and where the body begins.
fn head(tokens: &[Token], at: usize) -> Option<(String, Vec<String>, usize)> {
    let Token::Name(name) = &tokens[at] else {
        return None;
    };
    let is = |at: usize, mark: char| matches!(tokens.get(at), Some(Token::Mark(m)) if *m == mark);
    let word = |at: usize, text: &str| matches!(tokens.get(at), Some(Token::Name(n)) if n == text);
    let mut open = at + 1;
    if is(open, '=') || is(open, ':') {
        open += 1;
    }
    if word(open, "async") {
        open += 1;
    }
    if word(open, "function") {
        open += 1;
    }
    if !is(open, '(')
        || matches!(
            name.as_str(),
            "if" | "for" | "while" | "switch" | "catch" | "function"
        )
    {
        return None;
    }
    let mut parameters = Vec::new();
    let mut depth = 0_usize;
    let mut next = open;
    loop {
        match tokens.get(next)? {
            Token::Mark('(' | '{' | '[') => depth += 1,
            Token::Mark(')' | '}' | ']') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    break;
                }
            }
            // A default value's names are no parameters: they follow `=`.
            Token::Name(parameter) if depth == 1 && (is(next - 1, '(') || is(next - 1, ',')) => {
                parameters.push(parameter.clone());
            }
            _ => {}
        }
        next += 1;
        if next - open > 80 {
            return None;
        }
    }
    next += 1;
    let arrow = is(next, '⇒');
    if arrow {
        next += 1;
    }
    (!parameters.is_empty() && (arrow || is(next, '{'))).then(|| (name.clone(), parameters, next))
}

/// Where a block or an arrow's expression ends.
fn block_end(tokens: &[Token], start: usize) -> usize {
    let end = tokens.len().min(start + MAX_BODY);
    let mut depth = 0_usize;
    for (offset, token) in tokens[start..end].iter().enumerate() {
        match token {
            Token::Mark('{' | '(' | '[') => depth += 1,
            Token::Mark('}' | ')' | ']') if depth <= 1 => return start + offset + 1,
            Token::Mark('}' | ')' | ']') => depth -= 1,
            Token::Mark(';') if depth == 0 => return start + offset,
            _ => {}
        }
    }
    end
}
