//! The one way to the network, and the one file that names reqwest.
//!
//! Owns: scope, rate ceiling, budget, time-outs, caps, the tester's own headers, and noticing that
//! the target is gone. Leaves out: redirects (`follow.rs`), what to send (`plan`), who the scan is
//! (`auth`, which is asked for each request and shown each answer).

use std::error::Error as _;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::busy::Busy;
use super::throttle::Throttle;
use super::traffic::Exchange;
use super::{Failure, FailureKind, Request, Response, Transport, decode};
use crate::auth::{Identity, Material, Session, is_credential_header, own_names};
use crate::error::Error;
use crate::policy;
use crate::progress::Stop;
use crate::settings::{HttpSettings, Settings};
use crate::surface::EndpointId;
use crate::target::Target;

/// Connections refused in a row, without an answer between them, that mean the target is gone.
const LOST_AFTER_REFUSALS: u32 = 3;
/// Time-outs in a row that mean the target is gone.
const LOST_AFTER_TIMEOUTS: u32 = 5;

/// Sends requests over real connections. Cheap to clone; clones share budget and ceiling.
#[derive(Clone)]
pub struct Client(Arc<Inner>, Option<Arc<Session>>);

/// The same connections without the tester's credentials: for logins, and to see what a stranger
/// is shown.
#[derive(Clone)]
pub(crate) struct Stranger {
    inner: Arc<Inner>,
    /// A host besides the target's.
    also: Option<String>,
}

struct Inner {
    http: reqwest::Client,
    /// Scope, methods and what `--allow` names: asked for every request.
    policy: Settings,
    headers: Vec<(String, String)>,
    throttle: Throttle,
    slots: Semaphore,
    stop: Stop,
    timeout: Duration,
    max_body: usize,
    max_requests: u64,
    deadline: Option<Instant>,
    sent: AtomicU64,
    failed: AtomicU64,
    refused_in_row: AtomicU32,
    silent_in_row: AtomicU32,
    busy: Mutex<Busy>,
    lost: Mutex<Option<String>>,
}

impl Client {
    /// A client for one scan.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for a proxy or certificate file that cannot be used.
    pub fn new(scan: &Settings, run_id: &str, stop: &Stop) -> Result<Self, Error> {
        let (target, settings) = (&scan.target, &scan.http);
        // reqwest asks the process for a provider. A second install fails, and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .tcp_nodelay(true)
            .tls_danger_accept_invalid_certs(settings.insecure)
            .user_agent(user_agent(run_id));
        if let Some(proxy) = &settings.proxy {
            let proxy = reqwest::Proxy::all(proxy)
                .map_err(|_| Error::Usage("--proxy is not a proxy URL".to_owned()))?;
            builder = builder.proxy(proxy);
        }
        if let Some(path) = &settings.cacert {
            let at = format!("--cacert {}", path.display());
            let pem =
                std::fs::read(path).map_err(|error| Error::Usage(format!("{at}: {error}")))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .ok()
                .filter(|certificates| !certificates.is_empty())
                .ok_or_else(|| Error::Usage(format!("{at}: holds no PEM certificate")))?;
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some(path) = &settings.client_cert {
            builder = builder.identity(client_identity(path)?);
        }
        let http = builder
            .build()
            .map_err(|error| Error::Usage(format!("cannot set up the HTTP client: {error}")))?;
        scan.learnt.note_own(own_names(scan));
        let inner = Arc::new(Inner {
            http,
            policy: scan.clone(),
            headers: tester_headers(target, settings),
            throttle: Throttle::new(settings.rate),
            slots: Semaphore::new(settings.concurrency.max(1)),
            stop: stop.clone(),
            timeout: settings.timeout,
            max_body: settings.max_body,
            max_requests: settings.max_requests.unwrap_or(u64::MAX),
            deadline: settings.max_time.map(|time| Instant::now() + time),
            sent: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            refused_in_row: AtomicU32::new(0),
            silent_in_row: AtomicU32::new(0),
            busy: Mutex::default(),
            lost: Mutex::new(None),
        });
        let identity = match scan.identities.first() {
            Some(identity) => Some(identity.clone()),
            // Credentials among the headers are watched too, though nothing can renew them.
            None => scan.has_credentials().then(Identity::default),
        };
        let session = identity.map(|identity| {
            let session = Session::new(identity, target, scan.identities.vault());
            Arc::new(session.beside(&settings.headers))
        });
        Ok(Self(inner, session))
    }

    /// The same client, budget and ceiling, as another identity.
    #[must_use]
    pub fn acting_as(&self, identity: &Identity) -> Self {
        let policy = &self.0.policy;
        let session = Session::new(identity.clone(), &policy.target, policy.identities.vault())
            .beside(&policy.http.headers);
        Self(Arc::clone(&self.0), Some(Arc::new(session)))
    }

    /// Logs in, where the identity has a login.
    ///
    /// # Errors
    ///
    /// [`Error::Login`] where the login is refused.
    pub async fn log_in(&self) -> Result<(), Error> {
        match &self.1 {
            Some(session) => session.begin(self).await,
            None => Ok(()),
        }
    }

    /// Who the scan is.
    pub fn session(&self) -> Option<&Session> {
        self.1.as_deref()
    }

    /// The same connections without the tester's credentials.
    pub(crate) fn stranger(&self) -> Stranger {
        let host = self.1.as_ref().and_then(|session| session.other_host());
        Stranger {
            inner: Arc::clone(&self.0),
            also: host.map(str::to_owned),
        }
    }

    /// Sends one request with what goes with an identity's.
    pub(crate) async fn send_as(
        &self,
        request: &Request,
        material: Option<&Material>,
    ) -> Result<Response, Failure> {
        let built = self.0.build(request, Dress::As(material))?;
        self.0.exchange(request, built).await
    }

    /// Stops the scan.
    pub(crate) fn give_up(&self) {
        self.0.stop.trigger();
    }

    /// Requests that left so far, all of them.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::SeqCst)
    }

