//! What answers have taught about which operations may be sent, shared by all users of the policy.
//!
//! This module keeps routes with a verb in their name that turned out to show a form, GETs that
//! turned out to act, who the tester is, and which operations show the tester's own record. What
//! names alone say is decided in `policy.rs`, `acts.rs` and `account.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;

use crate::login;
use crate::surface::Method;
use crate::surface::{EndpointId, Input, Kind, Template};
use crate::words::{is_in, leaf, plain, words};

/// Maximum number of facts kept of each kind.
const MOST: usize = 5_000;

/// Fields and inputs that identify a person. A post's `author` and an order's `owner` say to whom
/// it belongs, so they are not included.
const WHO: [&str; 14] = [
    "alias",
    "displayname",
    "email",
    "emailaddress",
    "fullname",
    "handle",
    "login",
    "mail",
    "nickname",
    "screenname",
    "uname",
    "user",
    "username",
    "usermail",
];

/// Further fields of the tester's own record that identify the tester.
const IDS: [&str; 6] = ["id", "pk", "sub", "uid", "userid", "uuid"];

/// Inputs of a form that hold the id of an account.
const ACCOUNT_IDS: [&str; 5] = ["accountid", "memberid", "profileid", "uid", "userid"];

/// Inputs of a form that changes a password or the means of recovering an account.
const RENEWS: [&str; 17] = [
    "currentpass",
    "currentpassword",
    "currentpwd",
    "newpass",
    "newpassword",
    "newpasswordconfirm",
    "newpasswordconfirmation",
    "newpwd",
    "oldpass",
    "oldpassword",
    "oldpwd",
    "passwordcurrent",
    "passwordnew",
    "passwordold",
    "recoveryemail",
    "recoveryphone",
    "securityanswer",
];

/// Inputs that are empty where something new is written, next to who writes it.
const WRITTEN: [&str; 13] = [
    "body", "comment", "content", "enquiry", "feedback", "inquiry", "message", "msg", "question",
    "reply", "review", "subject", "text",
];

/// Last segments of paths that show the current user.
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
const PEOPLE: [&str; 16] = [
    "account",
    "accounts",
    "author",
    "authors",
    "customer",
    "customers",
    "member",
    "members",
    "people",
    "profile",
    "profiles",
    "staff",
    "u",
    "user",
    "users",
    "person",
];

/// Facts that answers have taught. It is cheap to clone, and clones share the facts.
#[derive(Clone, Debug, Default)]
pub struct Learnt(Arc<RwLock<LearntFacts>>);

#[derive(Debug, Default)]
struct LearntFacts {
    /// GETs that are named like an action but show its form.
    forms: BTreeSet<Template>,
    /// Those of them that took POST but showed no form.
    formless: BTreeSet<Template>,
    /// GETs that were seen to act.
    acted: BTreeSet<Template>,
    /// The tester's names, addresses and ids, in lower case.
    own: BTreeSet<String>,
    /// Whom the forms of operations were prefilled with, in lower case, since who the tester is may
    /// be learnt later.
    prefilled: BTreeMap<EndpointId, BTreeSet<String>>,
    /// Operations with a form that was prefilled with the tester's own data.
    filled: BTreeSet<EndpointId>,
    /// Operations with a form that changes a password.
    renews: BTreeSet<EndpointId>,
    /// Operations on a single thing with a form that shows its stored values.
    edits: BTreeSet<EndpointId>,
    /// Paths that show the tester's record; true if they show nothing else.
    shows: BTreeSet<(String, bool)>,
}

impl Learnt {
    fn read(&self) -> RwLockReadGuard<'_, LearntFacts> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, LearntFacts> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a path takes POST, so that its GET should show the form.
    pub fn note_form(&self, template: &Template) {
        let mut facts = self.write();
        if !facts.formless.contains(template) {
            keep(&mut facts.forms, template.clone());
        }
    }

    /// Returns whether the GET of a path should show a form.
    pub fn expects_form(&self, template: &Template) -> bool {
        self.read().forms.contains(template)
    }

    /// Records that a GET showed no form: it does what its name says.
    pub fn note_no_form(&self, template: &Template) {
        let mut facts = self.write();
        if facts.forms.remove(template) {
            keep(&mut facts.formless, template.clone());
        }
    }

    /// Records that a GET acted.
    pub fn note_act(&self, template: &Template) {
        keep(&mut self.write().acted, template.clone());
    }

    /// Records who the tester is.
    pub fn note_own(&self, names: impl IntoIterator<Item = String>) {
        let mut facts = self.write();
        let before = facts.own.len();
        for name in names {
            let name = name.trim().to_lowercase();
            if (2..=200).contains(&name.chars().count()) {
                keep(&mut facts.own, name);
            }
        }
        if facts.own.len() > before {
            let LearntFacts {
                own,
                prefilled,
                filled,
                ..
            } = &mut *facts;
            let mine = prefilled
                .iter()
                .filter(|(_, values)| !values.is_disjoint(own));
            mine.for_each(|(id, _)| keep(filled, id.clone()));
        }
    }

