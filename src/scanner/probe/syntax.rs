//! The written form of probe files.
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
    /// `category/name`, matching the file's path.
    pub(super) id: String,
    /// One line that names the fault.
    pub(super) title: String,
    /// The title for a source that is not a credential, if the rule applies to any input.
    pub(super) title_any: Option<String>,
    /// A word: findings of one group on one target have one cause and are reported together.
    pub(super) group: Option<String>,
    /// What makes up one finding, for rules that look at single answers: `place` (the default), `cause`
    /// or `target`.
    pub(super) merge: Option<String>,
    /// Rules whose findings at the same place and with the same secrets add nothing to this rule's.
    #[serde(default)]
    pub(super) covers: Vec<String>,
    /// True when the rule sees error messages of the framework or a driver: values in them were provoked.
    #[serde(default)]
    pub(super) error_text: bool,
    /// `info`, `low`, `medium`, `high` or `critical`.
    pub(super) severity: String,
    /// CWE numbers, the most fitting first.
    pub(super) cwe: Vec<u32>,
    /// Risks of the OWASP API Security Top 10, as `API8:2023`.
    #[serde(default)]
    pub(super) owasp: Vec<String>,
    /// Requirements of OWASP ASVS, as `v4.0.3-8.3.1`.
    #[serde(default)]
    pub(super) asvs: Vec<String>,
    /// The page that explains the rule, if it is not keyspill's own.
    pub(super) help: Option<String>,
    /// Why it matters.
    pub(super) why: String,
    /// What makes a finding true.
    pub(super) true_when: Option<String>,
    /// What looks like the fault but is not.
    pub(super) not_when: Option<String>,
    /// The repair, in Flask and PyMongo terms.
    pub(super) remediation: String,
    /// Further reading.
    #[serde(default)]
    pub(super) references: Vec<String>,
    /// Matchers that see the fault; any one of them is enough.
    pub(super) detect: Vec<MatcherSyntax>,
    /// Answers that show the fault.
    #[serde(default)]
    pub(super) examples: Vec<ExampleSyntax>,
    /// Answers that look like the fault but are not.
    #[serde(default)]
    pub(super) negative_examples: Vec<ExampleSyntax>,
}

/// One way to see the fault. Every variant has braces, because a unit variant would accept stray keys.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum MatcherSyntax {
    /// Text in a single answer.
    Regex(Box<RegexSyntax>),
    /// Logic in Rust, by name.
    Native {
        /// The name.
        name: String,
    },
    /// A canary that came back.
    Canary {
        /// Where it came out.
        sink: String,
    },
    /// Answers that differ where they should not, or are the same where they should differ.
    Differential(Box<DifferentialSyntax>),
}

/// Which inputs are sent what, and how their answers must relate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DifferentialSyntax {
    /// A word for this matcher, part of the fingerprint; defaults to the rule's name.
    pub(super) class: Option<String>,
    /// Which inputs.
    #[serde(default)]
    pub(super) inputs: InputsSyntax,
    /// The steps, in the order in which they are sent.
    pub(super) steps: Vec<StepSyntax>,
    /// What must hold between two steps.
    #[serde(default)]
    pub(super) compare: Vec<TogetherSyntax>,
    /// `nonsense-parameter`, `nonsense-path`.
    #[serde(default)]
    pub(super) controls: Words,
    /// The number of further rounds; 2 by default.
    pub(super) repeats: Option<usize>,
    /// Rules whose confirmed finding from the same input is proof enough.
    #[serde(default)]
    pub(super) proven_by: Words,
    /// Rules whose confirmed finding from the same input shows that the input is accepted.
    #[serde(default)]
    pub(super) accepted_by: Words,
    /// `confirmed` (the default), `likely` or `undetermined`.
    pub(super) verdict: Option<String>,
    /// `undetermined`: what is offered but not proven is reported.
    pub(super) offered: Option<String>,
    /// `status` (the default), `body` or `differing`.
    pub(super) sink: Option<String>,
    /// `inputs`: one finding per operation.
    pub(super) merge: Option<String>,
}

