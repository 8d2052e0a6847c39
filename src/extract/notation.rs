//! Object notation: JSON, Python's `repr`, and text that almost matches either.
//!
//! Owns: one pass from text to a tree with the position of every node. Leaves out: what the tree means
//! (records and paths in `detect`, schemas in `crawl`). A malformed or truncated text yields the part
//! of the tree that can be read.
//!
//! `ObjectId('…')` and similar calls become the value they wrap, `datetime.datetime(…)` becomes a bare
//! word, `OrderedDict(…)` and `environ(…)` become their contents, and `User(id=1, name='ann')` becomes
//! an object.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::unescape::{JSON, View};

/// A node of a text in object notation.
#[derive(Debug)]
pub struct Node {
    start: u32,
    end: u32,
    /// What kind of node this is.
    pub kind: NodeKind,
}

/// The kind of a node.
#[derive(Debug)]
pub enum NodeKind {
    /// A string; its span excludes the quotes.
    Text,
    /// A number, a word, or a call without a text in it.
    Bare,
    /// A list or a tuple.
    List(Vec<Node>),
    /// An object.
    Map(Vec<(Node, Node)>),
}

/// The deepest nesting that is read.
pub(crate) const MAX_DEPTH: usize = 64;
/// The most nodes read from one text.
const MAX_NODES: usize = 1_000_000;

impl Node {
    /// Returns the node's position in the text.
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    fn is_text(&self) -> bool {
        matches!(self.kind, NodeKind::Text)
    }

    /// Returns true for a list or an object.
    pub fn is_container(&self) -> bool {
        matches!(self.kind, NodeKind::List(_) | NodeKind::Map(_))
    }

    /// Returns the value as text, without escapes. `pprint` may have split a long string into several
    /// pieces.
    pub fn value(&self, text: &str) -> String {
        let Range { start, end } = self.span();
        if !self.is_text() {
            return text.get(start..end).unwrap_or_default().to_owned();
        }
        let bytes = text.as_bytes();
        let mut value = String::new();
        let mut at = start;
        while let Some(quote) = at.checked_sub(1).and_then(|quote| bytes.get(quote)) {
            let close = string_end(bytes, at - 1, *quote) - 1;
            let closed = close < end && bytes.get(close) == Some(quote);
            let piece = at..if closed { close } else { end };
            value.push_str(&plain(text.get(piece).unwrap_or_default()));
            let rest = text.get(close + 1..end).unwrap_or_default();
            let Some(next) = rest.find(['"', '\'']) else {
                break;
            };
            at = close + 1 + next + 1;
        }
        value
    }

    /// Converts the node to JSON; `None` if any part of it is not a literal.
    fn literal(&self, text: &str) -> Option<Value> {
        Some(match &self.kind {
            NodeKind::Text => Value::String(self.value(text)),
            NodeKind::Bare => match text.get(self.span())? {
                "True" => Value::Bool(true),
                "False" => Value::Bool(false),
                "None" => Value::Null,
                word => Value::Number(word.parse().ok()?),
            },
            NodeKind::List(items) => items
                .iter()
                .map(|item| item.literal(text))
                .collect::<Option<_>>()?,
            NodeKind::Map(entries) => {
                let entries = entries.iter();
                let entries =
                    entries.map(|(key, value)| Some((key.value(text), value.literal(text)?)));
                Value::Object(entries.collect::<Option<_>>()?)
            }
        })
    }
}

/// Undoes the escapes in a piece of a string.
fn plain(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    serde_json::from_str(&format!("\"{raw}\""))
        .unwrap_or_else(|_| View::of(raw, JSON).text.into_owned())
}

#[allow(clippy::unwrap_used)] // a constant pattern; the tests compile it
static BEGIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^[\s\x{feff}]*",
        // Guards against JSON inclusion, and the name of a callback.
        r"(?:\)\]\}'?,?|while\s?\(1\);|for\s?\(;;\);|&&&\w+&&&|(?:/\*\*/\s?)?[A-Za-z_$][\w.$]*\(|b?['\x22](?:\\n|\s)*)?\s*",
        r"(?:\{\s*(?:[bu]?['\x22]|\\['\x22]|\}|[0-9]+\s*:|[A-Z]\w*\()",
        r"|[\[(]\s*(?:[\[{(]|[bu]?['\x22]|\\['\x22]|\]|-?[0-9]|null|true|false|None|True|False|[A-Z]\w*\())",
    ))
    .unwrap()
});

/// Returns true if the text starts with object notation.
pub fn begins(text: &str) -> bool {
    BEGIN.is_match(text)
}

