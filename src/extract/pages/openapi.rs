//! Specifications: OpenAPI 3.0 and 3.1 and Swagger 2.0, read leniently as plain JSON.
//!
//! Owns: operations, parameters, bodies, security schemes, servers. Leaves out: schemas (`schema.rs`),
//! and finding the document (`guess.rs`, and links in documentation pages).
//!
//! Real servers serve documents that mix versions and lack required parts, so nothing here is an error:
//! whatever cannot be read is left out.

use serde_json::{Map, Value};
use url::Url;

use super::super::found::{Call, Found, MAX_CALLS, MAX_INPUTS};
use super::fields::{items, text};
use super::schema::{Schemas, resolve};
use crate::http::Method;
use crate::policy::SUMMARY_SEPARATOR;
use crate::sanitise::shorten;
use crate::surface::{Input, Place, Provenance};
use crate::words::is_csrf;

const METHODS: [(&str, Method); 7] = [
    ("get", Method::Get),
    ("head", Method::Head),
    ("options", Method::Options),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
];

/// Reads a document if it is a specification; `page` is where it was served. The URLs of the calls are
/// rooted.
pub fn specification(root: &Value, page: &Url) -> Option<Found> {
    let version = root.get("openapi").or_else(|| root.get("swagger"))?;
    let paths = root.get("paths").and_then(Value::as_object);
    if !(version.is_string() || version.is_number()) {
        return None;
    }
    let mut found = Found::default();
    let document = Document {
        root,
        schemas: Schemas::new(root),
        page,
        prefixes: prefixes(root, page),
        global: root.get("security"),
    };
    if root.get("webhooks").is_some_and(Value::is_object) {
        found.leave_out("webhooks", "the application sends them, and takes none");
    }
    for (path, item) in paths.into_iter().flatten() {
        let elsewhere = item.get("$ref").and_then(Value::as_str);
        let item = resolve(root, item);
        if let Some(elsewhere) = elsewhere.filter(|_| !has_operations(item)) {
            let why = format!("it is described elsewhere, in {elsewhere:.80}");
            found.leave_out(path, &why);
        } else if !item.is_object() && !path.starts_with("x-") {
            found.leave_out(path, "it holds no operations");
        }
        document.path(path, item, &mut found);
        if found.calls.len() >= MAX_CALLS || document.schemas.is_spent() {
            found.cut = true;
            break;
        }
    }
    Some(found)
}

fn has_operations(item: &Value) -> bool {
    METHODS.iter().any(|(name, _)| item.get(name).is_some())
}

struct Document<'a> {
    root: &'a Value,
    schemas: Schemas<'a>,
    page: &'a Url,
    prefixes: Prefixes,
    global: Option<&'a Value>,
}

impl<'a> Document<'a> {
    fn path(&self, path: &str, item: &'a Value, found: &mut Found) {
        if path.starts_with("x-") {
            return;
        }
        // OpenAPI 3.2 adds QUERY and custom methods.
        let further = item.get("additionalOperations").and_then(Value::as_object);
        let further = further.into_iter().flat_map(Map::keys).map(String::as_str);
        let known = ["trace", "query"].into_iter();
        for name in known.filter(|name| item.get(name).is_some()).chain(further) {
            let part = format!("{} {path}", name.to_ascii_uppercase());
            found.leave_out(&part, "its method is none that keyspill sends");
        }
        for (name, method) in METHODS {
            let Some(operation) = item.get(name) else {
                continue;
            };
            if !operation.is_object() {
                let part = format!("{} {path}", name.to_ascii_uppercase());
                found.leave_out(&part, "it describes no operation");
                continue;
            }
            if self.lacks(item, operation) {
                let part = format!("inputs of {} {path}", name.to_ascii_uppercase());
                found.leave_out(&part, "they are described elsewhere");
            }
            let inputs = self.inputs(item, operation);
            let (secured, credentials) = self.security(operation);
            let own = servers(self.root, operation, self.page)
                .or_else(|| servers(self.root, item, self.page));
            let prefixes = own.as_ref().unwrap_or(&self.prefixes);
            let (each, bases): (&[String], &[String]) = match prefixes {
                Prefixes::Each(each) => (each, &[]),
                Prefixes::OneOf(bases) => (&[const { String::new() }], bases),
            };
            for prefix in each {
                let url = format!("{prefix}/{}", path.trim_start_matches('/'));
                let mut call = Call::new(method, url, Provenance::Specification);
                call.bases = bases.to_vec();
                call.inputs.clone_from(&inputs);
                for input in &credentials {
                    if !has(&call.inputs, input) {
                        call.inputs.push(input.clone());
                    }
                }
                call.secured = secured;
                call.summary = summary(operation);
                found.push(call);
            }
        }
    }

