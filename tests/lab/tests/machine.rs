//! The lab on machines in all conditions: shared, lacking programs, and with runs that are killed.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy's leave for tests stops at the test functions"
)]

mod common;

use common::{address, fixture, get, wait_until};
use keyspill_lab::Lab;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// Prepares a run of the lab in a process of its own.
fn lab(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyspill-lab"));
    command
        .args(words)
        .stdin(Stdio::null())
        .env_remove("KEYSPILL_MONGO_URI");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A machine with an empty cache and only the given programs, each a shell script.
struct Machine {
    programs: TempDir,
    cache: TempDir,
}

impl Machine {
    fn with(programs: &[(&str, &str)]) -> Self {
        let machine = Self {
            programs: TempDir::new().unwrap(),
            cache: TempDir::new().unwrap(),
        };
        for (name, script) in programs {
            let file = machine.programs.path().join(name);
            fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        machine
    }

    fn run(&self, words: &[&str]) -> Output {
        lab(words)
            .env("PATH", self.programs.path())
            .env("KEYSPILL_CACHE", self.cache.path())
            .output()
            .unwrap()
    }

    /// Returns what the user reads when it cannot work.
    fn complaint(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        text(&output.stderr)
    }
}

fn requirements_in(folder: &Path, pins: &str) -> String {
    let file = folder.join("requirements.txt");
    fs::write(&file, pins).unwrap();
    file.display().to_string()
}

#[test]
fn without_python_one_reads_what_to_install() {
    let requirements = fixture("requirements.txt").display().to_string();
    let complaint = Machine::with(&[]).complaint(&["python", &requirements]);
    assert!(
        complaint.contains("there is no python3 on the PATH"),
        "{complaint}"
    );
    assert!(
        complaint.contains("apt-get install python3 python3-venv"),
        "{complaint}"
    );
}

#[test]
fn with_a_python_that_lacks_venv_one_reads_what_to_install() {
    let requirements = fixture("requirements.txt").display().to_string();
    let python = "[ \"$2\" = -c ] && exit 0; echo 'ensurepip is not available'; exit 1";
    let complaint = Machine::with(&[("python3", python)]).complaint(&["python", &requirements]);
    assert!(complaint.contains("has no venv module"), "{complaint}");
    assert!(
        complaint.contains("apt-get install python3 python3-venv"),
        "{complaint}"
    );
}

#[test]
fn without_go_one_reads_what_to_install_and_what_else_would_do() {
    let complaint = Machine::with(&[]).complaint(&["database"]);
    for way in ["apt-get install golang-go", "mongod", "KEYSPILL_MONGO_URI"] {
        assert!(complaint.contains(way), "{complaint}");
    }
}

#[test]
fn with_a_go_that_is_too_old_one_reads_which_will_do() {
    let go = "echo 'go: go.mod requires go >= 1.24 (running go 1.21.0)' >&2; exit 1";
    let complaint = Machine::with(&[("go", go)]).complaint(&["database"]);
    assert!(complaint.contains("running go 1.21.0"), "{complaint}");
    assert!(
        complaint.contains("install Go 1.24 or newer"),
        "{complaint}"
    );
}

#[test]
fn a_build_that_fails_shows_what_the_compiler_said() {
    let go = "echo 'main.go:1:1: expected package' >&2; exit 1";
    let complaint = Machine::with(&[("go", go)]).complaint(&["database"]);
    assert!(
        complaint.contains("cannot build FerretDB: exit status: 1"),
        "{complaint}"
    );
    assert!(
        complaint.contains("main.go:1:1: expected package"),
        "{complaint}"
    );
}

#[test]
fn a_requirement_that_cannot_be_installed_is_named() {
    let folder = TempDir::new().unwrap();
    let requirements = requirements_in(folder.path(), "flask==0.0.0.dev0\n");
    let output = lab(&["python", &requirements])
        .env("KEYSPILL_CACHE", folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("flask==0.0.0.dev0"),
        "{output:?}"
    );
}

#[test]
fn a_given_server_that_is_not_there_is_said_at_once() {
    let output = lab(&["database"])
        .env("KEYSPILL_MONGO_URI", "mongodb://127.0.0.1:1/x")
        .output()
        .unwrap();
    let complaint = text(&output.stderr);
    assert_eq!(
        complaint.trim(),
        "KEYSPILL_MONGO_URI: nothing listens at 127.0.0.1:1"
    );
}

#[test]
fn two_processes_at_the_same_time_build_an_environment_once() {
    let cache = TempDir::new().unwrap();
    let requirements = requirements_in(cache.path(), "itsdangerous==2.2.0\n");
    let start = || {
        lab(&["python", &requirements])
            .env("KEYSPILL_CACHE", cache.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let outputs = [start(), start()].map(|run| run.wait_with_output().unwrap());

    assert!(
        outputs.iter().all(|output| output.status.success()),
        "{outputs:?}"
    );
    assert_eq!(outputs[0].stdout, outputs[1].stdout);
    let steps = outputs
        .iter()
        .map(|output| text(&output.stderr))
        .collect::<String>();
    let builds = steps
        .lines()
        .filter(|step| step.starts_with("building "))
        .count();
    assert_eq!(builds, 1, "{steps}");

    let interpreter = text(&outputs[0].stdout);
    let imported = Command::new(interpreter.trim())
        .args(["-c", "import itsdangerous"])
        .status();
    assert!(imported.unwrap().success());
}

/// A served application that can be ended from outside.
struct Run {
    process: Child,
    /// Kept open, so that only the signal ends the run.
    _lines: BufReader<std::process::ChildStdout>,
    database: (u32, String),
    server: (u32, String),
    temporary: TempDir,
}

impl Run {
    fn start(mut command: Command) -> Self {
        let temporary = TempDir::new().unwrap();
        command
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut started = |kind: &str| {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            let mut words = line.split_whitespace();
            assert_eq!(words.next(), Some(kind), "{line}");
            (
                words.next().unwrap().parse().unwrap(),
                words.next().unwrap().to_owned(),
            )
        };
        let (database, server) = (started("database"), started("server"));
        Self {
            process,
            _lines: lines,
            database,
            server,
            temporary,
        }
    }

    fn command() -> Command {
        let (requirements, folder) = (fixture("requirements.txt"), fixture(""));
        let (requirements, folder) = (requirements.to_string_lossy(), folder.to_string_lossy());
        let command = lab(&["serve", &requirements, &folder, "notes:app"]);
        if cfg!(not(target_os = "linux")) {
            return command;
        }
        // A shell starts background jobs with interrupts ignored, and their children inherit that.
        let mut hearing = Command::new("env");
        hearing
            .arg("--default-signal=INT,TERM")
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::null())
            .env_remove("KEYSPILL_MONGO_URI");
        hearing
    }

    fn end_by(&mut self, signal: &str) {
        let kill = format!("kill -s {signal} {}", self.process.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        assert!(!self.process.wait().unwrap().success());
    }

    fn nothing_is_left(&self) {
        for (id, url) in [&self.database, &self.server] {
            wait_until(&format!("process {id} is gone"), || is_gone(*id));
            // The system closes a process's sockets a moment after it reports a process with
            // threads as ended.
            let refuses = || TcpStream::connect(address(url)).is_err();
            wait_until(&format!("nothing listens at {url}"), refuses);
        }
        let left = || fs::read_dir(self.temporary.path()).unwrap().count();
        wait_until("no temporary folder is left", || left() == 0);
    }
}

/// Returns whether a process has ended; one that has not been waited for yet counts too.
fn is_gone(id: u32) -> bool {
    let state = Command::new("ps")
        .args(["-o", "stat=", "-p", &id.to_string()])
        .output()
        .unwrap();
    let state = text(&state.stdout);
    state.trim().is_empty() || state.starts_with('Z')
}

#[test]
fn a_run_that_is_ended_by_any_signal_leaves_nothing_behind() {
    for signal in ["KILL", "TERM", "INT"] {
        let mut run = Run::start(Run::command());
        assert_eq!(get(&run.server.1, "/add?text=milk").status, 201);
        assert!(!is_gone(run.database.0) && !is_gone(run.server.0));
        run.end_by(signal);
        run.nothing_is_left();
    }
}

/// Writes what mongod writes, and ignores its standard input, as mongod does.
const LISTENING: &str = "echo $$ > \"$0.id\"
    echo '{\"msg\":\"Waiting for connections\",\"attr\":{\"port\":1}}'
    exec sleep 600";

/// A machine with a program named mongod, in addition to its usual programs.
struct WithMongod {
    machine: Machine,
    temporary: TempDir,
}

impl WithMongod {
    fn saying(script: &str) -> Self {
        let machine = Machine::with(&[("mongod", script)]);
        Self {
            machine,
            temporary: TempDir::new().unwrap(),
        }
    }

    fn database(&self) -> Command {
        let path = std::env::var_os("PATH").unwrap();
        let folders = std::env::split_paths(&path);
        let own = [self.machine.programs.path().to_owned()].into_iter();
        let mut command = lab(&["database"]);
        command
            .env("PATH", std::env::join_paths(own.chain(folders)).unwrap())
            .env("TMPDIR", self.temporary.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    fn nothing_is_left(&self) {
        let id = fs::read_to_string(self.machine.programs.path().join("mongod.id")).unwrap();
        let id = id.trim().parse().unwrap();
        wait_until("mongod is gone", || is_gone(id));
        let left = || fs::read_dir(self.temporary.path()).unwrap().count();
        wait_until("its folder is gone", || left() == 0);
    }
}

#[test]
fn a_mongod_on_the_path_is_used_and_ends_with_a_killed_run() {
    let machine = WithMongod::saying(LISTENING);
    let mut run = machine.database().spawn().unwrap();
    let mut line = String::new();
    BufReader::new(run.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains(" mongodb://127.0.0.1:"), "{line}");
    run.kill().unwrap();
    run.wait().unwrap();
    machine.nothing_is_left();
}

#[test]
fn a_mongod_whose_port_was_taken_meanwhile_gets_another() {
    let taken =
        "[ -e \"$0.tried\" ] || { : > \"$0.tried\"; echo 'Address already in use'; exit 48; }";
    let machine = WithMongod::saying(&format!("{taken}\n{LISTENING}"));
    // Its standard input closes at once, so it ends normally.
    let output = machine.database().stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(
        text(&output.stdout).contains(" mongodb://127.0.0.1:"),
        "{output:?}"
    );
    machine.nothing_is_left();
}

#[test]
fn a_mongod_that_does_not_start_shows_why() {
    let machine = WithMongod::saying("echo 'Illegal instruction'; exit 132");
    let output = machine.database().output().unwrap();
    let complaint = text(&output.stderr);
    assert!(
        complaint.contains("mongod did not start: exit status: 132"),
        "{complaint}"
    );
    assert!(complaint.contains("Illegal instruction"), "{complaint}");
}

#[test]
fn a_given_server_is_used_under_names_of_ones_own() {
    let database = Lab::open().unwrap().database().unwrap();
    let given = database.uri_for("old");
    let run = || {
        let mut command = Run::command();
        command.env("KEYSPILL_MONGO_URI", &given);
        Run::start(command)
    };
    let (one, other) = (run(), run());
    assert_ne!(one.database.1, other.database.1);
    assert_eq!(address(&one.database.1), address(&given));

    get(&one.server.1, "/add?text=milk");
    assert_eq!(get(&one.server.1, "/all").body.trim(), r#"["milk"]"#);
    assert_eq!(get(&other.server.1, "/all").body.trim(), "[]");
}
