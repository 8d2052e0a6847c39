//! Looks at answers: pure.
//!
//! Owns: canaries ([`canaries`]) and static texts ([`Statics`]) in an answer, each with its span.
//! Leaves out: what a sighting means (`judge`), and whether it is true (`confirm`).

mod canary;
pub mod locate;
pub mod session;

pub use canary::{CanarySighting, canaries, carried};
// STUB
#[derive(Clone, Debug)]
pub struct StaticSighting { pub rule: String, pub class: String, pub place: crate::finding::SinkPlace, pub span: std::ops::Range<usize>, pub secrets: Vec<std::ops::Range<usize>>, pub field: String }
pub struct Statics;
impl Statics { pub fn new(_: &crate::probe::Catalog) -> Self { Self } pub fn scan(&self, _: &url::Url, _: &crate::http::Response) -> Vec<StaticSighting> { Vec::new() } }
