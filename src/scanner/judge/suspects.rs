//! Suspects: sightings that await proof, grouped by the finding that they would make.
//!
//! Owns: grouping, flows, first and last times. Leaves out: verdicts (`confirm`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use time::OffsetDateTime;

use super::classify::order;
use super::sightings::{Seen, Sighting};
use super::standing::{Standings, noticed};
use crate::canary::Strength;
use crate::credential::Behaviour;
use crate::finding::{Evidence, ExchangeText, Flow, Role, Sink, SinkPlace, Source, Verdict};
use crate::http::{Hop, Response};
use crate::ledger::Ledger;
use crate::observe::Observation;
use crate::plan::RequestTemplate;
use crate::redact::Redactor;
use crate::rule::{CanarySink, Shows, StaticSighting};
use crate::surface::{EndpointId, Surface};

/// Bytes of an answer that evidence keeps around the match.
pub(crate) const KEEP: usize = 1600;
/// Bytes of a snippet: the match and a little context fit on one line of a terminal.
pub(crate) const SNIPPET: usize = 90;

/// A canary sighting that awaits confirmation.
#[derive(Clone, Debug)]
pub(crate) struct Suspect {
    /// The kind of the sighting.
    pub(crate) kind: CanarySink,
    /// True when the kind applies whatever the input.
    pub(crate) any: bool,
    /// The best verdict that the standing of its input allows.
    pub(crate) ceiling: Verdict,
    /// How often it was seen.
    pub(crate) count: u64,
    /// Where the canary went in.
    pub(crate) source: Source,
    /// Where it came out.
    pub(crate) sink: Sink,
    /// How it was transformed, in the best recognition.
    pub(crate) transform: String,
    /// Every transform seen there: a fresh canary in any of them confirms the suspect.
    pub(crate) transforms: BTreeSet<String>,
    /// True when its input is credential-like.
    pub(crate) credential_like: bool,
    /// True when the answer to the plant counted as a success.
    pub(crate) taken: bool,
    /// The best recognition so far.
    pub(crate) strength: Strength,
    /// The request that planted it.
    pub(crate) planted_by: Arc<RequestTemplate>,
    /// The request whose answer shows it.
    pub(crate) seen_by: Arc<RequestTemplate>,
    /// Evidence of the best sighting; the first one if several are equally good.
    pub(crate) evidence: Evidence,
    /// When it was planted.
    pub(crate) planted_at: OffsetDateTime,
    /// When the evidence was seen.
    pub(crate) first_seen: OffsetDateTime,
    /// When it was last seen.
    pub(crate) last_seen: OffsetDateTime,
}

/// A static text that awaits confirmation.
#[derive(Clone, Debug)]
pub(crate) struct StaticSuspect {
    /// The rule.
    pub(crate) rule: String,
    /// What the text is.
    pub(crate) shows: Shows,
    /// The detector id or exception type.
    pub(crate) class: String,
    /// Where it was seen.
    pub(crate) sink: Sink,
    /// The request whose answer shows it.
    pub(crate) seen_by: Arc<RequestTemplate>,
    /// Evidence of the first sighting.
    pub(crate) evidence: Evidence,
    /// Digests of what it is based on ([`StaticSighting::causes`]).
    pub(crate) causes: BTreeSet<u64>,
    /// True when the text counts only if an input provoked it.
    pub(crate) needs_provoking: bool,
    /// When it was first seen.
    pub(crate) first_seen: OffsetDateTime,
}

/// Everything that observations have brought up so far.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    /// Keyed by the order of their kind, their source and their sink.
    pub(crate) canaries: BTreeMap<(u8, Source, Sink), Suspect>,
    /// Keyed by rule, class and sink.
    pub(crate) statics: BTreeMap<(String, String, Sink), StaticSuspect>,
    /// What the canaries of each input did.
    pub(crate) behaviours: BTreeMap<Source, Behaviour>,
    flows: BTreeMap<(Source, Sink, String), u64>,
}

impl Suspects {
    /// Returns how many findings the suspects may become: what is on every page counts once.
    pub(crate) fn len(&self) -> usize {
        let statics: BTreeSet<(&String, &String)> = self
            .statics
            .keys()
            .map(|(rule, class, _)| (rule, class))
            .collect();
        self.canaries.len() + statics.len()
    }

