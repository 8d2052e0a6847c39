//! Probes by their ids, from files that are compiled into the binary and from a folder.
//!
//! Owns: unique ids. Leaves out: which files are compiled in (the package `keyspill`), what a file says
//! (`compile`), and whether its examples hold (`check`).

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

/// The folder whose files hold sentences.
const SENTENCES_FOLDER: &str = "sentences";

/// A probe file, or a file of sentences, not yet compiled.
#[derive(Clone, Debug)]
pub struct ProbeFile {
    /// Its path, for messages.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl ProbeFile {
    /// The files of a folder (`*.yaml` and `*.yml`, searched recursively), by path.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] when the folder or a file cannot be read, or when it holds no probe.
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

    /// True for a file of sentences: it lies in a folder of that name.
    pub fn holds_sentences(&self) -> bool {
        let folder = Path::new(&self.name).parent().and_then(Path::file_name);
        folder.is_some_and(|folder| folder == SENTENCES_FOLDER)
    }
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let path = entry.path();
        // A symbolic link to a folder is not followed: it could lead back here.
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

/// Reads a file of sentences, by its name and its text.
type ReadSentences = fn(&str, &str) -> Result<Sentences, Defect>;

/// Every probe by its rule's id.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    probes: BTreeMap<String, Probe>,
    sentences: BTreeMap<String, Sentences>,
    /// The rules that there were before some were left out.
    ids: BTreeSet<String>,
}

impl Catalog {
    /// The probes and sentences of files that were checked before: those of the binary.
    ///
    /// # Errors
    ///
    /// A defect in a probe, with file, line and key.
    pub fn of(files: &[ProbeFile]) -> Result<Self, Error> {
        let (mut catalog, defects) = Self::read(files, Sentences::parse);
        refuse(&defects)?;
        catalog.ids.extend(catalog.probes.keys().cloned());
        Ok(catalog)
    }

    /// What the repository's folder holds.
    #[cfg(test)]
    pub(crate) fn builtin() -> Result<Self, Error> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../probes");
        Self::of(&ProbeFile::folder(Path::new(root))?)
    }

    /// These probes and those of a folder (`*.yaml`, searched recursively); the folder's win.
    /// So do its files of sentences.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] that names file, line and key, one line a defect.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, Error> {
        let (more, defects) = Self::compile(&ProbeFile::folder(folder)?);
        refuse(&defects)?;
        self.ids.extend(more.probes.keys().cloned());
        self.probes.extend(more.probes);
        self.sentences.extend(more.sentences);
        Ok(self)
    }

    /// The sentences in which errors name inputs.
    pub fn sentences(&self) -> Arc<Sentences> {
        Arc::new(Sentences::joined(self.sentences.values()))
    }

    /// The files of sentences, by name.
    pub const fn sentence_files(&self) -> &BTreeMap<String, Sentences> {
        &self.sentences
    }

    /// All probes, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Probe> {
        self.probes.values()
    }

    /// A probe by its rule's id.
    pub fn get(&self, id: &str) -> Option<&Probe> {
        self.probes.get(id)
    }

    /// A rule's facts.
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        self.probes.get(id).map(|probe| &probe.rule)
    }

    /// The detectors of what single answers show.
    pub fn statics(&self) -> Statics {
        self.statics_of(|_| true)
    }

    /// Only those that tell which part of what they see is secret.
    pub fn statics_of_secrets(&self) -> Statics {
        self.statics_of(|detector| detector.tells_secrets())
    }

    fn statics_of(&self, wanted: fn(&dyn Detector) -> bool) -> Statics {
        Statics::new(self.iter().flat_map(|probe| {
            let detectors = probe.detectors.iter().filter(move |one| wanted(&***one));
            detectors.map(|detector| (probe.rule.id.as_str(), detector))
        }))
    }

    /// The rules that look for canaries of a kind, by id.
    pub fn canary_rules(&self, kind: CanarySink) -> impl Iterator<Item = &RuleInfo> {
        let seeing = self.iter().filter(move |probe| probe.sees_canary(kind));
        seeing.map(|probe| &probe.rule)
    }

    /// True for a rule that looks for canaries of a kind.
    pub fn is_canary_rule(&self, id: &str, kind: CanarySink) -> bool {
        self.get(id).is_some_and(|probe| probe.sees_canary(kind))
    }

    /// Only these rules; all where none is named.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for an id that is none, with those near it.
    pub fn only(mut self, ids: &[String]) -> Result<Self, Error> {
        for id in ids {
            self.known("--rules", id)?;
        }
        if !ids.is_empty() {
            self.probes.retain(|id, _| ids.contains(id));
        }
        Ok(self)
    }

    /// All but these rules.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for an id that is none, with those near it, and where no rule is left.
    pub fn without(mut self, ids: &[String]) -> Result<Self, Error> {
        for id in ids {
            // What `--rules` has left out may be excluded once more.
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

    /// The ids that are most like a text, at most three.
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

    /// Compiles files that nobody has tried yet, and says what is wrong with them.
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
