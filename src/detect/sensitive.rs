//! Records that show what only the server needs: passwords, their hashes, keys, secrets.
//!
//! Owns: which fields of which records are such, and what makes them everyday. Leaves out: names
//! (`credential`), values (`value`), and a canary that comes back (its own rules).
//!
//! One field proves little: catalogues, forms, specifications and validation messages have fields
//! named `password` too. So the value must be real and the record must be one: it has an id, or a
//! person's data, or stands among others of its kind. What an answer is *for* is no fault: a
//! login's token, a new key told once to its creator, what the caller has just sent.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::quoted::is_specification;
use super::record::{Origin, Record, Scalar, records};
use super::statics::is_example_file;
use super::value::{Look, look};
use crate::credential::{Credentials, Tier};
use crate::http::{Method, Request, Response};

/// A field that shows secrets, over all records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// `password` or `secret`: part of the fingerprint.
    pub(super) class: &'static str,
    /// The field's path.
    pub(super) field: String,
    /// Every value.
    pub(super) secrets: Vec<Range<usize>>,
}

/// A key that is shorter is a code or a name.
const MIN_KEY: usize = 12;
/// The same under a weak name.
const MIN_WEAK: usize = 16;
/// A shorter value stands in a request by chance.
const MIN_SENT: usize = 4;

/// Names of a person's or an account's data.
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
/// Names of what a record is found by.
const IDS: &[&str] = &["id", "_id", "uuid", "pk", "oid", "guid", "uid"];
/// Weak names of what is public although it is long: what is signed, numbered or looked up.
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
/// Paths of operations that hand out tokens.
const LOGINS: &[&str] = &[
    "login",
    "signin",
    "token",
    "tokens",
    "auth",
    "oauth",
    "authenticate",
    "session",
    "sessions",
    "refresh",
    "authorize",
    "callback",
    "register",
    "signup",
];
/// What is said about a field instead of its value.
const STATES: &[&str] = &[
    "required", "optional", "hidden", "enabled", "disabled", "set", "unset", "changed", "valid",
    "invalid", "weak", "strong", "expired", "active", "inactive", "missing", "ok", "local", "text",
    "input", "any", "plain", "hashed", "bcrypt", "scrypt", "argon2", "ldap", "oauth", "saml",
];
/// Paths of pages that explain to everybody.
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

