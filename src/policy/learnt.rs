//! What answers have taught of what may be sent: shared by everything that asks the policy.
//!
//! Owns: routes with a verb in their name that turned out to show a form, GETs that turned out to act,
//! who the tester is, and which operations show the tester's own record. Leaves out: what names alone
//! say (`policy.rs`, `acts.rs`, `account.rs`).

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;

use super::words;
use crate::http::Method;
use crate::login;
use crate::surface::{EndpointId, Place, Template};

/// So many facts of one kind are kept.
const MOST: usize = 5_000;

/// Fields and inputs that hold who somebody is. A post's `author` and an order's `owner` say whose it
/// is, and are not among them.
const WHO: [&str; 12] = [
    "displayname",
    "email",
    "emailaddress",
    "fullname",
    "handle",
    "login",
    "mail",
    "nickname",
    "screenname",
    "user",
    "username",
    "usermail",
];

/// Fields of the tester's own record that tell who that is, besides.
const IDS: [&str; 6] = ["id", "pk", "sub", "uid", "userid", "uuid"];

/// Last segments of what shows whoever asks.
const OWN: [&str; 11] = [
    "account",
    "current",
    "currentuser",
    "me",
    "myaccount",
    "myprofile",
    "profile",
    "self",
    "user",
    "userinfo",
    "whoami",
];

/// Segments before the id of an account.
const PEOPLE: [&str; 13] = [
    "account",
    "accounts",
    "customer",
    "customers",
    "member",
    "members",
    "people",
    "profile",
    "profiles",
    "u",
    "user",
    "users",
    "person",
];

/// Facts that answers have taught. Cheap to clone; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Learnt(Arc<RwLock<Facts>>);

#[derive(Debug, Default)]
struct Facts {
    /// GETs that are named like an action, and show the form of one.
    forms: BTreeSet<Template>,
    /// GETs that were seen to act.
    acted: BTreeSet<Template>,
    /// The tester's names, addresses and ids, in lower case.
    own: BTreeSet<String>,
    /// Operations whose form was filled in with them.
    filled: BTreeSet<EndpointId>,
    /// Paths that show the tester's record; true where it is nothing but that.
    shows: BTreeSet<(String, bool)>,
}

impl Learnt {
    fn read(&self) -> RwLockReadGuard<'_, Facts> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Facts> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a path takes POST, so that its GET shows what is posted.
    pub(crate) fn note_form(&self, template: &Template) {
        keep(&mut self.write().forms, template.clone());
    }

    /// Notes that a GET acted.
    pub(crate) fn note_act(&self, template: &Template) {
        keep(&mut self.write().acted, template.clone());
    }

    /// Notes who the tester is.
    pub(crate) fn note_own(&self, names: impl IntoIterator<Item = String>) {
        let mut facts = self.write();
        for name in names {
            let name = name.trim().to_lowercase();
            if (2..=200).contains(&name.chars().count()) {
                keep(&mut facts.own, name);
            }
        }
    }

    /// True for a text that is the tester's name, address or id.
    pub(crate) fn is_own(&self, text: &str) -> bool {
        let facts = self.read();
        !facts.own.is_empty() && facts.own.contains(&text.trim().to_lowercase())
    }

    /// Looks at a form or a body with examples: whether one of its inputs holds who the tester is.
    pub(crate) fn note_inputs<'a>(
        &self,
        id: &EndpointId,
        inputs: impl Iterator<Item = (Place, &'a str, &'a Value)>,
    ) {
        if id.method.is_safe() || login::hands_out_tokens(id.path.as_str()) {
            return;
        }
        let own = |(place, name, value): (Place, &str, &Value)| {
            let in_body = matches!(place, Place::Form | Place::Multipart | Place::Json);
            in_body && says_who(name) && value.as_str().is_some_and(|text| self.is_own(text))
        };
        let mut inputs = inputs;
        if inputs.any(own) {
            keep(&mut self.write().filled, id.clone());
        }
    }

    /// Looks at what a GET shows: who the tester is, and whether it is the tester's own record.
    pub(crate) fn note_read(&self, path: &str, shown: &Value) {
        let Some(record) = record(shown) else {
            return;
        };
        let last = path.trim_end_matches('/').rsplit('/').next();
        let last: String = words(last.unwrap_or_default()).concat();
        if OWN.binary_search(&last.as_str()).is_ok() {
            let known = record.iter().filter(|(name, _)| {
                let plain = words(name).concat();
                says_who(name) || IDS.binary_search(&plain.as_str()).is_ok()
            });
            self.note_own(known.filter_map(|(_, value)| text_of(value)));
        }
        let own = record.iter().any(|(name, value)| {
            says_who(name) && text_of(value).is_some_and(|text| self.is_own(&text))
        });
        if own {
            let lists = |value: &Value| {
                let items = value.as_array();
                items.is_some_and(|items| items.iter().any(Value::is_object))
            };
            let whole = !record.values().any(lists);
            keep(&mut self.write().shows, (path.to_owned(), whole));
        }
    }

    /// True for a GET that may be read though its name is a verb.
    pub(super) fn shows_form(&self, id: &EndpointId) -> bool {
        holds(&self.read().forms, id)
    }

    /// True for a GET that acted.
    pub(super) fn acted(&self, id: &EndpointId) -> bool {
        matches!(id.method, Method::Get | Method::Head) && holds(&self.read().acted, id)
    }

    /// What shows that an operation edits the account in use.
    pub(super) fn account(&self, id: &EndpointId) -> Option<String> {
        if id.method.is_safe() {
            return None;
        }
        let path = id.path.as_str();
        let facts = self.read();
        let filled = facts.filled.contains(id)
            || facts.filled.iter().any(|form| {
                form.method == id.method
                    && !form.path.is_literal()
                    && form.path.values(path).is_some()
            });
        if filled {
            return Some("its form holds your name".to_owned());
        }
        let shown = |whole| facts.shows.contains(&(path.to_owned(), whole));
        // A list that says whose it is takes new entries by POST.
        if shown(true) || (id.method != Method::Post && shown(false)) {
            return Some("it shows your account".to_owned());
        }
        let segments: Vec<String> = path.split('/').map(str::to_lowercase).collect();
        let own = segments.windows(2).any(|two| {
            let text = percent_encoding::percent_decode_str(&two[1]).decode_utf8_lossy();
            PEOPLE.contains(&two[0].as_str()) && facts.own.contains(text.as_ref())
        });
        own.then(|| "your own id".to_owned())
    }
}

