//! Serializes core types as words of the published format, and reads them back.
//!
//! Core types do not implement `Serialize` themselves; this module decides their names in a report.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

use crate::finding::{Role, Severity, Verdict};
use crate::surface::Place;

/// A core type that appears in the report as one word of a closed list.
pub(super) trait Word: Copy + 'static {
    const WHAT: &'static str;
    const ALL: &'static [Self];
    fn word(self) -> &'static str;
}

pub(super) fn serialize<W: Word, S: Serializer>(
    value: &W,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.word())
}

pub(super) fn deserialize<'de, W: Word, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<W, D::Error> {
    let text = String::deserialize(deserializer)?;
    W::ALL
        .iter()
        .copied()
        .find(|value| value.word() == text)
        .ok_or_else(|| {
            let known: Vec<&str> = W::ALL.iter().map(|value| value.word()).collect();
            D::Error::custom(format!(
                "{text:?} is no {} (known: {})",
                W::WHAT,
                known.join(", ")
            ))
        })
}

/// Deserializes a value that may be null but must be present; by default, serde reads a missing one as
/// null.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::<T>::deserialize(deserializer)
}

impl Word for Severity {
    const WHAT: &'static str = "severity";
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Word for Verdict {
    const WHAT: &'static str = "verdict";
    const ALL: &'static [Self] = &[Self::Confirmed, Self::Likely, Self::Undetermined];

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Word for Role {
    const WHAT: &'static str = "role";
    const ALL: &'static [Self] = &[
        Self::Baseline,
        Self::Plant,
        Self::Read,
        Self::Control,
        Self::Replay,
    ];

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Word for Place {
    const WHAT: &'static str = "place";
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}
