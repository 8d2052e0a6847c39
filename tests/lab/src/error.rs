//! What can go wrong while provisioning, worded for the person at the terminal.
//!
//! Owns the one error type of the crate. Leaves out recovery: callers do not retry.

use std::io;

/// Why something could not be provided.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// A program that the machine must have is missing or too old.
    #[error("{need} is needed, and {found}.\n{install}")]
    Missing {
        /// What is needed, with the oldest version that works.
        need: &'static str,
        /// What was found instead.
        found: String,
        /// What to install, and what would work instead.
        install: &'static str,
    },

    /// A program that builds something failed.
    #[error("cannot {doing}: {status}\n{output}")]
    Build {
        /// What was being done.
        doing: String,
        /// How the program ended.
        status: std::process::ExitStatus,
        /// The last lines that it wrote.
        output: String,
    },

    /// A server ended, or kept silent, before it was ready.
    #[error("{server} did not start: {why}; its last lines:\n{log}")]
    NotReady {
        /// Which server.
        server: String,
        /// How it ended, or how long we waited for it.
        why: String,
        /// The last lines that it wrote.
        log: String,
    },

    /// The given database server cannot be used.
    #[error("KEYSPILL_MONGO_URI: {0}")]
    GivenServer(String),

    /// A file, folder or process could not be handled.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
}

impl LabError {
    /// Returns a closure for `map_err` that adds what was being done when the system refused.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}
