//! Plans what to send to one operation: pure, no request leaves here.
//!
//! Owns: recipes ([`Recipe`]), the ladder of requests an operation gets ([`Ladder`]), plain
//! values, which inputs may carry a canary, and how a recipe becomes bytes. Leaves out: sending,
//! splitting and retries (`send`).

mod compose;
mod keys;
mod ladder;
mod made;
mod plain;
mod recipe;
mod shape;

pub(crate) use compose::{PADDING, compose, with_control};
pub(crate) use keys::dress;
pub use ladder::{Ladder, Planner, bodies};
pub(crate) use ladder::{order, read_body};
pub(crate) use made::{made, word};
pub use recipe::{BodyKind, CANARY, Fill, Recipe};
pub(crate) use shape::untestable;
pub use shape::{alternatives, shapes};
