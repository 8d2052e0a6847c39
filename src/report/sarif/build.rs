//! Converts a report to SARIF.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::exchange;
use super::model::{
    ArtifactLocation, AutomationDetails, CodeFlow, Configuration, Descriptor, Driver, Help,
    Invocation, Location, Log, LogicalLocation, Message, Notification, PhysicalLocation, Region,
    ResultMessage, ResultProperties, Rule, RuleProperties, Run, SarifResult, ThreadFlow,
    ThreadFlowLocation, Tool,
};
use crate::finding::{Severity, Verdict};
use crate::report::json::{BaselineV1, FindingV1, ProblemV1, ReportV2, SinkV1, SourceV1};
use crate::report::place::{host, sink_uri, sink_words, source_words, uri};
use crate::sanitise::sanitise;

/// Identifies the format; readers need not fetch it.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The URL that a driver must have: a page on what keyspill looks for, because the crate names no page
/// of its own.
const INFORMATION: &str = "https://cwe.mitre.org/data/definitions/200.html";

/// Builds the SARIF log of a report. An undetermined finding is not a result: a gate must not fail on
/// it.
pub(super) fn log(report: &ReportV2) -> Log {
    let told: Vec<&FindingV1> = report
        .known()
        .filter(|finding| finding.verdict != Verdict::Undetermined)
        .filter(|finding| report.shows(finding.verdict))
        .collect();
    let mut by_rule: BTreeMap<&str, &FindingV1> = BTreeMap::new();
    for finding in &told {
        by_rule.entry(&finding.rule).or_insert(finding);
    }
    // Indexes are looked up in the finished list, not counted during the loop.
    let ids: Vec<&str> = by_rule.keys().copied().collect();
    let host = host(&report.target.url);
    let results = told
        .iter()
        .map(|finding| {
            let index = ids
                .binary_search(&finding.rule.as_str())
                .unwrap_or_default();
            result(&host, finding, index)
        })
        .collect();
    Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: report.tool.name.clone(),
                    version: report.tool.version.clone(),
                    semantic_version: report.tool.version.clone(),
                    information_uri: INFORMATION,
                    rules: by_rule.values().map(|finding| rule(finding)).collect(),
                },
            },
            automation_details: AutomationDetails {
                // The part up to the last slash is the category, which must stay the same; the run
                // follows it.
                id: format!("keyspill/{host}/{}", report.run.id),
            },
            invocations: [Invocation {
                execution_successful: report.run.complete,
                start_time_utc: moment(report.run.started),
                end_time_utc: moment(report.run.finished),
                arguments: report.run.arguments.clone(),
                tool_execution_notifications: report.problems.iter().map(notification).collect(),
            }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

fn rule(finding: &FindingV1) -> Rule {
    let title = sentence(&harmless(&finding.title));
    // Braces would be read as placeholders (§3.11.5).
    let said = title.replace('{', "{{").replace('}', "}}");
    let why = if finding.why.is_empty() {
        title.clone()
    } else {
        sentence(&finding.why)
    };
    let mut tags = vec!["security".to_owned(), finding.category.clone()];
    tags.extend(
        finding
            .cwe
            .iter()
            .map(|cwe| format!("external/cwe/cwe-{cwe:03}")),
    );
    // `API8:2023` as owasp-api-2023/api8.
    let risks = finding.owasp.iter().filter_map(|id| id.split_once(':'));
    tags.extend(
        risks
            .map(|(risk, year)| format!("external/owasp-api-{year}/{}", risk.to_ascii_lowercase())),
    );
    tags.extend(
        finding
            .asvs
            .iter()
            .map(|id| format!("external/owasp-asvs/{id}")),
    );
    let links: Vec<String> = finding
        .cwe
        .iter()
        .map(|&cwe| format!("[CWE-{cwe}]({})", cwe_page(cwe)))
        .collect();
    Rule {
        id: finding.rule.clone(),
        name: pascal_case(&finding.rule),
        short_description: message(title.clone()),
        full_description: message(why.clone()),
        message_strings: BTreeMap::from([
            (FLOW, message(format!("{said} In: '{{0}}'. Out: '{{1}}'."))),
            (PLACE, message(format!("{said} Seen: '{{0}}'."))),
        ]),
        default_configuration: Configuration {
            level: level(finding.severity),
        },
        // Reports of version 1 do not contain the URL of the rule's page.
        help_uri: if finding.help.is_empty() {
            cwe_page(finding.cwe.first().copied().unwrap_or(200))
        } else {
            finding.help.clone()
        },
        help: Help {
            text: sentence(&format!("{why} Repair: {}", finding.remediation)),
            markdown: format!(
                "{why}\n\n**Repair**\n\n{}\n\n{}\n",
                finding.remediation,
                links.join(", ")
            ),
        },
        properties: RuleProperties {
            tags,
            precision: "high",
            security_severity: security_severity(finding.severity),
        },
    }
}

/// The id of the message for a finding with source and sink.
const FLOW: &str = "flow";
/// The id of the message for a finding that has only a place.
const PLACE: &str = "place";

fn result(host: &str, finding: &FindingV1, rule_index: usize) -> SarifResult {
    let telling = exchange::telling(&finding.evidence);
    SarifResult {
        rule_id: finding.rule.clone(),
        rule_index,
        kind: "fail",
        level: level(finding.severity),
        message: result_message(finding),
        locations: [Location {
            physical_location: PhysicalLocation {
                region: Region {
                    start_line: line(&finding.sink),
                    snippet: Some(message(finding.evidence.snippet.clone())),
                },
                artifact_location: ArtifactLocation {
                    uri: sink_uri(host, &finding.sink),
                },
            },
            ..sink_location(host, &finding.sink)
        }],
        related_locations: related(host, finding),
        partial_fingerprints: std::iter::once((
            "primaryLocationLineHash",
            finding.fingerprint.clone(),
        ))
        .chain(
            finding
                .fingerprints
                .iter()
                .map(|all| ("keyspill/v2", all.v2.clone())),
        )
        .collect(),
        code_flows: finding
            .source
            .as_ref()
            .map(|source| code_flow(host, source, &finding.sink))
            .into_iter()
            .collect(),
        baseline_state: finding.baseline.map(|state| match state {
            BaselineV1::New => "new",
            BaselineV1::Unchanged => "unchanged",
        }),
        web_request: telling.and_then(|one| exchange::request(&one.request)),
        web_response: telling.and_then(|one| exchange::response(one.response.as_deref())),
        properties: ResultProperties {
            severity: finding.severity.as_str(),
            verdict: finding.verdict.as_str(),
            transform: finding.transform.clone(),
            curl: finding.evidence.curl.clone(),
        },
    }
}

fn result_message(finding: &FindingV1) -> ResultMessage {
    let title = sentence(&harmless(&finding.title));
    let sink = harmless(&sink_words(&finding.sink));
    match &finding.source {
        Some(source) => {
            let source = harmless(&source_words(source));
            ResultMessage {
                id: FLOW,
                text: format!("{title} In: '{source}'. Out: '{sink}'."),
                arguments: vec![source, sink],
            }
        }
        None => ResultMessage {
            id: PLACE,
            text: format!("{title} Seen: '{sink}'."),
            arguments: vec![sink],
        },
    }
}

fn related(host: &str, finding: &FindingV1) -> Vec<Location> {
    let mut locations = Vec::new();
    for occurrence in &finding.occurrences {
        let (words, location) = match (&occurrence.source, &occurrence.sink) {
            (Some(source), Some(sink)) => (
                format!(
                    "In: '{}'. Out: '{}'.",
                    harmless(&source_words(source)),
                    harmless(&sink_words(sink))
                ),
                sink_location(host, sink),
            ),
            (Some(source), None) => (
                format!("In: '{}'.", harmless(&source_words(source))),
                source_location(host, source),
            ),
            (None, Some(sink)) => (
                format!("Out: '{}'.", harmless(&sink_words(sink))),
                sink_location(host, sink),
            ),
            (None, None) => continue,
        };
        locations.push(Location {
            id: Some(locations.len() + 1),
            message: Some(message(words)),
            ..location
        });
    }
    locations
}

fn code_flow(host: &str, source: &SourceV1, sink: &SinkV1) -> CodeFlow {
    let planted = Location {
        message: Some(message(format!(
            "Planted: '{}'.",
            harmless(&source_words(source))
        ))),
        ..source_location(host, source)
    };
    let seen = Location {
        message: Some(message(format!("Seen: '{}'.", harmless(&sink_words(sink))))),
        ..sink_location(host, sink)
    };
    let step = |(location, execution_order)| ThreadFlowLocation {
        execution_order,
        location,
    };
    CodeFlow {
        thread_flows: [ThreadFlow {
            locations: [planted, seen].into_iter().zip(1..).map(step).collect(),
        }],
    }
}

fn source_location(host: &str, source: &SourceV1) -> Location {
    location(uri(host, &source.path), 1, source_words(source), "member")
}

fn sink_location(host: &str, sink: &SinkV1) -> Location {
    location(
        sink_uri(host, sink),
        line(sink),
        sink_words(sink),
        "resource",
    )
}

/// Creates a location. It always has a region, because code scanning refuses a location without a line.
fn location(uri: String, start_line: u64, name: String, kind: &'static str) -> Location {
    Location {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri },
            region: Region {
                start_line,
                snippet: None,
            },
        },
        logical_locations: [LogicalLocation {
            fully_qualified_name: name,
            kind,
        }],
        message: None,
    }
}

fn line(sink: &SinkV1) -> u64 {
    match sink {
        SinkV1::File {
            line: Some(line), ..
        } => (*line).max(1),
        _ => 1,
    }
}

fn notification(problem: &ProblemV1) -> Notification {
    Notification {
        descriptor: Descriptor {
            id: problem.code.clone(),
        },
        level: "warning",
        message: message(sentence(&sanitise(&problem.message))),
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn cwe_page(cwe: u32) -> String {
    format!("https://cwe.mitre.org/data/definitions/{cwe}.html")
}

fn message(text: String) -> Message {
    Message { text }
}

/// Adds a full stop if missing, as the standard recommends for messages.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with('.') {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Makes a name from the target harmless: on one line, and never a link (`[text](1)`, §3.11.6).
fn harmless(text: &str) -> String {
    sanitise(text).replace("](", "] (")
}

/// Converts `data-exposure/stored-canary` to `StoredCanary`.
fn pascal_case(rule: &str) -> String {
    let name = rule.rsplit('/').next().unwrap_or(rule);
    name.split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + letters.as_str()
            })
        })
        .collect()
}

fn moment(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC)
        .format(&Rfc3339)
        .unwrap_or_default()
}
