//! `keyspill scan` as a user at a shell meets it: endings, signals, outputs. The targets are small
//! servers of our own; the end-to-end tests scan real Flask applications.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::place::{Place, Ran};
use crate::raw::{head, side_by_side};
use serde_json::Value;

/// A server on a free loopback port that keeps the heads of its requests.
struct Server {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

/// How a server answers.
#[derive(Clone, Copy)]
enum Manner {
    /// Every page exists and links to others.
    Links,
    /// The first request is answered, but no other ever is.
    Silent,
}

impl Server {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        // Lives until the test process ends.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || answer(stream.unwrap(), manner, &kept));
            }
        });
        Self { url, heads }
    }

    fn requests(&self) -> usize {
        self.heads.lock().unwrap().len()
    }

    /// Waits until the server has received this many requests.
    fn wait_for(&self, requests: usize) {
        let start = Instant::now();
        while self.requests() < requests {
            assert!(start.elapsed() < Duration::from_secs(20), "no request came");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn answer(mut stream: TcpStream, manner: Manner, kept: &Mutex<Vec<String>>) {
    let Some(head) = head(&mut stream) else {
        return;
    };
    let number = {
        let mut kept = kept.lock().unwrap();
        kept.push(head.to_lowercase());
        kept.len()
    };
    if matches!(manner, Manner::Silent) && number > 1 {
        thread::sleep(Duration::from_mins(1));
        return;
    }
    let body = "<a href=\"/one?q=1\">one</a> <a href=\"/two\">two</a>";
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    let _ = stream.shutdown(Shutdown::Write);
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let status = Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(status.success());
}

fn report(place: &Place, path: &str) -> Value {
    serde_json::from_slice(&fs::read(place.path(path)).unwrap()).unwrap()
}

fn problem(report: &Value, code: &str) -> bool {
    let problems = report["problems"].as_array().unwrap();
    problems.iter().any(|problem| problem["code"] == code)
}

#[test]
fn a_dead_port_is_an_unreachable_target() {
    // The port was bound and released again, so nothing listens there.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let place = Place::new();
    let ran = place.run(&[
        "scan",
        &format!("http://u:s3cret@{address}"),
        "--output",
        "out",
    ]);
    ran.refused(3, &["error: ", &address.to_string()]);
    assert!(!ran.err.contains("s3cret"), "{}", ran.err);
}

#[test]
fn a_crawl_ends_with_the_codes_of_a_scan() {
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let dead = format!("http://{}", dead.unwrap());
    Place::new().run(&["crawl", &dead]).refused(3, &["error: "]);

    let server = Server::start(Manner::Links);
    let place = Place::new().with("out", "a file");
    let ran = place.run(&["crawl", &server.url, "--output", "out"]);
    ran.refused(5, &["out"]);
    assert_eq!(server.requests(), 0);

    let arguments = [
        "--max-requests",
        "9",
        "--format",
        "json",
        "--output",
        "cut.json",
    ];
    let ran = place.run(&[&["crawl", &server.url][..], &arguments].concat());
    assert_eq!((ran.code, ran.out.as_str()), (4, ""), "{}", ran.err);
    let json = report(&place, "cut.json");
    assert_eq!(json["run"]["complete"], false);
    assert!(problem(&json, "budget"), "{}", json["problems"]);
    assert_eq!(server.requests(), 9);

    let ran = place.run(&["crawl", &server.url, "--output", "-"]);
    ran.printed(0, &["METHOD", "/one", "query q", "coverage: "]);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_crawl_and_what_there_is_is_written() {
    let server = Server::start(Manner::Silent);
    let place = Place::new();
    let arguments = [
        "crawl",
        &server.url,
        "--format",
        "json,openapi",
        "--output",
        "out",
    ];
    let child = place.command(&arguments).spawn().unwrap();
    server.wait_for(2);
    signal(&child, "-INT");
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 4, "{}", ran.err);
    let json = report(&place, "out/crawl.json");
    assert_eq!(json["run"]["complete"], false);
    assert!(problem(&json, "interrupted"), "{}", json["problems"]);
    assert_eq!(report(&place, "out/openapi.json")["openapi"], "3.1.0");
}

#[test]
fn an_output_folder_that_is_a_file_is_refused_before_any_request() {
    let server = Server::start(Manner::Links);
    let place = Place::new().with("out", "a file");
    let ran = place.run(&["scan", &server.url, "--output", "out"]);
    ran.refused(5, &["out"]);
    assert_eq!(server.requests(), 0);
    assert_eq!(fs::read_to_string(place.path("out")).unwrap(), "a file");
}

#[test]
fn a_broken_baseline_is_refused_before_any_request() {
    let server = Server::start(Manner::Links);
    let place = Place::new().with("old.json", "{");
    let ran = place.run(&["scan", &server.url, "--baseline", "old.json"]);
    ran.refused(2, &["old.json"]);
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_target_without_faults_ends_with_nought_and_writes_every_format() {
    let server = Server::start(Manner::Links);
    let place = Place::new();
    let ran = place.run(&[
        "scan",
        &server.url,
        "--settle",
        "0s",
        "--format",
        "json,sarif",
        "--output",
        "out",
    ]);
    ran.printed(0, &[]);
    assert_ne!(ran.out, "");
    let json = report(&place, "out/report.json");
    assert_eq!(json["run"]["complete"], true);
    assert_eq!(report(&place, "out/report.sarif")["version"], "2.1.0");
}

#[test]
fn one_format_goes_to_standard_output_and_nothing_else_does() {
    let server = Server::start(Manner::Links);
    let ran = Place::new().run(&[
        "scan",
        &server.url,
        "--settle",
        "0s",
        "--output",
        "-",
        "--verbose",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["schema"], "keyspill-report/2");
    assert!(ran.err.contains("crawl: "), "{}", ran.err);
}

#[test]
fn a_dry_run_prints_its_plan_as_its_result() {
    let server = Server::start(Manner::Links);
    let ran = Place::new().run(&["scan", &server.url, "--dry-run"]);
    ran.printed(0, &["plan: GET /one", "query:q"]);
    let heads = server.heads.lock().unwrap();
    assert!(
        heads
            .iter()
            .all(|head| head.starts_with("get ") || head.starts_with("options ")),
        "{heads:?}"
    );
}

#[test]
fn credentials_are_sent_and_never_reported() {
    let server = Server::start(Manner::Links);
    let url = server.url.replace("http://", "http://u:s3cret@");
    let place = Place::new();
    let ran = place.run(&[
        "scan",
        &format!("{url}/?key=s3cret"),
        "-HX-Key: s3cret",
        "--cookie=a=s3cret",
        "--settle=0s",
        "--verbose",
        "--format=json,sarif",
        "--output=out",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for head in &*server.heads.lock().unwrap() {
        // "dTpzM2NyZXQ=" is "u:s3cret" in base64.
        for sent in ["x-key: s3cret", "cookie: a=s3cret", "basic dtpzm2nyzxq="] {
            assert!(head.contains(sent), "{head}");
        }
    }
    for text in [
        ran.out,
        ran.err,
        fs::read_to_string(place.path("out/report.json")).unwrap(),
        fs::read_to_string(place.path("out/report.sarif")).unwrap(),
    ] {
        assert!(!text.contains("s3cret"), "{text}");
    }
    let arguments = report(&place, "out/report.json")["run"]["arguments"].to_string();
    assert!(arguments.contains("X-Key: ***"), "{arguments}");
}

#[test]
fn a_spent_budget_ends_with_four_and_a_partial_report() {
    let server = Server::start(Manner::Links);
    let place = Place::new();
    let ran = place.run(&[
        "scan",
        &server.url,
        "--max-requests",
        "3",
        "--output",
        "out",
    ]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(server.requests() <= 3);
    let json = report(&place, "out/report.json");
    assert_eq!(json["run"]["complete"], false);
    assert!(problem(&json, "budget"), "{}", json["problems"]);
    assert!(!problem(&json, "no-inputs"), "{}", json["problems"]);
}

/// Prepares a command that notices a closing terminal, even if the test runner ignores that signal.
#[cfg(target_os = "linux")]
fn hearing(place: &Place, arguments: &[&str]) -> Command {
    let command = place.command(arguments);
    let mut hearing = Command::new("/usr/bin/env");
    hearing
        .arg("--default-signal=HUP")
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(place.path(""))
        .env_clear()
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    hearing
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_scan_ends_with_four_and_a_partial_report() {
    side_by_side(["-INT", "-TERM", "-HUP"], |name| {
        let server = Server::start(Manner::Silent);
        let place = Place::new();
        let arguments = ["scan", &server.url, "--max-time", "30s", "--output", "out"];
        let child = hearing(&place, &arguments).spawn().unwrap();
        server.wait_for(2);
        let start = Instant::now();
        signal(&child, name);
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 4, "{}", ran.err);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
        assert!(ran.err.contains("stopping"), "{}", ran.err);
        let json = report(&place, "out/report.json");
        assert_eq!(json["run"]["complete"], false);
        assert!(problem(&json, "interrupted"), "{}", json["problems"]);
        // The scan cannot know what else there is.
        assert!(!problem(&json, "no-inputs"), "{}", json["problems"]);
    });
}

/// Returns a scan that a signal has stopped, and the pipe that holds it up at the end of its work:
/// the pipe is full and not read.
#[cfg(target_os = "linux")]
fn held(place: &Place, name: &str) -> (Child, std::io::PipeReader) {
    let server = Server::start(Manner::Silent);
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&vec![0; 1 << 16]).unwrap();
    let arguments = ["scan", &server.url, "--max-time", "30s", "--output", "out"];
    let mut child = hearing(place, &arguments).stdout(writer).spawn().unwrap();
    server.wait_for(2);
    signal(&child, name);
    let start = Instant::now();
    while !place.path("out/report.json").exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "no report came");
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(child.try_wait().unwrap(), None, "it should hang by now");
    (child, reader)
}

#[cfg(target_os = "linux")]
#[test]
fn a_second_signal_ends_the_process_at_once() {
    let place = Place::new();
    let (mut child, _reader) = held(&place, "-INT");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_closes_may_say_so_again() {
    let place = Place::new();
    let (mut child, mut reader) = held(&place, "-HUP");
    signal(&child, "-HUP");
    // The kernel has reported it by now, and a shell does so too.
    signal(&child, "-HUP");
    reader.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(4));
}

#[cfg(target_os = "linux")]
#[test]
fn a_scan_that_is_to_outlive_its_terminal_does() {
    let server = Server::start(Manner::Silent);
    let place = Place::new();
    let mut command = Command::new("/bin/sh");
    let child = command
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_keyspill"))
        .args(["scan", &server.url, "--max-time", "30s", "--output", "out"])
        .current_dir(place.path(""))
        .env_clear()
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    server.wait_for(2);
    signal(&child, "-HUP");
    // If both were handled, the second would end the scan at once.
    signal(&child, "-INT");
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 4, "{}", ran.err);
}

#[test]
fn older_traffic_is_set_aside_where_nothing_is_written_in_its_place() {
    let server = Server::start(Manner::Links);
    for command in ["scan", "crawl"] {
        let place = Place::new()
            .with("out", "a file")
            .with("t.har", "LAST MONTH");
        let all = [command, &server.url, "--traffic", "t.har"];
        let ran = place.run(&[&all[..], &["--output", "out"]].concat());
        ran.refused(5, &["out"]);
        assert!(!place.path("t.har").exists());
        let aside = fs::read_to_string(place.path("t.har.old")).unwrap();
        assert_eq!(aside, "LAST MONTH");
    }
    assert_eq!(server.requests(), 0);
}
