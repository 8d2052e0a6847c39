//! Credentials and cookies that answers ask for or set: `WWW-Authenticate`, `Set-Cookie`.
//!
//! Owns: which inputs they make, of which operations. Leaves out: what error texts name
//! (`clues/errors`).

use std::collections::{BTreeMap, BTreeSet};

use super::found::hint_of;
use super::{Crawl, inputs};
use crate::http::{Request, Response};
use crate::signed;
use crate::surface::{Input, Place, Provenance, Template, TypeHint};
use crate::words::is_csrf;

/// Cookies kept, and refused operations that one cookie is tried on, at most.
const MAX_COOKIES: usize = 20;
pub(super) const MAX_SPREAD: usize = 60;

/// A value that is no longer than this is a preference or a state, which makes an example; what is
/// longer may be somebody's secret.
const MAX_EXAMPLE: usize = 16;

/// The cookies that the application sets or clears.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    /// What each takes, and the paths that sent it.
    seen: BTreeMap<String, (TypeHint, BTreeSet<String>)>,
    /// Names whose values the application signs for itself.
    signed: BTreeSet<String>,
}

impl Crawl {
    /// Learns what an answer asks for in `WWW-Authenticate`, and the cookies that it sets.
    pub(super) fn learn_demands(
        &mut self,
        request: &Request,
        response: &Response,
        template: &Template,
        missing: bool,
    ) -> bool {
        let id = inputs::operation(request.method, template);
        // Where everything is refused, nonsense is too: then only what is known is meant.
        if missing && self.known.surface.get(&id).is_none() {
            return false;
        }
        let mut inputs = Vec::new();
        if response.status == 401 {
            inputs.extend(challenge(response));
        }
        if !missing {
            inputs.extend(self.known.cookies.note(request.url.path(), response));
        }
        self.learn_inputs(request, template, inputs)
    }

    /// Notes the cookies that scripts set: they go to the whole origin.
    pub(super) fn learn_set_by_scripts(&mut self, names: &[String]) {
        for name in names {
            self.known.cookies.note_set("/", name, TypeHint::default());
        }
    }
}

impl Cookies {
    /// The cookies that may be inputs of others than who sets them, and which paths are near to those.
    pub(super) fn offered(
        &self,
    ) -> impl Iterator<Item = (&str, &TypeHint, impl Fn(&str) -> bool + Copy)> {
        let unsigned = self
            .seen
            .iter()
            .filter(|(name, _)| !self.signed.contains(*name));
        unsigned.map(|(name, (hint, setters))| {
            let near = move |path: &str| setters.iter().any(|setter| is_near(setter, path));
            (name.as_str(), hint, near)
        })
    }

    /// The cookie inputs that an answer shows its operation to handle.
    fn note(&mut self, path: &str, response: &Response) -> Vec<Input> {
        let mut inputs = Vec::new();
        for line in response.headers_named("set-cookie") {
            let Ok(cookie) = cookie::Cookie::parse(line) else {
                continue;
            };
            let (name, value) = (cookie.name(), cookie.value_trimmed());
            if !is_token(name) || is_csrf(name) {
                continue;
            }
            let signed = signed::decode(value)
                .is_some_and(|decoded| decoded.kind == signed::SignedKind::Session);
            // Flask clears its own session under its usual name.
            if signed || (value.is_empty() && name == "session") {
                self.signed.insert(name.to_owned());
            }
            let hint = if value.len() <= MAX_EXAMPLE {
                hint_of(value)
            } else {
                TypeHint::default()
            };
            if self.note_set(path, name, hint.clone()) {
                inputs.push(Input::new(Place::Cookie, name, Provenance::Link).with_hint(hint));
            }
        }
        inputs
    }

