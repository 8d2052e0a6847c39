//! A second reading of a specification, small and without the scanner's code: what the crawl must have found.
//!
//! It knows what the six extensions write, and panics on anything else.

use serde_json::{Map, Value, json};

use keyspill::surface::{Input, Kind, Place, Provenance, Template};

/// An operation as the specification has it.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) inputs: Vec<Input>,
}

/// Every operation of a Swagger 2 or OpenAPI 3 document.
pub(crate) fn operations(root: &Value) -> Vec<Operation> {
    let base = match root.get("basePath").and_then(Value::as_str) {
        Some(base) => base.trim_end_matches('/').to_owned(),
        None => server(root),
    };
    let mut operations = Vec::new();
    for (path, item) in root["paths"].as_object().unwrap() {
        let shared = item.get("parameters");
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let mut inputs = Vec::new();
            let parameters: Vec<&Value> = [shared, operation.get("parameters")]
                .into_iter()
                .flatten()
                .flat_map(|list| list.as_array().unwrap())
                .map(|parameter| follow(root, parameter))
                .collect();
            let files = operation["consumes"] == json!(["multipart/form-data"])
                || parameters
                    .iter()
                    .any(|parameter| parameter["type"] == "file");
            for parameter in parameters {
                self::parameter(root, parameter, files, &mut inputs);
            }
            if let Some(body) = operation.get("requestBody") {
                for (media, content) in follow(root, body)["content"].as_object().unwrap() {
                    let place = match media.as_str() {
                        "application/json" => Place::Json,
                        "application/x-www-form-urlencoded" => Place::Form,
                        "multipart/form-data" => Place::Multipart,
                        other => panic!("{other}"),
                    };
                    fields(root, &content["schema"], place, "", true, &mut inputs);
                }
            }
            credentials(root, operation, &mut inputs);
            operations.push(Operation {
                method: method.to_ascii_uppercase(),
                path: format!("{base}{path}"),
                inputs,
            });
        }
    }
    fold(&mut operations);
    operations
}

/// Two templates of one shape are one path from outside: Eve's lookups by id and by a field.
fn fold(operations: &mut Vec<Operation>) {
    let mut folded: Vec<Operation> = Vec::new();
    for mut operation in operations.drain(..) {
        let template = Template::new(&operation.path);
        let shape = template.anonymous();
        if let Some(first) = folded
            .iter()
            .map(|known| Template::new(&known.path))
            .find(|known| known.anonymous() == shape)
        {
            for (own, name) in template.names().into_iter().zip(first.names()) {
                for input in operation
                    .inputs
                    .iter_mut()
                    .filter(|i| i.place == Place::Path)
                {
                    if input.name == own {
                        name.clone_into(&mut input.name);
                    }
                }
            }
            first.as_str().clone_into(&mut operation.path);
        }
        let same =
            |known: &Operation| known.path == operation.path && known.method == operation.method;
        if !folded.iter().any(same) {
            folded.push(operation);
        }
    }
    *operations = folded;
}

/// The header that an operation's security demands.
fn credentials(root: &Value, operation: &Value, inputs: &mut Vec<Input>) {
    for name in operation
        .pointer("/security/0")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys)
    {
        let scheme = &root["components"]["securitySchemes"][name];
        assert_eq!(scheme["scheme"], "bearer");
        inputs
            .push(Input::new(Place::Header, "authorization", Provenance::Specification).required());
    }
}

/// The path of the first server.
fn server(root: &Value) -> String {
    let url = root["servers"][0]["url"].as_str().unwrap_or_default();
    let path = match url.split_once("//") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    path.trim_end_matches('/').to_owned()
}

fn follow<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(target) => root.pointer(&target[1..]).unwrap(),
        None => value,
    }
}

fn parameter(root: &Value, parameter: &Value, files: bool, inputs: &mut Vec<Input>) {
    let name = parameter["name"].as_str().unwrap();
    let required = parameter["required"].as_bool().unwrap_or(false);
    let place = match parameter["in"].as_str().unwrap() {
        "query" => Place::Query,
        "header" => Place::Header,
        "cookie" => Place::Cookie,
        "path" => Place::Path,
        "formData" if files => Place::Multipart,
        "formData" => Place::Form,
        "body" => {
            fields(root, &parameter["schema"], Place::Json, "", true, inputs);
            return;
        }
        other => panic!("{other}"),
    };
    let schema = parameter.get("schema").unwrap_or(parameter);
    inputs.retain(|known| (known.place, known.name.as_str()) != (place, name));
    inputs.push(described(root, schema, place, name, required));
}

/// The fields of an object, with those of the objects and lists in it.
fn fields(
    root: &Value,
    schema: &Value,
    place: Place,
    name: &str,
    required: bool,
    inputs: &mut Vec<Input>,
) {
    let schema = flat(root, schema);
    if schema.get("readOnly") == Some(&Value::Bool(true)) {
        return;
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let needed = schema.get("required").and_then(Value::as_array);
        for (field, inner) in properties {
            let dot = if name.is_empty() { "" } else { "." };
            let must = required && needed.is_some_and(|needed| needed.iter().any(|n| n == field));
            fields(
                root,
                inner,
                place,
                &format!("{name}{dot}{field}"),
                must,
                inputs,
            );
        }
        return;
    }
    if let Some(items) = schema.get("items") {
        let item = Value::Object(flat(root, items));
        if item.get("properties").is_some() {
            fields(root, &item, place, &format!("{name}[]"), required, inputs);
            return;
        }
    }
    inputs.push(described(
        root,
        &Value::Object(schema),
        place,
        name,
        required,
    ));
}

/// A schema with its reference followed, and `allOf` and pydantic's `anyOf` with null folded in.
fn flat(root: &Value, schema: &Value) -> Map<String, Value> {
    let mut whole = follow(root, schema).as_object().unwrap().clone();
    for part in ["allOf", "anyOf"] {
        let Some(Value::Array(parts)) = whole.remove(part) else {
            continue;
        };
        for part in parts.iter().filter(|part| part["type"] != "null") {
            for (key, value) in flat(root, part) {
                whole.entry(key).or_insert(value);
            }
        }
    }
    whole
}

fn described(root: &Value, schema: &Value, place: Place, name: &str, required: bool) -> Input {
    let schema = flat(root, schema);
    let text = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let mut input = Input::new(place, name, Provenance::Specification);
    input.required = required;
    let kind = match schema.get("type") {
        Some(Value::Array(names)) => names.iter().find(|name| *name != "null"),
        kind => kind,
    };
    input.hint.kind = match kind.and_then(Value::as_str).unwrap_or_default() {
        "string" if text("format").as_deref() == Some("binary") => Kind::File,
        "file" => Kind::File,
        "string" => Kind::String,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        "array" => Kind::Array,
        "object" => Kind::Object,
        "" => Kind::Unknown,
        other => panic!("{other}"),
    };
    input.hint.format = text("format");
    input.hint.pattern = text("pattern");
    input.hint.minimum = number("minimum");
    input.hint.maximum = number("maximum");
    let length = |key: &str| {
        schema
            .get(key)
            .and_then(Value::as_u64)
            .and_then(|length| usize::try_from(length).ok())
    };
    input.hint.min_length = length("minLength");
    input.hint.max_length = length("maxLength");
    if let Some(Value::Array(choices)) = schema.get("enum") {
        input.hint.choices = choices
            .iter()
            .filter(|choice| !choice.is_null())
            .map(|choice| {
                choice
                    .as_str()
                    .map_or_else(|| choice.to_string(), str::to_owned)
            })
            .collect();
    }
    input
}
