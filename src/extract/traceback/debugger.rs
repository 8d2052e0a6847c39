//! The pages of Werkzeug's debugger.
//!
//! Owns: recognising such a page, and finding its exception, its secret, and its frames with the lines
//! around them. Leaves out: tracebacks as text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::{Frame, MAX_FRAMES, pattern, strip_tags};
use crate::unescape::html;

pattern!(SECRET, r#"(?-u:\b)SECRET\s{0,4}=\s{0,4}"([^"\n]{1,80})""#);

/// Where a debugger page lies in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebuggerPage {
    /// The whole page.
    pub extent: Range<usize>,
    /// The exception and its message: the most informative part.
    pub span: Range<usize>,
}

/// Returns true for a page of Werkzeug's debugger, whose links and forms are not the application's.
pub fn is_debugger(text: &str) -> bool {
    text.contains("__debugger__=yes") && text.contains("EVALEX")
}

/// Finds the debugger page that Werkzeug sends for an exception. Its extent is the whole text. Only
/// unescaped markup counts: a page that shows a debugger page as source is not one.
pub fn debugger_page(text: &str) -> Option<DebuggerPage> {
    let title = memmem::find(text.as_bytes(), b"// Werkzeug Debugger</title>")?;
    let body = memmem::find(text.as_bytes(), b"<div class=\"debugger\">")?;
    let heading = text.get(body..)?;
    let error = heading.find("<p class=\"errormsg\">")?;
    let begin = body + heading.find("<h1>")?;
    let end = body + error + heading.get(error..)?.find("</p>")?;
    Some(DebuggerPage {
        extent: title.min(body)..text.len(),
        span: begin..end,
    })
}

/// Finds the debugger's secret on such a page. Anyone who knows it can talk to the debugger.
pub fn debugger_secret(page: &str) -> Option<Range<usize>> {
    let secret = SECRET.captures(page)?.get(1)?;
    Some(secret.range())
}

/// Reads the frames of a debugger page; each shows five lines before and after the running one.
pub(super) fn frames(text: &str) -> Vec<Frame> {
    let mut frames = Vec::new();
    for part in text.split("<div class=\"frame\"").skip(1).take(MAX_FRAMES) {
        let part = part.split("<div class=\"plain\">").next().unwrap_or(part);
        let Some(file) = between(part, "<cite class=\"filename\">", "</cite>") else {
            continue;
        };
        let file = html(file);
        let file = file.trim_matches('"').to_owned();
        let line = between(part, "<em class=\"line\">", "</em>").and_then(|text| text.parse().ok());
        let Some(line) = line else { continue };
        let function = between(part, "<code class=\"function\">", "</code>").unwrap_or_default();
        let frame = Frame {
            source: shown_lines(part, line),
            function: html(function),
            file,
            line,
        };
        if !frame.is_library() {
            frames.push(frame);
        }
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
        // Werkzeug prints a row of carets below the running line.
        let code = code.split('\n').next().unwrap_or_default();
        let plain = html(&strip_tags(code));
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

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner)
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
}
