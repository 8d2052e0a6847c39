//! GETs that act: following such a link changes something, as its path shows.
//!
//! This module has the verbs, and decides where a word of a path is one. What destroys or logs out
//! is in `policy.rs`, and what answers have taught about a path in `learnt.rs`.
//!
//! Many verbs are also nouns or adjectives: `/archive` is a list, `/complete` a filter, `/start` a
//! page. They count only next to their object: an id (`/archive/7`, `/todo/7/complete`) or another
//! word (`/mark_paid`, `/start_over`). Verbs that need no object count everywhere.

use super::is_id;
use crate::surface::EndpointId;
use crate::surface::Method;
use crate::words::{is_in as is, words};

/// Verbs that are hardly ever anything else.
const ALWAYS: [&str; 44] = [
    "approve",
    "cancel",
    "decline",
    "disapprove",
    "dislike",
    "dismiss",
    "downvote",
    "endsession",
    "expire",
    "finalise",
    "finalize",
    "like",
    "migrate",
    "populate",
    "rebuild",
    "recalculate",
    "reindex",
    "reject",
    "reload",
    "repopulate",
    "reseed",
    "restart",
    "restore",
    "resync",
    "rollback",
    "seeddb",
    "sessionend",
    "setup",
    "signoff",
    "startover",
    "sync",
    "synchronise",
    "synchronize",
    "toggle",
    "trigger",
    "unapprove",
    "unarchive",
    "unfollow",
    "unlike",
    "unpublish",
    "unsubscribe",
    "untoggle",
    "upvote",
    "wipeout",
];

/// Verbs that act on everything if nothing precedes them, and otherwise on what does: `/clean`,
/// `/cart/empty`. `/api/clean` names a resource.
const ON_ALL: [&str; 9] = [
    "clean", "cleanup", "empty", "import", "publish", "run", "seed", "send", "stop",
];

/// Verbs that count only next to their object.
const ON_ONE: [&str; 21] = [
    "accept",
    "activate",
    "archive",
    "assign",
    "close",
    "complete",
    "confirm",
    "enable",
    "execute",
    "favorite",
    "favourite",
    "finish",
    "follow",
    "mark",
    "mute",
    "pause",
    "resume",
    "start",
    "unblock",
    "unlock",
    "vote",
];

/// Verbs that count only next to an id.
const WITH_ID: [&str; 41] = [
    "ack",
    "acknowledge",
    "add",
    "ban",
    "borrow",
    "bump",
    "buy",
    "demote",
    "detach",
    "discard",
    "disconnect",
    "done",
    "enrol",
    "enroll",
    "forget",
    "hide",
    "impersonate",
    "increase",
    "increment",
    "join",
    "kick",
    "make",
    "pay",
    "promote",
    "remind",
    "reopen",
    "requeue",
    "rerun",
    "resolve",
    "retry",
    "rsvp",
    "sell",
    "snooze",
    "unban",
    "uncheck",
    "undo",
    "unhide",
    "unlink",
    "unpin",
    "unstar",
    "withdraw",
];

/// Nouns that are verbs after an id: `/posts/7/pin`, `/gpio/17/on`. `/pin/7` shows one.
const AFTER_ID: [&str; 17] = [
    "block", "bookmark", "check", "checkin", "claim", "deposit", "flag", "grant", "leave", "lock",
    "off", "on", "pin", "reserve", "star", "trash", "upgrade",
];

/// Verbs whose object may have a name instead of a number: `/follow/ann`, `/users/ann/follow`.
const ON_NAMED: [&str; 6] = ["favorite", "favourite", "follow", "mark", "mute", "vote"];

/// Words at the end of a path or word that mean something is shown.
const SHOWN: [&str; 41] = [
    "about", "count", "date", "demo", "details", "doc", "docs", "error", "errors", "example",
    "export", "form", "guide", "help", "here", "history", "id", "info", "item", "items", "key",
    "keys", "list", "log", "logs", "menu", "minded", "new", "page", "policy", "preview", "report",
    "reports", "result", "results", "state", "status", "summary", "time", "up", "view",
];

/// Segments below which words are topics that somebody writes about.
const TELLING: [&str; 14] = [
    "article", "articles", "blog", "docs", "faq", "guide", "guides", "help", "learn", "manual",
    "news", "static", "tutorial", "wiki",
];

/// Words of a headline: `/start-your-day` is an article.
const HEADLINE: [&str; 16] = [
    "a", "an", "and", "for", "how", "in", "my", "of", "on", "our", "the", "to", "us", "with",
    "you", "your",
];

