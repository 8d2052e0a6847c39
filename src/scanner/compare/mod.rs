//! What makes two answers "the same" when pages carry times, tokens, counters, shuffled lists,
//! rotating banners and A/B variants.
//!
//! Owns: the fingerprint of an answer ([`Print`]), what repeated controls show to change by itself
//! ([`Noise`]), whether two groups of answers differ ([`reliably_differ`]), and saying where a
//! difference is ([`Difference`]). Leaves out: which answers to compare, and what a difference proves
//! (`confirm`, `judge`); what "no such page" looks like (`crawl`). Pure.
//!
//! Two questions, two tools:
//!
//! * *Are these two the same?* [`same`] and [`difference`] forgive what [`Noise`] has learnt from
//!   answers to one and the same request. Numbers and tokens are blurred unless the controls have
//!   shown them to stand still.
//! * *Does the input matter?* [`reliably_differ`] looks for something that stands in every answer
//!   of one group and in none of the other; it needs no controls but repeats, taken in the order
//!   that [`turn`] gives.
//!
//! Work is linear in the bodies, but for sorting. A page of 4 MiB built to be slow is read as
//! lines.

mod blur;
mod builder;
mod chance;
mod difference;
mod groups;
mod head;
mod html;
mod json;
mod mask;
mod noise;
mod print;
mod sets;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use blur::is_id;
pub use chance::{false_chance, samples_needed, turn};
pub use difference::Difference;
pub use groups::{alike, reliably_differ};
pub use noise::{Noise, difference, same};
pub use print::Print;
