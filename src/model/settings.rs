//! What a scan is asked to do, as plain validated values. Knows no command line.

use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;
use url::Url;

use crate::auth::{Identities, is_credential_header};
use crate::finding::{Severity, Verdict};
use crate::policy::{Learnt, Limits};
use crate::redact::Reach;
use crate::surface::Method;
use crate::tape::Tape;
use crate::target::Target;
use crate::traffic::Traffic;

/// The settings of one scan.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What to scan.
    pub target: Target,
    /// The client's own settings.
    pub http: HttpSettings,
    /// Who the scan is.
    pub identities: Identities,
    /// Methods that may be sent; others are listed as not sent.
    pub methods: Vec<Method>,
    /// `METHOD path` texts that match one of these are sent though they look dangerous.
    pub allow: Vec<Regex>,
    /// What answers have taught of what may be sent.
    pub learnt: Learnt,
    /// How long after the last plant the stored canaries are looked for once more.
    pub settle: Duration,
    /// Seeds canaries and order; `None` for a fresh run.
    pub seed: Option<u64>,
    /// Names that count as credential-like besides the tables.
    pub credential_names: Vec<Regex>,
    /// Names that never count as credential-like.
    pub not_credential: Vec<Regex>,
    /// Endpoints beyond this are listed, not tested.
    pub max_endpoints: usize,
    /// What the tester knows of the application already.
    pub imports: Vec<Import>,
    /// A file of paths to try.
    pub wordlist: Option<PathBuf>,
    /// Seek inputs that nothing reveals, with keyspill's own list of names.
    pub hidden_inputs: bool,
    /// A file of names to seek besides.
    pub input_wordlist: Option<PathBuf>,
    /// Names of inputs that never get a canary.
    pub exclude_inputs: Vec<String>,
    /// Where canaries in the shape of an e-mail address live; `None` for `example.com`.
    pub email_domain: Option<String>,
    /// The rules that run; empty for all.
    pub rules: Vec<String>,
    /// Rules that do not run.
    pub exclude_rules: Vec<String>,
    /// A folder of further probes.
    pub probes: Option<PathBuf>,
    /// Of a hundred operations, so many must have accepted something.
    pub require_coverage: Option<u8>,
    /// Only plan: crawl without canaries.
    pub dry_run: bool,
    /// The command line for the report, masked by the caller.
    pub arguments: Vec<String>,
}

/// Where an import stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// A file on this machine.
    File(PathBuf),
    /// A document in the target's scope, fetched by the scan's own client.
    Url(Url),
}

/// What the HTTP client needs.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Requests a second at most, in any one-second window.
    pub rate: u32,
    /// Requests in flight at most.
    pub concurrency: usize,
    /// Requests in all at most; `None` for no bound.
    pub max_requests: Option<u64>,
    /// Time in all at most; `None` for no bound.
    pub max_time: Option<Duration>,
    /// Time that a `Retry-After` may ask for; what asks for more is left out.
    pub max_wait: Duration,
    /// Time for one request, from departure to the last body byte.
    pub timeout: Duration,
    /// Decompressed body bytes kept at most.
    pub max_body: usize,
    /// Headers that go with every request: the tester's own (`-H`, `--cookie`).
    pub headers: Vec<(String, String)>,
    /// A proxy for every request.
    pub proxy: Option<String>,
    /// Accept any certificate.
    pub insecure: bool,
    /// Further trusted certificates, PEM.
    pub cacert: Option<PathBuf>,
    /// The certificate that is shown to the server, with its key, PEM.
    pub client_cert: Option<PathBuf>,
    /// Keeps everything that is sent and received.
    pub traffic: Option<Traffic>,
    /// Keeps every exchange in memory, or plays those that were kept instead of sending.
    pub tape: Option<Tape>,
}

impl HttpSettings {
    /// What `curl` needs to reach the target as this client does.
    pub fn reach(&self) -> Reach<'_> {
        Reach {
            insecure: self.insecure,
            cacert: self.cacert.as_deref(),
            client_cert: self.client_cert.as_deref(),
        }
    }

    /// Operations under way side by side: more than requests in flight, so that none of those is idle
    /// while the last few operations go on one by one. One at a time is one after the other.
    pub const fn abreast(&self) -> usize {
        if self.concurrency <= 1 {
            1
        } else {
            self.concurrency.saturating_mul(2)
        }
    }
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            rate: 100,
            concurrency: 8,
            max_requests: None,
            max_time: None,
            max_wait: Duration::from_mins(1),
            timeout: Duration::from_secs(15),
            max_body: 4 << 20,
            headers: Vec::new(),
            proxy: None,
            insecure: false,
            cacert: None,
            client_cert: None,
            traffic: None,
            tape: None,
        }
    }
}

impl Settings {
    /// The defaults for a target.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            http: HttpSettings::default(),
            identities: Identities::default(),
            methods: vec![Method::Get, Method::Head, Method::Options, Method::Post],
            allow: Vec::new(),
            learnt: Learnt::default(),
            settle: Duration::from_secs(2),
            seed: None,
            credential_names: Vec::new(),
            not_credential: Vec::new(),
            max_endpoints: 1000,
            imports: Vec::new(),
            wordlist: None,
            hidden_inputs: true,
            input_wordlist: None,
            exclude_inputs: Vec::new(),
            email_domain: None,
            rules: Vec::new(),
            exclude_rules: Vec::new(),
            probes: None,
            require_coverage: None,
            dry_run: false,
            arguments: Vec::new(),
        }
    }

    /// True when credentials of the tester are in use: an identity, a header that is one, or user
    /// and password in the URL.
    pub fn has_credentials(&self) -> bool {
        let base = self.target.base();
        let headers = &self.http.headers;
        !self.identities.is_empty()
            || headers.iter().any(|(name, _)| is_credential_header(name))
            || !base.username().is_empty()
            || base.password().is_some()
    }
}

impl Limits for Settings {
    fn target(&self) -> &Target {
        &self.target
    }

    fn methods(&self) -> &[Method] {
        &self.methods
    }

    fn allow(&self) -> &[Regex] {
        &self.allow
    }

    fn learnt(&self) -> &Learnt {
        &self.learnt
    }

    fn has_credentials(&self) -> bool {
        self.has_credentials()
    }
}

/// What `scan` writes and when it fails.
#[derive(Clone, Debug)]
pub struct OutputSettings {
    /// The folder for reports; `None` writes no file.
    pub folder: Option<PathBuf>,
    /// Write the one format to standard output, in place of the text for people.
    pub stdout: bool,
    /// The formats, at least one.
    pub formats: Vec<Format>,
    /// Only findings that are at least so sure are shown and count.
    pub min_verdict: Option<Verdict>,
    /// Print findings in full, not a line each.
    pub details: bool,
    /// Findings at or above it make exit code 1.
    pub fail_on: Option<Severity>,
    /// An earlier report: only what it lacks counts.
    pub baseline: Option<PathBuf>,
}

/// A report format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// `report.json`.
    Json,
    /// `report.sarif`.
    Sarif,
}

impl Format {
    /// All of them, in the order in which reports are written.
    pub const ALL: &[Self] = &[Self::Json, Self::Sarif];

    /// Its name, for `--format`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Sarif => "sarif",
        }
    }
}
