//! The disguises of a secret.
//!
//! Case is not one of them: the search ignores it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// What `encodeURIComponent` and most URL libraries leave alone.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What JavaScript leaves alone besides.
const SCRIPT: &AsciiSet = &COMPONENT
    .remove(b'!')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*');

/// What the `url` crate escapes in a query.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\'');

/// Shorter pieces of base64 would be found by chance.
const SHORTEST_PIECE: usize = 8;

/// The secret itself, then each form in which it may be shown; none twice.
pub(super) fn of(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    for set in [NON_ALPHANUMERIC, COMPONENT, SCRIPT, QUERY] {
        let encoded = utf8_percent_encode(secret, set).to_string();
        forms.push(encoded.replace("%20", "+"));
        // Once more, as in a URL inside a URL.
        forms.push(encoded.replace('%', "%25"));
        forms.push(encoded);
    }
    let json = json_inner(secret);
    forms.push(json.replace('/', "\\/"));
    forms.push(json_inner(&json));
    forms.push(ascii_only(&json));
    forms.push(json);
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    for (double, single) in [
        ("&#34;", "&#39;"),
        ("&quot;", "&#x27;"),
        ("&quot;", "&#39;"),
        ("\"", "'"),
    ] {
        forms.push(html.replace('"', double).replace('\'', single));
    }
    forms.push(secret.replace('\\', "\\\\").replace('\'', "\\'"));
    forms.push(secret.replace('\'', "'\\''"));
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        forms.push(engine.encode(secret));
    }
    forms.extend(base64_inside(secret));
    if !secret.is_ascii() {
        // Header bytes are read as Latin-1.
        forms.push(secret.bytes().map(char::from).collect());
    }
    let mut unique: Vec<String> = Vec::new();
    for form in forms {
        if !unique.contains(&form) {
            unique.push(form);
        }
    }
    unique
}

/// What is left of the secret in the base64 of a longer text, at each alignment: the characters
/// that depend on the secret alone. So a token inside an encoded session is found.
fn base64_inside(secret: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for before in 0..3_usize {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(secret.as_bytes());
            let whole = engine.encode(&bytes);
            // A character carries six bits: it is the secret's own if all six are.
            let from = (before * 8).div_ceil(6);
            let to = bytes.len() * 8 / 6;
            if let Some(piece) = whole.get(from..to)
                && piece.len() >= SHORTEST_PIECE
            {
                pieces.push(piece.to_owned());
            }
        }
    }
    pieces
}

/// As a JSON string shows it, without the quotes.
fn json_inner(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text)
        .to_owned()
}

/// As Python's `json.dumps` shows it: everything above ASCII as `\uXXXX`.
fn ascii_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}
