//! Keys that are recognised by their format, including published examples.
//!
//! Neither belongs in a report, and they cannot be told apart at a glance. This module has the
//! formats; which of them are findings is decided in `detect`.

use std::sync::LazyLock;

use regex::Regex;

static FORMATS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let kinds = [
        r"[sr]k_(?:live|test)_[0-9A-Za-z]{16,200}",
        r"gh[pousr]_[0-9A-Za-z]{36,200}",
        r"github_pat_[0-9A-Za-z_]{40,200}",
        r"glpat-[0-9A-Za-z_-]{20,200}",
        r"xox[abprs]-[0-9A-Za-z-]{20,200}",
        r"npm_[0-9A-Za-z]{36,200}",
        r"pypi-[0-9A-Za-z_-]{40,300}",
        r"whsec_[0-9A-Za-z]{24,200}",
        r"SG\.[0-9A-Za-z_-]{16,100}\.[0-9A-Za-z_-]{16,100}",
    ];
    Regex::new(&format!("(?:{})", kinds.join("|"))).ok()
});

/// Returns every such key in a text.
pub fn keys_in(text: &str) -> impl Iterator<Item = &str> {
    let formats = FORMATS.iter();
    formats.flat_map(move |formats| formats.find_iter(text).map(|found| found.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_their_format_alone() {
        let key = format!("sk_{}_4eC39HqLyjWDarjtT1zdp7dc", "live");
        let text = format!("<option value=\"{key}\"> ghp_short pk_live_4eC39HqLyjWDarjtT1zdp7dc");
        assert_eq!(keys_in(&text).collect::<Vec<_>>(), [key]);
    }
}
