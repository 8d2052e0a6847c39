//! The values of a call's arguments, as far as a script's text reveals them.
//!
//! Owns: [`Value`], and how a value is written inside a URL. Leaves out: reading expressions
//! (`program`, `strings.rs`), and which calls matter (`clients.rs`).

/// What is known about an expression's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Text, with `{name}` in place of a variable.
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
    /// Returns a field of an object; case is ignored.
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

/// Returns a value as part of a URL: text unchanged, a variable as a placeholder.
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
    // A field's `value` takes the name of its owner.
    match (last, parts.next()) {
        ("value" | "length" | "toString" | "current", Some(owner)) => owner,
        _ => last,
    }
}
