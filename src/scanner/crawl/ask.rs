//! Asking: from a path that is or may be there to a request in the frontier.
//!
//! Owns: which method tells whether something exists, what a page, a guess and a control are asked
//! with. Leaves out: whether and when it is fetched (`frontier.rs`), what the answer means
//! (`answer.rs`).

use url::Url;

use super::found::is_ours;
use super::job::{Job, Why};
use super::slug_segments::Pattern;
use super::{Crawl, absent, extract};
use crate::http::{Method, Request, Response};
use crate::policy::{may_carry, may_send};
use crate::surface::{Endpoint, EndpointId, Provenance};

/// What every page request says that it takes.
const ACCEPT: &str = "text/html,application/json;q=0.9,*/*;q=0.8";

/// What placeholders are tried with, one after the other: the values of Flask's default and `int`, of its
/// `uuid`, and of Flask-PyMongo's `ObjectId` converters.
const VALUES: [&str; 3] = [
    "1",
    "00000000-0000-4000-8000-000000000000",
    "000000000000000000000000",
];

impl Crawl {
    /// Queues a request for a path as it stands.
    pub(super) fn ask(&mut self, method: Method, path: &str, why: Why) {
        if let Some(url) = self.settings.target.url_for(path) {
            self.asking.frontier.admit(Job { method, url, why }, path);
        }
    }

    /// Queues a GET of a page; a query that looks dangerous is left out.
    pub(super) fn fetch(&mut self, path: &str, query: &[(String, String)], template: &str) -> bool {
        let query = match self.may_ask(path, query) {
            Ok(()) => query,
            Err(why) => {
                self.note_withheld(format!("GET {path} is read without its query, which {why}"));
                &[]
            }
        };
        let Some(url) = self.url(path, query) else {
            return false;
        };
        if !self.settings.target.covers(&url) {
            return false;
        }
        let job = Job {
            method: Method::Get,
            url,
            why: Why::Page,
        };
        let queued = self.asking.frontier.admit(job, template);
        while let Some(directory) = self.asking.frontier.crowds.news() {
            self.ask_sibling(&directory);
        }
        queued
    }

    /// Queues a GET of a path that may exist.
    pub(super) fn try_path(&mut self, path: &str, provenance: Provenance) {
        let endpoint = guessed(path, provenance);
        self.try_endpoints(path, vec![endpoint]);
    }

    /// Queues a GET of a path that may exist, with the query that it was found with.
    pub(super) fn try_with_query(
        &mut self,
        path: &str,
        query: &[(String, String)],
        endpoints: Vec<Endpoint>,
    ) -> bool {
        let Some(first) = endpoints.first() else {
            return false;
        };
        let template = first.id.path.to_string();
        let sendable = may_send(&self.settings, &first.id, "").is_ok();
        if query.is_empty() || !sendable || self.may_ask(path, query).is_err() {
            return self.try_endpoints(path, endpoints);
        }
        let Some(url) = self.url(path, query) else {
            return false;
        };
        let job = Job {
            method: Method::Get,
            url,
            why: Why::Tentative(endpoints),
        };
        self.asking.frontier.admit(job, &template)
    }

    /// Queues the request that tells whether endpoints of one path exist: a GET, or OPTIONS where a
    /// GET may not be sent or would only say that an item does not exist.
    pub(super) fn try_endpoints(&mut self, path: &str, endpoints: Vec<Endpoint>) -> bool {
        let Some(first) = endpoints.first() else {
            return false;
        };
        let get = EndpointId::of(Method::Get, first.id.path.clone());
        let template = first.id.path.as_str().to_owned();
        let sendable = may_send(&self.settings, &get, "").is_ok();
        let method = if first.id.path.names().is_empty() && sendable {
            Method::Get
        } else {
            Method::Options
        };
        let may = method == Method::Get || self.settings.methods.contains(&method);
        let Some(url) = self.settings.target.url_for(path).filter(|_| may) else {
            return false;
        };
        if !self.settings.target.covers(&url) {
            return false;
        }
        if method == Method::Options {
            return self.ask_methods(url, endpoints);
        }
        let why = Why::Tentative(endpoints);
        self.asking
            .frontier
            .admit(Job { method, url, why }, &template)
    }

    /// `"/x/" + id` in a script: OPTIONS for any value tells whether there is such a route.
    pub(super) fn try_template(&mut self, endpoint: Endpoint) -> bool {
        let template = endpoint.id.path.clone();
        let first = template.as_str().trim_start_matches('/').split('/').next();
        if first.is_none_or(|first| first.is_empty() || first.contains('{')) {
            return false;
        }
        if !self.settings.methods.contains(&Method::Options) {
            return self.add(endpoint);
        }
        let path = template.fill(|_| VALUES[0].to_owned());
        self.try_endpoints(&path, vec![endpoint])
    }

    /// Asks once more where a rule may take another kind of value: `<uuid:id>` does not take `1`.
    pub(super) fn try_next_value(&mut self, asked: &Url, endpoints: Vec<Endpoint>) -> bool {
        let Some(template) = endpoints.first().map(|first| first.id.path.clone()) else {
            return false;
        };
        let mut paths = VALUES
            .iter()
            .map(|value| template.fill(|_| (*value).to_owned()))
            .skip_while(|path| path != asked.path());
        let next = paths.nth(1);
        next.is_some_and(|path| self.try_endpoints(&path, endpoints))
    }

