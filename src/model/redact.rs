//! Masking of secrets, in one place.
//!
//! This module knows which texts are secret (the tester's credentials, secrets found on the way),
//! every disguise in which they are recognised, and their replacements. It turns requests and
//! answers into text for people (`text.rs`) and for a shell (`curl.rs`). What counts as a found
//! secret is decided in `detect` and `judge`, which pass it to [`Redactor::learn`]. Canaries are
//! not secrets: evidence must contain the match.

mod curl;
mod formats;
mod masks;
mod text;
mod variants;

pub use formats::keys_in;
pub use masks::Masks;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use crate::sanitise::CUT;
use crate::unescape::{ALL, HTML, JSON, URL, undone};

/// The shell variable for the tester's credential.
const AUTH: &str = "KEYSPILL_AUTH";
/// The shell variable for the tester's cookies.
const COOKIE: &str = "KEYSPILL_COOKIE";

/// Replaces the tester's credential where the shell could not restore it.
const MASKED: &str = "[masked credential]";

/// Replaces everything if secrets can no longer be told from other text.
const LEFT_OUT: &str = "[left out: secrets could not be searched for]";

/// Credentials with fewer characters are found in too many places to be masked in all of them.
const SAFE: usize = 8;

/// Shorter texts are masked as a header's value, but are not searched for elsewhere: they would be
/// found everywhere.
const SHORTEST: usize = 4;

/// A match of at least this length is not a coincidence.
const LONG: usize = 12;

/// Headers without secrets; masking `text/html` would spoil every report.
const HARMLESS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-type",
    "dnt",
    "from",
    "host",
    "origin",
    "pragma",
    "referer",
    "te",
    "upgrade-insecure-requests",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-requested-with",
];

/// Number of bytes by which the beginning of a cut secret is recognised.
const HALF: usize = 6;

/// Maximum length in bytes of a text that is searched for cut secrets.
const LONGEST_CUT: usize = 8_192;

/// Parts of header and query names that indicate a credential.
const ANNOUNCES: &[&str] = &[
    "auth", "cookie", "cred", "csrf", "jwt", "key", "pass", "pwd", "secret", "session", "sign",
    "token",
];

/// What `curl` needs to reach a target, in addition to its URL.
#[derive(Clone, Copy, Debug)]
pub struct CurlOptions<'a> {
    /// Whether to accept any certificate.
    pub(crate) insecure: bool,
    /// Further trusted certificates, in PEM format.
    pub(crate) cacert: Option<&'a Path>,
    /// The client certificate with its key, in PEM format.
    pub(crate) client_cert: Option<&'a Path>,
}

/// Knows what must not be shown, and masks it.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Headers that the client adds to every request.
    headers: Vec<TesterHeader>,
    /// Query values that the client adds to every request.
    queries: Vec<TesterQuery>,
    /// Further curl options as shell words, which say how to reach the target.
    flags: Vec<String>,
    /// How many variables stand for credentials.
    names: Names,
    /// Credentials of an unknown header ([`Redactor::new`]).
    loose: Vec<String>,
    /// Every disguise of every secret, with its replacement.
    patterns: Vec<Pattern>,
    /// The disguises known so far.
    known: HashSet<Vec<u8>>,
    matcher: Option<AhoCorasick>,
    /// Whether the matcher could not be built, so that nothing is shown any more.
    blind: bool,
}

/// Shows how much is known, never the secrets.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("headers", &self.headers.len())
            .field("patterns", &self.patterns.len())
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct TesterHeader {
    name: String,
    value: String,
    /// The shell variable that replaces the value; `None` for harmless headers.
    variable: Option<String>,
}

#[derive(Clone)]
struct TesterQuery {
    name: String,
    variable: String,
}

#[derive(Clone)]
struct Pattern {
    text: Vec<u8>,
    stand_in: StandIn,
    /// Whether it is too common a word to be masked except as a value.
    weak: bool,
}

#[derive(Clone)]
enum StandIn {
    /// The whole text that the tester gave, which the shell can restore.
    Variable(String),
    /// Any other text.
    Text(String),
}

