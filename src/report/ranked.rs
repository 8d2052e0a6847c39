//! Findings in one line each, ranked.
//!
//! Owns: the line (severity, short fingerprint, rule, way, verdict, places), how it is cut, and which
//! lines are grouped. Leaves out: evidence and fix (`text.rs`).

use super::json::{BaselineV1, FindingV1, SinkV1};
use super::lines::{Lines, Style, clipped, width};
use super::place::{sink_words, source_words};
use crate::finding::Finding;

/// The number of a fingerprint's characters that a line shows; `keyspill show` finds the rest.
const SHORT: usize = 8;

/// The width of the severity column, so that all lines align.
const SEVERITY: usize = "CRITICAL".len();

/// The least room for the way; less would be meaningless.
const LEAST_WAY: usize = 9;

/// Formats one finding during a running scan. Names go through `mask` before anything is cut, because
/// half a secret would no longer be recognised.
pub fn line(finding: &Finding, width: usize, mask: impl Fn(&str) -> String) -> String {
    let mut finding = super::json::published(finding);
    if let Some(source) = &mut finding.source {
        source.path = mask(&source.path);
        source.input = mask(&source.input);
    }
    if let SinkV1::Http {
        path, place, field, ..
    } = &mut finding.sink
    {
        *path = mask(path);
        *place = mask(place);
        *field = field.take().map(|field| mask(&field));
    }
    let mut lines = Lines::new(width, false);
    one(&mut lines, 0, &finding);
    lines.finish()
}

/// Lists all findings in order, those of one group under the line of its first.
pub(super) fn all(lines: &mut Lines, findings: &[&FindingV1]) {
    let mut told: Vec<&str> = Vec::new();
    for finding in findings {
        let Some(group) = finding.group.as_deref() else {
            one(lines, 0, finding);
            continue;
        };
        if told.contains(&group) {
            continue;
        }
        told.push(group);
        let members: Vec<&FindingV1> = findings
            .iter()
            .copied()
            .filter(|other| other.group.as_deref() == Some(group))
            .collect();
        if members.len() > 1 {
            let title = format!("{group}: {} findings of one cause", members.len());
            lines.cut(0, &title, Some(Style::Of(finding.severity)));
        }
        let indent = if members.len() > 1 { 2 } else { 0 };
        for member in members {
            one(lines, indent, member);
        }
    }
}

/// Returns the start of a fingerprint that lines show.
pub(super) fn short(fingerprint: &str) -> &str {
    fingerprint.get(..SHORT).unwrap_or(fingerprint)
}

fn one(lines: &mut Lines, indent: usize, finding: &FindingV1) {
    let severity = finding.severity.as_str().to_uppercase();
    let head = |rule: &str| {
        format!(
            "{severity:SEVERITY$} {} {rule}",
            short(&finding.fingerprint)
        )
    };
    let tail = tail(finding);
    let room = |head: &str| {
        let taken = indent + width(head) + width(&tail) + 4;
        lines
            .columns()
            .map_or(usize::MAX, |all| all.saturating_sub(taken))
    };
    let whole = head(&finding.rule);
    let needed = width(&way(finding, usize::MAX));
    // Where a key goes in and comes out matters more than the rule's category.
    let name = finding.rule.rsplit('/').next().unwrap_or(&finding.rule);
    let head = if room(&whole) < needed {
        head(name)
    } else {
        whole
    };
    let room = room(&head);
    let way = if room < LEAST_WAY {
        String::new()
    } else {
        format!("  {}", way(finding, room))
    };
    // The rule's name is never cut: on a terminal that is too narrow, the line wraps.
    lines.marked(
        indent,
        &head,
        &format!("{way}  {tail}"),
        Style::Of(finding.severity),
    );
}

/// Formats the end of a line: `confirmed, new, 3 places`.
fn tail(finding: &FindingV1) -> String {
    let mut tail = finding.verdict.as_str().to_owned();
    tail.push_str(match finding.baseline {
        Some(BaselineV1::New) => ", new",
        Some(BaselineV1::Unchanged) => ", unchanged",
        None => "",
    });
    let places = finding.occurrences.len() + 1;
    if places > 1 {
        tail.push_str(", ");
        tail.push_str(&places.to_string());
        tail.push_str(" places");
    }
    tail
}

/// Formats the way in at most `room` columns: `query key of POST /keys -> body key of GET /keys/{id}`.
/// The beginning matters most; if the two ends do not fit, each gets half, or what the other leaves.
fn way(finding: &FindingV1, room: usize) -> String {
    let sink = sink(finding);
    let Some(source) = finding.source.as_ref().map(source_words) else {
        return clipped(&sink, room);
    };
    join(&source, &sink, room)
}

/// Joins two ends with an arrow.
pub(super) fn join(source: &str, sink: &str, room: usize) -> String {
    const ARROW: &str = " -> ";
    let both = room.saturating_sub(ARROW.len());
    let half = both / 2;
    let for_sink = half.max(both.saturating_sub(width(source)));
    let sink = clipped(sink, for_sink);
    let source = clipped(source, both.saturating_sub(width(&sink)));
    format!("{source}{ARROW}{sink}")
}

/// Describes the sink, without its operation if that equals the source's.
fn sink(finding: &FindingV1) -> String {
    match (&finding.source, &finding.sink) {
        (
            Some(source),
            SinkV1::Http {
                method,
                path,
                place,
                field,
            },
        ) if source.method == *method && source.path == *path => match field {
            Some(field) => format!("{place} {field}"),
            None => place.clone(),
        },
        (_, sink) => sink_words(sink),
    }
}
