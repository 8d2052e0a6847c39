//! What the answers to different values of one input say, step by step. Pure.
//!
//! Owns: which step is asked for when, and whether a differential probe's expectations hold.
//! Leaves out: sending (`confirm`), comparing two answers (`compare`), the probes (`probe`).

use regex::bytes::{Regex, RegexBuilder};

use crate::compare::{Difference, Noise, Print, alike, reliably_differ, same, turn};
use crate::http::{Response, Step as Exchange};
use crate::observe::Outcome;
use crate::probe::{Control, Differential, Expect, Form, Step, Together};

/// Answers on each side from which on the sides are compared, where single answers are too
/// different.
const ENOUGH: usize = 4;

/// An answer, as far as judging needs it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    outcome: Outcome,
    status: u16,
    print: Option<Print>,
    /// What the redirects led to.
    followed: Option<Print>,
    /// The path that it redirects to.
    location: Option<String>,
    json: bool,
    /// It succeeds as HTTP and says no in its content.
    says_no: bool,
    /// It says that something is wrong with the request, whatever its status.
    refuses: bool,
}

impl Answer {
    /// The answer and what its redirects led to; `sent` are the values that its request carried,
    /// `own` the paths of the operation itself and of the page that holds its form.
    pub(crate) fn of(exchanges: &[Exchange], sent: &[String], own: &[&str]) -> Self {
        let first = exchanges.first().and_then(Exchange::response);
        let last = exchanges.last().and_then(Exchange::response);
        let followed = last.filter(|_| exchanges.len() > 1);
        let mut answer = Self::of_one(first, sent, own);
        answer.followed = followed.map(|response| Print::of(response, sent));
        answer.says_no |= followed.is_some_and(says_no);
        answer.refuses |= followed.is_some_and(refuses);
        answer
    }

    /// An answer alone.
    pub(crate) fn of_one(response: Option<&Response>, sent: &[String], own: &[&str]) -> Self {
        let location = response.and_then(|response| response.header("location"));
        let location = location.map(|to| path_of(to).to_owned());
        let back = location.as_deref().is_some_and(|to| own.contains(&to));
        Self {
            outcome: response.map_or(Outcome::Failed, Outcome::of),
            status: response.map_or(0, |response| response.status),
            print: response.map(|response| Print::of(response, sent)),
            followed: None,
            json: response.is_some_and(|response| response.json().is_some()),
            says_no: back || response.is_some_and(says_no),
            refuses: response.is_some_and(refuses),
            location,
        }
    }

    fn is(&self, expect: Expect) -> bool {
        match expect {
            Expect::Success => self.outcome == Outcome::Success,
            Expect::Refused => self.outcome == Outcome::Refused,
            Expect::Rejected => self.outcome == Outcome::Rejected,
            Expect::Broken => self.outcome == Outcome::Broken,
            Expect::Status(range) => range.contains(self.status),
        }
    }

    fn meets(&self, step: &Step) -> bool {
        step.expect.is_empty() || step.expect.iter().any(|expect| self.is(*expect))
    }

    /// The same as one of `others`, noise apart, and led to the same.
    fn resembles(&self, others: &[Self], noise: &Noise, followed: &Noise) -> bool {
        others.iter().any(|other| {
            let alike = |left: &Option<Print>, right: &Option<Print>, noise| match (left, right) {
                (Some(left), Some(right)) => same(left, right, noise),
                (None, None) => true,
                _ => false,
            };
            self.status == other.status
                && alike(&self.print, &other.print, noise)
                && alike(&self.followed, &other.followed, followed)
        })
    }
}

/// The path of a `Location`, whole or relative.
fn path_of(location: &str) -> &str {
    let rest = location.split_once("://").map_or(location, |(_, rest)| {
        rest.find('/').map_or("/", |at| &rest[at..])
    });
    rest.split(['?', '#']).next().unwrap_or_default()
}

fn segments(path: Option<&str>) -> Vec<&str> {
    path.unwrap_or_default().split('/').collect()
}

/// Bytes of a body in which words of refusal are sought.
const READ: usize = 64 << 10;

