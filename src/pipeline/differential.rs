//! Which inputs each differential probe looks at, and in which order probes come.
//!
//! Owns: candidates, from what planting and earlier verdicts have shown. Leaves out: what is sent
//! to them (`confirm`), what the answers prove (`judge`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::proof::Proof;
use super::rounds::Climbed;
use crate::auth::is_credential_header;
use crate::canary::Shape;
use crate::confirm::Candidate;
use crate::credential;
use crate::finding::{Draft, Evidence, RuleInfo, Source, Verdict};
use crate::http::{Method, Transport};
use crate::judge::differential::Known;
use crate::ledger::Entry;
use crate::plan::{BodyKind, Fill, Recipe, bodies, dress, made, read_body, shapes};
use crate::policy;
use crate::probe::{CanarySink, Catalog, Detector, Differential, Form, Probe, Seen, Tier};
use crate::progress::Progress;
use crate::surface::{Endpoint, EndpointId, Input, Kind, Place, Provenance};

/// Operations at which the tester's own key is tried out, at most: two requests each where it is checked.
const OWN_KEY_AT: usize = 16;

/// The same for a query value that no operation is known to take.
const OWN_QUERY_AT: usize = 6;

/// One matcher of one rule.
type Matcher<'a> = (&'a RuleInfo, &'a Differential);

/// The candidates of one operation for one matcher.
pub(super) struct Group<'a> {
    pub(super) rule: &'a RuleInfo,
    pub(super) probe: &'a Differential,
    pub(super) candidates: Vec<Candidate>,
}

/// Confirmed findings by rule and source.
#[derive(Default)]
pub(super) struct Facts(BTreeMap<(String, Source), Evidence>);

impl Facts {
    pub(super) fn of(drafts: &[Draft], catalog: &Catalog) -> Self {
        let confirmed = drafts
            .iter()
            .filter(|draft| draft.verdict == Verdict::Confirmed);
        // An echo shows that a value came back, not that it was taken; nor does one in other letters.
        let taken = confirmed.filter(|draft| {
            !catalog.is_canary_rule(&draft.rule.id, CanarySink::Body)
                || !draft.transform.as_deref().is_some_and(is_rewritten)
        });
        // What shows it as it was sent is read most easily; and the order of answers is chance.
        let mut taken: Vec<&Draft> = taken.collect();
        taken.sort_by_key(|draft| (draft.transform.as_deref() != Some("identity"), &draft.sink));
        let mut facts = BTreeMap::new();
        for draft in taken {
            if let Some(source) = draft.source.clone() {
                let key = (draft.rule.id.clone(), source);
                facts.entry(key).or_insert_with(|| draft.evidence.clone());
            }
        }
        Self(facts)
    }

    fn of_one(&self, rules: &[String], source: &Source) -> Option<&Evidence> {
        rules
            .iter()
            .find_map(|rule| self.0.get(&(rule.clone(), source.clone())))
    }
}

/// The tester's credential, from the headers that go with every request.
pub(super) fn own_credential(
    headers: &[(String, String)],
    credentials: &credential::Credentials,
) -> Option<String> {
    let (_, value) = key_header(headers, credentials)?;
    Some(value.1.to_owned())
}

/// The header with the tester's key, as an input that takes values of its form.
pub(super) fn own_header(
    headers: &[(String, String)],
    credentials: &credential::Credentials,
) -> Option<Input> {
    let keys = headers.iter().filter(|(name, value)| {
        // Sessions and passwords are no keys that a route checks by their form.
        is_credential_header(name)
            && !(name.eq_ignore_ascii_case("cookie")
                || value.to_ascii_lowercase().starts_with("basic "))
    });
    let keys: Vec<(String, String)> = keys.cloned().collect();
    let (name, (prefix, value)) = key_header(&keys, credentials)?;
    let mut input = Input::new(
        Place::Header,
        &name.to_ascii_lowercase(),
        Provenance::Import,
    );
    prefix.clone_into(&mut input.prefix);
    input.hint.kind = Kind::String;
    input.hint.example = Some(Value::String(value.to_owned()));
    Some(input)
}

/// The first header with a credential: its name, and its value as scheme and rest.
fn key_header<'h>(
    headers: &'h [(String, String)],
    credentials: &credential::Credentials,
) -> Option<(&'h str, (&'h str, &'h str))> {
    headers.iter().find_map(|(name, value)| {
        let split = if name.eq_ignore_ascii_case("authorization") {
            let at = value.find(' ')? + 1;
            Some(value.split_at(at))
        } else {
            (credentials.tier(name) != credential::Tier::Never).then_some(("", value.as_str()))
        };
        split.map(|(scheme, rest)| (name.as_str(), (scheme, rest.trim())))
    })
}

