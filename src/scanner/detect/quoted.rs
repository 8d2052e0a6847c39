//! Decides whether an answer only quotes a text, as a manual does.
//!
//! Owns: which parts of an answer are shown to people, and how much of them a sighting makes up. Leaves
//! out: what can be quoted at all (the probes and detectors define that), and provoking it (`judge`).
//!
//! A manual shows tracebacks, settings and connection strings among other text. So in a page, or in a
//! text with markup, such a sighting counts as the answer's own only if it makes up almost everything
//! shown; in other text, it must make up half. Navigation, headers, footers, links and parts that are
//! not shown (scripts, styles, comments) do not count, because every page has them. Several secrets in
//! the open, in the cells of a table and not set as code, are not an example, whatever the page says
//! around them.

use std::ops::Range;

use super::json_path::Field;
use crate::http::Response;
use crate::named::named;
use crate::notation;

named! {
    /// Where a page may quote a text without it being a fault.
    Quotable {
        /// Nowhere.
        No = "false",
        /// Where it is set as code: `<pre>`, `<code>`.
        InCode = "in-code",
        /// Anywhere.
        Anywhere = "true",
    }
}

/// The parts of an answer that people see, in the text as sent.
#[derive(Debug)]
pub(crate) struct Quoted<'t> {
    text: &'t str,
    kind: TextKind,
    /// The main text of a page, in ascending order; for any other text, all of it.
    main: Vec<Range<usize>>,
    /// Scripts, styles and comments, in ascending order.
    hidden: Vec<Range<usize>>,
    /// Parts set as code, in ascending order.
    code: Vec<Range<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextKind {
    /// Markup: pages of documentation look like this.
    Page,
    /// Markup with signs that set code without a tag.
    Markdown,
    Json,
    Other,
}

/// The required share of a page's main text, in percent.
const OF_PAGE: usize = 85;
/// The required share of a text without markup, or of a JSON field, in percent.
const OF_TEXT: usize = 50;
/// The maximum number of characters between two pieces (a comma, a short cell) that still count as one.
const JOINT: usize = 12;
/// Elements that every page of a site has.
const ASIDE: &[&str] = &["head", "nav", "header", "footer", "aside"];
const UNSHOWN: &[&str] = &["script", "style", "template"];
const CODE: &[&str] = &["pre", "code", "samp", "kbd", "blockquote"];
const LINK: &str = "a";
/// Longer links are cards, and their contents are part of the page's text.
const MAX_LINK: usize = 200;

/// Fields that people fill in as they like.
const USERS_TEXT: &[&str] = &[
    "answer",
    "body",
    "code",
    "comment",
    "content",
    "description",
    "details",
    "html",
    "markdown",
    "message",
    "note",
    "notes",
    "paste",
    "post",
    "question",
    "reply",
    "snippet",
    "steps",
    "summary",
    "text",
];
/// Fields beside them in records written by people.
const OF_PEOPLE: &[&str] = &[
    "_id",
    "author",
    "by",
    "created",
    "created_at",
    "created_by",
    "id",
    "owner",
    "posted",
    "posted_by",
    "slug",
    "subject",
    "title",
    "topic",
    "user",
    "user_id",
    "username",
];
/// Fields beside a message in records written by programs.
const OF_LOGS: &[&str] = &[
    "exc_info",
    "levelname",
    "level",
    "levelno",
    "lineno",
    "logger",
    "severity",
];
/// Bytes before and after a text that are searched for the rest of its record.
const BESIDE: usize = 600;
/// Words in paths of pages on which people write what they like.
const USERS_PAGES: &[&str] = &[
    "answer",
    "answers",
    "article",
    "articles",
    "blog",
    "board",
    "comment",
    "comments",
    "discussion",
    "discussions",
    "feedback",
    "forum",
    "forums",
    "gist",
    "gists",
    "issue",
    "issues",
    "note",
    "notes",
    "paste",
    "pastebin",
    "pastes",
    "post",
    "posts",
    "question",
    "questions",
    "snippet",
    "snippets",
    "thread",
    "threads",
    "ticket",
    "tickets",
    "topic",
    "topics",
    "wiki",
];

/// Returns true for a path on which users write: errors on such a page are quoted by its users.
pub(crate) fn is_told_by_users(asked: &str) -> bool {
    let path = asked.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let words = crate::words::words(segment);
        words
            .iter()
            .any(|word| USERS_PAGES.contains(&word.as_str()))
    })
}

