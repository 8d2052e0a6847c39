//! Learning: from one exchange to endpoints, inputs, samples and new URLs.
//!
//! Owns: resolving what extractors found, against base, scope and known templates. Leaves out:
//! source lines of tracebacks (`trace.rs`).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use url::Url;

use super::found::{Call, Found, MAX_INPUTS, PLAIN, input_of, is_ours, is_stand_in};
use super::reach::Reach;
use super::resolve::{Asset, Carried, Resolved, is_asset};
use super::shape::{self, Shape};
use super::siblings::Structure;
use super::{Crawl, absent, clues, extract};
use crate::http::{Method, Request, Response};
use crate::policy::may_send;
use crate::surface::{Endpoint, EndpointId, Input, Place, Provenance, Template};

/// Different "not found" texts that are read.
const MAX_REFUSALS: usize = 50;

impl Crawl {
    /// Learns from an answer to any request: new endpoints, inputs, links, values of path
    /// placeholders, clues. True when something new was learnt. URLs to fetch join the frontier
    /// for the next [`run`](Self::run).
    pub fn learn(&mut self, request: &Request, response: &Response) -> bool {
        let path = request.url.path();
        let template = self.template_of(path);
        self.note_status(request, response, &template);
        let missing = self.is_not_found(response, path);
        let mut news = !missing && self.learn_allow(request, response, &template);
        news |= self.learn_demands(request, response, &template, missing);
        if response.is_success()
            && let Some(value) = response.json()
        {
            news |= self.samples.note(&template, &value);
        }
        self.note_slash(request, response);
        if request.method == Method::Get
            && response.is_success()
            && !missing
            && let Some(structure) = Structure::of(response, path)
        {
            if template.is_literal()
                && let Some(directory) = self.siblings.note(path, structure)
            {
                self.ask_sibling(&directory);
            }
            for pattern in self.middles.note(template.as_str(), structure) {
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
        let mark = absent::digest(response, path)
            ^ absent::digest(
                &Response::of(0, &[], template.as_str()),
                request.method.as_str(),
            );
        // An error that says the same of another request may say where an input belongs.
        let mark = match response.status {
            400.. => mark ^ absent::digest(&Response::of(0, &[], &carried_names(request)), ""),
            _ => mark,
        };
        if self.read.insert(mark) {
            news |= self.learn_errors(request, response, &template, missing);
            // A page of its own for what is missing may link to what is there.
            let own = !missing || !self.absent.is_like_nonsense(response, path);
            if own && !clues::traceback::is_debugger(&response.text()) {
                found.absorb(extract::extract(&request.url, response));
            }
        }
        if found.cut || response.truncated {
            self.trouble(
                "page-cut",
                &format!("{path} holds more than the crawl reads"),
            );
        }
        news | self.learn_found(request, found)
    }

    /// Takes over the routes that an application's own 404 names ("did you mean /x"), each only a guess.
    pub(super) fn learn_refusal(&mut self, request: &Request, response: &Response) -> bool {
        if response.status != 404 || self.refusals.len() >= MAX_REFUSALS {
            return false;
        }
        let mark = absent::digest(response, request.url.path());
        if !self.refusals.insert(mark) {
            return false;
        }
        let found = clues::routes::named(response, request.url.path());
        self.learn_found(request, found)
    }

    fn note_status(&mut self, request: &Request, response: &Response, template: &Template) {
        let id = EndpointId {
            path: template.clone(),
            method: request.method,
        };
        self.note_reached(id, Reach::of(response));
    }

    pub(super) fn note_reached(&mut self, id: EndpointId, reach: Reach) {
        match self.reached.entry(id) {
            Entry::Occupied(known) => known.into_mut().absorb(reach),
            Entry::Vacant(free) => {
                free.insert(reach);
            }
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
        if response.is_redirect() && slashed && self.slashless.len() < 10_000 {
            self.slashless.insert(path.to_owned());
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
            self.siblings.note_methods(template.as_str(), &allowed);
        }
        for method in allowed {
            // Flask adds HEAD and OPTIONS to everything.
            if matches!(method, Method::Head | Method::Options) {
                continue;
            }
            // A route that takes any name takes this one too, and is known by its template.
            if template.is_literal() && self.siblings.accepts(template.as_str(), method) {
                continue;
            }
            let id = EndpointId {
                path: template.clone(),
                method,
            };
            if self.surface.get(&id).is_none() {
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
        self.siblings.accept(directory, methods);
        // Flask serves files below `static`; what answers GET is told from a page by its answers.
        for method in methods
            .iter()
            .filter(|method| !matches!(method, Method::Get | Method::Head | Method::Options))
        {
            let template = self.template_of(&format!("{directory}/{}", crate::detect::STAND_IN));
            let id = EndpointId {
                path: template,
                method: *method,
            };
            if self.surface.get(&id).is_none() {
                self.add(Endpoint::new(id, Provenance::Allow));
            }
        }
    }

    /// True for a refusal of a guessed name that speaks of the placeholder in whose place it stands: there
    /// is no route of that name.
    pub(super) fn is_about_a_placeholder(&self, request: &Request, response: &Response) -> bool {
        if response.status < 400 {
            return false;
        }
        let routed = self.routed(request.url.path());
        let said = clues::errors::read(request, response, &[]);
        said.inputs.iter().any(|input| routed.contains(&input.name))
    }

    /// The placeholders of the templates that a path is an instance of.
    fn routed(&self, path: &str) -> Vec<String> {
        self.surface
            .wide_of(path)
            .flat_map(Template::names)
            .map(str::to_owned)
            .collect()
    }

    /// Inputs that an error names or a traceback shows.
    fn learn_errors(
        &mut self,
        request: &Request,
        response: &Response,
        template: &Template,
        missing: bool,
    ) -> bool {
        let mut news = self.learn_traceback(request, response, template);
        if missing {
            return news;
        }
        let carried = Carried::of(request);
        let known = self
            .surface
            .get(&operation(request.method, template))
            .map(|endpoint| endpoint.inputs.clone())
            .unwrap_or_default();
        // A guessed name in the place of a placeholder: the error speaks of that.
        let routed = self.routed(request.url.path());
        let said = clues::errors::read(request, response, &known);
        let inputs: Vec<Input> = said
            .inputs
            .into_iter()
            .filter(|input| input.place != Place::Query || !routed.contains(&input.name))
            // A value that the request brought and the error repeats is no name.
            .filter(|input| {
                known.iter().any(|known| known.name == input.name)
                    || !carried.has_value(&input.name)
            })
            .collect();
        if let Some(endpoint) = self.surface.get_mut(&operation(request.method, template)) {
            endpoint
                .inputs
                .retain(|input| !said.misplaced.contains(&(input.place, input.name.clone())));
            if said.body.is_some() && endpoint.body != said.body {
                endpoint.body = said.body;
                news = true;
            }
        }
        news |= self.learn_inputs(request, template, inputs);
        news
    }

    /// Adds inputs to the operation that a request was sent to.
    pub(super) fn learn_inputs(
        &mut self,
        request: &Request,
        template: &Template,
        inputs: Vec<Input>,
    ) -> bool {
        let Some(provenance) = inputs
            .first()
            .and_then(|input| input.provenance.first().copied())
        else {
            return false;
        };
        let id = operation(request.method, template);
        let names: Vec<String> = template.names().into_iter().map(str::to_owned).collect();
        let mut news = false;
        if self.surface.get(&id).is_none() {
            let mut endpoint = Endpoint::new(id.clone(), provenance);
            endpoint
                .samples
                .extend(sample(template, request.url.path()));
            news |= self.add(endpoint);
        }
        if let Some(endpoint) = self.surface.get_mut(&id) {
            for mut input in inputs {
                let fits = match input.place {
                    Place::Path => names.contains(&input.name),
                    // A name known in another place of the body is the same input.
                    Place::Form | Place::Multipart
                        if input.provenance.contains(&Provenance::Error) =>
                    {
                        !endpoint
                            .inputs
                            .iter()
                            .any(|known| known.name == input.name && known.place.in_body())
                            || endpoint.input(input.place, &input.name).is_some()
                    }
                    _ => true,
                };
                // An object whose fields are known is no input of its own.
                if fits && endpoint.inputs.len() < MAX_INPUTS && !is_outer(&input, &endpoint.inputs)
                {
                    input.required |= endpoint.inputs.iter().any(|known| {
                        let list = input.name.strip_suffix("[]") == Some(known.name.as_str());
                        list && is_inside(&input, known) && known.required
                    });
                    endpoint.inputs.retain(|known| {
                        !is_inside(&input, known)
                            || known.provenance.iter().any(|p| *p != Provenance::Error)
                    });
                    news |= endpoint.add_input(input);
                }
            }
            join_files(endpoint);
        }
        news
    }

    pub(super) fn learn_found(&mut self, request: &Request, found: Found) -> bool {
        let page = request.url.clone();
        let base = found
            .base
            .as_deref()
            .and_then(|base| page.join(base).ok())
            .unwrap_or_else(|| page.clone());
        let carried = Carried::of(request);
        let mut news = false;
        self.learn_set_by_scripts(&found.cookies);
        let (doubtful, certain): (Vec<Call>, Vec<Call>) =
            (found.calls.into_iter()).partition(|call| !call.bases.is_empty());
        for call in certain {
            news |= self.learn_call(call, &base, page.path(), &carried);
        }
        news | self.weigh(doubtful, &page)
    }

    pub(super) fn learn_call(
        &mut self,
        call: Call,
        base: &Url,
        page: &str,
        carried: &Carried,
    ) -> bool {
        let Some(resolved) = self.resolve(&call, base) else {
            return false;
        };
        let mut resolved = resolved;
        let asset = is_asset(&resolved.path);
        let busters = asset.is_some().then(|| resolved.query.clone());
        if asset.is_some() {
            resolved
                .query
                .retain(|(name, value)| !is_buster(name, value));
        }
        // A picture that is made of its query is a page like any other.
        if asset == Some(Asset::Dead) && resolved.query.is_empty() {
            return false;
        }
        let shape = self.placed(&resolved.path, &call, carried);
        let mut endpoint = Endpoint::new(
            EndpointId::new(call.method, &shape.template),
            call.provenance,
        );
        if !shape.values.is_empty() {
            endpoint.samples.push(shape.values.clone());
        }
        endpoint.secured = call.secured;
        endpoint.summary.clone_from(&call.summary);
        if call.form {
            endpoint.form_page = Some(page.to_owned());
        }
        let names: Vec<String> = endpoint
            .id
            .path
            .names()
            .into_iter()
            .map(str::to_owned)
            .collect();
        for mut input in call.inputs {
            // A form that is shown again holds what was sent.
            if input.hint.example.as_ref().is_some_and(|example| {
                example.as_str().is_some_and(is_ours) || carried.brought(&input.name, example)
            }) {
                input.hint.example = None;
            }
            let known = input.place != Place::Path || names.contains(&input.name);
            if known && endpoint.inputs.len() < MAX_INPUTS {
                endpoint.add_input(input);
            }
        }
        for (name, value) in &resolved.query {
            if !name.is_empty() && name.len() <= 100 && endpoint.inputs.len() < MAX_INPUTS {
                let ours = carried.has_value(value) || is_ours(value);
                let value = if ours { "" } else { value };
                endpoint.add_input(input_of(Place::Query, name, value, call.provenance));
            }
        }
        // It is fetched as it is linked.
        resolved.query = busters.unwrap_or(resolved.query);
        self.place(endpoint, &resolved, &shape, call.tentative, asset.is_some())
    }

    /// Puts an endpoint into the surface, or its URL into the frontier, or both.
    fn place(
        &mut self,
        endpoint: Endpoint,
        resolved: &Resolved,
        shape: &Shape,
        tentative: bool,
        asset: bool,
    ) -> bool {
        let id = endpoint.id.clone();
        let linked = endpoint
            .provenance
            .iter()
            .all(|found| *found == Provenance::Link);
        if linked && id.method == Method::Get && self.copies.covers(&shape.template) {
            return false;
        }
        // A path with our own value in it shows a route, and is no page to visit.
        let ours = is_stand_in(&resolved.path)
            || (shape.template != resolved.path && shape.values.is_empty());
        let concrete = !resolved.path.contains('{') && !ours;
        let fetchable = may_send(&self.settings, &id, &endpoint.summary).is_ok();
        if asset && endpoint.inputs.is_empty() {
            // Scripts and style sheets are read, and are no operations.
            self.fetch(&resolved.path, &resolved.query, &resolved.path);
            return false;
        }
        if tentative && self.surface.get(&id).is_none() {
            if concrete && shape.values.is_empty() {
                return self.try_with_query(&resolved.path, &resolved.query, vec![endpoint]);
            }
            if !concrete {
                return self.try_template(endpoint);
            }
            return self.try_with_query(&resolved.path, &resolved.query, vec![endpoint]);
        }
        let literal_post = id.method != Method::Get && concrete && shape.values.is_empty();
        let news = self.add(endpoint);
        if id.method == Method::Get && concrete && fetchable {
            self.fetch(&resolved.path, &resolved.query, &shape.template);
        } else if literal_post
            && self
                .surface
                .get(&EndpointId::new(Method::Get, &resolved.path))
                .is_none()
        {
            // Where something is posted, something can often be read.
            self.try_path(&resolved.path, Provenance::Guess);
        }
        news
    }

    /// The template of a path: one that is known, or its own shape.
    fn placed(&self, path: &str, call: &Call, carried: &Carried) -> Shape {
        if path.contains('{') {
            return Shape {
                template: path.to_owned(),
                values: BTreeMap::new(),
            };
        }
        let literal = EndpointId::new(call.method, path);
        let below = self.is_below_ours(path);
        let is_carried = |segment: &str| {
            carried.has_value(segment) || carried.has_plain(segment) || (below && segment == PLAIN)
        };
        let mut plain = shape::shape(path, is_carried);
        if plain.values.values().any(|value| value == PLAIN) {
            plain.values.clear();
        }
        let unchanged = plain.template == path;
        if self.surface.get(&literal).is_some() && unchanged {
            return plain;
        }
        if unchanged && let Some(merged) = self.middles.merged(path, call.method, |_| false) {
            let values = Template::new(&merged).values(path).unwrap_or_default();
            return Shape {
                template: merged,
                values: values.into_iter().collect(),
            };
        }
        if unchanged
            && self.siblings.takes(path)
            && let Some((directory, name)) = path.rsplit_once('/')
        {
            return Shape {
                template: format!("{directory}/{{id}}"),
                values: BTreeMap::from([("id".to_owned(), name.to_owned())]),
            };
        }
        let known = self.surface.wide_of(path).find_map(|template| {
            let values = template.values(path)?;
            let fits = values.iter().all(|(_, value)| {
                shape::varies(value) || carried.has_value(value) || is_stand_in(value)
            });
            let ours = values.iter().any(|(_, value)| is_ours(value));
            fits.then(|| Shape {
                template: template.as_str().to_owned(),
                values: if ours {
                    BTreeMap::new()
                } else {
                    values.into_iter().collect()
                },
            })
        });
        known.unwrap_or(plain)
    }

    /// True where our plain word stands in a path in the place of a known placeholder.
    fn is_below_ours(&self, path: &str) -> bool {
        path.split('/').any(|segment| segment == PLAIN)
            && self.surface.wide().any(|template| {
                let mut pairs = template.as_str().split('/').zip(path.split('/'));
                pairs
                    .find(|(known, own)| known != own)
                    .is_some_and(|(known, own)| known.starts_with('{') && own == PLAIN)
            })
    }
}

/// True for what stands in the query of a script, a sheet or a picture so that browsers fetch it anew:
/// `?v=3.3`, `?1699999999`.
fn is_buster(name: &str, value: &str) -> bool {
    const NAMES: [&str; 9] = ["v", "ver", "version", "rev", "hash", "t", "ts", "_", "cb"];
    value.is_empty() || NAMES.contains(&name.to_ascii_lowercase().as_str())
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

/// Beside a file, the fields of a form go along in the same body.
fn join_files(endpoint: &mut Endpoint) {
    if !endpoint.inputs.iter().any(|i| i.place == Place::Multipart) {
        return;
    }
    let heard = |input: &Input| {
        let mut from = input.provenance.iter();
        from.all(|p| matches!(p, Provenance::Error | Provenance::Traceback))
    };
    let (forms, rest): (Vec<Input>, Vec<Input>) = std::mem::take(&mut endpoint.inputs)
        .into_iter()
        .partition(|input| input.place == Place::Form && heard(input));
    endpoint.inputs = rest;
    for mut input in forms {
        input.place = Place::Multipart;
        endpoint.add_input(input);
    }
}

/// True for an object or a list some part of which is known.
fn is_outer(input: &Input, known: &[Input]) -> bool {
    known.iter().any(|known| is_inside(known, input))
}

/// True for a JSON field that lies in another: `a.b` and `a[]` in `a`.
fn is_inside(inner: &Input, outer: &Input) -> bool {
    inner.place == Place::Json
        && outer.place == Place::Json
        && inner
            .name
            .strip_prefix(outer.name.as_str())
            .is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// The operation that a request reaches: HEAD and OPTIONS count as GET.
pub(super) fn operation(method: Method, template: &Template) -> EndpointId {
    let method = match method {
        Method::Head | Method::Options => Method::Get,
        other => other,
    };
    EndpointId {
        path: template.clone(),
        method,
    }
}

/// The values of a template's placeholders in a concrete path.
pub(super) fn sample(template: &Template, path: &str) -> Option<BTreeMap<String, String>> {
    let values = template.values(path)?;
    let ours = values.iter().any(|(_, value)| is_ours(value));
    (!values.is_empty() && !ours).then(|| values.into_iter().collect())
}
