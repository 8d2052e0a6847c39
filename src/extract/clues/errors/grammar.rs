//! Sentences that people write in their own checks: `x must be …`, `please provide x`, `no x given`.
//!
//! Owns: where the phrases of such sentences expect names, and which words may be names. Leaves out:
//! the phrases (`probes/sentences/people.yaml`), and messages of libraries (`json.rs`, `sentence.rs`).
//!
//! A word written like a name (`seal_token`, `sealToken`) is one wherever it appears. An ordinary word
//! is a name only by its position, and only if no known input explains the refusal.

use super::named::{Reader, is_name};
use crate::sentences::{List, Mark, Part, Role, Sentences, What};

/// The longest sentence; anything longer is prose.
const MAX_SENTENCE: usize = 300;
/// The most words skipped before a subject, and before a verb.
const MAX_LEAD: usize = 5;
const MAX_BEFORE_VERB: usize = 8;

/// What is known about the refused request.
pub(super) struct Scene<'a> {
    /// The request may have had a body, or it was an operation's first query.
    pub(super) takes_names: bool,
    /// No input of the operation is known except those of its path.
    pub(super) bare: bool,
    /// Known names, and values that were sent: neither is news.
    pub(super) known: &'a dyn Fn(&str) -> bool,
    pub(super) sent: &'a dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    /// Returns the names in a sentence of a refusal; true marks those that are names only by position.
    pub(super) fn by_hand(&self, sentence: &str, scene: &Scene<'_>) -> Vec<(String, bool)> {
        let mut found: Vec<(String, bool)> = Vec::new();
        let words = words(sentence);
        // A single word is a code or a value.
        if sentence.len() > MAX_SENTENCE || words.len() < 2 {
            return found;
        }
        let end = self.before_values(sentence).len();
        for word in words.iter().filter(|word| word.at < end) {
            let known = found.iter().any(|(name, _)| name == word.text);
            let identifier =
                self.table.is(Mark::Identifier, word.text) && !self.table.is(Mark::Code, word.text);
            if identifier && !word.called && !known && !(scene.sent)(word.text) {
                found.push((word.text.to_owned(), false));
            }
        }
        // A known input explains the refusal, and so do names that are recognisable by themselves.
        if !found.is_empty() {
            return found;
        }
        let grammar = Grammar {
            table: self.table,
            scene,
        };
        if words.iter().any(|word| (scene.known)(word.text)) {
            // What the message says about the known input may be news.
            let about = words.get(grammar.fill(&words)).into_iter();
            let about = about.filter(|word| (scene.known)(word.text));
            found.extend(about.map(|word| (word.text.to_owned(), true)));
        } else if scene.takes_names {
            let plain = grammar.by_position(&words).unwrap_or_default();
            found.extend(plain.into_iter().map(|name| (name.to_owned(), true)));
        }
        found
    }
}

/// The phrases, and what is known about the request.
struct Grammar<'a> {
    table: &'a Sentences,
    scene: &'a Scene<'a>,
}

