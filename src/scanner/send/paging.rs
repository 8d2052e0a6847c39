//! The other pages of a list: what was stored last is often there.
//!
//! Owns: reading "last", "next" and numbered pages from links, headers and JSON. Pure.

use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;

use crate::http::Response;
use crate::plan::RequestTemplate;
use crate::surface::{Input, Place};
use crate::words::plain;

/// How many links of one page are examined.
const MAX_LINKS: usize = 2000;

/// The most digits of a page number.
const MAX_DIGITS: usize = 6;

/// Returns the paths and queries of a list's other pages, as far as one page names them: the last
/// one, the next one, then those with the highest numbers. Never the first page.
pub(crate) fn later_pages(url: &Url, answer: &Response) -> Vec<String> {
    let mut named = by_header(answer);
    if let Some(json) = answer.json() {
        named.extend(by_json(url, &json));
    }
    if answer.media_type().contains("html") {
        named.extend(by_html(url, answer));
    }
    let mut pages = Vec::new();
    for next in named {
        let Ok(next) = url.join(&next) else { continue };
        if next.path() != url.path() || next.query() == url.query() {
            continue;
        }
        let page = match next.query() {
            Some(query) => format!("{}?{query}", next.path()),
            None => continue,
        };
        if !pages.contains(&page) {
            pages.push(page);
        }
    }
    pages
}

/// Builds the read of another page of a list.
pub(crate) fn page_of(list: &RequestTemplate, page: String) -> RequestTemplate {
    let mut template = list.clone();
    let in_query = |input: &Input| input.place == Place::Query;
    template.fills.retain(|(input, _)| !in_query(input));
    template.path = Some(page);
    template
}

/// Reads `Link: <…>; rel="last", <…>; rel="next"` (RFC 8288).
fn by_header(answer: &Response) -> Vec<String> {
    let links: Vec<&str> = answer
        .headers_named("link")
        .flat_map(|line| line.split(','))
        .collect();
    let find = |rel: &str| {
        links.iter().find_map(|link| {
            let (target, parameters) = link.split_once('>')?;
            let named = parameters.contains(&format!("rel=\"{rel}\""))
                || parameters.contains(&format!("rel={rel}"));
            named.then(|| target.trim().trim_start_matches('<').to_owned())
        })
    };
    find("last").into_iter().chain(find("next")).collect()
}

