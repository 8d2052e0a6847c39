//! Compares reports.
