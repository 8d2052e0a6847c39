//! Proving, then exploring further with what that leaves of the budget.
//!
//! Owns: making a scan that was cut short spend its whole budget. Leaves out: the shares
//! (`net/budget.rs`), exploring (`rounds.rs`), proofs (`proof.rs`).

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::exploration::LadderResults;
use super::lookout::Lookout;
use super::own_queries;
use super::proof::{self, Proof};
use super::rounds::Scheduler;
use super::scan::Scan;
use crate::attempt::{own_credential, own_header};
use crate::finding::{Finding, Problem};
use crate::judge::sightings::Eyes;
use crate::judge::standing::Standings;
use crate::probe::Catalog;
use crate::progress::Progress;
use crate::send::Executor;
use crate::settings::Settings;
use crate::surface::Surface;

/// Everything that proving needs.
pub(super) struct Legs<'a, 's, P> {
    pub(super) executor: &'a Executor<'a, Lookout, P>,
    pub(super) eyes: &'a Eyes<'a>,
    pub(super) catalog: &'a Catalog,
    pub(super) lookout: &'a Lookout,
    /// The headers sent with every request.
    pub(super) headers: &'a [(String, String)],
    pub(super) scan: &'a RefCell<Scan<'s>>,
    pub(super) settings: &'a Settings,
}

/// The final result of proving.
pub(super) struct Proven {
    pub(super) findings: Vec<Finding>,
    /// The standing of every input, now that nothing more is planted.
    pub(super) standings: Standings,
    pub(super) problems: Vec<Problem>,
}

impl<P: Progress> Legs<'_, '_, P> {
    /// Proves what was seen. As long as some of the budget is left and something was cut short, resumes
    /// that and proves again.
    pub(super) async fn prove(&self, scheduler: &Scheduler<'_, '_, Lookout, P>) -> Proven {
        let client = self.lookout.client();
        let planner = self.executor.planner;
        let (mut findings, mut problems) = (Vec::new(), Vec::new());
        let mut done = BTreeSet::new();
        loop {
            let (climbed, surface, standings) = self.known();
            let mut gone_on = false;
            if !self.settings.dry_run {
                let (taken, covered) = {
                    let mut scan = self.scan.borrow_mut();
                    (std::mem::take(&mut scan.suspects), scan.explored.done())
                };
                let proof = Proof {
                    executor: self.executor,
                    eyes: self.eyes,
                    catalog: self.catalog,
                    surface: &surface,
                    standings: &standings,
                    own: own_credential(self.headers, &planner.credentials),
                    own_header: own_header(self.headers, &planner.credentials),
                    own_queries: own_queries(client),
                    done: std::mem::replace(&mut done, covered),
                    settings: self.settings,
                };
                let proven = Box::pin(proof.prove(taken, &climbed)).await;
                self.lookout.settle().await;
                proof::join(&mut findings, proven.findings);
                problems.extend(proven.problems);
                self.scan.borrow_mut().suspects = proven.rest;
                let sent = client.sent();
                if client.has_rest() {
                    problems.extend(Box::pin(scheduler.go_on()).await);
                }
                gone_on = client.sent() > sent;
            }
            if !gone_on {
                return Proven {
                    findings,
                    standings,
                    problems,
                };
            }
        }
    }

    /// Returns what is known when proving begins.
    fn known(&self) -> (LadderResults, Surface, Standings) {
        let scan = self.scan.borrow();
        let climbed = scan.explored.climbed();
        let surface = scan.crawl.known.surface.clone();
        let standings = Standings::judge(
            &surface,
            &self.executor.planner.credentials,
            &scan.suspects.behaviours,
            &scan.ledger,
            &climbed.opened,
        );
        (climbed, surface, standings)
    }
}
