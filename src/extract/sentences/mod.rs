//! The sentences in which errors name inputs, as data: `probes/sentences/*.yaml`.
//!
//! Owns: the format of such files, which is also the compiled form (a pattern that does not compile is
//! an error of its file); joining several files; what a message asks for (`asks`). Leaves out: reading
//! errors with them, and running their examples (`crawl`).

mod asks;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::datafile::{Defect, Log, parse};
use crate::surface::{Kind, Place, TypeHint};
pub(crate) use asks::fill;
pub(crate) use text::{Part, What};
use text::{Pattern, Template, Words};

/// Everything known about the sentences in which errors name inputs: one file, or several joined.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sentences {
    /// Lists of words by their role in sentences.
    words: HashMap<List, Words>,
    /// Patterns that say what kind of text something is.
    marks: Vec<MarkedBy>,
    /// Patterns for messages of libraries and similar texts.
    forms: Vec<Form>,
    /// Phrases that people write in their own checks, word by word.
    phrases: Vec<Phrase>,
    /// What a message says about an input besides its name.
    asks: Vec<Ask>,
    /// Objects that contain a field and what is wrong with it.
    pub(crate) shapes: Vec<Shape>,
    /// Keys that contain the fields of one place.
    places: Vec<Under>,
    /// Texts that name nothing.
    pub(crate) negative_examples: Vec<Example>,
}

/// The role of the words in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum List {
    /// Ordinary words of a sentence: they name an input only in quotes.
    Ordinary,
    /// The ordinary words that also name fields.
    Fields,
    /// Words of prose that are never names.
    Prose,
    /// Python's types and constants.
    Python,
    /// Types that values are asked to have.
    Types,
    /// Words for what values are said to be.
    Said,
    /// Verbs that demand what follows them.
    Verbs,
    /// Words that may precede such a verb.
    BeforeVerbs,
    /// Words that may stand between a verb, or the beginning, and a name.
    Fill,
    /// Words for a request's credential as a whole.
    Credential,
    /// JSON keys that contain errors and are not field names.
    Wrappers,
    /// Keys that contain one message per field.
    Messages,
    /// Keys that list the names of what is missing.
    Missing,
}

/// What a pattern says about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mark {
    /// It complains about what was sent.
    Complaint,
    /// It complains about the field next to it.
    FieldComplaint,
    /// It talks about names of the program itself.
    Program,
    /// It is a library's report or a trace, not written by hand.
    Report,
    /// From here on the text lists values, no longer names.
    Values,
    /// A word written like a name.
    Identifier,
    /// A word that looks like a name but is not.
    Code,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkedBy {
    mark: Mark,
    pattern: Pattern,
}

/// Where to look for a [`Form`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scope {
    /// The text as a whole.
    Text,
    /// Each line that complains.
    Line,
    /// Each sentence that complains.
    Sentence,
    /// The part of such a sentence before the values it lists.
    Names,
    /// The text of a 401 or 403.
    Refusal,
    /// The sentences of a 401 that names no header; the first sentence that matches counts.
    Credential,
    /// The first line, which refuses a `value` without naming its input.
    Value,
    /// A printed `schema`, and the `path` to what follows.
    Schema,
}

/// A pattern that names inputs. Its groups are `name`, or `words` for several words of a sentence;
/// `path` for what is above the name; `message` for the text beside it; and `prefix`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    #[serde(rename = "form")]
    name: String,
    #[serde(rename = "in")]
    pub(crate) scope: Scope,
    pub(crate) pattern: Pattern,
    /// Must match as well; may have the `prefix` group.
    pub(crate) only: Option<Pattern>,
    /// Must not match.
    pub(crate) unless: Option<Pattern>,
    /// Words that are not names.
    #[serde(default)]
    pub(crate) not: Vec<Not>,
    /// The input's name, if the pattern only shows that it is mentioned.
    pub(crate) input: Option<String>,
    pub(crate) place: Option<Place>,
    /// What precedes the value.
    pub(crate) prefix: Option<String>,
    /// Whether the input is required; if absent, the message decides.
    pub(crate) required: Option<bool>,
    /// If this form matches, nothing else is read.
    #[serde(default)]
    pub(crate) alone: bool,
    /// This form is read only if nothing else names an input.
    #[serde(default)]
    pub(crate) last: bool,
    examples: Vec<Example>,
}

