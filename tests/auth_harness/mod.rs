//! Flask applications behind logins, scanned by the real binary in a scrubbed environment.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use keyspill_lab::{App, Lab, Server};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tempfile::TempDir;

/// An application that is being served; ends when it is dropped.
pub(crate) struct Served {
    server: Server,
    variables: Vec<(String, String)>,
}

/// How a scan ended.
pub(crate) struct Scan {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// `Null` where none was written.
    pub report: Value,
    folder: TempDir,
}

/// The recipe for `sessions.py`.
pub(crate) fn form(password: &str) -> String {
    format!(
        "
identities:
  alice:
    login:
      form:
        page: /login
        fields: {{username: alice, password: '{password}'}}
"
    )
}

/// The recipe for `tokens.py`.
pub(crate) fn json(password: &str) -> String {
    format!(
        "
identities:
  alice:
    login:
      json:
        url: /api/login
        body: {{username: alice, password: '{password}'}}
      take:
      - json: $.access_token
        header: 'Authorization: Bearer {{token}}'
"
    )
}

impl Served {
    /// Serves an application of `tests/apps/auth`.
    pub(crate) fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps/auth");
        let lab = Lab::open().unwrap();
        let python = lab.python(&folder.join("requirements.txt")).unwrap();
        let mut app = App::new(format!("{name}:app")).folder(&folder);
        for (name, value) in variables {
            app = app.env(name, value);
        }
        let server = python.serve(app).unwrap();
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            server,
            variables: variables.iter().map(own).collect(),
        }
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    /// How often it has said so.
    pub(crate) fn said(&self, text: &str) -> usize {
        let log = self.log();
        log.iter().filter(|line| line.contains(text)).count()
    }

    /// Its log so far: what it wrote before it answered now is in it.
    pub(crate) fn log(&self) -> Vec<String> {
        let mark = format!("/mark-{:?}", Instant::now()).replace([' ', '{', '}', ':', ','], "");
        let mut stream = TcpStream::connect(("127.0.0.1", self.server.port())).unwrap();
        write!(stream, "GET {mark} HTTP/1.0\r\n\r\n").unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
        loop {
            let log = self.server.log();
            if log.iter().any(|line| line.contains(&mark)) {
                return log;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Scans it, with a report.
    pub(crate) fn scan(&self, config: &str, arguments: &[&str]) -> Scan {
        let scan = self.run(config, arguments);
        assert!(!scan.report.is_null(), "no report: {}", scan.stderr);
        scan
    }

    /// Scans it.
    pub(crate) fn run(&self, config: &str, arguments: &[&str]) -> Scan {
        let folder = tempfile::tempdir().unwrap();
        let config_path = folder.path().join("keyspill.yaml");
        fs::write(&config_path, config).unwrap();
        let out = folder.path().join("out");
        let output = Command::new(env!("CARGO_BIN_EXE_keyspill"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("PASSWORD", "correct horse battery")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .args(["scan", self.server.url(), "--seed", "7"])
            .args(["--format", "json,sarif", "--config"])
            .arg(&config_path)
            .arg("--output")
            .arg(&out)
            .args(arguments)
            .args(if arguments.contains(&"--rate") {
                &[][..]
            } else {
                &["--rate", "1000", "--settle", "100ms"]
            })
            .output()
            .unwrap();
        let report = fs::read_to_string(out.join("report.json"))
            .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
        Scan {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            report,
            folder,
        }
    }
}

impl Scan {
    /// Complete, whatever it found.
    #[track_caller]
    pub(crate) fn ended_well(&self) {
        assert!(matches!(self.code, 0 | 1), "{}: {}", self.code, self.stderr);
        assert!(!self.has_problem("login-lost"), "{}", self.problems());
    }

    /// True with such a problem.
    pub(crate) fn has_problem(&self, code: &str) -> bool {
        let problems = self.report["problems"].as_array();
        problems.is_some_and(|all| all.iter().any(|problem| problem["code"] == code))
    }

    /// The problems, for messages.
    pub(crate) fn problems(&self) -> String {
        self.report["problems"].to_string()
    }

    /// The operation answered 200.
    #[track_caller]
    pub(crate) fn reached(&self, method: &str, path: &str) {
        let row = self.row(method, path);
        assert_eq!(row["reached"]["status"], 200, "{method} {path}: {row}");
    }

    /// Why the operation was not sent.
    #[track_caller]
    pub(crate) fn why_not(&self, method: &str, path: &str) -> String {
        let row = self.row(method, path);
        row["reached"]["why"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    #[track_caller]
    fn row(&self, method: &str, path: &str) -> &Value {
        let rows = self.report["surface"].as_array().unwrap();
        let found = rows
            .iter()
            .find(|row| row["method"] == method && row["path"] == path);
        let paths: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {}", row["method"], row["path"]))
            .collect();
        found.unwrap_or_else(|| panic!("{method} {path} is not among {paths:?}"))
    }

    /// No secret stands in anything that the scan has shown.
    #[track_caller]
    pub(crate) fn shows_nothing_of<S: AsRef<str>>(&self, secrets: &[S]) {
        for (place, text) in self.shown() {
            for secret in secrets.iter().map(AsRef::as_ref) {
                let Some(at) = text.find(secret) else {
                    continue;
                };
                let before: String = text[..at].chars().rev().take(120).collect();
                let before: String = before.chars().rev().collect();
                panic!("{secret} in {place}, after {before:?}");
            }
        }
    }

    /// Everything that the scan has shown: streams and files, as they are and decoded.
    fn shown(&self) -> Vec<(String, String)> {
        let mut raw = vec![
            ("stdout".to_owned(), self.stdout.clone()),
            ("stderr".to_owned(), self.stderr.clone()),
        ];
        let out = self.folder.path().join("out");
        for path in out.exists().then(|| files(&out)).into_iter().flatten() {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            raw.push((path.display().to_string(), text));
        }
        let mut all = Vec::new();
        for (place, text) in raw {
            let percent = percent_decode_str(&text).decode_utf8_lossy().into_owned();
            all.push((format!("{place}, base64"), base64_of(&text)));
            all.push((format!("{place}, percent, base64"), base64_of(&percent)));
            let plain = text.replace("\\\"", "\"").replace("\\\\", "\\");
            all.push((format!("{place}, JSON"), plain));
            all.push((format!("{place}, hexadecimal"), hex_of(&text)));
            all.push((format!("{place}, entities"), without_entities(&text)));
            all.push((format!("{place}, backwards"), text.chars().rev().collect()));
            let twice = percent_decode_str(&percent)
                .decode_utf8_lossy()
                .into_owned();
            all.push((format!("{place}, percent twice"), twice));
            all.push((format!("{place}, percent"), percent.replace('+', " ")));
            all.push((place, text));
        }
        all
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths
        .into_iter()
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Every run of hexadecimal in a text, decoded.
fn hex_of(text: &str) -> String {
    let mut decoded = String::new();
    for run in text
        .split(|c: char| !c.is_ascii_hexdigit())
        .filter(|run| run.len() >= 8)
    {
        for start in 0..2 {
            let pairs = run.as_bytes()[start..].chunks_exact(2);
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
            let bytes: Vec<u8> = pairs.map(|pair| byte(pair).unwrap()).collect();
            decoded.push_str(&String::from_utf8_lossy(&bytes));
            decoded.push('\n');
        }
    }
    decoded
}

/// The entities that Python's `html.escape` and Jinja write, undone.
fn without_entities(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain
}

/// Every run of base64 in a text, decoded at each alignment.
fn base64_of(text: &str) -> String {
    let engine = base64::engine::general_purpose::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::general_purpose::NO_PAD.with_decode_allow_trailing_bits(true),
    );
    let standard = text.replace('-', "+").replace('_', "/");
    let runs = standard.split(|c: char| !(c.is_ascii_alphanumeric() || "+/".contains(c)));
    let mut decoded = String::new();
    for run in runs.filter(|run| run.len() >= 8) {
        for start in 0..4 {
            let run = &run[start.min(run.len())..];
            let whole = &run[..run.len() - usize::from(run.len() % 4 == 1)];
            if let Ok(bytes) = engine.decode(whole) {
                decoded.push_str(&String::from_utf8_lossy(&bytes));
                decoded.push('\n');
            }
        }
    }
    decoded
}
