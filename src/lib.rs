//! **keyspill** answers one question about a running web application: *when a secret goes in,
//! where does it come out?*
//!
//! # One road
//!
//! ```text
//! Target -> crawl -> Surface -> plan (with Probes) -> Injection -> send -> Observation
//!        -> detect -> Sighting -> judge -> Finding -> report
//! ```
//!
//! Each stage is a folder or a file, takes plain values and gives plain values. Only
//! [`pipeline`] joins them.

pub mod auth;
pub mod baseline;
pub mod canary;
pub mod compare;
mod confirm;
pub mod crawl;
pub mod credential;
pub mod detect;
pub mod error;
pub mod finding;
pub mod http;
pub mod judge;
pub mod ledger;
pub mod observe;
pub mod pipeline;
pub mod plan;
pub mod policy;
pub mod probe;
pub mod progress;
pub mod redact;
pub mod report;
pub mod sanitise;
mod send;
pub mod settings;
pub mod surface;
pub mod target;
