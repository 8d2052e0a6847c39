//! Applications on the real packages, served, crawled and scanned over loopback.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use keyspill::crawl::Crawl;
use keyspill::finding::{Finding, ScanResult, Severity};
use keyspill::http::{Method, Request, Transport};
use keyspill::net::Client;
use keyspill::pipeline;
use keyspill::progress::{Silent, Stop};
use keyspill::settings::{Import, Settings};
use keyspill::surface::{Endpoint, Input, Kind, Surface, TypeHint};
use keyspill::target::Target;
use serde_json::Value;

use crate::app::{Served, app, root};

/// One of the applications in `tests/apps/extensions`.
pub(crate) struct Application {
    /// Its module.
    pub(crate) name: &'static str,
    /// What is served: `app`, or a function that makes it.
    pub(crate) attribute: &'static str,
    /// What `flask routes` reads.
    pub(crate) routes: &'static str,
    /// The file that pins its packages.
    pub(crate) requirements: &'static str,
    /// Where its extension serves the specification.
    pub(crate) specification: &'static str,
    /// Whether it keeps its data in a database.
    pub(crate) database: bool,
}

impl Application {
    /// Serves it with a further environment variable.
    pub(crate) fn serve(&self, name: &str, value: &str) -> Served {
        let served = app(&format!("extensions/{}:{}", self.name, self.attribute));
        let served = served.packages(&format!("{FOLDER}/{}", self.requirements));
        let served = served.env(name, value);
        if self.database {
            served.database().serve()
        } else {
            served.serve()
        }
    }

    /// What `flask routes` prints for it.
    pub(crate) fn route_table(&self, served: &Served) -> String {
        let output = served
            .python()
            .args(["-B", "-W", "ignore", "-m", "flask", "--app"])
            .arg(format!("{}:{}", self.name, self.routes))
            .arg("routes")
            .env("SPECIFICATION", "off")
            .current_dir(root().join(FOLDER))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        text
    }
}

const FOLDER: &str = "tests/apps/extensions";

/// Every method but DELETE; quick.
pub(crate) fn settings(served: &Served) -> Settings {
    let mut settings = Settings::new(Target::parse(served.url()).unwrap());
    settings.methods.extend([Method::Put, Method::Patch]);
    settings.http.rate = 1000;
    settings.settle = Duration::ZERO;
    settings.seed = Some(8);
    settings
}

/// The surface that the crawl alone finds, and its GETs by path.
pub(crate) async fn crawl(served: &Served) -> (Surface, BTreeMap<String, usize>) {
    crawl_below(served, "/").await
}

/// The same below a path.
pub(crate) async fn crawl_below(served: &Served, path: &str) -> (Surface, BTreeMap<String, usize>) {
    let mut settings = settings(served);
    settings.target = Target::parse(&format!("{}{path}", served.url())).unwrap();
    let client = Client::new(&settings, "extensions", &Stop::new()).unwrap();
    let sentences = keyspill::builtin::catalog().unwrap().sentences();
    let mut crawl = Crawl::new(&settings, "extensions").with_sentences(sentences);
    let mut gets = BTreeMap::new();
    crawl
        .run(&client, &Silent, &mut |request, _| {
            if request.method == Method::Get {
                *gets.entry(request.url.path().to_owned()).or_default() += 1;
            }
        })
        .await;
    (crawl.known.surface, gets)
}

/// A whole scan, with texts to import.
pub(crate) async fn scan(served: &Served, imports: Vec<String>) -> ScanResult {
    let mut settings = settings(served);
    let folder = tempfile::tempdir().unwrap();
    for (number, text) in imports.iter().enumerate() {
        let file = folder.path().join(format!("routes-{number}.txt"));
        std::fs::write(&file, text).unwrap();
        settings.imports.push(Import::File(file));
    }
    pipeline::scan(
        &settings,
        &keyspill::builtin::catalog().unwrap(),
        &Silent,
        &Stop::new(),
    )
    .await
    .unwrap()
}

/// A JSON document of the application, fetched as any client would.
pub(crate) async fn document(served: &Served, path: &str) -> Value {
    let settings = settings(served);
    let client = Client::new(&settings, "extensions", &Stop::new()).unwrap();
    let url = settings.target.url_for(path).unwrap();
    let answer = client.send(Request::get(url)).await.unwrap();
    answer
        .json()
        .unwrap_or_else(|| panic!("{path}: {}", answer.status))
}

/// `METHOD path place name` and what is known of the values, for one input.
pub(crate) fn line(method: &str, path: &str, input: &Input) -> String {
    let mut line = format!("{method} {path} {} {}", input.place, input.name);
    if input.required {
        line.push_str(" required");
    }
    line + &values(&input.hint)
}

/// The type of a value in words.
pub(crate) fn values(hint: &TypeHint) -> String {
    let mut text = match hint.kind {
        Kind::Unknown => String::new(),
        kind => format!(" {kind:?}").to_ascii_lowercase(),
    };
    if let Some(format) = &hint.format {
        let _ = write!(text, " {format}");
    }
    if !hint.choices.is_empty() {
        let _ = write!(text, " of {}", hint.choices.join("|"));
    }
    for (name, length) in [("min", hint.min_length), ("max", hint.max_length)] {
        if let Some(length) = length {
            let _ = write!(text, " {name}-length {length}");
        }
    }
    for (name, bound) in [("min", hint.minimum), ("max", hint.maximum)] {
        if let Some(bound) = bound {
            let _ = write!(text, " {name} {bound}");
        }
    }
    if let Some(pattern) = &hint.pattern {
        let _ = write!(text, " like {pattern}");
    }
    text
}

/// Every input of an endpoint as a line, and the endpoint itself.
pub(crate) fn lines(endpoint: &Endpoint) -> Vec<String> {
    let (method, path) = (endpoint.id.method.as_str(), endpoint.id.path.as_str());
    let mut lines = vec![format!("{method} {path}")];
    lines.extend(
        endpoint
            .inputs
            .iter()
            .map(|input| line(method, path, input)),
    );
    lines
}

/// Every endpoint and input of a scan's surface, a line each.
pub(crate) fn rows(outcome: &ScanResult) -> Vec<String> {
    let mut rows = Vec::new();
    for row in &outcome.surface {
        let head = format!("{} {}", row.endpoint.method, row.endpoint.path);
        for input in &row.inputs {
            let required = if input.required { " required" } else { "" };
            let values = values(&input.hint);
            rows.push(format!(
                "{head} {} {}{required}{values}",
                input.place, input.name
            ));
        }
        rows.push(head);
    }
    rows
}

/// The findings of a scan that are not about something public by design, a line each.
pub(crate) fn findings(outcome: &ScanResult) -> Vec<String> {
    let findings = outcome.findings.iter();
    findings
        .filter(|finding| finding.rule.severity != Severity::Info)
        .map(finding)
        .collect()
}

fn finding(finding: &Finding) -> String {
    let source = finding.source.as_ref();
    let source = source.map_or_else(String::new, |source| {
        format!("{} {} {}", source.endpoint, source.place, source.input)
    });
    format!("{} | {source} | {}", finding.rule.id, finding.sink.endpoint)
}
