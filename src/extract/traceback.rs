//! Python tracebacks: as text, escaped in HTML or JSON, and as shown by the Werkzeug debugger.
//!
//! Owns: where a traceback begins and ends, its exception, and its frames with the source lines shown.
//! Leaves out: whether it is only an example from a manual (`detect` says what a single answer allows,
//! `judge` compares), and what source lines reveal (`crawl`).

mod debugger;

pub use debugger::{debugger_page, debugger_secret, is_debugger};

use std::collections::BTreeMap;

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::{Captures, Regex};

use crate::unescape::View;

/// A traceback in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traceback {
    /// From its header to the line of its exception, including chained tracebacks.
    pub extent: Range<usize>,
    /// The last frame and the exception: the most informative part.
    pub span: Range<usize>,
    /// The exception's type without its module; empty if the text breaks off before it.
    pub exception: String,
    /// The frames, outermost first.
    pub(crate) frames: Vec<Frame>,
}

/// One frame of a traceback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The path of the source file, as the application sees it.
    pub file: String,
    /// The number of the running line, starting at 1.
    pub(crate) line: usize,
    /// The function.
    pub function: String,
    /// Source lines by number, unescaped, with their indentation; only [`frames`] fills them in.
    pub(crate) source: BTreeMap<usize, String>,
}

impl Traceback {
    /// Returns the place in the application's own code where the traceback comes from, or the last
    /// frame if all frames belong to libraries.
    pub fn origin(&self) -> Option<String> {
        let own = |frame: &&Frame| !frame.is_library();
        let frame = self.frames.iter().rev().find(own).or(self.frames.last())?;
        Some(format!("{}:{}", frame.file, frame.line))
    }
}

impl Frame {
    /// Returns true for a file that comes with Python or with a package.
    fn is_library(&self) -> bool {
        let file = self.file.replace('\\', "/");
        let folders = ["/lib/python", "/Lib/", "site-packages/", "dist-packages/"];
        file.starts_with('<') || folders.iter().any(|folder| file.contains(folder))
    }
}

const HEAD: &str = "Traceback (most recent call last):";

/// The most tracebacks read from one answer; more reveal nothing new.
const MAX_TRACEBACKS: usize = 32;
/// The most lines read after a header. Recursion prints up to a thousand frames.
const MAX_LINES: usize = 8000;
/// The most headers, links and empty lines in a row; more are not part of a traceback.
const MAX_BETWEEN: usize = 6;
/// The most headers examined in all, so that a text full of headers costs no more than prose.
const MAX_HEADS: usize = 1000;
/// The longest distance from one frame to the next when line ends are missing.
const MAX_GAP: usize = 600;
/// The most frames of an answer to learn from.
const MAX_FRAMES: usize = 200;

// ASCII classes, because the Unicode ones make patterns with repeats huge.
macro_rules! pattern {
    ($name:ident, $text:literal) => {
        #[allow(clippy::unwrap_used)] // constant; the tests compile it
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($text).unwrap());
    };
}
use pattern;

pattern!(
    FRAME,
    r#"^File "([^"\n]+)", line ([0-9]{1,9})(?:, in (<[0-9A-Za-z_]+>|[0-9A-Za-z_.<>]+))?"#
);
pattern!(
    LOOSE_FRAME,
    r#"File "([^"\n]+)", line ([0-9]{1,9}), in (<[0-9A-Za-z_]+>|[0-9A-Za-z_.<>]+)"#
);
pattern!(
    EXCEPTION,
    r"^(?:[A-Za-z_][0-9A-Za-z_]*\.)*([A-Za-z_][0-9A-Za-z_]*)(?::.*)?$"
);
pattern!(
    LOOSE_EXCEPTION,
    r"(?-u:\b)([A-Za-z_][0-9A-Za-z_]*(?:Error|Exception|Failure|Timeout|Interrupt|Exit|InvalidId))(?-u:\b)"
);

