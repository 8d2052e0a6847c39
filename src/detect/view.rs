//! A text as it was sent, and with its HTML and JSON escapes undone, with the way back.
//!
//! Owns: undoing escapes in one pass, and mapping ranges to the text as sent. Leaves out: what is
//! searched in the views (`statics`).
//!
//! HTML and JSON escapes are undone together, whatever the media type says: applications show
//! JSON in pages and pages in JSON. What is undone wrongly (`C:\new`) is still found in the text
//! as sent, which is always looked at first.

use std::borrow::Cow;
use std::ops::Range;

/// Two layers cover JSON inside HTML, and HTML inside JSON.
const MAX_LAYERS: usize = 2;

/// A form of a text, with the way back to the text as sent.
#[derive(Debug)]
pub(crate) struct View<'t> {
    /// The text to search.
    pub(crate) text: Cow<'t, str>,
    /// True for the text as sent.
    pub(crate) raw: bool,
    /// Where the distance between both texts changes: (here, as sent), rising.
    anchors: Vec<(usize, usize)>,
}

impl<'t> View<'t> {
    /// The text as sent, then its unescaped forms as far as they differ.
    pub(crate) fn all(text: &'t str) -> Vec<Self> {
        let mut views = vec![Self {
            text: Cow::Borrowed(text),
            raw: true,
            anchors: Vec::new(),
        }];
        for _ in 0..MAX_LAYERS {
            let Some(next) = views.last().and_then(Self::unescaped) else {
                break;
            };
            views.push(next);
        }
        views
    }

    /// The range in the text as sent.
    pub(crate) fn sent(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.back(range.start);
        start..self.back_to_end(range.end).max(start)
    }

    /// As [`View::back`] for the end of a range: what was taken out behind it does not belong to it.
    fn back_to_end(&self, at: usize) -> usize {
        let first = self.anchors.partition_point(|(here, _)| *here < at);
        match self.anchors.get(first) {
            Some((here, sent)) if *here == at => *sent,
            _ => self.back(at),
        }
    }

    /// The position here of one in the text as sent.
    pub(super) fn seen(&self, sent: usize) -> usize {
        let next = self.anchors.partition_point(|(_, from)| *from <= sent);
        let at = match next.checked_sub(1).and_then(|last| self.anchors.get(last)) {
            Some((here, from)) => here + (sent - from),
            None => sent,
        };
        at.min(self.text.len())
    }

    /// What a string of JSON or of Python holds, read between its quotes.
    pub(super) fn of_string(text: &'t str) -> Self {
        let mut rewriter = Rewriter::new(text);
        let mut at = 0;
        while let Some(step) = text
            .as_bytes()
            .get(at..)
            .and_then(|rest| memchr::memchr(b'\\', rest))
        {
            at += step;
            match text.get(at..).and_then(backslash) {
                Some((letter, length)) => {
                    rewriter.put(at, letter.encode_utf8(&mut [0; 4]), length);
                    at += length;
                }
                None => at += 1,
            }
        }
        rewriter.finish()
    }

    /// What an attribute's value holds, read between its quotes.
    pub(super) fn of_markup(text: &'t str) -> Self {
        let mut rewriter = Rewriter::new(text);
        let mut at = 0;
        while let Some(step) = text
            .as_bytes()
            .get(at..)
            .and_then(|rest| memchr::memchr(b'&', rest))
        {
            at += step;
            match text.get(at..).and_then(entity) {
                Some((letter, length)) => {
                    rewriter.put(at, letter.encode_utf8(&mut [0; 4]), length);
                    at += length;
                }
                None => at += 1,
            }
        }
        rewriter.finish()
    }

