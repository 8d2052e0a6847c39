//! The status and the headers that matter.
//!
//! Owns: which headers say something about an answer. Leaves out: what they mean for security.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::builder::Builder;
use super::print::ValueKind;
use crate::http::Response;
use crate::signed;

const STATUS: usize = 0;
const HEADER: usize = 1;

pub(super) fn read(response: &Response, builder: &mut Builder<'_>) {
    let status = builder.place(None, "status", STATUS);
    let text = response.status.to_string();
    builder.leaf(status, ValueKind::Number, &text, Some(&text));

    let place = builder.place(None, "header content-type", HEADER);
    builder.text(place, &response.media_type());

    if let Some(location) = response.header("location") {
        redirect(location, builder);
    }
    for challenge in response.headers_named("www-authenticate") {
        let place = builder.place(None, "header www-authenticate", HEADER);
        // Only the scheme and the realm; a digest's nonce is new each time.
        let mut parts = challenge.split(',').map(str::trim);
        builder.text(place, parts.next().unwrap_or_default());
        for part in parts.filter(|part| !part.to_ascii_lowercase().contains("nonce")) {
            builder.text(place, part);
        }
    }
    for cookie in response.headers_named("set-cookie") {
        let place = builder.place(None, "header set-cookie", HEADER);
        let pair = cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let start = builder.len();
        builder.text(place, name.trim());
        if holds_echo(value, builder) {
            builder.echo_since(start);
        }
    }
}

/// Returns true if a cookie's value holds something sent, even inside a session packed by Flask.
fn holds_echo(value: &str, builder: &Builder<'_>) -> bool {
    let session = signed::decode(value).map(|session| session.payload);
    let payload = session.as_deref().map(String::from_utf8_lossy);
    let texts = [Some(decoded(value)), payload];
    texts.iter().flatten().any(|text| builder.holds_sent(text))
}

/// Adds where a redirect leads: the page, and each of its parameters separately.
fn redirect(location: &str, builder: &mut Builder<'_>) {
    let place = builder.place(None, "header location", HEADER);
    let bare = location.split('#').next().unwrap_or_default();
    let (page, query) = bare.split_once('?').unwrap_or((bare, ""));
    builder.text(place, &decoded(page));
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let start = builder.len();
        let name = decoded(name);
        let masked = builder.masked(&name);
        let part = format!("?{}", masked.as_deref().unwrap_or(&name));
        let at = builder.place(Some(place), &part, HEADER);
        builder.text(at, &decoded(value));
        if masked.is_some() {
            builder.echo_since(start);
        }
    }
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}
