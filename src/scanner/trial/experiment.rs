//! An experiment: which inputs, what each of them is sent, what the answers must say, and what that
//! costs.
//!
//! Owns: the types and the arithmetic of requests. Leaves out: the written form (`probe`), judging
//! answers (`mod.rs`), sending (`attempt`).

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

/// A difference in content must be no A/B page of up to so many variants, but for this chance.
const VARIANTS: usize = 4;
const CHANCE: f64 = 0.001;
/// Rounds at most until two values are seen to get the same. Only noisy pages need more than the
/// repeats; where several boxes come and go, four answers a side differ by chance once in twenty
/// cases, seven in fewer than one in a thousand ([`crate::compare::false_chance`]).
const MOST_ROUNDS: usize = 7;

/// A comparison of the answers to several values of one input.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Part of the finding's fingerprint.
    pub class: String,
    /// Which inputs it looks at.
    pub inputs: InputRange,
    /// What is sent, in the order of a round.
    pub steps: Vec<Step>,
    /// What must hold between the answers of two steps; all of them.
    pub together: Vec<Together>,
    /// What must not explain it.
    pub controls: Vec<Control>,
    /// Further rounds that must show the same.
    pub repeats: usize,
    /// Rules whose confirmed finding from the same input is proof enough; nothing is sent then.
    pub proven_by: Vec<String>,
    /// Rules whose confirmed finding from the same input stands for every [`Together::Accepts`].
    pub accepted_by: Vec<String>,
    /// What the expectations prove when they hold.
    pub verdict: Verdict,
    /// An input that a page, script or specification offers is told as undetermined when they do
    /// not hold.
    pub tell_offered: bool,
    /// Where the finding points.
    pub sink: SinkKind,
    /// One finding an operation, its inputs as occurrences; at most so many of them are tried.
    pub merge: Option<usize>,
}

/// Which inputs a [`Experiment`] looks at; all conditions must hold.
#[derive(Clone, Debug)]
pub struct InputRange {
    /// The places; any when empty.
    pub places: Vec<Place>,
    /// How much its name must say.
    pub tier: Tier,
    /// What must have been seen of it.
    pub seen: Seen,
    /// Must match the name.
    pub name: Option<Regex>,
    /// Must not match the name.
    pub not_name: Option<Regex>,
    /// Must match the operation's path template.
    pub path: Option<Regex>,
    /// Must not match it.
    pub not_path: Option<Regex>,
    /// What the operation must not be by its path.
    pub not_at: Vec<Purpose>,
}

impl InputRange {
    /// True for an input at this place, with this name, of an operation with this path.
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
    /// What an operation is for, by its path.
    Purpose {
        /// It asks for a password or hands over to who does.
        Login = "login",
        /// It makes an account.
        SignUp = "sign-up",
        /// Sessions, as a resource: making one is a login.
        Session = "session",
        /// Tokens, as a resource.
        Token = "token",
    }
}

impl Purpose {
    /// True for an operation with this path.
    fn is_at(self, path: &str) -> bool {
        match self {
            Self::Login => login::is_login(path),
            Self::SignUp => login::signs_up(path),
            Self::Session => login::has_segment(path, &["session", "sessions", "oauth"]),
            Self::Token => login::has_segment(path, &["token"]),
        }
    }
}

/// One step: what is sent, and how it must be taken.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name in comparisons, examples and evidence.
    pub name: String,
    /// What the input gets. Of several, each is sent once, and one that is taken as expected is
    /// enough; that one is repeated.
    pub forms: Vec<Sent>,
    /// How it must be taken, one of these; anyhow when empty.
    pub expect: Vec<Expect>,
    /// False for a step that is only reported: it is sent once, when all else holds.
    pub decides: bool,
    /// Not sent again in further rounds.
    pub once: bool,
}

/// What must hold between two steps, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// The same answer, noise and echoes apart.
    Same(usize, usize),
    /// Answers that differ reliably, echoes apart.
    Differ(usize, usize),
    /// The second is an acceptance, and the first is none.
    Accepts(usize, usize),
}

impl Together {
    /// The two steps.
    pub const fn steps(self) -> (usize, usize) {
        match self {
            Self::Same(left, right) | Self::Differ(left, right) | Self::Accepts(left, right) => {
                (left, right)
            }
        }
    }
}