    /// Renames every sink to the template that its path has turned out to belong to.
    pub(crate) fn settle(&mut self, surface: &Surface) {
        let settled = |sink: &mut Sink| {
            if let Some(template) = surface.template_of(sink.endpoint.path.as_str()) {
                sink.endpoint.path = template.clone();
            }
        };
        for mut suspect in std::mem::take(&mut self.canaries).into_values() {
            settled(&mut suspect.sink);
            let key = (
                order(suspect.kind),
                suspect.source.clone(),
                suspect.sink.clone(),
            );
            match self.canaries.get_mut(&key) {
                Some(known) => {
                    known.transforms.append(&mut suspect.transforms);
                    if known.strength == Strength::Weak || known.seen_by.plants() {
                        suspect.transforms = std::mem::take(&mut known.transforms);
                        *known = suspect;
                    }
                }
                None => {
                    self.canaries.insert(key, suspect);
                }
            }
        }
        for mut suspect in std::mem::take(&mut self.statics).into_values() {
            settled(&mut suspect.sink);
            let key = (
                suspect.rule.clone(),
                suspect.class.clone(),
                suspect.sink.clone(),
            );
            match self.statics.get_mut(&key) {
                Some(known) => known.causes.append(&mut suspect.causes),
                None => {
                    self.statics.insert(key, suspect);
                }
            }
        }
        for ((source, mut sink, transform), count) in std::mem::take(&mut self.flows) {
            settled(&mut sink);
            *self.flows.entry((source, sink, transform)).or_insert(0) += count;
        }
    }

    /// Turns suspects that cannot be findings into flows, now that the standing of every input is
    /// known; the others get the ceiling that their standing allows.
    pub(crate) fn judge(&mut self, standings: &Standings) {
        for (key, mut suspect) in std::mem::take(&mut self.canaries) {
            let ceiling = standings.of(&suspect.source).ceiling();
            suspect.credential_like = ceiling.is_some();
            if suspect.any {
                self.canaries.insert(key, suspect);
            } else if let Some(ceiling) = ceiling {
                suspect.ceiling = ceiling;
                self.canaries.insert(key, suspect);
            } else {
                let key = (suspect.source, suspect.sink, suspect.transform);
                *self.flows.entry(key).or_insert(0) += suspect.count;
            }
        }
    }

    /// Adds the sightings of an observation.
    pub(crate) fn take(
        &mut self,
        observation: &Observation,
        seen: Seen,
        ledger: &Ledger,
        redactor: &Redactor,
    ) {
        let hidden = |at: usize, place: &SinkPlace| hidden(&seen.statics, at, place);
        for sighting in seen.canaries {
            let Some(step) = observation.steps.get(sighting.step) else {
                continue;
            };
            match sighting.kind {
                Some(kind) => {
                    let behaviour = self.behaviours.entry(sighting.source.clone()).or_default();
                    behaviour.absorb(noticed(kind, &sighting));
                    let hidden = hidden(sighting.step, &sighting.sink.place);
                    let cut = Cutter {
                        redactor,
                        hidden: &hidden,
                    };
                    self.suspect(kind, &sighting, observation, step, ledger, cut);
                }
                None => {
                    let key = (sighting.source, sighting.sink, sighting.transform);
                    *self.flows.entry(key).or_insert(0) += 1;
                }
            }
        }
        for (at, endpoint, sighting) in &seen.statics {
            let Some(step) = observation.steps.get(*at) else {
                continue;
            };
            let hidden = hidden(*at, &sighting.place);
            let cut = Cutter {
                redactor,
                hidden: &hidden,
            };
            self.fixed(endpoint.clone(), sighting, observation, step, cut);
        }
    }

    /// Returns the flows, in order; those of weak names say why they are not findings.
    pub(crate) fn flows(&self, standings: &Standings) -> Vec<Flow> {
        self.flows
            .iter()
            .map(|((source, sink, transform), count)| Flow {
                source: source.clone(),
                sink: sink.clone(),
                transform: (transform != "identity").then(|| transform.clone()),
                count: *count,
                why_not: standings.why_not(source),
            })
            .collect()
    }

