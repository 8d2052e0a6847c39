//! Path templates: paths with placeholders.
//!
//! This module creates them and matches concrete paths against one. Finding one among many is in
//! `wide.rs`, and which path becomes which template is decided in `crawl`.

use std::fmt;

/// A path with placeholders, such as `/keys/{id}`. It always begins with `/` and has no query.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Template(pub(super) String);

impl Template {
    /// Creates a template from a path that may contain `{name}` placeholders.
    pub fn new(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        if path.starts_with('/') {
            Self(path.to_owned())
        } else {
            Self(format!("/{path}"))
        }
    }

    /// Creates a template for one field of a GraphQL schema, as an operation of its own:
    /// `/graphql#createKey`.
    ///
    /// The part after `#` is never sent.
    pub fn graphql(path: &str, field: &str) -> Self {
        Self(format!("{}#{field}", Self::new(path).0))
    }

    /// Returns the template as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the path has no placeholders.
    pub fn is_literal(&self) -> bool {
        !self.0.contains('{') || self.names().is_empty()
    }

    /// Returns the part before the first placeholder, without its last slash: `/keys` of
    /// `/keys/{id}/x`.
    pub fn collection(&self) -> &str {
        self.0.split("/{").next().unwrap_or_default()
    }

    /// Returns the placeholders' names, in order.
    pub fn names(&self) -> Vec<&str> {
        pieces(&self.0)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Name(name) => Some(name),
                Piece::Text(_) => None,
            })
            .collect()
    }

    /// Returns the template with every placeholder written `{}`, as fingerprints need it.
    pub fn anonymous(&self) -> String {
        self.fill(|_| "{}".to_owned())
    }

    /// Returns whether a concrete path matches this template.
    pub fn matches(&self, path: &str) -> bool {
        self.values(path).is_some()
    }

    /// Returns the placeholders' values in a concrete path, in order; `None` if it does not match.
    pub fn values(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut values = Vec::new();
        let mut mine = self.0.split('/');
        let mut theirs = path.split('/');
        loop {
            match (mine.next(), theirs.next()) {
                (None, None) => return Some(values),
                (Some(part), Some(value)) => segment_values(part, value, &mut values)?,
                _ => return None,
            }
        }
    }

    /// Returns the path with each placeholder replaced by what `fill` returns for its name.
    pub fn fill(&self, mut fill: impl FnMut(&str) -> String) -> String {
        let mut path = String::with_capacity(self.0.len());
        for piece in pieces(&self.0) {
            match piece {
                Piece::Text(text) => path.push_str(text),
                Piece::Name(name) => path.push_str(&fill(name)),
            }
        }
        path
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A piece of a template. Text and placeholders alternate; a placeholder may be a whole segment or
/// part of one (`/export/{id}.csv`).
enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after
            .split_once('}')
            .filter(|(name, _)| !name.contains('/'))
        else {
            break;
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Name(name));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Matches one segment; each placeholder takes at least one character, up to the next text.
fn segment_values(part: &str, value: &str, values: &mut Vec<(String, String)>) -> Option<()> {
    let mut rest = value;
    let mut open: Option<&str> = None;
    for piece in pieces(part) {
        match (piece, open) {
            (Piece::Name(name), None) => open = Some(name),
            // Two placeholders without text between them cannot be told apart.
            (Piece::Name(_), Some(_)) => return None,
            (Piece::Text(text), None) => rest = rest.strip_prefix(text)?,
            (Piece::Text(text), Some(name)) => {
                let at = rest.get(1..)?.find(text)? + 1;
                values.push((name.to_owned(), rest[..at].to_owned()));
                rest = &rest[at + text.len()..];
                open = None;
            }
        }
    }
    match open {
        Some(_) if rest.is_empty() => None,
        Some(name) => {
            values.push((name.to_owned(), rest.to_owned()));
            Some(())
        }
        None => rest.is_empty().then_some(()),
    }
}

/// Returns whether a template's segment that has a placeholder matches a segment of a path.
pub(super) fn takes(pattern: &str, segment: &str) -> bool {
    segment_values(pattern, segment, &mut Vec::new()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_matches_fills_and_hides_its_placeholders() {
        let template = Template::new("/keys/{id}/export/{name}.csv?x=1");
        assert_eq!(template.names(), ["id", "name"]);
        assert_eq!(template.anonymous(), "/keys/{}/export/{}.csv");
        assert_eq!(template.fill(str::to_uppercase), "/keys/ID/export/NAME.csv");
        let values = template.values("/keys/7/export/a.b.csv").unwrap();
        assert_eq!(
            values,
            [("id".into(), "7".into()), ("name".into(), "a.b".into())]
        );
        for path in [
            "/keys//export/a.csv",
            "/keys/7/export/.csv",
            "/keys/7",
            "/keys/7/export/a",
        ] {
            assert!(!template.matches(path), "{path}");
        }
    }

    #[test]
    fn broken_templates_are_texts() {
        for text in ["/a/{b", "/a/}b{", "/{a/b}", "/é{", "/{}", ""] {
            let template = Template::new(text);
            assert_eq!(
                template.fill(|name| format!("{{{name}}}")),
                template.as_str()
            );
            let _ = template.values("/é");
        }
    }
}
