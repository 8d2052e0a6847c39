//! What needs nothing but Rust: the library through its public interface, over values, and over sockets of
//! this process where the network is what is tested.

// A helper that fails is a test that fails; clippy spares only the tests themselves.
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
