//! Errors that end a run.
//!
//! A failed request, a broken page or an unreachable operation does not end it: those are data, or
//! problems in the report.

use std::path::PathBuf;

/// An error that ends the run; it displays as one line that says what is at fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line, a configuration file, or a probe is wrong (exit code 2).
    #[error("{0}")]
    Usage(String),
    /// The target does not answer (exit code 3).
    #[error("{0}")]
    Unreachable(String),
    /// The proxy does not answer, or refuses the connection (exit code 3).
    #[error("{0}")]
    Proxy(String),
    /// The login is refused (exit code 3).
    #[error("login-lost: {0}")]
    Login(String),
    /// An output cannot be written (exit code 5).
    #[error("cannot write {}: {reason}", path.display())]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// The system's error message.
        reason: String,
    },
}
