//! What makes two findings the same one in two runs.
//!
//! Owns: the fingerprint (DESIGN.md, "Fingerprint"). Leaves out: which findings are merged
//! (`pipeline`), and how two reports are compared (`report`).

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{Draft, MergedOver, Sink, Source};
use crate::surface::Place;

/// What a fingerprint is made of (DESIGN.md, "Fingerprint").
#[derive(Clone, Copy)]
pub(super) struct Identity<'a> {
    /// The rule's id.
    pub(super) rule: &'a str,
    /// Detector id or exception type.
    pub(super) class: &'a str,
    /// Where it went in.
    pub(super) source: Option<&'a Source>,
    /// Where it came out.
    pub(super) sink: &'a Sink,
    /// What takes no part.
    pub(super) merged_over: MergedOver,
}

impl<'a> Identity<'a> {
    /// That of a finding.
    pub(super) fn of(draft: &'a Draft) -> Self {
        Self {
            rule: &draft.rule.id,
            class: &draft.class,
            source: draft.source.as_ref(),
            sink: &draft.sink,
            merged_over: draft.merged_over,
        }
    }

    /// SHA-256 over version, rule, source, sink and class. No host, port, status, transform, canary
    /// or evidence takes part; placeholders are `{}`, and a path input is its position.
    pub(super) fn fingerprint(self) -> String {
        let mut parts = vec!["keyspill/1".to_owned(), self.rule.to_owned()];
        let all = self.merged_over == MergedOver::Everything;
        match self.source {
            Some(source) if !all => {
                parts.push(source.endpoint.method.to_string());
                parts.push(source.endpoint.path.anonymous());
                if self.merged_over == MergedOver::Inputs {
                    parts.extend([String::new(), String::new()]);
                } else {
                    parts.push(source.place.to_string());
                    parts.push(input_name(source));
                }
            }
            _ => parts.extend([const { String::new() }; 4]),
        }
        if all {
            parts.extend([const { String::new() }; 4]);
        } else {
            parts.push(self.sink.endpoint.method.to_string());
            parts.push(self.sink.endpoint.path.anonymous());
            parts.push(self.sink.place.to_string());
            parts.push(self.sink.field.clone());
        }
        parts.push(self.class.to_owned());
        let mut hasher = Sha256::new();
        for part in parts {
            // Length first, so that ("ab", "c") and ("a", "bc") differ.
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
}

fn input_name(source: &Source) -> String {
    if source.place == Place::Path {
        let names = source.endpoint.path.names();
        let position = names
            .iter()
            .position(|name| *name == source.input)
            .unwrap_or(0);
        return position.to_string();
    }
    source.input.clone()
}

#[cfg(test)]
mod tests {
    use super::super::{
        Covered, Evidence, ExchangeText, Finding, Occurrence, Role, RuleInfo, Severity, SinkPlace,
        Verdict,
    };
    use super::*;
    use crate::http::Method;
    use crate::surface::EndpointId;

    fn sink(path: &str) -> Sink {
        Sink {
            endpoint: EndpointId::new(Method::Get, path),
            place: SinkPlace::Body,
            field: String::new(),
        }
    }

    fn draft(rule: &str, at: &str) -> Draft {
        Draft {
            rule: RuleInfo {
                id: rule.to_owned(),
                title: "Secret".to_owned(),
                title_any: None,
                group: None,
                severity: Severity::High,
                cwe: vec![200],
                why: "w".to_owned(),
                remediation: "r".to_owned(),
            },
            verdict: Verdict::Confirmed,
            source: None,
            sink: sink(at),
            class: "config-dump".to_owned(),
            merged_over: MergedOver::Nothing,
            occurrences: Vec::new(),
            covers: Vec::new(),
            transform: None,
            evidence: Evidence {
                snippet: "s".to_owned(),
                curl: vec!["curl".to_owned()],
                exchanges: vec![ExchangeText {
                    role: Role::Read,
                    request: "GET".to_owned(),
                    response: None,
                }],
            },
            planted_at: None,
            first_seen: None,
            last_seen: None,
        }
    }

    #[test]
    fn a_merged_finding_knows_the_fingerprints_that_its_places_had_alone() {
        let alone = |rule: &str, at: &str| Finding::new(draft(rule, at)).unwrap();
        let dump = "data-exposure/config-dump";
        let field = "data-exposure/sensitive-field";
        let place = |at: &str| Occurrence {
            source: None,
            sink: Some(sink(at)),
        };
        let merged = Finding::new(Draft {
            occurrences: vec![place("/a"), place("/"), place("/b"), place("/a")],
            covers: vec![Covered {
                rule: field.to_owned(),
                class: "config-dump".to_owned(),
                sink: sink("/"),
            }],
            ..draft(dump, "/")
        })
        .unwrap();
        assert_eq!(merged.fingerprint(), alone(dump, "/").fingerprint());
        let mut expected = [(dump, "/a"), (dump, "/b"), (field, "/")]
            .map(|(rule, at)| alone(rule, at).fingerprint().to_owned());
        expected.sort();
        assert_eq!(merged.aliases(), expected);
        assert!(alone(dump, "/").aliases().is_empty());
        // Places that no fingerprint names have no other.
        let everywhere = Finding::new(Draft {
            merged_over: MergedOver::Everything,
            occurrences: vec![place("/a")],
            ..draft(dump, "/")
        });
        assert!(everywhere.unwrap().aliases().is_empty());
    }
}
