//! A filter in front of the application that lets no canary through.
//!
//! Owns: when one answer to nearly all canaries is a filter's, and the control that settles it. Leaves
//! out: a target that lets nothing be seen at all (`wall.rs`), or no more (`lookout.rs`).
//!
//! A status of refusal to any text, or no answer, tells a filter by itself. Anything else is only a
//! doubt: an application may say the same to all that it does not know. Then a canary goes along where no
//! application reads it: what answers that as it answers all others, and a plain request otherwise, is no
//! application.

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

/// Of a hundred canaries, so many that get nowhere are a filter's doing.
const FILTERED: usize = 75;
/// So many operations must answer alike to be a doubt, and so many settle it.
const OPERATIONS: usize = 3;
/// What stands first where the canary comes then: an application may refuse the name itself.
const PLAIN: &str = "sample";

/// A filter, and how it answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    status: Option<u16>,
    /// `None`: whatever has a status of refusal.
    likeness: Option<u64>,
}

impl Filter {
    /// True for a canary that the filter has not answered, as far as its answer tells.
    pub(super) fn let_through(&self, entry: &Entry) -> bool {
        // Short ones may get past it: they prove little.
        entry.canary.shape.is_strong()
            && match self.likeness {
                Some(likeness) => entry.reply.likeness != Some(likeness),
                None => !entry.reply.status.is_some_and(is_block),
            }
    }

    /// What is told of it.
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

/// A status with which something in front of an application may refuse a request.
const fn is_block(status: u16) -> bool {
    matches!(status, 403 | 406 | 418 | 429 | 451 | 501..=504)
}

/// Canaries that left for operations which accept requests. Short ones may get past a filter, and do not
/// count.
fn sent<'l>(crawl: &Crawl, ledger: &'l Ledger) -> Vec<&'l Entry> {
    let entries = ledger.entries().iter();
    entries
        .filter(|entry| entry.curl.is_some() && entry.canary.shape.is_strong())
        .filter(|entry| crawl.known.accepted(&entry.source.endpoint))
        .collect()
}

/// The filter that a status, or silence, tells by itself.
pub(super) fn plain_filter(crawl: &Crawl, ledger: &Ledger) -> Option<Filter> {
    let sent = sent(crawl, ledger);
    let (status, blocked) = most(&sent, |entry| entry.reply.status)?;
    // An application refuses keys, and ids that are none; only a filter refuses any text.
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

/// What nearly all entries have in common, and those that do.
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

/// One answer to nearly all canaries, whatever its status, and the operations that gave it.
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
    // Some say so without a canary, too.
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

/// Settles whether one answer to nearly all canaries is a filter's: with two requests to each of a few
/// operations, both with something where no application reads it: a word, and a canary.
pub(super) async fn proven_filter<T: Transport, P: Progress>(
    executor: &Executor<'_, T, P>,
    scan: &RefCell<Scan<'_>>,
) -> Option<Filter> {
    let (doubt, surface) = {
        let scan = scan.borrow();
        let doubt = doubt(&scan.crawl, &scan.ledger)?;
        (doubt, scan.crawl.known.surface.clone())
    };
    // Reads first: what is asked for again changes nothing.
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
        // It says so to everything.
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
