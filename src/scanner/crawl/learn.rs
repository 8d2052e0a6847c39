//! Learning: what one exchange shows, whatever it was asked for.
//!
//! Owns: the order in which an answer is read, and that the same is not read twice; what its status and
//! its headers say of the path. Leaves out: endpoints and URLs from what extractors found
//! (`place.rs`), inputs from errors (`inputs.rs`), source lines of tracebacks (`trace.rs`).

use super::found::Found;
use super::inputs::sample;
use super::reach::Reach;
use super::siblings::Structure;
use super::{Crawl, absent, clues, extract};
use crate::http::{Method, Request, Response};
use crate::surface::{Endpoint, EndpointId, Provenance, Template};

/// Different "not found" texts that are read.
const MAX_REFUSALS: usize = 50;

impl Crawl {
    /// Learns from an answer to any request: new endpoints, inputs, links, values of path
    /// placeholders, clues. True when something new was learnt. URLs to fetch join the frontier
    /// for the next [`run`](Self::run).
    pub fn learn(&mut self, request: &Request, response: &Response) -> bool {
        self.learn_from(request, response, true)
    }

    /// The same for a request that carried canaries or values of a wrong form: that they are missed says
    /// nothing of where an input stands.
    pub fn learn_planted(&mut self, request: &Request, response: &Response) -> bool {
        self.learn_from(request, response, false)
    }

    fn learn_from(&mut self, request: &Request, response: &Response, plain: bool) -> bool {
        let path = request.url.path();
        let template = self.known.template_of(path);
        self.note_status(request, response, &template);
        let missing = self.known.is_not_found(response, path);
        self.note_acted(request, response);
        self.note_formless(request, response);
        if !missing {
            self.note_methods(request, response);
        }
        let mut news = !missing && self.learn_allow(request, response, &template);
        news |= self.learn_demands(request, response, &template, missing);
        if !missing {
            self.note_allowed_headers(request, response);
        }
        if response.is_success() && !missing {
            self.note_taken(request, &template);
        }
        if response.is_success()
            && let Some(value) = response.json()
        {
            if request.method == Method::Get && plain {
                self.settings.learnt.note_read(path, &value);
            }
            news |= self.known.samples.note(&template, &value);
            news |= self.known.samples.note_fields(&template, &value);
        }
        news |= self
            .known
            .samples
            .note_created(&template, request, response);
        self.note_slash(request, response);
        if request.method == Method::Get
            && response.is_success()
            && !missing
            && let Some(structure) = Structure::of(response, path)
        {
            if template.is_literal()
                && let Some(directory) = self.known.siblings.note(path, structure)
            {
                self.ask_sibling(&directory);
            }
            for pattern in self.known.slug_segments.note(template.as_str(), structure) {
                self.ask_middle(&pattern, path);
            }
        }
        news |= self.learn_refusal(request, response);
        let mut found = if missing {
            Found::default()
        } else {
            extract::headers::links(response)
        };
        // A redirect's address changes with the values sent, so it is read every time; a page
        // that says the same again is not.
        let tried = self.lengths_tried(request, &template);
        if self
            .known
            .read
            .insert(mark_of(request, response, &template) ^ tried)
        {
            news |= self.learn_errors(request, response, &template, missing, plain);
            // A page of its own for what is missing may link to what is there.
            let own = !missing || !self.known.absent.is_like_nonsense(response, path);
            if own && !crate::traceback::is_debugger(&response.text()) {
                found.absorb(extract::extract(&request.url, response));
            }
        }
        if response.broken {
            self.trouble("crawl-failure", &format!("{path}: the answer broke off"));
        } else if found.cut || response.truncated {
            self.trouble(
                "page-cut",
                &format!("{path} holds more than the crawl reads"),
            );
        }
        news | self.learn_found(request, found)
    }

    /// Takes over the routes that an application's own 404 names ("did you mean /x"), each only a guess.
    pub(super) fn learn_refusal(&mut self, request: &Request, response: &Response) -> bool {
        if response.status != 404 || self.known.refusals.len() >= MAX_REFUSALS {
            return false;
        }
        let mark = absent::digest(response, request.url.path());
        if !self.known.refusals.insert(mark) {
            return false;
        }
        let found = clues::routes::named(response, request.url.path());
        self.learn_found(request, found)
    }

