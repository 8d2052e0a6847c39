//! From sightings to findings: which rule a sighting is, what belongs together, what proves it.
//!
//! Owns: which kind wins ([`classify`]), suspects, how every input stands. Leaves
//! out: comparing answers (`compare`), any sending; what a confirmation needs is asked for by
//! `confirm`.

pub(crate) mod classify;
mod examples;
mod offsets;
pub(crate) mod sightings;
pub(crate) mod standing;
pub(crate) mod suspects;

pub use examples::{CanaryExamples, DifferentialExamples, StaticExamples};
