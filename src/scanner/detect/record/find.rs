//! Where the pieces of a parsed text stand in it: parsers of pages and of YAML do not tell.
//!
//! Owns: one walk forward, piece after piece in the order of the text. A piece is looked for a little
//! ahead only, so that hostile texts cost no more than others.

use std::ops::Range;

/// How far ahead a piece is looked for.
const WINDOW: usize = 64 << 10;
/// So many pieces that are not found end the search.
const MAX_MISSES: usize = 5000;

/// A walk through a text.
pub(super) struct Finder<'t> {
    text: &'t str,
    at: usize,
    misses: usize,
}

impl<'t> Finder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            misses: 0,
        }
    }

    /// Goes to a place.
    pub(super) fn go(&mut self, at: usize) {
        self.at = at;
    }

    /// What stands between two places.
    pub(super) fn between(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Where a piece stands next, as it is or escaped as templates do; the walk goes on behind it. Of
    /// several lines, the range reaches from the first to the last.
    pub(super) fn next(&mut self, piece: &str) -> Option<Range<usize>> {
        let mut lines = piece.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut range = self.line(lines.next()?)?;
        if let Some(last) = lines.next_back() {
            range.end = self.line(last)?.end;
        }
        Some(range)
    }

    fn line(&mut self, line: &str) -> Option<Range<usize>> {
        if self.misses >= MAX_MISSES {
            return None;
        }
        let to = self.text.floor_char_boundary(self.at + WINDOW + line.len());
        let ahead = self.text.get(self.at..to)?;
        let found = written(line).into_iter().find_map(|form| {
            let at = memchr::memmem::find(ahead.as_bytes(), form.as_bytes())?;
            Some(at..at + form.len())
        });
        let Some(found) = found else {
            self.misses += 1;
            return None;
        };
        let range = self.at + found.start..self.at + found.end;
        self.at = range.end;
        Some(range)
    }
}

/// How a text may be written: as it is, as Jinja escapes it, as `html.escape` does, in quotes.
fn written(line: &str) -> Vec<String> {
    let mut forms = vec![line.to_owned()];
    if line.contains(['&', '<', '>', '"', '\'']) {
        let angles = line
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        forms.push(angles.replace('"', "&#34;").replace('\'', "&#39;"));
        forms.push(angles.replace('"', "&quot;").replace('\'', "&#x27;"));
        forms.push(angles);
        forms.push(line.replace('\'', "''"));
        forms.push(line.replace('"', "\"\""));
    }
    if line.contains(['\\', '"']) {
        forms.push(line.replace('\\', "\\\\").replace('"', "\\\""));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_found_one_after_the_other_however_they_are_escaped() {
        let text = "<b>a</b> a &amp; b <i>it&#39;s</i> a\n  c";
        let mut finder = Finder::new(text);
        let mut next = |piece: &str| finder.next(piece).map(|range| &text[range]);
        assert_eq!(next("a"), Some("a"));
        assert_eq!(next("a & b"), Some("a &amp; b"));
        assert_eq!(next("it's"), Some("it&#39;s"));
        assert_eq!(next("nowhere"), None);
        assert_eq!(next("a\nc"), Some("a\n  c"));
    }

    #[test]
    fn what_is_never_found_takes_bounded_time() {
        let text = "x".repeat(4 << 20);
        let mut finder = Finder::new(&text);
        assert!((0..1_000_000).all(|_| finder.next("y").is_none()));
    }
}
