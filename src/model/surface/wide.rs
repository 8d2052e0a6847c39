//! Templates with placeholders, looked up by a concrete path.
//!
//! This module has a tree of segments, so that a path is compared only with templates that begin
//! like it. What a placeholder matches is decided in `template.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::Template;
use super::template::takes;

/// The templates, sorted, and as a tree of their segments.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wide {
    sorted: BTreeSet<Template>,
    root: Node,
}

/// A place where templates with the same beginning diverge.
#[derive(Clone, Debug, Default, PartialEq)]
struct Node {
    /// What follows a segment without a placeholder.
    literal: BTreeMap<String, Node>,
    /// What follows a segment with a placeholder, keyed by that segment as written.
    open: BTreeMap<String, Node>,
    /// The template that ends here.
    end: Option<Template>,
}

impl Wide {
    pub(super) fn insert(&mut self, template: Template) {
        let mut node = &mut self.root;
        for segment in template.as_str().split('/') {
            let next = if segment.contains('{') {
                &mut node.open
            } else {
                &mut node.literal
            };
            node = next.entry(segment.to_owned()).or_default();
        }
        node.end = Some(template.clone());
        self.sorted.insert(template);
    }

    pub(super) fn remove(&mut self, template: &Template) {
        if self.sorted.remove(template) {
            let segments: Vec<&str> = template.as_str().split('/').collect();
            self.root.remove(&segments);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Template> {
        self.sorted.iter()
    }

    /// Returns the templates that match a concrete path; a literal segment comes before one with a
    /// placeholder.
    pub(super) fn of(&self, path: &str) -> impl Iterator<Item = &Template> {
        let mut found = Vec::new();
        let segments: Vec<&str> = path.split('/').collect();
        // Uses a stack instead of recursion, since the application chooses the depth of the path.
        let mut open: Vec<(&Node, usize)> = vec![(&self.root, 0)];
        while let Some((node, at)) = open.pop() {
            let Some(segment) = segments.get(at) else {
                found.extend(node.end.as_ref());
                continue;
            };
            let fits = |(text, _): &(&String, &Node)| takes(text, segment);
            let nodes = node.open.iter().rev().filter(fits);
            open.extend(nodes.map(|(_, node)| (node, at + 1)));
            open.extend(node.literal.get(*segment).map(|node| (node, at + 1)));
        }
        found.into_iter()
    }
}

impl Node {
    /// Removes a template, and the nodes that lead nowhere without it.
    fn remove(&mut self, segments: &[&str]) {
        let Some((first, rest)) = segments.split_first() else {
            self.end = None;
            return;
        };
        let branches = if first.contains('{') {
            &mut self.open
        } else {
            &mut self.literal
        };
        if let Some(next) = branches.get_mut(*first) {
            next.remove(rest);
            if next.end.is_none() && next.open.is_empty() && next.literal.is_empty() {
                branches.remove(*first);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(templates: &[&str]) -> Wide {
        let mut wide = Wide::default();
        for template in templates {
            wide.insert(Template::new(template));
        }
        wide
    }

    fn of(wide: &Wide, path: &str) -> Vec<String> {
        wide.of(path).map(Template::to_string).collect()
    }

    #[test]
    fn a_path_finds_every_template_that_it_is_an_instance_of_the_most_literal_first() {
        let wide = wide(&[
            "/{a}/{b}",
            "/users/{id}",
            "/users/{id}.csv",
            "/{a}/7",
            "/users/{id}/keys",
        ]);
        assert_eq!(of(&wide, "/users/7"), ["/users/{id}", "/{a}/7", "/{a}/{b}"]);
        assert_eq!(
            of(&wide, "/users/7.csv"),
            ["/users/{id}", "/users/{id}.csv", "/{a}/{b}"]
        );
        assert_eq!(of(&wide, "/users/7/keys"), ["/users/{id}/keys"]);
        assert!(of(&wide, "/users/").is_empty() && of(&wide, "/users").is_empty());
    }

    #[test]
    fn a_removed_template_leaves_nothing_behind() {
        let mut wide = wide(&["/users/{id}", "/users/{id}/keys"]);
        wide.remove(&Template::new("/users/{id}/keys"));
        wide.remove(&Template::new("/never/{id}"));
        assert_eq!(of(&wide, "/users/7"), ["/users/{id}"]);
        wide.remove(&Template::new("/users/{id}"));
        assert_eq!(wide, Wide::default());
    }
}
