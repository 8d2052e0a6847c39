//! What `crawl` writes: `crawl.json` version 1, the source of the table and the `OpenAPI` document.
//!
//! Owns: the published types. A copy of their schema stands in `tests/schema/crawl.schema.json`.
//! Values that were seen (examples, samples) are left out on purpose: they may be somebody's secret.

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

/// What the `schema` field says.
pub const SCHEMA: &str = "keyspill-crawl/1";

/// The file names of the formats.
pub const TABLE_FILE: &str = "crawl.txt";
/// As [`TABLE_FILE`].
pub const JSON_FILE: &str = "crawl.json";
/// As [`TABLE_FILE`].
pub const OPENAPI_FILE: &str = "openapi.json";

/// A whole survey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurveyV1 {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// What wrote it.
    pub tool: ToolV1,
    /// The run.
    pub run: SurveyRunV1,
    /// What was crawled.
    pub target: TargetV1,
    /// How much was found, and by what.
    pub coverage: SurveyCoverageV1,
    /// Every operation, by path and method.
    pub endpoints: Vec<EndpointV1>,
    /// What limits the survey.
    pub problems: Vec<ProblemV1>,
}

/// One crawl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyRunV1 {
    /// As in the User-Agent.
    pub id: String,
    /// Start.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// End.
    #[serde(with = "time::serde::rfc3339")]
    pub finished: OffsetDateTime,
    /// False when stopped early.
    pub complete: bool,
    /// The command line, credentials masked.
    pub arguments: Vec<String>,
}

/// Counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyCoverageV1 {
    /// Operations.
    pub endpoints: u64,
    /// Those without `unreached`.
    pub reached: u64,
    /// Inputs.
    pub inputs: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests without an answer.
    pub failed_requests: u64,
    /// What each kind of source revealed; what several revealed counts for each.
    pub by_source: BTreeMap<String, SourceCountV1>,
}

/// What one kind of source revealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCountV1 {
    /// Operations.
    pub endpoints: u64,
    /// Inputs.
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
    /// The status that says most of those seen; null for none.
    pub status: Option<u16>,
    /// Every status seen.
    pub statuses: Vec<u16>,
    /// Why it was not reached; null where it was.
    pub unreached: Option<String>,
    /// Whether a specification demands a credential; null where none says.
    pub secured: Option<bool>,
    /// A specification's tags, summary and operation id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// The GraphQL document that is sent, with a variable for each argument.
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
    /// Its name; a JSON field as `a.b[].c`.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean`, `array`, `object`, `file`; null for unknown.
    #[serde(rename = "type")]
    pub kind: Option<Cow<'static, str>>,
    /// As in JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// As in JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Least length in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<usize>,
    /// Greatest length in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// Least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// Greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// The only values allowed, as text.
    #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What stands before the value: `Bearer ` in an `authorization` header.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// A request without it is known to be refused.
    pub required: bool,
    /// Credential-like by its name and type.
    pub credential_like: bool,
    /// What revealed it, as for an operation.
    pub discovered_by: Vec<Cow<'static, str>>,
}

impl SurveyV1 {
    /// A survey as it is published; `redactor` masks the tester's credentials, and what the crawl saw of
    /// others is masked as a scan does.
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

    /// Writes `crawl.json`, without holding it in memory: a large site's is tens of megabytes.
    ///
    /// # Errors
    ///
    /// When `out` does not take it.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        super::escape::write_pretty(out, self)?;
        out.write_all(b"\n")
    }

    /// An `OpenAPI` 3.1 document of what was found.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] when a value cannot be expressed.
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
        // A mask in the place of a secret would make another pattern of it.
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
