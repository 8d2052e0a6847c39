//! Settling: once the frontier is dry, templates are merged over the sorted set of paths, and the
//! frontier grows by what only the whole shows.
//!
//! Owns: which template wins, redirects to a trailing slash, samples for placeholders, guesses
//! under discovered prefixes. Leaves out: the frontier's own bounds.

use std::collections::{BTreeMap, BTreeSet};

use super::job::{Job, Why};
use super::{Crawl, guess, shape, shaped, words};
use crate::http::Method;
use crate::policy::may_send;
use crate::surface::{Endpoint, EndpointId, Place, Provenance, Template};

/// Right guesses in one directory that are too many to be true.
const LUCKY: usize = 6;

impl Crawl {
    /// Merges templates that mean the same.
    pub(super) fn settle(&mut self) {
        let renames = self.same_templates();
        self.rename(&renames);
        let renames = self.instances();
        self.rename(&renames);
        let renames = self.slugs();
        self.rename(&renames);
        self.merge_middles();
        let renames = self.slashes();
        self.rename(&renames);
        self.bury();
        self.drop_copies();
        self.spread_cookies();
        self.spread_allowed_headers();
        self.hand_over_told();
    }

    /// Removes links that lead nowhere: the answer is that of a nonsense path, and nothing but a link
    /// or a string in a script speaks for them.
    fn bury(&mut self) {
        for path in &self.dead {
            let id = EndpointId::new(Method::Get, path);
            let found = self
                .reached(&id)
                .is_some_and(|status| !matches!(status, 404 | 410));
            let hollow = !found
                && self.surface.get(&id).is_some_and(|endpoint| {
                    endpoint.inputs.is_empty()
                        && endpoint.provenance.iter().all(|provenance| {
                            matches!(
                                provenance,
                                Provenance::Link
                                    | Provenance::Script
                                    | Provenance::Guess
                                    | Provenance::Wordlist
                            )
                        })
                });
            if hollow {
                self.surface.remove(&id);
                self.reached.remove(&id);
            }
        }
    }

    /// Removes the links into branches of copies that nobody followed.
    fn drop_copies(&mut self) {
        let copied = |endpoint: &&Endpoint| {
            let mut from = endpoint.provenance.iter();
            endpoint.id.method == Method::Get
                && from.all(|provenance| *provenance == Provenance::Link)
                && self.copies.covers(endpoint.id.path.as_str())
                && !self.reached.contains_key(&endpoint.id)
        };
        let ids: Vec<EndpointId> = self
            .surface
            .iter()
            .filter(copied)
            .map(|e| e.id.clone())
            .collect();
        for id in ids {
            self.surface.remove(&id);
        }
    }

    /// Lets in some of the pages that wait among many.
    fn let_in(&mut self) {
        let (siblings, copies) = (&self.siblings, &self.copies);
        let pages = self
            .frontier
            .crowds
            .next(|path| siblings.takes(path) || copies.covers(&shaped(path)));
        self.frontier.let_in(pages);
    }

