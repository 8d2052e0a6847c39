//! Requests and answers as text for people, masked and cut around the evidence.

use std::fmt::Write as _;
use std::ops::Range;

use url::Url;

use super::{COOKIE, Piece, Redactor, TesterHeader, TesterQuery, join};
use crate::http::{Request, Response};

/// Maximum length of a request body that is shown.
const REQUEST_BODY: usize = 16 << 10;
/// Longer than any secret, even when escaped.
const MARGIN: usize = 64 << 10;
/// Maximum length of a header value that is shown.
const HEADER_VALUE: usize = 8 << 10;

impl Redactor {
    /// Returns the request as it was sent, masked.
    ///
    /// It has the request line, the headers (including the client's `Host` and the tester's own)
    /// and the body.
    pub fn request_text(&self, request: &Request) -> String {
        let mut target = self.text(&origin_form(&request.url));
        for query in self.queries_of(request) {
            let sign = if target.contains('?') { '&' } else { '?' };
            let _ = write!(target, "{sign}{}=${}", query.name, query.variable);
        }
        let mut out = format!("{} {target} HTTP/1.1\n", request.method);
        if request.header("host").is_none() {
            let _ = writeln!(out, "Host: {}", authority(&request.url));
        }
        for (name, pieces) in self.header_pieces(request) {
            let _ = writeln!(out, "{name}: {}", join(&pieces));
        }
        if !request.body.is_empty() {
            out.push('\n');
            out.push_str(&self.excerpt(&request.body, None, REQUEST_BODY));
        }
        out
    }

    /// Returns the answer, masked.
    ///
    /// Its body is cut to about `limit` bytes around a byte range of `response.body`, or from its
    /// beginning. The `hidden` ranges of the body are masked too, however short.
    pub fn response_text(
        &self,
        response: &Response,
        hidden: &[Range<usize>],
        around: Option<Range<usize>>,
        limit: usize,
    ) -> String {
        let mut out = format!("HTTP/1.1 {}\n", response.status);
        for (name, value) in &response.headers {
            let _ = writeln!(
                out,
                "{name}: {}",
                self.excerpt(value.as_bytes(), None, HEADER_VALUE)
            );
        }
        if !response.body.is_empty() {
            out.push('\n');
            out.push_str(&self.excerpt_hiding(&response.body, hidden, around, limit));
            if response.truncated && !out.ends_with('…') {
                out.push('…');
            }
        }
        out
    }

    /// Returns about `limit` bytes of a text around a range (which is kept whole), masked.
    ///
    /// Omitted text is marked with `…`. Characters and secrets are never cut in two.
    pub fn excerpt(&self, bytes: &[u8], around: Option<Range<usize>>, limit: usize) -> String {
        self.excerpt_hiding(bytes, &[], around, limit)
    }

    /// Does the same as [`Redactor::excerpt`], and masks the `hidden` ranges too, however short.
    pub fn excerpt_hiding(
        &self,
        bytes: &[u8],
        hidden: &[Range<usize>],
        around: Option<Range<usize>>,
        limit: usize,
    ) -> String {
        let wanted = window(bytes, around, limit);
        // Secrets are searched for only as far as they are long, since bodies may be large.
        let from = wanted.start.saturating_sub(MARGIN);
        let near = &bytes[from..(wanted.end + MARGIN).min(bytes.len())];
        let before = if wanted.start > 0 { "…" } else { "" };
        let after = if wanted.end < bytes.len() { "…" } else { "" };
        let hidden: Vec<Range<usize>> = hidden
            .iter()
            .map(|range| {
                let shifted = |at: usize| at.saturating_sub(from).min(near.len());
                shifted(range.start)..shifted(range.end)
            })
            .filter(|range| !range.is_empty())
            .collect();
        // What is masked at the window's edges is masked as a whole.
        let within = wanted.start - from..wanted.end - from;
        let text = join(&self.pieces_within(near, within, &hidden));
        format!("{before}{text}{after}")
    }

    /// Returns the headers that reach the server, with their secrets masked.
    ///
    /// Those of the request come first, then the tester's that it does not replace. The cookies of
    /// both are joined.
    pub(super) fn header_pieces<'a>(
        &'a self,
        request: &'a Request,
    ) -> Vec<(&'a str, Vec<Piece<'a>>)> {
        let mut headers = Vec::new();
        for (name, value) in &request.headers {
            let pieces = if name.eq_ignore_ascii_case("cookie") {
                self.cookie_pieces(value)
            } else {
                self.value_pieces(name, value)
            };
            headers.push((name.as_str(), pieces));
        }
        for header in &self.headers {
            if !request.settles(&header.name) {
                headers.push((header.name.as_str(), whole(header)));
            }
        }
        headers
    }

    /// Returns the tester's query values that are added to a request, which has no values of its
    /// own for them.
    pub(super) fn queries_of(&self, request: &Request) -> Vec<&TesterQuery> {
        let goes = |query: &&TesterQuery| !request.settles_query(&query.name);
        self.queries.iter().filter(goes).collect()
    }

    fn value_pieces<'a>(&'a self, name: &str, value: &'a str) -> Vec<Piece<'a>> {
        let tester = self
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name) && header.value == value);
        if let Some(header) = tester {
            return whole(header);
        }
        if self.loose.iter().any(|secret| secret == value) {
            return vec![Piece::Variable(super::AUTH)];
        }
        self.pieces(value.as_bytes())
    }

    fn cookie_pieces<'a>(&'a self, value: &'a str) -> Vec<Piece<'a>> {
        let given = self
            .headers
            .iter()
            .find(|header| header.name == "Cookie")
            .map(|header| header.value.as_str());
        if self.loose.iter().any(|secret| secret == value) {
            return vec![Piece::Variable(COOKIE)];
        }
        let Some(given) = given else {
            return self.pieces(value.as_bytes());
        };
        // The client may already have joined them.
        let own = match value.strip_prefix(given) {
            Some(rest) => rest.trim_start_matches([';', ' ']),
            None => value,
        };
        let mut pieces = vec![Piece::Variable(COOKIE)];
        if !own.is_empty() {
            pieces.push(Piece::Plain(b"; "));
            pieces.extend(self.pieces(own.as_bytes()));
        }
        pieces
    }
}

fn whole(header: &TesterHeader) -> Vec<Piece<'_>> {
    vec![match &header.variable {
        Some(variable) => Piece::Variable(variable),
        None => Piece::Plain(header.value.as_bytes()),
    }]
}

/// Returns the part of a text that is shown, at character boundaries.
fn window(bytes: &[u8], around: Option<Range<usize>>, limit: usize) -> Range<usize> {
    let len = bytes.len();
    let kept = around.unwrap_or(0..0);
    let kept = kept.start.min(len)..kept.end.min(len).max(kept.start.min(len));
    let spare = limit.saturating_sub(kept.len());
    let before = (spare / 2).min(kept.start);
    let after = (spare - before).min(len - kept.end);
    let before = (spare - after).min(kept.start);
    let mut start = kept.start - before;
    let mut end = kept.end + after;
    let inside = |at: usize| at < len && bytes[at] & 0xc0 == 0x80;
    for _ in 0..3 {
        if start > 0 && inside(start) {
            start -= 1;
        }
        if inside(end) {
            end += 1;
        }
    }
    start..end
}

/// Returns path and query, as in the request line.
fn origin_form(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// Returns host and port, without userinfo.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
