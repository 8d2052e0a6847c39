//! Reads what an answer says about the values that it was sent: that one is invalid, or does not
//! exist.
//!
//! Owns: reading this from a short answer. Leaves out: what it means for an input (`credential`).

use crate::http::Response;
use crate::ledger::Reaction;

/// The most bytes of such an answer. A longer one is a page about other things.
const SHORT: usize = 4 << 10;

/// Words that say a credential is not accepted.
const DOUBTS: &[&str] = &[
    "invalid",
    "expired",
    "not valid",
    "unauthorized",
    "unauthorised",
    "denied",
    "incorrect",
    "wrong",
    "revoked",
    "forbidden",
    "not accepted",
    "not recognised",
    "not recognized",
    "rejected",
];

/// What such words must be about.
const OF: &[&str] = &[
    "key",
    "token",
    "code",
    "pin",
    "session",
    "ticket",
    "credential",
    "signature",
    "auth",
    "pass",
    "access",
    "secret",
];

/// Words that say nothing was found.
const MISSING: &[&str] = &[
    "not found",
    "no such",
    "does not exist",
    "doesn't exist",
    "unknown",
    "nothing found",
    "no result",
    "no match",
    "could not find",
    "cannot find",
];

/// Reads what an answer says.
pub(super) fn said(response: &Response) -> Reaction {
    let text = match response.status {
        401 | 403 => return Reaction::Doubted,
        _ if response.body.len() > SHORT => String::new(),
        _ => response.text().to_lowercase(),
    };
    let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if holds(DOUBTS) && holds(OF) {
        Reaction::Doubted
    } else if matches!(response.status, 404 | 410) || holds(MISSING) {
        Reaction::Missing
    } else {
        Reaction::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_a_value_is_invalid_or_unknown() {
        let rows = [
            (401, "", Reaction::Doubted),
            (403, "x", Reaction::Doubted),
            (400, r#"{"error": "Invalid token"}"#, Reaction::Doubted),
            (200, "<p>This code has expired.</p>", Reaction::Doubted),
            (400, r#"{"error": "invalid date"}"#, Reaction::Nothing),
            (404, "unknown or expired ticket", Reaction::Doubted),
            (404, "", Reaction::Missing),
            (200, r#"{"error": "No such song"}"#, Reaction::Missing),
            (200, r#"{"status": "ok"}"#, Reaction::Nothing),
        ];
        for (status, body, expected) in rows {
            assert_eq!(
                said(&Response::of(status, &[], body)),
                expected,
                "{status} {body}"
            );
        }
        let page = format!("invalid key {}", "x".repeat(SHORT));
        assert_eq!(said(&Response::of(200, &[], &page)), Reaction::Nothing);
    }
}
