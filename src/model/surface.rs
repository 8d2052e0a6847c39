//! The surface: what the application offers, as endpoints with their inputs.
//!
//! This module has the value types and merges them. How they are discovered is in `crawl`, and what
//! is sent to them in `plan`. What is known about an input's values is the canary crate's
//! [`TypeHint`], because that crate depends on no other.

mod method;
pub mod naming;
mod template;
mod wide;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

pub use crate::canary::{Kind, TypeHint};
pub use method::Method;
pub use template::Template;
use wide::Wide;

/// The part of a request that holds an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The query string.
    Query,
    /// A request header.
    Header,
    /// A cookie.
    Cookie,
    /// A segment of the path.
    Path,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// A field of a JSON body.
    Json,
    /// An XML body.
    Xml,
    /// A plain text body.
    Text,
    /// A GraphQL argument.
    Graphql,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 10] = [
        Self::Query,
        Self::Header,
        Self::Cookie,
        Self::Path,
        Self::Form,
        Self::Multipart,
        Self::Json,
        Self::Xml,
        Self::Text,
        Self::Graphql,
    ];

    /// Returns the name used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Path => "path",
            Self::Form => "form",
            Self::Multipart => "multipart",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Text => "text",
            Self::Graphql => "graphql",
        }
    }

    /// Returns whether the place is inside the request body.
    pub const fn in_body(self) -> bool {
        matches!(
            self,
            Self::Form | Self::Multipart | Self::Json | Self::Xml | Self::Text | Self::Graphql
        )
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What revealed an endpoint or input; the names are used in `report.json`'s `discovered_by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provenance {
    /// A link in a page, header or JSON answer, or a path or request shown in text.
    Link,
    /// An HTML form.
    Form,
    /// A script.
    Script,
    /// An OpenAPI or Swagger document.
    Specification,
    /// An error message.
    Error,
    /// A source line in a traceback.
    Traceback,
    /// An `Allow` or `Access-Control-Allow-Headers` header.
    Allow,
    /// keyspill's own list of common paths or names.
    Guess,
    /// The tester's word list.
    Wordlist,
    /// A file given with `--import`.
    Import,
}

impl Provenance {
    /// Returns the name used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Form => "form",
            Self::Script => "script",
            Self::Specification => "specification",
            Self::Error => "error",
            Self::Traceback => "traceback",
            Self::Allow => "allow",
            Self::Guess => "guess",
            Self::Wordlist => "wordlist",
            Self::Import => "import",
        }
    }
}

/// A named value that an endpoint reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The part of the request that holds it.
    pub place: Place,
    /// Its name. Header names are in lower case, JSON fields written `a.b[].c`, and path inputs
    /// named as in the template's placeholder.
    pub name: String,
    /// The values it takes.
    pub hint: TypeHint,
    /// Whether the application is known to refuse a request without it.
    pub required: bool,
    /// Whether it is a CSRF token, which never gets a canary but the fresh value of its form.
    pub csrf: bool,
    /// The text before the value: `"Bearer "` for a bearer token's `authorization` header.
    pub prefix: String,
    /// Whether a request that carried it was accepted, which confirms its place.
    pub settled: bool,
    /// Length of its plain value, where shorter ones were refused as if they were missing.
    pub length: Option<usize>,
    /// Whether it was seen to get past a refusal, which makes it a credential whatever its name.
    pub lets_in: bool,
    /// Values shown for it in links and forms, up to [`MAX_VALUES`].
    pub shown: BTreeSet<String>,
    /// What revealed it.
    pub provenance: BTreeSet<Provenance>,
}

impl Input {
    /// Creates an optional input of unknown type.
    pub fn new(place: Place, name: &str, provenance: Provenance) -> Self {
        let name = if place == Place::Header {
            name.to_ascii_lowercase()
        } else {
            name.to_owned()
        };
        Self {
            place,
            name,
            hint: TypeHint::default(),
            required: false,
            csrf: false,
            prefix: String::new(),
            settled: false,
            length: None,
            lets_in: false,
            shown: BTreeSet::new(),
            provenance: BTreeSet::from([provenance]),
        }
    }

    /// Returns the values known for it: those that were shown, and an example.
    pub fn values(&self) -> Vec<String> {
        let mut values: Vec<String> = self.shown.iter().cloned().collect();
        if let Some(example) = self
            .example_text()
            .filter(|text| !self.shown.contains(text))
        {
            values.push(example);
        }
        values
    }

    fn example_text(&self) -> Option<String> {
        match self.hint.example.as_ref()? {
            Value::String(text) => Some(text.clone()),
            value @ (Value::Bool(_) | Value::Number(_)) => Some(value.to_string()),
            _ => None,
        }
    }

    /// Keeps the values shown in links and forms before others replace them.
    fn keep_shown(&mut self, other: &Self) {
        let shown = [&*self, other].map(Self::example_text);
        let more = other
            .shown
            .iter()
            .cloned()
            .chain(shown.into_iter().flatten());
        for value in more {
            if self.shown.len() >= MAX_VALUES {
                break;
            }
            if value.len() <= MAX_VALUE {
                self.shown.insert(value);
            }
        }
    }

