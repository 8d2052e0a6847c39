//! Clues: what error answers reveal about routes and inputs.
//!
//! Owns: `traceback.rs` (whose a traceback is), `source.rs` (routes and `request.*` accesses in
//! source lines), `errors` (fields that validation errors name), `routes.rs` (routes that a 404
//! names), `reference.rs` (how a create names what it has stored), `visible.rs` (what a reader sees
//! of an answer). Leaves out: what is done with them (`learn.rs`), and that a traceback is a finding
//! (`detect`).

pub mod errors;
mod patterns;
pub mod reference;
pub mod routes;
pub mod source;
pub mod traceback;
mod visible;

/// Inputs as the tests write them: `json name!`, the mark for what is required.
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