/// Returns the outermost values of a text.
pub fn all(text: &str) -> Vec<Node> {
    Parser::new(text, 0, false).read().0
}

/// Returns the value whose bracket is at the given position, and where it ends.
pub fn one(text: &str, at: usize) -> (Option<Node>, usize) {
    let (mut nodes, end) = Parser::new(text, at, true).read();
    (nodes.pop(), end)
}

/// Reads the Python literal at the start of a text, as written by `repr` and `pprint`; `None` if the
/// text starts with something else.
pub(crate) fn literal(text: &str) -> Option<Value> {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'{' | b'[' | b'(' => {
            let (node, end) = one(text, 0);
            let closed = text.get(..end)?.ends_with(['}', ']', ')']);
            node.filter(|_| closed)?.literal(text)
        }
        quote @ (b'"' | b'\'') => {
            let end = string_end(bytes, 0, *quote);
            let closed = end > 1 && bytes.get(end - 1) == Some(quote);
            closed.then(|| Value::String(plain(text.get(1..end - 1).unwrap_or_default())))
        }
        _ => {
            let end = bytes.iter().position(|byte| !is_inside(*byte));
            node(0..end.unwrap_or(bytes.len()), NodeKind::Bare).literal(text)
        }
    }
}

/// An open bracket.
#[derive(Default)]
struct Open {
    start: usize,
    brace: bool,
    call: bool,
    /// No comma has followed the last value yet.
    goes_on: bool,
    /// It contains a text that was joined from several pieces.
    joined: bool,
    items: Vec<Node>,
    entries: Vec<(Node, Node)>,
    key: Option<Node>,
    /// The key already has its value.
    filled: bool,
}

impl Open {
    /// Returns the text that the next one may continue: `pprint` splits long texts.
    fn unfinished(&mut self) -> Option<&mut Node> {
        let last = if self.filled {
            self.entries.last_mut().map(|(_, value)| value)
        } else {
            self.items.last_mut().filter(|_| self.key.is_none())
        };
        last.filter(|last| self.goes_on && last.is_text())
    }
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    one: bool,
    open: Vec<Open>,
    /// Open brackets beyond the maximum depth.
    beyond: usize,
    top: Vec<Node>,
    nodes: usize,
    /// Single quotes also delimit strings at the outermost level.
    single: bool,
}

