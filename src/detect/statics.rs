//! Static detection: what a single answer shows, whatever was sent.
//!
//! Owns: running every text and native detector of a catalogue over an answer, in the text as sent
//! and in its unescaped forms; masking ranges; whether a page may only be quoting. Leaves out:
//! canaries (`canary`), comparisons and verdicts (`judge`).
//!
//! # What needs provoking
//!
//! A tutorial shows tracebacks and database errors too, and one answer alone cannot always tell.
//! [`StaticSighting::needs_provoking`] is true where a text that documents could quote stands in
//! an answer below 400 and does not make up most of what is shown there (`quoted`). The judge
//! counts such a sighting only where it is absent from the baseline or from a control, so that an
//! input provoked it. From status 400 on, on a debugger's page, and where the text is (almost) the
//! whole answer, nothing need be provoked.

use std::collections::HashSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};
use url::Url;

use super::around::Records;
use super::cause;
use super::config_dump::{Dump, Settings};
use super::json_path::{Field, fields_at};
use super::log::{log_lines, with_lines};
use super::own::Own;
use super::placeholder::is_placeholder;
use super::quoted::{Shown, is_json, is_told_by_users};
use super::record::{Origin, Record};
use super::sensitive::sensitive;
use super::verify::holds;
use super::view::View;
use crate::credential::Credentials;
use crate::finding::SinkPlace;
use crate::http::{Request, Response};
use crate::probe::{
    Catalog, Detector, Example, ExampleRunner, Native, Probe, Quotable, TextDetector, TextPlace,
    UnlessOn,
};
use crate::traceback;

/// What a static text is, as far as others are judged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// A text like others.
    Text,
    /// What the machinery says of an error: values in it were provoked.
    ErrorText,
    /// A debugger's page: an error text, and one finding a target, since every page that breaks is one.
    Debugger,
    /// A field of a record.
    RecordField,
    /// Settings: their fields are no record's.
    Settings,
}

/// Something in an answer that means a fault, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticSighting {
    /// The rule.
    pub rule: String,
    /// What it is.
    pub shows: Shows,
    /// Detector id or exception type: part of the fingerprint.
    pub class: String,
    /// The part of the answer.
    pub place: SinkPlace,
    /// The telling piece: a byte range of [`Response::text`] (equal to the body where that is
    /// UTF-8), or of the header's value.
    pub span: Range<usize>,
    /// All that belongs to it (a whole traceback, a debugger's page, a dump), in the same text:
    /// what stands inside it stands "inside a traceback".
    pub extent: Range<usize>,
    /// What to mask wherever this text is shown, in the same text: in a body, whatever any
    /// detector saw there, since a snippet of one sighting shows the secrets of another.
    pub secrets: Vec<Range<usize>>,
    /// The JSON field in which the span begins (`a.b[].c`); empty outside of JSON.
    pub field: String,
    /// Digests of what it rests on: of its own secrets, or of its message without the values in
    /// it. Sightings of one rule and class that rest on the same have one cause.
    pub causes: Vec<u64>,
    /// See the module's documentation.
    pub needs_provoking: bool,
}

/// Every static detector of a catalogue, ready to run.
#[derive(Debug)]
pub struct Statics {
    entries: Vec<Entry>,
    /// Words of which one stands in every match of some entries.
    hints: Option<AhoCorasick>,
    /// For each hint, its entry.
    hinted: Vec<usize>,
    settings: Settings,
    credentials: Credentials,
    own: Own,
}

#[derive(Debug)]
struct Entry {
    rule: String,
    shows: Shows,
    detector: Static,
    has_hints: bool,
}

#[derive(Debug)]
enum Static {
    Text(Box<TextDetector>),
    Native(Native),
}

/// A detector's match in the text that it was given.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) shows: Shows,
    pub(super) class: String,
    pub(super) span: Range<usize>,
    pub(super) extent: Range<usize>,
    pub(super) secrets: Vec<Range<usize>>,
    /// Where a document may quote such a text.
    pub(super) quotable: Quotable,
    /// What of the extent belongs to it, where that is not all of it.
    pub(super) pieces: Vec<Range<usize>>,
    /// The lines of a log around it: they belong to whoever writes the log, as it does.
    pub(super) around: Vec<Range<usize>>,
    /// It shows several secrets: no quotation where it is not set as code.
    pub(super) several: bool,
    /// What it rests on, where neither its secrets nor its text say that.
    pub(super) cause: Option<String>,
    /// See [`StaticSighting::causes`].
    pub(super) causes: Vec<u64>,
}

