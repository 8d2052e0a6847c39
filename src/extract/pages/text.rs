//! Paths in running text, and the methods before them.
//!
//! Owns: what looks like a path, and how a text splits into words. Leaves out: anything with its own
//! markup, and commands (`curl.rs`).

use super::super::found::{Call, Found};
use super::curl;
use crate::http::Method;
use crate::surface::Provenance;

/// The most paths taken from one text.
const MAX_PATHS: usize = 500;

/// The most words between a method and its path: `POST requests to /x`.
const MAX_BETWEEN: usize = 3;

/// The most bytes of a placeholder's name with its converter.
const MAX_NAME: usize = 60;

/// Adds absolute, `/rooted` and `./relative` URLs in running text, and the requests of its `curl`
/// commands; none of them is certain.
pub fn paths(text: &str, found: &mut Found) {
    if text.contains('/') {
        curl::commands(text, found);
        sentence(text, Methods::default(), found);
    }
}

/// Methods waiting for their path: `GET, POST /x`, `<td>POST</td><td>/x</td>`.
#[derive(Clone, Debug, Default)]
pub(super) struct Methods {
    open: Vec<Method>,
    /// The number of words since the last method.
    since: usize,
}

impl Methods {
    /// Processes a word that is not a path.
    fn take(&mut self, word: &str) {
        let word = word.trim_matches(':');
        let names: Option<Vec<Method>> = word
            .split('/')
            .map(|name| {
                let upper = name.bytes().all(|byte| byte.is_ascii_uppercase());
                upper.then(|| name.parse().ok())?
            })
            .collect();
        if let Some(names) = names {
            if self.since > 0 {
                self.open.clear();
            }
            self.since = 0;
            for name in names {
                if !self.open.contains(&name) {
                    self.open.push(name);
                }
            }
            return;
        }
        let between = [
            "to", "at", "on", "the", "a", "request", "requests", "endpoint",
        ];
        self.since += 1;
        if self.since > MAX_BETWEEN || !between.contains(&word.to_ascii_lowercase().as_str()) {
            self.open.clear();
        }
    }

    /// Returns the methods for the path just found; a path without any is a GET.
    fn close(&mut self) -> Vec<Method> {
        let mut methods = std::mem::take(&mut self.open);
        methods.retain(|method| !matches!(method, Method::Head | Method::Options));
        if methods.is_empty() {
            methods.push(Method::Get);
        }
        methods
    }
}

/// Adds the paths of one piece of text. `methods` are those left open by the previous piece; the ones
/// left open by this piece are returned.
pub(super) fn sentence(text: &str, mut methods: Methods, found: &mut Found) -> Methods {
    // `</p>` in a text that is not a page.
    let text = text.replace("</", " ");
    let mut left = MAX_PATHS;
    for word in words(&text) {
        if left == 0 {
            break;
        }
        let whole = word;
        let word = word.trim_end_matches(['.', ':', '!', '?', '*', '…']);
        // `url=/x`, `URL:http://h/x`
        let word = word.strip_prefix("url=").unwrap_or(word);
        let word = word
            .find("http")
            .map_or(word, |at| word.get(at..).unwrap_or(word));
        let absolute = word.starts_with("http://") || word.starts_with("https://");
        if absolute || looks_like_path(word) {
            left -= 1;
            for method in methods.close() {
                found.push(Call::new(method, word, Provenance::Link).tentative());
            }
        } else {
            methods.take(whole);
        }
    }
    methods
}

/// Splits a text into words; a placeholder in a path is part of its word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let ends = |c: char| c.is_whitespace() || "\"'`<>()[]{}|,;\\".contains(c);
        rest = rest.trim_start_matches(ends);
        let mut at = 0;
        while let Some(more) = rest[at..].find(ends) {
            at += more;
            match placeholder(&rest[..at], &rest[at..]) {
                Some(length) => at += length,
                None => {
                    let (word, after) = rest.split_at(at);
                    rest = after;
                    return Some(word);
                }
            }
        }
        let word = std::mem::take(&mut rest);
        (!word.is_empty()).then_some(word)
    })
}

