//! Lines for a terminal: width, wrapping, colour.
//!
//! Owns: layout. Leaves out: what is said (`text.rs`, `diff.rs`) and printing it (`console`). All text
//! that passes through here is sanitised; escape sequences come only from [`Style`].

use crate::finding::Severity;
use crate::sanitise::sanitise;

/// The minimum width; narrower terminals get lines of this width.
const NARROWEST: usize = 24;

/// How a piece of text is shown.
#[derive(Clone, Copy)]
pub(super) enum Style {
    Bold,
    Dim,
    Of(Severity),
}

/// Collects lines.
pub(super) struct Lines {
    out: String,
    width: usize,
    color: bool,
    /// Whether lines of findings are never cut.
    whole: bool,
}

impl Lines {
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self {
            out: String::new(),
            width: width.max(NARROWEST),
            color,
            whole: false,
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Sets whether lines of findings may be as long as they need: for files and pipes.
    pub(super) const fn whole(mut self, whole: bool) -> Self {
        self.whole = whole;
        self
    }

    /// Returns the width of a finding's line in columns; `None` if it is never cut.
    pub(super) const fn columns(&self) -> Option<usize> {
        if self.whole { None } else { Some(self.width) }
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// Adds a paragraph, wrapped between words, with each line indented.
    pub(super) fn wrapped(&mut self, indent: usize, text: &str, style: Option<Style>) {
        let text = sanitise(text);
        let room = self.width.saturating_sub(indent).max(1);
        let mut line = String::new();
        for word in text.split_whitespace() {
            for part in chunks(word, room) {
                let needed = if line.is_empty() { 0 } else { width(&line) + 1 };
                if needed + width(part) > room && !line.is_empty() {
                    self.put(indent, &line, style);
                    line.clear();
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(part);
            }
        }
        if !line.is_empty() {
            self.put(indent, &line, style);
        }
    }

    /// Adds one line whatever its length, for copying.
    pub(super) fn long(&mut self, indent: usize, text: &str) {
        let text = sanitise(text);
        self.put(indent, &text, None);
    }

    /// Adds one line, cut with `…` at the edge of the terminal.
    pub(super) fn cut(&mut self, indent: usize, text: &str, style: Option<Style>) {
        let text = sanitise(text);
        let room = self.width.saturating_sub(indent).max(1);
        self.put(indent, &clipped(&text, room), style);
    }

    /// Adds one line whose first part is styled and never cut; the rest is cut at the edge of the
    /// terminal.
    pub(super) fn marked(&mut self, indent: usize, head: &str, rest: &str, style: Style) {
        let head = sanitise(head);
        let rest = sanitise(rest);
        let rest = match self.columns() {
            Some(columns) => clipped(&rest, columns.saturating_sub(indent + width(&head))),
            None => rest.into_owned(),
        };
        self.out.extend(std::iter::repeat_n(' ', indent));
        if self.color {
            self.out.push_str(sequence(style));
            self.out.push_str(&head);
            self.out.push_str("\x1b[0m");
        } else {
            self.out.push_str(&head);
        }
        self.out.push_str(rest.trim_end());
        self.out.push('\n');
    }

    fn put(&mut self, indent: usize, text: &str, style: Option<Style>) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        match style.filter(|_| self.color) {
            Some(style) => {
                self.out.push_str(sequence(style));
                self.out.push_str(text);
                self.out.push_str("\x1b[0m");
            }
            None => self.out.push_str(text),
        }
        self.out.push('\n');
    }
}

const fn sequence(style: Style) -> &'static str {
    match style {
        Style::Bold => "\x1b[1m",
        Style::Dim => "\x1b[2m",
        Style::Of(Severity::Critical) => "\x1b[1;35m",
        Style::Of(Severity::High) => "\x1b[1;31m",
        Style::Of(Severity::Medium) => "\x1b[1;33m",
        Style::Of(Severity::Low) => "\x1b[1;36m",
        Style::Of(Severity::Info) => "\x1b[1;34m",
    }
}

/// Fits a text into `room` columns, cutting its end with `…`, and sanitises it.
pub(super) fn clipped(text: &str, room: usize) -> String {
    let text = sanitise(text);
    if width(&text) <= room {
        return text.into_owned();
    }
    if room == 0 {
        return String::new();
    }
    let head = chunks(&text, room - 1).next().unwrap_or_default();
    format!("{}…", if room == 1 { "" } else { head })
}

/// Returns the number of columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Returns the width of a character: two columns for East Asian wide characters and emoji, none for
/// combining marks. It works by block; a terminal's own table may differ by a column, which only moves
/// a line's end.
const fn columns(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Splits a word into pieces of at most `room` columns.
fn chunks(word: &str, room: usize) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut used = 0;
        let mut end = rest.len();
        for (at, c) in rest.char_indices() {
            used += columns(c);
            // At least one character, because a wide one in a narrow column would never end.
            if used > room && at > 0 {
                end = at;
                break;
            }
        }
        let (head, tail) = rest.split_at(end);
        rest = tail;
        Some(head)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize) -> String {
        let mut lines = Lines::new(width, false);
        lines.wrapped(2, text, None);
        lines.finish()
    }

    #[test]
    fn words_are_wrapped_and_long_ones_broken() {
        assert_eq!(
            wrapped("one two three four five six", 24),
            "  one two three four\n  five six\n"
        );
        assert_eq!(
            wrapped("a abcdefghijklmnopqrstuvwxyz b", 24),
            "  a\n  abcdefghijklmnopqrstuv\n  wxyz b\n"
        );
        assert_eq!(wrapped("鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵", 24).lines().count(), 2);
        assert_eq!(wrapped("", 24), "");
    }

    #[test]
    fn a_cut_line_ends_with_an_ellipsis() {
        let mut lines = Lines::new(24, false);
        lines.cut(2, "abcdefghijklmnopqrstuvwxyz", None);
        lines.cut(2, "short", None);
        assert_eq!(lines.finish(), "  abcdefghijklmnopqrstu…\n  short\n");
    }

    #[test]
    fn colour_is_ours_alone() {
        let mut lines = Lines::new(80, true);
        lines.wrapped(0, "\x1b[31mred", Some(Style::Of(Severity::High)));
        assert_eq!(lines.finish(), "\x1b[1;31m\\x1b[31mred\x1b[0m\n");
    }
}