impl Hit {
    /// The same with its causes, which the text it was found in tells.
    fn with_causes(mut self, text: &str) -> Self {
        let pieces = self
            .secrets
            .iter()
            .filter_map(|range| text.get(range.clone()));
        self.causes = match &self.cause {
            Some(cause) => vec![cause::digest(cause)],
            None if !self.secrets.is_empty() => pieces.map(cause::digest).collect(),
            None => {
                let message = text.get(self.span.clone()).unwrap_or_default();
                vec![cause::digest(&cause::steady(message))]
            }
        };
        self
    }
}

/// Matches of one detector in one text that are looked at; a pattern that matches more often is
/// no proof of anything, and each look costs time.
const MAX_MATCHES: usize = 1000;
/// Sightings of one detector that are kept.
const MAX_HITS: usize = 32;
/// The class of a traceback on a debugger's page.
const DEBUGGER: &str = "debugger";
/// Characters to both sides of a match that `on: near` reads.
const NEAR: usize = 120;

impl Statics {
    /// The static detectors of every probe.
    pub fn new(catalog: &Catalog) -> Self {
        Self::of(catalog.iter(), |_| true)
    }

    /// Only those that tell which part of what they see is secret.
    pub fn of_secrets(catalog: &Catalog) -> Self {
        Self::of(catalog.iter(), |detector| match detector {
            Detector::Text(text) => text
                .pattern
                .capture_names()
                .flatten()
                .any(|n| n == "secret"),
            _ => true,
        })
    }

