//! Servers of a few lines that answer as a test needs, and scans of them.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::place::{Place, Ran};

/// A request as a server sees it.
pub(crate) struct Asked {
    /// How many requests came before it.
    pub(crate) number: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Everything that was sent.
    pub(crate) whole: String,
}

/// A whole answer, or `None` to close the connection without one.
pub(crate) type Answered = Option<String>;

pub(crate) fn serve(answer: impl Fn(&Asked) -> Answered + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    let count = Arc::new(AtomicUsize::new(0));
    // Lives until the test process ends.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
            thread::spawn(move || one(&mut stream.unwrap(), &*answer, &count));
        }
    });
    url
}

/// Reads the head of a request; returns `None` if the connection is closed before its end.
pub(crate) fn head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// Reads one request and answers it.
pub(crate) fn one(
    stream: &mut TcpStream,
    answer: &dyn Fn(&Asked) -> Answered,
    count: &AtomicUsize,
) {
    let Some(head) = head(stream) else { return };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    let mut words = head.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let asked = Asked {
        number: count.fetch_add(1, Ordering::SeqCst),
        method,
        path,
        whole: head + &String::from_utf8_lossy(&body),
    };
    if let Some(answer) = answer(&asked) {
        let _ = stream.write_all(answer.as_bytes());
    }
    let _ = stream.shutdown(Shutdown::Both);
}

// The closures of `serve` must return this type.
#[allow(clippy::unnecessary_wraps)]
pub(crate) fn says(status: &str, headers: &str, body: &str) -> Answered {
    let length = body.len();
    Some(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}

pub(crate) fn page(body: &str) -> Answered {
    says("200 OK", "Content-Type: text/html\r\n", body)
}

/// Answers as a small application: a start page that links to operations with inputs, some of which leak.
pub(crate) fn shop(asked: &Asked) -> Answered {
    let links: Vec<String> = (0..8)
        .map(|n| format!("<a href=\"/page{n}?api_key=&q=1\">page {n}</a>"))
        .collect();
    match asked.path.as_str() {
        "/" => page(&format!("<h1>shop</h1>{}", links.concat())),
        path if path.starts_with("/page") => {
            let target = asked.whole.split(' ').nth(1).unwrap_or_default();
            let key = target.split("api_key=").nth(1).unwrap_or_default();
            let key = key.split('&').next().unwrap_or_default();
            page(&format!(
                "<h1>shop</h1><p>your key {key} on {path}, and more of it</p>"
            ))
        }
        _ => says("404 Not Found", "", "no such page"),
    }
}

/// Does the same with each case, all at once: these servers and scans mostly wait.
pub(crate) fn side_by_side<T: Send>(
    cases: impl IntoIterator<Item = T>,
    one: impl Fn(T) + Send + Sync,
) {
    let one = &one;
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || one(case));
        }
    });
}

/// Runs a scan that writes both formats into `out`.
pub(crate) fn scan(place: &Place, url: &str, more: &[&str]) -> Ran {
    let all = [
        "scan",
        url,
        "--settle",
        "0s",
        "--rate",
        "1000",
        "--no-hidden-inputs",
        "--format",
        "json,sarif",
        "--output",
        "out",
        "--timeout",
        "2s",
    ];
    place.run(&[&all[..], more].concat())
}

pub(crate) fn read(place: &Place, path: &str) -> Value {
    serde_json::from_slice(&fs::read(place.path(path)).unwrap()).unwrap()
}

pub(crate) fn problem(report: &Value, code: &str) -> Option<String> {
    let problems = report["problems"].as_array().unwrap();
    let found = problems.iter().find(|problem| problem["code"] == code)?;
    Some(found["message"].as_str().unwrap().to_owned())
}

/// Checks that a scan ended with 3 and reports a problem in every output, and returns the problem's
/// message.
#[track_caller]
pub(crate) fn ended(place: &Place, ran: &Ran, code: &str) -> String {
    let report = read(place, "out/report.json");
    assert_eq!(ran.code, 3, "{}\n{}", ran.err, report["problems"]);
    assert_eq!(report["run"]["complete"], false);
    let sarif = read(place, "out/report.sarif");
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    problem(&report, code).unwrap_or_else(|| panic!("{}", report["problems"]))
}
