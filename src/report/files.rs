//! Writes finished reports into a folder: each completely, or not at all.
//!
//! Owns: temporary files, renaming, and errors with path and reason. Leaves out: the content of the
//! files.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::error::Error;

/// What the check before the scan writes; reports are larger, but a disk that refuses this is full.
const TRIAL: [u8; 4096] = [b'.'; 4096];

/// The content of a file.
pub trait Content {
    /// Writes the whole content.
    ///
    /// # Errors
    ///
    /// Returns an error if writing to `out` fails.
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl Content for Vec<u8> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self)
    }
}

/// Creates the folder and checks that files can be written there, before a scan spends an hour.
///
/// # Errors
///
/// Returns [`Error::Output`] with the path and the reason.
pub fn prepare(folder: &Path) -> Result<(), Error> {
    if fs::metadata(folder).is_ok_and(|known| !known.is_dir()) {
        return Err(output(folder, "it is a file, not a folder"));
    }
    fs::create_dir_all(folder).map_err(|error| output(folder, &error.to_string()))?;
    let mut trial = temporary(folder).map_err(|error| output(folder, &error.to_string()))?;
    filled(&mut trial, &TRIAL.to_vec()).map_err(|error| output(folder, &error.to_string()))
}

/// Writes files into a folder. Each is completed in a temporary file and then moved into place. If one
/// cannot be written, the others still are; an older file in its place is set aside as `NAME.old`, so
/// that nobody mistakes it for the result of this run.
///
/// # Errors
///
/// Returns [`Error::Output`] with the path and the reason.
pub fn write_all<C: Content>(folder: &Path, files: &[(&str, C)]) -> Result<(), Error> {
    let prepared = prepare(folder);
    if folder.is_file() {
        return prepared;
    }
    let mut first = Ok(());
    for (name, content) in files {
        let place = folder.join(name);
        let written = write_one(folder, &place, content);
        if written.is_err() {
            set_aside(&place);
        }
        first = first.and(written);
    }
    first
}

/// Sets an older file aside as `NAME.old` if this run writes none in its place.
pub fn set_aside(place: &Path) {
    if place.is_file() {
        let mut aside = place.as_os_str().to_owned();
        aside.push(".old");
        // If even that fails, the error has already been reported, and the exit code shows it.
        let _ = fs::rename(place, aside);
    }
}

fn write_one(folder: &Path, place: &Path, content: &impl Content) -> Result<(), Error> {
    if place.is_dir() {
        return Err(output(place, "there is a folder of that name"));
    }
    let wrong = |error: io::Error| output(place, &error.to_string());
    let mut file = temporary(folder).map_err(wrong)?;
    filled(&mut file, content).map_err(wrong)?;
    file.persist(place)
        .map(|_| ())
        .map_err(|error| output(place, &error.error.to_string()))
}

fn filled(file: &mut NamedTempFile, content: &impl Content) -> io::Result<()> {
    let mut buffered = io::BufWriter::new(&mut *file);
    content.write_to(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    // Some file systems report only now that there is no space left.
    file.as_file().sync_all()
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".keyspill-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As for any file that a program creates, the umask decides who may read reports.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn output(path: &Path, reason: &str) -> Error {
    Error::Output {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}
