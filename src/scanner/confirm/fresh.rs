//! A text on a record's page: creates the record first, or takes its id from a list.
//!
//! Owns: finding a record that the lines can also name on another database. Leaves out: the lines
//! themselves (`shell`), and whether the text is a fault (`statics`).

use std::sync::Arc;

use super::Confirm;
use super::shell::freshened;
use super::statics::same;
use super::stored::Cache;
use crate::finding::Role;
use crate::http::{Method, Transport};
use crate::judge::sightings::Seen;
use crate::judge::suspects::StaticSuspect;
use crate::observe::{Observation, Outcome};
use crate::progress::Progress;
use crate::send::returned_ids;
use crate::surface::Endpoint;

/// How many records are examined.
const MAX_READS: usize = 4;

/// A record's page that shows the text, and how a shell gets there.
pub(super) struct OnRecord {
    /// The `curl` lines.
    pub(super) curl: Vec<String>,
    /// What they show.
    pub(super) done: Arc<(Observation, Seen)>,
    /// The step with the answer that shows it.
    pub(super) at: usize,
}

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Finds a record that shows what was suspected on a record's page. Returns `None` if the
    /// operation does not read a single record, or if no record can be named.
    pub(super) async fn on_record(&self, suspect: &StaticSuspect) -> Option<OnRecord> {
        let endpoint = self.surface.get(&suspect.sink.endpoint)?;
        if endpoint.id.method != Method::Get || endpoint.id.path.names().len() != 1 {
            return None;
        }
        let mut cache = Cache::default();
        let made = self.made_for(endpoint).await;
        let mut reads = Vec::new();
        if let Some(create) = made.as_ref().and_then(|made| made.steps.first()) {
            for id in returned_ids(endpoint, create) {
                reads.extend(self.detail_read(endpoint, &id, None));
            }
        }
        reads.extend(self.listed_reads(endpoint, &mut cache).await);
        for read in reads.into_iter().take(MAX_READS) {
            let done = self.read(&read.template, &mut cache).await;
            let Some((at, _)) = same(&done.1, suspect) else {
                continue;
            };
            let curl = self.read_lines(made.as_ref(), &read, None, (&done.0, at))?;
            // None of the values proves anything here, and some may have to be new each time.
            let writes = made.as_ref();
            let writes = writes.filter(|made| !made.template.endpoint.method.is_safe());
            let spent = writes.map_or_else(Vec::new, |made| self.texts(made));
            let curl = freshened(curl, &spent);
            return Some(OnRecord { curl, done, at });
        }
        None
    }

    /// Creates a fresh record, by a request that was seen to create one.
    async fn made_for(&self, endpoint: &Endpoint) -> Option<Observation> {
        let template = self.makers.get(&endpoint.id)?;
        let (made, _) = self.replay(template, Role::Plant).await;
        (made.outcome() == Outcome::Success).then_some(made)
    }
}