    fn suspect(
        &mut self,
        kind: CanarySink,
        sighting: &Sighting,
        observation: &Observation,
        step: &Hop,
        ledger: &Ledger,
        cut: Cutter<'_>,
    ) {
        let Some(entry) = ledger.entry(sighting.slot) else {
            return;
        };
        let Some(response) = step.response() else {
            return;
        };
        let key = (order(kind), sighting.source.clone(), sighting.sink.clone());
        let known = self.canaries.get_mut(&key);
        if let Some(known) = known {
            known.last_seen = response.at;
            known.count += 1;
            known.transforms.insert(sighting.transform.clone());
            // A read of the sink itself is simpler proof than a redirect or another plant.
            let own = observation.template.endpoint == sighting.sink.endpoint
                && !observation.template.plants();
            if own && (known.seen_by.plants() || known.seen_by.endpoint != sighting.sink.endpoint) {
                known.seen_by = Arc::clone(&observation.template);
            }
            if known.strength >= sighting.strength {
                return;
            }
        }
        let mut curl: Vec<String> = Vec::new();
        if kind == CanarySink::Stored {
            curl.extend(entry.curl.as_deref().map(str::to_owned));
        }
        curl.push(cut.redactor.curl(&step.request));
        let mut transforms = BTreeSet::from([sighting.transform.clone()]);
        let mut count = 1;
        if let Some(known) = self.canaries.get_mut(&key) {
            transforms.append(&mut known.transforms);
            count = known.count;
        }
        let suspect = Suspect {
            kind,
            any: sighting.any,
            ceiling: Verdict::Confirmed,
            count,
            source: sighting.source.clone(),
            sink: sighting.sink.clone(),
            transform: sighting.transform.clone(),
            transforms,
            strength: sighting.strength,
            credential_like: true,
            taken: entry.is_taken(),
            planted_by: Arc::clone(&entry.template),
            seen_by: Arc::clone(&observation.template),
            evidence: Evidence {
                snippet: cut.snippet(response, &sighting.sink.place, &sighting.span),
                curl,
                exchanges: vec![cut.exchange(
                    observation.role,
                    step,
                    &sighting.sink.place,
                    &sighting.span,
                )],
            },
            planted_at: entry.at,
            first_seen: response.at,
            last_seen: response.at,
        };
        self.canaries.insert(key, suspect);
    }

    fn fixed(
        &mut self,
        endpoint: EndpointId,
        sighting: &StaticSighting,
        observation: &Observation,
        step: &Hop,
        cut: Cutter<'_>,
    ) {
        let Some(response) = step.response() else {
            return;
        };
        if sighting.needs_provoking && !observation.template.plants() {
            // It appears unprovoked: the page quotes an error.
            return;
        }
        let sink = Sink {
            endpoint,
            place: sighting.place.clone(),
            field: sighting.field.clone(),
        };
        let key = (sighting.rule.clone(), sighting.class.clone(), sink.clone());
        let mut causes: BTreeSet<u64> = sighting.causes.iter().copied().collect();
        if let Some(known) = self.statics.get_mut(&key) {
            known.causes.append(&mut causes);
            if !known.needs_provoking || sighting.needs_provoking {
                return;
            }
            causes = std::mem::take(&mut known.causes);
        }
        let suspect = StaticSuspect {
            rule: sighting.rule.clone(),
            shows: sighting.shows,
            class: sighting.class.clone(),
            evidence: Evidence {
                snippet: cut.snippet(response, &sink.place, &sighting.span),
                curl: vec![cut.redactor.curl(&step.request)],
                exchanges: vec![cut.exchange(observation.role, step, &sink.place, &sighting.span)],
            },
            sink,
            seen_by: Arc::clone(&observation.template),
            causes,
            needs_provoking: sighting.needs_provoking,
            first_seen: response.at,
        };
        // A text that was certainly provoked is the better proof.
        self.statics.insert(key, suspect);
    }
}

/// Returns the secrets in an observation's answers, at the ranges that static sightings give.
pub(crate) fn secrets(observation: &Observation, seen: &Seen) -> Vec<String> {
    let mut secrets = Vec::new();
    for (at, _, sighting) in &seen.statics {
        let answer = observation.steps.get(*at).and_then(Hop::response);
        let text = answer.and_then(|answer| part(answer, &sighting.place));
        let pieces = sighting
            .secrets
            .iter()
            .filter_map(|range| text?.get(range.clone()));
        secrets.extend(pieces.map(|bytes| String::from_utf8_lossy(bytes).into_owned()));
    }
    secrets
}

/// Returns a part of an answer as bytes: the body, or the first header of that name.
pub(crate) fn part<'a>(response: &'a Response, place: &SinkPlace) -> Option<&'a [u8]> {
    match place {
        SinkPlace::Header(name) => response.header(name).map(str::as_bytes),
        _ => Some(&response.body),
    }
}

/// Returns the ranges of secrets that static sightings of one step found in a part of its answer.
pub(crate) fn hidden(
    statics: &[(usize, EndpointId, StaticSighting)],
    at: usize,
    place: &SinkPlace,
) -> Vec<Range<usize>> {
    let mut hidden: Vec<Range<usize>> = statics
        .iter()
        .filter(|(step, _, sighting)| *step == at && sighting.place == *place)
        .flat_map(|(_, _, sighting)| sighting.secrets.iter().cloned())
        .collect();
    hidden.sort_by_key(|range| (range.start, range.end));
    hidden.dedup();
    hidden
}

