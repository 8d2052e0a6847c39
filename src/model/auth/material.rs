//! What is sent with each request of an identity.
//!
//! This module has headers, cookies and query values as plain pairs, and adds them to a request.
//! They come from `spec.rs` and `login.rs`.

use std::fmt;

use crate::http::Request;

/// Headers, cookies and query values of an identity.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Material {
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// Cookies.
    pub cookies: Vec<(String, String)>,
    /// Query values, not encoded yet.
    pub query: Vec<(String, String)>,
}

/// Shows the names, never the values.
impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("Material")
            .field("headers", &names(&self.headers))
            .field("cookies", &names(&self.cookies))
            .field("query", &names(&self.query))
            .finish()
    }
}

impl Material {
    /// Sets a header, replacing one of the same name.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Sets a cookie, replacing one of the same name.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(known, _)| known != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    /// Sets a query value, replacing one of the same name.
    pub fn set_query(&mut self, name: &str, value: &str) {
        self.query.retain(|(known, _)| known != name);
        self.query.push((name.to_owned(), value.to_owned()));
    }

    /// Returns whether it adds nothing.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.cookies.is_empty() && self.query.is_empty()
    }

    /// Returns the value of the `Cookie` header.
    pub fn cookie_header(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Adds this to a request.
    ///
    /// What the request already carries takes precedence: a canary in the same header, or a cookie
    /// that the application has just set in the same injection.
    pub fn add_to(&self, request: &mut Request) {
        for (name, value) in &self.headers {
            if !request.settles(name) {
                request.headers.push((name.clone(), value.clone()));
            }
        }
        if !self.cookies.is_empty() {
            let own = request.header("cookie").unwrap_or_default().to_owned();
            let new = self
                .cookies
                .iter()
                .filter(|(name, _)| !has_cookie(&own, name))
                .map(|(name, value)| format!("{name}={value}"));
            let known = (!own.is_empty()).then(|| own.clone());
            let all: Vec<String> = new.chain(known).collect();
            request.set_header("Cookie", &all.join("; "));
        }
        for (name, value) in &self.query {
            if !request.settles_query(name) {
                request.url.query_pairs_mut().append_pair(name, value);
            }
        }
    }

    /// Removes from a request the cookies that this has too.
    pub fn undress_cookies(&self, request: &mut Request) {
        let Some(own) = request.header("cookie").map(str::to_owned) else {
            return;
        };
        let name = |pair: &&str| pair.split('=').next().unwrap_or_default().trim().to_owned();
        let kept: Vec<&str> = own
            .split(';')
            .map(str::trim)
            .filter(|pair| !self.cookies.iter().any(|(known, _)| *known == name(pair)))
            .collect();
        request
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("cookie"));
        if !kept.is_empty() {
            request.set_header("Cookie", &kept.join("; "));
        }
    }

    /// Returns whether a request replaces one of these values with its own, so that its answer says
    /// nothing about the identity.
    ///
    /// Cookies do not count: they come from the jar of the injection.
    pub fn is_overridden(&self, request: &Request) -> bool {
        self.headers.iter().any(|(name, _)| request.settles(name))
            || self
                .query
                .iter()
                .any(|(name, _)| request.settles_query(name))
    }
}

/// Returns whether the value of a `Cookie` header has a cookie of this name.
pub(crate) fn has_cookie(header: &str, name: &str) -> bool {
    header
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .any(|(known, _)| known.trim() == name)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn material() -> Material {
        let mut material = Material::default();
        material.set_header("Authorization", "Bearer t");
        material.set_cookie("session", "mine");
        material.set_cookie("tenant", "acme");
        material.set_query("api_key", "a&b");
        material
    }

    #[test]
    fn a_request_gets_headers_cookies_and_query() {
        let mut request = Request::get(Url::parse("http://h/x?page=1").unwrap());
        material().add_to(&mut request);
        assert_eq!(request.header("authorization"), Some("Bearer t"));
        assert_eq!(request.header("cookie"), Some("session=mine; tenant=acme"));
        assert_eq!(request.url.query(), Some("page=1&api_key=a%26b"));
    }

    #[test]
    fn what_the_request_carries_itself_wins() {
        let mut request = Request::get(Url::parse("http://h/x?api_key=canary").unwrap())
            .with_header("authorization", "canary")
            .with_header("Cookie", "session=newer");
        assert!(material().is_overridden(&request));
        material().add_to(&mut request);
        assert_eq!(request.header("authorization"), Some("canary"));
        assert_eq!(request.header("cookie"), Some("tenant=acme; session=newer"));
        assert_eq!(request.url.query(), Some("api_key=canary"));
    }

    #[test]
    fn cookies_of_a_session_that_is_gone_are_taken_out() {
        let mut request = Request::get(Url::parse("http://h/x").unwrap())
            .with_header("cookie", "session=old; theme=dark");
        material().undress_cookies(&mut request);
        assert_eq!(request.header("cookie"), Some("theme=dark"));
        material().add_to(&mut request);
        assert_eq!(
            request.header("cookie"),
            Some("session=mine; tenant=acme; theme=dark")
        );
    }

    #[test]
    fn values_are_not_shown() {
        let shown = format!("{:?}", material());
        assert!(shown.contains("api_key"), "{shown}");
        assert!(
            !shown.contains("Bearer t") && !shown.contains("acme"),
            "{shown}"
        );
    }
}
