//! `keyspill diff`, `keyspill report`, and what a scan does with its report.

use std::path::Path;

use keyspill::baseline;
use keyspill::error::Error;
use keyspill::finding::Severity;
use keyspill::report::json;
use keyspill::report::{self, ReportV1};
use keyspill::settings::{Format, OutputSettings};

use crate::cli::{DiffArgs, DiffFormat, Rendering, ReportArgs};
use crate::console::{Console, DEFAULT_WIDTH};
use crate::exit::Exit;

/// Compares two reports.
pub(super) fn diff(args: &DiffArgs, console: &Console) -> Result<Exit, Error> {
    let old = json::read(&args.old)?;
    let new = json::read(&args.new)?;
    let diff = baseline::compare(&old, &new);
    let bytes = match args.format {
        DiffFormat::Text => report::diff_text(&diff, console.width(), console.color()).into_bytes(),
        DiffFormat::Json => report::diff_json(&diff, &old, &new)?,
    };
    console.results(&bytes)?;
    let fail_on = args.fail_on.unwrap_or_default().0;
    let failed = fail_on.is_some_and(|threshold| diff.fails(threshold));
    Ok(Exit::of_findings(failed))
}

/// Writes a report in other formats.
pub(super) fn report(args: &ReportArgs, console: &Console) -> Result<Exit, Error> {
    let stdout = args.output == Path::new("-");
    if stdout && args.format.len() > 1 {
        let message = "--output - takes exactly one --format; name a folder for several";
        return Err(Error::Usage(message.to_owned()));
    }
    let report = json::read(&args.report)?;
    let mut files = Vec::new();
    for rendering in &args.format {
        files.push(match rendering {
            Rendering::Text => ("report.txt", text(&report, console, stdout)),
            Rendering::Json => rendered(Format::Json, &report)?,
            Rendering::Sarif => rendered(Format::Sarif, &report)?,
        });
    }
    if stdout {
        for (_, bytes) in &files {
            console.results(bytes)?;
        }
    } else {
        report::write_all(&args.output, &files)?;
    }
    Ok(Exit::Clean)
}

fn rendered(format: Format, report: &ReportV1) -> Result<(&'static str, Vec<u8>), Error> {
    Ok((report::file_name(format), report::render(format, report)?))
}

/// Text for a file is as wide on every terminal, and has no colours.
fn text(report: &ReportV1, console: &Console, stdout: bool) -> Vec<u8> {
    let (width, color) = if stdout {
        (console.width(), console.color())
    } else {
        (DEFAULT_WIDTH, false)
    };
    report::text(report, width, color).into_bytes()
}

/// Marks what an earlier report has too, and says whether the findings fail the threshold.
pub(super) fn judge(
    report: &mut ReportV1,
    earlier: Option<&ReportV1>,
    fail_on: Option<Severity>,
) -> Exit {
    if let Some(earlier) = earlier {
        baseline::apply(earlier, report);
    }
    let only_new = earlier.is_some();
    let failed = fail_on.is_some_and(|threshold| baseline::fails(report, threshold, only_new));
    Exit::of_findings(failed)
}

/// Writes a scan's reports: files first, so that a reader who leaves takes nothing away.
pub(super) fn write(
    report: &ReportV1,
    output: &OutputSettings,
    console: &Console,
) -> Result<Exit, Error> {
    let mut files = Vec::new();
    for format in &output.formats {
        files.push(rendered(*format, report)?);
    }
    let written = output
        .folder
        .as_deref()
        .map_or(Ok(()), |folder| report::write_all(folder, &files));
    if output.stdout {
        for (_, bytes) in &files {
            console.results(bytes)?;
        }
    } else {
        console.results(console.kept_notes().as_bytes())?;
        // The text is shown also when the files could not be written: it may be all that is left.
        console.results(&text(report, console, true))?;
    }
    written.map(|()| Exit::Clean)
}
