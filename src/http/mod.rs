//! HTTP as the stages see it: plain requests and responses, and the one trait that sends them.
//!
//! Owns: the value types [`Request`], [`Response`], [`Failure`], the trait [`Transport`], its real
//! [`Client`], and redirects ([`travel`]). Leaves out: what to send (`plan`), what an answer means
//! (`detect`).
//!
//! Only `client.rs` names reqwest; scope, rate, budget and caps are enforced there and nowhere else.

mod busy;
mod client;
mod decode;
mod follow;
mod request;
mod response;
mod throttle;
mod traffic;
mod transport;

pub use client::Client;
pub use follow::{Jar, MAX_HOPS, Step, send_patiently, travel};
pub use request::{Method, Request};
pub use response::Response;
pub(crate) use traffic::Exchange;
pub use traffic::Traffic;
pub use transport::{Failure, FailureKind, Transport};
