//! Serving a Flask application.
//!
//! Owns the description of what to serve and the environment that it runs in. Leaves out how it is served:
//! that is `python/serve.py`, which does what `app.run(use_reloader=False)` does.

use crate::SOURCES;
use crate::error::LabError;
use crate::process::{Process, ready_line};
use crate::python::Python;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long an application may take to import and bind, on a machine that builds at the same time.
const DEADLINE: Duration = Duration::from_mins(1);

/// What an application sees of the environment here. The rest stays out: a vulnerable application may show
/// its whole environment, and the person's own secrets are not part of the lab.
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
    /// The application at `module:attribute`, where the attribute is an application or makes one.
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            folder: PathBuf::from("."),
            variables: Vec::new(),
            port: 0,
            deadline: DEADLINE,
        }
    }

    /// The folder that the module is imported from, and run in.
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

    /// Takes that port, to serve anew where an earlier server was, and not a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long to wait until it is ready.
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
    /// Its address, `http://127.0.0.1:PORT`, with no slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.url
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok())
            .unwrap_or_default()
    }

    /// What it has written so far, request log and tracebacks, oldest line first.
    pub fn log(&self) -> Vec<String> {
        self.process.log()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Python {
    /// Serves an application on a loopback port and waits until it answers there.
    ///
    /// # Errors
    /// When it cannot be imported or does not bind; the error has its last lines.
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
        // Isolated, with no byte-code beside the sources and nothing held back in a buffer.
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
