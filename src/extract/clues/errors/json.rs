//! JSON errors: fields under `json`, `query` and similar keys, objects that contain a field with what
//! is wrong with it, and fields with complaints.
//!
//! Owns: walking the tree. Leaves out: the meaning of keys, and the shapes of such objects
//! (`probes/sentences/json.yaml`).

use serde_json::Value;

use super::jsonschema::{joined, plain};
use super::named::{MAX_NAMES, Named, Reader, is_name};
use crate::sentences::{List, Mark, Shape, fill};
use crate::surface::{Kind, Place};

/// The most levels and items examined.
const MAX_DEPTH: usize = 6;
const MAX_ITEMS: usize = 100;
/// Lists of what is missing appear near the top.
const MAX_LIST_DEPTH: usize = 3;
/// The longest text that counts as a message.
const MAX_MESSAGE: usize = 500;
/// A list with this many messages or more is not about one field.
const MAX_MESSAGES: usize = 20;

impl Reader<'_> {
    /// Collects the names in a JSON error.
    pub(super) fn json(&mut self, value: &Value) {
        self.walk(value, None, 0);
    }

    fn walk(&mut self, value: &Value, place: Option<Place>, depth: usize) {
        if depth > MAX_DEPTH || self.found.len() >= MAX_NAMES {
            return;
        }
        match value {
            Value::Object(fields) => {
                let mut shapes = self.table.shapes.iter();
                if shapes.any(|shape| self.shape(shape, value, place)) {
                    return;
                }
                for (key, inner) in fields {
                    self.field(key, inner, place, depth);
                }
            }
            Value::Array(items) => {
                for item in items.iter().take(MAX_ITEMS) {
                    self.walk(item, place, depth + 1);
                }
            }
            Value::String(message) => self.text(message),
            _ => {}
        }
    }

    fn field(&mut self, key: &str, inner: &Value, place: Option<Place>, depth: usize) {
        // {"error": "incomplete", "missing": ["name", "key"]}
        let lists = depth < MAX_LIST_DEPTH && self.table.has(List::Missing, key);
        if lists && self.missing(inner, place) {
            return;
        }
        // {"json": {"name": ["Missing data for required field."]}}
        if let Some(under) = self.table.place_under(key)
            && inner.is_object()
        {
            let before = self.found.len();
            self.walk(inner, Some(under.place), depth + 1);
            for named in self.found.iter_mut().skip(before) {
                named.hint.kind = under.kind.unwrap_or(named.hint.kind);
            }
            return;
        }
        // At the top level, a list of complaints makes its key a field: {"name": ["This field is …"]}.
        let inside = place.is_some() || depth > 0 || inner.is_array();
        let wrapper = self.table.has(List::Wrappers, key);
        let field = is_name(key) && (place.is_some() && key != "_schema" || !wrapper);
        match self.complaint(inner) {
            Some(message) if inside && field => {
                let place = place.or_else(|| self.table.place_of(&message));
                self.push(self.named(key, place, &message));
            }
            _ if place.is_none() && self.table.has(List::Messages, key) && self.helps(inner) => {}
            _ => self.nested(key, inner, place, depth),
        }
    }

    /// Reads nested names: `{"address": {"city": ["…"]}}`. If no place is given, the outer name may be
    /// one of the answer's own keys, so both readings are offered.
    fn nested(&mut self, key: &str, inner: &Value, place: Option<Place>, depth: usize) {
        let wrapper = self.table.has(List::Wrappers, key) && place.is_none() || key == "_schema";
        let fields = inner.as_object().filter(|_| !wrapper && is_name(key));
        let Some(fields) = fields else {
            self.walk(inner, place, depth + 1);
            return;
        };
        // {"home": {"_schema": ["Invalid input type."]}}: marshmallow expects an object.
        if fields.contains_key("_schema") {
            self.push(object(key, place));
            return;
        }
        // The items of a list are numbered: {"tags": {"0": ["Not a valid integer."]}}.
        let listed = !fields.is_empty() && fields.keys().all(|key| is_number(key));
        let item = if listed { "[]" } else { "" };
        let first = fields.values().next().filter(|_| listed);
        if let Some(first) = first {
            let name = format!("{key}[]");
            if let Some(message) = self.complaint(first) {
                self.push(self.named(&name, place, &message));
                return;
            }
            if first.get("_schema").is_some() {
                self.push(object(&name, place));
                return;
            }
        }
        let before = self.found.len();
        self.walk(inner, place, depth + 1);
        for mut named in self.found.split_off(before) {
            if place.is_none() {
                let elsewhere = named.place.is_some_and(|place| place != Place::Json);
                // With two possible names, neither is known to be required.
                let required = named.required && elsewhere;
                self.push(Named {
                    required,
                    ..named.clone()
                });
                if elsewhere {
                    continue;
                }
            }
            named.name = format!("{key}{item}.{}", named.name);
            self.push(named);
        }
    }

    /// Reads an error of Flask-RESTful's reqparse: `{"message": {"task": "the argument's own help"}}`;
    /// returns true on a match.
    fn helps(&mut self, value: &Value) -> bool {
        let fields = value.as_object().filter(|fields| !fields.is_empty());
        let texts = fields.into_iter().flatten().map(|(key, value)| {
            let field = is_name(key) && !self.table.has(List::Wrappers, key);
            let text = value.as_str().filter(|text| text.len() < MAX_MESSAGE);
            text.filter(|_| field).map(|text| (key, text))
        });
        let Some(texts) = texts.collect::<Option<Vec<_>>>() else {
            return false;
        };
        for (key, message) in &texts {
            let mut named = self.named(key, self.table.place_of(message), message);
            named.help = !self.table.is(Mark::FieldComplaint, message);
            self.push(named);
        }
        !texts.is_empty()
    }

    /// Reads a list of names; returns true if it is one.
    fn missing(&mut self, value: &Value, place: Option<Place>) -> bool {
        let items = value.as_array().into_iter().flatten();
        let names = items.map(|item| item.as_str().filter(|name| is_name(name)));
        let names = names.collect::<Option<Vec<_>>>().unwrap_or_default();
        for name in &names {
            self.push(self.named(name, place, "missing"));
        }
        !names.is_empty()
    }

    /// Reads the names in an object of this shape; returns true on a match.
    fn shape(&mut self, shape: &Shape, value: &Value, place: Option<Place>) -> bool {
        let text = |keys: &[String]| keys.iter().find_map(|key| value.get(key)?.as_str());
        let Some(message) = text(&shape.message) else {
            return false;
        };
        let complains = shape.placed || self.table.is(Mark::FieldComplaint, message);
        if let Some(name) = text(&shape.field).filter(|name| is_name(name) && complains) {
            let place = place.or_else(|| self.table.place_of(message));
            self.push(self.named(name, place, message));
            return true;
        }
        let mut paths = shape.path.iter();
        let Some(steps) = paths.find_map(|key| value.get(key)?.as_array()) else {
            return false;
        };
        if shape.placed {
            return self.placed(shape, value, steps, message);
        }
        let path = name_of(steps);
        if path.is_empty() {
            return false;
        }
        // What the message names lies below the path.
        let before = self.found.len();
        self.text(message);
        for named in self.found.iter_mut().skip(before) {
            named.name = joined(&path, &named.name);
        }
        if self.found.len() == before && complains && is_name(&path) {
            self.push(self.named(&path, place, message));
        }
        true
    }

    /// Reads a pydantic error: `{"loc": ["body", "x"], "msg": "field required", "type": "…"}`.
    fn placed(&mut self, shape: &Shape, value: &Value, steps: &[Value], message: &str) -> bool {
        let first = steps.first().filter(|_| steps.len() > 1);
        let under = first.and_then(|step| self.table.place_under(step.as_str()?));
        let path = name_of(
            steps
                .get(usize::from(under.is_some())..)
                .unwrap_or_default(),
        );
        let name = path.trim_start_matches("[]").trim_start_matches('.');
        if !is_name(name) {
            return false;
        }
        let mut named = self.named(name, under.map(|under| under.place), message);
        for (key, bounds) in &shape.bounds {
            for (bound, name) in bounds {
                if let Some(limit) = value.get(key).and_then(|limits| limits.get(bound)) {
                    fill(&mut named.hint, name, &plain(limit));
                }
            }
        }
        for (key, end) in &shape.missing {
            let kind = value.get(key).and_then(Value::as_str);
            named.required |= kind.is_some_and(|kind| kind.ends_with(end));
        }
        self.push(named);
        true
    }

    /// Returns the message of a string or a list of strings that complains about its field.
    fn complaint(&self, value: &Value) -> Option<String> {
        let message = match value {
            Value::String(text) => text.clone(),
            Value::Array(items) if !items.is_empty() && items.len() < MAX_MESSAGES => {
                let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                texts?.join(" ")
            }
            _ => return None,
        };
        let complains = self.table.is(Mark::FieldComplaint, &message);
        (message.len() < MAX_MESSAGE && complains).then_some(message)
    }
}

/// Converts the steps of a path to a name: `a[].b`.
fn name_of(steps: &[Value]) -> String {
    let mut name = String::new();
    for step in steps {
        match step {
            Value::String(step) => name = joined(&name, step),
            Value::Number(_) => name.push_str("[]"),
            _ => {}
        }
    }
    name
}

fn object(name: &str, place: Option<Place>) -> Named {
    let mut named = Named {
        place,
        name: name.to_owned(),
        ..Named::default()
    };
    named.hint.kind = Kind::Object;
    named
}

fn is_number(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_digit())
}
