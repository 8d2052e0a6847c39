//! One server as a child process.
//!
//! Owns starting it, waiting for the line that says it is ready, keeping what it writes, and
//! stopping it. Leaves out which servers there are, and what their lines mean.
//!
//! The contract with every server is that it ends when its standard input closes. Only this process
//! holds the other end of that pipe, so the system closes it however this process ends. Each server
//! leads a process group of its own: Ctrl-C at the terminal reaches only this process, which can
//! still finish while its server runs.

use crate::error::LabError;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many of a server's lines are kept.
const LINES_KEPT: usize = 2_000;
/// How many of these lines an error contains.
const LINES_SHOWN: usize = 30;
/// How long a server may take to end by itself before it is killed.
const PATIENCE: Duration = Duration::from_secs(3);

/// A running server; stopped on drop.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    log: Log,
}

impl Process {
    /// Starts a server and waits until `ready` accepts a line of its standard output.
    pub(crate) fn start(
        server: &str,
        mut command: Command,
        deadline: Duration,
        ready: fn(&str) -> Option<String>,
    ) -> Result<(Self, String), LabError> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(LabError::io(format!("start {server}")))?;

        let log = Log::default();
        let (announce, announced) = mpsc::channel();
        if let Some(stderr) = child.stderr.take() {
            log.follow(stderr, announce.clone(), |_| None);
        }
        if let Some(stdout) = child.stdout.take() {
            log.follow(stdout, announce, ready);
        }
        let stdin = child.stdin.take();
        let mut process = Self { child, stdin, log };

        match announced.recv_timeout(deadline) {
            Ok(said) => Ok((process, said)),
            Err(problem) => {
                let why = match problem {
                    RecvTimeoutError::Timeout => {
                        format!("it was not ready after {} seconds", deadline.as_secs())
                    }
                    // Both outputs are closed: the server has ended, or is about to.
                    RecvTimeoutError::Disconnected => match process.wait() {
                        Some(status) => status.to_string(),
                        None => "it closed its outputs".into(),
                    },
                };
                Err(LabError::NotReady {
                    server: server.into(),
                    why,
                    log: process.log.last_lines(),
                })
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns what it has written so far, oldest line first.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lines()
    }

    /// Waits for its end, but not forever.
    fn wait(&mut self) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stdin = None;
        if self.wait().is_none() {
            // It broke the contract. A drop cannot report that.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The last lines of a server, shared with the threads that read them.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    /// Reads to the end in a separate thread, so that the server never blocks on a full pipe.
    fn follow(
        &self,
        source: impl Read + Send + 'static,
        announce: Sender<String>,
        ready: fn(&str) -> Option<String>,
    ) {
        let log = self.clone();
        thread::spawn(move || {
            let mut announce = Some(announce);
            for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                if let Some(said) = announce.as_ref().and_then(|_| ready(&line)) {
                    // The receiver is gone once the deadline has passed.
                    let _ = announce.take().map(|announce| announce.send(said));
                }
                log.push(line);
            }
        });
    }

    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    fn last_lines(&self) -> String {
        let lines = self.lines();
        lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
    }
}

/// Recognises the usual sign of being ready: a line `READY` with the address.
pub(crate) fn ready_line(line: &str) -> Option<String> {
    line.strip_prefix("READY ").map(str::to_owned)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn start(script: &str, deadline: Duration) -> Result<(Process, String), LabError> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start("the script", command, deadline, ready_line)
    }

    #[test]
    fn a_server_says_where_it_is_and_ends_with_its_handle() {
        let started = Instant::now();
        let (process, address) = start(
            "echo before; echo READY there; cat",
            Duration::from_secs(20),
        )
        .unwrap();
        assert_eq!(address, "there");
        drop(process);
        assert!(started.elapsed() < PATIENCE, "it had to be killed");
    }

    #[test]
    fn a_server_that_ends_early_shows_why() {
        let error = start("echo no such module >&2; exit 7", Duration::from_secs(20)).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("the script did not start: exit status: 7;"),
            "{text}"
        );
        assert!(text.ends_with("no such module"), "{text}");
    }

    #[test]
    fn a_server_that_keeps_silent_is_not_waited_for_for_ever() {
        let error = start("echo thinking >&2; cat", Duration::from_secs(1)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("not ready after 1 seconds"), "{text}");
        assert!(text.ends_with("thinking"), "{text}");
    }

    #[test]
    fn a_server_that_ignores_its_input_is_killed() {
        let (process, _) = start("echo READY x; exec sleep 600", Duration::from_secs(20)).unwrap();
        let started = Instant::now();
        drop(process);
        assert!(started.elapsed() < Duration::from_mins(1));
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let log = Log::default();
        for number in 0..=LINES_KEPT {
            log.push(number.to_string());
        }
        assert_eq!(log.lines().len(), LINES_KEPT);
        assert_eq!(log.lines()[0], "1");
    }
}
