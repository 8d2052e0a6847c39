//! What a crawl alone leaves behind: the surface, how each operation answered, and why the others
//! were not reached.
//!
//! Owns: the reasons. Leaves out: published formats (`report::survey`).

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::Crawl;
use super::reach::Reach;
use crate::credential::{Credentials, Standing};
use crate::finding::Problem;
use crate::http::Method;
use crate::policy::may_send;
use crate::surface::Endpoint;

/// A finished crawl.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The run's id, as in the User-Agent.
    pub run_id: String,
    /// Start (UTC).
    pub started: OffsetDateTime,
    /// End (UTC).
    pub finished: OffsetDateTime,
    /// False when stopped by budget, signal, lost login or a dead target.
    pub complete: bool,
    /// The command line, credentials masked.
    pub arguments: Vec<String>,
    /// The target's base URL, credentials masked.
    pub target: String,
    /// Requests sent, all of them.
    pub requests: u64,
    /// Requests without an answer.
    pub failed_requests: u64,
    /// Every operation, by path and method.
    pub rows: Vec<Row>,
    /// What limits the survey.
    pub problems: Vec<Problem>,
    /// Secrets that were seen, which no output shows.
    pub secrets: Vec<String>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Row {
    /// The operation with its inputs.
    pub endpoint: Endpoint,
    /// The status that says most.
    pub status: Option<u16>,
    /// Every status seen.
    pub statuses: BTreeSet<u16>,
    /// Why it was not reached; `None` where it was.
    pub unreached: Option<String>,
    /// For each input, whether it is credential-like.
    pub credential_like: Vec<bool>,
}

impl Crawl {
    /// The operations with their answers. `complete` is false where the crawl was stopped.
    ///
    /// Ends the crawl: what it remembers of every page of a large site makes room for the list.
    pub fn into_survey(mut self, complete: bool) -> Vec<Row> {
        self.forget();
        let surface = std::mem::take(&mut self.known.surface);
        let mut reached = std::mem::take(&mut self.known.reached);
        let settings = &self.settings;
        let credentials = Credentials::new(
            settings.credential_names.clone(),
            settings.not_credential.clone(),
        );
        let row = |endpoint: Endpoint| {
            let reach = reached.remove(&endpoint.id);
            Row {
                status: reach.as_ref().map(Reach::best),
                unreached: self.unreached(&endpoint, reach.as_ref(), complete),
                statuses: reach.map(|reach| reach.all().clone()).unwrap_or_default(),
                credential_like: endpoint
                    .inputs
                    .iter()
                    .map(|input| {
                        let judged = credentials.judge_input(&endpoint, input, false, None);
                        judged.standing != Standing::No
                    })
                    .collect(),
                endpoint,
            }
        };
        surface.into_iter().map(row).collect()
    }

    fn unreached(
        &self,
        endpoint: &Endpoint,
        reach: Option<&Reach>,
        complete: bool,
    ) -> Option<String> {
        let id = &endpoint.id;
        let names = id.path.names();
        if let Some(reach) = reach {
            let status = reach.best();
            return match status {
                404 | 410 if names.is_empty() => Some(format!("not found ({status})")),
                404 | 410 => Some(format!("not found ({status}) with the values known")),
                405 => Some("method not allowed (405)".to_owned()),
                429 | 503 => Some(format!("the server was busy ({status})")),
                _ if reach.needs_login() => Some(format!("requires a login ({status})")),
                _ => None,
            };
        }
        if let Err(why) = may_send(&self.settings, id, &endpoint.summary) {
            return Some(why);
        }
        if endpoint.document.is_some() {
            return Some("known from its schema; a scan sends it".to_owned());
        }
        if !matches!(id.method, Method::Get | Method::Options) {
            return Some("a crawl sends GET and OPTIONS alone; a scan sends it".to_owned());
        }
        if !complete {
            return Some("the crawl was stopped before it".to_owned());
        }
        if !names.is_empty() && endpoint.samples.is_empty() {
            return Some(format!("no value is known for {}", names.join(", ")));
        }
        if self.asking.frontier.full {
            return Some("beyond the crawl's bound; --max-endpoints raises it".to_owned());
        }
        Some("enough pages like it were fetched".to_owned())
    }
}
