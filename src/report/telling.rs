//! The most informative flows: why each is not a finding, and what would make it one.
//!
//! Owns: the choice of flows, and their wording. Leaves out: the judgement itself (`credential`).

use super::json::{FlowV1, JudgementV2, ReportV2, SinkV1};
use super::lines::{Lines, Style};
use super::place::{sink_words, source_words};
use super::ranked::join;

/// The most flows shown; report.json contains the rest.
const MOST: usize = 8;

/// The indentation of a flow's details.
const INDENT: usize = 4;

/// Lists the most informative flows, each input at most once.
pub(super) fn flows(lines: &mut Lines, report: &ReportV2) {
    let mut flows: Vec<&FlowV1> = report.flows.iter().collect();
    if flows.is_empty() {
        return;
    }
    flows.sort_by_key(|flow| rank(flow));
    let mut shown: Vec<&FlowV1> = Vec::new();
    for flow in flows {
        if shown.len() == MOST {
            break;
        }
        if !shown.iter().any(|other| other.source == flow.source) {
            shown.push(flow);
        }
    }
    let all = report.flows.len();
    let title = if shown.len() == all {
        "flows that are no findings:".to_owned()
    } else {
        format!(
            "flows that are no findings ({} of {all}; all are in report.json):",
            shown.len()
        )
    };
    lines.cut(0, &title, Some(Style::Bold));
    for flow in shown {
        let room = lines
            .columns()
            .map_or(usize::MAX, |all| all.saturating_sub(2));
        let sink = sink_words(&flow.sink);
        lines.cut(2, &join(&source_words(&flow.source), &sink, room), None);
        lines.wrapped(INDENT, &why(flow), Some(Style::Dim));
    }
    lines.blank();
}

/// Ranks weak names first, then whatever another operation returns, then whatever appears outside the
/// body.
fn rank(flow: &FlowV1) -> (bool, bool, bool) {
    let (elsewhere, outside) = match &flow.sink {
        SinkV1::Http {
            method,
            path,
            place,
            ..
        } => (
            *method != flow.source.method || *path != flow.source.path,
            place != "body",
        ),
        SinkV1::File { .. } | SinkV1::Database { .. } => (true, true),
    };
    (flow.why_not.is_none(), !elsewhere, !outside)
}

/// Explains a flow: `not a credential: …; --credential-name '^key$' makes it one`.
fn why(flow: &FlowV1) -> String {
    let name = &flow.source.input;
    if name == "*" {
        return "a name that keyspill made up, not an input of the application".to_owned();
    }
    let reason = match &flow.why_not {
        Some(JudgementV2 {
            speaks_against,
            decided,
            ..
        }) => match (decided.is_empty(), speaks_against.is_empty()) {
            (false, _) => decided.clone(),
            (true, false) => speaks_against.join(", "),
            (true, true) => "nothing speaks for it".to_owned(),
        },
        None => "its name is no credential's".to_owned(),
    };
    format!(
        "not a credential: {reason}; --credential-name {} makes it one",
        quoted(&format!("^{}$", regex::escape(name)))
    )
}

/// Returns one line per input that may be a credential, with the reasons for the judgement: for `-v`.
pub fn judgements(report: &ReportV2) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &report.surface {
        for input in &row.inputs {
            let Some(judged) = &input.credential else {
                continue;
            };
            let silent = judged.standing == "no"
                && judged.speaks_for.is_empty()
                && judged.speaks_against.is_empty();
            if silent {
                continue;
            }
            let reasons = |what: &str, reasons: &[String]| match reasons {
                [] => String::new(),
                reasons => format!("; {what}: {}", reasons.join(", ")),
            };
            lines.push(format!(
                "credential? {}: {} {} {} {} ({}{}{})",
                judged.standing,
                row.method,
                row.path,
                input.place,
                input.name,
                judged.decided,
                reasons("for", &judged.speaks_for),
                reasons("against", &judged.speaks_against),
            ));
        }
    }
    lines
}

/// Quotes a text for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json::SourceV1;
    use crate::surface::Place;

    fn flow(input: &str, sink: &str, weak: bool) -> FlowV1 {
        FlowV1 {
            source: SourceV1 {
                method: "GET".to_owned(),
                path: "/a".to_owned(),
                place: Place::Query,
                input: input.to_owned(),
            },
            sink: SinkV1::Http {
                method: "GET".to_owned(),
                path: sink.to_owned(),
                place: "body".to_owned(),
                field: None,
            },
            transform: None,
            count: 1,
            why_not: weak.then(|| JudgementV2 {
                speaks_against: vec!["its record has a value beside it".to_owned()],
                ..JudgementV2::default()
            }),
        }
    }

    #[test]
    fn weak_names_come_first_and_then_what_comes_out_elsewhere() {
        let mut flows = [
            flow("q", "/a", false),
            flow("r", "/b", false),
            flow("key", "/a", true),
        ];
        flows.sort_by_key(rank);
        let order: Vec<&str> = flows.iter().map(|one| one.source.input.as_str()).collect();
        assert_eq!(order, ["key", "r", "q"]);
    }

    #[test]
    fn a_flow_says_why_and_what_would_make_it_a_finding() {
        assert_eq!(
            why(&flow("key", "/a", true)),
            "not a credential: its record has a value beside it; --credential-name '^key$' makes it one"
        );
        assert!(why(&flow("a.b[]'c", "/a", false)).contains(r"'^a\.b\[\]'\''c$'"));
        assert!(!why(&flow("*", "/a", false)).contains("--credential-name"));
    }
}
