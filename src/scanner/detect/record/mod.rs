//! The records of an answer in any format: names, values and positions of their fields.
//!
//! Owns: determining the format of an answer, with one file per format, and limits for hostile bodies.
//! Leaves out: what the fields mean (`sensitive` for records, `config_dump` for settings). A broken or
//! truncated text yields the records as far as it can be read.
//!
//! Flask serves a text returned by a view as `text/html`, so the media type is only a first hint: a
//! text in object notation is read as such, whatever its type.

mod cards;
pub(super) mod data;
mod find;
mod lines;
mod names;
mod page;
mod rows;
mod text;
mod tree;
mod visible;

use std::ops::Range;

use super::quoted::{element, is_json};
use crate::http::Response;
use crate::notation;
use crate::unescape::View;

pub(super) use rows::column_at;

/// A group of fields: an object, a row of a table, an element with its children.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The path as reports write it: `a.b[]`; empty for the outermost record.
    pub(super) path: String,
    /// The scalars in it, including those of lists of scalars.
    pub(super) fields: Vec<Scalar>,
    /// What it was read from.
    pub(super) origin: Origin,
    /// Records with the same path and group are of one kind: each table of a page has its own group.
    pub(super) group: usize,
    /// The range of everything it was written among: a whole list of documents, a block of lines. Empty
    /// for an element of a page.
    pub(super) extent: Range<usize>,
}

/// A scalar of a record.
#[derive(Debug)]
pub(super) struct Scalar {
    /// The field's name.
    pub(super) name: String,
    /// The value as text, without quotes and escapes.
    pub(super) value: String,
    /// True for a string.
    pub(super) text: bool,
    /// The range of the value, without quotes.
    pub(super) span: Range<usize>,
}

impl Record {
    fn of(path: &str, fields: Vec<Scalar>) -> Self {
        Self {
            path: path.to_owned(),
            fields,
            ..Self::default()
        }
    }

    /// Converts the ranges of the fields to those of another text.
    fn place(&mut self, place: impl Fn(&Range<usize>) -> Range<usize>) {
        for field in &mut self.fields {
            field.span = place(&field.span);
        }
    }
}

impl Scalar {
    /// Creates a string.
    fn of(name: impl Into<String>, value: impl Into<String>, span: Range<usize>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            text: true,
            span,
        }
    }
}

/// What a record was read from, as far as it affects the meaning of its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Origin {
    /// JSON, YAML, XML, rows of a file: data for programs.
    #[default]
    Data,
    /// A list of names and values, within data.
    Pairs,
    /// A document among other words, as `str` formats it.
    Text,
    /// Lines of names and values, or a table drawn with characters.
    Lines,
    /// A table or list of a page, written for people.
    Shown,
    /// A form's controls, filled in.
    Controls,
    /// Data inside a script, for the page's own use.
    Script,
}

impl Origin {
    /// Returns true for records written for people to read.
    pub(super) fn is_for_people(self) -> bool {
        matches!(self, Self::Text | Self::Lines | Self::Shown)
    }
}

/// The maximum number of records; more would not show other faults than the first ones.
const MAX_RECORDS: usize = 5000;
/// The maximum number of bytes read where reading builds a tree.
const MAX_TREE: usize = 2 << 20;

/// Returns the records of an answer to a request for this path.
pub(super) fn records(path: &str, text: &str, response: &Response) -> Vec<Record> {
    let media = response.media_type();
    let file = path.rsplit('/').next().unwrap_or_default();
    let ends = |ends: &[&str]| {
        ends.iter()
            .any(|end| file.to_ascii_lowercase().ends_with(end))
    };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if media == "text/event-stream" {
        let view = View::of_events(text);
        return sent(&view, plain(&view.text, response));
    }
    if is_json(text, response) {
        return data::records(text);
    }
    if media.ends_with("xml") || start.starts_with("<?xml") || is_foreign(start) {
        let found = tree::of_xml(text);
        if !found.is_empty() || !media.contains("html") {
            return found;
        }
    }
    if media.contains("html") || is_page(start) {
        return page::records(text, response);
    }
    if media.contains("javascript") || media.contains("ecmascript") {
        let mut found = Vec::new();
        page::of_script(text, 0, &mut found);
        return found;
    }
    let named = response
        .header("content-disposition")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_file = |end: &str| ends(&[end]) || named.contains(end);
    if media.contains("csv")
        || media.contains("tab-separated")
        || is_file(".csv")
        || is_file(".tsv")
    {
        return rows::records(text);
    }
    if media.contains("yaml") || is_file(".yaml") || is_file(".yml") {
        return tree::of_yaml(text);
    }
    if media.is_empty() || media.starts_with("text/") {
        return plain(text, response);
    }
    Vec::new()
}

