//! A port that speaks another scheme than its URL says.
//!
//! Owns: what gives that away, and the URL to give instead. Leaves out: who asks (`pipeline`).

use url::Url;

use crate::http::{Failure, FailureKind, Response};
use crate::settings::Settings;

/// What servers say that got plain HTTP at a port for TLS: nginx, Apache, Go, Tomcat.
const SAID: [&str; 4] = [
    "plain http request was sent to https port",
    "speaking plain http to an ssl-enabled server port",
    "client sent an http request to an https server",
    "combination of host and port requires tls",
];
/// Bytes of a body in which that is looked for.
const LOOKED_AT: usize = 2_000;

/// What to try where an answer from a base URL, or none, shows that its port speaks the other scheme.
/// Behind a proxy it is the proxy that answers.
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
        // An alert is no HTTP, and many servers just close.
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

/// In the words of rustls.
fn is_no_tls(message: &str) -> bool {
    message.contains("InvalidContentType") || message.contains("handshake eof")
}

/// The same address by the other scheme, without user and password.
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
