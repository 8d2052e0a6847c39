//! What a single answer shows, whatever was sent.
//!
//! Owns: running every detector of a catalogue over an answer, both in the text as sent and in its
//! unescaped forms; masking ranges; deciding whether a page may only be quoting. Leaves out: the
//! detectors (`text`, `native`), canaries and verdicts (`judge`).
//!
//! # What needs provoking
//!
//! Tutorials show tracebacks and database errors too, and one answer alone is not always enough to tell
//! the difference. [`StaticSighting::needs_provoking`] is true if the text is one that documents may
//! quote, the answer's status is below 400, and the text is not most of what the answer shows
//! (`quoted`). The judge counts such a sighting only if it is absent from the baseline or from a
//! control, which means that an input provoked it. With status 400 or above, on a debugger's page, and
//! where the text is (almost) the whole answer, nothing needs to be provoked.

use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use url::Url;

use super::{AnswerView, Detector, Hit, Shows};
use crate::credential::Credentials;
use crate::detect::{
    Field, Own, Quotable, Quoted, Records, cause, fields_at, is_json, is_told_by_users, with_lines,
};
use crate::finding::SinkPlace;
use crate::http::{Request, Response};
use crate::unescape::View;

/// Something in an answer that is, or may be, a sign of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticSighting {
    /// The rule.
    pub rule: String,
    /// What the text is.
    pub shows: Shows,
    /// The detector id or exception type: part of the fingerprint.
    pub class: String,
    /// The part of the answer.
    pub place: SinkPlace,
    /// The telling piece: a byte range of [`Response::text`] (equal to the body if that is UTF-8), or
    /// of the header's value.
    pub span: Range<usize>,
    /// Everything that belongs to it (a whole traceback, a debugger's page, a dump), as a range of the
    /// same text. Anything inside it counts as "inside a traceback".
    pub extent: Range<usize>,
    /// The ranges to mask wherever this text is shown. In a body, they include what any other detector
    /// saw there, because a snippet of one sighting shows the secrets of another.
    pub secrets: Vec<Range<usize>>,
    /// The JSON field in which the span begins (`a.b[].c`); empty outside JSON.
    pub field: String,
    /// Digests of what the sighting is based on: its own secrets, or its message without the values in
    /// it. Sightings of one rule and class that share a digest have the same cause.
    pub causes: Vec<u64>,
    /// See the module documentation.
    pub needs_provoking: bool,
}

/// The detectors of all rules, ready to look at answers.
#[derive(Debug)]
pub struct Statics {
    entries: Vec<Entry>,
    /// The hints of all entries: every match of an entry that has hints contains at least one of them.
    hints: Option<AhoCorasick>,
    /// The entry that each hint belongs to.
    hinted: Vec<usize>,
    own: Own,
}

#[derive(Debug)]
struct Entry {
    rule: String,
    detector: Arc<dyn Detector>,
    has_hints: bool,
}

/// A hit, with the rule whose detector reported it.
struct Found<'r> {
    rule: &'r str,
    hit: Hit,
    /// See [`StaticSighting::causes`].
    causes: Vec<u64>,
}

/// The maximum number of hits kept per detector and text.
const MAX_HITS: usize = 32;

