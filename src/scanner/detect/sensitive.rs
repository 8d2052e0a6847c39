//! Records that show what only the server needs: passwords, their hashes, keys, secrets.
//!
//! Owns: which fields of which records are secret, and what makes them harmless. Leaves out: names
//! (`credential`), values (`value`), and canaries that come back (which have their own rules).
//!
//! One field proves little: catalogues, forms, specifications and validation messages have fields named
//! `password` too. So the value must look real, and the record must be a real one: it has an id or a
//! person's data, or is one of several of its kind. What an answer is *for* is not a fault: a login's
//! token, a new key shown once to its creator, what the caller has just sent.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::around::Records;
use super::placeholder::is_example_file;
use super::quoted::is_specification;
use super::record::{Origin, Record, Scalar, records};
use super::value::{ValueLook, look};
use crate::credential::{Credentials, Tier};
use crate::http::{Method, Request, Response};
use crate::login::hands_out_tokens;
use crate::words::{is_uuid, plain};

/// A field that shows secrets, across all records.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ShownField {
    /// `password` or `secret`: part of the fingerprint.
    pub(crate) class: &'static str,
    /// The field's path.
    pub(crate) field: String,
    /// The ranges of all its values.
    pub(crate) secrets: Vec<Range<usize>>,
}

/// Shorter values are codes or names, not keys.
const MIN_KEY: usize = 12;
/// The same for fields with weak names.
const MIN_WEAK: usize = 16;
/// Shorter values may appear in a request by chance.
const MIN_SENT: usize = 4;

/// Names of fields with data of a person or an account.
const IDENTITY: &[&str] = &[
    "email",
    "mail",
    "username",
    "user",
    "login",
    "name",
    "firstname",
    "lastname",
    "fullname",
    "displayname",
    "phone",
    "account",
    "accountname",
    "handle",
    "nickname",
    "userid",
    "role",
];
/// Names of the fields by which a record is found.
const IDS: &[&str] = &["id", "_id", "uuid", "pk", "oid", "guid", "uid"];
/// Weak names of values that are public although they are long: signatures, numbers, codes to look up.
const EVERYDAY: &[&str] = &[
    "signature",
    "sig",
    "code",
    "codes",
    "pin",
    "pins",
    "hmac",
    "private",
];
/// Words that describe a field's state instead of giving its value.
const STATES: &[&str] = &[
    "required", "optional", "hidden", "enabled", "disabled", "set", "unset", "changed", "valid",
    "invalid", "weak", "strong", "expired", "active", "inactive", "missing", "ok", "local", "text",
    "input", "any", "plain", "hashed", "bcrypt", "scrypt", "argon2", "ldap", "oauth", "saml",
];
/// Words in paths of pages that explain things to everyone.
const MANUALS: &[&str] = &[
    "docs",
    "doc",
    "documentation",
    "apidocs",
    "manual",
    "guide",
    "guides",
    "tutorial",
    "tutorials",
    "help",
    "faq",
    "reference",
    "examples",
    "example",
    "samples",
    "demo",
    "blog",
    "wiki",
    "learn",
    "developers",
];
/// Parts of a path that belong to a specification or an example.
const DESCRIBED: &[&str] = &[
    "properties",
    "schema",
    "schemas",
    "definitions",
    "components",
    "example",
    "examples",
    "errors",
    "fields",
    "form",
    "messages",
    "translations",
    "labels",
    "placeholders",
    "i18n",
];

