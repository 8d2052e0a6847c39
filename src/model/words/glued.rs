//! Words written together in a name: `deletepost`, `changepassword`, `dbreset`.
//!
//! This module has the verbs and nouns that make up such words. What they mean is in `policy.rs`.

use super::is_in as is;

/// Verbs that precede their object.
const VERBS: [&str; 34] = [
    "add",
    "approve",
    "archive",
    "cancel",
    "ch",
    "change",
    "clean",
    "clear",
    "del",
    "delete",
    "destroy",
    "disable",
    "drop",
    "edit",
    "erase",
    "flush",
    "init",
    "logout",
    "mark",
    "modify",
    "nuke",
    "purge",
    "reject",
    "remove",
    "rename",
    "reset",
    "restore",
    "revoke",
    "rm",
    "set",
    "truncate",
    "unsubscribe",
    "update",
    "wipe",
];

/// Verbs that may also follow their object.
const BEHIND: [&str; 10] = [
    "clear", "delete", "edit", "flush", "logout", "purge", "remove", "reset", "update", "wipe",
];

/// Objects of the verbs.
const NOUNS: [&str; 78] = [
    "account",
    "accounts",
    "admin",
    "album",
    "all",
    "answer",
    "article",
    "avatar",
    "blog",
    "book",
    "booking",
    "bookmark",
    "cache",
    "card",
    "cart",
    "category",
    "comment",
    "comments",
    "contact",
    "customer",
    "data",
    "database",
    "db",
    "doc",
    "document",
    "done",
    "email",
    "employee",
    "entry",
    "event",
    "everything",
    "feed",
    "file",
    "files",
    "folder",
    "friend",
    "group",
    "history",
    "id",
    "image",
    "images",
    "item",
    "items",
    "job",
    "list",
    "log",
    "logs",
    "member",
    "message",
    "movie",
    "note",
    "notes",
    "order",
    "orders",
    "page",
    "pass",
    "passwd",
    "password",
    "photo",
    "picture",
    "post",
    "posts",
    "product",
    "profile",
    "project",
    "pw",
    "pwd",
    "question",
    "read",
    "record",
    "review",
    "session",
    "student",
    "task",
    "tasks",
    "tocart",
    "todo",
    "user",
];

/// Returns the two parts of a lower-case word that was written as one.
pub(super) fn parts(word: &str) -> Option<(&str, &str)> {
    if !word.is_ascii() {
        return None;
    }
    (2..word.len()).find_map(|at| {
        let (head, tail) = word.split_at(at);
        let glued =
            (is(&VERBS, head) && is(&NOUNS, tail)) || (is(&NOUNS, head) && is(&BEHIND, tail));
        glued.then_some((head, tail))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        for table in [&VERBS[..], &BEHIND, &NOUNS] {
            assert!(table.is_sorted(), "{table:?}");
        }
    }

    #[test]
    fn a_verb_and_a_noun_are_taken_apart_and_other_words_are_not() {
        for (word, two) in [
            ("deletepost", ("delete", "post")),
            ("chpass", ("ch", "pass")),
            ("changepassword", ("change", "password")),
            ("dbreset", ("db", "reset")),
            ("userlogout", ("user", "logout")),
            ("addtocart", ("add", "tocart")),
            ("markread", ("mark", "read")),
        ] {
            assert_eq!(parts(word), Some(two), "{word}");
        }
        for word in [
            "delete",
            "deleted",
            "address",
            "settings",
            "setup",
            "dropdown",
            "clearance",
            "cleared",
            "archived",
            "editor",
            "updates",
            "removed",
            "credit",
            "listed",
            "renamed",
            "market",
            "addon",
            "caf\u{e9}",
        ] {
            assert_eq!(parts(word), None, "{word}");
        }
    }
}
