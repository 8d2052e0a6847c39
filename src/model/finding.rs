//! Findings, which `judge` makes and `report` writes.
//!
//! This module has the types, and the constructor that rejects a finding without evidence. Whether
//! a finding is true is decided in `judge`; its identifier is in `fingerprint`, and its written
//! form in `report`. Nothing here is `Serialize`: published formats have their own types.

pub mod fingerprint;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use time::OffsetDateTime;

use self::fingerprint::FingerprintParts;
use crate::credential::Judgement;
use crate::problem;
use crate::redact::Redactor;
use crate::surface::{EndpointId, Place, TypeHint};

/// How bad a fault is. It is fixed for each rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Public by design.
    Info,
    /// Helps an attacker slightly.
    Low,
    /// A leak that can be exploited only with another fault.
    Medium,
    /// A leak that can be exploited.
    High,
    /// Compromises the application.
    Critical,
}

impl Severity {
    /// Every severity, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// Returns the name used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| {
                format!("{text:?} is not a severity (info, low, medium, high or critical)")
            })
    }
}

/// How certain a finding is.
///
/// A finding that a control could not settle is at most *undetermined*. Undetermined findings never
/// count for `--fail-on`, and are not results in SARIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Suspected: the replay could not be completed or did not show it, or a control could not be
    /// run.
    Undetermined,
    /// Seen once while the controls showed nothing, and a replay is blocked by the application's
    /// state (409, 429, a consumed id); or seen only with a weak form of canary.
    Likely,
    /// Repeated with a fresh canary at the same sink in the same way, while no control showed it.
    ///
    /// For stored data this takes a fresh plant and a fresh read; for a static text, two fetches
    /// and its absence from a nonsense sibling path; for a difference, two further repeats.
    Confirmed,
}

impl Verdict {
    /// Returns the name used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Likely => "likely",
            Self::Undetermined => "undetermined",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Verdict {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Confirmed, Self::Likely, Self::Undetermined]
            .into_iter()
            .find(|verdict| verdict.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not a verdict"))
    }
}

/// Where a canary went in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The operation.
    pub endpoint: EndpointId,
    /// The part of the request.
    pub place: Place,
    /// The input's name; `*` if the canary was the name.
    pub input: String,
}

/// The part of an answer in which something was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SinkPlace {
    /// The body.
    Body,
    /// The status line.
    Status,
    /// The decoded Flask session (or another signed, client-readable session).
    Session,
    /// A header, by its name in lower case.
    Header(String),
    /// A cookie set by the answer, by its name.
    Cookie(String),
}

impl fmt::Display for SinkPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => f.write_str("body"),
            Self::Status => f.write_str("status"),
            Self::Session => f.write_str("session"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Cookie(name) => write!(f, "cookie:{name}"),
        }
    }
}

/// Where something came out. (Files and databases will be added with the witnesses.)
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sink {
    /// The operation that gave the answer.
    pub endpoint: EndpointId,
    /// The part of the answer.
    pub place: SinkPlace,
    /// The JSON field (`a.b[].c`) or table column; empty for none.
    pub field: String,
}

/// A request and its answer as text, masked and cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeText {
    /// `baseline`, `plant`, `read`, `control` or `replay`.
    pub role: Role,
    /// The request as sent.
    pub request: String,
    /// The answer, cut around the evidence; `None` if there was none.
    pub response: Option<String>,
}

/// The purpose of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Sends the operation with plain values.
    Baseline,
    /// Sends a canary.
    Plant,
    /// Looks for stored canaries.
    Read,
    /// Runs a control.
    Control,
    /// Confirms a finding.
    Replay,
}

impl Role {
    /// Returns the name used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Plant => "plant",
            Self::Read => "read",
            Self::Control => "control",
            Self::Replay => "replay",
        }
    }
}

/// The proof of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// A piece of the answer that contains the match, with real secrets masked.
    pub snippet: String,
    /// A minimal sequence of shell commands that reproduces it.
    pub curl: Vec<String>,
    /// The exchanges, masked.
    pub exchanges: Vec<ExchangeText>,
}

/// A further place of the same finding; it has a source, a sink or both.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Occurrence {
    /// Another source.
    pub source: Option<Source>,
    /// Another sink.
    pub sink: Option<Sink>,
}

/// What a rule's file under `probes/` defines for all its findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// `category/name`.
    pub id: String,
    /// One line that names the fault.
    pub title: String,
    /// The same line for a source that is not a credential, if the rule applies to any input.
    pub title_any: Option<String>,
    /// Findings of the same group and target have one cause and are reported together (`debugger`).
    pub group: Option<String>,
    /// The severity of all its findings.
    pub severity: Severity,
    /// CWE numbers, the best match first.
    pub cwe: Vec<u32>,
    /// Risks of the OWASP API Security Top 10, such as `API8:2023`.
    pub owasp: Vec<String>,
    /// Requirements of OWASP ASVS, such as `v4.0.3-8.3.1`.
    pub asvs: Vec<String>,
    /// The page that explains the rule.
    pub help: String,
    /// Why it matters, in a sentence or two.
    pub why: String,
    /// How to fix it with Flask and PyMongo.
    pub remediation: String,
    /// Whether its findings name an input, because they rely on a planted value.
    pub needs_source: bool,
}

