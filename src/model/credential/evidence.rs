//! Whether an input is credential-like, decided by one function from what is known about it.
//!
//! This module has the facts, weighs them, and makes the judgement. The facts are gathered in
//! `judge::standing`; names are rated in `names`, and single values in `values`.
//!
//! An input is judged twice: before anything is planted, with what pages and specifications say,
//! and at the end, with what the canaries did. A name raises the question; evidence decides it.

use std::collections::BTreeSet;
use std::fmt;

use super::names::{Tables, Weak};
use super::values::{self, Likeness};
use super::words;
use super::{Credentials, Tier};
use crate::surface::{Kind, Place, TypeHint};
use crate::words::singular;

/// How credential-like an input is, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Not credential-like: what its canaries show is a flow.
    No,
    /// An everyday name without evidence so far: worth a canary, but not a finding yet.
    Possible,
    /// Probably credential-like: its findings are at most *likely*.
    Likely,
    /// Credential-like.
    Yes,
}

impl Standing {
    /// Returns the name used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Yes => "yes",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A judgement with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The result.
    pub standing: Standing,
    /// The tier of the name alone.
    pub tier: Tier,
    /// Reasons for a credential, one phrase each.
    pub speaks_for: Vec<String>,
    /// Reasons against a credential, one phrase each.
    pub against: Vec<String>,
    /// The deciding reason, as a phrase.
    pub decided: String,
}

impl Judgement {
    /// Returns whether canary rules turn what they see of it into findings.
    pub fn is_credential(&self) -> bool {
        self.standing >= Standing::Likely
    }
}

/// What the canaries of an input did, and what was found next to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// It got past a 401, a 403 or a redirect to a login.
    pub let_in: bool,
    /// A digest of it came back.
    pub digested: bool,
    /// It became the value of a session cookie.
    pub session: bool,
    /// A canary was answered with 401 or 403, or with "invalid" or "expired".
    pub doubted: bool,
    /// The value seen before gets content, but canaries get "not found".
    pub missing: bool,
    /// Another operation served it.
    pub served: bool,
    /// It appeared in a redirect, a cookie or a session.
    pub moved: bool,
    /// The fields under which it was served.
    pub fields: BTreeSet<String>,
    /// The paths of the operations that served it.
    pub paths: BTreeSet<String>,
    /// The values of the same field in other records.
    pub others: BTreeSet<String>,
    /// The names next to it in its record.
    pub beside: BTreeSet<String>,
    /// The paths of links in which it was the last segment: `/products/`.
    pub links: BTreeSet<String>,
}

impl Behaviour {
    /// Maximum number of values and names kept of each kind; more add nothing.
    const MOST: usize = 24;

    /// Merges in the behaviour observed at another time.
    pub fn absorb(&mut self, other: Self) {
        self.let_in |= other.let_in;
        self.digested |= other.digested;
        self.session |= other.session;
        self.doubted |= other.doubted;
        self.missing |= other.missing;
        self.served |= other.served;
        self.moved |= other.moved;
        let sets = [
            (&mut self.fields, other.fields),
            (&mut self.paths, other.paths),
            (&mut self.others, other.others),
            (&mut self.beside, other.beside),
            (&mut self.links, other.links),
        ];
        for (set, more) in sets {
            let room = Self::MOST.saturating_sub(set.len());
            set.extend(more.into_iter().take(room));
        }
    }
}

/// What is known about an input.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Its name.
    pub name: &'a str,
    /// The part of the request that holds it.
    pub place: Place,
    /// The path template of its operation.
    pub path: &'a str,
    /// The values it takes.
    pub hint: &'a TypeHint,
    /// Whether it is a CSRF token.
    pub csrf: bool,
    /// The values that links and forms show for it.
    pub values: &'a [String],
    /// The names of the operation's other inputs, with their places.
    pub siblings: &'a [(Place, &'a str)],
    /// Whether a path of the application addresses a record of this operation's collection by a
    /// placeholder of this name: `/products/{code}` for `POST /products`.
    pub addresses: bool,
    /// What its canaries did; `None` before any were planted.
    pub behaviour: Option<&'a Behaviour>,
}

