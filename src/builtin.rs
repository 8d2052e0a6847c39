//! The probes compiled into the binary.
//!
//! Owns: the files under `probes/`, which `build.rs` lists. Leaves out: reading them
//! ([`probe`](crate::probe)).

use crate::error::Error;
use crate::probe::{Catalog, ProbeFile};

/// Every file under `probes/`: its path there without the extension, and its text, sorted by path. The
/// path is a rule's id, or `sentences/…`; among sentence forms that match equally well, the first one
/// counts.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/probes.rs"));

/// Returns the built-in files.
pub fn files() -> Vec<ProbeFile> {
    let files = FILES.iter();
    files
        .map(|(id, text)| ProbeFile {
            name: format!("probes/{id}.yaml"),
            text: (*text).to_owned(),
        })
        .collect()
}

/// Compiles the built-in probes.
///
/// # Errors
///
/// Returns the defects of a probe, with file, line and key (tests make sure that there are none).
pub fn catalog() -> Result<Catalog, Error> {
    Catalog::of(&files())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_in_the_binary() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("probes");
        let on_disk: Vec<String> = ProbeFile::folder(&root)
            .unwrap()
            .iter()
            .map(|file| {
                let path = Path::new(&file.name).strip_prefix(&root).unwrap();
                let name = path.with_extension("").display().to_string();
                name.replace('\\', "/")
            })
            .collect();
        let listed: Vec<&str> = FILES.iter().map(|(id, _)| *id).collect();
        assert_eq!(listed, on_disk);
    }
}