    fn note_status(&mut self, request: &Request, response: &Response, template: &Template) {
        let id = EndpointId::of(request.method, template.clone());
        self.known.note_reached(id, Reach::of(response));
    }

    /// Notes how an operation answered that its request's path does not tell: one field of a GraphQL schema.
    pub fn note_answer(&mut self, id: &EndpointId, response: &Response) {
        if self.known.surface.get(id).is_some() {
            self.known.note_reached(id.clone(), Reach::of(response));
        }
    }

    /// Where everything redirects to a login page, the nonsense path is the first to show it.
    pub(super) fn learn_control(&mut self, request: &Request, response: &Response) {
        let nonsense = request.url.path().rsplit('/').next().unwrap_or_default();
        let mut found = extract::headers::links(response);
        for call in &mut found.calls {
            if let Some((page, query)) = call.url.split_once('?')
                && query.contains(nonsense)
            {
                call.url = page.to_owned();
            }
        }
        found.calls.retain(|call| !call.url.contains(nonsense));
        self.learn_found(request, found);
    }

    /// Flask answers `/keys` for a rule `/keys/` with a redirect: one operation, not two.
    fn note_slash(&mut self, request: &Request, response: &Response) {
        let path = request.url.path();
        let target = response
            .header("location")
            .and_then(|to| request.url.join(to).ok());
        let slashed = target.is_some_and(|to| to.path().strip_suffix('/') == Some(path));
        if response.is_redirect() && slashed && self.known.slashless.len() < 10_000 {
            self.known.slashless.insert(path.to_owned());
        }
    }

    /// `Allow` names the other operations of a path.
    fn learn_allow(&mut self, request: &Request, response: &Response, template: &Template) -> bool {
        let lists = response.status == 405 || request.method == Method::Options;
        if !lists || matches!(response.status, 404 | 410) {
            return false;
        }
        let mut news = false;
        let allowed = extract::headers::allowed(response);
        if template.is_literal() {
            self.known
                .siblings
                .note_methods(template.as_str(), &allowed);
        }
        for method in allowed {
            // Flask adds HEAD and OPTIONS to everything.
            if matches!(method, Method::Head | Method::Options) {
                continue;
            }
            // A route that takes any name takes this one too, and is known by its template.
            if template.is_literal() && self.known.siblings.accepts(template.as_str(), method) {
                continue;
            }
            let id = EndpointId::of(method, template.clone());
            if self.known.surface.get(&id).is_none() {
                let mut endpoint = Endpoint::new(id, Provenance::Allow);
                endpoint
                    .samples
                    .extend(sample(template, request.url.path()));
                news |= self.add(endpoint);
                if method == Method::Get && template.is_literal() {
                    self.fetch(template.as_str(), &[], template.as_str());
                }
            }
        }
        news
    }

    /// Methods that a nonsense name in a directory takes: one route with a placeholder.
    pub(super) fn learn_any(&mut self, directory: &str, methods: &[Method]) {
        if methods.is_empty() {
            return;
        }
        self.known.siblings.accept(directory, methods);
        // Flask serves files below `static`; what answers GET is told from a page by its answers.
        for method in methods
            .iter()
            .filter(|method| !matches!(method, Method::Get | Method::Head | Method::Options))
        {
            let template = self
                .known
                .template_of(&format!("{directory}/{}", crate::canary::STAND_IN));
            let id = EndpointId::of(*method, template);
            if self.known.surface.get(&id).is_none() {
                self.add(Endpoint::new(id, Provenance::Allow));
            }
        }
    }
}

/// What makes an answer one that was read already.
fn mark_of(request: &Request, response: &Response, template: &Template) -> u64 {
    let of_text = |text: &str, beside: &str| absent::digest(&Response::of(0, &[], text), beside);
    let mark = absent::digest(response, request.url.path())
        ^ of_text(template.as_str(), request.method.as_str());
    // An error that says the same of another request may say where an input belongs.
    match response.status {
        400.. => mark ^ of_text(&carried_names(request), ""),
        _ => mark,
    }
}

/// The names that a request gives values to, and what kind of body it has.
fn carried_names(request: &Request) -> String {
    let mut names = request
        .header("content-type")
        .unwrap_or_default()
        .to_owned();
    for name in clues::errors::sent_names(request) {
        names.push(' ');
        names.push_str(&name);
    }
    names
}
