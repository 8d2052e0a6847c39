//! What jsonschema prints: `str(ValidationError)` shows the part of the schema that failed, and where
//! (`exceptions.py`, `_Error.__str__`); Connexion and Flasgger hand it on.
//!
//! Owns: the schema, and values that stand in for their input's name. Leaves out: messages alone, which
//! are sentences.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::super::patterns::{all, pattern};
use super::named::{Named, is_name, push};
use crate::crawl::extract::schema;
use crate::notation::literal;
use crate::surface::{Place, TypeHint};

/// What stands before the schema, and before the instance.
static HEAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"Failed validating '\w+' in [a-z]+(?:\[[^\]\n]{0,99}\]){0,20}:"));
static INSTANCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\n\s*On [a-z]+((?:\[[^\]\n]{0,99}\]){0,20}):"));

static STEP: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r#"\[(?:'([^']*)'|"([^"]*)"|(\d+))\]"#));

/// `'x' is not one of ['a', 'b']`, `'x' is not of type 'integer'`, `5 is less than the minimum of 7`.
static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^(?:'([^']{1,200})'|([\d.]{1,20})) (?:is not (?:one of|of type|a) |is too (?:short|long)|does not match|is (?:less|greater) than )",
    )
});

/// A part of a schema as it is printed, with the place and the text of what failed.
struct Dump<'a> {
    schema: Value,
    path: String,
    instance: &'a str,
}

fn read(text: &str) -> Vec<Dump<'_>> {
    let mut dumps = Vec::new();
    for head in all(&HEAD, text).take(8) {
        let rest = head.get(0).map_or("", |head| &text[head.end()..]);
        let Some(schema) = literal(rest) else {
            continue;
        };
        let Some(instance) = all(&INSTANCE, rest).next() else {
            continue;
        };
        let end = instance.get(0).map_or(0, |whole| whole.end());
        dumps.push(Dump {
            schema,
            path: name_of(&instance[1]),
            instance: rest[end..].trim_start(),
        });
    }
    dumps
}

/// Names of the schema that is printed. A value instead of a name: see [`values`].
pub(super) fn dumps(text: &str, found: &mut Vec<Named>) {
    for Dump { schema, path, .. } in read(text) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let inside = schema::fields(&schema, &schema, Place::Json);
            let mut names: Vec<Named> = inside
                .into_iter()
                .map(|input| of_schema(&path, &input.name, input.required, input.hint))
                .collect();
            // What refers to another part of the schema is known by its name alone.
            let needed = schema.get("required").and_then(Value::as_array);
            for name in properties.keys() {
                let full = joined(&path, name);
                let known = names.iter().any(|named| {
                    named
                        .name
                        .strip_prefix(full.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                });
                if !known {
                    let must = needed.is_some_and(|needed| needed.iter().any(|n| n == name));
                    names.push(of_schema(&path, name, must, TypeHint::default()));
                }
            }
            for named in names {
                if is_name(&named.name) {
                    push(found, named);
                }
            }
        } else if !path.is_empty() {
            let hint = schema::hint(&schema, &schema);
            push(found, of_schema("", &path, false, hint));
        }
    }
}

/// Values that a message refuses without the name of their input, with what it asks for.
pub(super) fn values(text: &str) -> Vec<(String, TypeHint)> {
    let mut values = Vec::new();
    for dump in read(text) {
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
    // Connexion writes where it was behind the message.
    if values.is_empty()
        && !message.contains(" - '")
        && let Some(found) = all(&VALUE, message).next()
    {
        let value = found.get(1).or_else(|| found.get(2));
        let value = value.map_or("", |value| value.as_str());
        values.push((value.to_owned(), super::hint::hint(message)));
    }
    values
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn of_schema(path: &str, name: &str, required: bool, hint: TypeHint) -> Named {
    Named {
        place: None,
        name: joined(path, name),
        required,
        hint,
        prefix: String::new(),
        plain: false,
        help: false,
        absent: required,
    }
}

fn joined(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// `['a'][0]['b']` as `a[].b`.
pub(super) fn name_of(steps: &str) -> String {
    let mut name = String::new();
    for step in all(&STEP, steps) {
        match step.get(1).or_else(|| step.get(2)) {
            Some(field) => {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(field.as_str());
            }
            None => name.push_str("[]"),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_compile() {
        assert!(
            [&HEAD, &INSTANCE, &STEP, &VALUE]
                .iter()
                .all(|regex| regex.is_some())
        );
    }

    #[test]
    fn a_printed_schema_names_its_fields() {
        let text = "'net' is a required property\n\nFailed validating 'required' in schema['properties']['bill']:\n    {'type': 'object',\n     'required': ['net', 'to'],\n     'properties': {'net': {'type': 'number'}, 'to': {'$ref': '#/definitions/To'}, 'cur': {'enum': ['EUR', 'CHF']}}}\n\nOn instance['bill']:\n    {}";
        let mut found = Vec::new();
        dumps(text, &mut found);
        let lines: Vec<_> = found
            .iter()
            .map(|named| format!("{} {} {:?}", named.name, named.required, named.hint.kind))
            .collect();
        assert_eq!(
            lines,
            [
                "bill.net true Number",
                "bill.cur false Unknown",
                "bill.to true Unknown"
            ]
        );
        assert_eq!(found[1].hint.choices, ["EUR", "CHF"]);
    }

    #[test]
    fn a_refused_value_says_what_was_asked_for() {
        let whole = "'x' is not one of ['a', 'b']\n\nFailed validating 'enum' in schema:\n    {'type': 'string', 'enum': ['a', 'b']}\n\nOn instance:\n    'x'";
        for text in [whole, "'x' is not one of ['a', 'b']"] {
            let values = values(text);
            assert_eq!(values[0].0, "x", "{text}");
            assert_eq!(values[0].1.choices, ["a", "b"], "{text}");
        }
        assert!(values("'x' is a required property").is_empty());
        assert!(values("'x' is not of type 'object' - 'contact'").is_empty());
    }
}
