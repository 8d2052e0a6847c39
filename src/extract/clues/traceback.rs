//! Whether a traceback in an answer is the application's own.
//!
//! Owns: telling the application's own traceback from an example in a text. Leaves out: reading
//! tracebacks (the top-level `traceback` module), and what their source lines say (`source.rs`).

use super::visible::visible_text;
use crate::http::Response;
use crate::traceback::{is_debugger, tracebacks};
use crate::unescape::{JSON, View};

/// Returns true if a traceback in an answer is the application's own: the answer is an error, a
/// debugger page, or little else than the traceback. In a page of prose, it is an example.
pub fn is_own(response: &Response) -> bool {
    let text = response.text();
    if response.status >= 400 || is_debugger(&text) {
        return true;
    }
    let plain = if response.media_type().contains("html") {
        visible_text(&text).into()
    } else {
        View::of(&text, JSON).text
    };
    let extents = tracebacks(&plain).into_iter().map(|one| one.extent.len());
    // Titles, menus and a handler's own words may surround it.
    extents.sum::<usize>() * 10 >= plain.trim().len() * 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceback_in_prose_is_an_example() {
        let trace = "Traceback (most recent call last):\n  File &#34;/a/b.py&#34;, line 3, in f\n    x = request.args[&#34;k&#34;]\nKeyError: 'k'";
        let html = [("content-type", "text/html")];
        let lesson = format!(
            "<h1>Errors</h1><p>{}</p><pre>{trace}</pre>",
            "Read it from below. ".repeat(9)
        );
        assert!(!is_own(&Response::of(200, &html, &lesson)));
        assert!(is_own(&Response::of(500, &html, &lesson)));
        let bare = format!("<title>Oops</title><pre>{trace}</pre>");
        assert!(is_own(&Response::of(200, &html, &bare)));
        let plain = crate::unescape::html(trace);
        let json = serde_json::json!({"ok": false, "trace": plain}).to_string();
        assert!(is_own(&Response::of(
            200,
            &[("content-type", "application/json")],
            &json
        )));
    }
}
