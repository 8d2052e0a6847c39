//! Which inputs and fields are credential-like.
//!
//! This module rates a name alone ([`Tier`]) and judges by evidence ([`Judgement`]): the name
//! raises the question, and values and behaviour decide it. The evidence is gathered in
//! `judge::standing`; what follows for a credential-like input is decided in `judge`.
//!
//! # What credential-like means
//!
//! An input or field is credential-like by evidence. Names come in any case style and in compounds
//! (`X-API-Key`, `partnerToken`). The longest known phrase that ends the name decides how strong it
//! is; `type="password"` is strong whatever the name.
//!
//! | name | examples | credential-like |
//! | --- | --- | --- |
//! | strong | `api_key`, `secret`, `password`, `access_token`, `bearer`, `jwt`, `otp`, a database URI | always, except if its value is a flag or empty; a number counts only for names of numeric codes |
//! | weak, of callers | `key`, `token`, `auth`, `ticket` and compounds that end in them | unless something speaks against it; the bare word next to other fields of a body, with nothing for it, is at most *likely* |
//! | weak, everyday | `code`, `pin`, `session`, `signature`, `private`, `pass` | only with one of these signs: it gets past a refusal, is digested, becomes the session cookie, stands next to a strong input, or the path, field or collection is named after credentials |
//! | never | `keyword`, `csrf_token`, `page_token`, `sort_key`, `public_key`, `idempotency_key` | never |
//!
//! *Against* a weak name speak: a declared enum, Boolean, number or date; a flag as its value; a
//! publishable format; a sibling `value`, `text` or `enabled` in one record; links from pages; that
//! it identifies its own record under a noun that does not mean a credential; words or slugs as the
//! values of other records; the noun of a store in the path; and that it selects (the observed
//! value gets content, canaries get "not found"). *For* it speak: 401, 403, "invalid" or "expired"
//! for a canary; a long random value; that it is served under a strong name, or from a collection
//! of credentials. Being stored, redirected or put into a cookie happens to any data, and counts
//! only if nothing speaks against it.
//!
//! A hidden field that changes with each fetch and for which an old value is refused is a CSRF
//! token. A signature next to an expiry belongs to a signed URL, `code` next to `state` to OAuth,
//! and `pin` next to an address is postal. **An input that gets past a refusal is credential-like,
//! whatever its name.**

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

/// How strongly a name alone suggests a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Not at all.
    Never,
    /// Depends on evidence.
    Weak,
    /// Certainly.
    Strong,
}

impl Tier {
    /// Returns the name used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Weak => "weak",
            Self::Strong => "strong",
        }
    }
}

/// The tables, with the user's additions. They are cheap to clone.
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

/// Returns whether a page shows a word as the value of an input, as in `?key=weight`.
pub fn shows_words(input: &Input) -> bool {
    input
        .values()
        .iter()
        .any(|value| values::look(value) == values::Likeness::Word)
}

/// Returns whether a value is long and random enough to be a key.
pub fn looks_random(value: &str) -> bool {
    values::look(value) == values::Likeness::KeyLike
}

impl Credentials {
    /// Creates the tables with the user's `--credential-name` and `--not-credential` patterns.
    pub fn new(also: Vec<Regex>, never: Vec<Regex>) -> Self {
        static TABLES: LazyLock<Arc<Tables>> = LazyLock::new(|| Arc::new(Tables::new()));
        Self {
            tables: Arc::clone(&TABLES),
            also,
            never,
        }
    }

    /// Returns whether the user named credentials of their own.
    pub fn has_own_names(&self) -> bool {
        !self.also.is_empty()
    }

    /// Returns what the user's patterns say about a name.
    ///
    /// A name that matches both lists is not a credential, since that is the narrower wish.
    fn wished(&self, name: &str) -> Option<bool> {
        if self.never.iter().any(|pattern| pattern.is_match(name)) {
            Some(false)
        } else if self.also.iter().any(|pattern| pattern.is_match(name)) {
            Some(true)
        } else {
            None
        }
    }

    /// Returns the tier of a name alone, in any case style and in compounds.
    ///
    /// The user's patterns take precedence.
    pub fn tier(&self, name: &str) -> Tier {
        match self.wished(name) {
            Some(false) => Tier::Never,
            Some(true) => Tier::Strong,
            None => self.tables.tier(name),
        }
    }

    /// Returns whether an input is worth a canary as a credential, by what is known before
    /// planting.
    ///
    /// This ignores its siblings. The name must not be one that never counts, and no declaration,
    /// value or path may contradict it.
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

    /// Returns whether a recorded value of this input may be somebody's secret.
    ///
    /// A credential must be possible, and the value must not be a word that people read.
    pub fn may_be_secret(&self, input: &Input) -> bool {
        self.possible("/", input) && (self.tier(&input.name) == Tier::Strong || !shows_words(input))
    }

    /// Judges an input of an operation, taking its siblings into account.
    ///
    /// `addresses` is as in [`Facts`]; `behaviour` is `None` before canaries were planted.
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