/// A piece of a text after masking.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// Not secret.
    Plain(&'a [u8]),
    /// Replaced by a shell variable.
    Variable(&'a str),
    /// Masked.
    Masked(Cow<'a, str>),
}

impl Redactor {
    /// Creates a redactor for credentials of an unknown header. See [`Redactor::for_tester`].
    pub fn new(secrets: Vec<String>) -> Self {
        let mut made = Self::default();
        for secret in &secrets {
            made.add_tester_secret(secret, Some(AUTH));
        }
        made.loose = secrets;
        made.rebuild();
        made
    }

    /// Creates a redactor for what the tester passed: the headers that are sent with every request
    /// (`-H`, `--cookie`) and the base URL with its userinfo and query.
    ///
    /// In curl lines the first credential is `$KEYSPILL_AUTH` (an `Authorization` header comes
    /// first) and further ones `$KEYSPILL_AUTH_2` and so on; cookies are `$KEYSPILL_COOKIE`.
    pub fn for_tester(headers: &[(String, String)], base: &Url) -> Self {
        let mut made = Self::default();
        let mut names = Names::default();
        let mut cookies: Vec<&str> = Vec::new();
        let mut others: Vec<(String, String)> = Vec::new();
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("cookie") {
                cookies.push(value);
            } else {
                others.push((name.clone(), value.clone()));
            }
        }
        let (user, password) = userinfo(base);
        let authorised = others.iter().any(|(name, _)| is_authorization(name));
        let given = !user.is_empty() || !password.is_empty();
        if given && !authorised {
            let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
            others.push(("Authorization".to_owned(), basic));
        }
        others.sort_by_key(|(name, _)| !is_authorization(name));
        for (name, value) in others {
            let harmless = HARMLESS.contains(&name.to_ascii_lowercase().as_str());
            let variable = (!harmless).then(|| names.next());
            if let Some(variable) = &variable {
                // A short value of `X-Env` is a word like `test`, which is found everywhere.
                if announces(&name) || value.len() >= 8 {
                    made.add_tester_secret(&value, Some(variable));
                }
            }
            made.headers.push(TesterHeader {
                name,
                value,
                variable,
            });
        }
        if !cookies.is_empty() {
            let value = cookies.join("; ");
            made.add_tester_secret(&value, Some(COOKIE));
            for (name, part) in cookies.iter().flat_map(|cookie| cookie_pairs(cookie)) {
                if is_secret_cookie(name, part) {
                    made.add_tester_secret(part, None);
                }
            }
            made.headers.push(TesterHeader {
                name: "Cookie".to_owned(),
                value,
                variable: Some(COOKIE.to_owned()),
            });
        }
        made.add_userinfo(&user, &password);
        made.add_query(base, &mut names);
        made.names = names;
        made.rebuild();
        made
    }

    /// Returns the same redactor with the query values that are sent with every request.
    ///
    /// In a `curl` line each is a variable, which holds the value as written in a URL.
    #[must_use]
    pub fn with_queries(mut self, queries: &[(String, String)]) -> Self {
        for (name, value) in queries {
            let variable = self.names.next();
            let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            self.add_tester_secret(&encoded, Some(&variable));
            self.add_tester_secret(value, None);
            self.queries.push(TesterQuery {
                name: name.clone(),
                variable,
            });
        }
        self.rebuild();
        self
    }

    /// Returns the same redactor with what `curl` needs to reach the target.
    #[must_use]
    pub fn reaching(mut self, reach: &CurlOptions<'_>) -> Self {
        if reach.insecure {
            self.flags.push("-k".to_owned());
        }
        if let Some(path) = reach.cacert {
            let path = curl::quote(&path.display().to_string());
            self.flags.push(format!("--cacert {path}"));
        }
        // As curl expects, one file holds both certificate and key.
        if let Some(path) = reach.client_cert {
            let path = curl::quote(&path.display().to_string());
            self.flags.push(format!("--cert {path}"));
        }
        self
    }

    /// Adds a secret that was found, so that no output shows it.
    ///
    /// If it has fewer than eight characters, or is a plain word or number of fewer than twelve, it
    /// is masked only as a value (after `=` or `:`): the password `admin` must not spoil the path
    /// `/admin`.
    pub fn learn(&mut self, secret: &str) {
        self.learn_all(std::slice::from_ref(&secret));
    }

    /// Does the same as [`Redactor::learn`] for many secrets, but builds the matcher only once.
    pub fn learn_all<S: AsRef<str>>(&mut self, secrets: &[S]) {
        let mut new = false;
        for secret in secrets.iter().map(|secret| secret.as_ref().trim()) {
            if self.lacks(secret) {
                new = true;
                self.add(secret, &StandIn::Text(mask_secret(secret)), is_weak(secret));
            }
        }
        if new {
            self.rebuild();
        }
    }

    /// Returns whether [`Redactor::learn`] would add a secret.
    fn lacks(&self, secret: &str) -> bool {
        let secret = secret.trim();
        secret.chars().count() >= SHORTEST && !self.known.contains(secret.as_bytes())
    }

    /// Adds credentials of the tester that became known later: passwords, tokens, session cookies.
    ///
    /// Short ones and everyday words are masked only as values, as with [`Redactor::learn`].
    pub fn hide(&mut self, secrets: &[String]) {
        let mut new = false;
        for secret in secrets.iter().map(|secret| secret.trim()) {
            if self.known.contains(secret.as_bytes()) {
                continue;
            }
            new = true;
            self.add(secret, &StandIn::Text(MASKED.to_owned()), is_weak(secret));
        }
        if new {
            self.rebuild();
        }
    }

    /// Returns the text with every secret masked.
    pub fn text(&self, text: &str) -> String {
        self.lossy(text.as_bytes())
    }

    /// Returns a name or a path with long secrets masked.
    ///
    /// Short ones may be words of the application, and findings are compared by their names.
    pub fn name(&self, name: &str) -> String {
        if self.blind {
            return LEFT_OUT.to_owned();
        }
        let long = self
            .matches(name.as_bytes())
            .iter()
            .any(|(range, _)| range.len() >= LONG);
        if long {
            self.text(name)
        } else {
            name.to_owned()
        }
    }

    /// Returns bytes as text with every secret masked; invalid UTF-8 becomes U+FFFD.
    fn lossy(&self, bytes: &[u8]) -> String {
        join(&self.pieces(bytes))
    }

    /// Splits a text into plain and masked pieces.
    fn pieces<'a>(&'a self, bytes: &'a [u8]) -> Vec<Piece<'a>> {
        self.pieces_within(bytes, 0..bytes.len(), &[])
    }

    /// Returns the pieces of a window.
    ///
    /// The whole text is searched anyway: half a secret at an edge would not be recognised, and the
    /// text before a word shows whether it is a value. The `hidden` ranges are masked too, however
    /// short.
    fn pieces_within<'a>(
        &'a self,
        bytes: &'a [u8],
        window: Range<usize>,
        hidden: &[Range<usize>],
    ) -> Vec<Piece<'a>> {
        if self.blind {
            return vec![Piece::Masked(LEFT_OUT.into())];
        }
        let mut pieces = Vec::new();
        let mut at = window.start;
        let known = self.matches(bytes).into_iter();
        let mut all: Vec<_> = known.map(|(range, by)| (range, Some(by))).collect();
        all.extend(hidden.iter().map(|range| (range.clone(), None)));
        for (range, pattern) in merged(all) {
            if range.end <= window.start || range.start >= window.end {
                continue;
            }
            if at < range.start {
                pieces.push(Piece::Plain(&bytes[at..range.start]));
            }
            at = range.end;
            pieces.push(
                match pattern.map(|pattern| (&pattern.stand_in, &pattern.text)) {
                    // If it was found in a different case, the variable would not restore the same
                    // bytes.
                    Some((StandIn::Variable(name), text)) if bytes[range.clone()] == **text => {
                        Piece::Variable(name)
                    }
                    Some((StandIn::Variable(_), _)) => Piece::Masked(MASKED.into()),
                    Some((StandIn::Text(text), _)) => Piece::Masked(text.into()),
                    None => {
                        let found = String::from_utf8_lossy(&bytes[range]);
                        Piece::Masked(mask_secret(&found).into())
                    }
                },
            );
        }
        if at < window.end {
            pieces.push(Piece::Plain(&bytes[at..window.end]));
        }
        pieces
    }

    /// Returns the positions of secrets, in order: in the original bytes, and with escapes undone
    /// once and twice (a URL inside a URL, JSON inside JSON).
    fn matches<'a>(&'a self, bytes: &[u8]) -> Vec<(Range<usize>, &'a Pattern)> {
        let Some(matcher) = &self.matcher else {
            return Vec::new();
        };
        let search = |text: &[u8]| -> Vec<(Range<usize>, &'a Pattern)> {
            matcher
                .find_iter(text)
                .map(|found| (found.range(), &self.patterns[found.pattern().as_usize()]))
                .filter(|(range, pattern)| !pattern.weak || follows_a_sign(&text[..range.start]))
                .collect()
        };
        let mut found = search(bytes);
        // Each kind alone too: what follows the secret may look like an escape of another kind.
        for kinds in [URL, HTML, JSON, ALL] {
            let Some((once, way)) = undone(bytes, kinds) else {
                continue;
            };
            let back = |(range, pattern)| (way.sent(&range), pattern);
            found.extend(search(&once).into_iter().map(back));
            if let Some((twice, second)) = undone(&once, kinds) {
                let back = |(range, pattern)| (way.sent(&second.sent(&range)), pattern);
                found.extend(search(&twice).into_iter().map(back));
            }
        }
        found.extend(self.halves(bytes));
        merged(found)
    }

    /// Returns the positions of secrets of which only the beginning is left.
    fn halves<'a>(&'a self, bytes: &[u8]) -> Vec<(Range<usize>, &'a Pattern)> {
        // Only messages and quotes are cut in this way.
        if bytes.len() > LONGEST_CUT {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mark = CUT.to_string();
        for end in memchr::memmem::find_iter(bytes, mark.as_bytes()) {
            for pattern in self.patterns.iter().filter(|pattern| !pattern.weak) {
                let longest = pattern.text.len().saturating_sub(1);
                let begin = end.saturating_sub(longest);
                let half = (begin..end.saturating_sub(HALF - 1)).find(|at| {
                    let half = &bytes[*at..end];
                    pattern.text[..half.len()].eq_ignore_ascii_case(half)
                });
                found.extend(half.map(|at| (at..end, pattern)));
            }
        }
        found
    }

    /// Returns the length in bytes of the longest disguise of a secret.
    pub fn longest(&self) -> usize {
        let lengths = self.patterns.iter().map(|pattern| pattern.text.len());
        lengths.max().unwrap_or_default()
    }

    /// Adds what the tester gave, as a whole and in the parts that are secret by themselves.
    fn add_tester_secret(&mut self, secret: &str, variable: Option<&str>) {
        let part = StandIn::Text(MASKED.to_owned());
        let whole =
            variable.map_or_else(|| part.clone(), |name| StandIn::Variable(name.to_owned()));
        self.add(secret, &whole, false);
        let decoded = percent_decode_str(secret).decode_utf8_lossy();
        if decoded != secret {
            self.add(&decoded, &part, false);
        }
        let Some((scheme, token)) = secret.split_once(' ') else {
            return;
        };
        let token = token.trim();
        if scheme.eq_ignore_ascii_case("basic") {
            self.add(token, &part, false);
            let plain = STANDARD.decode(token).ok();
            if let Some(plain) = plain.and_then(|bytes| String::from_utf8(bytes).ok())
                && let Some((user, password)) = plain.split_once(':')
            {
                self.add_userinfo(user, password);
            }
        } else if !secret.contains(['=', ';']) {
            // `Bearer …`, `Token …`; a cookie's parts are added by the caller.
            self.add(token, &part, false);
        }
    }

    fn add_userinfo(&mut self, user: &str, password: &str) {
        let part = StandIn::Text(MASKED.to_owned());
        // A long user name, or one without a password, is a token in the place of the name.
        if password.is_empty() || user.len() >= 16 {
            self.add(user, &part, false);
        }
        self.add(password, &part, false);
        if !password.is_empty() {
            self.add(&format!("{user}:{password}"), &part, false);
        }
    }

    fn add_query(&mut self, base: &Url, names: &mut Names) {
        for pair in base.query().unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            if value.len() >= 8 || (announces(name) && value.len() >= SHORTEST) {
                let variable = names.next();
                self.add_tester_secret(value, Some(&variable));
                let spaced = value.replace('+', " ");
                let decoded = percent_decode_str(&spaced).decode_utf8_lossy();
                self.add_tester_secret(&decoded, None);
            }
        }
    }

    /// Adds a secret in all its disguises.
    fn add(&mut self, secret: &str, stand_in: &StandIn, weak: bool) {
        if secret.chars().count() < SHORTEST {
            return;
        }
        for (index, text) in variants::of(secret).into_iter().enumerate() {
            if text.len() < SHORTEST || !self.known.insert(text.clone()) {
                continue;
            }
            let stand_in = match stand_in {
                // The variable holds only the plain form.
                StandIn::Variable(_) if index > 0 => StandIn::Text(MASKED.to_owned()),
                same => same.clone(),
            };
            self.patterns.push(Pattern {
                text,
                stand_in,
                weak,
            });
        }
    }

    /// Builds a matcher that prefers the longest match at each place, in whatever order secrets
    /// were added.
    fn rebuild(&mut self) {
        let texts = self.patterns.iter().map(|pattern| &pattern.text);
        self.matcher = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(texts)
            .ok();
        self.blind = self.matcher.is_none();
    }
}