/// Cuts evidence out of an answer. Secrets seen there are masked in place, because some are too short
/// to be recognised elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Cutter<'a> {
    /// Masks the known secrets.
    pub(crate) redactor: &'a Redactor,
    /// Ranges to hide in the part that is cut, as returned by [`hidden`].
    pub(crate) hidden: &'a [Range<usize>],
}

impl Cutter<'_> {
    /// Returns a piece of the answer that contains the match.
    pub(crate) fn snippet(
        self,
        response: &Response,
        place: &SinkPlace,
        span: &Range<usize>,
    ) -> String {
        let redactor = self.redactor;
        match place {
            SinkPlace::Body => {
                let around = Some(span.clone());
                redactor.excerpt_hiding(&response.body, self.hidden, around, SNIPPET)
            }
            SinkPlace::Status => format!("HTTP/1.1 {}", response.status),
            SinkPlace::Header(name) => {
                let value = response.header(name).unwrap_or_default();
                let line = format!("{name}: {value}");
                let at = line.len() - value.len();
                let hidden: Vec<Range<usize>> = self
                    .hidden
                    .iter()
                    .map(|range| range.start + at..range.end + at)
                    .collect();
                redactor.excerpt_hiding(line.as_bytes(), &hidden, None, line.len())
            }
            SinkPlace::Cookie(name) => {
                let start = format!("{name}=");
                let line = response
                    .headers_named("set-cookie")
                    .find(|line| line.starts_with(&start));
                redactor.text(&format!("set-cookie: {}", line.unwrap_or_default()))
            }
            SinkPlace::Session => session_snippet(redactor, response),
        }
    }

    /// Returns an exchange as masked text, with its answer cut around a span of the body.
    pub(crate) fn exchange(
        self,
        role: Role,
        step: &Hop,
        place: &SinkPlace,
        span: &Range<usize>,
    ) -> ExchangeText {
        // For other places, the ranges belong to another part.
        let (hidden, around) = match place {
            SinkPlace::Body => (self.hidden, Some(span.clone())),
            _ => (&[][..], None),
        };
        ExchangeText {
            role,
            request: self.redactor.request_text(&step.request),
            response: step
                .response()
                .map(|answer| self.redactor.response_text(answer, hidden, around, KEEP)),
        }
    }
}

/// Returns the decoded session: what a reader of the cookie sees.
fn session_snippet(redactor: &Redactor, response: &Response) -> String {
    let decoded = response.headers_named("set-cookie").find_map(|line| {
        let (name, rest) = line.split_once('=')?;
        let value = rest.split(';').next().unwrap_or_default();
        let decoded = crate::signed::decode(value.trim())?;
        Some(format!(
            "{name} decodes to {}",
            String::from_utf8_lossy(&decoded.payload)
        ))
    });
    redactor.text(&decoded.unwrap_or_default())
}