/// Finds every traceback in a text whose escapes are already undone.
pub fn tracebacks(text: &str) -> Vec<Traceback> {
    let mut found: Vec<Traceback> = Vec::new();
    for head in memmem::find_iter(text.as_bytes(), HEAD).take(MAX_HEADS) {
        // A chained traceback is part of the previous one.
        if found.last().is_some_and(|last| head < last.extent.end) {
            continue;
        }
        found.extend(by_lines(text, head).or_else(|| by_pieces(text, head)));
        if found.len() >= MAX_TRACEBACKS {
            break;
        }
    }
    found
}

/// Reads a traceback line by line, as Python prints it, along with those chained to it.
fn by_lines(text: &str, head: usize) -> Option<Traceback> {
    let mut found = Traceback {
        extent: head..head,
        span: head..head,
        exception: String::new(),
        frames: Vec::new(),
    };
    let mut at = head;
    let mut ended = false;
    let mut between = 0;
    for line in text.get(head..)?.split_inclusive('\n').take(MAX_LINES) {
        let begin = at;
        at += line.len();
        match read(line) {
            Line::Frame(frame) => {
                found.span.start = begin + line.find("File").unwrap_or(0);
                found.extent.end = begin + line.trim_end().len();
                found.frames.push(frame);
                ended = false;
            }
            Line::Between if between < MAX_BETWEEN => {
                between += 1;
                continue;
            }
            Line::Source if !ended => {
                found.frames.last()?;
                found.extent.end = begin + line.trim_end().len();
            }
            Line::Exception(name) if !ended && !found.frames.is_empty() => {
                name.clone_into(&mut found.exception);
                found.extent.end = begin + visible_end(line);
                ended = true;
            }
            _ => break,
        }
        between = 0;
    }
    found.span.end = found.extent.end;
    (!found.frames.is_empty()).then_some(found)
}

/// The kinds of lines in a traceback.
enum Line<'t> {
    Frame(Frame),
    Source,
    Exception(&'t str),
    /// A header, an empty line, or the sentence that links two tracebacks.
    Between,
    Other,
}

fn read(line: &str) -> Line<'_> {
    const LINKS: [&str; 2] = [
        "During handling of the above exception, another exception occurred",
        "The above exception was the direct cause of the following exception",
    ];
    let (line, quoted) = unquoted(line);
    // Exception groups draw their tree with these characters.
    let bare = line.trim().trim_start_matches(['|', '+', '-', ' ']);
    if bare.is_empty() || bare.contains(HEAD) || LINKS.iter().any(|link| bare.starts_with(link)) {
        return Line::Between;
    }
    if let Some(frame) = FRAME.captures(bare).and_then(|parts| frame(&parts)) {
        return Line::Frame(frame);
    }
    let visible = line.get(..visible_end(line)).unwrap_or(line);
    if line.starts_with([' ', '\t']) {
        return Line::Source;
    }
    match EXCEPTION.captures(visible) {
        Some(parts) => Line::Exception(parts.get(1).map_or("", |name| name.as_str())),
        // A source line that begins with a quote looks like a list item.
        None if quoted => Line::Source,
        None => Line::Other,
    }
}

/// Strips the quotes of an item in a list of lines (`" File …",`); returns other lines unchanged.
fn unquoted(line: &str) -> (&str, bool) {
    let item = line.trim();
    let item = item.strip_suffix(',').unwrap_or(item);
    for quote in ['"', '\''] {
        if let Some(inner) = item.strip_prefix(quote)
            && let Some(inner) = inner.strip_suffix(quote)
        {
            return (inner, true);
        }
    }
    (line, false)
}

/// Returns the position where a line's text ends and markup or white space begins.
fn visible_end(line: &str) -> usize {
    let end = line.find("</").unwrap_or(line.len());
    line.get(..end).unwrap_or(line).trim_end().len()
}

fn frame(parts: &Captures<'_>) -> Option<Frame> {
    Some(Frame {
        file: parts.get(1)?.as_str().to_owned(),
        line: parts.get(2)?.as_str().parse().ok()?,
        function: parts
            .get(3)
            .map_or_else(String::new, |name| name.as_str().to_owned()),
        source: BTreeMap::new(),
    })
}

