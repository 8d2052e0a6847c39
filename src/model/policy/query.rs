//! Which action the pairs of a query or a body request: `/items?action=delete&id=5`,
//! `/todo?delete=3`, `/?logout=1`.
//!
//! This module decides which pairs look dangerous, and which ones act. Paths and summaries are
//! handled in `policy.rs`.

use super::{CHANGES, DANGEROUS, acts, word_of};
use crate::surface::EndpointId;
use crate::surface::Method;
use crate::words::{is_in, words};

/// Names whose values name an action.
const ACTIONS: [&str; 10] = [
    "_method",
    "act",
    "action",
    "cmd",
    "command",
    "do",
    "method",
    "op",
    "operation",
    "task",
];

/// Names whose values may name an action, or a place.
const SELECTORS: [&str; 12] = [
    "a", "btn", "button", "func", "function", "mode", "page", "r", "route", "submit", "verb",
    "view",
];

/// Endings of names that identify one thing.
const OF_ONE: [&str; 6] = ["id", "ids", "pk", "slug", "uid", "uuid"];

/// Names of things, which identify one by its name.
const THINGS: [&str; 16] = [
    "comment", "file", "item", "job", "member", "message", "name", "note", "order", "post",
    "product", "task", "ticket", "todo", "user", "username",
];

/// Names that say what is done to the thing in their value.
const FLAGS: [&str; 17] = [
    "add",
    "approve",
    "buy",
    "cancel",
    "dislike",
    "done",
    "downvote",
    "follow",
    "like",
    "publish",
    "reject",
    "toggle",
    "unfollow",
    "unlike",
    "unpublish",
    "upvote",
    "vote",
];

/// Dangerous words that, as a query's name, mean how something is displayed.
const OF_SHOWING: [&str; 2] = ["format", "truncate"];

/// Words next to `reset` in the name of a value that a link carries (`reset_token`).
const CARRIED: [&str; 4] = ["code", "hash", "sig", "token"];

/// Values that mean "no".
const NO: [&str; 3] = ["", "0", "false"];

/// Returns the dangerous-looking pair of a query.
///
/// A lone name (`/?logout`) is a flag, whatever its value.
pub(crate) fn dangerous_pair(pairs: &[(String, String)]) -> Option<&(String, String)> {
    let lone = pairs.len() == 1;
    pairs.iter().find(|(name, value)| {
        let says_no = NO.contains(&value.to_ascii_lowercase().as_str());
        let flag = lone && value.is_empty();
        (is_dangerous_name(name) && (flag || !says_no)) || is_dangerous_value(name, value)
    })
}

/// Returns whether a value under this name would delete, reset or log out.
pub fn is_dangerous_name(name: &str) -> bool {
    let words = words(name);
    let carries = |word: &String| CARRIED.contains(&word.as_str());
    word_of(&words, &DANGEROUS).is_some_and(|word| {
        let reset = word == "reset" && words.iter().any(carries);
        !reset && !OF_SHOWING.contains(&word.as_str())
    })
}

/// Returns whether a value deletes, resets or logs out, given that the name selects an action.
pub fn is_dangerous_value(name: &str, value: &str) -> bool {
    let name = selector(name);
    let selects = ACTIONS.contains(&name.as_str()) || SELECTORS.contains(&name.as_str());
    selects && word_of(&words(value), &DANGEROUS).is_some()
}

/// Returns whether a body field of this name would delete, reset or log out with any value.
///
/// The name is a verb and its object, and nothing else (`delete`, `delete_id`; not `delete_after`).
pub fn is_dangerous_field(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let words = words(last.trim_end_matches("[]"));
    let object = |word: &String| {
        let word = word.as_str();
        OF_ONE.contains(&word) || THINGS.contains(&word) || ["account", "all"].contains(&word)
    };
    let acts = |word: &String| {
        is_in(&DANGEROUS, word) && !OF_SHOWING.contains(&word.as_str()) && word != "drop"
    };
    words.iter().any(acts) && words.iter().all(|word| acts(word) || object(word))
}

