//! Findings: what `judge` makes and `report` writes.
//!
//! Owns: the types, and the constructor that refuses a finding without evidence. Leaves out: when a
//! finding is true (`judge`), what it is called (`fingerprint`), and how it is written (`report`).
//! Nothing here is `Serialize`: published formats have their own types.

pub mod fingerprint;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use time::OffsetDateTime;

use self::fingerprint::Identity;
use crate::credential::Judgement;
use crate::problem;
use crate::redact::Redactor;
use crate::surface::{EndpointId, Place, TypeHint};

/// How bad a fault is; fixed per rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Public by design.
    Info,
    /// Helps an attacker a little.
    Low,
    /// A leak that needs another fault to be used.
    Medium,
    /// A leak that can be used.
    High,
    /// Gives the application away.
    Critical,
}

impl Severity {
    /// All, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The name that reports use.
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

/// The one axis of trust.
///
/// Never more than *undetermined* is what a control could not settle. Undetermined findings never count for
/// `--fail-on`, and are no results in SARIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Suspected; the replay could not be completed or did not show it, or a control could not be run.
    Undetermined,
    /// Seen once with controls silent, where a replay is blocked by the application's state (409, 429, an id
    /// that is consumed); or a weak form of canary that no strong one has repeated.
    Likely,
    /// Repeated with a fresh canary at the same sink in the same way, every control silent; what is stored, by
    /// a fresh plant and a fresh read; a static text, fetched twice and absent on a nonsense sibling path; a
    /// difference, by two further repeats.
    Confirmed,
}

impl Verdict {
    /// The name that reports use.
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
    /// The place.
    pub place: Place,
    /// The input's name; `*` where the canary was the name.
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
    /// A header, by its lower-case name.
    Header(String),
    /// A cookie that the answer sets, by its name.
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

/// Where something came out. (Files and databases join with the witnesses.)
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sink {
    /// The operation whose answer it is.
    pub endpoint: EndpointId,
    /// The part of the answer.
    pub place: SinkPlace,
    /// The JSON field (`a.b[].c`) or table column; empty for none.
    pub field: String,
}

/// A request and what came back, as text, already masked and cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeText {
    /// `baseline`, `plant`, `read`, `control` or `replay`.
    pub role: Role,
    /// The request as sent.
    pub request: String,
    /// The answer, cut around the evidence; `None` when there was none.
    pub response: Option<String>,
}

/// Why an exchange was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The operation with plain values.
    Baseline,
    /// A canary went in.
    Plant,
    /// A look for stored canaries.
    Read,
    /// A control.
    Control,
    /// A confirmation.
    Replay,
}

impl Role {
    /// The name that reports use.
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

/// What proves a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// A piece of the answer that contains the match, real secrets masked.
    pub snippet: String,
    /// Minimal requests that reproduce it, in order, for a shell.
    pub curl: Vec<String>,
    /// The exchanges, masked.
    pub exchanges: Vec<ExchangeText>,
}

/// A further place of the same finding; at least one side is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Occurrence {
    /// Another source.
    pub source: Option<Source>,
    /// Another sink.
    pub sink: Option<Sink>,
}

/// What the file of a rule, under `probes/`, fixes for all its findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// `category/name`.
    pub id: String,
    /// One line, names the fault.
    pub title: String,
    /// The same line for a source that is no credential, where the rule holds for any input.
    pub title_any: Option<String>,
    /// Findings of one group and one target have one cause and are told together (`debugger`).
    pub group: Option<String>,
    /// Fixed severity.
    pub severity: Severity,
    /// CWE numbers, most fitting first.
    pub cwe: Vec<u32>,
    /// Risks of the OWASP API Security Top 10, as `API8:2023`.
    pub owasp: Vec<String>,
    /// Requirements of OWASP ASVS, as `v4.0.3-8.3.1`.
    pub asvs: Vec<String>,
    /// The page that explains the rule.
    pub help: String,
    /// Why it matters, a sentence or two.
    pub why: String,
    /// The repair in Flask and PyMongo terms.
    pub remediation: String,
    /// True where its findings name an input: what it sees rests on a planted value.
    pub needs_source: bool,
}

impl RuleInfo {
    /// The part of the id before the slash.
    pub fn category(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// Everything that a finding is made of; [`Finding::new`] checks it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The rule.
    pub rule: RuleInfo,
    /// How sure.
    pub verdict: Verdict,
    /// Where the canary went in; `None` for rules that plant nothing.
    pub source: Option<Source>,
    /// Where it came out.
    pub sink: Sink,
    /// Detector id or exception type: part of the fingerprint.
    pub class: String,
    /// Fields of source and sink that the rule merges over are empty in the fingerprint.
    pub merged_over: MergedOver,
    /// Further places.
    pub occurrences: Vec<Occurrence>,
    /// What would be findings of their own, were this one not there: their cause is the same.
    pub covers: Vec<Covered>,
    /// How the canary had changed, outermost first; `None` where there is no canary.
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

/// A finding that another one stands for, as far as its fingerprint goes.
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
    /// Nothing: one finding a source and sink.
    #[default]
    Nothing,
    /// The inputs of the operation (unhandled-input: one finding an operation).
    Inputs,
    /// Every place (debugger findings: one a target).
    Everything,
}

/// A fault with its proof. Built only by [`Finding::new`].
#[derive(Clone, Debug)]
pub struct Finding {
    draft: Draft,
    fingerprint: String,
}

/// Why a draft is no finding; a defect in keyspill, reported as a problem and never as a finding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {missing}")]
pub struct HalfMade {
    /// The rule.
    pub rule: String,
    /// What is missing.
    pub missing: &'static str,
}

impl Finding {
    /// Makes a finding.
    ///
    /// # Errors
    ///
    /// Refuses a draft without snippet, `curl` line or exchange, and one without a source where
    /// the rule's truth rests on a planted value.
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
        let fingerprint = fingerprint::v1(Identity::of(&draft));
        Ok(Self { draft, fingerprint })
    }

