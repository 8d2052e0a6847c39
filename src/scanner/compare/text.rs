//! Plain text and binary content.
//!
//! Owns: cutting text into lines. Leaves out: structure (`json`, `html`).

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};

use super::builder::Builder;
use super::print::ValueKind;

const RANK: usize = 2;
/// Longer lines are cut where code or data would break them.
const MAX_LINE: usize = 1 << 10;
/// Bytes that are searched for signs of binary content.
const HEAD: usize = 8 << 10;

/// Adds each line of a text.
pub(super) fn read(text: &str, builder: &mut Builder<'_>) {
    let place = builder.place(None, "line", RANK);
    for piece in pieces(text) {
        builder.text(place, &piece);
    }
}

/// Returns the lines of a text with blanks trimmed and collapsed; long lines are cut into pieces.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split('\n')
        .flat_map(|line| {
            let long = line.len() > MAX_LINE;
            line.split(move |c: char| long && matches!(c, ',' | ';' | '>' | '}'))
        })
        .map(collapsed)
        .filter(|piece| !piece.is_empty())
}

/// Returns a text with outer blanks removed and each inner run of blanks collapsed into one.
pub(super) fn collapsed(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let mut blank = false;
    let uneven = text.chars().any(|c| {
        let double = c.is_whitespace() && (blank || c != ' ');
        blank = c.is_whitespace();
        double
    });
    if uneven {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns true for images, archives and other content that holds no text.
pub(super) fn is_binary(media: &str, body: &[u8]) -> bool {
    let family = media.split('/').next().unwrap_or_default();
    matches!(family, "image" | "audio" | "video" | "font") && !media.ends_with("+xml")
        || memchr::memchr(0, &body[..body.len().min(HEAD)]).is_some()
}

/// Adds content that holds no text as one value.
pub(super) fn read_binary(body: &[u8], builder: &mut Builder<'_>) {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    let place = builder.place(None, "body", RANK);
    let text = format!("{} bytes, hash {:016x}", body.len(), hasher.finish());
    builder.leaf(place, ValueKind::Text, &text, Some("binary"));
}
