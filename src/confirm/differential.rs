//! Differential probes: several values of one input, and what the answers say.
//!
//! Owns: what each form of a step is as a request, and the evidence. Leaves out: which step comes
//! when and what the answers prove (`judge::differential`), which inputs (`pipeline`).

use std::sync::Arc;

use serde_json::Value;

use super::Confirm;
use super::controls::Control as Shown;
use crate::canary::Shape;
use crate::compare::Difference;
use crate::finding::{
    Draft, Evidence, MergedOver, Occurrence, Role, RuleInfo, Sink, SinkPlace, Source, Verdict,
};
use crate::http::Transport;
use crate::judge::differential::{Answer, Known, Ruling, Trial};
use crate::judge::suspects::exchange;
use crate::observe::{Observation, Outcome};
use crate::plan::{Fill, Recipe, made, with_control};
use crate::probe::{Control, Differential, Form, SinkKind};
use crate::progress::Progress;
use crate::surface::{Input, Place};

/// Bytes of a long value: in a body, in query and path, in a header or cookie. Servers accept more.
const LONG_BODY: usize = 8 << 10;
const LONG_URL: usize = 3000;
const LONG_HEADER: usize = 2 << 10;
/// Bytes of a request line that every server accepts.
const REQUEST_LINE: usize = 3400;
/// Values of one character.
const ONE: [&str; 6] = ["k", "m", "p", "t", "w", "z"];
/// Bytes of an answer that evidence shows.
const SHOWN: usize = 200;

/// An input that a differential probe looks at.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// The input.
    pub(crate) input: Input,
    /// The operation's request, around the input.
    pub(crate) base: Recipe,
    /// What made it a suspect.
    pub(crate) suspect: Option<Fill>,
    /// The canary's shape.
    pub(crate) shape: Shape,
    /// No canary is taken: random values of the form that the input is said to take stand for it.
    pub(crate) made: bool,
    /// What is known of it.
    pub(crate) known: Known,
    /// A page, script or specification offers it.
    pub(crate) offered: bool,
    /// A confirmed finding that proves it without a request.
    pub(crate) proven: Option<Evidence>,
}

impl Candidate {
    /// True for a value that the tester sends with every request, held back here.
    fn is_given(&self) -> bool {
        let input = &self.input;
        self.base.fill(input.place, &input.name) == Some(&Fill::Withheld)
    }

    fn source(&self) -> Source {
        Source {
            endpoint: self.base.endpoint.clone(),
            place: self.input.place,
            input: self.input.name.clone(),
        }
    }
}

