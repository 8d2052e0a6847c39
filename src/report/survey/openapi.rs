//! A survey as an `OpenAPI` 3.1 document.
//!
//! Owns: places as parameters, bodies and security schemes; names such as `a.b[].c` as nested schemas.
//! Whatever the format cannot express goes into `x-keyspill-…`, and `crawl/extract/openapi.rs` reads
//! all of it back.
//!
//! Source: `OpenAPI` 3.1.1, §4.8 (path templating, parameters, request bodies, security).

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::{Map, Value, json};
use url::Url;

use super::{EndpointV1, InputV1, SurveyV1};
use crate::surface::Template;

/// The deepest nesting of a name; a deeper one becomes a single field.
const MAX_STEPS: usize = 20;

pub(super) fn document(survey: &SurveyV1) -> Value {
    let url = Url::parse(&survey.target.url).ok();
    let origin = url.map_or_else(String::new, |url| url.origin().ascii_serialization());
    let mut paths: Map<String, Value> = Map::new();
    let mut schemes = Map::new();
    // A field of a GraphQL schema is not an operation here; its endpoint is.
    for row in survey
        .endpoints
        .iter()
        .filter(|row| !row.path.contains('#'))
    {
        let template = Template::new(&row.path);
        let item = paths.entry(written(&template)).or_insert_with(|| json!({}));
        let operation = operation(row, &template, &mut schemes);
        if let Value::Object(item) = item {
            item.insert(row.method.to_ascii_lowercase(), operation);
        }
    }
    let mut root = json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("What keyspill found at {origin}"),
            "version": "1",
            "description": "Made from a crawl: what is listed was seen or named by the application, \
                            and more may exist.",
        },
        "servers": [{"url": origin}],
        "paths": paths,
    });
    if !schemes.is_empty() {
        root["components"] = json!({"securitySchemes": schemes});
    }
    root
}

/// Formats a template with only its placeholders in braces.
fn written(template: &Template) -> String {
    let marked = template.fill(|name| format!("\u{1}{name}\u{2}"));
    marked
        .replace('{', "%7B")
        .replace('}', "%7D")
        .replace('\u{1}', "{")
        .replace('\u{2}', "}")
}

fn operation(row: &EndpointV1, template: &Template, schemes: &mut Map<String, Value>) -> Value {
    let mut operation = Map::new();
    if !row.summary.is_empty() {
        operation.insert("summary".to_owned(), json!(row.summary));
    }
    let parameters = parameters(row, template);
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), json!(parameters));
    }
    if let Some(body) = body(row) {
        operation.insert("requestBody".to_owned(), body);
    }
    if let Some(security) = security(row, schemes) {
        operation.insert("security".to_owned(), security);
    }
    let seen: Map<String, Value> = row
        .statuses
        .iter()
        .filter(|status| (100..600).contains(*status))
        .map(|status| (status.to_string(), json!({"description": "Seen"})))
        .collect();
    let responses = if seen.is_empty() {
        json!({"default": {"description": "Not seen"}})
    } else {
        Value::Object(seen)
    };
    operation.insert("responses".to_owned(), responses);
    operation.insert("x-keyspill-found-by".to_owned(), json!(row.discovered_by));
    if let Some(why) = &row.unreached {
        operation.insert("x-keyspill-unreached".to_owned(), json!(why));
    }
    Value::Object(operation)
}

fn parameters(row: &EndpointV1, template: &Template) -> Vec<Value> {
    let names: BTreeSet<&str> = template.names().into_iter().collect();
    let mut parameters = Vec::new();
    for name in &names {
        let known = row
            .inputs
            .iter()
            .find(|input| input.place == "path" && input.name == *name);
        let schema = known.map_or_else(|| json!({}), |input| Value::Object(schema(input)));
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
    }
    for input in &row.inputs {
        let listed = matches!(input.place.as_ref(), "query" | "header" | "cookie");
        if !listed || input.name.is_empty() || is_authorization(input) {
            continue;
        }
        parameters.push(json!({
            "name": input.name,
            "in": input.place,
            "required": input.required,
            "schema": schema(input),
        }));
    }
    parameters
}

/// Returns true for an `authorization` header: `OpenAPI` ignores parameters of this name, so a security
/// scheme represents it.
fn is_authorization(input: &InputV1) -> bool {
    input.place == "header" && input.name == "authorization"
}

fn security(row: &EndpointV1, schemes: &mut Map<String, Value>) -> Option<Value> {
    let mut rows = Vec::new();
    let mut required = row.secured == Some(true);
    for input in &row.inputs {
        let place = input.place.as_ref();
        let keeps = matches!(place, "header" | "query" | "cookie");
        let named = row.secured == Some(true) && input.credential_like && keeps;
        if !(is_authorization(input) || named) {
            continue;
        }
        required |= input.required;
        let (name, scheme) = scheme(input);
        schemes.insert(name.clone(), scheme);
        rows.push(json!({name: []}));
    }
    if rows.is_empty() {
        return (row.secured == Some(false)).then(|| json!([]));
    }
    if !required {
        rows.insert(0, json!({}));
    }
    Some(Value::Array(rows))
}