    /// Requests that left and had no answer.
    pub fn failed(&self) -> u64 {
        self.0.failed.load(Ordering::SeqCst)
    }

    /// Why the target was given up; `None` while it answers.
    pub fn lost(&self) -> Option<String> {
        self.0
            .lost
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// True when the request or time budget is spent.
    pub fn spent(&self) -> bool {
        self.sent() >= self.0.max_requests || self.0.late()
    }
}

impl Transport for Client {
    async fn send(&self, request: Request) -> Result<Response, Failure> {
        let inner = &*self.0;
        inner.permit(&request)?;
        let answer = async {
            match &self.1 {
                Some(session) => session.carry(self, &request).await,
                None => self.send_as(&request, None).await,
            }
        };
        tokio::select! {
            biased;
            () = inner.stop.wait() => Err(stopped()),
            result = answer => result,
        }
    }
}

impl Transport for Stranger {
    /// The policy is not asked: a recipe's login is the tester's own wish, at the target's origin
    /// or the host that the recipe names.
    async fn send(&self, request: Request) -> Result<Response, Failure> {
        let inner = &*self.inner;
        let home = inner.policy.target.same_origin(&request.url);
        let named = self.also.as_deref().is_some_and(|host| {
            request
                .url
                .host_str()
                .is_some_and(|of| of.eq_ignore_ascii_case(host))
        });
        if !home && !named {
            let text = format!("{} {} is out of scope", request.method, request.url.path());
            return Err(Failure::new(FailureKind::Scope, text));
        }
        let built = inner.build(&request, Dress::Stranger { home })?;
        tokio::select! {
            biased;
            () = inner.stop.wait() => Err(stopped()),
            result = inner.exchange(&request, built) => result,
        }
    }
}

/// What is added to a request.
#[derive(Clone, Copy)]
enum Dress<'a> {
    /// The tester's headers, and what goes with an identity.
    As(Option<&'a Material>),
    /// At home the tester's headers that are no credentials; elsewhere nothing.
    Stranger { home: bool },
}

impl Inner {
    /// Scope and method policy, asked here so that no stage can forget them.
    fn permit(&self, request: &Request) -> Result<(), Failure> {
        let refuse = |why: &str| {
            let text = format!("{} {} {why}", request.method, request.url.path());
            Err(Failure::new(FailureKind::Scope, text))
        };
        if !self.policy.target.covers(&request.url) {
            return refuse("is out of scope");
        }
        let id = EndpointId::new(request.method, request.url.path());
        let query: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
        policy::may_send(&self.policy, &id, "")
            .and_then(|()| policy::may_carry(&self.policy, &id, &query))
            .or_else(|why| refuse(&why))
    }

    fn late(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    async fn exchange(
        &self,
        request: &Request,
        built: reqwest::Request,
    ) -> Result<Response, Failure> {
        let _slot = self.slots.acquire().await.map_err(|_| stopped())?;
        self.throttle.wait().await;
        if self.stop.is_set() {
            return Err(stopped());
        }
        if self.late() {
            return Err(Failure::new(
                FailureKind::Budget,
                "the time budget is spent",
            ));
        }
        // Claimed before it leaves, so that concurrent requests cannot overdraw.
        let claim = self
            .sent
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |sent| {
                (sent < self.max_requests).then_some(sent + 1)
            });
        if claim.is_err() {
            return Err(Failure::new(
                FailureKind::Budget,
                "the request budget is spent",
            ));
        }
        let kept = self.policy.http.traffic.as_ref();
        let leaving = kept.map(|traffic| (traffic, leaving(&built)));
        let result = self.fetch(built).await;
        if let Some((traffic, leaving)) = leaving {
            traffic.keep(leaving, &result);
        }
        match &result {
            Ok(response) => {
                self.refused_in_row.store(0, Ordering::SeqCst);
                self.silent_in_row.store(0, Ordering::SeqCst);
                let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(said) = busy.note(request, response) {
                    self.give_up(said);
                }
                drop(busy);
                if matches!(response.status, 429 | 503)
                    && let Some(time) = retry_after(response)
                {
                    self.throttle.pause(time);
                }
            }
            Err(failure) => {
                self.failed.fetch_add(1, Ordering::SeqCst);
                self.notice(request, failure);
            }
        }
        result
    }