    /// Returns the same input with a type hint.
    #[must_use]
    pub fn with_hint(mut self, hint: TypeHint) -> Self {
        self.hint = hint;
        self
    }

    /// Returns the same input, marked as required.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    fn absorb(&mut self, other: &Self) {
        self.keep_shown(other);
        self.lets_in |= other.lets_in;
        // `?q=2024` and then `?q=flask`: a type inferred from values is dropped at the first text.
        if self.is_inferred() && other.is_inferred() {
            if other.shows_text() && !self.shows_text() {
                self.hint.kind = Kind::Unknown;
                self.hint.example.clone_from(&other.hint.example);
            }
            let text = self.shows_text();
            self.hint.absorb(&other.hint);
            if text {
                self.hint.kind = Kind::Unknown;
            }
        } else {
            self.hint.absorb(&other.hint);
        }
        self.required |= other.required;
        self.csrf |= other.csrf;
        self.settled |= other.settled;
        self.length = other.length.or(self.length);
        if self.prefix.is_empty() {
            self.prefix.clone_from(&other.prefix);
        }
        self.provenance.extend(other.provenance.iter().copied());
    }

    /// Returns whether the type is known only from values seen in links.
    fn is_inferred(&self) -> bool {
        matches!(
            self.hint.kind,
            Kind::Unknown | Kind::Integer | Kind::Number | Kind::Boolean
        ) && self.hint.format.is_none()
            && self.provenance.iter().all(|from| *from == Provenance::Link)
    }

    /// Returns whether the value seen is neither a number nor a Boolean.
    fn shows_text(&self) -> bool {
        self.hint.kind == Kind::Unknown && self.hint.example.as_ref().is_some_and(Value::is_string)
    }
}

/// Maximum number of values kept for an input; more add nothing.
const MAX_VALUES: usize = 8;
/// Maximum length of a value to keep.
const MAX_VALUE: usize = 128;

impl IntoIterator for Surface {
    type Item = Endpoint;
    type IntoIter = std::collections::btree_map::IntoValues<EndpointId, Endpoint>;

    fn into_iter(self) -> Self::IntoIter {
        self.endpoints.into_values()
    }
}

/// Identifies one operation by its method and path template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId {
    /// The path template. It comes first so that operations of one path sort together.
    pub path: Template,
    /// The method.
    pub method: Method,
}

impl EndpointId {
    /// Creates the id of an operation from its path.
    pub fn new(method: Method, path: &str) -> Self {
        Self::of(method, Template::new(path))
    }

    /// Creates the id of an operation from its template.
    pub fn of(method: Method, path: Template) -> Self {
        Self { path, method }
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// One operation of the application.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// The method and path template.
    pub id: EndpointId,
    /// Its inputs; each (place, name) occurs once.
    pub inputs: Vec<Input>,
    /// What revealed it.
    pub provenance: BTreeSet<Provenance>,
    /// Values seen for path placeholders in links and answers: one map per concrete path.
    pub samples: Vec<BTreeMap<String, String>>,
    /// The page that holds this endpoint's form (a concrete path), for fresh CSRF tokens.
    pub form_page: Option<String>,
    /// `Some(true)` if a specification requires a credential, `Some(false)` if it says that none is
    /// needed.
    pub secured: Option<bool>,
    /// The tags, summary and operation id from a specification, used to recognise dangerous
    /// operations.
    pub summary: String,
    /// The kind of body that it was found to ask for (JSON, form or multipart), if no field of the
    /// body is known yet.
    pub body: Option<Place>,
    /// The document to send for a field of a GraphQL schema, with a variable for each argument.
    pub document: Option<String>,
}

impl Endpoint {
    /// Creates an endpoint whose only inputs are those of its path template.
    pub fn new(id: EndpointId, provenance: Provenance) -> Self {
        let inputs = id
            .path
            .names()
            .into_iter()
            .map(|name| Input::new(Place::Path, name, provenance).required())
            .collect();
        Self {
            id,
            inputs,
            provenance: BTreeSet::from([provenance]),
            samples: Vec::new(),
            form_page: None,
            secured: None,
            summary: String::new(),
            body: None,
            document: None,
        }
    }

    /// Returns whether the operation only reads: GET, or a field of a GraphQL query type.
    pub fn reads(&self) -> bool {
        match &self.document {
            Some(document) => document.starts_with("query"),
            None => self.id.method == Method::Get,
        }
    }

    /// Returns an input by place and name.
    pub fn input(&self, place: Place, name: &str) -> Option<&Input> {
        self.inputs
            .iter()
            .find(|input| input.place == place && input.name == name)
    }

    /// Returns a mutable reference to an input, by place and name.
    pub fn input_mut(&mut self, place: Place, name: &str) -> Option<&mut Input> {
        self.inputs
            .iter_mut()
            .find(|input| input.place == place && input.name == name)
    }

