//! Numbers that stand for values in memory: the texts of a large crawl are much to keep.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A number that stands for a value in memory.
pub(super) fn mark(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