/// Masks a found secret for reports.
///
/// The result has the first characters, the length and a short digest, so that two places of one
/// secret can be matched.
pub fn mask_secret(found: &str) -> String {
    let length = found.chars().count();
    let shown: String = found.chars().take((length / 4).min(4)).collect();
    let mut digest = String::new();
    for byte in &Sha256::digest(found.as_bytes())[..4] {
        let _ = write!(digest, "{byte:02x}");
    }
    format!("{shown}…[{length} chars, sha256 {digest}]")
}

/// Returns how many of the tester's credentials are so short that they are masked only as values.
///
/// A scan reports this at its start.
pub fn short_credentials(headers: &[(String, String)], base: &Url, secrets: &[String]) -> usize {
    let (_, password) = userinfo(base);
    let mut all: HashSet<String> = secrets.iter().cloned().collect();
    all.insert(password);
    for (name, value) in headers {
        if name.eq_ignore_ascii_case("cookie") {
            let secret = cookie_pairs(value).filter(|(name, _)| announces(name));
            all.extend(secret.map(|(_, value)| value.to_owned()));
        } else if announces(name) {
            // The scheme is not part of the secret.
            let token = value
                .split_once(' ')
                .map_or(value.as_str(), |(_, token)| token);
            all.insert(token.trim().to_owned());
        }
    }
    let short = |secret: &&String| !secret.is_empty() && secret.chars().count() < SAFE;
    all.iter().filter(short).count()
}

