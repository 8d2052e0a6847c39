//! Everything secret that the tester gave or that a login obtained.
//!
//! Owns: the list, shared by all sessions of a scan. Leaves out: masking (`redact`).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Secrets at most: an application may issue a new session cookie with every answer.
const MOST: usize = 2000;

/// The tester's secrets so far. Cheap to clone; clones share the list.
#[derive(Clone, Default)]
pub struct Vault(Arc<Mutex<Vec<String>>>);

/// Shows how many, never what.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.all().len()).finish()
    }
}

impl Vault {
    /// Keeps a secret; of those that come by the hundreds, the first [`MOST`].
    pub fn keep(&self, secret: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST && !secret.is_empty() && !known.iter().any(|other| other == secret) {
            known.push(secret.to_owned());
        }
    }

    /// Every secret so far.
    pub fn all(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
