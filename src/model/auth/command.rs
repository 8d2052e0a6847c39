//! A value that a command prints, such as a token that lasts some minutes.
//!
//! This module runs the command within bounds, and ends it with everything that it has started.
//! Neither its output nor the command, which may itself contain a secret, appears in messages. When
//! to run it again is decided in `session.rs`.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Time limit: a command may request a token from a service, but one that hangs is ended.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pause between checks whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);
/// Maximum output in bytes; tokens are shorter.
const MOST: u64 = 64 << 10;

/// Controls running commands: letting go ends them and prevents new ones. Clones share the state.
#[derive(Clone, Debug, Default)]
pub struct Leash(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    over: bool,
    /// The running commands, each with the processes it has started.
    children: Vec<Child>,
}

/// A leash that is let go when this value is dropped.
#[derive(Default)]
pub struct Holder(Leash);

impl Holder {
    /// Returns a handle to its leash.
    pub fn leash(&self) -> Leash {
        self.0.clone()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.let_go();
    }
}

impl Leash {
    /// Ends the commands that run on it, and prevents new ones.
    pub fn let_go(&self) {
        let mut held = self.held();
        held.over = true;
        for child in &mut held.children {
            kill(child);
        }
    }

    /// Starts a command, and returns its process id and its output.
    fn start(&self, command: &str) -> Result<(u32, impl Read + Send + 'static), String> {
        let mut held = self.held();
        if held.over {
            return Err("the command was not run: the scan has ended".to_owned());
        }
        let mut child = shell(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // A command that writes much to standard error may print a secret there.
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the command cannot be started: {error}"))?;
        let stdout = child.stdout.take();
        let number = child.id();
        held.children.push(child);
        let stdout = stdout.ok_or("the command has no output")?;
        Ok((number, stdout))
    }

    /// Returns how the command ended, killing it if it is still running at `end`.
    ///
    /// A command that has been waited for is never killed: its process id may belong to another
    /// process.
    fn ended(&self, number: u32, end: Instant) -> Option<ExitStatus> {
        loop {
            let mut held = self.held();
            let at = held.children.iter().position(|one| one.id() == number)?;
            let ended = held.children[at].try_wait();
            if matches!(ended, Ok(None)) && Instant::now() < end {
                drop(held);
                thread::sleep(PAUSE);
                continue;
            }
            let mut child = held.children.swap_remove(at);
            if !matches!(ended, Ok(Some(_))) {
                kill(&mut child);
            }
            let status = child.wait();
            return ended.ok().flatten().and(status.ok());
        }
    }

    /// Kills the command with everything it has started.
    fn kill(&self, number: u32) {
        let mut held = self.held();
        let child = held.children.iter_mut().find(|one| one.id() == number);
        if let Some(child) = child {
            kill(child);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does work that may run commands, on a blocking thread. The commands end when the caller stops
/// waiting.
///
/// # Errors
///
/// Returns the error of the work, or an error if it could not be run.
pub async fn beside<T: Send + 'static>(
    work: impl FnOnce(&Leash) -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let holder = Holder::default();
    let leash = holder.leash();
    let done = tokio::task::spawn_blocking(move || work(&leash)).await;
    done.unwrap_or_else(|_| Err("the command could not be run".to_owned()))
}

/// Returns what a command prints, without its last line break.
///
/// # Errors
///
/// The message says what is wrong, without quoting the command or its output.
pub(crate) fn output(command: &str, leash: &Leash) -> Result<String, String> {
    output_within(command, PATIENCE, leash)
}

fn output_within(command: &str, patience: Duration, leash: &Leash) -> Result<String, String> {
    let (number, stdout) = leash.start(command)?;
    // A process that it started may keep its output open, so the reading thread is not joined.
    let (sender, read) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = stdout.take(MOST + 1).read_to_end(&mut bytes);
        let _ = sender.send(result.map(|_| bytes));
    });
    let end = Instant::now() + patience;
    let bytes = read.recv_timeout(patience);
    if bytes.is_err() {
        leash.kill(number);
    }
    let status = leash.ended(number, end);
    let late = || format!("the command did not end within {patience:?}");
    let bytes = bytes
        .map_err(|_| late())?
        .map_err(|error| format!("the command's output cannot be read: {error}"))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST) {
        return Err("the command prints more than a token".to_owned());
    }
    let status = status.ok_or_else(late)?;
    if !status.success() {
        return Err(match status.code() {
            Some(code) => format!("the command failed with exit code {code}"),
            None => "the command was ended by a signal".to_owned(),
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| "the command prints no text".to_owned())?;
    let text = text.trim();
    if text.is_empty() {
        return Err("the command prints nothing".to_owned());
    }
    if text.lines().count() > 1 {
        return Err("the command prints more than one line".to_owned());
    }
    Ok(text.to_owned())
}

/// Kills a command that has not been waited for yet, and everything it has started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // The command is the leader of its process group.
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let _ = group.map(|group| kill_process_group(group, Signal::KILL));
    }
    let _ = child.kill();
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut shell = Command::new("sh");
    // Starts a process group, which can be ended as a whole.
    shell.arg("-c").arg(command).process_group(0);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn output(command: &str) -> Result<String, String> {
        super::output(command, &Leash::default())
    }

