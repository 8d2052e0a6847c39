//! The one entry point to an application: `app("names/shelf").faulty(true).scan()` serves it, scans
//! it with the real binary in a scrubbed environment, and returns the result.
//!
//! Owns: the lab, the one database server that all applications share, serving, scanning, and
//! showing the scan's seed and the application's log when a test fails. Leaves out: what a report
//! must say.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use jsonschema::Validator;
use keyspill_lab::{App, Database, Lab, Python, Server};
use serde_json::Value;

use crate::place::{drawn, random};

/// The password of every user in every application that has logins.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// How many lines of an application's log a failure shows.
const LINES_SHOWN: usize = 30;

/// One server for all tests. Each application that asks for a database gets its own on this server.
static DATABASE: LazyLock<Database> = LazyLock::new(|| Lab::open().unwrap().database().unwrap());

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = fs::read_to_string(root().join("tests/schema/report-2.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

/// Returns the project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Returns whether the tests run at full size, as in `.ci/run`: a site of 20,000 pages, a dozen
/// scans of every noisy application.
pub(crate) fn whole() -> bool {
    std::env::var_os("KEYSPILL_WHOLE").is_some()
}

/// Returns an application of `tests/apps`, given as `folder/module` or `folder/module:attribute`.
pub(crate) fn app(name: &str) -> Application {
    let (folder, target) = name.rsplit_once('/').unwrap();
    Application::of(&root().join("tests/apps").join(folder), target)
}

/// What to serve, and how to scan it.
#[derive(Clone)]
pub(crate) struct Application {
    target: String,
    folder: PathBuf,
    packages: PathBuf,
    variables: Vec<(String, String)>,
    database: bool,
    options: Vec<String>,
    config: Option<String>,
}

impl Application {
    /// Describes the application `module` or `module:attribute` of a folder, with the packages of
    /// `tests/apps`.
    pub(crate) fn of(folder: &Path, target: &str) -> Self {
        let colon = if target.contains(':') { "" } else { ":app" };
        Self {
            target: format!("{target}{colon}"),
            folder: folder.to_owned(),
            packages: root().join("tests/apps/requirements.txt"),
            variables: Vec::new(),
            database: false,
            options: Vec::new(),
            config: None,
        }
    }

    /// Turns its faults on, or repairs them.
    pub(crate) fn faulty(self, faulty: bool) -> Self {
        self.env("FAULTY", if faulty { "1" } else { "0" })
    }

    /// Sets an environment variable, for the scan as well.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Gives it a database of its own, with its address in `MONGO_URI`.
    pub(crate) fn database(mut self) -> Self {
        self.database = true;
        self
    }

    /// Uses the packages of another file.
    pub(crate) fn packages(mut self, file: &str) -> Self {
        self.packages = root().join(file);
        self
    }

    /// Scans it with these options in addition to `--rate 1000 --settle 100ms` and a seed, or
    /// instead of them.
    pub(crate) fn options(mut self, options: &[&str]) -> Self {
        self.options
            .extend(options.iter().map(|&one| one.to_owned()));
        self
    }

    /// Scans it with this seed instead of a random one.
    pub(crate) fn seed(self, seed: u32) -> Self {
        self.options(&["--seed", &seed.to_string()])
    }

    /// Scans it with this pause before it looks for stored canaries.
    pub(crate) fn settle(self, pause: &str) -> Self {
        self.options(&["--settle", pause])
    }

    /// Scans it with one request at a time.
    pub(crate) fn in_order(self) -> Self {
        self.options(&["--concurrency", "1"])
    }

    /// Scans it with this `keyspill.yaml`.
    pub(crate) fn config(mut self, text: &str) -> Self {
        self.config = Some(text.to_owned());
        self
    }

    /// Serves the application.
    pub(crate) fn serve(self) -> Served {
        Served::at(self, 0)
    }

    /// Serves the application, scans it, and stops it.
    pub(crate) fn scan(self) -> Scan {
        let served = self.serve();
        let mut scan = served.scan(&[]);
        scan.log = served.log();
        scan
    }
}

/// Returns the Python with the packages of a file. Asks the lab only once, since the lab runs the
/// system's Python to identify it.
fn python(packages: &Path) -> Python {
    static KNOWN: Mutex<BTreeMap<PathBuf, Python>> = Mutex::new(BTreeMap::new());
    let known = KNOWN.lock().unwrap().get(packages).cloned();
    known.unwrap_or_else(|| {
        let python = Lab::open().unwrap().python(packages).unwrap();
        let mut known = KNOWN.lock().unwrap();
        known.insert(packages.to_owned(), python.clone());
        python
    })
}

/// An application that is being served; it stops when this is dropped.
pub(crate) struct Served {
    application: Application,
    python: Python,
    server: Server,
    uri: String,
}

impl Served {
    fn at(application: Application, port: u16) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let python = python(&application.packages);
        let mut app = App::new(&application.target)
            .folder(&application.folder)
            .port(port);
        let mut uri = String::new();
        if application.database {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            uri = DATABASE.uri_for(&format!("application_{number}"));
            app = app.env("MONGO_URI", &uri);
        }
        for (name, value) in &application.variables {
            app = app.env(name, value);
        }
        Self {
            server: python.serve(app).unwrap(),
            application,
            python,
            uri,
        }
    }

    /// Serves the same application again, at the same address on a fresh database.
    pub(crate) fn restarted(self) -> Self {
        let port = self.server.port();
        drop(self.server);
        Self::at(self.application, port)
    }

    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.port()
    }

    /// Returns a command for the Python that serves it, with its packages.
    pub(crate) fn python(&self) -> Command {
        let mut command = Command::new(self.python.interpreter());
        command.env("MONGO_URI", &self.uri);
        command
    }

    /// Returns its log so far, including everything that it wrote before this call.
    pub(crate) fn log(&self) -> Vec<String> {
        let mark = format!("/mark-{:x}", random());
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        write!(stream, "GET {mark} HTTP/1.0\r\n\r\n").unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
        loop {
            let mut log = self.server.log();
            if let Some(end) = log.iter().position(|line| line.contains(&mark)) {
                log.truncate(end);
                return log;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns how many lines of its log contain a text.
    pub(crate) fn said(&self, text: &str) -> usize {
        self.log().iter().filter(|line| line.contains(text)).count()
    }

    /// Scans it, and fails if there is no report.
    #[track_caller]
    pub(crate) fn scan(&self, options: &[&str]) -> Scan {
        let scan = self.run(options);
        assert!(!scan.report.is_null(), "no report: {}", scan.stderr);
        scan
    }

    /// Scans it, with or without a report.
    pub(crate) fn run(&self, options: &[&str]) -> Scan {
        let folder = tempfile::tempdir().unwrap();
        let mut all = self.application.options.clone();
        all.extend(options.iter().map(|&one| one.to_owned()));
        let seed = drawn().to_string();
        for (option, value) in [("--rate", "1000"), ("--settle", "100ms"), ("--seed", &seed)] {
            if !all.iter().any(|one| one == option) {
                all.extend([option.to_owned(), value.to_owned()]);
            }
        }
        if let Some(config) = &self.application.config {
            let path = folder.path().join("keyspill.yaml");
            fs::write(&path, config).unwrap();
            all.extend(["--config".to_owned(), path.display().to_string()]);
        }
        let out = folder.path().join("out");
        let variables = self.application.variables.iter();
        let output = Command::new(env!("CARGO_BIN_EXE_keyspill"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("PASSWORD", PASSWORD)
            .envs(variables.map(|(name, value)| (name, value)))
            .args(["scan", self.url(), "--format", "json,sarif", "--output"])
            .arg(&out)
            .args(&all)
            .output()
            .unwrap();
        let files = files(&out);
        let report = files.get("report.json").map_or(Value::Null, |text| {
            let report = serde_json::from_str(text).unwrap();
            assert_valid(&report);
            keep_sarif(&files["report.sarif"]);
            report
        });
        let scan = Scan {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            report,
            files,
            log: self.server.log(),
            how: format!(
                "{}, scanned with {}",
                self.application.target,
                all.join(" ")
            ),
        };
        scan.told();
        scan
    }
}

/// A finished scan.
pub(crate) struct Scan {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// `Null` if none was written.
    pub(crate) report: Value,
    /// Every file that was written, by name.
    pub(crate) files: BTreeMap<String, String>,
    /// What the application had logged when the scan ended.
    pub(crate) log: Vec<String>,
    how: String,
}

impl Scan {
    /// Prints how the scan was made, which a failing test shows. If several tests share a scan,
    /// each must call this.
    pub(crate) fn told(&self) -> &Self {
        let from = self.log.len().saturating_sub(LINES_SHOWN);
        eprintln!("{}\n{}", self.how, self.log[from..].join("\n"));
        self
    }

    pub(crate) fn findings(&self) -> &[Value] {
        self.report["findings"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }

    /// Returns the operations that were found.
    pub(crate) fn rows(&self) -> &[Value] {
        self.report["surface"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Returns the row of an operation.
    #[track_caller]
    pub(crate) fn row(&self, method: &str, path: &str) -> &Value {
        let mut rows = self.rows().iter();
        let found = rows.find(|row| row["method"] == method && row["path"] == path);
        found.unwrap_or_else(|| panic!("no {method} {path} among {:#?}", self.operations()))
    }

    /// Returns `METHOD path` for every operation.
    pub(crate) fn operations(&self) -> Vec<String> {
        let rows = self.rows().iter();
        rows.map(|row| words(row, &["method", "path"])).collect()
    }

    /// Returns the message of a problem.
    pub(crate) fn problem(&self, code: &str) -> Option<&str> {
        let problems = self.report["problems"].as_array().unwrap().iter();
        let mut found = problems.filter(|problem| problem["code"] == code);
        found.next().and_then(|problem| problem["message"].as_str())
    }

    /// Fails if a problem is not reported.
    #[track_caller]
    pub(crate) fn has_problem(&self, code: &str) {
        assert!(self.problem(code).is_some(), "{}", self.problems());
    }

    /// Returns the problems, for messages.
    pub(crate) fn problems(&self) -> String {
        self.report["problems"].to_string()
    }

    /// Returns the findings as `rule | METHOD path place input | METHOD path place field |
    /// verdict`, sorted.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.findings().iter().map(line).collect();
        lines.sort();
        lines
    }

    /// Returns every finding whatever its verdict, except those about something public by design.
    pub(crate) fn above_info(&self) -> Vec<String> {
        let findings = self.findings().iter();
        findings
            .filter(|finding| finding["severity"] != "info")
            .map(line)
            .collect()
    }
}

/// Formats a finding as one line.
pub(crate) fn line(finding: &Value) -> String {
    let (source, sink) = (&finding["source"], &finding["sink"]);
    let source = match source {
        Value::Null => "-".to_owned(),
        source => words(source, &["method", "path", "place", "input"]),
    };
    let field = sink["field"]
        .as_str()
        .map(|field| format!(" {field}"))
        .unwrap_or_default();
    let sink = words(sink, &["method", "path", "place"]);
    let end = words(finding, &["verdict"]);
    format!(
        "{} | {source} | {sink}{field} | {end}",
        words(finding, &["rule"])
    )
}

/// Joins the texts under some keys with spaces; a value that is not a text counts as empty.
pub(crate) fn words(value: &Value, keys: &[&str]) -> String {
    let texts = keys
        .iter()
        .map(|key| value[key].as_str().unwrap_or_default());
    texts.collect::<Vec<_>>().join(" ")
}

/// Validates a report; every report that any test writes comes through here.
fn assert_valid(report: &Value) {
    let errors = SCHEMA.iter_errors(report);
    let errors: Vec<String> = errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Keeps a SARIF file for `.ci/sarif`, which validates it with the official tool.
fn keep_sarif(text: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    fs::create_dir_all(&folder).unwrap();
    let name = format!("scan-{}-{:x}.sarif", std::process::id(), text.len());
    fs::write(folder.join(name), text).unwrap();
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            let name = path.file_name().unwrap().to_string_lossy();
            (name.into_owned(), text)
        })
        .collect()
}
