//! What may not exist, judged by how its path answers.
//!
//! Owns: endpoints that count when the application knows them, and the controls for routes that take any
//! path. Leaves out: who proposes them (`place.rs`, `guess.rs`).

use url::Url;

use super::job::{Job, Why};
use super::{Crawl, absent, extract};
use crate::http::{Method, Request, Response};
use crate::policy::may_send;
use crate::surface::{Endpoint, Place, Provenance};

/// Operations whose inputs are kept until they are known to exist.
const MAX_TOLD: usize = 300;

impl Crawl {
    /// Takes the answer that tells whether endpoints of one path exist.
    pub(super) fn take_tentative(
        &mut self,
        url: &Url,
        endpoints: Vec<Endpoint>,
        request: &Request,
        response: &Response,
    ) {
        let path = request.url.path();
        let options = request.method == Method::Options;
        let allowed = extract::headers::allowed(response);
        let literal = endpoints.iter().all(|e| e.id.path.is_literal());
        let absent = if literal || options {
            self.known.is_not_found(response, path) || (options && allowed.is_empty())
        } else {
            // Beside a catch-all route, what does not answer like it is a route of its own.
            self.known.absent.is_like_nonsense(response, path)
        };
        if absent && options && !literal {
            self.try_next_value(url, endpoints);
            return;
        }
        let guessed = endpoints
            .iter()
            .all(|endpoint| endpoint.provenance.iter().all(|p| *p == Provenance::Guess));
        if guessed && literal && self.known.refused.is_like_a_sibling(response, path) {
            return;
        }
        if absent || literal && self.is_about_a_placeholder(request, response) {
            return;
        }
        self.ask_schema(request, response);
        let failed = response.status == 429 || response.status >= 500;
        if failed && crate::traceback::frames(&response.text()).is_empty() {
            // Failures come to nonsense too; Flask answers OPTIONS without running a view.
            if !options {
                self.ask_methods(url.clone(), endpoints);
            }
            return;
        }
        let mut untold = false;
        let mut others = Vec::new();
        for endpoint in endpoints {
            let method = endpoint.id.method;
            if options && !literal && self.takes_anything(path, method) {
                self.try_beside_anything(url, endpoint);
                untold = true;
                continue;
            }
            // What OPTIONS says of any name says nothing of this one.
            let literal = endpoint.id.path.is_literal();
            if options && literal && self.known.siblings.accepts(path, method) {
                continue;
            }
            // What answers a GET says nothing of other methods.
            let silent = !options && response.is_success() && method != Method::Get;
            if silent && literal && self.settings.methods.contains(&Method::Options) {
                others.push(endpoint);
                continue;
            }
            let refused = response.status == 405 && method == Method::Get;
            let listed = allowed.is_empty() || allowed.contains(&method);
            if !refused && listed {
                self.add(endpoint);
            }
        }
        if untold {
            return;
        }
        if !others.is_empty() {
            self.ask_methods(url.clone(), others);
        }
        self.learn(request, response);
    }

    /// Keeps the inputs of an operation that may not exist: its path is asked for once only, and perhaps
    /// was before they were told.
    pub(super) fn note_told(&mut self, endpoint: &Endpoint) {
        let tells = endpoint.inputs.iter().any(|i| i.place != Place::Path);
        if tells && self.known.told.len() < MAX_TOLD {
            self.known.told.push(endpoint.clone());
        }
    }

    /// Asks whether any path of so many segments is taken.
    pub(super) fn ask_anything(&mut self, depth: usize) {
        let parts =
            (0..depth).map(|number| format!("/{}", absent::nonsense(&self.seed, 3 + number)));
        let path = format!(
            "{}{}",
            self.settings.target.prefix(),
            parts.collect::<String>()
        );
        self.ask(Method::Options, &path, Why::Anything(depth));
    }

    /// How many segments a path has below the target's prefix.
    pub(super) fn depth(&self, path: &str) -> usize {
        let path = path
            .strip_prefix(self.settings.target.prefix())
            .unwrap_or(path);
        path.split('/').filter(|part| !part.is_empty()).count()
    }

    /// True where any path as deep as this one takes the method.
    fn takes_anything(&self, path: &str, method: Method) -> bool {
        let taken = self.known.anything.get(&self.depth(path));
        taken.is_some_and(|methods| methods.contains(&method))
    }

    /// OPTIONS tells nothing of a template beside a catch-all route (a client's own routes are such): a
    /// GET does, where it is answered otherwise than nonsense.
    fn try_beside_anything(&mut self, url: &Url, endpoint: Endpoint) {
        let id = &endpoint.id;
        if id.method != Method::Get || may_send(&self.settings, id, &endpoint.summary).is_err() {
            return;
        }
        let template = id.path.to_string();
        let job = Job {
            method: Method::Get,
            url: url.clone(),
            why: Why::Tentative(vec![endpoint]),
        };
        self.asking.frontier.admit(job, &template);
    }
}
