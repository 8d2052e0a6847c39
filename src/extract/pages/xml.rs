//! XML documents that list URLs: sitemaps and their indexes, RSS and Atom feeds, WADL.
//!
//! Owns: which texts and attributes are URLs. Leaves out: XHTML pages (`html.rs`).

use super::super::found::{Call, Found};
use super::{html, text};
use crate::unescape;

/// Elements whose text is a URL.
const ELEMENTS: [&str; 10] = [
    "loc", "link", "url", "guid", "comments", "docs", "uri", "id", "icon", "logo",
];

/// Attributes whose value is a URL.
const ATTRIBUTES: [&str; 9] = [
    "action", "href", "location", "path", "src", "template", "uri", "url", "xmlurl",
];

/// The most pieces of escaped HTML that are read.
const MAX_MARKUP: usize = 200;

/// Returns the URLs of an XML document. It is read leniently: hostile documents have no tree.
pub fn links(body: &str) -> Found {
    let mut found = Found::default();
    let mut rest = body;
    let mut markup = 0;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let (tag, content) = if let Some(inner) = rest.strip_prefix("![CDATA[") {
            let (inner, after) = inner.split_once("]]>").unwrap_or((inner, ""));
            rest = after;
            ("", inner.to_owned())
        } else {
            let Some(end) = rest.find('>') else { break };
            let tag = &rest[..end];
            rest = &rest[end + 1..];
            let content = rest.split('<').next().unwrap_or_default();
            (tag, unescape::html(content.trim()))
        };
        let name = tag.split([' ', '\t', '\n', '\r', '/']).next();
        let name = name
            .and_then(|name| name.rsplit(':').next())
            .unwrap_or_default();
        attributes(tag, &mut found);
        if content.contains('<') && content.contains('=') {
            // Feeds contain their entries as escaped HTML.
            markup += 1;
            if markup <= MAX_MARKUP {
                html::fragment(&content, &mut found);
            }
        } else if ELEMENTS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
            && (content.starts_with("http") || text::looks_like_path(&content))
        {
            found.link(content);
        } else {
            text::paths(&content, &mut found);
        }
    }
    found
}

/// Adds the URLs in a tag's attributes and quoted texts; `xml:base` applies to its own element.
fn attributes(tag: &str, found: &mut Found) {
    let mut rest = tag;
    let mut base = String::new();
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = rest[at..].chars().next().unwrap_or('"');
        let head = rest[..at].trim_end();
        // `SYSTEM "…"` has no name.
        let name = head.strip_suffix('=').map_or("", |head| {
            let name = head.trim_end().rsplit([' ', '\t', '\n', '\r']).next();
            name.unwrap_or_default()
        });
        rest = &rest[at + 1..];
        let Some((value, after)) = rest.split_once(quote) else {
            return;
        };
        rest = after;
        let value = unescape::html(value.trim());
        if name.starts_with("xmlns") || value.is_empty() {
            continue;
        }
        if name == "xml:base" {
            base = value;
            continue;
        }
        let plain = name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
        if ATTRIBUTES.contains(&plain.as_str()) {
            let own = value.starts_with('/') || value.contains(':') || base.is_empty();
            let url = if own { value } else { base.clone() + &value };
            found.link(without_holes(&url));
        } else if text::looks_like_path(&value) || value.starts_with("http") {
            found.push(Call::link(value).tentative());
        }
    }
}

/// Empties the placeholders of `?q={searchTerms}&n={count?}` (`OpenSearch`): they name query inputs
/// whose values the caller supplies.
fn without_holes(url: &str) -> String {
    let Some((path, query)) = url.split_once('?').filter(|(_, query)| query.contains('{')) else {
        return url.to_owned();
    };
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if value.starts_with('{') => format!("{name}="),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{path}?{}", pairs.join("&"))
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