    /// Changes those of these inputs that the endpoint has.
    pub fn change_inputs(&mut self, inputs: &[Input], change: impl Fn(&mut Input)) {
        for input in inputs {
            if let Some(known) = self.input_mut(input.place, &input.name) {
                change(known);
            }
        }
    }

    /// Adds an input, or merges it into the one with the same place and name.
    ///
    /// Returns whether something new was learnt: a new input, or that it is required.
    pub fn add_input(&mut self, input: Input) -> bool {
        let known = self
            .inputs
            .iter_mut()
            .find(|i| i.place == input.place && i.name == input.name);
        if let Some(known) = known {
            let news = input.required && !known.required;
            known.absorb(&input);
            news
        } else {
            self.inputs.push(input);
            true
        }
    }

    fn absorb(&mut self, other: Self) -> bool {
        let mut news = false;
        for input in other.inputs {
            news |= self.add_input(input);
        }
        self.provenance.extend(other.provenance);
        for sample in other.samples {
            if self.samples.len() < MAX_SAMPLES && !self.samples.contains(&sample) {
                self.samples.push(sample);
            }
        }
        self.form_page = self.form_page.take().or(other.form_page);
        self.secured = self.secured.or(other.secured);
        self.body = self.body.or(other.body);
        if self.summary.is_empty() {
            self.summary = other.summary;
        }
        self.document = self.document.take().or(other.document);
        news
    }
}

/// Maximum number of sample paths; more teach nothing and cost memory.
const MAX_SAMPLES: usize = 8;

/// Everything known about the application's operations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surface {
    endpoints: BTreeMap<EndpointId, Endpoint>,
    /// The templates with placeholders, which are looked up for every path.
    wide: Wide,
}

impl Surface {
    /// Adds an endpoint or merges it into the known one, and returns whether something new was
    /// learnt.
    pub fn add(&mut self, endpoint: Endpoint) -> bool {
        if let Some(known) = self.endpoints.get_mut(&endpoint.id) {
            known.absorb(endpoint)
        } else {
            if !endpoint.id.path.is_literal() {
                self.wide.insert(endpoint.id.path.clone());
            }
            self.endpoints.insert(endpoint.id.clone(), endpoint);
            true
        }
    }

    /// Returns an endpoint by its id.
    pub fn get(&self, id: &EndpointId) -> Option<&Endpoint> {
        self.endpoints.get(id)
    }

    /// Returns a mutable reference to an endpoint, by its id.
    pub fn get_mut(&mut self, id: &EndpointId) -> Option<&mut Endpoint> {
        self.endpoints.get_mut(id)
    }

    /// Adds inputs to an endpoint, if it is known.
    pub fn add_inputs(&mut self, id: &EndpointId, inputs: impl IntoIterator<Item = Input>) {
        if let Some(known) = self.get_mut(id) {
            for input in inputs {
                known.add_input(input);
            }
        }
    }

    /// Removes an endpoint, as settling templates merges several into one.
    pub fn remove(&mut self, id: &EndpointId) -> Option<Endpoint> {
        let removed = self.endpoints.remove(id);
        if self.of_path(&id.path).next().is_none() {
            self.wide.remove(&id.path);
        }
        removed
    }

    /// Returns the operations of one path, by method.
    pub fn of_path(&self, path: &Template) -> impl Iterator<Item = &Endpoint> {
        let id = |method| EndpointId {
            path: path.clone(),
            method,
        };
        let range = id(Method::Get)..=id(Method::Delete);
        self.endpoints.range(range).map(|(_, endpoint)| endpoint)
    }

    /// Returns the templates with placeholders, sorted.
    pub fn wide(&self) -> impl Iterator<Item = &Template> {
        self.wide.iter()
    }

    /// Returns the templates with placeholders that match a concrete path, literal segments first.
    pub fn wide_of(&self, path: &str) -> impl Iterator<Item = &Template> {
        self.wide.of(path)
    }

    /// Returns all endpoints, by path and then by method.
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.values()
    }

    /// Returns the number of endpoints.
    pub fn len(&self) -> usize {
        self.endpoints.len()
    }

    /// Returns whether nothing was discovered.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// Returns whether an endpoint has exactly this path, without placeholders.
    pub fn has_path(&self, path: &str) -> bool {
        let literal = Template::new(path);
        Method::ALL.iter().any(|method| {
            self.endpoints.contains_key(&EndpointId {
                path: literal.clone(),
                method: *method,
            })
        })
    }

    /// Returns the template that a concrete path belongs to.
    ///
    /// A literal template takes precedence over one with placeholders.
    pub fn template_of(&self, path: &str) -> Option<&Template> {
        let literal = if path.contains('#') {
            // An operation of a GraphQL schema: the path of a URL never contains `#`.
            Template(path.to_owned())
        } else {
            Template::new(path)
        };
        let known = self
            .of_path(&literal)
            .next()
            .map(|endpoint| &endpoint.id.path);
        known.or_else(|| self.wide.of(path).next())
    }
}
