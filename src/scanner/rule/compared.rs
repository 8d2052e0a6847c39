//! Several values of one input, and their answers compared.

use std::sync::Arc;

use super::Detector;
use crate::canary::Shape;
use crate::finding::Source;
use crate::plan::{Fill, RequestTemplate};
use crate::surface::{Endpoint, Input, Place};
use crate::trial::Experiment;

/// An experiment as a probe file writes it: on every input of its range.
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

/// An input that an experiment is worth.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// What is tried.
    pub(crate) experiment: Arc<Experiment>,
    /// The input.
    pub(crate) input: Input,
    /// The operation's request, around the input.
    pub(crate) base: RequestTemplate,
    /// What made it a suspect.
    pub(crate) suspect: Option<Fill>,
    /// The canary's shape.
    pub(crate) shape: Shape,
    /// No canary is taken: random values of the form that the input is said to take stand for it.
    pub(crate) made: bool,
}

impl Candidate {
    /// An input that takes canaries.
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

    /// Where its values go in.
    pub(crate) fn source(&self) -> Source {
        Source {
            endpoint: self.base.endpoint.clone(),
            place: self.input.place,
            input: self.input.name.clone(),
        }
    }

    /// True for a value that the tester sends with every request, held back here.
    pub(crate) fn is_given(&self) -> bool {
        self.base.fill(self.input.place, &self.input.name) == Some(&Fill::Withheld)
    }
}

/// What exploring has shown, as far as a rule may ask before it sends anything.
pub(crate) trait Scene {
    /// The inputs of an experiment's range that exploring has shown what the range asks for.
    fn in_range(&self, experiment: &Arc<Experiment>) -> Vec<Candidate>;

    /// The operations that may be sent.
    fn operations(&self) -> Vec<&Endpoint>;

    /// An operation's request with plain values, in which an input of that place would travel. `None`
    /// where it has none.
    fn base(&self, endpoint: &Endpoint, place: Place) -> Option<RequestTemplate>;

    /// True where a canary in that input was answered.
    fn was_asked(&self, endpoint: &Endpoint, input: &Input) -> bool;
}
