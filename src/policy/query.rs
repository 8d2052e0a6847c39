//! What a query says that it does: `/items?action=delete&id=5`, `/todo?delete=3`, `/?logout=1`.
//!
//! Owns: which pairs of a query look dangerous. Leaves out: paths and summaries (`policy.rs`), and
//! bodies, which only a planned request has.

use super::{DANGEROUS, word_of, words};

/// Names whose values say what is done.
const SELECTORS: [&str; 9] = [
    "action",
    "cmd",
    "command",
    "do",
    "method",
    "op",
    "operation",
    "task",
    "_method",
];

/// Dangerous words that mean how something is shown where they are a query's name.
const OF_SHOWING: [&str; 2] = ["format", "truncate"];

/// What stands beside `reset` in the name of a value that a link carries (`reset_token`).
const CARRIED: [&str; 4] = ["code", "hash", "sig", "token"];

/// Values that say "no".
const NO: [&str; 3] = ["", "0", "false"];

/// The pair of a query that looks dangerous. A lone name (`/?logout`) is a flag, whatever its value.
pub(crate) fn dangerous_pair(pairs: &[(String, String)]) -> Option<&(String, String)> {
    let lone = pairs.len() == 1;
    pairs.iter().find(|(name, value)| {
        let says_no = NO.contains(&value.to_ascii_lowercase().as_str());
        let flag = lone && value.is_empty();
        (is_dangerous_name(name) && (flag || !says_no)) || is_dangerous_value(name, value)
    })
}

/// True for a name that says that a value in it deletes, resets or logs out.
pub(crate) fn is_dangerous_name(name: &str) -> bool {
    let words = words(name);
    let carries = |word: &String| CARRIED.contains(&word.as_str());
    word_of(&words, &DANGEROUS).is_some_and(|word| {
        let reset = word == "reset" && words.iter().any(carries);
        !reset && !OF_SHOWING.contains(&word.as_str())
    })
}

/// True for a value that deletes, resets or logs out where the name says what is done.
pub(crate) fn is_dangerous_value(name: &str, value: &str) -> bool {
    SELECTORS.contains(&name.to_ascii_lowercase().as_str())
        && word_of(&words(value), &DANGEROUS).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks_dangerous(query: &str) -> bool {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        dangerous_pair(&pairs).is_some()
    }

    #[test]
    fn a_query_that_deletes_or_logs_out_looks_dangerous() {
        for query in [
            "action=delete&id=5",
            "id=5&do=logout",
            "_method=DELETE",
            "op=reset-all",
            "delete=3",
            "delete_id=3&page=2",
            "removeItem=7",
            "logout=1",
            "logout",
        ] {
            assert!(looks_dangerous(query), "{query}");
        }
    }

    #[test]
    fn a_query_that_shows_something_does_not() {
        for query in [
            "",
            "q=delete",
            "action=edit",
            "action=deleted",
            "delete=0&page=1",
            "delete=&page=1",
            "deleted=1",
            "format=json",
            "date_format=iso",
            "truncate=80",
            "reset_token=0123456789",
        ] {
            assert!(!looks_dangerous(query), "{query}");
        }
    }
}
