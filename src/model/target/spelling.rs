//! How a server may read a path: with percent-encoding undone as often as some intermediary may do
//! it, and with dot segments resolved.
//!
//! This module lists the spellings that scope and policy check. The checks are in `target.rs` and
//! `policy.rs`.

use percent_encoding::percent_decode_str;

/// Maximum number of times that a path is decoded: no legitimate path is encoded so often.
const MOST_DECODED: usize = 8;

/// Returns a path as it is, then decoded once, twice and so on until nothing is left to decode.
///
/// Returns `None` if it is encoded too often to be judged.
pub(crate) fn decoded(path: &str) -> Option<Vec<String>> {
    let mut levels = vec![path.to_owned()];
    for _ in 0..MOST_DECODED {
        let last = levels.last()?;
        if !last.contains('%') {
            return Some(levels);
        }
        let next = percent_decode_str(last).decode_utf8_lossy().into_owned();
        if next == *last {
            return Some(levels);
        }
        levels.push(next);
    }
    None
}

/// Returns the paths that servers may read from a path.
///
/// That is the path as written; if it has dot segments, empty segments, backslashes or parameters,
/// they are resolved in each way that servers do.
pub(super) fn places(path: &str) -> Vec<String> {
    let odd = path.contains("//")
        || path.contains(['\\', ';'])
        || path.split('/').any(|segment| matches!(segment, "." | ".."));
    if !odd {
        return vec![path.to_owned()];
    }
    let mut places: Vec<String> = Reader::ALL.iter().map(|one| resolved(path, *one)).collect();
    places.dedup();
    places
}

/// How a server treats empty segments and parameters (`;v=1`) when it resolves dot segments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Keeps both.
    Plain,
    /// Drops segments that are empty except for parameters; keeps the parameters of others.
    Merging,
    /// Drops both.
    Bare,
}

impl Reader {
    const ALL: [Self; 3] = [Self::Plain, Self::Merging, Self::Bare];
}

/// Returns a path without dot segments, as a server reads it.
fn resolved(path: &str, reader: Reader) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let rest = path.strip_prefix(['/', '\\']).unwrap_or(path);
    let mut segments = rest.split(['/', '\\']).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        let bare = segment.split(';').next().unwrap_or_default();
        match bare {
            "." | ".." => {
                if bare == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            "" if reader != Reader::Plain && !last => {}
            _ if reader == Reader::Bare => kept.push(bare),
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_until_nothing_is_left() {
        let levels = |path| decoded(path).unwrap();
        assert_eq!(levels("/a/b"), ["/a/b"]);
        assert_eq!(levels("/100%"), ["/100%"]);
        assert_eq!(levels("/de%6cete"), ["/de%6cete", "/delete"]);
        assert_eq!(
            levels("/%252e%252e/x"),
            ["/%252e%252e/x", "/%2e%2e/x", "/../x"]
        );
        let often = format!("/%{}41", "25".repeat(20));
        assert_eq!(decoded(&often), None);
    }

    #[test]
    fn dots_are_resolved_as_servers_do() {
        assert_eq!(places("/app/x"), ["/app/x"]);
        assert_eq!(places("/app/../out"), ["/out"]);
        assert_eq!(places("/app/..;/out"), ["/out"]);
        assert_eq!(places("/app/..\\out"), ["/out"]);
        assert_eq!(places("/app//../out"), ["/app/out", "/out"]);
        assert_eq!(places("/app;v=1/x/"), ["/app;v=1/x/", "/app/x/"]);
        assert_eq!(
            places("/app/;v/..;/app;w"),
            ["/app/app;w", "/app;w", "/app"]
        );
        assert_eq!(places("/../../x/."), ["/x/"]);
    }
}
