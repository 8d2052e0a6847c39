//! GraphQL: operations with their arguments, from an introspection answer.
//!
//! Owns: the introspection query; turning each field of the query or mutation type into an operation of
//! its own, with a document, its variables and one input per argument; and recognising an endpoint.
//! Leaves out: asking (`crawl/ask.rs`), and sending (`plan/compose.rs`).
//!
//! Source: GraphQL specification, October 2021, §4 (introspection), §2.10 (variables).

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{items, text};
use crate::http::{Method, Response};
use crate::surface::{Endpoint, EndpointId, Input, Kind, Place, Provenance, Template, TypeHint};
use crate::words::is_csrf;

/// The smallest query that reveals every operation with its arguments and results.
pub const INTROSPECTION: &str = "query { __schema { queryType { name } mutationType { name } \
types { kind name fields(includeDeprecated: true) { name args { name defaultValue type { ...T } } \
type { ...T } } inputFields { name defaultValue type { ...T } } enumValues { name } } } } \
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name \
ofType { kind name } } } } }";

/// The most operations of one schema, arguments of one operation, and fields of one result.
const MAX_OPERATIONS: usize = 500;
const MAX_ARGUMENTS: usize = 60;
const MAX_FIELDS: usize = 20;
/// The deepest nesting of objects, in arguments and in results.
const MAX_INPUT_DEPTH: usize = 4;
const MAX_RESULT_DEPTH: usize = 3;

/// Returns true for the path or an answer of a GraphQL endpoint: its usual names, its reply to a
/// request without a query, or a page for writing queries.
pub fn is_endpoint(path: &str, response: &Response) -> bool {
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    if matches!(last, "graphql" | "graphiql" | "gql") {
        return true;
    }
    let text = response.text();
    if response.media_type().contains("html") {
        let marks = [
            "graphiql",
            "GraphiQL",
            "GraphQLPlayground",
            "EmbeddedSandbox",
        ];
        return marks.iter().any(|mark| text.contains(mark));
    }
    let says = ["Must provide query string", "No GraphQL query found"];
    says.iter().any(|words| text.contains(words))
}

/// Returns the operations of a schema at a path; empty if the value is not an introspection answer.
pub fn operations(answer: &Value, path: &str) -> Vec<Endpoint> {
    let Some(schema) = answer.pointer("/data/__schema") else {
        return Vec::new();
    };
    let types = items(schema, "types").iter().take(20_000);
    let types = types.filter_map(|item| Some((name(item)?, item))).collect();
    let schema_types = Types(types);
    let mut endpoints = Vec::new();
    for (kind, root) in [("query", "queryType"), ("mutation", "mutationType")] {
        let Some(root) = schema.get(root).and_then(name) else {
            continue;
        };
        for field in schema_types.fields(root, "fields") {
            if endpoints.len() >= MAX_OPERATIONS {
                return endpoints;
            }
            endpoints.extend(operation(&schema_types, kind, field, path));
        }
    }
    endpoints
}

fn operation(types: &Types<'_>, kind: &str, field: &Value, path: &str) -> Option<Endpoint> {
    let called = name(field)?;
    let mut endpoint = Endpoint::new(
        EndpointId::of(Method::Post, Template::graphql(path, called)),
        Provenance::Specification,
    );
    kind.clone_into(&mut endpoint.summary);
    let mut declared = Vec::new();
    let mut passed = Vec::new();
    for argument in items(field, "args").iter().take(MAX_ARGUMENTS) {
        let (Some(name), Some(kind)) = (name(argument), argument.get("type").and_then(written))
        else {
            continue;
        };
        declared.push(format!("${name}: {kind}"));
        passed.push(format!("{name}: ${name}"));
        types.inputs(argument, name, true, 0, &mut endpoint);
    }
    let bracketed = |parts: &[String]| {
        if parts.is_empty() {
            return String::new();
        }
        format!("({})", parts.join(", "))
    };
    let result = field.get("type").and_then(innermost);
    let selection = result
        .map(|result| types.selection(result, 0))
        .unwrap_or_default();
    endpoint.document = Some(format!(
        "{kind}{} {{ {called}{}{selection} }}",
        bracketed(&declared),
        bracketed(&passed),
    ));
    Some(endpoint)
}

struct Types<'a>(BTreeMap<&'a str, &'a Value>);

