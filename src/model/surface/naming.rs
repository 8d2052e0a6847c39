//! Which field of a record a path's placeholder stands for if it is not an id: `title` for
//! `{book_title}`.
//!
//! This module compares the two names. The values come from `crawl` and `send`.

use crate::words::{leaf, plain};

/// Last words of names that distinguish one item of a collection from the others.
const TELLING: [&str; 11] = [
    "name", "title", "slug", "code", "handle", "login", "email", "label", "number", "key", "nick",
];

/// Returns how far a field's name is from a placeholder's: 0 if they are the same, `None` if they
/// do not match.
pub fn distance(field: &str, placeholder: &str) -> Option<u8> {
    let (field, placeholder) = (plain(leaf(field)), plain(leaf(placeholder)));
    if field.is_empty() || placeholder.is_empty() {
        return None;
    }
    if field == placeholder {
        return Some(0);
    }
    let telling = |word: &str| TELLING.contains(&word);
    // `title` for `{book_title}`, `name` for `{username}`.
    if telling(&field) && placeholder.ends_with(&field) {
        return Some(1);
    }
    // `book_title` for `{title}`.
    if telling(&placeholder) && field.ends_with(&placeholder) {
        return Some(2);
    }
    // `username` for `{user}`.
    let rest = field.strip_prefix(&placeholder);
    rest.filter(|rest| telling(rest)).map(|_| 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_means_a_placeholder_of_its_name_or_of_its_last_word() {
        for (field, placeholder, expected) in [
            ("book_title", "book_title", Some(0)),
            ("bookTitle", "book-title", Some(0)),
            ("title", "book_title", Some(1)),
            ("name", "username", Some(1)),
            ("book_title", "title", Some(2)),
            ("username", "user", Some(3)),
            ("user", "username", None),
            ("author", "book_title", None),
            ("id", "book_id", None),
            ("secret", "id", None),
            ("", "", None),
        ] {
            assert_eq!(
                distance(field, placeholder),
                expected,
                "{field} {placeholder}"
            );
        }
    }
}