    /// Queues the OPTIONS request that tells whether endpoints of one path exist.
    pub(super) fn ask_methods(&mut self, mut url: Url, endpoints: Vec<Endpoint>) -> bool {
        let Some(template) = endpoints.first().map(|first| first.id.path.to_string()) else {
            return false;
        };
        if !self.settings.methods.contains(&Method::Options) {
            return false;
        }
        if let Some((directory, _)) = template.rsplit_once('/')
            && !directory.contains('{')
        {
            self.ask_sibling(directory);
        }
        if template.contains('{') {
            self.ask_anything(self.depth(&template));
        }
        url.set_query(None);
        let job = Job {
            method: Method::Options,
            url,
            why: Why::Tentative(endpoints),
        };
        self.asking.frontier.admit(job, &template)
    }

    /// Queues a request for a path that no application has, in a directory.
    pub(super) fn control(&mut self, directory: &str, number: usize) {
        let path = format!("{directory}/{}", absent::nonsense(&self.seed, number));
        self.ask(Method::Get, &path, Why::Control(directory.to_owned()));
    }

    /// Asks for what no application has among the items of a collection: where a login is needed for any
    /// name, that a guess is refused tells nothing.
    pub(super) fn ask_refusal(&mut self, collection: &str) {
        let path = format!("{collection}/{}", absent::nonsense(&self.seed, 1));
        self.ask(Method::Get, &path, Why::Refusal(collection.to_owned()));
    }

    /// Asks whether a directory takes any name.
    pub(super) fn ask_sibling(&mut self, directory: &str) {
        if !self.settings.methods.contains(&Method::Options) {
            return;
        }
        let path = format!("{directory}/{}", absent::nonsense(&self.seed, 2));
        self.ask(Method::Options, &path, Why::Sibling(directory.to_owned()));
    }

    /// Asks whether any name does in the holes of a pattern, of which this path is one.
    pub(super) fn ask_middle(&mut self, pattern: &Pattern, path: &str) {
        if !self.settings.methods.contains(&Method::Options) {
            return;
        }
        let depth = self.depth(path);
        let segments = path.split('/').enumerate().map(|(at, segment)| {
            if pattern.holes.contains(&at) {
                absent::nonsense(&self.seed, 2 + at)
            } else {
                segment.to_owned()
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        self.ask(Method::Options, &path, Why::Middle(pattern.clone()));
        // A route that takes any path takes these too; this is asked before.
        self.ask_anything(depth);
    }

    /// Takes the answer to that.
    pub(super) fn take_middle(&mut self, pattern: &Pattern, response: &Response) {
        let depth = self.depth(&pattern.text);
        if !response.is_success() {
            return;
        }
        let mut methods = extract::headers::allowed(response);
        if let Some(any) = self.known.anything.get(&depth) {
            methods.retain(|method| !any.contains(method));
        }
        self.known.slug_segments.prove(pattern, &methods);
    }

    /// Asks for a schema where an answer or a path looks like GraphQL. The one POST of a crawl: it
    /// reads.
    pub(super) fn ask_schema(&mut self, request: &Request, response: &Response) {
        let path = request.url.path();
        if request.method != Method::Get || !extract::graphql::is_endpoint(path, response) {
            return;
        }
        // GraphiQL is often served beside the endpoint.
        let beside = path
            .strip_suffix("/graphiql")
            .map(|parent| format!("{parent}/graphql"));
        for path in std::iter::once(path.to_owned()).chain(beside) {
            let id = EndpointId::new(Method::Post, &path);
            if may_send(&self.settings, &id, "").is_ok() {
                self.ask(Method::Post, &path, Why::Schema);
            }
        }
    }

    /// Whether a GET may carry a query.
    fn may_ask(&self, path: &str, query: &[(String, String)]) -> Result<(), String> {
        let id = EndpointId::new(Method::Get, path);
        may_carry(&self.settings, &id, query)
    }

    fn url(&self, path: &str, query: &[(String, String)]) -> Option<Url> {
        let mut url = self.settings.target.url_for(path)?;
        if !query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in query {
                // A script's variable: any value will do to see the page.
                let open = value.starts_with('{') || is_ours(value);
                let value = if open { "1" } else { value };
                pairs.append_pair(name, value);
            }
        }
        Some(url)
    }
}

/// The request of a job.
pub(super) fn request_of(job: &Job) -> Request {
    let mut request = Request::new(job.method, job.url.clone()).with_header("accept", ACCEPT);
    if matches!(job.why, Why::Variant) {
        request.set_header("accept", "application/json");
    }
    if matches!(job.why, Why::Schema) {
        let body = serde_json::json!({"query": extract::graphql::INTROSPECTION});
        request.set_header("content-type", "application/json");
        request.body = body.to_string().into_bytes();
    }
    request
}

pub(super) fn guessed(path: &str, provenance: Provenance) -> Endpoint {
    Endpoint::new(EndpointId::new(Method::Get, path), provenance)
}
