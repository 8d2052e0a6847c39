//! Learning from tracebacks: the routes and inputs that their source lines show.
//!
//! Owns: under which prefix a blueprint's rule is mounted. Leaves out: reading source lines
//! (`clues/source.rs`).

use std::collections::BTreeSet;

use super::Crawl;
use super::clues::source::{Reading, Route, rule_to_template};
use super::clues::traceback::is_own;
use crate::http::{Method, Request, Response};
use crate::surface::{Endpoint, EndpointId, Provenance, Template};
use crate::traceback::{Frame, frames};

/// Routes taken from source lines, at most, in one answer.
const MAX_ROUTES: usize = 200;

impl Crawl {
    /// Learns from the traceback in an answer, if there is one.
    pub(super) fn learn_traceback(
        &mut self,
        request: &Request,
        response: &Response,
        template: &Template,
    ) -> bool {
        let frames = frames(&response.text());
        if frames.is_empty() || !is_own(response) {
            return false;
        }
        let mut news = self.known.book.add(&frames);
        let reading = self.known.book.read();
        // What the running functions read is what the failing operation takes.
        for frame in &frames {
            let key = (frame.file.clone(), frame.function.clone());
            if let Some(inputs) = reading.reads.get(&key) {
                news |= self.learn_inputs(request, template, inputs.clone());
            }
        }
        self.learn_mounts(request, &frames, &reading);
        for route in reading.routes.iter().take(MAX_ROUTES) {
            news |= self.learn_route(route, request, &reading);
        }
        news
    }

    /// The failing view's own rule, laid on the path that was asked for, shows its prefix.
    fn learn_mounts(&mut self, request: &Request, frames: &[Frame], reading: &Reading) {
        for route in &reading.routes {
            let running = frames
                .iter()
                .any(|frame| frame.file == route.file && frame.function == route.function);
            if !running || route.function.is_empty() {
                continue;
            }
            if let Some(prefix) = prefix_before(&route.rule, request.url.path()) {
                let key = (route.file.clone(), route.owner.clone());
                self.known.mounts.insert(key, prefix);
            }
        }
    }

    fn learn_route(&mut self, route: &Route, request: &Request, reading: &Reading) -> bool {
        let (rule, _) = rule_to_template(&route.rule);
        let root = self.settings.target.prefix().to_owned();
        let prefix = self.prefix_of(route, &rule, reading);
        if let Some(prefix) = prefix {
            let mut news = false;
            for endpoint in endpoints(route, &format!("{prefix}{rule}")) {
                let id = endpoint.id.clone();
                news |= self.add(endpoint);
                let literal = id.path.names().is_empty();
                let may = crate::policy::may_send(&self.settings, &id, "").is_ok();
                if id.method == Method::Get && literal && may {
                    self.fetch(id.path.as_str(), &[], id.path.as_str());
                }
            }
            return news;
        }
        // The prefix is not known: each directory of the failing path may be it.
        let mut news = false;
        let mut directory = request.url.path().to_owned();
        let mut candidates = BTreeSet::from([root.clone()]);
        while let Some((parent, _)) = directory.rsplit_once('/') {
            if parent.len() >= root.len() && !parent.contains('%') {
                candidates.insert(parent.to_owned());
            }
            directory = parent.to_owned();
        }
        for prefix in candidates {
            let template = format!("{prefix}{rule}");
            let path = Template::new(&template).fill(|_| "1".to_owned());
            news |= self.try_endpoints(&path, endpoints(route, &template));
        }
        news
    }

    /// The prefix of a route's owner: written in the lines, shown by the failing path, shown by an
    /// endpoint that is known, or none for the application itself.
    fn prefix_of(&self, route: &Route, rule: &str, reading: &Reading) -> Option<String> {
        let root = self.settings.target.prefix();
        let key = (route.file.clone(), route.owner.clone());
        if let Some(prefix) = self.known.mounts.get(&key) {
            return Some(prefix.clone());
        }
        let owner = route.owner.rsplit('.').next().unwrap_or_default();
        if let Some(prefix) = reading.prefixes.get(owner) {
            return Some(format!("{root}{}", prefix.trim_end_matches('/')));
        }
        // The same rule, or another one of this owner, is the end of a known path.
        let rules = reading
            .routes
            .iter()
            .filter(|other| other.file == route.file && other.owner == route.owner)
            .map(|other| rule_to_template(&other.rule).0)
            .filter(|other| other.len() >= 4)
            .chain((rule.len() >= 4).then(|| rule.to_owned()));
        for rule in rules {
            let anonymous = Template::new(&rule).anonymous();
            let known = self
                .known
                .surface
                .iter()
                .find_map(|endpoint| {
                    let path = endpoint.id.path.anonymous();
                    path.strip_suffix(anonymous.as_str()).map(str::to_owned)
                })
                .filter(|prefix| !prefix.contains('{'));
            if known.is_some() {
                return known;
            }
        }
        let is_app = matches!(owner, "app" | "application" | "flask_app" | "server");
        is_app.then(|| root.to_owned())
    }
}

/// What stands before a rule in a concrete path.
fn prefix_before(rule: &str, path: &str) -> Option<String> {
    let template = Template::new(&rule_to_template(rule).0);
    let depth = template.as_str().matches('/').count();
    let cuts: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
    let at = *cuts.get(cuts.len().checked_sub(depth)?)?;
    template.matches(&path[at..]).then(|| path[..at].to_owned())
}

fn endpoints(route: &Route, template: &str) -> Vec<Endpoint> {
    let (_, hints) = rule_to_template(&route.rule);
    route
        .methods
        .iter()
        .filter(|method| !matches!(method, Method::Head | Method::Options))
        .map(|method| {
            let mut endpoint =
                Endpoint::new(EndpointId::new(*method, template), Provenance::Traceback);
            for input in &mut endpoint.inputs {
                if let Some((_, hint)) = hints.iter().find(|(name, _)| *name == input.name) {
                    input.hint.absorb(hint);
                }
            }
            for input in &route.inputs {
                let body = input.place.in_body();
                if !body || method.takes_body() || *method == Method::Delete {
                    endpoint.add_input(input.clone());
                }
            }
            endpoint
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_laid_on_a_path_shows_its_prefix() {
        assert_eq!(
            prefix_before("/keys/<int:id>", "/api/v1/keys/7").as_deref(),
            Some("/api/v1")
        );
        assert_eq!(prefix_before("/", "/api/").as_deref(), Some("/api"));
        assert_eq!(prefix_before("/x", "/x").as_deref(), Some(""));
        assert_eq!(prefix_before("/x/y", "/y"), None);
        assert_eq!(prefix_before("/x", "/y"), None);
        assert_eq!(prefix_before("", "/api").as_deref(), None);
    }
}
