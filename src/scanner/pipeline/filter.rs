//! A filter in front of the application that lets no canary through.
//!
//! Owns: deciding when one answer to nearly all canaries comes from a filter, and the control that
//! settles it. Leaves out: a target of which nothing can be seen at all (`wall.rs`), or no longer
//! (`lookout.rs`).
//!
//! A status of refusal to any text, or no answer, is proof of a filter by itself. Anything else is only
//! a suspicion: an application may give the same answer to everything it does not know. A canary is
//! then sent where no application reads it. If that gets the same answer as all other canaries, while a
//! plain request does not, the answer does not come from the application.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::scan::Scan;
use crate::canary::Shape;
use crate::confirm::controls::NONSENSE;
use crate::crawl::Crawl;
use crate::finding::{Problem, Role};
use crate::http::{Transport, likeness};
use crate::ledger::{Entry, Ledger};
use crate::observe::{Observation, Outcome};
use crate::plan::{Fill, RequestTemplate, bodies};
use crate::progress::Progress;
use crate::send::Executor;
use crate::surface::{Endpoint, EndpointId, Input, Place, Provenance, Surface};

/// The percentage of canaries that must be blocked for a filter to be assumed.
const FILTERED: usize = 75;
/// The number of operations that must answer alike to raise the suspicion, and to settle it.
const OPERATIONS: usize = 3;
/// A word sent first in place of the canary, because an application may refuse the name of the input
/// itself.
const PLAIN: &str = "sample";

/// A filter, and how it answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    status: Option<u16>,
    /// The common answer; `None` if any status of refusal counts.
    likeness: Option<u64>,
}

impl Filter {
    /// Returns true if the canary was not answered by the filter, as far as the answer shows.
    pub(super) fn let_through(&self, entry: &Entry) -> bool {
        // Short canaries may get past a filter, so they prove little.
        entry.canary.shape.is_strong()
            && match self.likeness {
                Some(likeness) => entry.reply.likeness != Some(likeness),
                None => !entry.reply.status.is_some_and(is_block),
            }
    }

    /// Returns the problem that reports the filter.
    pub(super) fn problem(&self, crawl: &Crawl, ledger: &Ledger) -> Option<Problem> {
        let sent = sent(crawl, ledger);
        let blocked: Vec<&&Entry> = sent
            .iter()
            .filter(|entry| match self.likeness {
                Some(likeness) => entry.reply.likeness == Some(likeness),
                None => entry.reply.status == self.status,
            })
            .collect();
        let (count, all) = (blocked.len(), sent.len());
        let first = &blocked.first()?.source.endpoint;
        let said = match (self.status, self.likeness) {
            (None, _) => "were not answered".to_owned(),
            (Some(status), None) => format!("were answered with {status}"),
            (Some(status), Some(_)) => format!("got one answer ({status})"),
        };
        let text = format!(
            "{count} of {all} canaries {said}, the first to {first}, though other requests to the same \
             operations are accepted"
        );
        Some(Problem::new("canaries-blocked", text))
    }
}

/// Returns true for a status with which something in front of an application may refuse a request.
const fn is_block(status: u16) -> bool {
    matches!(status, 403 | 406 | 418 | 429 | 451 | 501..=504)
}

/// Returns the canaries sent to operations that accept requests, except short ones, which may get past
/// a filter.
fn sent<'l>(crawl: &Crawl, ledger: &'l Ledger) -> Vec<&'l Entry> {
    let entries = ledger.entries().iter();
    entries
        .filter(|entry| entry.curl.is_some() && entry.canary.shape.is_strong())
        .filter(|entry| crawl.known.accepted(&entry.source.endpoint))
        .collect()
}

