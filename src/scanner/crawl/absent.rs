//! What "there is no such page" looks like, learnt from control requests for nonsense paths.
//!
//! Owns: nonsense paths, and comparing answers with theirs. Leaves out: asking for them (`ask.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use sha2::{Digest, Sha256};

use super::mark::mark;
use super::shape::directory;
use crate::http::Response;

/// Text looked at when answers are compared.
const MAX_TEXT: usize = 64 << 10;

/// The answers to nonsense paths, by the directory that they were asked in.
#[derive(Clone, Debug, Default)]
pub(super) struct Absent {
    controls: BTreeMap<String, Vec<Print>>,
}

/// What of an answer stays the same when it is asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Print {
    status: u16,
    media: String,
    words: BTreeSet<String>,
    /// Words of the path that was asked for: an answer that repeats them says nothing.
    echoes: Vec<String>,
}

impl Absent {
    /// Learns the answer to a nonsense path in a directory.
    pub(super) fn learn(&mut self, directory: &str, path: &str, response: &Response) {
        let prints = self.controls.entry(directory.to_owned()).or_default();
        prints.push(print(response, path));
    }

    /// True for an answer that says "no such page": 404, 410, or what nonsense gets too.
    pub(super) fn covers(&self, response: &Response, path: &str) -> bool {
        matches!(response.status, 404 | 410) || self.is_like_nonsense(response, path)
    }

    /// True for an answer that a nonsense path in the same place gets too.
    pub(super) fn is_like_nonsense(&self, response: &Response, path: &str) -> bool {
        self.nearest(path)
            .is_some_and(|controls| self.is_like(controls, response, path))
    }

    /// The same, only where nonsense was asked for in the path's own directory.
    pub(super) fn is_like_a_sibling(&self, response: &Response, path: &str) -> bool {
        self.controls
            .get(directory(path))
            .is_some_and(|controls| self.is_like(controls, response, path))
    }

    fn is_like(&self, controls: &[Print], response: &Response, path: &str) -> bool {
        if !controls
            .iter()
            .any(|control| control.status == response.status)
        {
            return false;
        }
        let seen = print(response, path);
        let slack = 2 * self.noise();
        controls.iter().any(|control| {
            control.status == seen.status
                && control.media == seen.media
                && distance(control, &seen) <= slack
        })
    }

    fn nearest(&self, path: &str) -> Option<&[Print]> {
        let mut above = path;
        loop {
            above = directory(above);
            if let Some(controls) = self.controls.get(above) {
                return Some(controls);
            }
            if above.is_empty() {
                // A target under a prefix has its root control there.
                return self.controls.values().next().map(Vec::as_slice);
            }
        }
    }

    /// How many words differ between two nonsense answers of one directory.
    fn noise(&self) -> usize {
        let pairs = self.controls.values().flat_map(|prints| prints.windows(2));
        pairs
            .map(|pair| distance(&pair[0], &pair[1]))
            .max()
            .unwrap_or(0)
    }
}

fn distance(left: &Print, right: &Print) -> usize {
    let echoes: Vec<&String> = left.echoes.iter().chain(&right.echoes).collect();
    left.words
        .symmetric_difference(&right.words)
        .filter(|word| !echoes.iter().any(|echo| repeats(word, echo)))
        .count()
}

fn print(response: &Response, path: &str) -> Print {
    let location = response.header("location").unwrap_or_default();
    let location = percent_encoding::percent_decode_str(location).decode_utf8_lossy();
    let mut words = word_set(&response.text(), path);
    // Where a redirect goes counts as much as what a page says.
    words.extend(
        word_set(&location, path)
            .into_iter()
            .map(|word| format!("location {word}")),
    );
    Print {
        status: response.status,
        media: response.media_type(),
        words,
        echoes: echoes(path),
    }
}

/// A number for what an answer says, blind to echoed paths, numbers and tokens.
pub(super) fn digest(response: &Response, path: &str) -> u64 {
    mark((response.status, word_set(&response.text(), path)))
}

/// A number for what a page lets a reader see: its text without tags, blind to numbers and tokens.
pub(super) fn said(response: &Response) -> u64 {
    let mut hasher = DefaultHasher::new();
    response.status.hash(&mut hasher);
    let text = response.text();
    let tags = response.media_type().contains("html");
    let mut pieces = text.split('<').enumerate();
    let shown = pieces
        .by_ref()
        .map(|(at, piece)| match piece.split_once('>') {
            Some((_, after)) if tags && at > 0 => after,
            _ => piece,
        });
    for word in shown.flat_map(words) {
        generalised(word).hash(&mut hasher);
    }
    hasher.finish()
}

