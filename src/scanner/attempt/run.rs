//! Sends several values of one input, and collects the evidence of what came back.
//!
//! Owns: turning each form of a step into a request. Leaves out: which step comes when, what the
//! answers prove (`trial`), and which inputs are tried (`candidates`).

use std::sync::Arc;

use serde_json::Value;

use super::{Case, Group};
use crate::compare::Difference;
use crate::confirm::Confirm;
use crate::confirm::controls::Control as Shown;
use crate::finding::{
    Draft, Evidence, MergedOver, Occurrence, Role, RuleInfo, Sink, SinkPlace, Verdict,
};
use crate::http::Transport;
use crate::judge::suspects::exchange;
use crate::observe::{Observation, Outcome};
use crate::plan::{Fill, RequestTemplate, made, with_control, word};
use crate::progress::Progress;
use crate::rule::Candidate;
use crate::surface::{Input, Place};
use crate::trial::{
    Answer, CANARY, Control, Experiment, Form, Ruling, Sent, SinkKind, Trial, WORD,
};

/// The bytes of a long value: in a body, in query and path, in a header or cookie. Servers accept
/// more.
const LONG_BODY: usize = 8 << 10;
const LONG_URL: usize = 3000;
const LONG_HEADER: usize = 2 << 10;
/// The bytes of a request line that every server accepts.
const REQUEST_LINE: usize = 3400;
/// Values of one character.
const ONE: [&str; 6] = ["k", "m", "p", "t", "w", "z"];
/// How many bytes of an answer the evidence shows.
const SHOWN: usize = 200;

/// The first observation for a form of a step.
struct Sample {
    step: usize,
    form: usize,
    seen: Arc<Shown>,
}

/// One case that is being tried.
struct Attempt<'a, T, P> {
    confirm: &'a Confirm<'a, T, P>,
    experiment: &'a Experiment,
    case: &'a Case,
    samples: Vec<Sample>,
}

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Tries the cases of one operation one after the other.
    pub(crate) async fn attempt(&self, group: &Group<'_>) -> Vec<Draft> {
        let merge = group.experiment.merge;
        let mut drafts: Vec<Draft> = Vec::new();
        for case in group.cases.iter().take(merge.unwrap_or(usize::MAX)) {
            let source = Some(case.candidate.source());
            if drafts.iter().all(|draft| draft.source != source) {
                let attempt = Attempt {
                    confirm: self,
                    experiment: &group.experiment,
                    case,
                    samples: Vec::new(),
                };
                drafts.extend(attempt.draft(group.rule).await);
            }
        }
        if merge.is_none() {
            return drafts;
        }
        drafts.sort_by(|left, right| left.source.cmp(&right.source));
        let mut drafts = drafts.into_iter();
        let Some(first) = drafts.next() else {
            return Vec::new();
        };
        let occurrences = drafts.map(|draft| Occurrence {
            source: draft.source,
            sink: None,
        });
        vec![Draft {
            occurrences: occurrences.collect(),
            ..first
        }]
    }
}

