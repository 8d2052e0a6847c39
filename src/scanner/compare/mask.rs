//! Echoes: values that a request sent and its answer only repeats.
//!
//! Owns: finding the sent values, also reversed, in hex, in base64, and cut to a head or a tail. Leaves
//! out: what an echo means for its surroundings (`json`, `html`), and the exact recognition of canaries
//! (`canary`). A value that is wrongly taken for an echo costs only a little sensitivity.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Replaces a sent value.
const ECHO: &str = "\u{2039}\u{203a}";
/// Shorter texts appear in any page.
const SHORTEST: usize = 3;
/// Characters that a cut or masked echo must still show.
const PIECE: usize = 8;

/// Finds the values that a request sent.
#[derive(Debug)]
pub(super) struct Mask(Option<AhoCorasick>);

impl Mask {
    /// Creates a mask for the values that a request sent.
    pub(super) fn of(planted: &[String]) -> Self {
        let mut patterns = Vec::new();
        for text in planted.iter().filter(|text| text.len() >= SHORTEST) {
            disguises(text, &mut patterns);
        }
        if patterns.is_empty() {
            return Self(None);
        }
        // A set of patterns too large to build masks nothing; a request holds a few dozen.
        Self(
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::LeftmostLongest)
                .build(patterns)
                .ok(),
        )
    }

    /// Returns true if the text holds a sent value too long to be there by chance: random text contains
    /// any three letters.
    pub(super) fn holds(&self, text: &str) -> bool {
        let mut found = self.0.iter().flat_map(|search| search.find_iter(text));
        found.any(|found| found.len() >= PIECE)
    }

    /// Returns the text with each word that holds a sent value replaced, or `None` if there is none.
    pub(super) fn masked(&self, text: &str) -> Option<String> {
        let search = self.0.as_ref()?;
        let mut masked = String::new();
        let mut copied = 0;
        for found in search.find_iter(text) {
            if found.start() < copied {
                continue;
            }
            let (Some(before), Some(after)) =
                (text.get(copied..found.start()), text.get(found.end()..))
            else {
                continue;
            };
            masked.push_str(before.trim_end_matches(char::is_alphanumeric));
            masked.push_str(ECHO);
            let tail = after.len() - after.trim_start_matches(char::is_alphanumeric).len();
            copied = found.end() + tail;
        }
        if copied == 0 {
            return None;
        }
        masked.push_str(text.get(copied..).unwrap_or_default());
        Some(masked)
    }
}

fn disguises(text: &str, patterns: &mut Vec<String>) {
    patterns.push(text.to_owned());
    patterns.push(utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
    // Encodings and escapes leave letters and digits alone.
    let core = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .max_by_key(|run| run.len())
        .unwrap_or_default();
    if core.len() < PIECE {
        return;
    }
    patterns.push(core.to_owned());
    if core.len() < 2 * PIECE {
        return;
    }
    patterns.push(core[..PIECE].to_owned());
    patterns.push(core[core.len() - PIECE..].to_owned());
    patterns.push(core.chars().rev().collect());
    let mut hex = String::with_capacity(2 * core.len());
    for byte in core.bytes() {
        for digit in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    patterns.push(hex);
    for skip in 0..3 {
        // Whole triples only, because what comes before and after them is unknown.
        let bytes = &core.as_bytes()[skip..];
        let whole = bytes.len() - bytes.len() % 3;
        patterns.push(STANDARD_NO_PAD.encode(&bytes[..whole]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ks7f3aqq0m8v2x5r9t1w4y6z";

    fn masked(text: &str) -> Option<String> {
        Mask::of(&[KEY.to_owned()]).masked(text)
    }

    #[test]
    fn an_echo_is_replaced_with_its_word_in_every_disguise() {
        let upper = KEY.to_ascii_uppercase();
        let base64 = STANDARD_NO_PAD.encode(format!("api_key={KEY}"));
        for echo in [KEY, &upper, &base64, "ks7f3aqq****", "****9t1w4y6z"] {
            let text = masked(&format!("key: {echo}!"));
            assert!(text.is_some_and(|text| text.contains(ECHO)), "{echo}");
        }
        assert_eq!(masked("no key"), None);
        assert_eq!(masked(&format!("(x{KEY}y)")).as_deref(), Some("(‹›)"));
    }

    #[test]
    fn short_values_mask_nothing() {
        assert_eq!(Mask::of(&["1".to_owned()]).masked("1 item"), None);
    }

    #[test]
    fn paths_are_found_encoded() {
        let mask = Mask::of(&["/a/page".to_owned()]);
        assert_eq!(
            mask.masked("/login?next=%2Fa%2Fpage").as_deref(),
            Some("/login?next=‹›")
        );
    }
}
