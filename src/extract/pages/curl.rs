//! `curl` commands in documentation: sample requests with their headers and bodies.
//!
//! Owns: finding a command in a text, splitting it as a shell does, and interpreting its options.
//! Leaves out: reading the body (`import`), and whether the operation exists (`place.rs`).

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

use serde_json::Value;

use super::super::found::{Call, Found};
use super::super::import::{Recorded, forget_secrets};
use crate::credential::Credentials;
use crate::surface::{Input, Kind, Place, Provenance};

/// The most commands read from one text, and the most characters read of one command.
const MAX_COMMANDS: usize = 100;
const MAX_COMMAND: usize = 8 << 10;

/// One-letter options that take a value; values that are not needed are skipped.
const WITH_VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Characters that represent long options without a one-letter form.
const JSON: char = '{';
const URL: char = '/';
const BEARER: char = '+';

/// Long options with the letter that represents them here; `?` means that the value is skipped.
const LONG: [(&str, char); 36] = [
    ("request", 'X'),
    ("header", 'H'),
    ("data", 'd'),
    ("data-raw", 'd'),
    ("data-ascii", 'd'),
    ("data-binary", 'd'),
    ("data-urlencode", 'd'),
    ("json", JSON),
    ("form", 'F'),
    ("form-string", 'F'),
    ("get", 'G'),
    ("head", 'I'),
    ("cookie", 'b'),
    ("url", URL),
    ("oauth2-bearer", BEARER),
    ("user", '?'),
    ("user-agent", '?'),
    ("output", '?'),
    ("output-dir", '?'),
    ("write-out", '?'),
    ("cookie-jar", '?'),
    ("referer", '?'),
    ("max-time", '?'),
    ("connect-timeout", '?'),
    ("retry", '?'),
    ("retry-delay", '?'),
    ("proxy", '?'),
    ("cert", '?'),
    ("key", '?'),
    ("cacert", '?'),
    ("resolve", '?'),
    ("upload-file", '?'),
    ("config", '?'),
    ("dump-header", '?'),
    ("max-redirs", '?'),
    ("limit-rate", '?'),
];

/// Adds the requests that the `curl` commands of a text send; none of them is certain.
pub(super) fn commands(text: &str, found: &mut Found) {
    let mut end = 0;
    for (at, name) in text.match_indices("curl").take(MAX_COMMANDS) {
        let rest = &text[at + name.len()..];
        let opens = |c: char| c.is_whitespace() || "$>`'\"(;|&:".contains(c);
        let whole = text[..at].chars().next_back().is_none_or(opens)
            && rest.starts_with(|c: char| c.is_whitespace());
        if at < end || !whole {
            continue;
        }
        let mut letters = Letters::new(rest);
        let Some(words) = shell_words(&mut letters) else {
            continue;
        };
        end = at + name.len() + letters.taken;
        if let Some(call) = Command::read(&words).and_then(Command::call) {
            found.push(call);
        }
    }
}

/// The characters of a command, with a count of those taken.
struct Letters<'a> {
    rest: Peekable<Chars<'a>>,
    taken: usize,
    left: usize,
}

impl<'a> Letters<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars().peekable(),
            taken: 0,
            left: MAX_COMMAND,
        }
    }

    fn next(&mut self) -> Option<char> {
        self.left = self.left.checked_sub(1)?;
        let letter = self.rest.next()?;
        self.taken += letter.len_utf8();
        Some(letter)
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }
}

/// Splits a command into words, up to its end; `None` if a quote is left open.
fn shell_words(letters: &mut Letters<'_>) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    while let Some(letter) = letters.peek() {
        let start = word.is_none();
        // A redirection starts a word; elsewhere, `<id>` is a placeholder.
        if matches!(letter, '\n' | '|' | ';' | '`' | ')') || start && matches!(letter, '>' | '#') {
            break;
        }
        letters.next()?;
        match letter {
            '&' if letters.peek().is_none_or(|c| c.is_whitespace() || c == '&') => break,
            '\'' | '"' => word
                .get_or_insert_default()
                .push_str(&quoted(letters, letter)?),
            '\\' => {
                // The line continues.
                match letters.next() {
                    Some('\n') | None => {}
                    Some('\r') => {
                        if letters.peek() == Some('\n') {
                            letters.next();
                        }
                    }
                    Some(other) => word.get_or_insert_default().push(other),
                }
            }
            _ if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Some(words)
}

/// Reads up to the closing quote.
fn quoted(letters: &mut Letters<'_>, quote: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match letters.next()? {
            letter if letter == quote => return Some(text),
            '\\' if quote == '"' => match letters.next()? {
                '\n' => {}
                escaped @ ('"' | '\\' | '$' | '`') => text.push(escaped),
                other => text.extend(['\\', other]),
            },
            letter => text.push(letter),
        }
    }
}

