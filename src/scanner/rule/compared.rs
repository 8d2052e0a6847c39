//! Sends several values in one input and compares the answers.

use std::sync::Arc;

use super::Detector;
use crate::canary::Shape;
use crate::finding::Source;
use crate::plan::{Fill, RequestTemplate};
use crate::surface::{Endpoint, Input, Place};
use crate::trial::Experiment;

/// An experiment as written in a probe file: it runs on every input in its range.
#[derive(Debug)]
pub(crate) struct Compared([Arc<Experiment>; 1]);

impl Compared {
    pub(crate) fn new(experiment: Experiment) -> Self {
        Self([Arc::new(experiment)])
    }
}

impl Detector for Compared {
    fn experiments(&self) -> &[Arc<Experiment>] {
        &self.0
    }
}

/// An input on which an experiment is worth running.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// The experiment.
    pub(crate) experiment: Arc<Experiment>,
    /// The input.
    pub(crate) input: Input,
    /// The operation's request, into which the values of the input go.
    pub(crate) base: RequestTemplate,
    /// The value that made the input a suspect.
    pub(crate) suspect: Option<Fill>,
    /// The canary's shape.
    pub(crate) shape: Shape,
    /// True when the input cannot take a canary: random values of the form that it is said to take
    /// stand in for it.
    pub(crate) made: bool,
}

impl Candidate {
    /// Creates a candidate for an input that takes canaries.
    pub(crate) fn new(
        experiment: &Arc<Experiment>,
        input: &Input,
        base: RequestTemplate,
        shape: Shape,
    ) -> Self {
        Self {
            experiment: Arc::clone(experiment),
            input: input.clone(),
            base,
            suspect: None,
            shape,
            made: false,
        }
    }

    /// Returns the source that its values go into.
    pub(crate) fn source(&self) -> Source {
        Source {
            endpoint: self.base.endpoint.clone(),
            place: self.input.place,
            input: self.input.name.clone(),
        }
    }

    /// Returns true if the tester sends this value with every request; here it is held back.
    pub(crate) fn is_given(&self) -> bool {
        self.base.fill(self.input.place, &self.input.name) == Some(&Fill::Withheld)
    }
}

/// What exploring has shown, as far as a rule may ask before it sends anything.
pub(crate) trait Scene {
    /// Returns the inputs in an experiment's range for which exploring has shown what the range
    /// requires.
    fn in_range(&self, experiment: &Arc<Experiment>) -> Vec<Candidate>;

    /// Returns the operations that may be sent.
    fn operations(&self) -> Vec<&Endpoint>;

    /// Returns an operation's request with plain values, in which an input of that place would travel,
    /// or `None` if there is no such request.
    fn base(&self, endpoint: &Endpoint, place: Place) -> Option<RequestTemplate>;

    /// Returns true if a canary in that input was answered.
    fn was_asked(&self, endpoint: &Endpoint, input: &Input) -> bool;
}
