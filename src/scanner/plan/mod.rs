//! Plans what to send to one operation. Pure: it sends no requests.
//!
//! Owns: request templates ([`RequestTemplate`]), the ladder of requests that an operation gets
//! ([`Ladder`]), plain values, which inputs may carry a canary, and how a request template becomes
//! bytes. Leaves out: sending, splitting and retries (`send`).

mod compose;
mod keys;
mod ladder;
mod made;
mod plain;
mod request_template;
mod shape;

pub(crate) use compose::{PADDING, compose, with_control};
pub(crate) use keys::with_keys;
pub use ladder::{Ladder, Planner, bodies};
pub(crate) use ladder::{order, read_body};
pub(crate) use made::{made, word};
pub use request_template::{BodyKind, CANARY, Fill, RequestTemplate};
pub(crate) use shape::untestable;
pub use shape::{alternatives, shapes};
