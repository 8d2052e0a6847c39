//! Follows redirects and keeps cookies, without help from the HTTP library.
//!
//! This module has the cookie jar of one injection, redirects, and patient retries on 429 and 503.
//! The scope is checked inside the transport at each hop.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::{Failure, FailureKind, Method, Request, Response, Transport, asks_to_wait};

/// A request and its outcome.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The request as sent, including cookies from the jar.
    pub request: Request,
    /// The answer, or why there is none.
    pub outcome: Result<Response, Failure>,
}

impl Hop {
    /// Returns the answer, if there is one.
    pub fn response(&self) -> Option<&Response> {
        self.outcome.as_ref().ok()
    }

    /// Returns whether the answer was lost on its way.
    pub fn is_lost(&self) -> bool {
        is_lost(&self.outcome)
    }
}

/// Returns whether an answer was lost by the connection or by a gateway.
fn is_lost(outcome: &Result<Response, Failure>) -> bool {
    match outcome {
        Ok(response) => response.is_lost(),
        Err(failure) => failure.kind == FailureKind::Protocol,
    }
}

/// The cookies that the application set during one injection; never shared between injections.
///
/// Only one origin is in scope, so `Domain` and `Path` are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Takes the cookies that an answer sets; a cookie that is set empty or expired is removed.
    pub fn learn(&mut self, response: &Response) {
        for line in response.headers_named("set-cookie") {
            let Ok(cookie) = cookie::Cookie::parse(line.to_owned()) else {
                continue;
            };
            let gone = cookie.value().is_empty()
                || cookie
                    .max_age()
                    .is_some_and(cookie::time::Duration::is_negative)
                || cookie
                    .max_age()
                    .is_some_and(cookie::time::Duration::is_zero);
            if gone {
                self.0.remove(cookie.name());
            } else {
                self.0
                    .insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
    }

    /// Adds the jar's cookies to a request; a cookie that the request already carries takes
    /// precedence.
    pub fn add_to(&self, request: &mut Request) {
        if self.0.is_empty() {
            return;
        }
        let own = request.header("cookie").unwrap_or_default().to_owned();
        let names: Vec<&str> = own
            .split(';')
            .filter_map(|pair| pair.split_once('=').map(|(name, _)| name.trim()))
            .collect();
        let mut parts: Vec<String> = if own.is_empty() {
            Vec::new()
        } else {
            vec![own.clone()]
        };
        for (name, value) in &self.0 {
            if !names.contains(&name.as_str()) {
                parts.push(format!("{name}={value}"));
            }
        }
        request.set_header("Cookie", &parts.join("; "));
    }

    /// Returns the cookies as (name, value) pairs, by name.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns whether the jar has no cookies.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Maximum number of redirects followed.
pub const MAX_HOPS: usize = 5;

/// Sends a request and follows its redirects inside the scope.
///
/// The first step is the request itself; there is always one.
pub async fn travel<T: Transport>(http: &T, request: Request, jar: &mut Jar) -> Vec<Hop> {
    let mut steps: Vec<Hop> = Vec::new();
    let mut next = request;
    loop {
        jar.add_to(&mut next);
        let outcome = send_patiently(http, &next).await;
        if let Ok(response) = &outcome {
            jar.learn(response);
        }
        let hop = outcome
            .as_ref()
            .ok()
            .and_then(|response| hop(http, &next, response));
        // A hop out of scope is never sent, so it is not a step of this journey.
        let refused = matches!(&outcome, Err(failure) if failure.kind == FailureKind::Scope);
        if !refused || steps.is_empty() {
            steps.push(Hop {
                request: next,
                outcome,
            });
        }
        match hop {
            Some(request) if steps.len() <= MAX_HOPS && !visited(&steps, &request) => {
                next = request;
            }
            _ => return steps,
        }
    }
}

/// Pauses before a request that was answered with 429 or 503 is sent again.
const PATIENCE: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(200),
];

/// Sends one request, and repeats it up to three times if the server answers 429 or 503.
///
/// Each repetition follows the pause that the client has taken from `Retry-After`. An overload that
/// hits one request in fifty is over by then; a service that is down stays down. A read whose
/// answer is lost on its way is repeated once.
///
/// # Errors
///
/// Returns why there is no answer.
pub async fn send_patiently<T: Transport>(
    http: &T,
    request: &Request,
) -> Result<Response, Failure> {
    send_while(http, request, |response| {
        matches!(response.status, 429 | 503)
    })
    .await
}

/// The longest pause for which a crawl waits with an answer in its hands.
const BRISK: Duration = Duration::from_secs(1);

/// Does the same as [`send_patiently`], but leaves answers that ask for a longer wait to the
/// caller, so that the queue can go on without them.
///
/// # Errors
///
/// Returns why there is no answer.
pub async fn send_briskly<T: Transport>(http: &T, request: &Request) -> Result<Response, Failure> {
    send_while(http, request, |response| {
        let soon = asks_to_wait(response).is_none_or(|time| time <= BRISK);
        matches!(response.status, 429 | 503) && soon
    })
    .await
}

/// Sends a request, and repeats a read once if its answer is lost on its way.
///
/// # Errors
///
/// Returns why there is no answer.
pub async fn send_surely<T: Transport>(http: &T, request: &Request) -> Result<Response, Failure> {
    let answer = http.send(request.clone()).await;
    if !is_lost(&answer) || !request.method.is_safe() {
        return answer;
    }
    let again = http.send(request.clone()).await;
    if is_lost(&again) || again.as_ref().is_err_and(Failure::is_unsent) {
        return answer;
    }
    again
}

/// Sends a request, and repeats it a few times while its answer is `busy`.
async fn send_while<T: Transport>(
    http: &T,
    request: &Request,
    busy: impl Fn(&Response) -> bool,
) -> Result<Response, Failure> {
    let mut answer = send_surely(http, request).await;
    for pause in PATIENCE {
        if !answer.as_ref().is_ok_and(&busy) {
            break;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let again = http.send(request.clone()).await;
        if again.is_err() {
            break;
        }
        answer = again;
    }
    answer
}

fn visited(steps: &[Hop], request: &Request) -> bool {
    steps
        .iter()
        .any(|step| step.request.url == request.url && step.request.method == request.method)
}

/// Returns the request that a redirect asks for (RFC 9110 §15.4).
///
/// Statuses 307 and 308 keep method and body; the others turn it into a GET.
fn hop<T: Transport>(http: &T, request: &Request, response: &Response) -> Option<Request> {
    if !response.is_redirect() {
        return None;
    }
    let mut url: Url = http.at_home(request.url.join(response.header("location")?).ok()?);
    url.set_fragment(None);
    let keeps = matches!(response.status, 307 | 308);
    if keeps {
        return Some(Request {
            url,
            ..request.clone()
        });
    }
    let method = if request.method == Method::Head {
        Method::Head
    } else {
        Method::Get
    };
    let mut next = Request::new(method, url);
    // Headers that describe the body are not repeated; neither are planted headers and cookies,
    // which a browser would not repeat. The jar adds the cookies that were set.
    if let Some(accept) = request.header("accept") {
        next = next.with_header("Accept", accept);
    }
    // A tester's header that was replaced or left out stays left out.
    next.withheld.clone_from(&request.withheld);
    let names = request.headers.iter().map(|(name, _)| name);
    let replaced = names.filter(|name| !name.eq_ignore_ascii_case("cookie"));
    next.withheld.extend(replaced.cloned());
    Some(next)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Answers 503 the given number of times, then 200.
    #[derive(Clone)]
    struct Busy(usize, Arc<AtomicUsize>);

    impl Transport for Busy {
        async fn send(&self, _: Request) -> Result<Response, Failure> {
            let status = match self.1.fetch_add(1, Ordering::SeqCst) {
                before if before < self.0 => 503,
                _ => 200,
            };
            Ok(Response::of(status, &[], ""))
        }
    }

    async fn sent(busy: usize) -> (u16, usize) {
        let http = Busy(busy, Arc::default());
        let request = Request::get(Url::parse("http://h/").unwrap());
        let answer = send_patiently(&http, &request).await.unwrap();
        (answer.status, http.1.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn an_overload_is_outlived_and_what_is_out_of_service_is_let_be() {
        assert_eq!(sent(0).await, (200, 1));
        assert_eq!(sent(2).await, (200, 3));
        assert_eq!(sent(9).await, (503, 4));
    }
}
