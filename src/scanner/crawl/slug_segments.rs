//! Names in the middle of paths: `/u/NAME/posts`, `/questions/{id}/TITLE`.
//!
//! Owns: which segments hold any name, by pattern (`/u/{}/posts`), and which names were seen there.
//! Leaves out: the last segment below directories without placeholders (`siblings.rs`), asking
//! (`mod.rs`) and merging (`settle.rs`).
//!
//! Three pages of one structure that differ in one segment are a suspicion; so is any path below a
//! prefix that is known to take any name. Flask's own answer to OPTIONS with nonsense in those
//! segments, which names methods only where a rule matches, is the proof. A page of its own beside them
//! (`/u/drafts/posts`) is known by its structure if it was fetched before; else it is taken for one of
//! many.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::mark::mark;
use super::shape::is_action;
use super::siblings::{Structure, is_slug};
use crate::http::Method;

/// Pages of one structure that make a suspicion.
const ENOUGH: usize = 3;

/// Names that are remembered for one pattern and structure.
const NAMES: usize = 500;

/// Patterns that are asked for, at most: each is a request.
const MOST: usize = 200;

/// Pages of one pattern that are fetched.
const FETCHED: u8 = 3;

/// A path template in which some segments may hold any name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The template with `{}` for its placeholders and for those segments.
    pub(super) text: String,
    /// Which segments those are, counted as `split('/')` does.
    pub(super) holes: Vec<usize>,
}

/// What is known of names in the middle of paths.
#[derive(Debug, Default)]
pub(super) struct SlugSegments {
    /// Marks of the names in a hole, by the mark of pattern and structure.
    groups: HashMap<u64, Vec<u64>>,
    /// The groups that made a pattern suspect.
    suspects: BTreeMap<String, Vec<u64>>,
    asked: BTreeSet<String>,
    /// The methods that each proven pattern takes.
    proven: BTreeMap<String, BTreeSet<Method>>,
    /// Prefixes below which any name stands.
    open: BTreeSet<String>,
    /// Marks of prefixes and names of pages that look alike.
    known: HashSet<u64>,
    /// Marks of prefixes and names of all pages: what is none of these may be as known as those.
    noted: HashSet<u64>,
    fetched: BTreeMap<String, u8>,
}

impl SlugSegments {
    /// Notes a page by its template. Gives the patterns that it made suspect.
    pub(super) fn note(&mut self, template: &str, structure: Structure) -> Vec<Pattern> {
        let segments: Vec<&str> = template.split('/').collect();
        let (general, holes) = self.general(&segments, |_| false);
        let mut suspects = Vec::new();
        for (at, name) in segments.iter().enumerate().skip(1) {
            let last = at + 1 == segments.len();
            let below = segments.iter().take(at).any(|s| is_placeholder(s)) || !holes.is_empty();
            if is_fixed(name) || (last && !below) {
                continue;
            }
            let mut text = general.clone();
            "{}".clone_into(&mut text[at]);
            let before = text[..at].join("/");
            let text = text.join("/");
            let key = mark((&text, structure.number));
            let group = self.groups.entry(key).or_default();
            let name = mark((&before, name));
            self.noted.insert(name);
            if group.len() < NAMES && !group.contains(&name) {
                group.push(name);
            }
            if group.len() < ENOUGH {
                continue;
            }
            if self.proven.contains_key(&text) {
                self.known.extend(group.iter());
                continue;
            }
            let keys = self.suspects.entry(text.clone()).or_default();
            if !keys.contains(&key) {
                keys.push(key);
            }
            let mut holes = holes.clone();
            if !holes.contains(&at) {
                holes.push(at);
            }
            suspects.extend(self.ask(Pattern { text, holes }));
        }
        suspects
    }

    /// The pattern of a template below prefixes that take any name, if it was not asked for yet.
    /// `takes` says so of a path that ends in that name.
    pub(super) fn suspect(
        &mut self,
        template: &str,
        takes: impl Fn(&str) -> bool,
    ) -> Option<Pattern> {
        let segments: Vec<&str> = template.split('/').collect();
        let (general, holes) = self.general(&segments, takes);
        let last = segments.len().saturating_sub(1);
        let literal = !segments.iter().any(|segment| is_placeholder(segment));
        if holes.is_empty() || (literal && holes == [last]) {
            return None;
        }
        let text = general.join("/");
        self.ask(Pattern { text, holes })
    }

