//! Tables, lists, filled-in controls and data in scripts, attributes and comments of an HTML page.
//!
//! Owns: one pass over the tree for the positions of its texts, and one for its records. A table counts
//! if header cells name its columns or rows. Leaves out: cards (`cards`), documents and lines in the
//! text that is shown (`text`), and anything written in sentences.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use ego_tree::{NodeId, NodeRef};
use regex::Regex;
use scraper::{ElementRef, Html, Node};
use serde::de::IgnoredAny;

use super::find::Finder;
use super::{
    MAX_RECORDS, MAX_TREE, Origin, Record, Scalar, cards, data, head, name_of, notation, text,
};
use crate::crawl::extract::html::bounded;
use crate::http::Response;
use crate::unescape::{HTML, View};
use crate::words::is_csrf;

/// The maximum number of nodes read per cell.
const MAX_CELL: usize = 60;
/// How far above a control its form may be.
const MAX_ABOVE: usize = 64;
/// The maximum number of objects parsed per script.
const MAX_OBJECTS: usize = 30;
/// Words in headings above things to look at or to try.
const EXAMPLES: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "test",
    "testing",
    "dummy",
    "fake",
    "placeholder",
    "placeholders",
    "documentation",
    "tutorial",
    "beispiel",
    "beispiele",
];
/// Types of controls that hold no value of their own.
const VALUELESS: &[&str] = &[
    "submit", "button", "checkbox", "radio", "image", "reset", "file", "range", "color",
];

#[allow(clippy::unwrap_used)] // a constant pattern; the tests compile it
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?:(?-u:\b)(?:window|self|globalThis)\s{0,4}(?:\.\s{0,4}[0-9A-Za-z_$]{1,64}|\[\s{0,4}["'][^"'\n]{1,64}["']\s{0,4}\]){1,4}"#,
        r"|(?-u:\b)(?:var|let|const)\s{1,4}[0-9A-Za-z_$]{1,64})\s{0,4}=\s{0,8}(?P<open>[{\[])",
    ))
    .unwrap()
});

/// Returns the records of a page: what elements say takes precedence over what lines say.
pub(super) fn records(text: &str, response: &Response) -> Vec<Record> {
    let mut found = of_elements(text);
    let known: HashSet<usize> = found
        .iter()
        .flat_map(|record| record.fields.iter().map(|field| field.span.start))
        .collect();
    for mut record in text::of_page(head(text, MAX_TREE), response) {
        record
            .fields
            .retain(|field| !known.contains(&field.span.start));
        if !record.fields.is_empty() {
            found.push(record);
        }
    }
    found
}

/// Returns the records of a page's elements.
fn of_elements(text: &str) -> Vec<Record> {
    let (body, _) = bounded(head(text, MAX_TREE));
    if !may_hold_any(body) {
        return Vec::new();
    }
    let tree = Html::parse_document(body);
    let mut page = Page {
        text: body,
        places: places(body, &tree),
        found: Vec::new(),
        groups: 0,
        tables: HashMap::new(),
        lists: HashMap::new(),
        forms: HashMap::new(),
        is_example: false,
    };
    for node in tree.tree.root().descendants() {
        if page.found.len() >= MAX_RECORDS {
            break;
        }
        if let Some(element) = ElementRef::wrap(node) {
            page.attribute(element);
            page.read(element);
        } else if node.value().is_comment() {
            page.comment(node.id());
        }
    }
    let Page {
        places,
        mut found,
        mut groups,
        ..
    } = page;
    cards::read(&tree, &places, &mut groups, &mut found);
    found
}

fn may_hold_any(body: &str) -> bool {
    let bytes = body.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let is = |name: &[u8]| {
            rest.get(..name.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        };
        is(b"t")
            || is(b"dl")
            || is(b"input")
            || is(b"script")
            || is(b"code")
            || is(b"samp")
            || is(b"kbd")
            || is(b"!--")
    }) || [&b"class="[..], b"='{", b"='[", b"=\"{", b"=\"["]
        .iter()
        .any(|begin| memchr::memmem::find(bytes, begin).is_some())
}

