//! Clues: what error answers reveal about routes and inputs.
//!
//! Owns: `traceback.rs` (frames of a Python traceback), `source.rs` (routes and `request.*`
//! accesses in source lines), `errors.rs` (fields that validation errors name). Leaves out: what
//! is done with them (`learn.rs`), and that a traceback is a finding (`detect`).

pub mod errors;
mod patterns;
pub mod source;
pub mod traceback;
