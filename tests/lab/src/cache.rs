//! The cache folder, in which each thing is built exactly once.
//!
//! Owns the location of the folder, the lock that keeps parallel processes from building the same
//! thing twice, and running the programs that build. Leaves out what is built, and clearing: the
//! folder may be deleted whenever nothing runs.

use crate::error::LabError;
use sha2::{Digest, Sha256};
use std::env;
use std::fmt::{self, Write as _};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Gets called with each step that takes more than a moment.
type Progress = Box<dyn Fn(&str) + Send + Sync>;

/// Marks a finished folder; written last.
const COMPLETE: &str = ".complete";

/// How many of a failed program's last lines are shown.
const LINES_SHOWN: usize = 30;

/// A folder for things that are built once.
pub(crate) struct Cache {
    folder: PathBuf,
    progress: Progress,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Cache {
    pub(crate) fn open() -> Result<Self, LabError> {
        let folder = place(|name| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        });
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        fs::create_dir_all(&folder).map_err(LabError::io(format!(
            "make the cache folder {}",
            folder.display()
        )))?;
        Ok(Self {
            folder,
            progress: Box::new(|_| ()),
        })
    }

    pub(crate) fn with_progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder `name`, filled by `build` unless an earlier call did so, here or in
    /// another process.
    pub(crate) fn once(
        &self,
        name: &str,
        what: &str,
        build: impl FnOnce(&Builder<'_>) -> Result<(), LabError>,
    ) -> Result<PathBuf, LabError> {
        let folder = self.folder.join(name);
        let complete = folder.join(COMPLETE);
        if complete.is_file() {
            return Ok(folder);
        }
        let lock = self.lock(name, what)?;
        if complete.is_file() {
            return Ok(folder);
        }
        (self.progress)(&format!("building {what}"));
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(LabError::io("clear a half-built folder"))?;
        }
        fs::create_dir_all(&folder).map_err(LabError::io("make a folder in the cache"))?;
        build(&Builder {
            folder: &folder,
            lock: &lock,
        })?;
        File::create(complete).map_err(LabError::io("mark a folder of the cache as complete"))?;
        Ok(folder)
    }

    fn lock(&self, name: &str, what: &str) -> Result<File, LabError> {
        let file = self.folder.join(format!("{name}.lock"));
        let lock = File::create(file).map_err(LabError::io("make a lock file in the cache"))?;
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => {
                (self.progress)(&format!(
                    "waiting for another process that is building {what}"
                ));
            }
            Err(TryLockError::Error(source)) => {
                return Err(LabError::Io {
                    doing: "lock the cache".into(),
                    source,
                });
            }
        }
        lock.lock().map_err(LabError::io("lock the cache"))?;
        Ok(lock)
    }
}

/// What a build works with.
pub(crate) struct Builder<'a> {
    /// Where the result goes.
    pub(crate) folder: &'a Path,
    lock: &'a File,
}

impl Builder<'_> {
    /// Runs a program to its end; an error contains its output.
    pub(crate) fn run(&self, doing: &str, command: &mut Command) -> Result<(), LabError> {
        // The program gets the lock as its standard input, which is empty. If this process is
        // killed, the lock holds for as long as the program still writes to the folder.
        let lock = self
            .lock
            .try_clone()
            .map_err(LabError::io("share the cache's lock"))?;
        let output = command
            .stdin(Stdio::from(lock))
            .output()
            .map_err(LabError::io(format!(
                "{doing} with {}",
                command.get_program().display()
            )))?;
        if output.status.success() {
            return Ok(());
        }
        let written = [output.stdout, output.stderr].concat();
        Err(LabError::Build {
            doing: doing.into(),
            status: output.status,
            output: last_lines(&String::from_utf8_lossy(&written)),
        })
    }
}

/// Returns a short name for the parts that something is built from.
pub(crate) fn key<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .take(8)
        .fold(String::new(), |mut key, byte| {
            // Writing to a string cannot fail.
            let _ = write!(key, "{byte:02x}");
            key
        })
}

fn place(variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    variable("KEYSPILL_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|folder| folder.join("keyspill")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache").join("keyspill")))
        .unwrap_or_else(|| env::temp_dir().join("keyspill-cache"))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_with(variables: &[(&str, &str)]) -> PathBuf {
        place(|name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_folder_is_the_first_of_ours_the_desktops_and_the_homes() {
        let all = [
            ("KEYSPILL_CACHE", "/ours"),
            ("XDG_CACHE_HOME", "/xdg"),
            ("HOME", "/home/me"),
        ];
        assert_eq!(place_with(&all), Path::new("/ours"));
        assert_eq!(place_with(&all[1..]), Path::new("/xdg/keyspill"));
        assert_eq!(place_with(&all[2..]), Path::new("/home/me/.cache/keyspill"));
        assert!(place_with(&[]).starts_with(env::temp_dir()));
    }

    #[test]
    fn a_key_depends_on_every_part_and_on_where_one_ends() {
        let key_of = |parts: &[&str]| key(parts.iter().map(|part| part.as_bytes()));
        assert_eq!(key_of(&["ab", "c"]), key_of(&["ab", "c"]));
        assert_ne!(key_of(&["ab", "c"]), key_of(&["a", "bc"]));
        assert_ne!(key_of(&["ab", "c"]), key_of(&["ab", "d"]));
    }

    #[test]
    fn what_failed_is_built_anew_and_what_succeeded_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache {
            folder: root.path().into(),
            progress: Box::new(|_| ()),
        };
        let failed = cache.once("thing", "a thing", |builder| {
            fs::write(builder.folder.join("half"), "").unwrap();
            Err(LabError::GivenServer("broke".into()))
        });
        assert!(failed.is_err());

        let built = cache.once("thing", "a thing", |builder| {
            assert!(!builder.folder.join("half").exists());
            Ok(())
        });
        let kept = cache.once("thing", "a thing", |_| panic!("built twice"));
        assert_eq!(built.unwrap(), kept.unwrap());
    }

    #[test]
    fn threads_build_a_thing_once() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache {
            folder: root.path().into(),
            progress: Box::new(|_| ()),
        };
        let builds = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    cache.once("thing", "a thing", |_| {
                        builds.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        Ok(())
                    })
                });
            }
        });
        assert_eq!(builds.into_inner(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_outlives_its_run_still_holds_the_lock() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache {
            folder: root.path().into(),
            progress: Box::new(|_| ()),
        };
        let lock = cache.lock("thing", "a thing").unwrap();
        let mut program = Command::new("sleep")
            .arg("600")
            .stdin(lock)
            .spawn()
            .unwrap();

        let other = File::open(root.path().join("thing.lock")).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        program.kill().unwrap();
        program.wait().unwrap();
        other.try_lock().unwrap();
    }

    #[test]
    fn a_failed_program_shows_its_last_lines() {
        let text = (1..=50)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join("\n");
        assert!(last_lines(&text).starts_with("21\n"));
        assert!(last_lines(&text).ends_with("\n50"));
    }
}
