//! The options of `scan` and `crawl`, as written on the command line.
//!
//! Owns: the options of both (how to reach the application, and which part of it), those of a scan
//! only, and how a command line is laid over a file. Leaves out: the keys of a file (`file.rs`), and
//! the meaning of the options (`convert.rs`).

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use keyspill::auth::{IdentitySyntax, Leash};
use keyspill::finding::Verdict;
use keyspill::http::Method;
use keyspill::settings::Format;
use keyspill::target::Alias;
use regex::Regex;

use super::value::{EmailDomain, FailOn, FromText, VERDICT_NAMES, format_names};

/// What `scan` and `crawl` have in common: who the tester is, what is in scope, the pace. Not
/// `Debug`: it holds the tester's credentials.
//
// Secret values remain `String`s here, because clap quotes whatever a value parser refuses.
#[derive(Clone, Default, Args)]
pub(crate) struct ReachOptions {
    /// A header for every request, as 'Name: value'; can be repeated
    #[arg(
        short = 'H',
        long,
        value_name = "NAME: VALUE",
        help_heading = "The tester's side"
    )]
    pub(crate) header: Vec<String>,

    /// Cookies for every request, as 'name=value; other=value'
    #[arg(long, value_name = "COOKIES", help_heading = "The tester's side")]
    pub(crate) cookie: Vec<String>,

    /// A credential for every request: bearer:VALUE, basic:USER:VALUE, header:Name=VALUE,
    /// cookie:name=VALUE or query:name=VALUE. VALUE is env:NAME (an environment variable), @FILE (a
    /// file's text), cmd:COMMAND (the line that a command prints, which cannot ask at the terminal; it
    /// runs again when the login is lost), or the value itself (text:… where it begins like those).
    /// cmd:COMMAND alone is a bearer token; can be repeated
    #[arg(long, value_name = "CREDENTIAL", help_heading = "The tester's side")]
    pub(crate) auth: Vec<String>,

    /// Scan as this identity of the configuration file's `identities`; a second one is kept for
    /// rules that compare two
    #[arg(long = "as", value_name = "NAME", help_heading = "The tester's side")]
    pub(crate) identity: Vec<String>,

    /// The identities that the scan can use; only in a file.
    #[arg(skip)]
    pub(crate) identities: BTreeMap<String, IdentitySyntax>,

    /// The leash on which commands for credentials run; set by the code that runs the scan.
    #[arg(skip)]
    pub(crate) leash: Leash,

    /// Send everything through this proxy (http, https or socks5); the environment's proxies are
    /// never used
    #[arg(long, value_name = "URL", help_heading = "The tester's side")]
    pub(crate) proxy: Option<String>,

    /// Accept any TLS certificate
    #[arg(long, help_heading = "The tester's side")]
    pub(crate) insecure: bool,

    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE", help_heading = "The tester's side")]
    pub(crate) cacert: Option<PathBuf>,

    /// Present this certificate to the server (mutual TLS): a PEM file that holds the certificate, its
    /// chain and its private key, without a passphrase
    #[arg(long, value_name = "FILE", help_heading = "The tester's side")]
    pub(crate) client_cert: Option<PathBuf>,

    /// Write everything sent and received into this HAR file, secrets masked, long bodies cut
    #[arg(long, value_name = "FILE.har", help_heading = "The tester's side")]
    pub(crate) traffic: Option<PathBuf>,

    /// Another name of the application's host, as HOST or HOST:PORT: links, redirects and forms that
    /// name it are taken as the base URL's own, and it is never connected to; can be repeated
    #[arg(long, value_name = "HOST", value_parser = Alias::from_text, help_heading = "Scope")]
    pub(crate) alias: Vec<Alias>,

    /// Only touch paths that match; can be repeated
    #[arg(long, value_name = "REGEX", value_parser = Regex::from_text, help_heading = "Scope")]
    pub(crate) include: Vec<Regex>,

    /// Never touch paths that match; can be repeated
    #[arg(long, value_name = "REGEX", value_parser = Regex::from_text, help_heading = "Scope")]
    pub(crate) exclude: Vec<Regex>,

    /// Methods that may be sent, joined by commas (default GET,HEAD,OPTIONS,POST); GET is always allowed
    #[arg(
        long,
        value_name = "METHODS",
        value_delimiter = ',',
        ignore_case = true,
        value_parser = PossibleValuesParser::new(Method::ALL.map(Method::as_str))
            .try_map(|text| Method::from_text(&text)),
        help_heading = "Scope"
    )]
    pub(crate) methods: Vec<Method>,

    /// Send dangerous operations whose 'METHOD path' matches (those that delete, reset or log out,
    /// and with credentials those that change the account in use, move money or send messages, are
    /// otherwise only listed); can be repeated
    #[arg(long, value_name = "REGEX", value_parser = Regex::from_text, help_heading = "Scope")]
    pub(crate) allow: Vec<Regex>,

    /// Test at most this many endpoints and only list the rest (default 1000)
    #[arg(long, value_name = "N", help_heading = "Scope")]
    pub(crate) max_endpoints: Option<NonZeroUsize>,

    /// Only touch paths with at most this many segments below the base URL: 2 allows /a/b, not /a/b/c
    #[arg(long, value_name = "N", help_heading = "Scope")]
    pub(crate) max_depth: Option<NonZeroUsize>,

    /// Import what is already known: an OpenAPI or Swagger document (JSON or YAML), a HAR, a Postman or
    /// Insomnia collection, a Burp XML export, or the output of `flask routes`. A file, or a URL
    /// under the base URL; can be repeated
    #[arg(long, value_name = "FILE|URL", help_heading = "Scope")]
    pub(crate) import: Vec<String>,

    /// Try the paths of this file, one a line (`#` begins a comment, `{id}` stands for any value),
    /// below the base URL; a list of 100 or fewer under each discovered prefix too
    #[arg(long, value_name = "FILE", help_heading = "Scope")]
    pub(crate) wordlist: Option<PathBuf>,

    /// Maximum requests per second, in any one-second window (default 100)
    #[arg(long, value_name = "N", help_heading = "Pace and budget")]
    pub(crate) rate: Option<NonZeroU32>,

    /// Maximum number of requests in flight (default 8)
    #[arg(long, value_name = "N", help_heading = "Pace and budget")]
    pub(crate) concurrency: Option<NonZeroUsize>,

    /// Stop after this many requests
    #[arg(long, value_name = "N", help_heading = "Pace and budget")]
    pub(crate) max_requests: Option<NonZeroU64>,

    /// Stop after this time, such as 90s or 10m
    #[arg(
        long,
        value_name = "TIME",
        value_parser = Duration::from_text,
        help_heading = "Pace and budget"
    )]
    pub(crate) max_time: Option<Duration>,

    /// Give up on one request after this time (default 15s)
    #[arg(
        long,
        value_name = "TIME",
        value_parser = Duration::from_text,
        help_heading = "Pace and budget"
    )]
    pub(crate) timeout: Option<Duration>,

    /// Wait at most this long when the server says when to come back (Retry-After); what asks for more
    /// is left out and named (default 60s)
    #[arg(
        long,
        value_name = "TIME",
        value_parser = Duration::from_text,
        help_heading = "Pace and budget"
    )]
    pub(crate) max_wait: Option<Duration>,

    /// Input names that count as credentials besides the known ones; can be repeated
    #[arg(long, value_name = "REGEX", value_parser = Regex::from_text, help_heading = "Detection")]
    pub(crate) credential_name: Vec<Regex>,

    /// Input names that never count as credentials; can be repeated
    #[arg(long, value_name = "REGEX", value_parser = Regex::from_text, help_heading = "Detection")]
    pub(crate) not_credential: Vec<Regex>,
}