/// True when a success says no in its content: JSON whose flags are false or that holds nothing, or
/// words of refusal. It errs towards "no": this only ever keeps a finding back.
fn says_no(response: &Response) -> bool {
    use serde_json::Value;
    let empty = |value: &Value| match value {
        Value::Bool(flag) => !flag,
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    let nothing = response.json().is_some_and(|json| match &json {
        Value::Object(fields) => fields.values().any(empty) || fields.is_empty(),
        other => empty(other),
    });
    let body = &response.body[..response.body.len().min(READ)];
    nothing || refusal_words().is_some_and(|words| words.is_match(body))
}

/// Fields that say how a request was taken.
const TELLING: &[&str] = &[
    "message",
    "msg",
    "detail",
    "details",
    "reason",
    "status",
    "result",
    "title",
    "description",
];
/// Visible text that is all message.
const MESSAGE: usize = 400;

/// True when the content says that the request is refused: JSON with an error, or whose message
/// has words of refusal; a short text with such words. Content may hold such words and be content.
fn refuses(response: &Response) -> bool {
    use serde_json::Value;
    let words = refusal_words();
    let says = |text: &str| words.as_ref().is_some_and(|w| w.is_match(text.as_bytes()));
    match response.json() {
        Some(Value::Object(fields)) => fields.iter().any(|(name, value)| {
            let name = name.to_ascii_lowercase();
            match value {
                Value::String(text) if TELLING.contains(&name.as_str()) => says(text),
                _ if !matches!(name.as_str(), "error" | "errors") => false,
                Value::Null => false,
                Value::Bool(flag) => *flag,
                Value::Number(number) => number.as_f64() != Some(0.0),
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(fields) => !fields.is_empty(),
            }
        }),
        Some(Value::String(text)) => says(&text),
        Some(_) => false,
        None => response.body.len() <= MESSAGE && says(&response.text()),
    }
}

fn refusal_words() -> Option<Regex> {
    RegexBuilder::new(
        r"\b(invalid|unknown|incorrect|wrong|denied|expired|errors?|fail(ed|ure)?|forbidden|unauthori[sz]ed|unrecogni[sz]ed|not (found|valid|known|recogni[sz]ed|accepted|authori[sz]ed|allowed)|no such|mismatch|rejected|refused|does ?n[o']t|bad)\b",
    )
    .case_insensitive(true)
    .unicode(false)
    .build()
    .ok()
}

/// What is known about the input before anything is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    /// Its name is credential-like without doubt.
    pub(crate) strong: bool,
    /// The operation only reads.
    pub(crate) safe: bool,
    /// A confirmed finding shows that its value is taken ([`Differential::accepted_by`]).
    pub(crate) accepted: bool,
}

/// What the answers so far say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ruling {
    /// They refute it.
    No,
    /// They hold so far; another round is needed.
    More,
    /// They prove it; what differs, where that was asked for.
    Yes(Option<Difference>),
}

