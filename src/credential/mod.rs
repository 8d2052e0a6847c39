//! Which names are credential-like (RULES.md, "Words").
//!
//! Owns: the two tiers, and what contradicts the weak one. Leaves out: the tables (`tables`, data
//! only), cutting names into words (`words`), and what a credential-like input leads to (`judge`).
//!
//! The head of an English compound stands last, and it decides: `partner_token` is a token,
//! `token_type` is a type. The longest phrase of the tables that ends the name wins, so that
//! `public_key` beats `key`.

mod tables;
mod words;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use crate::surface::{Input, Kind, Place, TypeHint};

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

impl Credentials {
    /// The tables with the user's `--credential-name` and `--not-credential` patterns.
    pub fn new(also: Vec<Regex>, never: Vec<Regex>) -> Self {
        Self {
            tables: Arc::new(Tables::new()),
            also,
            never,
        }
    }

    /// True where the user names credentials of their own.
    pub(crate) fn has_own_names(&self) -> bool {
        !self.also.is_empty()
    }

    /// The tier of a name alone, in any case style and in compounds. The user's patterns come
    /// first; a name that matches both of them is none, since that is the narrower wish.
    pub fn tier(&self, name: &str) -> Tier {
        if self.never.iter().any(|pattern| pattern.is_match(name)) {
            Tier::Never
        } else if self.also.iter().any(|pattern| pattern.is_match(name)) {
            Tier::Strong
        } else {
            self.tables.tier(name)
        }
    }

    /// True when an input is credential-like, its type hint and context considered.
    pub fn input(&self, input: &Input) -> bool {
        if input.csrf {
            return false;
        }
        match self.tier(&input.name) {
            Tier::Strong => true,
            Tier::Weak => !contradicts(&input.name, &input.hint),
            Tier::Never => false,
        }
    }

    /// As [`Credentials::input`], with what the operation's path says: `code` under `/coupons` is a
    /// coupon's. The last literal segments and the name are read as one compound, in the singular;
    /// where the tables refuse that, the input is none. A strong name stands against any path.
    ///
    /// `key` and `token` are often a caller's credential whatever the path names, so for them it
    /// counts only where they stand in the path themselves (`/projects/{key}`), or where it names
    /// a store in which things are looked up (`/settings?key=`). A `signature` in a body counts only
    /// where its name or the path speak of machines (`/webhooks`): a letter has one, too.
    pub fn input_at(&self, path: &str, input: &Input) -> bool {
        let tables = &self.tables;
        let belongs = || tables.belongs(path, &input.name, input.place == Place::Path);
        let written = || input.place.in_body() && tables.is_written(path, &input.name);
        self.input(input) && (self.tier(&input.name) == Tier::Strong || !(belongs() || written()))
    }

    /// True when a response's field is credential-like: by its name (a path such as `a.b[].c`), and,
    /// where the value is known, by what it holds. A flag or nothing is never a credential, not
    /// even under a strong name: `"password": true` says that there is one.
    pub fn field(&self, name: &str, value: Option<&Value>) -> bool {
        let tier = self.tier(name);
        match value {
            _ if tier == Tier::Never => false,
            Some(Value::Bool(_) | Value::Null) => false,
            Some(Value::Number(_)) => tier == Tier::Strong || digits_are_usual(name),
            Some(Value::String(text)) if tier == Tier::Weak => !says_otherwise(name, text),
            _ => true,
        }
    }
}

/// What is known about an input's values that a weak name cannot stand against.
fn contradicts(name: &str, hint: &TypeHint) -> bool {
    if !hint.choices.is_empty() || matches!(hint.kind, Kind::Boolean | Kind::Integer | Kind::Number)
    {
        return true;
    }
    if hint.format.as_deref().is_some_and(is_other_format) {
        return true;
    }
    match &hint.example {
        Some(Value::String(text)) => says_otherwise(name, text),
        Some(Value::Bool(_)) => true,
        Some(Value::Number(_)) => !digits_are_usual(name),
        _ => false,
    }
}

/// Formats of JSON Schema and OpenAPI that no credential has.
fn is_other_format(format: &str) -> bool {
    let format = format.to_ascii_lowercase();
    [
        "date", "time", "duration", "int", "float", "double", "decimal", "email", "ipv", "hostname",
    ]
    .iter()
    .any(|prefix| format.starts_with(prefix))
}

/// Placeholders that specifications show for a credential: short words that contradict nothing.
const EXAMPLE_WORDS: &[&str] = &[
    "string", "secret", "token", "key", "password", "apikey", "bearer", "changeme", "example",
    "xxx",
];

