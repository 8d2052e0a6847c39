//! Rules as they are written: one YAML file a rule under `probes/<category>/`, compiled into the
//! binary through a visible catalogue; more can be loaded from a folder.
//!
//! Owns: the written form (`syntax`), the compiled form (here), the list of files (`catalog`), and
//! the checks that keep probes honest (`check`). Leaves out: looking at answers with them
//! (`rule`, `judge`). Written and compiled form are two types; unknown keys are errors.

mod catalog;
mod check;
mod compile;
mod example;
mod locate;
mod steps;
mod syntax;

use std::fmt;
use std::sync::Arc;

pub use catalog::{Catalog, ProbeFile};
pub use check::{ExampleRunner, check};
pub use example::{Example, expand};

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

/// What is wrong with a probe file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, where it is known.
    pub column: Option<usize>,
    /// The key at fault (`detect[0].pattern`); empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}
