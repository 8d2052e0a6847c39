//! Puts finished reports into a folder: each wholly, or not at all.
//!
//! Owns: temporary files, renaming, and errors that name path and reason.
//! Leaves out: what is in the files.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::error::Error;

/// What a disk must still hold for the check before the scan; reports are larger, but a disk that
/// refuses this is full.
const TRIAL: [u8; 4096] = [b'.'; 4096];

/// What a file is to hold.
pub trait Content {
    /// Writes it, whole.
    ///
    /// # Errors
    ///
    /// When `out` does not take it.
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl Content for Vec<u8> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self)
    }
}

/// Makes the folder and checks that files can be written there, before a scan spends an hour.
///
/// # Errors
///
/// [`Error::Output`] with the path and the reason.
pub fn prepare(folder: &Path) -> Result<(), Error> {
    if fs::metadata(folder).is_ok_and(|known| !known.is_dir()) {
        return Err(output(folder, "it is a file, not a folder"));
    }
    fs::create_dir_all(folder).map_err(|error| output(folder, &error.to_string()))?;
    let mut trial = temporary(folder).map_err(|error| output(folder, &error.to_string()))?;
    filled(&mut trial, &TRIAL.to_vec()).map_err(|error| output(folder, &error.to_string()))
}

/// Writes files into a folder, each complete beside its place before it is moved there. One that cannot
/// be written keeps no other from it; an older file in its place is set aside as `NAME.old`, so that
/// nobody takes it for this run's.
///
/// # Errors
///
/// [`Error::Output`] with the path and the reason.
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

/// Sets an older file aside as `NAME.old` where this run writes none in its place.
pub fn set_aside(place: &Path) {
    if place.is_file() {
        let mut aside = place.as_os_str().to_owned();
        aside.push(".old");
        // Where even that is refused, the error is told, and the exit code says it.
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
    // Some file systems tell only now that there is no room.
    file.as_file().sync_all()
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".keyspill-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any file that a program creates: the umask decides who may read reports.
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
