//! The surface: what the application offers, as endpoints with their inputs.
//!
//! Owns: the value types and their merging. Leaves out: how they are discovered (`crawl`) and
//! what is sent to them (`plan`). What is known of an input's values is the canary's [`TypeHint`]:
//! the canary is a room that imports no other.

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

/// Where in a request an input stands.
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
    /// A JSON body's field.
    Json,
    /// An XML body.
    Xml,
    /// A plain text body.
    Text,
    /// A GraphQL argument.
    Graphql,
}

impl Place {
    /// All places.
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

    /// The name that reports use.
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

    /// True for places inside the request body.
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

/// What revealed an endpoint or input; the names are those of `report.json`'s `discovered_by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provenance {
    /// A link in a page, header, or JSON answer; a path or a request that a text shows.
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
    /// keyspill's own list of usual paths or names.
    Guess,
    /// The tester's word list.
    Wordlist,
    /// A file given with `--import`.
    Import,
}

impl Provenance {
    /// The name that reports use.
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
    /// Where it stands.
    pub place: Place,
    /// Its name; header names in lower case, JSON fields as `a.b[].c`, path inputs as in the
    /// template's placeholder.
    pub name: String,
    /// What values it takes.
    pub hint: TypeHint,
    /// True when the application is known to refuse a request without it.
    pub required: bool,
    /// True for a CSRF token: it is never planted, and gets the fresh value of its form.
    pub csrf: bool,
    /// What stands before the value: `"Bearer "` for a bearer token's `authorization` header.
    pub prefix: String,
    /// A request that carried it was taken: it stands where it is said to stand.
    pub settled: bool,
    /// How long its plain value is, where shorter ones were refused as if they were missing.
    pub length: Option<usize>,
    /// It was seen to get past a refusal: a credential, whatever its name.
    pub lets_in: bool,
    /// Values that links and forms showed for it, up to [`MAX_VALUES`].
    pub shown: BTreeSet<String>,
    /// What revealed it.
    pub provenance: BTreeSet<Provenance>,
}

impl Input {
    /// An optional input of unknown type.
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

    /// The values that are known for it: those that were shown, and an example.
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

    /// Keeps a value that a link or a form shows before another one takes its place.
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

    /// The same input with a type hint.
    #[must_use]
    pub fn with_hint(mut self, hint: TypeHint) -> Self {
        self.hint = hint;
        self
    }

    /// The same input, required.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    fn absorb(&mut self, other: &Self) {
        self.keep_shown(other);
        self.lets_in |= other.lets_in;
        // `?q=2024` and then `?q=flask`: a type that a value suggested ends with the first text.
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

    /// True where nothing but values that were seen in links tells the type.
    fn is_inferred(&self) -> bool {
        matches!(
            self.hint.kind,
            Kind::Unknown | Kind::Integer | Kind::Number | Kind::Boolean
        ) && self.hint.format.is_none()
            && self.provenance.iter().all(|from| *from == Provenance::Link)
    }

    /// True where the value seen is neither a number nor a truth value.
    fn shows_text(&self) -> bool {
        self.hint.kind == Kind::Unknown && self.hint.example.as_ref().is_some_and(Value::is_string)
    }
}

/// More values of an input say nothing new.
const MAX_VALUES: usize = 8;
/// A longer value is none to remember.
const MAX_VALUE: usize = 128;

impl IntoIterator for Surface {
    type Item = Endpoint;
    type IntoIter = std::collections::btree_map::IntoValues<EndpointId, Endpoint>;

    fn into_iter(self) -> Self::IntoIter {
        self.endpoints.into_values()
    }
}

/// Names one operation: method and path template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId {
    /// The path template. First, so that operations of one path stand together.
    pub path: Template,
    /// The method.
    pub method: Method,
}

impl EndpointId {
    /// The id of an operation.
    pub fn new(method: Method, path: &str) -> Self {
        Self::of(method, Template::new(path))
    }

    /// The id of an operation by its template.
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
    /// Method and path template.
    pub id: EndpointId,
    /// Its inputs, each (place, name) once.
    pub inputs: Vec<Input>,
    /// What revealed it.
    pub provenance: BTreeSet<Provenance>,
    /// Values seen for path placeholders in links and answers: one map a concrete path.
    pub samples: Vec<BTreeMap<String, String>>,
    /// The page that held the form of this endpoint (a concrete path), for fresh CSRF tokens.
    pub form_page: Option<String>,
    /// `Some(true)` where a specification demands a credential, `Some(false)` where it says that
    /// none is needed.
    pub secured: Option<bool>,
    /// The tags, summary and operation id of a specification, for recognising dangerous ones.
    pub summary: String,
    /// The kind of body that it was heard to ask for (JSON, form or multipart), where no field of the
    /// body is known yet.
    pub body: Option<Place>,
    /// For a field of a GraphQL schema: the document to send, with a variable for each argument.
    pub document: Option<String>,
}