impl RuleInfo {
    /// Returns the part of the id before the slash.
    pub fn category(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// Everything that makes up a finding; [`Finding::new`] checks it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The rule.
    pub rule: RuleInfo,
    /// How certain it is.
    pub verdict: Verdict,
    /// Where the canary went in; `None` for rules that plant nothing.
    pub source: Option<Source>,
    /// Where it came out.
    pub sink: Sink,
    /// Detector id or exception type: part of the fingerprint.
    pub class: String,
    /// The fields of source and sink that the rule merges over, which are empty in the fingerprint.
    pub merged_over: MergedOver,
    /// Further places.
    pub occurrences: Vec<Occurrence>,
    /// Findings that this one stands for, because they have the same cause.
    pub covers: Vec<Covered>,
    /// How the canary was transformed, outermost first; `None` if there is no canary.
    pub transform: Option<String>,
    /// The proof.
    pub evidence: Evidence,
    /// When the canary was planted.
    pub planted_at: Option<OffsetDateTime>,
    /// When it was first seen.
    pub first_seen: Option<OffsetDateTime>,
    /// When it was last seen.
    pub last_seen: Option<OffsetDateTime>,
}

/// A finding that another one stands for, with the parts used in its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Covered {
    /// The rule's id.
    pub rule: String,
    /// Detector id or exception type.
    pub class: String,
    /// Where it came out.
    pub sink: Sink,
}

/// Which sides of a finding its rule merges over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergedOver {
    /// Nothing: one finding per source and sink.
    #[default]
    Nothing,
    /// The inputs of the operation (unhandled-input: one finding per operation).
    Inputs,
    /// Every place (debugger findings: one per target).
    Everything,
}

/// A fault with its proof, built only by [`Finding::new`].
#[derive(Clone, Debug)]
pub struct Finding {
    draft: Draft,
    fingerprint: String,
}

/// Why a draft is not a finding. This is a defect in keyspill, reported only as a problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {missing}")]
pub struct HalfMade {
    /// The rule.
    pub rule: String,
    /// What is missing.
    pub missing: &'static str,
}

impl Finding {
    /// Creates a finding.
    ///
    /// # Errors
    ///
    /// Fails for a draft without a snippet, `curl` line or exchange, and for one without a source
    /// if the rule relies on a planted value.
    pub fn new(draft: Draft) -> Result<Self, HalfMade> {
        let lacks = |missing| {
            Err(HalfMade {
                rule: draft.rule.id.clone(),
                missing,
            })
        };
        if draft.evidence.snippet.is_empty() {
            return lacks("no snippet");
        }
        if draft.evidence.curl.is_empty() || draft.evidence.curl.iter().any(String::is_empty) {
            return lacks("no curl line");
        }
        if draft.evidence.exchanges.is_empty() {
            return lacks("no exchange");
        }
        if draft.source.is_none() && draft.rule.needs_source {
            return lacks("no source");
        }
        let fingerprint = fingerprint::v1(FingerprintParts::of(&draft));
        Ok(Self { draft, fingerprint })
    }

    /// Returns the same finding with a redactor's secrets masked in its evidence.
    #[must_use]
    pub fn masked(mut self, redactor: &Redactor) -> Self {
        let evidence = &mut self.draft.evidence;
        evidence.snippet = redactor.text(&evidence.snippet);
        for line in &mut evidence.curl {
            *line = redactor.text(line);
        }
        for exchange in &mut evidence.exchanges {
            exchange.request = redactor.text(&exchange.request);
            exchange.response = exchange.response.take().map(|text| redactor.text(&text));
        }
        self
    }

    /// Returns 64 hex digits that are stable across runs, ports and canaries: [`fingerprint::v1`].
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns the fingerprints that parts of this finding had as findings of their own.
    ///
    /// These are its other places and what it [covers](Draft::covers); a report from before they
    /// were merged has those fingerprints. They are sorted and without duplicates or this finding's
    /// own.
    pub fn aliases(&self) -> Vec<String> {
        let draft = &self.draft;
        let own = FingerprintParts::of(draft);
        let places = draft.occurrences.iter().map(|place| FingerprintParts {
            source: place.source.as_ref().or(own.source),
            sink: place.sink.as_ref().unwrap_or(own.sink),
            ..own
        });
        let covered = draft.covers.iter().map(|covered| FingerprintParts {
            rule: &covered.rule,
            class: &covered.class,
            source: None,
            sink: &covered.sink,
            merged_over: MergedOver::Nothing,
        });
        let all = places.chain(covered).map(fingerprint::v1);
        let all: BTreeSet<String> = all.filter(|one| *one != self.fingerprint).collect();
        all.into_iter().collect()
    }
}

impl std::ops::Deref for Finding {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        &self.draft
    }
}

