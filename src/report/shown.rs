//! What of a report is shown, and how: the choices of the command line, and those that the scan made.

use super::json::{LimitV2, ReportV2};
use crate::finding::Verdict;

/// The limit that says which verdicts are shown and count.
const MIN_VERDICT: &str = "min_verdict";

impl ReportV2 {
    /// The lowest verdict that is shown and counts, where a scan or a reader chose one.
    pub fn min_verdict(&self) -> Option<Verdict> {
        let limit = self.limits.iter().find(|limit| limit.name == MIN_VERDICT)?;
        limit.value.as_str()?.parse().ok()
    }

    /// Chooses the lowest verdict that is shown and counts. The report keeps all findings.
    pub fn set_min_verdict(&mut self, least: Verdict) {
        self.limits.retain(|limit| limit.name != MIN_VERDICT);
        self.limits.push(LimitV2 {
            name: MIN_VERDICT.to_owned(),
            value: least.as_str().into(),
        });
    }

    /// True for a verdict that is shown.
    pub(super) fn shows(&self, verdict: Verdict) -> bool {
        self.min_verdict().is_none_or(|least| verdict >= least)
    }
}
