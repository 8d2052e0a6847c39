//! HTTP archives, of any version: browsers and proxies write 1.1 and 1.2 with parts missing.

use serde_json::Value;

use super::super::found::Found;
use super::Recorded;

/// The requests of an archive.
pub(super) fn entries(root: &Value) -> Option<Found> {
    let entries = root.get("log")?.get("entries")?.as_array()?;
    let mut found = Found::default();
    for (number, entry) in entries.iter().enumerate() {
        let Some(request) = entry.get("request") else {
            found.leave_out(&format!("entry {}", number + 1), "it has no request");
            continue;
        };
        let text = |name: &str| {
            request
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let data = request.get("postData").unwrap_or(&Value::Null);
        let part = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
        let recorded = Recorded {
            method: text("method"),
            url: text("url").to_owned(),
            headers: pairs(request.get("headers"), "name"),
            media: part("mimeType"),
            body: part("text"),
            fields: pairs(data.get("params"), "name"),
        };
        found.record(&recorded);
    }
    Some(found)
}

/// `[{"name": …, "value": …}]`, as most exports write headers and fields.
pub(super) fn pairs<'a>(list: Option<&'a Value>, key: &str) -> Vec<(&'a str, &'a str)> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items
        .filter(|item| item.get("disabled").and_then(Value::as_bool) != Some(true))
        .filter_map(|item| {
            let name = item.get(key)?.as_str()?;
            let value = item
                .get("value")
                .and_then(Value::as_str)
                .unwrap_or_default();
            Some((name, value))
        })
        .collect()
}