fn scheme(input: &InputV1) -> (String, Value) {
    let prefix = input.prefix.trim();
    if is_authorization(input) {
        for known in ["bearer", "basic"] {
            if prefix.eq_ignore_ascii_case(known) {
                return (known.to_owned(), json!({"type": "http", "scheme": known}));
            }
        }
    }
    let word = |text: &str| -> String {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        text.chars().map(letter).collect()
    };
    let name = format!(
        "{}-{}",
        input.place,
        word(&format!("{}{prefix}", input.name))
    );
    let mut scheme = json!({"type": "apiKey", "in": input.place, "name": input.name});
    if !prefix.is_empty() {
        scheme["x-keyspill-prefix"] = json!(input.prefix);
    }
    (name, scheme)
}

const BODIES: [(&str, &str); 5] = [
    ("json", "application/json"),
    ("form", "application/x-www-form-urlencoded"),
    ("multipart", "multipart/form-data"),
    ("xml", "application/xml"),
    ("text", "text/plain"),
];

fn body(row: &EndpointV1) -> Option<Value> {
    let mut content = Map::new();
    let mut required = false;
    for (place, media) in BODIES {
        let inputs: Vec<&InputV1> = row.inputs.iter().filter(|i| i.place == place).collect();
        if inputs.is_empty() {
            continue;
        }
        required |= inputs.iter().any(|input| input.required);
        let mut root = Node::default();
        for input in inputs {
            // Only JSON nests: in a form, `a.b` is one name.
            let steps = if place == "json" {
                steps(&input.name)
            } else {
                vec![Step::Field(&input.name)]
            };
            let steps = if input.name.is_empty() {
                Vec::new()
            } else {
                steps
            };
            root.place(&steps, input);
        }
        content.insert(media.to_owned(), json!({"schema": root.schema()}));
    }
    (!content.is_empty()).then(|| json!({"required": required, "content": content}))
}

/// One step of a name: a field, or the items of a list.
enum Step<'a> {
    Field(&'a str),
    Items,
}

fn steps(name: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for part in name.split('.') {
        let field = part.trim_end_matches("[]");
        if !field.is_empty() {
            steps.push(Step::Field(field));
        }
        let lists = (part.len() - field.len()) / 2;
        steps.extend(std::iter::repeat_with(|| Step::Items).take(lists));
    }
    if steps.len() > MAX_STEPS || steps.is_empty() {
        return vec![Step::Field(name)];
    }
    steps
}

/// A body's schema as it grows: a node with fields or items is not a leaf.
#[derive(Default)]
struct Node<'a> {
    fields: BTreeMap<&'a str, Node<'a>>,
    items: Option<Box<Node<'a>>>,
    leaf: Option<&'a InputV1>,
}

impl<'a> Node<'a> {
    fn place(&mut self, steps: &[Step<'a>], input: &'a InputV1) {
        match steps.split_first() {
            None => self.leaf = Some(input),
            Some((Step::Field(name), rest)) => {
                self.fields.entry(name).or_default().place(rest, input);
            }
            Some((Step::Items, rest)) => {
                self.items
                    .get_or_insert_with(Box::default)
                    .place(rest, input);
            }
        }
    }

    fn required(&self) -> bool {
        self.leaf.is_some_and(|input| input.required) || self.fields.values().any(Node::required)
    }

    fn schema(&self) -> Value {
        if !self.fields.is_empty() {
            let properties: Map<String, Value> = self
                .fields
                .iter()
                .map(|(name, node)| ((*name).to_owned(), node.schema()))
                .collect();
            let required: Vec<&str> = self
                .fields
                .iter()
                .filter(|(_, node)| node.required())
                .map(|(name, _)| *name)
                .collect();
            let mut schema = json!({"type": "object", "properties": properties});
            if !required.is_empty() {
                schema["required"] = json!(required);
            }
            return schema;
        }
        if let Some(items) = &self.items {
            return json!({"type": "array", "items": items.schema()});
        }
        self.leaf
            .map_or_else(|| json!({}), |input| Value::Object(schema(input)))
    }
}

fn schema(input: &InputV1) -> Map<String, Value> {
    let mut schema = Map::new();
    let mut put = |name: &str, value: Value| {
        schema.insert(name.to_owned(), value);
    };
    match input.kind.as_deref() {
        Some("file") => {
            put("type", json!("string"));
            put("format", json!("binary"));
        }
        Some("array") => {
            put("type", json!("array"));
            put("items", json!({}));
        }
        Some(kind) => put("type", json!(kind)),
        None => {}
    }
    if let Some(format) = input
        .format
        .as_ref()
        .filter(|_| input.kind.as_deref() != Some("file"))
    {
        put("format", json!(format));
    }
    // A pattern that this crate cannot read may be invalid for others, too.
    if let Some(pattern) = input
        .pattern
        .as_ref()
        .filter(|text| Regex::new(text).is_ok())
    {
        put("pattern", json!(pattern));
    }
    if let Some(length) = input.min_length {
        put("minLength", json!(length));
    }
    if let Some(length) = input.max_length {
        put("maxLength", json!(length));
    }
    if let Some(number) = input.minimum {
        put("minimum", json!(number));
    }
    if let Some(number) = input.maximum {
        put("maximum", json!(number));
    }
    if !input.choices.is_empty() {
        let mut choices: Vec<Value> = Vec::new();
        for choice in &input.choices {
            let choice = typed(input.kind.as_deref(), choice);
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        put("enum", json!(choices));
    }
    if input.credential_like {
        put("x-keyspill-credential", json!(true));
    }
    schema
}

fn typed(kind: Option<&str>, choice: &str) -> Value {
    match kind {
        Some("integer" | "number" | "boolean") => {
            serde_json::from_str(choice).unwrap_or_else(|_| json!(choice))
        }
        _ => json!(choice),
    }
}