    /// The text of an event stream, without the names of its lines.
    pub(super) fn of_events(text: &'t str) -> Self {
        let mut rewriter = Rewriter::new(text);
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if line.starts_with("data:") {
                rewriter.put(at, "", "data:".len());
            } else if !line.trim().is_empty() {
                // `event:`, `id:`, `retry:` and comments.
                rewriter.put(at, "", line.trim_end().len());
            }
            at += line.len();
        }
        rewriter.finish()
    }

    fn back(&self, at: usize) -> usize {
        let next = self.anchors.partition_point(|(here, _)| *here <= at);
        match next.checked_sub(1).and_then(|last| self.anchors.get(last)) {
            Some((here, sent)) => sent + (at - here),
            None => at,
        }
    }

    /// The next layer; `None` when there is nothing to undo.
    fn unescaped(&self) -> Option<View<'t>> {
        let text = self.text.as_ref();
        let mut next = Layer {
            before: self,
            plain: String::new(),
            anchors: Vec::new(),
            copied: 0,
            passed: 0,
        };
        let mut at = 0;
        while let Some(step) = text
            .as_bytes()
            .get(at..)
            .and_then(|rest| memchr::memchr3(b'&', b'\\', b'<', rest))
        {
            at += step;
            let Some((letter, length)) = text.get(at..).and_then(escape) else {
                at += 1;
                continue;
            };
            next.copy_to(at);
            next.anchors.push((next.plain.len(), self.back(at)));
            next.plain.push(letter);
            at += length;
            next.copied = at;
            next.anchors.push((next.plain.len(), self.back(at)));
        }
        if next.anchors.is_empty() {
            return None;
        }
        next.copy_to(text.len());
        Some(View {
            text: Cow::Owned(next.plain),
            raw: false,
            anchors: next.anchors,
        })
    }
}

/// A form of a text, while it is made in one pass.
pub(super) struct Rewriter<'t> {
    text: &'t str,
    plain: String,
    anchors: Vec<(usize, usize)>,
    copied: usize,
}

impl<'t> Rewriter<'t> {
    /// Begins at the begin of a text.
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            plain: String::new(),
            anchors: Vec::new(),
            copied: 0,
        }
    }

    /// Puts other words in the place of a piece; what stands before it is kept.
    pub(super) fn put(&mut self, at: usize, words: &str, length: usize) {
        let kept = self.text.get(self.copied..at).unwrap_or_default();
        self.plain.push_str(kept);
        self.anchors.push((self.plain.len(), at));
        self.plain.push_str(words);
        self.copied = at + length;
        self.anchors.push((self.plain.len(), self.copied));
    }

    /// True where the words made so far end with one of these, or there are none.
    pub(super) fn is_at(&self, ends: &[char], at: usize) -> bool {
        let kept = self.text.get(self.copied..at).unwrap_or_default();
        let before = if kept.is_empty() { &self.plain } else { kept };
        before.is_empty() || before.ends_with(ends)
    }

    /// The form.
    pub(super) fn finish(mut self) -> View<'t> {
        if self.anchors.is_empty() {
            return View {
                text: Cow::Borrowed(self.text),
                raw: true,
                anchors: Vec::new(),
            };
        }
        let rest = self.text.get(self.copied..).unwrap_or_default();
        self.plain.push_str(rest);
        View {
            text: Cow::Owned(self.plain),
            raw: false,
            anchors: self.anchors,
        }
    }
}

/// The next layer, while it is made.
struct Layer<'a, 't> {
    before: &'a View<'t>,
    plain: String,
    anchors: Vec<(usize, usize)>,
    /// How far the layer before is copied or undone.
    copied: usize,
    /// How many anchors of the layer before lie behind.
    passed: usize,
}

impl Layer<'_, '_> {
    /// Copies the stretch up to `end` as it is, with the anchors inside it.
    fn copy_to(&mut self, end: usize) {
        while let Some((here, sent)) = self.before.anchors.get(self.passed)
            && *here <= end
        {
            if *here > self.copied {
                self.anchors
                    .push((self.plain.len() + here - self.copied, *sent));
            }
            self.passed += 1;
        }
        let stretch = self.before.text.get(self.copied..end);
        self.plain.push_str(stretch.unwrap_or_default());
        self.copied = end;
    }
}

/// The character that an escape at the begin of `rest` stands for, and the escape's length.
fn escape(rest: &str) -> Option<(char, usize)> {
    match rest.as_bytes().first()? {
        b'&' => entity(rest),
        b'\\' => backslash(rest),
        b'<' => line_break(rest).map(|length| ('\n', length)),
        _ => None,
    }
}

/// `&lt;`, `&#39;`, `&#x27;`: those that escaping makes; others say nothing here.
pub(super) fn entity(rest: &str) -> Option<(char, usize)> {
    const NAMED: &[(&str, char)] = &[
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&amp;", '&'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&nbsp;", ' '),
    ];
    if let Some((name, letter)) = NAMED.iter().find(|(name, _)| rest.starts_with(name)) {
        return Some((*letter, name.len()));
    }
    let number = rest.strip_prefix("&#")?;
    let end = number.bytes().take(9).position(|byte| byte == b';')?;
    let digits = number.get(..end)?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some((char::from_u32(code)?, "&#;".len() + end))
}