    /// Returns true if a parameter or the body is a reference that leads nowhere.
    fn lacks(&self, item: &'a Value, operation: &'a Value) -> bool {
        let parameters = [item, operation].into_iter();
        let parameters = parameters.flat_map(|value| items(value, "parameters"));
        let mut parts = parameters.chain(operation.get("requestBody"));
        parts.any(|part| part.get("$ref").is_some() && resolve(self.root, part).is_null())
    }

    fn inputs(&self, item: &'a Value, operation: &'a Value) -> Vec<Input> {
        let mut inputs = Vec::new();
        // An operation's own parameters come first and override those of its path.
        let parameters = [operation, item].into_iter();
        let parameters = parameters.flat_map(|value| items(value, "parameters"));
        for parameter in parameters.take(MAX_INPUTS) {
            for input in self.parameter(resolve(self.root, parameter), operation) {
                if !has(&inputs, &input) {
                    inputs.push(input);
                }
            }
        }
        if let Some(body) = operation.get("requestBody") {
            inputs.extend(self.body(resolve(self.root, body)));
        }
        inputs.truncate(MAX_INPUTS);
        inputs
    }

    fn parameter(&self, parameter: &'a Value, operation: &'a Value) -> Vec<Input> {
        let text = |name: &str| parameter.get(name).and_then(Value::as_str);
        let (Some(name), Some(place)) = (text("name"), text("in")) else {
            return Vec::new();
        };
        let required = parameter.get("required").and_then(Value::as_bool) == Some(true);
        let place = match place {
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            "path" => Place::Path,
            "formData" if self.consumes_files(parameter, operation) => Place::Multipart,
            "formData" => Place::Form,
            "body" => {
                let schema = parameter.get("schema").unwrap_or(&Value::Null);
                return self.schemas.fields(schema, Place::Json);
            }
            _ => return Vec::new(),
        };
        // OpenAPI requires these header parameters to be ignored.
        let reserved = ["accept", "content-type", "authorization"];
        if place == Place::Header && reserved.contains(&name.to_ascii_lowercase().as_str()) {
            return Vec::new();
        }
        let content = || {
            parameter
                .get("content")?
                .as_object()?
                .values()
                .next()?
                .get("schema")
        };
        let described = parameter
            .get("schema")
            .or_else(content)
            .unwrap_or(parameter);
        let mut type_hint = self.schemas.hint(described);
        // `example` and `examples` may be siblings of the schema.
        type_hint.example = self.schemas.hint(parameter).example.or(type_hint.example);
        let mut input = Input::new(place, name, Provenance::Specification).with_hint(type_hint);
        input.required = required || place == Place::Path;
        input.csrf = is_csrf(name);
        vec![input]
    }

    fn consumes_files(&self, parameter: &Value, operation: &Value) -> bool {
        let consumes = operation
            .get("consumes")
            .or_else(|| self.root.get("consumes"));
        // flask-restx lists both kinds for every form, so only an unambiguous list counts.
        let multipart = consumes.and_then(Value::as_array).is_some_and(|kinds| {
            !kinds.is_empty() && kinds.iter().all(|kind| kind == "multipart/form-data")
        });
        let siblings = items(operation, "parameters").iter();
        let has_file = siblings
            .chain([parameter])
            .any(|sibling| text(sibling, "type") == "file");
        multipart || has_file
    }