impl<'t> Quoted<'t> {
    /// Reads an answer's text.
    pub(crate) fn of(text: &'t str, response: &Response) -> Self {
        let media = response.media_type();
        let kind = if is_json(text, response) {
            TextKind::Json
        } else if media.contains("markdown") || is_fenced(text) {
            TextKind::Markdown
        } else if media.contains("html") || media.contains("xml") {
            TextKind::Page
        } else {
            TextKind::Other
        };
        let mut shown = Self {
            text,
            kind,
            main: Vec::new(),
            hidden: Vec::new(),
            code: Vec::new(),
        };
        if matches!(kind, TextKind::Page | TextKind::Markdown) {
            shown.read_markup();
        } else {
            shown.main.push(0..text.len());
        }
        shown
    }

    /// Returns true if the pieces of one sighting are within a text that outweighs them. A sighting of
    /// `several` secrets is quoted only if it is set as code.
    pub(crate) fn quotes(
        &self,
        quoting: Quotable,
        several: bool,
        pieces: &[Range<usize>],
        field: &Field,
    ) -> bool {
        let Some(first) = pieces.first() else {
            return false;
        };
        let inside = |ranges: &[Range<usize>]| ranges.iter().any(|r| r.contains(&first.start));
        match (quoting, self.kind) {
            (Quotable::No, _) => false,
            // Whatever it holds is an example.
            (_, TextKind::Json | TextKind::Other) if describes_api(self.text) => true,
            (Quotable::InCode, TextKind::Page | TextKind::Markdown) if !inside(&self.code) => false,
            (_, TextKind::Page) if several && !pieces.iter().any(|piece| self.is_code(piece)) => {
                false
            }
            (Quotable::InCode, TextKind::Json | TextKind::Other) => false,
            (_, TextKind::Json) => self.quoted_in_field(pieces, field),
            (_, TextKind::Page | TextKind::Markdown) => {
                !inside(&self.hidden) && self.is_less(pieces, &self.main, OF_PAGE)
            }
            (_, TextKind::Other) => {
                let spoken = without_comments(self.text);
                self.is_less(pieces, &spoken, OF_TEXT)
            }
        }
    }

    /// Returns true if these pieces make up less than a share of the main text, in percent.
    pub(super) fn is_less_of_main(&self, pieces: &[Range<usize>], percent: usize) -> bool {
        self.is_less(pieces, &self.main, percent)
    }

    /// Returns true if any part of the piece is set as code.
    pub(super) fn is_code(&self, piece: &Range<usize>) -> bool {
        let from = self.code.partition_point(|range| range.end <= piece.start);
        let next = self.code.get(from);
        next.is_some_and(|range| range.start < piece.end)
    }

    /// Returns true if a JSON field quotes the pieces. A dump over many fields is not a quotation,
    /// except in the example of a specification.
    fn quoted_in_field(&self, pieces: &[Range<usize>], field: &Field) -> bool {
        let scalar = field.scalar.clone();
        if self.is_users_text(field) {
            return true;
        }
        if !pieces.iter().all(|piece| scalar.contains(&piece.start)) {
            return is_specification(self.text);
        }
        let part = self.text.get(scalar.clone()).unwrap_or_default();
        let share = if has_tags(part) || is_fenced(part) {
            OF_PAGE
        } else {
            OF_TEXT
        };
        self.is_less(pieces, std::slice::from_ref(&scalar), share)
    }

    /// Returns true for a field that people fill in, in a record that names its author or has an id.
    /// The message in a record of a log is not such a field.
    fn is_users_text(&self, field: &Field) -> bool {
        let name = field.path.rsplit('.').next().unwrap_or_default();
        let name = name.trim_end_matches("[]").to_ascii_lowercase();
        if !USERS_TEXT.contains(&name.as_str()) {
            return false;
        }
        let (text, scalar) = (self.text, &field.scalar);
        let from = text.floor_char_boundary(scalar.start.saturating_sub(BESIDE));
        let to = text.ceil_char_boundary((scalar.end + BESIDE).min(text.len()));
        let before = text.get(from..scalar.start).unwrap_or_default();
        let after = text.get(scalar.end..to).unwrap_or_default();
        // Stop at the limits of the record.
        let before = before.rsplit(['{', '}']).next().unwrap_or_default();
        let after = after.split(['{', '}']).next().unwrap_or_default();
        let has = |names: &[&str]| {
            names.iter().any(|name| {
                let key = format!("\"{name}\":");
                [before, after].iter().any(|side| {
                    side.to_ascii_lowercase()
                        .replace("\" :", "\":")
                        .contains(&key)
                })
            })
        };
        has(OF_PEOPLE) && !has(OF_LOGS)
    }