impl<T: Transport, P: Progress> Proof<'_, T, P> {
    /// The matchers in the order in which they can be run: what rests on another rule's verdict
    /// comes after it. Rules that rest on each other come last, together.
    pub(super) fn waves(&self) -> VecDeque<Vec<Matcher<'_>>> {
        let mut left: Vec<&Probe> = self
            .catalog
            .iter()
            .filter(|probe| matchers(probe).next().is_some())
            .collect();
        let rests = |probe: &Probe| {
            let of = |one: &Differential| [one.proven_by.clone(), one.accepted_by.clone()].concat();
            matchers(probe).flat_map(of).collect::<BTreeSet<String>>()
        };
        let mut waves: VecDeque<Vec<Matcher<'_>>> = VecDeque::new();
        let all = |probes: &[&'_ Probe]| -> Vec<String> {
            probes.iter().map(|probe| probe.rule.id.clone()).collect()
        };
        // The first wave runs beside the canaries' confirmations, so it rests on nothing.
        let mut first = true;
        while !left.is_empty() {
            let waiting = all(&left);
            let (mut ready, rest): (Vec<&Probe>, Vec<&Probe>) =
                left.into_iter().partition(|probe| {
                    let rests = rests(probe);
                    if first {
                        rests.is_empty()
                    } else {
                        rests
                            .iter()
                            .all(|rule| *rule == probe.rule.id || !waiting.contains(rule))
                    }
                });
            left = rest;
            if ready.is_empty() && !first {
                ready = std::mem::take(&mut left);
            }
            first = false;
            let wave = ready
                .into_iter()
                .flat_map(|probe| matchers(probe).map(|one| (&probe.rule, one)));
            waves.push_back(wave.collect());
        }
        waves
    }

    /// The candidates of a wave's matchers, by operation.
    pub(super) fn candidates<'b>(
        &self,
        wave: &[Matcher<'b>],
        climbed: &Climbed,
        facts: &Facts,
    ) -> Vec<Group<'b>> {
        let mut groups = Vec::new();
        for (rule, probe) in wave {
            let found = match probe.inputs.seen {
                Seen::LetIn => {
                    let mut found = self.let_in(probe, climbed);
                    found.extend(self.unplanted(probe, climbed));
                    found.extend(self.own_key(probe));
                    found
                }
                Seen::Broke => broke(climbed),
                Seen::Given => self.given(),
                Seen::Planted | Seen::Taken => self.planted(probe, climbed),
            };
            let mut by_operation: BTreeMap<EndpointId, Vec<Candidate>> = BTreeMap::new();
            for mut candidate in found {
                if self.done.contains(&candidate.base.endpoint) || !self.looks_at(probe, &candidate)
                {
                    continue;
                }
                let source = Source {
                    endpoint: candidate.base.endpoint.clone(),
                    place: candidate.input.place,
                    input: candidate.input.name.clone(),
                };
                candidate.proven = facts.of_one(&probe.proven_by, &source).cloned();
                candidate.known = self.known(probe, &source, facts);
                candidate.offered =
                    offered(&candidate.input) && !credential::shows_words(&candidate.input);
                by_operation
                    .entry(source.endpoint)
                    .or_default()
                    .push(candidate);
            }
            groups.extend(by_operation.into_values().map(|candidates| Group {
                rule,
                probe,
                candidates,
            }));
        }
        groups
    }

    fn looks_at(&self, probe: &Differential, candidate: &Candidate) -> bool {
        let (range, input, id) = (&probe.inputs, &candidate.input, &candidate.base.endpoint);
        let source = Source {
            endpoint: id.clone(),
            place: input.place,
            input: input.name.clone(),
        };
        let stands = self.standings.of(&source);
        let tier = match range.tier {
            Tier::Any => true,
            Tier::Weak => stands.ceiling().is_some(),
            Tier::Strong => stands.is_strong(),
        };
        let sends_own = probe.steps.iter().any(|s| s.forms.contains(&Form::Own));
        tier && (!sends_own || self.own.is_some())
            && range.contains(input.place, &input.name, id.path.as_str())
    }

    fn is_strong(&self, name: &str) -> bool {
        self.bench.planner.credentials.tier(name) == credential::Tier::Strong
    }

    fn known(&self, probe: &Differential, source: &Source, facts: &Facts) -> Known {
        Known {
            strong: self.is_strong(&source.input),
            safe: source.endpoint.method.is_safe(),
            accepted: facts.of_one(&probe.accepted_by, source).is_some(),
        }
    }

    /// Inputs of requests that got past a refusal. Other keys of the same request would hide that
    /// this one is absent.
    fn let_in(&self, probe: &Differential, climbed: &Climbed) -> Vec<Candidate> {
        let planner = self.bench.planner;
        let mut found = Vec::new();
        for opened in &climbed.opened {
            let key = |input: &Input| {
                !input.place.in_body() && planner.is_credential(&opened.endpoint, input)
            };
            let planted: Vec<(&Input, Shape)> = opened
                .fills
                .iter()
                .filter_map(|(input, fill)| Some((input, fill.shape()?)))
                .filter(|(input, _)| key(input) || probe.inputs.tier == Tier::Any)
                .collect();
            for (input, shape) in &planted {
                let others = planted.len() > 1;
                let base = opened.without(|other| {
                    (other.place == input.place && other.name == input.name)
                        || (others && key(other))
                });
                found.push(candidate(input, base, *shape));
            }
        }
        found
    }

    /// Keys of a form that no canary has, or which no canary got past: whether the operation refuses
    /// without one is left to the probe. Only for probes that send nothing else than whole values.
    fn unplanted(&self, probe: &Differential, climbed: &Climbed) -> Vec<Candidate> {
        let planner = self.bench.planner;
        let key = self.bench.ledger().mint().key();
        let mut found = Vec::new();
        if !whole(probe) {
            return found;
        }
        for endpoint in self.surface.iter() {
            if policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_err() {
                continue;
            }
            let opened = |input: &Input| {
                climbed.opened.iter().any(|opened| {
                    let fill = opened.fill(input.place, &input.name).and_then(Fill::shape);
                    opened.endpoint == endpoint.id && fill.is_some()
                })
            };
            let keys = endpoint.inputs.iter().filter(|input| {
                matches!(input.place, Place::Header | Place::Query | Place::Cookie)
                    && planner.may_plant(&endpoint.id, input)
                    && planner.is_credential(&endpoint.id, input)
                    && !opened(input)
                    && made(input, &key, 0).is_some()
            });
            let Some(body) = bodies(endpoint).first().copied() else {
                continue;
            };
            for input in keys {
                let base = planner.baseline(endpoint, body);
                let base = base.without(|o| o.place == input.place && o.name == input.name);
                found.push(Candidate {
                    made: true,
                    ..candidate(input, base, Shape::Token)
                });
            }
        }
        found
    }

    /// The tester's own key, which went with every request so far: whether operations that refuse
    /// without it know it, or take any text of its form.
    fn own_key(&self, probe: &Differential) -> Vec<Candidate> {
        let Some(input) = self.own_header.as_ref().filter(|_| whole(probe)) else {
            return Vec::new();
        };
        let planner = self.bench.planner;
        let key = self.bench.ledger().mint().key();
        if made(input, &key, 0).is_none() {
            return Vec::new();
        }
        let readable = self.surface.iter().filter(|endpoint| {
            endpoint.id.method == Method::Get
                && policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_ok()
        });
        let mut by_collection: BTreeMap<&str, VecDeque<&Endpoint>> = BTreeMap::new();
        for endpoint in readable {
            let collection = by_collection.entry(endpoint.id.path.collection());
            collection.or_default().push_back(endpoint);
        }
        // Each part of the application first, since the check is one for the whole of it.
        let mut found = Vec::new();
        while found.len() < OWN_KEY_AT && !by_collection.is_empty() {
            for endpoints in by_collection.values_mut() {
                let Some(endpoint) = endpoints.pop_front() else {
                    continue;
                };
                let base = planner.baseline(endpoint, read_body(endpoint));
                let base = base.with(input, Fill::Withheld);
                found.push(Candidate {
                    made: true,
                    ..candidate(input, base, Shape::Token)
                });
            }
            by_collection.retain(|_, endpoints| !endpoints.is_empty());
        }
        found.truncate(OWN_KEY_AT);
        found
    }

    /// The query values that the tester sends with every request, held back: at operations that are
    /// known to take them, else at some that may.
    fn given(&self) -> Vec<Candidate> {
        let planner = self.bench.planner;
        let mut found = Vec::new();
        for (name, value) in &self.own_queries {
            let mut input = Input::new(Place::Query, name, Provenance::Import);
            // What is sent: an echo of it is no answer that depends on it.
            input.hint.example = Some(Value::String(value.clone()));
            let readable = || {
                self.surface.iter().filter(|endpoint| {
                    endpoint.id.method == Method::Get
                        && policy::may_send(self.settings, &endpoint.id, &endpoint.summary).is_ok()
                })
            };
            let takes = |endpoint: &&Endpoint| {
                let mut inputs = endpoint.inputs.iter();
                inputs.any(|input| input.place == Place::Query && input.name == *name)
            };
            let mut at: Vec<&Endpoint> = readable().filter(takes).take(OWN_KEY_AT).collect();
            if at.is_empty() {
                at = readable().take(OWN_QUERY_AT).collect();
            }
            for endpoint in at {
                let base = planner.baseline(endpoint, read_body(endpoint));
                let base = base.with(&input, Fill::Withheld);
                found.push(candidate(&input, base, Shape::Token));
            }
        }
        found
    }

    /// Inputs that got a canary and an answer.
    fn planted(&self, probe: &Differential, climbed: &Climbed) -> Vec<Candidate> {
        let planner = self.bench.planner;
        let mut found = Vec::new();
        for endpoint in self.surface.iter() {
            for input in &endpoint.inputs {
                let Some(shape) = shapes(input).last().copied() else {
                    continue;
                };
                let name = input.name.as_str();
                let range = &probe.inputs;
                if !planner.may_plant(&endpoint.id, input)
                    || !range.contains(input.place, name, endpoint.id.path.as_str())
                {
                    continue;
                }
                let base = match range.seen {
                    Seen::Taken => self.taken(&endpoint.id, input),
                    _ => self.asked(endpoint, input, climbed),
                };
                found.extend(base.map(|base| candidate(input, base, shape)));
            }
        }
        found
    }

    /// The operation's baseline, where a canary in that input was answered.
    fn asked(&self, endpoint: &Endpoint, input: &Input, climbed: &Climbed) -> Option<Recipe> {
        let mut sent = false;
        self.entries(&endpoint.id, input, |_| sent = true);
        let kinds = bodies(endpoint);
        let carries = |kind: &&BodyKind| kind.carries(input.place);
        let body = kinds.iter().find(carries).copied()?;
        sent.then(|| {
            let baseline = self.bench.planner.baseline(endpoint, body);
            dress(baseline, Some(endpoint), &climbed.opened)
        })
    }

    /// The request with a canary in that input that was taken as a success: of several the one with
    /// most canaries, whose other values are fresh each time and so never "taken already".
    fn taken(&self, id: &EndpointId, input: &Input) -> Option<Recipe> {
        let mut best: Option<(usize, Recipe)> = None;
        self.entries(id, input, |entry| {
            let fill = entry.recipe.fill(input.place, &input.name);
            let whole = matches!(fill, Some(Fill::Canary(_)));
            if !(whole && entry.is_taken()) {
                return;
            }
            let planted = entry.recipe.fills.iter();
            let count = planted.filter(|(_, fill)| fill.shape().is_some()).count();
            if best.as_ref().is_none_or(|(most, _)| count > *most) {
                let once = Recipe {
                    repeat: false,
                    ..Recipe::clone(&entry.recipe)
                };
                best = Some((count, once));
            }
        });
        best.map(|(_, recipe)| recipe)
    }

    /// Calls with every plant in that input that was answered.
    fn entries(&self, id: &EndpointId, input: &Input, mut with: impl FnMut(&Entry)) {
        let ledger = self.bench.ledger();
        let of_input = ledger.entries().iter().filter(|entry| {
            entry.reply.status.is_some()
                && entry.source.place == input.place
                && entry.source.input == input.name
                && entry.source.endpoint == *id
        });
        of_input.for_each(&mut with);
    }
}