/// The options of `scan`. Not `Debug`: it holds the tester's credentials.
#[derive(Clone, Default, Args)]
pub(crate) struct ScanOptions {
    /// What a crawl has too.
    #[command(flatten)]
    pub(crate) reach: ReachOptions,

    /// Look for stored canaries once more after this time (default 2s)
    #[arg(
        long,
        value_name = "TIME",
        value_parser = Duration::from_text,
        help_heading = "Pace and budget"
    )]
    pub(crate) settle: Option<Duration>,

    /// Never plant a canary in inputs of this name, which is as reports print it, in any case; of a
    /// field `a.b[].c` the last part is enough. They get plain values where a request needs them; can
    /// be repeated
    #[arg(long, value_name = "NAME", help_heading = "Detection")]
    pub(crate) exclude_input: Vec<String>,

    /// Where canaries in the shape of an e-mail address live (default example.com, where nobody gets
    /// mail): for applications that take addresses of their own domain only
    #[arg(
        long,
        value_name = "DOMAIN",
        value_parser = EmailDomain::from_text,
        help_heading = "Detection"
    )]
    pub(crate) email_domain: Option<EmailDomain>,

    /// Run only these rules, joined by commas, as `keyspill probes list` names them
    #[arg(
        long,
        value_name = "IDS",
        value_delimiter = ',',
        help_heading = "Detection"
    )]
    pub(crate) rules: Vec<String>,

    /// Do not run this rule; can be repeated
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        help_heading = "Detection"
    )]
    pub(crate) exclude_rule: Vec<String>,

    /// Load the probes of this folder too; `keyspill probes check DIR` tries them
    #[arg(long, value_name = "DIR", help_heading = "Detection")]
    pub(crate) probes: Option<PathBuf>,

    /// Seek hidden inputs with the names of this file too, one a line, in queries and bodies
    /// (`header NAME` and `cookie NAME` go there); some 150 names a request
    #[arg(long, value_name = "FILE", help_heading = "Detection")]
    pub(crate) input_wordlist: Option<PathBuf>,

    /// Do not try the usual names of hidden inputs on operations that read (a request each)
    #[arg(long, help_heading = "Detection")]
    pub(crate) no_hidden_inputs: bool,

    /// Make canaries and order repeatable
    #[arg(long, value_name = "N", help_heading = "Detection")]
    pub(crate) seed: Option<u64>,

    /// Crawl without canaries and print what would be planted
    #[arg(long, help_heading = "Detection")]
    pub(crate) dry_run: bool,

    /// Report formats, joined by commas (default json); needs --output
    #[arg(
        long,
        value_name = "FORMATS",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(format_names())
            .try_map(|text| Format::from_text(&text)),
        help_heading = "Results"
    )]
    pub(crate) format: Vec<Format>,

    /// Write the reports into this folder; `-` writes one format to standard output
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    pub(crate) output: Option<PathBuf>,

    /// Show and count only findings that are at least this certain: confirmed, likely or undetermined (the
    /// default; undetermined ones never count). report.json keeps all
    #[arg(
        long,
        value_name = "VERDICT",
        value_parser = PossibleValuesParser::new(VERDICT_NAMES)
            .try_map(|text| Verdict::from_text(&text)),
        help_heading = "Results"
    )]
    pub(crate) min_verdict: Option<Verdict>,

    /// Print evidence, curl lines and repair of every finding, not a line each
    #[arg(long, help_heading = "Results")]
    pub(crate) details: bool,

    /// Exit with 1 on findings at or above this severity (default high)
    #[arg(
        long,
        value_name = "SEVERITY",
        value_parser = PossibleValuesParser::new(FailOn::NAMES)
            .try_map(|text| FailOn::from_text(&text)),
        help_heading = "Results"
    )]
    pub(crate) fail_on: Option<FailOn>,

    /// Exit with 3 if less than this percentage of the operations found accepted a request
    #[arg(
        long,
        value_name = "PERCENT",
        value_parser = clap::value_parser!(u8).range(0..=100),
        help_heading = "Results"
    )]
    pub(crate) require_coverage: Option<u8>,

    /// An earlier report.json: only findings that it lacks count for --fail-on
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub(crate) baseline: Option<PathBuf>,
}