/// Segments that do not name a resource: what follows counts as if at the root.
const NO_OBJECT: [&str; 4] = ["api", "app", "rest", "v"];

/// Extensions of files that are only read.
const FILES: [&str; 16] = [
    "css", "csv", "gif", "htm", "html", "ico", "jpg", "js", "json", "map", "md", "pdf", "png",
    "svg", "txt", "xml",
];

/// Returns whether a path is that of written content: a file below `docs` and the like.
pub(super) fn tells(path: &str) -> bool {
    let segments: Vec<String> = path.split('/').map(str::to_ascii_lowercase).collect();
    let Some((last, above)) = segments.split_last() else {
        return false;
    };
    let file = last
        .rsplit_once('.')
        .is_some_and(|(_, ending)| is(&FILES, ending));
    file && above.iter().any(|segment| is(&TELLING, segment))
}

/// Returns whether words form a headline.
pub(super) fn is_headline(words: &[String]) -> bool {
    words.len() > 2 && (words.len() > 3 || words.iter().any(|word| is(&HEADLINE, word)))
}

/// Returns whether every server reads the characters of a segment in the same way.
pub(super) fn is_plain(segment: &str) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    segment.chars().all(plain)
}

/// Returns whether words name an action, in a place where only actions are named.
pub(super) fn is_verb(words: &[String]) -> bool {
    words.first().is_some_and(|word| {
        let tables: [&[&str]; 5] = [&ALWAYS, &ON_ALL, &ON_ONE, &WITH_ID, &AFTER_ID];
        tables.iter().any(|table| is(table, word))
    })
}

/// Returns whether a path ends with a verb that needs an object.
pub(super) fn is_verb_of_one(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next();
    let words = words(last.unwrap_or_default());
    let [word] = words.as_slice() else {
        return words.first().is_some_and(|word| word == "mark");
    };
    is(&ON_ONE, word) || is(&WITH_ID, word)
}

/// Returns the verb that shows that a GET acts. `prefix` is the target's own and is ignored.
pub(super) fn verb(id: &EndpointId, prefix: &str) -> Option<String> {
    if !matches!(id.method, Method::Get | Method::Head) {
        return None;
    }
    let path = id.path.as_str();
    let path = path.strip_prefix(prefix).unwrap_or(path);
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let named: Vec<Vec<String>> = segments
        .iter()
        .filter(|segment| !is_id(segment))
        .map(|segment| words(segment))
        .collect();
    let last = named.last()?.last()?;
    let told = named
        .split_last()
        .is_some_and(|(_, before)| before.iter().flatten().any(|word| is(&TELLING, word)));
    if is(&FILES, last) {
        return None;
    }
    // `session/end` has in two segments what `end-session` has in one.
    let across = named
        .windows(2)
        .filter(|two| two[0].len() == 1 && two[1].len() == 1)
        .map(|two| two.concat().concat())
        .find(|pair| is(&ALWAYS, pair));
    across
        .filter(|_| !told)
        .or_else(|| (0..segments.len()).find_map(|at| of_segment(&segments, at, last, told)))
}

fn is_year(segment: &str) -> bool {
    segment.len() == 4 && (segment.starts_with("19") || segment.starts_with("20"))
}

