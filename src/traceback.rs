//! Python tracebacks: as text, escaped in HTML or JSON, and as the Werkzeug debugger shows them.
//!
//! Owns: where a traceback begins and ends, its frames and its exception. Leaves out: what makes a
//! manual's example (`detect` says what a single answer allows, `judge` compares), and what source
//! lines reveal (`crawl`).

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::{Captures, Regex};

/// A traceback in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Traceback {
    /// From its headline to its exception's line, chained tracebacks included.
    pub(crate) extent: Range<usize>,
    /// The last frame and the exception: what tells most.
    pub(crate) span: Range<usize>,
    /// The exception's type without its module; empty where the text breaks off before it.
    pub(crate) exception: String,
    /// What the exception says, its first line.
    pub(crate) message: String,
    /// The frames, outermost first.
    pub(crate) frames: Vec<Frame>,
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The source file, as the application sees it.
    pub(crate) file: String,
    /// The line in it.
    pub(crate) line: u32,
    /// The function.
    pub(crate) function: String,
    /// The source line, where it is shown.
    pub(crate) source: String,
}

impl Traceback {
    /// The place in the application's own code that it comes from; the last frame where all are a
    /// library's.
    pub(crate) fn origin(&self) -> Option<String> {
        let own = |frame: &&Frame| !is_library(&frame.file);
        let frame = self.frames.iter().rev().find(own).or(self.frames.last())?;
        Some(format!("{}:{}", frame.file, frame.line))
    }
}

/// True for a file that comes with Python or with a package.
fn is_library(file: &str) -> bool {
    let file = file.replace('\\', "/");
    file.contains("/site-packages/")
        || file.contains("/dist-packages/")
        || file.contains("/lib/python")
        || file.starts_with('<')
}

const HEAD: &str = "Traceback (most recent call last):";

/// Tracebacks of one answer beyond this teach nothing new.
const MAX_TRACEBACKS: usize = 32;
/// Recursion prints up to a thousand frames; what follows later is not read.
const MAX_LINES: usize = 8000;
/// Headlines, links and empty lines in a row; more is no traceback.
const MAX_BETWEEN: usize = 6;
/// Headlines looked at in all, so that a text of headlines costs no more than one of prose.
const MAX_HEADS: usize = 1000;
/// From one frame to the next, where line ends are missing.
const MAX_GAP: usize = 600;

// ASCII classes: the Unicode ones make patterns with repeats huge.
macro_rules! pattern {
    ($name:ident, $text:literal) => {
        #[allow(clippy::unwrap_used)] // constant; the tests compile it
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($text).unwrap());
    };
}

pattern!(
    FRAME,
    r#"^File "([^"\n]+)", line ([0-9]{1,9})(?:, in (<[0-9A-Za-z_]+>|[0-9A-Za-z_.<>]+))?"#
);
pattern!(
    LOOSE_FRAME,
    r#"File "([^"\n]+)", line ([0-9]{1,9}), in (<[0-9A-Za-z_]+>|[0-9A-Za-z_.<>]+)"#
);
pattern!(SECRET, r#"(?-u:\b)SECRET\s{0,4}=\s{0,4}"([^"\n]{1,80})""#);
pattern!(
    EXCEPTION,
    r"^(?:[A-Za-z_][0-9A-Za-z_]*\.)*([A-Za-z_][0-9A-Za-z_]*)(?:: ?(.*))?$"
);
pattern!(
    LOOSE_EXCEPTION,
    r"(?-u:\b)([A-Za-z_][0-9A-Za-z_]*(?:Error|Exception|Failure|Timeout|Interrupt|Exit|InvalidId))(?-u:\b)"
);

/// Every traceback in a text whose escapes are undone.
pub(crate) fn tracebacks(text: &str) -> Vec<Traceback> {
    let mut found: Vec<Traceback> = Vec::new();
    for head in memmem::find_iter(text.as_bytes(), HEAD).take(MAX_HEADS) {
        // A chained one is part of the one before.
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

/// Reads a traceback line by line, as Python prints it, with those that it chains to.
fn by_lines(text: &str, head: usize) -> Option<Traceback> {
    let mut found = Traceback {
        extent: head..head,
        span: head..head,
        exception: String::new(),
        message: String::new(),
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
            Line::Source(source) if !ended => {
                let frame = found.frames.last_mut()?;
                if frame.source.is_empty() {
                    source.clone_into(&mut frame.source);
                }
                found.extent.end = begin + line.trim_end().len();
            }
            Line::Exception(name, message) if !ended && !found.frames.is_empty() => {
                name.clone_into(&mut found.exception);
                message.clone_into(&mut found.message);
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

/// What a line of a traceback is.
enum Line<'t> {
    Frame(Frame),
    Source(&'t str),
    Exception(&'t str, &'t str),
    /// A headline, an empty line, or the sentence that links two tracebacks.
    Between,
    Other,
}

fn read(line: &str) -> Line<'_> {
    const LINKS: [&str; 2] = [
        "During handling of the above exception, another exception occurred",
        "The above exception was the direct cause of the following exception",
    ];
    let (line, quoted) = unquoted(line);
    // Exception groups draw their tree with these.
    let bare = line.trim().trim_start_matches(['|', '+', '-', ' ']);
    if bare.is_empty() || bare.contains(HEAD) || LINKS.iter().any(|link| bare.starts_with(link)) {
        return Line::Between;
    }
    if let Some(frame) = FRAME.captures(bare).and_then(|parts| frame(&parts)) {
        return Line::Frame(frame);
    }
    let visible = line.get(..visible_end(line)).unwrap_or(line);
    if line.starts_with([' ', '\t']) {
        return Line::Source(bare);
    }
    match EXCEPTION.captures(visible) {
        Some(parts) => {
            let part = |at| parts.get(at).map_or("", |part| part.as_str());
            Line::Exception(part(1), part(2))
        }
        // A source line that begins with a quote looks like a list's item.
        None if quoted => Line::Source(bare),
        None => Line::Other,
    }
}

/// An item of a list of lines (`"  File …",`) without its quotes; other lines as they are.
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

/// Where a line's text ends and the page's markup, or white space, begins.
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
        source: String::new(),
    })
}

/// Reads a traceback whose line ends are lost: frames that follow each other closely, and the
/// first name behind them that looks like an exception's.
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
        message: String::new(),
        frames,
    })
}