/// True for a text that was written in another way, and of which nothing is lost.
fn is_rewritten(transform: &str) -> bool {
    transform
        .split('/')
        .all(|step| !matches!(step, "truncated" | "masked"))
}

/// True for probes that send nothing else than whole values.
fn whole(probe: &Differential) -> bool {
    use Form::{Absent, Canary, OneCharacter, Other};
    let mut forms = probe.steps.iter().flat_map(|step| &step.forms);
    forms.all(|form| matches!(form, Absent | Canary | Other | OneCharacter))
}

fn matchers(probe: &Probe) -> impl Iterator<Item = &Differential> {
    probe
        .detectors
        .iter()
        .filter_map(|detector| match detector {
            Detector::Differential(one) => Some(&**one),
            _ => None,
        })
}

/// Values that broke an operation, with the request that carried them.
fn broke(climbed: &Climbed) -> Vec<Candidate> {
    let broken = climbed.broken.values().flatten();
    broken
        .map(|(recipe, input)| {
            let fill = recipe.fill(input.place, &input.name).cloned();
            let shape = fill.as_ref().and_then(Fill::shape);
            let base = Recipe::clone(recipe);
            Candidate {
                suspect: fill,
                ..candidate(input, base, shape.unwrap_or(Shape::Token))
            }
        })
        .collect()
}

fn candidate(input: &Input, base: Recipe, shape: Shape) -> Candidate {
    Candidate {
        input: input.clone(),
        base,
        suspect: None,
        shape,
        made: false,
        known: Known::default(),
        offered: false,
        proven: None,
    }
}

/// True for an input that a page, a script or a specification offers.
fn offered(input: &Input) -> bool {
    use Provenance::{Form, Import, Link, Script, Specification};
    [Form, Import, Link, Script, Specification]
        .iter()
        .any(|by| input.provenance.contains(by))
}
