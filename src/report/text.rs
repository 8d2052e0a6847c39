//! Formats a report as text for the console.
//!
//! Owns: what is said and in which order. Leaves out: printing it (`console`), and progress.

use std::fmt::Write as _;

use super::json::{BaselineV1, FindingV1, ImportV2, ReportV2};
use super::lines::{Lines, Style};
use super::place::{sink_words, source_words};
use super::{ranked, telling};
use crate::finding::{Severity, Verdict};

/// The indentation of a finding's details.
const INDENT: usize = 4;

/// How text is laid out, and how much is shown.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'a> {
    /// The width of a line in columns.
    pub width: usize,
    /// Whether to use colours.
    pub color: bool,
    /// Whether lines of findings are never cut, because the output is not a screen.
    pub whole: bool,
    /// Whether to show evidence, curl lines and the fix of every finding, instead of one line each.
    pub details: bool,
    /// The text below the findings: how to get their details.
    pub hint: Option<&'a str>,
}

/// Formats the report as text of at most `width` columns, except for curl lines, which are for copying.
pub fn text(report: &ReportV2, layout: Layout<'_>) -> String {
    let mut lines = Lines::new(layout.width, layout.color).whole(layout.whole);
    let findings: Vec<&FindingV1> = report
        .findings
        .iter()
        .filter(|finding| report.shows(finding.verdict))
        .collect();
    if layout.details {
        details(&mut lines, &findings);
    } else if !findings.is_empty() {
        ranked::all(&mut lines, &findings);
        if let Some(hint) = layout.hint {
            lines.long(0, hint);
        }
        lines.blank();
    }
    lines.wrapped(0, &counts(&findings), Some(Style::Bold));
    let hidden = report.findings.len() - findings.len();
    if let Some(least) = report.min_verdict().filter(|_| hidden > 0) {
        let text = format!("{hidden} below {least} not shown (--min-verdict)");
        lines.wrapped(0, &text, None);
    }
    lines.blank();
    telling::flows(&mut lines, report);
    lines.wrapped(0, &coverage(report), None);
    for import in &report.imports {
        lines.wrapped(0, &imported(import), None);
    }
    for problem in &report.problems {
        let code = &problem.code;
        let option = match &problem.option {
            Some(option) => format!("; {option}"),
            None => String::new(),
        };
        let text = format!("problem: {} ({code}{option})", problem.message);
        lines.wrapped(0, &text, None);
    }
    if !report.run.complete {
        lines.wrapped(
            0,
            "The scan is not complete: what is not listed was not necessarily looked at.",
            Some(Style::Bold),
        );
    }
    lines.finish()
}

/// Formats one finding with all its details.
pub fn finding_text(finding: &FindingV1, width: usize, color: bool) -> String {
    let mut lines = Lines::new(width, color);
    tell(&mut lines, finding);
    lines.wrapped(INDENT, &format!("why: {}", finding.why), None);
    repair(&mut lines, finding);
    for occurrence in &finding.occurrences {
        let source = occurrence.source.as_ref().map(source_words);
        let sink = occurrence.sink.as_ref().map(sink_words);
        let place: Vec<String> = source.into_iter().chain(sink).collect();
        lines.wrapped(INDENT, &format!("also: {}", place.join(" -> ")), None);
    }
    let cwe = finding.cwe.iter().map(|number| format!("CWE-{number}"));
    let lists: Vec<String> = cwe
        .chain(finding.owasp.iter().cloned())
        .chain(finding.asvs.iter().map(|id| format!("ASVS {id}")))
        .collect();
    lines.wrapped(INDENT, &lists.join(", "), Some(Style::Dim));
    if !finding.help.is_empty() {
        lines.long(INDENT, &format!("help: {}", finding.help));
    }
    lines.long(INDENT, &format!("fingerprint: {}", finding.fingerprint));
    lines.finish()
}

