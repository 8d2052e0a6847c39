//! Tests of the names that a finding had before it was merged with others.

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
            owasp: Vec::new(),
            asvs: Vec::new(),
            help: String::new(),
            severity: Severity::High,
            cwe: vec![200],
            why: "w".to_owned(),
            remediation: "r".to_owned(),
            needs_source: rule.contains("/canary-"),
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
    // Places that are not part of a fingerprint have no other name.
    let everywhere = Finding::new(Draft {
        merged_over: MergedOver::Everything,
        occurrences: vec![place("/a")],
        ..draft(dump, "/")
    });
    assert!(everywhere.unwrap().aliases().is_empty());
}