    /// Notes a cookie that is set at a path; false for one that is not kept.
    fn note_set(&mut self, path: &str, name: &str, hint: TypeHint) -> bool {
        if !is_token(name)
            || is_csrf(name)
            || self.signed.contains(name)
            || (self.seen.len() >= MAX_COOKIES && !self.seen.contains_key(name))
        {
            return false;
        }
        let (known, paths) = self.seen.entry(name.to_owned()).or_default();
        if known.example.is_none() {
            *known = hint;
        }
        if paths.len() < MAX_SPREAD {
            paths.insert(path.to_owned());
        }
        true
    }
}

/// A page at the root sets its cookies for all; others for what shares their first segment.
fn is_near(setter: &str, path: &str) -> bool {
    let first = |path: &str| {
        let path = path.trim_matches('/').to_owned();
        path.split_once('/').map(|(first, _)| first.to_owned())
    };
    first(setter).is_none_or(|segment| {
        path.trim_start_matches('/').split('/').next() == Some(segment.as_str())
    })
}

/// The `authorization` header that a challenge asks for, with its scheme in front of the value.
fn challenge(response: &Response) -> Option<Input> {
    let value = response.header("www-authenticate")?;
    let scheme = value.split([' ', ',']).next()?.trim();
    if !is_token(scheme) || scheme.contains('=') {
        return None;
    }
    // Digest and its like answer a nonce, and no value that is sent stays as it is.
    let computed = [
        "digest",
        "negotiate",
        "ntlm",
        "hoba",
        "mutual",
        "scram-sha-256",
    ];
    if computed.contains(&scheme.to_ascii_lowercase().as_str()) {
        return None;
    }
    Some(authorization(scheme))
}

/// A required `authorization` header of a scheme.
fn authorization(scheme: &str) -> Input {
    let mut input = Input::new(Place::Header, "authorization", Provenance::Error).required();
    input.prefix = format!("{scheme} ");
    if scheme.eq_ignore_ascii_case("basic") {
        // What follows is base64 of user and password: the planner builds it.
        input.hint.format = Some("basic".to_owned());
    }
    input
}

/// RFC 9110's token.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str) -> Option<(String, Option<String>)> {
        let response = Response::of(401, &[("www-authenticate", value)], "");
        challenge(&response).map(|input| (input.prefix, input.hint.format))
    }

    #[test]
    fn a_challenge_names_the_scheme() {
        assert_eq!(
            asked("Bearer realm=\"x\", error=\"invalid_token\""),
            Some(("Bearer ".to_owned(), None))
        );
        assert_eq!(asked("Token"), Some(("Token ".to_owned(), None)));
        assert_eq!(
            asked("Basic realm=\"Authentication Required\""),
            Some(("Basic ".to_owned(), Some("basic".to_owned())))
        );
        assert_eq!(asked("Digest realm=\"x\", nonce=\"y\""), None);
        assert_eq!(asked(""), None);
    }

    #[test]
    fn cookies_become_inputs_but_for_csrf_and_flasks_session() {
        let mut cookies = Cookies::default();
        let session = "eyJ1c2VyIjoia2ltIn0.aS9-eA.ZoVzTq7iVvWmQn0bJmUj1mVqk4E";
        let inputs = cookies.note(
            "/login",
            &Response::of(
                200,
                &[
                    ("Set-Cookie", "theme=dark; Path=/"),
                    (
                        "Set-Cookie",
                        "gate=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/",
                    ),
                    ("Set-Cookie", "csrf_token=abc"),
                    ("Set-Cookie", &format!("own={session}; HttpOnly")),
                    ("Set-Cookie", "session=; Max-Age=0"),
                    ("Set-Cookie", "sid=0123456789abcdef0123456789abcdef"),
                ],
                "",
            ),
        );
        let lines: Vec<_> = inputs
            .iter()
            .map(|input| (input.name.as_str(), input.hint.example.is_some()))
            .collect();
        assert_eq!(lines, [("theme", true), ("gate", false), ("sid", false)]);
    }

    #[test]
    fn neighbours_share_the_first_segment() {
        assert!(is_near("/api/login", "/api/v1/x"));
        assert!(!is_near("/api/login", "/admin"));
        assert!(is_near("/login", "/admin/x"));
    }
}