    fn of<'a>(probes: impl Iterator<Item = &'a Probe>, wanted: fn(&Detector) -> bool) -> Self {
        let mut entries = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut hinted = Vec::new();
        for probe in probes {
            for detector in probe.detectors.iter().filter(|one| wanted(one)) {
                let (detector, hints) = match detector {
                    Detector::Text(text) => (Static::Text(text.clone()), text.hints.clone()),
                    Detector::Native(native) => (Static::Native(*native), native_hints(*native)),
                    Detector::Canary(_) | Detector::Differential(_) => continue,
                };
                hinted.extend(hints.iter().map(|_| entries.len()));
                entries.push(Entry {
                    rule: probe.rule.id.clone(),
                    shows: shows(probe, &detector),
                    detector,
                    has_hints: !hints.is_empty(),
                });
                words.extend(hints);
            }
        }
        // Too many words for an automaton only means that nothing is skipped.
        let hints = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&words)
            .ok();
        Self {
            entries,
            hints,
            hinted,
            settings: Settings::new(Credentials::default()),
            credentials: Credentials::default(),
            own: Own::default(),
        }
    }

    /// The same with the user's own credential names.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        if credentials.has_own_names() {
            // Words of the tables stand in no name of the tester's own.
            let dumps =
                |entry: &&mut Entry| matches!(entry.detector, Static::Native(Native::ConfigDump));
            for entry in self.entries.iter_mut().filter(dumps) {
                entry.has_hints = false;
            }
        }
        self.settings = Settings::new(credentials.clone());
        self.credentials = credentials;
        self
    }

    /// The same with what the tester gave, which is no stranger's secret.
    #[must_use]
    pub fn with_own(mut self, own: Own) -> Self {
        self.own = own;
        self
    }

    /// Everything that these detectors see in an answer, by rule, place and position.
    pub fn scan(&self, request_url: &Url, response: &Response) -> Vec<StaticSighting> {
        let records = Records::of(request_url.path(), response);
        let mut sightings = self.seen(request_url, response, &records, &|_| false);
        share_secrets(&mut sightings);
        sort(&mut sightings);
        sightings
    }

    /// The same in no order, each with its own secrets only.
    fn seen(
        &self,
        request_url: &Url,
        response: &Response,
        records: &Records<'_>,
        is_ours: &dyn Fn(&str) -> bool,
    ) -> Vec<StaticSighting> {
        let asked = asked(request_url);
        let text = &*records.text;
        let mut found = Vec::new();
        for view in View::all(text) {
            let likely = self.likely(&view.text);
            for entry in self
                .entries
                .iter()
                .zip(likely)
                .filter_map(|(e, yes)| yes.then_some(e))
            {
                let hits = self.body_hits(entry, &view, &asked, response);
                for hit in hits.into_iter().take(MAX_HITS) {
                    let hit = hit.with_causes(&view.text);
                    let hit = Hit {
                        span: view.sent(&hit.span),
                        extent: view.sent(&hit.extent),
                        secrets: hit.secrets.iter().map(|range| view.sent(range)).collect(),
                        pieces: hit.pieces.iter().map(|range| view.sent(range)).collect(),
                        around: hit.around.iter().map(|range| view.sent(range)).collect(),
                        ..hit
                    };
                    let twice = found.iter().any(|(rule, other): &(&str, Hit)| {
                        *rule == entry.rule && overlap(&other.extent, &hit.extent)
                    });
                    // A canary may look like a provider's key.
                    let mut secrets = hit.secrets.iter().filter_map(|at| text.get(at.clone()));
                    let by_pattern = matches!(entry.detector, Static::Text(_));
                    let ours = by_pattern && !hit.secrets.is_empty() && secrets.all(is_ours);
                    if !twice && !ours {
                        found.push((entry.rule.as_str(), hit));
                    }
                }
            }
        }
        found.extend(self.settings_among(&records.all, text, &asked, &found));
        let mut sightings = place_in_body(text, &asked, response, &records.all, found);
        sightings.extend(self.scan_headers(&asked, response));
        sightings
    }

    /// As [`Statics::scan`], with what only the request tells: a record that shows secrets is no
    /// fault where the caller has just sent or made them. `is_ours` is true for the scan's own
    /// values, which have rules of their own.
    pub(crate) fn scan_exchange(
        &self,
        request: &Request,
        response: &Response,
        records: &Records<'_>,
        is_ours: &dyn Fn(&str) -> bool,
    ) -> Vec<StaticSighting> {
        let is_ours = &|value: &str| is_ours(value) || self.own.holds(value);
        let mut sightings = self.seen(&request.url, response, records, is_ours);
        let records_of = |entry: &&Entry| entry.shows == Shows::RecordField;
        let rules: Vec<&str> = self
            .entries
            .iter()
            .filter(records_of)
            .map(|entry| entry.rule.as_str())
            .collect();
        let fields = if rules.is_empty() {
            Vec::new()
        } else {
            sensitive((request, response), records, &self.credentials, is_ours)
        };
        for shown in fields {
            let (Some(first), Some(last)) = (shown.secrets.first(), shown.secrets.last()) else {
                continue;
            };
            let causes = shown
                .secrets
                .iter()
                .filter_map(|range| records.text.get(range.clone()))
                .map(cause::digest);
            let sighting = StaticSighting {
                rule: String::new(),
                shows: Shows::RecordField,
                class: shown.class.to_owned(),
                place: SinkPlace::Body,
                span: first.clone(),
                extent: first.start..last.end,
                field: shown.field,
                causes: causes.collect(),
                secrets: shown.secrets,
                needs_provoking: false,
            };
            sightings.extend(rules.iter().map(|rule| StaticSighting {
                rule: (*rule).to_owned(),
                ..sighting.clone()
            }));
        }
        share_secrets(&mut sightings);
        sort(&mut sightings);
        sightings
    }

    /// For each entry, whether it can match the text at all.
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

    fn body_hits(
        &self,
        entry: &Entry,
        view: &View<'_>,
        asked: &str,
        response: &Response,
    ) -> Vec<Hit> {
        match &entry.detector {
            Static::Text(detector) => {
                let wanted = detector.place == TextPlace::Body
                    && (view.raw || !detector.raw)
                    && applies(detector, asked, response);
                if !wanted {
                    return Vec::new();
                }
                let mut hits = text_hits((entry.shows, detector), &view.text, asked);
                // The source that raises a message is no message.
                hits.retain(|hit| {
                    !hit.secrets.is_empty()
                        || !traceback::is_source_line(&view.text, hit.span.start)
                });
                hits
            }
            Static::Native(Native::Traceback) => traceback_hits(view),
            Static::Native(Native::ConfigDump) if is_example_file(asked) => Vec::new(),
            Static::Native(Native::ConfigDump) => hits_of(self.settings.find(&view.text)),
            // It takes the request: `scan_exchange`.
            Static::Native(Native::SensitiveField) => Vec::new(),
        }
    }

    /// Settings that stand in records only (a list of pairs), and are not seen already.
    fn settings_among(
        &self,
        records: &[Record],
        text: &str,
        asked: &str,
        found: &[(&str, Hit)],
    ) -> Vec<(&str, Hit)> {
        if is_example_file(asked) {
            return Vec::new();
        }
        let dumps = |entry: &&Entry| matches!(entry.detector, Static::Native(Native::ConfigDump));
        let mut all = Vec::new();
        for entry in self.entries.iter().filter(dumps) {
            let new = |hit: &Hit| {
                let seen = |(rule, other): &(&str, Hit)| {
                    *rule == entry.rule && overlap(&other.extent, &hit.extent)
                };
                !found.iter().any(seen)
            };
            let hits = hits_of(self.settings.among(records, text)).into_iter();
            let hits = hits
                .map(|hit| hit.with_causes(text))
                .filter(new)
                .take(MAX_HITS);
            all.extend(hits.map(|hit| (entry.rule.as_str(), hit)));
        }
        all
    }

    fn scan_headers(&self, asked: &str, response: &Response) -> Vec<StaticSighting> {
        let mut found = Vec::new();
        for entry in &self.entries {
            let Static::Text(detector) = &entry.detector else {
                continue;
            };
            if detector.place == TextPlace::Body || !applies(detector, asked, response) {
                continue;
            }
            for (name, value) in &response.headers {
                if let TextPlace::Header(wanted) = &detector.place
                    && wanted != name
                {
                    continue;
                }
                let hits = text_hits((entry.shows, detector), value, asked);
                found.extend(hits.into_iter().map(|hit| {
                    let hit = hit.with_causes(value);
                    StaticSighting {
                        rule: entry.rule.clone(),
                        shows: hit.shows,
                        class: hit.class,
                        place: SinkPlace::Header(name.clone()),
                        span: hit.span,
                        extent: hit.extent,
                        secrets: hit.secrets,
                        field: String::new(),
                        causes: hit.causes,
                        needs_provoking: false,
                    }
                }));
            }
        }
        found
    }
}

