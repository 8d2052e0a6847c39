//! Headers that an application tells browsers to send along: `Access-Control-Allow-Headers`.
//!
//! Owns: which of them are inputs, and of which operations. Leaves out: who may read the answer
//! (`detect`).

use std::collections::{BTreeMap, BTreeSet};

use super::Crawl;
use super::import::is_usual_header;
use crate::http::{Method, Request, Response};
use crate::surface::Template;
use crate::words::is_csrf;

/// Names kept, and operations of each, at most.
const MAX_NAMES: usize = 20;
const MAX_PLACES: usize = 500;

/// Names with the paths that allow them, and the method; `None` for all of a path.
#[derive(Debug, Default)]
pub(super) struct Allowed(pub(super) BTreeMap<String, BTreeSet<(Template, Option<Method>)>>);

impl Crawl {
    /// Notes the headers that an answer allows.
    pub(super) fn note_allowed_headers(&mut self, request: &Request, response: &Response) {
        let template = self.known.template_of(request.url.path());
        let method = Some(request.method).filter(|method| *method != Method::Options);
        let names = response
            .headers_named("access-control-allow-headers")
            .flat_map(|line| line.split(','))
            .map(|name| name.trim().to_ascii_lowercase());
        for name in names.filter(|name| is_own(name)) {
            if self.known.allowed.0.len() >= MAX_NAMES && !self.known.allowed.0.contains_key(&name)
            {
                continue;
            }
            let places = self.known.allowed.0.entry(name).or_default();
            if places.len() < MAX_PLACES {
                places.insert((template.clone(), method));
            }
        }
    }
}

/// True for a header of the application's own. `Authorization` stands in every such list; who asks for it
/// says so by `WWW-Authenticate`.
fn is_own(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let named = (2..=60).contains(&name.len()) && name.bytes().all(plain);
    named
        && !is_usual_header(name)
        && !is_csrf(name)
        && !matches!(name, "authorization" | "cookie")
        && !name.starts_with("access-control-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_headers_of_the_applications_own_are_inputs() {
        for name in ["x-kiosk-token", "apikey"] {
            assert!(is_own(name), "{name}");
        }
        for name in [
            "*",
            "content-type",
            "authorization",
            "x-csrf-token",
            "x-requested-with",
            "origin",
            "",
        ] {
            assert!(!is_own(name), "{name}");
        }
    }
}
