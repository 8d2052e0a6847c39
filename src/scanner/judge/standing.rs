//! The standing of every input: gathers the evidence of a scan and has it judged (`credential`).
//!
//! Owns: what sightings, answers and refusals say about an input. Leaves out: weighing the evidence
//! (`credential`). Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::sightings::{Sighting, is_digest};
use crate::credential::{Behaviour, Credentials, Judgement, Standing, Tier};
use crate::finding::{SinkPlace, Source, Verdict};
use crate::ledger::{Ledger, Reaction};
use crate::plan::{Fill, RequestTemplate};
use crate::rule::CanarySink;
use crate::surface::{Endpoint, Input, Place, Provenance, Surface};

/// Returns what one sighting of a canary says about its input.
pub(crate) fn noticed(kind: CanarySink, sighting: &Sighting) -> Behaviour {
    let served = kind == CanarySink::Stored;
    let mut seen = Behaviour {
        digested: is_digest(&sighting.transform),
        served,
        ..Behaviour::default()
    };
    match &sighting.sink.place {
        SinkPlace::Header(name) => seen.moved = matches!(name.as_str(), "location" | "refresh"),
        SinkPlace::Session => seen.moved = true,
        SinkPlace::Cookie(name) => {
            seen.moved = true;
            seen.session = sighting.transform == "identity" && is_session_cookie(name);
        }
        SinkPlace::Body | SinkPlace::Status => {}
    }
    if let Some(around) = &sighting.around {
        seen.others.extend(around.others.iter().cloned());
        seen.beside.extend(around.beside.iter().cloned());
        seen.links.extend(around.link.clone());
    }
    if served {
        let field = match &sighting.around {
            Some(around) if sighting.sink.field.is_empty() => &around.field,
            _ => &sighting.sink.field,
        };
        seen.fields.insert(field.clone());
        seen.paths
            .insert(sighting.sink.endpoint.path.as_str().to_owned());
    }
    seen
}

/// Returns true for cookies named after a session or a login.
fn is_session_cookie(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "sess",
        "sid",
        "auth",
        "login",
        "jwt",
        "access_token",
        "logged",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// The standing of one input: its judgement, or a default for an input that is no longer on the
/// surface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stands<'a>(Option<&'a Judgement>);

impl Stands<'_> {
    /// Returns the best verdict that its findings can have, or `None` if they are only flows.
    pub(crate) fn ceiling(self) -> Option<Verdict> {
        match self.0.map_or(Standing::Yes, |judged| judged.standing) {
            Standing::Yes => Some(Verdict::Confirmed),
            Standing::Likely => Some(Verdict::Likely),
            Standing::Possible | Standing::No => None,
        }
    }

    /// Returns true if the name clearly is a credential's and nothing contradicts it.
    pub(crate) fn is_strong(self) -> bool {
        self.0
            .is_some_and(|judged| judged.tier == Tier::Strong && judged.is_credential())
    }
}

/// The standing of every input.
#[derive(Debug, Default)]
pub(crate) struct Standings(BTreeMap<Source, Judgement>);

impl Standings {
    /// Judges every input of a surface, and every other input that got a canary. `opened` are requests
    /// that got past a refusal.
    pub(crate) fn judge(
        surface: &Surface,
        credentials: &Credentials,
        behaviours: &BTreeMap<Source, Behaviour>,
        ledger: &Ledger,
        opened: &[Arc<RequestTemplate>],
    ) -> Self {
        let mut planted = of_answers(ledger, credentials);
        for (source, behaviour) in behaviours {
            planted
                .entry(source.clone())
                .or_default()
                .absorb(behaviour.clone());
        }
        for source in let_in(ledger, opened, credentials) {
            planted.entry(source).or_default().let_in = true;
        }
        let mut judged = BTreeMap::new();
        let shown = shown(surface);
        let addressed = addressed(surface);
        for endpoint in surface.iter() {
            for input in &endpoint.inputs {
                let mut input = input.clone();
                let key = (endpoint.id.path.as_str(), input.name.as_str());
                if let Some(values) = shown.get(&key) {
                    input.shown.extend(values.iter().cloned());
                }
                let input = &input;
                let source = source(endpoint, input);
                let behaviour = planted.remove(&source);
                let addresses = input.place != Place::Path
                    && head(&input.name).is_some_and(|head| {
                        let collection = endpoint.id.path.as_str().trim_end_matches('/');
                        addressed.contains(&(collection, head))
                    });
                let one = credentials.judge_input(endpoint, input, addresses, behaviour.as_ref());
                judged.insert(source, one);
            }
        }
        // These operations are listed under another template by now.
        for (source, behaviour) in planted {
            let endpoint = Endpoint::new(source.endpoint.clone(), Provenance::Link);
            let input = Input::new(source.place, &source.input, Provenance::Link);
            let one = credentials.judge_input(&endpoint, &input, false, Some(&behaviour));
            judged.insert(source, one);
        }
        Self(judged)
    }

    /// Returns the standing of an input.
    pub(crate) fn of(&self, source: &Source) -> Stands<'_> {
        Stands(self.0.get(source))
    }

    /// Returns the judgement of an input.
    pub(crate) fn judgement(&self, source: &Source) -> Option<&Judgement> {
        self.0.get(source)
    }

    /// Returns why the sightings of an input are not findings, if its name may be a credential's.
    pub(crate) fn why_not(&self, source: &Source) -> Option<Judgement> {
        let judged = self.0.get(source)?;
        (judged.tier != Tier::Never && !judged.is_credential()).then(|| judged.clone())
    }
}

