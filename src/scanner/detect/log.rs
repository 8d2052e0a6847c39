//! Lines of a log.
//!
//! Owns: distinguishing them from prose, so that a traceback between them is known to be part of the
//! log. Leaves out: tracebacks (`traceback`), and what a page quotes (`quoted`).

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::json_path::Field;

/// Bytes at the start of a line that are searched for the marks of a log.
const HEAD: usize = 160;
/// The maximum number of lines examined.
const MAX_LINES: usize = 100_000;

#[allow(clippy::unwrap_used)] // constant; the tests compile it
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        # A level, as `logging`, gunicorn and others write it.
        ^[^A-Za-z]{0,60}(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL|EXCEPTION)(?:[:\]|\s]|$)
        | [\s\[|](?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)(?:[:\]|]|\s)
        # A time.
        | ^[^A-Za-z0-9]{0,4}[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T\s][0-9]{2}:[0-9]{2}
        | [0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}[:\s][0-9]{2}:[0-9]{2}
        | ^[A-Z][a-z]{2}\s{1,2}[0-9]{1,2}\s[0-9]{2}:[0-9]{2}:[0-9]{2}\s
        | ^[^A-Za-z0-9]{0,2}[0-9]{2}:[0-9]{2}:[0-9]{2}[.,\s\]]
        # A request.
        | "(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s/[^"]{0,80}
        "#,
    )
    .unwrap()
});

/// Returns the log lines in a text, except those covered by tracebacks.
pub(crate) fn log_lines(text: &str, tracebacks: &[Range<usize>]) -> Vec<Range<usize>> {
    if tracebacks.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n').take(MAX_LINES) {
        let range = at..at + line.len();
        at = range.end;
        let from = tracebacks.partition_point(|one| one.end <= range.start);
        let covered = tracebacks
            .get(from)
            .is_some_and(|one| one.start < range.end);
        if !covered && is_log_line(line) {
            lines.push(range);
        }
    }
    lines
}

fn is_log_line(line: &str) -> bool {
    let mut line = line.trim_start();
    // A page puts each line into an element of its own.
    while let Some(rest) = line.strip_prefix('<') {
        let Some((_, after)) = rest.split_once('>') else {
            break;
        };
        line = after.trim_start();
    }
    let head = line.get(..line.floor_char_boundary(HEAD));
    head.is_some_and(|head| LINE.is_match(head))
}

/// Returns pieces together with the lines around them, in ascending order; in JSON, only lines in the
/// same text.
pub(crate) fn with_lines(
    pieces: &[Range<usize>],
    around: &[Range<usize>],
    field: &Field,
) -> Vec<Range<usize>> {
    let scalar = &field.scalar;
    let inside = |line: &&Range<usize>| scalar.is_empty() || scalar.contains(&line.start);
    let mut all: Vec<Range<usize>> = pieces.to_vec();
    all.extend(around.iter().filter(inside).cloned());
    all.sort_by_key(|range| range.start);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_logs_are_told_from_prose() {
        for line in [
            r#"INFO:werkzeug:127.0.0.1 - - [30/Nov/2026 04:03:01] "GET /ping HTTP/1.1" 200 -"#,
            r#"127.0.0.1 - - [30/Nov/2026:04:03:01 +0000] "GET / HTTP/1.1" 200 12 "-" "curl""#,
            "[2026-11-30 04:03:01,123] ERROR in app: Exception on /crash [GET]",
            "[2026-11-30 04:03:01 +0000] [17] [INFO] Booting worker with pid: 17",
            "2026-11-30T04:03:01Z desk started",
            "ERROR:app:Exception on /crash [GET]",
            "Nov 30 04:03:01 host desk[12]: started",
            "<li><span>2026-11-30 04:03:01</span> started</li>",
            "04:03:01 started",
            "desk.api | WARNING | slow",
        ] {
            assert!(is_log_line(line), "{line}");
        }
        for line in [
            "On 30 November the desk answered with an error; see the information below.",
            "<h1>Errors</h1>",
            "It says: error.",
            "## 1.2 - 2026-11-30",
            "    return 1 / 0",
            "",
        ] {
            assert!(!is_log_line(line), "{line}");
        }
    }
}