fn hits_of(dumps: Vec<Dump>) -> Vec<Hit> {
    let hit = |dump: Dump| Hit {
        shows: Shows::Settings,
        class: Native::ConfigDump.as_str().to_owned(),
        span: dump.span,
        extent: dump.extent,
        secrets: dump.secrets,
        quotable: if dump.is_running {
            Quotable::No
        } else {
            Quotable::Anywhere
        },
        pieces: dump.pieces,
        around: Vec::new(),
        several: dump.several,
        cause: None,
        causes: Vec::new(),
    };
    dumps.into_iter().map(hit).collect()
}

/// What the texts are that a detector sees.
fn shows(probe: &Probe, detector: &Static) -> Shows {
    match detector {
        Static::Native(Native::Traceback) => Shows::ErrorText,
        Static::Native(Native::ConfigDump) => Shows::Settings,
        Static::Native(Native::SensitiveField) => Shows::RecordField,
        Static::Text(_) if probe.error_text => Shows::ErrorText,
        Static::Text(_) => Shows::Text,
    }
}

/// All that a value was written among, in one list of documents or in lines.
fn among<'r>(records: &'r [Record], span: &Range<usize>) -> Option<&'r Range<usize>> {
    let own = |record: &&Record| {
        matches!(record.origin, Origin::Text | Origin::Pairs | Origin::Lines)
            && record.fields.len() > 1
            && record.extent.start <= span.start
            && span.end <= record.extent.end
    };
    records.iter().find(own).map(|record| &record.extent)
}