/// A word that a [`Form`] does not accept as a name: all the conditions given must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Not {
    word: Option<Pattern>,
    list: Option<List>,
    /// A pattern for the text before the word.
    after: Option<Pattern>,
}

impl Form {
    /// Returns true if the pattern may be looked for in this text.
    pub(crate) fn reads(&self, text: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.is_match(text))
            && !self.unless.as_ref().is_some_and(|not| not.is_match(text))
    }
}

/// Where the names of a [`Phrase`] stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// The names come first.
    Subject,
    /// The same, but the word counts as a name only when a body is refused about which nothing is
    /// known.
    WeakSubject,
    /// The phrase ends what a verb demands.
    Object,
}

/// Words that turn the word before them into a name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    #[serde(rename = "form")]
    name: Template,
    after: Role,
    examples: Vec<Example>,
}

/// What a message says about an input. The pattern's groups have the same names as the keys of an
/// example's `asks`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[serde(rename = "form")]
    name: String,
    pattern: Pattern,
    only: Option<Pattern>,
    unless: Option<Pattern>,
    kind: Option<Kind>,
    format: Option<String>,
    place: Option<Place>,
    #[serde(default)]
    required: bool,
    /// The message is a library's, and it says so only of absent inputs.
    #[serde(default)]
    absent: bool,
    examples: Vec<Example>,
}

/// An object that contains a field and what is wrong with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    #[serde(rename = "form")]
    name: String,
    /// Keys that contain the field's name.
    #[serde(default)]
    pub(crate) field: Vec<String>,
    /// Keys that contain a list of steps to the field.
    #[serde(default)]
    pub(crate) path: Vec<String>,
    /// Keys that contain the message.
    pub(crate) message: Vec<String>,
    /// A path's first step may be a place; the message need not be a complaint.
    #[serde(default)]
    pub(crate) placed: bool,
    /// A key, and how its value ends if the field is missing.
    #[serde(default)]
    pub(crate) missing: BTreeMap<String, String>,
    /// The key of an object with bounds, and the names that the bounds have there.
    #[serde(default)]
    pub(crate) bounds: BTreeMap<String, BTreeMap<String, String>>,
    examples: Vec<Example>,
}

/// Keys that contain the fields of one place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Under {
    #[serde(rename = "form")]
    name: String,
    keys: Words,
    pub(crate) place: Place,
    pub(crate) kind: Option<Kind>,
    examples: Vec<Example>,
}

/// An error, and what it says. `NAME` stands for names in several spellings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// A text, or JSON.
    pub(crate) says: Value,
    /// The inputs, each as `place name`, with a trailing `!` if required.
    #[serde(default)]
    pub(crate) names: Vec<String>,
    /// What is asked of the first input.
    pub(crate) asks: Option<TypeHint>,
    /// The status; 400 if left out.
    pub(crate) status: Option<u16>,
    /// The path and query of the request.
    #[serde(default)]
    pub(crate) url: String,
    /// True for a GET instead of a POST.
    #[serde(default)]
    pub(crate) get: bool,
    /// The media type of the request; JSON if left out.
    pub(crate) media: Option<String>,
    /// The body of the request.
    #[serde(default)]
    pub(crate) sends: String,
    /// Inputs that were known before, as `place name`.
    #[serde(default)]
    pub(crate) known: Vec<String>,
}

/// One form of a file, for checking.
pub(crate) struct One<'a> {
    pub(crate) key: String,
    pub(crate) name: &'a str,
    pub(crate) examples: &'a [Example],
    /// The file without this form.
    pub(crate) without: Sentences,
}

