//! Markup: an element is a place, named by its path; so are its attributes, its text and comments.
//!
//! Owns: walking HTML and XML in one pass. Leaves out: repairing a document as a browser does.
//!
//! Uses html5ever's tokenizer without its tree builder, which a hostile page can make take quadratic
//! time (100,000 nested elements, formatting elements that are reopened in each block). Comparing does
//! not need a faithful tree, only the same path for the same place every time.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, CommentToken, Tag, TagKind, TagToken, Token, TokenSink,
    TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::builder::Builder;
use super::{blur, json, text};

const RANK: usize = 2;
/// Elements below this depth count as children of the last one above it.
const MAX_DEPTH: usize = 100;
/// How many open elements an end tag searches for its start tag.
const MAX_RISE: usize = 32;
/// Bytes given to the tokenizer at a time.
const CHUNK: usize = 4 << 10;
/// Blanks and quotes that one tag may have. The tokenizer compares each attribute with all earlier
/// ones, so this and `MAX_COMPARISONS` limit what one page may cost.
const MAX_SEPARATORS: usize = 20_000;
const MAX_COMPARISONS: usize = 400_000_000;

/// Elements within a line of text.
const INLINE: [&str; 30] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var",
];

/// Elements without content.
const VOID: [&str; 16] = [
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link", "meta",
    "param", "source", "track", "wbr",
];

/// Returns true for content that is read as markup, by its media type or its first characters.
pub(super) fn is_markup(media: &str, body: &str) -> bool {
    let named = media.contains("html") || media.ends_with("xml");
    let looks = body.trim_start().starts_with('<') || named && body.contains('<');
    looks && media != "text/plain"
}

/// Adds everything in a page; returns false, having added nothing, for a page built to be slow.
pub(super) fn read(page: &str, builder: &mut Builder<'_>) -> bool {
    let start = builder.len();
    let walker = Walker {
        builder,
        open: Vec::new(),
        line: String::new(),
        line_start: 0,
        raw: false,
        emitted: false,
        comparisons: 0,
    };
    let tokenizer = Tokenizer::new(Sink(RefCell::new(walker)), TokenizerOpts::default());
    let mut rest = page;
    let mut separators = 0_usize;
    let mut honest = true;
    while honest && !rest.is_empty() {
        let end = (CHUNK.min(rest.len())..=rest.len()).find(|end| rest.is_char_boundary(*end));
        let (chunk, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(chunk));
        // The sink never asks for a script to be run, so one feed takes the whole chunk.
        let _ = tokenizer.feed(&queue);
        let mut walker = tokenizer.sink.0.borrow_mut();
        if std::mem::take(&mut walker.emitted) {
            separators = 0;
        }
        separators += chunk
            .bytes()
            .filter(|byte| b" \t\r\n\x0c/\"'".contains(byte))
            .count();
        honest = separators <= MAX_SEPARATORS && walker.comparisons <= MAX_COMPARISONS;
    }
    if honest {
        tokenizer.end();
        tokenizer.sink.0.borrow_mut().end();
    } else {
        tokenizer.sink.0.borrow_mut().builder.forget_since(start);
    }
    honest
}

/// A cell around the walker, because the tokenizer only lends out its sink immutably.
struct Sink<'b, 'm>(RefCell<Walker<'b, 'm>>);