/// Returns the fields of an answer that show secrets they should not. `is_ours` returns true for the
/// scan's own values, which have rules of their own.
pub(crate) fn sensitive(
    (request, response): (&Request, &Response),
    records: &Records<'_>,
    credentials: &Credentials,
    is_ours: &dyn Fn(&str) -> bool,
) -> Vec<ShownField> {
    if !(200..300).contains(&response.status)
        || is_specification(&records.text)
        || request.url.path().contains("/.well-known/")
        || is_example_file(request.url.path())
    {
        return Vec::new();
    }
    let path = request.url.path();
    let records = &records.all;
    let kinds = kinds(records);
    let sent = Sent::of(request);
    let mut found: BTreeMap<(String, &'static str), Vec<Range<usize>>> = BTreeMap::new();
    for record in records {
        if is_described(&record.path) || (record.origin.is_for_people() && is_manual(path)) {
            continue;
        }
        let among = kinds.get(&(record.path.as_str(), record.group));
        for field in &record.fields {
            let class = class_of(record, field, among, credentials);
            let Some(class) = class else { continue };
            // A login form that comes filled in does so on purpose.
            if record.origin == Origin::Controls && hands_out_tokens(path) {
                continue;
            }
            if sent.holds(&field.value) || is_ours(&field.value) {
                continue;
            }
            let several = among.is_some_and(|among| among.records > 1);
            if is_handed_out(request, response, field, several)
                && !(class == PASSWORD && is_hash(&field.value))
            {
                continue;
            }
            let path = if record.path.is_empty() {
                field.name.clone()
            } else {
                format!("{}.{}", record.path, field.name)
            };
            found
                .entry((path, class))
                .or_default()
                .push(field.span.clone());
        }
    }
    found
        .into_iter()
        .map(|((field, class), secrets)| ShownField {
            class,
            field,
            secrets,
        })
        .collect()
}

/// Returns true for a field if a second answer has different values in it, and different ids in its
/// records: they are generated for each answer and give no access.
pub(crate) fn minted(first: &Response, second: &Response, field: &str) -> bool {
    let ((ids, values), (later_ids, later_values)) = (told(first, field), told(second, field));
    !values.is_empty()
        && !later_values.is_empty()
        && values.is_disjoint(&later_values)
        && ids.is_disjoint(&later_ids)
}

/// Returns the ids of the records that have a field, and the values of the field.
fn told(response: &Response, field: &str) -> (HashSet<String>, HashSet<String>) {
    let (mut ids, mut values) = (HashSet::new(), HashSet::new());
    for record in records("", &response.text(), response) {
        let name = match field.strip_prefix(&record.path) {
            Some(rest) => rest.strip_prefix('.').unwrap_or(rest),
            None => continue,
        };
        let known = values.len();
        let shown = record.fields.iter().filter(|one| one.name == name);
        values.extend(shown.map(|one| one.value.clone()));
        if values.len() > known {
            let named = |one: &&Scalar| IDS.contains(&one.name.as_str());
            ids.extend(
                record
                    .fields
                    .iter()
                    .filter(named)
                    .map(|one| one.value.clone()),
            );
        }
    }
    (ids, values)
}

const PASSWORD: &str = "password";
const SECRET: &str = "secret";

/// The records of one path.
#[derive(Default)]
struct Kin<'r> {
    records: usize,
    /// The distinct values of each field.
    values: BTreeMap<&'r str, HashSet<&'r str>>,
}

fn kinds(records: &[Record]) -> BTreeMap<(&str, usize), Kin<'_>> {
    let mut kinds: BTreeMap<(&str, usize), Kin<'_>> = BTreeMap::new();
    for record in records {
        let kin = kinds.entry((&record.path, record.group)).or_default();
        kin.records += 1;
        for field in &record.fields {
            kin.values
                .entry(&field.name)
                .or_default()
                .insert(&field.value);
        }
    }
    kinds
}

/// Returns the class of a field that shows a secret.
fn class_of(
    record: &Record,
    field: &Scalar,
    among: Option<&Kin<'_>>,
    credentials: &Credentials,
) -> Option<&'static str> {
    if !field.text {
        return None;
    }
    let value = field.value.trim();
    let looks = look(value);
    let state = STATES.contains(&value.to_ascii_lowercase().as_str());
    if looks < ValueLook::Word || state || is_public(value) || is_sentence(value) {
        return None;
    }
    let tier = credentials.tier(&field.name);
    let differs = among
        .and_then(|among| among.values.get(field.name.as_str()))
        .is_some_and(|values| values.len() > 1);
    let identity = identity(record);
    let joined = plain(&field.name);
    match tier {
        Tier::Never => None,
        _ if is_password(&joined) => {
            let real = is_hash(value) || looks == ValueLook::Secret;
            // A word may be a label of a form, unless the record clearly belongs to a person. A control
            // that comes filled in shows by itself that the value is in use.
            let shown = if real {
                identity != Identity::None || differs || record.origin == Origin::Controls
            } else if record.origin.is_for_people() && joined.contains("passcode") {
                // Meetings have passcodes, meant for whoever reads about them.
                false
            } else {
                identity == Identity::Proven || (differs && identity == Identity::Named)
            };
            (shown && !repeats(record, field)).then_some(PASSWORD)
        }
        Tier::Strong => {
            let word_and_number = value.bytes().any(|byte| byte.is_ascii_digit())
                && value.bytes().any(|byte| byte.is_ascii_alphabetic());
            let real = looks == ValueLook::Secret
                || (word_and_number && identity == Identity::Proven && !is_place(value));
            // Pages have keys of their own for maps, search and the like.
            let kept = !matches!(record.origin, Origin::Script | Origin::Lines)
                || identity != Identity::None
                || among.is_some_and(|among| among.records > 1)
                || joined.contains("secret")
                || joined.contains("private");
            (value.len() >= MIN_KEY && real && kept && !is_place(value)).then_some(SECRET)
        }
        // Forms carry tokens from page to page.
        Tier::Weak if record.origin == Origin::Controls => None,
        Tier::Weak => {
            let known = identity != Identity::None || among.is_some_and(|among| among.records > 1);
            let lookup = record
                .fields
                .iter()
                .any(|other| matches!(other.name.as_str(), "value" | "text"));
            let real = value.len() >= MIN_WEAK
                && looks == ValueLook::Secret
                && !is_place(value)
                && !is_identifier(value);
            let everyday = EVERYDAY.iter().any(|end| joined.ends_with(end));
            (known && real && !lookup && !everyday).then_some(SECRET)
        }
    }
}