    /// Returns true if the pieces make up less than a share of these ranges, in percent.
    fn is_less(&self, pieces: &[Range<usize>], of: &[Range<usize>], percent: usize) -> bool {
        let whole: usize = of.iter().map(|range| self.weight(range)).sum();
        let mut part = 0;
        for (at, piece) in pieces.iter().enumerate() {
            part += self.weight_in(piece, of);
            let Some(next) = pieces.get(at + 1) else {
                break;
            };
            let gap = self.weight_in(&(piece.end..next.start.max(piece.end)), of);
            if gap <= JOINT {
                part += gap;
            }
        }
        part * 100 < whole * percent
    }

    fn weight_in(&self, piece: &Range<usize>, of: &[Range<usize>]) -> usize {
        let from = of.partition_point(|range| range.end <= piece.start);
        of.iter()
            .skip(from)
            .take_while(|range| range.start < piece.end)
            .map(|range| self.weight(&(range.start.max(piece.start)..range.end.min(piece.end))))
            .sum()
    }

    /// Returns the number of bytes that are not whitespace.
    fn weight(&self, range: &Range<usize>) -> usize {
        let bytes = self.text.as_bytes().get(range.clone());
        bytes.map_or(0, |bytes| {
            bytes
                .iter()
                .filter(|byte| !byte.is_ascii_whitespace())
                .count()
        })
    }

    /// Reads the markup in one pass over the tags.
    fn read_markup(&mut self) {
        let text = self.text;
        // An element that is not closed hides nothing, and its end is not searched for again.
        let mut unclosed: Vec<&str> = Vec::new();
        let known = [UNSHOWN, ASIDE, CODE, &[LINK]].concat();
        let mut at = 0;
        let mut read = 0;
        while let Some(step) = text.get(read..).and_then(|rest| rest.find('<')) {
            let tag = read + step;
            let rest = text.get(tag..).unwrap_or_default();
            if !is_tag(rest) {
                read = tag + 1;
                continue;
            }
            self.main.push(at..tag);
            if rest.starts_with("<!--") {
                at = rest.find("-->").map_or(text.len(), |end| tag + end + 3);
                read = at;
                self.hidden.push(tag..at);
                continue;
            }
            let name = element(rest);
            let inner = tag + rest.find('>').map_or(rest.len(), |end| end + 1);
            at = inner;
            read = at;
            let Some(name) = known.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
                continue;
            };
            let within = self.code.last().is_some_and(|last| tag < last.end);
            if unclosed.contains(name) || (within && CODE.contains(name)) {
                continue;
            }
            if *name == LINK {
                if within {
                    continue;
                }
                let head = text.get(..text.floor_char_boundary(inner + MAX_LINK));
                if let Some(end) = head.and_then(|head| closing(head, inner, name)) {
                    at = end;
                    read = at;
                }
                continue;
            }
            let Some(end) = closing(text, inner, name) else {
                unclosed.push(name);
                continue;
            };
            if CODE.contains(name) {
                self.code.push(inner..end);
            } else {
                if UNSHOWN.contains(name) {
                    self.hidden.push(inner..end);
                }
                at = end;
                read = at;
            }
        }
        self.main.push(at.min(text.len())..text.len());
    }
}

/// Returns true for a tag, but not for a lone bracket or Python's `<Config {…}>`.
pub(super) fn is_tag(rest: &str) -> bool {
    let after = rest.get(1..).unwrap_or_default();
    let name = element(rest).len();
    let then = after.get(name..).unwrap_or_default().trim_start();
    after.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c))
        && !then.starts_with('{')
}

/// Returns the name of the element at the start of a tag; empty for a closing tag.
pub(super) fn element(tag: &str) -> &str {
    let name = tag.get(1..).unwrap_or_default();
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric());
    name.get(..end.unwrap_or(name.len())).unwrap_or_default()
}

/// Returns the position of the next `</name`.
pub(super) fn closing(text: &str, from: usize, name: &str) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + text.get(at..)?.find("</")?;
        let begin = found + "</".len();
        let is = text
            .get(begin..begin + name.len())
            .is_some_and(|here| here.eq_ignore_ascii_case(name))
            && text
                .as_bytes()
                .get(begin + name.len())
                .is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if is {
            return Some(found);
        }
        at = begin;
    }
}

/// Returns true for an answer that is JSON or looks like it.
pub(crate) fn is_json(text: &str, response: &Response) -> bool {
    let media = response.media_type();
    media.ends_with("json")
        || (!media.contains("html") && text.trim_start().starts_with(['{', '[']))
        || (notation::begins(text) && !text.trim_start().starts_with('<'))
}

/// Returns true for a text with Markdown code blocks.
fn is_fenced(text: &str) -> bool {
    text.contains("\n```") || text.contains("\\n```") || text.starts_with("```")
}

fn has_tags(text: &str) -> bool {
    ["<p", "<h1", "<h2", "<pre", "<code", "&lt;p", "\\u003cp"]
        .iter()
        .any(|tag| text.contains(tag))
}

