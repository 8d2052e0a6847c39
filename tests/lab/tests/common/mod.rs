//! What the lab's tests share: the fixture, a bare HTTP client, waiting.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy's leave for tests stops at the test functions"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Returns the path of a file of the notes application.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/notes")
        .join(name)
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

pub(crate) fn get(url: &str, path: &str) -> Answer {
    get_as(url, path, address(url))
}

/// Sends a request with a given host name. The server speaks HTTP/1.0, so the answer ends with the
/// connection.
pub(crate) fn get_as(url: &str, path: &str, host: &str) -> Answer {
    let mut stream = TcpStream::connect(address(url)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        body: body.to_owned(),
    }
}

/// Returns the host and port of an address of either kind.
pub(crate) fn address(url: &str) -> &str {
    url.split('/').nth(2).unwrap()
}

/// Checks a condition again and again until it holds; fails after a minute.
pub(crate) fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "not so after a minute: {what}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}
