//! HTTP as the stages see it: plain requests and responses, and the one trait that sends them.
//!
//! This module has the value types [`Request`], [`Response`] and [`Failure`], the trait
//! [`Transport`], and redirects ([`travel`]). The network is in `net`; `plan` decides what to send,
//! and `detect` what an answer means.

mod follow;
mod later;
pub mod likeness;
mod request;
mod response;
mod status;
mod transport;

pub use crate::surface::Method;
pub use follow::{Hop, Jar, MAX_HOPS, send_patiently, travel};
pub use follow::{send_briskly, send_surely};
pub use later::asks_to_wait;
pub use likeness::{likeness, likeness_without, page_words};
pub use request::ACCEPT;
pub use request::Request;
pub use response::{Response, is_not_now};
pub use status::StatusRange;
pub use transport::{Failure, FailureKind, Phase, Transport};
