//! The output of `crawl`: `crawl.json` version 1, the source of the table and of the `OpenAPI`
//! document.
//!
//! Owns: the published types. A copy of their schema is in `tests/schema/crawl.schema.json`. Values
//! that were seen (examples, samples) are left out on purpose: they may be somebody's secret.

mod openapi;
mod table;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use table::table;

use super::json::{ProblemV1, TargetV1, ToolV1};
use crate::crawl::survey::{Row, Survey};
use crate::error::Error;
use crate::redact::Redactor;
use crate::surface::{Input, Kind};

/// The value of the `schema` field.
pub const SCHEMA: &str = "keyspill-crawl/1";

/// The file name of the table.
pub const TABLE_FILE: &str = "crawl.txt";
/// The file name of the JSON format.
pub const JSON_FILE: &str = "crawl.json";
/// The file name of the `OpenAPI` document.
pub const OPENAPI_FILE: &str = "openapi.json";

/// A whole survey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurveyV1 {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The tool that wrote the survey.
    pub tool: ToolV1,
    /// The run.
    pub run: SurveyRunV1,
    /// What was crawled.
    pub target: TargetV1,
    /// How much was found, and by which sources.
    pub coverage: SurveyCoverageV1,
    /// Every operation, by path and method.
    pub endpoints: Vec<EndpointV1>,
    /// What limits the survey.
    pub problems: Vec<ProblemV1>,
}

/// One crawl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyRunV1 {
    /// The run's id, as in the User-Agent.
    pub id: String,
    /// When the crawl started.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// When the crawl finished.
    #[serde(with = "time::serde::rfc3339")]
    pub finished: OffsetDateTime,
    /// False if the crawl stopped early.
    pub complete: bool,
    /// The command line, with credentials masked.
    pub arguments: Vec<String>,
}

/// Counts of what the crawl found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyCoverageV1 {
    /// The number of operations.
    pub endpoints: u64,
    /// The number of operations without `unreached`.
    pub reached: u64,
    /// The number of inputs.
    pub inputs: u64,
    /// The number of requests sent.
    pub requests: u64,
    /// The number of requests without an answer.
    pub failed_requests: u64,
    /// What each kind of source revealed; something revealed by several counts for each.
    pub by_source: BTreeMap<String, SourceCountV1>,
}

