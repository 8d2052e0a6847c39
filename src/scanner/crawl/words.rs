//! The tester's word list: paths to try, one a line.
//!
//! Owns: reading it, and its bounds. Leaves out: asking (the frontier), and telling a page from a
//! catch-all (`absent.rs`).

use std::collections::BTreeSet;

/// A list of so many paths, or fewer, is tried under each discovered prefix too: ten prefixes at most,
/// so a thousand requests. A longer one would cost tens of thousands.
pub const FEW: usize = 100;

/// Paths of one list, at most.
const MAX_WORDS: usize = 100_000;

/// Bytes of one path, at most.
const MAX_LENGTH: usize = 500;

/// Directories that get a control request of their own, at most.
const MAX_DIRECTORIES: usize = 50;

/// The paths of a list without their first slash, each once, and how many lines were no paths (a URL,
/// a control character, an endless line).
///
/// A line is a path, with or without a slash in front, and perhaps a query; `{id}` stands for any
/// value. Empty lines and those that begin with `#` are left out.
///
/// # Errors
///
/// Says that there is no path in it, or that there are too many.
pub fn paths(text: &str) -> Result<(Vec<String>, usize), String> {
    let mut seen = BTreeSet::new();
    let mut words = Vec::new();
    let mut odd = 0;
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        let word = line.trim_start_matches('/');
        if word.is_empty() || line.starts_with('#') {
            continue;
        }
        let strange = |letter: char| letter.is_control() || letter == '\u{fffd}';
        if line.len() > MAX_LENGTH || line.contains("://") || line.contains(strange) {
            odd += 1;
            continue;
        }
        // What stands behind `#` is never sent.
        let word = word.split('#').next().unwrap_or_default();
        if !word.is_empty() && seen.insert(word.to_owned()) {
            if words.len() >= MAX_WORDS {
                let number = number + 1;
                return Err(format!(
                    "more than {MAX_WORDS} paths (line {number}); split the list"
                ));
            }
            words.push(word.to_owned());
        }
    }
    if words.is_empty() {
        return Err("there is no path in it; it holds one a line".to_owned());
    }
    Ok((words, odd))
}

/// The directories of a list's paths, so that each can have its own answer for what is not there.
pub(super) fn directories(words: &[String]) -> BTreeSet<String> {
    let literal = words.iter().filter_map(|word| {
        let path = word.split('?').next()?.trim_end_matches('/');
        let (directory, _) = path.rsplit_once('/')?;
        (!directory.contains('{')).then(|| directory.to_owned())
    });
    literal
        .take(10_000)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .take(MAX_DIRECTORIES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_paths_comments_and_blank_lines() {
        let text =
            "# mine\n\n/admin\nadmin\n api/v1/users/{id} \nx?y=1\r\nhttp://h/z\na\u{7}b\n//c/\n";
        let (words, odd) = paths(text).unwrap();
        assert_eq!(words, ["admin", "api/v1/users/{id}", "x?y=1", "c/"]);
        assert_eq!(odd, 2);
    }

    #[test]
    fn a_list_without_a_path_or_with_too_many_says_so() {
        assert!(paths("# nothing\n\n").unwrap_err().contains("no path"));
        let lines: Vec<String> = (0..=MAX_WORDS).map(|n| format!("w{n}")).collect();
        let endless = lines.join("\n");
        assert!(paths(&endless).unwrap_err().contains("line 100001"));
    }

    #[test]
    fn directories_of_paths_are_named_once() {
        let words = ["a/b", "a/c", "x/{id}", "{id}/y", "top", "d/e/f/"].map(str::to_owned);
        let expected = ["a", "d/e", "x"].map(str::to_owned);
        assert_eq!(directories(&words), BTreeSet::from(expected));
    }
}
