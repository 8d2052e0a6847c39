//! Runs the real binary in an empty folder and an empty environment.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

/// A folder to run in.
pub(crate) struct Place {
    folder: TempDir,
}

/// The result of a run.
pub(crate) struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Place {
    /// Creates an empty folder.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// Writes a file into the folder.
    #[must_use]
    pub(crate) fn with(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Returns a path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Prepares the binary to run here, with an empty environment, no input, and captured output. A
    /// scan without a seed gets one, which a failing test prints.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyspill"));
        command.args(arguments);
        if arguments.first() == Some(&"scan") && !arguments.contains(&"--seed") {
            let seed = drawn().to_string();
            command.args(["--seed", &seed]);
            eprintln!("scanned with --seed {seed}");
        }
        command
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Checks that the run ended with this code, with nothing on standard output and these texts on
    /// standard error.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{}\n{}", self.err, self.out);
        assert_eq!(self.out, "", "standard output is for results");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }

    /// Checks that the run ended with this code, with nothing on standard error and these texts on
    /// standard output.
    #[track_caller]
    pub(crate) fn printed(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{}\n{}", self.err, self.out);
        assert_eq!(self.err, "", "standard error is for people");
        for part in parts {
            assert!(self.out.contains(part), "{part:?} is not in: {}", self.out);
        }
    }
}

/// Draws a random seed. The caller must print it, so that a failing test shows it.
pub(crate) fn drawn() -> u32 {
    u32::try_from(random() & 0xffff).unwrap()
}

/// Returns a number that no other call is likely to return.
pub(crate) fn random() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap();
    let mixed = now ^ COUNT.fetch_add(1, Ordering::Relaxed).rotate_left(32);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 31)
}
