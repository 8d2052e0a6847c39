//! Formats a survey for people.

use super::super::lines::{Lines, Style};
use super::{EndpointV1, InputV1, SurveyV1};

/// The widest path that widens its column.
const WIDEST_PATH: usize = 48;

/// The indentation of an operation's details.
const INDENT: usize = 13;

/// Formats the survey as text. A row is one line whatever its length, so that it can be searched; the
/// details below a row are wrapped at `width`.
pub fn table(survey: &SurveyV1, width: usize, color: bool) -> String {
    let mut lines = Lines::new(width, color);
    let widest = survey.endpoints.iter().map(|row| row.path.chars().count());
    let path_width = widest.max().unwrap_or(0).clamp(4, WIDEST_PATH);
    if !survey.endpoints.is_empty() {
        let head = format!("METHOD  HTTP {:path_width$}  FOUND BY", "PATH");
        lines.cut(0, &head, Some(Style::Bold));
    }
    for row in &survey.endpoints {
        let status = row
            .status
            .map_or("-".to_owned(), |status| status.to_string());
        let found = row.discovered_by.join(", ");
        let (method, path) = (&row.method, &row.path);
        lines.long(
            0,
            &format!("{method:7} {status:>4} {path:path_width$}  {found}"),
        );
        lines.wrapped(INDENT, &inputs(row), Some(Style::Dim));
    }
    let marked = |test: fn(&InputV1) -> bool| {
        survey
            .endpoints
            .iter()
            .flat_map(|row| &row.inputs)
            .any(test)
    };
    let required = marked(|input| input.required && input.place != "path");
    let credential = marked(|input| input.credential_like);
    let legend = match (required, credential) {
        (true, true) => "* required, ! credential-like",
        (true, false) => "* required",
        (false, true) => "! credential-like",
        (false, false) => "",
    };
    lines.wrapped(0, legend, Some(Style::Dim));
    unreached(&mut lines, survey);
    lines.blank();
    lines.wrapped(0, &coverage(survey), Some(Style::Bold));
    lines.wrapped(0, &sources(survey), None);
    for problem in &survey.problems {
        let text = format!("problem: {} ({})", problem.message, problem.code);
        lines.wrapped(0, &text, None);
    }
    if !survey.run.complete {
        let text = "The crawl stopped early: there may be more.";
        lines.wrapped(0, text, Some(Style::Bold));
    }
    lines.finish()
}

/// Lists an operation's inputs: `query page, limit; header x-api-key*!`.
fn inputs(row: &EndpointV1) -> String {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for input in &row.inputs {
        let required = if input.required && input.place != "path" {
            "*"
        } else {
            ""
        };
        let credential = if input.credential_like { "!" } else { "" };
        let name = if input.name.is_empty() {
            "(whole body)"
        } else {
            &input.name
        };
        let text = format!("{name}{required}{credential}");
        match groups.iter_mut().find(|(place, _)| *place == input.place) {
            Some((_, names)) => names.push(text),
            None => groups.push((&input.place, vec![text])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(place, names)| format!("{place} {}", names.join(", ")));
    groups.collect::<Vec<_>>().join("; ")
}

fn unreached(lines: &mut Lines, survey: &SurveyV1) {
    let rows = || {
        let rows = survey.endpoints.iter();
        rows.filter_map(|row| Some((row, row.unreached.as_deref()?)))
    };
    let count = rows().count();
    if count == 0 {
        return;
    }
    lines.blank();
    lines.wrapped(0, &format!("not reached: {count}"), Some(Style::Bold));
    for (row, why) in rows() {
        lines.wrapped(2, &format!("{} {}: {why}", row.method, row.path), None);
    }
}

fn coverage(survey: &SurveyV1) -> String {
    let coverage = &survey.coverage;
    format!(
        "coverage: {} endpoints ({} reached), {} inputs, {} requests, {} failed",
        coverage.endpoints,
        coverage.reached,
        coverage.inputs,
        coverage.requests,
        coverage.failed_requests,
    )
}

/// Lists the sources: `found by: link (12 endpoints, 3 inputs), form (2 endpoints, 9 inputs)`.
fn sources(survey: &SurveyV1) -> String {
    let mut sources: Vec<_> = survey.coverage.by_source.iter().collect();
    if sources.is_empty() {
        return String::new();
    }
    sources.sort_by_key(|(_, count)| std::cmp::Reverse((count.endpoints, count.inputs)));
    let parts: Vec<String> = sources
        .into_iter()
        .map(|(name, count)| {
            format!(
                "{name} ({} endpoints, {} inputs)",
                count.endpoints, count.inputs
            )
        })
        .collect();
    format!("found by: {}", parts.join(", "))
}
