//! The binary as a user at a shell meets it, against servers of a few lines that answer as a test
//! needs. Needs neither Python nor a database.

// A failing helper is a failing test, but clippy exempts only the tests themselves.
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
