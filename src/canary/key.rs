//! The run's key: sixteen bytes from which every canary of a run is derived.
//!
//! This module makes, writes and reads the key, and has the keyed hash that everything else here
//! builds on. The key grants no access to the target: it is printed in the report, so that the same
//! canaries can be recognised later.

use std::fmt;
use std::io;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use siphasher::sip128::{Hasher128, SipHasher24};

/// The key of one run, written as 32 hexadecimal digits.
///
/// ```
/// use keyspill_canary::RunKey;
///
/// let key = RunKey::from_seed(7);
/// assert_eq!(key.to_string().parse(), Ok(key));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunKey([u8; 16]);

impl RunKey {
    /// Derives the key that belongs to a seed, the same on every machine.
    pub fn from_seed(seed: u64) -> RunKey {
        let mut hash = Sha256::new();
        hash.update(b"keyspill run key");
        hash.update(seed.to_be_bytes());
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash.finalize().iter()) {
            *to = *from;
        }
        RunKey(key)
    }

    /// Creates a fresh key from the operating system's randomness.
    ///
    /// # Errors
    /// Fails if the operating system has no randomness to give.
    pub fn random() -> io::Result<RunKey> {
        let mut key = [0; 16];
        getrandom::fill(&mut key)?;
        Ok(RunKey(key))
    }

    /// Derives another key from this one, for canaries that must not be taken for the run's own.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> RunKey {
        let mut hash = Sha256::new();
        hash.update(b"keyspill derived key");
        hash.update(self.0);
        hash.update(purpose.as_bytes());
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash.finalize().iter()) {
            *to = *from;
        }
        RunKey(key)
    }

    /// Returns the keyed hash of `words`; `purpose` keeps its uses apart.
    pub(super) fn hash(&self, purpose: u8, words: &[u128]) -> u128 {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        std::hash::Hasher::write_u8(&mut hasher, purpose);
        for word in words {
            std::hash::Hasher::write(&mut hasher, &word.to_le_bytes());
        }
        hasher.finish128().as_u128()
    }
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunKey({self})")
    }
}

/// The text was not 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAKey;

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a run's key is 32 hexadecimal digits")
    }
}

impl std::error::Error for NotAKey {}

impl FromStr for RunKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<RunKey, NotAKey> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAKey);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| NotAKey)?;
        Ok(RunKey(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_key() {
        // Fixed: a change here makes every old report unreadable.
        assert_eq!(RunKey::from_seed(1).to_string(), SEED_ONE);
        assert_ne!(RunKey::from_seed(1), RunKey::from_seed(2));
    }

    const SEED_ONE: &str = "387734d9e7f82ff5002280377dfe6685";

    #[test]
    fn a_derived_key_is_another_one_and_always_the_same() {
        let key = RunKey::from_seed(1);
        assert_eq!(key.derived("a"), key.derived("a"));
        assert_ne!(key.derived("a"), key.derived("b"));
        assert_ne!(key.derived("a"), key);
    }

    #[test]
    fn random_keys_differ() {
        assert_ne!(RunKey::random().unwrap(), RunKey::random().unwrap());
    }

    #[test]
    fn a_key_survives_being_written_and_read() {
        let key = RunKey::random().unwrap();
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(key.to_string().to_uppercase().parse(), Ok(key));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let short = "abcdef";
        let signed = "+0000000000000000000000000000001";
        let other = "zz000000000000000000000000000000";
        for text in ["", short, signed, other] {
            assert_eq!(text.parse::<RunKey>(), Err(NotAKey), "{text:?}");
        }
    }
}
