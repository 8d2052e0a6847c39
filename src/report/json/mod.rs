//! `report.json`, version 2: the source of every other format.
//!
//! Owns: the published types, whose form `tests/schema` fixes. A type's name carries the version that
//! introduced it; types of version 1 keep their form and only gain optional fields. Leaves out: the
//! original version 1 (`v1.rs`), how a [`ScanResult`](crate::finding::ScanResult) becomes a report
//! (`convert.rs`), and how a file of either version is read (`read.rs`).
//!
//! Changed in version 2: `planted` lists requests instead of canaries. Added in version 2: `rules`,
//! `limits`; a finding's `fingerprints`, `aliases`, `owasp`, `asvs`, `help` and `group`; a flow's
//! `why_not`; an input's `credential` and `tested`; a problem's `operation` and `option`.

mod convert;
mod limits;
mod read;
mod v1;
mod words;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::finding::{Role, Severity, Verdict};
use crate::surface::Place;

pub(super) use convert::finding as published;
pub use read::{parse, read};
pub use v1::{PlantedV1, ReportV1};

/// The value of the `schema` field.
pub const SCHEMA: &str = "keyspill-report/2";

/// A whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportV2 {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The tool that wrote the report.
    pub tool: ToolV1,
    /// The run.
    pub run: RunV1,
    /// What was scanned.
    pub target: TargetV1,
    /// Findings, worst first.
    pub findings: Vec<FindingV1>,
    /// Findings of the baseline that this run could not check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_reached: Vec<FindingV1>,
    /// The data-flow map.
    pub flows: Vec<FlowV1>,
    /// How much of the application was examined.
    pub coverage: CoverageV1,
    /// The operations with their inputs.
    pub surface: Vec<SurfaceV1>,
    /// What limits the report.
    pub problems: Vec<ProblemV1>,
    /// Every request that carried canaries.
    pub planted: Vec<PlantedV2>,
    /// The rules that ran, by id; empty if unknown (version 1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The budget and the bounds in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitV2>,
    /// What was read from each import.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<ImportV2>,
}

impl ReportV2 {
    /// Returns every finding in the report: its own, and those carried over from a baseline.
    pub fn known(&self) -> impl Iterator<Item = &FindingV1> {
        self.findings.iter().chain(&self.not_reached)
    }
}

/// The tool that wrote a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolV1 {
    /// Always `keyspill`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One run of the tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunV1 {
    /// The run's id, as in the User-Agent.
    pub id: String,
    /// The key that recognises the run's canaries; it gives access to nothing else.
    pub key: String,
    /// When the run started.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// When the run finished.
    #[serde(with = "time::serde::rfc3339")]
    pub finished: OffsetDateTime,
    /// False if the run stopped early, or if there was nothing to see.
    pub complete: bool,
    /// The command line, with credentials masked.
    #[serde(default)]
    pub arguments: Vec<String>,
}

/// What was scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetV1 {
    /// The base URL, with credentials masked.
    pub url: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingV1 {
    /// `category/name`.
    pub rule: String,
    /// The part before the slash.
    pub category: String,
    /// One line that names the fault.
    pub title: String,
    /// The severity, fixed by the rule.
    #[serde(with = "words")]
    pub severity: Severity,
    /// How certain the finding is.
    #[serde(with = "words")]
    pub verdict: Verdict,
    /// The fingerprint of version 1: stable across runs, ports and canaries (see
    /// [`crate::finding::fingerprint`]).
    pub fingerprint: String,
    /// The fingerprint in each version; absent in reports of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<FingerprintsV2>,
    /// Version 1 fingerprints of parts that have since become one finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The group: findings of one group have the same cause and are shown together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Where the canary went in; null for rules that plant nothing.
    #[serde(deserialize_with = "words::present")]
    pub source: Option<SourceV1>,
    /// Where it came out.
    pub sink: SinkV1,
    /// Further places of the same finding.
    pub occurrences: Vec<OccurrenceV1>,
    /// How the canary was transformed, outermost step first.
    #[serde(default)]
    pub transform: Option<String>,
    /// The proof.
    pub evidence: EvidenceV1,
    /// CWE numbers, the most fitting first.
    pub cwe: Vec<u32>,
    /// Risks of the OWASP API Security Top 10, such as `API8:2023`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owasp: Vec<String>,
    /// Requirements of OWASP ASVS, such as `v4.0.3-8.3.1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asvs: Vec<String>,
    /// The page that explains the rule.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Why it matters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// How to fix it.
    pub remediation: String,
    /// When the canary was planted.
    #[serde(
        default,
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub planted_at: Option<OffsetDateTime>,
    /// When the canary was first seen.
    #[serde(
        default,
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub first_seen: Option<OffsetDateTime>,
    /// When the canary was last seen.
    #[serde(
        default,
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_seen: Option<OffsetDateTime>,
    /// How it compares with the baseline, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineV1>,
}

/// A finding's fingerprint in each version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FingerprintsV2 {
    /// The fingerprint in which literal path segments count unchanged.
    pub v1: String,
    /// The fingerprint in which literal path segments that look like ids count as placeholders.
    pub v2: String,
}

/// How a finding compares with the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BaselineV1 {
    /// The baseline lacks it.
    New,
    /// The baseline has it, too.
    Unchanged,
}

