//! What the answers of two steps say together, and what a control says against them.
//!
//! Owns: the conditions of [`Together`]: accepted, differing, the same. Leaves out: when they are asked
//! (`mod.rs`).

use super::answer::{Answer, noises, of_one_kind, segments};
use super::{Control, Form, Sent, Together, Trial};
use crate::compare::Print;
use crate::observe::Outcome;

impl Trial<'_> {
    /// True for a form that was taken as expected, and answered like what its step is compared with.
    pub(crate) fn alike(&self, step: usize, form: usize) -> bool {
        let Some(first) = self.answers[step][form].first() else {
            return false;
        };
        let partner = self
            .experiment
            .together
            .iter()
            .find_map(|together| match together {
                Together::Same(left, right) if *right == step => Some(*left),
                Together::Same(left, right) if *left == step => Some(*right),
                _ => None,
            });
        let alike = partner.is_none_or(|partner| {
            let others: Vec<Answer> = self.answers[partner].concat();
            let (noise, followed) = noises(&others);
            first.resembles(&others, &noise, &followed)
        });
        alike && self.meets(step, first)
    }

    /// The prints of a step; what stands for "without it" has the nonsense parameter with it.
    pub(super) fn group(&self, step: usize) -> Vec<Print> {
        let answers = self.chosen[step].map(|form| &self.answers[step][form]);
        let absent = self.experiment.steps[step].forms == [Sent::Form(Form::Absent)];
        let nonsense = self.controls.iter().filter(|(control, answer)| {
            // A parameter that nobody reads must look like an absent one.
            absent && *control == Control::NonsenseParameter && answer.outcome != Outcome::Failed
        });
        let answers = answers.into_iter().flatten();
        answers
            .chain(nonsense.map(|(_, answer)| answer))
            .filter_map(|answer| answer.print.clone())
            .collect()
    }

    /// Every answer of the second step is the same as one of the first, but for what differs among
    /// the first; or, where single ones are too different, nothing that lasts tells the two apart.
    pub(super) fn same(&self, left: usize, right: usize) -> bool {
        let of = |step: usize| {
            let form = self.chosen[step];
            form.map_or(&[][..], |form| self.answers[step][form].as_slice())
        };
        let (left, right) = (of(left), of(right));
        let (noise, followed) = noises(left);
        let explained = right
            .iter()
            .all(|answer| answer.resembles(left, &noise, &followed));
        !right.is_empty() && (explained || of_one_kind(left, right))
    }

    /// True when `with` is an acceptance that `without` is not; `None` while one is missing.
    ///
    /// A refusal that turns into a success is one. Else an acceptance must be more than an answer:
    /// created, accepted, sent on elsewhere; or JSON content under a name that can be nothing but a
    /// credential. A page that comes with 200 may as well say "no such key" in any language.
    pub(super) fn accepts(&self, without: usize, with: usize) -> Option<bool> {
        let first = |step: usize| self.answers[step].iter().flatten().next();
        let right = with;
        let with = first(with)?;
        if self.known.accepted {
            return Some(with.outcome == Outcome::Success);
        }
        let without = first(without)?;
        if with.outcome != Outcome::Success || with.says_no {
            return Some(false);
        }
        let made = (201..300).contains(&with.status);
        let sent_on = (300..400).contains(&with.status) && !self.known.safe;
        Some(match without.outcome {
            Outcome::Refused => true,
            Outcome::Rejected | Outcome::Broken => {
                made || sent_on || (with.json && self.known.strong)
            }
            Outcome::Success => {
                let elsewhere = sent_on && self.leads_elsewhere(without.location.as_deref(), right);
                elsewhere || (made && without.status != with.status)
            }
            Outcome::Failed => false,
        })
    }

    /// True when all answers of a step lead to the same other place. What is made anew by each
    /// request, used or not, has a path of its own: ids say nothing, nor does what varies.
    fn leads_elsewhere(&self, without: Option<&str>, with: usize) -> bool {
        let places: Vec<Vec<&str>> = self.answers[with]
            .iter()
            .flatten()
            .map(|answer| segments(answer.location.as_deref()))
            .collect();
        let without = segments(without);
        let Some(first) = places.first() else {
            return false;
        };
        if places.iter().any(|place| place.len() != first.len()) {
            return false;
        }
        let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
        let lasts = |at: usize| places.iter().all(|place| place[at] == first[at]);
        let tells = |(at, pair): (usize, (&&str, &&str))| {
            let (there, here) = pair;
            there != here && lasts(at) && !(has_digit(there) && has_digit(here))
        };
        first.len() != without.len() || first.iter().zip(&without).enumerate().any(tells)
    }

    /// True when a control got what the last step that must succeed got: then the input is not what
    /// decides.
    pub(super) fn explained(&self) -> bool {
        let differs = |together: &Together| matches!(together, Together::Differ(..));
        let with = self.experiment.steps.iter().position(|step| {
            let form = step.forms.first().and_then(Sent::form);
            step.decides && matches!(form, Some(Form::Canary | Form::Suspect))
        });
        let Some(with) = with else {
            return false;
        };
        let answers = self.answers[with].concat();
        let (noise, followed) = noises(&answers);
        self.controls.iter().any(|(control, answer)| {
            // There it stands among the answers without the input.
            let counted = *control == Control::NonsenseParameter
                && self.experiment.together.iter().any(differs);
            !counted
                && answer.outcome != Outcome::Failed
                && answer.resembles(&answers, &noise, &followed)
        })
    }
}
