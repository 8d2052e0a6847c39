//! The calls by which scripts send requests, found in their tokens.
//!
//! Owns: which tokens are such a call, `XMLHttpRequest` from its `open` to its `send`, addresses that are
//! assigned. Leaves out: what a call means (`clients.rs`), how an expression is read (`value.rs`).

use std::ops::Range;

use super::address::{is_url, unglued, without_base};
use super::clients::{call, is_interesting, with_options};
use super::dotted;
use super::payload::{body, header};
use super::tokens::Token;
use super::value::{self, Names, Value, text_of};
use super::wrappers::{Wrapper, Wrappers};
use crate::crawl::found::{Call, Found};
use crate::http::Method;
use crate::surface::{Place, Provenance};

/// Tokens between `open(…)` and the `send(…)` of one `XMLHttpRequest`, at most.
const REQUEST_SPAN: usize = 400;

/// Finds every call that sends a request.
pub(super) fn calls(tokens: &[Token], names: &Names, found: &mut Found) {
    let wrappers = Wrappers::of(tokens, names);
    let mut calls = Vec::new();
    within(tokens, 0..tokens.len(), names, &wrappers, &mut calls);
    calls.extend(wrappers.uncalled());
    for call in calls {
        found.push(unglued(call));
    }
}

/// Finds the calls in a part of a script.
pub(super) fn within(
    tokens: &[Token],
    part: Range<usize>,
    names: &Names,
    wrappers: &Wrappers,
    found: &mut Vec<Call>,
) {
    let end = part.end.min(tokens.len().saturating_sub(1));
    for at in part.start..end {
        let Token::Name(last) = &tokens[at] else {
            continue;
        };
        match &tokens[at + 1] {
            Token::Mark('(') => {
                if is_declared(tokens, at) || !(wrappers.has(last) || is_interesting(last)) {
                    continue;
                }
                let Some(callee) = dotted(tokens, at) else {
                    continue;
                };
                let arguments = value::arguments(tokens, at + 2, names);
                let (wrapper, sure) = wrappers.called(&callee, at);
                if let Some(wrapper) = wrapper {
                    if wrapper.body.contains(&at) {
                        continue;
                    }
                    let through = wrapped(wrapper, last, arguments.clone(), sure);
                    if sure {
                        found.extend(through.and_then(|call| wrappers.kept(call, at)));
                        continue;
                    }
                    found.extend(through.map(Call::tentative));
                }
                let call = call(&callee, last, &arguments, None).or_else(|| {
                    (last == "open").then(|| request(&arguments, tokens, at, names))?
                });
                // What a wrapper calls is told by those who call it, if anybody does.
                found.extend(call.and_then(|call| wrappers.kept(call, at)));
            }
            // location = "/x", location.href = "/x", form.action = "/x"
            Token::Mark('=') if matches!(last.as_str(), "location" | "href" | "action" | "src") => {
                if let Value::Text(url) = value::expression(tokens, at + 2, names)
                    && is_url(&url)
                {
                    found.push(Call::new(
                        Method::Get,
                        without_base(&url),
                        Provenance::Script,
                    ));
                }
            }
            _ => {}
        }
    }
}

fn is_declared(tokens: &[Token], at: usize) -> bool {
    at > 0 && matches!(&tokens[at - 1], Token::Name(word) if word == "function")
}

/// A call of a function that sends for others: its URL with the argument in it, and what both say.
fn wrapped(wrapper: &Wrapper, last: &str, mut arguments: Vec<Value>, sure: bool) -> Option<Call> {
    if wrapper.index >= arguments.len() {
        return None;
    }
    let given = match arguments.remove(wrapper.index) {
        Value::Text(text) => text,
        other => text_of(&other),
    };
    let hole = format!("{{{}}}", wrapper.parameter);
    let prefix = wrapper.call.url.split(&hole).next().unwrap_or_default();
    let prefix = prefix.trim_end_matches('/');
    // `api("/v1/keys")` where the function adds "/v1" itself only where it is missing.
    let complete = !prefix.is_empty()
        && !prefix.contains('{')
        && given
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with('/'));
    let url = if complete {
        given.clone()
    } else {
        wrapper.call.url.replace(&hole, &given)
    };
    arguments.insert(0, Value::Text(url));
    let fixed = Some(wrapper.call.method).filter(|method| *method != Method::Get);
    let mut call = call(last, last, &arguments, fixed)?;
    for input in &wrapper.call.inputs {
        let known = call
            .inputs
            .iter()
            .any(|own| own.place == input.place && own.name == input.name);
        if !known {
            call.inputs.push(input.clone());
        }
    }
    let hollow = given.starts_with('{') && given.ends_with('}') && !given.contains('/');
    if sure && !hollow {
        wrapper.used.set(true);
    }
    Some(call)
}

/// `xhr.open(method, url)` with the headers and the body that follow it.
fn request(arguments: &[Value], tokens: &[Token], at: usize, names: &Names) -> Option<Call> {
    let [Value::Text(word), url, ..] = arguments else {
        return None;
    };
    let mut call = with_options(url, word.parse().ok()?, None, false)?;
    let mut place = Place::Text;
    let end = tokens.len().min(at + REQUEST_SPAN);
    for next in at + 1..end.saturating_sub(1) {
        let (Token::Name(name), Token::Mark('(')) = (&tokens[next], &tokens[next + 1]) else {
            continue;
        };
        match name.as_str() {
            "open" => break,
            "setRequestHeader" => {
                let given = value::arguments(tokens, next + 2, names);
                if let [Value::Text(name), value, ..] = given.as_slice() {
                    if name.eq_ignore_ascii_case("content-type") {
                        let kind = text_of(value);
                        place = if kind.contains("json") {
                            Place::Json
                        } else {
                            Place::Form
                        };
                    }
                    call.inputs.extend(header(name, value));
                }
            }
            "send" => {
                let given = value::arguments(tokens, next + 2, names);
                call.inputs.extend(
                    given
                        .first()
                        .map(|data| body(data, place))
                        .unwrap_or_default(),
                );
                break;
            }
            _ => {}
        }
    }
    Some(call)
}