impl TokenSink for Sink<'_, '_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut walker = self.0.borrow_mut();
        walker.emitted = true;
        match token {
            TagToken(tag) if tag.kind == TagKind::StartTag => {
                return walker
                    .start(&tag)
                    .map_or(TokenSinkResult::Continue, TokenSinkResult::RawData);
            }
            TagToken(tag) => walker.close(&tag.name),
            CharacterTokens(text) => walker.line.push_str(&text),
            CommentToken(text) => walker.comment(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

struct Walker<'b, 'm> {
    builder: &'b mut Builder<'m>,
    open: Vec<Open>,
    /// Text since the last block began or ended.
    line: String,
    /// The first feature of the elements within that text.
    line_start: usize,
    /// True within a script, style or text area.
    raw: bool,
    /// True when a token has come since this was last checked.
    emitted: bool,
    /// The number of comparisons that the attributes have cost.
    comparisons: usize,
}

/// An element that is not closed yet.
struct Open {
    name: String,
    place: usize,
    /// Its first feature.
    start: usize,
    inline: bool,
    /// True for a script that holds data.
    data: bool,
    /// True when it holds something other than an echo.
    real: bool,
    /// True when it holds an echo.
    echo: bool,
}

impl Walker<'_, '_> {
    fn start(&mut self, tag: &Tag) -> Option<RawKind> {
        let name: &str = &tag.name;
        self.comparisons += tag.attrs.len() * tag.attrs.len() / 2;
        let inline = INLINE.binary_search(&name).is_ok();
        if !inline {
            self.flush();
            self.imply_ends(name);
        }
        let start = self.builder.len();
        let parent = self.open.last().map(|open| open.place);
        let attribute = |wanted: &str| {
            let found = tag.attrs.iter().find(|attr| &*attr.name.local == wanted);
            found.map(|attr| &*attr.value)
        };
        let mut part = format!(" > {name}");
        // Controls are distinguished by their names: each is a place of its own.
        if matches!(
            name,
            "input" | "select" | "textarea" | "button" | "form" | "meta"
        ) && let Some(control) = attribute("name")
        {
            let masked = self.builder.masked(control);
            let control = blur::name(masked.as_deref().unwrap_or(control));
            part = format!(" > {name}[name={control}]");
        }
        let deep = self.open.len() >= MAX_DEPTH;
        let place = match parent {
            Some(parent) if deep => parent,
            _ => self.builder.place(parent, &part, RANK),
        };
        self.builder.element(place);
        let mut echo = false;
        for attr in &tag.attrs {
            let at = format!("@{}", &*attr.name.local);
            let at = self.builder.place(Some(place), &at, RANK);
            echo |= self.builder.text(at, &text::collapsed(&attr.value));
        }
        if VOID.contains(&name) || tag.self_closing || deep {
            if echo {
                self.builder.echo_since(start);
            }
            let real = !echo && !tag.attrs.is_empty();
            self.tell_block(real, echo);
            return None;
        }
        let data = name == "script" && attribute("type").is_some_and(|kind| kind.contains("json"));
        self.open.push(Open {
            name: name.to_owned(),
            place,
            start,
            inline,
            data,
            real: false,
            echo,
        });
        if !inline {
            self.line_start = self.builder.len();
        }
        let raw = match name {
            "script" => RawKind::ScriptData,
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => RawKind::Rawtext,
            "textarea" | "title" => RawKind::Rcdata,
            _ => return None,
        };
        self.raw = true;
        Some(raw)
    }

    /// Closes the elements whose end tags authors leave out before `next`.
    fn imply_ends(&mut self, next: &str) {
        let ended: &[&str] = match next {
            "li" => &["p", "li"],
            "dt" | "dd" => &["p", "dt", "dd"],
            "option" | "optgroup" => &["option"],
            "td" | "th" => &["p", "td", "th"],
            "tr" => &["p", "td", "th", "tr"],
            "tbody" | "thead" | "tfoot" => &["p", "td", "th", "tr", "tbody", "thead"],
            "body" => &["head"],
            "p" | "div" | "ul" | "ol" | "dl" | "table" | "form" | "h1" | "h2" | "h3" | "h4"
            | "h5" | "h6" | "pre" | "section" | "article" | "footer" | "header" | "main"
            | "nav" | "hr" => &["p"],
            _ => return,
        };
        while let Some(open) = self.open.last()
            && ended.contains(&open.name.as_str())
        {
            self.pop();
        }
    }

    fn close(&mut self, name: &str) {
        let near = self.open.iter().rev().take(MAX_RISE);
        let Some(above) = near.map(|open| &open.name).position(|open| open == name) else {
            return;
        };
        for _ in 0..=above {
            self.pop();
        }
    }

    /// Closes the innermost element.
    fn pop(&mut self) {
        if self.open.last().is_some_and(|open| !open.inline) {
            self.flush();
        }
        let Some(open) = self.open.pop() else {
            return;
        };
        if open.echo && !open.real {
            self.builder.echo_since(open.start);
        }
        if open.inline {
            // Its text belongs to the line of the block.
            self.tell_block(false, open.echo);
        } else {
            self.tell_block(open.real, open.echo);
            self.line_start = self.builder.len();
        }
    }

    /// Ends a line of text.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let raw = std::mem::take(&mut self.raw);
        let block = self.open.iter().rev().find(|open| !open.inline || raw);
        let (place, data) = block.map_or((None, false), |open| (Some(open.place), open.data));
        let (mut real, mut echo) = (false, false);
        if data && let Ok(parsed) = serde_json::from_str(&line) {
            let root = self.builder.place(place, ":$", RANK);
            json::read(&parsed, root, self.builder);
            real = true;
        } else if raw {
            for piece in text::pieces(&line) {
                let at = self.builder.place(place, ":text", RANK);
                let held = self.builder.text(at, &piece);
                real |= !held;
                echo |= held;
            }
        } else {
            let line = text::collapsed(&line);
            if !line.is_empty() {
                let at = self.builder.place(place, ":text", RANK);
                echo = self.builder.text(at, &line);
                real = !echo;
                if echo {
                    // Emphasised or linked elements within the line belong to it.
                    self.builder.echo_since(self.line_start);
                }
            }
        }
        self.tell_block(real, echo);
        self.line_start = self.builder.len();
    }

    fn comment(&mut self, comment: &str) {
        let place = self.open.last().map(|open| open.place);
        for piece in text::pieces(comment) {
            let at = self.builder.place(place, ":comment", RANK);
            self.builder.text(at, &piece);
        }
    }

    /// Records in the innermost open block what was found in it.
    fn tell_block(&mut self, real: bool, echo: bool) {
        if let Some(block) = self.open.iter_mut().rev().find(|open| !open.inline) {
            block.real |= real;
            block.echo |= echo;
        }
    }

    fn end(&mut self) {
        while !self.open.is_empty() {
            self.pop();
        }
        self.flush();
    }
}
