//! Finds things by the name that they were just given: `GET /books/{book_title}` after a `POST
//! /books` with a `book_title`.
//!
//! Owns: which details can be opened with a request's own values. Leaves out: what its answer names
//! (`near.rs`).

use serde_json::Value;

use crate::canary::Slot;
use crate::finding::Source;
use crate::http::Method;
use crate::ledger::Ledger;
use crate::plan::{BodyKind, Fill, Planner, RequestTemplate};
use crate::policy::may_send;
use crate::settings::Settings;
use crate::surface::{Endpoint, Place, Surface, naming};

/// How many reads follow one plant, at most.
const MAX_READS: usize = 3;

/// Returns the names and values of a request's inputs outside the path.
pub(crate) fn sent_values(
    template: &RequestTemplate,
    planted: &[Slot],
    ledger: &Ledger,
) -> Vec<(String, String)> {
    let plain = template
        .fills
        .iter()
        .filter_map(|(input, fill)| match fill {
            Fill::Plain(Value::String(text)) => {
                Some((input.place, input.name.clone(), text.clone()))
            }
            Fill::Plain(Value::Number(number)) => {
                Some((input.place, input.name.clone(), number.to_string()))
            }
            _ => None,
        });
    let canaries = planted.iter().filter_map(|slot| {
        let entry = ledger.entry(*slot)?;
        let Source { place, input, .. } = &entry.source;
        // A path would not carry a quoted or mistyped canary.
        let whole = matches!(template.fill(*place, input), Some(Fill::Canary(_)));
        whole.then(|| (*place, input.clone(), entry.canary.text.clone()))
    });
    plain
        .chain(canaries)
        .filter(|(place, ..)| place.in_body() || *place == Place::Query)
        .map(|(_, name, value)| (name, value))
        .collect()
}

/// Builds the reads of what was just stored, by the values that it was given. Covers the details of
/// the operation's own collection, and of its parent's (`/users/register`).
pub(crate) fn named_reads(
    settings: &Settings,
    surface: &Surface,
    planner: &Planner,
    planted: &str,
    values: &[(String, String)],
) -> Vec<RequestTemplate> {
    let parent = planted.rsplit_once('/').map_or("", |(parent, _)| parent);
    [planted, parent]
        .into_iter()
        .flat_map(|collection| {
            let items = format!("{}/{{", collection.trim_end_matches('/'));
            let below = move |endpoint: &&Endpoint| endpoint.id.path.as_str().starts_with(&items);
            surface.iter().filter(below)
        })
        .filter(|endpoint| endpoint.id.method == Method::Get)
        .filter(|endpoint| may_send(settings, &endpoint.id, &endpoint.summary).is_ok())
        .filter_map(|endpoint| named_read(planner, endpoint, values))
        .take(MAX_READS)
        .collect()
}

/// Builds the read of a detail by the sent value that its placeholder's name refers to.
pub(crate) fn named_read(
    planner: &Planner,
    endpoint: &Endpoint,
    values: &[(String, String)],
) -> Option<RequestTemplate> {
    let [placeholder] = endpoint.id.path.names()[..] else {
        return None;
    };
    let meant = values
        .iter()
        .filter_map(|(name, value)| Some((naming::distance(name, placeholder)?, value)));
    let (_, value) = meant.min_by_key(|(far, _)| *far)?;
    let input = endpoint.input(Place::Path, placeholder)?.clone();
    let template = planner.baseline(endpoint, BodyKind::None);
    Some(template.with(&input, Fill::Plain(Value::String(value.clone()))))
}