/// Returns the length of the placeholder at the start of a text, given what precedes it in its word:
/// `/keys/` and `<int:id>`, `/export/` and `{name}.csv`.
fn placeholder(before: &str, text: &str) -> Option<usize> {
    // Tags: names of one or two letters that are not words for a thing.
    const TAGS: [&str; 18] = [
        "a", "b", "i", "p", "q", "s", "u", "br", "hr", "li", "tr", "td", "th", "ul", "ol", "dl",
        "em", "tt",
    ];
    let in_path = before.contains('/') && !before.contains(['?', '#']);
    let close = match text.as_bytes().first()? {
        b'<' if in_path && before.ends_with('/') => '>',
        b'{' if in_path => '}',
        _ => return None,
    };
    let end = text.find(close).filter(|end| *end <= MAX_NAME)?;
    let inside = &text[1..end];
    let name = inside.rsplit(':').next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(plain)
        && inside.chars().all(|c| plain(c) || c == ':')
        && !TAGS.contains(&inside);
    fits.then_some(end + 1)
}

/// Returns true for `/a`, `/a/b?c=d`, `./a` and `../a`: a single word that starts with a letter, a
/// digit or one of a few marks after its slash, and is not a file system path or a closing tag.
pub fn looks_like_path(text: &str) -> bool {
    let rest = text
        .strip_prefix("../")
        .or_else(|| text.strip_prefix("./"))
        .or_else(|| text.strip_prefix('/'));
    let Some(rest) = rest else { return false };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    text.len() < 500
        && path.starts_with(|c: char| c.is_ascii_alphanumeric() || "_.{<$~".contains(c))
        && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
        && path
            .chars()
            .all(|c| c.is_alphanumeric() || "/._-~%{}<>:@+$!&=,".contains(c))
        && !is_file_system(text)
}

fn is_file_system(text: &str) -> bool {
    const ROOTS: [&str; 10] = [
        "/usr/", "/home/", "/etc/", "/var/", "/opt/", "/tmp/", "/lib/", "/root/", "/proc/", "/bin/",
    ];
    ROOTS.iter().any(|root| text.starts_with(root))
        || text.rsplit_once('.').is_some_and(|(_, end)| end == "py")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_sentences_are_noticed() {
        let mut found = Found::default();
        paths(
            "POST to /api/keys, or see (https://h/docs). Not and/or, 1/2, /, //, /etc/passwd </p>",
            &mut found,
        );
        assert_eq!(lines(&found), ["POST /api/keys", "GET https://h/docs"]);
    }

    fn lines(found: &Found) -> Vec<String> {
        let line = |call: &Call| format!("{} {}", call.method, call.url);
        found.calls.iter().map(line).collect()
    }

    #[test]
    fn documentation_names_methods_and_placeholders() {
        for (text, expected) in [
            ("POST /a/<id>/events", &["POST /a/<id>/events"][..]),
            ("`DELETE /a/<int:id>`.", &["DELETE /a/<int:id>"]),
            (
                "PUT: /a/{id}.csv, or PATCH /a/:id",
                &["PUT /a/{id}.csv", "PATCH /a/:id"],
            ),
            (
                "GET, POST /a and GET/PUT http://h/b",
                &["GET /a", "POST /a", "GET http://h/b", "PUT http://h/b"],
            ),
            (
                "Send a POST request to the /a endpoint; /b lists",
                &["POST /a", "GET /b"],
            ),
            ("POST is refused, see /a", &["GET /a"]),
            ("HEAD /a", &["GET /a"]),
            (
                "We post /a/<br>/b <b>/c</b> and/or {/d} ${base}/e /f?x={y}",
                &[
                    "GET /a/",
                    "GET /b",
                    "GET /c",
                    "GET /d",
                    "GET /e",
                    "GET /f?x=",
                ],
            ),
        ] {
            let mut found = Found::default();
            paths(text, &mut found);
            assert_eq!(lines(&found), expected, "{text}");
            assert!(found.calls.iter().all(|call| call.tentative));
        }
    }

    #[test]
    fn a_method_may_stand_in_another_piece_than_its_path() {
        let mut found = Found::default();
        let open = sentence("POST", Methods::default(), &mut found);
        let open = sentence(" ", open, &mut found);
        sentence("/a", open, &mut found);
        assert_eq!(lines(&found), ["POST /a"]);
    }
}