/// Lays typed options over those of a file, field by field, as the table specifies. A field missing
/// from the table does not compile.
macro_rules! laid_over {
    ($typed:ident, $file:ident, { $($field:ident: $how:path,)+ }) => {
        Self { $($field: $how($typed.$field, $file.$field),)+ }
    };
}

impl ReachOptions {
    /// Lays these options over those of a file: single values, cookies, identities to use and methods
    /// replace the file's, a header replaces the file's header of the same name, and other repeatable
    /// options add to the file's (so that a pattern on the command line never lifts an `exclude` of the
    /// file).
    #[must_use]
    pub(crate) fn over(self, file: Self) -> Self {
        laid_over!(self, file, {
            header: headers_over,
            cookie: replaced,
            auth: added,
            identity: replaced,
            identities: both,
            leash: typed_only,
            proxy: Option::or,
            insecure: either,
            cacert: Option::or,
            client_cert: Option::or,
            alias: added,
            traffic: Option::or,
            include: added,
            exclude: added,
            methods: replaced,
            allow: added,
            max_endpoints: Option::or,
            max_depth: Option::or,
            import: added,
            wordlist: Option::or,
            rate: Option::or,
            concurrency: Option::or,
            max_requests: Option::or,
            max_time: Option::or,
            timeout: Option::or,
            max_wait: Option::or,
            credential_name: added,
            not_credential: added,
        })
    }
}

