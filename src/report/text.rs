//! A report as text for the console.
//!
//! Owns: what is said and in which order. Leaves out: printing it (`console`), and progress.

use super::json::{BaselineV1, FindingV1, ReportV1};
use super::lines::{Lines, Style};
use super::place::{sink_words, source_words};
use crate::finding::{Severity, Verdict};

/// What belongs to a finding stands this far in.
const INDENT: usize = 4;

/// The report as text of at most `width` columns (curl lines excepted: they are for copying).
pub fn text(report: &ReportV1, width: usize, color: bool) -> String {
    let mut lines = Lines::new(width, color);
    let mut explained: Vec<&str> = Vec::new();
    for finding in &report.findings {
        tell(&mut lines, finding);
        // The repair is the rule's: once is enough.
        if !explained.contains(&finding.rule.as_str()) {
            explained.push(&finding.rule);
            repair(&mut lines, finding);
        }
        lines.blank();
    }
    lines.wrapped(0, &counts(report), Some(Style::Bold));
    lines.wrapped(0, &flows(report), None);
    lines.wrapped(0, &coverage(report), None);
    for problem in &report.problems {
        lines.wrapped(
            0,
            &format!("problem: {} ({})", problem.message, problem.code),
            None,
        );
    }
    if !report.run.complete {
        lines.wrapped(
            0,
            "The scan stopped early: what is not listed was not necessarily looked at.",
            Some(Style::Bold),
        );
    }
    lines.finish()
}

/// How a finding's rule is repaired.
pub(super) fn repair(lines: &mut Lines, finding: &FindingV1) {
    lines.wrapped(INDENT, &format!("fix: {}", finding.remediation), None);
}

/// One finding, as the diff shows it too.
pub(super) fn tell(lines: &mut Lines, finding: &FindingV1) {
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

/// The first lines: severity, verdict, rule, title, way.
pub(super) fn head(lines: &mut Lines, finding: &FindingV1) {
    let state = match finding.baseline {
        Some(BaselineV1::New) => " new",
        Some(BaselineV1::Unchanged) => " unchanged",
        None => "",
    };
    lines.wrapped(
        0,
        &format!(
            "{} {} {}{state}",
            finding.severity.as_str().to_uppercase(),
            finding.rule,
            finding.verdict
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

/// `5 findings: 1 critical, 2 high, 2 low (1 undetermined)`.
fn counts(report: &ReportV1) -> String {
    let total = report.findings.len();
    if total == 0 {
        return "no findings".to_owned();
    }
    let by_severity: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .filter_map(|severity| {
            let count = report
                .findings
                .iter()
                .filter(|finding| finding.severity == *severity)
                .count();
            (count > 0).then(|| format!("{count} {severity}"))
        })
        .collect();
    let undetermined = report
        .findings
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

fn flows(report: &ReportV1) -> String {
    let count = report.flows.len() as u64;
    format!(
        "{count} {} of other inputs (see report.json)",
        plural(count, "flow")
    )
}

fn coverage(report: &ReportV1) -> String {
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

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}
