//! Examples of probes, and the transformations of the canary in them.
//!
//! Owns: the compiled forms of an example, and [`expand`]. Leaves out: running them (`check`).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use url::Url;

use crate::http::{Method, Response};
use crate::surface::Place;

/// An answer, or several, on which a probe must give the right verdict.
#[derive(Clone, Debug)]
pub enum Example {
    /// One answer, for static detectors.
    Static {
        /// The URL that was requested.
        url: Url,
        /// The answer.
        response: Response,
        /// What the example shows.
        why: String,
    },
    /// The answer to a canary; `{{canary}}` in its headers and body stands for the canary (see
    /// [`expand`]).
    Canary {
        /// Where the canary went in.
        place: Place,
        /// The input that took it.
        input: String,
        /// True when the answer belongs to another operation, whose request does not carry the canary.
        elsewhere: bool,
        /// The URL that was requested.
        url: Url,
        /// The answer, not yet expanded.
        response: Response,
        /// What the example shows.
        why: String,
    },
    /// The answers of one operation to different values of an input.
    Differential {
        /// The place of the input.
        place: Place,
        /// The input.
        input: String,
        /// The operation's method.
        method: Method,
        /// The operation's path.
        path: String,
        /// Answers by the name of a step, or of one of its forms; `{{canary}}` stands for the value
        /// that was sent.
        answers: BTreeMap<String, Response>,
        /// Rules with a confirmed finding from the same input.
        found: Vec<String>,
        /// What the example shows.
        why: String,
    },
}

/// Replaces every `{{canary}}` and `{{canary:FORM}}` with a canary. Forms: `url` (every character
/// percent-encoded), `upper`, `base64`, `hex`, `html` and `json` (every character escaped), `reversed`,
/// `sha256`, and `session` (a Flask session cookie with the canary as its `key`).
///
/// # Errors
///
/// Returns a message if a form is unknown, or if a `{{canary` is not closed.
pub fn expand(template: &str, canary: &str) -> Result<String, String> {
    const BEGIN: &str = "{{canary";
    let mut whole = String::with_capacity(template.len() + canary.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        whole.push_str(before);
        let Some((form, behind)) = after.split_once("}}") else {
            return Err("a {{canary without its }}".to_owned());
        };
        whole.push_str(&disguise(form.trim_start_matches(':'), canary)?);
        rest = behind;
    }
    whole.push_str(rest);
    Ok(whole)
}

fn disguise(form: &str, canary: &str) -> Result<String, String> {
    let each = |make: &dyn Fn(char) -> String| canary.chars().map(make).collect::<String>();
    Ok(match form {
        "" => canary.to_owned(),
        "url" => match utf8_percent_encode(canary, NON_ALPHANUMERIC).to_string() {
            // A canary of letters and digits contains nothing that must be encoded, so encode
            // everything.
            same if same == canary => each(&|letter| format!("%{:02x}", u32::from(letter))),
            encoded => encoded,
        },
        "upper" => canary.to_uppercase(),
        "base64" => STANDARD.encode(canary),
        "hex" => hex(canary.as_bytes()),
        "html" => each(&|letter| format!("&#{};", u32::from(letter))),
        "json" => each(&|letter| format!("\\u{:04x}", u32::from(letter))),
        "reversed" => canary.chars().rev().collect(),
        "sha256" => hex(Sha256::digest(canary).as_slice()),
        "session" => {
            let payload = serde_json::json!({ "key": canary }).to_string();
            // The signature is never read: it has itsdangerous' form, but was not made with a key.
            let payload = URL_SAFE_NO_PAD.encode(payload);
            format!("{payload}.aGVsbG8.bm90LWEtc2lnbmF0dXJlLW9mLWFueQ")
        }
        other => return Err(format!("{{{{canary:{other}}}}} is no form of a canary")),
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_put_in() {
        for (template, expected) in [
            ("no canary", "no canary"),
            ("<{{canary}}|{{canary}}>", "<k7|k7>"),
            ("{{canary:url}}", "%6b%37"),
            ("{{canary:upper}}", "K7"),
            ("{{canary:base64}}", "azc="),
            ("{{canary:hex}}", "6b37"),
            ("{{canary:html}}", "&#107;&#55;"),
            ("{{canary:json}}", "\\u006b\\u0037"),
            ("{{canary:reversed}}", "7k"),
        ] {
            assert_eq!(expand(template, "k7").unwrap(), expected);
        }
        assert_eq!(expand("{{canary:sha256}}", "k7").unwrap().len(), 64);
        assert!(
            expand("{{canary:session}}", "k7")
                .unwrap()
                .starts_with("eyJrZXkiOiJrNyJ9.")
        );
    }

    #[test]
    fn an_unknown_form_is_an_error() {
        assert!(
            expand("{{canary:rot13}}", "k7")
                .unwrap_err()
                .contains("rot13")
        );
        assert!(expand("{{canary", "k7").is_err());
    }
}
