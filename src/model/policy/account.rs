//! What a scan with the tester's own credentials must not do as a side effect.
//!
//! This module has the words of operations that change the account in use, move money or send
//! messages. Operations that destroy something or log out, which no scan sends unasked, are in
//! `policy.rs`.
//!
//! Most of these words are nouns, and a GET of them shows a form or a list, so they count only if
//! the method writes. A few verbs count for every method.

use super::SUMMARY_SEPARATOR;
use crate::surface::EndpointId;
use crate::surface::Method;
use crate::words::{is_in, words};

/// Nouns for things that belong to an account; a write changes it.
const ACCOUNT: [&str; 19] = [
    "2fa",
    "2factor",
    "authenticator",
    "mfa",
    "multifactor",
    "myaccount",
    "myprofile",
    "otp",
    "passcode",
    "passkey",
    "passkeys",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "rotation",
    "totp",
    "twofactor",
    "webauthn",
];

/// Last segments that mean the account itself or a part of it.
const ITSELF: [&str; 14] = [
    "account",
    "avatar",
    "bio",
    "displayname",
    "me",
    "myaccount",
    "myprofile",
    "mysettings",
    "nickname",
    "preferences",
    "profile",
    "self",
    "settings",
    "username",
];

/// Verbs of an edit.
const EDITS: [&str; 8] = [
    "change", "edit", "manage", "modify", "patch", "save", "set", "update",
];

/// What an edit changes in the account in use: `edit_profile`, `/profile/edit`.
const EDITED: [&str; 16] = [
    "about",
    "account",
    "avatar",
    "bio",
    "details",
    "displayname",
    "me",
    "myaccount",
    "myprofile",
    "nickname",
    "preferences",
    "profile",
    "self",
    "settings",
    "user",
    "username",
];

/// Parts of the account or its settings that appear below it in a path; keys do too, but are not
/// parts.
const PARTS: [&str; 16] = [
    "about",
    "address",
    "avatar",
    "bio",
    "contact",
    "details",
    "general",
    "info",
    "language",
    "name",
    "personal",
    "phone",
    "picture",
    "preferences",
    "privacy",
    "theme",
];

/// Verbs that renew a key or close an account, with any method.
const ENDS: [&str; 10] = [
    "accountclose",
    "cancelaccount",
    "closeaccount",
    "deactivation",
    "regenerate",
    "reissue",
    "rekey",
    "rotate",
    "suspend",
    "unsubscribe",
];

/// Words of operations that move money.
const MONEY: [&str; 23] = [
    "buy",
    "charge",
    "charges",
    "checkout",
    "deposit",
    "deposits",
    "donate",
    "donation",
    "donations",
    "pay",
    "payment",
    "payments",
    "payout",
    "payouts",
    "purchase",
    "purchases",
    "refund",
    "refunds",
    "topup",
    "transfer",
    "transfers",
    "withdraw",
    "withdrawal",
];

/// Words of operations that send messages.
const MESSAGES: [&str; 17] = [
    "broadcast",
    "email",
    "emails",
    "invitation",
    "invitations",
    "invite",
    "invites",
    "mail",
    "mails",
    "message",
    "messages",
    "newsletter",
    "notification",
    "notifications",
    "resend",
    "send",
    "sms",
];

/// Verbs that send a message with any method.
const SENDS: [&str; 7] = [
    "notify",
    "resend",
    "sendemail",
    "sendinvitation",
    "sendinvite",
    "sendmail",
    "sendsms",
];

/// Verbs at the beginning of a summary that are followed by a noun that says what it does.
const VERBS: [&str; 21] = [
    "add", "change", "confirm", "create", "disable", "edit", "enable", "enrol", "enroll", "issue",
    "make", "modify", "new", "patch", "post", "replace", "send", "set", "start", "submit",
    "update",
];

/// Returns what an operation would do to the account in use, and the word that says so.
pub(super) fn harm(id: &EndpointId, summary: &str) -> Option<(&'static str, String)> {
    let writes = !id.method.is_safe();
    let segments: Vec<&str> = id
        .path
        .as_str()
        .split('/')
        .filter(|segment| !segment.is_empty() && !segment.starts_with('{'))
        .collect();
    let of_segment = segments
        .iter()
        .find_map(|segment| of_words(&words(segment), writes));
    // `/account/close` has in two segments what `close-account` has in one.
    let of_path = || {
        let all: Vec<String> = segments.iter().flat_map(|segment| words(segment)).collect();
        of_words(&all, writes)
    };
    let itself = || {
        let last = segments.last()?.to_ascii_lowercase();
        let changes = writes && id.method != Method::Delete && ITSELF.contains(&last.as_str());
        changes.then_some((CHANGES, last))
    };
    of_segment
        .or_else(of_path)
        .or_else(itself)
        .or_else(|| writes.then(|| edited(&segments)).flatten())
        .or_else(|| of_summary(summary, writes))
}

/// Returns the harm of an operation that was learnt to edit the account.
pub(super) fn edits(fact: String) -> (&'static str, String) {
    (CHANGES, fact)
}

