//! Taking an answer: what it means for the reason that its request was made for.
//!
//! Owns: the table from reason to what is done. Leaves out: what an answer teaches whatever it was asked
//! for (`learn.rs`).

use super::job::{Job, Why};
use super::mark::mark;
use super::{Crawl, absent, crowd, extract, shaped};
use crate::http::{Failure, FailureKind, Method, Request, Response, asks_to_wait, is_not_now};
use crate::surface::Template;

impl Crawl {
    /// Takes one answer. True when the crawl must stop.
    pub(super) fn take(
        &mut self,
        job: Job,
        request: &Request,
        answer: &Result<Response, Failure>,
    ) -> bool {
        let response = match answer {
            Ok(response) => response,
            Err(failure) => {
                let stop = matches!(failure.kind, FailureKind::Stopped | FailureKind::Budget);
                // A later crawl has a budget of its own; what was slow waits for the end.
                let later = matches!(failure.kind, FailureKind::Budget | FailureKind::Timeout);
                if later && self.asking.frontier.again(job.clone()) {
                    return stop;
                }
                if let Why::Basis(question) = job.why {
                    self.hear(question, None);
                }
                if !stop && !matches!(failure.kind, FailureKind::Scope | FailureKind::PutOff) {
                    let at = format!("{} {}", request.method, request.url.path());
                    self.trouble("crawl-failure", &format!("{at}: {}", failure.message));
                }
                return stop;
            }
        };
        // Busy: what it says is about the moment, not about the path.
        let beyond = asks_to_wait(response).is_some_and(|time| time > self.settings.http.max_wait);
        let gone = response.broken || is_not_now(response.status);
        if gone && !beyond && self.asking.frontier.again(job.clone()) {
            return false;
        }
        let path = request.url.path();
        self.learn_refusal(request, response);
        match job.why {
            Why::Control(directory) => {
                self.known.absent.learn(&directory, path, response);
                if response.status == 405 {
                    self.learn_any(&directory, &extract::headers::allowed(response));
                }
                self.learn_control(request, response);
            }
            Why::Refusal(directory) => self.known.refused.learn(&directory, path, response),
            Why::Sibling(directory) => {
                if response.is_success() {
                    self.learn_any(&directory, &extract::headers::allowed(response));
                } else if matches!(response.status, 404 | 410) {
                    // Flask answers OPTIONS for whatever a rule matches: no rule takes any name.
                    let pages = self
                        .asking
                        .frontier
                        .crowds
                        .open(crowd::CrowdKind::Page, &directory);
                    self.asking.frontier.let_in(pages);
                }
            }
            Why::Middle(pattern) => self.take_middle(&pattern, response),
            Why::Anything(depth) => {
                if response.is_success() {
                    let methods = extract::headers::allowed(response);
                    self.known
                        .anything
                        .insert(depth, methods.into_iter().collect());
                }
            }
            Why::Schema => {
                let answer = response.json().unwrap_or_default();
                for endpoint in extract::graphql::operations(&answer, path) {
                    self.add(endpoint);
                }
            }
            Why::Variant => {
                if self.take_variant(&job, response) {
                    self.learn(request, response);
                }
            }
            Why::Basis(question) => {
                if self.hear(question, Some((request, response))) {
                    self.note_page(request, response);
                    self.learn(request, response);
                }
            }
            Why::Page => {
                let gone = job.method == Method::Get && matches!(response.status, 404 | 410);
                if gone && self.known.absent.is_like_nonsense(response, path) {
                    self.known.dead.insert(path.to_owned());
                } else if !gone {
                    self.ask_schema(request, response);
                }
                self.note_page(request, response);
                self.learn(request, response);
            }
            Why::Outside(host) => self.take_outside(&host, request, response),
            Why::Tentative(endpoints) => {
                self.take_tentative(&job.url, endpoints, request, response);
            }
        }
        false
    }

    /// Notes what a page says: whether its query made a difference, whether it repeats another page.
    pub(super) fn note_page(&mut self, request: &Request, response: &Response) {
        let path = request.url.path();
        let page = request.method == Method::Get && response.is_success();
        if !page || self.known.is_not_found(response, path) {
            return;
        }
        let said = absent::said(response);
        if let Some(before) = self.known.said.get(&mark(path)) {
            let jobs = self.asking.frontier.crowds.judge(path, *before == said);
            self.asking.frontier.let_in(jobs);
            return;
        }
        self.known.said.insert(mark(path), said);
        self.ask_variant(path, response);
        self.known
            .copies
            .note(&Template::new(&shaped(path)), path, said);
    }
}
