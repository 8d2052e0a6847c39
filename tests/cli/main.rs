//! The binary as somebody at a shell meets it, against servers of a few lines that answer as they like. No
//! Python, no database.

// A helper that fails is a test that fails; clippy spares only the tests themselves.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod honest;
mod lost;
mod options;
#[path = "../harness/place.rs"]
mod place;
mod problems;
#[path = "../harness/raw.rs"]
mod raw;
mod scan;
mod turns;
mod usage;
