//! A request as a plain value.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// An HTTP method, upper-case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads headers only.
    Head,
    /// Asks what is allowed.
    Options,
    /// Creates or submits.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// Every method that keyspill knows, in the order in which they are sent.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
    ];

    /// The method as it stands on the request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// True for methods that RFC 9110 §9.2.1 calls safe: they only read.
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options)
    }

    /// True where a request body is expected.
    pub const fn takes_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.trim().to_ascii_uppercase();
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == upper)
            .ok_or_else(|| format!("{text:?} is not an HTTP method that keyspill sends"))
    }
}

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
