//! The records of an answer, whatever it is written in: names, values and places of their fields.
//!
//! Owns: which format an answer has, one file a format, and bounds for hostile bodies. Leaves out:
//! what the fields mean (`sensitive`). A broken or cut text gives the records as far as it can be
//! read.

mod find;
mod json;
mod page;
mod rows;
mod tree;

use std::ops::Range;

use super::quoted::is_json;
use crate::http::Response;

/// What belongs together: an object, a table's row, an element with its children.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Its path as reports write it: `a.b[]`; empty for the outermost.
    pub(super) path: String,
    /// The scalars in it, and those of lists of scalars.
    pub(super) fields: Vec<Scalar>,
    /// What it was read from.
    pub(super) origin: Origin,
    /// Records of one path and group are of one kind: each table of a page has its own.
    pub(super) group: usize,
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
    /// Where the value stands, without quotes.
    pub(super) span: Range<usize>,
}

/// What a record was read from, as far as it matters for what its fields mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Origin {
    /// JSON, YAML, XML, rows of a file: data for programs.
    #[default]
    Data,
    /// A page's table or list: written for people.
    Shown,
    /// A form's controls, filled in.
    Controls,
    /// Data inside a script, for the page's own use.
    Script,
}

/// More records than this show no other fault than the first ones.
const MAX_RECORDS: usize = 5000;
/// A longer text is read up to here, where reading builds a tree.
const MAX_TREE: usize = 2 << 20;

/// The records of an answer to a request for this path.
pub(super) fn records(path: &str, text: &str, response: &Response) -> Vec<Record> {
    let media = response.media_type();
    let file = path.rsplit('/').next().unwrap_or_default();
    let ends = |ends: &[&str]| {
        ends.iter()
            .any(|end| file.to_ascii_lowercase().ends_with(end))
    };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if is_json(text, response) {
        return json::records(text);
    }
    if media.contains("html") || is_page(start) {
        return page::records(text);
    }
    if media.ends_with("xml") || start.starts_with("<?xml") {
        return tree::of_xml(text);
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
    Vec::new()
}

fn is_page(start: &str) -> bool {
    let begin = start.get(..start.floor_char_boundary(20));
    let begin = begin.unwrap_or_default().to_ascii_lowercase();
    begin.starts_with("<!doctype html") || begin.starts_with("<html")
}

/// A text up to a number of bytes.
fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes))
        .unwrap_or_default()
}

/// A heading as a field's name: `API key` is `api_key`. Sentences are none.
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
    // `APIKey` has its words in its capitals; `API key` and `PASSWORD` have not.
    let spoken = words.len() > 1 || !name.contains(|letter: char| letter.is_lowercase());
    is_name.then(|| if spoken { name.to_lowercase() } else { name })
}
