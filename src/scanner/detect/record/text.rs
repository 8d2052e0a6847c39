//! Records in plain text, and in the text that a page shows: documents as `str` formats them, lines of
//! names and values, tables drawn with characters.
//!
//! Owns: finding them among other words, and whether they are the answer's own or only quoted. Leaves
//! out: elements of a page that make a record by themselves (`page`, `cards`).
//!
//! Code on a page may be an example, so a record in it counts only if such records make up most of what
//! is shown. Under a heading that announces an example, no record counts.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::lines;
use super::page::announces_example;
use super::{MAX_RECORDS, Origin, Record, data, notation, visible};
use crate::detect::quoted::Quoted;
use crate::http::Response;

/// The character that begins a heading line, in Markdown and in [`visible`] texts.
pub(super) const HEADING: char = '#';
/// The share of a page that all records must make up for those set as code to count, in percent.
const OWN: usize = 50;

#[allow(clippy::unwrap_used)] // a constant pattern; the tests compile it
static START: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"[\[(]\s*[\[({]\s*[bu]?["']"#,
        r#"|\{\s*[bu]?(?:"[^"\n]+"|'[^'\n]+')\s{0,4}:"#,
        r#"|(?-u:\b)[A-Z][0-9A-Za-z_]{1,40}\([A-Za-z_][0-9A-Za-z_]{0,40}=(?:['"]|[0-9A-Za-z_]{1,41}[,)('])"#,
    ))
    .unwrap()
});

/// Records that belong together.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) records: Vec<Record>,
    pub(super) extent: Range<usize>,
}

/// Returns the records of a text without markup.
pub(super) fn of_text(text: &str, response: &Response) -> Vec<Record> {
    let shown = Quoted::of(text, response);
    let blocks = blocks(text);
    let extents: Vec<Range<usize>> = blocks.iter().map(|one| one.extent.clone()).collect();
    if shown.is_less_of_main(&extents, OWN) {
        return Vec::new();
    }
    blocks.into_iter().flat_map(|one| one.records).collect()
}

/// Returns the records in the text that a page shows, with ranges in the page as sent.
pub(super) fn of_page(page: &str, response: &Response) -> Vec<Record> {
    let view = visible::of(page);
    let mut blocks = blocks(&view.text);
    if blocks.is_empty() {
        return Vec::new();
    }
    for block in &mut blocks {
        block.extent = view.sent(&block.extent);
        for record in &mut block.records {
            record.extent = view.sent(&record.extent);
            record.place(|span| view.sent(span));
        }
    }
    let shown = Quoted::of(page, response);
    let extents: Vec<Range<usize>> = blocks.iter().map(|one| one.extent.clone()).collect();
    let is_less = shown.is_less_of_main(&extents, OWN);
    let own =
        |block: &Block| !is_less || !shown.is_code(&(block.extent.start..block.extent.start + 1));
    let kept = blocks.into_iter().filter(own);
    kept.flat_map(|one| one.records).take(MAX_RECORDS).collect()
}

/// Returns the blocks of a text, in order.
fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut records = 0;
    while records < MAX_RECORDS
        && let Some(start) = START.find_at(text, at)
    {
        let bracket = start.as_str().find(['(', '[', '{']).unwrap_or_default();
        let call = bracket > 0;
        // For a call, the tree needs the name as well.
        let (extent, nodes) = if call {
            let (_, end) = notation::one(text, start.start() + bracket);
            let piece = text.get(start.start()..end).unwrap_or_default();
            (start.start()..end, Some((notation::all(piece), piece)))
        } else {
            let (node, end) = notation::one(text, start.start());
            let node: Vec<notation::Node> = node.into_iter().collect();
            (start.start()..end, Some((node, text)))
        };
        at = extent.end.max(start.end());
        let Some((nodes, of)) = nodes else { continue };
        let mut block = Block {
            records: data::of_nodes(of, &nodes),
            extent: extent.clone(),
        };
        for record in &mut block.records {
            if call {
                record.place(|span| data::moved(span, extent.start));
            }
            record.extent = extent.clone();
            if record.origin == Origin::Data {
                record.origin = Origin::Text;
            }
        }
        records += block.records.len();
        if block.records.iter().any(|record| !record.fields.is_empty()) {
            found.push(block);
        }
    }
    let taken: Vec<Range<usize>> = found.iter().map(|one| one.extent.clone()).collect();
    found.extend(lines::blocks(text, &taken));
    found.sort_by_key(|one| one.extent.start);
    without_examples(text, found)
}