    /// The same finding with a redactor's secrets masked in its evidence.
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

    /// 64 hex digits, stable across runs, ports and canaries: [`fingerprint::v1`].
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The fingerprints that this finding's other places, and what it [covers](Draft::covers), had
    /// as findings of their own: a report from before they were merged names those. Sorted, none
    /// twice, this finding's own not among them.
    pub fn aliases(&self) -> Vec<String> {
        let draft = &self.draft;
        let own = Identity::of(draft);
        let places = draft.occurrences.iter().map(|place| Identity {
            source: place.source.as_ref().or(own.source),
            sink: place.sink.as_ref().unwrap_or(own.sink),
            ..own
        });
        let covered = draft.covers.iter().map(|covered| Identity {
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

/// A canary of an input that is not credential-like, and where it came out: no finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Where it went in.
    pub source: Source,
    /// Where it came out.
    pub sink: Sink,
    /// How it had changed.
    pub transform: Option<String>,
    /// How often it was seen.
    pub count: u64,
    /// Why it is no finding, where the input's name may be a credential's.
    pub why_not: Option<Judgement>,
}

/// Coverage of one operation, for the report's surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// The best status seen.
    Status(u16),
    /// The best status seen, of which none accepted anything, and the last reason that was given.
    Refused(u16, String),
    /// Never sent, or never answered, and why.
    Never(String),
}

/// Something that limits what the scan can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable word: `target-unreachable`, `budget`, `interrupted`, `untested-input`, …
    pub code: &'static str,
    /// One line for people; no secret in it.
    pub message: String,
    /// The operation that it is about, where it is about one.
    pub operation: Option<EndpointId>,
}

impl Problem {
    /// A problem; [`crate::problem`] has a row for each code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            operation: None,
        }
    }

    /// The same problem, said of one operation.
    #[must_use]
    pub fn at(mut self, operation: &EndpointId) -> Self {
        self.operation = Some(operation.clone());
        self
    }

    /// The same problem with a redactor's secrets masked.
    #[must_use]
    pub fn masked(mut self, redactor: &Redactor) -> Self {
        self.message = redactor.text(&self.message);
        self
    }

    /// True for a problem that says that the run is not complete.
    pub fn is_ending(&self) -> bool {
        matches!(self.code, "interrupted" | "budget") || self.is_targets()
    }

    /// True for an ending that lies with the target, the way to it, or the login.
    pub fn is_targets(&self) -> bool {
        problem::TARGETS.contains(&self.code)
    }
}

/// One canary that was sent, for cleaning up, `trace` and `verify`.
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
    /// The status of the answer; `None` where there was none.
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
    /// Its inputs: place, name, credential-like, discovered by.
    pub inputs: Vec<SurfaceInput>,
}

/// One input in the report's surface.
#[derive(Clone, Debug, PartialEq)]
pub struct SurfaceInput {
    /// The place.
    pub place: Place,
    /// The name.
    pub name: String,
    /// What values it takes.
    pub hint: TypeHint,
    /// True when the application is known to refuse a request without it.
    pub required: bool,
    /// True when it got a canary and the request left.
    pub tested: bool,
    /// Whether it is credential-like, and why.
    pub judgement: Judgement,
    /// Names as in [`crate::surface::Provenance::as_str`].
    pub discovered_by: Vec<&'static str>,
}

/// Counts that say how much of the application was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Operations known.
    pub endpoints: usize,
    /// Operations that answered.
    pub endpoints_reached: usize,
    /// Inputs known.
    pub inputs: usize,
    /// Inputs that had a canary.
    pub inputs_tested: usize,
    /// Requests sent, all of them.
    pub requests: u64,
    /// Requests without an answer.
    pub failed_requests: u64,
}

/// A finished scan: everything that a report is written from.
#[derive(Clone, Debug)]
pub struct ScanResult {
    /// The run's id, as in the User-Agent.
    pub run_id: String,
    /// The key that recognises the run's canaries.
    pub run_key: String,
    /// Start (UTC).
    pub started: OffsetDateTime,
    /// End (UTC).
    pub finished: OffsetDateTime,
    /// False when stopped by budget, signal, lost login or a dead target.
    pub complete: bool,
    /// The command line, credentials masked.
    pub arguments: Vec<String>,
    /// The target's base URL, credentials masked.
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
    /// What was read of each import.
    pub imports: Vec<Imported>,
}

/// What was read of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The file or URL, as the tester named it.
    pub name: String,
    /// Requests or operations that were read.
    pub read: usize,
    /// Those of them that are not under the base URL.
    pub out_of_scope: usize,
    /// Parts that were left out, and why.
    pub left_out: Vec<(String, String)>,
}

#[cfg(test)]
mod tests;
