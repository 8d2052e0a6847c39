//! Values seen for path placeholders.
//!
//! Owns: ids and names from JSON answers, by the collection that showed them. Leaves out: finding them in
//! an answer (`extract/json.rs`), and which field a placeholder means (`surface::naming`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::clues::reference::{only_number, references, said};
use super::extract::json::{Id, id_text, ids, named_values};
use super::found::is_ours;
use crate::http::{Method, Request, Response};
use crate::surface::{Template, naming};
use crate::words::singular;

/// Ids kept for one collection, and collections.
const PER_COLLECTION: usize = 12;
const COLLECTIONS: usize = 2_000;
/// Fields of records kept for one collection.
const FIELDS: usize = 40;

/// The field of an id that no field has named.
const CREATED: &str = "reference";

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
        let mut found = ids(value, PER_COLLECTION);
        found.extend(thing(template, value));
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

    /// Notes what the answer to a create names though no field says that it is an id: a reference in its
    /// words, or the only number. True when it was new.
    pub(super) fn note_created(
        &mut self,
        template: &Template,
        request: &Request,
        response: &Response,
    ) -> bool {
        let known = self.of_path.get(&template.anonymous());
        let room = known.is_none_or(|known| {
            known.len() < PER_COLLECTION && known.iter().all(|id| id.field == CREATED)
        });
        let creates = request.method == Method::Post && response.is_success();
        if !creates || !room || self.of_path.len() >= COLLECTIONS {
            return false;
        }
        let text = said(response);
        let sent = String::from_utf8_lossy(&request.body);
        let mut words = references(&text).into_iter();
        let named = words.find(|word| !sent.contains(word) && !is_ours(word));
        let number = || {
            let json = response.json().filter(|_| response.status == 201)?;
            only_number(&json).map(|(_, number)| number.to_string())
        };
        let Some(value) = named.map(str::to_owned).or_else(number) else {
            return false;
        };
        let field = CREATED.to_owned();
        let id = Id { field, value };
        let known = self.of_path.entry(template.anonymous()).or_default();
        let news = !known.contains(&id);
        if news {
            known.push(id);
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

/// The id that a field named for one thing of the collection holds: `{"device": 1}` of `/devices`.
fn thing(template: &Template, value: &Value) -> Option<Id> {
    let noun = template.as_str().trim_end_matches('/').rsplit('/').next()?;
    let thing = singular(noun);
    // What has no plural of its own (`data`) names no thing of it.
    let called =
        |field: &str| !thing.eq_ignore_ascii_case(noun) && field.eq_ignore_ascii_case(&thing);
    let mut fields = value.as_object()?.iter();
    let (field, value) = fields.find(|(field, value)| !value.is_object() && called(field))?;
    let value = id_text(value)?;
    let field = field.clone();
    Some(Id { field, value })
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

    #[test]
    fn what_a_create_names_is_a_sample_whatever_it_calls_it() {
        let mut samples = Samples::default();
        let url = |path: &str| url::Url::parse(&format!("http://h{path}")).unwrap();
        assert!(samples.note(
            &Template::new("/devices"),
            &json!({"device": 4, "status": "ok"})
        ));
        assert_eq!(samples.values("/devices", "id"), ["4"]);
        let mut created = |path: &str, status: u16, body: &str| {
            let mut request = Request::new(Method::Post, url(path));
            request.body = b"name=AB-123".to_vec();
            let response = Response::of(status, &[("content-type", "application/json")], body);
            samples.note_created(&Template::new(path), &request, &response);
            samples.values(path, "id")
        };
        assert_eq!(
            created("/a", 200, r#"{"message": "Kept AB-123 as REF-00041."}"#),
            ["REF-00041"]
        );
        assert_eq!(
            created("/a", 200, r#"{"message": "Kept as REF-00042."}"#),
            ["REF-00041", "REF-00042"]
        );
        assert_eq!(created("/b", 201, r#"{"n": 7}"#), ["7"]);
        assert_eq!(created("/c", 200, r#"{"n": 7}"#), [""; 0]);
        assert_eq!(
            created("/d", 400, r#"{"message": "REF-00041 is taken"}"#),
            [""; 0]
        );
    }
}
