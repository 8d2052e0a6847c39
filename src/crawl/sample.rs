//! Values seen for path placeholders.
//!
//! Owns: ids from JSON answers, by the collection that showed them. Leaves out: finding them in an
//! answer (`extract/json.rs`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::extract::json::{Id, ids};
use super::found::is_ours;
use crate::surface::Template;

/// Ids kept for one collection, and collections.
const PER_COLLECTION: usize = 12;
const COLLECTIONS: usize = 2_000;

/// Ids by the anonymous path of the collection that showed them, and by what they are ids of.
#[derive(Debug, Default)]
pub(super) struct Samples {
    of_path: BTreeMap<String, Vec<Id>>,
    /// `user_id` is an id of `user`.
    of_name: BTreeMap<String, Vec<String>>,
}

impl Samples {
    /// Notes the ids in an answer for a path. True when any was new.
    pub(super) fn note(&mut self, template: &Template, value: &Value) -> bool {
        let found = ids(value, PER_COLLECTION);
        if found.is_empty() || self.of_path.len() >= COLLECTIONS {
            return false;
        }
        let mut news = false;
        let anonymous = template.anonymous();
        for id in found.into_iter().filter(|id| !is_ours(&id.value)) {
            if let Some(name) = owner(&id.field) {
                let known = self.of_name.entry(name).or_default();
                if known.len() < PER_COLLECTION && !known.contains(&id.value) {
                    known.push(id.value.clone());
                }
            }
            let known = self.of_path.entry(anonymous.clone()).or_default();
            if known.len() < PER_COLLECTION && !known.contains(&id) {
                known.push(id);
                news = true;
            }
        }
        news
    }

    /// The collections without placeholders of their own, with an id each.
    pub(super) fn collections(&self) -> impl Iterator<Item = (&str, &str)> {
        let literal = self.of_path.iter().filter(|(path, _)| !path.contains('{'));
        literal.filter_map(|(path, ids)| {
            // An id of something else (`user_id`) opens nothing here.
            let own = ids.iter().find(|id| owner(&id.field).is_none())?;
            Some((path.as_str(), own.value.as_str()))
        })
    }

    /// Values for a placeholder, best first: its own field, an id of the collection above it, an
    /// id of that name shown elsewhere.
    pub(super) fn values(&self, collection: &str, placeholder: &str) -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        let plain = collection.trim_end_matches('/');
        let listed = [plain.to_owned(), format!("{plain}/")];
        let shown: Vec<&Id> = listed
            .iter()
            .filter_map(|path| self.of_path.get(path))
            .flatten()
            .collect();
        let own = shown
            .iter()
            .filter(|id| id.field.eq_ignore_ascii_case(placeholder));
        let usual = shown.iter().filter(|id| owner(&id.field).is_none());
        values.extend(own.chain(usual).map(|id| id.value.clone()));
        let named = owner(placeholder).or_else(|| {
            let segment = plain.rsplit('/').next().unwrap_or_default();
            (!segment.is_empty()).then(|| singular(segment))
        });
        if let Some(more) = named.and_then(|name| self.of_name.get(&name)) {
            values.extend(more.iter().cloned());
        }
        let mut unique = Vec::new();
        for value in values {
            if !unique.contains(&value) {
                unique.push(value);
            }
        }
        unique
    }
}

/// What an id field is an id of: `user_id` and `userId` of `user`; `id` says nothing.
fn owner(field: &str) -> Option<String> {
    let name = field
        .strip_suffix("_id")
        .or_else(|| field.strip_suffix("Id"))?
        .trim_matches('_')
        .to_ascii_lowercase();
    (!name.is_empty()).then_some(name)
}

fn singular(segment: &str) -> String {
    let lower = segment.to_ascii_lowercase();
    if let Some(stem) = lower.strip_suffix("ies") {
        format!("{stem}y")
    } else {
        lower.strip_suffix('s').unwrap_or(&lower).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_ids_of_a_list_are_samples_of_its_items() {
        let mut samples = Samples::default();
        let list = Template::new("/users");
        assert!(samples.note(&list, &json!([{"id": 3, "team_id": 9, "slug": "ann"}])));
        assert!(!samples.note(&list, &json!([{"id": 3}])));
        assert_eq!(samples.values("/users", "id"), ["3", "ann"]);
        assert_eq!(samples.values("/users/", "slug"), ["ann", "3"]);
        assert_eq!(samples.values("/teams", "id"), ["9"]);
        assert_eq!(samples.values("/x", "team_id"), ["9"]);
    }
}