    fn body(&self, body: &'a Value) -> Vec<Input> {
        let Some(content) = body.get("content").and_then(Value::as_object) else {
            return Vec::new();
        };
        let mut formats = by_preference(content).into_iter();
        let Some((place, media)) = formats.next() else {
            return Vec::new();
        };
        let schema = media.get("schema").unwrap_or(&Value::Null);
        let mut inputs = self.schemas.fields(schema, place);
        // An example of the whole body fills the fields that have none of their own.
        let whole = self.schemas.hint(media).example;
        for input in &mut inputs {
            if input.hint.example.is_none()
                && let Some(value) = whole.as_ref().and_then(|whole| whole.get(&input.name))
            {
                input.hint.example = Some(value.clone());
            }
        }
        // Most documents list the same fields under several formats; different fields mean a different
        // body.
        for (place, media) in formats.filter(|(place, _)| *place < Place::Xml) {
            let schema = media.get("schema").unwrap_or(&Value::Null);
            let others = self.schemas.fields(schema, place);
            let is_known = |other: &Input| inputs.iter().any(|known| known.name == other.name);
            if !others.iter().all(is_known) {
                inputs.extend(others);
            }
        }
        inputs
    }

    /// Returns whether a credential is required, and the inputs that carry it.
    fn security(&self, operation: &'a Value) -> (Option<bool>, Vec<Input>) {
        let Some(rows) = operation
            .get("security")
            .or(self.global)
            .and_then(Value::as_array)
        else {
            return (None, Vec::new());
        };
        // `{}` among the alternatives makes the credential optional.
        let optional = rows
            .iter()
            .any(|row| row.as_object().is_some_and(Map::is_empty));
        let secured = !rows.is_empty() && !optional;
        let names = rows.iter().filter_map(Value::as_object).flat_map(Map::keys);
        let mut inputs: Vec<Input> = Vec::new();
        for name in names.take(16) {
            if let Some(input) = self.scheme(name)
                && !has(&inputs, &input)
            {
                inputs.push(input);
            }
        }
        (Some(secured), inputs)
    }

    fn scheme(&self, name: &str) -> Option<Input> {
        let schemes = self
            .root
            .pointer("/components/securitySchemes")
            .or_else(|| self.root.get("securityDefinitions"))?;
        let scheme = resolve(self.root, schemes.get(name)?);
        let text = |name: &str| text(scheme, name);
        let header = |prefix: &str| {
            let mut input = Input::new(Place::Header, "authorization", Provenance::Specification);
            prefix.clone_into(&mut input.prefix);
            input
        };
        match text("type") {
            "apiKey" => {
                let place = match text("in") {
                    "header" => Place::Header,
                    "query" => Place::Query,
                    "cookie" => Place::Cookie,
                    _ => return None,
                };
                let mut input = Input::new(place, text("name"), Provenance::Specification);
                // Swagger 2 has no bearer scheme: documents use an apiKey and describe it in words.
                if input.name == "authorization"
                    && text("description").to_ascii_lowercase().contains("bearer")
                {
                    "Bearer ".clone_into(&mut input.prefix);
                }
                // `keyspill crawl` writes other schemes this way.
                if let Some(prefix) = scheme.get("x-keyspill-prefix").and_then(Value::as_str) {
                    prefix.clone_into(&mut input.prefix);
                }
                Some(input)
            }
            "http" if text("scheme").eq_ignore_ascii_case("bearer") => Some(header("Bearer ")),
            "oauth2" | "openIdConnect" => Some(header("Bearer ")),
            "http" if text("scheme").eq_ignore_ascii_case("basic") => Some(header("Basic ")),
            "basic" => Some(header("Basic ")),
            _ => None,
        }
    }
}

fn has(inputs: &[Input], input: &Input) -> bool {
    inputs
        .iter()
        .any(|known| known.place == input.place && known.name == input.name)
}

/// Sorts the formats of a body by how much they say: JSON, then forms, then the others.
fn by_preference(content: &Map<String, Value>) -> Vec<(Place, &Value)> {
    let place = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        match kind {
            "application/x-www-form-urlencoded" => Place::Form,
            "multipart/form-data" => Place::Multipart,
            "*/*" => Place::Json,
            _ if kind.ends_with("json") => Place::Json,
            _ if kind.ends_with("xml") => Place::Xml,
            _ => Place::Text,
        }
    };
    let mut formats: Vec<(Place, &Value)> = content
        .iter()
        .map(|(kind, media)| (place(kind), media))
        .collect();
    formats.sort_by_key(|(place, _)| match place {
        Place::Json => 0,
        Place::Form => 1,
        Place::Multipart => 2,
        _ => 3,
    });
    formats
}

