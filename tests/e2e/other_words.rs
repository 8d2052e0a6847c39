//! The twins with other words in place of all those that a scanner could be tuned to: the findings
//! are the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::app::{Application, root};
use crate::twins::assert_all_found;

/// Other words for all those that a scanner could be tuned to.
const WORDS: &[(&str, &str)] = &[
    ("unknown key", "nobody holds"),
    ("the form has expired", "that page is too old"),
    ("Keep the key", "Note it down"),
    ("You came in with", "Your pass reads"),
    ("partners", "suppliers"),
    ("notes", "memos"),
    ("webhooks", "callbacks"),
    ("reports", "digests"),
    ("keys", "passes"),
    ("account", "me"),
    ("ops", "backstage"),
    ("tools", "bench2"),
    ("search", "find_it"),
    ("register", "enlist"),
    ("lookup", "whois"),
    ("enter", "arrive"),
    ("welcome", "hall"),
    ("preferences", "tastes"),
    ("draft", "sketch"),
    ("remember", "retain"),
    ("summary", "overview"),
    ("monthly", "quarterly"),
    ("fingerprint", "imprint"),
    ("exchange", "barter"),
    ("audit", "journal"),
    ("backup", "vault_copy"),
    ("convert", "translate_it"),
    ("ledger", "register_book"),
    ("quote", "estimate"),
    ("api_key", "license_key"),
    ("token", "auth_code"),
    ("access_key", "api_secret"),
    ("shared_secret", "signing_secret"),
    ("client_secret", "app_password"),
    ("ledger_key", "book_secret"),
    ("promo_secret", "coupon_secret"),
    ("partner_token", "supplier_jwt"),
    ("X-Partner-Key", "X-Supplier-Token"),
    ("partner_id", "supplier_id"),
    ("partner_name", "supplier_title"),
    ("contact_email", "mail_to"),
    ("headline", "topic"),
    ("passage", "paragraph"),
    ("target_url", "hook_address"),
    ("event", "occasion"),
    ("cover_letter", "introduction"),
    ("nickname", "handle_name"),
    ("language", "tongue"),
    ("amount", "sum_of"),
    ("currency", "money"),
    ("holder", "owner_name"),
    ("promotion", "bargain"),
    ("sealed", "wrapped"),
    ("q", "needle"),
];

#[test]
fn the_same_is_found_when_every_word_of_the_twins_is_another() {
    let folder = in_other_words();
    let found = renamed_twin(&folder, "vulnerable").scan();
    assert_all_found(&found, |fault| {
        let words: Vec<String> = fault.split(' ').map(renamed).collect();
        words.join(" ")
    });
    let found = renamed_twin(&folder, "repaired").scan();
    assert_eq!(found.above_info(), [""; 0]);
}

/// Returns a copy of the twins in other words.
fn in_other_words() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples/twins"), folder.path(), WORDS);
    folder
}

fn renamed_twin(folder: &TempDir, name: &str) -> Application {
    let twin = Application::of(folder.path(), name);
    twin.packages("examples/twins/requirements.txt").database()
}

/// Copies a folder with whole words replaced in every text file.
fn copy(from: &Path, to: &Path, words: &[(&str, &str)]) {
    let table: BTreeMap<&str, &str> = words.iter().copied().collect();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() == "__pycache__" {
                continue;
            }
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target, words);
        } else {
            match fs::read_to_string(entry.path()) {
                Ok(text) => fs::write(&target, replace(&text, &table)).unwrap(),
                Err(_) => {
                    fs::copy(entry.path(), &target).unwrap();
                }
            }
        }
    }
}

/// Replaces whole words (not beside a letter, digit, `_` or `-`), longest first.
fn replace(text: &str, table: &BTreeMap<&str, &str>) -> String {
    if table.is_empty() {
        return text.to_owned();
    }
    let mut words: Vec<&str> = table.keys().copied().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let escaped: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
    let pattern = regex::Regex::new(&format!("(?:{})", escaped.join("|"))).unwrap();
    let beside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_-".contains(c));
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for found in pattern.find_iter(text) {
        let before = text[..found.start()].chars().next_back();
        let after = text[found.end()..].chars().next();
        let whole = !beside(before) && !beside(after);
        out.push_str(&text[last..found.start()]);
        out.push_str(if whole {
            table[found.as_str()]
        } else {
            found.as_str()
        });
        last = found.end();
    }
    out.push_str(&text[last..]);
    out
}

/// Translates a word of a fault's line with the table; header names there are in lower case.
fn renamed(word: &str) -> String {
    let table = |part: &str| {
        let found = WORDS.iter().find(|(old, _)| old.eq_ignore_ascii_case(part));
        let new = found.map_or(part, |(_, new)| new);
        if part.starts_with("x-") {
            new.to_ascii_lowercase()
        } else {
            new.to_owned()
        }
    };
    // The words in a rule's id are its own.
    if ["authentication/", "data-exposure/", "input-validation/"]
        .iter()
        .any(|c| word.starts_with(c))
    {
        return word.to_owned();
    }
    let mut out = String::new();
    let mut part = String::new();
    for c in word.chars() {
        if c.is_alphanumeric() || c == '_' || c == '-' {
            part.push(c);
        } else {
            out.push_str(&table(&part));
            out.push(c);
            part.clear();
        }
    }
    out.push_str(&table(&part));
    out
}