    /// Settles, then queues what the whole surface suggests. True when something was queued.
    pub(super) fn unfold(&mut self) -> bool {
        self.settle();
        self.ask_middles();
        if !self.frontier.is_empty() {
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
        !self.frontier.is_empty()
    }

    /// Templates that differ in their placeholders' names only: the best source names them.
    fn same_templates(&self) -> Vec<(Template, Template)> {
        let mut groups: BTreeMap<String, BTreeMap<&Template, u8>> = BTreeMap::new();
        for endpoint in self.surface.iter() {
            if endpoint.id.path.is_literal() {
                continue;
            }
            let group = groups.entry(endpoint.id.path.anonymous()).or_default();
            let trust = endpoint
                .provenance
                .iter()
                .copied()
                .map(trust)
                .min()
                .unwrap_or(9);
            let best = group.entry(&endpoint.id.path).or_insert(9);
            *best = trust.min(*best);
        }
        let mut renames = Vec::new();
        for templates in groups.into_values().filter(|group| group.len() > 1) {
            let best = templates.iter().min_by_key(|(template, trust)| {
                (**trust, is_generic(template), (**template).clone())
            });
            let Some((&best, _)) = best else { continue };
            for template in templates.keys().filter(|template| **template != best) {
                renames.push(((*template).clone(), best.clone()));
            }
        }
        renames
    }

    /// Concrete paths that a specification's template covers are its samples.
    fn instances(&self) -> Vec<(Template, Template)> {
        let specified: BTreeSet<&Template> = self
            .surface
            .iter()
            .filter(|endpoint| endpoint.provenance.contains(&Provenance::Specification))
            .map(|endpoint| &endpoint.id.path)
            .collect();
        let wide: Vec<&Template> = specified
            .iter()
            .copied()
            .filter(|template| !template.is_literal())
            .collect();
        let literal: BTreeSet<&Template> = self
            .surface
            .iter()
            .map(|endpoint| &endpoint.id.path)
            .filter(|template| template.is_literal() && !specified.contains(template))
            .collect();
        let mut renames = Vec::new();
        for template in literal {
            let owner = wide.iter().find(|wide| {
                wide.values(template.as_str())
                    .is_some_and(|values| self.takes(wide, &values))
                    && !self.stands_alone(template, wide)
            });
            if let Some(owner) = owner {
                renames.push((template.clone(), (*owner).clone()));
            }
        }
        renames
    }

    /// True for a literal path that is a route of its own beside a wide template of a specification
    /// (`/signup` beside `/{code}`): it takes what the template does not, or source lines, forms or
    /// scripts name it with other inputs.
    fn stands_alone(&self, literal: &Template, wide: &Template) -> bool {
        self.surface.of_path(literal).any(|endpoint| {
            let method = endpoint.id.method;
            let id = EndpointId::of(method, wide.clone());
            let specified = self
                .surface
                .get(&id)
                .filter(|known| known.provenance.contains(&Provenance::Specification));
            let Some(specified) = specified else {
                // What a nonsense name beside it takes too is the template's.
                return !self.siblings.accepts(literal.as_str(), method);
            };
            let from = |source| endpoint.provenance.contains(&source);
            let own = endpoint
                .inputs
                .iter()
                .filter(|input| !input.csrf)
                .any(|input| specified.input(input.place, &input.name).is_none());
            from(Provenance::Traceback)
                || (own && (from(Provenance::Form) || from(Provenance::Script)))
        })
    }

    /// Pages of a directory that takes any name are instances of one template.
    fn slugs(&self) -> Vec<(Template, Template)> {
        // Where nearly every guess is right and any name is taken, no guess is.
        let is_lucky = |endpoint: &Endpoint| {
            let ours =
                |found: &Provenance| matches!(found, Provenance::Guess | Provenance::Wordlist);
            endpoint.provenance.iter().all(ours)
                && self
                    .siblings
                    .accepts(endpoint.id.path.as_str(), Method::Get)
        };
        let mut lucky: BTreeMap<&str, usize> = BTreeMap::new();
        for endpoint in self.surface.iter().filter(|endpoint| is_lucky(endpoint)) {
            if let Some((directory, _)) = endpoint.id.path.as_str().rsplit_once('/') {
                *lucky.entry(directory).or_default() += 1;
            }
        }
        let literal = self.surface.iter().filter(|endpoint| {
            let path = endpoint.id.path.as_str();
            let (directory, name) = path.rsplit_once('/').unwrap_or_default();
            let guessed = !directory.is_empty()
                && !name.is_empty()
                && is_lucky(endpoint)
                && lucky.get(directory).is_some_and(|count| *count >= LUCKY);
            endpoint.id.path.is_literal()
                && !endpoint.provenance.contains(&Provenance::Specification)
                && (guessed || self.siblings.takes(path))
        });
        literal
            .filter_map(|endpoint| {
                let (directory, _) = endpoint.id.path.as_str().rsplit_once('/')?;
                let template = Template::new(&format!("{directory}/{{id}}"));
                Some((endpoint.id.path.clone(), template))
            })
            .collect()
    }

    /// Paths that redirect to themselves with a slash are the slashed ones.
    fn slashes(&self) -> Vec<(Template, Template)> {
        let bare: BTreeSet<Template> = self
            .slashless
            .iter()
            .map(|path| self.template_of(path))
            .collect();
        bare.into_iter()
            .map(|template| {
                let slashed = Template::new(&format!("{template}/"));
                (template, slashed)
            })
            .filter(|(template, slashed)| {
                !template.as_str().ends_with('/') && self.surface.of_path(slashed).next().is_some()
            })
            .collect()
    }

    /// True where a template's inputs take these values, and none names an action.
    fn takes(&self, template: &Template, values: &[(String, String)]) -> bool {
        let named = values.iter().all(|(_, value)| !shape::is_action(value));
        let typed = self.surface.of_path(template).all(|endpoint| {
            values.iter().all(|(name, value)| {
                let integer = endpoint
                    .input(Place::Path, name)
                    .is_some_and(|input| input.hint.kind == crate::surface::Kind::Integer);
                !integer || value.bytes().all(|byte| byte.is_ascii_digit())
            })
        });
        named && typed
    }

    /// Paths with a name in the middle are instances of one template.
    fn merge_middles(&mut self) {
        let siblings = &self.siblings;
        let merged: Vec<(EndpointId, Template)> = self
            .surface
            .iter()
            .filter(|endpoint| !endpoint.provenance.contains(&Provenance::Specification))
            .filter_map(|endpoint| {
                let id = &endpoint.id;
                let takes = |path: &str| siblings.takes(path);
                let to = self.middles.merged(id.path.as_str(), id.method, takes)?;
                Some((id.clone(), Template::new(&to)))
            })
            .collect();
        for (id, to) in merged {
            self.move_to(&id, &to);
        }
    }

    /// Asks whether any name does where a path lies below one that takes any name.
    fn ask_middles(&mut self) {
        let siblings = &self.siblings;
        let mut suspects = Vec::new();
        for endpoint in self.surface.iter() {
            let template = &endpoint.id.path;
            let sample = endpoint.samples.first();
            let value = |name: &str| sample.and_then(|sample| sample.get(name).cloned());
            if !template.names().iter().all(|name| value(name).is_some()) {
                continue;
            }
            let takes = |path: &str| siblings.takes(path);
            if let Some(pattern) = self.middles.suspect(template.as_str(), takes) {
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
        let templates: Vec<Template> = self.surface.wide().cloned().collect();
        for template in templates {
            let rows = self.rows(&template);
            for endpoint in self.operations(&template) {
                let mut filled = Endpoint::new(endpoint.clone(), Provenance::Guess);
                filled.provenance.clear();
                for input in &mut filled.inputs {
                    input.provenance.clear();
                }
                filled.samples.clone_from(&rows);
                self.surface.add(filled);
            }
            let id = EndpointId::of(Method::Get, template.clone());
            let Some(endpoint) = self.surface.get(&id) else {
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

    pub(super) fn operations(&self, template: &Template) -> Vec<EndpointId> {
        let operations = self.surface.of_path(template);
        operations.map(|endpoint| endpoint.id.clone()).collect()
    }

    /// Rows of values for a template's placeholders: from answers, from other operations of the
    /// same path, from examples in a specification.
    fn rows(&self, template: &Template) -> Vec<BTreeMap<String, String>> {
        let mut rows: Vec<BTreeMap<String, String>> = Vec::new();
        for id in self.operations(template) {
            if let Some(endpoint) = self.surface.get(&id) {
                for sample in &endpoint.samples {
                    if !rows.contains(sample) {
                        rows.push(sample.clone());
                    }
                }
            }
        }
        // Values for the first placeholder come from the collection before it; those of the next
        // from the collection with the first filled in, which is the same anonymous path.
        let mut columns: Vec<(String, Vec<String>)> = Vec::new();
        let mut before = String::new();
        for segment in template.as_str().split('/').skip(1) {
            let part = Template::new(segment);
            if let [name] = part.names().as_slice() {
                let mut values = self.samples.values(&before, name);
                values.extend(self.examples(template, name));
                values.truncate(3);
                columns.push(((*name).to_owned(), values));
            }
            before.push('/');
            before.push_str(part.anonymous().trim_start_matches('/'));
        }
        if columns.len() == template.names().len() && columns.iter().all(|(_, v)| !v.is_empty()) {
            for at in 0..3 {
                let row: BTreeMap<String, String> = columns
                    .iter()
                    .map(|(name, values)| {
                        let value = values.get(at).or_else(|| values.first());
                        (name.clone(), value.cloned().unwrap_or_default())
                    })
                    .collect();
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
        rows
    }

    /// Good values that a specification or a rule states for a path input.
    fn examples(&self, template: &Template, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        for id in self.operations(template) {
            let input = self
                .surface
                .get(&id)
                .and_then(|e| e.input(Place::Path, name));
            let Some(input) = input else { continue };
            match &input.hint.example {
                Some(serde_json::Value::String(text)) if !text.is_empty() => {
                    values.push(text.clone());
                }
                Some(serde_json::Value::Number(number)) => values.push(number.to_string()),
                _ => {}
            }
            values.extend(input.hint.choices.first().cloned());
        }
        values.retain(|value| !value.contains(['/', '?', '#', '%']));
        values
    }

    /// Where a list or a creation shows an id, the item often stands below it; OPTIONS tells, and
    /// names the item's methods.
    fn try_items(&mut self) {
        let candidates: Vec<(String, String)> = self
            .samples
            .collections()
            .map(|(path, id)| (path.trim_end_matches('/').to_owned(), id.to_owned()))
            .filter(|(path, id)| {
                let item = format!("{path}/{id}");
                let known = self.surface.template_of(&item);
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
        let parents = self.directories();
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
        for endpoint in self.surface.iter() {
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
            let known = self.asked.contains(&template);
            if !known && self.siblings.may_ask(template.as_str()) {
                self.asked.insert(template.clone());
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
                self.frontier.admit(job, template.as_str());
            }
        }
    }

    /// The directories of what was found; one that is an instance of many speaks for none of its own.
    fn directories(&self) -> BTreeSet<String> {
        let endpoints = self.surface.iter();
        let mut all: BTreeSet<String> = endpoints
            .flat_map(|endpoint| literal_parents(endpoint.id.path.as_str()))
            .collect();
        let takes = |path: &str| self.siblings.takes(path);
        all.retain(|directory| !self.middles.holds_names(directory, takes));
        all
    }

    /// Usual names under the prefixes of blueprints, with a control each.
    fn guess_prefixes(&mut self) {
        let mut prefixes = self.directories();
        prefixes.retain(|prefix| prefix.matches('/').count() <= 2);
        for prefix in prefixes {
            // The root has its own list.
            if self.guessed.len() > guess::MAX_PREFIXES {
                return;
            }
            if prefix.len() <= self.settings.target.prefix().len()
                || prefix.ends_with("/static")
                || !self.guessed.insert(prefix.clone())
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

/// The directories above a path, as far as they hold no placeholder.
fn literal_parents(path: &str) -> Vec<String> {
    let mut parents = Vec::new();
    let mut rest = path.trim_end_matches('/');
    while let Some((parent, _)) = rest.rsplit_once('/') {
        if !parent.is_empty() && !parent.contains('{') {
            parents.push(parent.to_owned());
        }
        rest = parent;
    }
    parents
}

/// Whose template names the placeholders.
const fn trust(provenance: Provenance) -> u8 {
    match provenance {
        Provenance::Import | Provenance::Specification => 0,
        Provenance::Traceback => 1,
        Provenance::Script | Provenance::Form => 2,
        _ => 3,
    }
}

fn is_generic(template: &Template) -> bool {
    template.names().first() == Some(&"id")
}
