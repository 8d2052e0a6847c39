//! `keyspill diff`, `keyspill show`, `keyspill report`, and what a scan does with its report.

use std::path::Path;

use keyspill::error::Error;
use keyspill::finding::Severity;
use keyspill::report::baseline;
use keyspill::report::json::{self, FindingV1};
use keyspill::report::{self, Layout, ReportV2};
use keyspill::settings::{Format, OutputSettings};

use crate::args::{DiffArgs, DiffFormat, Rendering, ReportArgs, ShowArgs};
use crate::console::{Console, DEFAULT_WIDTH};
use crate::exit::Exit;

/// Compares two reports.
pub(super) fn diff(args: &DiffArgs, console: &Console) -> Result<Exit, Error> {
    let old = json::read(&args.old)?;
    let new = json::read(&args.new)?;
    let diff = baseline::compare(&old, &new);
    let bytes = match args.format {
        DiffFormat::Text => {
            let layout = Layout {
                width: console.width(),
                color: console.color(),
                whole: !console.is_terminal(),
                details: args.details,
                hint: None,
            };
            report::diff_text(&diff, layout).into_bytes()
        }
        DiffFormat::Json => report::diff_json(&diff, &old, &new)?,
    };
    console.results(&bytes)?;
    let fail_on = args.fail_on.unwrap_or_default().0;
    let failed = fail_on.is_some_and(|threshold| diff.fails(threshold));
    Ok(Exit::of_findings(failed))
}

/// The shortest start of a fingerprint that identifies a finding.
const LEAST_DIGITS: usize = 6;

/// Shows one finding in full.
pub(super) fn show(args: &ShowArgs, console: &Console) -> Result<Exit, Error> {
    let wanted = args.fingerprint.to_ascii_lowercase();
    let wrong = |what: &str| Err(Error::Usage(format!("FINGERPRINT {wanted:?}: {what}")));
    if wanted.len() < LEAST_DIGITS || !wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return wrong("must be 6 or more hexadecimal digits, as the lines of a scan show them");
    }
    let report = json::read(&args.report)?;
    let named = |finding: &FindingV1| {
        let second = finding.fingerprints.iter().map(|all| &all.v2);
        std::iter::once(&finding.fingerprint)
            .chain(second)
            .chain(&finding.aliases)
            .any(|name| name.starts_with(&wanted))
    };
    let found: Vec<&FindingV1> = report.findings.iter().filter(|one| named(one)).collect();
    match found[..] {
        [] => wrong(&format!("no finding of {}", args.report.display())),
        [finding] => {
            let text = report::finding_text(finding, console.width(), console.color());
            console.results(text.as_bytes())?;
            Ok(Exit::Clean)
        }
        _ => {
            let all: Vec<String> = found
                .iter()
                .map(|finding| format!("{} ({})", finding.fingerprint, finding.rule))
                .collect();
            wrong(&format!("names several findings: {}", all.join(", ")))
        }
    }
}

/// Writes a report in other formats.
pub(super) fn report(args: &ReportArgs, console: &Console) -> Result<Exit, Error> {
    let stdout = args.output == Path::new("-");
    if stdout && args.format.len() > 1 {
        let message = "--output - takes exactly one --format; name a folder for several";
        return Err(Error::Usage(message.to_owned()));
    }
    let mut report = json::read(&args.report)?;
    if let Some(least) = args.min_verdict {
        report.set_min_verdict(least);
    }
    let hint = show_line(&args.report);
    let telling = Telling {
        details: args.details,
        hint: &hint,
    };
    let mut files = Vec::new();
    for rendering in &args.format {
        files.push(match rendering {
            Rendering::Text => ("report.txt", text(&report, console, stdout, telling)),
            Rendering::Written(format) => rendered(*format, &report)?,
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

fn rendered(format: Format, report: &ReportV2) -> Result<(&'static str, Vec<u8>), Error> {
    Ok((report::file_name(format), report::render(format, report)?))
}

/// How much the text shows.
#[derive(Clone, Copy)]
struct Telling<'a> {
    details: bool,
    hint: &'a str,
}

/// Says how to find the details of a finding in a report.
fn show_line(report: &Path) -> String {
    let path = report.display().to_string();
    let odd = |c: char| !(c.is_ascii_alphanumeric() || "/._-+:".contains(c));
    let path = if path.contains(odd) {
        format!("'{}'", path.replace('\'', r"'\''"))
    } else {
        path
    };
    format!("evidence, curl lines and repair: keyspill show FINGERPRINT {path}")
}

/// Formats a report as text. In a file, it has a fixed width and no colours.
fn text(report: &ReportV2, console: &Console, stdout: bool, telling: Telling<'_>) -> Vec<u8> {
    let (width, color) = if stdout {
        (console.width(), console.color())
    } else {
        (DEFAULT_WIDTH, false)
    };
    let layout = Layout {
        width,
        color,
        whole: !(stdout && console.is_terminal()),
        details: telling.details,
        hint: Some(telling.hint),
    };
    report::text(report, layout).into_bytes()
}

/// Marks findings that an earlier report also has, and returns whether any finding fails the threshold.
pub(super) fn judge(
    report: &mut ReportV2,
    earlier: Option<&ReportV2>,
    fail_on: Option<Severity>,
) -> Exit {
    if let Some(earlier) = earlier {
        baseline::apply(earlier, report);
        baseline::carry(earlier, report);
    }
    let only_new = earlier.is_some();
    let failed = fail_on.is_some_and(|threshold| baseline::fails(report, threshold, only_new));
    Exit::of_findings(failed)
}

/// Writes the requested files, or the one format to standard output.
pub(super) fn write_files(
    report: &ReportV2,
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
    }
    written.map(|()| Exit::Clean)
}

/// Writes a scan's reports. Files come first, so that nothing is lost if the reader goes away.
pub(super) fn write(
    report: &ReportV2,
    output: &OutputSettings,
    console: &Console,
) -> Result<Exit, Error> {
    let written = write_files(report, output, console);
    if !output.stdout {
        console.results(console.kept_notes().as_bytes())?;
        // The text is shown even if the files could not be written: it may be all that is left.
        let hint = match &output.folder {
            Some(folder) => show_line(&folder.join(report::file_name(Format::Json))),
            None => {
                "evidence, curl lines and repair: --details prints them, --output DIR keeps them"
                    .to_owned()
            }
        };
        let telling = Telling {
            details: output.details,
            hint: &hint,
        };
        console.results(&text(report, console, true, telling))?;
    }
    written
}
