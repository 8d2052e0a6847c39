//! Compiles a probe as written into a [`Probe`].
//!
//! Owns: every check that needs only one file; it reports all defects of a file at once. Leaves out:
//! checks that need several files (`catalog`), and running the examples (`check`).

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;
use url::Url;

use super::Probe;
use super::example::{Example, expand};
use super::steps::experiment;
use super::syntax::{
    AnswerSyntax, ExampleSyntax, MatcherSyntax, Pieces, ProbeSyntax, RegexSyntax, StatusSyntax,
    UnlessSyntax,
};
use crate::datafile::{Defect, Log, parse};
use crate::detect::Quotable;
use crate::finding::{RuleInfo, Severity};
use crate::http::{Method, Response, StatusRange};
use crate::rule::canary::CanarySink;
use crate::rule::compared::Compared;
use crate::rule::native::native;
use crate::rule::text::{TextDetector, TextPlace, Unless, UnlessOn};
use crate::rule::{Detector, Merge, Policy, Shows};
use crate::surface::Place;

/// The folders of `probes/`; a rule of any other category would not fit into a report.
const CATEGORIES: &[&str] = &["authentication", "data-exposure", "input-validation"];

/// The page on which each rule has its own anchor. Until the page is published, the host name is a
/// reserved one, so that no stranger can answer for it.
const RULES_PAGE: &str = "https://keyspill.invalid/rules";

/// Compiles one file. `file` is shown in messages; its last two parts must be the id.
pub(super) fn compile(file: &str, text: &str) -> Result<Probe, Vec<Defect>> {
    let written = parse(file, text).map_err(|defect| vec![defect])?;
    let mut log = Log::new(file, text);
    let probe = build(&mut log, written);
    match probe {
        Some(probe) if log.defects.is_empty() => Ok(probe),
        _ => Err(log.defects),
    }
}

fn build(log: &mut Log<'_>, written: ProbeSyntax) -> Option<Probe> {
    check_id(log, &written.id);
    for (key, value) in [
        ("title", &written.title),
        ("why", &written.why),
        ("remediation", &written.remediation),
    ] {
        if value.trim().is_empty() {
            log.add(key, "is empty");
        }
    }
    for (key, title) in [
        ("title", Some(&written.title)),
        ("title_any", written.title_any.as_ref()),
    ] {
        if title.is_some_and(|title| title.contains('\n')) {
            log.add(key, "is one line");
        }
    }
    if written.cwe.is_empty() {
        log.add("cwe", "names at least one CWE number");
    }
    if written.detect.is_empty() {
        log.add("detect", "is empty");
    }
    numbered(log, "owasp", &written.owasp, OWASP);
    numbered(log, "asvs", &written.asvs, ASVS);
    let help = written
        .help
        .unwrap_or_else(|| format!("{RULES_PAGE}#{}", written.id.replace('/', "-")));
    if !Url::parse(&help).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        log.add("help", "is an http or https URL");
    }
    let severity = log.ok("severity", written.severity.parse::<Severity>());
    let merge = match written.merge.as_deref() {
        // What is public by design appears on every page.
        None if severity == Some(Severity::Info) => Some(Merge::Target),
        None => Some(Merge::Place),
        Some(name) => log.ok("merge", name.parse()),
    };
    let shows = if written.error_text {
        Shows::ErrorText
    } else {
        Shows::Text
    };
    let mut detectors = Vec::new();
    for (at, matcher) in written.detect.into_iter().enumerate() {
        detectors.extend(detector(
            log,
            &format!("detect[{at}]"),
            (&written.id, shows),
            matcher,
        ));
    }
    let examples = examples(log, "examples", &detectors, written.examples);
    let negative = self::examples(
        log,
        "negative_examples",
        &detectors,
        written.negative_examples,
    );
    Some(Probe {
        rule: RuleInfo {
            id: written.id,
            title: written.title.trim().to_owned(),
            title_any: written.title_any.map(|title| title.trim().to_owned()),
            group: written.group,
            severity: severity?,
            cwe: written.cwe,
            owasp: written.owasp,
            asvs: written.asvs,
            help,
            why: written.why.trim().to_owned(),
            remediation: written.remediation.trim().to_owned(),
            needs_source: detectors.iter().any(plants),
        },
        policy: Policy {
            merge: merge?,
            covers: written.covers,
        },
        true_when: written.true_when.map(|text| text.trim().to_owned()),
        not_when: written.not_when.map(|text| text.trim().to_owned()),
        references: written.references,
        detectors,
        examples,
        negative_examples: negative,
        file: log.file.to_owned(),
    })
}

