//! Probe files as they are written.
//!
//! Owns: the YAML form, key by key; unknown keys are errors. Leaves out: what the values mean
//! (`compile`).

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, SeqAccess, Visitor};

/// One probe file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProbeSyntax {
    /// `category/name`, the same as the file's place.
    pub(super) id: String,
    /// One line that names the fault.
    pub(super) title: String,
    /// The same line for a source that is no credential, where the rule holds for any input.
    pub(super) title_any: Option<String>,
    /// A word: findings of one group and one target have one cause and are told together.
    pub(super) group: Option<String>,
    /// What is one finding, for what a single answer shows: `place` (the default), `cause` or
    /// `target`.
    pub(super) merge: Option<String>,
    /// Rules whose findings at the same place, with the same secrets, say nothing more.
    #[serde(default)]
    pub(super) covers: Vec<String>,
    /// What it sees is what the machinery says of an error: values in it were provoked.
    #[serde(default)]
    pub(super) error_text: bool,
    /// `info`, `low`, `medium`, `high` or `critical`.
    pub(super) severity: String,
    /// CWE numbers, most fitting first.
    pub(super) cwe: Vec<u32>,
    /// Risks of the OWASP API Security Top 10, as `API8:2023`.
    #[serde(default)]
    pub(super) owasp: Vec<String>,
    /// Requirements of OWASP ASVS, as `v4.0.3-8.3.1`.
    #[serde(default)]
    pub(super) asvs: Vec<String>,
    /// The page that explains it, where it is not keyspill's own.
    pub(super) help: Option<String>,
    /// Why it matters.
    pub(super) why: String,
    /// What makes it true.
    pub(super) true_when: Option<String>,
    /// What looks like it and is not.
    pub(super) not_when: Option<String>,
    /// The repair, in Flask and PyMongo terms.
    pub(super) remediation: String,
    /// Further reading.
    #[serde(default)]
    pub(super) references: Vec<String>,
    /// What sees the fault; any one of them is enough.
    pub(super) detect: Vec<MatcherSyntax>,
    /// Answers that show the fault.
    #[serde(default)]
    pub(super) examples: Vec<ExampleSyntax>,
    /// Answers that look like it and do not.
    #[serde(default)]
    pub(super) negative_examples: Vec<ExampleSyntax>,
}

/// One way to see the fault. Every variant has braces: a unit variant would swallow stray keys.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum MatcherSyntax {
    /// Text that stands in a single answer.
    Regex(Box<RegexSyntax>),
    /// Logic in Rust, by name.
    Native {
        /// Which.
        name: String,
    },
    /// A canary that came back.
    Canary {
        /// Where it came out.
        sink: String,
    },
    /// Answers that differ, or do not, where they should not, or should.
    Differential(Box<DifferentialSyntax>),
}

/// Which inputs are sent what, and what their answers must say to each other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DifferentialSyntax {
    /// A word for this matcher, part of the fingerprint; the rule's name if left out.
    pub(super) class: Option<String>,
    /// Which inputs.
    #[serde(default)]
    pub(super) inputs: InputsSyntax,
    /// What is sent, in order.
    pub(super) steps: Vec<StepSyntax>,
    /// What must hold between two steps.
    #[serde(default)]
    pub(super) compare: Vec<TogetherSyntax>,
    /// `nonsense-parameter`, `nonsense-path`.
    #[serde(default)]
    pub(super) controls: Words,
    /// Further rounds; 2 by default.
    pub(super) repeats: Option<usize>,
    /// Rules whose confirmed finding from the same input is proof enough.
    #[serde(default)]
    pub(super) proven_by: Words,
    /// Rules whose confirmed finding from the same input shows that it is accepted.
    #[serde(default)]
    pub(super) accepted_by: Words,
    /// `confirmed` (the default), `likely` or `undetermined`.
    pub(super) verdict: Option<String>,
    /// `undetermined`: what is offered and not shown is told.
    pub(super) offered: Option<String>,
    /// `status` (the default), `body` or `differing`.
    pub(super) sink: Option<String>,
    /// `inputs`: one finding an operation.
    pub(super) merge: Option<String>,
}

/// Which inputs; all of it must hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InputsSyntax {
    /// Places, or `any` (the default).
    #[serde(default = "Words::any")]
    pub(super) place: Words,
    /// `any`, `weak` (the default) or `strong`.
    pub(super) credential: Option<String>,
    /// `planted` (the default), `taken`, `let-in`, `given` or `broke`.
    pub(super) seen: Option<String>,
    /// A pattern for the name.
    pub(super) name: Option<String>,
    /// A pattern that the name must not match.
    pub(super) not_name: Option<String>,
    /// A pattern for the operation's path.
    pub(super) path: Option<String>,
    /// A pattern that the path must not match.
    pub(super) not_path: Option<String>,
    /// What the operation must not be by its path: `login`, `sign-up`, `session`, `token`.
    #[serde(default)]
    pub(super) not_at: Words,
}

/// One step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepSyntax {
    /// Its name; the form's if left out.
    pub(super) name: Option<String>,
    /// One form, or a list of which one is enough.
    #[serde(default)]
    pub(super) send: Words,
    /// A JSON value that is sent, `{{canary}}` in its names and texts; one more form.
    pub(super) json: Option<serde_json::Value>,
    /// How it must be taken; one of a list.
    #[serde(default)]
    pub(super) expect: Words,
    /// False for a step that is only reported.
    pub(super) decides: Option<bool>,
    /// Not sent again in further rounds.
    #[serde(default)]
    pub(super) once: bool,
}

