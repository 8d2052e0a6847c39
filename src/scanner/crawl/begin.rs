//! What a crawl begins with: the base, controls, what Flask applications usually have, what the tester
//! brings along.
//!
//! Owns: in which order they are asked for. Leaves out: the lists (`guess.rs`, `words.rs`), reading what
//! the tester gives (`import`).

use url::Url;

use super::ask::guessed;
use super::found::{self, Found};
use super::job::{Job, Why};
use super::{Crawl, guess, words};
use crate::finding::Imported;
use crate::http::{Method, Request};
use crate::policy::{may_carry, may_send};
use crate::surface::{EndpointId, Place, Provenance};

impl Crawl {
    /// Queues what every crawl asks for.
    pub(super) fn start(&mut self) {
        let base = self.settings.target.base().clone();
        let prefix = self.settings.target.prefix().to_owned();
        let path = base.path().to_owned();
        let job = Job {
            method: Method::Get,
            url: without_userinfo(base),
            why: Why::Tentative(vec![guessed(&path, Provenance::Link)]),
        };
        self.asking.frontier.admit(job, &path);
        self.control(&prefix, 0);
        self.control(&prefix, 1);
        self.asking.guessed.insert(prefix.clone());
        let lists = [&guess::SPECIFICATIONS[..], &guess::FILES, &guess::ROOT];
        for path in lists.concat() {
            self.try_path(&format!("{prefix}{path}"), Provenance::Guess);
        }
        for directory in words::directories(&self.words) {
            self.control(&format!("{prefix}/{directory}"), 0);
        }
        self.try_words_below(&prefix);
    }

    /// Takes over what the tester already knows, as [`import::read`](super::import::read) gives it.
    /// `name` is what the tester calls it, for problems. Gives how many operations were new.
    pub fn import(&mut self, name: &str, mut found: Found) -> usize {
        let base = without_userinfo(self.settings.target.base().clone());
        let before = self.known.surface.len();
        let calls = &found.calls;
        let read = calls.len();
        let operations: Vec<EndpointId> = calls
            .iter()
            .filter_map(|call| {
                let resolved = self.resolve(call, &base)?;
                Some(EndpointId::new(call.method, &resolved.path))
            })
            .collect();
        let out_of_scope = read - operations.len();
        let left_out = std::mem::take(&mut found.left_out);
        if read == 0 {
            self.trouble("import-empty", &format!("{name} names no operation"));
        } else if operations.is_empty() {
            let text = format!("none of the {read} requests in {name} is in scope");
            self.trouble("import-out-of-scope", &text);
        }
        if let Some((part, why)) = left_out.first() {
            let count = left_out.len();
            let text = format!("{count} parts of {name} were left out, the first is {part}: {why}");
            self.trouble("import-left-out", &text);
        }
        let what = Imported {
            name: name.to_owned(),
            read,
            out_of_scope,
            left_out,
        };
        self.known.imported.push((what, operations));
        if found.cut {
            let text = format!("{name} holds more operations than the crawl reads");
            self.trouble("import-cut", &text);
        }
        self.learn_found(&Request::get(base), found);
        self.known.surface.len().saturating_sub(before)
    }

    /// What was read of each import.
    pub(crate) fn imported(&self) -> impl Iterator<Item = &Imported> {
        self.known.imported.iter().map(|(import, _)| import)
    }

    /// The imports of which nothing is there: each request that was sent was answered with "no such page".
    /// One whose paths all want an id says nothing: no such record may be meant.
    pub(crate) fn missing_imports(&self) -> impl Iterator<Item = &Imported> {
        self.known
            .imported
            .iter()
            .filter_map(|(import, operations)| {
                let mut sent = operations
                    .iter()
                    .filter_map(|id| Some((id, self.known.reached(id)?)))
                    .peekable();
                sent.peek()?;
                let mut whole = false;
                let missing = sent.all(|(id, status)| {
                    whole |= id.path.is_literal();
                    matches!(status, 404 | 410)
                });
                (missing && whole).then_some(import)
            })
    }

    /// Takes the tester's own paths to try, as [`words::paths`] gives them, before the crawl begins.
    /// They are tried below the base; a short list under each discovered prefix too.
    pub fn try_words(&mut self, words: Vec<String>) {
        let prefixes = if words.len() <= words::FEW {
            guess::MAX_PREFIXES
        } else {
            0
        };
        self.asking.frontier.widen(words.len() * (prefixes + 1));
        self.words = words;
    }

    /// Queues the tester's words below a prefix.
    pub(super) fn try_words_below(&mut self, prefix: &str) {
        let words = std::mem::take(&mut self.words);
        let at_root = prefix == self.settings.target.prefix();
        for word in &words {
            let path = format!("{prefix}/{word}");
            let (path, query) = path.split_once('?').unwrap_or((&path, ""));
            let mut endpoint = guessed(path, Provenance::Wordlist);
            if let Err(why) = may_send(&self.settings, &endpoint.id, "") {
                if at_root {
                    self.trouble("wordlist-withheld", &format!("{path} was not tried: {why}"));
                }
                continue;
            }
            if endpoint.id.path.is_literal() {
                let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
                    .into_owned()
                    .collect();
                if let Err(why) = may_carry(&self.settings, &endpoint.id, &query)
                    && at_root
                {
                    let text = format!("{word} was tried without its query: {why}");
                    self.trouble("wordlist-withheld", &text);
                }
                for (name, value) in &query {
                    let input = found::input_of(Place::Query, name, value, Provenance::Wordlist);
                    endpoint.add_input(input);
                }
                self.try_with_query(path, &query, vec![endpoint]);
            } else if at_root {
                // Below a catch-all route every template would seem to exist.
                self.try_template(endpoint);
            }
        }
        self.words = words;
    }
}

fn without_userinfo(mut url: Url) -> Url {
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}