    fn ask(&mut self, pattern: Pattern) -> Option<Pattern> {
        let new = self.asked.len() < MOST && self.asked.insert(pattern.text.clone());
        new.then_some(pattern)
    }

    /// Notes the methods that a pattern takes with nonsense in its holes.
    pub(super) fn prove(&mut self, pattern: &Pattern, methods: &[Method]) {
        if methods.is_empty() {
            return;
        }
        let segments: Vec<&str> = pattern.text.split('/').collect();
        for hole in &pattern.holes {
            self.open.insert(segments[..*hole].join("/"));
        }
        for key in self.suspects.get(&pattern.text).into_iter().flatten() {
            self.known
                .extend(self.groups.get(key).into_iter().flatten());
        }
        let known = self.proven.entry(pattern.text.clone()).or_default();
        known.extend(methods.iter().copied());
    }

    /// The template with placeholders for names, where the method is proven to take any.
    pub(super) fn merged(
        &self,
        template: &str,
        method: Method,
        takes: impl Fn(&str) -> bool,
    ) -> Option<String> {
        if self.proven.is_empty() {
            return None;
        }
        let (general, names) = self.names(template, takes)?;
        let methods = self.proven.get(&general.join("/"))?;
        (names && methods.contains(&method)).then(|| named(&general))
    }

    /// True for a path with names in it where any does.
    pub(super) fn holds_names(&self, path: &str, takes: impl Fn(&str) -> bool) -> bool {
        self.names(path, takes).is_some_and(|(_, names)| names)
    }

    /// The segments as [`SlugSegments::general`] gives them, where some may be names, and whether those are.
    fn names(&self, template: &str, takes: impl Fn(&str) -> bool) -> Option<(Vec<String>, bool)> {
        let segments: Vec<&str> = template.split('/').collect();
        let (general, holes) = self.general(&segments, &takes);
        let is_name = |at: &usize| {
            let name = mark((&general[..*at].join("/"), &segments[*at]));
            self.known.contains(&name)
                || !self.noted.contains(&name)
                || is_slug(segments[*at])
                || takes(&segments[..=*at].join("/"))
        };
        let names = holes.iter().all(is_name);
        (!holes.is_empty()).then_some((general, names))
    }

    /// True when a page is to be fetched: of one pattern, a few say what there is.
    pub(super) fn may_fetch(&mut self, template: &str) -> bool {
        let Some(merged) = self.merged(template, Method::Get, |_| false) else {
            return true;
        };
        let fetched = self.fetched.entry(merged).or_default();
        *fetched = fetched.saturating_add(1);
        *fetched <= FETCHED
    }

    /// The segments with `{}` for placeholders and for names below open prefixes, and where the
    /// latter are.
    fn general(
        &self,
        segments: &[&str],
        takes: impl Fn(&str) -> bool,
    ) -> (Vec<String>, Vec<usize>) {
        let mut general: Vec<String> = Vec::with_capacity(segments.len());
        let mut holes = Vec::new();
        for (at, segment) in segments.iter().enumerate() {
            let any = !is_fixed(segment)
                && at > 0
                && (self.open.contains(&general.join("/")) || takes(&segments[..=at].join("/")));
            if any {
                holes.push(at);
            }
            let kept = if any || is_placeholder(segment) {
                "{}"
            } else {
                segment
            };
            general.push(kept.to_owned());
        }
        (general, holes)
    }
}