/// Returns the dangerous-looking pair of a body.
pub(super) fn dangerous_field(pairs: &[(String, String)]) -> Option<&(String, String)> {
    pairs.iter().find(|(name, value)| {
        let says_no = NO.contains(&value.to_ascii_lowercase().as_str());
        (is_dangerous_field(name) && !says_no) || is_dangerous_value(name, value)
    })
}

/// Returns the query pair that makes a GET act, or a POST change what is stored.
///
/// It names the action (`?do=archive`, `?like=7`), or the one thing to which the path's verb
/// applies (`/archive?id=3`).
pub(super) fn acting_pair<'p>(
    id: &EndpointId,
    pairs: &'p [(String, String)],
) -> Option<&'p (String, String)> {
    pairs.iter().find(|(name, value)| {
        let says_no = NO.contains(&value.to_ascii_lowercase().as_str());
        (id.method.is_safe() && is_acting_value(name, value))
            || (!says_no && is_acting_name(id, name))
    })
}

/// Returns whether the value of a query says what a GET does.
pub fn is_acting_value(name: &str, value: &str) -> bool {
    ACTIONS.contains(&selector(name).as_str()) && acts::is_verb(&words(value))
}

/// Returns whether an operation acts if its query has this name, whatever the value.
pub fn is_acting_name(id: &EndpointId, name: &str) -> bool {
    let path = id.path.as_str();
    match id.method {
        Method::Get | Method::Head => {
            is_in(&FLAGS, &words(name).concat()) || (holds_one(name) && acts::is_verb_of_one(path))
        }
        Method::Post => {
            let changes = |segment| word_of(&words(segment), &CHANGES).is_some();
            holds_one(name) && path.split('/').any(changes)
        }
        _ => false,
    }
}

/// Returns whether the value under a name identifies one thing.
fn holds_one(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    OF_ONE.contains(&last)
        || last
            .strip_suffix("id")
            .is_some_and(|one| THINGS.contains(&one))
        || words.len() == 1 && THINGS.contains(&last)
}

/// Treats `action[]` like `action`.
fn selector(name: &str) -> String {
    name.trim_end_matches("[]").to_ascii_lowercase()
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
            "action[]=delete&id=4",
            "page=logout",
            "r=user/logout",
            "btn=delete",
            "deleteid=11",
        ] {
            assert!(looks_dangerous(query), "{query}");
        }
    }

    #[test]
    fn a_get_with_a_verb_and_one_thing_acts() {
        let acts = |path: &str, query: &str| {
            let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect();
            acting_pair(&EndpointId::new(Method::Get, path), &pairs).is_some()
        };
        for (path, query) in [
            ("/archive", "id=3"),
            ("/complete", "task_id=3"),
            ("/activate", "user=3"),
            ("/posts/vote", "postid=3"),
            ("/", "do=archive&id=4"),
            ("/items", "action=approve"),
            ("/cart", "add=5"),
            ("/pages", "publish=3"),
        ] {
            assert!(acts(path, query), "{path}?{query}");
        }
        for (path, query) in [
            ("/archive", "page=3"),
            ("/archive", "year=2024"),
            ("/items", "id=3"),
            ("/items", "action=view"),
            ("/search", "q=archive&user=3"),
            ("/pages", "publish=0"),
            ("/start", "next=/"),
            ("/votes", "id=3"),
        ] {
            assert!(!acts(path, query), "{path}?{query}");
        }
    }

    #[test]
    fn a_field_is_dangerous_where_it_says_nothing_else() {
        for name in [
            "delete",
            "delete_id",
            "a.delete",
            "delete[]",
            "removeItem",
            "logout",
            "del",
        ] {
            assert!(is_dangerous_field(name), "{name}");
        }
        for name in [
            "delete_after",
            "format",
            "reset_token",
            "drop",
            "deleted",
            "remove_background",
        ] {
            assert!(!is_dangerous_field(name), "{name}");
        }
        let field = |name: &str, value: &str| {
            dangerous_field(&[(name.to_owned(), value.to_owned())]).is_some()
        };
        assert!(field("submit", "Delete") && field("action", "delete") && field("delete", "3"));
        assert!(!field("delete", "false") && !field("action", "save") && !field("text", "delete"));
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
