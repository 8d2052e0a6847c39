//! JSON Schema as used in specifications: type hints, and the fields of a body with their names.
//!
//! Owns: following `$ref` (even in cycles), `allOf`/`anyOf`/`oneOf`, nested names such as `a.b[].c`.
//! Leaves out: validating anything.

use std::cell::Cell;

use serde_json::Value;

use super::super::found::{MAX_INPUTS, below};
use super::fields::items;
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};
use crate::words::is_csrf;

/// The deepest nesting of objects; whatever is below counts as one object.
const MAX_NESTING: usize = 6;

/// The longest chain of `$ref`s; longer ones are cycles.
const MAX_REFS: usize = 16;

/// Follows `$ref` within the document until it reaches something else.
pub(super) fn resolve<'a>(root: &'a Value, mut value: &'a Value) -> &'a Value {
    for _ in 0..MAX_REFS {
        let Some(target) = value.get("$ref").and_then(Value::as_str) else {
            return value;
        };
        let found = target
            .strip_prefix('#')
            .and_then(|pointer| root.pointer(pointer));
        match found {
            Some(next) => value = next,
            None => return &Value::Null,
        }
    }
    &Value::Null
}

/// Returns what a schema says about a value. A Swagger 2 parameter is itself a schema.
pub(crate) fn hint(root: &Value, schema: &Value) -> TypeHint {
    Schemas::new(root).hint(schema)
}

/// Returns the inputs of a body: one per field, `a.b[].c` for nested ones. A body that is not an object
/// is one input without a name.
pub(crate) fn fields(root: &Value, schema: &Value, place: Place) -> Vec<Input> {
    Schemas::new(root).fields(schema, place)
}

/// The most schemas of one document that are examined. Each counts as often as it is referenced, so
/// that references to references do not multiply without end.
const MAX_STEPS: usize = 500_000;
/// The same limit for one body.
const MAX_BODY_STEPS: usize = 20_000;
/// The same limit for one value.
const MAX_HINT_STEPS: usize = 500;

/// The schemas of one document.
pub(super) struct Schemas<'a> {
    root: &'a Value,
    left: Cell<usize>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self {
            root,
            left: Cell::new(MAX_STEPS),
        }
    }

    /// Returns true once a document contains more than is examined.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Does the same as [`hint`].
    pub(super) fn hint(&self, schema: &Value) -> TypeHint {
        let steps = Steps::new(&self.left, MAX_HINT_STEPS);
        hint_within(self.root, schema, &mut Vec::new(), &steps)
    }

    /// Does the same as [`fields`].
    pub(super) fn fields(&self, schema: &'a Value, place: Place) -> Vec<Input> {
        let mut inputs = Vec::new();
        let walk = Walk {
            schemas: self,
            root: self.root,
            place,
            steps: Steps::new(&self.left, MAX_BODY_STEPS),
        };
        walk.value(schema, "", true, &mut Vec::new(), &mut inputs);
        inputs
    }
}

/// The remaining steps of one walk, and of the whole document.
struct Steps<'a> {
    own: Cell<usize>,
    all: &'a Cell<usize>,
}

impl<'a> Steps<'a> {
    fn new(all: &'a Cell<usize>, most: usize) -> Self {
        Self {
            own: Cell::new(most),
            all,
        }
    }

    /// Takes one step; returns false if none are left.
    fn take(&self) -> bool {
        let (own, all) = (self.own.get(), self.all.get());
        if own == 0 || all == 0 {
            return false;
        }
        self.own.set(own - 1);
        self.all.set(all - 1);
        true
    }
}

/// Collects a hint; `trail` holds the enclosing schemas, to detect cycles.
fn hint_within(
    root: &Value,
    schema: &Value,
    trail: &mut Vec<*const Value>,
    steps: &Steps<'_>,
) -> TypeHint {
    let schema = resolve(root, schema);
    let text = |name: &str| schema.get(name).and_then(Value::as_str).map(str::to_owned);
    let length = |name: &str| {
        let number = schema.get(name).and_then(Value::as_u64);
        number.and_then(|number| usize::try_from(number).ok())
    };
    let mut hint = TypeHint {
        kind: kind(schema),
        format: text("format"),
        pattern: text("pattern"),
        min_length: length("minLength"),
        max_length: length("maxLength"),
        minimum: schema.get("minimum").and_then(Value::as_f64),
        maximum: schema.get("maximum").and_then(Value::as_f64),
        choices: choices(schema),
        example: example(root, schema),
    };
    if hint.kind == Kind::String && hint.format.as_deref() == Some("binary") {
        hint.kind = Kind::File;
    }
    if let Some(only) = schema.get("const").and_then(plain) {
        hint.choices = vec![only];
    }
    let this = std::ptr::from_ref(schema);
    if trail.len() < MAX_NESTING && !trail.contains(&this) {
        trail.push(this);
        for part in parts(schema) {
            if !steps.take() {
                break;
            }
            hint.absorb(&hint_within(root, part, trail, steps));
        }
        trail.pop();
    }
    hint
}

/// Returns the members of `allOf`, `anyOf` and `oneOf`.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "anyOf", "oneOf"]
        .into_iter()
        .flat_map(move |name| items(schema, name))
        .take(16)
}

fn kind(schema: &Value) -> Kind {
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.as_str(),
        // OpenAPI 3.1: ["string", "null"].
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or_default(),
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "",
    };
    match name {
        "string" => Kind::String,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        "array" => Kind::Array,
        "object" => Kind::Object,
        "file" => Kind::File,
        _ => Kind::Unknown,
    }
}

