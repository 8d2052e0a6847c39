//! Where a finding is located, in words and as a URI.
//!
//! A black-box scan does not know source files. Instead, it uses `host/route-template`, without scheme
//! and port, so that a result keeps its place if the staging port changes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::report::json::{SinkV1, SourceV1};

/// Characters that a path segment may contain unencoded (RFC 3986 §3.3). It excludes the colon, which
/// would turn a first segment into a scheme, and the percent sign, which is handled separately.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@')
    .remove(b'/');

/// Returns the target's host without port.
pub(super) fn host(target: &str) -> String {
    Url::parse(target)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "target".to_owned())
}

/// Returns `host/route` as a relative URI reference.
pub(super) fn uri(host: &str, path: &str) -> String {
    format!("{}{}", encoded(host), encoded(path))
}

/// Returns the URI of a sink.
pub(super) fn sink_uri(host: &str, sink: &SinkV1) -> String {
    match sink {
        SinkV1::Http { path, .. } => uri(host, path),
        // A witness has its own namespace, so that no route looks like a file.
        SinkV1::File { file, .. } => uri("witness", &format!("/{}", file.trim_start_matches('/'))),
        SinkV1::Database { collection, .. } => uri("database", &format!("/{collection}")),
    }
}

/// Describes a source: `query key of POST /keys`.
pub(super) fn source_words(source: &SourceV1) -> String {
    format!(
        "{} {} of {} {}",
        source.place, source.input, source.method, source.path
    )
}

/// Describes a sink: `body keys[].key of GET /keys`.
pub(super) fn sink_words(sink: &SinkV1) -> String {
    match sink {
        SinkV1::Http {
            method,
            path,
            place,
            field: Some(field),
        } => format!("{place} {field} of {method} {path}"),
        SinkV1::Http {
            method,
            path,
            place,
            field: None,
        } => format!("{place} of {method} {path}"),
        SinkV1::File {
            file,
            line: Some(line),
            ..
        } => format!("file {file}, line {line}"),
        SinkV1::File { file, .. } => format!("file {file}"),
        SinkV1::Database { collection, field } => format!("collection {collection}, field {field}"),
    }
}

/// Percent-encodes what a path must not contain; existing codes are kept.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for (index, part) in path.split('%').enumerate() {
        if index > 0 {
            let is_code = part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_hexdigit());
            out.push_str(if is_code { "%" } else { "%25" });
        }
        out.extend(utf8_percent_encode(part, SEGMENT));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_has_no_scheme_no_port_and_no_braces() {
        assert_eq!(host("http://127.0.0.1:5000/app"), "127.0.0.1");
        assert_eq!(host("https://[::1]:5000/"), "[::1]");
        assert_eq!(host("nonsense"), "target");
        assert_eq!(uri("h", "/keys/{id}"), "h/keys/%7Bid%7D");
        assert_eq!(uri("[::1]", "/"), "%5B%3A%3A1%5D/");
    }

    #[test]
    fn what_is_encoded_already_is_not_encoded_twice() {
        assert_eq!(uri("h", "/a%20b/100%/é"), "h/a%20b/100%25/%C3%A9");
        assert_eq!(uri("h", "/a:b?c#d"), "h/a%3Ab%3Fc%23d");
    }
}