/// Returns the ranges of the texts and of the controls' values.
fn places(body: &str, tree: &Html) -> HashMap<NodeId, Range<usize>> {
    let mut finder = Finder::new(body);
    let mut places = HashMap::new();
    for node in tree.tree.root().descendants() {
        let range = match node.value() {
            Node::Comment(words) => skip(&mut finder, words),
            Node::Text(words) if is_raw(node.parent()) => skip(&mut finder, words),
            Node::Text(words) => finder.next(words),
            Node::Element(element) => {
                let holds = |value: &&str| value.len() > 6 && notation::begins(value);
                let attributes = element.attrs().map(|(_, value)| value);
                if element.name() == "input" {
                    finder.next(element.attr("value").unwrap_or_default())
                } else {
                    attributes
                        .into_iter()
                        .find(holds)
                        .and_then(|value| finder.next(value))
                }
            }
            _ => None,
        };
        if let Some(range) = range {
            places.insert(node.id(), range);
        }
    }
    places
}

/// Moves past a text that the parser keeps as it is.
fn skip(finder: &mut Finder<'_>, words: &str) -> Option<Range<usize>> {
    let lead = words.len() - words.trim_start().len();
    let begin = finder.next(words.trim_start().lines().next()?)?.start;
    let end = begin + (words.len() - lead);
    finder.go(end);
    Some(begin..end)
}

fn is_raw(parent: Option<NodeRef<'_, Node>>) -> bool {
    let parent = parent.and_then(ElementRef::wrap);
    parent.is_some_and(|one| matches!(one.value().name(), "script" | "style"))
}

/// The state of reading a page.
struct Page<'t> {
    text: &'t str,
    places: HashMap<NodeId, Range<usize>>,
    found: Vec<Record>,
    groups: usize,
    tables: HashMap<NodeId, Table>,
    lists: HashMap<NodeId, List>,
    /// The record of each form.
    forms: HashMap<NodeId, usize>,
    /// True when the last heading announces an example.
    is_example: bool,
}

struct Table {
    group: usize,
    is_example: bool,
    names: Vec<Option<String>>,
    /// The record of the rows that have a header cell each.
    rows: Option<usize>,
}

struct List {
    group: usize,
    is_example: bool,
    name: Option<String>,
    record: Option<usize>,
}