impl<T: Transport, P: Progress> Attempt<'_, T, P> {
    async fn draft(mut self, rule: &RuleInfo) -> Option<Draft> {
        let (experiment, case) = (self.experiment, self.case);
        let draft = |verdict, place, evidence| Draft {
            rule: rule.clone(),
            verdict,
            sink: Sink {
                endpoint: case.candidate.base.endpoint.clone(),
                place,
                field: String::new(),
            },
            source: Some(case.candidate.source()),
            class: experiment.class.clone(),
            merged_over: match experiment.merge {
                Some(_) => MergedOver::Inputs,
                None => MergedOver::Nothing,
            },
            occurrences: Vec::new(),
            covers: Vec::new(),
            transform: None,
            evidence,
            planted_at: None,
            first_seen: None,
            last_seen: None,
        };
        if let Some(evidence) = case.proven.clone() {
            return Some(draft(experiment.verdict, SinkPlace::Status, evidence));
        }
        let mut trial = Trial::new(experiment, case.known);
        match self.try_out(&mut trial).await {
            Ruling::Yes(difference) => {
                for (step, form) in trial.reports() {
                    self.ask((0, step, form)).await;
                }
                let difference = difference.as_ref();
                let evidence = self.evidence(Some(&trial), difference);
                let place = sink_place(experiment, difference);
                Some(draft(experiment.verdict, place, evidence))
            }
            // The input is offered, but the expectations did not hold.
            _ if experiment.tell_offered && case.offered && self.all_answered() => {
                let evidence = self.evidence(None, None);
                Some(draft(Verdict::Undetermined, SinkPlace::Status, evidence))
            }
            _ => None,
        }
    }

    /// Sends round after round until the answers prove or refute the suspicion.
    async fn try_out(&mut self, trial: &mut Trial<'_>) -> Ruling {
        let (_, most) = self.experiment.rounds();
        for round in 0..most {
            for (step, form) in trial.asks(round) {
                let Some(answer) = self.ask((round, step, form)).await else {
                    continue;
                };
                if !trial.take(step, form, answer) {
                    return Ruling::No;
                }
            }
            if round == 0 {
                self.run_controls(trial).await;
            }
            match trial.ruling(round) {
                Ruling::More => {}
                ruling => return ruling,
            }
        }
        Ruling::No
    }

    async fn run_controls(&self, trial: &mut Trial<'_>) {
        let (confirm, candidate) = (self.confirm, &self.case.candidate);
        let source = candidate.source();
        for control in &self.experiment.controls {
            let canary = Fill::Canary(candidate.shape);
            let shown = match control {
                Control::NonsenseParameter => {
                    let without = without(candidate);
                    confirm
                        .nonsense_instead(&without, &source, candidate.shape)
                        .await
                }
                Control::NonsensePath => {
                    let with = candidate.base.with(&candidate.input, canary);
                    confirm.nonsense_path(&with, &source).await
                }
            };
            if let Some(shown) = shown {
                trial.control(*control, self.answer(&shown.observation, None));
            }
        }
    }

    /// Sends one form of a step. Returns `None` if no request can carry it.
    async fn ask(&mut self, (round, step, form): (usize, usize, usize)) -> Option<Answer> {
        let sent = self.experiment.steps.get(step)?.forms.get(form)?;
        let template = self.template(sent, round)?;
        let sent = sent.form();
        // The same request gets the same answer in every experiment, so it is shared.
        let shared = sent.is_none() || is_plain(sent);
        let source = self.case.candidate.source();
        let first = self
            .samples
            .iter()
            .all(|s| (s.step, s.form) != (step, form));
        let seen = if first && shared {
            self.confirm.baseline(&template, &source).await
        } else {
            let role = role_of(sent);
            let (observation, _) = self.confirm.replay(&Arc::new(template), role).await;
            Arc::new(Shown {
                observation,
                echoes: Vec::new(),
                source,
            })
        };
        let answer = self.answer(&seen.observation, sent);
        if first {
            self.samples.push(Sample { step, form, seen });
        }
        Some(answer)
    }

    /// Builds the request that gives the input this form. Returns `None` if no request can carry
    /// it.
    fn template(&self, sent: &Sent, round: usize) -> Option<RequestTemplate> {
        let (confirm, candidate) = (self.confirm, &self.case.candidate);
        let (input, shape) = (&candidate.input, candidate.shape);
        if !sent.fits(input.place) {
            return None;
        }
        let form = match sent {
            Sent::Form(form) => *form,
            Sent::Json(value) => {
                let fill = Fill::Json(shape, Arc::clone(value));
                return Some(candidate.base.with(input, fill));
            }
            Sent::Named(name, value) => {
                let word = word(&confirm.executor.ledger().mint().key());
                let input = Input {
                    name: name.replace(WORD, &word),
                    ..input.clone()
                };
                let fill = Fill::Json(shape, Arc::clone(value));
                // It comes first, because an application may stop reading at the first value that
                // does not fit.
                let mut template = without(candidate);
                template.fills.insert(0, (input, fill));
                return Some(template);
            }
        };
        let text = |text: &str| Fill::Plain(Value::String(text.to_owned()));
        let fill = match form {
            Form::Absent => return Some(without(candidate)),
            // The client adds the tester's own value by itself.
            Form::Plain if candidate.is_given() => {
                return Some(candidate.base.without(|other| *other == *input));
            }
            Form::Plain => return Some(confirm.plain(&candidate.base, &candidate.source())),
            Form::Canary | Form::Other if candidate.made => {
                let nth = 2 * round + usize::from(form == Form::Other);
                let key = confirm.executor.ledger().mint().key();
                text(&made(input, &key, nth)?)
            }
            Form::Canary | Form::Other => Fill::Canary(shape),
            Form::Suspect => candidate.suspect.clone()?,
            Form::Own => text(confirm.own.as_deref()?),
            Form::Empty => text(""),
            // A different one each round: where keys must be unique, the same would be "taken
            // already".
            Form::OneCharacter => text(ONE.get(round % ONE.len()).copied().unwrap_or("k")),
            Form::Long => Fill::Padded(shape, long(candidate)?),
            Form::ControlCharacter => Fill::Control(shape),
            Form::WrongType => Fill::List(shape),
        };
        Some(candidate.base.with(input, fill))
    }

    fn answer(&self, seen: &Observation, form: Option<Form>) -> Answer {
        let (confirm, candidate) = (self.confirm, &self.case.candidate);
        let mut sent = confirm.texts(seen);
        match form {
            Some(Form::Own) => sent.extend(confirm.own.clone()),
            Some(Form::Plain) if candidate.is_given() => {
                let given = candidate.input.hint.example.as_ref();
                sent.extend(given.and_then(Value::as_str).map(str::to_owned));
            }
            Some(Form::Canary | Form::Other) if candidate.made => {
                sent.extend(sent_plain(candidate, seen));
            }
            // An echo of the whole value counts as an echo, too.
            Some(Form::ControlCharacter) => {
                let whole: Vec<String> = sent.iter().map(|text| with_control(text)).collect();
                sent.extend(whole);
            }
            _ => {}
        }
        let template = &seen.template.endpoint.path;
        let page = candidate.base.form_page.as_deref();
        let asked = seen.steps.first().map(|step| step.request.url.path());
        let own: Vec<&str> = [Some(template.as_str()), page, asked]
            .into_iter()
            .flatten()
            .collect();
        Answer::of(&seen.steps, &sent, &own)
    }

    /// Returns true if every step that decides was answered.
    fn all_answered(&self) -> bool {
        let answered = |at: usize| {
            let mut of_step = self.samples.iter().filter(|sample| sample.step == at);
            of_step.any(|sample| sample.seen.observation.outcome() != Outcome::Failed)
        };
        let mut steps = self.experiment.steps.iter().enumerate();
        steps.all(|(at, step)| !step.decides || answered(at))
    }

    /// Builds the evidence: what was sent and what came back, in the order of the steps.
    fn evidence(&self, trial: Option<&Trial<'_>>, difference: Option<&Difference>) -> Evidence {
        let (confirm, experiment) = (self.confirm, self.experiment);
        let redactor = &confirm.executor.owner.redactor();
        let mut samples: Vec<&Sample> = self.samples.iter().collect();
        samples.sort_by_key(|sample| (sample.step, sample.form));
        let mut words: Vec<String> = Vec::new();
        let (mut curl, mut exchanges) = (Vec::new(), Vec::new());
        let mut body = None;
        for sample in samples {
            let Some(step) = experiment.steps.get(sample.step) else {
                continue;
            };
            let (sent, seen) = (&step.forms[sample.form], &sample.seen.observation);
            let form = sent.form();
            let (Some(first), Some(answer)) = (seen.steps.first(), seen.answer()) else {
                continue;
            };
            let several = step.forms.len() > 1;
            let alike = several && trial.is_some_and(|t| t.alike(sample.step, sample.form));
            words.push(format!(
                "{}: {}{}",
                self.label(sent, seen),
                answer.status,
                if alike { ", the same" } else { "" }
            ));
            // Of several forms only the repeated one is shown. Steps that are only reported appear
            // in the words.
            let shown =
                step.decides && trial.is_none_or(|t| t.repeated(sample.step) == Some(sample.form));
            if !shown {
                continue;
            }
            let role = role_of(form);
            curl.extend(confirm.curl(seen, 0));
            exchanges.push(exchange(redactor, role, first));
            if matches!(form, Some(Form::Canary | Form::Suspect)) {
                body = body.or(seen.answer());
            }
        }
        if let Some(difference) = difference {
            // A field's name is the application's own text as well.
            words.push(redactor.excerpt(difference.to_string().as_bytes(), None, SHOWN));
        } else if experiment.sink == SinkKind::Body {
            words.extend(body.map(|answer| redactor.excerpt(&answer.body, None, SHOWN)));
        }
        Evidence {
            snippet: redactor.text(&words.join("; ")),
            curl,
            exchanges,
        }
    }

    /// Describes a form: `no api_key`, `api_key=ks…`, `api_key long`.
    fn label(&self, sent: &Sent, seen: &Observation) -> String {
        let candidate = &self.case.candidate;
        let name = &candidate.input.name;
        let form = match sent {
            Sent::Form(form) => *form,
            Sent::Json(value) => return format!("{name} {}", shown(value)),
            Sent::Named(name, value) => {
                return format!("{} {}", name.replace(WORD, "…"), shown(value));
            }
        };
        match form {
            Form::Absent => format!("no {name}"),
            Form::Canary if candidate.made => {
                let text = sent_plain(candidate, seen).unwrap_or_default();
                format!("{name}={text}")
            }
            Form::Canary => {
                let source = candidate.source();
                let ledger = self.confirm.executor.ledger();
                let mut entries = seen.planted.iter().filter_map(|slot| ledger.entry(*slot));
                let own = entries.find(|entry| entry.source == source);
                let text = own.map_or_else(String::new, |entry| entry.canary.text.clone());
                format!("{name}={text}")
            }
            Form::Plain if candidate.is_given() => format!("the tester's {name}"),
            Form::Suspect => format!("an odd {name}"),
            Form::Other => format!("another {name}"),
            form => format!("{name} {}", form.as_str()),
        }
    }
}

