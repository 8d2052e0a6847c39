//! Rules as they are written: one YAML file a rule under `probes/<category>/`, all of them
//! compiled into the binary; more can be loaded from a folder.
//!
//! Owns: the written form (`syntax`), the compiled form (here), the list of files (`catalog`), and
//! the checks that keep probes honest (`check`). Leaves out: looking at answers with them
//! (`rule`, `judge`). Written and compiled form are two types; unknown keys are errors.

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

/// A compiled probe: a rule and the detectors that see it.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What reports say about the rule.
    pub rule: RuleInfo,
    /// What the engine must know of it.
    pub policy: Policy,
    /// What makes it true, where its file says so.
    pub true_when: Option<String>,
    /// What looks like it and is not, where its file says so.
    pub not_when: Option<String>,
    /// Further reading.
    pub references: Vec<String>,
    /// What sees the fault; any one of them is enough.
    pub(crate) detectors: Vec<Arc<dyn Detector>>,
    /// What must be seen.
    pub examples: Vec<Example>,
    /// What must not.
    pub negative_examples: Vec<Example>,
    /// The file it came from, for messages.
    pub file: String,
}

impl Probe {
    /// True where it looks for canaries that came out in this way.
    pub fn sees_canary(&self, sink: CanarySink) -> bool {
        let mut detectors = self.detectors.iter();
        detectors.any(|detector| detector.sink() == Some(sink))
    }

    /// Its detectors of what single answers show.
    pub(crate) fn statics(&self) -> Statics {
        let id = self.rule.id.as_str();
        Statics::new(self.detectors.iter().map(|detector| (id, detector)))
    }

    /// The experiments that it makes.
    pub fn experiments(&self) -> impl Iterator<Item = &Arc<Experiment>> {
        let detectors = self.detectors.iter();
        detectors.flat_map(|detector| detector.experiments())
    }

    /// True where an input that is offered is told though nothing was proven.
    pub fn tells_offered(&self) -> bool {
        self.experiments().any(|experiment| experiment.tell_offered)
    }
}
