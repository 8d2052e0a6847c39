//! One exchange on the wire: headers on, bytes in.
//!
//! Owns: what is added to a request, the time-out and the cap of an answer, and why there is none.
//! Leaves out: whether and when a request leaves (`client.rs`).

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::client::Inner;
use super::decode;
use crate::auth::{Material, is_credential_header};
use crate::http::{Failure, FailureKind, Request, Response};
use crate::tape;

/// Returns the mark that identifies a request on a tape.
fn mark(built: &reqwest::Request) -> [u8; 32] {
    let body = built.body().and_then(reqwest::Body::as_bytes);
    let mut parts = vec![
        built.method().as_str().as_bytes(),
        built.url().as_str().as_bytes(),
    ];
    for (name, value) in built.headers() {
        parts.extend([name.as_str().as_bytes(), value.as_bytes()]);
    }
    parts.push(body.unwrap_or_default());
    tape::mark(parts)
}

/// What is added to a request.
#[derive(Clone, Copy)]
pub(super) enum Dress<'a> {
    /// The tester's headers, and the credentials of an identity.
    As(Option<&'a Material>),
    /// At home the tester's headers that are not credentials; elsewhere nothing.
    Stranger { home: bool },
}

impl Inner {
    /// Sends a request and reads its answer, or replays the answer recorded on a tape.
    pub(super) async fn fetch(
        &self,
        built: reqwest::Request,
        timeout: Duration,
    ) -> Result<Response, Failure> {
        let Some(tape) = &self.tape else {
            return self.send(built, timeout).await;
        };
        let mark = mark(&built);
        if tape.plays() {
            return tape.play(mark).await;
        }
        let outcome = self.send(built, timeout).await;
        tape.keep(mark, &outcome);
        outcome
    }

    /// Sends a request and reads its answer, until the time-out or the end of the phase's time.
    async fn send(&self, built: reqwest::Request, timeout: Duration) -> Result<Response, Failure> {
        let start = Instant::now();
        let end = start + timeout;
        let end = self.budget.until().map_or(end, |until| end.min(until));
        let answer = tokio::time::timeout_at(end, self.http.execute(built)).await;
        let mut answer = match answer {
            Err(_) => {
                let text = match self.budget.in_time() {
                    Ok(()) => format!("no answer within {timeout:?}"),
                    Err(_) => "no answer before the time budget was spent".to_owned(),
                };
                return Err(Failure::new(FailureKind::Timeout, text));
            }
            Ok(Err(error)) => return Err(failure(&error)),
            Ok(Ok(answer)) => answer,
        };
        let status = answer.status().as_u16();
        let headers: Vec<(String, String)> = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), header_text(value)))
            .collect();
        let mut body = Vec::new();
        let mut truncated = false;
        let mut broken = false;
        loop {
            match tokio::time::timeout_at(end, answer.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    let room = self.max_body - body.len();
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        truncated = true;
                        break;
                    }
                }
                Ok(Ok(None)) => break,
                // What arrived before the answer broke off or went silent may still show something.
                Ok(Err(_)) => {
                    broken = true;
                    break;
                }
                Err(_) => {
                    truncated = true;
                    break;
                }
            }
        }
        let encodings = headers
            .iter()
            .filter(|(name, _)| name == "content-encoding")
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join(",");
        let (body, cut) = decode::decode(body, &encodings, self.max_body);
        Ok(Response {
            status,
            headers,
            body,
            truncated: truncated || broken || cut,
            broken,
            took: start.elapsed(),
            at: OffsetDateTime::now_utc(),
        })
    }

    /// Builds the request as it leaves.
    pub(super) fn build(
        &self,
        request: &Request,
        dress: Dress<'_>,
    ) -> Result<reqwest::Request, Failure> {
        let mut dressed;
        let request = match dress {
            Dress::As(Some(material)) if !material.is_empty() => {
                dressed = request.clone();
                material.add_to(&mut dressed);
                &dressed
            }
            _ => request,
        };
        let method = reqwest::Method::from_bytes(request.method.as_str().as_bytes())
            .unwrap_or(reqwest::Method::GET);
        let mut built = reqwest::Request::new(method, request.url.clone());
        let headers = built.headers_mut();
        add(headers, "accept-encoding", "gzip, deflate")?;
        for (name, value) in &request.headers {
            add(headers, name, value)?;
        }
        for (name, value) in &self.headers {
            let goes = match dress {
                Dress::As(_) => true,
                Dress::Stranger { home } => home && !is_credential_header(name),
            };
            if !goes {
                continue;
            }
            if name.eq_ignore_ascii_case("cookie") {
                // Cookies of the jar and of the tester share one header (RFC 6265 §5.4).
                let joined = match headers.get("cookie").and_then(|known| known.to_str().ok()) {
                    Some(known) => format!("{value}; {known}"),
                    None => value.clone(),
                };
                headers.remove("cookie");
                add(headers, "cookie", &joined)?;
            } else if !request.settles(name) {
                add(headers, name, value)?;
            }
        }
        if !request.body.is_empty() || request.method.takes_body() {
            *built.body_mut() = Some(request.body.clone().into());
        }
        Ok(built)
    }
}

fn add(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Failure> {
    let bad = |what| Failure::new(FailureKind::Request, format!("header {name:?}: {what}"));
    let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("not a header name"))?;
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad("not a header value"))?;
    headers.append(key, value);
    Ok(())
}

pub(super) fn header_text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value
            .as_bytes()
            .iter()
            .map(|byte| char::from(*byte))
            .collect(),
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    // reqwest's own message names the URL, which may hold the tester's secrets, so keep only the
    // causes.
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    let reason = causes
        .last()
        .cloned()
        .unwrap_or_else(|| "no answer".to_owned());
    let tls = causes
        .iter()
        .any(|text| text.contains("certificate") || text.contains("tls"));
    let kind = if error.is_timeout() {
        FailureKind::Timeout
    } else if error.is_connect() {
        if tls {
            FailureKind::Tls
        } else {
            FailureKind::Connect
        }
    } else {
        FailureKind::Protocol
    };
    Failure::new(kind, reason)
}
