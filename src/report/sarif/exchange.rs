//! Parses the masked text of an exchange into SARIF's web request and web response.
//!
//! [`crate::redact`] produces the text. Reports of other versions may differ, so whatever cannot be
//! read is left out rather than guessed.

use std::collections::BTreeMap;

use super::model::{Content, WebRequest, WebResponse};
use crate::finding::Role;
use crate::report::json::{EvidenceV1, ExchangeV1};

/// Returns the exchange that shows the finding: the last one whose answer contains the snippet,
/// otherwise the last one that was answered, preferring confirmations.
pub(super) fn telling(evidence: &EvidenceV1) -> Option<&ExchangeV1> {
    let snippet = evidence.snippet.trim_matches('…').trim();
    let importance = |role: Role| match role {
        Role::Replay => 4,
        Role::Read => 3,
        Role::Plant => 2,
        Role::Baseline => 1,
        Role::Control => 0,
    };
    evidence.exchanges.iter().max_by_key(|exchange| {
        let holds = |text: &String| !snippet.is_empty() && text.contains(snippet);
        (
            exchange.response.as_ref().is_some_and(holds),
            exchange.response.is_some(),
            importance(exchange.role),
        )
    })
}

pub(super) fn request(text: &str) -> Option<WebRequest> {
    let (first, headers, body) = parts(text);
    let mut words = first.split(' ');
    let method = words.next()?.to_owned();
    let target = words.next()?.to_owned();
    let (protocol, version) = words.next()?.split_once('/')?;
    Some(WebRequest {
        protocol: protocol.to_owned(),
        version: version.to_owned(),
        method,
        target,
        headers,
        body,
    })
}

pub(super) fn response(text: Option<&str>) -> Option<WebResponse> {
    let Some(text) = text else {
        return Some(WebResponse {
            protocol: None,
            version: None,
            status_code: None,
            headers: BTreeMap::new(),
            body: None,
            no_response_received: true,
        });
    };
    let (first, headers, body) = parts(text);
    let mut words = first.split(' ');
    let (protocol, version) = words.next()?.split_once('/')?;
    Some(WebResponse {
        protocol: Some(protocol.to_owned()),
        version: Some(version.to_owned()),
        status_code: Some(words.next()?.parse().ok()?),
        headers,
        body,
        no_response_received: false,
    })
}

/// Splits a message into first line, headers and body.
fn parts(text: &str) -> (&str, BTreeMap<String, String>, Option<Content>) {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    let (first, mut rest) = line(text);
    while !rest.is_empty() {
        let (one, after) = line(rest);
        rest = after;
        if one.is_empty() {
            break;
        }
        let (name, value) = one.split_once(':').unwrap_or((one, ""));
        headers
            .entry(name.to_owned())
            .and_modify(|known| {
                // SARIF allows one value per name.
                known.push_str(", ");
                known.push_str(value.trim());
            })
            .or_insert_with(|| value.trim().to_owned());
    }
    let body = (!rest.is_empty()).then(|| Content {
        text: rest.to_owned(),
    });
    (first, headers, body)
}

fn line(text: &str) -> (&str, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&str, &str)]) -> BTreeMap<String, String> {
        given
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_request_text_is_taken_apart() {
        let web = request("POST /k?a=b HTTP/1.1\nHost: h:1\nA: b: c\n\nx\n\ny").unwrap();
        assert_eq!(
            (web.method.as_str(), web.target.as_str()),
            ("POST", "/k?a=b")
        );
        assert_eq!(
            (web.protocol.as_str(), web.version.as_str()),
            ("HTTP", "1.1")
        );
        assert_eq!(web.headers, headers(&[("Host", "h:1"), ("A", "b: c")]));
        assert_eq!(web.body.unwrap().text, "x\n\ny");
    }

    #[test]
    fn a_response_text_is_taken_apart() {
        let web = response(Some("HTTP/1.1 404\nset-cookie: a=1\nset-cookie: b=2\n")).unwrap();
        assert_eq!(web.status_code, Some(404));
        assert_eq!(web.headers, headers(&[("set-cookie", "a=1, b=2")]));
        assert_eq!(web.body, None);
        assert!(response(None).unwrap().no_response_received);
    }

    #[test]
    fn what_is_no_exchange_is_left_out() {
        assert_eq!(request("nonsense"), None);
        assert_eq!(request(""), None);
        assert_eq!(response(Some("HTTP/1.1 abc")), None);
    }

    #[test]
    fn the_exchange_whose_answer_holds_the_snippet_is_the_telling_one() {
        let exchange = |role, response: Option<&str>| ExchangeV1 {
            role,
            request: "GET / HTTP/1.1".to_owned(),
            response: response.map(str::to_owned),
        };
        let mut evidence = EvidenceV1 {
            snippet: "…key: canary…".to_owned(),
            curl: vec!["curl".to_owned()],
            exchanges: vec![
                exchange(Role::Plant, Some("created")),
                exchange(Role::Read, Some("HTTP/1.1 200\n\nx key: canary y")),
                exchange(Role::Replay, Some("other")),
            ],
        };
        assert_eq!(telling(&evidence).unwrap().role, Role::Read);
        evidence.snippet = "elsewhere".to_owned();
        assert_eq!(telling(&evidence).unwrap().role, Role::Replay);
        evidence.exchanges[2].response = None;
        assert_eq!(telling(&evidence).unwrap().role, Role::Read);
        evidence.exchanges.clear();
        assert!(telling(&evidence).is_none());
    }
}
