//! Refusals that speak of a credential without saying where it stands.

use std::sync::LazyLock;

use regex::Regex;

use super::super::patterns::{all, pattern};
use super::named::{Named, named};
use super::places::place_of;
use crate::surface::{Place, TypeHint};
use crate::words::is_csrf;

/// A page that says more than this is no refusal.
const MAX_TEXT: usize = 2_000;

static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)\b(api[ _-]?key|jwt|(?:(?:access|auth|bearer|id)[ _-]?)?token)\b")
});

/// True for words that name a credential of a request as a whole.
pub(super) fn is_word(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "apikey" | "bearer" | "jwt" | "key" | "token" | "tokens"
    )
}

/// The header in which a refused request is expected to carry its credential: for keys and tokens that
/// is where HTTP has a place for them.
pub(super) fn suggested(text: &str) -> Option<Named> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let sentences = text
        .split(['\n', ';', '('])
        .flat_map(|line| line.split(". "));
    let word = sentences
        .filter(|sentence| place_of(sentence).is_none())
        .filter(|sentence| !is_csrf(sentence))
        .find_map(|sentence| {
            let found = all(&WORDS, sentence).next()?;
            Some(found[1].to_ascii_lowercase())
        })?;
    let header = if word.starts_with("api") {
        "x-api-key"
    } else {
        "authorization"
    };
    let mut named = named(header, Some(Place::Header), "");
    named.hint = TypeHint::default();
    if header == "authorization" {
        "Bearer ".clone_into(&mut named.prefix);
    }
    Some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_suggests_a_header() {
        assert!(WORDS.is_some());
        let header = |text: &str| suggested(text).map(|named| named.prefix + &named.name);
        assert_eq!(
            header("Token is missing").as_deref(),
            Some("Bearer authorization")
        );
        assert_eq!(header("Invalid API key").as_deref(), Some("x-api-key"));
        assert_eq!(header("Missing token in the query string"), None);
        assert_eq!(header("The CSRF token is missing."), None);
        assert_eq!(header("You must log in"), None);
    }
}