impl Page<'_> {
    fn read(&mut self, element: ElementRef<'_>) {
        match element.value().name() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "legend" => {
                self.is_example = announces_example(&words(element));
            }
            "table" => {
                self.groups += 1;
                let table = Table {
                    group: self.groups,
                    is_example: self.is_example,
                    names: Vec::new(),
                    rows: None,
                };
                self.tables.insert(element.id(), table);
            }
            "caption" => {
                let table = element.parent().map(|parent| parent.id());
                if announces_example(&words(element))
                    && let Some(table) = table.and_then(|id| self.tables.get_mut(&id))
                {
                    table.is_example = true;
                }
            }
            "tr" => self.row(element),
            "dl" => {
                self.groups += 1;
                let list = List {
                    group: self.groups,
                    is_example: self.is_example,
                    name: None,
                    record: None,
                };
                self.lists.insert(element.id(), list);
            }
            "dt" | "dd" => self.item(element),
            "input" | "textarea" => self.control(element),
            "script" => self.script(element),
            _ => {}
        }
    }

    /// Reads data that an attribute hands to a script: `data-user='{…}'`.
    fn attribute(&mut self, element: ElementRef<'_>) {
        let control = element.value();
        if matches!(control.name(), "input" | "meta" | "link") {
            return;
        }
        let Some(range) = self.places.get(&element.id()) else {
            return;
        };
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let view = View::of(raw, HTML);
        let mut records = data::records(&view.text);
        for record in &mut records {
            record.place(|span| view.sent(span));
        }
        add_moved(records, range.start, "data", &mut self.found);
    }

    /// Reads data left in a comment.
    fn comment(&mut self, id: NodeId) {
        let Some(range) = self.places.get(&id) else {
            return;
        };
        let raw = self.text.get(range.clone()).unwrap_or_default();
        if notation::begins(raw) {
            add_moved(data::records(raw), range.start, "comment", &mut self.found);
        }
    }

    /// Reads a row: column headings, a heading with its value, or a record.
    fn row(&mut self, row: ElementRef<'_>) {
        let parents: Vec<_> = row.ancestors().take(2).map(|one| one.id()).collect();
        let Some(id) = parents.iter().find(|id| self.tables.contains_key(id)) else {
            return;
        };
        let in_head = row
            .parent()
            .and_then(ElementRef::wrap)
            .is_some_and(|parent| parent.value().name() == "thead");
        let cells: Vec<ElementRef<'_>> = row
            .child_elements()
            .filter(|cell| matches!(cell.value().name(), "td" | "th"))
            .collect();
        let is_heading = |cell: &ElementRef<'_>| cell.value().name() == "th";
        let Some(table) = self.tables.get_mut(id) else {
            return;
        };
        if table.is_example || cells.is_empty() {
            return;
        }
        if in_head || (cells.len() > 1 && cells.iter().all(is_heading)) {
            table.names = cells.iter().map(|cell| name_of(&words(*cell))).collect();
            return;
        }
        let group = table.group;
        if table.names.len() == cells.len() && cells.len() > 1 {
            let names = table.names.clone();
            let fields = names.into_iter().zip(cells);
            let fields = fields.filter_map(|(name, cell)| self.scalar(name?, cell));
            let fields = fields.collect();
            self.push("table[]", Origin::Shown, group, fields);
        } else if let [heading, cell] = cells.as_slice()
            && is_heading(heading)
            && !is_heading(cell)
            && let Some(name) = name_of(&words(*heading))
        {
            let known = table.rows;
            let field = self.scalar(name, *cell);
            let at = known.unwrap_or_else(|| self.push("table", Origin::Shown, group, Vec::new()));
            self.add(at, field);
            if let Some(table) = self.tables.get_mut(id) {
                table.rows = Some(at);
            }
        }
    }

    /// Reads a term of a list, or its description.
    fn item(&mut self, item: ElementRef<'_>) {
        let parents: Vec<_> = item.ancestors().take(2).map(|one| one.id()).collect();
        let Some(id) = parents.iter().find(|id| self.lists.contains_key(id)) else {
            return;
        };
        let Some(list) = self.lists.get_mut(id) else {
            return;
        };
        if item.value().name() == "dt" {
            list.name = name_of(&words(item));
            return;
        }
        let Some(name) = list.name.take().filter(|_| !list.is_example) else {
            return;
        };
        let (known, group) = (list.record, list.group);
        // A repeated term begins the next record.
        let known = known.filter(|at| {
            let record = self.found.get(*at);
            record.is_some_and(|record| record.fields.iter().all(|field| field.name != name))
        });
        let field = self.scalar(name, item);
        let at = known.unwrap_or_else(|| self.push("dl", Origin::Shown, group, Vec::new()));
        self.add(at, field);
        if let Some(list) = self.lists.get_mut(id) {
            list.record = Some(at);
        }
    }

    /// Reads a control that comes filled in.
    fn control(&mut self, element: ElementRef<'_>) {
        let control = element.value();
        let kind = control.attr("type").unwrap_or_default();
        let Some(name) = control.attr("name").or_else(|| control.attr("id")) else {
            return;
        };
        if VALUELESS.iter().any(|none| kind.eq_ignore_ascii_case(none)) || is_csrf(name) {
            return;
        }
        let field = if control.name() == "input" {
            let value = control.attr("value").unwrap_or_default().trim();
            let span = self.places.get(&element.id());
            span.map(|span| Scalar::of(name, value, span.clone()))
        } else {
            self.scalar(name.to_owned(), element)
        };
        if field.is_none() {
            return;
        }
        let form = element
            .ancestors()
            .take(MAX_ABOVE)
            .filter_map(ElementRef::wrap)
            .find(|one| matches!(one.value().name(), "form" | "html"));
        let Some(form) = form.map(|form| form.id()) else {
            return;
        };
        let at = match self.forms.get(&form) {
            Some(at) => *at,
            None => {
                self.groups += 1;
                self.push("inputs", Origin::Controls, self.groups, Vec::new())
            }
        };
        self.forms.insert(form, at);
        self.add(at, field);
    }

    fn script(&mut self, script: ElementRef<'_>) {
        let kind = script.value().attr("type").unwrap_or_default();
        let Some(text) = script.first_child() else {
            return;
        };
        let Some(range) = self.places.get(&text.id()) else {
            return;
        };
        // The parser may have changed the line endings.
        let rest = self.text.get(range.start..).unwrap_or_default();
        let code = rest.get(..script_end(rest)).unwrap_or_default();
        let begin = range.start;
        if kind.contains("ld+json") {
            // Intended for search engines.
        } else if kind.contains("json") {
            add_moved(data::records(code), begin, "script", &mut self.found);
        } else if !kind.contains("template") {
            of_script(code, begin, &mut self.found);
        }
    }

    /// Returns the text of a cell that has only one.
    fn scalar(&self, name: String, cell: ElementRef<'_>) -> Option<Scalar> {
        let mut texts = cell
            .descendants()
            .take(MAX_CELL)
            .filter(|node| !is_aside(*node))
            .filter_map(|node| match node.value() {
                Node::Text(words) if !words.trim().is_empty() => Some((node.id(), words.trim())),
                _ => None,
            });
        let (id, value) = texts.next()?;
        if texts.next().is_some() {
            return None;
        }
        Some(Scalar::of(name, value, self.places.get(&id)?.clone()))
    }

    fn push(&mut self, path: &str, origin: Origin, group: usize, fields: Vec<Scalar>) -> usize {
        self.found.push(Record {
            origin,
            group,
            ..Record::of(path, fields)
        });
        self.found.len() - 1
    }

    fn add(&mut self, at: usize, field: Option<Scalar>) {
        if let Some(record) = self.found.get_mut(at) {
            record.fields.extend(field);
        }
    }
}

