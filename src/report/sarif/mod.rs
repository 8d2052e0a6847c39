//! `report.sarif`: SARIF 2.1.0 as code scanning services read it.
//!
//! Owns: the model (`model.rs`), which values stand in it (`build.rs`) and exchanges as web requests (`exchange.rs`). Leaves out: everything that SARIF
//! cannot say; `report.json` is the whole report.
//!
//! The official validator finds no error and no warning in it, results or none (`.ci/sarif`).

mod build;
mod exchange;
mod model;

use serde::Serialize;

use super::json::ReportV2;

/// The SARIF log of a report.
pub(super) fn log(report: &ReportV2) -> impl Serialize {
    build::log(report)
}
