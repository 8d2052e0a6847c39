//! Looks at answers: pure.
//!
//! Owns: canaries ([`canaries`]) and static texts ([`Statics`]) in an answer, each with its span.
//! Leaves out: what a sighting means (`judge`), and whether it is true (`confirm`).

mod canary;
pub mod locate;
pub mod session;

pub use canary::{CanarySighting, canaries, carried};
