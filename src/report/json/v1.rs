//! `report.json`, version 1, as keyspill 0.1 wrote it before version 2: for reading only.
//!
//! Owns: the two types that version 2 replaces, and their conversion. Leaves out: the parts that both
//! versions share (`mod.rs`). `tests/schema/report.schema.json` fixes the format, which never changes
//! again.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    CanaryV2, CoverageV1, FindingV1, FlowV1, PlantedV2, ProblemV1, ReportV2, RunV1, SCHEMA,
    SurfaceV1, TargetV1, ToolV1, words,
};
use crate::surface::Place;

/// The value of the `schema` field in version 1.
pub(super) const SCHEMA_V1: &str = "keyspill-report/1";

/// A whole report of version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportV1 {
    /// Always `keyspill-report/1`.
    pub schema: String,
    /// The tool that wrote the report.
    pub tool: ToolV1,
    /// The run.
    pub run: RunV1,
    /// What was scanned.
    pub target: TargetV1,
    /// Findings, worst first.
    pub findings: Vec<FindingV1>,
    /// The data-flow map.
    pub flows: Vec<FlowV1>,
    /// How much of the application was examined.
    pub coverage: CoverageV1,
    /// The operations with their inputs.
    pub surface: Vec<SurfaceV1>,
    /// What limits the report.
    pub problems: Vec<ProblemV1>,
    /// Every canary sent.
    pub planted: Vec<PlantedV1>,
}

/// One canary that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlantedV1 {
    /// The method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The place.
    #[serde(with = "words")]
    pub place: Place,
    /// The input.
    pub input: String,
    /// The canary as sent.
    pub canary: String,
    /// Its slot.
    pub slot: u32,
    /// Its shape.
    pub shape: String,
    /// When it was sent.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The request that carried it, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
}

impl From<ReportV1> for ReportV2 {
    fn from(old: ReportV1) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: old.tool,
            run: old.run,
            target: old.target,
            findings: old.findings,
            flows: old.flows,
            coverage: old.coverage,
            surface: old.surface,
            problems: old.problems,
            planted: by_request(old.planted.into_iter().map(|one| (one, None))),
            rules: Vec::new(),
            limits: Vec::new(),
            not_reached: Vec::new(),
            imports: Vec::new(),
        }
    }
}

/// Groups canaries by the request that carried them, in the order of each group's first canary.
/// Requests with canaries differ at least in those, so equal curl lines mean the same request; a canary
/// without a line stands alone.
pub(super) fn by_request(
    canaries: impl Iterator<Item = (PlantedV1, Option<u16>)>,
) -> Vec<PlantedV2> {
    let mut requests: Vec<PlantedV2> = Vec::new();
    for (one, status) in canaries {
        let canary = CanaryV2 {
            place: one.place,
            input: one.input,
            canary: one.canary,
            slot: one.slot,
            shape: one.shape,
        };
        // The canaries of one request are created one after the other.
        match requests.last_mut() {
            Some(request)
                if one.curl.is_some()
                    && request.curl == one.curl
                    && request.method == one.method
                    && request.path == one.path =>
            {
                request.canaries.push(canary);
            }
            _ => requests.push(PlantedV2 {
                method: one.method,
                path: one.path,
                at: one.at,
                status,
                curl: one.curl,
                canaries: vec![canary],
            }),
        }
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(slot: u32, path: &str, curl: Option<&str>) -> (PlantedV1, Option<u16>) {
        let one = PlantedV1 {
            method: "GET".to_owned(),
            path: path.to_owned(),
            place: Place::Query,
            input: format!("i{slot}"),
            canary: format!("c{slot}"),
            slot,
            shape: "token".to_owned(),
            at: OffsetDateTime::UNIX_EPOCH,
            curl: curl.map(str::to_owned),
        };
        (one, Some(200))
    }

    #[test]
    fn canaries_of_one_request_stand_together() {
        let requests = by_request(
            [
                planted(0, "/a", Some("curl a")),
                planted(1, "/a", Some("curl a")),
                planted(2, "/a", Some("curl b")),
                planted(3, "/b", Some("curl b")),
                planted(4, "/b", None),
                planted(5, "/b", None),
            ]
            .into_iter(),
        );
        let sizes: Vec<usize> = requests.iter().map(|one| one.canaries.len()).collect();
        assert_eq!(sizes, [2, 1, 1, 1, 1]);
        assert_eq!(requests[0].canaries[1].input, "i1");
        assert_eq!(requests[0].status, Some(200));
    }
}
