//! Probes: what RULES.md says, as data. One YAML file a rule under `probes/<category>/`, compiled
//! into the binary through a visible catalogue; more can be loaded from a folder.
//!
//! Owns: the written form (`syntax`), the compiled form (here), the list of files (`catalog`), and
//! the checks that keep probes honest (`check`). Leaves out: looking at answers with them
//! (`detect`, `judge`). Written and compiled form are two types; unknown keys are errors.

mod catalog;
mod check;
mod compile;
mod differential;
mod example;
mod locate;
mod named;
mod steps;
mod syntax;

use std::fmt;

use regex::Regex;

pub use catalog::{Catalog, ProbeFile};
pub use check::{ExampleRunner, check};
pub use differential::{
    Control, Differential, Expect, Form, InputRange, Purpose, Seen, SinkKind, Step, Tier, Together,
};
pub use example::{Example, expand};

use crate::finding::RuleInfo;
use crate::http::Response;
use named::named;

/// A compiled probe: a rule and the detectors that see it.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What reports say about the rule.
    pub rule: RuleInfo,
    /// What is one finding, for what a single answer shows.
    pub merge: Merge,
    /// Rules whose findings at the same place, with the same secrets, say nothing more.
    pub covers: Vec<String>,
    /// What its patterns see is what the machinery says of an error: values in it were provoked.
    pub error_text: bool,
    /// Further reading.
    pub references: Vec<String>,
    /// What sees the fault; any one of them is enough.
    pub detectors: Vec<Detector>,
    /// What must be seen.
    pub examples: Vec<Example>,
    /// What must not.
    pub negative_examples: Vec<Example>,
    /// The file it came from, for messages.
    pub file: String,
}

impl Probe {
    /// True where it looks for canaries of a kind.
    pub fn sees_canary(&self, kind: CanarySink) -> bool {
        let of_kind =
            |detector: &Detector| matches!(detector, Detector::Canary(one) if *one == kind);
        self.detectors.iter().any(of_kind)
    }

    /// True where an input that is offered is told though nothing was proven.
    pub fn tells_offered(&self) -> bool {
        let tells = |detector: &Detector| matches!(detector, Detector::Differential(one) if one.tell_offered);
        self.detectors.iter().any(tells)
    }
}

/// One way to see a fault.
#[derive(Clone, Debug)]
pub enum Detector {
    /// Text in a single answer.
    Text(Box<TextDetector>),
    /// Logic in Rust that looks at a single answer.
    Native(Native),
    /// A canary that came back.
    Canary(CanarySink),
    /// Answers to several values of one input, compared.
    Differential(Box<Differential>),
}

impl Detector {
    /// True where what it sees rests on a value that was planted.
    pub const fn plants(&self) -> bool {
        matches!(self, Self::Canary(_) | Self::Differential(_))
    }
}

/// A regular expression with its conditions; all of them must hold.
#[derive(Clone, Debug)]
pub struct TextDetector {
    /// The detector's id within the rule.
    pub class: String,
    /// Which text.
    pub place: TextPlace,
    /// What to find.
    pub pattern: Regex,
    /// Of these, one stands in every match.
    pub hints: Vec<String>,
    /// Must be found as well.
    pub also: Vec<Regex>,
    /// Must not be found.
    pub unless: Vec<Unless>,
    /// Must match the request's path and query.
    pub url: Option<Regex>,
    /// Allowed statuses; any when empty.
    pub status: Vec<StatusRange>,
    /// Allowed beginnings of media types; any when empty.
    pub media_types: Vec<String>,
    /// How many different matches it takes.
    pub min_count: usize,
    /// Look at the text as sent only.
    pub raw: bool,
    /// Where a page may quote such a text.
    pub quotable: Quotable,
    /// What the secret must hold besides matching.
    pub verify: Option<Verify>,
}

impl TextDetector {
    /// True when the answer meets the conditions on status and media type.
    pub fn applies(&self, response: &Response) -> bool {
        let status = self.status.is_empty()
            || self
                .status
                .iter()
                .any(|range| range.contains(response.status));
        let media = response.media_type();
        status
            && (self.media_types.is_empty()
                || self
                    .media_types
                    .iter()
                    .any(|allowed| media.starts_with(allowed.as_str())))
    }
}

/// The text that a [`TextDetector`] reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPlace {
    /// The body.
    Body,
    /// Every value of one header, by its lower-case name.
    Header(String),
    /// The values of all headers.
    Headers,
}

/// What refutes a match.
#[derive(Clone, Debug)]
pub struct Unless {
    /// Where to look.
    pub on: UnlessOn,
    /// What to look for.
    pub pattern: Regex,
}

/// Where a refuting pattern looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnlessOn {
    /// The match.
    Match,
    /// The match and some characters to both sides.
    Near,
    /// The whole body or header.
    Text,
    /// The request's path and query.
    Url,
    /// A named group of the pattern.
    Group(String),
}

/// Inclusive bounds of status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    /// The lowest.
    pub from: u16,
    /// The highest.
    pub to: u16,
}

impl StatusRange {
    /// True for a status inside.
    pub const fn contains(self, status: u16) -> bool {
        self.from <= status && status <= self.to
    }
}

named! {
    /// Static detection that a pattern cannot say; the code is in `detect`.
    Native {
        /// Python tracebacks and the Werkzeug debugger's page, with their extent and exception.
        Traceback = "traceback",
        /// Settings, an environment or a configuration file: pairs of names and values.
        ConfigDump = "config-dump",
        /// Records with passwords, keys and their hashes; it takes the request as well.
        SensitiveField = "sensitive-field",
    }
}

named! {
    /// What a group named `secret` must hold besides matching.
    Verify {
        /// The last six characters are the CRC-32 of the 30 before, in base 62 (GitHub, npm).
        Checksum = "crc32-base62",
        /// A JSON Web Token: its head is JSON and names an algorithm.
        Jwt = "jwt",
        /// It is no word, and nothing that manuals write: a generated value.
        Generated = "generated",
    }
}

named! {
    /// Where a canary came out. The order is RULES.md's precedence: the first that fits wins.
    CanarySink {
        /// In the answer of another operation.
        Stored = "stored",
        /// In an error answer, traceback or driver message.
        Error = "error",
        /// In `Location` or `Refresh`.
        Redirect = "redirect",
        /// In `Set-Cookie`, plain or decoded.
        Cookie = "cookie",
        /// In another header.
        Header = "header",
        /// In the body.
        Body = "body",
        /// Not itself, but an unkeyed digest of it.
        Digest = "digest",
    }
}

named! {
    /// What is one finding, for what a single answer shows.
    Merge {
        /// What one place shows.
        Place = "place",
        /// The same secrets, or the same message, wherever they are shown.
        Cause = "cause",
        /// All of the target.
        Target = "target",
    }
}

named! {
    /// Where a page may quote a text that is no fault there.
    Quotable {
        /// Nowhere.
        No = "false",
        /// Where it is set as code: `<pre>`, `<code>`.
        InCode = "in-code",
        /// Anywhere.
        Anywhere = "true",
    }
}

/// What is wrong with a probe file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, where it is known.
    pub column: Option<usize>,
    /// The key at fault (`detect[0].pattern`); empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}
