//! What a name alone says, by looking up its phrases.
//!
//! This module handles phrases, compounds and words written together. The tables are in `tables`
//! (only data), names are split in `words`, and evidence is weighed in `evidence`.
//!
//! The head of an English compound comes last, and it decides: `partner_token` is a token, while
//! `token_type` is a type. The longest phrase in the tables that ends the name wins, so
//! `public_key` takes precedence over `key`.

use std::collections::{HashMap, HashSet};

use super::{Tier, tables, words};

/// The two kinds of weak names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weak {
    /// `key`, `token`, `voucher_key`: credential-like unless contradicted.
    Callers,
    /// `code`, `pin`, `session`: credential-like only with further evidence.
    Everyday,
}

/// The tables, prepared for look-up.
#[derive(Debug)]
pub(super) struct Tables {
    phrases: HashMap<&'static str, Tier>,
    longest: usize,
    about: HashSet<&'static str>,
    transparent: HashSet<&'static str>,
    asking: HashSet<&'static str>,
    context: HashSet<&'static str>,
    everyday: HashSet<&'static str>,
    nouns: HashSet<&'static str>,
    links: HashSet<&'static str>,
    of_pairs: HashSet<&'static str>,
    of_signed: HashSet<&'static str>,
    of_addresses: HashSet<&'static str>,
    stores: HashSet<&'static str>,
    signing: HashSet<&'static str>,
    glued: HashMap<&'static str, &'static str>,
    glued_ends: Vec<&'static str>,
}

impl Tables {
    pub(super) fn new() -> Self {
        let mut phrases = HashMap::new();
        for (table, tier) in [
            (tables::CALLERS, Tier::Weak),
            (tables::EVERYDAY, Tier::Weak),
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
            everyday: rows(tables::EVERYDAY).collect(),
            nouns: rows(tables::NOUNS).collect(),
            links: rows(tables::LINKS).collect(),
            of_pairs: rows(tables::OF_PAIRS).collect(),
            of_signed: rows(tables::OF_SIGNED).collect(),
            of_addresses: rows(tables::OF_ADDRESSES).collect(),
            stores: rows(tables::STORES).collect(),
            signing: rows(tables::SIGNING).collect(),
            glued: rows(tables::GLUED)
                .filter_map(|row| row.split_once(" = "))
                .collect(),
            glued_ends: rows(tables::GLUED_ENDS).collect(),
        }
    }

