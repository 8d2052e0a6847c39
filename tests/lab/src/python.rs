//! Python environments with pinned requirements.
//!
//! Owns finding a Python and building a virtual environment from a requirements file. Leaves out
//! running applications in it, which [`crate::app`] does.

use crate::cache::{Builder, Cache, key};
use crate::error::LabError;
use crate::find_program;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NEED: &str = "Python 3.9 or newer with its venv module";
const INSTALL: &str = "On Debian: apt-get install python3 python3-venv";

/// Identifies what an environment built by one Python cannot share with another.
const IDENTITY: &str =
    "import sys, sysconfig; print(sys.version, sys.executable, sysconfig.get_platform())";

/// A Python with the packages of one requirements file.
#[derive(Debug, Clone)]
pub struct Python {
    interpreter: PathBuf,
}

impl Python {
    /// Returns the path of the environment's interpreter.
    pub fn interpreter(&self) -> &Path {
        &self.interpreter
    }
}

pub(crate) fn provide(cache: &Cache, requirements: &Path) -> Result<Python, LabError> {
    let pins =
        fs::read(requirements).map_err(LabError::io(format!("read {}", requirements.display())))?;
    let system = find_program("python3")
        .or_else(|| find_program("python"))
        .ok_or_else(|| missing("there is no python3 on the PATH"))?;
    let identity = Command::new(&system)
        .args(["-I", "-c", IDENTITY])
        .output()
        .map_err(LabError::io(format!("run {}", system.display())))?;
    if !identity.status.success() {
        return Err(missing(&format!(
            "{} does not run as one",
            system.display()
        )));
    }

    let name = format!("python-{}", key([&pins[..], &identity.stdout]));
    let what = format!("the Python environment of {}", requirements.display());
    let folder = cache.once(&name, &what, |builder| {
        build(builder, &system, requirements)
    })?;
    Ok(Python {
        interpreter: interpreter_in(&folder),
    })
}

fn build(builder: &Builder<'_>, system: &Path, requirements: &Path) -> Result<(), LabError> {
    let mut venv = Command::new(system);
    venv.args(["-I", "-m", "venv"]).arg(builder.folder);
    builder
        .run("make a virtual environment", &mut venv)
        .map_err(|error| match error {
            LabError::Build { output, .. }
                if output.contains("ensurepip") || output.contains("No module") =>
            {
                missing(&format!("{} has no venv module", system.display()))
            }
            other => other,
        })?;

    let mut pip = Command::new(interpreter_in(builder.folder));
    pip.args([
        "-I",
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "-q",
        "-r",
    ])
    .arg(requirements);
    builder.run(&format!("install {}", requirements.display()), &mut pip)
}

fn interpreter_in(folder: &Path) -> PathBuf {
    folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    })
}

fn missing(found: &str) -> LabError {
    LabError::Missing {
        need: NEED,
        found: found.into(),
        install: INSTALL,
    }
}
