//! Slugs: pages of one directory that are instances of one route though their names look like pages'.
//!
//! Owns: the structure of answers by directory, and which directories were proven to take any name.
//! Leaves out: asking (`ask.rs`) and merging (`settle.rs`).
//!
//! Three siblings of one structure are a suspicion; Flask's own answer to OPTIONS for a nonsense
//! sibling, which names methods only where a rule matches, is the proof.

use std::collections::{BTreeMap, BTreeSet};

use super::mark::mark;
use super::shape::{directory, is_action};
use crate::http::{Method, Response};

/// Siblings of one structure that make a suspicion.
const ENOUGH: usize = 3;

/// Pages of one structure that are asked for their methods; the rest have the same.
const ASKED: usize = 10;

/// Names with numbers in them that make one, where any name is taken.
const ENOUGH_SLUGS: usize = 2;

#[derive(Debug, Default)]
pub(super) struct Siblings {
    /// Names by directory and structure.
    groups: BTreeMap<String, BTreeMap<u64, BTreeSet<String>>>,
    suspected: BTreeSet<String>,
    /// Pages of one structure that were asked for their methods, by directory and structure; `None` where
    /// some of them take more than a GET.
    asked: BTreeMap<(String, u64), Option<usize>>,
    /// Structures of web pages.
    pages: BTreeSet<u64>,
    /// The methods that a nonsense name in a directory takes, by directory.
    accepts: BTreeMap<String, BTreeSet<Method>>,
}

impl Siblings {
    /// Notes a page. Gives its directory when it has become suspect by it.
    pub(super) fn note(&mut self, path: &str, structure: Structure) -> Option<String> {
        let (directory, name) = path.rsplit_once('/')?;
        // At the root stand an application's own pages.
        if directory.is_empty() || name.is_empty() || is_action(name) {
            return None;
        }
        let Structure { number, page } = structure;
        if page {
            self.pages.insert(number);
        }
        let groups = self.groups.entry(directory.to_owned()).or_default();
        let group = groups.entry(number).or_default();
        group.insert(name.to_owned());
        let suspect = group.len() >= ENOUGH && self.suspected.insert(directory.to_owned());
        suspect.then(|| directory.to_owned())
    }

    /// True when a page is to be asked for its methods: many pages of one structure have the same.
    pub(super) fn may_ask(&mut self, path: &str) -> bool {
        let Some(group) = self.page_group(path) else {
            return true;
        };
        let Some(asked) = self.asked.entry(group).or_insert(Some(0)) else {
            return true;
        };
        let may = *asked < ASKED;
        *asked += usize::from(may);
        may
    }

    /// Notes the methods of a page.
    pub(super) fn note_methods(&mut self, path: &str, methods: &[Method]) {
        let reads =
            |method: &Method| matches!(method, Method::Get | Method::Head | Method::Options);
        if !methods.iter().all(reads)
            && let Some(group) = self.page_group(path)
        {
            self.asked.insert(group, None);
        }
    }

    /// The directory and the structure of a web page.
    fn page_group(&self, path: &str) -> Option<(String, u64)> {
        let (directory, name) = path.rsplit_once('/')?;
        let groups = self.groups.get(directory)?.iter();
        let structure = groups
            .filter(|(structure, names)| self.pages.contains(structure) && names.contains(name))
            .map(|(structure, _)| *structure)
            .next()?;
        Some((directory.to_owned(), structure))
    }

    /// Notes the methods that a nonsense name in this directory takes.
    pub(super) fn accept(&mut self, directory: &str, methods: &[Method]) {
        let known = self.accepts.entry(directory.to_owned()).or_default();
        known.extend(methods.iter().copied());
    }

    /// True where any name beside this path takes the method: that it does tells nothing.
    pub(super) fn accepts(&self, path: &str, method: Method) -> bool {
        self.accepts
            .get(directory(path))
            .is_some_and(|methods| methods.contains(&method))
    }

    /// True for a plain word that was not seen among titles: `write` beside `my-first-post`.
    fn is_unlike(&self, directory: &str, name: &str) -> bool {
        let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let groups = self.groups.get(directory).into_iter();
        let names: Vec<&String> = groups.flat_map(BTreeMap::values).flatten().collect();
        let words = names.iter().filter(|other| plain(other)).count();
        plain(name) && words * 5 <= names.len() && !names.iter().any(|other| *other == name)
    }

    /// True for a name in a proven directory that is not known to be something else.
    pub(super) fn takes(&self, path: &str) -> bool {
        let Some((directory, name)) = path.rsplit_once('/') else {
            return false;
        };
        let open = !directory.is_empty() && self.accepts(path, Method::Get);
        if !open || name.is_empty() || is_action(name) {
            return false;
        }
        let groups = self.groups.get(directory);
        let slugs = groups
            .into_iter()
            .flat_map(BTreeMap::values)
            .flatten()
            .filter(|name| is_slug(name));
        if is_slug(name) && slugs.take(ENOUGH_SLUGS).count() == ENOUGH_SLUGS {
            return true;
        }
        if !self.suspected.contains(directory) || self.is_unlike(directory, name) {
            return false;
        }
        let largest = groups.and_then(|groups| groups.values().max_by_key(|group| group.len()));
        let alone = groups
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter(|group| Some(*group) != largest)
            .any(|group| group.contains(name));
        // Seen with another structure: a page of its own.
        !alone || largest.is_some_and(|group| group.contains(name))
    }
}