/// Reads a traceback that has lost its line ends: frames in close succession, then the first name that
/// looks like an exception's.
fn by_pieces(text: &str, head: usize) -> Option<Traceback> {
    let mut frames = Vec::new();
    let mut end = head + HEAD.len();
    let mut last = head;
    while let Some(window) = window(text, end, MAX_GAP)
        && let Some(parts) = LOOSE_FRAME.captures(window)
        && frames.len() < MAX_LINES
    {
        let whole = parts.get(0)?;
        frames.push(frame(&parts)?);
        last = end + whole.start();
        end += whole.end();
    }
    if frames.is_empty() {
        return None;
    }
    let exception = window(text, end, MAX_GAP)
        .and_then(|window| LOOSE_EXCEPTION.captures(window))
        .and_then(|parts| parts.get(1));
    let name = exception.map_or_else(String::new, |name| name.as_str().to_owned());
    let end = end + exception.map_or(0, |name| name.end());
    Some(Traceback {
        extent: head..end,
        span: last..end,
        exception: name,
        frames,
    })
}

/// Returns at most `length` bytes from `at`, cut at a character boundary.
fn window(text: &str, at: usize, length: usize) -> Option<&str> {
    let rest = text.get(at..)?;
    rest.get(..rest.floor_char_boundary(length))
}

/// Returns true if a position lies in a source line shown by a traceback or a debugger page.
pub fn is_source_line(text: &str, at: usize) -> bool {
    let begin = |at: usize| {
        text.get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |at| at + 1)
    };
    let start = begin(at);
    let line = text.get(start..at).unwrap_or_default();
    if line.trim_start().starts_with("<pre class=\"line") {
        return true;
    }
    if start == 0 || !line.starts_with([' ', '\t']) {
        return false;
    }
    let before = text.get(begin(start - 1)..start).unwrap_or_default();
    FRAME.is_match(before.trim())
}

/// Returns the frames of the application's own code in an answer, each with the source lines shown.
/// They may appear anywhere: a handler may have cut off the header.
pub fn frames(text: &str) -> Vec<Frame> {
    if is_debugger(text) {
        let frames = debugger::frames(text);
        if !frames.is_empty() {
            return frames;
        }
    }
    if !text.contains("File ") || !text.contains(", line ") {
        return Vec::new();
    }
    let views = View::all(text);
    let shown = views.iter().find(|view| view.text.contains("File \""));
    shown.map_or_else(Vec::new, |view| plain_frames(&view.text))
}

/// Reads frames of the form `File "x", line 1, in f`, each with the line below it.
fn plain_frames(text: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.trim_start().starts_with("File \"") {
            continue;
        }
        let line = strip_tags(line);
        let Some(mut frame) = FRAME.captures(line.trim()).and_then(|parts| frame(&parts)) else {
            continue;
        };
        let below = lines.peek().map(|next| strip_tags(next));
        if let Some(code) = below.filter(|code| !code.trim_start().starts_with("File \"")) {
            frame.source.insert(frame.line, code);
        }
        if !frame.is_library() && !frames.contains(&frame) {
            frames.push(frame);
        }
        if frames.len() >= MAX_FRAMES {
            break;
        }
    }
    frames
}

