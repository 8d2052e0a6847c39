//! Finds the pieces of a parsed text in it, because the parsers of pages and YAML do not report
//! positions.
//!
//! Owns: walking forward once, piece after piece in the order of the text. Each piece is searched only
//! a little ahead, so that hostile texts cost no more than others.

use std::ops::Range;

/// How far ahead a piece is searched, in bytes.
const WINDOW: usize = 64 << 10;
/// The search ends after this many pieces have not been found.
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

    /// Moves to a position.
    pub(super) fn go(&mut self, at: usize) {
        self.at = at;
    }

    /// Returns the text between two positions.
    pub(super) fn between(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Finds the next occurrence of a piece, as it is or escaped as in templates, and moves past it.
    /// For several lines, the range reaches from the first to the last.
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

/// Returns the ways a text may be written: as it is, escaped by Jinja, escaped by `html.escape`, in
/// quotes.
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
