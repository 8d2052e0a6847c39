//! The words of a name, however it is written.
//!
//! Owns: taking a name apart. Leaves out: what its words mean (`policy`, `login`, `credential`).

mod glued;

/// True for a word of a sorted table.
pub(crate) fn is_in(table: &[&str], word: &str) -> bool {
    table.binary_search(&word).is_ok()
}

/// The lower-case words of a name in any case style (`resetAll`, `RESET_ALL`, `reset-all`); a verb and
/// its object are two where they are written as one (`resetall`).
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in cased(name) {
        match glued::parts(&word) {
            Some((head, tail)) => found.extend([head.to_owned(), tail.to_owned()]),
            None => found.push(word),
        }
    }
    found
}

/// The same by case and punctuation alone.
fn cased(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_ascii_alphanumeric() {
            let next_is_lower = letters.peek().is_some_and(char::is_ascii_lowercase);
            let begins = letter.is_ascii_uppercase()
                && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && next_is_lower));
            if begins && !word.is_empty() {
                found.push(std::mem::take(&mut word));
            }
            word.push(letter.to_ascii_lowercase());
        } else if !word.is_empty() {
            found.push(std::mem::take(&mut word));
        }
        before = letter;
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}
