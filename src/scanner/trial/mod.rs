//! Judges what the answers to different values of one input say, step by step. Pure.
//!
//! Owns: [`Trial`], the course of one suspect: which step comes when, and the ruling after each
//! round. `answer` defines what is kept of an answer, `refusal` when a success says no, `together`
//! what the answers of two steps show in comparison, and `experiment` what was agreed beforehand.
//! Leaves out: sending (`attempt`), comparing two texts (`compare`), the written form (`probe`).

mod answer;
mod experiment;
mod refusal;
mod together;

use crate::compare::{Difference, reliably_differ, turn};
use crate::observe::Outcome;

pub(crate) use answer::Answer;
pub use experiment::{
    CANARY, Control, Expect, Experiment, Form, InputRange, Purpose, Seen, Sent, SinkKind, Step,
    Tier, Together, WORD,
};

/// What is known about the input before anything is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct InputFacts {
    /// Its name is certainly credential-like.
    pub(crate) strong: bool,
    /// The operation only reads.
    pub(crate) safe: bool,
    /// A confirmed finding shows that its value is accepted ([`Experiment::accepted_by`]).
    pub(crate) accepted: bool,
}

/// What the answers so far say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ruling {
    /// They refute the suspicion.
    No,
    /// They support it so far, but another round is needed.
    More,
    /// They prove it. Holds what differs, if the experiment asks for a difference.
    Yes(Option<Difference>),
}

