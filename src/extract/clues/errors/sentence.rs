//! Texts: names in quotes, in `snake_case`, in header style, beside "is required", or as libraries
//! print them.
//!
//! Owns: which part of a text each form is looked for in. Leaves out: the forms (`probes/sentences`),
//! and words that are names only by position (`grammar.rs`).

use regex::Captures;

use super::jsonschema::name_of;
use super::named::{Reader, is_name};
use crate::sentences::{Form, Mark, Scope};
use crate::surface::{Place, TypeHint};

/// The longest line that counts as a sentence.
const MAX_SENTENCE: usize = 600;
/// The longest page that counts as a refusal.
const MAX_REFUSAL: usize = 2_000;

impl Reader<'_> {
    /// Collects names in running text: sentences that say that something is missing, required or wrong.
    pub(super) fn text(&mut self, body: &str) {
        self.dumps(body);
        let mut alone = false;
        for form in self.table.forms_in(Scope::Text) {
            alone |= self.take(form, body, None) && form.alone;
        }
        if alone {
            return;
        }
        // jsonschema's message precedes the schema that it prints.
        let message = body.split_once("Failed validating '");
        let body = message.map_or(body, |(message, _)| message);
        // Exceptions mention the program's own names; only a KeyError's may be an input's.
        if body.contains("Traceback (most recent call last)") {
            return;
        }
        let complains = |text: &str| text.len() <= MAX_SENTENCE && self.complains(text);
        // "Bad Authorization header. Expected 'Authorization: Bearer …'" is one message.
        let lines: Vec<&str> = body.lines().filter(|line| complains(line)).collect();
        // A sentence, and separately its aside in brackets if that complains by itself, as in
        // flask-jwt-extended's `Missing JWT in headers or cookies (Missing cookie "x"; …)`.
        let clauses = sentences(body).flat_map(|sentence| match sentence.split_once(" (") {
            Some((first, rest)) if self.complains(rest) => [first, rest],
            _ => [sentence, ""],
        });
        let clauses = clauses.filter(|one| complains(one) && !self.table.is(Mark::Program, one));
        let clauses: Vec<&str> = clauses.map(str::trim).collect();
        for line in lines {
            self.all(Scope::Line, line, line);
        }
        for clause in clauses {
            let mut of_lines = self.table.forms_in(Scope::Line);
            if of_lines.any(|form| form.pattern.is_match(clause)) {
                continue;
            }
            let before = self.found.len();
            self.all(Scope::Names, self.before_values(clause), clause);
            for form in self.table.forms_in(Scope::Sentence) {
                if !form.last || self.found.len() == before {
                    self.take(form, clause, Some(clause));
                }
            }
        }
    }

    /// Takes an application's own headers (`X-…`) that a refusal names:
    /// `Send your key as X-Partner-Key.`
    pub(super) fn own_headers(&mut self, said: &str) {
        for form in self.table.forms_in(Scope::Refusal) {
            self.take(form, said, None);
        }
    }

    /// Takes the header in which a refused request should carry its credential: headers are where HTTP
    /// puts keys and tokens.
    pub(super) fn suggested(&mut self, text: &str) {
        if text.len() > MAX_REFUSAL {
            return;
        }
        let parts = text.split(['\n', ';', '(']);
        for sentence in parts.flat_map(|line| line.split(". ")) {
            if self.table.place_of(sentence).is_some() {
                continue;
            }
            let forms = self.table.forms_in(Scope::Credential);
            let forms = forms.filter(|form| form.reads(sentence));
            let begins =
                forms.filter_map(|form| Some((form.pattern.find(sentence)?.start(), form)));
            if let Some((_, form)) = begins.min_by_key(|(at, _)| *at) {
                self.take(form, sentence, None);
                return;
            }
        }
    }

    /// Returns the part of a sentence before the values it lists.
    pub(super) fn before_values<'t>(&self, sentence: &'t str) -> &'t str {
        match self.table.first(Mark::Values, sentence) {
            Some(at) if at > 0 => sentence.get(..at).unwrap_or(sentence),
            _ => sentence,
        }
    }

    /// Returns true if a message complains about what was sent.
    fn complains(&self, message: &str) -> bool {
        self.table.is(Mark::Complaint, message)
    }

    fn all(&mut self, scope: Scope, text: &str, sentence: &str) {
        for form in self.table.forms_in(scope) {
            self.take(form, text, Some(sentence));
        }
    }

    /// Takes what a form names in a text; returns true on a match.
    fn take(&mut self, form: &Form, text: &str, sentence: Option<&str>) -> bool {
        let mut any = false;
        if form.reads(text) {
            for found in form.pattern.captures_iter(text) {
                any = true;
                self.take_one(form, text, &found, sentence);
            }
        }
        any
    }

    fn take_one(&mut self, form: &Form, text: &str, found: &Captures<'_>, sentence: Option<&str>) {
        let group = |name| found.name(name).map(|group| group.as_str());
        let before = found.get(0).and_then(|whole| text.get(..whole.start()));
        let message = group("message").or(sentence).unwrap_or_default();
        let said = sentence.and_then(|sentence| self.table.place_of(sentence));
        let path = group("path").map(name_of);
        let names = group("words").or(group("name")).or(form.input.as_deref());
        let fits = |word: &&str| {
            let word = *word;
            let name = group("words").is_none() || is_name(word);
            // A word that is the whole text is a code for programs.
            name && word != text && !self.table.refuses(form, word, before.unwrap_or_default())
        };
        let names: Vec<&str> = words(names.unwrap_or_default()).filter(fits).collect();
        let full = match path {
            Some(path) if names.is_empty() => vec![path],
            Some(path) => names.iter().map(|name| format!("{path}.{name}")).collect(),
            None => names.iter().map(|name| (*name).to_owned()).collect(),
        };
        for name in full {
            let mut named = self.named(&name, form.place.or(said), message);
            if form.place == Some(Place::Header) {
                named.name.make_ascii_lowercase();
            }
            named.required = form.required.unwrap_or(named.required);
            named.plain = group("words").is_some() && !name.contains(['_', '-', '.']);
            if form.input.is_some() {
                named.hint = TypeHint::default();
            }
            let only = form.only.as_ref().and_then(|only| only.captures(text));
            let prefix = only.as_ref().and_then(|only| only.name("prefix"));
            let prefix = prefix.map(|prefix| prefix.as_str());
            if let Some(prefix) = prefix.or(form.prefix.as_deref()) {
                named.prefix = format!("{prefix} ");
                if prefix == "Basic" {
                    named.hint.format = Some("basic".to_owned());
                }
            }
            self.push(named);
        }
    }
}

/// Splits a text into sentences.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(['\n', ';']);
    lines.flat_map(|line| line.split(". "))
}

/// Splits a list within a sentence into words, without the full stop.
fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([' ', ','])
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty())
}
