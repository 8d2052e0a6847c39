//! The sentences in which errors name inputs, as data: `probes/sentences/*.yaml`.
//!
//! Owns: the form of such files, which is the compiled form as well (a pattern that does not compile is an
//! error of its file); joining several; what a message asks for (`asks`). Leaves out: reading errors with them,
//! and running their examples (`crawl`).

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

/// What is known of the sentences in which errors name inputs: one file, or several joined.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sentences {
    /// Words by what they are in sentences.
    words: HashMap<List, Words>,
    /// Patterns that tell what kind of text this is.
    marks: Vec<MarkedBy>,
    /// What is written by libraries, or like it: patterns.
    forms: Vec<Form>,
    /// What people write for their checks, word by word.
    phrases: Vec<Phrase>,
    /// What a message says of an input besides its name.
    asks: Vec<Ask>,
    /// Objects that hold a field and what is wrong with it.
    pub(crate) shapes: Vec<Shape>,
    /// Keys that hold the fields of one place.
    places: Vec<Under>,
    /// Texts that name nothing.
    pub(crate) negative_examples: Vec<Example>,
}

/// What words are in sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum List {
    /// A sentence's own: they name an input only in quotes.
    Ordinary,
    /// Of those, what names fields too.
    Fields,
    /// Of prose, and never a name.
    Prose,
    /// Types of Python, and its constants.
    Python,
    /// Types that values are asked to have.
    Types,
    /// What values are said to be.
    Said,
    /// They demand what comes after them.
    Verbs,
    /// They may stand before such a verb.
    BeforeVerbs,
    /// They may stand between a verb, or the beginning, and a name.
    Fill,
    /// A request's credential as a whole.
    Credential,
    /// Keys of JSON that hold errors and are no field's name.
    Wrappers,
    /// Keys that hold one message a field.
    Messages,
    /// Keys that list the names of what is missing.
    Missing,
}

/// What patterns tell of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mark {
    /// It complains about what was sent.
    Complaint,
    /// It complains about a field that it stands beside.
    FieldComplaint,
    /// It speaks of the program's own names.
    Program,
    /// A library's report, or a trace: nobody wrote it by hand.
    Report,
    /// The values begin, the names are over.
    Values,
    /// A word that is written like a name.
    Identifier,
    /// A word that is written like one, and is none.
    Code,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkedBy {
    mark: Mark,
    pattern: Pattern,
}

/// Where a [`Form`] is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scope {
    /// The text as a whole.
    Text,
    /// Each line that complains.
    Line,
    /// Each sentence that complains.
    Sentence,
    /// The part of such a sentence before the values that it lists.
    Names,
    /// What a 401 or 403 says.
    Refusal,
    /// The sentences of a 401 that names no header; the first that has one counts.
    Credential,
    /// The first line, which refuses a `value` without the name of its input.
    Value,
    /// A `schema` that is printed, and the `path` to what follows.
    Schema,
}

/// A pattern that names inputs. Its groups: `name` or, for words of a sentence, `words`; `path` above it;
/// the `message` beside it; `prefix`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    #[serde(rename = "form")]
    name: String,
    #[serde(rename = "in")]
    pub(crate) scope: Scope,
    pub(crate) pattern: Pattern,
    /// Must be found as well; may have the `prefix`.
    pub(crate) only: Option<Pattern>,
    /// Must not be found.
    pub(crate) unless: Option<Pattern>,
    /// What is no name.
    #[serde(default)]
    pub(crate) not: Vec<Not>,
    /// The input, where the pattern says only that it is spoken of.
    pub(crate) input: Option<String>,
    pub(crate) place: Option<Place>,
    /// What stands before the value.
    pub(crate) prefix: Option<String>,
    /// Whether it is required; what the message says if left out.
    pub(crate) required: Option<bool>,
    /// Nothing else is read where it is found.
    #[serde(default)]
    pub(crate) alone: bool,
    /// It is read only where nothing else names an input.
    #[serde(default)]
    pub(crate) last: bool,
    examples: Vec<Example>,
}

/// A word that a [`Form`] does not take for a name: all that is said here holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Not {
    word: Option<Pattern>,
    list: Option<List>,
    /// The text before it.
    after: Option<Pattern>,
}