    /// Returns whether a text is the tester's name, address or id.
    pub(crate) fn is_own(&self, text: &str) -> bool {
        let facts = self.read();
        !facts.own.is_empty() && facts.own.contains(&text.trim().to_lowercase())
    }

    /// Records whether a form identifies the tester, changes a password, or shows stored values.
    pub fn note_form_of(&self, id: &EndpointId, inputs: &[Input]) {
        if id.method.is_safe() || login::hands_out_tokens(id.path.as_str()) {
            return;
        }
        let inputs: Vec<(String, &Input)> = inputs
            .iter()
            .filter(|input| input.place.in_body() && !input.csrf)
            .map(|input| (plain(leaf(&input.name)), input))
            .collect();
        let is_who =
            |name: &str, input: &Input| says_who(&input.name) || ACCOUNT_IDS.contains(&name);
        let passwords = inputs
            .iter()
            .filter(|(_, input)| input.hint.format.as_deref() == Some("password"));
        let who = inputs.iter().filter(|(name, input)| is_who(name, input));
        let renews = inputs
            .iter()
            .any(|(name, _)| RENEWS.contains(&name.as_str()))
            || (passwords.count() > 1 && who.clone().next().is_none());
        // Hidden inputs are not of kind `String`, and a select always shows a choice.
        let shows = |(name, input): &(String, &Input)| {
            let visible = input.hint.kind == Kind::String && input.hint.choices.is_empty();
            visible && input.hint.example.is_some() && !is_who(name, input)
        };
        let edits = super::names_one(id) && inputs.iter().any(shows);
        let writes = inputs
            .iter()
            .any(|(name, input)| WRITTEN.contains(&name.as_str()) && input.hint.example.is_none());
        let values: BTreeSet<String> = who
            .filter_map(|(_, input)| text_of(input.hint.example.as_ref()?))
            .map(|text| text.trim().to_lowercase())
            .collect();
        let mut facts = self.write();
        if renews {
            keep(&mut facts.renews, id.clone());
        }
        if edits {
            keep(&mut facts.edits, id.clone());
        }
        if writes || values.is_empty() {
            return;
        }
        let own = !values.is_disjoint(&facts.own);
        if own {
            keep(&mut facts.filled, id.clone());
        } else if facts.prefilled.len() < MOST {
            let known = facts.prefilled.entry(id.clone()).or_default();
            known.extend(values.iter().take(20).cloned());
        }
        drop(facts);
        if own {
            // Next to the tester's name is the tester's address.
            self.note_own(values.into_iter().filter(|value| value.contains('@')));
        }
    }

