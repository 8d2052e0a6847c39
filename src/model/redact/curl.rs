//! A request as a curl command line for a POSIX-like shell.
//!
//! Every byte arrives at the server as keyspill sent it; the tester's credentials are replaced by
//! shell variables. A line never contains a line break or a control character: those are written
//! `\n` and `\x1b` inside `$'…'` (bash, zsh, ksh), so that lines can be copied and hostile text
//! stays inert.

use std::fmt::Write as _;

use url::{Url, form_urlencoded};

use super::{Piece, Redactor};
use crate::http::{Method, Request};
use crate::sanitise::is_hostile;

impl Redactor {
    /// Returns the `curl` line that repeats a request.
    pub fn curl(&self, request: &Request) -> String {
        let mut words: Vec<String> = vec!["curl".to_owned(), "-s".to_owned()];
        words.extend(self.flags.iter().cloned());
        let has_body = !request.body.is_empty();
        match request.method {
            // -X HEAD would wait for a body that never comes.
            Method::Head if !has_body => words.push("-I".to_owned()),
            method => {
                words.push("-i".to_owned());
                let usual = if has_body { Method::Post } else { Method::Get };
                if method != usual {
                    words.push(format!("-X {method}"));
                }
            }
        }
        let mut url = request.url.clone();
        // Userinfo is sent as a header, see below; a fragment is never sent.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_fragment(None);
        if url.as_str().contains(['[', ']', '{', '}']) {
            words.push("-g".to_owned());
        }
        for (name, pieces) in self.header_pieces(request) {
            words.push(format!("-H {}", header_word(name, &pieces)));
        }
        if has_body && request.header("content-type").is_none() {
            // Otherwise curl would declare the body as a form.
            words.push("-H 'Content-Type:'".to_owned());
        }
        if has_body {
            words.push(self.body_word(&request.body));
        }
        words.push(self.url_word(&url, request));
        words.join(" ")
    }

    /// Returns the URL with the query values that the client adds.
    fn url_word(&self, url: &Url, request: &Request) -> String {
        let mut pieces = self.pieces(url.as_str().as_bytes());
        let queries = self.queries_of(request);
        let begins: Vec<String> = queries
            .iter()
            .enumerate()
            .map(|(at, query)| {
                let sign = if at == 0 && url.query().is_none() {
                    '?'
                } else {
                    '&'
                };
                let name: String = form_urlencoded::byte_serialize(query.name.as_bytes()).collect();
                format!("{sign}{name}=")
            })
            .collect();
        for (begin, query) in begins.iter().zip(&queries) {
            pieces.push(Piece::Plain(begin.as_bytes()));
            pieces.push(Piece::Variable(&query.variable));
        }
        shell_word(&pieces)
    }

    fn body_word(&self, body: &[u8]) -> String {
        let pieces = self.pieces(body);
        if std::str::from_utf8(body).is_ok() && !body.contains(&0) {
            return format!("--data-raw {}", shell_word(&pieces));
        }
        // An argument cannot contain a NUL, and other bytes would depend on the locale.
        let mut commands: Vec<String> = Vec::new();
        for piece in &pieces {
            commands.push(match piece {
                Piece::Plain(bytes) => format!("printf '{}'", printf_format(bytes)),
                Piece::Variable(name) => format!("printf %s \"${name}\""),
                Piece::Masked(mask) => format!("printf %s {}", quote(mask)),
            });
        }
        format!("--data-binary @<({})", commands.join("; "))
    }
}

/// Returns a header as a shell word: `"Authorization: $KEYSPILL_AUTH"`, `'X-Other: value'`,
/// `'X-Empty;'`.
fn header_word(name: &str, pieces: &[Piece<'_>]) -> String {
    if pieces.iter().all(|piece| *piece == Piece::Plain(b"")) {
        return quote(&format!("{name};"));
    }
    let simple = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if let [Piece::Variable(variable)] = pieces
        && simple
    {
        return format!("\"{name}: ${variable}\"");
    }
    let label = format!("{name}: ");
    let mut all = vec![Piece::Plain(label.as_bytes())];
    all.extend(pieces.iter().cloned());
    shell_word(&all)
}

/// Returns one shell word made of quoted pieces: `'a='"$KEYSPILL_AUTH"'&b=c'`.
fn shell_word(pieces: &[Piece<'_>]) -> String {
    let mut word = String::new();
    let mut plain = String::new();
    for piece in pieces {
        match piece {
            // Joined first, so that a masked piece does not open quotes of its own.
            Piece::Plain(bytes) => plain.push_str(&String::from_utf8_lossy(bytes)),
            Piece::Masked(mask) => plain.push_str(mask),
            Piece::Variable(name) => {
                if !plain.is_empty() {
                    word.push_str(&quote(&plain));
                    plain.clear();
                }
                let _ = write!(word, "\"${name}\"");
            }
        }
    }
    if !plain.is_empty() || word.is_empty() {
        word.push_str(&quote(&plain));
    }
    word
}

/// Returns the text in single quotes, or in `$'…'` if it contains characters that a line must not
/// show.
pub(super) fn quote(text: &str) -> String {
    if !text.chars().any(is_hostile) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut quoted = String::from("$'");
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            // Octal: after \x a shell may read more than two digits. History expansion of `!`
            // happens inside $'…' in some shells.
            c if is_hostile(c) || c == '!' => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// Returns bytes as a `printf` format for use inside single quotes.
fn printf_format(bytes: &[u8]) -> String {
    let mut format = String::new();
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            // At the beginning it would start an option.
            b'-' if index == 0 => format.push_str("\\055"),
            b'%' => format.push_str("%%"),
            b'\\' => format.push_str("\\\\"),
            b'\'' => format.push_str("\\047"),
            b' '..=b'~' => format.push(char::from(byte)),
            _ => {
                let _ = write!(format, "\\{byte:03o}");
            }
        }
    }
    format
}

#[cfg(test)]
mod tests;
