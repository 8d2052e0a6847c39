//! Probes by id, from files that are compiled into the binary and from a folder.
//!
//! Owns: unique ids. Leaves out: which files are compiled in (the package `keyspill`), the contents of
//! a file (`compile`), and whether its examples hold (`check`).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compile::compile;
use super::{Defect, Probe};
use crate::datafile::line_of;
use crate::error::Error;
use crate::finding::RuleInfo;
use crate::rule::{CanarySink, Detector, Statics};
use crate::sentences::{Sentences, stem};

/// The name of folders whose files hold sentences.
const SENTENCES_FOLDER: &str = "sentences";

/// A probe file, or a file of sentences, not yet compiled.
#[derive(Clone, Debug)]
pub struct ProbeFile {
    /// Its path, for messages.
    pub name: String,
    /// Its contents.
    pub text: String,
}

impl ProbeFile {
    /// Reads the files of a folder (`*.yaml` and `*.yml`, searched recursively), in order of their
    /// paths.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Usage`] if the folder or a file cannot be read, or if the folder holds no probe
    /// file.
    pub fn folder(folder: &Path) -> Result<Vec<Self>, Error> {
        let mut paths = Vec::new();
        walk(folder, &mut paths)?;
        if paths.is_empty() {
            return Err(Error::Usage(format!(
                "{}: holds no probe file (*.yaml)",
                folder.display()
            )));
        }
        paths.sort();
        paths
            .into_iter()
            .map(|path| {
                let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
                Ok(Self {
                    name: path.display().to_string(),
                    text,
                })
            })
            .collect()
    }

    /// Returns true for a file of sentences, which lies in a folder of that name.
    pub fn holds_sentences(&self) -> bool {
        let folder = Path::new(&self.name).parent().and_then(Path::file_name);
        folder.is_some_and(|folder| folder == SENTENCES_FOLDER)
    }
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let path = entry.path();
        // A symbolic link to a folder is not followed, because it could lead back here.
        let kind = entry
            .file_type()
            .map_err(|error| unreadable(&path, &error))?;
        if kind.is_dir() {
            walk(&path, paths)?;
        } else if path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
        {
            paths.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Usage(format!("cannot read {}: {error}", path.display()))
}

/// Reads a file of sentences, given its name and its text.
type ReadSentences = fn(&str, &str) -> Result<Sentences, Defect>;

/// All probes, by rule id.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    probes: BTreeMap<String, Probe>,
    sentences: BTreeMap<String, Sentences>,
    /// The ids of all rules, including those that were left out later.
    ids: BTreeSet<String>,
}

impl Catalog {
    /// Creates a catalog from probes and sentences that have been checked before: those of the binary.
    ///
    /// # Errors
    ///
    /// Returns the defects of the probes, each with file, line and key.
    pub fn of(files: &[ProbeFile]) -> Result<Self, Error> {
        let (mut catalog, defects) = Self::read(files, Sentences::parse);
        refuse(&defects)?;
        catalog.ids.extend(catalog.probes.keys().cloned());
        Ok(catalog)
    }

