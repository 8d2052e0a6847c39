//! Which answers are alike.
//!
//! This module extracts the words by which answers are compared. `pipeline` decides what follows
//! from it.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::Response;

/// Number of bytes of a body that are compared.
const LOOKED_AT: usize = 4_096;
/// Number of words by which a page is recognised.
const MOST_WORDS: usize = 400;

/// Returns a hash that is equal for answers that differ only in numbers and random texts.
pub fn likeness(response: &Response) -> u64 {
    let mut hasher = DefaultHasher::new();
    response.status.hash(&mut hasher);
    words_of(response).for_each(|word| word.hash(&mut hasher));
    hasher.finish()
}

/// Returns the hash of an answer without the words that were sent, as if none of them came back.
pub fn likeness_without(response: &Response, sent: &str) -> u64 {
    let sent: HashSet<u64> = hashes(sent.as_bytes()).collect();
    let mut hasher = DefaultHasher::new();
    response.status.hash(&mut hasher);
    words_of(response)
        .filter(|word| !sent.contains(word))
        .for_each(|word| word.hash(&mut hasher));
    hasher.finish()
}

/// Returns the words that a page shows to people; `None` for anything that is not HTML.
pub fn page_words(response: &Response) -> Option<HashSet<u64>> {
    let html = response
        .header("content-type")
        .is_some_and(|kind| kind.contains("html"));
    html.then(|| {
        let body = response.body.get(..LOOKED_AT).unwrap_or(&response.body);
        // The contents of tags are alike everywhere.
        let texts = body.split(|byte| *byte == b'<').map(|piece| {
            let text = piece.iter().position(|byte| *byte == b'>');
            text.map_or(piece, |end| &piece[end + 1..])
        });
        texts.flat_map(hashes).take(MOST_WORDS).collect()
    })
}

/// Returns hashes of the words of an answer that have no digits.
fn words_of(response: &Response) -> impl Iterator<Item = u64> {
    let body = response.body.get(..LOOKED_AT).unwrap_or(&response.body);
    hashes(body)
}

fn hashes(text: &[u8]) -> impl Iterator<Item = u64> {
    text.split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic))
        .map(|word| {
            let mut hasher = DefaultHasher::new();
            word.hash(&mut hasher);
            hasher.finish()
        })
}
