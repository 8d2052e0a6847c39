//! What is known about a value during the walk over a program.
//!
//! Owns: [`Sym`], its fields and items. Leaves out: expressions (`expressions.rs`).

use super::super::value::{Value, text_of};
use super::Run;

/// The most list items or object fields that a loop visits.
pub(super) const MAX_EACH: usize = 30;

/// The most bytes of one text in a call.
const MAX_WRITTEN: usize = 16_000;

/// The most fields of one object.
const MAX_FIELDS: usize = 5_000;

/// A value. Objects, lists, functions and classes are stored by index, so that all holders see a
/// changed field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sym {
    /// Text, with `{name}` in place of a variable.
    Text(String),
    /// A number or a boolean, as written.
    Plain(String),
    Object(usize),
    List(usize),
    Function(usize),
    Class(usize),
    /// A call or `new` of something outside the script: the callee's dotted name and its arguments.
    Call(String, Vec<Sym>),
    /// An unknown variable, by its dotted name.
    Name(String),
    Other,
}

impl Sym {
    /// Returns the value, or the variable's name if the value is unknown.
    pub(super) fn or_name(self, name: &str) -> Self {
        match self {
            Self::Other => Self::Name(name.to_owned()),
            known => known,
        }
    }
}

/// The number of bytes of text that cost one step to copy.
const BYTES_A_STEP: usize = 200;

/// The highest weight of the arguments of one call to something outside the script.
const MAX_CALL: usize = 500;

/// Returns the cost of copying a value in steps: nothing for a short one.
pub(super) fn weight(value: &Sym) -> usize {
    match value {
        Sym::Text(text) | Sym::Plain(text) | Sym::Name(text) => text.len() / BYTES_A_STEP,
        Sym::Call(name, arguments) => {
            let inner = arguments.iter().map(|inner| 1 + weight(inner));
            inner.sum::<usize>() + name.len() / BYTES_A_STEP
        }
        _ => 0,
    }
}

/// Creates a call of something outside the script. Heavily nested calls keep only their name.
pub(super) fn call_of(name: &str, mut arguments: Vec<Sym>) -> Sym {
    if arguments.iter().map(weight).sum::<usize>() > MAX_CALL {
        arguments.clear();
    }
    Sym::Call(name.to_owned(), arguments)
}

/// Returns the more informative of two alternatives.
pub(super) fn better(first: Sym, second: Sym) -> Sym {
    match (&first, &second) {
        (Sym::Text(text), Sym::Text(other)) if text.len() < 2 && other.len() > 1 => second,
        (Sym::Other, _)
        | (Sym::Name(_), Sym::Call(..) | Sym::Function(_))
        | (
            Sym::Name(_) | Sym::Plain(_) | Sym::Call(..),
            Sym::Text(_) | Sym::Object(_) | Sym::List(_),
        ) => second,
        _ => first,
    }
}

fn value_of(value: &Sym) -> Value {
    match value {
        Sym::Text(text) => Value::Text(text[..text.floor_char_boundary(MAX_WRITTEN)].to_owned()),
        Sym::Plain(text) => Value::Plain(text.clone()),
        Sym::Name(name) => Value::Name(name.clone()),
        Sym::Call(name, arguments) => {
            Value::Call(name.clone(), arguments.iter().map(value_of).collect())
        }
        _ => Value::Other,
    }
}

/// Sets a field, adding it if necessary.
pub(super) fn put(fields: &mut Vec<(String, Sym)>, key: &str, value: Sym) {
    if let Some((_, old)) = fields.iter_mut().find(|(name, _)| name == key) {
        *old = value;
    } else if fields.len() < MAX_FIELDS {
        fields.push((key.to_owned(), value));
    }
}

impl Run<'_> {
    /// Returns the items of a list; none if it is unknown.
    pub(super) fn items(&mut self, list: &Sym) -> Vec<Sym> {
        let Sym::List(at) = list else {
            return Vec::new();
        };
        let items: Vec<Sym> = self.lists[*at].iter().take(MAX_EACH).cloned().collect();
        self.spend(items.iter().map(weight).sum());
        items
    }

    /// Returns `object.name`.
    pub(super) fn member(&mut self, object: &Sym, name: &str) -> Sym {
        let fields = match object {
            Sym::Object(at) => &self.objects[*at],
            Sym::Function(at) => &self.functions[*at].fields,
            Sym::Class(at) => &self.classes[*at].statics,
            Sym::List(at) => {
                let item = name
                    .parse()
                    .ok()
                    .and_then(|index: usize| self.lists[*at].get(index));
                return item.cloned().unwrap_or(Sym::Other);
            }
            Sym::Name(owner) => {
                let whole = format!("{owner}.{name}");
                if let Some(known) = self.fields.get(&whole) {
                    return known.clone();
                }
                return if whole.len() < 300 {
                    Sym::Name(whole)
                } else {
                    Sym::Other
                };
            }
            Sym::Call(callee, arguments) => {
                if callee == "URL" && matches!(name, "href" | "pathname") {
                    return arguments.first().cloned().unwrap_or(Sym::Other);
                }
                return Sym::Name(format!("{callee}.{name}"));
            }
            _ => return Sym::Other,
        };
        let found = fields.iter().rev().find(|(key, _)| key == name);
        let (found, cost) = (found.map(|(_, value)| value.clone()), fields.len() / 50);
        self.spend(cost);
        match found {
            Some(Sym::Function(at)) if self.functions[at].getter => {
                self.run(at, Vec::new(), Some(object.clone()))
            }
            Some(value) => value,
            None => Sym::Name(name.to_owned()),
        }
    }

    /// Returns a value as part of a text.
    pub(super) fn spoken(&self, value: &Sym) -> String {
        text_of(&self.written(value, 0, &mut 200))
    }

    /// Converts a value for `clients` and `payload` to read.
    pub(super) fn written(&self, value: &Sym, depth: usize, left: &mut usize) -> Value {
        if depth > 8 || *left == 0 {
            return Value::Other;
        }
        *left -= 1;
        match value {
            Sym::Object(at) => {
                let fields = self.objects[*at].iter().take(500);
                Value::Object(
                    fields
                        .map(|(name, value)| (name.clone(), self.written(value, depth + 1, left)))
                        .collect(),
                )
            }
            Sym::List(at) => {
                let items = self.lists[*at].iter().take(10);
                Value::List(
                    items
                        .map(|item| self.written(item, depth + 1, left))
                        .collect(),
                )
            }
            Sym::Call(name, arguments) => Value::Call(
                name.clone(),
                arguments
                    .iter()
                    .map(|inner| self.written(inner, depth + 1, left))
                    .collect(),
            ),
            other => value_of(other),
        }
    }
}