/// Number of different words that show that the values are words.
const WORDS: usize = 3;

impl Credentials {
    /// Judges an input.
    pub fn judge(&self, facts: &Facts<'_>) -> Judgement {
        Weighing {
            credentials: self,
            tables: &self.tables,
            facts,
            digits: digits_are_usual(facts.name),
        }
        .judge()
    }
}

struct Weighing<'a> {
    credentials: &'a Credentials,
    tables: &'a Tables,
    facts: &'a Facts<'a>,
    digits: bool,
}

impl Weighing<'_> {
    fn judge(&self) -> Judgement {
        let facts = self.facts;
        let tier = self.credentials.tier(facts.name);
        let weak = self.tables.weak(facts.name);
        let speaks_for = self.speaks_for();
        let against = self.against(weak);
        let (standing, decided) = self.decide(tier, weak, &speaks_for, &against);
        Judgement {
            standing,
            tier,
            speaks_for: speaks_for.into_iter().map(|(_, text)| text).collect(),
            against,
            decided,
        }
    }

    fn decide(
        &self,
        tier: Tier,
        weak: Weak,
        speaks_for: &[(For, String)],
        against: &[String],
    ) -> (Standing, String) {
        let facts = self.facts;
        let say = |standing, text: &str| (standing, text.to_owned());
        let find = |wanted: &[For]| speaks_for.iter().find(|(what, _)| wanted.contains(what));
        match self.credentials.wished(facts.name) {
            Some(false) => {
                return say(
                    Standing::No,
                    "the tester says that it is none (--not-credential)",
                );
            }
            Some(true) => {
                return say(
                    Standing::Yes,
                    "the tester says that it is one (--credential-name)",
                );
            }
            None => {}
        }
        if facts.csrf {
            return say(Standing::No, "a CSRF token: every visitor gets one");
        }
        if let Some(text) = self.of_signed(weak) {
            return (Standing::No, text);
        }
        if let Some((_, text)) = find(&[For::LetIn]) {
            return (Standing::Yes, text.clone());
        }
        if facts.hint.format.as_deref() == Some("password") {
            return say(Standing::Yes, "a password field");
        }
        match tier {
            Tier::Never => return say(Standing::No, "a name that holds no secret"),
            Tier::Strong => {
                return match self.no_strong() {
                    Some(text) => (Standing::No, text),
                    None => say(Standing::Yes, "a name that says so without doubt"),
                };
            }
            Tier::Weak => {}
        }
        if let Some(text) = against.first() {
            return match find(&[For::StrongField]) {
                Some((_, strong)) => (Standing::Yes, strong.clone()),
                None => (Standing::No, text.clone()),
            };
        }
        if weak == Weak::Everyday {
            let gates = [
                For::Digested,
                For::Session,
                For::BesideStrong,
                For::Noun,
                For::StrongField,
            ];
            return match (find(&gates), facts.behaviour) {
                (Some((_, gate)), _) => (Standing::Yes, gate.clone()),
                (None, None) => say(
                    Standing::Possible,
                    "an everyday name: what its canaries do decides",
                ),
                (None, Some(seen)) if seen.served || seen.moved => say(
                    Standing::Likely,
                    "an everyday name that is kept and shown; nothing says whether it lets anyone in",
                ),
                (None, Some(_)) => say(Standing::Possible, "an everyday name that lets nobody in"),
            };
        }
        let bare = !facts
            .name
            .contains(|letter: char| !letter.is_ascii_alphabetic())
            && Tables::is_bare(facts.name);
        let body = facts.place.in_body()
            && facts
                .siblings
                .iter()
                .any(|(place, _)| *place == facts.place);
        match speaks_for.first() {
            Some((_, text)) => (Standing::Yes, text.clone()),
            None if bare && body => say(
                Standing::Likely,
                "a bare word as one field beside others, with nothing for it",
            ),
            None => say(Standing::Yes, "a caller's name that nothing contradicts"),
        }
    }

    /// Returns why a strong name is not a credential after all: it takes yes or no, or a number.
    fn no_strong(&self) -> Option<String> {
        match self.facts.hint.kind {
            Kind::Boolean => Some("declared as yes or no".to_owned()),
            Kind::Integer | Kind::Number if self.only_a_number() => {
                Some("declared as a number".to_owned())
            }
            _ => None,
        }
    }

    /// Returns whether digits speak against the name: not for PINs, codes and passwords.
    fn only_a_number(&self) -> bool {
        !self.digits && !Tables::is_of_digits(self.facts.name)
    }

    fn speaks_for(&self) -> Vec<(For, String)> {
        let facts = self.facts;
        let mut found = Vec::new();
        if let Some(seen) = facts.behaviour {
            if seen.let_in {
                found.push((For::LetIn, "it gets past a refusal".to_owned()));
            }
            let strong = seen.fields.iter().find(|field| {
                let served = self.credentials.tier(field) == Tier::Strong;
                served && !field.is_empty()
            });
            if let Some(field) = strong {
                found.push((For::StrongField, format!("served as {field}")));
            }
            if seen.session {
                found.push((For::Session, "it becomes the session cookie".to_owned()));
            }
            if seen.digested {
                found.push((For::Digested, "a digest of it is kept".to_owned()));
            }
        }
        let near = |place: &Place| match facts.place {
            Place::Path => false,
            place_of if place_of.in_body() => *place == place_of,
            place_of => *place == place_of,
        };
        let strong = facts
            .siblings
            .iter()
            .find(|(place, name)| near(place) && self.credentials.tier(name) == Tier::Strong);
        if let Some((_, name)) = strong {
            found.push((For::BesideStrong, format!("it stands beside {name}")));
        }
        if let Some(noun) = self.noun() {
            found.push((For::Noun, format!("named after a credential: {noun}")));
        }
        let others = facts.behaviour.into_iter().flat_map(|seen| &seen.others);
        let mut known = facts.values.iter().chain(others);
        if known.any(|value| values::look(value) == Likeness::KeyLike) {
            found.push((
                For::KeyLike,
                "a value that was seen looks like a key".to_owned(),
            ));
        }
        if facts.behaviour.is_some_and(|seen| seen.doubted) {
            found.push((For::Doubted, "a made-up value is called invalid".to_owned()));
        }
        found
    }

    /// Returns the word of a path, a name or a field that is named after a credential.
    fn noun(&self) -> Option<String> {
        let facts = self.facts;
        let own = words::split(facts.name);
        let head = own.last.last();
        let in_name = own
            .context
            .iter()
            .chain(own.last.iter().filter(|word| Some(*word) != head))
            .find(|word| self.tables.is_noun(word));
        if let Some(word) = in_name {
            return Some(word.clone());
        }
        let seen = facts.behaviour.into_iter().flat_map(|seen| &seen.paths);
        let paths = std::iter::once(facts.path).chain(seen.map(String::as_str));
        for path in paths {
            let mut segments = words::literal_segments(path).rev().take(MAX_SEGMENTS);
            let found =
                segments.find_map(|words| words.into_iter().find(|word| self.tables.is_noun(word)));
            if found.is_some() {
                return found;
            }
        }
        let fields = facts.behaviour.into_iter().flat_map(|seen| &seen.fields);
        fields
            .flat_map(|field| words::split(field).context)
            .find(|word| self.tables.is_noun(&singular(word)))
    }

    /// Returns what contradicts a weak name, the weightiest reason first.
    fn against(&self, weak: Weak) -> Vec<String> {
        let facts = self.facts;
        let hint = facts.hint;
        let mut found = Vec::new();
        if !hint.choices.is_empty() {
            found.push("declared as one of a list".to_owned());
        }
        match hint.kind {
            Kind::Boolean => found.push("declared as yes or no".to_owned()),
            Kind::Integer | Kind::Number if self.only_a_number() => {
                found.push("declared as a number".to_owned());
            }
            _ => {}
        }
        if let Some(format) = hint
            .format
            .as_deref()
            .filter(|format| is_other_format(format))
        {
            found.push(format!("declared as {format}"));
        }
        found.extend(self.against_values());
        found.extend(self.against_names(weak));
        found.extend(self.against_paths(weak));
        if let Some(seen) = facts.behaviour
            && seen.missing
            && facts
                .values
                .iter()
                .any(|value| values::look(value) == Likeness::Word)
        {
            found.push("it selects: a word is answered, canaries are not found".to_owned());
        }
        found
    }

    /// Returns whether the last segment of a path is named after credentials, or carries tokens.
    fn is_of_tokens(&self, path: &str) -> bool {
        let last = words::literal_segments(path).next_back();
        last.is_none_or(|words| {
            words
                .iter()
                .any(|word| self.tables.is_noun(word) || self.tables.is_link(word))
        })
    }

    fn against_values(&self) -> Vec<String> {
        let facts = self.facts;
        let mut found = Vec::new();
        for value in facts.values {
            match values::look(value) {
                Likeness::Flag => found.push(format!("{value} is a switch")),
                Likeness::Number if self.only_a_number() => {
                    found.push(format!("{value} is a number"));
                }
                Likeness::Date => found.push(format!("{value} is a date")),
                Likeness::Publishable => found.push("a publishable key was seen".to_owned()),
                _ => {}
            }
        }
        let others = facts.behaviour.into_iter().flat_map(|seen| &seen.others);
        let mut words: BTreeSet<&str> = BTreeSet::new();
        let mut keys = 0;
        for value in facts.values.iter().chain(others) {
            match values::look(value) {
                Likeness::Word => {
                    words.insert(value);
                }
                Likeness::Number if self.only_a_number() => {
                    words.insert(value);
                }
                Likeness::KeyLike => keys += 1,
                _ => {}
            }
        }
        if words.len() >= WORDS && words.len() > keys {
            let some: Vec<&str> = words.into_iter().take(WORDS).collect();
            found.push(format!("its values are words: {}", some.join(", ")));
        }
        found
    }

    fn against_names(&self, weak: Weak) -> Vec<String> {
        let facts = self.facts;
        let tables = self.tables;
        let own = words::split(facts.name).last;
        let head = own.last().map_or("", String::as_str);
        let siblings = || {
            let inputs = facts.siblings.iter().map(|(_, name)| *name);
            let fields = facts.behaviour.into_iter().flat_map(|seen| &seen.beside);
            inputs.chain(fields.map(String::as_str))
        };
        let beside =
            |test: &dyn Fn(&str) -> bool| siblings().find(|name| *name != facts.name && test(name));
        let mut found = Vec::new();
        if matches!(head, "key" | "keys" | "code" | "token")
            && let Some(name) = beside(&|name| tables.is_of_pairs(name))
        {
            found.push(format!("{name} beside it: a pair of name and value"));
        }
        found.extend(self.of_signed(weak));
        if head == "code" && beside(&|name| name.eq_ignore_ascii_case("state")).is_some() {
            found.push("state beside it: OAuth's code".to_owned());
        }
        if matches!(head, "pin" | "pincode" | "code")
            && let Some(name) = beside(&|name| tables.is_of_addresses(name))
        {
            found.push(format!("{name} beside it: a postal code"));
        }
        found
    }

    /// Returns a reason if this is the signature of a signed URL, even where it gets past a
    /// refusal.
    fn of_signed(&self, weak: Weak) -> Option<String> {
        let own = words::split(self.facts.name).last;
        let signs = matches!(
            own.last().map(String::as_str),
            Some("signature" | "sig" | "hmac")
        );
        let mut siblings = self.facts.siblings.iter().map(|(_, name)| *name);
        let beside = siblings.find(|name| self.tables.is_of_signed(name));
        let name = beside.filter(|_| signs && weak == Weak::Everyday)?;
        Some(format!("{name} beside it: a signed URL"))
    }

    fn against_paths(&self, weak: Weak) -> Vec<String> {
        let facts = self.facts;
        let tables = self.tables;
        let mut found = Vec::new();
        // The last segments say most: `/settings/tokens` holds tokens.
        let store = words::literal_segments(facts.path)
            .rev()
            .take_while(|words| !words.iter().any(|word| tables.is_noun(word)))
            .filter_map(|words| words.last().cloned())
            .find(|word| tables.is_store(word));
        if let Some(store) = store {
            found.push(format!(
                "{store} in the path: a store in which things are looked up"
            ));
        }
        if self.noun().is_some() {
            return found;
        }
        if facts.place.in_body() && tables.is_written(facts.path, facts.name) {
            found
                .push("a signature that no machine's word makes one: letters have them".to_owned());
        }
        let key_like = facts
            .values
            .iter()
            .any(|value| values::look(value) == Likeness::KeyLike);
        let linked = facts
            .behaviour
            .into_iter()
            .flat_map(|seen| &seen.links)
            .find(|path| !self.is_of_tokens(path));
        if let Some(path) = linked {
            found.push(format!("pages link to its record below {path}"));
        }
        let own_record = match facts.place {
            // `/reset/{token}` carries a token for whoever has the link.
            Place::Path => {
                let before = segment_before(facts.path, facts.name);
                let link = before
                    .as_ref()
                    .is_some_and(|words| words.last().is_some_and(|word| tables.is_link(word)));
                let root = before.is_none();
                // A caller's input that is sent on, kept or doubted does not address a record.
                let used = facts.behaviour.is_some_and(|seen| {
                    let callers = weak == Weak::Callers && (seen.doubted || seen.moved);
                    seen.session || seen.digested || callers
                });
                let known = facts.behaviour.is_some();
                known && !root && !used && !(weak == Weak::Callers && (key_like || link))
            }
            _ => facts.addresses,
        };
        if own_record {
            found.push("it addresses a record of its own".to_owned());
        }
        found
    }
}

