//! What the answers of two steps say together, and what a control says against them.
//!
//! Owns: the conditions of [`Together`]: accepted, differing, the same. Leaves out: when they are
//! checked (`mod.rs`).

use super::answer::{Answer, noises, of_one_kind, segments};
use super::{Control, Form, Sent, Together, Trial};
use crate::compare::Print;
use crate::observe::Outcome;

impl Trial<'_> {
    /// Returns true if a form was taken as expected and answered like the step it is compared with.
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

    /// Returns the prints of a step. Those of a step without the input include the nonsense
    /// parameter's.
    pub(super) fn group(&self, step: usize) -> Vec<Print> {
        let answers = self.chosen[step].map(|form| &self.answers[step][form]);
        let absent = self.experiment.steps[step].forms == [Sent::Form(Form::Absent)];
        let nonsense = self.controls.iter().filter(|(control, answer)| {
            // A parameter that nothing reads must look like an absent one.
            absent && *control == Control::NonsenseParameter && answer.outcome != Outcome::Failed
        });
        let answers = answers.into_iter().flatten();
        answers
            .chain(nonsense.map(|(_, answer)| answer))
            .filter_map(|answer| answer.print.clone())
            .collect()
    }

    /// Returns true if every answer of the second step is the same as one of the first, except for
    /// what differs among the first. If single answers differ too much, returns true if nothing
    /// consistently distinguishes the two steps.
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

    /// Returns true if `with` is an acceptance and `without` is not; `None` while one is missing.
    ///
    /// A refusal that turns into a success is one. Otherwise an acceptance must be more than an
    /// answer: created, accepted, redirected elsewhere, or JSON content under a name that can only
    /// be a credential. A page with 200 may just as well say "no such key" in any language.
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

    /// Returns true if all answers of a step lead to the same other place. A record created anew by
    /// each request, whether or not the input is used, has a path of its own, so ids and varying
    /// segments do not count.
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

    /// Returns true if a control got the same answer as the step with the canary or the suspect's
    /// value: then the input is not what decides.
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
            // In that case the control is counted among the answers without the input.
            let counted = *control == Control::NonsenseParameter
                && self.experiment.together.iter().any(differs);
            !counted
                && answer.outcome != Outcome::Failed
                && answer.resembles(&answers, &noise, &followed)
        })
    }
}
