//! The report stage: turns a finished scan into files, and into text for people.
//!
//! ```text
//! ScanResult -> json::ReportV2 -> render -> files::write_all
//! ```
//!
//! Owns: the published formats. `json` is the source of all others, so that any of them can be
//! recreated from an old `report.json`. The result of a crawl alone has its own formats (`survey`).
//! Leaves out: what is true (`judge`), what is secret (`redact`), and the terminal (`console`).

pub mod baseline;
mod diff;
mod escape;
mod files;
mod har;
pub mod json;
mod lines;
mod mask;
mod place;
mod ranked;
mod sarif;
mod shown;
pub mod survey;
mod telling;
mod text;

pub use diff::{DIFF_SCHEMA, diff_json, diff_text};
pub use files::{Content, prepare, set_aside, write_all};
pub use har::{prepare_traffic, write_traffic};
pub use json::ReportV2;
pub use ranked::line;
pub use telling::judgements;
pub use text::{Layout, finding_text, text};

use crate::error::Error;
use crate::settings::Format;

/// Returns the file's name in the output folder.
pub const fn file_name(format: Format) -> &'static str {
    match format {
        Format::Json => "report.json",
        Format::Sarif => "report.sarif",
    }
}

/// Renders the report in a format.
///
/// # Errors
///
/// Returns [`Error::Output`] if a value cannot be expressed (a date after the year 9999).
pub fn render(format: Format, report: &ReportV2) -> Result<Vec<u8>, Error> {
    match format {
        Format::Json => pretty(file_name(format), report),
        Format::Sarif => pretty(file_name(format), &sarif::log(report)),
    }
}

fn pretty<T: serde::Serialize>(name: &str, value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    escape::write_pretty(&mut bytes, value).map_err(|error| Error::Output {
        path: name.into(),
        reason: error.to_string(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}
