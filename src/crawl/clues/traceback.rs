//! Python tracebacks as Werkzeug's debugger, plain text, JSON strings and HTML pages show them.
//!
//! Owns: cutting them into frames with their source lines. Leaves out: what the lines say
//! (`source.rs`).

use std::collections::BTreeMap;

use super::visible::{unescape, visible_text};
use crate::http::Response;
use crate::traceback::tracebacks;

/// One frame of the application's own code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The file.
    pub file: String,
    /// The line that was running, from 1.
    pub line: usize,
    /// The function.
    pub function: String,
    /// Source lines by number, unescaped, with their indentation.
    pub source: BTreeMap<usize, String>,
}

/// An answer gives no more frames than this.
const MAX_FRAMES: usize = 200;

/// True for a page of Werkzeug's debugger: its links and forms are not the application's.
pub fn is_debugger(text: &str) -> bool {
    text.contains("__debugger__=yes") && text.contains("EVALEX")
}

/// True where a traceback in an answer is the application's own: the answer is an error, a debugger's
/// page, or little else than the traceback. In a page of prose it is an example.
pub fn is_own(response: &Response) -> bool {
    let text = response.text();
    if response.status >= 400 || is_debugger(&text) {
        return true;
    }
    let plain = if response.media_type().contains("html") {
        visible_text(&text)
    } else {
        text.replace("\\\"", "\"").replace("\\n", "\n")
    };
    let extents = tracebacks(&plain).into_iter().map(|one| one.extent.len());
    // Titles and menus stand around it, and a handler's own words.
    extents.sum::<usize>() * 10 >= plain.trim().len() * 7
}

/// The frames in an answer, library code left out.
pub fn frames(text: &str) -> Vec<Frame> {
    if is_debugger(text) {
        let frames = debugger_frames(text);
        if !frames.is_empty() {
            return frames;
        }
    }
    if !text.contains("File ") {
        return Vec::new();
    }
    let plain = if text.contains("File &#34;") || text.contains("File &quot;") {
        unescape(text)
    } else if text.contains("File \\\"") {
        // A traceback inside a JSON string.
        text.replace("\\\"", "\"")
            .replace("\\n", "\n")
            .replace("\\t", "\t")
    } else {
        text.to_owned()
    };
    plain_frames(&plain)
}

/// Frames of the debugger's page: each shows five lines before and after the running one.
fn debugger_frames(text: &str) -> Vec<Frame> {
    let mut frames = Vec::new();
    for part in text.split("<div class=\"frame\"").skip(1).take(MAX_FRAMES) {
        let part = part.split("<div class=\"plain\">").next().unwrap_or(part);
        let Some(file) = between(part, "<cite class=\"filename\">", "</cite>") else {
            continue;
        };
        let file = unescape(file);
        let file = file.trim_matches('"').to_owned();
        let line = between(part, "<em class=\"line\">", "</em>").and_then(|text| text.parse().ok());
        let (Some(line), false) = (line, is_library(&file)) else {
            continue;
        };
        let function = between(part, "<code class=\"function\">", "</code>").unwrap_or_default();
        frames.push(Frame {
            source: shown_lines(part, line),
            function: unescape(function),
            file,
            line,
        });
    }
    frames
}

fn shown_lines(part: &str, current: usize) -> BTreeMap<usize, String> {
    let mut shown = Vec::new();
    let mut running = 0;
    for block in part.split("<pre class=\"line ").skip(1).take(50) {
        let Some((class, rest)) = block.split_once("\">") else {
            continue;
        };
        let code = rest.split("</pre>").next().unwrap_or_default();
        // Under the running line stands a row of carets.
        let code = code.split('\n').next().unwrap_or_default();
        let plain = unescape(&strip_tags(code));
        if class.starts_with("current") {
            running = shown.len();
        }
        shown.push(plain);
    }
    let first = current.saturating_sub(running);
    shown
        .into_iter()
        .enumerate()
        .map(|(offset, code)| (first + offset, code))
        .collect()
}