fn echoes(path: &str) -> Vec<String> {
    // A number is one of many in an answer.
    let named = words(path).filter(|word| word.bytes().any(|byte| !byte.is_ascii_digit()));
    named.map(str::to_owned).collect()
}

/// True where a word of an answer repeats one of the path; a short one only as a whole.
fn repeats(word: &str, echo: &str) -> bool {
    if echo.len() >= 4 {
        return word.contains(echo);
    }
    word.strip_prefix("location ").unwrap_or(word) == echo
}

/// The words of a text without the path that it echoes.
fn word_set(text: &str, path: &str) -> BTreeSet<String> {
    let mut text = text[..text.floor_char_boundary(MAX_TEXT)].to_owned();
    let bare = path.trim_matches('/');
    if !bare.is_empty() {
        let encoded = bare.replace('/', "%2F");
        for echo in [
            format!("/{bare}"),
            format!("%2F{encoded}"),
            format!("\\/{bare}"),
        ] {
            text = text.replace(&echo, " ");
        }
    }
    let echoes = echoes(path);
    words(&text)
        // One letter is a piece of what was asked for: pydantic's "found `x` at 2".
        .filter(|word| word.len() > 1 || word.bytes().all(|b| b.is_ascii_digit()))
        .filter(|word| !echoes.iter().any(|echo| repeats(word, echo)))
        .map(|word| generalised(word).to_owned())
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Numbers are all one word, and so are tokens: they change from answer to answer.
fn generalised(word: &str) -> &str {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == word.len() {
        "0"
    } else if (digits > 0 && word.len() >= 8) || word.len() >= 32 {
        "token"
    } else {
        word
    }
}

/// A path segment that no application has: letters only, so that it looks like a page's name.
pub(super) fn nonsense(seed: &str, number: usize) -> String {
    let digest = Sha256::digest(format!("nonsense {seed} {number}"));
    let letters = digest.iter().take(12);
    letters.map(|byte| char::from(b'a' + byte % 26)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(status: u16, body: &str) -> Response {
        Response::of(status, &[("content-type", "text/html")], body)
    }

    fn learnt(bodies: [&str; 2]) -> Absent {
        let mut absent = Absent::default();
        absent.learn("", "/qwertyuiop", &page(200, bodies[0]));
        absent.learn("", "/asdfghjklz", &page(200, bodies[1]));
        absent
    }

    #[test]
    fn a_catch_all_is_known_though_it_echoes_the_path_and_changes_its_token() {
        let absent = learnt([
            "<p>No page /qwertyuiop here</p> n=a1b2c3d4e5 <a href='/login?next=%2Fqwertyuiop'>",
            "<p>No page /asdfghjklz here</p> n=f6a7b8c9d0 <a href='/login?next=%2Fasdfghjklz'>",
        ]);
        let same = "<p>No page /config here</p> n=9z8y7x6w5v <a href='/login?next=%2Fconfig'>";
        assert!(absent.covers(&page(200, same), "/config"));
        assert!(!absent.covers(&page(200, "<p>SECRET_KEY = dev</p>"), "/config"));
        assert!(!absent.covers(&page(401, same), "/config"));
        assert!(absent.covers(&page(404, "anything"), "/config"));
    }

    #[test]
    fn a_short_name_that_is_repeated_tells_nothing() {
        let absent = learnt(["<p>User qwertyuiop", "<p>User asdfghjklz"]);
        assert!(absent.covers(&page(200, "<p>User me"), "/me"));
        assert!(!absent.covers(&page(200, "<p>User method"), "/me"));
        assert!(!absent.covers(&page(200, "<p>User kim"), "/me"));
    }

    #[test]
    fn a_login_redirect_for_everything_is_known() {
        let mut absent = Absent::default();
        let answer =
            |path: &str| Response::of(302, &[("location", &format!("/login?next=%2F{path}"))], "");
        absent.learn("", "/qwertyuiop", &answer("qwertyuiop"));
        assert!(absent.covers(&answer("admin"), "/admin"));
        assert!(!absent.covers(&Response::of(302, &[("location", "/home")], ""), "/admin"));
    }

    #[test]
    fn a_directory_without_control_uses_the_one_above() {
        let mut absent = learnt(["none", "none"]);
        absent.learn("/api", "/api/qwertyuiop", &page(200, "{}"));
        assert!(absent.covers(&page(200, "none"), "/other/deep/x"));
        assert!(!absent.covers(&page(200, "none"), "/api/x"));
        assert!(absent.covers(&page(200, "{}"), "/api/v1/x"));
    }

    #[test]
    fn nonsense_repeats_with_its_seed_only() {
        assert_eq!(nonsense("1", 0), nonsense("1", 0));
        assert_ne!(nonsense("1", 0), nonsense("2", 0));
        assert_ne!(nonsense("1", 0), nonsense("1", 1));
    }
}