/// What one kind of source revealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCountV1 {
    /// The number of operations.
    pub endpoints: u64,
    /// The number of inputs.
    pub inputs: u64,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointV1 {
    /// The method.
    pub method: String,
    /// The path from the origin's root, with `{name}` placeholders; `/graphql#field` is a field of a
    /// GraphQL schema.
    pub path: String,
    /// What revealed it: `link`, `form`, `script`, `specification`, `error`, `traceback`, `allow`,
    /// `guess`, `wordlist`, `import`.
    pub discovered_by: Vec<Cow<'static, str>>,
    /// The most informative status seen; null if there was none.
    pub status: Option<u16>,
    /// Every status seen.
    pub statuses: Vec<u16>,
    /// Why the operation was not reached; null if it was.
    pub unreached: Option<String>,
    /// Whether a specification requires a credential; null if none says so.
    pub secured: Option<bool>,
    /// The tags, summary and operation id of a specification.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// The GraphQL document to send, with a variable for each argument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Its inputs.
    pub inputs: Vec<InputV1>,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputV1 {
    /// `query`, `header`, `cookie`, `path`, `form`, `multipart`, `json`, `xml`, `text`, `graphql`.
    pub place: Cow<'static, str>,
    /// The name; a JSON field is written as `a.b[].c`.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean`, `array`, `object`, `file`; null if unknown.
    #[serde(rename = "type")]
    pub kind: Option<Cow<'static, str>>,
    /// The format, as in JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The pattern, as in JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The minimum length in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<usize>,
    /// The maximum length in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// The minimum value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The maximum value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// The only allowed values, as text.
    #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What precedes the value: `Bearer ` in an `authorization` header.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// A request without the input is known to be refused.
    pub required: bool,
    /// The input's name and type suggest a credential.
    pub credential_like: bool,
    /// What revealed the input, as for an operation.
    pub discovered_by: Vec<Cow<'static, str>>,
}

impl SurveyV1 {
    /// Creates the published form of a survey. `redactor` masks the tester's credentials; other secrets
    /// that the crawl saw are masked as in a scan.
    pub fn new(survey: Survey, redactor: &Redactor) -> Self {
        let mut redactor = redactor.clone();
        redactor.learn_all(&survey.secrets);
        let redactor = &redactor;
        let endpoints: Vec<EndpointV1> = survey
            .rows
            .into_iter()
            .map(|row| endpoint(&row, redactor))
            .collect();
        let mut by_source: BTreeMap<String, SourceCountV1> = BTreeMap::new();
        for endpoint in &endpoints {
            for source in &endpoint.discovered_by {
                by_source.entry(source.to_string()).or_default().endpoints += 1;
            }
            for source in endpoint
                .inputs
                .iter()
                .flat_map(|input| &input.discovered_by)
            {
                by_source.entry(source.to_string()).or_default().inputs += 1;
            }
        }
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let reached = endpoints.iter().filter(|row| row.unreached.is_none());
        Self {
            schema: SCHEMA.to_owned(),
            tool: ToolV1 {
                name: "keyspill".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            run: SurveyRunV1 {
                id: survey.run_id,
                started: survey.started,
                finished: survey.finished,
                complete: survey.complete,
                arguments: survey
                    .arguments
                    .iter()
                    .map(|text| redactor.text(text))
                    .collect(),
            },
            target: TargetV1 {
                url: redactor.text(&survey.target),
            },
            coverage: SurveyCoverageV1 {
                endpoints: count(endpoints.len()),
                reached: count(reached.count()),
                inputs: count(endpoints.iter().map(|row| row.inputs.len()).sum()),
                requests: survey.requests,
                failed_requests: survey.failed_requests,
                by_source,
            },
            endpoints,
            problems: survey
                .problems
                .iter()
                .map(|problem| ProblemV1::from(&problem.clone().masked(redactor)))
                .collect(),
        }
    }

    /// Writes `crawl.json` as a stream, because a large site's file takes tens of megabytes.
    ///
    /// # Errors
    ///
    /// Returns an error if writing to `out` fails.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        super::escape::write_pretty(out, self)?;
        out.write_all(b"\n")
    }

    /// Returns an `OpenAPI` 3.1 document of what was found.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Output`] if a value cannot be expressed.
    pub fn openapi(&self) -> Result<Vec<u8>, Error> {
        super::pretty(OPENAPI_FILE, &openapi::document(self))
    }
}

fn endpoint(row: &Row, redactor: &Redactor) -> EndpointV1 {
    let endpoint = &row.endpoint;
    EndpointV1 {
        method: endpoint.id.method.to_string(),
        path: redactor.text(endpoint.id.path.as_str()),
        discovered_by: words(&endpoint.provenance),
        status: row.status,
        statuses: row.statuses.iter().copied().collect(),
        unreached: row.unreached.as_deref().map(|why| redactor.text(why)),
        secured: endpoint.secured,
        summary: redactor.text(&endpoint.summary),
        document: endpoint.document.as_deref().map(|text| redactor.text(text)),
        inputs: endpoint
            .inputs
            .iter()
            .zip(&row.credential_like)
            .map(|(one, credential_like)| input(one, *credential_like, redactor))
            .collect(),
    }
}

fn words(found: &std::collections::BTreeSet<crate::surface::Provenance>) -> Vec<Cow<'static, str>> {
    found.iter().map(|one| one.as_str().into()).collect()
}

fn input(input: &Input, credential_like: bool, redactor: &Redactor) -> InputV1 {
    let hint = &input.hint;
    let masked = |text: &String| redactor.text(text);
    let kind = match hint.kind {
        Kind::Unknown => None,
        Kind::String => Some("string"),
        Kind::Integer => Some("integer"),
        Kind::Number => Some("number"),
        Kind::Boolean => Some("boolean"),
        Kind::Array => Some("array"),
        Kind::Object => Some("object"),
        Kind::File => Some("file"),
    };
    InputV1 {
        place: input.place.as_str().into(),
        name: redactor.name(&input.name),
        kind: kind.map(Cow::Borrowed),
        format: hint.format.as_ref().map(masked),
        // Masking a secret inside a pattern would change the pattern's meaning.
        pattern: hint
            .pattern
            .clone()
            .filter(|text| redactor.text(text) == *text),
        min_length: hint.min_length,
        max_length: hint.max_length,
        minimum: hint.minimum.filter(|number| number.is_finite()),
        maximum: hint.maximum.filter(|number| number.is_finite()),
        choices: hint.choices.iter().map(masked).collect(),
        prefix: redactor.text(&input.prefix),
        required: input.required,
        credential_like,
        discovered_by: words(&input.provenance),
    }
}