/// Longer letters-only values may well be keys.
const SHORT_WORD: usize = 12;

/// True when a known value of a weakly named input shows that it is something else: a short word
/// (`asc`, `name`), a short number (but PINs and codes are numbers), a flag, a date.
fn says_otherwise(name: &str, value: &str) -> bool {
    let value = value.trim();
    let short = !value.is_empty() && value.len() <= SHORT_WORD;
    if short && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return !digits_are_usual(name);
    }
    if looks_like_date(value) {
        return true;
    }
    let letters = value.split(['-', '_', ' ']).all(is_word);
    let lower = value.to_ascii_lowercase();
    short && letters && !EXAMPLE_WORDS.contains(&lower.as_str()) && !is_to_be_filled_in(&lower)
}

/// `YOUR_TOKEN`, `your-key`, `token_here`: documentation leaves a place for the caller's own.
fn is_to_be_filled_in(lower: &str) -> bool {
    let parts = || lower.split(['-', '_', ' ']);
    parts().count() > 1 && (parts().next() == Some("your") || parts().next_back() == Some("here"))
}

/// `asc`, `Name` or `USD`; a mix such as `xKqPz` is no word.
fn is_word(part: &str) -> bool {
    let tail = part.get(1..).unwrap_or_default();
    !part.is_empty()
        && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (tail.bytes().all(|byte| byte.is_ascii_lowercase())
            || part.bytes().all(|byte| byte.is_ascii_uppercase()))
}

fn looks_like_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 10
        && bytes
            .iter()
            .take(10)
            .enumerate()
            .all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
}

/// PINs and codes are digits by nature.
fn digits_are_usual(name: &str) -> bool {
    words::split(name)
        .last
        .iter()
        .any(|word| matches!(word.as_str(), "pin" | "pins" | "code" | "codes" | "pincode"))
}

/// The tables, ready for look-up.
#[derive(Debug)]
struct Tables {
    phrases: HashMap<&'static str, Tier>,
    longest: usize,
    about: HashSet<&'static str>,
    transparent: HashSet<&'static str>,
    asking: HashSet<&'static str>,
    context: HashSet<&'static str>,
    of_callers: HashSet<&'static str>,
    stores: HashSet<&'static str>,
    signing: HashSet<&'static str>,
    glued: HashMap<&'static str, &'static str>,
    glued_ends: Vec<&'static str>,
}

impl Tables {
    fn new() -> Self {
        let mut phrases = HashMap::new();
        for (table, tier) in [
            (tables::WEAK, Tier::Weak),
            (tables::STRONG, Tier::Strong),
            (tables::NEVER, Tier::Never),
        ] {
            phrases.extend(rows(table).map(|phrase| (phrase, tier)));
        }
        let longest = phrases.keys().map(|phrase| phrase.split(' ').count()).max();
        Self {
            longest: longest.unwrap_or(1),
            phrases,
            about: rows(tables::ABOUT).collect(),
            transparent: rows(tables::TRANSPARENT).collect(),
            asking: rows(tables::ASKING).collect(),
            context: rows(tables::CONTEXT).collect(),
            of_callers: rows(tables::OF_CALLERS).collect(),
            stores: rows(tables::STORES).collect(),
            signing: rows(tables::SIGNING).collect(),
            glued: rows(tables::GLUED)
                .filter_map(|row| row.split_once(" = "))
                .collect(),
            glued_ends: rows(tables::GLUED_ENDS).collect(),
        }
    }

    fn tier(&self, name: &str) -> Tier {
        let split = words::split(name);
        let words = self.unglue(&split.last);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((tier, start)) = self.head(&words) else {
            return Tier::Never;
        };
        let asked = start > 0 && words.first().is_some_and(|word| self.asking.contains(word));
        let elsewhere = || {
            let context = split.context.iter().map(String::as_str);
            context
                .chain(words.iter().copied())
                .any(|word| self.context.contains(word))
        };
        if asked || (tier == Tier::Weak && elsewhere()) {
            Tier::Never
        } else {
            tier
        }
    }