/// What was sent for a form of a step, the first time.
struct Sample {
    step: usize,
    form: usize,
    seen: Arc<Shown>,
}

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Tries the candidates of one operation, one after the other; they share its controls.
    pub(crate) async fn differential(
        &self,
        rule: &RuleInfo,
        probe: &Differential,
        candidates: &[Candidate],
    ) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        for candidate in candidates.iter().take(probe.merge.unwrap_or(usize::MAX)) {
            let source = Some(candidate.source());
            if drafts.iter().all(|draft| draft.source != source) {
                drafts.extend(self.one(rule, probe, candidate).await);
            }
        }
        if probe.merge.is_none() {
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

    async fn one(
        &self,
        rule: &RuleInfo,
        probe: &Differential,
        candidate: &Candidate,
    ) -> Option<Draft> {
        let draft = |verdict, place, evidence| Draft {
            rule: rule.clone(),
            verdict,
            sink: Sink {
                endpoint: candidate.base.endpoint.clone(),
                place,
                field: String::new(),
            },
            source: Some(candidate.source()),
            class: probe.class.clone(),
            merged_over: match probe.merge {
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
        if let Some(evidence) = candidate.proven.clone() {
            return Some(draft(probe.verdict, SinkPlace::Status, evidence));
        }
        let mut trial = Trial::new(probe, candidate.known);
        let mut samples = Vec::new();
        let ruling = self
            .try_out(probe, candidate, &mut trial, &mut samples)
            .await;
        match ruling {
            Ruling::Yes(difference) => {
                for (step, form) in trial.reports() {
                    self.ask(probe, candidate, (0, step, form), &mut samples)
                        .await;
                }
                let evidence = self.evidence(
                    probe,
                    candidate,
                    Some(&trial),
                    &samples,
                    difference.as_ref(),
                );
                let place = sink_place(probe, difference.as_ref());
                Some(draft(probe.verdict, place, evidence))
            }
            // Offered, and not shown.
            _ if probe.tell_offered && candidate.offered && all_answered(probe, &samples) => {
                let evidence = self.evidence(probe, candidate, None, &samples, None);
                Some(draft(Verdict::Undetermined, SinkPlace::Status, evidence))
            }
            _ => None,
        }
    }

    /// Sends round after round until the answers prove it or refute it.
    async fn try_out(
        &self,
        probe: &Differential,
        candidate: &Candidate,
        trial: &mut Trial<'_>,
        samples: &mut Vec<Sample>,
    ) -> Ruling {
        let (_, most) = probe.rounds();
        for round in 0..most {
            for (step, form) in trial.asks(round) {
                let at = (round, step, form);
                let Some(answer) = self.ask(probe, candidate, at, samples).await else {
                    continue;
                };
                if !trial.take(step, form, answer) {
                    return Ruling::No;
                }
            }
            if round == 0 {
                self.run_controls(probe, candidate, trial).await;
            }
            match trial.ruling(round) {
                Ruling::More => {}
                ruling => return ruling,
            }
        }
        Ruling::No
    }

    async fn run_controls(
        &self,
        probe: &Differential,
        candidate: &Candidate,
        trial: &mut Trial<'_>,
    ) {
        let source = candidate.source();
        for control in &probe.controls {
            let canary = Fill::Canary(candidate.shape);
            let shown = match control {
                Control::NonsenseParameter => {
                    let without = without(candidate);
                    self.nonsense_instead(&without, &source, candidate.shape)
                        .await
                }
                Control::NonsensePath => {
                    let with = candidate.base.with(&candidate.input, canary);
                    self.nonsense_path(&with, &source).await
                }
            };
            if let Some(shown) = shown {
                trial.control(*control, self.answer(candidate, &shown.observation, None));
            }
        }
    }

    /// Sends one form of a step. `None` where no request can carry it.
    async fn ask(
        &self,
        probe: &Differential,
        candidate: &Candidate,
        (round, step, form): (usize, usize, usize),
        samples: &mut Vec<Sample>,
    ) -> Option<Answer> {
        let sent = *probe.steps.get(step)?.forms.get(form)?;
        let recipe = self.recipe(candidate, sent, round)?;
        let first = samples.iter().all(|s| (s.step, s.form) != (step, form));
        let seen = if first && matches!(sent, Form::Absent | Form::Plain) {
            self.baseline(&recipe, &candidate.source()).await
        } else {
            let role = match sent {
                Form::Absent | Form::Plain => Role::Control,
                _ => Role::Replay,
            };
            let (observation, _) = self.replay(&Arc::new(recipe), role).await;
            Arc::new(Shown {
                observation,
                echoes: Vec::new(),
                source: candidate.source(),
            })
        };
        let answer = self.answer(candidate, &seen.observation, Some(sent));
        if first {
            samples.push(Sample { step, form, seen });
        }
        Some(answer)
    }

    /// The request that gives the input this form. `None` where no request can carry it.
    fn recipe(&self, candidate: &Candidate, form: Form, round: usize) -> Option<Recipe> {
        let input = &candidate.input;
        if !form.fits(input.place) {
            return None;
        }
        let shape = candidate.shape;
        let text = |text: &str| Fill::Plain(Value::String(text.to_owned()));
        let fill = match form {
            Form::Absent => return Some(without(candidate)),
            // The tester's own value comes by itself.
            Form::Plain if candidate.is_given() => {
                return Some(candidate.base.without(|other| *other == *input));
            }
            Form::Plain => return Some(self.plain(&candidate.base, &candidate.source())),
            Form::Canary | Form::Other if candidate.made => {
                let nth = 2 * round + usize::from(form == Form::Other);
                let key = self.bench.ledger().mint().key();
                text(&made(input, &key, nth)?)
            }
            Form::Canary | Form::Other => Fill::Canary(shape),
            Form::Suspect => candidate.suspect.clone()?,
            Form::Own => text(self.own.as_deref()?),
            Form::Empty => text(""),
            // Another one each round: where keys are unique, the same would be "taken already".
            Form::OneCharacter => text(ONE.get(round % ONE.len()).copied().unwrap_or("k")),
            Form::Long => Fill::Padded(shape, long(candidate)?),
            Form::ControlCharacter => Fill::Control(shape),
            Form::WrongType => Fill::List(shape),
            Form::Object => Fill::Object(shape),
            Form::Operator => Fill::Operator(shape),
        };
        Some(candidate.base.with(input, fill))
    }

    fn answer(&self, candidate: &Candidate, seen: &Observation, form: Option<Form>) -> Answer {
        let mut sent = self.texts(seen);
        match form {
            Some(Form::Own) => sent.extend(self.own.clone()),
            Some(Form::Plain) if candidate.is_given() => {
                let given = candidate.input.hint.example.as_ref();
                sent.extend(given.and_then(Value::as_str).map(str::to_owned));
            }
            Some(Form::Canary | Form::Other) if candidate.made => {
                sent.extend(sent_plain(candidate, seen));
            }
            // An echo of the whole value is an echo, too.
            Some(Form::ControlCharacter) => {
                let whole: Vec<String> = sent.iter().map(|text| with_control(text)).collect();
                sent.extend(whole);
            }
            _ => {}
        }
        let template = &seen.recipe.endpoint.path;
        let page = candidate.base.form_page.as_deref();
        let asked = seen.steps.first().map(|step| step.request.url.path());
        let own: Vec<&str> = [Some(template.as_str()), page, asked]
            .into_iter()
            .flatten()
            .collect();
        Answer::of(&seen.steps, &sent, &own)
    }

    /// What was sent and what came back, in the order of the steps.
    fn evidence(
        &self,
        probe: &Differential,
        candidate: &Candidate,
        trial: Option<&Trial<'_>>,
        samples: &[Sample],
        difference: Option<&Difference>,
    ) -> Evidence {
        let redactor = &self.bench.masks.now();
        let mut samples: Vec<&Sample> = samples.iter().collect();
        samples.sort_by_key(|sample| (sample.step, sample.form));
        let mut words: Vec<String> = Vec::new();
        let (mut curl, mut exchanges) = (Vec::new(), Vec::new());
        let mut body = None;
        for sample in samples {
            let Some(step) = probe.steps.get(sample.step) else {
                continue;
            };
            let (form, seen) = (step.forms[sample.form], &sample.seen.observation);
            let (Some(first), Some(answer)) = (seen.steps.first(), seen.answer()) else {
                continue;
            };
            let several = step.forms.len() > 1;
            let alike = several && trial.is_some_and(|t| t.alike(sample.step, sample.form));
            words.push(format!(
                "{}: {}{}",
                self.label(candidate, form, seen),
                answer.status,
                if alike { ", the same" } else { "" }
            ));
            // Of several forms one is shown, the one that was repeated; what is only reported stands
            // in the words.
            let shown =
                step.decides && trial.is_none_or(|t| t.repeated(sample.step) == Some(sample.form));
            if !shown {
                continue;
            }
            let role = match form {
                Form::Absent | Form::Plain => Role::Control,
                _ => Role::Replay,
            };
            curl.extend(self.curl(seen, 0));
            exchanges.push(exchange(redactor, role, first));
            if matches!(form, Form::Canary | Form::Suspect) {
                body = body.or(seen.answer());
            }
        }
        if let Some(difference) = difference {
            // A field's name is the application's own text, too.
            words.push(redactor.excerpt(difference.to_string().as_bytes(), None, SHOWN));
        } else if probe.sink == SinkKind::Body {
            words.extend(body.map(|answer| redactor.excerpt(&answer.body, None, SHOWN)));
        }
        Evidence {
            snippet: redactor.text(&words.join("; ")),
            curl,
            exchanges,
        }
    }

    /// `no api_key`, `api_key=ks…`, `api_key long`.
    fn label(&self, candidate: &Candidate, form: Form, seen: &Observation) -> String {
        let name = &candidate.input.name;
        match form {
            Form::Absent => format!("no {name}"),
            Form::Canary if candidate.made => {
                let text = sent_plain(candidate, seen).unwrap_or_default();
                format!("{name}={text}")
            }
            Form::Canary => {
                let source = candidate.source();
                let ledger = self.bench.ledger();
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

/// The plain text that an observation's request carried in the candidate's input.
fn sent_plain(candidate: &Candidate, seen: &Observation) -> Option<String> {
    let input = &candidate.input;
    match seen.recipe.fill(input.place, &input.name)? {
        Fill::Plain(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// True when every step that decides was answered.
fn all_answered(probe: &Differential, samples: &[Sample]) -> bool {
    let answered = |at: usize| {
        let mut of_step = samples.iter().filter(|sample| sample.step == at);
        of_step.any(|sample| sample.seen.observation.outcome() != Outcome::Failed)
    };
    let mut steps = probe.steps.iter().enumerate();
    steps.all(|(at, step)| !step.decides || answered(at))
}

fn without(candidate: &Candidate) -> Recipe {
    let input = &candidate.input;
    if candidate.is_given() {
        return candidate.base.clone();
    }
    candidate
        .base
        .without(|other| other.place == input.place && other.name == input.name)
}

fn sink_place(probe: &Differential, difference: Option<&Difference>) -> SinkPlace {
    match probe.sink {
        SinkKind::Status => SinkPlace::Status,
        SinkKind::Body => SinkPlace::Body,
        SinkKind::Differing => match difference {
            Some(difference) if difference.place != "status" => SinkPlace::Body,
            _ => SinkPlace::Status,
        },
    }
}

/// How long a long value may be beside what else the request carries. `None` where too little room
/// is left.
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
