//! The last look at a report before it is written: a secret that was learnt late must not stand in
//! evidence that was made earlier.

use super::json::{EvidenceV1, ReportV1};
use crate::redact::Redactor;

impl ReportV1 {
    /// Masks every free text. Names of operations and inputs stay as they are: baselines and
    /// `verify` need them.
    pub fn mask(&mut self, redactor: &Redactor) {
        let mask = |text: &mut String| *text = redactor.text(text);
        self.run.arguments.iter_mut().for_each(mask);
        mask(&mut self.target.url);
        for finding in &mut self.findings {
            let EvidenceV1 {
                snippet,
                curl,
                exchanges,
            } = &mut finding.evidence;
            mask(snippet);
            curl.iter_mut().for_each(mask);
            for exchange in exchanges {
                mask(&mut exchange.request);
                exchange.response.iter_mut().for_each(mask);
            }
        }
        for row in &mut self.surface {
            row.reached.why.iter_mut().for_each(mask);
        }
        for problem in &mut self.problems {
            mask(&mut problem.message);
        }
        for planted in &mut self.planted {
            planted.curl.iter_mut().for_each(mask);
        }
    }
}
