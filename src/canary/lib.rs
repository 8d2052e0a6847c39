//! Canaries: values that name their own source, found again in any disguise, in one pass.
//!
//! Owns making canaries ([`Mint`]) and recognising them ([`Recogniser`]); both follow from a
//! [`RunKey`] alone. Leaves out what is sent where and what a sighting means. Nothing here does
//! I/O, but for [`RunKey::random`].
//!
//! * `key`, `shape`, `codec`: from the key and a slot's number to text, and back;
//! * `mint`, `issued`: the order of slots and what was issued in which form;
//! * `hint`, `fit`: what is known of an input's values, and which shape they want;
//! * `escape`: what one escape stands for, whoever asks;
//! * `recognise`: from bytes to [`Match`]es, through every [`Transform`].

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

/// Stands where a canary stood. No short word, so that it does not speak against a credential.
pub const STAND_IN: &str = "s4mple0value0s4mple0value";

/// The example in the README.
#[cfg(doctest)]
#[doc = include_str!("README.md")]
struct Readme;