/// The escapes of JSON, and of Python's `repr`.
fn backslash(rest: &str) -> Option<(char, usize)> {
    let letter = match rest.as_bytes().get(1)? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'/' => '/',
        b'u' => return hexadecimal(rest, 4),
        b'x' => return hexadecimal(rest, 2),
        _ => return None,
    };
    Some((letter, 2))
}

fn hexadecimal(rest: &str, digits: usize) -> Option<(char, usize)> {
    let code = rest.get(2..2 + digits)?;
    if !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let code = u32::from_str_radix(code, 16).ok()?;
    Some((char::from_u32(code)?, 2 + digits))
}

/// `<br>`, `<br/>`, `<br />`.
fn line_break(rest: &str) -> Option<usize> {
    let after = rest
        .get(..3)
        .filter(|tag| tag.eq_ignore_ascii_case("<br"))?
        .len();
    let tail = rest.get(after..)?.as_bytes();
    match tail.iter().take(3).position(|byte| *byte == b'>')? {
        0 => Some(after + 1),
        n if tail
            .get(..n)?
            .iter()
            .all(|byte| matches!(byte, b' ' | b'/')) =>
        {
            Some(after + n + 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traceback::tests::{PLAIN, assert_read};

    /// Where `needle` stands in the last view, as sent.
    fn sent<'t>(text: &'t str, needle: &str) -> &'t str {
        let views = View::all(text);
        let view = views.last().unwrap();
        let at = view
            .text
            .find(needle)
            .unwrap_or_else(|| panic!("{needle:?} in {}", view.text));
        &text[view.sent(&(at..at + needle.len()))]
    }

    #[test]
    fn plain_text_has_one_view() {
        assert_eq!(View::all("a < b, c").len(), 1);
    }

    #[test]
    fn escapes_are_undone_and_ranges_lead_back() {
        assert_eq!(sent("x &quot;key&quot; y", "\"key\""), "&quot;key&quot;");
        assert_eq!(
            sent(r#"{"e": "a\n\"b\" \u00e9c"}"#, "\n\"b\" éc"),
            r#"\n\"b\" \u00e9c"#
        );
        assert_eq!(sent("one<br />two&#x27;s", "\ntwo's"), "<br />two&#x27;s");
        assert_eq!(sent("&#39;k&#39; tail", "tail"), "tail");
    }

    #[test]
    fn what_is_taken_out_behind_a_range_does_not_belong_to_it() {
        let mut rewriter = Rewriter::new("<b>a</b>&lt;<i>c");
        for (at, words, length) in [(0, "", 3), (4, "", 4), (8, "<", 4), (12, "", 3)] {
            rewriter.put(at, words, length);
        }
        let view = rewriter.finish();
        assert_eq!(view.text, "a<c");
        assert_eq!(view.sent(&(0..1)), 3..4);
        assert_eq!(view.sent(&(1..2)), 8..12);
        assert_eq!(view.sent(&(2..3)), 15..16);
        assert_eq!(view.sent(&(1..1)), 8..8);
    }

    #[test]
    fn two_layers_lead_back_too() {
        let text = r"<pre>{&#34;e&#34;: &#34;File \&#34;/app.py\&#34;, line 3\nx&#34;} end</pre>";
        assert_eq!(
            sent(text, "File \"/app.py\", line 3\nx"),
            r"File \&#34;/app.py\&#34;, line 3\nx"
        );
        assert_eq!(sent(text, " end"), " end");
        assert_eq!(
            sent(r#"{"h": "a &lt;b&gt; \"c\" d"}"#, "<b> \"c\" d"),
            r#"&lt;b&gt; \"c\" d"#
        );
    }

    proptest::proptest! {
        #[test]
        fn every_range_leads_back_to_what_it_was_made_from(
            text in r#"([a-zé&;#<\\"n]|&lt;|&amp;quot;|\\\\n|\\u00e9|<br>){0,40}"#
        ) {
            for view in View::all(&text) {
                for (at, letter) in view.text.char_indices() {
                    let range = view.sent(&(at..at + letter.len_utf8()));
                    let piece = &text[range];
                    // Undone as often as the view was, the piece is the letter again.
                    let views = View::all(piece);
                    let again = views.iter().any(|view| view.text == letter.to_string());
                    proptest::prop_assert!(again, "{letter:?} came from {piece:?}");
                }
            }
        }
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
}
