//! Which inputs and fields are credential-like.
//!
//! Owns: what a name alone says ([`Tier`]), and the judgement by evidence ([`Judgement`]): names open
//! the question, values and behaviour decide it. Leaves out: gathering the evidence
//! (`judge::standing`), and what a credential-like input leads to (`judge`).
//!
//! # What credential-like means
//!
//! An input or field is credential-like by evidence. Names come in any case style and in compounds
//! (`X-API-Key`, `partnerToken`); the longest known phrase that ends the name decides how strong it is, and
//! `type="password"` is strong whatever it is called.
//!
//! | name | examples | credential-like |
//! | --- | --- | --- |
//! | strong | `api_key`, `secret`, `password`, `access_token`, `bearer`, `jwt`, `otp`, a database URI | always, but for a flag or nothing as its value; a number only where the name is one of digits |
//! | weak, of callers | `key`, `token`, `auth`, `ticket` and compounds that end in them | unless something speaks against it; the bare word beside other fields of a body, with nothing for it, is *likely* at most |
//! | weak, everyday | `code`, `pin`, `session`, `signature`, `private`, `pass` | only through a gate: it gets past a refusal, is digested, becomes the session cookie, stands beside a strong input, or path, field or collection are named after credentials |
//! | never | `keyword`, `csrf_token`, `page_token`, `sort_key`, `public_key`, `idempotency_key` | whatever happens |
//!
//! *Against* a weak name speak: a declared enum, boolean, number or date; the value of a flag; a publishable
//! format; a sibling `value`, `text` or `enabled` in one record; links from pages, or that it names its own
//! record under a noun that is no credential; words or slugs as the values of other records; a store's noun in
//! the path; and that it selects: the value that was seen gets content, canaries get "not found". *For* it: 401,
//! 403, "invalid" or "expired" for a canary; a long random value; that it is served under a strong name, or from
//! a collection of credentials. That it is kept, redirected or put into a cookie is what happens to any data,
//! and decides only where nothing speaks against it.
//!
//! A hidden field that is new at each fetch, and of which an old value is refused, is a CSRF token. A signature
//! beside an expiry is a signed URL; `code` beside `state` is OAuth; `pin` beside an address is postal. **An
//! input that gets past a refusal is credential-like, whatever its name.**

mod evidence;
mod names;
mod tables;
mod values;
mod words;

use std::sync::{Arc, LazyLock};

use crate::surface::{Endpoint, Input, Place};
use regex::Regex;

pub use evidence::{Behaviour, Facts, Judgement, Standing};
use names::Tables;

/// How strongly a name alone says "credential".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Not at all.
    Never,
    /// Evidence decides.
    Weak,
    /// Without doubt.
    Strong,
}

impl Tier {
    /// The name that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Weak => "weak",
            Self::Strong => "strong",
        }
    }
}

/// The tables, with the user's additions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Credentials {
    tables: Arc<Tables>,
    also: Vec<Regex>,
    never: Vec<Regex>,
}

impl Default for Credentials {
    fn default() -> Self {
        Self::new(Vec::new(), Vec::new())
    }
}

/// True for an input for which a page shows a word that people read: `?key=weight`.
pub fn shows_words(input: &Input) -> bool {
    input
        .values()
        .iter()
        .any(|value| values::look(value) == values::Look::Word)
}

/// True for a value that is long and random enough for a key.
pub fn looks_random(value: &str) -> bool {
    values::look(value) == values::Look::KeyLike
}

impl Credentials {
    /// The tables with the user's `--credential-name` and `--not-credential` patterns.
    pub fn new(also: Vec<Regex>, never: Vec<Regex>) -> Self {
        static TABLES: LazyLock<Arc<Tables>> = LazyLock::new(|| Arc::new(Tables::new()));
        Self {
            tables: Arc::clone(&TABLES),
            also,
            never,
        }
    }

    /// True where the user names credentials of their own.
    pub fn has_own_names(&self) -> bool {
        !self.also.is_empty()
    }

    /// What the user's patterns say of a name. One that matches both lists is none, since that is
    /// the narrower wish.
    fn wished(&self, name: &str) -> Option<bool> {
        if self.never.iter().any(|pattern| pattern.is_match(name)) {
            Some(false)
        } else if self.also.iter().any(|pattern| pattern.is_match(name)) {
            Some(true)
        } else {
            None
        }
    }

    /// The tier of a name alone, in any case style and in compounds. The user's patterns come
    /// first.
    pub fn tier(&self, name: &str) -> Tier {
        match self.wished(name) {
            Some(false) => Tier::Never,
            Some(true) => Tier::Strong,
            None => self.tables.tier(name),
        }
    }

    /// True when an input is worth a canary as a credential, by what is known before any is planted
    /// and without its siblings: the name is none that never counts, and no declaration, value or
    /// path contradicts it.
    pub fn possible(&self, path: &str, input: &Input) -> bool {
        input.lets_in
            || self
                .judge(&Facts {
                    name: &input.name,
                    place: input.place,
                    path,
                    hint: &input.hint,
                    csrf: input.csrf,
                    values: &input.values(),
                    siblings: &[],
                    addresses: false,
                    behaviour: None,
                })
                .standing
                != Standing::No
    }

    /// True when a recorded value of this input may be somebody's secret: a credential is possible, and
    /// the value is no word that people read.
    pub fn may_be_secret(&self, input: &Input) -> bool {
        self.possible("/", input) && (self.tier(&input.name) == Tier::Strong || !shows_words(input))
    }

    /// Judges an input of an operation, its siblings considered. `addresses` as in [`Facts`];
    /// `behaviour` is `None` before canaries were planted.
    pub fn judge_input(
        &self,
        endpoint: &Endpoint,
        input: &Input,
        addresses: bool,
        behaviour: Option<&Behaviour>,
    ) -> Judgement {
        let siblings: Vec<_> = endpoint
            .inputs
            .iter()
            .filter(|other| (other.place, &other.name) != (input.place, &input.name))
            .map(|other| (other.place, other.name.as_str()))
            .collect();
        let mut values = input.values();
        values.extend(endpoint.samples.iter().filter_map(|sample| {
            (input.place == Place::Path).then(|| sample.get(&input.name).cloned())?
        }));
        let let_in = input.lets_in.then(|| Behaviour {
            let_in: true,
            ..behaviour.cloned().unwrap_or_default()
        });
        let behaviour = let_in.as_ref().or(behaviour);
        self.judge(&Facts {
            name: &input.name,
            place: input.place,
            path: endpoint.id.path.as_str(),
            hint: &input.hint,
            csrf: input.csrf,
            values: &values,
            siblings: &siblings,
            addresses,
            behaviour,
        })
    }
}
