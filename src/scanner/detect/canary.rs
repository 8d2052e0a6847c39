//! Canaries in an answer: body, headers, cookies, decoded sessions.
//!
//! Owns: where each canary is in the answer. Leaves out: what that means (`judge`).

use std::ops::Range;

use super::locate;
use crate::canary::{Canary, Chain, Match, Recogniser, Slot, Strength};
use crate::finding::SinkPlace;
use crate::http::{Request, Response};
use crate::signed;

/// A canary seen in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanarySighting {
    /// The slot of the canary.
    pub slot: Slot,
    /// The part of the answer.
    pub place: SinkPlace,
    /// The field of that part; empty if it has none.
    pub field: String,
    /// How it was transformed, outermost first.
    pub transform: String,
    /// How certain the recognition is.
    pub strength: Strength,
    /// Its range in the body (or in the value of the header or cookie).
    pub span: Range<usize>,
}

/// Finds every canary in an answer. The canaries in `near` are also recognised by truncated and masked
/// pieces.
pub fn canaries(
    recogniser: &Recogniser,
    response: &Response,
    near: &[Canary],
) -> Vec<CanarySighting> {
    let mut seen = Vec::new();
    let in_body = recogniser.scan_near(&response.body, near);
    let starts: Vec<usize> = in_body.iter().map(|found| found.span.start).collect();
    let fields = locate::fields(response, &starts);
    for (found, field) in in_body.into_iter().zip(fields) {
        seen.push(sighting(&found, SinkPlace::Body, field, ""));
    }
    for (name, value) in &response.headers {
        if name == "set-cookie" {
            cookie(recogniser, value, &mut seen);
            continue;
        }
        for found in recogniser.scan(value.as_bytes()) {
            seen.push(sighting(
                &found,
                SinkPlace::Header(name.clone()),
                String::new(),
                "",
            ));
        }
    }
    seen
}

/// Returns the canaries that a request carries anywhere: URL, headers, cookies, decoded session, body.
pub fn carried(recogniser: &Recogniser, request: &Request) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    let mut scan = |bytes: &[u8]| {
        slots.extend(recogniser.scan(bytes).into_iter().map(|found| found.slot));
    };
    scan(request.url.as_str().as_bytes());
    for (name, value) in &request.headers {
        scan(value.as_bytes());
        if name.eq_ignore_ascii_case("cookie") {
            let values = value.split(';').filter_map(|pair| pair.split_once('='));
            for decoded in values.filter_map(|(_, value)| signed::decode(value.trim())) {
                scan(&decoded.payload);
            }
        }
    }
    scan(&request.body);
    slots.sort_unstable();
    slots.dedup();
    slots
}

fn cookie(recogniser: &Recogniser, line: &str, seen: &mut Vec<CanarySighting>) {
    let pair = line.split(';').next().unwrap_or_default();
    let Some((name, value)) = pair.split_once('=') else {
        return;
    };
    let (name, value) = (name.trim(), value.trim());
    let place = |kind| match kind {
        Some(signed::SignedKind::Session) => SinkPlace::Session,
        _ => SinkPlace::Cookie(name.to_owned()),
    };
    if let Some(decoded) = signed::decode(value) {
        let mut found_any = false;
        for found in recogniser.scan(&decoded.payload) {
            found_any = true;
            let field = locate::json_path(&decoded.payload, found.span.start);
            seen.push(sighting(
                &found,
                place(Some(decoded.kind)),
                field,
                decoded.wrapping,
            ));
        }
        if found_any {
            return;
        }
    }
    for found in recogniser.scan(value.as_bytes()) {
        seen.push(sighting(&found, place(None), String::new(), ""));
    }
}

fn sighting(found: &Match, place: SinkPlace, field: String, wrapping: &str) -> CanarySighting {
    let inner = Chain(&found.transforms).to_string();
    let transform = match (wrapping, inner.as_str()) {
        ("", _) => inner,
        (_, "identity") => wrapping.to_owned(),
        _ => format!("{wrapping}/{inner}"),
    };
    CanarySighting {
        slot: found.slot,
        place,
        field,
        transform,
        strength: found.strength,
        span: found.span.clone(),
    }
}
