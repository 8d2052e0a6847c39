//! Clues: what error answers reveal about routes and inputs.
//!
//! Owns: `traceback.rs` (who owns a traceback), `source.rs` (routes and `request.*` accesses in source
//! lines), `errors` (fields that validation errors name), `routes.rs` (routes that a 404 names),
//! `reference.rs` (how a create names what it stored), `visible.rs` (what a reader sees of an answer).
//! Leaves out: what is done with the clues (`learn.rs`), and reporting a traceback as a finding
//! (`detect`).

pub mod errors;
mod patterns;
pub mod reference;
pub mod routes;
pub mod source;
pub mod traceback;
mod visible;

/// Formats inputs as the tests write them: `json name!`, with the mark if required.
#[cfg(test)]
fn lines(inputs: &[crate::surface::Input]) -> Vec<String> {
    inputs
        .iter()
        .map(|i| {
            format!(
                "{} {}{}",
                i.place,
                i.name,
                if i.required { "!" } else { "" }
            )
        })
        .collect()
}
