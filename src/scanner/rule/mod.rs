//! The interface of a rule, whether built in or written by a tester.
//!
//! A rule is a YAML file under `probes/` ([`probe`](crate::probe)). It holds the text for reports, its
//! [`Policy`], its examples, and the detectors that see the fault. A detector may be a pattern, a
//! canary's sink, a comparison of answers or logic in Rust. Each one is a [`Detector`], and the engine
//! uses nothing but that trait, so a tester's own rule can do everything that a built-in one can.
//!
//! Owns: the interface, the kinds of detectors ([`text`], [`canary`], [`compared`], and one file each
//! under [`native`]), and running those that look at single answers ([`statics`]). Leaves out: the
//! written form (`probe`), what the answers to an experiment prove (`trial`), sending (`attempt`), and
//! what a sighting means beside others (`judge`).
//!
//! # Adding a rule
//!
//! `probes/README.md` lists the files to touch. A rule that looks at answers implements
//! [`Detector::look`]; a rule that sends implements [`Detector::experiments`], and also
//! [`Detector::candidates`] if the ranges of its experiments are not enough.

pub(crate) mod canary;
pub(crate) mod compared;
pub(crate) mod native;
pub(crate) mod statics;
pub(crate) mod text;
mod verify;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use canary::CanarySink;
pub use statics::{StaticSighting, Statics};
pub use text::Verify;

pub(crate) use compared::{Candidate, Scene};

use crate::credential::Credentials;
use crate::detect::{Quotable, Records};
use crate::http::{Request, Response};
use crate::named::named;
use crate::trial::Experiment;
use crate::unescape::View;

/// A way to see a fault. Every method has a default, so a detector implements only what it needs.
pub(crate) trait Detector: fmt::Debug + Send + Sync {
    /// Returns words, at least one of which appears in every text in which [`Detector::look`] finds
    /// anything. If there are none, the detector looks at every text.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns the same detector with the tester's own credential names, or `None` if it does not use
    /// names.
    fn equipped(&self, credentials: &Credentials) -> Option<Arc<dyn Detector>> {
        let _ = credentials;
        None
    }

    /// Returns true if the detector reports which part of its matches is secret.
    fn tells_secrets(&self) -> bool {
        true
    }

    /// Returns what the body shows in one of its forms: as sent (`view.raw` is true), or with its
    /// escapes undone.
    ///
    /// Called once per form. A hit that overlaps an earlier one of the same rule is dropped. Ranges
    /// refer to `view.text`.
    fn look(&self, answer: &AnswerView<'_>, view: &View<'_>) -> Vec<Hit> {
        let _ = (answer, view);
        Vec::new()
    }

    /// Returns what the records of the answer show beyond what [`Detector::look`] has seen. Ranges
    /// refer to `answer.records.text`.
    fn look_at_records(&self, answer: &AnswerView<'_>) -> Vec<Hit> {
        let _ = answer;
        Vec::new()
    }

    /// Returns what a header shows. Ranges refer to its value.
    fn look_at_header(&self, answer: &AnswerView<'_>, name: &str, value: &str) -> Vec<Hit> {
        let _ = (answer, name, value);
        Vec::new()
    }

    /// Returns the canary sink that the detector reports.
    fn sink(&self) -> Option<CanarySink> {
        None
    }

    /// Returns the detector's experiments: what is sent, what must come back, what that costs. They are
    /// created once and kept. A detector without experiments sends nothing.
    fn experiments(&self) -> &[Arc<Experiment>] {
        &[]
    }

    /// Returns the inputs on which the experiments are worth running; by default, those in the range of
    /// each experiment.
    ///
    /// The experiment of a candidate must be one of [`Detector::experiments`], as the same `Arc`. The
    /// examples of a probe file bypass this method.
    fn candidates(&self, scene: &dyn Scene) -> Vec<Candidate> {
        let each = self.experiments().iter();
        each.flat_map(|experiment| scene.in_range(experiment))
            .collect()
    }
}

/// What the engine needs to know about a rule as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What makes up one finding, for rules that look at single answers.
    pub merge: Merge,
    /// Rules whose findings at the same place and with the same secrets add nothing to this rule's.
    pub covers: Vec<String>,
}

named! {
    /// What makes up one finding, for rules that look at single answers.
    Merge {
        /// Everything seen at one place.
        Place = "place",
        /// The same secrets, or the same message, wherever they are shown.
        Cause = "cause",
        /// Everything seen on the target.
        Target = "target",
    }
}

/// The nature of a static text, as far as it affects how others are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// An ordinary text, possibly with a secret in it.
    Text,
    /// An error message of the framework or a driver: values in it were provoked.
    ErrorText,
    /// A debugger's page: an error text, and one finding per target, because every page that breaks is
    /// one.
    Debugger,
    /// A field of a record.
    RecordField,
    /// Settings: their fields do not belong to a record.
    Settings,
}

/// An answer that detectors look at.
pub(crate) struct AnswerView<'a> {
    /// The request, if it is known.
    pub(crate) request: Option<&'a Request>,
    /// The path and query that were requested.
    pub(crate) asked: &'a str,
    /// The answer.
    pub(crate) response: &'a Response,
    /// The text of the answer and the records in it.
    pub(crate) records: &'a Records<'a>,
    /// Returns true for the scan's own values and the tester's, which are not a stranger's secrets.
    pub(crate) is_ours: &'a dyn Fn(&str) -> bool,
}

/// A detector's match in the text that it was given.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// What the match is.
    pub(crate) shows: Shows,
    /// The detector id or exception type.
    pub(crate) class: String,
    /// The telling piece.
    pub(crate) span: Range<usize>,
    /// Everything that belongs to it.
    pub(crate) extent: Range<usize>,
    /// The ranges that must be masked.
    pub(crate) secrets: Vec<Range<usize>>,
    /// The field that shows it, if the detector knows this better than the span does.
    pub(crate) field: Option<String>,
    /// Where documents may quote such a text. A hit there counts only if an input provoked it
    /// (`quotable` in a probe file, with the same names).
    pub(crate) quotable: Quotable,
    /// The parts of the extent that belong to it, if not all of it does.
    pub(crate) pieces: Vec<Range<usize>>,
    /// The lines of the log around it, which have the same author as the hit itself.
    pub(crate) around: Vec<Range<usize>>,
    /// True when it shows several secrets: it is then a quotation only if it is set as code.
    pub(crate) several: bool,
    /// True when its secrets are recognised by form alone, which a canary may share. If all of them are
    /// the scan's own values, the hit is dropped.
    pub(crate) by_form: bool,
    /// What it is based on, if neither its secrets nor its text show that.
    pub(crate) cause: Option<String>,
}

impl Hit {
    /// Creates a hit whose extent is its span, which shows nothing secret and is never a quotation.
    pub(crate) fn new(shows: Shows, class: &str, span: Range<usize>) -> Self {
        Self {
            shows,
            class: class.to_owned(),
            extent: span.clone(),
            span,
            secrets: Vec::new(),
            field: None,
            quotable: Quotable::No,
            pieces: Vec::new(),
            around: Vec::new(),
            several: false,
            by_form: false,
            cause: None,
        }
    }
}