    /// Creates the catalog from the repository's folder.
    #[cfg(test)]
    pub(crate) fn builtin() -> Result<Self, Error> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../probes");
        Self::of(&ProbeFile::folder(Path::new(root))?)
    }

    /// Adds the probes of a folder (`*.yaml`, searched recursively) and its files of sentences. They
    /// replace existing ones with the same id or name.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Usage`], with one line per defect that names file, line and key.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, Error> {
        let (more, defects) = Self::compile(&ProbeFile::folder(folder)?);
        refuse(&defects)?;
        self.ids.extend(more.probes.keys().cloned());
        self.probes.extend(more.probes);
        self.sentences.extend(more.sentences);
        Ok(self)
    }

    /// Returns the sentences in which error messages name inputs.
    pub fn sentences(&self) -> Arc<Sentences> {
        Arc::new(Sentences::joined(self.sentences.values()))
    }

    /// Returns the files of sentences, by name.
    pub const fn sentence_files(&self) -> &BTreeMap<String, Sentences> {
        &self.sentences
    }

    /// Returns an iterator over all probes, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Probe> {
        self.probes.values()
    }

    /// Returns a probe by its rule's id.
    pub fn get(&self, id: &str) -> Option<&Probe> {
        self.probes.get(id)
    }

    /// Returns the facts about a rule.
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        self.probes.get(id).map(|probe| &probe.rule)
    }

    /// Returns the detectors that look at single answers.
    pub fn statics(&self) -> Statics {
        self.statics_of(|_| true)
    }

    /// Returns only those detectors that report which part of their matches is secret.
    pub fn statics_of_secrets(&self) -> Statics {
        self.statics_of(|detector| detector.tells_secrets())
    }

    fn statics_of(&self, wanted: fn(&dyn Detector) -> bool) -> Statics {
        Statics::new(self.iter().flat_map(|probe| {
            let detectors = probe.detectors.iter().filter(move |one| wanted(&***one));
            detectors.map(|detector| (probe.rule.id.as_str(), detector))
        }))
    }

    /// Returns the rules that look for a kind of canary sighting, by id.
    pub fn canary_rules(&self, kind: CanarySink) -> impl Iterator<Item = &RuleInfo> {
        let seeing = self.iter().filter(move |probe| probe.sees_canary(kind));
        seeing.map(|probe| &probe.rule)
    }

    /// Returns true if the rule looks for a kind of canary sighting.
    pub fn is_canary_rule(&self, id: &str, kind: CanarySink) -> bool {
        self.get(id).is_some_and(|probe| probe.sees_canary(kind))
    }

    /// Keeps only these rules, or all rules if `ids` is empty.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Usage`] for an unknown id, with similar ids.
    pub fn only(mut self, ids: &[String]) -> Result<Self, Error> {
        for id in ids {
            self.known("--rules", id)?;
        }
        if !ids.is_empty() {
            self.probes.retain(|id, _| ids.contains(id));
        }
        Ok(self)
    }

    /// Removes these rules.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Usage`] for an unknown id, with similar ids, and if no rule is left.
    pub fn without(mut self, ids: &[String]) -> Result<Self, Error> {
        for id in ids {
            // A rule that `--rules` has left out may be excluded as well.
            if !self.ids.contains(id) {
                self.known("--exclude-rule", id)?;
            }
        }
        self.probes.retain(|id, _| !ids.contains(id));
        if self.probes.is_empty() {
            return Err(Error::Usage(
                "--exclude-rule: no rule is left to run".into(),
            ));
        }
        Ok(self)
    }

    fn known(&self, option: &str, id: &str) -> Result<(), Error> {
        if self.probes.contains_key(id) {
            return Ok(());
        }
        let near = self.near(id);
        let end = if near.is_empty() {
            "; `keyspill probes list` lists all".to_owned()
        } else {
            format!("; did you mean {}?", near.join(" or "))
        };
        Err(Error::Usage(format!(
            "{option}: there is no rule {id:?}{end}"
        )))
    }

    /// Returns the ids most similar to a text, at most three.
    pub fn near(&self, text: &str) -> Vec<&str> {
        let text = text.to_ascii_lowercase();
        let name = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
        let (wanted, mut near) = (name(&text), Vec::new());
        for id in self.probes.keys() {
            let likeness = strsim::normalized_damerau_levenshtein(&wanted, &name(id));
            let within = wanted.len() > 3 && name(id).contains(&wanted);
            if likeness > 0.6 || within {
                near.push((likeness, id.as_str()));
            }
        }
        near.sort_by(|left, right| right.0.total_cmp(&left.0));
        near.into_iter().take(3).map(|(_, id)| id).collect()
    }

    /// Compiles files that have not been checked yet, and returns their defects.
    pub(super) fn compile(files: &[ProbeFile]) -> (Self, Vec<Defect>) {
        Self::read(files, Sentences::parse_untried)
    }

    fn read(files: &[ProbeFile], sentences: ReadSentences) -> (Self, Vec<Defect>) {
        let mut catalog = Self::default();
        let mut defects = Vec::new();
        for file in files {
            if file.holds_sentences() {
                match sentences(&file.name, &file.text) {
                    Ok(one) => {
                        catalog.sentences.insert(stem(&file.name), one);
                    }
                    Err(defect) => defects.push(defect),
                }
                continue;
            }
            match compile(&file.name, &file.text) {
                Err(more) => defects.extend(more),
                Ok(probe) => match catalog.probes.entry(probe.rule.id.clone()) {
                    Entry::Vacant(place) => {
                        place.insert(probe);
                    }
                    Entry::Occupied(first) => defects.push(Defect {
                        file: file.name.clone(),
                        line: line_of(&file.text, "id"),
                        column: None,
                        key: "id".to_owned(),
                        message: format!(
                            "{:?} is also the id of {}",
                            probe.rule.id,
                            first.get().file
                        ),
                    }),
                },
            }
        }
        (catalog, defects)
    }
}

fn refuse(defects: &[Defect]) -> Result<(), Error> {
    if defects.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
    Err(Error::Usage(lines.join("\n")))
}
