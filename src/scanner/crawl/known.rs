//! What answers have shown of a target.
//!
//! Owns: the surface, and all that tells what stands in it. Leaves out: what is asked next (`asking.rs`,
//! `unfold.rs`), how the whole changes what its parts meant (`settle.rs`).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::absent::Absent;
use super::basis::Doubt;
use super::clues::source::Book;
use super::copies::Copies;
use super::cors::Allowed;
use super::demand::Cookies;
use super::outside::Outside;
use super::reach::Reach;
use super::sample::Samples;
use super::shaped;
use super::siblings::Siblings;
use super::slug_segments::SlugSegments;
use crate::finding::Imported;
use crate::http::{Method, Response};
use crate::login;
use crate::surface::{Endpoint, EndpointId, Place, Surface, Template};

/// What is known.
#[derive(Default)]
pub struct Known {
    /// What was discovered so far.
    pub surface: Surface,
    /// What nonsense gets.
    pub(super) absent: Absent,
    /// What nonsense among items gets where a login is needed.
    pub(super) refused: Absent,
    /// Values that answers show of placeholders.
    pub(super) samples: Samples,
    /// Directories that take any name.
    pub(super) siblings: Siblings,
    /// Names in the middle of paths that may be any.
    pub(super) slug_segments: SlugSegments,
    /// Branches that repeat other pages.
    pub(super) copies: Copies,
    /// What each page said when it was fetched first.
    pub(super) said: HashMap<u64, u64>,
    /// Which page linked which path.
    pub(super) linked: HashSet<u64>,
    /// Cookies that answers set.
    pub(super) cookies: Cookies,
    /// Headers that answers allow.
    pub(super) allowed: Allowed,
    /// Source that tracebacks show.
    pub(super) book: Book,
    /// Prefixes under which blueprints are mounted, by file and variable.
    pub(super) mounts: BTreeMap<(String, String), String>,
    /// How operations were seen to answer.
    pub(super) reached: BTreeMap<EndpointId, Reach>,
    /// What was read of each import, and the operations that it names.
    pub(super) imported: Vec<(Imported, Vec<EndpointId>)>,
    /// Answers that were learnt from, so that the same page is not read again.
    pub(super) read: HashSet<u64>,
    /// Texts of "not found" that were read.
    pub(super) refusals: HashSet<u64>,
    /// Paths that only redirect to themselves with a slash at the end.
    pub(super) slashless: BTreeSet<String>,
    /// Linked paths that the application does not know.
    pub(super) dead: BTreeSet<String>,
    /// What texts tell of operations that are not known to exist.
    pub(super) told: Vec<Endpoint>,
    /// What a nonsense path of so many segments takes: a catch-all route.
    pub(super) anything: BTreeMap<usize, BTreeSet<Method>>,
    /// Directories of which a page gave data when it was asked for some.
    pub(super) negotiates: BTreeSet<String>,
    /// What pages that were asked for data look like, by branch.
    pub(super) variant_forms: HashSet<u64>,
    /// Where links lead that are not the target's.
    pub(super) outside: Outside,
    /// Specifications of which it is not known where their paths begin; none once it is.
    pub(super) doubts: Vec<Option<Doubt>>,
}

impl Known {
    /// True for an answer that a nonsense path in the same place gets too: 404, or a catch-all page
    /// learnt from control requests.
    pub fn is_not_found(&self, response: &Response, path: &str) -> bool {
        self.absent.covers(response, path)
    }

    /// The best status that an operation was seen to answer with.
    pub fn reached(&self, id: &EndpointId) -> Option<u16> {
        self.reached.get(id).map(Reach::best)
    }

    /// True where an operation accepted something: a success, a redirect that asks for no login, or one
    /// that does after an account was made.
    pub(crate) fn accepted(&self, id: &EndpointId) -> bool {
        let made =
            |reach: &Reach| matches!(reach.best(), 300..=399) && login::signs_up(id.path.as_str());
        self.reached
            .get(id)
            .is_some_and(|reach| reach.accepted() || made(reach))
    }

    /// What an operation said when it last refused: its status, and the beginning of its text.
    pub(crate) fn refusal(&self, id: &EndpointId) -> Option<(u16, &str)> {
        self.reached.get(id)?.refusal()
    }

    /// The template that a request's path belongs to.
    pub(super) fn template_of(&self, path: &str) -> Template {
        match self.surface.template_of(path) {
            Some(template) => template.clone(),
            None => Template::new(&shaped(path)),
        }
    }

    pub(super) fn operations(&self, template: &Template) -> Vec<EndpointId> {
        let operations = self.surface.of_path(template);
        operations.map(|endpoint| endpoint.id.clone()).collect()
    }

    /// Rows of values for a template's placeholders: from answers, from other operations of the
    /// same path, from examples in a specification.
    pub(super) fn rows(&self, template: &Template) -> Vec<BTreeMap<String, String>> {
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

    /// The directories of what was found; one that is an instance of many speaks for none of its own.
    pub(super) fn directories(&self) -> BTreeSet<String> {
        let endpoints = self.surface.iter();
        let mut all: BTreeSet<String> = endpoints
            .flat_map(|endpoint| literal_parents(endpoint.id.path.as_str()))
            .collect();
        let takes = |path: &str| self.siblings.takes(path);
        all.retain(|directory| !self.slug_segments.holds_names(directory, takes));
        all
    }

    /// Notes how an operation answered.
    pub(super) fn note_reached(&mut self, id: EndpointId, reach: Reach) {
        match self.reached.entry(id) {
            Entry::Occupied(known) => known.into_mut().absorb(reach),
            Entry::Vacant(free) => {
                free.insert(reach);
            }
        }
    }

    /// The operation of the surface that has this method, and this path but for its placeholders' names.
    pub(super) fn same_operation(&self, id: &EndpointId) -> Option<EndpointId> {
        if self.surface.get(id).is_some() || id.path.is_literal() {
            return self.surface.get(id).map(|known| known.id.clone());
        }
        let path = id.path.anonymous();
        let known = self
            .surface
            .wide()
            .find(|known| known.anonymous() == path)?;
        let id = EndpointId::of(id.method, known.clone());
        self.surface.get(&id).map(|known| known.id.clone())
    }

    /// Drops what is remembered of pages.
    pub(super) fn forget(&mut self) {
        self.siblings = Siblings::default();
        self.slug_segments = SlugSegments::default();
        self.copies = Copies::default();
        self.samples = Samples::default();
        self.said = HashMap::new();
        self.linked = HashSet::new();
        self.read = HashSet::new();
        self.told = Vec::new();
        self.book = Book::default();
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