#[allow(clippy::cast_possible_truncation)] // bodies are capped far below 4 GB
fn node(span: Range<usize>, kind: NodeKind) -> Node {
    Node {
        start: span.start as u32,
        end: span.end as u32,
        kind,
    }
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, at: usize, one: bool) -> Self {
        let first = text.trim_start();
        Self {
            text,
            bytes: text.as_bytes(),
            at,
            one,
            open: Vec::new(),
            beyond: 0,
            top: Vec::new(),
            nodes: 0,
            single: first.starts_with(['\'']) || first.starts_with("b'"),
        }
    }

    fn read(mut self) -> (Vec<Node>, usize) {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            if self.nodes >= MAX_NODES {
                break;
            }
            let begin = self.at;
            self.at += 1;
            match byte {
                b'{' | b'[' | b'(' => self.push(begin, byte == b'{', false),
                b'}' | b']' | b')' => {
                    if self.beyond > 0 {
                        self.beyond -= 1;
                    } else {
                        self.close();
                    }
                    if self.one && self.open.is_empty() {
                        break;
                    }
                }
                b',' => self.comma(),
                b'=' => self.equals(),
                b'"' | b'\'' => self.string(begin, byte),
                _ if is_word(byte) => self.word(begin),
                _ => {}
            }
        }
        while !self.open.is_empty() {
            self.close();
        }
        (self.top, self.at)
    }

    fn push(&mut self, start: usize, brace: bool, call: bool) {
        if self.open.len() >= MAX_DEPTH || self.beyond > 0 {
            self.beyond += 1;
            return;
        }
        self.open.push(Open {
            start,
            brace,
            call,
            ..Open::default()
        });
    }

    fn comma(&mut self) {
        if self.beyond > 0 {
            return;
        }
        if let Some(last) = self.open.last_mut() {
            last.goes_on = false;
            last.key = None;
            last.filled = false;
        }
    }

    /// Turns the word before `=` into the name of a call's argument.
    fn equals(&mut self) {
        if self.beyond > 0 {
            return;
        }
        if let Some(last) = self.open.last_mut()
            && last.call
            && last.key.is_none()
            && matches!(last.items.last(), Some(item) if matches!(item.kind, NodeKind::Bare))
        {
            last.key = last.items.pop();
            last.filled = false;
        }
    }

    fn string(&mut self, begin: usize, quote: u8) {
        if quote == b'\'' && self.open.is_empty() && !self.single {
            return;
        }
        let end = string_end(self.bytes, begin, quote);
        let closed = end > begin + 1 && self.bytes.get(end - 1) == Some(&quote);
        let inner = begin + 1..if closed { end - 1 } else { end }.max(begin + 1);
        self.at = end;
        let inner = if self.text.get(inner.clone()).is_some() {
            inner
        } else {
            begin + 1..begin + 1
        };
        self.give(node(inner, NodeKind::Text));
    }

    fn word(&mut self, begin: usize) {
        while self.bytes.get(self.at).copied().is_some_and(is_inside) {
            self.at += 1;
        }
        let word = self.text.get(begin..self.at).unwrap_or_default();
        match self.bytes.get(self.at) {
            Some(quote @ (b'"' | b'\''))
                if matches!(word, "b" | "u" | "r" | "f" | "B" | "U" | "rb" | "br") =>
            {
                let at = self.at;
                self.at += 1;
                self.string(at, *quote);
            }
            Some(b'(') => {
                self.at += 1;
                self.push(begin, false, true);
            }
            _ if self.open.is_empty() => {}
            _ => self.give(node(begin..self.at, NodeKind::Bare)),
        }
    }

    /// Adds a value to the innermost open bracket.
    fn give(&mut self, value: Node) {
        if self.beyond > 0 {
            return;
        }
        self.nodes += 1;
        let Some(last) = self.open.last_mut() else {
            self.top.push(value);
            return;
        };
        if let Some(before) = last.unfinished().filter(|_| value.is_text())
            && let Some(between) = self.text.get(before.span().end + 1..value.span().start - 1)
            && between.trim().is_empty()
        {
            before.end = value.end;
            last.joined = true;
            return;
        }
        last.goes_on = true;
        if last.brace || last.key.is_some() {
            match last.key.take() {
                None => last.key = Some(value),
                Some(key) if !last.filled => {
                    // A further value before the next comma belongs to no field.
                    last.filled = true;
                    last.key = Some(node(key.span(), NodeKind::Bare));
                    last.entries.push((key, value));
                }
                key => last.key = key,
            }
        } else {
            last.items.push(value);
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let span = open.start..self.at;
        let made = if open.brace {
            node(span, NodeKind::Map(open.entries))
        } else if open.call {
            of_call(span, open)
        } else {
            listed(span, open)
        };
        self.give(made);
    }
}

/// Returns the node that a call stands for.
fn of_call(span: Range<usize>, mut open: Open) -> Node {
    let bare = |one: &Node| matches!(one.kind, NodeKind::Bare);
    if !open.entries.is_empty() {
        return if open.entries.iter().all(|(_, value)| bare(value)) {
            node(span, NodeKind::Bare)
        } else {
            node(span, NodeKind::Map(open.entries))
        };
    }
    let held = open.items.iter().position(Node::is_container);
    let first = held.or_else(|| {
        let text = |one: &Node| matches!(one.kind, NodeKind::Text);
        open.items.iter().position(text)
    });
    match first {
        Some(at) => open.items.swap_remove(at),
        None => node(span, NodeKind::Bare),
    }
}