    /// True when a weak name is that of what the path names: a country's code, a setting's key.
    fn belongs(&self, path: &str, name: &str, in_path: bool) -> bool {
        let own = self.unglue(&words::split(name).last);
        let Some(head) = own.last() else {
            return false;
        };
        let of_caller = !in_path && self.of_callers.contains(head.as_str());
        let mut segments = words::literal_segments(path).rev().take(MAX_SEGMENTS);
        segments.any(|segment| {
            let mut compound = self.unglue(&segment);
            if of_caller
                && !compound
                    .last()
                    .is_some_and(|last| self.stores.contains(last.as_str()))
            {
                return false;
            }
            // `/zip-codes?code=` says it already.
            if compound.last() == own.first() {
                compound.pop();
            }
            let before = compound.len();
            compound.extend(own.iter().cloned());
            let compound: Vec<&str> = compound.iter().map(String::as_str).collect();
            // The name alone is weak, so a refusing phrase that ends it takes words of the path.
            self.phrase_ending(&compound, compound.len())
                .is_some_and(|(tier, start)| tier == Tier::Never && start < before)
        })
    }

    /// True for a signature that no word of its name or path makes a machine's.
    fn is_written(&self, path: &str, name: &str) -> bool {
        let split = words::split(name);
        let own = self.unglue(&split.last);
        let signs = |word: &String| self.signing.contains(word.as_str());
        own.last().is_some_and(|head| head == "signature")
            && !own.iter().chain(&split.context).any(signs)
            && !words::literal_segments(path)
                .flatten()
                .any(|word| signs(&word))
    }

    /// The phrase that decides, and where it begins.
    fn head(&self, words: &[&str]) -> Option<(Tier, usize)> {
        let mut end = words.len();
        while end > 0 {
            if let Some(found) = self.phrase_ending(words, end) {
                return Some(found);
            }
            match words.get(end - 1) {
                Some(word) if self.transparent.contains(word) || is_number(word) => end -= 1,
                _ => break,
            }
        }
        // No credential at the end. A strong one may still be followed by whose it is
        // (`secret_stripe`, `PASSWORD_BACKUP`), not by what is told about it (`password_length`).
        (1..words.len()).rev().find_map(|end| {
            let (tier, start) = self.phrase_ending(words, end)?;
            let rest = words.get(end..).unwrap_or_default();
            let told = rest.len() > MAX_OWNER || rest.iter().any(|word| self.about.contains(word));
            (tier == Tier::Strong && !told).then_some((tier, start))
        })
    }

    /// The longest phrase that ends before word `end`.
    fn phrase_ending(&self, words: &[&str], end: usize) -> Option<(Tier, usize)> {
        (end.saturating_sub(self.longest)..end).find_map(|start| {
            let phrase = words.get(start..end)?.join(" ");
            self.phrases.get(phrase.as_str()).map(|tier| (*tier, start))
        })
    }

    /// Cuts words that were written together.
    fn unglue(&self, words: &[String]) -> Vec<String> {
        let whole = words.concat();
        if let Some(phrase) = self.glued.get(whole.as_str()) {
            return phrase.split(' ').map(str::to_owned).collect();
        }
        let mut cut = Vec::with_capacity(words.len());
        for word in words {
            if let Some(phrase) = self.glued.get(word.as_str()) {
                cut.extend(phrase.split(' ').map(str::to_owned));
                continue;
            }
            let end = self.glued_ends.iter().find_map(|end| {
                let front = word.strip_suffix(end)?;
                (!front.is_empty()).then_some((front, *end))
            });
            match end {
                Some((front, end)) => cut.extend([front.to_owned(), end.to_owned()]),
                None => cut.push(word.clone()),
            }
        }
        cut
    }
}

/// Segments of a path that are looked at, from its end: `/countries/{id}/codes`.
const MAX_SEGMENTS: usize = 2;

/// A name with more words than this after its credential word is about something else.
const MAX_OWNER: usize = 2;

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The rows of a table: phrases between commas, without comment lines.
fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|row| !row.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_phrase_stands_in_two_tables() {
        let mut seen = HashMap::new();
        for (table, name) in [
            (tables::STRONG, "strong"),
            (tables::WEAK, "weak"),
            (tables::NEVER, "never"),
        ] {
            for phrase in rows(table) {
                let before = seen.insert(phrase, name);
                assert_eq!(before, None, "{phrase:?} stands twice");
            }
        }
    }

    #[test]
    fn a_placeholder_for_the_callers_own_key_contradicts_nothing() {
        for value in ["YOUR_TOKEN", "your-key", "token_here", "token"] {
            assert!(!says_otherwise("token", value), "{value}");
        }
        for value in ["asc", "name", "created_at", "yours", "here"] {
            assert!(says_otherwise("token", value), "{value}");
        }
    }

    #[test]
    fn phrases_are_written_as_names_are_cut() {
        let table = Tables::new();
        for phrase in table.phrases.keys() {
            let words = words::split(&phrase.replace(' ', "_")).last;
            assert_eq!(words.join(" "), **phrase, "no name is ever cut like this");
        }
    }
}
