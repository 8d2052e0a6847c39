//! The tester's own credentials, as distinct from those of others.
//!
//! Owns: recognising them in an answer, as they were supplied, in part, and encoded. Leaves out:
//! masking them (`redact`), and what a request carries in clear (`sensitive`).

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::auth::Vault;

/// Shorter values could be anyone's.
const MIN_VALUE: usize = 4;
/// The minimum length at which part of a value is not mistaken for a word.
const MIN_PART: usize = 12;

/// What the tester supplied, and what logins have obtained so far.
#[derive(Clone, Debug, Default)]
pub struct Own {
    given: Vec<String>,
    vault: Vault,
}

impl Own {
    /// Collects the headers sent with every request, the base URL's userinfo and query, and the vault.
    pub fn new(headers: &[(String, String)], base: &Url, vault: &Vault) -> Self {
        let mut given: Vec<String> = headers.iter().map(|(_, value)| value.clone()).collect();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        given.extend(base.password().map(decoded));
        given.extend(base.query_pairs().map(|(_, value)| value.into_owned()));
        Self {
            given,
            vault: vault.clone(),
        }
    }

    /// Returns true if the value is one of them.
    pub(crate) fn holds(&self, value: &str) -> bool {
        let value = value.trim();
        if value.len() < MIN_VALUE {
            return false;
        }
        let stored = self.vault.all();
        let mut known = HashSet::new();
        for secret in self.given.iter().chain(&stored) {
            parts(secret, &mut known);
        }
        known.contains(value)
            || known.iter().any(|own| {
                let part = value.len() >= MIN_PART && own.contains(value);
                part || (own.len() >= MIN_PART && value.contains(own.as_str()))
            })
            || decodings(value).iter().any(|plain| known.contains(plain))
    }
}

/// Adds a credential and its parts: without a scheme, from a cookie or a basic pair, decoded.
fn parts(secret: &str, known: &mut HashSet<String>) {
    let mut add = |part: &str| {
        let part = part.trim().trim_matches('"');
        if part.len() >= MIN_VALUE {
            known.insert(part.to_owned());
        }
    };
    add(secret);
    for piece in secret.split([';', ' ', ',']) {
        add(piece);
        if let Some((_, value)) = piece
            .split_once('=')
            .filter(|(_, value)| !value.trim_matches('=').is_empty())
        {
            add(value);
        }
        for plain in decodings(piece) {
            if let Some((_, password)) = plain.split_once(':') {
                add(password);
            }
            add(&plain);
        }
    }
}

/// Returns the texts that a value may be an encoding of.
fn decodings(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let percent = percent_decode_str(value).decode_utf8_lossy();
    if percent != value {
        found.push(percent.into_owned());
    }
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        if let Ok(bytes) = engine.decode(value)
            && let Ok(text) = String::from_utf8(bytes)
        {
            found.push(text);
        }
    }
    let pairs: Option<Vec<u8>> = value
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    if let Some(text) = pairs.and_then(|bytes| String::from_utf8(bytes).ok()) {
        found.push(text);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&str, &str)], base: &str, vault: &[&str]) -> Own {
        let headers: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let kept = Vault::default();
        for secret in vault {
            kept.keep(secret);
        }
        Own::new(&headers, &Url::parse(base).unwrap(), &kept)
    }

    #[test]
    fn the_testers_credentials_are_known_in_every_form() {
        let token = "8f1c0aa97d3e4b6c9a21";
        for own in [
            own(
                &[("Authorization", "Token 8f1c0aa97d3e4b6c9a21")],
                "http://h/",
                &[],
            ),
            own(&[("x-api-key", token)], "http://h/", &[]),
            own(
                &[("Cookie", "a=b; sid=8f1c0aa97d3e4b6c9a21")],
                "http://h/",
                &[],
            ),
            own(
                &[(
                    "Authorization",
                    &format!("Basic {}", STANDARD.encode(format!("ann:{token}"))),
                )],
                "http://h/",
                &[],
            ),
            own(&[], "http://ann:8f1c0aa97d3e4b6c9a21@h/", &[]),
            own(&[], "http://h/?key=8f1c0aa97d3e4b6c9a21", &[]),
            own(&[], "http://h/", &["Bearer 8f1c0aa97d3e4b6c9a21"]),
        ] {
            for value in [
                token.to_owned(),
                STANDARD.encode(token),
                URL_SAFE_NO_PAD.encode(token),
                "3866316330616139376433653462366339613231".to_owned(),
                format!("Token {token}"),
            ] {
                assert!(own.holds(&value), "{value} {own:?}");
            }
            for other in [
                "41d7be0c92fa48de8b63",
                "8f1c",
                "",
                "a",
                "8f1c0aa97d3e4b6c9a22",
            ] {
                assert!(!own.holds(other), "{other}");
            }
        }
    }
}
