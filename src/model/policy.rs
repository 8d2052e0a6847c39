//! What may be sent: the question that every stage asks before it plans a request.
//!
//! This module checks the methods that the tester allows, and which operations look dangerous by
//! their name. Scope, rate and budget are checked in the HTTP client. What a logged-in scan must
//! not do is in `policy/account.rs`, and GETs that act in `policy/acts.rs`.

mod account;
mod acts;
mod learnt;
mod query;

pub use learnt::Learnt;
use query::{acting_pair, dangerous_field, dangerous_pair};
pub use query::{
    is_acting_name, is_acting_value, is_dangerous_field, is_dangerous_name, is_dangerous_value,
};

use regex::Regex;

use crate::surface::{EndpointId, Method, Surface};
use crate::target::{Target, spelling};
use crate::words::{self, is_in, words};

/// Separates tags, summary and operation id in [`crate::surface::Endpoint::summary`].
pub const SUMMARY_SEPARATOR: &str = " · ";

/// Words that say that an operation destroys something or ends the session.
///
/// Two adjacent words are also tried as one (`log-out`, `createDb`).
const DANGEROUS: [&str; 39] = [
    "clear",
    "createdb",
    "deactivate",
    "del",
    "delete",
    "destroy",
    "disable",
    "drop",
    "dropdb",
    "erase",
    "expunge",
    "factoryreset",
    "flush",
    "format",
    "initdb",
    "kill",
    "logoff",
    "logout",
    "nuke",
    "prune",
    "purge",
    "reboot",
    "reinit",
    "reinitialize",
    "remove",
    "reset",
    "resetdb",
    "restart",
    "revoke",
    "rm",
    "shutdown",
    "signoff",
    "signout",
    "terminate",
    "truncate",
    "uninstall",
    "unregister",
    "wipe",
    "wipedb",
];

/// Words that say that a POST updates what its path names, which others may have stored.
const CHANGES: [&str; 14] = [
    "amend",
    "archive",
    "change",
    "edit",
    "merge",
    "modify",
    "overwrite",
    "patch",
    "rename",
    "replace",
    "restore",
    "unarchive",
    "update",
    "upsert",
];

/// The parts of a scan's settings that the policy needs.
pub trait Limits {
    /// Returns the target, for its prefix.
    fn target(&self) -> &Target;
    /// Returns the methods that may be sent.
    fn methods(&self) -> &[Method];
    /// Returns patterns of `METHOD path` texts that are sent even though they look dangerous.
    fn allow(&self) -> &[Regex];
    /// Returns what answers have taught about which operations may be sent.
    fn learnt(&self) -> &Learnt;
    /// Returns whether requests carry the tester's own credentials.
    fn has_credentials(&self) -> bool;
}

/// Checks whether an operation may be sent.
///
/// # Errors
///
/// Returns the reason, in a few words for the report: a method that was not asked for; a name that
/// says that it deletes, resets or logs out, without a matching `--allow` pattern; a POST that is
/// an update (`POST /items/{id}/edit`); a GET that is named like an action or was seen to act. With
/// the tester's own credentials, also a name that says that it changes the account in use, moves
/// money or sends messages.
pub fn may_send(settings: &impl Limits, id: &EndpointId, summary: &str) -> Result<(), String> {
    if !settings.methods().contains(&id.method) {
        return Err(format!("{} needs --methods {0}", id.method));
    }
    // The server decodes a path before it uses it, so every spelling must pass.
    may_send_spelled(settings, id, summary)?;
    if !id.path.as_str().contains('%') {
        return Ok(());
    }
    // An encoded brace is not a placeholder.
    let marked = id.path.fill(|_| MARK.to_string());
    let Some(spellings) = spelling::decoded(&marked) else {
        return Err("its path is encoded too often to be judged".to_owned());
    };
    spellings.iter().skip(1).try_for_each(|path| {
        let path = path.replace(['{', '}'], "-").replace(MARK, "{id}");
        may_send_spelled(settings, &EndpointId::new(id.method, &path), summary)
    })
}

/// Replaces a placeholder. No URL contains it.
const MARK: char = '\u{1}';

