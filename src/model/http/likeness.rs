//! Which answers are alike.
//!
//! Owns: the words by which they are told apart. Leaves out: what follows of it (`pipeline`).

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::Response;

/// Bytes of a body by which answers are told apart.
const LOOKED_AT: usize = 4_096;
/// Words of a page by which it is known again.
const MOST_WORDS: usize = 400;

/// The same for answers that differ in numbers and random texts alone.
pub fn likeness(response: &Response) -> u64 {
    let mut hasher = DefaultHasher::new();
    response.status.hash(&mut hasher);
    words_of(response).for_each(|word| word.hash(&mut hasher));
    hasher.finish()
}

/// The same of an answer without the words that were sent, as it is where none of them comes back.
pub fn likeness_without(response: &Response, sent: &str) -> u64 {
    let sent: HashSet<u64> = hashes(sent.as_bytes()).collect();
    let mut hasher = DefaultHasher::new();
    response.status.hash(&mut hasher);
    words_of(response)
        .filter(|word| !sent.contains(word))
        .for_each(|word| word.hash(&mut hasher));
    hasher.finish()
}

/// The words of a page for people; `None` for anything else.
pub fn page_words(response: &Response) -> Option<HashSet<u64>> {
    let html = response
        .header("content-type")
        .is_some_and(|kind| kind.contains("html"));
    html.then(|| {
        let body = response.body.get(..LOOKED_AT).unwrap_or(&response.body);
        // What stands in tags is alike everywhere.
        let texts = body.split(|byte| *byte == b'<').map(|piece| {
            let text = piece.iter().position(|byte| *byte == b'>');
            text.map_or(piece, |end| &piece[end + 1..])
        });
        texts.flat_map(hashes).take(MOST_WORDS).collect()
    })
}

/// Words of an answer without digits, as hashes.
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
