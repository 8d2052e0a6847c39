//! Which field of a structured body a position stands in.
//!
//! Owns: which reader a body takes, and CSV columns; JSON paths are `json_path`'s. Leaves out: what stands there.

use super::json_path::fields_at;
use crate::http::Response;

/// The field that holds the byte at `offset` of a response's body: a JSON path, a CSV column, or
/// empty where the body has no fields.
pub fn field(response: &Response, offset: usize) -> String {
    let kind = response.media_type();
    let first = response
        .body
        .iter()
        .find(|byte| !byte.is_ascii_whitespace());
    if kind.ends_with("json") || (kind.is_empty() && matches!(first, Some(b'{' | b'['))) {
        return json_path(&response.body, offset);
    }
    if kind.ends_with("csv") {
        return csv_column(&response.body, offset);
    }
    String::new()
}

/// The path of the value (or name) that holds the byte at `offset`, as `a.b[].c`.
pub fn json_path(body: &[u8], offset: usize) -> String {
    // Invalid bytes only widen the text: what stands before them keeps its place.
    let text = String::from_utf8_lossy(body);
    let mut fields = fields_at(&text, &[offset]);
    fields.pop().map(|field| field.path).unwrap_or_default()
}

fn csv_column(body: &[u8], offset: usize) -> String {
    let line_start = body[..offset.min(body.len())]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    #[allow(clippy::naive_bytecount)] // A line, not a body.
    let column = body[line_start..offset.min(body.len())]
        .iter()
        .filter(|b| **b == b',')
        .count();
    let header = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header = String::from_utf8_lossy(header);
    let names: Vec<&str> = header.trim_end_matches('\r').split(',').collect();
    let named = names.len() > 1 && line_start > 0;
    let name = names.get(column).map(|name| name.trim().trim_matches('"'));
    name.filter(|_| named).unwrap_or_default().to_owned()
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
        // A canary as a name is no field's name: that would differ from run to run.
        assert_eq!(path_of(r#"{"a": {"HERE": 1}}"#, "HERE"), "a");
        assert_eq!(path_of(r#""HERE""#, "HERE"), "");
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