impl Grammar<'_> {
    /// Returns the ordinary words that are names by their position.
    fn by_position<'t>(&self, words: &[Word<'t>]) -> Option<Vec<&'t str>> {
        // "Validation failed: x must be …"
        let after_colon = words.iter().take(6).position(|word| word.colon);
        let starts = [after_colon.map(|at| at + 1), Some(0)];
        for start in starts.into_iter().flatten() {
            let clause = words.get(start..)?;
            let lead = self.fill(clause.get(..MAX_LEAD).unwrap_or(clause));
            let from = |role| {
                let mut rests = (0..=lead).rev().filter_map(|skipped| clause.get(skipped..));
                rests.find_map(|rest| self.subject(rest, role))
            };
            if let Some(names) = from(Role::Subject) {
                return Some(names);
            }
            if self.scene.bare
                && let Some(names) = from(Role::WeakSubject).or_else(|| self.object(clause))
            {
                return Some(names);
            }
        }
        None
    }

    /// Returns the names at the beginning, if one of the phrases follows.
    fn subject<'t>(&self, words: &[Word<'t>], role: Role) -> Option<Vec<&'t str>> {
        let strong = role == Role::Subject;
        let (names, next) = self.listed(words, strong)?;
        let colon = words.get(next.checked_sub(1)?)?.colon;
        let rest = words.get(next..)?;
        // "x (string) is required", "x (string)"
        if rest.first().is_some_and(|word| word.open) {
            let close = rest.iter().position(|word| word.close)? + 1;
            let mut inside = rest.get(..close)?.iter();
            let typed = inside.any(|word| self.has(List::Types, word));
            let rest = rest.get(close..)?;
            let follows = rest.is_empty() || self.follows(role, rest, colon);
            return (typed && strong && follows).then_some(names);
        }
        self.follows(role, rest, colon).then_some(names)
    }

    /// Returns the names after a verb that demands them.
    fn object<'t>(&self, words: &[Word<'t>]) -> Option<Vec<&'t str>> {
        let mut verbs = words.iter().take(MAX_BEFORE_VERB);
        let verb = verbs.position(|word| self.has(List::Verbs, word))?;
        let mut before = words.get(..verb)?.iter();
        if !before.all(|word| self.has(List::BeforeVerbs, word)) {
            return None;
        }
        let rest = words.get(verb + 1..)?;
        let rest = rest.get(self.fill(rest)..)?;
        let (names, next) = self.listed(rest, false)?;
        let after = rest.get(next..)?;
        let ends = after.is_empty() || self.follows(Role::Object, after, false);
        ends.then_some(names)
    }

    /// Returns a list of names (`a`, `a and b`, `a, b or c`) and where it ends.
    fn listed<'t>(&self, words: &[Word<'t>], strong: bool) -> Option<(Vec<&'t str>, usize)> {
        let is_field = |word: &Word<'_>| {
            let mut bytes = word.text.bytes();
            let lower = bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            let field = strong && self.has(List::Fields, word);
            let wrong = self.has(List::Ordinary, word) && !field
                || self.has(List::Prose, word)
                || self.has(List::Python, word);
            let quoted = word.quoted || word.open || word.called;
            lower && !wrong && !quoted && is_name(word.text) && !(self.scene.sent)(word.text)
        };
        let mut names = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at).filter(|word| is_field(word)) {
            names.push(word.text);
            at += 1;
            let joined = words.get(at).is_some_and(|word| {
                let joints = ["and", "or", "nor"];
                joints.iter().any(|one| word.text.eq_ignore_ascii_case(one))
            });
            if joined && words.get(at + 1).is_some_and(is_field) {
                at += 1;
            } else if !word.comma {
                break;
            }
        }
        (!names.is_empty()).then_some((names, at))
    }

    fn has(&self, list: List, word: &Word<'_>) -> bool {
        self.table.has(list, word.text)
    }

    /// Counts the words at the beginning that carry no meaning.
    fn fill(&self, words: &[Word<'_>]) -> usize {
        let fill = words.iter().take_while(|word| self.has(List::Fill, word));
        fill.count()
    }

    /// Returns true if the words begin with a phrase of this role; `colon` means that a colon precedes
    /// them.
    fn follows(&self, role: Role, words: &[Word<'_>], colon: bool) -> bool {
        let mut phrases = self.table.phrases_after(role);
        phrases.any(|phrase| self.begins(phrase, words, colon))
    }

    fn begins(&self, phrase: &[Part], words: &[Word<'_>], colon: bool) -> bool {
        let mut rest = words.iter().peekable();
        phrase.iter().all(|part| {
            let fits = |word: &&Word<'_>| match &part.what {
                What::Colon => false,
                What::Open => word.open,
                What::Type => self.has(List::Types, word),
                What::Said => self.has(List::Said, word) || self.has(List::Types, word),
                What::Words(words) => words.iter().any(|one| word.text.eq_ignore_ascii_case(one)),
            };
            match part.what {
                What::Colon => colon,
                _ => rest.next_if(fits).is_some() || part.optional,
            }
        })
    }
}

/// A word of a sentence, without the punctuation around it.
struct Word<'a> {
    text: &'a str,
    at: usize,
    quoted: bool,
    /// Brackets before or after the word, even if they enclose more than it.
    open: bool,
    close: bool,
    /// The word is called like a function: `x()`.
    called: bool,
    colon: bool,
    comma: bool,
}

fn words(sentence: &str) -> Vec<Word<'_>> {
    const QUOTES: [char; 8] = ['\'', '"', '`', '‘', '’', '“', '”', '*'];
    let mut words = Vec::new();
    for raw in sentence.split_whitespace() {
        let is_mark = |c: char| QUOTES.contains(&c) || "()[]{}<>,.;:!?".contains(c);
        let text = raw.trim_matches(is_mark);
        let (Some(inside), true) = (raw.find(text), !text.is_empty()) else {
            continue;
        };
        let (head, tail) = (&raw[..inside], &raw[inside + text.len()..]);
        let offset = raw.as_ptr() as usize - sentence.as_ptr() as usize;
        words.push(Word {
            text,
            at: offset + inside,
            quoted: head.contains(QUOTES),
            open: head.contains(['(', '[', '<']),
            close: tail.contains([')', ']', '>']),
            called: tail.starts_with('('),
            colon: tail.contains(':'),
            comma: tail.contains(','),
        });
    }
    words
}
