//! A response as a plain value: decoded, capped, timed.

use std::borrow::Cow;
use std::time::Duration;

use time::OffsetDateTime;

/// One answer of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names (lower case) and values (bytes above 0x7f read as Latin-1), in order.
    pub headers: Vec<(String, String)>,
    /// The body after content decoding, limited to the client's maximum.
    pub body: Vec<u8>,
    /// Whether the body is incomplete: longer than the limit, stalled before its end, or broken
    /// off.
    pub truncated: bool,
    /// Whether the connection broke before the end of the body, so that what is missing from it
    /// proves nothing.
    pub broken: bool,
    /// Time from the request's departure to the last byte of the body.
    pub took: Duration,
    /// When the answer was complete (UTC).
    pub at: OffsetDateTime,
}

impl Response {
    /// Creates a response for examples and tests.
    pub fn of(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        Self {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
            truncated: false,
            broken: false,
            took: Duration::ZERO,
            at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    /// Returns the first value of a header; case is ignored.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// Returns every value of a header; case is ignored.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the body as text; invalid bytes become U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Returns the media type in lower case, without parameters; empty if there is none.
    pub fn media_type(&self) -> String {
        self.header("content-type")
            .and_then(|value| value.split(';').next())
            .map(|value| value.trim().to_ascii_lowercase())
            .unwrap_or_default()
    }

    /// Returns the body as JSON, if its media type or its first byte says that it is JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        let kind = self.media_type();
        let looks = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        let plausible = kind.ends_with("json") || matches!(looks, Some(b'{' | b'['));
        if plausible {
            serde_json::from_slice(&self.body).ok()
        } else {
            None
        }
    }

    /// Returns whether an answer reports a failure.
    ///
    /// That is a status of 400 or more, or a non-empty list of `errors` with nothing else but
    /// `data` and `extensions` (GraphQL, §7.1, with status 200).
    pub fn is_failure(&self) -> bool {
        if self.status >= 400 {
            return true;
        }
        // Avoids parsing most answers.
        if memchr::memmem::find(&self.body, b"\"errors\"").is_none() {
            return false;
        }
        let Some(serde_json::Value::Object(answer)) = self.json() else {
            return false;
        };
        let whole = answer
            .keys()
            .all(|key| matches!(key.as_str(), "data" | "errors" | "extensions"));
        let list = answer.get("errors").and_then(serde_json::Value::as_array);
        whole
            && list.is_some_and(|errors| {
                let told = |error: &serde_json::Value| error.get("message").is_some();
                !errors.is_empty() && errors.iter().all(told)
            })
    }

    /// Returns whether an answer was lost: cut off on its way, or replaced by a gateway that got
    /// none.
    pub const fn is_lost(&self) -> bool {
        self.broken || self.status == 502
    }

    /// Returns whether the status is 200 to 299.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Returns whether the status is 301, 302, 303, 307 or 308.
    pub const fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }
}

/// Returns whether the application itself did not answer: status 429, 502, 503 or 504.
pub const fn is_not_now(status: u16) -> bool {
    matches!(status, 429 | 502..=504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graphql_answer_with_errors_is_a_failure_whatever_its_status() {
        let failed =
            |body| Response::of(200, &[("content-type", "application/json")], body).is_failure();
        assert!(failed(
            r#"{"data": null, "errors": [{"message": "no such table: x"}]}"#
        ));
        assert!(!failed(r#"{"data": {"errors": [{"message": "seen"}]}}"#));
        assert!(!failed(r#"{"data": {}, "errors": []}"#));
        assert!(!failed(r#"{"errors": [{"message": "a log"}], "page": 1}"#));
        assert!(Response::of(404, &[], "").is_failure());
    }
}
