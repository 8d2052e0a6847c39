//! XML documents that list URLs: sitemaps and their indexes, RSS and Atom feeds, WADL.
//!
//! Owns: the texts and attributes in them that are URLs. Leaves out: XHTML pages (`html.rs`).

use super::super::found::Found;
use super::text;

/// Elements whose text is a URL.
const ELEMENTS: [&str; 8] = [
    "loc", "link", "url", "guid", "comments", "docs", "uri", "id",
];

/// The URLs of an XML document, read leniently: hostile documents have no tree.
pub fn links(body: &str) -> Found {
    let mut found = Found::default();
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let Some(end) = rest.find('>') else { break };
        let tag = &rest[..end];
        let name = tag
            .split([' ', '\t', '\n', '\r', '/'])
            .next()
            .unwrap_or_default();
        let name = name.rsplit(':').next().unwrap_or_default();
        attributes(tag, &mut found);
        if ELEMENTS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
        {
            let content = rest[end + 1..].split('<').next().unwrap_or_default();
            let content = unescape(content.trim());
            if content.starts_with("http") || text::looks_like_path(&content) {
                found.link(content);
            }
        }
        rest = &rest[end + 1..];
    }
    found
}

fn attributes(tag: &str, found: &mut Found) {
    for name in ["href=", "src=", "url=", "path="] {
        let mut rest = tag;
        while let Some(at) = rest.find(name) {
            rest = &rest[at + name.len()..];
            if let Some(quote @ ('"' | '\'')) = rest.chars().next()
                && let Some(value) = rest[1..].split(quote).next()
                && !value.is_empty()
            {
                found.link(unescape(value));
            }
        }
    }
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sitemaps_and_feeds_give_their_urls() {
        let found = links(
            "<?xml version='1.0'?><urlset><url><loc> http://h/a?x=1&amp;y=2 </loc></url></urlset>
             <feed><link href=\"/f\"/><id>urn:x</id></feed><",
        );
        let urls: Vec<&str> = found.calls.iter().map(|call| call.url.as_str()).collect();
        assert_eq!(urls, ["http://h/a?x=1&y=2", "/f"]);
    }
}
