//! HTTP archives of any version: browsers and proxies write 1.1 and 1.2 with parts missing.

use serde_json::Value;

use super::super::found::Found;
use super::super::pages::fields::{items, text};
use super::Recorded;

/// Reads the requests of an archive.
pub(super) fn entries(root: &Value) -> Option<Found> {
    let entries = root.get("log")?.get("entries")?.as_array()?;
    let mut found = Found::default();
    for (number, entry) in entries.iter().enumerate() {
        let Some(request) = entry.get("request") else {
            found.leave_out(&format!("entry {}", number + 1), "it has no request");
            continue;
        };
        let data = request.get("postData").unwrap_or(&Value::Null);
        let recorded = Recorded {
            method: text(request, "method"),
            url: text(request, "url").to_owned(),
            headers: pairs(request, "headers", "name"),
            media: text(data, "mimeType"),
            body: text(data, "text"),
            fields: pairs(data, "params", "name"),
        };
        found.record(&recorded);
    }
    Some(found)
}

/// Reads `[{"name": …, "value": …}]`, as most exports write headers and fields.
pub(super) fn pairs<'a>(value: &'a Value, list: &str, key: &str) -> Vec<(&'a str, &'a str)> {
    let items = items(value, list).iter();
    items
        .filter(|item| !is_disabled(item))
        .filter_map(|item| Some((item.get(key)?.as_str()?, text(item, "value"))))
        .collect()
}

/// Returns true if the tester switched the item off.
pub(super) fn is_disabled(item: &Value) -> bool {
    item.get("disabled").and_then(Value::as_bool) == Some(true)
}