/// Returns a list, or the text if the brackets hold one text in several pieces.
fn listed(span: Range<usize>, mut open: Open) -> Node {
    match open.items.as_slice() {
        [only] if only.is_text() && open.joined => open.items.remove(0),
        _ => node(span, NodeKind::List(open.items)),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-' | b'+') || byte >= 0x80
}

fn is_inside(byte: u8) -> bool {
    is_word(byte) || byte == b'.'
}

/// Returns the position after the closing quote.
fn string_end(bytes: &[u8], begin: usize, quote: u8) -> usize {
    let mut at = begin + 1;
    while let Some(step) = memchr::memchr2(quote, b'\\', bytes.get(at..).unwrap_or_default()) {
        at += step;
        if bytes.get(at) == Some(&quote) {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Prints a tree in one line.
    fn line(text: &str, node: &Node) -> String {
        match &node.kind {
            NodeKind::Text => format!("'{}'", node.value(text)),
            NodeKind::Bare => node.value(text),
            NodeKind::List(items) => {
                let items: Vec<String> = items.iter().map(|one| line(text, one)).collect();
                format!("[{}]", items.join(" "))
            }
            NodeKind::Map(entries) => {
                let entries = entries.iter();
                let entries: Vec<String> = entries
                    .map(|(key, value)| format!("{}={}", key.value(text), line(text, value)))
                    .collect();
                format!("{{{}}}", entries.join(" "))
            }
        }
    }

    fn read(text: &str) -> String {
        let nodes = all(text);
        let nodes: Vec<String> = nodes.iter().map(|one| line(text, one)).collect();
        nodes.join("; ")
    }

    #[test]
    fn json_and_what_is_almost_json_are_read() {
        for (text, expected) in [
            (
                r#"{"a": 1, "b": [true, null, "x\"\u0041"]}"#,
                r#"{a=1 b=[true null 'x"A']}"#,
            ),
            (r#"{"a": NaN, "b": -Infinity}"#, "{a=NaN b=-Infinity}"),
            ("{\"a\": 1}\n{\"a\": 2}", "{a=1}; {a=2}"),
            ("data: {\"a\": 1}\n\ndata: {\"a\": 2}\n", "{a=1}; {a=2}"),
            (")]}',\n[{\"a\": 1}]", "[{a=1}]"),
            ("cb({\"a\": \"x\"});", "{a='x'}"),
            (r#"[{"a": 1}] <!-- it's served -->"#, "[{a=1}]"),
            (r#""{\"a\": 1}""#, r#"'{"a": 1}'"#),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn pythons_notation_is_read() {
        for (text, expected) in [
            (
                "[{'_id': ObjectId('65f1'), 'at': datetime.datetime(2024, 5, 1, 10, 0), 'ok': True, 'n': None}]",
                "[{_id='65f1' at=datetime.datetime(2024, 5, 1, 10, 0) ok=True n=None}]",
            ),
            (
                "{'a': b'x\\'y', 'n': Decimal128('1.5'), 'u': UUID('9f-1')}",
                "{a='x'y' n='1.5' u='9f-1'}",
            ),
            (
                "<Config {'DEBUG': True, 'LIFE': datetime.timedelta(days=31)}>",
                "{DEBUG=True LIFE=datetime.timedelta(days=31)}",
            ),
            ("environ({'A': 'x'})", "{A='x'}"),
            ("OrderedDict([('a', 'x'), ('b', 2)])", "[['a' 'x'] ['b' 2]]"),
            ("User(id=1, name='ann')", "{id=1 name='ann'}"),
            (
                "{'a': ('one '\n 'two'), 'b': ('x',), 'c': 'one '\n 'two', 'd': 4}",
                "{a='one two' b=['x'] c='one two' d=4}",
            ),
            (
                "{'it': \"it's\", 'f': <function f at 0x7f>}",
                "{it='it's' f=function}",
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn broken_and_hostile_texts_do_not_panic() {
        for text in [
            "",
            "{",
            "{\"a",
            "[\"\\",
            "{\"a\": \"é\\",
            "}}]]",
            "{\"a\":1",
            "'é",
            "b'",
            "x(",
            "{:,=}",
        ] {
            let _ = all(text);
            let _ = one(text, 0);
            let _ = begins(text);
        }
        for piece in ["[", "{\"a\":", "a(", "'", "{'a':\\", "User(a="] {
            let _ = all(&piece.repeat(100_000));
        }
    }

    #[test]
    fn whole_texts_are_told_by_their_begin() {
        for text in [
            r#"{"a": 1}"#,
            "[{'_id': ObjectId('65')}]",
            ")]}',\n{\"a\": 1}",
            "load([{\"a\": 1}])",
            "[]",
            r#""[{\"a\": 1}]""#,
            "OrderedDict([('a', 1)])",
        ] {
            assert!(begins(text), "{text}");
        }
        for text in [
            "",
            "{ color: red }",
            "[ Home ]",
            "Users: [{'a': 1}]",
            "<p>{\"a\": 1}",
            "f(x)",
            "{{ x }}",
        ] {
            assert!(!begins(text), "{text}");
        }
    }

    #[test]
    fn what_pprint_writes_is_read() {
        let text = "{'a': [1, -2.5, True],\n 'b': {'c': None, \"d'\": 'x\\'y\\n'},\n 'e': ('one '\n       'two'),\n 'f': (1, 2)}\n\nOn";
        let expected = json!({"a": [1, -2.5, true], "b": {"c": null, "d'": "x'y\n"}, "e": "one two", "f": [1, 2]});
        assert_eq!(literal(text), Some(expected));
        assert_eq!(literal("''"), Some(json!("")));
    }

    #[test]
    fn what_is_no_literal_ends_the_reading() {
        let deep = "[".repeat(10_000);
        for text in [
            "",
            "{",
            "{'a'",
            "{'a': <object at 0x7f>}",
            "[1, ",
            "'",
            "\\",
            deep.as_str(),
        ] {
            assert_eq!(literal(text), None, "{text:.20}");
        }
    }
}
