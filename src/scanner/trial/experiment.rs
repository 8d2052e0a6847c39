//! An experiment: which inputs it tries, what it sends to each of them, what the answers must say,
//! and what that costs.
//!
//! Owns: the types, and counting requests. Leaves out: the written form (`probe`), judging answers
//! (`mod.rs`), sending (`attempt`).

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use crate::compare::samples_needed;
use crate::finding::Verdict;
use crate::http::StatusRange;
use crate::login;
use crate::named::named;
pub use crate::plan::CANARY;
use crate::surface::Place;

/// A difference in content must not come from an A/B test of up to this many variants, except with
/// this probability.
const VARIANTS: usize = 4;
const CHANCE: f64 = 0.001;
/// The most rounds until two values are seen to get the same answer.
///
/// Only noisy pages need more than the repeats. If several boxes come and go, four answers a side
/// differ by chance once in twenty cases, and seven in fewer than one in a thousand
/// ([`crate::compare::false_chance`]).
const MOST_ROUNDS: usize = 7;

/// A comparison of the answers to several values of one input.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Part of the finding's fingerprint.
    pub class: String,
    /// Which inputs it examines.
    pub inputs: InputRange,
    /// What is sent, in the order of a round.
    pub steps: Vec<Step>,
    /// What must hold between the answers of two steps. All of them must hold.
    pub together: Vec<Together>,
    /// Controls that must not explain the result.
    pub controls: Vec<Control>,
    /// The number of further rounds that must show the same.
    pub repeats: usize,
    /// Rules that make requests unnecessary: their confirmed finding from the same input is proof
    /// enough.
    pub proven_by: Vec<String>,
    /// Rules that replace every [`Together::Accepts`] by their confirmed finding from the same
    /// input.
    pub accepted_by: Vec<String>,
    /// What the expectations prove if they hold.
    pub verdict: Verdict,
    /// True if an input that a page, script or specification offers is reported as undetermined
    /// when the expectations do not hold.
    pub tell_offered: bool,
    /// Where the finding points.
    pub sink: SinkKind,
    /// If set, an operation gets one finding with its inputs as occurrences, and at most this many
    /// inputs are tried.
    pub merge: Option<usize>,
}

/// Which inputs an [`Experiment`] examines. All conditions must hold.
#[derive(Clone, Debug)]
pub struct InputRange {
    /// The places; any place if empty.
    pub places: Vec<Place>,
    /// How strongly its name must suggest a credential.
    pub tier: Tier,
    /// What must have been seen of the input.
    pub seen: Seen,
    /// The name must match this.
    pub name: Option<Regex>,
    /// The name must not match this.
    pub not_name: Option<Regex>,
    /// The operation's path template must match this.
    pub path: Option<Regex>,
    /// The operation's path template must not match this.
    pub not_path: Option<Regex>,
    /// Purposes that the operation must not have, judging by its path.
    pub not_at: Vec<Purpose>,
}

impl InputRange {
    /// Returns true for an input at this place, with this name, of an operation with this path.
    pub fn contains(&self, place: Place, name: &str, path: &str) -> bool {
        let is = |pattern: &Option<Regex>, text: &str| {
            pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(text))
        };
        let is_not = |pattern: &Option<Regex>, text: &str| {
            !pattern
                .as_ref()
                .is_some_and(|pattern| pattern.is_match(text))
        };
        (self.places.is_empty() || self.places.contains(&place))
            && is(&self.name, name)
            && is_not(&self.not_name, name)
            && is(&self.path, path)
            && is_not(&self.not_path, path)
            && !self.not_at.iter().any(|purpose| purpose.is_at(path))
    }
}

named! {
    /// What an operation is for, judging by its path.
    Purpose {
        /// It asks for a password, or hands over to something that does.
        Login = "login",
        /// It creates an account.
        SignUp = "sign-up",
        /// Sessions, as a resource: creating one is a login.
        Session = "session",
        /// Tokens, as a resource.
        Token = "token",
    }
}

