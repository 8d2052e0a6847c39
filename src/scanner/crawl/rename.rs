//! Renaming: an operation moves to the template that it turned out to be an instance of.
//!
//! Owns: what follows it there: inputs, samples, how it was reached. Leaves out: which template wins
//! (`settle.rs`).

use std::collections::BTreeMap;

use super::Known;
use crate::surface::{Endpoint, EndpointId, Place, Provenance, Template};

impl Known {
    /// Moves every operation of one template to another that has as many placeholders, or of which
    /// it is an instance.
    pub(super) fn rename(&mut self, from: &Template, to: &Template) {
        for id in self.operations(from) {
            self.move_to(&id, to);
        }
    }

    /// Moves one operation to another template.
    pub(super) fn move_to(&mut self, id: &EndpointId, to: &Template) {
        if let Some(endpoint) = self.surface.remove(id) {
            let moved = moved(endpoint, to);
            if let Some(reach) = self.reached.remove(id) {
                self.note_reached(moved.id.clone(), reach);
            }
            self.surface.add(moved);
        }
    }
}

/// The new names of a template's placeholders, and the values that it holds in the place of others.
fn correspond(from: &Template, to: &Template) -> (BTreeMap<String, String>, Vec<(String, String)>) {
    let (old, new) = (from.names(), to.names());
    if old.is_empty() {
        let values = to.values(from.as_str()).unwrap_or_default();
        return (BTreeMap::new(), values);
    }
    if old.len() == new.len() {
        let names = old.into_iter().zip(new);
        let names = names.map(|(old, new)| (old.to_owned(), new.to_owned()));
        return (names.collect(), Vec::new());
    }
    let whole = |segment: &str| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.to_owned())
    };
    let (mut renames, mut added) = (BTreeMap::new(), Vec::new());
    for (old, new) in from.as_str().split('/').zip(to.as_str().split('/')) {
        match (whole(old), whole(new)) {
            (Some(old), Some(new)) => {
                renames.insert(old, new);
            }
            (None, Some(new)) => added.push((new, old.to_owned())),
            _ => {}
        }
    }
    (renames, added)
}

/// The endpoint under another template; its path inputs and samples follow.
fn moved(mut endpoint: Endpoint, to: &Template) -> Endpoint {
    let from = endpoint.id.path.clone();
    let new = to.names();
    let provenance = endpoint
        .provenance
        .first()
        .copied()
        .unwrap_or(Provenance::Link);
    let mut target = Endpoint::new(EndpointId::of(endpoint.id.method, to.clone()), provenance);
    // By segments where the new template has more placeholders than the old one.
    let (renames, added) = correspond(&from, to);
    if endpoint.samples.is_empty() && added.len() == new.len() && !added.is_empty() {
        target.samples.push(added.iter().cloned().collect());
    }
    for input in endpoint.inputs.drain(..) {
        let mut input = input;
        if input.place == Place::Path {
            match renames.get(&input.name) {
                Some(name) => input.name.clone_from(name),
                None => continue,
            }
        }
        target.add_input(input);
    }
    for sample in endpoint.samples.drain(..) {
        let renamed = renames
            .iter()
            .filter_map(|(old, new)| Some((new.clone(), sample.get(old)?.clone())));
        target
            .samples
            .push(renamed.chain(added.iter().cloned()).collect());
    }
    target.provenance = endpoint.provenance;
    target.form_page = endpoint.form_page;
    target.secured = endpoint.secured;
    target.summary = endpoint.summary;
    target.document = endpoint.document;
    target
}
