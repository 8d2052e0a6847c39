//! What a reader sees of an answer: the text of a page without its tags, or the strings of JSON.
//!
//! Owns: taking the text out of an answer, bounded. Leaves out: what it means.

use serde_json::Value;

use crate::unescape;

/// The most text examined in one answer.
const MAX_TEXT: usize = 64 << 10;

/// Returns the text of a page without tags, scripts and styles, up to a bound.
pub(super) fn visible_text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    // Once an element's end is missing, it is not searched for again.
    let mut endless = [false; 2];
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let raw = ["script", "style"].iter().zip(&mut endless);
        for (name, endless) in raw {
            let head = rest.get(1..=name.len());
            if *endless || !head.is_some_and(|head| head.eq_ignore_ascii_case(name)) {
                continue;
            }
            match rest.find(&format!("</{name}")) {
                Some(end) => rest = &rest[end..],
                None => *endless = true,
            }
        }
        match rest.find('>') {
            Some(end) => rest = &rest[end + 1..],
            None => break,
        }
        text.push(' ');
        if text.len() > MAX_TEXT {
            break;
        }
    }
    text.push_str(rest.split('<').next().unwrap_or_default());
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= MAX_TEXT)
        .last()
        .unwrap_or(0);
    if text.len() > MAX_TEXT {
        text.truncate(end);
    }
    unescape::html(&text)
}

/// Returns the strings of a JSON answer, one per line, up to a bound.
pub(super) fn texts(value: &Value) -> String {
    let mut lines = Vec::new();
    each_text(value, &mut |text| lines.push(text));
    lines.join("\n")
}

/// Visits the strings of a JSON answer, up to a bound.
pub(super) fn each_text<'a>(value: &'a Value, visit: &mut impl FnMut(&'a str)) {
    let mut stack = vec![value];
    let mut looked = 0;
    while let Some(value) = stack.pop() {
        looked += 1;
        match value {
            _ if looked > 500 => return,
            Value::String(text) => visit(text),
            Value::Array(items) => stack.extend(items.iter().rev()),
            Value::Object(fields) => stack.extend(fields.values().rev()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_without_an_end_are_read_in_no_time() {
        let start = std::time::Instant::now();
        visible_text(&"<script>".repeat(500_000));
        assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
        assert_eq!(
            visible_text("a<script>b</script>c<style>d</style>e").replace(' ', ""),
            "ace"
        );
    }
}
