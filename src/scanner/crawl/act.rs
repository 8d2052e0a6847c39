//! GETs that act: asking whether one that is named so shows a form, and seeing that one did.
//!
//! Owns: which page linked which path, and how often a page was fetched. Leaves out: the words
//! (`policy`).

use super::job::{Job, Why};
use super::mark::mark;
use super::{Crawl, extract};
use crate::http::{Method, Request, Response};
use crate::login;
use crate::surface::{Endpoint, EndpointId, Provenance};

/// Links that are remembered.
const MOST_LINKS: usize = 50_000;

/// GETs of one URL, at most.
const MOST_FETCHED: u8 = 3;

/// Last segments that lead home by their nature.
const HOME: [&str; 6] = ["", "app", "home", "index", "main", "start"];

impl Crawl {
    /// Asks whether a path takes POST: then its GET shows what is posted, and may be read.
    pub(super) fn ask_whether_it_acts(&mut self, path: &str, id: &EndpointId) {
        if let Some(url) = self.settings.target.url_for(path) {
            let endpoint = Endpoint::new(id.clone(), Provenance::Link);
            self.ask_methods(url, vec![endpoint]);
        }
    }

    /// Takes what OPTIONS says of a path: one that takes POST shows its form to a GET.
    pub(super) fn note_methods(&mut self, request: &Request, response: &Response) {
        let path = request.url.path();
        if request.method != Method::Options || !response.is_success() {
            return;
        }
        let allowed = extract::headers::allowed(response);
        let both = [Method::Get, Method::Post].map(|method| allowed.contains(&method));
        let id = EndpointId::of(Method::Get, self.known.template_of(path));
        if both == [true, true] && crate::policy::is_named_like_an_action(&self.settings, &id) {
            self.settings.learnt.note_form(&id.path);
            self.fetch(path, &[], id.path.as_str());
        }
    }

    /// Sees that a GET showed no form though its path takes POST: GET and POST do the same there.
    pub(super) fn note_formless(&self, request: &Request, response: &Response) {
        let template = self.known.template_of(request.url.path());
        if request.method != Method::Get || !self.settings.learnt.expects_form(&template) {
            return;
        }
        let to = response.header("location").unwrap_or_default();
        let login = response.status == 401 || login::leads_to_login(to);
        if !login && !shows_form(response) {
            self.settings.learnt.note_no_form(&template);
        }
    }

    /// Remembers which page linked a path.
    pub(super) fn note_linked(&mut self, path: &str, page: &str) {
        if self.known.linked.len() < MOST_LINKS && path != page {
            self.known.linked.insert(mark((path, page)));
        }
    }

    /// Sees that a GET led back to the page that linked it: it did something, and is not repeated.
    pub(super) fn note_acted(&self, request: &Request, response: &Response) {
        let path = request.url.path();
        if request.method != Method::Get
            || request.url.query().is_some()
            || !response.is_redirect()
            || response
                .header("set-cookie")
                .is_some_and(|set| set.contains("lang"))
        {
            return;
        }
        let Some(to) = response.header("location") else {
            return;
        };
        let last = path.trim_end_matches('/').rsplit('/').next();
        let home = last.is_some_and(|last| HOME.contains(&last.to_ascii_lowercase().as_str()));
        if home || login::leads_to_login(to) || login::is_login(path) {
            return;
        }
        let Ok(to) = request.url.join(to) else {
            return;
        };
        let back = self.settings.target.same_origin(&to)
            && to.query().is_none()
            && self.known.linked.contains(&mark((path, to.path())));
        if back {
            self.settings.learnt.note_act(&self.known.template_of(path));
        }
    }

    /// Counts a GET; false where its URL was fetched often enough.
    pub(super) fn may_fetch_again(&mut self, job: &Job) -> bool {
        if job.method != Method::Get || matches!(job.why, Why::Basis(_)) {
            return true;
        }
        let count = self
            .asking
            .fetched
            .entry(mark(job.url.as_str()))
            .or_default();
        *count = count.saturating_add(1);
        *count <= MOST_FETCHED
    }
}

fn shows_form(response: &Response) -> bool {
    let form = |at: &[u8]| at.eq_ignore_ascii_case(b"<form");
    response.is_success() && response.body.windows(5).any(form)
}