/// Does the same as [`may_send`] for one spelling of a path.
fn may_send_spelled(settings: &impl Limits, id: &EndpointId, summary: &str) -> Result<(), String> {
    let danger = danger(id, summary).map(|word| ("looks dangerous", word));
    let harm = || {
        settings
            .has_credentials()
            .then(|| {
                account::harm(id, summary)
                    .or_else(|| settings.learnt().account(id).map(account::edits))
            })
            .flatten()
    };
    let act = || acts(settings, id);
    let update = || {
        let shown = || {
            let shows = names_one(id) && settings.learnt().edits(id);
            shows.then(|| "its form shows it".to_owned())
        };
        let word = updates(id, summary).or_else(shown)?;
        Some(("would change what is stored", word))
    };
    let Some((what, word)) = danger.or_else(harm).or_else(update).or_else(act) else {
        return Ok(());
    };
    if is_allowed(settings, id, "") {
        return Ok(());
    }
    let pattern = pattern(id, "");
    Err(format!("{what} ({word:?}); --allow '{pattern}' sends it"))
}

/// Returns why a GET is taken to act: it was seen to, or it is named after an action and does not
/// show that action's form.
fn acts(settings: &impl Limits, id: &EndpointId) -> Option<(&'static str, String)> {
    if settings.learnt().acted(id) {
        let seen = "it leads back to the page that linked it".to_owned();
        return Some(("is an action", seen));
    }
    let verb = acts::verb(id, settings.target().prefix())?;
    (!settings.learnt().shows_form(id)).then_some(("looks like an action", verb))
}

/// Returns whether a GET acts by its name alone, so that it matters whether its path takes POST.
pub fn is_named_like_an_action(settings: &impl Limits, id: &EndpointId) -> bool {
    id.method == Method::Get
        && danger(id, "").is_none()
        && !settings.learnt().acted(id)
        && acts(settings, id).is_some()
}

/// Does the same as [`may_send`], with the summary from the surface.
///
/// # Errors
///
/// The same as for [`may_send`].
pub fn may_send_known(
    settings: &impl Limits,
    surface: &Surface,
    id: &EndpointId,
) -> Result<(), String> {
    let known = surface.get(id);
    may_send(settings, id, known.map_or("", |known| &known.summary))
}

/// Replaces a placeholder when `--allow` patterns are matched, in addition to the placeholder
/// itself, since patterns are also written for the paths that are sent.
const ANY: &str = "1";

/// Returns whether a pattern matches an operation as written, or with its placeholders filled.
fn is_allowed(settings: &impl Limits, id: &EndpointId, query: &str) -> bool {
    let written = format!("{id}{query}");
    let filled = format!("{} {}{query}", id.method, id.path.fill(|_| ANY.to_owned()));
    let mut patterns = settings.allow().iter();
    patterns.any(|pattern| pattern.is_match(&written) || pattern.is_match(&filled))
}

/// Returns the `--allow` pattern that matches one operation, with any segment for its placeholders.
fn pattern(id: &EndpointId, query: &str) -> String {
    let path = id.path.fill(|_| MARK.to_string());
    let escaped = regex::escape(&format!("{} {path}{query}", id.method));
    // The pattern is printed in quotes, for a shell.
    let quoted = escaped.replace('\'', ".").replace(MARK, "[^/]+");
    format!("^{quoted}$")
}

/// Checks whether a query may be sent with an operation that may be sent.
///
/// # Errors
///
/// Returns the reason: a pair deletes, resets or logs out, and no `--allow` pattern matches it as
/// `METHOD path?name=value`; or a pair makes a GET act (`/archive?id=3`).
pub fn may_carry(
    settings: &impl Limits,
    id: &EndpointId,
    query: &[(String, String)],
) -> Result<(), String> {
    let decoded: Vec<(String, String)> = query
        .iter()
        .map(|(name, value)| (fully(name), fully(value)))
        .collect();
    let dangerous = dangerous_pair(query).or_else(|| dangerous_pair(&decoded));
    let what = if id.method.is_safe() {
        "looks like an action"
    } else {
        "would change what is stored"
    };
    let found = dangerous
        .map(|pair| ("looks dangerous", pair))
        .or_else(|| Some((what, acting_pair(id, &decoded)?)));
    let Some((what, (name, value))) = found else {
        return Ok(());
    };
    let pair = if value.is_empty() {
        name.clone()
    } else {
        format!("{name}={value}")
    };
    refuse_pair(settings, id, &pair, &format!("{what} ({pair:?})"))
}

/// Refuses a pair, unless an `--allow` pattern matches it as `METHOD path?name=value`.
fn refuse_pair(
    settings: &impl Limits,
    id: &EndpointId,
    pair: &str,
    why: &str,
) -> Result<(), String> {
    let text = format!("{id}?{pair}");
    if settings
        .allow()
        .iter()
        .any(|pattern| pattern.is_match(&text))
    {
        return Ok(());
    }
    Err(format!("{why}; --allow '{text}' sends it"))
}