/// Reads `last` and `next` fields that hold links or, if there are none, a number of pages beside
/// the number of this page.
fn by_json(url: &Url, json: &Value) -> Vec<String> {
    let Some(fields) = json.as_object() else {
        return Vec::new();
    };
    let mut places = vec![fields];
    for name in ["links", "_links", "meta", "pagination", "paging"] {
        places.extend(fields.get(name).and_then(Value::as_object));
    }
    let linked = |names: [&str; 3]| {
        places.iter().find_map(|place| {
            let link = names.iter().find_map(|name| place.get(*name))?;
            let text = link
                .as_str()
                .or_else(|| link.get("href").and_then(Value::as_str))?;
            (text.contains('/') || text.starts_with('?')).then(|| text.to_owned())
        })
    };
    let next = linked(["next", "next_url", "next_page_url"]);
    // Without a next page, the last page is this one.
    let last = linked(["last", "last_url", "last_page_url"]).filter(|_| next.is_some());
    let number = |names: &[&str]| {
        places.iter().find_map(|place| {
            names
                .iter()
                .find_map(|name| place.get(*name).and_then(Value::as_u64))
        })
    };
    let counted = || {
        let page = number(&["page", "current_page"])?;
        let pages = number(&["pages", "total_pages", "last_page", "page_count"])?;
        (pages > page).then(|| with_page(url, pages))
    };
    let links: Vec<String> = last.into_iter().chain(next).collect();
    if links.is_empty() {
        return counted().into_iter().collect();
    }
    links
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

/// Reads `<a rel="next">`, links whose text says so, and links whose text is a page number.
fn by_html(url: &Url, answer: &Response) -> Vec<String> {
    let Ok(selector) = Selector::parse("a[href], link[href]") else {
        return Vec::new();
    };
    let html = Html::parse_document(&answer.text());
    let (mut last, mut next) = (None, None);
    let mut numbered: Vec<(u64, String)> = Vec::new();
    for element in html.select(&selector).take(MAX_LINKS) {
        let href = element.attr("href").unwrap_or_default();
        let rel = element.attr("rel").unwrap_or_default();
        let is = |name: &str| rel.split_whitespace().any(|r| r.eq_ignore_ascii_case(name));
        let text: String = element
            .text()
            .collect::<String>()
            .trim()
            .to_ascii_lowercase();
        let is_last = matches!(text.as_str(), "last" | "last page" | "last »" | "»»");
        let is_next = matches!(
            text.as_str(),
            "next" | "next page" | "older" | "»" | "›" | "next »" | "next →" | "→"
        );
        if is("last") || is_last {
            last.get_or_insert_with(|| href.to_owned());
        } else if is("next") || is_next {
            next.get_or_insert_with(|| href.to_owned());
        } else if let Some(number) = page_number(url, href) {
            numbered.push((number, href.to_owned()));
        }
    }
    numbered.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    let mut numbered = numbered.into_iter().map(|(_, href)| href);
    let last = last.or_else(|| numbered.next());
    last.into_iter().chain(next).chain(numbered).collect()
}

/// Returns the page number that a link leads to, if that is another page of the same list and not
/// the first.
fn page_number(url: &Url, href: &str) -> Option<u64> {
    const NAMES: [&str; 9] = [
        "page",
        "p",
        "pg",
        "pageno",
        "pagenum",
        "pagenumber",
        "offset",
        "start",
        "skip",
    ];
    let other = url.join(href).ok()?;
    if other.path() != url.path() {
        return None;
    }
    let is_page = |name: &str| NAMES.contains(&plain(name).as_str());
    // It must be the same search, sorted in the same way.
    let same = url.query_pairs().all(|(name, value)| {
        is_page(&name)
            || other
                .query_pairs()
                .any(|pair| pair == (name.clone(), value.clone()))
    });
    let (name, value) = other.query_pairs().find(|(name, _)| is_page(name))?;
    let own = url
        .query_pairs()
        .any(|pair| pair == (name.clone(), value.clone()));
    let number: u64 = value.parse().ok().filter(|_| value.len() <= MAX_DIGITS)?;
    (same && !own && number > 1).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let url = Url::parse("http://h/items?limit=2").unwrap();
        later_pages(&url, &Response::of(200, headers, body))
    }

    fn next(headers: &[(&str, &str)], body: &str) -> Option<String> {
        later(headers, body).into_iter().next()
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

    #[test]
    fn the_last_page_comes_before_the_next_one_and_the_first_not_at_all() {
        let pages = |numbers: &[u64]| -> Vec<String> {
            let page = |number: &u64| format!("/items?limit=2&page={number}");
            numbers.iter().map(page).collect()
        };
        let link = "</items?limit=2&page=2>; rel=next, </items?limit=2&page=9>; rel=\"last\"";
        assert_eq!(later(&[("Link", link)], ""), pages(&[9, 2]));
        let html = [("Content-Type", "text/html")];
        let numbers = |numbers: &[u64], rest: &str| {
            let link = |n: &u64| format!("<a href='?limit=2&page={n}'>{n}</a> ");
            later(
                &html,
                &(numbers.iter().map(link).collect::<String>() + rest),
            )
        };
        assert_eq!(numbers(&[1, 2, 3], ""), pages(&[3, 2]));
        assert_eq!(
            numbers(&[2, 3, 9], "<a href='?limit=2&page=2'>Next</a>"),
            pages(&[9, 2, 3])
        );
        assert_eq!(
            numbers(&[2, 3], "<a rel=last href='?limit=2&page=40'>40</a>"),
            pages(&[40, 3, 2])
        );
        // Another size, another search or another path means another list.
        assert_eq!(
            later(
                &html,
                "<a href='?limit=5&page=2'>2</a> <a href='/x?limit=2&page=2'>2</a> <a href='?limit=2&id=7'>7</a>"
            ),
            [""; 0]
        );
        let json = [("Content-Type", "application/json")];
        let links = r#"{"links": {"last": "?limit=2&page=9", "next": "?limit=2&page=2"}}"#;
        assert_eq!(later(&json, links), pages(&[9, 2]));
    }
}
