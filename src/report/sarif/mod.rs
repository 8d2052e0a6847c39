//! `report.sarif`: SARIF 2.1.0 as code scanning services read it.
//!
//! Owns: the model (`model.rs`), the values in it (`build.rs`), and exchanges as web requests
//! (`exchange.rs`). Leaves out: everything that SARIF cannot express; `report.json` is the complete
//! report.
//!
//! The official validator reports no errors and no warnings for it, with or without results
//! (`.ci/sarif`).

mod build;
mod exchange;
mod model;

use serde::Serialize;

use super::json::ReportV2;

/// Builds the SARIF log of a report.
pub(super) fn log(report: &ReportV2) -> impl Serialize {
    build::log(report)
}
