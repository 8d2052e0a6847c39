//! Removes canaries from an exchange before the crawl learns from it: a canary must not become a link
//! to fetch or an example to send.

use std::ops::Range;

use url::Url;

use crate::canary::{Recogniser, STAND_IN};
use crate::http::{Request, Response};

/// Returns the exchange without canaries, or `None` if it holds none.
pub fn scrub(
    recogniser: &Recogniser,
    request: &Request,
    response: &Response,
) -> Option<(Request, Response)> {
    let mut clean_request = request.clone();
    let mut clean = response.clone();
    let mut found = false;
    if let Some(url) = without(recogniser, request.url.as_str().as_bytes())
        && let Ok(url) = Url::parse(&String::from_utf8_lossy(&url))
    {
        clean_request.url = url;
        found = true;
    }
    if let Some(body) = without(recogniser, &response.body) {
        clean.body = body;
        found = true;
    }
    for (_, value) in &mut clean.headers {
        if let Some(scrubbed) = without(recogniser, value.as_bytes()) {
            *value = String::from_utf8_lossy(&scrubbed).into_owned();
            found = true;
        }
    }
    found.then_some((clean_request, clean))
}

fn without(recogniser: &Recogniser, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut spans: Vec<Range<usize>> = recogniser
        .scan(bytes)
        .into_iter()
        .map(|found| found.span)
        .collect();
    if spans.is_empty() {
        return None;
    }
    spans.sort_by_key(|span| span.start);
    let mut clean = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for span in spans {
        if span.start >= at {
            clean.extend_from_slice(&bytes[at..span.start]);
            // A bare number stays a number; otherwise JSON that repeats it would no longer be valid.
            let bare = span.start.checked_sub(1).map(|before| bytes[before]) != Some(b'"');
            let number = bytes[span.clone()].iter().all(u8::is_ascii_digit);
            let stand_in = if bare && number { "0" } else { STAND_IN };
            clean.extend_from_slice(stand_in.as_bytes());
            at = span.end;
        }
    }
    clean.extend_from_slice(&bytes[at..]);
    Some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canary::{Mint, RunKey, Shape};

    #[test]
    fn a_canary_leaves_a_stand_in_in_url_header_and_body() {
        let mut mint = Mint::new(RunKey::from_seed(3));
        let text = mint.plant(Shape::Token).text;
        let request = Request::get(Url::parse(&format!("http://h/x?key={text}")).unwrap());
        let location = format!("/welcome?key={text}");
        let response = Response::of(302, &[("Location", &location)], &format!("<a>{text}</a>"));
        let (request, response) = scrub(&mint.recogniser(), &request, &response).unwrap();
        assert_eq!(request.url.query(), Some(&*format!("key={STAND_IN}")));
        assert_eq!(
            response.header("location"),
            Some(&*format!("/welcome?key={STAND_IN}"))
        );
        assert_eq!(response.text(), format!("<a>{STAND_IN}</a>"));
    }

    #[test]
    fn an_exchange_without_canaries_stays_as_it_is() {
        let mint = Mint::new(RunKey::from_seed(3));
        let request = Request::get(Url::parse("http://h/x").unwrap());
        assert_eq!(
            scrub(&mint.recogniser(), &request, &Response::of(200, &[], "x")),
            None
        );
    }
}
