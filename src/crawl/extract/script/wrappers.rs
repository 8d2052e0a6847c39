//! Small functions that send requests for others: `function api(path, options) { fetch("/v1" + path, …) }`.
//!
//! Owns: finding them, and what their own call adds. Leaves out: reading the calls (`calls.rs`).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::tokens::Token;
use super::value::Names;
use super::{calls, dotted};
use crate::crawl::found::Call;

/// Tokens of a function that are looked at.
const MAX_BODY: usize = 600;

/// Wrappers of one script, at most.
const MAX_WRAPPERS: usize = 200;

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
    /// A call of it was understood.
    pub(super) used: Cell<bool>,
    /// The class or object that it is a method of; empty where that has no name.
    owner: Option<String>,
}

/// The wrappers of a script, by name.
#[derive(Debug, Default)]
pub(super) struct Wrappers {
    by_name: BTreeMap<String, Vec<Wrapper>>,
    /// Variables that hold an instance, with their class.
    instances: BTreeSet<(String, String)>,
    /// The calls that wrappers make, with the place of their wrapper's body.
    held: RefCell<Vec<(usize, Call)>>,
}

impl Wrappers {
    /// Finds them; a wrapper may send through another one.
    pub(super) fn of(tokens: &[Token], names: &Names) -> Self {
        let heads = heads(tokens);
        let mut all = Self {
            instances: instances(tokens),
            ..Self::default()
        };
        for round in 0..2 {
            if round > 0 && all.by_name.is_empty() {
                break;
            }
            let mut found: BTreeMap<String, Vec<Wrapper>> = BTreeMap::new();
            for head in heads.iter().take(20 * MAX_WRAPPERS) {
                if found.len() >= MAX_WRAPPERS {
                    break;
                }
                if let Some(wrapper) = all.wrapper(head, tokens, names) {
                    found.entry(head.name.clone()).or_default().push(wrapper);
                }
            }
            all.by_name = found;
        }
        all.held.take();
        all
    }

    fn wrapper(&self, head: &Head, tokens: &[Token], names: &Names) -> Option<Wrapper> {
        let end = block_end(tokens, head.start);
        let mut inner = Vec::new();
        calls::within(tokens, head.start..end, names, self, &mut inner);
        // A wrapper found before holds its own call back.
        inner.extend(self.held.take().into_iter().map(|(_, call)| call));
        inner.into_iter().find_map(|call| {
            let index = head
                .parameters
                .iter()
                .position(|parameter| call.url.contains(&format!("{{{parameter}}}")))?;
            Some(Wrapper {
                index,
                parameter: head.parameters[index].clone(),
                call,
                body: head.start..end,
                used: Cell::new(false),
                owner: head.owner.clone(),
            })
        })
    }

    /// True where a function of this name sends for others.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The wrapper that a callee means, and whether that is certain.
    pub(super) fn called(&self, callee: &str, at: usize) -> (Option<&Wrapper>, bool) {
        let (receiver, last) = match callee.rsplit_once('.') {
            Some((receiver, last)) => (Some(receiver), last),
            None => (None, callee),
        };
        let mut perhaps = None;
        for wrapper in self.by_name.get(last).into_iter().flatten() {
            match self.is_meant(wrapper, receiver, last) {
                Some(true) => return (Some(wrapper), true),
                Some(false) if !wrapper.body.contains(&at) => perhaps = Some(wrapper),
                _ => {}
            }
        }
        (perhaps, false)
    }

    /// Whether a call with this receiver means the wrapper; `Some(false)` is a perhaps.
    fn is_meant(&self, wrapper: &Wrapper, receiver: Option<&str>, last: &str) -> Option<bool> {
        let Some(receiver) = receiver else {
            return match wrapper.owner {
                None => Some(true),
                Some(_) if is_library(last) => None,
                Some(_) => Some(false),
            };
        };
        let nearest = receiver.rsplit('.').next().unwrap_or(receiver);
        if let Some(owner) = &wrapper.owner {
            let own = matches!(nearest, "this" | "self" | "_this" | "that" | "super" | "vm");
            let instance = (nearest.to_owned(), owner.clone());
            if own || nearest == owner || self.instances.contains(&instance) {
                return Some(true);
            }
        } else if matches!(receiver, "window" | "exports" | "module.exports" | "this") {
            return Some(true);
        }
        let root = receiver.split('.').next().unwrap_or(receiver);
        (!is_library(root) && !is_library(nearest)).then_some(false)
    }