impl Purpose {
    /// Returns true for an operation with this path.
    fn is_at(self, path: &str) -> bool {
        match self {
            Self::Login => login::is_login(path),
            Self::SignUp => login::signs_up(path),
            Self::Session => login::has_segment(path, &["session", "sessions", "oauth"]),
            Self::Token => login::has_segment(path, &["token"]),
        }
    }
}

/// One step: what is sent, and how the operation must take it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name in comparisons, examples and evidence.
    pub name: String,
    /// What the input gets. Of several forms each is sent once, and one that is taken as expected
    /// is enough; that one is repeated.
    pub forms: Vec<Sent>,
    /// How the operation must take it: any one of these; in any way if empty.
    pub expect: Vec<Expect>,
    /// False for a step that is only reported: it is sent once, when everything else holds.
    pub decides: bool,
    /// True if the step is not sent again in further rounds.
    pub once: bool,
}

/// What must hold between two steps, given by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// The answers are the same, apart from noise and echoes.
    Same(usize, usize),
    /// The answers differ reliably, apart from echoes.
    Differ(usize, usize),
    /// The second answer is an acceptance, and the first is not.
    Accepts(usize, usize),
}

impl Together {
    /// Returns the two steps.
    pub const fn steps(self) -> (usize, usize) {
        match self {
            Self::Same(left, right) | Self::Differ(left, right) | Self::Accepts(left, right) => {
                (left, right)
            }
        }
    }
}

/// How an answer must turn out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// 2xx, or a redirect that does not lead to a login.
    Success,
    /// 401, 403, or a redirect to a login.
    Refused,
    /// Another 4xx.
    Rejected,
    /// A 5xx that means "broken": not 501 to 504.
    Broken,
    /// A status within this range.
    Status(StatusRange),
}

impl Expect {
    /// The names for everything except statuses.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("success", Self::Success),
        ("refused", Self::Refused),
        ("rejected", Self::Rejected),
        ("broken", Self::Broken),
    ];
}

/// What an input gets in a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Sent {
    /// A form with a name.
    Form(Form),
    /// A JSON value: as it is in a JSON body; elsewhere as text, with a string losing its quotes.
    /// [`CANARY`] in its names and texts stands for the canary; it may be missing.
    Json(Arc<Value>),
    /// A JSON value under another name, in which [`WORD`] stands for a word of the run.
    Named(String, Arc<Value>),
}

/// In a name, stands for a word that no application knows.
pub const WORD: &str = "{{word}}";

impl Sent {
    /// Returns its form, if that has a name.
    pub const fn form(&self) -> Option<Form> {
        match self {
            Self::Form(form) => Some(*form),
            Self::Json(_) | Self::Named(..) => None,
        }
    }

    /// Returns true if a request can carry it in this place.
    pub const fn fits(&self, place: Place) -> bool {
        match self {
            Self::Form(form) => form.fits(place),
            // A file's content and an XML text are not JSON.
            Self::Json(_) => !matches!(place, Place::Path | Place::Multipart | Place::Xml),
            Self::Named(..) => matches!(place, Place::Query | Place::Form | Place::Json),
        }
    }

    /// Returns its name in examples.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Form(form) => form.as_str(),
            Self::Json(_) | Self::Named(..) => "json",
        }
    }
}

named! {
    /// What an input gets in a step, by name. No form widens what a write touches.
    Form {
        /// Nothing: the input is left out.
        Absent = "absent",
        /// A plain, well-typed value: the operation's baseline.
        Plain = "plain",
        /// A well-formed canary.
        Canary = "canary",
        /// Another canary of the same shape.
        Other = "other",
        /// The value that made the input a suspect.
        Suspect = "suspect",
        /// The tester's own credential.
        Own = "own",
        /// The empty text.
        Empty = "empty",
        /// One character.
        OneCharacter = "one-character",
        /// 8 KiB in a body, 3,000 bytes in query and path, 2 KiB in a header or cookie.
        Long = "long",
        /// A control character inside the value.
        ControlCharacter = "control-character",
        /// A list where JSON text is expected.
        WrongType = "wrong-type",
    }
}