/// A canary of an input that is not credential-like, and where it came out. It is not a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Where it went in.
    pub source: Source,
    /// Where it came out.
    pub sink: Sink,
    /// How it was transformed.
    pub transform: Option<String>,
    /// How often it was seen.
    pub count: u64,
    /// Why it is not a finding, if the input's name could be a credential's.
    pub why_not: Option<Judgement>,
}

/// Coverage of one operation, for the report's surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// The best status seen.
    Status(u16),
    /// The best status seen when nothing was accepted, and the last reason given.
    Refused(u16, String),
    /// Never sent or never answered, and why.
    Never(String),
}

/// Something that limits the conclusions of the scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable identifier: `target-unreachable`, `budget`, `interrupted`, `untested-input`, …
    pub code: &'static str,
    /// One line for people, without secrets.
    pub message: String,
    /// The operation concerned, if any.
    pub operation: Option<EndpointId>,
}

impl Problem {
    /// Creates a problem; [`crate::problem`] has an entry for each code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            operation: None,
        }
    }

    /// Returns the same problem, attributed to one operation.
    #[must_use]
    pub fn at(mut self, operation: &EndpointId) -> Self {
        self.operation = Some(operation.clone());
        self
    }

    /// Returns the same problem with a redactor's secrets masked.
    #[must_use]
    pub fn masked(mut self, redactor: &Redactor) -> Self {
        self.message = redactor.text(&self.message);
        self
    }

    /// Returns whether the problem means that the run is not complete.
    pub fn is_ending(&self) -> bool {
        matches!(self.code, "interrupted" | "budget") || self.is_targets()
    }

    /// Returns whether the run ended because of the target, the connection to it, or the login.
    pub fn is_targets(&self) -> bool {
        problem::TARGETS.contains(&self.code)
    }
}

/// One canary that was sent, for cleaning up and for `trace` and `verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// Where it went in.
    pub source: Source,
    /// The canary as sent.
    pub canary: String,
    /// Its slot.
    pub slot: u32,
    /// Its shape's name.
    pub shape: &'static str,
    /// When it was sent.
    pub at: OffsetDateTime,
    /// The status of the answer; `None` if there was none.
    pub status: Option<u16>,
    /// The request that carried it, masked.
    pub curl: Option<String>,
}

/// One row of the report's surface.
#[derive(Clone, Debug, PartialEq)]
pub struct SurfaceRow {
    /// The operation.
    pub endpoint: EndpointId,
    /// Whether it was reached.
    pub reached: Reached,
    /// Its inputs: place, name, whether they are credential-like, and how they were discovered.
    pub inputs: Vec<SurfaceInput>,
}

/// One input in the report's surface.
#[derive(Clone, Debug, PartialEq)]
pub struct SurfaceInput {
    /// The place.
    pub place: Place,
    /// The name.
    pub name: String,
    /// The values it takes.
    pub hint: TypeHint,
    /// Whether the application is known to refuse a request without it.
    pub required: bool,
    /// Whether it got a canary and the request was sent.
    pub tested: bool,
    /// Whether it is credential-like, and why.
    pub judgement: Judgement,
    /// Names as returned by [`crate::surface::Provenance::as_str`].
    pub discovered_by: Vec<&'static str>,
}

/// Counts of how much of the application was examined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Number of known operations.
    pub endpoints: usize,
    /// Number of operations that answered.
    pub endpoints_reached: usize,
    /// Number of known inputs.
    pub inputs: usize,
    /// Number of inputs that got a canary.
    pub inputs_tested: usize,
    /// Number of requests sent, of all kinds.
    pub requests: u64,
    /// Number of requests without an answer.
    pub failed_requests: u64,
}

/// A finished scan: everything needed to write a report.
#[derive(Clone, Debug)]
pub struct ScanResult {
    /// The run's id, as sent in the User-Agent.
    pub run_id: String,
    /// The key that recognises the run's canaries.
    pub run_key: String,
    /// Start (UTC).
    pub started: OffsetDateTime,
    /// End (UTC).
    pub finished: OffsetDateTime,
    /// False if it was stopped by the budget, a signal, a lost login or a dead target.
    pub complete: bool,
    /// The command line, with credentials masked.
    pub arguments: Vec<String>,
    /// The target's base URL, with credentials masked.
    pub target: String,
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// Flows of inputs that are not credential-like.
    pub flows: Vec<Flow>,
    /// Coverage.
    pub coverage: Coverage,
    /// The surface.
    pub surface: Vec<SurfaceRow>,
    /// Problems.
    pub problems: Vec<Problem>,
    /// Canaries sent.
    pub planted: Vec<Planted>,
    /// What was read from each import.
    pub imports: Vec<Imported>,
}

/// What was read from an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The file or URL, as the tester named it.
    pub name: String,
    /// The number of requests or operations read.
    pub read: usize,
    /// The number of those that are not under the base URL.
    pub out_of_scope: usize,
    /// The parts that were left out, and why.
    pub left_out: Vec<(String, String)>,
}

#[cfg(test)]
mod tests;
