//! Real Flask applications on a real database, scanned by the real binary or by the library: their
//! faults are found, and nothing is found where they are repaired.
//!
//! Every application is opened with `app` (`tests/harness/app.rs`).

// A failing helper is a failing test, but clippy exempts only the tests themselves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod account;
#[path = "../harness/app.rs"]
mod app;
mod auth;
mod auth_commands;
mod auth_shown;
mod crawl;
#[path = "../harness/crawled.rs"]
mod crawled;
mod differential;
#[path = "../extensions/mod.rs"]
mod extensions;
mod hidden;
mod known;
mod links;
mod names;
mod noise;
mod operators;
mod other_words;
mod pace;
#[path = "../harness/place.rs"]
mod place;
mod reach;
mod replay;
#[path = "../harness/secrets.rs"]
mod secrets;
mod shapes;
mod shown;
mod styles;
mod told;
mod twins;
mod wild;
mod words;
