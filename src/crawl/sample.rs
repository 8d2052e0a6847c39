//! Values seen for path placeholders.
//!
//! Owns: ids and names from JSON answers, by the collection that showed them. Leaves out: finding them in
//! an answer (`extract/json.rs`), and which field a placeholder means (`surface::naming`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::extract::json::{Id, ids, named_values};
use super::found::is_ours;
use crate::surface::{Template, naming};

/// Ids kept for one collection, and collections.
const PER_COLLECTION: usize = 12;
const COLLECTIONS: usize = 2_000;
/// Fields of records kept for one collection.
const FIELDS: usize = 40;

/// Ids by the anonymous path of the collection that showed them, and by what they are ids of.
#[derive(Debug, Default)]
pub(super) struct Samples {
    of_path: BTreeMap<String, Vec<Id>>,
    /// `user_id` is an id of `user`.
    of_name: BTreeMap<String, Vec<String>>,
    /// Fields of its records that are no ids, by the anonymous path of a collection.
    fields: BTreeMap<String, Vec<Id>>,
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

    /// Notes what the records in an answer for a path hold beside their ids. True when the path had none
    /// before.
    pub(super) fn note_fields(&mut self, template: &Template, value: &Value) -> bool {
        let anonymous = template.anonymous();
        if self.fields.len() >= COLLECTIONS || self.fields.contains_key(&anonymous) {
            return false;
        }
        let mut fields = named_values(value, FIELDS);
        fields.retain(|field| !is_ours(&field.value));
        if fields.is_empty() {
            return false;
        }
        self.fields.insert(anonymous, fields);
        true
    }

    /// The fields of a collection's records that a placeholder means, by their names.
    fn named<'a>(
        &'a self,
        listed: &[String; 2],
        placeholder: &str,
    ) -> impl Iterator<Item = String> + use<'a> {
        let fields = listed.iter().filter_map(|path| self.fields.get(path));
        let mut meant: Vec<(u8, &'a Id)> = fields
            .flatten()
            .filter_map(|id| Some((naming::distance(&id.field, placeholder)?, id)))
            .collect();
        let nearest = meant.iter().map(|(far, _)| *far).min();
        meant.retain(|(far, _)| Some(*far) == nearest);
        meant.into_iter().map(|(_, id)| id.value.clone())
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

    /// Values for a placeholder, best first: its own field, a field whose name means it, an id of the
    /// collection above it, an id of that name shown elsewhere.
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
        values.extend(own.map(|id| id.value.clone()));
        values.extend(self.named(&listed, placeholder));
        values.extend(usual.map(|id| id.value.clone()));
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

    #[test]
    fn a_lists_fields_are_samples_of_the_placeholders_that_mean_them() {
        let mut samples = Samples::default();
        let list =
            json!({"Books": [{"id": 1, "title": "a1", "user": "ann"}, {"id": 2, "title": "b2"}]});
        samples.note(&Template::new("/books"), &list);
        assert!(samples.note_fields(&Template::new("/books"), &list));
        assert!(!samples.note_fields(&Template::new("/books"), &list));
        assert_eq!(
            samples.values("/books", "book_title"),
            ["a1", "b2", "1", "2"]
        );
        assert_eq!(samples.values("/books", "id"), ["1", "2"]);
        assert_eq!(samples.values("/shelves", "title"), [""; 0]);
    }
}