/// True for a segment that is no name: empty, a placeholder, an action.
fn is_fixed(segment: &str) -> bool {
    segment.is_empty() || segment.contains('{') || is_action(segment)
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

/// `{id}`, `{id2}`, … in the place of each `{}`.
fn named(general: &[String]) -> String {
    let mut count = 0_usize;
    let names = general.iter().map(|segment| {
        if segment != "{}" {
            return segment.clone();
        }
        count += 1;
        match count {
            1 => "{id}".to_owned(),
            more => format!("{{id{more}}}"),
        }
    });
    names.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(number: u64) -> Structure {
        Structure { number, page: true }
    }

    fn never(_: &str) -> bool {
        false
    }

    #[test]
    fn a_name_in_the_middle_is_a_placeholder_once_nonsense_is_taken_there() {
        let mut slug_segments = SlugSegments::default();
        assert_eq!(slug_segments.note("/u/ann/posts", form(1)), []);
        assert_eq!(slug_segments.note("/u/bob/posts", form(1)), []);
        assert_eq!(slug_segments.note("/u/settings/posts", form(2)), []);
        let suspects = slug_segments.note("/u/cat/posts", form(1));
        let expected = Pattern {
            text: "/u/{}/posts".to_owned(),
            holes: vec![2],
        };
        assert_eq!(suspects, [expected]);
        assert_eq!(
            slug_segments.merged("/u/ann/posts", Method::Get, never),
            None
        );
        slug_segments.prove(&suspects[0], &[Method::Get]);
        let merged = |path: &str, method| slug_segments.merged(path, method, never);
        assert_eq!(
            merged("/u/ann/posts", Method::Get).as_deref(),
            Some("/u/{id}/posts")
        );
        assert_eq!(merged("/u/ann/posts", Method::Post), None);
        assert_eq!(
            merged("/u/settings/posts", Method::Get),
            None,
            "another page"
        );
        assert_eq!(
            merged("/u/my-old-name/posts", Method::Get).as_deref(),
            Some("/u/{id}/posts")
        );
        assert_eq!(
            merged("/u/dan/posts", Method::Get).as_deref(),
            Some("/u/{id}/posts"),
            "nobody saw it, and nothing speaks against it"
        );
        assert_eq!(merged("/u/ann/photos", Method::Get), None);
    }

    #[test]
    fn below_a_prefix_that_takes_any_name_each_path_is_suspect_once() {
        let mut slug_segments = SlugSegments::default();
        let takes = |path: &str| path == "/u/ann" || path == "/u/bob";
        let pattern = slug_segments.suspect("/u/ann/follow", takes).unwrap();
        assert_eq!(pattern.text, "/u/{}/follow");
        assert_eq!(slug_segments.suspect("/u/bob/follow", takes), None);
        assert_eq!(slug_segments.suspect("/u/ann", takes), None, "a sibling");
        assert_eq!(slug_segments.suspect("/v/ann/follow", takes), None);
        slug_segments.prove(&pattern, &[Method::Post]);
        let merged = slug_segments.merged("/u/bob/follow", Method::Post, takes);
        assert_eq!(merged.as_deref(), Some("/u/{id}/follow"));
    }

    #[test]
    fn a_title_behind_a_number_is_a_placeholder_too() {
        let mut slug_segments = SlugSegments::default();
        let mut suspects = Vec::new();
        for title in ["why-me", "how-so", "where"] {
            suspects = slug_segments.note(&format!("/questions/{{id}}/{title}"), form(7));
        }
        assert_eq!(suspects[0].text, "/questions/{}/{}");
        assert_eq!(suspects[0].holes, [3]);
        slug_segments.prove(&suspects[0], &[Method::Get, Method::Head]);
        let merged = slug_segments.merged("/questions/{id}/where", Method::Get, never);
        assert_eq!(merged.as_deref(), Some("/questions/{id}/{id2}"));
    }

    #[test]
    fn of_one_pattern_three_pages_are_fetched() {
        let mut slug_segments = SlugSegments::default();
        let mut suspects = Vec::new();
        let path =
            |number: usize| format!("/u/{}/posts", ["a", "b", "c", "d", "e", "f", "g"][number]);
        for number in 0..7 {
            suspects.extend(slug_segments.note(&path(number), form(1)));
        }
        assert!((0..7).all(|number| slug_segments.may_fetch(&path(number))));
        slug_segments.prove(&suspects[0], &[Method::Get]);
        let fetched = (0..7).filter(|number| slug_segments.may_fetch(&path(*number)));
        assert_eq!(fetched.count(), 3);
    }
}
