//! A text with its escapes undone, and the way back to the text as sent.
//!
//! This module undoes escapes in one pass, replaces other pieces along the way ([`Rewriter`]), and
//! maps ranges back. The meaning of a single escape is defined in `canary`; the views are searched
//! by their users.
//!
//! HTML and JSON escapes are undone together, whatever the media type: applications show JSON in
//! pages and pages in JSON. Text that is undone by mistake (`C:\new`) can still be found in the
//! text as sent, which is always searched first.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr3;

use crate::canary::{Escape, Transform, escape};

/// The kinds of escapes to undo, as the bytes that introduce them.
pub(crate) type Kinds = [u8; 3];

/// Percent-encoding.
pub(crate) const URL: Kinds = *b"%%%";
/// HTML character references.
pub const HTML: Kinds = *b"&&&";
/// Escapes of strings in JSON and Python.
pub const JSON: Kinds = *b"\\\\\\";
/// All kinds.
pub(crate) const ALL: Kinds = *b"%&\\";
/// What hides the text of an answer from its reader; `<br>` ends a line.
const SHOWN: Kinds = *b"&\\<";

/// Two layers cover JSON inside HTML and HTML inside JSON.
const MAX_LAYERS: usize = 2;

/// A form of a text, with the mapping back to the text as sent.
#[derive(Debug)]
pub struct View<'t> {
    /// The text to search.
    pub text: Cow<'t, str>,
    /// Whether this is the text as sent.
    pub raw: bool,
    /// The mappings back, layer by layer; the last one starts from this text.
    ways: Vec<WayBack>,
}

impl<'t> View<'t> {
    /// Returns the text as sent, followed by its unescaped forms where they differ.
    pub fn all(text: &'t str) -> Vec<Self> {
        let mut views = vec![Self {
            text: Cow::Borrowed(text),
            raw: true,
            ways: Vec::new(),
        }];
        for _ in 0..MAX_LAYERS {
            let Some(before) = views.last() else { break };
            let Some((text, way)) = undone(before.text.as_bytes(), SHOWN) else {
                break;
            };
            let mut ways = before.ways.clone();
            ways.push(way);
            views.push(View {
                text: Cow::Owned(into_text(text)),
                raw: false,
                ways,
            });
        }
        views
    }

    /// Returns the text with some kinds of escapes undone, as in an attribute's value or in a
    /// string between its quotes.
    pub fn of(text: &'t str, kinds: Kinds) -> Self {
        let mut rewriter = Rewriter::new(text);
        rewriter.made.undo_all(kinds);
        rewriter.finish()
    }

    /// Returns the text of an event stream, without its field names.
    pub fn of_events(text: &'t str) -> Self {
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

    /// Returns the corresponding range in the text as sent.
    pub fn sent(&self, range: &Range<usize>) -> Range<usize> {
        let ways = self.ways.iter().rev();
        ways.fold(range.clone(), |range, way| way.sent(&range))
    }

    /// Returns the position here of one in the text as sent.
    pub fn seen(&self, sent: usize) -> usize {
        let at = self.ways.iter().fold(sent, |at, way| way.seen(at));
        at.min(self.text.len())
    }
}

/// Returns a text with its character references undone.
pub fn html(text: &str) -> String {
    View::of(text, HTML).text.into_owned()
}

/// Undoes some kinds of escapes in bytes, and returns the mapping back; `None` if there are none.
pub(crate) fn undone(bytes: &[u8], kinds: Kinds) -> Option<(Vec<u8>, WayBack)> {
    let mut made = Made::of(bytes);
    made.undo_all(kinds);
    made.finish()
}

/// Maps a text back to the one it was made from.
///
/// It has the places where the distance between the two changes, as (here, there), in rising order.
#[derive(Clone, Debug, Default)]
pub(crate) struct WayBack(Vec<(usize, usize)>);

impl WayBack {
    /// Returns the range in the earlier text that a range came from.
    pub(crate) fn sent(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.back(range.start);
        start..self.back_to_end(range.end).max(start)
    }

    fn back(&self, at: usize) -> usize {
        let next = self.0.partition_point(|(here, _)| *here <= at);
        match next.checked_sub(1).and_then(|last| self.0.get(last)) {
            Some((here, sent)) => sent + (at - here),
            None => at,
        }
    }

    /// Does the same as [`WayBack::back`] for the end of a range, which excludes anything removed after
    /// it.
    fn back_to_end(&self, at: usize) -> usize {
        let first = self.0.partition_point(|(here, _)| *here < at);
        match self.0.get(first) {
            Some((here, sent)) if *here == at => *sent,
            _ => self.back(at),
        }
    }

    fn seen(&self, sent: usize) -> usize {
        let next = self.0.partition_point(|(_, from)| *from <= sent);
        match next.checked_sub(1).and_then(|last| self.0.get(last)) {
            Some((here, from)) => here + (sent - from),
            None => sent,
        }
    }
}

/// Builds a form of a text in one pass.
pub struct Rewriter<'t> {
    text: &'t str,
    made: Made<'t>,
}

