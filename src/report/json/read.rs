//! Reads `report.json` back, for `diff`, baselines and re-rendering.
//!
//! It is strict about what the version promises, and tolerant of fields that a later release adds.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::v1::SCHEMA_V1;
use super::{ReportV1, ReportV2, SCHEMA, SinkV1};
use crate::error::Error;

/// Reads a report file.
///
/// # Errors
///
/// Returns [`Error::Usage`], which names the file and what is wrong with it.
pub fn read(path: &Path) -> Result<ReportV2, Error> {
    let name = path.display().to_string();
    let bytes =
        fs::read(path).map_err(|error| Error::Usage(format!("cannot read {name}: {error}")))?;
    parse(&name, &bytes)
}

/// Parses a report from bytes; errors mention `name`.
///
/// # Errors
///
/// Returns [`Error::Usage`], which names the file and what is wrong with it.
pub fn parse(name: &str, bytes: &[u8]) -> Result<ReportV2, Error> {
    let wrong = |what: String| Error::Usage(format!("{name}: {what}"));
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| wrong(format!("is not JSON ({error})")))?;
    // The version comes first: a report of another version would only cause confusing errors later.
    let first = match value.get("schema") {
        Some(Value::String(schema)) if schema == SCHEMA => false,
        Some(Value::String(schema)) if schema == SCHEMA_V1 => true,
        Some(Value::String(schema)) => {
            return Err(wrong(format!(
                "has schema {schema:?}, this version of keyspill reads {SCHEMA:?} and {SCHEMA_V1:?}"
            )));
        }
        _ => {
            return Err(wrong(format!(
                "is no keyspill report (no \"schema\": {SCHEMA:?})"
            )));
        }
    };
    // Parsed again from the bytes, so that errors include line and column.
    let report = if first {
        serde_json::from_slice::<ReportV1>(bytes).map(ReportV2::from)
    } else {
        serde_json::from_slice::<ReportV2>(bytes)
    };
    let report = report.map_err(|error| wrong(format!("is no valid keyspill report: {error}")))?;
    check(&report).map_err(wrong)?;
    Ok(report)
}

/// Checks what the types alone cannot express.
fn check(report: &ReportV2) -> Result<(), String> {
    if report.tool.name != "keyspill" {
        return Err(format!(
            "was written by {:?}, not keyspill",
            report.tool.name
        ));
    }
    for (index, finding) in report.findings.iter().enumerate() {
        let at = |what: String| Err(format!("findings[{index}]: {what}"));
        let Some((category, _)) = finding.rule.split_once('/') else {
            return at(format!("rule {:?} has no category", finding.rule));
        };
        if category != finding.category {
            return at(format!(
                "category {:?} is not that of rule {:?}",
                finding.category, finding.rule
            ));
        }
        if finding.fingerprint.is_empty() {
            return at("the fingerprint is empty".to_owned());
        }
        if finding
            .fingerprints
            .as_ref()
            .is_some_and(|all| all.v1 != finding.fingerprint || all.v2.is_empty())
        {
            return at("fingerprint and fingerprints do not agree".to_owned());
        }
        if finding.evidence.curl.is_empty() {
            return at("no curl line".to_owned());
        }
        if finding
            .occurrences
            .iter()
            .any(|one| one.source.is_none() && one.sink.is_none())
        {
            return at("an occurrence has neither source nor sink".to_owned());
        }
    }
    Ok(())
}

/// A sink as written in the file. An untagged enum would take the first variant that fits, and would
/// not say why none does.
#[derive(Deserialize)]
pub(super) struct AnySink {
    method: Option<String>,
    path: Option<String>,
    place: Option<String>,
    field: Option<String>,
    file: Option<String>,
    line: Option<u64>,
    offset: Option<u64>,
    collection: Option<String>,
}

impl TryFrom<AnySink> for SinkV1 {
    type Error = &'static str;

    fn try_from(any: AnySink) -> Result<Self, Self::Error> {
        match any {
            AnySink {
                method: Some(method),
                path: Some(path),
                place: Some(place),
                field,
                file: None,
                collection: None,
                ..
            } => Ok(Self::Http {
                method,
                path,
                place,
                field,
            }),
            AnySink {
                file: Some(file),
                line,
                offset,
                method: None,
                collection: None,
                ..
            } => Ok(Self::File { file, line, offset }),
            AnySink {
                collection: Some(collection),
                field: Some(field),
                method: None,
                file: None,
                ..
            } => Ok(Self::Database { collection, field }),
            _ => Err(
                "a sink needs method, path and place, or file, or collection and field, and no mixture",
            ),
        }
    }
}