/// One of three relations between two steps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TogetherSyntax {
    /// The same answer.
    pub(super) same: Option<Vec<String>>,
    /// Answers that differ reliably.
    pub(super) differ: Option<Vec<String>>,
    /// The second is an acceptance, the first is none.
    pub(super) accepts: Option<Vec<String>>,
}

/// A word, or a list of words.
#[derive(Debug, Default)]
pub(super) struct Words(pub(super) Vec<String>);

impl Words {
    fn any() -> Self {
        Self(vec!["any".to_owned()])
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Vec<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word, or a list of words")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
                Ok(vec![text.to_owned()])
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Vec<String>, E> {
                Ok(vec![number.to_string()])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
                let mut words = Vec::new();
                while let Some(StatusSyntax(word)) = items.next_element()? {
                    words.push(word);
                }
                Ok(words)
            }
        }

        from.deserialize_any(List).map(Self)
    }
}

/// A regular expression with its conditions; all of them must hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegexSyntax {
    /// The detector's id within the rule; a group named `class` in the pattern wins over it.
    pub(super) class: Option<String>,
    /// `body` (the default), `header:NAME` or `headers`.
    #[serde(rename = "in")]
    pub(super) place: Option<String>,
    /// What to find; a group named `secret` is masked in every output.
    pub(super) pattern: String,
    /// Plain words of which one stands in every match: they make the search fast.
    #[serde(default)]
    pub(super) hints: Vec<String>,
    /// Patterns that must be found as well, anywhere in the same text.
    #[serde(default)]
    pub(super) also: Vec<String>,
    /// What refutes a match.
    #[serde(default)]
    pub(super) unless: Vec<UnlessSyntax>,
    /// A pattern that the request's path and query must match.
    pub(super) url: Option<String>,
    /// Status codes (`200`) or classes (`5xx`); any when empty.
    #[serde(default)]
    pub(super) status: Vec<StatusSyntax>,
    /// Beginnings of media types (`text/html`, `application/json`); any when empty.
    #[serde(default)]
    pub(super) media_type: Vec<String>,
    /// How many different matches it takes; 1 by default.
    pub(super) min_count: Option<usize>,
    /// Look at the text as sent only, not at its unescaped form.
    #[serde(default)]
    pub(super) raw: bool,
    /// A page that merely quotes such a text is no fault: it counts when an input provokes it.
    /// `true`, `in-code`, or `false` (the default).
    pub(super) quotable: Option<Pieces>,
    /// `crc32-base62` or `jwt`: a check of the group named `secret`.
    pub(super) verify: Option<String>,
}

/// What refutes a match.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlessSyntax {
    /// `match` (the default), `near` (120 characters to both sides as well), `text` (the whole
    /// body or header), `url`, or a named group of the pattern.
    pub(super) on: Option<String>,
    /// The refuting pattern.
    pub(super) pattern: String,
}

/// `200` or `5xx`.
#[derive(Debug)]
pub(super) struct StatusSyntax(pub(super) String);

impl<'de> Deserialize<'de> for StatusSyntax {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text(from, "a status such as 200 or 5xx").map(Self)
    }
}

/// A text, or pieces of one that are joined. Pieces keep secret scanners away from examples.
#[derive(Debug, Default)]
pub(super) struct Pieces(pub(super) String);

impl<'de> Deserialize<'de> for Pieces {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text(from, "a text, or a list of its pieces").map(Self)
    }
}

/// Reads a text, a number or a list of texts. Written by hand, since `untagged` loses the line.
fn text<'de, D: de::Deserializer<'de>>(
    from: D,
    expected: &'static str,
) -> Result<String, D::Error> {
    struct Text(&'static str);

    impl<'de> Visitor<'de> for Text {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_bool<E: de::Error>(self, flag: bool) -> Result<String, E> {
            Ok(flag.to_string())
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<String, A::Error> {
            let mut whole = String::new();
            while let Some(piece) = pieces.next_element::<String>()? {
                whole.push_str(&piece);
            }
            Ok(whole)
        }
    }

    from.deserialize_any(Text(expected))
}

/// An answer, a canary's way, or a set of answers; `compile` tells which by its keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExampleSyntax {
    /// The answer's status; 200 by default.
    pub(super) status: Option<u16>,
    /// The answer's headers.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, Pieces>,
    /// The answer's body.
    pub(super) body: Option<Pieces>,
    /// The request's path and query; `/` by default.
    pub(super) url: Option<String>,
    /// Where the canary went in (`query`, `json`, …).
    pub(super) place: Option<String>,
    /// The input that took the canary.
    pub(super) input: Option<String>,
    /// True when the answer is another operation's, whose own request does not carry the canary.
    #[serde(default)]
    pub(super) elsewhere: bool,
    /// Answers by step, or by form of a step that has several.
    #[serde(default)]
    pub(super) answers: BTreeMap<String, AnswerSyntax>,
    /// Rules with a confirmed finding from the same input.
    #[serde(default)]
    pub(super) found: Words,
    /// The request's method, for a set of answers; `POST` by default.
    pub(super) method: Option<String>,
    /// What the example shows.
    #[serde(default)]
    pub(super) why: String,
}

/// One answer of a set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerSyntax {
    /// The status; 200 by default.
    pub(super) status: Option<u16>,
    /// The headers.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, Pieces>,
    /// The body.
    #[serde(default)]
    pub(super) body: Pieces,
}