/// Which inputs; all conditions must hold.
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
    /// What the operation must not be, judging by its path: `login`, `sign-up`, `session`, `token`.
    #[serde(default)]
    pub(super) not_at: Words,
}

/// One step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepSyntax {
    /// The name of the step; defaults to that of its form.
    pub(super) name: Option<String>,
    /// One form, or a list of forms, any one of which is enough.
    #[serde(default)]
    pub(super) send: Words,
    /// A JSON value to send, with `{{canary}}` in its names and texts; it counts as one more form.
    pub(super) json: Option<serde_json::Value>,
    /// How the answer must look: any one of a list.
    #[serde(default)]
    pub(super) expect: Words,
    /// False for a step that is only reported.
    pub(super) decides: Option<bool>,
    /// True for a step that is not repeated in further rounds.
    #[serde(default)]
    pub(super) once: bool,
}

/// A relation between two steps; exactly one of the three is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TogetherSyntax {
    /// The same answer.
    pub(super) same: Option<Vec<String>>,
    /// Answers that differ reliably.
    pub(super) differ: Option<Vec<String>>,
    /// The second answer is an acceptance, the first is not.
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

/// A regular expression with its conditions, all of which must hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegexSyntax {
    /// The detector's id within the rule; a group named `class` in the pattern overrides it.
    pub(super) class: Option<String>,
    /// `body` (the default), `header:NAME` or `headers`.
    #[serde(rename = "in")]
    pub(super) place: Option<String>,
    /// The pattern to find; a group named `secret` is masked in every output.
    pub(super) pattern: String,
    /// Plain words, at least one of which appears in every match; they make the search fast.
    #[serde(default)]
    pub(super) hints: Vec<String>,
    /// Patterns that must be found as well, anywhere in the same text.
    #[serde(default)]
    pub(super) also: Vec<String>,
    /// Conditions that refute a match.
    #[serde(default)]
    pub(super) unless: Vec<UnlessSyntax>,
    /// A pattern that the request's path and query must match.
    pub(super) url: Option<String>,
    /// Status codes (`200`) or classes (`5xx`); any if empty.
    #[serde(default)]
    pub(super) status: Vec<StatusSyntax>,
    /// Prefixes of media types (`text/html`, `application/json`); any if empty.
    #[serde(default)]
    pub(super) media_type: Vec<String>,
    /// The number of different matches required; 1 by default.
    pub(super) min_count: Option<usize>,
    /// True to search only the text as sent, not its unescaped form.
    #[serde(default)]
    pub(super) raw: bool,
    /// Whether a page that merely quotes such a text is not a fault, so that the text counts only if an
    /// input provokes it: `true`, `in-code`, or `false` (the default).
    pub(super) quotable: Option<Pieces>,
    /// A check of the group named `secret`: `crc32-base62`, `jwt` or `generated`.
    pub(super) verify: Option<String>,
}

/// A condition that refutes a match.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlessSyntax {
    /// `match` (the default), `near` (also 120 characters on each side), `text` (the whole body or
    /// header), `url`, or a named group of the pattern.
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

/// A text, or a list of pieces to join. Pieces keep secret scanners away from examples.
#[derive(Debug, Default)]
pub(super) struct Pieces(pub(super) String);

impl<'de> Deserialize<'de> for Pieces {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text(from, "a text, or a list of its pieces").map(Self)
    }
}

/// Reads a text, a number or a list of texts. Written by hand because `untagged` loses the line number.
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

/// An answer, the path of a canary, or a set of answers; `compile` distinguishes them by their keys.
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
    /// The place where the canary went in (`query`, `json`, …).
    pub(super) place: Option<String>,
    /// The input that took the canary.
    pub(super) input: Option<String>,
    /// True when the answer belongs to another operation, whose own request does not carry the canary.
    #[serde(default)]
    pub(super) elsewhere: bool,
    /// Answers by step, or by form if a step has several.
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