impl Statics {
    /// Creates a collection of these detectors, each with its rule's id.
    pub(crate) fn new<'a>(
        detectors: impl Iterator<Item = (&'a str, &'a Arc<dyn Detector>)>,
    ) -> Self {
        let entries = detectors.map(|(rule, detector)| Entry {
            rule: rule.to_owned(),
            detector: Arc::clone(detector),
            has_hints: false,
        });
        Self::of(entries.collect())
    }

    fn of(mut entries: Vec<Entry>) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut hinted = Vec::new();
        for (at, entry) in entries.iter_mut().enumerate() {
            let hints = entry.detector.hints();
            entry.has_hints = !hints.is_empty();
            hinted.extend(hints.iter().map(|_| at));
            words.extend(hints);
        }
        // If there are too many words for an automaton, no entry is skipped.
        let hints = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&words)
            .ok();
        Self {
            entries,
            hints,
            hinted,
            own: Own::default(),
        }
    }

    /// Adds the user's own credential names.
    #[must_use]
    pub fn with_credentials(self, credentials: &Credentials) -> Self {
        let equipped = self.entries.into_iter().map(|entry| Entry {
            detector: entry
                .detector
                .equipped(credentials)
                .unwrap_or(entry.detector),
            ..entry
        });
        Self {
            own: self.own,
            ..Self::of(equipped.collect())
        }
    }

    /// Adds the values that the tester supplied; they are not a stranger's secrets.
    #[must_use]
    pub fn with_own(mut self, own: Own) -> Self {
        self.own = own;
        self
    }

    /// Returns everything that the detectors see in an answer, by rule, place and position.
    pub fn scan(&self, request_url: &Url, response: &Response) -> Vec<StaticSighting> {
        let records = Records::of(request_url.path(), response);
        self.look(&AnswerView {
            request: None,
            asked: &asked(request_url),
            response,
            records: &records,
            is_ours: &|_| false,
        })
    }

    /// Like [`Statics::scan`], but also uses what only the request shows. `is_ours` returns true for
    /// the scan's own values, which have rules of their own.
    pub(crate) fn scan_exchange(
        &self,
        request: &Request,
        response: &Response,
        records: &Records<'_>,
        is_ours: &dyn Fn(&str) -> bool,
    ) -> Vec<StaticSighting> {
        self.look(&AnswerView {
            request: Some(request),
            asked: &asked(&request.url),
            response,
            records,
            is_ours: &|value: &str| is_ours(value) || self.own.holds(value),
        })
    }

    fn look(&self, answer: &AnswerView<'_>) -> Vec<StaticSighting> {
        let mut found = self.in_body(answer);
        self.in_records(answer, &mut found);
        let mut sightings = place_in_body(answer, found);
        sightings.extend(self.in_headers(answer));
        share_secrets(&mut sightings);
        sort(&mut sightings);
        sightings
    }

    fn in_body(&self, answer: &AnswerView<'_>) -> Vec<Found<'_>> {
        let text = &*answer.records.text;
        let mut found: Vec<Found<'_>> = Vec::new();
        for view in View::all(text) {
            let likely = self.likely(&view.text);
            let likely = self
                .entries
                .iter()
                .zip(likely)
                .filter(|(_, likely)| *likely);
            for (entry, _) in likely {
                let hits = entry.detector.look(answer, &view);
                for hit in hits.into_iter().take(MAX_HITS) {
                    let causes = causes(&hit, &view.text);
                    let sent = |ranges: &[Range<usize>]| -> Vec<Range<usize>> {
                        ranges.iter().map(|range| view.sent(range)).collect()
                    };
                    let hit = Hit {
                        span: view.sent(&hit.span),
                        extent: view.sent(&hit.extent),
                        secrets: sent(&hit.secrets),
                        pieces: sent(&hit.pieces),
                        around: sent(&hit.around),
                        ..hit
                    };
                    let one = Found {
                        rule: &entry.rule,
                        hit,
                        causes,
                    };
                    // A canary may look like a provider's key.
                    let mut secrets = one.hit.secrets.iter().filter_map(|at| text.get(at.clone()));
                    let ours = one.hit.by_form && secrets.all(answer.is_ours);
                    if !ours && !found.iter().any(|other| other.is_at(&one)) {
                        found.push(one);
                    }
                }
            }
        }
        found
    }

    fn in_records<'s>(&'s self, answer: &AnswerView<'_>, found: &mut Vec<Found<'s>>) {
        let seen = found.len();
        for entry in &self.entries {
            for hit in entry.detector.look_at_records(answer) {
                let one = Found {
                    causes: causes(&hit, &answer.records.text),
                    rule: &entry.rule,
                    hit,
                };
                if !found.iter().take(seen).any(|other| other.is_at(&one)) {
                    found.push(one);
                }
            }
        }
    }

    fn in_headers(&self, answer: &AnswerView<'_>) -> Vec<StaticSighting> {
        let mut sightings = Vec::new();
        for entry in &self.entries {
            for (name, value) in &answer.response.headers {
                let hits = entry.detector.look_at_header(answer, name, value);
                sightings.extend(hits.into_iter().map(|hit| {
                    let found = Found {
                        causes: causes(&hit, value),
                        rule: &entry.rule,
                        hit,
                    };
                    found.at(SinkPlace::Header(name.clone()), String::new())
                }));
            }
        }
        sightings
    }

    /// Returns, for each entry, whether it can match the text at all.
    fn likely(&self, text: &str) -> Vec<bool> {
        let mut likely: Vec<bool> = self.entries.iter().map(|entry| !entry.has_hints).collect();
        let Some(hints) = &self.hints else {
            return vec![true; self.entries.len()];
        };
        let mut left = likely.iter().filter(|yes| !**yes).count();
        for found in hints.find_overlapping_iter(text) {
            let entry = self.hinted.get(found.pattern().as_usize());
            if let Some(yes) = entry.and_then(|entry| likely.get_mut(*entry))
                && !*yes
            {
                *yes = true;
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
        likely
    }
}

impl Found<'_> {
    /// Returns true if this is another sighting of what `other` shows.
    fn is_at(&self, other: &Self) -> bool {
        self.rule == other.rule && overlap(&self.hit.extent, &other.hit.extent)
    }

    fn at(self, place: SinkPlace, field: String) -> StaticSighting {
        StaticSighting {
            rule: self.rule.to_owned(),
            shows: self.hit.shows,
            class: self.hit.class,
            place,
            span: self.hit.span,
            extent: self.hit.extent,
            secrets: self.hit.secrets,
            field,
            causes: self.causes,
            needs_provoking: false,
        }
    }
}