/// How a list numbers its entries: a pattern, and an example for messages.
type Numbering = (&'static str, &'static str);

/// The OWASP API Security Top 10 of 2023.
const OWASP: Numbering = (r"^API(?:[1-9]|10):2023$", "API8:2023");

/// OWASP ASVS, in the form in which it asks to be cited.
const ASVS: Numbering = (
    r"^v(?:4\.0\.3|5\.0\.0)-[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}$",
    "v4.0.3-8.3.1",
);

/// Reports each entry that is not numbered the way its list numbers them.
fn numbered(log: &mut Log<'_>, key: &str, entries: &[String], (pattern, like): Numbering) {
    let Some(pattern) = log.regex(key, pattern) else {
        return;
    };
    for (at, entry) in entries.iter().enumerate() {
        if !pattern.is_match(entry) {
            log.add(
                &format!("{key}[{at}]"),
                format!("{entry:?} is not written like {like}"),
            );
        }
    }
}

fn check_id(log: &mut Log<'_>, id: &str) {
    let word = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && !part.ends_with('-')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let Some((category, name)) = id.split_once('/') else {
        return log.add("id", format!("{id:?} is not category/name"));
    };
    if !CATEGORIES.contains(&category) {
        log.add(
            "id",
            format!("{category:?} is none of {}", CATEGORIES.join(", ")),
        );
    }
    if !word(name) {
        log.add(
            "id",
            format!("{name:?} is not lower-case words with hyphens between"),
        );
    }
    let path = log.file.replace('\\', "/");
    if !path.ends_with(&format!("{id}.yaml")) && !path.ends_with(&format!("{id}.yml")) {
        log.add(
            "id",
            format!("{id:?} is not the file's place: it belongs into {id}.yaml"),
        );
    }
}

/// Returns true if the detector's findings depend on a planted value.
fn plants(detector: &Arc<dyn Detector>) -> bool {
    detector.sink().is_some() || !detector.experiments().is_empty()
}

fn detector(
    log: &mut Log<'_>,
    key: &str,
    (id, shows): (&str, Shows),
    matcher: MatcherSyntax,
) -> Option<Arc<dyn Detector>> {
    Some(match matcher {
        MatcherSyntax::Regex(regex) => Arc::new(text_detector(log, key, (id, shows), *regex)?),
        MatcherSyntax::Native { name } => log.ok(&format!("{key}.name"), native(&name))?,
        MatcherSyntax::Canary { sink } => {
            let sink: CanarySink = log.ok(&format!("{key}.sink"), sink.parse())?;
            Arc::new(sink)
        }
        MatcherSyntax::Differential(written) => {
            Arc::new(Compared::new(experiment(log, key, id, *written)?))
        }
    })
}

