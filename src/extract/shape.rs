//! Which path segments are values, and the template of a concrete path.
//!
//! Owns: telling an identifier from a page name. Leaves out: merging with a specification's templates
//! (`settle.rs`).

use std::collections::BTreeMap;

use super::found::is_stand_in;
use crate::words::is_uuid;

/// A path split into a template and the values it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathShape {
    /// The path with `{id}`, `{id2}`, … in place of values.
    pub template: String,
    /// The values by placeholder.
    pub values: BTreeMap<String, String>,
}

/// Returns the template of a concrete path; `carried` says which segments the request itself
/// contributed.
pub fn shape(path: &str, carried: impl Fn(&str) -> bool) -> PathShape {
    let mut values = BTreeMap::new();
    let mut complete = true;
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            let ours = is_stand_in(segment);
            if varies(segment) || ours || (!segment.is_empty() && carried(segment)) {
                let name = match values.len() {
                    0 => "id".to_owned(),
                    more => format!("id{}", more + 1),
                };
                // One of keyspill's own values is not a sample.
                complete &= !ours;
                values.insert(name.clone(), segment.to_owned());
                format!("{{{name}}}")
            } else {
                segment.to_owned()
            }
        })
        .collect();
    PathShape {
        template: segments.join("/"),
        values: if complete { values } else { BTreeMap::new() },
    }
}

/// Returns the path up to the last slash; empty for anything at the root.
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Returns true for integers, UUIDs, dates, at least 8 hex digits, `ObjectId`s and long tokens.
pub fn varies(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || segment.contains(['{', '%']) {
        return false;
    }
    let letters = bytes
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let hex = bytes.iter().all(u8::is_ascii_hexdigit);
    let plain = digits + letters == bytes.len();
    digits == bytes.len()
        || (hex && bytes.len() >= 8)
        || is_uuid(segment)
        || is_date(bytes)
        || (plain && bytes.len() >= 20 && digits >= 2)
        || (is_token(bytes) && digits >= 3)
}

/// Returns true for dates such as `2024-01-31` and `2024-01`.
fn is_date(bytes: &[u8]) -> bool {
    matches!(bytes.len(), 7 | 10)
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Returns true for base64url and signed tokens: long, with upper case, lower case and digits mixed.
fn is_token(bytes: &[u8]) -> bool {
    bytes.len() >= 22
        && bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(byte))
}

/// Returns true for a segment that names an action or a collection, even where a template accepts any
/// text.
pub fn is_action(segment: &str) -> bool {
    const NAMES: [&str; 34] = [
        "add", "all", "bulk", "config", "count", "create", "csv", "current", "debug", "default",
        "delete", "docs", "download", "edit", "export", "filter", "find", "health", "history",
        "import", "latest", "list", "login", "lookup", "me", "new", "query", "search", "self",
        "stats", "status", "summary", "update", "upload",
    ];
    let name = segment.split('.').next().unwrap_or_default();
    NAMES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_vary_and_names_do_not() {
        for segment in [
            "1",
            "007",
            "65f0c0ffee65f0c0ffee65f0",
            "deadbeef1",
            "2024-01-31",
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "k3j4h5g6k3j4h5g6k3j4h5g6",
            "eyJhbGciOiJIUzI1NiJ9.eyJ0",
        ] {
            assert!(varies(segment), "{segment}");
        }
        for segment in [
            "",
            "v1",
            "facade",
            "defaced",
            "keys",
            "oauth2",
            "export.csv",
            "{id}",
            "my-page-2",
        ] {
            assert!(!varies(segment), "{segment}");
        }
    }

    #[test]
    fn a_path_becomes_a_template_with_its_values() {
        let shape = shape("/users/7/keys/abc9def/", |segment| segment == "abc9def");
        assert_eq!(shape.template, "/users/{id}/keys/{id2}/");
        assert_eq!(shape.values["id"], "7");
        assert_eq!(shape.values["id2"], "abc9def");
    }

    #[test]
    fn a_value_of_our_own_is_a_placeholder_without_a_sample() {
        let shape = shape(&format!("/room/{}", crate::canary::STAND_IN), |_| false);
        assert_eq!(shape.template, "/room/{id}");
        assert!(shape.values.is_empty());
    }

    #[test]
    fn the_table_of_actions_is_sorted() {
        assert!(is_action("export.csv") && is_action("new") && !is_action("alice"));
    }
}
