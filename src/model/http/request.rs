//! A request as a plain value.

use url::Url;

use crate::surface::Method;

/// What browsers and API clients ask for alike; sent with every request.
pub const ACCEPT: &str = "text/html,application/json;q=0.9,*/*;q=0.8";

/// One request, complete but for what the client adds (Host, User-Agent, the tester's headers).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL; query values are already percent-encoded.
    pub url: Url,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// Headers and query values that go with every request and not with this one, by name.
    pub withheld: Vec<String>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            withheld: Vec::new(),
        }
    }

    /// A plain GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first value of a header, by name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// True where this header is not added to what the request holds itself.
    pub fn settles(&self, name: &str) -> bool {
        let withheld = self.withheld.iter();
        self.header(name).is_some()
            || withheld
                .into_iter()
                .any(|own| own.eq_ignore_ascii_case(name))
    }

    /// True where this query value is not added to what the request holds itself.
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