/// Returns the words that say that a write edits the account in use: a verb next to it, or a part
/// below it.
fn edited(segments: &[&str]) -> Option<(&'static str, String)> {
    let all: Vec<Vec<String>> = segments.iter().map(|segment| words(segment)).collect();
    let flat: Vec<&str> = all.iter().flatten().map(String::as_str).collect();
    let beside = flat.windows(2).find(|two| {
        (is_in(&EDITS, two[0]) && is_in(&EDITED, two[1]))
            || (is_in(&EDITED, two[0]) && is_in(&EDITS, two[1]))
    });
    let below = || {
        let two = all.last_chunk::<2>()?;
        let (above, part) = (two[0].concat(), two[1].concat());
        let parts = is_in(&ITSELF, &above) && (is_in(&PARTS, &part) || is_in(&ITSELF, &part));
        parts.then(|| format!("{above} {part}"))
    };
    beside
        .map(|two| two.join(" "))
        .or_else(below)
        .map(|what| (CHANGES, what))
}

const CHANGES: &str = "would change the account in use";
const MOVES: &str = "would move money";
const MAILS: &str = "would send messages";

/// Returns the first word, or two adjacent words joined, that says what is done.
fn of_words(words: &[String], writes: bool) -> Option<(&'static str, String)> {
    let pairs = words.windows(2).map(<[String]>::concat);
    words
        .iter()
        .cloned()
        .chain(pairs)
        .find_map(|word| of_word(&word, writes).map(|what| (what, word)))
}

fn of_word(word: &str, writes: bool) -> Option<&'static str> {
    let is = |table: &[&str]| is_in(table, word);
    if is(&ENDS) {
        return Some(CHANGES);
    }
    if is(&SENDS) {
        return Some(MAILS);
    }
    if !writes {
        return None;
    }
    // `enable2FA` is one word.
    if is(&ACCOUNT) || word.ends_with("2fa") {
        return Some(CHANGES);
    }
    if is(&MONEY) {
        return Some(MOVES);
    }
    is(&MESSAGES).then_some(MAILS)
}

fn of_summary(summary: &str, writes: bool) -> Option<(&'static str, String)> {
    summary.split(SUMMARY_SEPARATOR).find_map(|part| {
        let all: Vec<String> = words(part)
            .into_iter()
            .filter(|word| !word.ends_with("ly"))
            .take(5)
            .collect();
        if !part.trim().contains(' ') {
            // An operation id; a tag alone names a topic, not an action.
            return (all.len() > 1).then(|| of_words(&all, writes)).flatten();
        }
        // A sentence: its beginning says what the operation does.
        let verb = all.first()?;
        if is_in(&VERBS, verb) {
            of_words(&all, writes)
        } else {
            of_words(&all[..1], writes)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harmful(method: Method, path: &str, summary: &str) -> bool {
        harm(&EndpointId::new(method, path), summary).is_some()
    }

    #[test]
    fn the_tables_are_sorted() {
        for table in [
            &ACCOUNT[..],
            &EDITED,
            &EDITS,
            &ENDS,
            &ITSELF,
            &MESSAGES,
            &MONEY,
            &PARTS,
            &SENDS,
            &VERBS,
        ] {
            assert!(table.is_sorted(), "{table:?}");
        }
    }

    #[test]
    fn a_write_that_changes_the_account_moves_money_or_sends_messages_is_harmful() {
        for path in [
            "/password",
            "/account/change-password",
            "/users/{id}/email",
            "/settings/e-mail",
            "/mfa/setup",
            "/api/enable2FA",
            "/two-factor",
            "/keys/{id}/rotate",
            "/rotateKey",
            "/account/close",
            "/closeAccount",
            "/api/me",
            "/profile",
            "/pay",
            "/wallet/transfer",
            "/orders/{id}/refund",
            "/checkout",
            "/payments",
            "/invite",
            "/sms/send",
            "/notifications",
            "/sendMail",
            "/edit_profile",
            "/updateProfile",
            "/profile/edit",
            "/settings",
            "/settings/profile",
            "/account/details",
            "/user/update",
            "/me/avatar",
            "/preferences",
        ] {
            assert!(harmful(Method::Post, path, ""), "{path}");
        }
    }

    #[test]
    fn other_writes_are_not() {
        for path in [
            "/login",
            "/keys",
            "/api/passwords",
            "/accounts",
            "/payloads",
            "/mailboxes",
            "/profiles/{id}/keys",
            "/transferred",
            "/{pay}",
            "/me/keys",
            "/settings/keys",
            "/users",
            "/notes/edit",
            "/profiles",
            "/emailed",
            "/autopayer",
        ] {
            assert!(!harmful(Method::Post, path, ""), "{path}");
        }
    }

    #[test]
    fn a_read_is_harmful_only_where_a_verb_says_so() {
        for path in ["/password", "/checkout", "/payments", "/me", "/messages"] {
            assert!(!harmful(Method::Get, path, ""), "{path}");
        }
        for path in [
            "/keys/rotate",
            "/account/close",
            "/resend",
            "/notify",
            "/send-mail",
        ] {
            assert!(harmful(Method::Get, path, ""), "{path}");
        }
    }

    #[test]
    fn a_summary_counts_by_what_it_begins_with_and_an_operation_id_by_any_word() {
        for summary in [
            "Change the password",
            "Create a transfer",
            "Refund an order",
            "Send an invitation",
            "billing · postPayment",
            "Rotate a key",
        ] {
            assert!(harmful(Method::Post, "/x", summary), "{summary}");
        }
        for summary in [
            "payments",
            "Create a key. Its holder gets an email.",
            "List payments",
            "Store a note about a refund",
        ] {
            assert!(!harmful(Method::Post, "/x", summary), "{summary}");
        }
    }
}