/// How certainly a record is one of a person or a thing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Identity {
    None,
    /// It has fields with such names.
    Named,
    /// One of those fields holds an address or an id.
    Proven,
}

fn identity(record: &Record) -> Identity {
    let mut found = Identity::None;
    for field in &record.fields {
        let name = plain(&field.name);
        let named = IDENTITY.contains(&name.as_str());
        let id = IDS.contains(&field.name.as_str()) || name == "id";
        let value = field.value.as_str();
        let address = named
            && value
                .split_once('@')
                .is_some_and(|(_, host)| host.contains('.'));
        if address || (id && is_id(value, field.text)) {
            return Identity::Proven;
        }
        if named && field.text && !value.is_empty() {
            found = Identity::Named;
        }
    }
    found
}

/// Returns true for a number, an `ObjectId`, a UUID, or another id with digits.
fn is_id(value: &str, text: bool) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits > 0 && (!text || digits == value.len() || value.len() >= 8)
}

/// Returns true if the value equals the field's name or the value of another field of the record:
/// `"password": "password"`, labels.
fn repeats(record: &Record, field: &Scalar) -> bool {
    plain(&field.value) == plain(&field.name)
        || record.fields.iter().any(|other| {
            other.name != field.name
                && other.value == field.value
                && !is_password(&plain(&other.name))
        })
}

fn is_password(joined: &str) -> bool {
    [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "passcode",
        "passwort",
        "pwhash",
    ]
    .iter()
    .any(|word| joined.contains(word))
}

/// Returns true for `$2b$…`, `pbkdf2:sha256:…`, `scrypt:…`, `{SSHA}…`, or a digest in hexadecimal.
fn is_hash(value: &str) -> bool {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let scheme = [
        "$2", "$argon2", "$5$", "$6$", "$1$", "pbkdf2", "scrypt:", "sha256$", "sha1$", "{SSHA",
    ]
    .iter()
    .any(|begin| value.starts_with(begin));
    (scheme && value.len() >= 20) || (hex && matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128))
}

/// Returns true for keys that services issue for use in browsers, and for the public half of a key
/// pair.
fn is_public(value: &str) -> bool {
    [
        "pk_live_",
        "pk_test_",
        "pk.",
        "AIza",
        "ssh-",
        "ecdsa-",
        "-----BEGIN PUBLIC",
        "-----BEGIN CERT",
    ]
    .iter()
    .any(|begin| value.starts_with(begin))
}

fn is_sentence(value: &str) -> bool {
    value.split_whitespace().count() > 1 && !value.starts_with("-----BEGIN")
}

/// Returns true for the address of something else: a URI, a path, a file in a store.
fn is_place(value: &str) -> bool {
    value.contains("://")
        || value.starts_with(['/', '.', '#'])
        || value
            .rsplit_once('.')
            .is_some_and(|(before, end)| before.contains('/') && (1..=5).contains(&end.len()))
}

/// Returns true for a UUID, an `ObjectId` or a blockchain address, which is as often a name as a key.
fn is_identifier(value: &str) -> bool {
    let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_uuid(value) || (value.len() == 24 && hex(value)) || value.starts_with("0x")
}

/// Returns true for a token where tokens are handed out, and for anything new that is shown to the
/// client that requested it.
fn is_handed_out(request: &Request, response: &Response, field: &Scalar, several: bool) -> bool {
    let asks = matches!(request.method, Method::Get | Method::Head);
    if !asks || response.status == 201 {
        // A single record is the one just created or changed; a list of them comes from a search.
        return !several;
    }
    let token = plain(&field.name);
    // A login returns one token; several are a list of them.
    !several
        && hands_out_tokens(request.url.path())
        && (token.ends_with("token") || token.ends_with("jwt") || token == "session")
}

/// Returns true for the path of a page that explains things.
fn is_manual(path: &str) -> bool {
    has_word(path, MANUALS)
}

fn has_word(path: &str, words: &[&str]) -> bool {
    path.to_ascii_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .any(|word| words.contains(&word))
}

fn is_described(path: &str) -> bool {
    path.split(['.', '[', ']'])
        .any(|part| DESCRIBED.contains(&part.to_ascii_lowercase().as_str()))
}

/// What the request carried, as written and decoded.
struct Sent(Vec<String>);

impl Sent {
    fn of(request: &Request) -> Self {
        let decoded = |text: &str| {
            let plain = text.replace('+', " ");
            [percent_decode_str(text), percent_decode_str(&plain)]
                .map(|bytes| bytes.decode_utf8_lossy().into_owned())
        };
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let mut sent = Vec::from(decoded(request.url.as_str()));
        sent.extend(decoded(&body));
        sent.push(body.replace("\\\"", "\"").replace("\\/", "/"));
        sent.extend(request.headers.iter().map(|(_, value)| value.clone()));
        Self(sent)
    }

    fn holds(&self, value: &str) -> bool {
        value.len() >= MIN_SENT && self.0.iter().any(|sent| sent.contains(value))
    }
}

#[cfg(test)]
mod tests;
