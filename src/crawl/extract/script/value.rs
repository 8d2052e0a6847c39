//! The expressions that matter in a call: strings put together, objects, variables.
//!
//! Owns: reading one expression from tokens, bounded in depth and steps. Leaves out: which calls
//! matter (`calls.rs`).

use std::cell::Cell;
use std::collections::BTreeMap;

use super::tokens::{Piece, Token};

/// What is known of an expression's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Text, with `{name}` where a variable stands.
    Text(String),
    /// A number or a boolean, as written.
    Plain(String),
    /// An object's fields, in order.
    Object(Vec<(String, Value)>),
    /// A list's items.
    List(Vec<Value>),
    /// A call or `new`: the callee's dotted name and its arguments.
    Call(String, Vec<Value>),
    /// A variable by its dotted name.
    Name(String),
    /// Anything else.
    Other,
}

impl Value {
    /// How many values stand in it.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => 1 + text.len() / 100,
            Self::Object(fields) => {
                fields
                    .iter()
                    .map(|(_, value)| value.weight())
                    .sum::<usize>()
                    + 1
            }
            Self::List(items) | Self::Call(_, items) => {
                items.iter().map(Self::weight).sum::<usize>() + 1
            }
            _ => 1,
        }
    }

    /// A field of an object.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Brackets inside one expression, at most.
const MAX_DEPTH: usize = 12;

/// Fields of one object that are kept, at most.
const MAX_FIELDS: usize = 400;

/// Tokens read for one expression, at most.
const MAX_STEPS: usize = 4_000;

/// Tokens read for all expressions of one script, at most: calls inside calls are read again for
/// each call around them.
const MAX_ALL_STEPS: usize = 3_000_000;

/// Variables that hold texts and objects, by dotted name; a later one of the same name wins.
pub(super) struct Names {
    pub(super) values: BTreeMap<String, Value>,
    steps: Cell<usize>,
}

impl Names {
    /// No variables yet.
    pub(super) fn new() -> Self {
        Self {
            values: BTreeMap::new(),
            steps: Cell::new(MAX_ALL_STEPS),
        }
    }
}

/// Reads the expressions between brackets that open at `at`, separated by commas.
pub(super) fn arguments(tokens: &[Token], at: usize, names: &Names) -> Vec<Value> {
    let mut reader = Reader::new(tokens, at, names);
    reader.list(')')
}

/// Reads one expression that begins at `at`.
pub(super) fn expression(tokens: &[Token], at: usize, names: &Names) -> Value {
    let mut reader = Reader::new(tokens, at, names);
    reader.expression(0)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    end: usize,
    names: &'a Names,
}

impl<'a> Reader<'a> {
    fn new(tokens: &'a [Token], at: usize, names: &'a Names) -> Self {
        Self {
            tokens,
            at,
            end: tokens.len().min(at + MAX_STEPS),
            names,
        }
    }

