//! The applications of `tests/apps/links`, crawled by the real binary or in this process.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use keyspill::crawl::Crawl;
use keyspill::net::Client;
use keyspill::progress::{Silent, Stop};
use keyspill::settings::Settings;
use keyspill::surface::Surface;
use keyspill::target::Target;
use serde_json::Value;
use tempfile::TempDir;

use crate::app::{Served, app, whole, words};

/// An application that is being served, with the files that it writes.
pub(crate) struct Site {
    served: Served,
    folder: TempDir,
}

/// One way of linking: `chapter/name`, the method of its operation (`GET` for a plain link), its target.
pub(crate) struct Way {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) target: String,
}

/// The result of a crawl by the binary.
pub(crate) struct Crawled {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
    /// The peak memory use, in kilobytes.
    pub(crate) peak: u64,
}

/// Returns how many pages each of the hundred directories of the sprawling site has.
pub(crate) fn pages_each() -> usize {
    if whole() { 200 } else { 50 }
}

impl Site {
    pub(crate) fn start(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut site = app(&format!("links/{name}"));
        for file in ["WAYS", "REACHED", "FIELDS", "VISITS"] {
            site = site.env(file, folder.path().join(file).to_str().unwrap());
        }
        site = site.env("PAGES", pages_each().to_string());
        Self {
            served: site.serve(),
            folder,
        }
    }

    /// Reads a file that the application writes, as lines of fields.
    pub(crate) fn lines(&self, file: &str) -> Vec<Vec<String>> {
        let text = fs::read_to_string(self.folder.path().join(file)).unwrap_or_default();
        text.lines()
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect()
    }

    pub(crate) fn ways(&self) -> Vec<Way> {
        let lines = self.lines("WAYS");
        lines
            .into_iter()
            .map(|line| Way {
                name: line[0].clone(),
                method: line[1].clone(),
                target: line[2].clone(),
            })
            .collect()
    }

    /// Scans with the real binary and monitors its memory while it runs.
    pub(crate) fn scan(&self, arguments: &[&str]) -> Crawled {
        let fixed = ["--seed", "7", "--settle", "0s", "--quiet"];
        self.run("scan", "report.json", &[&fixed[..], arguments].concat())
    }

    /// Crawls with the real binary and monitors its memory while it runs.
    pub(crate) fn crawl(&self, arguments: &[&str]) -> Crawled {
        self.run("crawl", "crawl.json", arguments)
    }

    fn run(&self, command: &str, file: &str, arguments: &[&str]) -> Crawled {
        let output: PathBuf = self.folder.path().join("report");
        let mut child = Command::new(env!("CARGO_BIN_EXE_keyspill"))
            .env_clear()
            .args([command, self.served.url(), "--rate", "2000"])
            .args(["--format", "json", "--output"])
            .arg(&output)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        let code = loop {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let size = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            peak = size.unwrap_or(0).max(peak);
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            thread::sleep(Duration::from_millis(10));
        };
        let text = fs::read_to_string(output.join(file)).unwrap_or_default();
        Crawled {
            code,
            report: serde_json::from_str(&text).unwrap_or_default(),
            peak,
        }
    }

    /// Crawls in this process, to see what the report leaves out (types).
    pub(crate) fn surface(&self, change: impl FnOnce(&mut Settings)) -> Surface {
        let mut settings = Settings::new(Target::parse(self.served.url()).unwrap());
        settings.http.rate = 2_000;
        settings.max_endpoints = 10_000;
        change(&mut settings);
        let client = Client::new(&settings, "test", &Stop::new()).unwrap();
        let sentences = keyspill::builtin::catalog().unwrap().sentences();
        let mut crawl = Crawl::new(&settings, "7").with_sentences(sentences);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(crawl.run(&client, &Silent, &mut |_, _| {}));
        crawl.known.surface
    }
}

impl Crawled {
    /// Returns `METHOD path` for every operation.
    pub(crate) fn operations(&self) -> Vec<String> {
        let surface = self.report["surface"].as_array().unwrap();
        surface
            .iter()
            .map(|one| words(one, &["method", "path"]))
            .collect()
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        let problems = self.report["problems"].as_array().unwrap();
        let code = |problem: &Value| problem["code"].as_str().unwrap().to_owned();
        problems.iter().map(code).collect()
    }
}
