//! `--traffic`: everything sent and received as a HAR 1.2 file, masked and cut.
//!
//! Owns: the format, and that the file is either complete or absent. Leaves out: keeping the exchanges
//! (`http::Traffic`).

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::escape::write_pretty;
use super::files::set_aside;
use crate::error::Error;
use crate::redact::Redactor;
use crate::traffic::{Exchange, Traffic};

/// Checks that the file can be created, before a scan spends an hour.
///
/// # Errors
///
/// Returns [`Error::Output`] with the path and the reason.
pub fn prepare_traffic(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Err(output(path, "it is a folder"));
    }
    NamedTempFile::new_in(folder(path))
        .map(drop)
        .map_err(|error| output(path, &error.to_string()))
}

/// Writes the recorded exchanges. `tester` masks them if the scan ended before it had a redactor of its
/// own. If writing fails, an older file in this place is set aside as `NAME.old`.
///
/// # Errors
///
/// Returns [`Error::Output`] with the path and the reason.
pub fn write_traffic(traffic: &Traffic, tester: &Redactor) -> Result<(), Error> {
    let written = write_whole(traffic, tester);
    if written.is_err() {
        set_aside(&traffic.path());
    }
    written
}

fn write_whole(traffic: &Traffic, tester: &Redactor) -> Result<(), Error> {
    let path = traffic.path();
    let wrong = |error: &io::Error| output(&path, &error.to_string());
    let redactor = traffic.redactor().unwrap_or_else(|| tester.clone());
    let mut file = NamedTempFile::new_in(folder(&path)).map_err(|error| wrong(&error))?;
    let mut out = BufWriter::new(file.as_file_mut());
    log(&mut out, traffic, &redactor)
        .and_then(|()| out.flush())
        .map_err(|error| wrong(&error))?;
    drop(out);
    file.as_file().sync_all().map_err(|error| wrong(&error))?;
    file.persist(&path).map_err(|error| wrong(&error.error))?;
    Ok(())
}

fn folder(path: &Path) -> &Path {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn output(path: &Path, reason: &str) -> Error {
    Error::Output {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

fn log(out: &mut dyn Write, traffic: &Traffic, redactor: &Redactor) -> io::Result<()> {
    let creator = json!({"name": "keyspill", "version": env!("CARGO_PKG_VERSION")});
    write!(
        out,
        "{{\"log\": {{\"version\": \"1.2\", \"creator\": {creator}, "
    )?;
    if traffic.left_out() > 0 {
        write!(
            out,
            "\"comment\": \"{} exchanges are left out: too many\", ",
            traffic.left_out()
        )?;
    }
    writeln!(out, "\"entries\": [")?;
    let mut first = true;
    traffic.each(|exchange| {
        if !std::mem::take(&mut first) {
            writeln!(out, ",")?;
        }
        write_pretty(out, &entry(&exchange, redactor)).map_err(io::Error::from)
    })?;
    writeln!(out, "\n]}}}}")
}

fn entry(exchange: &Exchange, redactor: &Redactor) -> Value {
    let millis = exchange.took.as_secs_f64() * 1000.0;
    let mut request = json!({
        "method": exchange.method,
        "url": redactor.text(&exchange.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(exchange.headers.iter(), ": ", redactor),
        "queryString": query(&exchange.url, redactor),
        "headersSize": -1,
        "bodySize": exchange.body.length,
    });
    if exchange.body.length > 0 {
        request["postData"] = json!({
            "mimeType": redactor.text(header(&exchange.headers, "content-type")),
            "params": [],
            "text": masked(&exchange.body.text, exchange.body.cut, redactor),
        });
    }
    let response = match &exchange.answer {
        Some(answer) => json!({
            "status": answer.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(answer.headers.iter(), ": ", redactor),
            "content": {
                "size": answer.body.length,
                "mimeType": redactor.text(header(&answer.headers, "content-type")),
                "text": masked(&answer.body.text, answer.body.cut, redactor),
            },
            "redirectURL": redactor.text(header(&answer.headers, "location")),
            "headersSize": -1,
            "bodySize": answer.body.length,
        }),
        // Browsers write requests without an answer in this way.
        None => json!({
            "status": 0,
            "statusText": "",
            "httpVersion": "",
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": ""},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "comment": redactor.text(exchange.failure.as_deref().unwrap_or_default()),
        }),
    };
    json!({
        "startedDateTime": exchange.started.format(&Rfc3339).unwrap_or_default(),
        "time": millis,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": millis, "receive": 0},
    })
}

/// Masks a text. The end of a cut text may be half a secret, which nothing would recognise, so it is
/// removed, too.
fn masked(text: &str, cut: bool, redactor: &Redactor) -> String {
    if !cut {
        return redactor.text(text);
    }
    let limit = text.len().saturating_sub(redactor.longest());
    redactor.excerpt(text.as_bytes(), None, limit)
}

/// Masks names and values together, because a value alone would not be recognised as a secret.
fn pairs<'a>(
    pairs: impl Iterator<Item = &'a (String, String)>,
    sign: &str,
    redactor: &Redactor,
) -> Value {
    let one = |(name, value): &(String, String)| {
        let both = redactor.text(&format!("{name}{sign}{value}"));
        let (name, value) = both.split_once(sign).unwrap_or((&both, ""));
        json!({"name": name, "value": value})
    };
    Value::Array(pairs.map(one).collect())
}

fn query(url: &str, redactor: &Redactor) -> Value {
    let parsed = Url::parse(url).ok();
    let found: Vec<(String, String)> = parsed
        .iter()
        .flat_map(Url::query_pairs)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    pairs(found.iter(), "=", redactor)
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let mut headers = headers.iter();
    headers
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value.as_str())
}