    #[test]
    fn what_it_prints_is_the_value() {
        assert_eq!(output("printf 't0ken\\n'"), Ok("t0ken".to_owned()));
    }

    #[test]
    fn a_bad_command_is_told_without_what_it_says() {
        for (command, said) in [
            ("echo s3cret; echo s3cret >&2; exit 3", "exit code 3"),
            ("true # s3cret", "prints nothing"),
            ("printf 's3cret\\ns3cret'", "more than one line"),
            ("s3cret-is-no-command", "exit code 127"),
            ("printf '\\377s3cret'", "prints no text"),
            ("head -c 100000 /dev/zero", "more than a token"),
            ("echo s3cret; kill -9 $$", "by a signal"),
        ] {
            let fault = output(command).unwrap_err();
            assert!(fault.contains(said), "{command}: {fault}");
            assert!(!fault.contains("s3cret"), "{command}: {fault}");
        }
    }

    /// Returns a command that hangs behind a pipe, a receiver that reports its start, and a thread
    /// that finishes once none of its processes is left.
    fn hanging(folder: &tempfile::TempDir) -> (String, mpsc::Receiver<()>, thread::JoinHandle<()>) {
        let path = folder.path().join("alive");
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let command = format!("sleep 60 3>{} | cat", path.display());
        let (begins, begun) = mpsc::channel();
        let gone = thread::spawn(move || {
            // Waits for a process to open it for writing, and then until all have closed it.
            let mut alive = std::fs::File::open(path).unwrap();
            begins.send(()).unwrap();
            alive.read_to_end(&mut Vec::new()).unwrap();
        });
        (command, begun, gone)
    }

    #[test]
    fn one_that_hangs_is_not_waited_for_and_nothing_of_it_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (command, begun, gone) = hanging(&folder);
        let start = Instant::now();
        let patience = Duration::from_secs(2);
        let fault = output_within(&command, patience, &Leash::default()).unwrap_err();
        assert!(fault.contains("did not end within"), "{fault}");
        begun.try_recv().unwrap();
        gone.join().unwrap();
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn one_that_is_let_go_ends_with_everything_and_none_begins_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let (command, begun, gone) = hanging(&folder);
        let start = Instant::now();
        let holder = Holder::default();
        let leash = holder.leash();
        let running = thread::spawn(move || {
            let ended = super::output(&command, &leash);
            (ended, super::output("echo token", &leash))
        });
        begun.recv().unwrap();
        drop(holder);
        let (ended, after) = running.join().unwrap();
        assert!(ended.unwrap_err().contains("by a signal"));
        assert!(after.unwrap_err().contains("the scan has ended"));
        gone.join().unwrap();
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