impl ScanOptions {
    /// Lays these options over those of a file, as [`ReachOptions::over`] does.
    #[must_use]
    pub(crate) fn over(self, file: Self) -> Self {
        laid_over!(self, file, {
            reach: ReachOptions::over,
            settle: Option::or,
            exclude_input: added,
            email_domain: Option::or,
            rules: replaced,
            exclude_rule: added,
            probes: Option::or,
            input_wordlist: Option::or,
            no_hidden_inputs: either,
            seed: Option::or,
            dry_run: either,
            format: replaced,
            output: Option::or,
            min_verdict: Option::or,
            details: either,
            fail_on: Option::or,
            require_coverage: Option::or,
            baseline: Option::or,
        })
    }
}

fn either(typed: bool, file: bool) -> bool {
    typed || file
}

/// Returns the typed leash, because a file never defines one.
fn typed_only(typed: Leash, _file: Leash) -> Leash {
    typed
}

type Known = BTreeMap<String, IdentitySyntax>;

fn both(typed: Known, file: Known) -> Known {
    file.into_iter().chain(typed).collect()
}

fn replaced<T>(typed: Vec<T>, file: Vec<T>) -> Vec<T> {
    if typed.is_empty() { file } else { typed }
}

fn added<T>(typed: Vec<T>, file: Vec<T>) -> Vec<T> {
    file.into_iter().chain(typed).collect()
}

fn headers_over(typed: Vec<String>, file: Vec<String>) -> Vec<String> {
    let name = |header: &str| {
        let name = header.split(':').next().unwrap_or_default();
        name.trim().to_ascii_lowercase()
    };
    let kept = file
        .into_iter()
        .filter(|header| !typed.iter().any(|other| name(other) == name(header)))
        .collect::<Vec<_>>();
    added(typed, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::FileOptions;

    fn options(yaml: &str) -> ScanOptions {
        serde_yaml::from_str::<FileOptions>(yaml).unwrap().into()
    }

    #[test]
    fn a_single_value_replaces_the_one_of_the_file() {
        let merged = options("rate: 5").over(options("rate: 50\nseed: 7"));
        assert_eq!(merged.reach.rate.unwrap().get(), 5);
        assert_eq!(merged.seed, Some(7));
    }

    #[test]
    fn a_header_replaces_only_the_one_of_the_same_name() {
        let merged = options("header: ['x-key: new']")
            .over(options("header: ['X-Key: old', 'X-Other: kept']"));
        assert_eq!(merged.reach.header, ["X-Other: kept", "x-key: new"]);
    }

    #[test]
    fn a_pattern_adds_to_those_of_the_file() {
        let merged = options("exclude: admin").over(options("exclude: [billing]"));
        let patterns: Vec<_> = merged.reach.exclude.iter().map(Regex::as_str).collect();
        assert_eq!(patterns, ["billing", "admin"]);
    }
}
