//! Fields of JSON documents that may have any type, or be missing.

use serde_json::Value;

/// Returns the text of a field; empty if there is none.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the items of a list in a field; empty if there is no list.
pub(crate) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let listed = value.get(name).and_then(Value::as_array);
    listed.map_or(&[], Vec::as_slice)
}