fn text_detector(
    log: &mut Log<'_>,
    key: &str,
    (id, shows): (&str, Shows),
    written: RegexSyntax,
) -> Option<TextDetector> {
    let pattern = log.regex(&format!("{key}.pattern"), &written.pattern);
    if pattern.as_ref().is_some_and(|pattern| pattern.is_match("")) {
        log.add(
            &format!("{key}.pattern"),
            "matches the empty text, so everything",
        );
    }
    let place = log.ok(&format!("{key}.in"), text_place(written.place.as_deref()));
    let also = written.also.iter().enumerate();
    let also = also
        .filter_map(|(at, pattern)| log.regex(&format!("{key}.also[{at}]"), pattern))
        .collect();
    let mut unless = Vec::new();
    for (at, one) in written.unless.into_iter().enumerate() {
        unless.extend(self::unless(
            log,
            &format!("{key}.unless[{at}]"),
            pattern.as_ref(),
            &one,
        ));
    }
    let url = written
        .url
        .as_deref()
        .and_then(|pattern| log.regex(&format!("{key}.url"), pattern));
    let mut status = Vec::new();
    for (at, one) in written.status.iter().enumerate() {
        status.extend(log.ok(&format!("{key}.status[{at}]"), status_range(one)));
    }
    let verify = written
        .verify
        .as_deref()
        .and_then(|name| log.ok(&format!("{key}.verify"), name.parse()));
    let quotable = written
        .quotable
        .and_then(|Pieces(name)| log.ok(&format!("{key}.quotable"), name.parse()));
    let names_secret =
        |pattern: &Regex| pattern.capture_names().flatten().any(|one| one == "secret");
    if verify.is_some() && !pattern.as_ref().is_some_and(names_secret) {
        log.add(
            &format!("{key}.verify"),
            "needs a group named secret in the pattern",
        );
    }
    if written.hints.iter().any(String::is_empty) {
        log.add(&format!("{key}.hints"), "holds an empty word");
    }
    Some(TextDetector {
        class: written
            .class
            .unwrap_or_else(|| id.rsplit('/').next().unwrap_or(id).to_owned()),
        shows,
        place: place?,
        pattern: pattern?,
        hints: written.hints,
        also,
        unless,
        url,
        status,
        media_types: written
            .media_type
            .iter()
            .map(|one| one.to_ascii_lowercase())
            .collect(),
        min_count: written.min_count.unwrap_or(1).max(1),
        raw: written.raw,
        quotable: quotable.unwrap_or(Quotable::No),
        verify,
    })
}

fn text_place(written: Option<&str>) -> Result<TextPlace, String> {
    match written {
        None | Some("body") => Ok(TextPlace::Body),
        Some("headers") => Ok(TextPlace::Headers),
        Some(other) => match other.strip_prefix("header:") {
            Some(name) if !name.is_empty() => Ok(TextPlace::Header(name.to_ascii_lowercase())),
            _ => Err(format!("{other:?} is none of body, headers, header:NAME")),
        },
    }
}

fn unless(
    log: &mut Log<'_>,
    key: &str,
    pattern: Option<&Regex>,
    written: &UnlessSyntax,
) -> Option<Unless> {
    let on = match written.on.as_deref() {
        None | Some("match") => UnlessOn::Match,
        Some("near") => UnlessOn::Near,
        Some("text") => UnlessOn::Text,
        Some("url") => UnlessOn::Url,
        Some(name) => {
            let known = |pattern: &Regex| pattern.capture_names().flatten().any(|one| one == name);
            if pattern.is_some_and(|pattern| !known(pattern)) {
                let message = format!("{name:?} is none of match, near, text, url, and no group");
                log.add(&format!("{key}.on"), message);
            }
            UnlessOn::Group(name.to_owned())
        }
    };
    let pattern = log.regex(&format!("{key}.pattern"), &written.pattern)?;
    Some(Unless { on, pattern })
}

pub(super) fn status_range(written: &StatusSyntax) -> Result<StatusRange, String> {
    let text = written.0.as_str();
    let wrong = || format!("{text:?} is no status such as 200 or 5xx");
    if let Some(class) = text.strip_suffix("xx") {
        let class: u16 = class.parse().map_err(|_| wrong())?;
        if !(1..=5).contains(&class) {
            return Err(wrong());
        }
        return Ok(StatusRange {
            from: class * 100,
            to: class * 100 + 99,
        });
    }
    let status = text.parse().map_err(|_| wrong())?;
    if !(100..=599).contains(&status) {
        return Err(wrong());
    }
    Ok(StatusRange {
        from: status,
        to: status,
    })
}