/// What a command says about its request.
#[derive(Default)]
struct Command {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    fields: Vec<(String, String)>,
    json: bool,
    /// The data belong in the query.
    get: bool,
}

impl Command {
    fn read(words: &[String]) -> Option<Self> {
        let mut command = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if let Some(name) = word.strip_prefix("--") {
                let Some((_, letter)) = LONG.iter().find(|(known, _)| *known == name) else {
                    continue;
                };
                if matches!(letter, 'G' | 'I') {
                    command.set(*letter, "");
                } else {
                    command.set(*letter, words.next()?);
                }
            } else if let Some(cluster) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                // `-sX POST`, `-XPOST`
                for (at, letter) in cluster.char_indices() {
                    if WITH_VALUE.contains(letter) {
                        let rest = &cluster[at + letter.len_utf8()..];
                        let value = match rest {
                            "" => words.next()?.as_str(),
                            rest => rest,
                        };
                        command.set(letter, value);
                        break;
                    }
                    command.set(letter, "");
                }
            } else {
                command.set(URL, word);
            }
        }
        Some(command)
    }

    fn set(&mut self, letter: char, value: &str) {
        let pair = |separator: char| {
            let (name, value) = value.split_once(separator)?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        };
        match letter {
            'X' => self.method = Some(value.to_owned()),
            'H' => self.headers.extend(pair(':')),
            'b' if value.contains('=') => {
                self.headers.push(("cookie".to_owned(), value.to_owned()));
            }
            BEARER => self
                .headers
                .push(("authorization".to_owned(), format!("Bearer {value}"))),
            'd' => self.data.push(value.to_owned()),
            JSON => {
                self.json = true;
                self.data.push(value.to_owned());
            }
            // `file=@a.pdf;type=application/pdf`
            'F' => {
                let field = pair('=').map(|(name, value)| match value.split_once(";type=") {
                    Some((value, _)) => (name, value.to_owned()),
                    None => (name, value),
                });
                self.fields.extend(field);
            }
            'G' => self.get = true,
            URL if self.url.is_none() => self.url = Some(value.to_owned()),
            _ => {}
        }
    }

    /// Returns the call; values that are mere placeholders are dropped.
    fn call(self) -> Option<Call> {
        let mut url = on_target(self.url.as_deref()?)?;
        let mut body = self.data.join("&");
        if self.get && !body.is_empty() {
            url = format!("{url}{}{body}", if url.contains('?') { '&' } else { '?' });
            body.clear();
        }
        // The content of a file is unknown.
        if body.starts_with('@') {
            body.clear();
        }
        let sends = !self.data.is_empty() && !self.get || !self.fields.is_empty();
        let said = |name: &str| {
            let mut headers = self.headers.iter();
            headers
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let media = match said("content-type") {
            _ if !self.fields.is_empty() => "multipart/form-data".to_owned(),
            Some(media) => media.to_ascii_lowercase(),
            None if self.json => "application/json".to_owned(),
            None => "application/x-www-form-urlencoded".to_owned(),
        };
        let recorded = Recorded {
            method: match (&self.method, sends) {
                (Some(method), _) => method,
                (None, true) => "POST",
                (None, false) => "GET",
            },
            url: without_stand_ins(&url),
            headers: borrowed(&self.headers),
            media: &media,
            body: &body,
            fields: borrowed(&self.fields),
        };
        let mut call = recorded.call()?;
        let told = call.inputs.iter().any(|input| input.place.in_body());
        if media.contains("json") && !told {
            let names = top_names(&body).into_iter();
            call.inputs
                .extend(names.map(|name| Input::new(Place::Json, &name, Provenance::Link)));
        }
        for input in &mut call.inputs {
            input.provenance = BTreeSet::from([Provenance::Link]);
            let example = input.hint.example.as_ref().and_then(Value::as_str);
            if example.is_some_and(|text| text.starts_with('@')) && input.place == Place::Multipart
            {
                input.hint.kind = Kind::File;
                input.hint.example = None;
            } else if example.is_some_and(stands_in) {
                input.hint.example = None;
            }
        }
        call.provenance = Provenance::Link;
        // A sample may contain somebody's key.
        forget_secrets(&mut call, &Credentials::default());
        Some(call.tentative())
    }
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Returns the path on the target if a variable replaces the host, otherwise the URL.
fn on_target(written: &str) -> Option<String> {
    let bare = written.split_once("://").map_or(written, |(_, rest)| rest);
    if bare.starts_with(['$', '{', '<']) {
        return bare.find('/').map(|at| bare[at..].to_owned());
    }
    if written.contains("://") || written.starts_with('/') {
        return Some(written.to_owned());
    }
    let host = written.split('/').next().unwrap_or_default();
    host.contains(['.', ':'])
        .then(|| format!("http://{written}"))
}

/// Turns `$ID` and `${ID}` in a path into placeholders, and drops query values that are mere
/// placeholders.
fn without_stand_ins(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let segments = path
        .split('/')
        .map(|segment| match segment.strip_prefix('$') {
            Some(name) => format!("{{{}}}", name.trim_matches(['{', '}']).to_ascii_lowercase()),
            None => segment.to_owned(),
        });
    let path = segments.collect::<Vec<_>>().join("/");
    if query.is_empty() {
        return path;
    }
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if stands_in(value) => format!("{name}="),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Returns true for a placeholder instead of a value: `...`, `<name>`, `$TOKEN`, `YOUR_KEY`, `xxxx`.
fn stands_in(value: &str) -> bool {
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let lower = value.to_ascii_lowercase();
    value.is_empty()
        || value.contains("...")
        || value.contains('…')
        || value.starts_with(['<', '{', '$', '['])
        || (value.contains('_') && value.chars().all(upper))
        || lower.starts_with("your")
        || lower == "string"
        || lower.bytes().all(|byte| matches!(byte, b'x' | b'*'))
}

/// Returns the names of the outermost object in text that is nearly JSON: `{"name": <name>, …}`.
fn top_names(body: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut rest = body;
    while let Some(at) = rest.find(['"', '{', '}', '[', ']']) {
        let (mark, after) = (rest.as_bytes()[at], &rest[at + 1..]);
        rest = after;
        match mark {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {
                let Some((text, after)) = after.split_once('"') else {
                    break;
                };
                let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
                let name = !text.is_empty() && text.len() <= 60 && text.chars().all(plain);
                if depth == 1 && name && after.trim_start().starts_with(':') {
                    names.push(text.to_owned());
                }
                rest = after;
            }
        }
    }
    names.truncate(60);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats each command as `METHOD URL place:name=example …`.
    fn lines(text: &str) -> Vec<String> {
        let mut found = Found::default();
        commands(text, &mut found);
        let line = |call: &Call| {
            assert!(call.tentative);
            let mut line = format!("{} {}", call.method, call.url);
            for input in &call.inputs {
                let parts = [" ", input.place.as_str(), ":", &input.prefix, &input.name];
                line.push_str(&parts.concat());
                if let Some(example) = &input.hint.example {
                    line.push('=');
                    line.push_str(&example.to_string());
                }
            }
            line
        };
        found.calls.iter().map(line).collect()
    }

    #[test]
    fn a_command_tells_method_headers_and_body() {
        for (text, expected) in [
            (
                "$ curl -sS -X PUT http://h/a/$ID?x=$X \\\n  -H 'X-Key: ...' -H \"Content-Type: application/json\" \\\r\n  -d '{\"secret\": \"s3cret\", \"parcel\": {\"weight\": 2}, \"note\": \"<note>\"}' | jq .",
                "PUT http://h/a/{id}?x= header:x-key json:secret json:parcel.weight=2 json:note",
            ),
            (
                "curl --json \"{\\\"mode\\\": \\\"sea\\\", \\\"n\\\": $N}\" $BASE/b; curl -h",
                "POST /b json:mode json:n",
            ),
            (
                "curl -XPOST localhost:5000/c -d name=kim -d password=hunter2",
                "POST http://localhost:5000/c form:name=\"kim\" form:password",
            ),
            (
                "curl -F scan=@a.pdf -F title=Bill https://<host>/d -u me:pw",
                "POST /d multipart:scan multipart:title=\"Bill\"",
            ),
            (
                "curl -G 'http://h/e?a=1' --data-urlencode q=word -b 'sid=1'",
                "GET http://h/e?a=1&q=word cookie:sid",
            ),
            (
                "curl -H 'Authorization: Bearer <token>' /f/<int:id> > out.json",
                "GET /f/<int:id> header:Bearer authorization",
            ),
        ] {
            assert_eq!(
                lines(text).first().map(String::as_str),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn every_command_of_a_block_is_read_and_nothing_else_is() {
        let block =
            "curl http://h/a\ncurl http://h/b # first\n(curl http://h/c && curl http://h/d)";
        let urls = ["a", "b", "c", "d"].map(|name| format!("GET http://h/{name}"));
        assert_eq!(lines(block), urls);
        for text in [
            "Use curl or wget.",
            "libcurl /x",
            "curl",
            "curl -X",
            "curl 'http://h/a",
            "the curl of /x",
            "curl word",
        ] {
            assert_eq!(lines(text), [""; 0], "{text}");
        }
    }
}