fn summary(operation: &Value) -> String {
    let text = |name: &str| operation.get(name).and_then(Value::as_str).map(str::trim);
    let tags = items(operation, "tags").iter().filter_map(Value::as_str);
    let said = text("summary").or_else(|| text("description").and_then(|long| long.lines().next()));
    let parts: Vec<&str> = tags
        .take(4)
        .chain(said)
        .chain(text("operationId"))
        .filter(|part| !part.is_empty())
        .collect();
    shorten(&parts.join(SUMMARY_SEPARATOR), 300)
}

/// What precedes every path.
enum Prefixes {
    /// Each of these.
    Each(Vec<String>),
    /// One of these, the likeliest first.
    OneOf(Vec<String>),
}

/// Returns the prefixes from Swagger 2's `basePath`, or from the servers of OpenAPI 3.
fn prefixes(root: &Value, page: &Url) -> Prefixes {
    let Some(base) = root.get("basePath").and_then(Value::as_str) else {
        return servers(root, root, page).unwrap_or(Prefixes::Each(vec![String::new()]));
    };
    let base = rooted(base);
    let host = root.get("host").and_then(Value::as_str);
    let host = host.and_then(|host| Url::parse(&format!("http://{host}/")).ok());
    // The path of a foreign host may be where a proxy mounts the application.
    let foreign = host.is_some_and(|host| !same_host(&host, page));
    if base.is_empty() || !foreign || is_below(page, &base) {
        return Prefixes::Each(vec![base]);
    }
    Prefixes::OneOf(vec![base, String::new()])
}

/// Returns the prefixes of the listed servers: those of this server, or else the paths of the
/// other servers.
///
/// A foreign host (production, or a proxy's internal name) represents this one. Its path is usually
/// where a proxy mounts the application, because Flask extensions write whole rules as paths. If the
/// document itself is served below that path, the path belongs to the application; otherwise only a
/// request can tell.
fn servers(root: &Value, holder: &Value, page: &Url) -> Option<Prefixes> {
    let listed = holder.get("servers")?.as_array()?;
    let known: Vec<(bool, String)> = listed
        .iter()
        .take(8)
        .filter_map(|server| server_prefix(resolve(root, server), page))
        .collect();
    let here = known.iter().any(|(here, _)| *here);
    let mut prefixes: Vec<String> = known
        .into_iter()
        .filter(|(own, _)| *own == here)
        .map(|(_, prefix)| prefix)
        .collect();
    prefixes.sort();
    prefixes.dedup();
    let below: Vec<String> = prefixes
        .iter()
        .filter(|prefix| !prefix.is_empty() && is_below(page, prefix))
        .cloned()
        .collect();
    if prefixes.is_empty() {
        None
    } else if here || prefixes == [""] {
        Some(Prefixes::Each(prefixes))
    } else if below.is_empty() {
        if prefixes[0].is_empty() {
            prefixes.remove(0);
        }
        prefixes.truncate(MAX_FOREIGN);
        prefixes.insert(0, String::new());
        Some(Prefixes::OneOf(prefixes))
    } else {
        Some(Prefixes::Each(below))
    }
}

/// The most prefixes of foreign servers that are tried.
const MAX_FOREIGN: usize = 3;

fn is_below(page: &Url, prefix: &str) -> bool {
    page.path().starts_with(&format!("{prefix}/"))
}

/// Returns a server's path, and whether it is the server that serves the document.
fn server_prefix(server: &Value, page: &Url) -> Option<(bool, String)> {
    let mut text = server.get("url")?.as_str()?.to_owned();
    if let Some(variables) = server.get("variables").and_then(Value::as_object) {
        for (name, variable) in variables {
            let value = variable.get("default").and_then(Value::as_str);
            text = text.replace(&format!("{{{name}}}"), value.unwrap_or_default());
        }
    }
    // Connexion writes an empty URL if no base path is set. Resolved as a reference, it would be the
    // document itself.
    if text.is_empty() {
        return Some((true, String::new()));
    }
    let url = page.join(&text).ok()?;
    let here = !text.contains("//") || same_host(&url, page);
    Some((here, rooted(url.path())))
}

fn same_host(left: &Url, right: &Url) -> bool {
    let local = |url: &Url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    left.host_str() == right.host_str() || (local(left) && local(right))
}