/// Returns the filter that is evident from a status, or from silence, alone.
pub(super) fn plain_filter(crawl: &Crawl, ledger: &Ledger) -> Option<Filter> {
    let sent = sent(crawl, ledger);
    let (status, blocked) = most(&sent, |entry| entry.reply.status)?;
    // Applications refuse keys and invalid ids; only a filter refuses any text.
    let any_text = |entry: &&Entry| !entry.possible && entry.source.place != Place::Path;
    let by_filter = match status {
        None => true,
        Some(status) => is_block(status) && blocked.iter().any(any_text),
    };
    by_filter.then_some(Filter {
        status,
        likeness: None,
    })
}

/// Returns the key that nearly all entries share, and the entries that have it.
fn most<'l, K: Ord + Copy>(
    entries: &[&'l Entry],
    of: impl Fn(&Entry) -> K,
) -> Option<(K, Vec<&'l Entry>)> {
    let mut groups: BTreeMap<K, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        groups.entry(of(entry)).or_default().push(entry);
    }
    let (key, most) = groups.into_iter().max_by_key(|(_, all)| all.len())?;
    (most.len() * 100 >= entries.len() * FILTERED).then_some((key, most))
}

/// A single answer to nearly all canaries, whatever its status, and the operations that gave it.
struct Doubt {
    status: Option<u16>,
    likeness: u64,
    operations: BTreeSet<EndpointId>,
}

fn doubt(crawl: &Crawl, ledger: &Ledger) -> Option<Doubt> {
    let (likeness, alike) = most(&sent(crawl, ledger), |entry| entry.reply.likeness)?;
    let likeness = likeness?;
    let operations: BTreeSet<EndpointId> = alike
        .iter()
        .map(|entry| entry.source.endpoint.clone())
        .collect();
    // Some operations give this answer without a canary, too.
    let plainly = operations
        .iter()
        .any(|id| ledger.says_plainly(id, likeness));
    if operations.len() < OPERATIONS || plainly {
        return None;
    }
    Some(Doubt {
        status: alike.first()?.reply.status,
        likeness,
        operations,
    })
}

/// Settles whether the single answer to nearly all canaries comes from a filter. Sends two requests to
/// each of a few operations, with a word and then a canary where no application reads them.
pub(super) async fn proven_filter<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    scan: &RefCell<Scan<'_>>,
) -> Option<Filter> {
    let (doubt, surface) = {
        let scan = scan.borrow();
        let doubt = doubt(&scan.crawl, &scan.ledger)?;
        (doubt, scan.crawl.known.surface.clone())
    };
    // Reads first, because repeating them changes nothing.
    let mut operations = known(&surface, &doubt.operations);
    operations.sort_by_key(|endpoint| !endpoint.id.method.is_safe());
    let mut settled = 0;
    for endpoint in operations {
        let body = bodies(endpoint).first().copied()?;
        let input = Input::new(Place::Query, NONSENSE, Provenance::Guess);
        let plain = executor.planner.baseline(endpoint, body);
        let plain = plain.with(&input, Fill::Plain(PLAIN.into()));
        let answer = asked(executor, plain.clone()).await;
        if answer.outcome() != Outcome::Success {
            continue;
        }
        // The operation gives this answer to everything.
        if is_like(&answer, doubt.likeness) {
            return None;
        }
        let answer = asked(executor, plain.with(&input, Fill::Canary(Shape::Token))).await;
        if !is_like(&answer, doubt.likeness) {
            return None;
        }
        settled += 1;
        if settled == OPERATIONS {
            return Some(Filter {
                status: doubt.status,
                likeness: Some(doubt.likeness),
            });
        }
    }
    None
}

fn known<'s>(surface: &'s Surface, ids: &BTreeSet<EndpointId>) -> Vec<&'s Endpoint> {
    ids.iter().filter_map(|id| surface.get(id)).collect()
}

async fn asked<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    template: RequestTemplate,
) -> Observation {
    executor
        .run_quietly(&Arc::new(template), Role::Control)
        .await
}

fn is_like(observation: &Observation, wanted: u64) -> bool {
    observation
        .answer()
        .is_some_and(|answer| likeness(answer) == wanted)
}
