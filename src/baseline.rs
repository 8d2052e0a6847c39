//! Compares two reports of one target: what is new, what is fixed, what nobody can say.
//!
//! Owns: the comparison by fingerprint, and which findings make a run fail. Pure.
//! Leaves out: reading reports (`report::json`) and showing the difference (`report::diff`).

use std::collections::{BTreeSet, HashSet};

use crate::finding::{Severity, Verdict};
use crate::report::json::{BaselineV1, FindingV1, ReportV1, SinkV1};
use crate::surface::Template;

/// How the findings of a new report stand to those of an old one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff<'a> {
    /// In the new report alone.
    pub new: Vec<&'a FindingV1>,
    /// In the old report alone, and its operations answered again.
    pub fixed: Vec<&'a FindingV1>,
    /// In both, as the new report has it.
    pub unchanged: Vec<&'a FindingV1>,
    /// In the old report alone, but the new run did not get there: nothing is known.
    pub not_reached: Vec<&'a FindingV1>,
}

/// Compares two reports. Lists keep the order of their report.
pub fn compare<'a>(old: &'a ReportV1, new: &'a ReportV1) -> Diff<'a> {
    let before = fingerprints(old);
    let after = fingerprints(new);
    let reached = Reached::of(new);
    let mut diff = Diff::default();
    for finding in &new.findings {
        if before.contains(finding.fingerprint.as_str()) {
            diff.unchanged.push(finding);
        } else {
            diff.new.push(finding);
        }
    }
    for finding in &old.findings {
        if after.contains(finding.fingerprint.as_str()) {
            continue;
        }
        if reached.both_ends(finding) {
            diff.fixed.push(finding);
        } else {
            diff.not_reached.push(finding);
        }
    }
    diff
}

/// Marks every finding of a report as new or unchanged.
pub fn apply(baseline: &ReportV1, report: &mut ReportV1) {
    let before = fingerprints(baseline);
    for finding in &mut report.findings {
        finding.baseline = Some(if before.contains(finding.fingerprint.as_str()) {
            BaselineV1::Unchanged
        } else {
            BaselineV1::New
        });
    }
}

/// True when a finding counts at or above the threshold. With `only_new`, those that the baseline
/// has do not count.
pub fn fails(report: &ReportV1, threshold: Severity, only_new: bool) -> bool {
    report
        .findings
        .iter()
        .filter(|finding| !only_new || finding.baseline != Some(BaselineV1::Unchanged))
        .any(|finding| counts(finding, threshold))
}

impl Diff<'_> {
    /// True when a new finding counts at or above the threshold.
    pub fn fails(&self, threshold: Severity) -> bool {
        self.new.iter().any(|finding| counts(finding, threshold))
    }
}

/// Undetermined findings and info never count, whatever the threshold.
fn counts(finding: &FindingV1, threshold: Severity) -> bool {
    finding.verdict != Verdict::Undetermined
        && finding.severity != Severity::Info
        && finding.severity >= threshold
}

fn fingerprints(report: &ReportV1) -> HashSet<&str> {
    report
        .findings
        .iter()
        .map(|finding| finding.fingerprint.as_str())
        .collect()
}

/// The operations that answered in a complete run.
struct Reached(BTreeSet<(String, String)>);

impl Reached {
    fn of(report: &ReportV1) -> Self {
        // A run that stopped early may have seen an operation without having tested it.
        if !report.run.complete {
            return Self(BTreeSet::new());
        }
        Self(
            report
                .surface
                .iter()
                .filter(|row| row.reached.status.is_some())
                .map(|row| operation(&row.method, &row.path))
                .collect(),
        )
    }

    fn both_ends(&self, finding: &FindingV1) -> bool {
        let source = finding
            .source
            .as_ref()
            .is_none_or(|source| self.0.contains(&operation(&source.method, &source.path)));
        let sink = match &finding.sink {
            SinkV1::Http { method, path, .. } => self.0.contains(&operation(method, path)),
            // Whether a witness looked again is not in the report.
            SinkV1::File { .. } | SinkV1::Database { .. } => false,
        };
        source && sink
    }
}

/// Placeholders may be named differently in two runs, as the fingerprint knows.
fn operation(method: &str, path: &str) -> (String, String) {
    (method.to_owned(), Template::new(path).anonymous())
}