/// The answers of one suspect so far.
pub(crate) struct Trial<'a> {
    experiment: &'a Experiment,
    known: InputFacts,
    /// The answers by step and form.
    answers: Vec<Vec<Vec<Answer>>>,
    /// For each step the form that further rounds repeat, once it is settled.
    chosen: Vec<Option<usize>>,
    controls: Vec<(Control, Answer)>,
    refuted: bool,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(experiment: &'a Experiment, known: InputFacts) -> Self {
        let of_step = |step: &Step| vec![Vec::new(); step.forms.len()];
        Self {
            experiment,
            known,
            answers: experiment.steps.iter().map(of_step).collect(),
            chosen: vec![None; experiment.steps.len()],
            controls: Vec::new(),
            refuted: false,
        }
    }

    /// Returns what to send in a round, in order: in the first, all forms of each step that
    /// decides; later, the forms that are repeated, in rotating order.
    pub(crate) fn asks(&self, round: usize) -> Vec<(usize, usize)> {
        let deciding = |at: &usize| self.experiment.steps[*at].decides && !self.idle(*at);
        let all: Vec<usize> = (0..self.experiment.steps.len()).filter(deciding).collect();
        if round == 0 {
            let forms =
                |at: usize| (0..self.experiment.steps[at].forms.len()).map(move |form| (at, form));
            return all.into_iter().flat_map(forms).collect();
        }
        let again: Vec<usize> = all
            .into_iter()
            .filter(|at| !self.experiment.steps[*at].once)
            .collect();
        turn(again.len(), round)
            .filter_map(|at| again.get(at))
            .filter_map(|at| Some((*at, self.chosen.get(*at).copied().flatten()?)))
            .collect()
    }

    /// Returns the steps that are only reported.
    pub(crate) fn reports(&self) -> Vec<(usize, usize)> {
        let steps = self.experiment.steps.iter().enumerate();
        let reported = steps.filter(|(_, step)| !step.decides);
        reported
            .flat_map(|(at, step)| (0..step.forms.len()).map(move |form| (at, form)))
            .collect()
    }

    /// Returns true for a step that only shows what is known already.
    fn idle(&self, step: usize) -> bool {
        let mut uses = self.experiment.together.iter().filter(|together| {
            let (left, right) = together.steps();
            left == step || right == step
        });
        self.known.accepted
            && self.experiment.steps[step].expect.is_empty()
            && uses.clone().next().is_some()
            && uses.all(|together| matches!(together, Together::Accepts(left, _) if *left == step))
    }

    /// Takes the answer to a form of a step. Returns false if it refutes the suspicion.
    pub(crate) fn take(&mut self, step: usize, form: usize, answer: Answer) -> bool {
        let Some(probe_step) = self.experiment.steps.get(step) else {
            return false;
        };
        if !probe_step.decides {
            return true;
        }
        let alone = probe_step.forms.len() == 1;
        let first = self.answers[step].iter().all(Vec::is_empty);
        // A missing answer is one sample less and no reason to doubt, but the first one is
        // required.
        if answer.outcome == Outcome::Failed {
            self.refuted |= alone && first;
            return !self.refuted;
        }
        let met = self.meets(step, &answer);
        self.answers[step][form].push(answer);
        if !met && (alone || self.chosen[step] == Some(form)) {
            self.refuted = true;
        }
        if alone {
            self.chosen[step] = Some(form);
        }
        // Nothing more is spent on an input whose presence has no effect.
        let acted = |together: &Together| match together {
            Together::Accepts(left, right) if [*left, *right].contains(&step) => {
                self.accepts(*left, *right) != Some(false)
            }
            // More answers can only reduce the differences. A result that is reported even if
            // nothing is shown needs all its steps.
            Together::Differ(left, right)
                if !self.experiment.tell_offered && [*left, *right].contains(&step) =>
            {
                let (left, right) = (self.group(*left), self.group(*right));
                left.is_empty() || right.is_empty() || reliably_differ(&left, &right).is_some()
            }
            _ => true,
        };
        self.refuted |= !self.experiment.together.iter().all(acted);
        !self.refuted
    }

    /// Takes the answer to a control.
    pub(crate) fn control(&mut self, control: Control, answer: Answer) {
        self.controls.push((control, answer));
    }

    /// Returns what the answers say after a round.
    pub(crate) fn ruling(&mut self, round: usize) -> Ruling {
        if self.refuted || !self.settle() {
            return Ruling::No;
        }
        let (least, most) = self.experiment.rounds();
        let mut difference = None;
        let mut enough = round + 1 >= least && self.repeated_often(least);
        for together in &self.experiment.together {
            let (left, right) = together.steps();
            match together {
                Together::Accepts(..) => {
                    if self.accepts(left, right) != Some(true) {
                        return Ruling::No;
                    }
                }
                Together::Differ(..) => {
                    let (without, with) = (self.group(left), self.group(right));
                    let Some(found) = reliably_differ(&without, &with) else {
                        // Saves the other rounds if nothing differs.
                        return Ruling::No;
                    };
                    enough &= found.place == "status" || round + 1 >= most;
                    difference = Some(found);
                }
                Together::Same(..) => enough = enough && self.same(left, right),
            }
        }
        if !enough {
            return if round + 1 < most {
                Ruling::More
            } else {
                Ruling::No
            };
        }
        if self.explained() {
            return Ruling::No;
        }
        Ruling::Yes(difference)
    }

    /// Returns true if every step that is repeated has been answered at least this often.
    fn repeated_often(&self, least: usize) -> bool {
        let mut steps = self.experiment.steps.iter().enumerate();
        steps.all(|(at, step)| {
            let repeated = step.decides && !step.once && !self.idle(at);
            let answers = self.chosen[at].map_or(0, |form| self.answers[at][form].len());
            !repeated || answers >= least
        })
    }

    /// Returns what single answers say: a recorded exchange has no repeats.
    pub(crate) fn recorded(&mut self) -> bool {
        if self.refuted || !self.settle() || self.explained() {
            return false;
        }
        self.experiment.together.iter().all(|together| {
            let (left, right) = together.steps();
            match together {
                Together::Accepts(..) => self.accepts(left, right) == Some(true),
                Together::Differ(..) => {
                    reliably_differ(&self.group(left), &self.group(right)).is_some()
                }
                Together::Same(..) => self.same(left, right),
            }
        })
    }

    /// Settles which form of each step is repeated: the first that is taken as expected and
    /// answered like the step it is compared with, or else the first that is taken as expected.
    /// Returns false if there is none.
    fn settle(&mut self) -> bool {
        for (at, step) in self.experiment.steps.iter().enumerate() {
            if !step.decides || self.chosen[at].is_some() || self.idle(at) {
                continue;
            }
            let Some(chosen) = self.accepted(at).first().copied() else {
                return false;
            };
            self.chosen[at] = Some(chosen);
        }
        true
    }

    /// Returns the forms of a step whose first answer is as expected, and the same as that of the
    /// step it is compared with. If no form is both, returns those whose answer is as expected.
    fn accepted(&self, step: usize) -> Vec<usize> {
        let met = |form: &usize| {
            let first = self.answers[step][*form].first();
            first.is_some_and(|answer| self.meets(step, answer))
        };
        let met: Vec<usize> = (0..self.answers[step].len()).filter(met).collect();
        let both: Vec<usize> = met
            .iter()
            .copied()
            .filter(|form| self.alike(step, *form))
            .collect();
        if both.is_empty() { met } else { both }
    }

    /// Returns true if an answer is what the step expects.
    ///
    /// If equal answers are all that shows acceptance, a refusal sent as a success does not count.
    fn meets(&self, step: usize, answer: &Answer) -> bool {
        let experiment = self.experiment;
        let shown = |together: &Together| matches!(together, Together::Accepts(..));
        let compared = |together: &Together| match together {
            Together::Same(left, right) => [*left, *right].contains(&step),
            _ => false,
        };
        let refused = answer.refuses
            && answer.outcome == Outcome::Success
            && !experiment.steps[step].expect.is_empty()
            && experiment.together.iter().any(compared)
            && !experiment.together.iter().any(shown);
        answer.meets(&experiment.steps[step]) && !refused
    }

    /// Returns the form of a step that further rounds repeat.
    pub(crate) fn repeated(&self, step: usize) -> Option<usize> {
        self.chosen.get(step).copied().flatten()
    }
}

#[cfg(test)]
mod tests;
