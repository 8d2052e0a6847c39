//! What "there is no such page" looks like.
//!
//! Owns: recognising a catch-all, a soft 404, an error page, by answers to nonsense paths. Leaves
//! out: asking for them, and which of them belong to which directory (`crawl`).

use super::noise::{Echoes, Noise};
use super::print::Print;

/// The answers that nonsense gets, learnt from [`Print::of_path`].
///
/// One nonsense answer knows the page as it is; each further one adds what changes in it. Here an
/// echo of the path counts as text with a gap: a page that says something else in its place is a
/// page of its own.
#[derive(Clone, Debug, Default)]
pub struct Absent(Noise);

impl Absent {
    /// Learns the answer to a nonsense path.
    pub fn learn(&mut self, print: &Print) {
        self.0.learn(std::slice::from_ref(print));
    }

    /// True for an answer that nonsense gets too.
    pub fn resembles(&self, print: &Print) -> bool {
        self.0.variant(print, Echoes::Counted).is_some()
    }

    /// True when nothing was learnt yet.
    pub fn is_empty(&self) -> bool {
        self.0.variants() == 0
    }
}
