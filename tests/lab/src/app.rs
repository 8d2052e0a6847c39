//! Serving a Flask application.
//!
//! Owns the description of what to serve, and the environment that it runs in. Leaves out how it is
//! served: `python/serve.py` does that, in the way of `app.run(use_reloader=False)`.

use crate::SOURCES;
use crate::error::LabError;
use crate::process::{Process, ready_line};
use crate::python::Python;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long an application may take to import and bind on a machine that is building at the same
/// time.
const DEADLINE: Duration = Duration::from_mins(1);

/// The environment variables that are passed on to an application. The rest is withheld: a
/// vulnerable application may show its whole environment, and the user's own secrets are not part
/// of the lab.
const PASSED_ON: [&str; 8] = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
];

/// What to serve.
#[derive(Debug, Clone)]
pub struct App {
    target: String,
    folder: PathBuf,
    variables: Vec<(OsString, OsString)>,
    port: u16,
    deadline: Duration,
}

impl App {
    /// Describes the application at `module:attribute`; the attribute is an application, or makes
    /// one.
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            folder: PathBuf::from("."),
            variables: Vec::new(),
            port: 0,
            deadline: DEADLINE,
        }
    }

    /// Sets the folder that the module is imported from and run in.
    #[must_use]
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        folder.as_ref().clone_into(&mut self.folder);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Takes this port instead of a free one, to serve again where an earlier server was.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets how long to wait until the application is ready.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

/// A served application; stopped on drop.
#[derive(Debug)]
pub struct Server {
    process: Process,
    url: String,
}

impl Server {
    /// Returns its address, `http://127.0.0.1:PORT`, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.url
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok())
            .unwrap_or_default()
    }

    /// Returns what it has written so far, request log and tracebacks, oldest line first.
    pub fn log(&self) -> Vec<String> {
        self.process.log()
    }

    /// Returns the id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Python {
    /// Serves an application on a loopback port and waits until it answers there.
    ///
    /// # Errors
    /// If the application cannot be imported or does not bind. The error contains its last lines.
    pub fn serve(&self, app: App) -> Result<Server, LabError> {
        let App {
            target,
            folder,
            variables,
            port,
            deadline,
        } = app;
        let folder = std::path::absolute(&folder).map_err(LabError::io(format!(
            "find the folder {}",
            folder.display()
        )))?;
        let mut command = Command::new(self.interpreter());
        // Isolated, without byte-code files beside the sources, and with unbuffered output.
        command
            .args(["-I", "-B", "-u"])
            .arg(Path::new(SOURCES).join("python/serve.py"))
            .args(["--app", &target, "--port", &port.to_string(), "--folder"])
            .arg(&folder)
            .current_dir(&folder)
            .env_clear()
            .envs(
                PASSED_ON
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .envs(variables);
        let (process, url) = Process::start(&target, command, deadline, ready_line)?;
        Ok(Server { process, url })
    }
}