/// Returns an exchange as masked text, with its answer from the beginning.
pub(crate) fn exchange(redactor: &Redactor, role: Role, step: &Hop) -> ExchangeText {
    let hidden = &[];
    Cutter { redactor, hidden }.exchange(role, step, &SinkPlace::Status, &(0..0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use url::Url;

    use super::*;
    use crate::canary::{RunKey, Shape};
    use crate::http::{Method, Request};
    use crate::judge::sightings::Eyes;
    use crate::probe::Catalog;
    use crate::redact::Masks;
    use crate::surface::Place;

    /// Returns the evidence that an answer leaves, as snippets and exchanges by class.
    fn evidence(kind: &str, body: &[u8]) -> Vec<(String, String)> {
        let catalog = Catalog::builtin().unwrap();
        let statics = catalog.statics();
        let ledger = Ledger::new(RunKey::from_seed(7));
        let eyes = Eyes {
            recogniser: ledger.mint().recogniser(),
            statics: &statics,
        };
        let mut response = Response::of(200, &[("content-type", kind)], "");
        response.body = body.to_vec();
        let observation = Observation {
            template: template(Method::Get, "/x"),
            planted: Vec::new(),
            role: Role::Read,
            steps: vec![Hop {
                request: Request::get(Url::parse("http://h/x").unwrap()),
                outcome: Ok(response),
            }],
        };
        let seen = eyes.look(&observation, &ledger, &Surface::default());
        let mut masks = Masks::new(Redactor::default());
        masks.learn(&secrets(&observation, &seen));
        let mut suspects = Suspects::default();
        suspects.take(&observation, seen, &ledger, &masks.now());
        let texts = suspects.statics.into_values().map(|suspect| {
            let answer = suspect.evidence.exchanges[0].response.clone();
            let text = [suspect.evidence.snippet, answer.unwrap_or_default()].join("\n");
            (suspect.class, text)
        });
        texts.collect()
    }

    #[test]
    fn a_secret_behind_bytes_that_are_no_utf8_is_masked() {
        let mut body = b"<p>caf\xe9 na\xefve \xe4\xf6\xfc</p><pre>".to_vec();
        body.extend_from_slice(
            b"{'SECRET_KEY': 'kT7vLq2ZpW9xR4', 'DEBUG': True, 'TESTING': False, ",
        );
        body.extend_from_slice(b"'SESSION_COOKIE_NAME': 'session', 'JSON_SORT_KEYS': True, ");
        body.extend_from_slice(b"'PERMANENT_SESSION_LIFETIME': 5}</pre>");
        let found = evidence("text/html; charset=latin-1", &body);
        assert!(!found.is_empty());
        for (class, text) in found {
            assert!(!text.contains("kT7vLq2ZpW9xR4"), "{class}: {text}");
            assert!(text.contains("SECRET_KEY"), "{class}: {text}");
        }
    }

    #[test]
    fn a_secret_too_short_to_be_known_again_is_masked_where_it_was_seen() {
        let dump = "{'SECRET_KEY': 'dev', 'DEBUG': True, 'TESTING': False, \
                    'SESSION_COOKIE_NAME': 'session', 'JSON_SORT_KEYS': True, \
                    'PERMANENT_SESSION_LIFETIME': 5}";
        let found = evidence("text/plain", dump.as_bytes());
        assert!(!found.is_empty());
        for (class, text) in found {
            assert!(!text.contains("'dev'"), "{class}: {text}");
        }
        let url = "connected to mongodb://app:pw9@db:27017/shop";
        for (class, text) in evidence("text/plain", url.as_bytes()) {
            assert!(!text.contains("pw9"), "{class}: {text}");
        }
    }

    fn template(method: Method, path: &str) -> Arc<RequestTemplate> {
        Arc::new(RequestTemplate::bare(EndpointId::new(method, path)))
    }

    fn read(body: &str) -> Observation {
        let url = url::Url::parse("http://127.0.0.1:5000/keys").unwrap();
        Observation {
            template: template(Method::Get, "/keys"),
            planted: Vec::new(),
            role: Role::Read,
            steps: vec![Hop {
                request: Request::get(url),
                outcome: Ok(Response::of(200, &[], body)),
            }],
        }
    }

    #[test]
    fn a_better_sighting_brings_its_evidence_and_the_weaker_ones_form_stays_known() {
        let mut ledger = Ledger::new(RunKey::from_seed(1));
        let plant = template(Method::Post, "/keys");
        let source = Source {
            endpoint: plant.endpoint.clone(),
            place: Place::Json,
            input: "key".to_owned(),
        };
        let mut suspects = Suspects::default();
        let mut see = |body: &str, transform: &str, strength: Strength| {
            let canary = ledger.plant(source.clone(), true, (Shape::Token, None), &plant);
            let seen = Seen {
                canaries: vec![Sighting {
                    kind: Some(CanarySink::Stored),
                    any: false,
                    around: None,
                    slot: canary.slot,
                    source: source.clone(),
                    sink: Sink {
                        endpoint: EndpointId::new(Method::Get, "/keys"),
                        place: SinkPlace::Body,
                        field: String::new(),
                    },
                    transform: transform.to_owned(),
                    strength,
                    step: 0,
                    span: 0..body.len(),
                }],
                statics: Vec::new(),
            };
            suspects.take(&read(body), seen, &ledger, &Redactor::default());
        };
        see("first", "truncated", Strength::Weak);
        see("second", "identity", Strength::Full);
        see("third", "base64", Strength::Full);
        let all: Vec<&Suspect> = suspects.canaries.values().collect();
        let [one] = all[..] else {
            panic!("{all:?}");
        };
        assert_eq!(
            (one.transform.as_str(), one.strength),
            ("identity", Strength::Full)
        );
        assert!(
            one.evidence.snippet.contains("second"),
            "{}",
            one.evidence.snippet
        );
        let known: Vec<&str> = one.transforms.iter().map(String::as_str).collect();
        assert_eq!(known, ["base64", "identity", "truncated"]);
    }
}