/// Lists findings in full, as `--details` shows them.
pub(super) fn details(lines: &mut Lines, findings: &[&FindingV1]) {
    let mut explained: Vec<&str> = Vec::new();
    for finding in findings {
        tell(lines, finding);
        // The fix belongs to the rule: once is enough.
        if !explained.contains(&finding.rule.as_str()) {
            explained.push(&finding.rule);
            repair(lines, finding);
        }
        lines.blank();
    }
}

/// Says how to fix a finding.
fn repair(lines: &mut Lines, finding: &FindingV1) {
    lines.wrapped(INDENT, &format!("fix: {}", finding.remediation), None);
}

/// Formats one finding with its evidence.
fn tell(lines: &mut Lines, finding: &FindingV1) {
    head(lines, finding);
    if !finding.occurrences.is_empty() {
        let count = finding.occurrences.len();
        let places = if count == 1 { "place" } else { "places" };
        lines.wrapped(INDENT, &format!("and {count} further {places}"), None);
    }
    if let Some(transform) = finding.transform.as_deref().filter(|t| *t != "identity") {
        lines.wrapped(INDENT, &format!("seen as: {transform}"), None);
    }
    lines.cut(
        INDENT,
        &format!("| {}", finding.evidence.snippet),
        Some(Style::Dim),
    );
    for curl in &finding.evidence.curl {
        lines.long(INDENT, curl);
    }
}

/// Formats the first lines: severity, verdict, rule, title, way.
fn head(lines: &mut Lines, finding: &FindingV1) {
    let state = match finding.baseline {
        Some(BaselineV1::New) => " new",
        Some(BaselineV1::Unchanged) => " unchanged",
        None => "",
    };
    lines.wrapped(
        0,
        &format!(
            "{} {} {}{state} {}",
            finding.severity.as_str().to_uppercase(),
            finding.rule,
            finding.verdict,
            ranked::short(&finding.fingerprint)
        ),
        Some(Style::Of(finding.severity)),
    );
    lines.wrapped(INDENT, &finding.title, Some(Style::Bold));
    let sink = sink_words(&finding.sink);
    let way = match &finding.source {
        Some(source) => format!("{} -> {sink}", source_words(source)),
        None => sink,
    };
    lines.wrapped(INDENT, &way, None);
}

/// Counts findings: `5 findings: 1 critical, 2 high, 2 low (1 undetermined)`.
fn counts(findings: &[&FindingV1]) -> String {
    let total = findings.len();
    if total == 0 {
        return "no findings".to_owned();
    }
    let by_severity: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .filter_map(|severity| {
            let count = findings
                .iter()
                .filter(|finding| finding.severity == *severity)
                .count();
            (count > 0).then(|| format!("{count} {severity}"))
        })
        .collect();
    let undetermined = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Undetermined)
        .count();
    let doubt = match undetermined {
        0 => String::new(),
        count => format!(" ({count} undetermined)"),
    };
    format!(
        "{total} {}: {}{doubt}",
        plural(total as u64, "finding"),
        by_severity.join(", ")
    )
}

fn coverage(report: &ReportV2) -> String {
    let coverage = &report.coverage;
    let reached = coverage.endpoints_reached;
    format!(
        "coverage: {} {} ({reached} answered), {} of {} {} tested, {} {}, {} failed",
        coverage.endpoints,
        plural(coverage.endpoints, "endpoint"),
        coverage.inputs_tested,
        coverage.inputs,
        plural(coverage.inputs, "input"),
        coverage.requests,
        plural(coverage.requests, "request"),
        coverage.failed_requests,
    )
}

/// Summarises an import:
/// `import traffic.har: 12 requests read, 3 of them not under the base URL, 1 part left out`.
fn imported(import: &ImportV2) -> String {
    let ImportV2 {
        name,
        read,
        out_of_scope,
        left_out,
    } = import;
    let mut text = format!("import {name}: {read} {} read", plural(*read, "request"));
    if *out_of_scope > 0 {
        let _ = write!(text, ", {out_of_scope} of them not under the base URL");
    }
    if !left_out.is_empty() {
        let count = left_out.len() as u64;
        let _ = write!(text, ", {count} {} left out", plural(count, "part"));
    }
    text
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}
