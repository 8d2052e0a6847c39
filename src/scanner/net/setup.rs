//! What a client is built from: connections, certificates, the tester's own headers.
//!
//! Owns: the options passed to reqwest. Leaves out: sending (`client.rs`).

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;

use crate::error::Error;
use crate::settings::HttpSettings;
use crate::target::Target;

/// Creates the connections of one scan.
pub(super) fn connections(settings: &HttpSettings, run_id: &str) -> Result<reqwest::Client, Error> {
    // reqwest needs a crypto provider for the process. A second install fails and changes nothing.
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
        let pem = std::fs::read(path).map_err(|error| Error::Usage(format!("{at}: {error}")))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| Error::Usage(format!("{at}: holds no PEM certificate")))?;
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(path) = &settings.client_cert {
        builder = builder.identity(client_identity(path)?);
    }
    builder
        .build()
        .map_err(|error| Error::Usage(format!("cannot set up the HTTP client: {error}")))
}

/// Returns a user agent that names the tool and the run, so that defenders can identify the scan.
fn user_agent(run_id: &str) -> String {
    let mut agent = format!("keyspill/{}", env!("CARGO_PKG_VERSION"));
    if !run_id.is_empty() {
        let _ = write!(agent, " (run {run_id})");
    }
    agent
}

/// Returns the tester's headers, with the base URL's userinfo as basic authentication.
pub(super) fn tester_headers(target: &Target, settings: &HttpSettings) -> Vec<(String, String)> {
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

/// Reads the tester's certificate and its key. The library's own messages may quote the file, so an
/// error says only what is missing.
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
    // A mismatch shows only when a client is built with them.
    let trial = reqwest::Client::builder().no_proxy();
    trial.identity(identity.clone()).build().map_err(unread)?;
    Ok(identity)
}