impl<'a> Types<'a> {
    /// Returns the fields of a type or of an input type.
    fn fields(&self, name: &str, which: &str) -> &'a [Value] {
        self.0.get(name).map_or(&[], |&item| items(item, which))
    }

    /// Adds one input for an argument of a plain type, or several for an object.
    fn inputs(
        &self,
        argument: &Value,
        called: &str,
        demanded: bool,
        depth: usize,
        endpoint: &mut Endpoint,
    ) {
        let Some(kind) = argument.get("type") else {
            return;
        };
        let Some(named) = innermost(kind) else { return };
        let default = argument
            .get("defaultValue")
            .is_some_and(|value| !value.is_null());
        let required = demanded && !default && kind.get("kind").is_some_and(|k| k == "NON_NULL");
        let is_list = written(kind).is_some_and(|text| text.starts_with('['));
        let called = if is_list {
            format!("{called}[]")
        } else {
            called.to_owned()
        };
        let is_object = named.get("kind").is_some_and(|kind| kind == "INPUT_OBJECT");
        if is_object && depth < MAX_INPUT_DEPTH {
            let fields = name(named).map(|name| self.fields(name, "inputFields"));
            for field in fields.into_iter().flatten().take(MAX_ARGUMENTS) {
                if let Some(inner) = name(field) {
                    let full = format!("{called}.{inner}");
                    self.inputs(field, &full, required && !is_list, depth + 1, endpoint);
                }
            }
            return;
        }
        if endpoint.inputs.len() >= MAX_ARGUMENTS {
            return;
        }
        let mut input = Input::new(Place::Graphql, &called, Provenance::Specification)
            .with_hint(self.hint(named));
        input.required = required;
        input.csrf = is_csrf(&called);
        endpoint.add_input(input);
    }

    fn hint(&self, named: &Value) -> TypeHint {
        let called = name(named).unwrap_or_default();
        let kind = match called {
            "String" | "ID" => Kind::String,
            "Int" => Kind::Integer,
            "Float" => Kind::Number,
            "Boolean" => Kind::Boolean,
            "Upload" => Kind::File,
            "JSON" | "JSONString" | "GenericScalar" => Kind::Object,
            _ if named.get("kind").is_some_and(|kind| kind == "INPUT_OBJECT") => Kind::Object,
            _ => Kind::Unknown,
        };
        let format = match called {
            "UUID" => Some("uuid"),
            "Date" => Some("date"),
            "DateTime" => Some("date-time"),
            "Time" => Some("time"),
            "Email" | "EmailAddress" => Some("email"),
            "URL" | "URI" => Some("uri"),
            _ => None,
        };
        let choices = self
            .fields(called, "enumValues")
            .iter()
            .filter_map(name)
            .take(100);
        TypeHint {
            kind,
            format: format.map(str::to_owned),
            choices: choices.map(str::to_owned).collect(),
            ..TypeHint::default()
        }
    }

    /// Returns the selection for a result: its plain fields, and those of the objects in it.
    fn selection(&self, named: &Value, depth: usize) -> String {
        if !matches!(text(named, "kind"), "OBJECT" | "INTERFACE" | "UNION") {
            return String::new();
        }
        let mut parts = vec!["__typename".to_owned()];
        let fields = name(named).map(|name| self.fields(name, "fields"));
        for field in fields.into_iter().flatten().take(MAX_FIELDS) {
            let demands = items(field, "args").iter().any(|argument| {
                let kind = argument.pointer("/type/kind");
                kind.is_some_and(|kind| kind == "NON_NULL")
            });
            let (Some(called), Some(result)) = (name(field), field.get("type").and_then(innermost))
            else {
                continue;
            };
            let plain = matches!(text(result, "kind"), "SCALAR" | "ENUM");
            if !demands && (plain || depth + 1 < MAX_RESULT_DEPTH) {
                parts.push(format!("{called}{}", self.selection(result, depth + 1)));
            }
        }
        format!(" {{ {} }}", parts.join(" "))
    }
}

/// Returns a valid name (§2.1.9); the server's text becomes part of a document that keyspill sends.
fn name(item: &Value) -> Option<&str> {
    let name = item.get("name")?.as_str()?;
    let word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (word && begins && name.len() <= 100).then_some(name)
}