/// The fields of an answer that show what they should not. `is_ours` tells the scan's own values,
/// which have rules of their own.
pub(super) fn sensitive(
    request: &Request,
    response: &Response,
    credentials: &Credentials,
    is_ours: &dyn Fn(&str) -> bool,
) -> Vec<Shown> {
    let text = response.text();
    if !(200..300).contains(&response.status)
        || is_specification(&text)
        || request.url.path().contains("/.well-known/")
        || is_example_file(request.url.path())
    {
        return Vec::new();
    }
    let path = request.url.path();
    let records = records(path, &text, response);
    let kinds = kinds(&records);
    let sent = Sent::of(request);
    let mut found: BTreeMap<(String, &'static str), Vec<Range<usize>>> = BTreeMap::new();
    for record in &records {
        if is_described(&record.path) || (record.origin == Origin::Shown && is_manual(path)) {
            continue;
        }
        let among = kinds.get(&(record.path.as_str(), record.group));
        for field in &record.fields {
            let class = class_of(record, field, among, credentials);
            let Some(class) = class else { continue };
            // A login form that comes filled in is meant to be.
            if record.origin == Origin::Controls && is_login(path) {
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
        .map(|((field, class), secrets)| Shown {
            class,
            field,
            secrets,
        })
        .collect()
}

/// True for a field whose values, and whose records' ids, are others in a second answer: they are
/// made for each answer, and open nothing.
pub(crate) fn minted(first: &Response, second: &Response, field: &str) -> bool {
    let ((ids, values), (later_ids, later_values)) = (told(first, field), told(second, field));
    !values.is_empty()
        && !later_values.is_empty()
        && values.is_disjoint(&later_values)
        && ids.is_disjoint(&later_ids)
}

/// The ids of the records that have a field, and its values.
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

/// Records of one path.
#[derive(Default)]
struct Kin<'r> {
    records: usize,
    /// The different values of each field.
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

/// What a field shows, if that is a secret.
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
    if looks < Look::Word || state || is_public(value) || is_sentence(value) {
        return None;
    }
    let tier = credentials.tier(&field.name);
    let differs = among
        .and_then(|among| among.values.get(field.name.as_str()))
        .is_some_and(|values| values.len() > 1);
    let identity = identity(record);
    let joined = joined(&field.name);
    match tier {
        Tier::Never => None,
        _ if is_password(&joined) => {
            let real = is_hash(value) || looks == Look::Secret;
            // A word may be a label of a form, unless the record is beyond doubt one of a person.
            // A filled-in control says by itself that the value is in use.
            let shown = if real {
                identity != Identity::None || differs || record.origin == Origin::Controls
            } else if record.origin == Origin::Shown && joined.contains("passcode") {
                // Meetings have some for whoever reads of them.
                false
            } else {
                identity == Identity::Proven || (differs && identity == Identity::Named)
            };
            (shown && !repeats(record, field)).then_some(PASSWORD)
        }
        Tier::Strong => {
            let word_and_number = value.bytes().any(|byte| byte.is_ascii_digit())
                && value.bytes().any(|byte| byte.is_ascii_alphabetic());
            let real = looks == Look::Secret
                || (word_and_number && identity == Identity::Proven && !is_place(value));
            // Pages have keys of their own for maps, search and the like.
            let kept = record.origin != Origin::Script
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
                .any(|other| matches!(other.name.as_str(), "value" | "label" | "text"));
            let real = value.len() >= MIN_WEAK
                && looks == Look::Secret
                && !is_place(value)
                && !is_identifier(value);
            let everyday = EVERYDAY.iter().any(|end| joined.ends_with(end));
            (known && real && !lookup && !everyday).then_some(SECRET)
        }
    }
}

/// How surely a record is one of a person or a thing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Identity {
    None,
    /// It has fields named like that.
    Named,
    /// They hold an address or an id.
    Proven,
}

fn identity(record: &Record) -> Identity {
    let mut found = Identity::None;
    for field in &record.fields {
        let name = joined(&field.name);
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

/// A number, an `ObjectId`, a UUID, or another id with digits.
fn is_id(value: &str, text: bool) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits > 0 && (!text || digits == value.len() || value.len() >= 8)
}

/// A field whose value another field of the record has as well: `"password": "password"`, labels.
fn repeats(record: &Record, field: &Scalar) -> bool {
    joined(&field.value) == joined(&field.name)
        || record.fields.iter().any(|other| {
            other.name != field.name
                && other.value == field.value
                && !is_password(&joined(&other.name))
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

/// `$2b$…`, `pbkdf2:sha256:…`, `scrypt:…`, `{SSHA}…`, or a digest in hexadecimal.
fn is_hash(value: &str) -> bool {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let scheme = [
        "$2", "$argon2", "$5$", "$6$", "$1$", "pbkdf2", "scrypt:", "sha256$", "sha1$", "{SSHA",
    ]
    .iter()
    .any(|begin| value.starts_with(begin));
    (scheme && value.len() >= 20) || (hex && matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128))
}

/// What services make for browsers, and the public half of a pair.
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

/// An address of something else: a URI, a path, a file in a store.
fn is_place(value: &str) -> bool {
    value.contains("://")
        || value.starts_with(['/', '.', '#'])
        || value
            .rsplit_once('.')
            .is_some_and(|(before, end)| before.contains('/') && (1..=5).contains(&end.len()))
}

/// A UUID, an `ObjectId` or a chain's address: as often a name as a key.
fn is_identifier(value: &str) -> bool {
    let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let uuid = value.len() == 36 && value.split('-').count() == 5 && value.split('-').all(hex);
    uuid || (value.len() == 24 && hex(value)) || value.starts_with("0x")
}

/// A token where tokens are handed out, and anything new that is told to who asked for it.
fn is_handed_out(request: &Request, response: &Response, field: &Scalar, several: bool) -> bool {
    let asks = matches!(request.method, Method::Get | Method::Head);
    if !asks || response.status == 201 {
        // One record is the one just made or changed; a list of them is a search's.
        return !several;
    }
    let token = joined(&field.name);
    is_login(request.url.path())
        && (token.ends_with("token") || token.ends_with("jwt") || token == "session")
}

fn is_login(path: &str) -> bool {
    has_word(path, LOGINS)
}

/// True for a path under which pages explain.
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

/// A name without its case and marks.
fn joined(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What the request carried, as it was written and decoded.
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
mod tests {
    use super::*;

    fn request(method: Method, path: &str, body: &str) -> Request {
        let url = url::Url::parse("http://127.0.0.1:5000")
            .unwrap()
            .join(path)
            .unwrap();
        let mut request = Request::new(method, url);
        request.body = body.as_bytes().to_vec();
        request
    }

    fn seen(request: &Request, status: u16, body: &str) -> Vec<String> {
        seen_as("application/json", request, status, body)
    }

    fn seen_as(media: &str, request: &Request, status: u16, body: &str) -> Vec<String> {
        let answer = Response::of(status, &[("content-type", media)], body);
        sensitive(request, &answer, &Credentials::default(), &|_| false)
            .into_iter()
            .map(|shown| format!("{} {}", shown.class, shown.field))
            .collect()
    }

    fn read(body: &str) -> Vec<String> {
        seen(&request(Method::Get, "/partners", ""), 200, body)
    }

    #[test]
    fn records_that_show_secrets_are_seen() {
        for (body, expected) in [
            (
                r#"[{"_id": {"$oid": "665f1f77bcf86cd799439011"}, "password": "hunter2"}]"#,
                "password [].password",
            ),
            (
                r#"{"user": {"username": "ada", "password_hash": "$2b$12$Nw0m1xk9Q4T8s7uHkLm3Pq"}}"#,
                "password user.password_hash",
            ),
            (
                r#"{"username": "ada", "pwd": "5f4dcc3b5aa765d61d8327deb882cf99"}"#,
                "password pwd",
            ),
            (
                r#"{"items": [{"name": "Ada", "password": "tulip"}, {"name": "Bo", "password": "rose7"}]}"#,
                "password items[].password",
            ),
            (
                r#"{"partner": "Ada", "api_key": "vT9rQ2mLx7KdWc4"}"#,
                "secret api_key",
            ),
            (
                r#"{"id": 3, "partner": "Ada", "api_key": "demo-partner-key-001"}"#,
                "secret api_key",
            ),
            (
                r#"{"items": [{"id": 1, "key": "k8s2hf7ak2jd9sl4x"}]}"#,
                "secret items[].key",
            ),
            (
                r#"{"id": 1, "name": "Ada", "key_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}"#,
                "secret key_hash",
            ),
            (
                r#"{"id": 1, "backup_codes": ["x8f3-c1dk-3y9a", "k2jd-9sl4-vT9r"]}"#,
                "secret backup_codes",
            ),
        ] {
            assert_eq!(read(body), [expected], "{body}");
        }
    }

    #[test]
    fn records_are_seen_in_whatever_they_are_written() {
        for (media, body, expected) in [
            (
                "text/html",
                "<table><tr><th>Name<th>Password hash<tr><td>Ada<td>$2b$12$Nw0m1xk9Q4T8s7uHkLm3Pq</table>",
                "password table[].password_hash",
            ),
            (
                "text/html",
                "<table><tr><th>E-mail<th>Password<tr><td>ada@desk.example<td>tulip</table>",
                "password table[].Password",
            ),
            (
                "text/html; charset=utf-8",
                "<table><tr><th>Partner</th><td>Ada</td></tr><tr><th>API key</th><td>vT9rQ2mLx7KdWc4</td></tr></table>",
                "secret table.api_key",
            ),
            (
                "text/html",
                "<dl><dt>Partner<dd>Ada<dt>Client secret<dd><code>vT9rQ2mLx7KdWc4</code></dl>",
                "secret dl.client_secret",
            ),
            (
                "text/html",
                "<form><input name=smtp_host value=mail><input type=hidden name=smtp_password value=vT9rQ2mLx7></form>",
                "password inputs.smtp_password",
            ),
            (
                "text/html",
                "<form><input name=email value=ada@desk.example><input type=password name=password value=tulip></form>",
                "password inputs.password",
            ),
            (
                "text/html",
                "<script type=application/json>{\"partners\": [{\"id\": 1, \"api_key\": \"vT9rQ2mLx7KdWc4\"}]}</script>",
                "secret script.partners[].api_key",
            ),
            (
                "text/html",
                "<script>window.desk = {\"hook\": {\"signing_secret\": \"vT9rQ2mLx7KdWc4\"}};</script>",
                "secret script.hook.signing_secret",
            ),
            (
                "text/csv",
                "name,api_key\nAda,vT9rQ2mLx7KdWc4\nBo,k8s2hf7ak2jd9sl4\n",
                "secret [].api_key",
            ),
            (
                "text/tab-separated-values",
                "email\tpassword\nada@desk.example\ttulip\n",
                "password [].password",
            ),
            (
                "application/xml",
                "<staff><m><email>ada@desk.example</email><apiKey>vT9rQ2mLx7KdWc4</apiKey></m></staff>",
                "secret staff.m.apiKey",
            ),
            (
                "text/xml",
                "<staff><m id=\"7\" password=\"x8f3c1dk3y\"/><m id=\"8\"/></staff>",
                "password staff.m[].password",
            ),
            (
                "application/yaml",
                "staff:\n  - email: ada@desk.example\n    api_key: vT9rQ2mLx7KdWc4\n",
                "secret staff[].api_key",
            ),
        ] {
            let get = request(Method::Get, "/partners", "");
            assert_eq!(seen_as(media, &get, 200, body), [expected], "{body}");
        }
    }

    #[test]
    fn a_secret_is_shown_where_it_stands() {
        let page = "<title>tulip</title><table data-x=tulip><tr><th>E-mail<th>Password\
            <tr><td>ada@desk.example<td>tulip</table>";
        let answer = Response::of(200, &[("content-type", "text/html")], page);
        let get = request(Method::Get, "/partners", "");
        let found = sensitive(&get, &answer, &Credentials::default(), &|_| false);
        let at = page.rfind("tulip").unwrap();
        assert_eq!(
            found[0].secrets.as_slice(),
            std::slice::from_ref(&(at..at + 5))
        );
    }

    #[test]
    #[allow(clippy::too_many_lines, reason = "a table")]
    fn pages_and_files_without_real_secrets_are_silent() {
        let table =
            "<table><tr><th>E-mail<th>API key<tr><td>ada@desk.example<td>vT9rQ2mLx7KdWc4</table>";
        let form = "<form method=post><input name=email value=ada@desk.example>\
            <input name=password type=password value=tulip></form>";
        for (media, path, body) in [
            // Masked, labels, states, text.
            (
                "text/html",
                "/staff",
                "<table><tr><th>Name<th>API key<tr><td>Ada<td>ks7f…9f3c<tr><td>Bo<td>••••9f3c</table>",
            ),
            (
                "text/html",
                "/staff",
                "<table><tr><th>E-mail<th>Password<tr><td>ada@desk.example<td>set</table>",
            ),
            (
                "text/html",
                "/staff",
                "<dl><dt>Password<dd>What you log in with.<dt>API key<dd>A key for programs.</dl>",
            ),
            (
                "text/html",
                "/staff",
                "<table><tr><th>Parameter<th>Type<tr><td>api_key<td>string</table>",
            ),
            (
                "text/html",
                "/staff",
                "<table><tr><th>Name<th>Passcode<tr><td>Call<td>839201<tr><td>Talk<td>118202</table>",
            ),
            // What forms carry, and what they ask for.
            (
                "text/html",
                "/staff",
                "<form><input type=hidden name=csrf_token value=IjEyMzQ1Njc4OTAi.ZxY1.k8s2hf7>\
                <input type=hidden name=token value=vT9rQ2mLx7KdWc4vT9rQ2><input name=email value=ada@desk.example></form>",
            ),
            (
                "text/html",
                "/staff",
                "<form><input name=password placeholder=tulip value=''><input name=api_key></form>",
            ),
            ("text/html", "/login", form),
            ("text/html", "/staff?email=x&password=tulip", form),
            // Documentation.
            ("text/html", "/docs/keys", table),
            (
                "text/html",
                "/staff",
                "<h2>Example</h2><dl><dt>Client secret<dd>vT9rQ2mLx7KdWc4</dl>",
            ),
            // Keys of pages.
            (
                "text/html",
                "/staff",
                "<script>window.search = {\"appId\": \"X1\", \"apiKey\": \"5f4dcc3b5aa765d61d8327deb882cf99\"};</script>",
            ),
            (
                "text/html",
                "/staff",
                "<script>const t = {\"password\": \"Passwort\", \"api_key\": \"Ihr API-Schlüssel\"};</script>",
            ),
            // Files.
            (
                "text/csv",
                "/staff.csv",
                "name,api_key\nAda,\nBo,ks7f****\n",
            ),
            (
                "text/csv",
                "/staff.sample.csv",
                "name,api_key\nAda,vT9rQ2mLx7KdWc4\n",
            ),
            (
                "text/plain",
                "/notes",
                "name,api_key\nAda,vT9rQ2mLx7KdWc4\n",
            ),
            (
                "text/xml",
                "/de.xml",
                "<resources><string name=\"password\">Passwort</string></resources>",
            ),
            (
                "text/xml",
                "/de.xml",
                "<texts><login><email>E-Mail</email><password>Passwort</password></login></texts>",
            ),
            (
                "application/yaml",
                "/a.yaml",
                "openapi: 3.0.3\ncomponents:\n  x: {id: 1, api_key: vT9rQ2mLx7KdWc4}\n",
            ),
            (
                "application/yaml",
                "/a.yaml",
                "name: x\napi_key: !vault k8s2hf7ak2jd9sl4\nsecret: ${SECRET}\n",
            ),
        ] {
            let get = request(Method::Get, path, "");
            assert_eq!(seen_as(media, &get, 200, body), [""; 0], "{path} {body}");
        }
        // The creator's own page.
        let post = request(Method::Post, "/partners", "email=ada");
        assert_eq!(seen_as("text/html", &post, 200, table), [""; 0]);
        assert_eq!(
            seen_as("text/html", &request(Method::Get, "/staff", ""), 200, table),
            ["secret table[].api_key"]
        );
    }

    #[test]
    fn records_without_real_values_are_silent() {
        for body in [
            r#"[{"id": 1, "email": "ada@desk.example", "password_hint": null, "password": null}]"#,
            r#"[{"id": 1, "email": "ada@desk.example", "password": "********", "api_key": ""}]"#,
            r#"[{"id": 1, "email": "ada@desk.example", "has_password": true, "password": true}]"#,
            r#"[{"id": 1, "email": "ada@desk.example", "password_changed_at": "2024-05-01T10:00:00Z"}]"#,
            r#"[{"id": 1, "name": "Ada", "api_key": "ks7f3a****", "key_last4": "9f3c"}]"#,
            r#"{"id": 1, "name": "Ada", "api_key_id": "k8s2hf7ak2jd9sl4x", "public_key": "ssh-ed25519 AAAA"}"#,
        ] {
            assert_eq!(read(body), [""; 0], "{body}");
        }
    }

    #[test]
    fn catalogues_forms_and_specifications_are_silent() {
        for body in [
            r#"{"de": {"email": "E-Mail", "password": "Passwort", "api_key": "Ihr API-Schlüssel"}}"#,
            r#"[{"id": 1, "key": "home.title.subtitle2.text", "text": "Welcome"}, {"id": 2, "key": "x"}]"#,
            r#"{"email": "email", "password": "password", "name": "text"}"#,
            r#"{"id": 5, "email": "required", "password": "required"}"#,
            r#"{"fields": {"email": "ada@desk.example", "password": "at-least-8"}}"#,
            r#"{"openapi": "3.0.3", "components": {"examples": {"a": {"id": 1, "api_key": "vT9rQ2mLx7KdWc4"}}}}"#,
            r#"{"properties": {"id": 1, "api_key": "vT9rQ2mLx7KdWc4"}}"#,
            r#"{"items": [{"id": 1, "key": "uploads/2024/a8f3c1d9k2.png"}, {"id": 2, "key": "x/y.png"}]}"#,
            r#"{"id": 1, "key": "550e8400-e29b-41d4-a716-446655440000"}"#,
            r#"{"next_token": "vT9rQ2mLx7KdWc4aaaa", "csrf_token": "IjEyMzQ1Njc4OTAi.ZxY1", "items": []}"#,
            r#"{"id": 1, "stripe_key": "pk_live_keyspillNotARealKey00000001", "key": "AIzaNotARealKey0001"}"#,
            r#"{"id": 1, "database_url": "mongodb://db.internal:27017/desk1a2b3c"}"#,
            "not json at all {\"api_key\": 1",
        ] {
            assert_eq!(read(body), [""; 0], "{body}");
        }
    }

    #[test]
    fn what_an_answer_is_for_is_no_fault() {
        let token = r#"{"access_token": "vT9rQ2mLx7KdWc4vT9rQ2", "token_type": "Bearer"}"#;
        let made = r#"{"id": 7, "name": "Ada", "api_key": "vT9rQ2mLx7KdWc4vT9rQ2"}"#;
        let user = r#"{"id": 7, "email": "ada@desk.example", "initial_password": "x8f3c1dk3y"}"#;
        for (method, path, sent, status, body) in [
            (Method::Post, "/login", "", 200, token),
            (Method::Get, "/auth/refresh", "", 200, token),
            (Method::Post, "/partners", "", 201, made),
            (Method::Post, "/partners", "", 200, made),
            (Method::Post, "/partners/7/rotate", "", 200, made),
            (
                Method::Get,
                "/partners/vT9rQ2mLx7KdWc4vT9rQ2",
                "",
                200,
                made,
            ),
            (
                Method::Get,
                "/partners?key=vT9rQ2mLx7KdWc4vT9rQ2",
                "",
                200,
                made,
            ),
            (Method::Post, "/users", "", 201, user),
            (Method::Get, "/partners", "", 404, made),
            (Method::Get, "/.well-known/x", "", 200, made),
        ] {
            let request = request(method, path, sent);
            assert_eq!(seen(&request, status, body), [""; 0], "{method:?} {path}");
        }
        let sent = request(Method::Put, "/me", "password=x8f3%2Bc1dk3y9a&id=7");
        let echo = r#"{"id": 7, "email": "ada@desk.example", "password": "x8f3+c1dk3y9a"}"#;
        assert_eq!(seen(&sent, 200, echo), [""; 0]);
        let key = request(Method::Get, "/me", "").with_header("x-api-key", "vT9rQ2mLx7KdWc4vT9rQ2");
        assert_eq!(seen(&key, 200, made), [""; 0]);
    }

    #[test]
    fn a_new_users_hash_and_a_searchs_keys_are_seen_all_the_same() {
        let sent = request(
            Method::Post,
            "/register",
            r#"{"email": "ada@desk.example", "password": "x8f3c1dk3y"}"#,
        );
        let hash = r#"{"id": 7, "email": "ada@desk.example", "password_hash": "$2b$12$Nw0m1xk9Q4T8s7uHkLm3Pq"}"#;
        assert_eq!(seen(&sent, 201, hash), ["password password_hash"]);
        let search = request(Method::Post, "/partners/search", "{}");
        let list = r#"[{"id": 1, "api_key": "vT9rQ2mLx7KdWc4"}, {"id": 2, "api_key": "k8s2hf7ak2jd9sl4"}]"#;
        assert_eq!(seen(&search, 200, list), ["secret [].api_key"]);
    }

    #[test]
    fn what_is_made_for_each_answer_is_told_from_what_is_kept() {
        let answer = |body: &str| Response::of(200, &[("content-type", "application/json")], body);
        let again =
            |field: &str, first: &str, second: &str| minted(&answer(first), &answer(second), field);
        let (one, two) = (
            r#"{"id": "a1", "token": "vT9rQ2mLx7KdWc4s"}"#,
            r#"{"id": "b2", "token": "k8s2hf7ak2jd9sl4"}"#,
        );
        assert!(again("token", one, two));
        assert!(!again("token", one, one));
        // Turned over, and still that record's.
        assert!(!again("token", one, &two.replace("b2", "a1")));
        assert!(again("token", r#"{"token": "x1"}"#, r#"{"token": "x2"}"#));
        assert!(!again("token", one, "{}"));
        let list = |items: [&str; 2]| format!("{{\"items\": [{}]}}", items.join(","));
        assert!(!again(
            "items[].token",
            &list([one, two]),
            &list([two, one])
        ));
        assert!(again("items[].token", &list([one, one]), &list([two, two])));
    }

    #[test]
    fn the_scans_own_values_have_rules_of_their_own() {
        let answer = Response::of(
            200,
            &[("content-type", "application/json")],
            r#"{"id": 1, "api_key": "vT9rQ2mLx7KdWc4"}"#,
        );
        let get = request(Method::Get, "/partners", "");
        let ours = |value: &str| value.starts_with("vT9r");
        assert_eq!(sensitive(&get, &answer, &Credentials::default(), &ours), []);
    }
}
