//! Rules as they are written: one YAML file per rule under `probes/<category>/`. All of them are
//! compiled into the binary; more can be loaded from a folder.
//!
//! Owns: the written form (`syntax`), the compiled form (here), the list of files (`catalog`), and the
//! checks that keep probes honest (`check`). Leaves out: looking at answers with them (`rule`,
//! `judge`). The written and the compiled form are separate types; unknown keys are errors.

mod catalog;
mod check;
mod compile;
mod example;
mod steps;
mod syntax;

use std::sync::Arc;

pub use catalog::{Catalog, ProbeFile};
pub use check::{ExampleRunner, check};
pub use example::{Example, expand};

pub use crate::datafile::Defect;
use crate::finding::RuleInfo;
use crate::rule::{CanarySink, Detector, Policy, Statics};
use crate::trial::Experiment;

/// A compiled probe: a rule and the detectors that see its fault.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What reports say about the rule.
    pub rule: RuleInfo,
    /// What the engine needs to know about it.
    pub policy: Policy,
    /// What makes a finding true, if the file says so.
    pub true_when: Option<String>,
    /// What looks like the fault but is not, if the file says so.
    pub not_when: Option<String>,
    /// Further reading.
    pub references: Vec<String>,
    /// Detectors of the fault; any one of them is enough.
    pub(crate) detectors: Vec<Arc<dyn Detector>>,
    /// Examples in which the fault must be seen.
    pub examples: Vec<Example>,
    /// Examples in which the fault must not be seen.
    pub negative_examples: Vec<Example>,
    /// The file it came from, for messages.
    pub file: String,
}

impl Probe {
    /// Returns true if the probe looks for canaries that came out in this way.
    pub fn sees_canary(&self, sink: CanarySink) -> bool {
        let mut detectors = self.detectors.iter();
        detectors.any(|detector| detector.sink() == Some(sink))
    }

    /// Returns the detectors that look at single answers.
    pub(crate) fn statics(&self) -> Statics {
        let id = self.rule.id.as_str();
        Statics::new(self.detectors.iter().map(|detector| (id, detector)))
    }

    /// Returns the experiments that the probe runs.
    pub fn experiments(&self) -> impl Iterator<Item = &Arc<Experiment>> {
        let detectors = self.detectors.iter();
        detectors.flat_map(|detector| detector.experiments())
    }

    /// Returns true if an input that is offered is reported even though nothing was proven.
    pub fn tells_offered(&self) -> bool {
        self.experiments().any(|experiment| experiment.tell_offered)
    }
}
