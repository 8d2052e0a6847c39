//! How a finding is identified across runs, in two versions.
//!
//! This module defines what is part of a fingerprint, and when two path templates are equal. Which
//! findings of two reports are the same is decided in `baseline`.
//!
//! A fingerprint is a SHA-256 hash of its version, the rule, the source (method, path template,
//! place, input), the sink (method, path template, place, field) and the class (detector id or
//! exception type). Host, port, status, transform, canary and evidence are not part of it. Every
//! part is preceded by its length; a placeholder is `{}` whatever its name; parts that a rule
//! merges over are empty.
//!
//! | | version 1 | version 2 |
//! | --- | --- | --- |
//! | literal segments of a path | as they are | `{}` if they look like an id |
//! | an input in the path | which placeholder it is, from 0 | which segment it is in, and which placeholder of that segment |
//!
//! Version 1 changes with the crawl: `/orders/1` is one operation if a single link led to it, and
//! `/orders/{id}` if two did. Version 2 is the same for both.
//!
//! # The alias rule
//!
//! A segment *looks like an id* if all of it is digits, a UUID, or at least 16 hexadecimal digits
//! (a MongoDB `ObjectId` has 24). Two findings are the same if any of their fingerprints (version
//! 1, version 2, or `aliases`) is equal. A version 1 report has no version 2 fingerprints and does
//! not give the class. There, a finding whose source or sink has a different template is the same
//! if rule, source and sink are equal once such segments count as `{}`.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::finding::{Draft, MergedOver, Sink, Source};
use crate::surface::{Place, Template};
use crate::words::is_uuid;

/// The parts of a fingerprint.
#[derive(Clone, Copy, Debug)]
pub struct FingerprintParts<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// Detector id or exception type.
    pub class: &'a str,
    /// Where the canary went in.
    pub source: Option<&'a Source>,
    /// Where it came out.
    pub sink: &'a Sink,
    /// The parts that the rule merges over.
    pub merged_over: MergedOver,
}

impl<'a> FingerprintParts<'a> {
    /// Returns the identity of a finding.
    pub fn of(draft: &'a Draft) -> Self {
        Self {
            rule: &draft.rule.id,
            class: &draft.class,
            source: draft.source.as_ref(),
            sink: &draft.sink,
            merged_over: draft.merged_over,
        }
    }
}

/// Returns the version 1 fingerprint: 64 hexadecimal digits.
pub fn v1(of: FingerprintParts<'_>) -> String {
    digest(&parts(of, "keyspill/1", Template::anonymous, ordinal))
}

/// Returns the version 2 fingerprint: 64 hexadecimal digits.
pub fn v2(of: FingerprintParts<'_>) -> String {
    let segment = |source: &Source| position(source.endpoint.path.as_str(), &source.input);
    let template = |path: &Template| folded(path.as_str());
    digest(&parts(of, "keyspill/2", template, segment))
}

/// Returns a path template with placeholders, and literal segments that look like ids, as `{}`.
pub fn folded(path: &str) -> String {
    let path = match path.split_once('#') {
        // A field of a GraphQL schema follows the path.
        Some((path, field)) => return format!("{}#{field}", folded(path)),
        None => Template::new(path).anonymous(),
    };
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| {
            if looks_like_an_id(segment) {
                "{}"
            } else {
                segment
            }
        })
        .collect();
    segments.join("/")
}

/// Returns where a placeholder is: its segment, and its number within the segment.
pub fn position(path: &str, name: &str) -> String {
    let written = format!("{{{name}}}");
    path.split('/')
        .enumerate()
        .find_map(|(segment, text)| {
            let at = text.find(&written)?;
            let before = text.get(..at)?.matches('{').count();
            Some(format!("{segment}.{before}"))
        })
        .unwrap_or_default()
}

fn looks_like_an_id(segment: &str) -> bool {
    let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits || (segment.len() >= 16 && hex(segment)) || is_uuid(segment)
}

/// Returns the number of an input's placeholder in its template.
fn ordinal(source: &Source) -> String {
    let names = source.endpoint.path.names();
    let position = names.iter().position(|name| *name == source.input);
    position.unwrap_or(0).to_string()
}

fn parts(
    of: FingerprintParts<'_>,
    version: &str,
    template: impl Fn(&Template) -> String,
    in_path: impl Fn(&Source) -> String,
) -> Vec<String> {
    let mut parts = vec![version.to_owned(), of.rule.to_owned()];
    let all = of.merged_over == MergedOver::Everything;
    match of.source {
        Some(source) if !all => {
            parts.push(source.endpoint.method.to_string());
            parts.push(template(&source.endpoint.path));
            if of.merged_over == MergedOver::Inputs {
                parts.extend([String::new(), String::new()]);
            } else {
                parts.push(source.place.to_string());
                parts.push(if source.place == Place::Path {
                    in_path(source)
                } else {
                    source.input.clone()
                });
            }
        }
        _ => parts.extend([const { String::new() }; 4]),
    }
    if all {
        parts.extend([const { String::new() }; 4]);
    } else {
        parts.push(of.sink.endpoint.method.to_string());
        parts.push(template(&of.sink.endpoint.path));
        parts.push(of.sink.place.to_string());
        parts.push(of.sink.field.clone());
    }
    parts.push(of.class.to_owned());
    parts
}

fn digest(parts: &[String]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // The length comes first, so that ("ab", "c") and ("a", "bc") differ.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_that_look_like_ids_count_as_placeholders() {
        for (path, expected) in [
            ("/orders/1", "/orders/{}"),
            ("/orders/{order_id}", "/orders/{}"),
            ("/o/65f0c0ffee65f0c0ffee65f0/x", "/o/{}/x"),
            ("/o/6F1C2A34-9b1d-4e52-8a77-0c3f5d9e1b20", "/o/{}"),
            ("/o/0123456789abcdef", "/o/{}"),
            ("/export/{id}.csv", "/export/{}.csv"),
            ("/graphql#field1", "/graphql#field1"),
            // Not ids: versions, words, short hexadecimal numbers, a file.
            ("/v1/facade", "/v1/facade"),
            ("/o/0123456789abcde", "/o/0123456789abcde"),
            ("/o/1.csv", "/o/1.csv"),
            ("/o/1-2", "/o/1-2"),
            ("/", "/"),
            ("//x", "//x"),
        ] {
            assert_eq!(folded(path), expected);
        }
    }

    #[test]
    fn an_input_in_the_path_is_where_it_stands() {
        assert_eq!(position("/a/1/b/{name}", "name"), "4.0");
        assert_eq!(position("/a/{id}/b/{name}", "name"), "4.0");
        assert_eq!(position("/a/{from}-{to}", "to"), "2.1");
        assert_eq!(position("/a", "gone"), "");
    }
}