fn examples(
    log: &mut Log<'_>,
    key: &str,
    detectors: &[Arc<dyn Detector>],
    written: Vec<ExampleSyntax>,
) -> Vec<Example> {
    if written.is_empty() {
        log.add(
            key,
            "is missing: every probe shows at least one answer of each kind",
        );
    }
    let mut examples = Vec::new();
    for (at, one) in written.into_iter().enumerate() {
        let key = format!("{key}[{at}]");
        let compiled = example(one);
        let Some(example) = log.ok(&key, compiled) else {
            continue;
        };
        if !detectors.is_empty() && !detectors.iter().any(|one| fits(&**one, &example)) {
            log.add(
                &key,
                "is of a kind, or has answers to steps, that no detector of this probe looks at",
            );
        }
        examples.push(example);
    }
    examples
}

/// Returns true if a detector looks at examples of this kind.
fn fits(detector: &dyn Detector, example: &Example) -> bool {
    let experiments = detector.experiments();
    match example {
        Example::Static { .. } => detector.sink().is_none() && experiments.is_empty(),
        Example::Canary { .. } => detector.sink().is_some(),
        Example::Differential { answers, .. } => experiments.iter().any(|one| {
            answers.keys().all(|name| {
                let of_step = one.steps.iter().any(|step| {
                    step.name == *name || step.forms.iter().any(|form| form.name() == name)
                });
                of_step || one.controls.iter().any(|control| control.as_str() == name)
            })
        }),
    }
}

fn example(written: ExampleSyntax) -> Result<Example, String> {
    let why = written.why;
    if !written.answers.is_empty() {
        if written.body.is_some() || written.status.is_some() {
            return Err("has answers, and status or body beside them".to_owned());
        }
        return Ok(Example::Differential {
            place: place(written.place.as_deref())?,
            input: written.input.ok_or("lacks its input")?,
            method: match written.method.as_deref() {
                None => Method::Post,
                Some(name) => Method::ALL
                    .into_iter()
                    .find(|method| method.as_str() == name)
                    .ok_or_else(|| format!("{name:?} is no method"))?,
            },
            path: written.url.unwrap_or_else(|| "/".to_owned()),
            answers: answers(&written.answers)?,
            found: written.found.0,
            why,
        });
    }
    if written.method.is_some() || !written.found.0.is_empty() {
        return Err("has a method or findings without answers".to_owned());
    }
    let path = written.url.unwrap_or_else(|| "/".to_owned());
    let url = Url::parse("http://127.0.0.1/")
        .and_then(|base| base.join(&path))
        .map_err(|error| format!("{path:?} is no path: {error}"))?;
    let body = written.body.unwrap_or_default();
    let response = response(written.status, &written.headers, &body)?;
    match (written.place, written.input) {
        (None, None) => Ok(Example::Static { url, response, why }),
        (place, Some(input)) => Ok(Example::Canary {
            place: self::place(place.as_deref())?,
            input,
            elsewhere: written.elsewhere,
            url,
            response,
            why,
        }),
        (Some(_), None) => Err("lacks its input".to_owned()),
    }
}

fn answers(written: &BTreeMap<String, AnswerSyntax>) -> Result<BTreeMap<String, Response>, String> {
    let answer = |(name, answer): (&String, &AnswerSyntax)| {
        let response = response(answer.status, &answer.headers, &answer.body)?;
        Ok((name.clone(), response))
    };
    written.iter().map(answer).collect()
}

pub(super) fn place(written: Option<&str>) -> Result<Place, String> {
    let text = written.ok_or("lacks its place")?;
    Place::ALL
        .into_iter()
        .find(|place| place.as_str() == text)
        .ok_or_else(|| format!("{text:?} is no place of an input"))
}

fn response(
    status: Option<u16>,
    headers: &BTreeMap<String, Pieces>,
    body: &Pieces,
) -> Result<Response, String> {
    let status = status.unwrap_or(200);
    if !(100..=599).contains(&status) {
        return Err(format!("{status} is no status"));
    }
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.0.as_str()))
        .collect();
    for (_, text) in &headers {
        expand(text, "")?;
    }
    expand(&body.0, "")?;
    Ok(Response::of(status, &headers, &body.0))
}