fn choices(schema: &Value) -> Vec<String> {
    let listed = items(schema, "enum").iter();
    listed.filter_map(plain).take(100).collect()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn example(root: &Value, schema: &Value) -> Option<Value> {
    let direct = ["example", "x-example", "default"]
        .into_iter()
        .find_map(|name| schema.get(name));
    let listed = || match schema.get("examples") {
        Some(Value::Array(list)) => list.first(),
        // A map of named examples, each with its value.
        Some(Value::Object(named)) => {
            let first = named.values().next().map(|first| resolve(root, first));
            first.and_then(|first| first.get("value"))
        }
        _ => None,
    };
    direct
        .or_else(listed)
        .filter(|value| !value.is_null() && is_short(value))
        .cloned()
}

/// Returns true for a value whose JSON fits in 2,000 bytes; a longer one is not written to the end.
fn is_short(value: &Value) -> bool {
    let mut room = [0_u8; 2_000];
    serde_json::to_writer(&mut room[..], value).is_ok()
}

struct Walk<'s, 'a> {
    schemas: &'s Schemas<'a>,
    root: &'a Value,
    place: Place,
    steps: Steps<'s>,
}

impl<'a> Walk<'_, 'a> {
    /// Adds the inputs of a schema; `trail` holds the enclosing schemas, to detect cycles.
    fn value(
        &self,
        schema: &'a Value,
        name: &str,
        required: bool,
        trail: &mut Vec<*const Value>,
        inputs: &mut Vec<Input>,
    ) {
        let schema = resolve(self.root, schema);
        if inputs.len() >= MAX_INPUTS || schema.is_null() || !self.steps.take() {
            return;
        }
        let cyclic = trail.contains(&std::ptr::from_ref(schema)) || trail.len() >= MAX_NESTING * 2;
        let deep = name.matches(['.', '[']).count() >= MAX_NESTING;
        // In forms and uploads, a list is repeated under one name, so only JSON descends into lists.
        let lists = self.place == Place::Json;
        if !cyclic && !deep {
            trail.push(std::ptr::from_ref(schema));
            let before = inputs.len();
            self.object(schema, name, required, trail, inputs);
            if lists && let Some(items) = schema.get("items") {
                let item = resolve(self.root, items);
                if is_record(self.root, item) {
                    // A required list is not refused for what its items lack.
                    self.value(item, &format!("{name}[]"), required, trail, inputs);
                }
            }
            trail.pop();
            if inputs.len() > before {
                return;
            }
        }
        if name.is_empty() && !matches!(kind(schema), Kind::String | Kind::Array) {
            return;
        }
        if schema.get("readOnly").and_then(Value::as_bool) == Some(true) {
            return;
        }
        let mut input = Input::new(self.place, name, Provenance::Specification)
            .with_hint(self.schemas.hint(schema));
        input.required = required;
        input.csrf = is_csrf(name);
        inputs.push(input);
    }

    fn object(
        &self,
        schema: &'a Value,
        name: &str,
        required: bool,
        trail: &mut Vec<*const Value>,
        inputs: &mut Vec<Input>,
    ) {
        if !self.steps.take() {
            return;
        }
        let needed = items(schema, "required");
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (field, inner) in properties {
                let full = below(name, field);
                let must = required && needed.iter().any(|name| name == field.as_str());
                self.value(inner, &full, must, trail, inputs);
            }
        }
        for part in parts(schema) {
            let part = resolve(self.root, part);
            if is_record(self.root, part) && !trail.contains(&std::ptr::from_ref(part)) {
                trail.push(std::ptr::from_ref(part));
                let mut found = Vec::new();
                if trail.len() < MAX_NESTING * 2 {
                    self.object(part, name, required, trail, &mut found);
                }
                trail.pop();
                for input in found {
                    if !inputs.iter().any(|known| known.name == input.name) {
                        inputs.push(input);
                    }
                }
            }
        }
    }
}

fn is_record(root: &Value, schema: &Value) -> bool {
    schema.get("properties").is_some()
        || parts(schema).any(|part| resolve(root, part).get("properties").is_some())
        || schema.get("allOf").is_some()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;

    #[test]
    fn references_that_multiply_end() {
        let mut schemas = serde_json::Map::new();
        for n in 0..12 {
            let next = json!({"$ref": format!("#/s/{}", n + 1)});
            schemas.insert(n.to_string(), json!({"allOf": vec![next; 16]}));
        }
        let leaf = json!({"type": "object", "properties": {"token": {"type": "string"}}});
        schemas.insert("12".to_owned(), leaf);
        let root = json!({"s": schemas});
        let start = Instant::now();
        fields(&root, &json!({"$ref": "#/s/0"}), Place::Json);
        hint(&root, &json!({"$ref": "#/s/0"}));
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
    }

    #[test]
    fn a_schema_of_sixteen_times_itself_costs_next_to_nothing() {
        let root = json!({"E": {"type": "string", "anyOf": vec![json!({"$ref": "#/E"}); 16]}});
        let start = Instant::now();
        for _ in 0..200 {
            let found = hint(&root, &json!({"$ref": "#/E"}));
            assert_eq!(found.kind, Kind::String);
        }
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{:?}",
            start.elapsed()
        );
    }

    #[test]
    fn a_long_example_is_left_out() {
        let example = |text: String| hint(&json!({}), &json!({"example": text})).example;
        assert!(example("short".to_owned()).is_some());
        assert!(example("x".repeat(3_000)).is_none());
    }
}