/// True for a title: `24-post`, `Page_7`, `my-first-post`; not for a version.
pub(super) fn is_slug(name: &str) -> bool {
    let digit = name.bytes().any(|byte| byte.is_ascii_digit());
    let version = name
        .strip_prefix('v')
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let joints = name.bytes().filter(|b| matches!(b, b'-' | b'_')).count();
    (digit && !version) || joints >= 2 || name.contains("%20")
}

/// An answer's form without its content: the tags of a page, the fields of a JSON answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Structure {
    /// The same for answers of one form.
    pub(super) number: u64,
    /// True for a web page.
    pub(super) page: bool,
}

impl Structure {
    /// The form of a page or a JSON answer; others have none. Where a form names a segment of the page's
    /// own path, any would do.
    pub(super) fn of(response: &Response, path: &str) -> Option<Self> {
        let number = number(response, path)?;
        let page = response.json().is_none() && response.media_type().contains("html");
        Some(Self { number, page })
    }
}

fn number(response: &Response, path: &str) -> Option<u64> {
    let own: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let blurred = |tag: &str| -> String {
        let pieces = tag.split_inclusive(['/', '"', '\'', '=', ' ', '?', '&']);
        let pieces = pieces.map(|piece| {
            let bare = piece.trim_end_matches(['/', '"', '\'', '=', ' ', '?', '&']);
            if own.contains(&bare) { "*" } else { piece }
        });
        pieces.collect()
    };
    let mut parts: BTreeSet<String> = BTreeSet::new();
    if let Some(value) = response.json() {
        let mut stack = vec![(String::new(), &value)];
        while let Some((trail, value)) = stack.pop() {
            if parts.len() > 2_000 {
                break;
            }
            match value {
                serde_json::Value::Object(fields) => {
                    for (name, value) in fields {
                        stack.push((format!("{trail}.{name}"), value));
                    }
                }
                serde_json::Value::Array(items) => {
                    stack.extend(
                        items
                            .iter()
                            .take(5)
                            .map(|item| (format!("{trail}[]"), item)),
                    );
                }
                _ => {}
            }
            parts.insert(trail);
        }
    } else if response.media_type().contains("html") {
        let text = response.text();
        let tags = text.split('<').skip(1).take(20_000);
        for tag in tags.filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic())) {
            let tag = tag.split('>').next().unwrap_or_default();
            let name = tag.split([' ', '\n', '\t', '/']).next().unwrap_or_default();
            // A form makes a page one of its own kind.
            let kept = if name == "form" {
                blurred(tag)
            } else {
                name.to_owned()
            };
            parts.insert(kept.to_ascii_lowercase());
        }
    } else {
        return None;
    }
    Some(mark((response.status, parts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Structure {
        Structure::of(
            &Response::of(200, &[("content-type", "text/html")], body),
            "/x",
        )
        .unwrap()
    }

    #[test]
    fn five_pages_of_one_structure_make_their_directory_suspect() {
        let mut siblings = Siblings::default();
        let page = |title: &str| form(&format!("<h1>{title}</h1><p>text of {title}</p>"));
        let names = ["a-b", "c-d", "e-f", "g-h", "i-j"];
        let suspects: Vec<_> = names
            .iter()
            .filter_map(|name| siblings.note(&format!("/blog/{name}"), page(name)))
            .collect();
        assert_eq!(suspects, ["/blog"]);
        assert_eq!(siblings.note("/blog/archive", form("<table>")), None);
        assert!(!siblings.takes("/blog/a-b"), "not proven yet");
        siblings.accept("/blog", &[Method::Get]);
        assert!(siblings.takes("/blog/a-b") && siblings.takes("/blog/never-seen"));
        assert!(!siblings.takes("/blog/archive") && !siblings.takes("/blog/new"));
    }

    #[test]
    fn a_plain_word_among_titles_is_looked_at_before_it_is_taken_for_one() {
        let mut siblings = Siblings::default();
        let page = form("<h1>a</h1>");
        for name in ["a-b", "c-d", "e-f", "g-h", "i-j"] {
            siblings.note(&format!("/blog/{name}"), page);
        }
        siblings.accept("/blog", &[Method::Get]);
        assert!(siblings.takes("/blog/k-l") && !siblings.takes("/blog/write"));
        siblings.note("/blog/write", page);
        assert!(siblings.takes("/blog/write"), "it is a title of one word");
    }

    #[test]
    fn numbered_titles_need_no_third() {
        let mut siblings = Siblings::default();
        siblings.note("/wiki/Page_1", form("<p>"));
        siblings.accept("/wiki", &[Method::Get]);
        assert!(!siblings.takes("/wiki/Page_1"));
        siblings.note("/wiki/Page_2", form("<table>"));
        assert!(siblings.takes("/wiki/Page_1") && siblings.takes("/wiki/24-post"));
        assert!(!siblings.takes("/wiki/help") && !siblings.takes("/other/Page_1"));
    }

    #[test]
    fn forms_that_differ_in_their_pages_own_names_are_alike() {
        let of = |name: &str, method: &str| {
            let body = format!("<form method={method} action='/u/{name}/follow'><input></form>");
            let page = Response::of(200, &[("content-type", "text/html")], &body);
            Structure::of(&page, &format!("/u/{name}")).unwrap()
        };
        assert_eq!(of("ann", "post"), of("bob", "post"));
        assert_ne!(of("ann", "post"), of("bob", "get"));
    }

    #[test]
    fn pages_at_the_root_are_never_suspect() {
        let mut siblings = Siblings::default();
        let page = form("<p>x");
        for name in ["a", "b", "c", "d", "e", "f"] {
            assert_eq!(siblings.note(&format!("/{name}"), page), None);
        }
    }
}