/// Returns digests of what a hit in this text is based on.
fn causes(hit: &Hit, text: &str) -> Vec<u64> {
    let piece = |range: &Range<usize>| text.get(range.clone());
    match &hit.cause {
        Some(cause) => vec![cause::digest(cause)],
        None if hit.secrets.is_empty() => {
            let message = piece(&hit.span).unwrap_or_default();
            vec![cause::digest(&cause::steady(message))]
        }
        None => hit
            .secrets
            .iter()
            .filter_map(piece)
            .map(cause::digest)
            .collect(),
    }
}

/// Returns the path and query, in the form that `url` patterns match.
fn asked(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn sort(sightings: &mut [StaticSighting]) {
    sightings
        .sort_by(|a, b| (&a.rule, &a.place, a.span.start).cmp(&(&b.rule, &b.place, b.span.start)));
}

/// Gives every sighting in the body the secrets of all of them.
fn share_secrets(sightings: &mut [StaticSighting]) {
    let in_body = |one: &&StaticSighting| one.place == SinkPlace::Body;
    let mut secrets: Vec<Range<usize>> = sightings
        .iter()
        .filter(in_body)
        .flat_map(|one| one.secrets.iter().cloned())
        .collect();
    secrets.sort_by_key(|range| (range.start, range.end));
    secrets.dedup();
    for one in sightings {
        if one.place == SinkPlace::Body {
            one.secrets.clone_from(&secrets);
        }
    }
}

/// Turns hits into sightings: finds their JSON fields and whether they need provoking.
fn place_in_body(answer: &AnswerView<'_>, found: Vec<Found<'_>>) -> Vec<StaticSighting> {
    let (text, response) = (&*answer.records.text, answer.response);
    let unplaced = found.iter().filter(|one| one.hit.field.is_none());
    let starts: Vec<usize> = unplaced.map(|one| one.hit.span.start).collect();
    let mut fields = if !starts.is_empty() && is_json(text, response) {
        fields_at(text, &starts)
    } else {
        vec![Field::default(); starts.len()]
    }
    .into_iter();
    let shown = std::cell::OnceCell::new();
    let failed = response.is_failure();
    let placed = found.into_iter().map(|mut one| {
        if let Some(field) = one.hit.field.take() {
            return one.at(SinkPlace::Body, field);
        }
        let hit = &one.hit;
        let field = fields.next().unwrap_or_default();
        let quotes = || {
            // A value in a document is quoted if the document is.
            let own = match answer.records.written_among(&hit.span) {
                Some(extent) if hit.pieces.is_empty() => std::slice::from_ref(extent),
                _ if hit.pieces.is_empty() => std::slice::from_ref(&hit.extent),
                _ => &hit.pieces,
            };
            let pieces = with_lines(own, &hit.around, &field);
            let shown = shown.get_or_init(|| Quoted::of(text, response));
            let told = hit.quotable == Quotable::Anywhere && is_told_by_users(answer.asked);
            told || shown.quotes(hit.quotable, hit.several, &pieces, &field)
        };
        let needs_provoking = hit.quotable != Quotable::No && !failed && quotes();
        StaticSighting {
            needs_provoking,
            ..one.at(SinkPlace::Body, field.path)
        }
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::probe::Catalog;

    #[test]
    fn a_canary_that_looks_like_a_providers_key_is_no_secret_of_the_application() {
        let statics = Catalog::builtin().unwrap().statics();
        let request = Request::get(url::Url::parse("http://h/keys").unwrap());
        let key = "glpat-k3j4h5g6f7d8s9a0q1w2e3r4t5y6u7";
        let body = format!(r#"[{{"note": "{key}"}}]"#);
        let answer = Response::of(200, &[("content-type", "application/json")], &body);
        let found = |answer: &Response, ours: &dyn Fn(&str) -> bool| {
            let records = Records::of(request.url.path(), answer);
            let seen = statics.scan_exchange(&request, answer, &records, ours);
            let of_rule = seen
                .into_iter()
                .filter(|one| one.rule == "data-exposure/secret-in-response");
            of_rule.map(|one| one.secrets.len()).collect::<Vec<_>>()
        };
        assert_eq!(found(&answer, &|_| false), [1]);
        assert_eq!(found(&answer, &|value| value == key), [0; 0]);
        // Beside a real key, only that one is reported, and the canary is not masked with it.
        let body = format!(r#"[{{"note": "{key}"}}, {{"note": "glpat-Zk3J4h5G6f7D8s9A0q1w"}}]"#);
        let both = Response::of(200, &[("content-type", "application/json")], &body);
        assert_eq!(found(&both, &|_| false), [2, 2]);
        assert_eq!(found(&both, &|value| value == key), [1]);
    }

    #[test]
    fn the_testers_own_names_count_here_too() {
        let catalog = Catalog::builtin().unwrap();
        let request = Request::get(Url::parse("http://h/members").unwrap());
        let json = r#"[{"id": 1, "email": "kim@example.org", "door": "kT7vLq2ZpW9xR4mN8sYb"}]"#;
        let record = Response::of(200, &[("content-type", "application/json")], json);
        let dump = "DEBUG=True\nTESTING=False\nSESSION_COOKIE_NAME=session\n\
                    PERMANENT_SESSION_LIFETIME=31 days\nSHOP_DOOR=kT7vLq2ZpW9xR4mN8sYb\n";
        let dump = Response::of(200, &[("content-type", "text/plain")], dump);
        let seen = |credentials: Credentials| -> Vec<String> {
            let statics = catalog.statics().with_credentials(&credentials);
            [&record, &dump]
                .into_iter()
                .flat_map(|answer| {
                    let records = Records::of(request.url.path(), answer);
                    statics.scan_exchange(&request, answer, &records, &|_| false)
                })
                .map(|sighting| sighting.rule)
                .filter(|rule| rule.ends_with("sensitive-field") || rule.ends_with("config-dump"))
                .collect()
        };
        let door = || vec![Regex::new("(?i)door$").unwrap()];
        assert!(seen(Credentials::default()).is_empty());
        let expected = ["data-exposure/sensitive-field", "data-exposure/config-dump"];
        assert_eq!(seen(Credentials::new(door(), Vec::new())), expected);
        assert!(seen(Credentials::new(door(), door())).is_empty());
    }
}
