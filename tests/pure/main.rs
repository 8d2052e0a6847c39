//! Tests that need nothing but Rust: the library through its public interface, on values, and on
//! sockets of this process where the network is what is tested.

// A failing helper is a failing test, but clippy exempts only the tests themselves.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod canary;
mod canary_false;
mod compare;
mod credential;
mod links;
mod probes;
mod probes_statics;
#[path = "../report/mod.rs"]
mod report;
mod spellings;
mod transport;
