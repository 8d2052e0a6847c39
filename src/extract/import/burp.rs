//! Burp's "Save items" XML: each item contains a raw request, usually in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::found::Found;
use super::Recorded;

/// Reads the requests of an export.
pub(super) fn items(text: &str) -> Option<Found> {
    if !text.contains("<items") {
        return None;
    }
    let mut found = Found::default();
    for (number, item) in text.split("<item>").skip(1).enumerate() {
        let (Some(url), Some((attributes, request))) =
            (element(item, "url"), element(item, "request"))
        else {
            found.leave_out(
                &format!("item {}", number + 1),
                "it has no URL or no request",
            );
            continue;
        };
        let raw = if attributes.contains("base64=\"true\"") {
            let decoded = STANDARD.decode(request.trim()).unwrap_or_default();
            String::from_utf8_lossy(&decoded).into_owned()
        } else {
            request.to_owned()
        };
        // If the request is not encoded, XML turns its line endings into `
        // `.
        let (head, body) = raw
            .split_once("\r\n\r\n")
            .or_else(|| raw.split_once("\n\n"))
            .unwrap_or((raw.as_str(), ""));
        let mut lines = head.lines();
        let method = lines
            .next()
            .and_then(|line| line.split(' ').next())
            .unwrap_or_default();
        let headers: Vec<(&str, &str)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        let media = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map_or("", |(_, value)| *value);
        let recorded = Recorded {
            method,
            url: url.1.replace("&amp;", "&"),
            media,
            body,
            fields: Vec::new(),
            headers: headers.clone(),
        };
        found.record(&recorded);
    }
    Some(found)
}

/// Returns an element's attributes and text, with any CDATA section unwrapped.
fn element<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (_, rest) = text.split_once(&format!("<{name}"))?;
    let (attributes, rest) = rest.split_once('>')?;
    let (inner, _) = rest.split_once(&format!("</{name}>"))?;
    let inner = inner.trim();
    let plain = inner
        .strip_prefix("<![CDATA[")
        .and_then(|inner| inner.strip_suffix("]]>"));
    Some((attributes, plain.unwrap_or(inner)))
}
