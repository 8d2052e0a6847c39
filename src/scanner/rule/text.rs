//! A pattern with its conditions, matched against the body or a header of one answer.

use std::collections::HashSet;
use std::ops::Range;

use regex::{Captures, Regex};

use super::verify::holds;
use super::{AnswerView, Detector, Hit, Shows};
use crate::detect::{Quotable, is_placeholder};
use crate::http::StatusRange;
use crate::named::named;
use crate::traceback;
use crate::unescape::View;

/// The maximum number of matches examined per detector and text. A pattern that matches more often does
/// not prove anything, and each match costs time.
const MAX_MATCHES: usize = 1000;
/// The maximum number of hits kept per detector.
const MAX_HITS: usize = 32;
/// Characters on each side of a match that `on: near` reads.
const NEAR: usize = 120;

/// A regular expression with its conditions, all of which must hold.
#[derive(Clone, Debug)]
pub(crate) struct TextDetector {
    /// The detector's id within the rule.
    pub(crate) class: String,
    /// What its matches are.
    pub(crate) shows: Shows,
    /// The text to search.
    pub(crate) place: TextPlace,
    /// The pattern to find.
    pub(crate) pattern: Regex,
    /// Words, at least one of which appears in every match.
    pub(crate) hints: Vec<String>,
    /// Patterns that must be found as well.
    pub(crate) also: Vec<Regex>,
    /// Conditions that must not hold.
    pub(crate) unless: Vec<Unless>,
    /// A pattern that the request's path and query must match.
    pub(crate) url: Option<Regex>,
    /// Allowed statuses; any if empty.
    pub(crate) status: Vec<StatusRange>,
    /// Allowed prefixes of media types; any if empty.
    pub(crate) media_types: Vec<String>,
    /// The number of different matches required.
    pub(crate) min_count: usize,
    /// True to search only the text as sent.
    pub(crate) raw: bool,
    /// Where a page may quote such a text.
    pub(crate) quotable: Quotable,
    /// A check that the secret must also pass.
    pub(crate) verify: Option<Verify>,
}

impl TextDetector {
    /// Returns true if the answer and request meet the conditions on status, media type and URL.
    fn applies(&self, answer: &AnswerView<'_>) -> bool {
        let (response, media) = (answer.response, answer.response.media_type());
        let of_status = |range: &StatusRange| range.contains(response.status);
        (self.status.is_empty() || self.status.iter().any(of_status))
            && (self.media_types.is_empty()
                || self
                    .media_types
                    .iter()
                    .any(|one| media.starts_with(one.as_str())))
            && self
                .url
                .as_ref()
                .is_none_or(|url| url.is_match(answer.asked))
    }

    /// Returns the matches that nothing refutes.
    fn hits(&self, text: &str, asked: &str) -> Vec<Hit> {
        if !self.also.iter().all(|pattern| pattern.is_match(text)) {
            return Vec::new();
        }
        let mut hits = Vec::new();
        let mut different = HashSet::new();
        for parts in self.pattern.captures_iter(text).take(MAX_MATCHES) {
            let Some(whole) = parts.get(0) else { continue };
            if self.refuted(text, asked, &parts) {
                continue;
            }
            different.insert(whole.as_str());
            if hits.len() >= MAX_HITS {
                break;
            }
            let class = parts.name("class");
            let class = class.map_or(self.class.as_str(), |class| class.as_str());
            let secret = parts.name("secret").map(|secret| secret.range());
            hits.push(Hit {
                by_form: secret.is_some(),
                secrets: secret.into_iter().collect(),
                quotable: self.quotable,
                ..Hit::new(self.shows, class, whole.range())
            });
        }
        if different.len() < self.min_count {
            hits.clear();
        }
        hits
    }

    fn refuted(&self, text: &str, asked: &str, parts: &Captures<'_>) -> bool {
        if let Some(secret) = parts.name("secret") {
            let genuine = self
                .verify
                .is_none_or(|verify| holds(verify, secret.as_str()));
            if !genuine || is_placeholder(secret.as_str()) {
                return true;
            }
        }
        if parts
            .name("value")
            .is_some_and(|value| is_placeholder(value.as_str()))
        {
            return true;
        }
        let whole = parts.get(0).map_or(0..0, |whole| whole.range());
        self.unless.iter().any(|unless| {
            let piece = match &unless.on {
                UnlessOn::Match => text.get(whole.clone()),
                UnlessOn::Near => Some(near(text, &whole)),
                UnlessOn::Text => Some(text),
                UnlessOn::Url => Some(asked),
                UnlessOn::Group(name) => parts.name(name).map(|group| group.as_str()),
            };
            piece.is_some_and(|piece| unless.pattern.is_match(piece))
        })
    }
}

impl Detector for TextDetector {
    fn hints(&self) -> Vec<String> {
        self.hints.clone()
    }

    fn tells_secrets(&self) -> bool {
        self.pattern
            .capture_names()
            .flatten()
            .any(|name| name == "secret")
    }

    fn look(&self, answer: &AnswerView<'_>, view: &View<'_>) -> Vec<Hit> {
        let wanted =
            self.place == TextPlace::Body && (view.raw || !self.raw) && self.applies(answer);
        if !wanted {
            return Vec::new();
        }
        let mut hits = self.hits(&view.text, answer.asked);
        // The line of source that raises a message is not the message.
        hits.retain(|hit| {
            !hit.secrets.is_empty() || !traceback::is_source_line(&view.text, hit.span.start)
        });
        hits
    }

    fn look_at_header(&self, answer: &AnswerView<'_>, name: &str, value: &str) -> Vec<Hit> {
        let wanted = match &self.place {
            TextPlace::Body => false,
            TextPlace::Header(wanted) => wanted == name,
            TextPlace::Headers => true,
        };
        if wanted && self.applies(answer) {
            self.hits(value, answer.asked)
        } else {
            Vec::new()
        }
    }
}

/// The text that a [`TextDetector`] searches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextPlace {
    /// The body.
    Body,
    /// All values of one header, given by its lower-case name.
    Header(String),
    /// The values of all headers.
    Headers,
}

/// A condition that refutes a match.
#[derive(Clone, Debug)]
pub(crate) struct Unless {
    /// Where to look.
    pub(crate) on: UnlessOn,
    /// The pattern to look for.
    pub(crate) pattern: Regex,
}

/// Where a refuting pattern looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UnlessOn {
    /// The match.
    Match,
    /// The match and some characters on each side.
    Near,
    /// The whole body or header.
    Text,
    /// The request's path and query.
    Url,
    /// A named group of the pattern.
    Group(String),
}

named! {
    /// A check that a group named `secret` must also pass.
    Verify {
        /// The last six characters are the CRC-32 of the 30 before, in base 62 (GitHub, npm).
        Checksum = "crc32-base62",
        /// A JSON Web Token: its head is JSON and names an algorithm.
        Jwt = "jwt",
        /// Neither a word nor a value found in manuals: a generated value.
        Generated = "generated",
    }
}

fn near<'t>(text: &'t str, whole: &Range<usize>) -> &'t str {
    let from = text.floor_char_boundary(whole.start.saturating_sub(NEAR));
    let to = text.ceil_char_boundary((whole.end + NEAR).min(text.len()));
    text.get(from..to).unwrap_or_default()
}
