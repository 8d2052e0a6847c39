//! keyspill.
pub mod canary;