    async fn fetch(&self, built: reqwest::Request) -> Result<Response, Failure> {
        let start = Instant::now();
        let end = start + self.timeout;
        let answer = tokio::time::timeout_at(end, self.http.execute(built)).await;
        let mut answer = match answer {
            Err(_) => {
                let text = format!("no answer within {:?}", self.timeout);
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
                // What arrived before it broke off or went silent is still an answer.
                Ok(Err(_)) | Err(_) => {
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
            truncated: truncated || cut,
            took: start.elapsed(),
            at: OffsetDateTime::now_utc(),
        })
    }

    fn build(&self, request: &Request, dress: Dress<'_>) -> Result<reqwest::Request, Failure> {
        let mut dressed;
        let request = match dress {
            Dress::As(Some(material)) if !material.is_empty() => {
                dressed = request.clone();
                material.dress(&mut dressed);
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
                // The jar's cookies and the tester's travel in one header (RFC 6265 §5.4).
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

    /// Stops the scan when nothing answers any more.
    fn notice(&self, request: &Request, failure: &Failure) {
        let (counter, limit) = match failure.kind {
            FailureKind::Connect | FailureKind::Tls => (&self.refused_in_row, LOST_AFTER_REFUSALS),
            FailureKind::Timeout => (&self.silent_in_row, LOST_AFTER_TIMEOUTS),
            _ => return,
        };
        if counter.fetch_add(1, Ordering::SeqCst) + 1 >= limit {
            let at = format!("{} {}", request.method, request.url.path());
            self.give_up(format!("the target stopped answering at {at}: {failure}"));
        }
    }

    fn give_up(&self, why: String) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.get_or_insert(why);
        self.stop.trigger();
    }
}

/// A request as it leaves.
fn leaving(built: &reqwest::Request) -> Exchange {
    let headers = built.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), header_text(value)));
    let body = built.body().and_then(reqwest::Body::as_bytes);
    Exchange::leaving(
        built.method().as_str(),
        built.url().as_str(),
        headers.collect(),
        body.unwrap_or_default(),
    )
}

fn stopped() -> Failure {
    Failure::new(FailureKind::Stopped, "the scan was stopped")
}

/// Names the tool and the run, so that defenders can tell who it was.
fn user_agent(run_id: &str) -> String {
    let mut agent = format!("keyspill/{}", env!("CARGO_PKG_VERSION"));
    if !run_id.is_empty() {
        let _ = write!(agent, " (run {run_id})");
    }
    agent
}

/// The tester's headers, and the base URL's userinfo as basic authentication.
fn tester_headers(target: &Target, settings: &HttpSettings) -> Vec<(String, String)> {
    let mut headers = settings.headers.clone();
    let base = target.base();
    let named = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if !named && (!base.username().is_empty() || base.password().is_some()) {
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        let pair = format!(
            "{}:{}",
            decode(base.username()),
            decode(base.password().unwrap_or_default())
        );
        let basic = base64::engine::general_purpose::STANDARD.encode(pair);
        headers.push(("Authorization".to_owned(), format!("Basic {basic}")));
    }
    headers
}

fn add(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Failure> {
    let bad = |what| Failure::new(FailureKind::Request, format!("header {name:?}: {what}"));
    let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("not a header name"))?;
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad("not a header value"))?;
    headers.append(key, value);
    Ok(())
}

fn header_text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value
            .as_bytes()
            .iter()
            .map(|byte| char::from(*byte))
            .collect(),
    }
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3); a date counts as one second.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.header("retry-after")?;
    Some(
        value
            .trim()
            .parse()
            .map_or(Duration::from_secs(1), Duration::from_secs),
    )
}

/// The tester's certificate with its key. The library's own words may quote the file, so that only
/// what is missing is told.
fn client_identity(path: &Path) -> Result<reqwest::Identity, Error> {
    let wrong = |what: &str| Error::Usage(format!("--client-cert {}: {what}", path.display()));
    let pem = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
    let text = String::from_utf8_lossy(&pem);
    if text.contains("ENCRYPTED") {
        return Err(wrong(
            "the private key has a passphrase; give one without (`openssl pkey -in FILE`)",
        ));
    }
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err(wrong("holds no PEM certificate"));
    }
    if !text.contains("PRIVATE KEY-----") {
        return Err(wrong("holds no PEM private key beside the certificate"));
    }
    let unread = |_| wrong("certificate and private key cannot be read, or do not belong together");
    let identity = reqwest::Identity::from_pem(&pem).map_err(unread)?;
    // Whether they belong together shows only when a client is built with them.
    let trial = reqwest::Client::builder().no_proxy();
    trial.identity(identity.clone()).build().map_err(unread)?;
    Ok(identity)
}

fn failure(error: &reqwest::Error) -> Failure {
    // reqwest's own line names the URL, which may hold the tester's secrets: take the causes only.
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
