//! Settling: what the whole of a surface says of its parts.
//!
//! Owns: the passes, each a pure function of what is known, in one list with its reason. Leaves out: what
//! follows an operation to another template (`rename.rs`), what is asked next (`unfold.rs`).

use std::collections::{BTreeMap, BTreeSet};

use super::demand::MAX_SPREAD;
use super::reach::Reach;
use super::{Crawl, Known, shape};
use crate::http::Method;
use crate::surface::{Endpoint, EndpointId, Input, Place, Provenance, Template};

/// Right guesses in one directory that are too many to be true.
const LUCKY: usize = 6;
/// A header that more operations than this allow says nothing of a single one: it goes where something is
/// refused or written.
const FEW: usize = 6;

/// What a pass found to be otherwise than it stands.
enum Change {
    /// All operations of one template are another's.
    Rename(Template, Template),
    /// One operation is another template's.
    Move(EndpointId, Template),
    /// There is no such operation.
    Remove(EndpointId),
    /// An operation takes these, too.
    Add(EndpointId, Vec<Input>),
    /// What texts tell of these is their operations' by now.
    HandedOver(BTreeSet<EndpointId>),
}

/// A pass: why it is made, and what it finds.
type Pass = (&'static str, fn(&Known) -> Vec<Change>);

/// Every pass, in the order in which they are made: each sees what those before it have changed.
const PASSES: [Pass; 10] = [
    (
        "one path under several names of its placeholders is one: first, since all others compare templates",
        Known::same_templates,
    ),
    (
        "a path that a specification's template covers is its sample",
        Known::instances,
    ),
    (
        "pages of a directory that takes any name are one template's",
        Known::slugs,
    ),
    (
        "so are paths with such a name in the middle: after the names at their ends are known",
        Known::slug_segments_merged,
    ),
    (
        "a path that only leads to itself with a slash is that one: after both have their templates",
        Known::slashes,
    ),
    (
        "a link to nowhere is no operation: after it had its chance to be another's sample",
        Known::buried,
    ),
    ("nor is one into a branch of copies", Known::copied),
    (
        "a cookie is an input of the neighbours that refuse: of those that are left",
        Known::spread_cookies,
    ),
    (
        "a header that answers allow is an input of what it is allowed for",
        Known::allowed_headers,
    ),
    (
        "what texts tell of an operation is its own once it is known to exist: last, under its final name",
        Known::handed_over,
    ),
];

impl Crawl {
    /// Makes every pass.
    pub(super) fn settle(&mut self) {
        for (_, pass) in PASSES {
            for change in pass(&self.known) {
                self.known.apply(change);
            }
        }
    }
}

impl Known {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Rename(from, to) => self.rename(&from, &to),
            Change::Move(id, to) => self.move_to(&id, &to),
            Change::Remove(id) => {
                self.surface.remove(&id);
                self.reached.remove(&id);
            }
            Change::Add(id, inputs) => self.surface.add_inputs(&id, inputs),
            Change::HandedOver(ids) => self.told.retain(|one| !ids.contains(&one.id)),
        }
    }

    /// Templates that differ in their placeholders' names only: the best source names them.
    fn same_templates(&self) -> Vec<Change> {
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
                renames.push(Change::Rename((*template).clone(), best.clone()));
            }
        }
        renames
    }

    /// Concrete paths that a specification's template covers are its samples.
    fn instances(&self) -> Vec<Change> {
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
                renames.push(Change::Rename(template.clone(), (*owner).clone()));
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
    fn slugs(&self) -> Vec<Change> {
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
                Some(Change::Rename(endpoint.id.path.clone(), template))
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

    /// Paths that redirect to themselves with a slash are the slashed ones.
    fn slashes(&self) -> Vec<Change> {
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
            .map(|(template, slashed)| Change::Rename(template, slashed))
            .collect()
    }

    /// Paths with a name in the middle are instances of one template.
    fn slug_segments_merged(&self) -> Vec<Change> {
        let takes = |path: &str| self.siblings.takes(path);
        let endpoints = self.surface.iter();
        endpoints
            .filter(|endpoint| !endpoint.provenance.contains(&Provenance::Specification))
            .filter_map(|endpoint| {
                let id = &endpoint.id;
                let to = self
                    .slug_segments
                    .merged(id.path.as_str(), id.method, takes)?;
                Some(Change::Move(id.clone(), Template::new(&to)))
            })
            .collect()
    }

    /// Links that lead nowhere: the answer is that of a nonsense path, and nothing but a link or a string in
    /// a script speaks for them.
    fn buried(&self) -> Vec<Change> {
        let is_hollow = |endpoint: &Endpoint| {
            let mut from = endpoint.provenance.iter();
            endpoint.inputs.is_empty()
                && from.all(|provenance| {
                    matches!(
                        provenance,
                        Provenance::Link
                            | Provenance::Script
                            | Provenance::Guess
                            | Provenance::Wordlist
                    )
                })
        };
        let ids = self
            .dead
            .iter()
            .map(|path| EndpointId::new(Method::Get, path));
        ids.filter(|id| matches!(self.reached(id), None | Some(404 | 410)))
            .filter(|id| self.surface.get(id).is_some_and(is_hollow))
            .map(Change::Remove)
            .collect()
    }

    /// Links into branches of copies that nobody followed.
    fn copied(&self) -> Vec<Change> {
        let copied = |endpoint: &&Endpoint| {
            let mut from = endpoint.provenance.iter();
            endpoint.id.method == Method::Get
                && from.all(|provenance| *provenance == Provenance::Link)
                && self.copies.covers(endpoint.id.path.as_str())
                && !self.reached.contains_key(&endpoint.id)
        };
        let copied = self.surface.iter().filter(copied);
        copied.map(|one| Change::Remove(one.id.clone())).collect()
    }

    /// Cookies that one operation sets are inputs of its neighbours that refuse.
    fn spread_cookies(&self) -> Vec<Change> {
        let refuses = |reach: &Reach| matches!(reach.best(), 401 | 403);
        let refused = self.reached.iter();
        let refused: Vec<&EndpointId> = refused
            .filter(|(id, reach)| refuses(reach) && id.method != Method::Options)
            .map(|(id, _)| id)
            .filter(|id| self.surface.get(id).is_some())
            .collect();
        let offered = self.cookies.offered();
        offered
            .flat_map(|(name, hint, near)| {
                let input = Input::new(Place::Cookie, name, Provenance::Link);
                let input = input.with_hint(hint.clone());
                let near = refused.iter().filter(move |id| near(id.path.as_str()));
                near.take(MAX_SPREAD)
                    .map(move |id| Change::Add((*id).clone(), vec![input.clone()]))
            })
            .collect()
    }

    /// Headers that answers allow are inputs of what they are allowed for.
    fn allowed_headers(&self) -> Vec<Change> {
        let mut found = Vec::new();
        for (name, places) in &self.allowed.0 {
            let ids: BTreeSet<EndpointId> = places
                .iter()
                .flat_map(|(path, method)| {
                    // It may be told by another template since.
                    let path = self.template_of(path.as_str());
                    let all = self.surface.of_path(&path).map(|endpoint| &endpoint.id);
                    let own = all.filter(|id| method.is_none_or(|method| method == id.method));
                    own.cloned().collect::<Vec<_>>()
                })
                .collect();
            let few = ids.len() <= FEW;
            let wants = |id: &EndpointId| {
                let refused = matches!(self.reached(id), Some(400 | 401 | 403 | 422));
                few || refused || !id.method.is_safe()
            };
            for id in ids.into_iter().filter(wants) {
                let input = Input::new(Place::Header, name, Provenance::Allow);
                found.push(Change::Add(id, vec![input]));
            }
        }
        found
    }

    /// What texts tell of an operation is its own once it is known to exist.
    fn handed_over(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut ids = BTreeSet::new();
        for told in &self.told {
            if let Some(known) = self.same_operation(&told.id) {
                let inputs = told.inputs.iter();
                let inputs = inputs.filter(|input| input.place != Place::Path);
                changes.push(Change::Add(known, inputs.cloned().collect()));
                ids.insert(told.id.clone());
            }
        }
        changes.push(Change::HandedOver(ids));
        changes
    }
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