    /// Records what a GET shows: who the tester is, and whether it is the tester's own record.
    pub fn note_read(&self, path: &str, shown: &Value) {
        let Some(record) = record(shown) else {
            return;
        };
        let last = path.trim_end_matches('/').rsplit('/').next();
        let last: String = words(last.unwrap_or_default()).concat();
        if is_in(&OWN, &last) {
            let known = record
                .iter()
                .filter(|(name, _)| says_who(name) || is_in(&IDS, &plain(leaf(name))));
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

    /// Returns whether a GET may be sent although its name is a verb.
    pub(super) fn shows_form(&self, id: &EndpointId) -> bool {
        holds(&self.read().forms, id)
    }

    /// Returns whether a GET acted.
    pub(super) fn acted(&self, id: &EndpointId) -> bool {
        matches!(id.method, Method::Get | Method::Head) && holds(&self.read().acted, id)
    }

    /// Returns whether an operation's form shows stored values of the one thing that its path
    /// names.
    pub(super) fn edits(&self, id: &EndpointId) -> bool {
        !id.method.is_safe() && of(&self.read().edits, id)
    }

    /// Returns the evidence that an operation edits the account in use.
    pub(super) fn account(&self, id: &EndpointId) -> Option<String> {
        if id.method.is_safe() {
            return None;
        }
        let path = id.path.as_str();
        let facts = self.read();
        if of(&facts.filled, id) {
            return Some("its form holds your name".to_owned());
        }
        if of(&facts.renews, id) {
            return Some("its form changes a password".to_owned());
        }
        let shown = |whole| facts.shows.contains(&(path.to_owned(), whole));
        // A list that shows its owner takes new entries by POST.
        if shown(true) || (id.method != Method::Post && shown(false)) {
            return Some("it shows your account".to_owned());
        }
        let segments: Vec<String> = path.split('/').map(str::to_lowercase).collect();
        let own = segments.windows(2).any(|two| {
            let text = percent_encoding::percent_decode_str(&two[1]).decode_utf8_lossy();
            let named = text.strip_prefix('@').unwrap_or_default();
            facts.own.contains(named)
                || (PEOPLE.contains(&two[0].as_str()) && facts.own.contains(text.as_ref()))
        });
        own.then(|| "your own id".to_owned())
    }
}

/// Returns whether an operation is in a set, whatever the placeholders of its path hold.
fn of(known: &BTreeSet<EndpointId>, id: &EndpointId) -> bool {
    let same = |form: &EndpointId| form.method == id.method && stands_for(&form.path, id);
    known.contains(id) || known.iter().any(same)
}

fn keep<T: Ord>(set: &mut BTreeSet<T>, fact: T) {
    if set.len() < MOST {
        set.insert(fact);
    }
}

fn holds(known: &BTreeSet<Template>, id: &EndpointId) -> bool {
    known.contains(&id.path) || known.iter().any(|template| stands_for(template, id))
}

/// Returns whether a template has placeholders and matches an operation's path.
fn stands_for(template: &Template, id: &EndpointId) -> bool {
    !template.is_literal() && template.values(id.path.as_str()).is_some()
}

/// Returns whether an input or field of this name identifies a person.
fn says_who(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let words = words(last);
    WHO.contains(&words.concat().as_str())
        || words
            .last()
            .is_some_and(|word| matches!(word.as_str(), "email" | "username" | "nickname" | "mail"))
        || last.eq_ignore_ascii_case("name")
}

/// Returns the record in an answer: the answer itself, or the object it wraps.
fn record(shown: &Value) -> Option<&serde_json::Map<String, Value>> {
    let object = shown.as_object()?;
    let wraps = ["user", "profile", "account", "data", "me", "result"];
    let inner = wraps.iter().find_map(|name| object.get(*name)?.as_object());
    let record = inner.unwrap_or(object);
    // JSON:API separates the fields from the id.
    let fields = record.get("attributes").and_then(Value::as_object);
    Some(fields.unwrap_or(record))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // `{"$oid": "…"}` is how BSON's JSON writes an id.
        Value::Object(object) => object.get("$oid")?.as_str().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::surface::{Place, Provenance, TypeHint};

    fn own(names: &[&str]) -> Learnt {
        let learnt = Learnt::default();
        learnt.note_own(names.iter().map(|name| (*name).to_owned()));
        learnt
    }

    fn post(path: &str) -> EndpointId {
        EndpointId::new(Method::Post, path)
    }

    fn input(name: &str, value: &str) -> Input {
        let hint = TypeHint {
            kind: Kind::String,
            example: (!value.is_empty()).then(|| json!(value)),
            format: name.contains("password").then(|| "password".to_owned()),
            ..TypeHint::default()
        };
        Input::new(Place::Form, name, Provenance::Form).with_hint(hint)
    }

    #[test]
    fn who_the_tester_is_may_be_learnt_after_the_form_was_seen() {
        let learnt = own(&["ann"]);
        let form = [input("email", "ann@example.org"), input("phone", "")];
        learnt.note_form_of(&post("/contact-data"), &form);
        assert!(learnt.account(&post("/contact-data")).is_none());
        let form = [input("username", "ann"), input("email", "Ann@example.org")];
        learnt.note_form_of(&post("/greeting"), &form);
        assert!(learnt.account(&post("/greeting")).is_some());
        assert!(learnt.account(&post("/contact-data")).is_some());
        // The writer's own name next to a new message.
        let form = [input("name", "ann"), input("message", "")];
        learnt.note_form_of(&post("/contact"), &form);
        assert!(learnt.account(&post("/contact")).is_none());
    }

    #[test]
    fn a_form_that_changes_a_password_edits_the_account() {
        let learnt = Learnt::default();
        let renews = |path: &str, names: &[&str]| {
            let form: Vec<Input> = names.iter().map(|name| input(name, "")).collect();
            learnt.note_form_of(&post(path), &form);
            learnt.account(&post(path)).is_some()
        };
        assert!(renews(
            "/change",
            &["password", "new_password", "new_password_confirm"]
        ));
        assert!(renews("/security", &["password", "password2"]));
        assert!(!renews("/join", &["username", "password", "password2"]));
        assert!(!renews("/register", &["password", "password2"]));
        assert!(!renews("/vault", &["password"]));
    }

    #[test]
    fn a_form_that_shows_what_is_stored_of_one_thing_edits_it() {
        let learnt = Learnt::default();
        let form = [input("title", "First post"), input("body", "Hello")];
        for path in ["/posts/{id}", "/posts"] {
            learnt.note_form_of(&post(path), &form);
        }
        learnt.note_form_of(&post("/posts/{id}/comments"), &[input("text", "")]);
        assert!(learnt.edits(&post("/posts/{id}")) && learnt.edits(&post("/posts/7")));
        assert!(!learnt.edits(&post("/posts")));
        assert!(!learnt.edits(&post("/posts/7/comments")));
    }

    #[test]
    fn a_form_that_is_filled_in_with_the_testers_name_edits_the_account() {
        let learnt = own(&["ann", "Ann@example.org"]);
        let filled = |path: &str, name: &str, value: &str| {
            learnt.note_form_of(&post(path), &[input(name, value)]);
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
