//! The next page of a list: what was stored last often stands there.
//!
//! Owns: reading "next" from links, headers and JSON. Pure.

use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;

use crate::http::Response;

/// The path and query of the page after (or, where pages are numbered, the last one of) a list.
pub(crate) fn next_page(url: &Url, answer: &Response) -> Option<String> {
    let next = by_header(answer)
        .or_else(|| answer.json().and_then(|json| by_json(url, &json)))
        .or_else(|| by_html(answer))?;
    let next = url.join(&next).ok()?;
    let same = next.path() == url.path() && next.query() != url.query();
    same.then(|| match next.query() {
        Some(query) => format!("{}?{query}", next.path()),
        None => next.path().to_owned(),
    })
}

/// `Link: <…>; rel="next"` (RFC 8288).
fn by_header(answer: &Response) -> Option<String> {
    answer
        .headers_named("link")
        .flat_map(|line| line.split(','))
        .find_map(|link| {
            let (target, parameters) = link.split_once('>')?;
            let next = parameters.contains("rel=\"next\"") || parameters.contains("rel=next");
            next.then(|| target.trim().trim_start_matches('<').to_owned())
        })
}

/// A `next` field that is a link, or a number of pages beside the page's own.
fn by_json(url: &Url, json: &Value) -> Option<String> {
    let fields = json.as_object()?;
    let mut places = vec![fields];
    for name in ["links", "_links", "meta", "pagination", "paging"] {
        places.extend(fields.get(name).and_then(Value::as_object));
    }
    let linked = places.iter().find_map(|place| {
        let next = ["next", "next_url", "next_page_url"]
            .iter()
            .find_map(|n| place.get(*n))?;
        let text = next
            .as_str()
            .or_else(|| next.get("href").and_then(Value::as_str))?;
        (text.contains('/') || text.starts_with('?')).then(|| text.to_owned())
    });
    linked.or_else(|| {
        let number = |names: &[&str]| {
            places.iter().find_map(|place| {
                names
                    .iter()
                    .find_map(|name| place.get(*name).and_then(Value::as_u64))
            })
        };
        let page = number(&["page", "current_page"])?;
        let pages = number(&["pages", "total_pages", "last_page", "page_count"])?;
        (pages > page).then(|| with_page(url, pages))
    })
}

fn with_page(url: &Url, page: u64) -> String {
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "page")
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    pairs.push(("page".to_owned(), page.to_string()));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("?{query}")
}

/// `<a rel="next">`, or a link that says so.
fn by_html(answer: &Response) -> Option<String> {
    if !answer.media_type().contains("html") {
        return None;
    }
    let selector = Selector::parse("a[href], link[href]").ok()?;
    let html = Html::parse_document(&answer.text());
    let found = html.select(&selector).find(|element| {
        let rel = element.attr("rel").unwrap_or_default();
        let text: String = element
            .text()
            .collect::<String>()
            .trim()
            .to_ascii_lowercase();
        rel.split_whitespace()
            .any(|word| word.eq_ignore_ascii_case("next"))
            || matches!(
                text.as_str(),
                "next" | "next page" | "older" | "»" | "›" | "next »" | "next →" | "→"
            )
    })?;
    found.attr("href").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(headers: &[(&str, &str)], body: &str) -> Option<String> {
        let url = Url::parse("http://h/items?limit=2").unwrap();
        next_page(&url, &Response::of(200, headers, body))
    }

    #[test]
    fn the_next_page_is_named_by_header_json_and_html() {
        let json = [("Content-Type", "application/json")];
        let html = [("Content-Type", "text/html")];
        let two = Some("/items?limit=2&page=2".to_owned());
        assert_eq!(
            next(&[("Link", "</items?limit=2&page=2>; rel=\"next\"")], ""),
            two
        );
        assert_eq!(
            next(&json, r#"{"links": {"next": {"href": "?limit=2&page=2"}}}"#),
            two
        );
        assert_eq!(
            next(&html, r#"<a href="?limit=2&amp;page=2">Next</a>"#),
            two
        );
        assert_eq!(
            next(&json, r#"{"items": [], "page": 1, "pages": 9}"#),
            Some("/items?limit=2&page=9".to_owned())
        );
    }

    #[test]
    fn another_page_of_the_site_is_no_next_page() {
        let html = [("Content-Type", "text/html")];
        assert_eq!(next(&html, r#"<a href="/checkout?step=2">Next</a>"#), None);
        assert_eq!(
            next(&[("Content-Type", "application/json")], r#"{"next": null}"#),
            None
        );
    }
}
