//! Looks at answers: pure.

mod config_dump;
mod json_path;
mod placeholder;
mod statics;
pub mod traceback;
mod verify;
mod view;

pub use json_path::{Field, fields_at};
pub use statics::{StaticExamples, StaticSighting, Statics};