impl Form {
    /// True for a text in which its pattern may be looked for.
    pub(crate) fn reads(&self, text: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.is_match(text))
            && !self.unless.as_ref().is_some_and(|not| not.is_match(text))
    }
}

/// What stands behind a [`Phrase`]'s names, or before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// The names come first.
    Subject,
    /// The same, where only a refusal of a body of which nothing is known makes a word a name.
    WeakSubject,
    /// It ends what a verb demands.
    Object,
}

/// Words after a name that make it one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    #[serde(rename = "form")]
    name: Template,
    after: Role,
    examples: Vec<Example>,
}

/// What a message says of an input. Groups of the pattern are named as the keys of an example's `asks`.
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
    /// A library's message, which says so only of what is absent.
    #[serde(default)]
    absent: bool,
    examples: Vec<Example>,
}

/// An object that holds a field and what is wrong with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    #[serde(rename = "form")]
    name: String,
    /// Keys of the field's name.
    #[serde(default)]
    pub(crate) field: Vec<String>,
    /// Keys of a list of steps to it.
    #[serde(default)]
    pub(crate) path: Vec<String>,
    /// Keys of the message.
    pub(crate) message: Vec<String>,
    /// A path's first step may be a place; its message need not complain.
    #[serde(default)]
    pub(crate) placed: bool,
    /// A key, and the end of its value where the field is missing.
    #[serde(default)]
    pub(crate) missing: BTreeMap<String, String>,
    /// The key of an object with bounds, and what they are called here.
    #[serde(default)]
    pub(crate) bounds: BTreeMap<String, BTreeMap<String, String>>,
    examples: Vec<Example>,
}

/// Keys that hold the fields of one place.
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

/// An error, and what it says. `NAME` in it stands for names in several spellings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// A text, or JSON.
    pub(crate) says: Value,
    /// The inputs, each as `place name`, with a `!` for what is required.
    #[serde(default)]
    pub(crate) names: Vec<String>,
    /// What is asked of the first of them.
    pub(crate) asks: Option<TypeHint>,
    /// 400 if left out.
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

/// One form of a file.
pub(crate) struct One<'a> {
    pub(crate) key: String,
    pub(crate) name: &'a str,
    pub(crate) examples: &'a [Example],
    /// The file without it.
    pub(crate) without: Sentences,
}

/// The name of a file, without its folder and its ending: one replaces another of that name.
pub fn stem(file: &str) -> String {
    let stem = Path::new(file).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// The files of the repository's folder, by name and text.
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

/// What they say, by the name of the file.
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
    /// Reads a file; `name` is told in messages.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with line and key.
    pub fn parse(name: &str, text: &str) -> Result<Self, Defect> {
        parse(name, text)
    }

    /// Reads a file that nobody has tried yet: its patterns compile, too.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with line and key.
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

    /// Every pattern, with the key of what it belongs to.
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

    /// What several files hold, one after the other.
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

    /// True for a word of a list.
    pub(crate) fn has(&self, list: List, word: &str) -> bool {
        self.words.get(&list).is_some_and(|words| words.has(word))
    }

    /// True for a text of that kind.
    pub(crate) fn is(&self, mark: Mark, text: &str) -> bool {
        self.first(mark, text).is_some()
    }

    /// Where a text becomes one of that kind.
    pub(crate) fn first(&self, mark: Mark, text: &str) -> Option<usize> {
        let patterns = self.marks.iter().filter(|one| one.mark == mark);
        let found = patterns.filter_map(|one| Some(one.pattern.find(text)?.start()));
        found.min()
    }

    /// The forms that are looked for there.
    pub(crate) fn forms_in(&self, scope: Scope) -> impl Iterator<Item = &Form> {
        self.forms.iter().filter(move |form| form.scope == scope)
    }

    /// The phrases of a kind.
    pub(crate) fn phrases_after(&self, role: Role) -> impl Iterator<Item = &[Part]> {
        let phrases = self.phrases.iter().filter(move |one| one.after == role);
        phrases.map(|one| one.name.parts())
    }

    /// What stands under a key: the fields of one place.
    pub(crate) fn place_under(&self, key: &str) -> Option<&Under> {
        self.places.iter().find(|place| place.keys.has(key))
    }

    /// True for a word that a form does not take for a name, after the text before it.
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

    /// Every form by its key in the file.
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
