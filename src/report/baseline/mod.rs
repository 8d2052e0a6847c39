//! Compares two reports of one target: what is new, what is fixed, what is unknown.
//!
//! Owns: the comparison, the meaning of *fixed*, and which findings make a run fail. Pure. Leaves out:
//! which findings are the same (`same`), reading reports (`report::json`), and showing the difference
//! (`report::diff`).
//!
//! A finding that is missing from the new report is
//!
//! * *fixed*, if the new run is complete, ran its rule, planted its input again, and both operations
//!   answered: with 2xx or 3xx, or with a refusal (400, 401, 403, 422);
//! * *gone*, if that holds but an operation answered 404 or 410: it no longer exists;
//! * *not reached*, in every other case: a 5xx or any other status that is not an answer of the
//!   application, no answer at all, an incomplete run (a lost login causes one), or an input or
//!   operation that was not sent.

mod same;

use std::collections::{HashMap, HashSet};

use self::same::{Index, input, input_of};
use crate::finding::fingerprint::folded;
use crate::finding::{Severity, Verdict};
use crate::report::json::{BaselineV1, FindingV1, ReportV2, SinkV1, SourceV1};

/// How the findings of a new report compare with those of an old one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff<'a> {
    /// Findings only in the new report.
    pub new: Vec<&'a FindingV1>,
    /// Findings only in the old report: looked for again, and the answers no longer show them.
    pub fixed: Vec<&'a FindingV1>,
    /// Findings only in the old report whose operation no longer exists.
    pub gone: Vec<&'a FindingV1>,
    /// Findings in both reports, as in the new one.
    pub unchanged: Vec<&'a FindingV1>,
    /// Findings only in the old report that the new run did not reach: nothing is known about them.
    pub not_reached: Vec<&'a FindingV1>,
    /// The lowest verdict that counts in the new run.
    counted: Option<Verdict>,
}

/// Compares two reports. The lists keep the order of their report.
pub fn compare<'a>(old: &'a ReportV2, new: &'a ReportV2) -> Diff<'a> {
    let before = Index::of(old.known());
    let after = Index::of(&new.findings);
    let again = Again::of(new);
    let mut diff = Diff {
        counted: new.min_verdict(),
        ..Diff::default()
    };
    for finding in &new.findings {
        if before.has(finding) {
            diff.unchanged.push(finding);
        } else {
            diff.new.push(finding);
        }
    }
    for finding in old.known() {
        if after.has(finding) {
            continue;
        }
        match again.fate(finding) {
            Fate::Fixed => diff.fixed.push(finding),
            Fate::Gone => diff.gone.push(finding),
            Fate::NotReached => diff.not_reached.push(finding),
        }
    }
    diff
}

/// Marks every finding of a report as new or unchanged.
pub fn apply(baseline: &ReportV2, report: &mut ReportV2) {
    let before = Index::of(baseline.known());
    for finding in &mut report.findings {
        finding.baseline = Some(if before.has(finding) {
            BaselineV1::Unchanged
        } else {
            BaselineV1::New
        });
    }
}

/// Carries over findings of a baseline that this run could not check, because code scanning closes
/// whatever an upload lacks. Findings of a rule that was left out on purpose are not carried over,
/// unless the run is incomplete.
pub fn carry(baseline: &ReportV2, report: &mut ReportV2) {
    let carried: Vec<FindingV1> = {
        let diff = compare(baseline, report);
        let ran = |rule: &String| report.rules.is_empty() || report.rules.contains(rule);
        diff.not_reached
            .into_iter()
            .filter(|finding| !report.run.complete || ran(&finding.rule))
            .map(|finding| FindingV1 {
                baseline: Some(BaselineV1::Unchanged),
                ..finding.clone()
            })
            .collect()
    };
    report.not_reached = carried;
}

/// Returns true if a finding counts at or above the threshold. With `only_new`, findings of the
/// baseline do not count.
pub fn fails(report: &ReportV2, threshold: Severity, only_new: bool) -> bool {
    let counted = report.min_verdict();
    report
        .findings
        .iter()
        .filter(|finding| !only_new || finding.baseline != Some(BaselineV1::Unchanged))
        .any(|finding| counts(finding, threshold, counted))
}

