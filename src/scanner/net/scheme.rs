//! Detects a port that speaks another scheme than its URL says.
//!
//! Owns: what gives that away, and which URL to use instead. Leaves out: sending the request
//! (`pipeline`).

use url::Url;

use crate::http::{Failure, FailureKind, Response};
use crate::settings::Settings;

/// What nginx, Apache, Go and Tomcat say when a TLS port receives plain HTTP.
const SAID: [&str; 4] = [
    "plain http request was sent to https port",
    "speaking plain http to an ssl-enabled server port",
    "client sent an http request to an https server",
    "combination of host and port requires tls",
];
/// How many bytes of a body are searched for these phrases.
const LOOKED_AT: usize = 2_000;

/// Returns advice if an answer from the base URL, or its absence, shows that the port speaks the
/// other scheme.
///
/// Returns `None` behind a proxy, because then it is the proxy that answers.
pub(crate) fn other_scheme(
    settings: &Settings,
    answer: &Result<Response, Failure>,
) -> Option<String> {
    if settings.http.proxy.is_some() {
        return None;
    }
    let base = settings.target.base();
    let plain = base.scheme() == "http";
    let instead = other(base)?;
    match answer {
        Ok(answer) if plain && asks_for_tls(answer) => {
            Some(format!("it speaks https: give {instead}"))
        }
        // A TLS alert is not HTTP, and many servers just close the connection.
        Err(failure) if plain && failure.kind == FailureKind::Protocol => {
            Some(format!("if it speaks https, give {instead}"))
        }
        Err(failure) if !plain && is_no_tls(&failure.message) => {
            Some(format!("if it speaks plain http, give {instead}"))
        }
        _ => None,
    }
}

fn asks_for_tls(answer: &Response) -> bool {
    let text = answer.body.get(..LOOKED_AT).unwrap_or(&answer.body);
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    answer.status == 400 && SAID.iter().any(|said| text.contains(said))
}

/// Recognises the messages of rustls for a peer that does not speak TLS.
fn is_no_tls(message: &str) -> bool {
    message.contains("InvalidContentType") || message.contains("handshake eof")
}

/// Returns the same address with the other scheme, without user and password.
fn other(base: &Url) -> Option<Url> {
    let mut url = base.clone();
    let scheme = if base.scheme() == "http" {
        "https"
    } else {
        "http"
    };
    url.set_scheme(scheme).ok()?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_query(None);
    Some(url)
}
