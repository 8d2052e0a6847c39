//! Decides when two answers are "the same", even though pages carry times, tokens, counters, shuffled
//! lists, rotating banners and A/B variants.
//!
//! Owns: the fingerprint of an answer ([`Print`]), learning from repeated controls what changes by
//! itself ([`Noise`]), whether two groups of answers differ ([`reliably_differ`]), and where a
//! difference is ([`Difference`]). Leaves out: which answers to compare, and what a difference proves
//! (`confirm`, `judge`); what a "no such page" answer looks like (`crawl`). Pure.
//!
//! There are two questions, and a tool for each:
//!
//! * *Are these two the same?* [`same`] and [`difference`] forgive what [`Noise`] has learnt from
//!   answers to one and the same request. Numbers and tokens are blurred unless the controls have shown
//!   them to stand still.
//! * *Does the input matter?* [`reliably_differ`] looks for something that appears in every answer of
//!   one group and in none of the other. It needs no controls, only repeats, taken in the order that
//!   [`turn`] returns.
//!
//! Work is linear in the size of the bodies, except for sorting. A page of 4 MiB built to be slow is
//! read as lines.

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
