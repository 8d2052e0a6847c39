//! Regular expressions defined in place: compiled once, and tested to compile.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Compiles a pattern; one that does not compile finds nothing, which its owner's tests catch.
pub(super) fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Returns every match of a pattern.
pub(super) fn all<'a>(
    pattern: &'a LazyLock<Option<Regex>>,
    text: &'a str,
) -> impl Iterator<Item = Captures<'a>> {
    pattern
        .as_ref()
        .into_iter()
        .flat_map(move |regex| regex.captures_iter(text))
}