fn rooted(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_matches('/');
    if path.is_empty() {
        String::new()
    } else {
        format!("/{path}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::surface::Kind;

    fn read(root: &Value) -> Option<Found> {
        specification(root, &Url::parse("http://h/openapi.json").unwrap())
    }

    fn call(root: &Value, method: Method, url: &str) -> Call {
        let calls = read(root).unwrap().calls;
        let found = calls.iter().find(|c| c.method == method && c.url == url);
        found
            .cloned()
            .unwrap_or_else(|| panic!("{method} {url} in {calls:#?}"))
    }

    fn input(call: &Call, place: Place, name: &str) -> Input {
        let found = call
            .inputs
            .iter()
            .find(|i| i.place == place && i.name == name);
        found
            .cloned()
            .unwrap_or_else(|| panic!("{place} {name} in {:#?}", call.inputs))
    }

    #[test]
    fn what_is_described_elsewhere_or_not_at_all_is_told() {
        let document = json!({
            "openapi": "3.0.0",
            "paths": {
                "/a": {"get": {"parameters": [{"$ref": "#/nope"}]}},
                "/b": {"post": {"requestBody": {"$ref": "bodies.yaml#/b"}}},
                "/c": {"$ref": "./other.yaml#/c"},
                "/e": null,
                "/f": {"get": "x"},
                "/g": {"get": {"responses": {}}},
            },
        });
        let found = read(&document).unwrap();
        let left: Vec<&str> = found
            .left_out
            .iter()
            .map(|(part, _)| part.as_str())
            .collect();
        assert_eq!(
            left,
            [
                "inputs of GET /a",
                "inputs of POST /b",
                "/c",
                "/e",
                "GET /f"
            ]
        );
        assert_eq!(found.calls.len(), 3);
    }

    #[test]
    fn an_openapi_3_document_gives_operations_with_their_inputs() {
        let root = json!({
            "openapi": "3.1.0",
            "servers": [{"url": "/{v}/", "variables": {"v": {"default": "v1"}}}],
            "security": [{"key": []}],
            "components": {
                "securitySchemes": {
                    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                    "jwt": {"type": "http", "scheme": "bearer"}
                },
                "parameters": {"Page": {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}}},
                "schemas": {
                    "Node": {"type": "object", "required": ["name"], "properties": {
                        "name": {"type": ["string", "null"], "maxLength": 20},
                        "next": {"$ref": "#/components/schemas/Node"},
                        "tags": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "boolean"}}}}
                    }}
                }
            },
            "paths": {
                "/nodes/{node_id}": {
                    "parameters": [{"name": "node_id", "in": "path", "schema": {"type": "integer"}}, {"$ref": "#/components/parameters/Page"}],
                    "get": {"summary": "Read", "operationId": "read_node", "tags": ["nodes"], "security": []},
                    "put": {
                        "security": [{"jwt": []}],
                        "requestBody": {"content": {
                            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
                            "application/json": {"schema": {"$ref": "#/components/schemas/Node"}, "example": {"name": "n"}}
                        }}
                    }
                }
            }
        });
        let get = call(&root, Method::Get, "/v1/nodes/{node_id}");
        assert_eq!(get.secured, Some(false));
        assert_eq!(get.summary, "nodes · Read · read_node");
        assert_eq!(input(&get, Place::Path, "node_id").hint.kind, Kind::Integer);
        assert_eq!(
            input(&get, Place::Query, "page").hint.example,
            Some(json!(1))
        );
        let put = call(&root, Method::Put, "/v1/nodes/{node_id}");
        assert_eq!(put.secured, Some(true));
        assert_eq!(
            input(&put, Place::Header, "authorization").prefix,
            "Bearer "
        );
        let name = input(&put, Place::Json, "name");
        assert!(name.required);
        assert_eq!(name.hint.kind, Kind::String);
        assert_eq!(name.hint.example, Some(json!("n")));
        assert_eq!(
            input(&put, Place::Json, "tags[].c").hint.kind,
            Kind::Boolean
        );
        assert_eq!(input(&put, Place::Json, "next").hint.kind, Kind::Object);
    }

    #[test]
    fn a_swagger_2_document_gives_forms_files_bodies_and_keys() {
        let root = json!({
            "swagger": "2.0", "host": "h:1", "basePath": "/api/",
            "securityDefinitions": {"k": {"type": "apiKey", "in": "query", "name": "api_key"}},
            "definitions": {"K": {"properties": {"secret": {"type": "string"}}, "required": ["secret"]}},
            "paths": {
                "/up": {"post": {"parameters": [
                    {"name": "f", "in": "formData", "type": "file", "required": true},
                    {"name": "t", "in": "formData", "type": "string", "enum": ["a", "b"]}
                ]}},
                "/k": {"post": {"security": [{"k": []}, {}], "parameters": [{"name": "payload", "in": "body", "schema": {"$ref": "#/definitions/K"}}]}}
            }
        });
        let up = call(&root, Method::Post, "/api/up");
        assert_eq!(input(&up, Place::Multipart, "f").hint.kind, Kind::File);
        assert_eq!(input(&up, Place::Multipart, "t").hint.choices, ["a", "b"]);
        let keys = call(&root, Method::Post, "/api/k");
        assert!(input(&keys, Place::Json, "secret").required);
        assert_eq!(keys.secured, Some(false));
        input(&keys, Place::Query, "api_key");
    }

    #[test]
    fn servers_are_rebased_on_the_one_that_serves_the_document() {
        let urls = |page: &str, servers: &[&str]| -> Vec<String> {
            let servers: Vec<Value> = servers.iter().map(|url| json!({"url": url})).collect();
            let root =
                json!({"openapi": "3.0.0", "servers": servers, "paths": {"/k": {"get": {}}}});
            let found = specification(&root, &Url::parse(page).unwrap()).unwrap();
            let each = |call: Call| {
                let bases = (call.bases.iter()).map(|base| format!("{base}?{}", call.url));
                let bases: Vec<String> = bases.collect();
                if bases.is_empty() {
                    vec![call.url]
                } else {
                    bases
                }
            };
            found.calls.into_iter().flat_map(each).collect()
        };
        let page = "http://localhost:5000/openapi.json";
        assert_eq!(urls(page, &[]), ["/k"]);
        assert_eq!(urls(page, &["/v2"]), ["/v2/k"]);
        assert_eq!(urls(page, &[""]), ["/k"]);
        assert_eq!(urls(page, &["http://127.0.0.1:8000/app/"]), ["/app/k"]);
        // Only the application knows which one.
        assert_eq!(
            urls(page, &["https://prod.example/api"]),
            ["?/k", "/api?/k"]
        );
        assert_eq!(urls(page, &["https://prod.example/"]), ["/k"]);
        assert_eq!(
            urls("http://h/api/spec.json", &["https://prod.example/api"]),
            ["/api/k"]
        );
        assert_eq!(urls(page, &["https://prod.example/api", "/x"]), ["/x/k"]);
        assert_eq!(urls(page, &["/a", "/b"]), ["/a/k", "/b/k"]);
    }

    #[test]
    fn cyclic_and_mistyped_documents_end() {
        let root = json!({
            "openapi": "3.0.0",
            "components": {
                "schemas": {
                    "A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"},
                    "C": {"allOf": [{"$ref": "#/components/schemas/C"}, {"properties": {"c": {"$ref": "#/components/schemas/C"}, "d": {"items": {"$ref": "#/components/schemas/C"}}}}]}
                }
            },
            "paths": {
                "/a": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}},
                "/c": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/C"}}}}, "parameters": 7, "security": "x"}},
                "/d": [], "/e": {"get": null, "post": "x", "put": {}}
            }
        });
        let found = read(&root).unwrap();
        assert_eq!(found.calls.len(), 3);
        assert!(read(&json!({"openapi": []})).is_none());
        assert!(read(&json!({"swagger": "2.0", "paths": []})).is_some());
    }

    #[test]
    fn a_document_that_explodes_is_bounded() {
        // Ten levels of ten references each would be 10^10 fields.
        let mut schemas = serde_json::Map::new();
        for level in 0..10 {
            let mut properties = serde_json::Map::new();
            for field in 0..10 {
                let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
                properties.insert(format!("f{field}"), next);
            }
            schemas.insert(format!("L{level}"), json!({"properties": properties}));
        }
        schemas.insert("L10".to_owned(), json!({"type": "string"}));
        let root = json!({
            "openapi": "3.0.0", "components": {"schemas": schemas},
            "paths": {"/x": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/L0"}}}}}}}
        });
        let post = call(&root, Method::Post, "/x");
        assert!(post.inputs.len() <= MAX_INPUTS);
    }
}
