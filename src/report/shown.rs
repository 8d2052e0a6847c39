//! Which parts of a report are shown, as chosen on the command line and by the scan.

use super::json::{LimitV2, ReportV2};
use crate::finding::Verdict;

/// The limit that determines which verdicts are shown and count.
const MIN_VERDICT: &str = "min_verdict";

impl ReportV2 {
    /// Returns the lowest verdict that is shown and counts, if a scan or a reader chose one.
    pub fn min_verdict(&self) -> Option<Verdict> {
        let limit = self.limits.iter().find(|limit| limit.name == MIN_VERDICT)?;
        limit.value.as_str()?.parse().ok()
    }

    /// Sets the lowest verdict that is shown and counts. The report keeps all findings.
    pub fn set_min_verdict(&mut self, least: Verdict) {
        self.limits.retain(|limit| limit.name != MIN_VERDICT);
        self.limits.push(LimitV2 {
            name: MIN_VERDICT.to_owned(),
            value: least.as_str().into(),
        });
    }

    /// Returns true if findings with this verdict are shown.
    pub(super) fn shows(&self, verdict: Verdict) -> bool {
        self.min_verdict().is_none_or(|least| verdict >= least)
    }
}
