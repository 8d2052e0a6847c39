//! How the pipeline reports what it is doing, without knowing about terminals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::finding::Finding;

/// Receives the progress of a scan. `console.rs` draws it; tests and libraries may pass [`Silent`].
pub trait Progress: Send + Sync {
    /// Called when a phase begins (`crawl`, `plant`, `read`, `confirm`), with the number of its
    /// requests if known.
    fn phase(&self, name: &'static str, total: Option<u64>);
    /// Called when one request of the phase is done.
    fn request(&self);
    /// Called with the number of suspects or findings so far.
    fn found(&self, count: usize);
    /// Called when a finding is proven; a better proof of it may follow.
    fn proven(&self, _finding: &Finding) {}
    /// Reports a line for people, which may contain text from a hostile server.
    fn note(&self, message: &str);
}

impl Progress for &dyn Progress {
    fn phase(&self, name: &'static str, total: Option<u64>) {
        (**self).phase(name, total);
    }

    fn request(&self) {
        (**self).request();
    }

    fn found(&self, count: usize) {
        (**self).found(count);
    }

    fn proven(&self, finding: &Finding) {
        (**self).proven(finding);
    }

    fn note(&self, message: &str) {
        (**self).note(message);
    }
}

/// Ignores all progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _name: &'static str, _total: Option<u64>) {}
    fn request(&self) {}
    fn found(&self, _count: usize) {}
    fn note(&self, _message: &str) {}
}

/// A switch that stops a scan.
///
/// After it is set no request is sent, and those in flight are abandoned. The report is still made
/// from what was seen.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    set: AtomicBool,
    bell: Notify,
}

impl Stop {
    /// Creates a switch that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the scan.
    pub fn trigger(&self) {
        self.0.set.store(true, Ordering::SeqCst);
        self.0.bell.notify_waiters();
    }

    /// Returns whether the switch has been triggered.
    pub fn is_set(&self) -> bool {
        self.0.set.load(Ordering::SeqCst)
    }

    /// Waits until triggered.
    pub async fn wait(&self) {
        let bell = self.0.bell.notified();
        tokio::pin!(bell);
        // Registers before checking, so that a trigger in between is not missed.
        bell.as_mut().enable();
        if !self.is_set() {
            bell.await;
        }
    }
}
