//! Fields of JSON documents that may hold anything, or be missing.

use serde_json::Value;

/// The text of a field; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a list in a field; none where there is no list.
pub(crate) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let listed = value.get(name).and_then(Value::as_array);
    listed.map_or(&[], Vec::as_slice)
}
