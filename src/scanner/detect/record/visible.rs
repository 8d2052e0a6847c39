//! The text that a page shows, with a mapping back to the page as sent.
//!
//! Owns: one pass that removes tags, scripts and styles and decodes entities. Blocks become lines,
//! cells are separated by tabs, and headings begin as in Markdown. Leaves out: what the text means
//! (`text`).

use super::super::quoted::{closing, element, is_tag};
use crate::unescape::{Rewriter, View};

/// Elements that begin and end a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "caption",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "label",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "textarea",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];
const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];
const CELLS: &[&str] = &["td", "th"];
/// Elements whose text is not shown.
const UNSHOWN: &[&str] = &[
    "script", "style", "template", "title", "noscript", "svg", "select", "button",
];
/// Other elements.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "area", "audio", "b", "base", "bdi", "bdo", "big", "body", "canvas",
    "center", "cite", "code", "col", "colgroup", "data", "datalist", "del", "dfn", "em", "embed",
    "font", "head", "hgroup", "html", "i", "iframe", "img", "input", "ins", "kbd", "link", "map",
    "mark", "menu", "meta", "meter", "nobr", "optgroup", "output", "param", "path", "picture",
    "progress", "q", "rp", "rt", "ruby", "s", "samp", "search", "slot", "small", "source", "span",
    "strike", "strong", "sub", "sup", "time", "track", "tt", "u", "var", "video", "wbr",
];

/// Returns true for the name of an HTML element.
pub(super) fn is_html(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [BLOCKS, HEADINGS, CELLS, UNSHOWN, INLINE]
        .into_iter()
        .any(|names| names.contains(&lower.as_str()))
}

/// Returns the text that a page shows.
pub(super) fn of(page: &str) -> View<'_> {
    let mut rewriter = Rewriter::new(page);
    let bytes = page.as_bytes();
    let mut unclosed: Vec<&str> = Vec::new();
    // After the last `>` nothing is a tag, so the rest is not searched again.
    let last = memchr::memrchr(b'>', bytes).unwrap_or_default();
    let mut at = 0;
    while let Some(step) = bytes
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'<', b'&', rest))
    {
        at += step;
        let rest = page.get(at..).unwrap_or_default();
        if rest.starts_with('&') {
            at += rewriter.undo(at);
            continue;
        }
        let length = if rest.starts_with("<!--") {
            let end = memchr::memmem::find(rest.as_bytes(), b"-->");
            let length = end.map_or(rest.len(), |end| end + 3);
            rewriter.put(at, "", length);
            length
        } else if at < last {
            tag(page, at, rest, &mut rewriter, &mut unclosed)
        } else {
            1
        };
        at += length.max(1);
    }
    rewriter.finish()
}

/// Removes a tag; returns its length, including what it hides.
fn tag<'t>(
    page: &'t str,
    at: usize,
    rest: &'t str,
    rewriter: &mut Rewriter<'t>,
    unclosed: &mut Vec<&'static str>,
) -> usize {
    let closes = rest.starts_with("</");
    let name = if closes {
        element(rest.get(1..).unwrap_or_default())
    } else {
        element(rest)
    };
    let declares = rest.starts_with("<!") || rest.starts_with("<?");
    // Python's `<object at 0x7f…>` and `<Config {…}>` are text.
    if !declares && (!is_tag(rest) || !(is_html(name) || name.is_empty())) {
        return 1;
    }
    let length = tag_length(rest);
    if let Some(name) = UNSHOWN.iter().find(|one| one.eq_ignore_ascii_case(name))
        && !closes
        && !unclosed.contains(name)
    {
        match closing(page, at + length, name) {
            Some(end) => {
                rewriter.put(at, "", end - at);
                return end - at;
            }
            None => unclosed.push(name),
        }
    }
    let is = |names: &[&str]| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    let words = if is(HEADINGS) && !closes {
        "\n# "
    } else if is(CELLS) && !closes {
        if rewriter.is_at(b'\n', at) { "" } else { "\t" }
    } else if is(BLOCKS) || is(HEADINGS) {
        "\n"
    } else {
        ""
    };
    rewriter.put(at, words, length);
    length
}

/// Returns the length of a tag; a `>` in a quoted value does not end it.
fn tag_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    let mut quote = None;
    // A quote that never closes does not hide the rest of the page.
    while let Some(byte) = bytes.get(at).filter(|_| at < 64 << 10) {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') if bytes.get(at - 1) == Some(&b'=') => quote = Some(*byte),
            (Some(open), _) if open == *byte => quote = None,
            _ => {}
        }
        at += 1;
    }
    memchr::memchr(b'>', bytes).map_or(1, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(page: &str) -> String {
        of(page).text.into_owned()
    }

    #[test]
    fn blocks_are_lines_and_cells_are_parted() {
        for (page, expected) in [
            ("<p>a &amp; <b>b</b></p>c", "\na & b\nc"),
            ("<h2>Keys</h2>x", "\n# Keys\nx"),
            ("<tr><td>a</td><td>b</td></tr>", "\na\tb\n"),
            ("a<!-- <p> -->b<script>'<p>'</script>c", "abc"),
            ("<i title='a > b'>x</i>", "x"),
            (
                "<Config {'a': <object at 0x7f>}> 1 < 2",
                "<Config {'a': <object at 0x7f>}> 1 < 2",
            ),
            ("{&#39;a&#39;}<br/>b", "{'a'}\nb"),
        ] {
            assert_eq!(shown(page), expected, "{page}");
        }
    }

    #[test]
    fn hostile_pages_take_bounded_time() {
        for piece in ["<script>", "<!--", "<a b='", "<", "&", "<p", "<svg>"] {
            let _ = shown(&piece.repeat(100_000));
        }
    }
}