    fn peek(&self) -> Option<&'a Token> {
        let left = self.names.steps.get();
        self.names.steps.set(left.saturating_sub(1));
        (self.at < self.end && left > 0).then(|| &self.tokens[self.at])
    }

    fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    fn is(&self, mark: char) -> bool {
        matches!(self.peek(), Some(Token::Mark(found)) if *found == mark)
    }

    fn eat(&mut self, mark: char) -> bool {
        let found = self.is(mark);
        self.at += usize::from(found);
        found
    }

    /// Expressions up to the closing bracket, which is eaten.
    fn list(&mut self, closing: char) -> Vec<Value> {
        self.list_at(closing, 0)
    }

    fn list_at(&mut self, closing: char, depth: usize) -> Vec<Value> {
        let mut items = Vec::new();
        while self.peek().is_some() && !self.eat(closing) {
            let before = self.at;
            items.push(self.expression(depth));
            self.skip_to(&[',', closing]);
            self.eat(',');
            if self.at == before {
                self.at += 1;
            }
        }
        items
    }

    /// A whole expression: operands joined by `+`; of alternatives, the first that is a text or an
    /// object.
    fn expression(&mut self, depth: usize) -> Value {
        let mut value = self.sum(depth);
        loop {
            if self.eat('?') {
                self.eat('?');
                let first = self.sum(depth);
                let second = if self.eat(':') {
                    self.sum(depth)
                } else {
                    Value::Other
                };
                value = better(first, better(second, value));
            } else if self.is('|') || self.is('&') {
                let mark = if self.is('|') { '|' } else { '&' };
                while self.eat(mark) {}
                let other = self.sum(depth);
                value = if mark == '|' {
                    better(value, other)
                } else {
                    other
                };
            } else {
                return value;
            }
        }
    }

    fn sum(&mut self, depth: usize) -> Value {
        let mut value = self.operand(depth);
        while self.eat('+') {
            let next = self.operand(depth);
            value = Value::Text(text_of(&value) + &text_of(&next));
        }
        value
    }

    fn operand(&mut self, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Value::Other;
        }
        let value = match self.next() {
            Some(Token::Text(text)) => Value::Text(text.clone()),
            Some(Token::Template(pieces)) => Value::Text(self.template(pieces)),
            Some(Token::Number(number)) => Value::Plain(number.clone()),
            Some(Token::Mark('{')) => self.object(depth + 1),
            Some(Token::Mark('[')) => Value::List(self.list_at(']', depth + 1)),
            Some(Token::Mark('(')) => {
                let inner = self.expression(depth + 1);
                self.skip_to(&[')']);
                self.eat(')');
                inner
            }
            Some(Token::Name(name)) => match name.as_str() {
                "await" | "new" | "typeof" | "void" => return self.operand(depth + 1),
                "true" | "false" => Value::Plain(name.clone()),
                "null" | "undefined" | "function" | "async" => Value::Other,
                _ => self.path(name),
            },
            Some(Token::Mark('!' | '-')) => return self.operand(depth + 1),
            _ => {
                self.at = self.at.saturating_sub(1);
                Value::Other
            }
        };
        self.tail(value, depth)
    }

    /// A dotted name, looked up where it is known.
    fn path(&mut self, first: &str) -> Value {
        let mut name = first.to_owned();
        loop {
            let question =
                self.is('?') && matches!(self.tokens.get(self.at + 1), Some(Token::Mark('.')));
            if question {
                self.at += 1;
            }
            match (self.peek(), self.tokens.get(self.at + 1)) {
                (Some(Token::Mark('.')), Some(Token::Name(part))) if name.len() < 200 => {
                    name.push('.');
                    name.push_str(part);
                    self.at += 2;
                }
                _ => break,
            }
        }
        self.names
            .values
            .get(&name)
            .cloned()
            .unwrap_or(Value::Name(name))
    }

    /// Calls and indexes behind a value.
    fn tail(&mut self, mut value: Value, depth: usize) -> Value {
        loop {
            if self.eat('(') {
                let arguments = self.list_at(')', depth + 1);
                value = match value {
                    Value::Name(name) => Value::Call(name, arguments),
                    // "text".concat(x), url.trim(): still about the same text.
                    other => other,
                };
            } else if self.eat('[') {
                self.list_at(']', depth + 1);
            } else if self.is('.') {
                self.at += 1;
                if matches!(self.peek(), Some(Token::Name(_))) {
                    self.at += 1;
                }
            } else {
                return value;
            }
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut fields = Vec::new();
        while self.peek().is_some() && !self.eat('}') {
            let before = self.at;
            if self.is_spread() {
                self.at += 3;
                if let Value::Object(more) = self.expression(depth) {
                    for (key, value) in more {
                        put(&mut fields, key, value);
                    }
                }
                self.skip_to(&[',', '}']);
                self.eat(',');
                continue;
            }
            let key = match self.next() {
                Some(Token::Name(name) | Token::Text(name) | Token::Number(name)) => name.clone(),
                // `[computed]`, and what is no object at all.
                _ => String::new(),
            };
            if self.eat(':') {
                let value = self.expression(depth);
                if !key.is_empty() {
                    put(&mut fields, key, value);
                }
            } else if !key.is_empty() && (self.is(',') || self.is('}')) {
                let value = self.names.values.get(&key).cloned();
                put(&mut fields, key.clone(), value.unwrap_or(Value::Name(key)));
            }
            self.skip_to(&[',', '}']);
            self.eat(',');
            if self.at == before {
                self.at += 1;
            }
        }
        Value::Object(fields)
    }

    /// `...`: the tokens of a spread.
    fn is_spread(&self) -> bool {
        (self.at..self.at + 3)
            .all(|at| at < self.end && matches!(self.tokens[at], Token::Mark('.')))
    }

    fn template(&self, pieces: &[Piece]) -> String {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Expression(tokens) => {
                    text.push_str(&text_of(&expression(tokens, 0, self.names)));
                }
            }
        }
        text
    }

    /// Moves to one of these marks outside of any bracket opened on the way.
    fn skip_to(&mut self, marks: &[char]) {
        let mut open = 0_usize;
        while let Some(token) = self.peek() {
            if let Token::Mark(mark) = token {
                if open == 0 && marks.contains(mark) {
                    return;
                }
                match mark {
                    '(' | '[' | '{' => open += 1,
                    ')' | ']' | '}' if open == 0 => return,
                    ')' | ']' | '}' => open -= 1,
                    _ => {}
                }
            }
            self.at += 1;
        }
    }
}

/// Sets a field of an object; of two with one name, the later one counts.
fn put(fields: &mut Vec<(String, Value)>, key: String, value: Value) {
    if let Some(known) = fields.iter_mut().find(|(known, _)| *known == key) {
        known.1 = value;
    } else if fields.len() < MAX_FIELDS {
        fields.push((key, value));
    }
}

fn better(first: Value, second: Value) -> Value {
    match first {
        Value::Text(_) | Value::Object(_) | Value::List(_) => first,
        Value::Call(..) if matches!(second, Value::Other | Value::Name(_)) => first,
        Value::Other => second,
        _ if matches!(second, Value::Text(_) | Value::Object(_)) => second,
        _ => first,
    }
}

/// A value inside a URL: text as it is, a variable as a placeholder.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Plain(text) => text.clone(),
        Value::Name(name) => format!("{{{}}}", last_part(name)),
        // encodeURIComponent(id), String(id), item.id.toString(), URLSearchParams(q).
        Value::Call(name, arguments) => match arguments.first() {
            Some(inner @ (Value::Name(_) | Value::Call(..))) => text_of(inner),
            Some(Value::Text(text)) if text.starts_with('{') => text.clone(),
            Some(Value::Object(fields)) => {
                let pairs: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("{key}={}", text_of(value)))
                    .collect();
                pairs.join("&")
            }
            _ => {
                let owner = name
                    .rsplit_once('.')
                    .map_or(name.as_str(), |(owner, _)| owner);
                format!("{{{}}}", last_part(owner))
            }
        },
        _ => "{value}".to_owned(),
    }
}

fn last_part(name: &str) -> &str {
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or(name);
    // A field's `value` is named by what holds it.
    match (last, parts.next()) {
        ("value" | "length" | "toString" | "current", Some(owner)) => owner,
        _ => last,
    }
}
