//! Writes reports.