impl Diff<'_> {
    /// Returns true if a new finding counts at or above the threshold.
    pub fn fails(&self, threshold: Severity) -> bool {
        self.new
            .iter()
            .any(|finding| counts(finding, threshold, self.counted))
    }
}

/// Returns true if a finding counts. Undetermined findings and info never do, whatever the threshold.
fn counts(finding: &FindingV1, threshold: Severity, counted: Option<Verdict>) -> bool {
    finding.verdict > Verdict::Undetermined
        && counted.is_none_or(|least| finding.verdict >= least)
        && finding.severity != Severity::Info
        && finding.severity >= threshold
}

/// What happened to an absent finding. The order matters: of a finding's two ends, the greater value
/// decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Fixed,
    Gone,
    NotReached,
}

impl Fate {
    /// Returns what the status of an answer implies.
    const fn of(status: Option<u16>) -> Self {
        match status {
            Some(200..=399 | 400 | 401 | 403 | 422) => Self::Fixed,
            Some(404 | 410) => Self::Gone,
            _ => Self::NotReached,
        }
    }
}

/// What the new run did again.
struct Again<'a> {
    complete: bool,
    /// The rules that ran; empty if unknown.
    rules: HashSet<&'a str>,
    /// How each operation answered, at best.
    operations: HashMap<(String, String), Fate>,
    /// How requests with a canary in each input were answered, at best.
    planted: HashMap<(String, String, String, String), Fate>,
}

impl<'a> Again<'a> {
    fn of(report: &'a ReportV2) -> Self {
        let mut again = Self {
            complete: report.run.complete,
            rules: report.rules.iter().map(String::as_str).collect(),
            operations: HashMap::new(),
            planted: HashMap::new(),
        };
        for row in &report.surface {
            let fate = Fate::of(row.reached.status);
            best(
                &mut again.operations,
                (row.method.clone(), folded(&row.path)),
                fate,
            );
        }
        for request in &report.planted {
            let (method, path) = (&request.method, &request.path);
            let fate = match request.status {
                Some(status) => Fate::of(Some(status)),
                None if !again.rules.is_empty() => Fate::NotReached,
                // Version 1 records only how the operation answered.
                None => again
                    .operations
                    .get(&(method.clone(), folded(path)))
                    .copied()
                    .unwrap_or(Fate::NotReached),
            };
            for one in &request.canaries {
                let key = input(method, path, one.place, &one.input);
                best(&mut again.planted, key, fate);
            }
        }
        for row in &report.surface {
            let tested = row.inputs.iter().filter(|one| one.tested == Some(true));
            for one in tested {
                let key = input(&row.method, &row.path, one.place, &one.name);
                // `planted` knows better how that very request was answered.
                let fate = Fate::of(row.reached.status);
                again.planted.entry(key).or_insert(fate);
            }
        }
        again
    }

    fn fate(&self, finding: &FindingV1) -> Fate {
        // A run that stopped early may have seen an operation without testing it.
        if !self.complete || !(self.rules.is_empty() || self.rules.contains(&*finding.rule)) {
            return Fate::NotReached;
        }
        let source = match &finding.source {
            Some(source) => self.source(source),
            None => Fate::Fixed,
        };
        let sink = match &finding.sink {
            SinkV1::Http { method, path, .. } => self.operation(method, path),
            // The report does not say whether a witness looked again.
            SinkV1::File { .. } | SinkV1::Database { .. } => Fate::NotReached,
        };
        source.max(sink)
    }

    fn operation(&self, method: &str, path: &str) -> Fate {
        self.operations
            .get(&(method.to_owned(), folded(path)))
            .copied()
            .unwrap_or(Fate::NotReached)
    }

    fn source(&self, source: &SourceV1) -> Fate {
        let operation = self.operation(&source.method, &source.path);
        match self.planted.get(&input_of(source)) {
            Some(fate) => operation.max(*fate),
            // An operation that no longer exists cannot be planted.
            None if operation == Fate::Gone => Fate::Gone,
            None => Fate::NotReached,
        }
    }
}

fn best<K: std::hash::Hash + Eq>(fates: &mut HashMap<K, Fate>, key: K, fate: Fate) {
    fates
        .entry(key)
        .and_modify(|known| *known = (*known).min(fate))
        .or_insert(fate);
}