/// The kinds of reasons for a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    LetIn,
    StrongField,
    Session,
    Digested,
    BesideStrong,
    Noun,
    KeyLike,
    Doubted,
}

/// Number of segments at the end of a path that are searched for a credential's noun.
const MAX_SEGMENTS: usize = 2;

/// Returns the words of the literal segment before a placeholder.
fn segment_before(path: &str, name: &str) -> Option<Vec<String>> {
    let mut before = None;
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let holds = segment.trim_matches(['{', '}', '<', '>']);
        if segment.contains(['{', '<']) && holds.rsplit(':').next() == Some(name) {
            return before;
        }
        if !segment.contains(['{', '<']) {
            before = words::literal_segments(segment).next();
        }
    }
    None
}

/// Returns whether a format of JSON Schema or OpenAPI is one that no credential has.
fn is_other_format(format: &str) -> bool {
    let format = format.to_ascii_lowercase();
    [
        "date", "time", "duration", "int", "float", "double", "decimal", "email", "ipv",
        "hostname", "uri", "url",
    ]
    .iter()
    .any(|prefix| format.starts_with(prefix))
}

/// Returns whether digits are usual for a name, as for PINs and codes.
pub(super) fn digits_are_usual(name: &str) -> bool {
    words::split(name).last.iter().any(|word| {
        matches!(
            word.as_str(),
            "pin" | "pins" | "code" | "codes" | "pincode" | "otp" | "totp"
        )
    })
}

#[cfg(test)]
mod tests;
