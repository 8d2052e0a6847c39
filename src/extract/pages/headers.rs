//! Response headers that carry URLs or methods.
//!
//! Owns: `Location`, `Content-Location`, `Link`, `Refresh`, `SourceMap`, reporting endpoints, `Allow`.
//! Leaves out: following redirects (the client and the frontier).

use serde_json::Value;

use super::super::found::{Call, Found};
use super::text;
use crate::http::{Method, Response};
use crate::surface::Provenance;

/// Returns the URLs in an answer's headers.
pub fn links(response: &Response) -> Found {
    let mut found = Found::default();
    for name in [
        "location",
        "content-location",
        "sourcemap",
        "x-sourcemap",
        "x-pingback",
    ] {
        for value in response.headers_named(name) {
            found.link(value.trim());
        }
    }
    for value in response.headers_named("refresh") {
        if let Some(url) = refresh_url(value) {
            found.link(url);
        }
    }
    for value in response.headers_named("link") {
        for url in link_urls(value) {
            found.link(url);
        }
    }
    for name in [
        "content-security-policy",
        "content-security-policy-report-only",
    ] {
        for value in response.headers_named(name) {
            policy_reports(value, &mut found);
        }
    }
    for value in response.headers_named("reporting-endpoints") {
        for url in value.split('"').skip(1).step_by(2) {
            found.push(Call::new(Method::Post, url, Provenance::Link));
        }
    }
    for value in response.headers_named("report-to") {
        // JSON objects separated by commas.
        for group in serde_json::from_str::<Vec<Value>>(&format!("[{value}]")).unwrap_or_default() {
            let ends = group["endpoints"].as_array().into_iter().flatten();
            for url in ends.take(20).filter_map(|end| end["url"].as_str()) {
                found.push(Call::new(Method::Post, url, Provenance::Link));
            }
        }
    }
    for value in response.headers_named("set-cookie") {
        // A cookie's path is the part of the application that the cookie is meant for.
        let attributes = value
            .split(';')
            .filter_map(|part| part.trim().split_once('='));
        for (name, path) in attributes {
            if name.eq_ignore_ascii_case("path") && text::looks_like_path(path) {
                found.push(Call::link(path).tentative());
            }
        }
    }
    // The application's own headers, and challenges.
    for (name, value) in &response.headers {
        if !OTHER_MEANING.contains(&name.to_ascii_lowercase().as_str()) {
            text::paths(value, &mut found);
        }
    }
    found
}

/// Headers that are read above, or whose values are not addresses.
const OTHER_MEANING: [&str; 14] = [
    "location",
    "content-location",
    "content-disposition",
    "content-security-policy",
    "content-security-policy-report-only",
    "content-type",
    "etag",
    "link",
    "refresh",
    "report-to",
    "reporting-endpoints",
    "server",
    "set-cookie",
    "via",
];

/// Returns the methods of an `Allow` header.
pub fn allowed(response: &Response) -> Vec<Method> {
    let mut methods: Vec<Method> = response
        .headers_named("allow")
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.parse().ok())
        .collect();
    methods.sort_unstable();
    methods.dedup();
    methods
}

/// Returns the URL in `5; url=/next`, as the header and the meta element write it.
pub fn refresh_url(value: &str) -> Option<String> {
    let (_, rest) = value.split_once([';', ','])?;
    let rest = rest.trim();
    let url = match rest.split_once('=') {
        Some((name, url)) if name.trim().eq_ignore_ascii_case("url") => url.trim(),
        _ => rest,
    };
    let url = url.trim_matches(['"', '\'']);
    (!url.is_empty()).then(|| url.to_owned())
}

/// Adds the `report-uri` URLs of a content security policy, which take a POST.
pub fn policy_reports(policy: &str, found: &mut Found) {
    for directive in policy.split(';') {
        let mut words = directive.split_whitespace();
        if words
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("report-uri"))
        {
            for url in words {
                found.push(Call::new(Method::Post, url, Provenance::Link));
            }
        }
    }
}

fn link_urls(value: &str) -> impl Iterator<Item = &str> {
    value
        .split('<')
        .skip(1)
        .filter_map(|part| part.split('>').next())
        .map(str::trim)
        .filter(|url| !url.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_carry_links_and_methods() {
        let response = Response::of(
            405,
            &[
                ("Location", "/login?next=/x"),
                ("Link", "</a?page=2>; rel=\"next\", </b>; rel=last"),
                ("Refresh", "0; URL='/r'"),
                ("Allow", "GET, post,TRACE"),
                (
                    "Content-Security-Policy",
                    "default-src 'self'; report-uri /csp",
                ),
            ],
            "",
        );
        let urls: Vec<String> = links(&response).calls.into_iter().map(|c| c.url).collect();
        assert_eq!(urls, ["/login?next=/x", "/r", "/a?page=2", "/b", "/csp"]);
        assert_eq!(allowed(&response), [Method::Get, Method::Post]);
    }
}
