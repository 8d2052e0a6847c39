//! What jsonschema prints: `str(ValidationError)` shows the part of the schema that failed, and where
//! (`exceptions.py`, `_Error.__str__`). Connexion and Flasgger pass it on.
//!
//! Owns: the schema, and values that appear instead of their input's name. Leaves out: messages alone,
//! which are sentences.

use serde_json::Value;

use super::named::{Named, Reader, is_name};
use crate::notation::literal;
use crate::pages::schema;
use crate::sentences::Scope;
use crate::surface::{Place, TypeHint};

/// The most schema parts examined in one text.
const MAX_DUMPS: usize = 8;

/// A printed part of a schema, with the path and the text of the value that failed.
struct Dump<'a> {
    schema: Value,
    path: String,
    instance: &'a str,
}

impl Reader<'_> {
    fn printed<'t>(&self, text: &'t str) -> Vec<Dump<'t>> {
        let mut forms = self.table.forms_in(Scope::Schema);
        let found = forms.next().map(|form| form.pattern.captures_iter(text));
        let found = found.into_iter().flatten().take(MAX_DUMPS);
        let dumps = found.filter_map(|found| {
            Some(Dump {
                schema: literal(found.name("schema")?.as_str())?,
                path: name_of(found.name("path")?.as_str()),
                instance: text.get(found.get(0)?.end()..)?.trim_start(),
            })
        });
        dumps.collect()
    }

    /// Collects the names in a printed schema. For a value instead of a name, see
    /// [`values`](Self::values).
    pub(super) fn dumps(&mut self, text: &str) {
        for Dump { schema, path, .. } in self.printed(text) {
            let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
                if !path.is_empty() {
                    let hint = schema::hint(&schema, &schema);
                    self.push(of_schema("", &path, false, hint));
                }
                continue;
            };
            let inside = schema::fields(&schema, &schema, Place::Json);
            let inside = inside.into_iter();
            let mut names: Vec<Named> = inside
                .map(|input| of_schema(&path, &input.name, input.required, input.hint))
                .collect();
            // A property that refers to another part of the schema is known by its name alone.
            let needed = schema.get("required").and_then(Value::as_array);
            for name in properties.keys() {
                let full = joined(&path, name);
                let known = names.iter().any(|named| {
                    let rest = named.name.strip_prefix(full.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                });
                if !known {
                    let must = needed.is_some_and(|needed| needed.iter().any(|n| n == name));
                    names.push(of_schema(&path, name, must, TypeHint::default()));
                }
            }
            for named in names.into_iter().filter(|named| is_name(&named.name)) {
                self.push(named);
            }
        }
    }

    /// Returns values that a message refuses without naming their input, with what it asks for.
    pub(super) fn values(&self, text: &str) -> Vec<(String, TypeHint)> {
        let mut values = Vec::new();
        for dump in self.printed(text) {
            let instance =
                literal(dump.instance).filter(|value| !value.is_object() && !value.is_array());
            if let Some(value) = instance
                && dump.path.is_empty()
                && dump.schema.get("properties").is_none()
            {
                values.push((plain(&value), schema::hint(&dump.schema, &dump.schema)));
            }
        }
        let message = text.lines().next().unwrap_or_default();
        if values.is_empty() {
            let forms = self.table.forms_in(Scope::Value);
            let mut found = forms
                .filter(|form| form.reads(message))
                .filter_map(|form| Some(form.pattern.captures(message)?.name("value")?.as_str()));
            let value = found.next().map(|value| value.trim_matches('\''));
            values.extend(value.map(|value| (value.to_owned(), self.table.heard(message).hint)));
        }
        values
    }
}

/// Returns a value as a request carries it.
pub(super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn of_schema(path: &str, name: &str, required: bool, hint: TypeHint) -> Named {
    Named {
        name: joined(path, name),
        required,
        hint,
        absent: required,
        ..Named::default()
    }
}

/// Joins a path and a name below it.
pub(super) fn joined(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// Rewrites `['a'][0]['b']` and `a.0.b` as `a[].b`.
pub(super) fn name_of(path: &str) -> String {
    let steps = path.split(if path.starts_with('[') { ']' } else { '.' });
    let steps = steps.map(|step| step.trim_start_matches('['));
    let mut name = String::new();
    for step in steps.filter(|step| !step.is_empty()) {
        if step.bytes().all(|b| b.is_ascii_digit()) {
            name.push_str("[]");
        } else {
            name = joined(&name, step.trim_matches(['\'', '"']));
        }
    }
    name
}