fn of_segment(segments: &[&str], at: usize, last: &str, told: bool) -> Option<String> {
    let segment = segments[at];
    if is_id(segment) {
        return None;
    }
    let words = words(segment);
    let first = words.first()?;
    // The end of a path says what it shows, unless it is the verb's own particle (`clean-up`).
    let alone = words.len() == 1;
    if last != "up" && is(&SHOWN, last) {
        return None;
    }
    let (before, after) = (&segments[..at], &segments[at + 1..]);
    // `/archive/2024` is a list.
    let dated = first == "archive" && after.first().is_some_and(|next| is_year(next));
    let id_before = before.last().is_some_and(|one| is_id(one));
    let id_beside = id_before || (!dated && after.iter().any(|one| is_id(one)));
    // Below written content a word is a topic, and so it is in a headline. Next to an id it is a
    // verb.
    if !id_beside && is_plain(segment) && (told || is_headline(&words)) {
        return None;
    }
    let verb = |word: &str| is(&ALWAYS, word) || is(&ON_ALL, word) || is(&ON_ONE, word);
    let two = words.iter().take(2).map(String::as_str).collect::<String>();
    if words.len() > 1 && is(&ALWAYS, &two) {
        return Some(two);
    }
    if is(&ALWAYS, first) {
        return Some(first.clone());
    }
    if !alone {
        // `mark_paid` is clear by itself; `todo_complete` needs the id of the todo.
        let ends = words.last().filter(|word| verb(word) && id_beside);
        let begins = Some(first).filter(|word| verb(word) || (id_beside && is(&WITH_ID, word)));
        return begins.or(ends).cloned();
    }
    if (id_beside && is(&WITH_ID, first)) || (id_before && is(&AFTER_ID, first)) {
        return Some(first.clone());
    }
    let named =
        is(&ON_NAMED, first) && (at + 2 == segments.len() || (at >= 2 && at + 1 == segments.len()));
    if (id_beside && verb(first)) || named {
        return Some(first.clone());
    }
    let of_all = is(&ON_ALL, first) && at + 1 == segments.len();
    let api = |segment: &&str| {
        let letters = segment.trim_end_matches(|c: char| c.is_ascii_digit());
        NO_OBJECT.contains(&letters.to_ascii_lowercase().as_str())
    };
    let before = at.checked_sub(1).map(|before| segments[before]);
    (of_all && !before.is_some_and(|before| api(&before))).then(|| first.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts(path: &str) -> bool {
        verb(&EndpointId::new(Method::Get, path), "").is_some()
    }

    #[test]
    fn the_tables_are_sorted() {
        for table in [
            &ALWAYS[..],
            &ON_ALL,
            &ON_NAMED,
            &ON_ONE,
            &WITH_ID,
            &AFTER_ID,
            &SHOWN,
            &TELLING,
            &HEADLINE,
            &FILES,
        ] {
            assert!(table.is_sorted(), "{table:?}");
        }
    }

    #[test]
    fn a_link_that_acts_on_something_acts() {
        for path in [
            "/complete/1",
            "/todo/{id}/complete",
            "/toggle/1",
            "/like/1",
            "/like",
            "/posts/7/like",
            "/approve/order/3",
            "/mark_paid/1",
            "/mark-as-read",
            "/archive/{id}",
            "/cancel/3",
            "/orders/{id}/cancel",
            "/unsubscribe",
            "/confirm/{token}",
            "/activate/5f60718293a4",
            "/users/7/follow",
            "/start_over",
            "/startOver",
            "/reseed",
            "/populate",
            "/rollback",
            "/clean",
            "/clean-up",
            "/cart/empty",
            "/jobs/run",
            "/stop",
            "/import",
            "/api/sync",
            "/set_up",
            "/setup",
            "/rebuild-index",
            "/session/end",
            "/end-session",
            "/sign-off",
            "/todo_complete/3",
            "/invitations/{id}/accept",
            "/vote/4/up",
            "/follow/susan",
            "/users/susan/follow",
            "/markread/3",
            "/addtocart/5",
            "/add_to_cart/5",
            "/cart/add/5",
            "/todo/1/done",
            "/posts/2/pin",
            "/jobs/1/retry",
            "/make_admin/2",
            "/gpio/17/on",
            "/blog/like/3",
            "/articles/7/toggle",
        ] {
            assert!(acts(path), "{path}");
        }
    }

    #[test]
    fn a_page_whose_name_holds_the_word_does_not() {
        for path in [
            "/",
            "/lookup",
            "/search",
            "/start",
            "/start-page",
            "/oauth/start",
            "/accept",
            "/complete",
            "/archive",
            "/archives/{id}",
            "/api/clean",
            "/api/v1/empty",
            "/licences/activate",
            "/wizard/confirm",
            "/partners/register",
            "/vote",
            "/polls/vote",
            "/follow",
            "/likes/7",
            "/runs/{id}",
            "/import/history",
            "/sync/status",
            "/blog/how-to-toggle",
            "/start-your-day",
            "/docs/setup",
            "/static/run.js",
            "/toggle.css",
            "/settings",
            "/dropdown-demo",
            "/clearance",
            "/{like}",
            "/cancelled/7",
            "/archive/2024",
            "/archive/2024/05",
            "/pin/7",
            "/blocks/7",
            "/add-user",
            "/join",
            "/update",
            "/check-in",
            "/marketing/3",
        ] {
            assert!(!acts(path), "{path}");
        }
    }

    #[test]
    fn the_prefix_of_the_target_and_other_methods_say_nothing() {
        let get = EndpointId::new(Method::Get, "/run/7/x");
        assert!(verb(&get, "").is_some());
        assert!(verb(&get, "/run").is_none());
        assert!(verb(&EndpointId::new(Method::Post, "/like/7"), "").is_none());
        assert!(verb(&EndpointId::new(Method::Options, "/like/7"), "").is_none());
        assert!(verb(&EndpointId::new(Method::Head, "/like/7"), "").is_some());
    }
}
