//! A value that a command prints: a token that lasts some minutes.
//!
//! Owns: running it, with bounds. What it prints reaches no message, and neither does the command,
//! which may hold a secret itself. Leaves out: when to run it again (`session.rs`).

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A command may ask a token of a service, but nobody waits for one that hangs.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);
/// A token is shorter.
const MOST: u64 = 64 << 10;

/// What a command prints, without its last line break.
///
/// # Errors
///
/// Says what is wrong in words that hold nothing of the command and its output.
pub(super) fn output(command: &str) -> Result<String, String> {
    output_within(command, PATIENCE)
}

fn output_within(command: &str, patience: Duration) -> Result<String, String> {
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // A command that is chatty there may well print what is secret.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("the command cannot be started: {error}"))?;
    let Some(stdout) = child.stdout.take() else {
        return Err("the command has no output".to_owned());
    };
    // A child of the command's may hold its output open: the reader is not waited for.
    let (sender, read) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = stdout.take(MOST + 1).read_to_end(&mut bytes);
        let _ = sender.send(result.map(|_| bytes));
    });
    let end = Instant::now() + patience;
    let bytes = read.recv_timeout(patience);
    let status = ended(&mut child, end);
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

/// How it ended; it is killed where it has not by then.
fn ended(child: &mut Child, end: Instant) -> Option<std::process::ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(PAUSE),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

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

    #[test]
    fn one_that_hangs_is_not_waited_for() {
        let start = Instant::now();
        let fault = output_within("sleep 20; echo x", Duration::from_millis(200)).unwrap_err();
        assert!(fault.contains("did not end within"), "{fault}");
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