impl Form {
    /// Returns true if a request can carry it in this place.
    pub const fn fits(self, place: Place) -> bool {
        match self {
            Self::WrongType => matches!(place, Place::Json),
            Self::ControlCharacter => matches!(
                place,
                Place::Query | Place::Form | Place::Json | Place::Path
            ),
            // A path without it is another path.
            Self::Absent | Self::Empty => !matches!(place, Place::Path),
            _ => true,
        }
    }
}

named! {
    /// How strongly a name must suggest a credential.
    Tier {
        /// Not at all: any input.
        Any = "any",
        /// Credential-like in either tier.
        Weak = "weak",
        /// Credential-like without doubt.
        Strong = "strong",
    }
}

named! {
    /// What must have been seen of an input before requests are spent on it.
    Seen {
        /// It got a canary, and an answer arrived.
        Planted = "planted",
        /// A request with a canary in it succeeded.
        Taken = "taken",
        /// A canary in it got past a refusal.
        LetIn = "let-in",
        /// Nothing: the tester sends it with every request.
        Given = "given",
        /// One of its values turned a success or 4xx into a 5xx.
        Broke = "broke",
    }
}

named! {
    /// A control that rules share: it is sent once per operation.
    Control {
        /// A parameter that no application reads, in place of the input.
        NonsenseParameter = "nonsense-parameter",
        /// A path beside it that is not served.
        NonsensePath = "nonsense-path",
    }
}

named! {
    /// The part of the answer that a finding points at.
    SinkKind {
        /// The status.
        Status = "status",
        /// The body.
        Body = "body",
        /// The status if it differs, otherwise the body.
        Differing = "differing",
    }
}

impl Default for InputRange {
    /// Returns the range of all inputs that got a canary and an answer.
    fn default() -> Self {
        Self {
            places: Vec::new(),
            tier: Tier::Any,
            seen: Seen::Planted,
            name: None,
            not_name: None,
            path: None,
            not_path: None,
            not_at: Vec::new(),
        }
    }
}

impl Step {
    /// Creates a step that decides and is repeated. It sends one of these forms, which must be
    /// taken in one of these ways (in any way if none is given).
    pub fn new(name: &str, forms: Vec<Sent>, expect: &[Expect]) -> Self {
        Self {
            name: name.to_owned(),
            forms,
            expect: expect.to_vec(),
            decides: true,
            once: false,
        }
    }
}

impl Experiment {
    /// Creates an experiment with these steps on any input, repeated once for certainty.
    ///
    /// `together` says what must hold between two steps, given by their numbers. The experiment
    /// proves what it finds, and points at the status.
    pub fn new(class: &str, steps: Vec<Step>, together: Vec<Together>) -> Self {
        Self {
            class: class.to_owned(),
            inputs: InputRange::default(),
            steps,
            together,
            controls: Vec::new(),
            repeats: 1,
            proven_by: Vec::new(),
            accepted_by: Vec::new(),
            verdict: Verdict::Confirmed,
            tell_offered: false,
            sink: SinkKind::Status,
            merge: None,
        }
    }

    /// Returns how many rounds are enough, and after how many the experiment is given up.
    pub fn rounds(&self) -> (usize, usize) {
        let least = self.repeats + 1;
        let most = self.together.iter().map(|together| match together {
            Together::Same(..) => MOST_ROUNDS,
            Together::Differ(..) => samples_needed(VARIANTS, CHANCE),
            Together::Accepts(..) => least,
        });
        (least, most.max().unwrap_or(least).max(least))
    }

    /// Returns the most requests that one suspect may cost.
    ///
    /// Pages fetched for a form's token and followed redirects are not counted. Controls and
    /// baselines that another rule has already fetched are saved.
    pub fn cost(&self) -> usize {
        let first: usize = self.steps.iter().map(|step| step.forms.len()).sum();
        let again = self.steps.iter().filter(|step| step.decides && !step.once);
        let (_, most) = self.rounds();
        self.controls.len() + first + (most - 1) * again.count()
    }

    /// Returns the number of the step with this name.
    pub fn step(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }
}
