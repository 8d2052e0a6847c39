//! Canaries: values that name their own source, found again in any disguise in one pass.
//!
//! This crate makes canaries ([`Mint`]) and recognises them ([`Recogniser`]); both need only a
//! [`RunKey`]. What is sent where, and what a sighting means, is up to the caller. Nothing here
//! does I/O except [`RunKey::random`].
//!
//! * `key`, `shape`, `codec`: turn the key and a slot's number into text, and back;
//! * `mint`, `issued`: the order of slots, and which was issued in which form;
//! * `hint`, `fit`: what is known about an input's values, and which shape suits them;
//! * `escape`: what a single escape stands for, shared by all callers;
//! * `recognise`: turns bytes into [`Match`]es, through every [`Transform`].

mod codec;
mod escape;
mod fit;
mod hint;
mod issued;
mod key;
mod mint;
mod recognise;
mod shape;
mod transform;

pub use escape::{Escape, escape};
pub use fit::NotTestable;
pub use hint::{Kind, TypeHint};
pub use issued::Issued;
pub use key::{NotAKey, RunKey};
pub use mint::{Canary, Mint, Slot};
pub use recognise::{Match, Recogniser, Strength};
pub use shape::Shape;
pub use transform::{Chain, Digest, Transform};

/// Replaces a canary in text. It is not a short word, so that it does not argue against a
/// credential.
pub const STAND_IN: &str = "s4mple0value0s4mple0value";

/// The example in the README.
#[cfg(doctest)]
#[doc = include_str!("README.md")]
struct Readme;