/// Checks whether a body may be sent with an operation that may be sent.
///
/// It must not delete, reset or log out. A planned request never does; this is for unplanned ones.
///
/// # Errors
///
/// Returns the reason.
pub fn may_hold(settings: &impl Limits, id: &EndpointId, body: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(body).unwrap_or_default().trim_start();
    let pairs: Vec<(String, String)> = if text.starts_with('{') {
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).unwrap_or_default();
        let shown = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        let fields = fields.into_iter();
        fields.map(|(name, value)| (name, shown(value))).collect()
    } else {
        url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect()
    };
    let Some((name, value)) = dangerous_field(&pairs) else {
        return Ok(());
    };
    let why = format!("looks dangerous ({name:?} in its body)");
    refuse_pair(settings, id, &format!("{name}={value}"), &why)
}

/// Returns a text with every layer of percent-encoding undone.
fn fully(text: &str) -> String {
    let last = spelling::decoded(text).and_then(|mut levels| levels.pop());
    last.unwrap_or_else(|| text.to_owned())
}

/// Returns the word that makes an operation look dangerous.
pub fn danger(id: &EndpointId, summary: &str) -> Option<String> {
    if id.method == Method::Delete {
        return Some("DELETE".to_owned());
    }
    let reads = matches!(id.method, Method::Get | Method::Head);
    let topics = reads && !names_one(id);
    let tells = topics && acts::tells(id.path.as_str());
    says(id, summary, &DANGEROUS, &|segment, words| {
        // A segment that a server may read differently (`/logout;a`) is not a topic.
        acts::is_plain(segment)
            && (tells || (topics && acts::is_headline(words)) || is_harmless(words, reads))
    })
}

/// Things that `format` harms; elsewhere it is the way something is written.
const FORMATTED: [&str; 12] = [
    "all",
    "card",
    "data",
    "database",
    "db",
    "device",
    "disk",
    "disks",
    "drive",
    "partition",
    "sd",
    "volume",
];

/// Returns whether the dangerous word of a segment is harmless there.
fn is_harmless(words: &[String], reads: bool) -> bool {
    let has = |table: &[&str]| words.iter().any(|word| table.contains(&word.as_str()));
    let only = |one: &str| {
        let mut others = words.iter().filter(|word| *word != one);
        has(&[one]) && !others.any(|word| is_in(&DANGEROUS, word))
    };
    let formats = only("format") && !has(&FORMATTED);
    // The page that asks for a new password.
    formats || (reads && only("reset") && has(&["passwd", "password", "pw"]))
}

/// Returns the word that says that a POST updates the one thing that its path names.
///
/// Other methods say so by themselves; a path without an id is most often a form that creates
/// something.
fn updates(id: &EndpointId, summary: &str) -> Option<String> {
    (id.method == Method::Post && names_one(id))
        .then(|| says(id, summary, &CHANGES, &|_, _| false))
        .flatten()
}

/// Returns whether a path contains an id.
fn names_one(id: &EndpointId) -> bool {
    id.path.as_str().split('/').any(is_id)
}

/// Returns whether a segment is a placeholder or an id.
fn is_id(segment: &str) -> bool {
    segment.starts_with('{') || words::is_id(segment)
}

/// Returns a word of the path or the summary that is in a sorted table, except in spared segments.
fn says(
    id: &EndpointId,
    summary: &str,
    table: &[&str],
    spared: &dyn Fn(&str, &[String]) -> bool,
) -> Option<String> {
    let of_path = id
        .path
        .as_str()
        .split('/')
        .filter(|segment| !segment.starts_with('{'))
        .map(|segment| (segment, words(segment)))
        .filter(|(segment, words)| !spared(segment, words))
        .find_map(|(_, words)| word_of(&words, table));
    of_path.or_else(|| {
        summary.split(SUMMARY_SEPARATOR).find_map(|part| {
            if part.trim().contains(' ') {
                // A sentence: only its beginning says what the operation does.
                let first: Vec<String> = words(part)
                    .into_iter()
                    .filter(|word| !word.ends_with("ly"))
                    .take(2)
                    .collect();
                let verb = first.first().cloned().unwrap_or_default();
                word_of(&[verb], table).or_else(|| word_of(&[first.concat()], table))
            } else {
                word_of(&words(part), table)
            }
        })
    })
}