    /// A call, unless it is a wrapper's own: that one is held back until it is known who calls it.
    pub(super) fn kept(&self, call: Call, at: usize) -> Option<Call> {
        let all = self.by_name.values().flatten();
        let owner = all
            .filter(|wrapper| wrapper.body.contains(&at) && call.url == wrapper.call.url)
            .max_by_key(|wrapper| wrapper.body.start);
        match owner {
            Some(wrapper) => {
                self.held.borrow_mut().push((wrapper.body.start, call));
                None
            }
            None => Some(call),
        }
    }

    /// The calls of wrappers that nobody in this script was seen to call: what is exported or called
    /// by a page says only here what it sends.
    pub(super) fn uncalled(&self) -> Vec<Call> {
        let used: BTreeSet<usize> = self
            .by_name
            .values()
            .flatten()
            .filter(|wrapper| wrapper.used.get())
            .map(|wrapper| wrapper.body.start)
            .collect();
        let held = self.held.take().into_iter();
        held.filter(|(start, _)| !used.contains(start))
            .map(|(_, call)| call)
            .collect()
    }
}

/// What sends by itself, whatever functions of the script are named alike.
fn is_library(name: &str) -> bool {
    matches!(
        name,
        "$" | "$http"
            | "angular"
            | "axios"
            | "fetch"
            | "got"
            | "http"
            | "https"
            | "jQuery"
            | "ky"
            | "request"
            | "superagent"
            | "window"
    )
}

/// `name = new Class`, `name: new Class`.
fn instances(tokens: &[Token]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for four in tokens.windows(4) {
        if let [
            Token::Name(name),
            Token::Mark('=' | ':'),
            Token::Name(new),
            Token::Name(class),
        ] = four
            && new == "new"
            && found.len() < 1_000
        {
            found.insert((name.clone(), class.clone()));
        }
    }
    found
}

/// The beginning of a function.
struct Head {
    name: String,
    owner: Option<String>,
    parameters: Vec<String>,
    /// Where its body begins.
    start: usize,
}

/// Every named function that has parameters, with the class or object around it.
fn heads(tokens: &[Token]) -> Vec<Head> {
    let mut found = Vec::new();
    let mut around: Vec<Option<String>> = Vec::new();
    for at in 0..tokens.len() {
        match &tokens[at] {
            Token::Mark('{') => around.push(owner_of(tokens, at)),
            Token::Mark('(' | '[') => around.push(None),
            Token::Mark('}' | ')' | ']') => {
                around.pop();
            }
            Token::Name(_) => {
                let Some((name, parameters, start)) = head(tokens, at) else {
                    continue;
                };
                let whole = dotted(tokens, at).unwrap_or_default();
                let owner = match whole.split_once('.') {
                    Some(("window" | "exports" | "module", _)) => None,
                    Some(("this", _)) => Some(
                        around
                            .iter()
                            .flatten()
                            .next_back()
                            .cloned()
                            .unwrap_or_default(),
                    ),
                    Some((owner, _)) => Some(owner.to_owned()),
                    // A variable may be assigned in any block; a method stands in its object.
                    None => around.last().cloned().flatten(),
                };
                found.push(Head {
                    name,
                    owner,
                    parameters,
                    start,
                });
            }
            _ => {}
        }
    }
    found
}

/// The class or object that a brace opens: `class Name extends Other {`, `name = {`, `name: {`; empty
/// for an object without a name.
fn owner_of(tokens: &[Token], brace: usize) -> Option<String> {
    let before = |back: usize| tokens.get(brace.checked_sub(back)?);
    match before(1)? {
        Token::Mark('=' | ':') => match before(2) {
            Some(Token::Name(name)) => Some(name.clone()),
            _ => Some(String::new()),
        },
        Token::Mark('(' | ',' | '[') => Some(String::new()),
        Token::Name(word) if matches!(word.as_str(), "return" | "default") => Some(String::new()),
        Token::Name(_) => {
            let class = (1..=8)
                .find(|back| matches!(before(*back), Some(Token::Name(word)) if word == "class"))?;
            let plain = (1..class)
                .all(|back| matches!(before(back), Some(Token::Name(_) | Token::Mark('.'))));
            let name = class.checked_sub(1).and_then(before);
            match name {
                Some(Token::Name(name)) if plain && name != "extends" => Some(name.clone()),
                _ if plain => match (before(class + 1), before(class + 2)) {
                    (Some(Token::Mark('=')), Some(Token::Name(name))) => Some(name.clone()),
                    _ => Some(String::new()),
                },
                _ => None,
            }
        }
        _ => None,
    }
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
