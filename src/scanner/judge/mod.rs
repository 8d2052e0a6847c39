//! Turns sightings into findings: which rule a sighting belongs to, and which sightings belong
//! together.
//!
//! Owns: which kind wins ([`classify`]), suspects, the standing of every input. Leaves out: comparing
//! answers (`compare`) and all sending; `confirm` requests what a confirmation needs.

pub(crate) mod classify;
mod examples;
mod offsets;
pub(crate) mod sightings;
pub(crate) mod standing;
pub(crate) mod suspects;

pub use examples::{CanaryExamples, DifferentialExamples, StaticExamples};
