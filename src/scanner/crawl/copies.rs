//! Copies: branches whose pages repeat those of another one (`/print/…`, `/s/SESSION/…`).
//!
//! Owns: telling such a branch by its pages. Leaves out: pages of one directory that look alike
//! (`siblings.rs`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::surface::Template;

/// Copies that make a branch one of copies, and how many of its pages have to be some, in tenths.
const ENOUGH: usize = 8;
const TENTHS: usize = 9;

/// Segments of a branch, at most.
const DEPTH: usize = 4;

/// The branches of a crawl.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// The path that first said this.
    first: HashMap<u64, String>,
    /// Pages and copies by branch.
    branches: BTreeMap<String, (usize, usize)>,
    closed: BTreeSet<String>,
}

impl Copies {
    /// Notes a page, and what it says as [`absent::said`](super::absent::said) gives it.
    pub(super) fn note(&mut self, template: &Template, path: &str, said: u64) {
        let first = self.first.entry(said).or_insert_with(|| path.to_owned());
        // The same page below something more.
        let copied = path
            .strip_suffix(first.as_str())
            .map(|branch| branch.matches('/').count());
        for (depth, branch) in branches(template.as_str()).enumerate() {
            let (pages, copies) = self.branches.entry(branch.to_owned()).or_default();
            *pages += 1;
            *copies += usize::from(copied == Some(depth + 1));
            if *copies >= ENOUGH && *copies * 10 >= *pages * TENTHS {
                self.closed.insert(branch.to_owned());
            }
        }
    }

    /// True when nothing is to be learnt below this path.
    pub(super) fn covers(&self, template: &str) -> bool {
        !self.closed.is_empty() && branches(template).any(|branch| self.closed.contains(branch))
    }

    /// The branches of copies.
    pub(super) fn closed(&self) -> impl Iterator<Item = &str> {
        self.closed.iter().map(String::as_str)
    }
}

/// The directories above a path, from the top: `/a`, `/a/b` of `/a/b/c`.
fn branches(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').skip(1).take(DEPTH);
    ends.map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::mark::mark;

    fn note(copies: &mut Copies, template: &str, path: &str, text: &str) {
        copies.note(&Template::new(template), path, mark(text));
    }

    #[test]
    fn a_branch_that_repeats_another_page_for_page_is_one_of_copies() {
        let mut copies = Copies::default();
        for (at, name) in ["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"]
            .into_iter()
            .enumerate()
        {
            let path = format!("/zoo/{name}");
            note(&mut copies, &path, &path, name);
            note(
                &mut copies,
                &format!("/s/{{id}}/zoo/{name}"),
                &format!("/s/{at}abc{path}"),
                name,
            );
            // The same words elsewhere under another name, and a page of its own beside the copies.
            note(
                &mut copies,
                &format!("/inn/{at}-{name}"),
                &format!("/inn/{at}-{name}"),
                name,
            );
            note(
                &mut copies,
                &format!("/bar/zoo/{name}"),
                &format!("/bar/zoo/{name}"),
                &format!("bar {name}"),
            );
        }
        assert_eq!(copies.closed().collect::<Vec<_>>(), ["/s/{id}"]);
        assert!(
            copies.covers("/s/{id}/never/seen")
                && !copies.covers("/s/x")
                && !copies.covers("/zoo/yak")
        );
    }

    #[test]
    fn answers_that_are_alike_are_no_copies_of_each_other() {
        let mut copies = Copies::default();
        for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
            for path in [format!("/api/{name}"), format!("/api/v2/{name}x")] {
                note(&mut copies, &path, &path, "ok");
            }
        }
        assert_eq!(copies.closed().count(), 0);
    }
}