/// At most `length` bytes from `at`, cut at a character.
fn window(text: &str, at: usize, length: usize) -> Option<&str> {
    let rest = text.get(at..)?;
    rest.get(..rest.floor_char_boundary(length))
}

/// True for a place in the source that a traceback or a debugger's page shows.
pub(crate) fn is_source_line(text: &str, at: usize) -> bool {
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

/// The debugger page that Werkzeug sends for an exception, if the text is one: its extent is the
/// whole text. Only markup that is not escaped counts: a page that shows one as source is none.
pub(crate) fn debugger_page(text: &str) -> Option<Traceback> {
    let title = memmem::find(text.as_bytes(), b"// Werkzeug Debugger</title>")?;
    let body = memmem::find(text.as_bytes(), b"<div class=\"debugger\">")?;
    let heading = text.get(body..)?;
    let error = heading.find("<p class=\"errormsg\">")?;
    let begin = body + heading.find("<h1>")?;
    let end = body + error + heading.get(error..)?.find("</p>")?;
    let exception = text.get(begin + "<h1>".len()..)?.split('<').next()?;
    // The page repeats the traceback as plain text: in a comment, or in a hidden text area.
    let plain = tracebacks(text).pop();
    Some(Traceback {
        extent: title.min(body)..text.len(),
        span: begin..end,
        exception: exception.trim().to_owned(),
        message: String::new(),
        frames: plain.map(|plain| plain.frames).unwrap_or_default(),
    })
}

/// The debugger's own secret on such a page: who knows it talks to the debugger.
pub(crate) fn debugger_secret(page: &str) -> Option<Range<usize>> {
    let secret = SECRET.captures(page)?.get(1)?;
    Some(secret.range())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const PLAIN: &str = "\
Traceback (most recent call last):
  File \"/srv/app/venv/lib/flask/app.py\", line 919, in full_dispatch_request
    rv = self.dispatch_request()
         ^^^^^^^^^^^^^^^^^^^^^^^
  File \"/srv/app/desk.py\", line 13, in issue
    raise ValueError(f'bad key {key!r}')
ValueError: bad key 'abc'
";

    #[track_caller]
    pub(crate) fn assert_read(text: &str) -> Traceback {
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

    #[test]
    fn a_traceback_is_read_as_python_prints_it() {
        let text = format!("before\n{PLAIN}after\n");
        let found = assert_read(&text);
        assert_eq!(&text[found.extent], PLAIN.trim_end());
        assert!(text[found.span].starts_with("File \"/srv/app/desk.py\""));
        assert_eq!(found.message, "bad key 'abc'");
        assert_eq!(
            found.frames[1].source,
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
}