/// Formats a value for evidence; `…` stands for the canary, which differs in each request.
fn shown(value: &Value) -> String {
    value.to_string().replace(CANARY, "…")
}

/// Returns true for forms whose answer is the same for every rule.
const fn is_plain(form: Option<Form>) -> bool {
    matches!(form, Some(Form::Absent | Form::Plain))
}

const fn role_of(form: Option<Form>) -> Role {
    if is_plain(form) {
        Role::Control
    } else {
        Role::Replay
    }
}

/// Returns the plain text that an observation's request carried in the candidate's input.
fn sent_plain(candidate: &Candidate, seen: &Observation) -> Option<String> {
    let input = &candidate.input;
    match seen.template.fill(input.place, &input.name)? {
        Fill::Plain(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn without(candidate: &Candidate) -> RequestTemplate {
    let input = &candidate.input;
    if candidate.is_given() {
        return candidate.base.clone();
    }
    candidate
        .base
        .without(|other| other.place == input.place && other.name == input.name)
}

fn sink_place(experiment: &Experiment, difference: Option<&Difference>) -> SinkPlace {
    match experiment.sink {
        SinkKind::Status => SinkPlace::Status,
        SinkKind::Body => SinkPlace::Body,
        SinkKind::Differing => match difference {
            Some(difference) if difference.place != "status" => SinkPlace::Body,
            _ => SinkPlace::Status,
        },
    }
}

/// Returns how long a long value may be beside what else the request carries; `None` if too little
/// room is left.
fn long(candidate: &Candidate) -> Option<usize> {
    match candidate.input.place {
        Place::Query | Place::Path => {
            let others = candidate.base.fills.iter();
            let taken: usize = others
                .filter(|(input, _)| matches!(input.place, Place::Query | Place::Path))
                .filter(|(input, _)| input.name != candidate.input.name)
                .map(|(input, fill)| {
                    let value = match fill {
                        Fill::Plain(Value::String(text)) => 3 * text.len(),
                        _ => 64,
                    };
                    input.name.len() + value + 2
                })
                .sum();
            let taken = taken + candidate.base.endpoint.path.as_str().len();
            let room = REQUEST_LINE.checked_sub(taken + candidate.input.name.len() + 2)?;
            (room >= LONG_URL / 2).then_some(room.min(LONG_URL))
        }
        Place::Header | Place::Cookie => Some(LONG_HEADER - candidate.input.prefix.len().min(64)),
        _ => Some(LONG_BODY),
    }
}