/// Returns the named type inside list and non-null wrappers.
fn innermost(kind: &Value) -> Option<&Value> {
    let mut kind = kind;
    for _ in 0..8 {
        match kind.get("ofType").filter(|inner| inner.is_object()) {
            Some(inner) => kind = inner,
            None => return Some(kind),
        }
    }
    None
}

/// Formats a type as a document writes it: `[String!]!`.
fn written(kind: &Value) -> Option<String> {
    let mut wrappers = Vec::new();
    let mut kind = kind;
    for _ in 0..8 {
        match kind.get("kind")?.as_str()? {
            wrapper @ ("NON_NULL" | "LIST") => {
                wrappers.push(wrapper);
                kind = kind.get("ofType")?;
            }
            _ => {
                let mut text = name(kind)?.to_owned();
                for wrapper in wrappers.into_iter().rev() {
                    text = match wrapper {
                        "LIST" => format!("[{text}]"),
                        _ => format!("{text}!"),
                    };
                }
                return Some(text);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(kind: &str, name: &str) -> Value {
        json!({"kind": kind, "name": name})
    }

    fn required(inner: &Value) -> Value {
        json!({"kind": "NON_NULL", "ofType": inner})
    }

    #[test]
    fn a_field_becomes_an_operation_with_a_document_and_inputs() {
        let text = named("SCALAR", "String");
        let record = json!({"kind": "OBJECT", "name": "Key", "fields": [
            {"name": "label", "args": [], "type": text},
            {"name": "owner", "args": [], "type": {"kind": "OBJECT", "name": "Key"}},
            {"name": "history", "args": [{"name": "n", "type": required(&text)}], "type": text}
        ]});
        let answer = json!({"data": {"__schema": {
            "queryType": {"name": "Q"}, "mutationType": {"name": "M"},
            "types": [
                {"kind": "OBJECT", "name": "Q", "fields": [{"name": "keys", "args": [
                    {"name": "tier", "type": named("ENUM", "Tier")},
                    {"name": "first", "type": required(&named("SCALAR", "Int")), "defaultValue": "1"}
                ], "type": {"kind": "LIST", "ofType": named("OBJECT", "Key")}}]},
                {"kind": "OBJECT", "name": "M", "fields": [
                    {"name": "create", "args": [{"name": "data", "type": required(&named("INPUT_OBJECT", "New"))}], "type": named("OBJECT", "Key")},
                    {"name": "bad name}", "args": [], "type": text}
                ]},
                record,
                {"kind": "INPUT_OBJECT", "name": "New", "inputFields": [
                    {"name": "secret", "type": required(&text)},
                    {"name": "tags", "type": {"kind": "LIST", "ofType": text}},
                    {"name": "parent", "type": named("INPUT_OBJECT", "New")}
                ]},
                {"kind": "ENUM", "name": "Tier", "enumValues": [{"name": "LOW"}, {"name": "HIGH"}]}
            ]
        }}});
        let found = operations(&answer, "/graphql");
        let documents: Vec<&str> = found.iter().filter_map(|e| e.document.as_deref()).collect();
        let key = "{ __typename label owner { __typename label owner { __typename label } } }";
        assert_eq!(
            documents,
            [
                format!(
                    "query($tier: Tier, $first: Int!) {{ keys(tier: $tier, first: $first) {key} }}"
                ),
                format!("mutation($data: New!) {{ create(data: $data) {key} }}"),
            ]
        );
        assert_eq!(found[0].id.to_string(), "POST /graphql#keys");
        let tier = found[0].input(Place::Graphql, "tier").unwrap();
        assert_eq!(tier.hint.choices, ["LOW", "HIGH"]);
        assert!(!found[0].input(Place::Graphql, "first").unwrap().required);
        assert!(
            found[1]
                .input(Place::Graphql, "data.secret")
                .unwrap()
                .required
        );
        assert!(found[1].input(Place::Graphql, "data.tags[]").is_some());
        assert!(found[1].inputs.len() <= MAX_ARGUMENTS);
    }

    #[test]
    fn what_is_no_schema_gives_nothing() {
        for answer in [
            json!({"errors": [{"message": "introspection is off"}]}),
            json!({"data": {"__schema": {"queryType": {"name": 7}, "types": "x"}}}),
            json!([]),
        ] {
            assert!(operations(&answer, "/graphql").is_empty());
        }
    }
}