fn keep<T: Ord>(set: &mut BTreeSet<T>, fact: T) {
    if set.len() < MOST {
        set.insert(fact);
    }
}

fn holds(known: &BTreeSet<Template>, id: &EndpointId) -> bool {
    known.contains(&id.path)
        || known
            .iter()
            .any(|template| !template.is_literal() && template.values(id.path.as_str()).is_some())
}

/// True for the name of an input or a field that holds who somebody is.
fn says_who(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let words = words(last);
    WHO.contains(&words.concat().as_str())
        || words
            .last()
            .is_some_and(|word| matches!(word.as_str(), "email" | "username" | "nickname" | "mail"))
        || last.eq_ignore_ascii_case("name")
}

/// The record of an answer: itself, or what it wraps.
fn record(shown: &Value) -> Option<&serde_json::Map<String, Value>> {
    let object = shown.as_object()?;
    let wraps = ["user", "profile", "account", "data", "me", "result"];
    let inner = wraps.iter().find_map(|name| object.get(*name)?.as_object());
    Some(inner.unwrap_or(object))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // `{"$oid": "…"}`, as BSON's JSON writes an id.
        Value::Object(object) => object.get("$oid")?.as_str().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn own(names: &[&str]) -> Learnt {
        let learnt = Learnt::default();
        learnt.note_own(names.iter().map(|name| (*name).to_owned()));
        learnt
    }

    fn post(path: &str) -> EndpointId {
        EndpointId::new(Method::Post, path)
    }

    #[test]
    fn a_form_that_is_filled_in_with_the_testers_name_edits_the_account() {
        let learnt = own(&["ann", "Ann@example.org"]);
        let filled = |path: &str, name: &str, value: &str| {
            let value = json!(value);
            learnt.note_inputs(&post(path), [(Place::Form, name, &value)].into_iter());
            learnt.account(&post(path)).is_some()
        };
        assert!(filled("/about-you", "username", "ann"));
        assert!(filled("/contact-data", "e-mail", "ann@example.org"));
        assert!(!filled("/notes", "author", "ann"));
        assert!(!filled("/teams", "username", "bob"));
        assert!(!filled("/login", "username", "ann"));
        assert!(!filled("/comments", "text", "ann"));
    }

    #[test]
    fn what_shows_the_testers_record_edits_it_when_written() {
        let learnt = own(&["ann"]);
        learnt.note_read("/api/me", &json!({"user": {"id": 17, "username": "ann"}}));
        learnt.note_read("/api/card", &json!({"username": "ann", "about": "x"}));
        learnt.note_read(
            "/api/notes",
            &json!({"username": "ann", "notes": [{"id": 1}]}),
        );
        learnt.note_read("/api/other", &json!({"username": "bob"}));
        assert!(learnt.account(&post("/api/card")).is_some());
        assert!(learnt.account(&post("/api/notes")).is_none());
        assert!(learnt.account(&post("/api/other")).is_none());
        assert!(learnt.account(&post("/users/17")).is_some());
        assert!(learnt.account(&post("/users/17/rename")).is_some());
        assert!(learnt.account(&post("/users/18")).is_none());
        assert!(learnt.account(&post("/orders/17")).is_none());
        let get = EndpointId::new(Method::Get, "/users/17");
        assert!(learnt.account(&get).is_none());
    }

    #[test]
    fn templates_hold_for_the_paths_that_are_sent() {
        let learnt = Learnt::default();
        learnt.note_act(&Template::new("/bump/{id}"));
        assert!(learnt.acted(&EndpointId::new(Method::Get, "/bump/7")));
        assert!(!learnt.acted(&EndpointId::new(Method::Get, "/bump/7/x")));
        assert!(!learnt.acted(&post("/bump/7")));
    }
}
