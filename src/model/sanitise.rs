//! Makes hostile text harmless on a terminal.
//!
//! Servers choose much of what keyspill prints: paths, names, answers. Characters that could move
//! the cursor, change colours, or reorder or hide text are printed as escapes.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns the text on one line, with control, bidirectional and invisible characters escaped
/// (`\n`, `\x1b`, `\u{202e}`).
///
/// Borrows if nothing had to change.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            c if is_hostile(c) && (c as u32) < 0x100 => {
                let _ = write!(clean, "\\x{:02x}", c as u32);
            }
            c if is_hostile(c) => {
                let _ = write!(clean, "\\u{{{:x}}}", c as u32);
            }
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// Marks where a text was cut. The text before it may end in half a secret ([`crate::redact`]).
pub const CUT: char = '\u{2026}';

/// Returns the first characters of a text, followed by [`CUT`] if there were more.
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}{CUT}", &text[..at]),
        None => text.to_owned(),
    }
}

/// Returns whether a character is invisible or changes how its neighbours are displayed.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_of_any_language_is_left_alone() {
        for text in ["", "POST /keys/{id}", "schlüssel 鍵 🔑 $`\"'"] {
            assert!(matches!(sanitise(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn escapes_newlines_and_bidirectional_overrides_are_written_out() {
        assert_eq!(sanitise("a\x1b[2Jb"), "a\\x1b[2Jb");
        assert_eq!(sanitise("a\r\nb\tc\0"), "a\\r\\nb\\tc\\x00");
        assert_eq!(sanitise("\u{9b}31m"), "\\x9b31m");
        assert_eq!(
            sanitise("abc\u{202e}fed\u{2066}"),
            "abc\\u{202e}fed\\u{2066}"
        );
        assert_eq!(sanitise("zero\u{200b}width"), "zero\\u{200b}width");
    }
}