/// Returns the blocks that are not under a heading that announces an example.
fn without_examples(text: &str, blocks: Vec<Block>) -> Vec<Block> {
    let mut headings = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with(HEADING) {
            headings.push((at, announces_example(line)));
        }
        at += line.len();
    }
    let example = |block: &Block| {
        let next = headings.partition_point(|(at, _)| *at <= block.extent.start);
        next.checked_sub(1)
            .and_then(|last| headings.get(last))
            .is_some_and(|(_, yes)| *yes)
    };
    blocks.into_iter().filter(|block| !example(block)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, record: &Record) -> String {
        let fields = record.fields.iter();
        let fields: Vec<String> = fields
            .map(|one| format!("{}={}", one.name, &text[one.span.clone()]))
            .collect();
        format!("{}: {}", record.path, fields.join(" "))
    }

    fn page(text: &str) -> Vec<String> {
        let answer = Response::of(200, &[("content-type", "text/html")], text);
        let found = of_page(text, &answer);
        found.iter().map(|one| line(text, one)).collect()
    }

    fn plain(text: &str) -> Vec<String> {
        let answer = Response::of(200, &[("content-type", "text/plain")], text);
        let found = of_text(text, &answer);
        found.iter().map(|one| line(text, one)).collect()
    }

    #[test]
    fn documents_in_a_page_are_read_however_they_are_escaped() {
        for text in [
            "Users: [{'_id': ObjectId('65f1'), 'key': 'x1'}]",
            "<p>Users: [{'_id': ObjectId('65f1'), <b>'key'</b>: 'x1'}]</p>",
            "<pre>[{&#39;_id&#39;: ObjectId(&#39;65f1&#39;), &#39;key&#39;: &#39;x1&#39;}]</pre>",
            "<pre>[\n  {&quot;_id&quot;: {&quot;$oid&quot;: &quot;65f1&quot;}, &quot;key&quot;: &quot;x1&quot;}]</pre>",
            "<textarea>[{&#34;_id&#34;: &#34;65f1&#34;, &#34;key&#34;: &#34;x1&#34;}]</textarea>",
        ] {
            assert_eq!(page(text), ["[]: _id=65f1 key=x1"], "{text}");
        }
        assert_eq!(page("<p>User(id=7, key='x1')</p>"), [": id=7 key=x1"]);
        assert_eq!(
            plain("user {'name': 'ann', 'key': 'x1'}\nuser {'name': 'bob', 'key': 'x2'}\n"),
            [": name=ann key=x1", ": name=bob key=x2"]
        );
    }

    #[test]
    fn lines_and_tables_of_a_page_are_read() {
        for text in [
            "name: ann<br>API key: x1<br>",
            "<b>name</b>: ann<br/>\n<b>API key:</b> <code>x1</code>",
            "<ul><li>name = ann</li><li>API key = x1</li></ul>",
            "<p>name: ann</p>\n<p>API key: x1</p>",
            "<div>name:</div>\n<div>ann</div><div>API key:\n <code>x1</code></div>",
        ] {
            assert_eq!(page(text), [": name=ann api_key=x1"], "{text}");
        }
        assert_eq!(
            page("<pre>| name | API key |\n|------|---------|\n| ann  | x1      |</pre>"),
            ["[]: name=ann api_key=x1"]
        );
    }

    #[test]
    fn examples_are_no_records() {
        let prose = "<p>Send your key along with every request, as the header says, and keep it to yourself.</p>";
        for text in [
            format!(
                "<h1>Using it</h1>{prose}<pre>{{\"name\": \"ann\", \"api_key\": \"x1\"}}</pre>"
            ),
            format!("<h1>Using it</h1>{prose}<pre>name: ann\napi_key: x1</pre>"),
            "<h2>Example answer</h2>{'name': 'ann', 'api_key': 'x1'}".to_owned(),
            "<h2>Demo accounts</h2><p>name: ann<br>password: x1</p>".to_owned(),
            format!(
                "{prose}<style>.a {{ color: red }}</style><script>var a = {{'name': 'ann'}}</script>"
            ),
        ] {
            assert_eq!(page(&text), [""; 0], "{text}");
        }
        let words = "Dear all, this is what we answer, more or less, to a request of yours.\n";
        assert_eq!(
            plain(&format!("{words}{{'name': 'ann', 'key': 'x1'}}\n")),
            [""; 0]
        );
        assert_eq!(plain(words), [""; 0]);
    }

    #[test]
    fn hostile_texts_take_bounded_time() {
        for piece in [
            "[{'",
            "{'a':",
            "A(b='",
            "a: b\n",
            "a\tb\n",
            "|a|b|\n|--|--|\n",
            "<b>a</b>: ",
            "&lt;br",
            "a,b,c\n",
        ] {
            let _ = page(&piece.repeat(60_000));
            let _ = plain(&piece.repeat(60_000));
        }
    }
}
