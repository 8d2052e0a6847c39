//! The disguises of a secret.
//!
//! Case and escapes are not among them: the search ignores case and undoes escapes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::unescape::{ALL, undone};

/// Shorter pieces of base64 would be found by chance.
const SHORTEST_PIECE: usize = 8;

/// Returns the secret itself, then each form in which it may appear, without duplicates.
pub(super) fn of(secret: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![
        secret.as_bytes().to_vec(),
        // Form encoding.
        secret.replace(' ', "+").into_bytes(),
        // In single quotes for a shell.
        secret.replace('\'', "'\\''").into_bytes(),
        // Header bytes are read as Latin-1.
        secret.bytes().map(char::from).collect::<String>().into(),
    ];
    // A secret that itself contains escapes loses them when the text's are undone.
    if let Some((once, _)) = undone(secret.as_bytes(), ALL) {
        forms.extend(undone(&once, ALL).map(|(twice, _)| twice));
        forms.push(once);
    }
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        forms.push(engine.encode(secret).into());
    }
    forms.extend(base64_inside(secret));
    forms.push(secret.chars().rev().collect::<String>().into());
    forms.push(hex(secret.as_bytes()));
    // An unkeyed digest of a password nearly gives away the password.
    forms.push(hex(&Md5::digest(secret)));
    forms.push(hex(&Sha1::digest(secret)));
    forms.push(hex(&Sha256::digest(secret)));
    let mut unique: Vec<Vec<u8>> = Vec::new();
    for form in forms {
        if !unique.contains(&form) {
            unique.push(form);
        }
    }
    unique
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    let digit = |half: u8| b"0123456789abcdef"[usize::from(half)];
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Returns the base64 characters that depend on the secret alone, inside a longer text.
///
/// There is one piece for each alignment. With them a token inside an encoded session is found.
fn base64_inside(secret: &str) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for before in 0..3_usize {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(secret.as_bytes());
            let whole = engine.encode(&bytes);
            // A character carries six bits: it is the secret's own if all six are.
            let from = (before * 8).div_ceil(6);
            let to = bytes.len() * 8 / 6;
            if let Some(piece) = whole.get(from..to)
                && piece.len() >= SHORTEST_PIECE
            {
                pieces.push(piece.into());
            }
        }
    }
    pieces
}
