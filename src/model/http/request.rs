//! A request as a plain value.

use url::Url;

use crate::surface::Method;

/// The `Accept` header sent with every request, similar to that of browsers and API clients.
pub const ACCEPT: &str = "text/html,application/json;q=0.9,*/*;q=0.8";

/// One request, complete except for what the client adds (Host, User-Agent, the tester's headers).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL; query values are already percent-encoded.
    pub url: Url,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
    /// Names of headers and query values that are sent with every request but not with this one.
    pub withheld: Vec<String>,
}

impl Request {
    /// Creates a request without headers or body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            withheld: Vec::new(),
        }
    }

    /// Creates a plain GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// Returns the same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the first value of a header; case is ignored.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// Returns whether the client must not add this header, as the request has or withholds it.
    pub fn settles(&self, name: &str) -> bool {
        let withheld = self.withheld.iter();
        self.header(name).is_some()
            || withheld
                .into_iter()
                .any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Returns whether the client must not add this query value, as the request has or withholds
    /// it.
    pub fn settles_query(&self, name: &str) -> bool {
        self.withheld.iter().any(|own| own == name)
            || self.url.query_pairs().any(|(known, _)| known == name)
    }

    /// Sets a header, replacing one of the same name.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers
            .retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}
