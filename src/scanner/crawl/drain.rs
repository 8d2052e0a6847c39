//! Driving a crawl: what it asks for is sent, and what comes back is handed to it.
//!
//! Owns: how many requests are under way, and that answers are taken in the order in which they were asked
//! for, so that a crawl is the same at any speed. Leaves out: what is asked for, and what answers mean
//! (`Crawl`).

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::{Crawl, ask};
use crate::finding::Problem;
use crate::http::{Failure, Request, Response, Transport, send_briskly, send_patiently};
use crate::progress::Progress;

/// Answers that wait for an earlier one, for each request in flight.
const WAITING: usize = 4;

/// Who owns a crawl: it is lent between two waits, and never across one.
pub(crate) trait CrawlOwner {
    /// Lends it.
    fn lend<R>(&mut self, work: impl FnOnce(&mut Crawl) -> R) -> R;

    /// Looks at an exchange, just before the crawl learns from it.
    fn look(&mut self, request: &Request, outcome: &Result<Response, Failure>);
}

/// A crawl that nobody else knows of.
pub(super) struct Alone<'a, F> {
    pub(super) crawl: &'a mut Crawl,
    pub(super) sink: &'a mut F,
}

impl<F: FnMut(&Request, &Result<Response, Failure>)> CrawlOwner for Alone<'_, F> {
    fn lend<R>(&mut self, work: impl FnOnce(&mut Crawl) -> R) -> R {
        work(self.crawl)
    }

    fn look(&mut self, request: &Request, outcome: &Result<Response, Failure>) {
        (self.sink)(request, outcome);
    }
}

/// Drains the frontier: fetches pages, lets every exchange be looked at once, and learns from it. Called
/// again, it goes on with what was learnt since.
///
/// Stops early when the transport says that the budget is spent or the scan was stopped.
pub(crate) async fn drain<T: Transport, P: Progress>(
    owner: &mut impl CrawlOwner,
    http: &T,
    progress: &P,
) -> Vec<Problem> {
    let width = owner.lend(Crawl::begin);
    let mut flight = FuturesUnordered::new();
    // Answers that came before an earlier one, by the number of their request.
    let mut early = BTreeMap::new();
    let (mut sent, mut taken) = (0_u64, 0_u64);
    let mut stopped = false;
    loop {
        while !stopped && flight.len() < width && early.len() < width * WAITING {
            let Some(job) = owner.lend(Crawl::next_job) else {
                break;
            };
            let number = sent;
            sent += 1;
            let request = ask::request_of(&job);
            flight.push(async move {
                // One at a time: whoever scans so means the server as a whole.
                let answer = if width == 1 {
                    send_patiently(http, &request).await
                } else {
                    send_briskly(http, &request).await
                };
                (number, job, request, answer)
            });
        }
        let Some((number, job, request, answer)) = flight.next().await else {
            if !stopped && owner.lend(Crawl::unfold) {
                continue;
            }
            break;
        };
        early.insert(number, (job, request, answer));
        while let Some((job, request, answer)) = early.remove(&taken) {
            taken += 1;
            progress.request();
            owner.look(&request, &answer);
            stopped |= owner.lend(|crawl| crawl.take(job, &request, &answer));
        }
    }
    owner.lend(Crawl::end)
}

impl Crawl {
    /// Queues what every crawl begins with, once; gives how many requests may be under way.
    fn begin(&mut self) -> usize {
        if !self.started {
            self.started = true;
            self.start();
        }
        self.settings.http.concurrency.max(1)
    }

    /// Tidies what is known, and tells what is to be told.
    fn end(&mut self) -> Vec<Problem> {
        self.decide_rest();
        self.settle();
        self.diagnostics()
    }
}