/// Returns whether a text may occur anywhere as a word.
fn is_weak(secret: &str) -> bool {
    secret.len() < 8
        || (secret.len() < 12
            && (secret.bytes().all(|b| b.is_ascii_alphabetic())
                || secret.bytes().all(|b| b.is_ascii_digit())))
}

/// Assigns the variables of credentials.
#[derive(Clone, Default)]
struct Names(usize);

impl Names {
    fn next(&mut self) -> String {
        self.0 += 1;
        match self.0 {
            1 => AUTH.to_owned(),
            n => format!("{AUTH}_{n}"),
        }
    }
}

/// Sorts the matches and merges those that overlap.
fn merged<T>(mut found: Vec<(Range<usize>, T)>) -> Vec<(Range<usize>, T)> {
    found.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
    let mut apart: Vec<(Range<usize>, T)> = Vec::new();
    for (range, pattern) in found {
        match apart.last_mut() {
            Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push((range, pattern)),
        }
    }
    apart
}

fn join(pieces: &[Piece<'_>]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Plain(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
            Piece::Variable(name) => {
                let _ = write!(text, "${name}");
            }
            Piece::Masked(mask) => text.push_str(mask),
        }
    }
    text
}

/// Returns whether a value comes next.
///
/// It does after `=`, `:` or `>`, spaces and an opening quote, and where a quote opens an item of a
/// list after `[` or `,`.
fn follows_a_sign(before: &[u8]) -> bool {
    let mut rest = before;
    for quote in ["\"", "'", "\\\"", "&#34;", "&quot;", "&#39;", "%22"] {
        if let Some(shorter) = rest.strip_suffix(quote.as_bytes()) {
            rest = shorter.strip_suffix(b"\\").unwrap_or(shorter);
            break;
        }
    }
    let quoted = rest.len() < before.len();
    let rest = rest.trim_ascii_end();
    match rest.last() {
        Some(b'=' | b':' | b'>') => true,
        Some(b'[' | b',') => quoted,
        _ => rest.ends_with(b"%3A"),
    }
}

fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
}

fn announces(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ANNOUNCES.iter().any(|word| name.contains(word))
}

/// Returns whether the value of a tester's cookie is secret, and not a setting like `theme=dark`.
pub fn is_secret_cookie(name: &str, value: &str) -> bool {
    announces(name) || value.len() >= 8
}

fn cookie_pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
}

fn userinfo(url: &Url) -> (String, String) {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    (
        decode(url.username()),
        decode(url.password().unwrap_or_default()),
    )
}

#[cfg(test)]
mod tests;
