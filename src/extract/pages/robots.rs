//! `robots.txt`: what it forbids is what interests a tester.
//!
//! Owns: reading its lines as paths. Leaves out: obeying it (a tester has permission to look).

use super::super::found::{Call, Found};
use super::text;

/// Reads the paths of `Allow`, `Disallow` and `Sitemap` lines.
pub fn lines(body: &str) -> Found {
    let mut found = Found::default();
    for line in body.lines() {
        let (line, comment) = line.split_once('#').unwrap_or((line, ""));
        text::paths(comment, &mut found);
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        let value = value.trim();
        if name == "sitemap" {
            found.link(value);
        } else if matches!(name.as_str(), "allow" | "disallow" | "noindex") {
            // A rule is a prefix: the part before its first wildcard may be a page.
            let path = value.split(['*', '$']).next().unwrap_or_default();
            if path.len() > 1 && path.starts_with('/') {
                found.push(Call::link(path).tentative());
                let page = path.trim_end_matches('/');
                if page != path {
                    found.push(Call::link(page).tentative());
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_become_paths_to_look_at() {
        let found = lines(
            "User-agent: *\nDisallow: /secret # no\nAllow: /pub/*.html$\nDISALLOW: /\nSitemap: http://h/s.xml\nx",
        );
        let urls: Vec<&str> = found.calls.iter().map(|call| call.url.as_str()).collect();
        assert_eq!(urls, ["/secret", "/pub/", "/pub", "http://h/s.xml"]);
        assert!(found.calls[0].tentative);
    }
}
