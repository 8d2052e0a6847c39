//! Under which prefix a specification's paths lie, where its server is another host than the target.
//!
//! Owns: asking for a few of its operations under each prefix that it may mean, and what the answers
//! decide. Leaves out: reading the document (`extract/openapi.rs`).
//!
//! A foreign server's path is where a proxy mounts the application, or the application's own prefix:
//! only the application can tell.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use url::Url;

use super::found::Call;
use super::job::{Job, Question, Why};
use super::resolve::Carried;
use super::{Crawl, extract};
use crate::http::{Method, Request, Response};
use crate::policy::may_send;
use crate::surface::{EndpointId, Kind, Place, Template};

/// Operations that are asked for under each prefix.
const SAMPLES: usize = 2;

/// Documents that are asked about; those beyond are taken under their first prefix.
const MAX_DOUBTS: usize = 10;

/// Operations of one document that lie under one of several prefixes.
#[derive(Debug)]
pub(super) struct Doubt {
    calls: Vec<Call>,
    page: Url,
    bases: Vec<String>,
    /// How many samples answered, by prefix.
    hits: Vec<usize>,
    /// Answers to come.
    waiting: usize,
}

impl Crawl {
    /// Takes over operations whose prefix is not known: at once where all prefixes mean the same, else
    /// when the application has answered.
    pub(super) fn weigh(&mut self, calls: Vec<Call>, page: &Url) -> bool {
        let mut groups: BTreeMap<Vec<String>, Vec<Call>> = BTreeMap::new();
        for mut call in calls {
            let bases = std::mem::take(&mut call.bases);
            groups.entry(bases).or_default().push(call);
        }
        let mut news = false;
        for (bases, calls) in groups {
            let number = self.known.doubts.len();
            let mut doubt = Doubt {
                hits: vec![0; bases.len()],
                page: page.clone(),
                waiting: 0,
                calls,
                bases,
            };
            let jobs = if number < MAX_DOUBTS {
                self.questions(number, &doubt)
            } else {
                Vec::new()
            };
            for (job, template) in jobs {
                // A page that was fetched before is asked again: what it meant then is forgotten.
                if self.asking.frontier.admit(job.clone(), &template)
                    || self.asking.frontier.again(job)
                {
                    doubt.waiting += 1;
                }
            }
            if doubt.waiting == 0 {
                news |= self.decide(doubt);
            } else {
                self.known.doubts.push(Some(doubt));
            }
        }
        news
    }

    /// The requests that tell the prefixes apart.
    fn questions(&self, number: usize, doubt: &Doubt) -> Vec<(Job, String)> {
        let options = self.settings.methods.contains(&Method::Options);
        let mut samples: Vec<(u8, Method, &Call)> = doubt
            .calls
            .iter()
            .filter_map(|call| {
                let id = EndpointId::new(call.method, &call.url);
                let get = call.method == Method::Get && id.path.is_literal();
                if get && may_send(&self.settings, &id, &call.summary).is_ok() {
                    return Some((0, Method::Get, call));
                }
                let rank = 1 + u8::from(!id.path.is_literal());
                options.then_some((rank, Method::Options, call))
            })
            .collect();
        samples.sort_by_key(|(rank, _, _)| *rank);
        let mut seen = BTreeSet::new();
        samples.retain(|(_, _, call)| seen.insert(&call.url));
        let mut jobs = Vec::new();
        for (_, method, call) in samples.into_iter().take(SAMPLES) {
            let mut paths = BTreeSet::new();
            for (base, prefix) in doubt.bases.iter().enumerate() {
                let mut there = call.clone();
                there.url = format!("{prefix}{}", filled(call));
                let Some(resolved) = self.resolve(&there, &doubt.page) else {
                    continue;
                };
                let Some(url) = self.settings.target.url_for(&resolved.path) else {
                    continue;
                };
                if !paths.insert(resolved.path.clone()) {
                    // The target's own prefix stands before both.
                    return Vec::new();
                }
                let question = Question {
                    doubt: number,
                    base,
                    method: call.method,
                };
                let why = Why::Basis(question);
                jobs.push((Job { method, url, why }, resolved.path));
            }
        }
        jobs
    }

    /// Takes the answer to a question; none where the request failed.
    pub(super) fn hear(
        &mut self,
        question: Question,
        answer: Option<(&Request, &Response)>,
    ) -> bool {
        let there = answer.is_some_and(|(request, response)| {
            if request.method == Method::Options {
                extract::headers::allowed(response).contains(&question.method)
                    && response.is_success()
            } else {
                !self.known.is_not_found(response, request.url.path())
            }
        });
        let Some(slot) = self.known.doubts.get_mut(question.doubt) else {
            return there;
        };
        let Some(doubt) = slot else {
            return there;
        };
        doubt.waiting = doubt.waiting.saturating_sub(1);
        if let Some(hits) = doubt.hits.get_mut(question.base).filter(|_| there) {
            *hits += 1;
        }
        if doubt.waiting == 0
            && let Some(doubt) = slot.take()
        {
            if doubt.hits.iter().all(|hits| *hits == 0) {
                let bases = doubt.bases.iter().map(|base| format!("{base}/"));
                let text = format!(
                    "the specification at {} does not fit: its operations answer under none of {}",
                    doubt.page.path(),
                    bases.collect::<Vec<_>>().join(", ")
                );
                self.trouble("specification-misfit", &text);
            }
            self.decide(doubt);
        }
        there
    }

    /// Decides what was not answered, since nothing more is sent.
    pub(super) fn decide_rest(&mut self) {
        let open: Vec<Doubt> = self
            .known
            .doubts
            .iter_mut()
            .filter_map(Option::take)
            .collect();
        for doubt in open {
            self.decide(doubt);
        }
    }

    /// Takes the operations under the prefix that answered best, the first of several.
    fn decide(&mut self, doubt: Doubt) -> bool {
        let best = doubt.hits.iter().max().copied().unwrap_or_default();
        let at = doubt.hits.iter().position(|hits| *hits == best);
        let prefix = at.and_then(|at| doubt.bases.get(at)).cloned();
        let prefix = prefix.unwrap_or_default();
        let carried = Carried::of(&Request::get(doubt.page.clone()));
        let mut news = false;
        for mut call in doubt.calls {
            call.url.insert_str(0, &prefix);
            news |= self.learn_call(call, &doubt.page, doubt.page.path(), &carried);
        }
        news
    }
}

/// The call's path with values for its placeholders: no view runs.
fn filled(call: &Call) -> String {
    Template::new(&call.url).fill(|name| {
        let input = call
            .inputs
            .iter()
            .find(|input| input.place == Place::Path && input.name == name);
        match input.map(|input| &input.hint) {
            Some(hint) if hint.example.as_ref().is_some_and(Value::is_string) => hint
                .example
                .as_ref()
                .and_then(|example| example.as_str())
                .unwrap_or("1")
                .to_owned(),
            Some(hint) if hint.format.as_deref() == Some("uuid") => {
                "00000000-0000-4000-8000-000000000000".to_owned()
            }
            Some(hint) if hint.kind == Kind::Number => "1.0".to_owned(),
            _ => "1".to_owned(),
        }
    })
}
