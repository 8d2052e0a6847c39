//! How the pipeline tells what it is doing, without knowing a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::finding::Finding;

/// Listens to a scan. `console.rs` draws it; tests and libraries may pass [`Silent`].
pub trait Progress: Send + Sync {
    /// A phase begins (`crawl`, `plant`, `read`, `confirm`), with the number of its requests where
    /// it is known.
    fn phase(&self, name: &'static str, total: Option<u64>);
    /// One request of the phase is done.
    fn request(&self);
    /// So many suspects or findings so far.
    fn found(&self, count: usize);
    /// A finding is proven; a later proof of the same may still be better.
    fn proven(&self, _finding: &Finding) {}
    /// A line for people; may hold text of a hostile server.
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

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _name: &'static str, _total: Option<u64>) {}
    fn request(&self) {}
    fn found(&self, _count: usize) {}
    fn note(&self, _message: &str) {}
}

/// A switch that stops a scan: no request leaves after it is set, and what is in flight is
/// abandoned. The report is still made from what was seen.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    set: AtomicBool,
    bell: Notify,
}

impl Stop {
    /// A switch that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the scan.
    pub fn trigger(&self) {
        self.0.set.store(true, Ordering::SeqCst);
        self.0.bell.notify_waiters();
    }

    /// True once triggered.
    pub fn is_set(&self) -> bool {
        self.0.set.load(Ordering::SeqCst)
    }

    /// Waits until triggered.
    pub async fn wait(&self) {
        let bell = self.0.bell.notified();
        tokio::pin!(bell);
        // Registered before the look, so that a trigger in between is not missed.
        bell.as_mut().enable();
        if !self.is_set() {
            bell.await;
        }
    }
}