/// `File "x", line 1, in f`, each with the line below it.
fn plain_frames(text: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(rest) = line.trim_start().strip_prefix("File \"") else {
            continue;
        };
        let Some((file, rest)) = rest.split_once("\", line ") else {
            continue;
        };
        let (number, rest) = rest.split_once(',').unwrap_or((rest, ""));
        let Ok(number) = number.trim().parse() else {
            continue;
        };
        let function = rest.trim().strip_prefix("in ").unwrap_or_default();
        let mut source = BTreeMap::new();
        let below = lines.peek().map(|next| strip_tags(next));
        if let Some(code) = below.filter(|code| !code.trim_start().starts_with("File \"")) {
            source.insert(number, code);
        }
        let frame = Frame {
            file: file.to_owned(),
            line: number,
            function: strip_tags(function).trim().to_owned(),
            source,
        };
        if !is_library(&frame.file) && !frames.contains(&frame) {
            frames.push(frame);
        }
        if frames.len() >= MAX_FRAMES {
            break;
        }
    }
    frames
}

fn is_library(file: &str) -> bool {
    let file = file.replace('\\', "/");
    let standard = file.contains("/lib/python") || file.contains("/Lib/");
    standard
        || file.contains("site-packages/")
        || file.contains("dist-packages/")
        || file.starts_with("<frozen")
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner)
}

/// The text without `<…>` tags. Source code keeps its own `<`: there it stands escaped.
fn strip_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let is_tag = rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        let end = rest[at..].find('>').filter(|_| is_tag);
        match end {
            // `"/x/<int:id>"` in an unescaped traceback is no tag.
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

    #[test]
    fn the_debugger_shows_lines_around_the_running_one() {
        let page = r#"<script src="?__debugger__=yes&amp;cmd=resource&amp;f=debugger.js"></script> EVALEX = true
<li><div class="frame" id="frame-1">
  <h4>File <cite class="filename">"/srv/venv/lib/python3.11/site-packages/flask/app.py"</cite>,
      line <em class="line">9</em>, in <code class="function">wsgi_app</code></h4>
  <div class="source library"><pre class="line current">x</pre></div></div>
<li><div class="frame" id="frame-2">
  <h4>File <cite class="filename">"/srv/app.py"</cite>,
      line <em class="line">12</em>,
      in <code class="function">show</code></h4>
  <div class="source "><pre class="line before"><span class="ws"></span>@app.route(&#34;/hid/&lt;int:id&gt;&#34;)</pre>
<pre class="line before"><span class="ws"></span>def show(id):</pre>
<pre class="line current"><span class="ws">    </span>return 1 / 0
<span class="ws">    </span>       ~~^~~</pre>
<pre class="line after"><span class="ws"></span> </pre></div></div>
<div class="plain"><textarea>File "/srv/app.py", line 12, in show</textarea></div>"#;
        let frames = frames(page);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].function, "show");
        assert_eq!(frames[0].source[&10], "@app.route(\"/hid/<int:id>\")");
        assert_eq!(frames[0].source[&12], "    return 1 / 0");
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
    fn a_traceback_in_prose_is_an_example() {
        let trace = "Traceback (most recent call last):\n  File &#34;/a/b.py&#34;, line 3, in f\n    x = request.args[&#34;k&#34;]\nKeyError: 'k'";
        let html = [("content-type", "text/html")];
        let lesson = format!(
            "<h1>Errors</h1><p>{}</p><pre>{trace}</pre>",
            "Read it from below. ".repeat(9)
        );
        assert!(!is_own(&Response::of(200, &html, &lesson)));
        assert!(is_own(&Response::of(500, &html, &lesson)));
        let bare = format!("<title>Oops</title><pre>{trace}</pre>");
        assert!(is_own(&Response::of(200, &html, &bare)));
        let plain = unescape(trace);
        let json = serde_json::json!({"ok": false, "trace": plain}).to_string();
        assert!(is_own(&Response::of(
            200,
            &[("content-type", "application/json")],
            &json
        )));
    }

    #[test]
    fn library_frames_and_garbage_are_left_out() {
        assert!(frames("File \"/usr/lib/python3.11/json.py\", line 1, in x\n y").is_empty());
        assert!(frames("File \"x\", line , in").is_empty());
        assert!(frames("EVALEX __debugger__=yes <div class=\"frame\"").is_empty());
    }
}