/// Returns true for a node such as a button's text, which does not belong to the cell.
pub(super) fn is_aside(node: NodeRef<'_, Node>) -> bool {
    let parent = node.parent().and_then(ElementRef::wrap);
    parent.is_some_and(|one| matches!(one.value().name(), "button" | "label" | "script" | "style"))
}

/// Returns the first words in an element.
pub(super) fn words(element: ElementRef<'_>) -> String {
    let nodes = element.descendants().take(MAX_CELL);
    let texts = nodes.filter_map(|node| node.value().as_text().map(|text| text.trim()));
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    texts.join(" ")
}

pub(super) fn announces_example(heading: &str) -> bool {
    heading
        .split(|letter: char| !letter.is_alphanumeric())
        .any(|word| {
            EXAMPLES
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known))
        })
}

/// Returns the position at which a script at the beginning of a text ends.
fn script_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(step) =
        memchr::memmem::find(text.as_bytes().get(at..).unwrap_or_default(), b"</")
    {
        at += step;
        let name = text.as_bytes().get(at + 2..at + 8).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"script") {
            return at;
        }
        at += 2;
    }
    text.len()
}

/// Reads the objects that a script assigns to a name, if they are written as JSON, as templates do
/// (`window.state = {{ state|tojson }}`).
pub(super) fn of_script(code: &str, begin: usize, found: &mut Vec<Record>) {
    let code = head(code, MAX_TREE);
    let mut at = 0;
    for _ in 0..MAX_OBJECTS {
        let Some(open) = ASSIGNED
            .captures_at(code, at)
            .and_then(|parts| parts.name("open"))
        else {
            return;
        };
        let rest = code.get(open.start()..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        at = open.end();
        if let Some(Ok(_)) = values.next() {
            let end = values.byte_offset();
            let object = rest.get(..end).unwrap_or_default();
            add_moved(data::records(object), begin + open.start(), "script", found);
            at = open.start() + end;
        }
    }
}

/// Adds the records of a part of a page.
fn add_moved(records: Vec<Record>, by: usize, place: &str, found: &mut Vec<Record>) {
    for mut record in records {
        if found.len() >= MAX_RECORDS {
            return;
        }
        record.origin = Origin::Script;
        record.extent = 0..0;
        record.path = match record.path.as_str() {
            "" => place.to_owned(),
            path if path.starts_with('[') => format!("{place}{path}"),
            path => format!("{place}.{path}"),
        };
        record.place(|span| data::moved(span, by));
        found.push(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: &str) -> Vec<String> {
        let line = |record: &Record| {
            let fields = record.fields.iter();
            let fields: Vec<String> = fields
                .map(|one| format!("{}={}", one.name, &page[one.span.clone()]))
                .collect();
            format!("{}: {}", record.path, fields.join(" "))
        };
        of_elements(page).iter().map(line).collect()
    }

    #[test]
    fn a_table_with_headings_has_a_record_a_row() {
        let page = "<p>Ada</p><table class=x1><thead><tr><th>Name<th>API key<th></thead>\
            <tr data-key=\"x1\"><td>Ada<td><code>x1</code> <button>Copy</button><td>-\
            <tr><td>Bo &amp; Co<td>y&#39;2<td></table><table><tr><td>Name<td>Key<tr><td>a<td>b</table>";
        assert_eq!(
            read(page),
            [
                "table[]: Name=Ada api_key=x1",
                "table[]: Name=Bo &amp; Co api_key=y&#39;2"
            ]
        );
        let rows = of_elements(page);
        assert_eq!(rows[1].fields[1].value, "y'2");
    }

    #[test]
    fn header_cells_of_rows_and_terms_of_lists_name_values() {
        let page = "<table><tr><th>Host</th><td>h1</td></tr><tr><th>Password:</th><td>x1</td></tr></table>\
            <dl><div><dt>Name</dt><dd>Ada</dd></div><dt>Key<dd>k1<dt>Name<dd>Bo</dl>";
        assert_eq!(
            read(page),
            [
                "table: Host=h1 Password=x1",
                "dl: Name=Ada Key=k1",
                "dl: Name=Bo"
            ]
        );
    }

    #[test]
    fn controls_that_come_filled_in_are_a_forms_record() {
        let page = "<form><input name=host value=h1><INPUT type=hidden name=csrf_token value=c1>\
            <input type=password name=smtp_password value='x&amp;1'><textarea name=note>\n n1 </textarea>\
            <input type=submit name=go value=Go><input name=empty value=''></form>\
            <input readonly id=api-key value=k1>";
        assert_eq!(
            read(page),
            [
                "inputs: host=h1 smtp_password=x&amp;1 note=n1",
                "inputs: api-key=k1"
            ]
        );
    }

    #[test]
    fn data_in_scripts_is_read_where_it_is_json() {
        let page = "<script type=application/json>\r\n {\"user\":\r\n {\"key\": \"k1\"}}</script>\
            <script>window.app = {\"b\": [{\"key\": \"k2\"}]};const c={d:\"e\"};var f = [{\"g\":\"k3\"}]\n\
            if (x = {\"h\": 1}) {}</script><script type='application/ld+json'>{\"key\": \"k4\"}</script>";
        assert_eq!(
            read(page),
            [
                "script: ",
                "script.user: key=k1",
                "script: ",
                "script.b[]: key=k2",
                "script[]: g=k3"
            ]
        );
    }

    #[test]
    fn what_a_heading_announces_as_an_example_is_none() {
        let table = "<table><tr><th>Name<th>Key<tr><td>a<td>b</table>";
        for page in [
            format!("<h2>Example answer</h2>{table}"),
            table.replace(
                "<tr><th>Name",
                "<caption>Test accounts</caption><tr><th>Name",
            ),
            "<h3>Demo</h3><dl><dt>Key<dd>k1</dl>".to_owned(),
        ] {
            assert_eq!(read(&page), [""; 0], "{page}");
        }
    }

    #[test]
    fn hostile_pages_take_bounded_time() {
        for piece in [
            "<table><tr><th>a<td>b",
            "<table>",
            "<tr><td>x&nbsp;y",
            "<dl><dt>a<dd>b",
            "<input name=a value='x&nbsp;y'>",
            "<form><input name=a value=b>",
        ] {
            let _ = of_elements(&piece.repeat(60_000));
        }
        let script = "window.a={\"b\":\"".repeat(60_000);
        let _ = of_elements(&format!("<script>{script}"));
    }
}
