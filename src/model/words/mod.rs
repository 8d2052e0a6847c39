//! The words of a name, however it is written.
//!
//! This module splits a name. What its words mean is decided in `policy`, `login` and `credential`.

mod glued;
mod ids;

pub use ids::{id_text, is_id, is_uuid, names_an_id};

/// Returns whether a word is in a sorted table.
pub(crate) fn is_in(table: &[&str], word: &str) -> bool {
    table.binary_search(&word).is_ok()
}

/// Returns the lower-case words of a name in any case style (`resetAll`, `RESET_ALL`, `reset-all`).
///
/// A verb and its object are two words even if written as one (`resetall`).
pub fn words(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in cased(name) {
        match glued::parts(&word) {
            Some((head, tail)) => found.extend([head.to_owned(), tail.to_owned()]),
            None => found.push(word),
        }
    }
    found
}

/// Does the same by case and punctuation alone.
///
/// A change from lower to upper case begins a word, and so does the last capital of a run that
/// lower-case letters follow (`JWTToken` is `jwt`, `token`).
pub fn cased(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let apart = !letter.is_alphanumeric();
        if (apart || begins(before, letter, letters.peek().copied())) && !word.is_empty() {
            found.push(std::mem::take(&mut word));
        }
        if !apart {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}

fn begins(before: char, letter: char, after: Option<char>) -> bool {
    letter.is_uppercase()
        && (before.is_lowercase()
            || before.is_numeric()
            || (before.is_uppercase() && after.is_some_and(char::is_lowercase)))
}

/// Returns a name in lower case, without the punctuation between its words: `apikey` for `API-Key`.
pub fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns the last part of a dotted name: `id` for `items[].id`.
pub(crate) fn leaf(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Returns the singular of a word, in lower case: `entry` for `entries`.
///
/// It knows English as far as names of resources require.
pub fn singular(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    let stem = |end: &str| word.strip_suffix(end).filter(|stem| stem.len() >= 2);
    if let Some(stem) = stem("ies").filter(|stem| stem.len() >= 3) {
        return format!("{stem}y");
    }
    let ends = ["sses", "shes", "ches", "xes", "zes"];
    if ends.iter().any(|end| stem(end).is_some()) {
        return word[..word.len() - "es".len()].to_owned();
    }
    match stem("s") {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word,
    }
}

/// Returns whether frameworks use this name for their anti-forgery tokens.
pub fn is_csrf(name: &str) -> bool {
    let plain = plain(name);
    plain.contains("csrf")
        || plain.contains("xsrf")
        || matches!(
            plain.as_str(),
            "authenticitytoken" | "requestverificationtoken" | "antiforgerytoken" | "formtoken"
        )
        || name == "_token"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_style_gives_the_same_words() {
        for name in [
            "reset_all",
            "reset-all",
            "resetAll",
            "RESET_ALL",
            "Reset All",
            "resetall",
        ] {
            assert_eq!(words(name), ["reset", "all"], "{name}");
        }
        assert_eq!(cased("JWTToken"), ["jwt", "token"]);
        assert_eq!(cased("oauth2Token"), ["oauth2", "token"]);
        assert_eq!(plain("X-API_Key"), "xapikey");
        assert_eq!(leaf("items[].id"), "id");
    }

    #[test]
    fn nouns_have_a_singular() {
        for (many, one) in [
            ("devices", "device"),
            ("Entries", "entry"),
            ("boxes", "box"),
            ("tax_classes", "tax_class"),
            ("data", "data"),
            ("status", "status"),
            ("address", "address"),
            ("basis", "basis"),
            ("ties", "tie"),
        ] {
            assert_eq!(singular(many), one);
        }
    }

    #[test]
    fn anti_forgery_fields_are_known_by_their_names() {
        for name in [
            "csrf_token",
            "_csrf",
            "csrfmiddlewaretoken",
            "authenticity_token",
            "X-XSRF-TOKEN",
            "__RequestVerificationToken",
            "_token",
        ] {
            assert!(is_csrf(name), "{name}");
        }
        assert!(!is_csrf("token"));
        assert!(!is_csrf("api_token"));
    }
}
