//! Formats the difference between two reports as text and as JSON (`keyspill-diff/1`).

use serde::Serialize;
use time::OffsetDateTime;

use super::json::{FindingV1, ReportV2};
use super::lines::{Lines, Style};
use super::ranked;
use super::text::{Layout, details};
use crate::error::Error;
use crate::report::baseline::Diff;

/// The value of the `schema` field.
pub const DIFF_SCHEMA: &str = "keyspill-diff/1";

#[derive(Serialize)]
struct DiffV1<'a> {
    schema: &'static str,
    runs: RunsV1<'a>,
    new: &'a [&'a FindingV1],
    fixed: &'a [&'a FindingV1],
    gone: &'a [&'a FindingV1],
    unchanged: &'a [&'a FindingV1],
    not_reached: &'a [&'a FindingV1],
}

#[derive(Serialize)]
struct RunsV1<'a> {
    old: RunRefV1<'a>,
    new: RunRefV1<'a>,
}

#[derive(Serialize)]
struct RunRefV1<'a> {
    id: &'a str,
    url: &'a str,
    #[serde(with = "time::serde::rfc3339")]
    finished: OffsetDateTime,
    complete: bool,
}

/// Formats the difference as JSON.
///
/// # Errors
///
/// Returns [`Error::Output`] if a value cannot be expressed.
pub fn diff_json(diff: &Diff<'_>, old: &ReportV2, new: &ReportV2) -> Result<Vec<u8>, Error> {
    super::pretty(
        "diff",
        &DiffV1 {
            schema: DIFF_SCHEMA,
            runs: RunsV1 {
                old: run(old),
                new: run(new),
            },
            new: &diff.new,
            fixed: &diff.fixed,
            gone: &diff.gone,
            unchanged: &diff.unchanged,
            not_reached: &diff.not_reached,
        },
    )
}

fn run(report: &ReportV2) -> RunRefV1<'_> {
    RunRefV1 {
        id: &report.run.id,
        url: &report.target.url,
        finished: report.run.finished,
        complete: report.run.complete,
    }
}

/// Formats the difference as text of at most `width` columns: one line per finding, or with `details`,
/// new findings in full.
pub fn diff_text(diff: &Diff<'_>, layout: Layout<'_>) -> String {
    let mut lines = Lines::new(layout.width, layout.color).whole(layout.whole);
    let sections = [
        ("new", &diff.new, layout.details),
        ("fixed", &diff.fixed, false),
        ("gone", &diff.gone, false),
        ("unchanged", &diff.unchanged, false),
        ("not reached again", &diff.not_reached, false),
    ];
    for (title, findings, full) in sections {
        if findings.is_empty() {
            continue;
        }
        lines.wrapped(0, &format!("{title}:"), Some(Style::Bold));
        if full {
            lines.blank();
            details(&mut lines, findings);
        } else {
            ranked::all(&mut lines, findings);
            lines.blank();
        }
    }
    lines.wrapped(
        0,
        &format!(
            "{} new, {} fixed, {} gone, {} unchanged, {} not reached",
            diff.new.len(),
            diff.fixed.len(),
            diff.gone.len(),
            diff.unchanged.len(),
            diff.not_reached.len()
        ),
        Some(Style::Bold),
    );
    lines.finish()
}
