//! JSON bodies: each field is a place, and the items of a list share one.
//!
//! Owns: walking JSON. Leaves out: parsing it; anything nested deeper than the parser accepts (128) is
//! compared as text.

use serde_json::Value;

use super::blur;
use super::builder::{Builder, counted};
use super::print::ValueKind;

/// The rank of places in a body.
pub(super) const RANK: usize = 2;

/// What a part of an answer contains.
#[derive(Clone, Copy, Debug, Default)]
struct Holds {
    /// Something other than an echo.
    real: bool,
    /// An echo.
    echo: bool,
}

impl Holds {
    const fn only_echo(self) -> bool {
        self.echo && !self.real
    }

    fn join(&mut self, other: Self) {
        self.real |= other.real;
        self.echo |= other.echo;
    }
}

/// Adds a value and everything in it.
pub(super) fn read(value: &Value, place: usize, builder: &mut Builder<'_>) {
    walk(value, place, false, builder);
}

fn walk(value: &Value, place: usize, item: bool, builder: &mut Builder<'_>) -> Holds {
    match value {
        Value::Object(fields) => object(fields, place, item, builder),
        Value::Array(items) => list(items, place, builder),
        Value::String(text) => string(text, place, builder),
        Value::Number(number) => {
            let echo = builder.leaf(place, ValueKind::Number, &number.to_string(), Some("#"));
            Holds { real: !echo, echo }
        }
        Value::Bool(flag) => {
            builder.leaf(place, ValueKind::Flag, &flag.to_string(), None);
            Holds {
                real: true,
                echo: false,
            }
        }
        Value::Null => {
            builder.leaf(place, ValueKind::Null, "null", None);
            Holds {
                real: true,
                echo: false,
            }
        }
    }
}

/// Adds each line separately, so that one that changes does not hide the others.
fn string(text: &str, place: usize, builder: &mut Builder<'_>) -> Holds {
    let mut holds = Holds::default();
    if text.contains('\n') {
        for line in super::text::pieces(text) {
            let echo = builder.text(place, &line);
            holds.join(Holds { real: !echo, echo });
        }
    }
    if !holds.real && !holds.echo {
        let echo = builder.text(place, text);
        holds = Holds { real: !echo, echo };
    }
    holds
}

fn object(
    fields: &serde_json::Map<String, Value>,
    place: usize,
    item: bool,
    builder: &mut Builder<'_>,
) -> Holds {
    let start = builder.len();
    let mut holds = Holds::default();
    let mut names = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        let from = builder.len();
        let masked = builder.masked(name);
        let name = blur::name(masked.as_deref().unwrap_or(name));
        let at = builder.place(Some(place), &part(&name), RANK);
        let inner = walk(value, at, false, builder);
        if masked.is_some() {
            builder.echo_since(from);
            holds.echo = true;
        } else {
            holds.join(inner);
        }
        names.push(name);
    }
    holds.real |= fields.is_empty();
    // The set of fields in an item is a property of the list, so a missing kind of item shows.
    let own = if fields.is_empty() {
        "{}".to_owned()
    } else if item {
        names.sort_unstable();
        names.dedup();
        format!("{{{}}}", names.join(", "))
    } else {
        "{…}".to_owned()
    };
    let own_at = builder.len();
    builder.leaf(place, ValueKind::Object, &own, Some(&own));
    if holds.only_echo() {
        builder.echo_since(start);
    } else if item && holds.echo {
        builder.echo_since(own_at);
    }
    holds
}

fn list(items: &[Value], place: usize, builder: &mut Builder<'_>) -> Holds {
    let start = builder.len();
    let mut holds = Holds {
        real: items.is_empty(),
        echo: false,
    };
    let mut echoes = 0_usize;
    let inner = builder.place(Some(place), "[]", RANK);
    for item in items {
        let held = walk(item, inner, true, builder);
        echoes += usize::from(held.only_echo());
        holds.join(held);
    }
    let own_at = builder.len();
    let filled = if items.is_empty() { "[]" } else { "[…]" };
    let count = counted(items.len(), "item");
    builder.leaf(place, ValueKind::List, &count, Some(filled));
    if holds.only_echo() {
        builder.echo_since(start);
    } else if echoes > 0 {
        builder.echo_since(own_at);
    }
    holds
}

fn part(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '#' | '~' | '$');
    if !name.is_empty() && name.chars().all(plain) {
        format!(".{name}")
    } else {
        format!("[{name:?}]")
    }
}
