//! Addresses in scripts: which texts are URLs, and which part of a text is the URL.
//!
//! Owns: telling a path from a media type or a date format, and removing what precedes or follows it
//! but is not part of it. Leaves out: paths in arbitrary text (`extract/text.rs`), scope
//! (`crawl/resolve.rs`).

use super::super::text;
use crate::found::Call;

/// Returns true if a text can appear where a URL is expected.
pub(super) fn is_url(text: &str) -> bool {
    let text = without_base(text);
    let relative = text.contains('/')
        && text.len() < 500
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '?')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "/._-{}?=&%".contains(c))
        && !is_media_type(text)
        && !is_date_format(text);
    is_absolute(text) || relative || text::looks_like_path(text) || text.starts_with('?')
}

/// Returns true for an address whose scheme carries requests.
pub(super) fn is_absolute(text: &str) -> bool {
    ["http://", "https://", "ws://", "wss://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

/// Reduces `{base}/x` to `/x`: the value of a variable before a rooted path is unknown.
pub(super) fn without_base(text: &str) -> &str {
    // `ws://{host}/x` as well.
    let open = ["http://{", "https://{", "ws://{", "wss://{"];
    let text = open
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme).and(text.get(scheme.len() - 1..)))
        .unwrap_or(text);
    match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, rest)) if rest.starts_with('/') => rest,
        _ => text,
    }
}

/// Removes a placeholder glued to the end of a call's URL, as in `"/v1" + path` and `"/keys" + query`.
/// Without a slash before it, it is not the value of a segment. The rest may be a path of its own.
pub(super) fn unglued(mut call: Call) -> Call {
    if let Some(rest) = without_glued(&call.url) {
        call.url = rest.to_owned();
        call.tentative = true;
    }
    call
}

/// Returns the path before a placeholder that is glued to its end.
pub(super) fn without_glued(url: &str) -> Option<&str> {
    let (before, name) = url.strip_suffix('}')?.rsplit_once('{')?;
    let glued = before.ends_with(|c: char| c.is_alphanumeric() || c == '}');
    (glued && !name.contains(['}', '/']) && !before.contains('?')).then_some(before)
}

/// Returns true for `a/b`, which is neither rooted nor absolute.
pub(super) fn is_unrooted(url: &str) -> bool {
    url.starts_with(|c: char| c.is_ascii_alphanumeric()) && !url.contains("://")
}

/// Returns true for a media type such as `image/png`: a registered one, or a vendor's own.
fn is_media_type(text: &str) -> bool {
    const TYPES: [&str; 8] = [
        "application",
        "audio",
        "font",
        "image",
        "message",
        "multipart",
        "text",
        "video",
    ];
    const KINDS: [&str; 31] = [
        "avif",
        "bmp",
        "calendar",
        "css",
        "csv",
        "event-stream",
        "form-data",
        "gif",
        "gzip",
        "html",
        "javascript",
        "jpeg",
        "jpg",
        "json",
        "markdown",
        "mixed",
        "mp4",
        "mpeg",
        "octet-stream",
        "ogg",
        "pdf",
        "plain",
        "png",
        "rtf",
        "ttf",
        "wav",
        "webm",
        "webp",
        "woff2",
        "xml",
        "zip",
    ];
    let Some((kind, rest)) = text.split_once('/') else {
        return false;
    };
    let rest = rest.split(';').next().unwrap_or_default().trim();
    let own = rest.starts_with("x-") || rest.starts_with("vnd.") || rest.contains('+');
    TYPES.contains(&kind) && !rest.contains('/') && (own || KINDS.contains(&rest))
}

/// Returns true for `DD/MM/YYYY` and `%d/%m/%y`.
fn is_date_format(text: &str) -> bool {
    let mut parts = text.split('/').map(|part| part.trim_start_matches('%'));
    parts.all(|part| {
        let mut letters = part.chars();
        letters
            .next()
            .is_some_and(|first| "dDmMyY".contains(first) && letters.all(|letter| letter == first))
    })
}