/// Returns a file's name without folder and extension; a file replaces another of the same name.
pub fn stem(file: &str) -> String {
    let stem = Path::new(file).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// Reads the files of the repository's folder: names and texts.
#[cfg(test)]
pub(crate) fn builtin_files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../probes/sentences");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            (
                stem(&path.to_string_lossy()),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// Parses the built-in files, by name.
#[cfg(test)]
pub(crate) fn builtin() -> std::collections::BTreeMap<String, Sentences> {
    let files = builtin_files().into_iter();
    files
        .map(|(name, text)| {
            let parsed = Sentences::parse(&name, &text).unwrap();
            (name, parsed)
        })
        .collect()
}

impl Sentences {
    /// Parses a file; error messages mention `name`.
    ///
    /// # Errors
    ///
    /// Returns the first defect, with line and key.
    pub fn parse(name: &str, text: &str) -> Result<Self, Defect> {
        parse(name, text)
    }

    /// Parses a file that has not been tried before, and compiles its patterns too.
    ///
    /// # Errors
    ///
    /// Returns the first defect, with line and key.
    pub fn parse_untried(name: &str, text: &str) -> Result<Self, Defect> {
        let file = Self::parse(name, text)?;
        let mut log = Log::new(name, text);
        for (key, pattern) in file.patterns() {
            if let Err(message) = pattern.compiled() {
                log.add(&key, message);
            }
        }
        match log.defects.into_iter().next() {
            Some(defect) => Err(defect),
            None => Ok(file),
        }
    }

    /// Returns every pattern with the key of the entry it belongs to.
    fn patterns(&self) -> impl Iterator<Item = (String, &Pattern)> {
        let marks = self.marks.iter().enumerate();
        let marks = marks.map(|(at, one)| (format!("marks[{at}]"), &one.pattern));
        let forms = self.forms.iter().enumerate().flat_map(|(at, form)| {
            let not = form.not.iter().flat_map(|not| [&not.word, &not.after]);
            let all = [&form.only, &form.unless].into_iter().chain(not).flatten();
            let all = all.chain([&form.pattern]);
            all.map(move |one| (format!("forms[{at}]"), one))
        });
        let asks = self.asks.iter().enumerate().flat_map(|(at, ask)| {
            let all = [&ask.only, &ask.unless].into_iter().flatten();
            let all = all.chain([&ask.pattern]);
            all.map(move |one| (format!("asks[{at}]"), one))
        });
        marks.chain(forms).chain(asks)
    }

    /// Joins the contents of several files, in order.
    pub fn joined<'a>(files: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for file in files {
            for (list, words) in &file.words {
                all.words.entry(*list).or_default().extend(words);
            }
            all.marks.extend_from_slice(&file.marks);
            all.forms.extend_from_slice(&file.forms);
            all.phrases.extend_from_slice(&file.phrases);
            all.asks.extend_from_slice(&file.asks);
            all.shapes.extend_from_slice(&file.shapes);
            all.places.extend_from_slice(&file.places);
        }
        all
    }

    /// Returns true if a list contains a word.
    pub(crate) fn has(&self, list: List, word: &str) -> bool {
        self.words.get(&list).is_some_and(|words| words.has(word))
    }

    /// Returns true if a mark applies to a text.
    pub(crate) fn is(&self, mark: Mark, text: &str) -> bool {
        self.first(mark, text).is_some()
    }

    /// Returns the position where a mark first applies to a text.
    pub(crate) fn first(&self, mark: Mark, text: &str) -> Option<usize> {
        let patterns = self.marks.iter().filter(|one| one.mark == mark);
        let found = patterns.filter_map(|one| Some(one.pattern.find(text)?.start()));
        found.min()
    }

    /// Returns the forms to look for in a scope.
    pub(crate) fn forms_in(&self, scope: Scope) -> impl Iterator<Item = &Form> {
        self.forms.iter().filter(move |form| form.scope == scope)
    }

    /// Returns the phrases of a role.
    pub(crate) fn phrases_after(&self, role: Role) -> impl Iterator<Item = &[Part]> {
        let phrases = self.phrases.iter().filter(move |one| one.after == role);
        phrases.map(|one| one.name.parts())
    }

    /// Returns what a key contains: the fields of one place.
    pub(crate) fn place_under(&self, key: &str) -> Option<&Under> {
        self.places.iter().find(|place| place.keys.has(key))
    }

    /// Returns true if a form does not accept a word as a name, given the text before it.
    pub(crate) fn refuses(&self, form: &Form, word: &str, before: &str) -> bool {
        let holds = |pattern: &Option<Pattern>, text| {
            pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(text))
        };
        form.not.iter().any(|not| {
            holds(&not.word, word)
                && holds(&not.after, before)
                && not.list.is_none_or(|list| self.has(list, word))
        })
    }

    /// Returns every form with its key in the file.
    pub(crate) fn each(&self) -> Vec<One<'_>> {
        let mut all = Vec::new();
        macro_rules! each {
            ($($section:ident)+) => {$(
                for (at, form) in self.$section.iter().enumerate() {
                    let mut without = self.clone();
                    without.$section.remove(at);
                    all.push(One {
                        key: format!("{}[{at}]", stringify!($section)),
                        name: &form.name,
                        examples: &form.examples,
                        without,
                    });
                }
            )+};
        }
        each!(forms phrases asks shapes places);
        all
    }
}
