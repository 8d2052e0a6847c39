//! HTTP as the stages see it: plain requests and responses, and the one trait that sends them.
//!
//! Owns: the value types [`Request`], [`Response`], [`Failure`], the trait [`Transport`], its real
//! [`Client`], and redirects ([`travel`]). Leaves out: what to send (`plan`), what an answer means
//! (`detect`).
//!
//! Scope, rate, budget and caps are enforced in `client.rs` and nowhere else; no other room names reqwest.

mod budget;
mod busy;
mod client;
mod decode;
mod follow;
mod later;
mod likeness;
mod losses;
mod request;
mod response;
mod routes;
mod scheme;
mod setup;
mod throttle;
mod traffic;
mod transport;
mod wire;

pub use client::Client;
pub use follow::{Jar, MAX_HOPS, Step, send_patiently, travel};
pub(crate) use follow::{send_briskly, send_surely};
pub(crate) use later::asks_to_wait;
pub(crate) use likeness::{likeness, likeness_without, page_words};
pub use request::{Method, Request};
pub use response::{Response, is_not_now};
pub(crate) use scheme::other_scheme;
pub(crate) use traffic::Exchange;
pub use traffic::Traffic;
pub use transport::{Failure, FailureKind, Phase, Transport};
