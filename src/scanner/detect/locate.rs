//! Finds the field of a structured body that contains a position.
//!
//! Owns: choosing the reader for a body. `json_path` finds paths in object notation, and `record` reads
//! other structures. Leaves out: the values themselves.

use super::json_path::fields_at;
use super::quoted::is_json;
use super::record::{column_at, field_at, is_data, records};
use crate::http::Response;

/// Returns the fields that contain the bytes at these offsets of a response's body, in the same order:
/// paths as in JSON, a CSV column, or an empty string if the body has no fields.
pub fn fields(response: &Response, offsets: &[usize]) -> Vec<String> {
    if offsets.is_empty() {
        return Vec::new();
    }
    let media = response.media_type();
    // Invalid bytes only lengthen the text, so everything before them keeps its offset.
    let text = String::from_utf8_lossy(&response.body);
    if media.ends_with("csv") || media.ends_with("tab-separated-values") {
        let column = |at: &usize| column_at(&text, *at).unwrap_or_default();
        return offsets.iter().map(column).collect();
    }
    if is_data(&text, response) {
        let records = records("", &text, response);
        let field = |at: &usize| field_at(&records, *at).unwrap_or_default();
        return offsets.iter().map(field).collect();
    }
    if is_json(&text, response) {
        let fields = fields_at(&text, offsets);
        return fields.into_iter().map(|field| field.path).collect();
    }
    vec![String::new(); offsets.len()]
}

/// Returns the path of the value (or name) that contains the byte at `offset`, as `a.b[].c`.
pub fn json_path(body: &[u8], offset: usize) -> String {
    let text = String::from_utf8_lossy(body);
    let mut fields = fields_at(&text, &[offset]);
    fields.pop().map(|field| field.path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(body: &str, needle: &str) -> String {
        json_path(body.as_bytes(), body.find(needle).unwrap())
    }

    #[test]
    fn a_json_position_is_named_by_its_path() {
        assert_eq!(
            path_of(r#"{"a": {"b": [1, {"c": "HERE"}]}}"#, "HERE"),
            "a.b[].c"
        );
        assert_eq!(
            path_of(r#"[{"key": "x"}, {"key": "HERE"}]"#, "HERE"),
            "[].key"
        );
        assert_eq!(path_of(r#"{"a": "x,\"}", "b": "HERE"}"#, "HERE"), "b");
        assert_eq!(path_of(r#"{"a": [{"x": 1}], "b": "HERE"}"#, "HERE"), "b");
        // A canary used as a name does not become part of the path, which would then differ from run to
        // run.
        assert_eq!(path_of(r#"{"a": {"HERE": 1}}"#, "HERE"), "a");
        assert_eq!(path_of(r#""HERE""#, "HERE"), "");
    }

    fn field(response: &Response, offset: usize) -> String {
        fields(response, &[offset]).remove(0)
    }

    #[test]
    fn data_under_another_name_has_the_same_fields() {
        for (media, body, expected) in [
            (
                "text/html",
                r#"[{"id": 1, "api_key": "HERE"}]"#,
                "[].api_key",
            ),
            (
                "text/html",
                "[{'_id': ObjectId('65'), 'api_key': 'HERE'}]",
                "[].api_key",
            ),
            ("text/plain", r#"{"api_key": "HERE"}"#, "api_key"),
            (
                "text/event-stream",
                "id: 1\ndata: {\"api_key\": \"HERE\"}\n\n",
                "api_key",
            ),
            (
                "application/xml",
                "<us><u><n>a</n><key>HERE</key></u></us>",
                "us.u.key",
            ),
            (
                "text/html",
                "<us><u><n>a</n><key>HERE</key></u></us>",
                "us.u.key",
            ),
            ("application/yaml", "- n: a\n  key: HERE\n", "[].key"),
            (
                "application/json",
                r#"{"key1": {"secret": "HERE"}}"#,
                "*.secret",
            ),
        ] {
            let response = Response::of(200, &[("Content-Type", media)], body);
            assert_eq!(
                field(&response, body.find("HERE").unwrap()),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn a_csv_position_is_named_by_its_column() {
        let csv = "id,api_key,name\r\n1,HERE,x\r\n";
        let response = Response::of(200, &[("Content-Type", "text/csv; charset=utf-8")], csv);
        assert_eq!(field(&response, csv.find("HERE").unwrap()), "api_key");
    }

    #[test]
    fn html_has_no_fields() {
        let response = Response::of(200, &[("Content-Type", "text/html")], "<p>{\"a\":\"HERE\"}");
        assert_eq!(field(&response, 9), "");
    }
}