fn word_of(words: &[String], table: &[&str]) -> Option<String> {
    let single = words.iter().cloned();
    let pairs = words.windows(2).map(<[String]>::concat);
    single.chain(pairs).find(|word| is_in(table, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::target::Target;

    fn settings() -> Settings {
        Settings::new(Target::parse("http://h").unwrap())
    }

    fn sends(method: Method, path: &str, summary: &str) -> bool {
        let mut settings = settings();
        settings.methods = Method::ALL.to_vec();
        may_send(&settings, &EndpointId::new(method, path), summary).is_ok()
    }

    #[test]
    fn the_tables_are_sorted() {
        assert!(DANGEROUS.is_sorted());
        assert!(CHANGES.is_sorted());
    }

    #[test]
    fn a_post_that_updates_what_its_path_names_is_not_sent() {
        for path in [
            "/items/{id}/edit",
            "/update/{id}",
            "/7/update",
            "/notes/65a1b2c3d4e5f60718293a4b/rename",
        ] {
            assert!(!sends(Method::Post, path, ""), "{path}");
            assert!(sends(Method::Get, path, ""), "{path}");
            assert!(sends(Method::Put, path, ""), "{path}");
        }
        assert!(!sends(Method::Post, "/keys/{id}", "Update a key"));
        for path in [
            "/settings/update",
            "/items/{id}/comments",
            "/items/{update}",
            "/exchange/7",
            "/updates/7",
        ] {
            assert!(sends(Method::Post, path, ""), "{path}");
        }
    }

    #[test]
    fn a_path_that_deletes_resets_or_logs_out_is_not_sent() {
        for path in [
            "/logout",
            "/log-out",
            "/api/createdb",
            "/create_db",
            "/users/{id}/delete",
            "/resetAll",
            "/admin/wipeDatabase",
            "/sign_out",
            "/keys/REVOKE",
            "/v1/keys.purge",
        ] {
            assert!(!sends(Method::Get, path, ""), "{path}");
        }
        for path in [
            "/deletepost/{id}",
            "/userlogout",
            "/clear_cart",
            "/dbreset",
            "/blog/delete/{id}",
            "/logout;..;a=b/app",
            "/docs/{id}/remove",
            "/format-disk",
            "/reset",
            "/password/reset/all",
        ] {
            assert!(!sends(Method::Get, path, ""), "{path}");
        }
        assert!(!sends(Method::Post, "/reset_password", ""));
        for path in [
            "/articles/how-to-delete-x",
            "/blog/reset-your-router",
            "/docs/reset.html",
            "/api/format",
            "/format-text",
            "/reset_password_request",
            "/deleted",
            "/dropdown",
            "/resetting",
            "/login",
            "/keys",
            "/undelete",
            "/{delete}",
            "/clearance",
            "/form/at",
        ] {
            assert!(sends(Method::Get, path, ""), "{path}");
        }
    }

    #[test]
    fn a_summary_counts_by_what_it_says_first_and_an_operation_id_by_any_word() {
        assert!(!sends(Method::Post, "/x", "keys · Delete a key"));
        assert!(!sends(Method::Post, "/x", "Permanently remove everything"));
        assert!(!sends(Method::Post, "/x", "postPurgeKeys"));
        assert!(sends(Method::Post, "/x", "List keys, deleted ones too"));
        assert!(sends(Method::Post, "/x", "Create a key. Delete it later."));
    }

    #[test]
    fn the_delete_method_needs_both_switches() {
        let id = EndpointId::new(Method::Delete, "/keys/{id}");
        let mut settings = settings();
        assert!(
            may_send(&settings, &id, "")
                .unwrap_err()
                .contains("--methods")
        );
        settings.methods.push(Method::Delete);
        assert!(
            may_send(&settings, &id, "")
                .unwrap_err()
                .contains("--allow")
        );
        settings.allow = vec![Regex::new("^DELETE /keys/").unwrap()];
        assert!(may_send(&settings, &id, "").is_ok());
    }

    #[test]
    fn what_changes_the_account_in_use_is_sent_only_without_credentials_or_when_allowed() {
        let id = EndpointId::new(Method::Post, "/account/password");
        let mut settings = settings();
        assert!(may_send(&settings, &id, "").is_ok());
        settings.http.headers = vec![("Cookie".to_owned(), "session=s".to_owned())];
        let why = may_send(&settings, &id, "").unwrap_err();
        assert!(why.contains("change the account in use"), "{why}");
        assert!(why.contains("--allow '^POST /account/password$'"), "{why}");
        settings.allow = vec![Regex::new("^POST /account/password$").unwrap()];
        assert!(may_send(&settings, &id, "").is_ok());
        settings.allow.clear();
        settings.http.headers = vec![("X-Env".to_owned(), "staging".to_owned())];
        assert!(may_send(&settings, &id, "").is_ok());
    }

    #[test]
    fn the_pattern_that_is_suggested_allows_what_it_was_suggested_for() {
        for (template, concrete) in [
            ("/items/{id}/edit", "/items/7/edit"),
            ("/a.b-c/{x}/update", "/a.b-c/7/update"),
            ("/it's/{id}/update", "/it's/7/update"),
        ] {
            let [planned, sent] =
                [template, concrete].map(|path| EndpointId::new(Method::Post, path));
            let mut settings = settings();
            let why = may_send(&settings, &planned, "").unwrap_err();
            let pattern = why.split('\'').nth(1).unwrap();
            settings.allow = vec![Regex::new(pattern).unwrap()];
            assert!(may_send(&settings, &planned, "").is_ok(), "{pattern}");
            assert!(may_send(&settings, &sent, "").is_ok(), "{pattern}");
            let other = EndpointId::new(Method::Post, &format!("{concrete}/more"));
            assert!(may_send(&settings, &other, "").is_err(), "{pattern}");
        }
        let mut settings = settings();
        settings.allow = vec![Regex::new(r"^POST /items/\d+/edit$").unwrap()];
        let planned = EndpointId::new(Method::Post, "/items/{id}/edit");
        assert!(may_send(&settings, &planned, "").is_ok());
    }

    #[test]
    fn a_dangerous_query_goes_along_where_it_is_allowed() {
        let id = EndpointId::new(Method::Get, "/items");
        let query = [("action", "delete"), ("id", "5")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut settings = settings();
        let why = may_carry(&settings, &id, &query).unwrap_err();
        assert!(why.contains("action=delete"), "{why}");
        settings.allow = vec![Regex::new("^GET /items\\?action=delete$").unwrap()];
        assert!(may_carry(&settings, &id, &query).is_ok());
        settings.allow = vec![Regex::new("^GET /items$").unwrap()];
        assert!(may_carry(&settings, &id, &query).is_err());
    }

    #[test]
    fn an_encoded_path_is_judged_as_the_server_reads_it() {
        let mut settings = settings();
        for path in [
            "/items/de%6cete/3",
            "/%64elete",
            "/lo%67out",
            "/log%2dout",
            "/%256cogout",
            "/x/..%2flogout",
            "/x%2Freset%2Fall",
            "/%7Bdelete%7D",
        ] {
            let id = EndpointId::new(Method::Get, path);
            assert!(may_send(&settings, &id, "").is_err(), "{path}");
        }
        for path in [
            "/caf%C3%A9",
            "/a%20b",
            "/100%25",
            "/%7Bid%7D",
            "/undelete%20d",
        ] {
            let id = EndpointId::new(Method::Get, path);
            assert_eq!(may_send(&settings, &id, ""), Ok(()), "{path}");
        }
        // The suggested pattern allows it; a pattern for the encoded form alone does not.
        let id = EndpointId::new(Method::Get, "/items/de%6cete/3");
        let why = may_send(&settings, &id, "").unwrap_err();
        settings.allow = vec![Regex::new("de%6cete").unwrap()];
        assert!(may_send(&settings, &id, "").is_err());
        settings.allow = vec![Regex::new(why.split('\'').nth(1).unwrap()).unwrap()];
        assert_eq!(may_send(&settings, &id, ""), Ok(()));
    }

    #[test]
    fn an_encoded_query_is_judged_as_the_server_reads_it() {
        let id = EndpointId::new(Method::Get, "/items");
        let query = [("action".to_owned(), "de%6cete".to_owned())];
        assert!(may_carry(&settings(), &id, &query).is_err());
        let query = [("q".to_owned(), "de%6cete 100%".to_owned())];
        assert!(may_carry(&settings(), &id, &query).is_ok());
    }

    #[test]
    fn names_fall_into_words_in_every_case_style() {
        assert_eq!(words("resetAll_keys-now"), ["reset", "all", "keys", "now"]);
        assert_eq!(words("HTTPServerReset"), ["http", "server", "reset"]);
    }
}