/// Returns true for an OpenAPI document or a JSON Schema.
pub(super) fn is_specification(text: &str) -> bool {
    describes_api(text) || beginning(text).contains("\"$schema\"")
}

/// Returns true for an OpenAPI or `AsyncAPI` document, in JSON or YAML, judging by its beginning. Where
/// keys are sorted, the telling key may be far from the beginning.
fn describes_api(text: &str) -> bool {
    let begin = beginning(text);
    let sorted = text.contains("\"paths\"") || text.contains("\"channels\"");
    let named = |key: &str| begin.contains(key) || (sorted && text.contains(key));
    ["\"openapi\"", "\"swagger\"", "\"asyncapi\""]
        .into_iter()
        .any(named)
        || begin.lines().any(|line| {
            ["openapi:", "swagger:", "asyncapi:"]
                .iter()
                .any(|key| line.starts_with(key))
        })
}

fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(2000))
        .unwrap_or_default()
}

/// Returns the ranges of the lines that are not comments of a settings file.
fn without_comments(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut ranges = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.trim_start().starts_with(['#', ';']) {
            ranges.push(at..at + line.len());
        }
        at += line.len();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(media: &str, text: &str) -> String {
        let answer = Response::of(200, &[("content-type", media)], text);
        let shown = Quoted::of(text, &answer);
        let main = shown.main.iter().map(|range| &text[range.clone()]);
        main.filter(|part| !part.trim().is_empty())
            .collect::<Vec<_>>()
            .join("|")
    }

    #[test]
    fn only_the_main_text_of_a_page_counts() {
        let page = "<!doctype html><head><title>Desk</title></head><header>Desk</header>\
            <NAV>Home <b>Out</b></NAV><h1>Keys</h1><script>if (a < b) {}</script><!-- <p>x -->\
            <p>All <b>three</b></p><footer>Since 2019</footer>";
        assert_eq!(seen("text/html", page), "Keys|All |three");
    }

    #[test]
    fn links_say_where_to_go_and_nothing_of_a_page() {
        let page = "<div><a href=/>Home</a> <a href=/x>Examples</a></div><h1>Keys</h1>";
        assert_eq!(seen("text/html", page), "Keys");
        let card = format!("<a href=/x>{}</a><p>Keys", "Desk ".repeat(50));
        assert!(seen("text/html", &card).starts_with("Desk"));
        assert_eq!(seen("text/html", "<a href=/>Home<p>Keys"), "Home|Keys");
    }

    #[test]
    fn what_is_not_closed_hides_nothing() {
        assert_eq!(seen("text/html", "<nav>Home<p>Keys"), "Home|Keys");
        assert_eq!(seen("text/html", "a < b <"), "a < b <");
        let config = "<b>x</b><Config {'DEBUG': True}>";
        assert_eq!(seen("text/html", config), "x|<Config {'DEBUG': True}>");
    }

    #[test]
    fn a_specification_only_quotes_and_settings_do_not() {
        let quotes = |text: &str, quoting: Quotable| {
            let answer = Response::of(200, &[("content-type", "application/json")], text);
            let at = text.find("redis://").unwrap();
            let span = at..at + 15;
            let field = Field {
                path: "x".to_owned(),
                scalar: span.clone(),
            };
            Quoted::of(text, &answer).quotes(quoting, false, &[span], &field)
        };
        let far = "x".repeat(3000);
        for text in [
            r#"{"openapi": "3.1.0", "paths": {"/a": {"example": "redis://u:p@h:1"}}}"#.to_owned(),
            format!(
                r#"{{"components": {{"a": "{far}", "example": "redis://u:p@h:1"}}, "openapi": "3.0.3", "paths": {{}}}}"#
            ),
            "openapi: 3.0.3\npaths:\n  x:\n    example: redis://u:p@h:1\n".to_owned(),
        ] {
            assert!(quotes(&text, Quotable::InCode), "{text}");
            assert!(quotes(&text, Quotable::Anywhere), "{text}");
            assert!(!quotes(&text, Quotable::No), "{text}");
        }
        for text in [
            r#"{"url": "redis://u:p@h:1"}"#,
            r#"{"$schema": "https://h/s.json", "url": "redis://u:p@h:1"}"#,
        ] {
            assert!(!quotes(text, Quotable::InCode), "{text}");
        }
    }

    #[test]
    fn many_open_elements_take_linear_time() {
        for tag in ["<nav>", "<pre>", "<a>", "<script>", "<!--", "</"] {
            for end in ["</pre>", "</a>"] {
                let text = tag.repeat(200_000) + end;
                let _ = seen("text/html", &text);
            }
        }
    }
}
