//! HTTP as the stages see it: plain requests and responses, and the one trait that sends them.
//!
//! Owns: the value types [`Request`], [`Response`], [`Failure`], and [`Transport`].
//! Leaves out: what to send (`plan`), what an answer means (`detect`).
//!
//! Only `client.rs` names reqwest; scope, rate, budget and caps are enforced there and nowhere else.

mod request;
mod response;
mod transport;

pub use request::{Method, Request};
pub use response::Response;
pub use transport::{Failure, FailureKind, Transport};