/// Removes `<…>` tags from a text. A `<` in source code remains, because it is escaped there.
fn strip_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let is_tag = rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        let end = rest[at..].find('>').filter(|_| is_tag);
        match end {
            // `"/x/<int:id>"` in an unescaped traceback is not a tag.
            Some(end)
                if !rest[at..at + end].contains(':') && looks_like_tag(&rest[at + 1..at + end]) =>
            {
                text.push_str(&rest[..at]);
                rest = &rest[at + end + 1..];
            }
            _ => {
                text.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    text.push_str(rest);
    text
}

fn looks_like_tag(inside: &str) -> bool {
    const TAGS: [&str; 9] = ["span", "pre", "code", "em", "b", "br", "p", "div", "i"];
    let name = inside.trim_start_matches('/');
    let name = name.split([' ', '/', '\t']).next().unwrap_or_default();
    TAGS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "\
Traceback (most recent call last):
  File \"/srv/app/venv/lib/flask/app.py\", line 919, in full_dispatch_request
    rv = self.dispatch_request()
         ^^^^^^^^^^^^^^^^^^^^^^^
  File \"/srv/app/desk.py\", line 13, in issue
    raise ValueError(f'bad key {key!r}')
ValueError: bad key 'abc'
";

    #[track_caller]
    fn assert_read(text: &str) -> Traceback {
        let found = tracebacks(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].exception, "ValueError", "{text}");
        assert_eq!(found[0].frames.len(), 2, "{text}");
        let last = &found[0].frames[1];
        assert_eq!(
            (last.file.as_str(), last.line, last.function.as_str()),
            ("/srv/app/desk.py", 13, "issue")
        );
        found[0].clone()
    }

    #[track_caller]
    fn reads_traceback(text: &str) {
        let shown = View::all(text).pop().unwrap().text.into_owned();
        assert_read(&shown);
    }

    #[test]
    fn a_traceback_is_read_inside_html_and_json() {
        let html = PLAIN.replace('"', "&#34;").replace('\'', "&#39;");
        reads_traceback(&format!("<pre>{html}</pre>"));
        let broken = html.replace('\n', "<br>\n").replace("  ", "&nbsp;&nbsp;");
        reads_traceback(&format!("<p>{broken}</p>"));
        let json = serde_json::json!({ "error": PLAIN }).to_string();
        reads_traceback(&json);
        let lines: Vec<&str> = PLAIN.lines().collect();
        reads_traceback(&serde_json::to_string_pretty(&lines).unwrap());
        reads_traceback(&serde_json::to_string(&lines).unwrap());
    }

    #[test]
    fn a_traceback_is_read_as_python_prints_it() {
        let text = format!("before\n{PLAIN}after\n");
        let found = assert_read(&text);
        assert_eq!(&text[found.extent], PLAIN.trim_end());
        assert!(text[found.span].starts_with("File \"/srv/app/desk.py\""));
        assert_eq!(
            frames(&text)[1].source[&13].trim(),
            "raise ValueError(f'bad key {key!r}')"
        );
    }

    #[test]
    fn chained_tracebacks_are_one() {
        let first = PLAIN.replace("ValueError", "KeyError");
        let link = "\nDuring handling of the above exception, another exception occurred:\n\n";
        let text = format!("{first}{link}{PLAIN}");
        let found = tracebacks(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].exception, "ValueError");
        assert_eq!(&text[found[0].extent.clone()], text.trim_end());
    }

    #[test]
    fn a_headline_without_frames_is_none() {
        for text in [
            "Look for the words Traceback (most recent call last): in your log.",
            "Traceback (most recent call last):\nValueError: x",
            HEAD,
        ] {
            assert_eq!(tracebacks(text), [], "{text}");
        }
    }

    #[test]
    fn many_headlines_and_chains_take_linear_time() {
        let text = format!("{HEAD}\n").repeat(100_000) + &PLAIN.repeat(5_000);
        assert!(tracebacks(&text).len() <= MAX_TRACEBACKS);
    }
    #[test]
    fn plain_tracebacks_are_read_in_text_json_and_html() {
        let plain = "Traceback (most recent call last):\n  File \"/a/b.py\", line 3, in f\n    x = request.args[\"k\"]\nKeyError: 'k'";
        let json = serde_json::json!({"error": plain}).to_string();
        let html = format!("<pre>{}</pre>", plain.replace('"', "&quot;"));
        for text in [plain, json.as_str(), html.as_str()] {
            let frames = frames(text);
            assert_eq!(frames.len(), 1, "{text}");
            assert_eq!(frames[0].line, 3);
            assert_eq!(frames[0].source[&3].trim(), "x = request.args[\"k\"]");
        }
    }

    #[test]
    fn library_frames_and_garbage_are_left_out() {
        assert!(frames("File \"/usr/lib/python3.11/json.py\", line 1, in x\n y").is_empty());
        assert!(frames("File \"x\", line , in").is_empty());
        assert!(frames("EVALEX __debugger__=yes <div class=\"frame\"").is_empty());
    }
}
