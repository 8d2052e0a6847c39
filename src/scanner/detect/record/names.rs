//! Names that stand for one of many: ids, and names that count up.
//!
//! Owns: how such a name appears in a path, so that the records under it are of one kind, and a store
//! that grows keeps one path. Leaves out: paths (`data`, `json_path`).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::compare::is_id;

/// Replaces a name that is an id in paths: a name that differs from record to record and from scan to
/// scan does not name a field.
const ANY: &str = "*";

/// A name among the names of one object.
pub(in crate::detect) struct Sibling {
    /// The name as it is written.
    pub(in crate::detect) name: String,
    /// True when its value is an object or a list.
    pub(in crate::detect) holds: bool,
}

/// Returns the names of one object as they appear in paths.
///
/// Names such as `key1`, `key2` count up if their values are objects, or if there are no other names.
pub(in crate::detect) fn in_places(siblings: &[Sibling]) -> Vec<Cow<'_, str>> {
    let mut held: HashMap<String, usize> = HashMap::new();
    let mut alike: HashMap<String, usize> = HashMap::new();
    for one in siblings {
        if let Some(stem) = stem(&one.name) {
            *alike.entry(stem.clone()).or_default() += 1;
            if one.holds {
                *held.entry(stem).or_default() += 1;
            }
        }
    }
    let runs = |one: &Sibling| {
        let Some(stem) = stem(&one.name) else {
            return false;
        };
        let of = |counted: &HashMap<String, usize>| counted.get(&stem).copied().unwrap_or_default();
        let only = of(&alike) == siblings.len();
        if one.holds {
            only || of(&held) > 1
        } else {
            only && siblings.len() > 1
        }
    };
    siblings
        .iter()
        .map(|one| {
            if is_one_of_many(&one.name) || runs(one) {
                Cow::Borrowed(ANY)
            } else {
                Cow::Borrowed(one.name.as_str())
            }
        })
        .collect()
}

/// Returns true for an id, a date or an address.
fn is_one_of_many(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let date = digits >= 6
        && name
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-/.:T Z+".contains(&byte));
    let address = name
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    date || address || is_id(name)
}

/// Returns the name without the number at its end: `key17`, `user:3`, `/todos/4`.
fn stem(name: &str) -> Option<String> {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (stem.len() < name.len() && stem.len() <= 64).then(|| stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(names: &[(&str, bool)]) -> String {
        let siblings: Vec<Sibling> = names
            .iter()
            .map(|(name, holds)| Sibling {
                name: (*name).to_owned(),
                holds: *holds,
            })
            .collect();
        in_places(&siblings).join(" ")
    }

    #[test]
    fn names_that_count_up_or_are_ids_are_one_place() {
        for (names, expected) in [
            (&[("1", true), ("2", true)][..], "* *"),
            (&[("key1", true)], "*"),
            (
                &[("key1", true), ("key2", true), ("total", false)],
                "* * total",
            ),
            (&[("user:1", true), ("user:2", true)], "* *"),
            (&[("/todos/1", true), ("/todos/2", true)], "* *"),
            (&[("key1", false), ("key2", false)], "* *"),
            (&[("ann@corp.test", true), ("bob@corp.test", true)], "* *"),
            (&[("2024-05-01", true), ("2024-05-02", false)], "* *"),
            (&[("65f0a1b2c3d4e5f607182930", true)], "*"),
            (&[("9f1c2b7a-44d1-4e0c-95b8-a7f6e5d4c3b2", true)], "*"),
        ] {
            assert_eq!(places(names), expected, "{names:?}");
        }
    }

    #[test]
    fn names_with_a_number_of_their_own_are_kept() {
        for names in [
            &[("sha256", false)][..],
            &[("address1", false), ("address2", false), ("city", false)],
            &[("keys", true), ("address2", true)],
            &[("user", true), ("owner", true)],
            &[("name", false)],
        ] {
            let kept: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
            assert_eq!(places(names), kept.join(" "));
        }
    }
}
