//! What a rule is: one object, whoever wrote it.
//!
//! A rule is a YAML file under `probes/` ([`probe`](crate::probe)): what reports say about it, its
//! [`Policy`], its examples, and the detectors that see the fault. Whatever a detector is, a pattern, a
//! canary's way out, a comparison of answers or logic in Rust, it is a [`Detector`], and the engine
//! asks nothing else of it. So a tester's own rule gets all that a built-in one gets.
//!
//! Owns: the interface, the kinds of detectors ([`text`], [`canary`], [`compared`], and one file each
//! under [`native`]), and running those that look at single answers ([`statics`]). Leaves out: the
//! written form (`probe`), what the answers to an experiment prove (`trial`), sending (`attempt`), and
//! what a sighting means beside others (`judge`).
//!
//! # Adding a rule
//!
//! `probes/README.md` has the list of what to touch. A rule that looks at answers implements
//! [`Detector::look`]; one that sends has [`Detector::experiments`], and [`Detector::candidates`] where
//! their ranges are not enough.

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

/// One way to see a fault. All that a detector does not say stays as it is here.
pub(crate) trait Detector: fmt::Debug + Send + Sync {
    /// Words of which one stands in every text that [`Detector::look`] sees anything in. None: it
    /// looks at every text.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }

    /// The same detector, knowing the tester's own credential names; `None` where names are nothing to
    /// it.
    fn equipped(&self, credentials: &Credentials) -> Option<Arc<dyn Detector>> {
        let _ = credentials;
        None
    }

    /// True where it tells which part of what it sees is secret.
    fn tells_secrets(&self) -> bool {
        true
    }

    /// What the body shows in one of its forms: as sent, or with its escapes undone (`view.raw` is true
    /// for the first). It is called once a form; a hit that overlaps an earlier one of the rule is
    /// dropped. Ranges are those of `view.text`.
    fn look(&self, answer: &Answer<'_>, view: &View<'_>) -> Vec<Hit> {
        let _ = (answer, view);
        Vec::new()
    }

    /// What the answer's records show, beside what [`Detector::look`] has seen. Ranges are those of
    /// `answer.records.text`.
    fn look_at_records(&self, answer: &Answer<'_>) -> Vec<Hit> {
        let _ = answer;
        Vec::new()
    }

    /// What a header shows. Ranges are those of the value.
    fn look_at_header(&self, answer: &Answer<'_>, name: &str, value: &str) -> Vec<Hit> {
        let _ = (answer, name, value);
        Vec::new()
    }

    /// The way out of canaries that it tells of.
    fn sink(&self) -> Option<CanarySink> {
        None
    }

    /// The experiments that it makes: what is sent, what must come back, what that costs. They are made
    /// once and kept: a detector without any sends nothing.
    fn experiments(&self) -> &[Arc<Experiment>] {
        &[]
    }

    /// Which inputs its experiments are worth: those of each experiment's range, where it does not say
    /// otherwise. A candidate's experiment is one of [`Detector::experiments`], the same `Arc`. The
    /// examples of a probe file do not come through here.
    fn candidates(&self, scene: &dyn Scene) -> Vec<Candidate> {
        let each = self.experiments().iter();
        each.flat_map(|experiment| scene.in_range(experiment))
            .collect()
    }
}

/// What the engine must know of a rule as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What is one finding, for what a single answer shows.
    pub merge: Merge,
    /// Rules whose findings at the same place, with the same secrets, say nothing more.
    pub covers: Vec<String>,
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

/// What a static text is, as far as others are judged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// A text like others, a secret among them.
    Text,
    /// What the machinery says of an error: values in it were provoked.
    ErrorText,
    /// A debugger's page: an error text, and one finding a target, since every page that breaks is one.
    Debugger,
    /// A field of a record.
    RecordField,
    /// Settings: their fields are no record's.
    Settings,
}

/// An answer that detectors look at.
pub(crate) struct Answer<'a> {
    /// What it answers, where that is known.
    pub(crate) request: Option<&'a Request>,
    /// Path and query that were asked for.
    pub(crate) asked: &'a str,
    /// The answer.
    pub(crate) response: &'a Response,
    /// Its text and the records in it.
    pub(crate) records: &'a Records<'a>,
    /// True for the scan's own values and the tester's, which are no stranger's secrets.
    pub(crate) is_ours: &'a dyn Fn(&str) -> bool,
}

/// A detector's match in the text that it was given.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// What it is.
    pub(crate) shows: Shows,
    /// Detector id or exception type.
    pub(crate) class: String,
    /// The telling piece.
    pub(crate) span: Range<usize>,
    /// All that belongs to it.
    pub(crate) extent: Range<usize>,
    /// What must be masked.
    pub(crate) secrets: Vec<Range<usize>>,
    /// The field that shows it, where the detector knows that better than the span does.
    pub(crate) field: Option<String>,
    /// Where a document may quote such a text: a hit there counts only where an input provoked it
    /// (`quotable` of a probe file, under the same names).
    pub(crate) quotable: Quotable,
    /// What of the extent belongs to it, where that is not all of it.
    pub(crate) pieces: Vec<Range<usize>>,
    /// The lines of a log around it: they belong to whoever writes the log, as it does.
    pub(crate) around: Vec<Range<usize>>,
    /// It shows several secrets: no quotation where it is not set as code.
    pub(crate) several: bool,
    /// Its secrets are told by their form alone, which a canary may have too: where all of them are the
    /// scan's own values, the hit is dropped.
    pub(crate) by_form: bool,
    /// What it rests on, where neither its secrets nor its text say that.
    pub(crate) cause: Option<String>,
}

impl Hit {
    /// A match that is all of its extent, shows nothing secret and may be quoted nowhere.
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
