//! The output of `flask routes`.

use super::super::clues::source::rule_to_template;
use super::super::found::{Call, Found};
use crate::http::Method;
use crate::surface::{Input, Place, Provenance};

/// Reads the routes of a table whose header row names `Methods` and `Rule`.
pub(super) fn lines(text: &str) -> Option<Found> {
    let mut lines = text.lines();
    let head = lines.by_ref().find(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.contains(&"Methods") && words.contains(&"Rule")
    })?;
    let head: Vec<&str> = head.split_whitespace().collect();
    let methods_at = head.iter().position(|word| *word == "Methods")?;
    let rule_at = head.iter().position(|word| *word == "Rule")?;
    let mut found = Found::default();
    for line in lines {
        // "GET, POST" is one column: the comma joins them.
        let joined = line.replace(", ", ",");
        let columns: Vec<&str> = joined.split_whitespace().collect();
        let (Some(methods), Some(rule)) = (columns.get(methods_at), columns.get(rule_at)) else {
            continue;
        };
        if !rule.starts_with('/') {
            continue;
        }
        if rule.ends_with("/<path:filename>") {
            found.leave_out(rule, "it serves static files");
            continue;
        }
        for method in methods
            .split(',')
            .filter_map(|name| name.parse::<Method>().ok())
        {
            if !matches!(method, Method::Head | Method::Options) {
                let (template, hints) = rule_to_template(rule);
                let inputs = hints.into_iter().map(|(name, hint)| {
                    Input::new(Place::Path, &name, Provenance::Import)
                        .with_hint(hint)
                        .required()
                });
                let call = Call::new(method, template, Provenance::Import);
                found.push(call.with_inputs(inputs.collect()));
            }
        }
    }
    Some(found)
}