impl<'t> Rewriter<'t> {
    /// Starts at the beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            made: Made::of(text.as_bytes()),
        }
    }

    /// Replaces `length` bytes at `at` with other words; the text before them is kept.
    pub fn put(&mut self, at: usize, words: &str, length: usize) {
        self.made.put(at, words.as_bytes(), length);
    }

    /// Undoes the escape that begins at `at`, if there is one, and returns how far it reaches.
    pub fn undo(&mut self, at: usize) -> usize {
        self.made.undo(at)
    }

    /// Returns whether the text made so far ends with this byte, or is empty.
    pub fn is_at(&self, end: u8, at: usize) -> bool {
        let kept = self.made.kept(at);
        let before = if kept.is_empty() {
            &self.made.plain
        } else {
            kept
        };
        before.last().is_none_or(|last| *last == end)
    }

    /// Returns the finished form.
    pub fn finish(self) -> View<'t> {
        match self.made.finish() {
            Some((text, way)) => View {
                text: Cow::Owned(into_text(text)),
                raw: false,
                ways: vec![way],
            },
            None => View {
                text: Cow::Borrowed(self.text),
                raw: true,
                ways: Vec::new(),
            },
        }
    }
}

/// Bytes that are being rewritten.
struct Made<'t> {
    bytes: &'t [u8],
    plain: Vec<u8>,
    way: WayBack,
    /// Up to where the bytes have been copied or replaced.
    copied: usize,
}

impl<'t> Made<'t> {
    fn of(bytes: &'t [u8]) -> Self {
        Self {
            bytes,
            plain: Vec::new(),
            way: WayBack::default(),
            copied: 0,
        }
    }

    /// Returns the bytes before a place that are kept and not copied yet.
    fn kept(&self, at: usize) -> &'t [u8] {
        self.bytes.get(self.copied..at).unwrap_or_default()
    }

    fn put(&mut self, at: usize, words: &[u8], length: usize) {
        self.plain.extend_from_slice(self.kept(at));
        self.way.0.push((self.plain.len(), at));
        self.plain.extend_from_slice(words);
        self.copied = at + length;
        self.way.0.push((self.plain.len(), self.copied));
    }

    fn undo(&mut self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let Some(meant) = meaning(rest) else { return 1 };
        self.put(at, meant.bytes(), meant.len);
        meant.len
    }

    fn undo_all(&mut self, [one, two, three]: Kinds) {
        let mut at = 0;
        while let Some(step) = self
            .bytes
            .get(at..)
            .and_then(|rest| memchr3(one, two, three, rest))
        {
            at += step;
            at += self.undo(at);
        }
    }

    fn finish(mut self) -> Option<(Vec<u8>, WayBack)> {
        if self.way.0.is_empty() {
            return None;
        }
        self.plain.extend_from_slice(self.kept(self.bytes.len()));
        Some((self.plain, self.way))
    }
}

/// Returns what a reader sees instead of an escape or a line break.
fn meaning(rest: &[u8]) -> Option<Escape> {
    const NBSP: &[u8] = b"&nbsp;";
    match rest.first()? {
        b'<' => line_break(rest).map(|len| Escape::of('\n', len, Transform::Html)),
        // Templates use it for indentation.
        _ if rest.starts_with(NBSP) => Some(Escape::of(' ', NBSP.len(), Transform::Html)),
        _ => escape(rest),
    }
}

/// Returns the length of `<br>`, `<br/>` or `<br />`.
fn line_break(rest: &[u8]) -> Option<usize> {
    let (tag, tail) = rest.split_at_checked("<br".len())?;
    if !tag.eq_ignore_ascii_case(b"<br") {
        return None;
    }
    let end = tail.iter().take(3).position(|byte| *byte == b'>')?;
    let plain = tail[..end].iter().all(|byte| b" /".contains(byte));
    plain.then_some(tag.len() + end + 1)
}

/// Converts bytes to text; a text with its escapes undone should be valid text.
fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the piece of the text as sent that `needle` in the last view came from.
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
        assert!(undone(b"plain & simple 100%", ALL).is_none());
        assert!(undone(b"", ALL).is_none());
    }

    #[test]
    fn escapes_of_the_wanted_kinds_are_undone() {
        let undo = |text: &'static str, kinds| View::of(text, kinds).text;
        assert_eq!(undo("a%2Fb%c3%A9%zz%", ALL), "a/bé%zz%");
        assert_eq!(
            undo("&lt;&#39;&#x27;&amp;&unknown; & &#xzz;", ALL),
            "<''&&unknown; & &#xzz;"
        );
        assert_eq!(
            undo(r"\u003c\ud83d\udd11\/\n\q\ud83d", ALL),
            "<🔑/\n\\q\\ud83d"
        );
        assert_eq!(undo(r"\x41\\", ALL), "A\\");
        assert_eq!(undo("%41&lt;\\n", HTML), "%41<\\n");
        assert_eq!(undo("%41&lt;\\n", JSON), "%41&lt;\n");
        assert!(undone(b"%41", HTML).is_none());
    }

    #[test]
    fn places_lead_back_to_the_whole_escape() {
        let text = "ab%2Fcd&amp;e";
        let (made, way) = undone(text.as_bytes(), ALL).unwrap();
        assert_eq!(made, b"ab/cd&e");
        let back = |range: Range<usize>| &text[way.sent(&range)];
        assert_eq!(back(0..2), "ab");
        assert_eq!(back(2..3), "%2F");
        assert_eq!(back(1..4), "b%2Fc");
        assert_eq!(back(4..6), "d&amp;");
        assert_eq!(back(0..7), text);
        assert_eq!(back(6..7), "e");
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
                    // Unescaped as often as the view was, the piece is the letter again.
                    let views = View::all(piece);
                    let again = views.iter().any(|view| view.text == letter.to_string());
                    proptest::prop_assert!(again, "{letter:?} came from {piece:?}");
                }
            }
        }
    }
}
