//! Provisioning for the demo and the tests: real Flask applications on a real database, on a
//! machine without any preparation.
//!
//! ```no_run
//! use std::path::Path;
//! use keyspill_lab::{App, Lab};
//!
//! # fn main() -> Result<(), keyspill_lab::LabError> {
//! let twins = Path::new("examples/twins");
//! let lab = Lab::open()?.with_progress(|step| eprintln!("{step}"));
//! let python = lab.python(&twins.join("requirements.txt"))?;
//! let database = lab.database()?;
//! let server = python.serve(
//!     App::new("vulnerable:app").folder(twins).env("MONGO_URI", database.uri_for("twin")),
//! )?;
//! assert!(server.url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! # Overview
//!
//! A [`Lab`] is a cache folder. Whatever takes long is built into it once, under a name that
//! contains a hash of all its ingredients: a Python environment per requirements file, and the
//! database's binary. After that, servers start in a second or less, each on a free loopback port
//! with its data in a temporary folder.
//!
//! # Guarantees
//!
//! 1. Processes that need the same thing at the same time build it once; the others wait (`cache.rs`).
//! 2. A server does not outlive its handle. Its standard input is a pipe from us, and it ends when that
//!    closes: on drop, on panic, and also when this process is killed (`process.rs`).
//! 3. A server reports where it listens. No port is guessed, and no start is waited out by sleeping.
//! 4. Nothing here prints: steps go to the progress callback, and a server's output is in the error or
//!    in [`Server::log`].
//!
//! # Code map
//!
//! | file | owns |
//! | --- | --- |
//! | `cache.rs` | the folder, building once |
//! | `python.rs` | virtual environments |
//! | `database.rs` | the three ways to a MongoDB-compatible server |
//! | `app.rs` | serving a Flask application |
//! | `process.rs` | starting, waiting for and stopping a child |
//! | `error.rs` | what can go wrong, in words for the person at the terminal |
//! | `bin/keyspill-lab.rs` | the lab by hand, and as a process that the tests can kill |
//! | `python/serve.py` | the runner that every application is served by |
//! | `ferretdb/` | the database's Go module |

pub mod app;
mod cache;
pub mod database;
pub mod error;
mod process;
pub mod python;

pub use app::{App, Server};
pub use database::{Database, Engine};
pub use error::LabError;
pub use python::Python;

use cache::Cache;
use std::path::{Path, PathBuf};

/// The folder with this crate's own Python and Go sources.
pub(crate) const SOURCES: &str = env!("CARGO_MANIFEST_DIR");

/// Provides environments and databases.
#[derive(Debug)]
pub struct Lab {
    cache: Cache,
}

impl Lab {
    /// Opens the cache folder: `KEYSPILL_CACHE`, or else the user's cache folder, or else a
    /// temporary one.
    ///
    /// # Errors
    /// If the folder cannot be created.
    pub fn open() -> Result<Self, LabError> {
        Ok(Self {
            cache: Cache::open()?,
        })
    }

    /// Calls `progress` with each step that takes more than a moment.
    #[must_use]
    pub fn with_progress(self, progress: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            cache: self.cache.with_progress(Box::new(progress)),
        }
    }

    /// Provides a Python environment with exactly what the requirements file pins, built at first
    /// use.
    ///
    /// # Errors
    /// If there is no Python, or a requirement cannot be installed.
    pub fn python(&self, requirements: &Path) -> Result<Python, LabError> {
        python::provide(&self.cache, requirements)
    }

    /// Provides an empty database that no other call of this method shares.
    ///
    /// # Errors
    /// If no server is available, or it does not start.
    pub fn database(&self) -> Result<Database, LabError> {
        database::provide(&self.cache)
    }

    /// Returns the cache folder.
    pub fn folder(&self) -> &Path {
        self.cache.folder()
    }
}

/// Finds the program with this name on the `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .map(|folder| folder.join(&file))
        .find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}