/// The answers of one suspect so far.
pub(crate) struct Trial<'a> {
    probe: &'a Differential,
    known: Known,
    /// By step and form.
    answers: Vec<Vec<Vec<Answer>>>,
    /// By step: the form that further rounds repeat, once it is settled.
    chosen: Vec<Option<usize>>,
    controls: Vec<(Control, Answer)>,
    refuted: bool,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(probe: &'a Differential, known: Known) -> Self {
        let of_step = |step: &Step| vec![Vec::new(); step.forms.len()];
        Self {
            probe,
            known,
            answers: probe.steps.iter().map(of_step).collect(),
            chosen: vec![None; probe.steps.len()],
            controls: Vec::new(),
            refuted: false,
        }
    }

    /// What to send in a round, in order: all forms of each step that decides in the first, then
    /// what is repeated, its order turning.
    pub(crate) fn asks(&self, round: usize) -> Vec<(usize, usize)> {
        let deciding = |at: &usize| self.probe.steps[*at].decides && !self.idle(*at);
        let all: Vec<usize> = (0..self.probe.steps.len()).filter(deciding).collect();
        if round == 0 {
            let forms =
                |at: usize| (0..self.probe.steps[at].forms.len()).map(move |form| (at, form));
            return all.into_iter().flat_map(forms).collect();
        }
        let again: Vec<usize> = all
            .into_iter()
            .filter(|at| !self.probe.steps[*at].once)
            .collect();
        turn(again.len(), round)
            .filter_map(|at| again.get(at))
            .filter_map(|at| Some((*at, self.chosen.get(*at).copied().flatten()?)))
            .collect()
    }

    /// The steps that are only reported.
    pub(crate) fn reports(&self) -> Vec<(usize, usize)> {
        let steps = self.probe.steps.iter().enumerate();
        let reported = steps.filter(|(_, step)| !step.decides);
        reported
            .flat_map(|(at, step)| (0..step.forms.len()).map(move |form| (at, form)))
            .collect()
    }

    /// True for a step that serves only to show what is known already.
    fn idle(&self, step: usize) -> bool {
        let mut uses = self.probe.together.iter().filter(|together| {
            let (left, right) = together.steps();
            left == step || right == step
        });
        self.known.accepted
            && self.probe.steps[step].expect.is_empty()
            && uses.clone().next().is_some()
            && uses.all(|together| matches!(together, Together::Accepts(left, _) if *left == step))
    }

    /// Takes the answer to a form of a step. False when it refutes the suspicion.
    pub(crate) fn take(&mut self, step: usize, form: usize, answer: Answer) -> bool {
        let Some(probe_step) = self.probe.steps.get(step) else {
            return false;
        };
        if !probe_step.decides {
            return true;
        }
        let alone = probe_step.forms.len() == 1;
        let first = self.answers[step].iter().all(Vec::is_empty);
        // No answer is one sample less, not a reason to doubt; but the first must be there.
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
        // Nothing more is spent on an input whose presence nobody acts upon.
        let acted = |together: &Together| match together {
            Together::Accepts(left, right) if [*left, *right].contains(&step) => {
                self.accepts(*left, *right) != Some(false)
            }
            _ => true,
        };
        self.refuted |= !self.probe.together.iter().all(acted);
        !self.refuted
    }

    /// Takes the answer to a control.
    pub(crate) fn control(&mut self, control: Control, answer: Answer) {
        self.controls.push((control, answer));
    }

    /// What the answers say after a round.
    pub(crate) fn ruling(&mut self, round: usize) -> Ruling {
        if self.refuted || !self.settle() {
            return Ruling::No;
        }
        let (least, most) = self.probe.rounds();
        let mut difference = None;
        let mut enough = round + 1 >= least && self.repeated_often(least);
        for together in &self.probe.together {
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
                        // Saves the other rounds where nothing differs.
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

    /// True when every step that is repeated has been answered so often.
    fn repeated_often(&self, least: usize) -> bool {
        let mut steps = self.probe.steps.iter().enumerate();
        steps.all(|(at, step)| {
            let repeated = step.decides && !step.once && !self.idle(at);
            let answers = self.chosen[at].map_or(0, |form| self.answers[at][form].len());
            !repeated || answers >= least
        })
    }

    /// What single answers say: a recorded exchange has no repeats.
    pub(crate) fn recorded(&mut self) -> bool {
        if self.refuted || !self.settle() || self.explained() {
            return false;
        }
        self.probe.together.iter().all(|together| {
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

    /// Settles which form of each step is repeated: the first that is taken as expected and like
    /// what it is compared with; else the first that is taken as expected. False where none is.
    fn settle(&mut self) -> bool {
        for (at, step) in self.probe.steps.iter().enumerate() {
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

    /// The forms of a step whose first answer was as expected, and the same as what the step is
    /// compared with; where no form is both, those that were as expected.
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

    /// True for an answer as the step expects it. Where nothing else shows that a value is accepted
    /// than that it gets the same as another one, a refusal that comes as a success is none.
    fn meets(&self, step: usize, answer: &Answer) -> bool {
        let probe = self.probe;
        let shown = |together: &Together| matches!(together, Together::Accepts(..));
        let compared = |together: &Together| match together {
            Together::Same(left, right) => [*left, *right].contains(&step),
            _ => false,
        };
        let refused = answer.refuses
            && answer.outcome == Outcome::Success
            && !probe.steps[step].expect.is_empty()
            && probe.together.iter().any(compared)
            && !probe.together.iter().any(shown);
        answer.meets(&probe.steps[step]) && !refused
    }

    /// True for a form that was taken as expected, and answered like what its step is compared with.
    pub(crate) fn alike(&self, step: usize, form: usize) -> bool {
        let Some(first) = self.answers[step][form].first() else {
            return false;
        };
        let partner = self
            .probe
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

    /// The form of a step that further rounds repeat.
    pub(crate) fn repeated(&self, step: usize) -> Option<usize> {
        self.chosen.get(step).copied().flatten()
    }

    /// The prints of a step; what stands for "without it" has the nonsense parameter with it.
    fn group(&self, step: usize) -> Vec<Print> {
        let answers = self.chosen[step].map(|form| &self.answers[step][form]);
        let absent = self.probe.steps[step].forms == [Form::Absent];
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
    fn same(&self, left: usize, right: usize) -> bool {
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
    fn accepts(&self, without: usize, with: usize) -> Option<bool> {
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
    fn explained(&self) -> bool {
        let differs = |together: &Together| matches!(together, Together::Differ(..));
        let with = self.probe.steps.iter().position(|step| {
            step.decides && matches!(step.forms.first(), Some(Form::Canary | Form::Suspect))
        });
        let Some(with) = with else {
            return false;
        };
        let answers = self.answers[with].concat();
        let (noise, followed) = noises(&answers);
        self.controls.iter().any(|(control, answer)| {
            // There it stands among the answers without the input.
            let counted =
                *control == Control::NonsenseParameter && self.probe.together.iter().any(differs);
            !counted
                && answer.outcome != Outcome::Failed
                && answer.resembles(&answers, &noise, &followed)
        })
    }
}

/// True when enough answers of both sides differ in nothing that lasts.
fn of_one_kind(left: &[Answer], right: &[Answer]) -> bool {
    let prints = |answers: &[Answer], print: fn(&Answer) -> Option<Print>| {
        answers.iter().filter_map(print).collect::<Vec<Print>>()
    };
    let own = |answer: &Answer| answer.print.clone();
    let led_to = |answer: &Answer| answer.followed.clone();
    let enough = left.len().min(right.len()) >= ENOUGH;
    let (there, here) = (prints(left, led_to), prints(right, led_to));
    enough
        && alike(&prints(left, own), &prints(right, own))
        && ((there.is_empty() && here.is_empty()) || alike(&there, &here))
}

/// What changes by itself among answers, and among what they led to.
fn noises(answers: &[Answer]) -> (Noise, Noise) {
    let of = |print: fn(&Answer) -> Option<Print>| {
        let prints: Vec<Print> = answers.iter().filter_map(print).collect();
        if prints.len() < 2 {
            Noise::default()
        } else {
            Noise::of(&prints)
        }
    };
    (
        of(|answer| answer.print.clone()),
        of(|answer| answer.followed.clone()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Catalog, Detector};

    fn probe(id: &str) -> Differential {
        let catalog = Catalog::builtin().unwrap();
        let found = catalog
            .get(id)
            .unwrap()
            .detectors
            .iter()
            .find_map(|one| match one {
                Detector::Differential(one) => Some(Differential::clone(one)),
                _ => None,
            });
        found.unwrap()
    }

    fn answer(status: u16, body: &str) -> Answer {
        let response = Response::of(status, &[("content-type", "application/json")], body);
        Answer::of_one(Some(&response), &[], &["/own"])
    }

    fn redirect(to: &str) -> Answer {
        let response = Response::of(302, &[("location", to)], "");
        Answer::of_one(Some(&response), &[], &["/own"])
    }

    fn failed() -> Answer {
        Answer::of_one(None, &[], &[])
    }

    /// Plays rounds in which every form of a step gets what `answers` gives by its name.
    fn play(id: &str, known: Known, answers: impl Fn(&str, usize) -> Answer) -> (Ruling, usize) {
        let probe = probe(id);
        let mut trial = Trial::new(&probe, known);
        let mut sent = 0;
        for round in 0..probe.rounds().1 {
            for (step, form) in trial.asks(round) {
                sent += 1;
                let form_name = probe.steps[step].forms[form].as_str();
                if !trial.take(step, form, answers(form_name, round)) {
                    return (Ruling::No, sent);
                }
            }
            match trial.ruling(round) {
                Ruling::More => {}
                ruling => return (ruling, sent),
            }
        }
        (Ruling::No, sent)
    }

    const MALFORMED: &str = "input-validation/malformed-key-accepted";
    const ANY_KEY: &str = "authentication/any-key-accepted";

    #[test]
    fn of_several_malformed_values_one_that_is_taken_is_enough_and_is_repeated() {
        let answers = |form: &str, _| match form {
            "absent" => answer(400, "{}"),
            "canary" | "long" => answer(201, r#"{"id": 7}"#),
            _ => answer(422, "{}"),
        };
        let (ruling, sent) = play(MALFORMED, Known::default(), answers);
        assert_eq!(ruling, Ruling::Yes(None));
        assert_eq!(sent, 2 + 4 + 2 * 2);
        // Known to be taken: the request without it is spared.
        let known = Known {
            accepted: true,
            ..Known::default()
        };
        assert_eq!(play(MALFORMED, known, answers).1, sent - 1);
    }

    #[test]
    fn two_requests_are_all_that_an_ignored_input_costs() {
        let ignored = |_: &str, _| answer(201, r#"{"id": 7}"#);
        let (ruling, sent) = play(MALFORMED, Known::default(), ignored);
        assert_eq!((ruling, sent), (Ruling::No, 2));
    }

    #[test]
    fn a_success_that_says_no_or_leads_back_is_no_acceptance() {
        let canary_gets = |canary: Answer, absent: Answer, known: Known| {
            let answers = |form: &str, _: usize| match form {
                "absent" => absent.clone(),
                _ => canary.clone(),
            };
            play(MALFORMED, known, answers).0 != Ruling::No
        };
        let strong = Known {
            strong: true,
            ..Known::default()
        };
        let missing = || answer(400, "{}");
        for (canary, accepted) in [
            (answer(200, r#"{"cents": 5}"#), true),
            (answer(200, r#"{"valid": false}"#), false),
            (answer(200, r#"{"hits": []}"#), false),
            (answer(200, r#"{"message": "Invalid key"}"#), false),
            (answer(201, r#"{"id": 5}"#), true),
            (answer(202, r#"{"error": "queue full"}"#), false),
            (answer(200, "<p>Thank you"), false),
            (redirect("/own?again=1"), false),
            (redirect("http://host:80/own"), false),
            (redirect("/elsewhere"), true),
            (redirect("/login"), false),
        ] {
            let shown = canary_gets(canary.clone(), missing(), strong);
            assert_eq!(shown, accepted, "{canary:?}");
        }
        // A weak name needs more than JSON, a read more than a redirect.
        let weak = Known::default();
        assert!(!canary_gets(
            answer(200, r#"{"cents": 5}"#),
            missing(),
            weak
        ));
        let read = Known {
            safe: true,
            ..strong
        };
        assert!(!canary_gets(redirect("/elsewhere"), missing(), read));
        // In place of a refusal any content is an acceptance.
        assert!(canary_gets(answer(200, "<p>Hello"), answer(401, ""), weak));
        assert!(canary_gets(redirect("/kept/7"), redirect("/form"), weak));
        assert!(!canary_gets(redirect("/list"), redirect("/list"), weak));
    }

    #[test]
    fn a_record_with_a_path_of_its_own_does_not_show_that_the_input_is_used() {
        let led = |without: &str, with: [&str; 3]| {
            let answers = |form: &str, round: usize| match form {
                "absent" => redirect(without),
                _ => redirect(with[round]),
            };
            play(MALFORMED, Known::default(), answers)
        };
        for with in [
            ["/repairs/R-0C1B9E", "/repairs/R-51D0AA", "/repairs/R-7"],
            ["/repairs/hazel", "/repairs/maple", "/repairs/birch"],
            ["/repairs/a/b", "/repairs/a", "/repairs/b"],
        ] {
            let (ruling, _) = led("/repairs/R-FCA21D", with);
            assert_eq!(ruling, Ruling::No, "{with:?}");
        }
        assert_eq!(led("/repairs/R-FCA21D", ["/repairs/R-0C1B9E"; 3]).1, 2);
        let kept = ["/kept/R-0C1B9E", "/kept/R-51D0AA", "/kept/R-7"];
        assert_eq!(led("/drafts/R-FCA21D", kept).0, Ruling::Yes(None));
        assert_eq!(led("/form", ["/done"; 3]).0, Ruling::Yes(None));
    }

    #[test]
    fn keys_that_get_contents_of_their_own_are_looked_up() {
        let each_its_own = |form: &str, round: usize| match form {
            "absent" => answer(401, ""),
            "canary" => answer(200, r#"{"plan": "gold"}"#),
            _ => answer(200, &format!(r#"{{"plan": "none", "try": {round}}}"#)),
        };
        assert_eq!(play(ANY_KEY, Known::default(), each_its_own).0, Ruling::No);
        let all_alike = |form: &str, _| match form {
            "absent" => answer(403, ""),
            _ => answer(200, r#"{"plan": "gold"}"#),
        };
        let (ruling, sent) = play(ANY_KEY, Known::default(), all_alike);
        assert_eq!((ruling, sent), (Ruling::Yes(None), 6));
    }

    #[test]
    fn a_refusal_that_comes_with_200_lets_nobody_in() {
        let all_get = |body: &str| {
            let answers = |form: &str, _: usize| match form {
                "absent" => answer(401, ""),
                _ => answer(200, body),
            };
            play(ANY_KEY, Known::default(), answers).0
        };
        for body in [
            r#"{"error": "invalid api key"}"#,
            r#"{"errors": [{"code": 17}], "data": null}"#,
            r#"{"ok": false, "message": "No such key"}"#,
            r#"{"status": "unauthorized"}"#,
            r#""unknown key""#,
            "Access denied.",
        ] {
            assert_eq!(all_get(body), Ruling::No, "{body}");
        }
        for body in [
            r#"{"error": null, "rows": []}"#,
            r#"{"errors": 0, "failed": 3, "active": false}"#,
            r#"{"note": "expired milk", "rows": [1]}"#,
        ] {
            assert_eq!(all_get(body), Ruling::Yes(None), "{body}");
        }
    }

    #[test]
    fn an_answer_that_is_missing_costs_a_round_and_not_the_finding() {
        let one_lost = |form: &str, round: usize| match (form, round) {
            ("other", 1) => failed(),
            ("absent", _) => answer(401, ""),
            _ => answer(200, r#"{"plan": "gold"}"#),
        };
        let (ruling, sent) = play(ANY_KEY, Known::default(), one_lost);
        assert_eq!((ruling, sent), (Ruling::Yes(None), 9));
        let never = |form: &str, _: usize| match form {
            "other" => failed(),
            "absent" => answer(401, ""),
            _ => answer(200, "{}"),
        };
        assert_eq!(play(ANY_KEY, Known::default(), never).0, Ruling::No);
    }

    #[test]
    fn a_box_that_few_pages_have_does_not_hide_that_any_key_is_accepted() {
        // None of the first step's pages has the box, so none explains the last one.
        let boxed = |form: &str, round: usize| match (form, round) {
            ("absent", _) => answer(401, ""),
            ("other", 1..) => answer(200, r#"{"plan": "gold", "offer": "now"}"#),
            ("canary", 3) => answer(200, r#"{"plan": "gold", "offers": "two"}"#),
            _ => answer(200, r#"{"plan": "gold"}"#),
        };
        let (ruling, sent) = play(ANY_KEY, Known::default(), boxed);
        assert_eq!((ruling, sent), (Ruling::Yes(None), 12));
    }

    #[test]
    fn a_control_that_gets_the_same_explains_it() {
        let mut catch_all = probe(ANY_KEY);
        catch_all.controls = vec![Control::NonsensePath];
        let mut trial = Trial::new(&catch_all, Known::default());
        let open = || answer(200, r#"{"plan": "gold"}"#);
        for round in 0..2 {
            for (step, form) in trial.asks(round) {
                let absent = catch_all.steps[step].forms[form] == Form::Absent;
                let answer = if absent { answer(401, "") } else { open() };
                assert!(trial.take(step, form, answer));
            }
        }
        assert_eq!(trial.ruling(1), Ruling::Yes(None));
        trial.control(Control::NonsensePath, answer(404, "{}"));
        assert_eq!(trial.ruling(1), Ruling::Yes(None));
        trial.control(Control::NonsensePath, open());
        assert_eq!(trial.ruling(1), Ruling::No);
    }
}
