//! Addresses in scripts: which texts are URLs, and what of them is one.
//!
//! Owns: telling a path from a media type or a date format; what stands before and behind it without
//! belonging to it. Leaves out: paths in any text (`extract/text.rs`), scope (`crawl/resolve.rs`).

use super::super::text;
use crate::found::Call;

/// True for what may stand where a URL is expected.
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

/// True for an address with a scheme that carries requests.
pub(super) fn is_absolute(text: &str) -> bool {
    ["http://", "https://", "ws://", "wss://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

/// `{base}/x` is `/x`: what a variable in front of a rooted path holds is not known.
pub(super) fn without_base(text: &str) -> &str {
    // `ws://{host}/x` too.
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

/// `"/v1" + path` and `"/keys" + query`: what stands at the end without a slash before it is no value of
/// a segment. What stands before it may be a path of its own.
pub(super) fn unglued(mut call: Call) -> Call {
    if let Some(rest) = without_glued(&call.url) {
        call.url = rest.to_owned();
        call.tentative = true;
    }
    call
}

/// The path before a placeholder that is glued to its end.
pub(super) fn without_glued(url: &str) -> Option<&str> {
    let (before, name) = url.strip_suffix('}')?.rsplit_once('{')?;
    let glued = before.ends_with(|c: char| c.is_alphanumeric() || c == '}');
    (glued && !name.contains(['}', '/']) && !before.contains('?')).then_some(before)
}

/// `a/b`: neither rooted nor absolute.
pub(super) fn is_unrooted(url: &str) -> bool {
    url.starts_with(|c: char| c.is_ascii_alphanumeric()) && !url.contains("://")
}

/// `image/png`: a type that is registered, or that says that it is of its maker's own.
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

/// `DD/MM/YYYY`, `%d/%m/%y`.
fn is_date_format(text: &str) -> bool {
    let mut parts = text.split('/').map(|part| part.trim_start_matches('%'));
    parts.all(|part| {
        let mut letters = part.chars();
        letters
            .next()
            .is_some_and(|first| "dDmMyY".contains(first) && letters.all(|letter| letter == first))
    })
}
