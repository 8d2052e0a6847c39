//! Every secret that the tester gave or that a login obtained.
//!
//! This module has the list, which all sessions of a scan share. Masking is in `redact`.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum number of secrets: an application may issue a new session cookie with every answer.
const MOST: usize = 2000;

/// The tester's secrets so far. It is cheap to clone, and clones share the list.
#[derive(Clone, Default)]
pub struct Vault(Arc<Mutex<Vec<String>>>);

/// Shows the number of secrets, never their text.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.all().len()).finish()
    }
}

impl Vault {
    /// Keeps a secret, unless [`MOST`] are kept already.
    pub fn keep(&self, secret: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST && !secret.is_empty() && !known.iter().any(|other| other == secret) {
            known.push(secret.to_owned());
        }
    }

    /// Returns every secret so far.
    pub fn all(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
