//! Unfolding: once the frontier is dry, it grows by what only the whole shows.
//!
//! Owns: samples for placeholders, items of collections, methods, guesses under discovered prefixes. Leaves
//! out: how what is known is tidied before (`settle.rs`), the frontier's own bounds.

use std::collections::BTreeMap;

use super::job::{Job, Why};
use super::{Crawl, guess, shaped, words};
use crate::http::Method;
use crate::policy::may_send;
use crate::surface::{Endpoint, EndpointId, Provenance, Template};

impl Crawl {
    /// Settles, then queues what the whole surface suggests. True when something was queued.
    pub(super) fn unfold(&mut self) -> bool {
        self.settle();
        self.ask_middles();
        if !self.asking.frontier.is_empty() {
            // What these say spares the rest many questions.
            return true;
        }
        self.fill_samples();
        self.try_items();
        self.try_parents();
        self.ask_options();
        self.guess_prefixes();
        self.guess_kin();
        self.decide_outside(1);
        self.let_in();
        !self.asking.frontier.is_empty()
    }

    /// Lets in some of the pages that wait among many.
    fn let_in(&mut self) {
        let (siblings, copies) = (&self.known.siblings, &self.known.copies);
        let pages = self
            .asking
            .frontier
            .crowds
            .next(|path| siblings.takes(path) || copies.covers(&shaped(path)));
        self.asking.frontier.let_in(pages);
    }

    /// Asks whether any name does where a path lies below one that takes any name.
    fn ask_middles(&mut self) {
        let siblings = &self.known.siblings;
        let mut suspects = Vec::new();
        for endpoint in self.known.surface.iter() {
            let template = &endpoint.id.path;
            let sample = endpoint.samples.first();
            let value = |name: &str| sample.and_then(|sample| sample.get(name).cloned());
            if !template.names().iter().all(|name| value(name).is_some()) {
                continue;
            }
            let takes = |path: &str| siblings.takes(path);
            if let Some(pattern) = self.known.slug_segments.suspect(template.as_str(), takes) {
                suspects.push((
                    pattern,
                    template.fill(|name| value(name).unwrap_or_default()),
                ));
            }
        }
        for (pattern, path) in suspects {
            self.ask_middle(&pattern, &path);
        }
    }

    /// Gives placeholders the values that answers showed, and fetches what they open.
    fn fill_samples(&mut self) {
        let templates: Vec<Template> = self.known.surface.wide().cloned().collect();
        for template in templates {
            let rows = self.known.rows(&template);
            for endpoint in self.known.operations(&template) {
                let mut filled = Endpoint::new(endpoint.clone(), Provenance::Guess);
                filled.provenance.clear();
                for input in &mut filled.inputs {
                    input.provenance.clear();
                }
                filled.samples.clone_from(&rows);
                self.known.surface.add(filled);
            }
            let id = EndpointId::of(Method::Get, template.clone());
            let Some(endpoint) = self.known.surface.get(&id) else {
                continue;
            };
            if may_send(&self.settings, &id, &endpoint.summary).is_err() {
                continue;
            }
            let samples = endpoint.samples.clone();
            for sample in samples.into_iter().take(3) {
                let path = template.fill(|name| sample.get(name).cloned().unwrap_or_default());
                self.fetch(&path, &[], template.as_str());
            }
        }
    }

    /// Where a list or a creation shows an id, the item often stands below it; OPTIONS tells, and
    /// names the item's methods.
    fn try_items(&mut self) {
        let candidates: Vec<(String, String)> = self
            .known
            .samples
            .collections()
            .map(|(path, id)| (path.trim_end_matches('/').to_owned(), id.to_owned()))
            .filter(|(path, id)| {
                let item = format!("{path}/{id}");
                let known = self.known.surface.template_of(&item);
                known.is_none_or(Template::is_literal) && path.len() > 1
            })
            .collect();
        for (path, id) in candidates {
            let template = format!("{path}/{{id}}");
            let mut endpoint =
                Endpoint::new(EndpointId::new(Method::Get, &template), Provenance::Link);
            endpoint
                .samples
                .push(BTreeMap::from([("id".to_owned(), id.clone())]));
            self.try_endpoints(&format!("{path}/{id}"), vec![endpoint]);
        }
    }

    /// Directories of known paths are often collections.
    fn try_parents(&mut self) {
        let parents = self.known.directories();
        let root = self.settings.target.prefix().len();
        for parent in parents {
            if parent.len() > root {
                self.try_path(&parent, Provenance::Guess);
            }
        }
    }

    /// Flask answers OPTIONS for every route by itself, without running the view, and names the
    /// methods. A specification has named them already.
    fn ask_options(&mut self) {
        if !self.settings.methods.contains(&Method::Options) {
            return;
        }
        let mut paths: BTreeMap<Template, Option<String>> = BTreeMap::new();
        for endpoint in self.known.surface.iter() {
            let template = &endpoint.id.path;
            if endpoint.provenance.contains(&Provenance::Specification) {
                continue;
            }
            let known = paths.entry(template.clone()).or_default();
            if template.is_literal() {
                *known = Some(template.as_str().to_owned());
            } else if let Some(sample) = endpoint.samples.first() {
                *known = Some(template.fill(|name| sample.get(name).cloned().unwrap_or_default()));
            } else if known.is_none() && endpoint.provenance.contains(&Provenance::Script) {
                // Any value will do: no view runs.
                *known = Some(template.fill(|_| "1".to_owned()));
            }
        }
        for (template, path) in paths {
            let url = path.and_then(|path| self.settings.target.url_for(&path));
            let Some(url) = url.filter(|url| self.settings.target.covers(url)) else {
                continue;
            };
            let known = self.asking.asked.contains(&template);
            if !known && self.known.siblings.may_ask(template.as_str()) {
                self.asking.asked.insert(template.clone());
                // First, whether any other name would get the same answer.
                if let Some((directory, _)) = template.as_str().rsplit_once('/')
                    && template.is_literal()
                {
                    self.ask_sibling(directory);
                }
                let job = Job {
                    method: Method::Options,
                    url,
                    why: Why::Page,
                };
                self.asking.frontier.admit(job, template.as_str());
            }
        }
    }

    /// Usual names under the prefixes of blueprints, with a control each.
    fn guess_prefixes(&mut self) {
        let mut prefixes = self.known.directories();
        prefixes.retain(|prefix| prefix.matches('/').count() <= 2);
        for prefix in prefixes {
            // The root has its own list.
            if self.asking.guessed.len() > guess::MAX_PREFIXES {
                return;
            }
            if prefix.len() <= self.settings.target.prefix().len()
                || prefix.ends_with("/static")
                || !self.asking.guessed.insert(prefix.clone())
            {
                continue;
            }
            self.control(&prefix, 0);
            for name in guess::PREFIXED {
                self.try_path(&format!("{prefix}/{name}"), Provenance::Guess);
            }
            if self.words.len() <= words::FEW {
                self.try_words_below(&prefix);
            }
        }
    }
}