/// Returns the values that each name has at a path, whatever the method: a page's links and its form
/// use a name in the same sense.
fn shown(surface: &Surface) -> BTreeMap<(&str, &str), BTreeSet<String>> {
    let mut shown: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for endpoint in surface.iter() {
        for input in endpoint
            .inputs
            .iter()
            .filter(|input| input.place != Place::Path)
        {
            let key = (endpoint.id.path.as_str(), input.name.as_str());
            shown.entry(key).or_default().extend(input.values());
        }
    }
    shown
}

fn source(endpoint: &Endpoint, input: &Input) -> Source {
    Source {
        endpoint: endpoint.id.clone(),
        place: input.place,
        input: input.name.clone(),
    }
}

/// Returns what the answers to plants say about their inputs.
fn of_answers(ledger: &Ledger, credentials: &Credentials) -> BTreeMap<Source, Behaviour> {
    let mut found: BTreeMap<Source, (Behaviour, bool)> = BTreeMap::new();
    for entry in ledger
        .entries()
        .iter()
        .filter(|entry| entry.reply.status.is_some())
    {
        let (seen, accepted) = found.entry(entry.source.clone()).or_default();
        let success = entry.is_taken();
        match entry.reply.said {
            // With several credentials in one request, it is unclear which one is meant.
            Reaction::Doubted => {
                seen.doubted |= is_alone(&entry.template, &entry.source, credentials);
            }
            Reaction::Missing => seen.missing = true,
            Reaction::Nothing => *accepted |= success,
        }
    }
    let settled = |(source, (mut seen, accepted)): (Source, (Behaviour, bool))| {
        seen.missing &= !accepted;
        (source, seen)
    };
    found.into_iter().map(settled).collect()
}

/// Returns true if no other input of a request has the name of a credential.
fn is_alone(template: &RequestTemplate, source: &Source, credentials: &Credentials) -> bool {
    let others = template.fills.iter().filter(|(input, fill)| {
        fill.shape().is_some() && (input.place, &input.name) != (source.place, &source.input)
    });
    let mut others = others.map(|(input, _)| credentials.tier(&input.name));
    others.all(|tier| tier == Tier::Never)
}

/// Returns the inputs that got past a refusal: those that were pinned, and the keys of requests that
/// got past one.
fn let_in(
    ledger: &Ledger,
    opened: &[Arc<RequestTemplate>],
    credentials: &Credentials,
) -> Vec<Source> {
    let mut found: Vec<Source> = ledger.all_let_in().iter().cloned().collect();
    for template in opened {
        let keys = |strong: bool| {
            let keys = template.fills.iter().filter(move |(input, fill)| {
                let tier = credentials.tier(&input.name);
                matches!(input.place, Place::Header | Place::Query | Place::Cookie)
                    && fill.shape().is_some()
                    && (if strong {
                        tier == Tier::Strong
                    } else {
                        tier == Tier::Weak
                    })
            });
            keys.map(|(input, _): &(Input, Fill)| Source {
                endpoint: template.endpoint.clone(),
                place: input.place,
                input: input.name.clone(),
            })
        };
        // Beside a key with an unmistakable name, a weak one may have had no effect.
        let strong: Vec<Source> = keys(true).collect();
        if strong.is_empty() {
            found.extend(keys(false));
        } else {
            found.extend(strong);
        }
    }
    found
}

/// Returns the collections with a page per record, each with the last word of that page's placeholder:
/// `/products` and `code` for `/products/{code}`. An input of that name addresses such a record.
fn addressed(surface: &Surface) -> BTreeSet<(&str, String)> {
    let templates = surface.wide().filter_map(|template| {
        let path = template.as_str().trim_end_matches('/');
        let (collection, last) = path.rsplit_once('/')?;
        let name = template.names().last().copied()?;
        last.starts_with('{').then_some((collection, head(name)?))
    });
    templates.collect()
}

/// Returns the last word of a name, in lower case.
fn head(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let mut words = lower.rsplit(['_', '-', '.', ']', '[']);
    words.find(|word| !word.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;
    use crate::surface::EndpointId;

    fn surface(paths: &[(Method, &str)], input: (Place, &str)) -> Surface {
        let mut surface = Surface::default();
        for (method, path) in paths {
            let mut endpoint = Endpoint::new(EndpointId::new(*method, path), Provenance::Link);
            if endpoint.id.path.is_literal() {
                endpoint.add_input(Input::new(input.0, input.1, Provenance::Form));
            }
            surface.add(endpoint);
        }
        surface
    }

    fn standing(surface: &Surface, method: Method, path: &str, input: (Place, &str)) -> Standing {
        let ledger = Ledger::new(crate::canary::RunKey::from_seed(1));
        let none = BTreeMap::new();
        let judged = Standings::judge(surface, &Credentials::default(), &none, &ledger, &[]);
        let source = Source {
            endpoint: EndpointId::new(method, path),
            place: input.0,
            input: input.1.to_owned(),
        };
        judged.judgement(&source).unwrap().standing
    }

    #[test]
    fn a_name_that_addresses_a_record_of_its_own_is_none() {
        let code = (Place::Form, "token");
        let plain = surface(&[(Method::Post, "/rooms")], code);
        assert_eq!(
            standing(&plain, Method::Post, "/rooms", code),
            Standing::Yes
        );
        let paths = [(Method::Post, "/rooms"), (Method::Get, "/rooms/{token}")];
        let addressed = surface(&paths, code);
        assert_eq!(
            standing(&addressed, Method::Post, "/rooms", code),
            Standing::No
        );
    }
}