    pub(super) fn tier(&self, name: &str) -> Tier {
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

    /// Returns the kind of weak name; [`Weak::Callers`] if it is not weak.
    pub(super) fn weak(&self, name: &str) -> Weak {
        let words = self.unglue(&words::split(name).last);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let phrase = self
            .head(&words)
            .and_then(|(_, start)| {
                (start..=words.len())
                    .rev()
                    .find_map(|end| words.get(start..end))
            })
            .unwrap_or_default();
        // Transparent words may follow, as in `code_value`.
        let everyday = (1..=phrase.len())
            .rev()
            .filter_map(|end| phrase.get(..end))
            .find_map(|part| {
                let part = part.join(" ");
                self.phrases
                    .contains_key(part.as_str())
                    .then(|| self.everyday.contains(part.as_str()))
            });
        if everyday == Some(true) {
            Weak::Everyday
        } else {
            Weak::Callers
        }
    }

    /// Returns whether a name is just `key`, `token` or `auth`.
    pub(super) fn is_bare(name: &str) -> bool {
        let words = words::split(name).last;
        matches!(words.as_slice(), [one] if matches!(one.as_str(), "key" | "keys" | "token" | "tokens" | "auth"))
    }

    /// Returns whether paths and collections of credentials are named with this word.
    pub(super) fn is_noun(&self, word: &str) -> bool {
        self.nouns.contains(word)
            || self
                .glued
                .get(word)
                .is_some_and(|cut| self.is_strong_phrase(cut))
    }

    /// Returns whether links that carry a token have this word.
    pub(super) fn is_link(&self, word: &str) -> bool {
        self.links.contains(word)
    }

    /// Returns whether a word names a store in which things are looked up by a key.
    pub(super) fn is_store(&self, word: &str) -> bool {
        self.stores.contains(word)
    }

    /// Returns whether a name is one that accompanies the key of a pair.
    pub(super) fn is_of_pairs(&self, name: &str) -> bool {
        Self::ends_in(name, &self.of_pairs)
    }

    /// Returns whether a name is one that accompanies the signature of a URL.
    pub(super) fn is_of_signed(&self, name: &str) -> bool {
        Self::ends_in(name, &self.of_signed)
    }

    /// Returns whether a name is that of a part of an address.
    pub(super) fn is_of_addresses(&self, name: &str) -> bool {
        Self::ends_in(name, &self.of_addresses)
    }

    /// Returns whether a name is that of a password or passcode, which may be only digits.
    pub(super) fn is_of_digits(name: &str) -> bool {
        words::split(name).last.iter().any(|word| {
            matches!(
                word.as_str(),
                "password" | "passwd" | "pwd" | "passcode" | "pw"
            )
        })
    }

    fn is_strong_phrase(&self, phrase: &str) -> bool {
        self.phrases.get(phrase) == Some(&Tier::Strong)
    }

    fn ends_in(name: &str, table: &HashSet<&'static str>) -> bool {
        let words = words::split(name).last;
        let two = words.len().saturating_sub(2);
        words
            .last()
            .is_some_and(|last| table.contains(last.as_str()))
            || words
                .get(two..)
                .is_some_and(|two| table.contains(two.join(" ").as_str()))
    }

    /// Returns whether a signature is a person's, as no word of its name or path belongs to
    /// machines.
    pub(super) fn is_written(&self, path: &str, name: &str) -> bool {
        let split = words::split(name);
        let own = self.unglue(&split.last);
        let signs = |word: &String| self.signing.contains(word.as_str());
        own.last().is_some_and(|head| head == "signature")
            && !own.iter().chain(&split.context).any(signs)
            && !words::literal_segments(path)
                .flatten()
                .any(|word| signs(&word))
    }

    /// Returns the tier of the deciding phrase, and where it begins.
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
        // There is no credential at the end. A strong one may still be followed by its owner
        // (`secret_stripe`, `PASSWORD_BACKUP`), but not by a property (`password_length`).
        (1..words.len()).rev().find_map(|end| {
            let (tier, start) = self.phrase_ending(words, end)?;
            let rest = words.get(end..).unwrap_or_default();
            let told = rest.len() > MAX_OWNER || rest.iter().any(|word| self.about.contains(word));
            (tier == Tier::Strong && !told).then_some((tier, start))
        })
    }

    /// Returns the longest phrase that ends before word `end`.
    fn phrase_ending(&self, words: &[&str], end: usize) -> Option<(Tier, usize)> {
        (end.saturating_sub(self.longest)..end).find_map(|start| {
            let phrase = words.get(start..end)?.join(" ");
            self.phrases.get(phrase.as_str()).map(|tier| (*tier, start))
        })
    }

    /// Splits words that were written together.
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

/// Maximum number of words after the credential word; with more, a name is about something else.
const MAX_OWNER: usize = 2;

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the rows of a table: phrases between commas, without comment lines.
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
            (tables::CALLERS, "callers"),
            (tables::EVERYDAY, "everyday"),
            (tables::NEVER, "never"),
        ] {
            for phrase in rows(table) {
                let before = seen.insert(phrase, name);
                assert_eq!(before, None, "{phrase:?} stands twice");
            }
        }
    }

    #[test]
    fn weak_names_are_of_two_kinds() {
        let tables = Tables::new();
        for name in [
            "key",
            "voucher_key",
            "shareToken",
            "X-Token",
            "ticket",
            "auth",
            "token_value",
            "key_hash",
        ] {
            assert_eq!(tables.weak(name), Weak::Callers, "{name}");
        }
        for name in [
            "code",
            "invite_code",
            "PIN",
            "sid",
            "session_id",
            "JSESSIONID",
            "signature",
            "private",
            "pass",
            "pin_code",
            "code_value",
        ] {
            assert_eq!(tables.weak(name), Weak::Everyday, "{name}");
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
