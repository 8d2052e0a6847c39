//! The settings of a scan, as plain validated values. Nothing here knows about the command line.

use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;
use url::Url;

use crate::auth::{Identities, is_credential_header};
use crate::finding::{Severity, Verdict};
use crate::policy::{Learnt, Limits};
use crate::redact::CurlOptions;
use crate::surface::Method;
use crate::tape::Tape;
use crate::target::Target;
use crate::traffic::Traffic;

/// The settings of one scan.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The target to scan.
    pub target: Target,
    /// The settings of the client.
    pub http: HttpSettings,
    /// The identities under which the scan acts.
    pub identities: Identities,
    /// Methods that may be sent; others are listed as not sent.
    pub methods: Vec<Method>,
    /// `METHOD path` texts that match one of these are sent even though they look dangerous.
    pub allow: Vec<Regex>,
    /// What answers have taught about which operations may be sent.
    pub learnt: Learnt,
    /// How long after the last plant to look for the stored canaries once more.
    pub settle: Duration,
    /// Seeds the canaries and the order; `None` for a fresh run.
    pub seed: Option<u64>,
    /// Names that count as credential-like in addition to the tables.
    pub credential_names: Vec<Regex>,
    /// Names that never count as credential-like.
    pub not_credential: Vec<Regex>,
    /// Endpoints beyond this number are listed but not tested.
    pub max_endpoints: usize,
    /// What the tester already knows about the application.
    pub imports: Vec<Import>,
    /// A file with paths to try.
    pub wordlist: Option<PathBuf>,
    /// Whether to look for inputs that nothing reveals, with keyspill's own list of names.
    pub hidden_inputs: bool,
    /// A file with further names to look for.
    pub input_wordlist: Option<PathBuf>,
    /// Names of inputs that never get a canary.
    pub exclude_inputs: Vec<String>,
    /// The domain of canaries in the shape of an e-mail address; `None` for `example.com`.
    pub email_domain: Option<String>,
    /// The rules to run; empty for all.
    pub rules: Vec<String>,
    /// Rules not to run.
    pub exclude_rules: Vec<String>,
    /// A folder with further probes.
    pub probes: Option<PathBuf>,
    /// The percentage of operations that must have accepted something.
    pub require_coverage: Option<u8>,
    /// Whether only to plan: crawl without canaries.
    pub dry_run: bool,
    /// The command line for the report, masked by the caller.
    pub arguments: Vec<String>,
}

/// Where to find an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// A file on this machine.
    File(PathBuf),
    /// A document in the target's scope, fetched with the scan's own client.
    Url(Url),
}

/// The settings of the HTTP client.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Maximum number of requests in any one-second window.
    pub rate: u32,
    /// Maximum number of requests in flight.
    pub concurrency: usize,
    /// Maximum number of requests in total; `None` for no limit.
    pub max_requests: Option<u64>,
    /// Maximum duration in total; `None` for no limit.
    pub max_time: Option<Duration>,
    /// The longest wait that a `Retry-After` may ask for; what asks for more is left out.
    pub max_wait: Duration,
    /// Timeout for one request, from departure to the last byte of the body.
    pub timeout: Duration,
    /// Maximum number of decompressed body bytes kept.
    pub max_body: usize,
    /// The tester's own headers, sent with every request (`-H`, `--cookie`).
    pub headers: Vec<(String, String)>,
    /// A proxy for every request.
    pub proxy: Option<String>,
    /// Whether to accept any certificate.
    pub insecure: bool,
    /// Further trusted certificates, in PEM format.
    pub cacert: Option<PathBuf>,
    /// The client certificate with its key, in PEM format.
    pub client_cert: Option<PathBuf>,
    /// Records everything that is sent and received.
    pub traffic: Option<Traffic>,
    /// Records every exchange in memory, or plays back recorded ones instead of sending.
    pub tape: Option<Tape>,
}

impl HttpSettings {
    /// Returns what `curl` needs to reach the target as this client does.
    pub fn reach(&self) -> CurlOptions<'_> {
        CurlOptions {
            insecure: self.insecure,
            cacert: self.cacert.as_deref(),
            client_cert: self.client_cert.as_deref(),
        }
    }

    /// Returns how many operations may be in progress side by side.
    ///
    /// It is more than the requests in flight, so that none of those is idle while the last few
    /// operations continue one by one. With a concurrency of one, operations run one after another.
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
    /// Returns the default settings for a target.
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

    /// Returns whether credentials of the tester are in use: an identity, a credential header, or a
    /// user name or password in the URL.
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

/// What `scan` writes, and when it fails.
#[derive(Clone, Debug)]
pub struct OutputSettings {
    /// The folder for reports; `None` writes no file.
    pub folder: Option<PathBuf>,
    /// Whether to write the only format to standard output instead of the text for people.
    pub stdout: bool,
    /// The formats, at least one.
    pub formats: Vec<Format>,
    /// Only findings of at least this verdict are shown and counted.
    pub min_verdict: Option<Verdict>,
    /// Whether to print findings in full instead of one line each.
    pub details: bool,
    /// Findings of at least this severity lead to exit code 1.
    pub fail_on: Option<Severity>,
    /// An earlier report: only findings that it lacks count.
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
    /// Every format, in the order in which reports are written.
    pub const ALL: &[Self] = &[Self::Json, Self::Sarif];

    /// Returns the name used for `--format`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Sarif => "sarif",
        }
    }
}