/// Where a canary went in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceV1 {
    /// The method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The place.
    #[serde(with = "words")]
    pub place: Place,
    /// The input's name; `*` if the canary was the name.
    pub input: String,
}

/// Where something came out: an answer, a file, or a database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged, try_from = "read::AnySink")]
pub enum SinkV1 {
    /// An answer of the application.
    Http {
        /// The method.
        method: String,
        /// The path template.
        path: String,
        /// `body`, `status`, `session`, `header:…` or `cookie:…`.
        place: String,
        /// The JSON field or table column, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<String>,
    },
    /// A file that a witness read.
    File {
        /// The witness's name.
        file: String,
        /// The line, starting at 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        /// The byte offset.
        #[serde(skip_serializing_if = "Option::is_none")]
        offset: Option<u64>,
    },
    /// A document in a database.
    Database {
        /// The collection or table.
        collection: String,
        /// The field or column.
        field: String,
    },
}

/// Another place of the same finding, with at least one of its two sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OccurrenceV1 {
    /// Another source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceV1>,
    /// Another sink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sink: Option<SinkV1>,
}

/// What proves a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceV1 {
    /// The text that contains the match.
    pub snippet: String,
    /// Minimal requests that reproduce it, in order.
    pub curl: Vec<String>,
    /// The exchanges, masked.
    pub exchanges: Vec<ExchangeV1>,
}

/// A request and its answer, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeV1 {
    /// Why the request was made.
    #[serde(with = "words")]
    pub role: Role,
    /// The request as sent, masked.
    pub request: String,
    /// The answer, masked and cut around the evidence; null if there was none.
    #[serde(default)]
    pub response: Option<String>,
}

/// A row of the data-flow map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowV1 {
    /// Where it went in.
    pub source: SourceV1,
    /// Where it came out.
    pub sink: SinkV1,
    /// How it was transformed.
    #[serde(default)]
    pub transform: Option<String>,
    /// How often the flow was seen.
    pub count: u64,
    /// Why a flow from a weakly named input is not a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<JudgementV2>,
}

/// Why an input is, or is not, considered a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgementV2 {
    /// The result: `no`, `possible`, `likely` or `yes`. A later version may add words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub standing: String,
    /// The reasons for it.
    #[serde(rename = "for", default)]
    pub speaks_for: Vec<String>,
    /// The reasons against it.
    #[serde(rename = "against", default)]
    pub speaks_against: Vec<String>,
    /// The deciding reason.
    #[serde(default)]
    pub decided: String,
}

/// Counts that show how much of the application was examined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageV1 {
    /// The number of known operations.
    pub endpoints: u64,
    /// The number of operations that accepted something: they answered with a success, or with a
    /// redirect that does not lead to a login.
    #[serde(default)]
    pub endpoints_reached: u64,
    /// The number of known inputs.
    pub inputs: u64,
    /// The number of inputs that carried a canary.
    pub inputs_tested: u64,
    /// The number of requests sent.
    pub requests: u64,
    /// The number of requests without a complete answer.
    pub failed_requests: u64,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurfaceV1 {
    /// The method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// Whether it answered.
    pub reached: ReachedV1,
    /// Its inputs.
    pub inputs: Vec<InputV1>,
}

/// Whether an operation answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachedV1 {
    /// The best status seen; null if the operation was never sent or never answered.
    #[serde(deserialize_with = "words::present")]
    pub status: Option<u16>,
    /// Why there is no status, or why none of them accepted the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// One input of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputV1 {
    /// The place.
    #[serde(with = "words")]
    pub place: Place,
    /// The name.
    pub name: String,
    /// Whether the final judgement is that it is a credential.
    #[serde(default)]
    pub credential_like: bool,
    /// The judgement with its reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<JudgementV2>,
    /// True if a canary was sent in it and answered; absent if unknown (version 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested: Option<bool>,
    /// What revealed it.
    #[serde(default)]
    pub discovered_by: Vec<String>,
}

/// Something that limits what the report can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemV1 {
    /// A stable identifier.
    pub code: String,
    /// One line for people.
    pub message: String,
    /// The operation concerned, as `METHOD /path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The option that may lift the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
}

/// One request that carried canaries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlantedV2 {
    /// The method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// When it was sent.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The status of the answer, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The request, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
    /// Its canaries, at least one.
    pub canaries: Vec<CanaryV2>,
}

/// One canary of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryV2 {
    /// The place.
    #[serde(with = "words")]
    pub place: Place,
    /// The input's name; `*` if the canary was the name.
    pub input: String,
    /// The canary as sent.
    pub canary: String,
    /// Its slot.
    pub slot: u32,
    /// Its shape.
    pub shape: String,
}

/// What was read from an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportV2 {
    /// The file or URL, as the tester named it.
    pub name: String,
    /// The number of requests or operations read.
    pub read: u64,
    /// How many of them are outside the base URL.
    pub out_of_scope: u64,
    /// What was left out, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOutV2>,
}

/// A part of an import that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutV2 {
    /// The part that was left out.
    pub part: String,
    /// Why.
    pub why: String,
}

/// A budget or bound in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitV2 {
    /// The option's name, with `_` for `-`.
    pub name: String,
    /// A number, a text, or null if there is no bound.
    pub value: serde_json::Value,
}