/// How an answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// 2xx, or a redirect that does not lead to a login.
    Success,
    /// 401, 403, or a redirect to a login.
    Refused,
    /// Another 4xx.
    Rejected,
    /// 5xx that says "broken": not 501 to 504.
    Broken,
    /// A status.
    Status(StatusRange),
}

impl Expect {
    /// The names beside statuses.
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
    /// A form that has a name.
    Form(Form),
    /// A JSON value: as it is in a JSON body; elsewhere as text, a string without its quotes. [`CANARY`]
    /// in its names and texts stands for the canary, which need not be there.
    Json(Arc<Value>),
    /// The same under another name, in which [`WORD`] stands for a word of the run.
    Named(String, Arc<Value>),
}

/// Stands for a word that no application knows in a name.
pub const WORD: &str = "{{word}}";

impl Sent {
    /// Its form, where that has a name.
    pub const fn form(&self) -> Option<Form> {
        match self {
            Self::Form(form) => Some(*form),
            Self::Json(_) | Self::Named(..) => None,
        }
    }

    /// True where a request can carry it.
    pub const fn fits(&self, place: Place) -> bool {
        match self {
            Self::Form(form) => form.fits(place),
            // A file's content and an XML text are no JSON.
            Self::Json(_) => !matches!(place, Place::Path | Place::Multipart | Place::Xml),
            Self::Named(..) => matches!(place, Place::Query | Place::Form | Place::Json),
        }
    }

    /// Its name in examples, where it has one.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Form(form) => form.as_str(),
            Self::Json(_) | Self::Named(..) => "json",
        }
    }
}

named! {
    /// What an input gets in a step, by name. None of them widens what a write touches.
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
    /// True where a request can carry it.
    pub const fn fits(self, place: Place) -> bool {
        match self {
            Self::WrongType => matches!(place, Place::Json),
            Self::ControlCharacter => matches!(
                place,
                Place::Query | Place::Form | Place::Json | Place::Path
            ),
            // Without it the path is another one.
            Self::Absent | Self::Empty => !matches!(place, Place::Path),
            _ => true,
        }
    }
}

named! {
    /// How much a name must say "credential".
    Tier {
        /// Nothing: any input.
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
        /// It got a canary, and an answer came.
        Planted = "planted",
        /// A request with a canary in it was taken as a success.
        Taken = "taken",
        /// A canary in it got past a refusal.
        LetIn = "let-in",
        /// Nothing: the tester sends it with every request.
        Given = "given",
        /// A value of it turned success or 4xx into 5xx.
        Broke = "broke",
    }
}

named! {
    /// A control that is shared between rules: it is sent once an operation.
    Control {
        /// A parameter that no application reads, in place of the input.
        NonsenseParameter = "nonsense-parameter",
        /// A path beside it that nobody serves.
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
        /// The status where it differs, else the body.
        Differing = "differing",
    }
}

impl Default for InputRange {
    /// Any input that got a canary and an answer.
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
    /// A step that decides and is repeated: one of these forms, taken in one of these ways (anyhow where
    /// none is named).
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
    /// These steps on any input, once more for certainty, with what must hold between two of them by
    /// their numbers. It proves what it finds, and points at the status.
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

    /// How many rounds are enough, and after how many it is given up.
    pub fn rounds(&self) -> (usize, usize) {
        let least = self.repeats + 1;
        let most = self.together.iter().map(|together| match together {
            Together::Same(..) => MOST_ROUNDS,
            Together::Differ(..) => samples_needed(VARIANTS, CHANCE),
            Together::Accepts(..) => least,
        });
        (least, most.max().unwrap_or(least).max(least))
    }

    /// The most requests that one suspect may cost. Pages that are fetched for a form's token and
    /// redirects that are followed come on top; controls and baselines that another rule has
    /// fetched already are taken off.
    pub fn cost(&self) -> usize {
        let first: usize = self.steps.iter().map(|step| step.forms.len()).sum();
        let again = self.steps.iter().filter(|step| step.decides && !step.once);
        let (_, most) = self.rounds();
        self.controls.len() + first + (most - 1) * again.count()
    }

    /// The number of a step.
    pub fn step(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }
}