/// Words of which one stands in whatever the native detectors see.
fn native_hints(native: Native) -> Vec<String> {
    let words: &[&str] = match native {
        Native::Traceback => &[
            "Traceback (most recent call last)",
            "// Werkzeug Debugger</title>",
        ],
        Native::ConfigDump => &[
            "secret",
            "_key",
            "password",
            "passwd",
            "_uri",
            "_url",
            "_dsn",
            "token",
            "mongouri",
            "dburl",
            "databaseurl",
            "redisurl",
            "://",
        ],
        Native::SensitiveField => &[],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Path and query, as `url` patterns read them.
fn asked(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn applies(detector: &TextDetector, asked: &str, response: &Response) -> bool {
    detector.applies(response) && detector.url.as_ref().is_none_or(|url| url.is_match(asked))
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The matches of a pattern that nothing refutes.
fn text_hits((shows, detector): (Shows, &TextDetector), text: &str, asked: &str) -> Vec<Hit> {
    if !detector.also.iter().all(|pattern| pattern.is_match(text)) {
        return Vec::new();
    }
    let mut hits = Vec::new();
    let mut different = HashSet::new();
    for parts in detector.pattern.captures_iter(text).take(MAX_MATCHES) {
        let Some(whole) = parts.get(0) else { continue };
        if refuted(detector, text, asked, &parts) {
            continue;
        }
        different.insert(whole.as_str());
        if hits.len() >= MAX_HITS {
            break;
        }
        hits.push(Hit {
            shows,
            class: parts
                .name("class")
                .map_or_else(|| detector.class.clone(), |class| class.as_str().to_owned()),
            span: whole.range(),
            extent: whole.range(),
            secrets: parts
                .name("secret")
                .map(|secret| secret.range())
                .into_iter()
                .collect(),
            quotable: detector.quotable,
            pieces: Vec::new(),
            around: Vec::new(),
            several: false,
            cause: None,
            causes: Vec::new(),
        });
    }
    if different.len() < detector.min_count {
        hits.clear();
    }
    hits
}

fn refuted(detector: &TextDetector, text: &str, asked: &str, parts: &Captures<'_>) -> bool {
    if let Some(secret) = parts.name("secret") {
        let genuine = detector
            .verify
            .is_none_or(|verify| holds(verify, secret.as_str()));
        if !genuine || is_placeholder(secret.as_str()) {
            return true;
        }
    }
    if parts
        .name("value")
        .is_some_and(|value| is_placeholder(value.as_str()))
    {
        return true;
    }
    let whole = parts.get(0).map_or(0..0, |whole| whole.range());
    let matches = |pattern: &Regex, piece: Option<&str>| piece.is_some_and(|p| pattern.is_match(p));
    detector.unless.iter().any(|unless| {
        let piece = match &unless.on {
            UnlessOn::Match => text.get(whole.clone()),
            UnlessOn::Near => Some(near(text, &whole)),
            UnlessOn::Text => Some(text),
            UnlessOn::Url => Some(asked),
            UnlessOn::Group(name) => parts.name(name).map(|group| group.as_str()),
        };
        matches(&unless.pattern, piece)
    })
}

fn near<'t>(text: &'t str, whole: &Range<usize>) -> &'t str {
    let from = text.floor_char_boundary(whole.start.saturating_sub(NEAR));
    let to = text.ceil_char_boundary((whole.end + NEAR).min(text.len()));
    text.get(from..to).unwrap_or_default()
}

fn traceback_hits(view: &View<'_>) -> Vec<Hit> {
    // A debugger's page holds its traceback several times over: it is one sighting.
    if view.raw
        && let Some(page) = traceback::debugger_page(&view.text)
    {
        return vec![Hit {
            shows: Shows::Debugger,
            // RULES.md makes one finding a target of all such pages: what was raised is not its
            // class.
            class: DEBUGGER.to_owned(),
            secrets: traceback::debugger_secret(&view.text).into_iter().collect(),
            quotable: Quotable::No,
            pieces: Vec::new(),
            around: Vec::new(),
            several: false,
            cause: Some(DEBUGGER.to_owned()),
            causes: Vec::new(),
            span: page.span,
            extent: page.extent,
        }];
    }
    let found = traceback::tracebacks(&view.text);
    // A page of several tracebacks is one as much as a page of one.
    let pieces: Vec<Range<usize>> = found.iter().map(|one| one.extent.clone()).collect();
    let around = log_lines(&view.text, &pieces);
    let hit = |one: traceback::Traceback| Hit {
        shows: Shows::ErrorText,
        cause: one.origin(),
        causes: Vec::new(),
        class: if one.exception.is_empty() {
            "traceback".to_owned()
        } else {
            one.exception
        },
        span: one.span,
        extent: one.extent,
        secrets: Vec::new(),
        quotable: Quotable::Anywhere,
        pieces: pieces.clone(),
        around: around.clone(),
        several: false,
    };
    found.into_iter().map(hit).collect()
}

/// `.env.example`, `config.sample.yml`: what it holds is meant to be replaced.
pub(super) fn is_example_file(asked: &str) -> bool {
    let path = asked.split('?').next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    file.split(['.', '-', '_'])
        .any(|part| matches!(part, "example" | "sample" | "template" | "dist" | "tmpl"))
}

fn sort(sightings: &mut [StaticSighting]) {
    sightings
        .sort_by(|a, b| (&a.rule, &a.place, a.span.start).cmp(&(&b.rule, &b.place, b.span.start)));
}

/// Gives every sighting of the body the secrets of all.
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

/// Turns hits into sightings: their JSON fields, and whether they need provoking.
fn place_in_body(
    text: &str,
    asked: &str,
    response: &Response,
    records: &[Record],
    found: Vec<(&str, Hit)>,
) -> Vec<StaticSighting> {
    if found.is_empty() {
        return Vec::new();
    }
    let fields = if is_json(text, response) {
        let starts: Vec<usize> = found.iter().map(|(_, hit)| hit.span.start).collect();
        fields_at(text, &starts)
    } else {
        vec![Field::default(); found.len()]
    };
    let shown = std::cell::OnceCell::new();
    let failed = response.is_failure();
    found
        .into_iter()
        .zip(fields)
        .map(|((rule, hit), field)| {
            let quotes = || {
                // What stands among other values of a document is quoted where the document is.
                let around = among(records, &hit.span);
                let own = match around {
                    Some(extent) if hit.pieces.is_empty() => std::slice::from_ref(extent),
                    _ if hit.pieces.is_empty() => std::slice::from_ref(&hit.extent),
                    _ => &hit.pieces,
                };
                let pieces = with_lines(own, &hit.around, &field);
                let shown = shown.get_or_init(|| Shown::of(text, response));
                let told = hit.quotable == Quotable::Anywhere && is_told_by_users(asked);
                told || shown.quotes(hit.quotable, hit.several, &pieces, &field)
            };
            let needs_provoking = hit.quotable != Quotable::No && !failed && quotes();
            StaticSighting {
                rule: rule.to_owned(),
                shows: hit.shows,
                class: hit.class,
                place: SinkPlace::Body,
                span: hit.span,
                extent: hit.extent,
                secrets: hit.secrets,
                field: field.path,
                causes: hit.causes,
                needs_provoking,
            }
        })
        .collect()
}

/// Runs static examples through [`Statics::scan`]: a sighting counts where nothing need provoke
/// it.
#[derive(Clone, Copy, Debug, Default)]
pub struct StaticExamples;

impl ExampleRunner for StaticExamples {
    fn handles(&self, example: &Example) -> bool {
        matches!(example, Example::Static { .. })
    }

    fn run(&self, probe: &Probe, example: &Example) -> Result<bool, String> {
        let Example::Static { url, response, .. } = example else {
            return Err("is no static example".to_owned());
        };
        let statics = Statics::of(std::iter::once(probe), |_| true);
        let records = Records::of(url.path(), response);
        let request = Request::get(url.clone());
        let seen = statics.scan_exchange(&request, response, &records, &|_| false);
        Ok(seen.iter().any(|sighting| !sighting.needs_provoking))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_that_looks_like_a_providers_key_is_no_secret_of_the_application() {
        let statics = Statics::new(&Catalog::builtin().unwrap());
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
        // Beside a real one, that is the only one, and the canary is not masked with it.
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
            let statics = Statics::new(&catalog).with_credentials(credentials);
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