impl Endpoint {
    /// An endpoint without inputs but those of its path template.
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

    /// True for an operation that only reads: GET, or a field of a GraphQL query type.
    pub fn reads(&self) -> bool {
        match &self.document {
            Some(document) => document.starts_with("query"),
            None => self.id.method == Method::Get,
        }
    }

    /// An input by place and name.
    pub fn input(&self, place: Place, name: &str) -> Option<&Input> {
        self.inputs
            .iter()
            .find(|input| input.place == place && input.name == name)
    }

    /// An input by place and name, to change.
    pub fn input_mut(&mut self, place: Place, name: &str) -> Option<&mut Input> {
        self.inputs
            .iter_mut()
            .find(|input| input.place == place && input.name == name)
    }

    /// Changes the inputs of these places and names, as far as it has them.
    pub fn change_inputs(&mut self, inputs: &[Input], change: impl Fn(&mut Input)) {
        for input in inputs {
            if let Some(known) = self.input_mut(input.place, &input.name) {
                change(known);
            }
        }
    }

    /// Adds an input, or merges it into the one of the same place and name.
    /// True when something new was learnt (a new input, or that it is required).
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

/// More sample paths than this teach nothing and cost memory.
const MAX_SAMPLES: usize = 8;

/// Everything that is known of the application's operations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surface {
    endpoints: BTreeMap<EndpointId, Endpoint>,
    /// The templates with placeholders: asked for every path.
    wide: Wide,
}

impl Surface {
    /// Adds an endpoint or merges it into the known one. True when something new was learnt.
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

    /// An endpoint by its id.
    pub fn get(&self, id: &EndpointId) -> Option<&Endpoint> {
        self.endpoints.get(id)
    }

    /// An endpoint by its id, to change.
    pub fn get_mut(&mut self, id: &EndpointId) -> Option<&mut Endpoint> {
        self.endpoints.get_mut(id)
    }

    /// Adds inputs to an endpoint, where it is known.
    pub fn add_inputs(&mut self, id: &EndpointId, inputs: impl IntoIterator<Item = Input>) {
        if let Some(known) = self.get_mut(id) {
            for input in inputs {
                known.add_input(input);
            }
        }
    }

    /// Removes an endpoint (settling templates merges several into one).
    pub fn remove(&mut self, id: &EndpointId) -> Option<Endpoint> {
        let removed = self.endpoints.remove(id);
        if self.of_path(&id.path).next().is_none() {
            self.wide.remove(&id.path);
        }
        removed
    }

    /// The operations of one path, by method.
    pub fn of_path(&self, path: &Template) -> impl Iterator<Item = &Endpoint> {
        let id = |method| EndpointId {
            path: path.clone(),
            method,
        };
        let range = id(Method::Get)..=id(Method::Delete);
        self.endpoints.range(range).map(|(_, endpoint)| endpoint)
    }

    /// The templates with placeholders, sorted.
    pub fn wide(&self) -> impl Iterator<Item = &Template> {
        self.wide.iter()
    }

    /// The templates with placeholders that a concrete path is an instance of, literal segments first.
    pub fn wide_of(&self, path: &str) -> impl Iterator<Item = &Template> {
        self.wide.of(path)
    }

    /// All endpoints, by path and then method.
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.values()
    }

    /// How many endpoints there are.
    pub fn len(&self) -> usize {
        self.endpoints.len()
    }

    /// True when nothing was discovered.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// True when an endpoint has exactly this path, without placeholders.
    pub fn has_path(&self, path: &str) -> bool {
        let literal = Template::new(path);
        Method::ALL.iter().any(|method| {
            self.endpoints.contains_key(&EndpointId {
                path: literal.clone(),
                method: *method,
            })
        })
    }

    /// The template that a concrete path belongs to: a literal one first, then one with
    /// placeholders.
    pub fn template_of(&self, path: &str) -> Option<&Template> {
        let literal = if path.contains('#') {
            // An operation of a GraphQL schema; no URL's path holds this.
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