/// Returns the field at a position of a text that consists only of data, as reports write it.
pub(super) fn field_at(records: &[Record], at: usize) -> Option<String> {
    let holds = |field: &&Scalar| field.span.contains(&at);
    records.iter().find_map(|record| {
        let field = record.fields.iter().find(holds)?;
        Some(data::below(&record.path, &field.name))
    })
}

/// Returns true for a text that is data as a whole, so that its fields have the same names as in JSON.
pub(super) fn is_data(text: &str, response: &Response) -> bool {
    let media = response.media_type();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    media == "text/event-stream"
        || media.ends_with("xml") && !media.contains("html")
        || media.contains("yaml")
        || start.starts_with("<?xml")
        || is_foreign(start)
}

fn plain(text: &str, response: &Response) -> Vec<Record> {
    let text = head(text, MAX_TREE);
    if notation::begins(text) {
        return data::records(text);
    }
    text::of_text(text, response)
}

/// Maps records of one form of a text to ranges of the text as sent.
fn sent(view: &View<'_>, mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        record.extent = view.sent(&record.extent);
        record.place(|span| view.sent(span));
    }
    records
}

/// Returns true for a text whose outermost element is not one of HTML: XML under another media type.
fn is_foreign(start: &str) -> bool {
    let name = element(start);
    start.starts_with('<')
        && name.len() > 1
        && !visible::is_html(name)
        && super::quoted::is_tag(start)
        && start.trim_end().ends_with('>')
}

fn is_page(start: &str) -> bool {
    let begin = start.get(..start.floor_char_boundary(20));
    let begin = begin.unwrap_or_default().to_ascii_lowercase();
    begin.starts_with("<!doctype html") || begin.starts_with("<html")
}

/// Returns at most the first `bytes` bytes of a text.
fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes))
        .unwrap_or_default()
}

/// Returns the name of a pair; a single word stays as it is written, so that a setting keeps its name.
fn name_of_pair(heading: &str) -> Option<String> {
    let name = name_of(heading)?;
    let word = heading.trim();
    Some(if word.contains(char::is_whitespace) {
        name
    } else {
        word.trim_end_matches([':', '*']).to_owned()
    })
}

/// Converts a heading to the name of a field: `API key` becomes `api_key`. Sentences have no name.
fn name_of(heading: &str) -> Option<String> {
    let words: Vec<String> = heading
        .trim()
        .trim_end_matches([':', '*'])
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let name = words.join("_");
    let is_name = (1..=4).contains(&words.len())
        && name.len() <= 48
        && name.contains(|letter: char| letter.is_alphabetic())
        && !name.contains(['=', '{', '<', '"', '?', '!', ',']);
    // `APIKey` shows its words by its capitals; `API key` and `PASSWORD` do not.
    let spoken = words.len() > 1 || !name.contains(|letter: char| letter.is_lowercase());
    is_name.then(|| if spoken { name.to_lowercase() } else { name })
}

/// Formats a record in one line for tests, with its values as they appear in the text it was read from.
#[cfg(test)]
fn line(record: &Record, text: Option<&str>) -> String {
    let value = |one: &Scalar| match text {
        Some(text) => text[one.span.clone()].to_owned(),
        None => one.value.clone(),
    };
    let fields = record.fields.iter();
    let fields: Vec<String> = fields
        .map(|one| format!("{}={}", one.name, value(one)))
        .collect();
    format!("{}: {}", record.path, fields.join(" "))
}
