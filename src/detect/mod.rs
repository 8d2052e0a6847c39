//! Looks at answers: pure.
//!
//! Owns: canaries ([`canaries`]) and static texts ([`Statics`]) in an answer, each with its span.
//! Leaves out: what a sighting means (`judge`), and whether it is true (`confirm`).

mod around;
mod canary;
mod cause;
mod config_dump;
mod json_path;
pub mod locate;
mod log;
mod own;
mod placeholder;
mod quoted;
mod record;
mod scrub;
mod sensitive;
mod statics;
mod value;
mod verify;
mod view;

pub(crate) use around::{Around, Records};
pub use canary::{CanarySighting, canaries, carried};
pub use json_path::{Field, fields_at};
pub use own::Own;
pub use scrub::scrub;
pub(crate) use sensitive::minted;
pub use statics::{Shows, StaticExamples, StaticSighting, Statics};
