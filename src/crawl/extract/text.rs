//! Paths that stand in running text.
//!
//! Owns: what looks like a path. Leaves out: everything with markup of its own.

use super::super::found::{Call, Found};

/// A text teaches no more paths than this.
const MAX_PATHS: usize = 500;

/// Absolute, `/rooted` and `./relative` URLs in running text; none is certain.
pub fn paths(text: &str, found: &mut Found) {
    if !text.contains('/') {
        return;
    }
    // `</p>` in a text that is no page.
    let text = text.replace("</", " ");
    let words = text.split(|c: char| c.is_whitespace() || "\"'`<>()[]{}|,;\\".contains(c));
    for word in words.filter(|word| word.contains('/')).take(MAX_PATHS) {
        let word = word.trim_end_matches(['.', ':', '!', '?', '*', '…']);
        // `url=/x`, `URL:http://h/x`
        let word = word.strip_prefix("url=").unwrap_or(word);
        let word = word
            .find("http")
            .map_or(word, |at| word.get(at..).unwrap_or(word));
        if word.starts_with("http://") || word.starts_with("https://") || looks_like_path(word) {
            found.push(Call::link(word).tentative());
        }
    }
}

/// True for `/a`, `/a/b?c=d`, `./a`, `../a`: one word, rooted, beginning with a letter, a digit, `_`
/// or `.`, and not a file system path, a media type or a closing tag.
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
        let urls: Vec<&str> = found.calls.iter().map(|call| call.url.as_str()).collect();
        assert_eq!(urls, ["/api/keys", "https://h/docs"]);
    }
}
