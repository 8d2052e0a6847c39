//! What the end-to-end tests share: real twins on a real database, scanned by the real binary.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyspill_lab::{App, Database, Lab, Server};
use serde_json::Value;
use tempfile::TempDir;

/// A twin that is being served; both end when it is dropped.
pub(crate) struct Twin {
    server: Server,
    database: Database,
    folder: TempDir,
    name: String,
}

impl Twin {
    /// Serves `vulnerable` or `repaired` on a fresh database.
    pub(crate) fn start(name: &str) -> Self {
        Self::renamed(name, &[])
    }

    /// The same with words replaced, in every file and as whole words: texts first.
    pub(crate) fn renamed(name: &str, words: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("examples/twins"), folder.path(), words);
        Self::serve(name, folder, None)
    }

    fn serve(name: &str, folder: TempDir, port: Option<u16>) -> Self {
        let lab = Lab::open().unwrap();
        let python = lab
            .python(&root().join("examples/twins/requirements.txt"))
            .unwrap();
        let database = lab.database().unwrap();
        let mut app = App::new(format!("{name}:app"))
            .folder(folder.path())
            .env("MONGO_URI", database.uri_for("twin"));
        if let Some(port) = port {
            app = app.port(port);
        }
        let server = python.serve(app).unwrap();
        Self {
            server,
            database,
            folder,
            name: name.to_owned(),
        }
    }

    /// The same application at the same address on a fresh database.
    pub(crate) fn restarted(self) -> Self {
        let port = self.server.port();
        let Self {
            server,
            database,
            folder,
            name,
        } = self;
        drop(server);
        drop(database);
        Self::serve(&name, folder, Some(port))
    }

    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.server.log()
    }
}

/// A finished scan.
pub(crate) struct Scan {
    pub(crate) report: Value,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) folder: TempDir,
}

/// Scans with the real binary; the report is checked against the schema.
pub(crate) fn scan(url: &str, arguments: &[&str]) -> Scan {
    let folder = tempfile::tempdir().unwrap();
    let own = arguments.contains(&"--settle");
    let output = Command::new(env!("CARGO_BIN_EXE_keyspill"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .args(["scan", url, "--rate", "1000", "--format", "json,sarif"])
        .args(if own { &[][..] } else { &["--settle", "100ms"] })
        .arg("--output")
        .arg(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let path = folder.path().join("report.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_valid(&report);
    keep_sarif(&folder.path().join("report.sarif"));
    Scan {
        report,
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr,
        folder,
    }
}

/// Every report that any test writes is validated.
pub(crate) fn assert_valid(report: &Value) {
    let schema = fs::read_to_string(root().join("tests/schema/report-2.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Keeps a SARIF file where `.ci/sarif` validates it with the official tool.
fn keep_sarif(path: &Path) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    fs::create_dir_all(&folder).unwrap();
    let bytes = fs::read(path).unwrap();
    let name = format!("scan-{}-{:x}.sarif", std::process::id(), bytes.len());
    fs::write(folder.join(name), bytes).unwrap();
}

impl Scan {
    pub(crate) fn findings(&self) -> &[Value] {
        self.report["findings"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }

    /// `rule | METHOD path place input | METHOD path place field | verdict`, sorted.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.findings().iter().map(line).collect();
        lines.sort();
        lines
    }

    /// Every finding that is not about something public by design, whatever its verdict.
    pub(crate) fn above_info(&self) -> Vec<String> {
        self.findings()
            .iter()
            .filter(|finding| finding["severity"] != "info")
            .map(line)
            .collect()
    }
}

/// A finding in one line.
pub(crate) fn line(finding: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let source = match &finding["source"] {
        Value::Null => "-".to_owned(),
        source => format!(
            "{} {} {} {}",
            text(&source["method"]),
            text(&source["path"]),
            text(&source["place"]),
            text(&source["input"])
        ),
    };
    let sink = &finding["sink"];
    let field = sink["field"]
        .as_str()
        .map(|field| format!(" {field}"))
        .unwrap_or_default();
    format!(
        "{} | {source} | {} {} {}{field} | {}",
        text(&finding["rule"]),
        text(&sink["method"]),
        text(&sink["path"]),
        text(&sink["place"]),
        text(&finding["verdict"])
    )
}

/// The project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Copies a folder with whole words replaced in every text file.
fn copy(from: &Path, to: &Path, words: &[(&str, &str)]) {
    let table: BTreeMap<&str, &str> = words.iter().copied().collect();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() == "__pycache__" {
                continue;
            }
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target, words);
        } else {
            match fs::read_to_string(entry.path()) {
                Ok(text) => fs::write(&target, replace(&text, &table)).unwrap(),
                Err(_) => {
                    fs::copy(entry.path(), &target).unwrap();
                }
            }
        }
    }
}

/// Replaces whole words (not beside a letter, digit, `_` or `-`), longest first.
fn replace(text: &str, table: &BTreeMap<&str, &str>) -> String {
    if table.is_empty() {
        return text.to_owned();
    }
    let mut words: Vec<&str> = table.keys().copied().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let escaped: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
    let pattern = regex::Regex::new(&format!("(?:{})", escaped.join("|"))).unwrap();
    let beside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_-".contains(c));
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for found in pattern.find_iter(text) {
        let before = text[..found.start()].chars().next_back();
        let after = text[found.end()..].chars().next();
        let whole = !beside(before) && !beside(after);
        out.push_str(&text[last..found.start()]);
        out.push_str(if whole {
            table[found.as_str()]
        } else {
            found.as_str()
        });
        last = found.end();
    }
    out.push_str(&text[last..]);
    out
}
