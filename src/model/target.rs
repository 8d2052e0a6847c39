//! The target and its scope: whether a URL may be requested.
//!
//! This module has the base URL, origin and prefix, and the include and exclude patterns. The check
//! itself is made in `http/client.rs`, so that no stage can forget it.

mod alias;
pub(crate) mod spelling;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use regex::Regex;
use url::Url;

pub use alias::Alias;

/// A base URL with the rules for what belongs to it.
///
/// The scope is the exact origin plus the base URL's path prefix, in every spelling of a path that
/// a server may accept. A prefix ends at a `/`: `http://h/app` covers `/app` and `/app/x`, but not
/// `/apple`. Other names of the host are never connected to; [`Target::at_home`] rewrites them.
#[derive(Clone, Debug)]
pub struct Target {
    base: Url,
    prefix: String,
    include: Vec<Regex>,
    exclude: Vec<Regex>,
    max_depth: Option<usize>,
    /// Shared by clones: an alias that the crawl proves applies to redirects too.
    aliases: Arc<Mutex<Vec<Alias>>>,
}

/// The reason why a text is not a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadTarget(String);

impl Target {
    /// Parses a base URL; `host:port` without a scheme is taken as http.
    ///
    /// # Errors
    ///
    /// Fails if the text is not an http or https URL with a host.
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        let given = text.trim();
        let with_scheme = if given.contains("://") {
            given.to_owned()
        } else {
            format!("http://{given}")
        };
        let mut base = Url::parse(&with_scheme)
            .map_err(|error| BadTarget(format!("{text:?} is not a URL: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(BadTarget(format!(
                "{text:?}: only http and https URLs can be scanned"
            )));
        }
        if base.host().is_none() {
            return Err(BadTarget(format!("{text:?} names no host")));
        }
        base.set_fragment(None);
        let path = base.path();
        // A last segment with a dot is a page (`/app/index.html`), not part of the prefix.
        let folder = match path.rsplit_once('/') {
            Some((folder, page)) if page.contains('.') => folder,
            _ => path.trim_end_matches('/'),
        };
        let prefix = folder.to_owned();
        Ok(Self {
            base,
            prefix,
            include: Vec::new(),
            exclude: Vec::new(),
            max_depth: None,
            aliases: Arc::default(),
        })
    }

    /// Restricts the scope to paths that match one of these patterns (empty: all).
    #[must_use]
    pub fn with_include(mut self, patterns: Vec<Regex>) -> Self {
        self.include = patterns;
        self
    }

    /// Excludes paths that match one of these patterns from the scope.
    #[must_use]
    pub fn with_exclude(mut self, patterns: Vec<Regex>) -> Self {
        self.exclude = patterns;
        self
    }

    /// Returns the maximum number of path segments below the prefix, if there is one.
    pub const fn max_depth(&self) -> Option<usize> {
        self.max_depth
    }

    /// Restricts the scope to paths of at most so many segments below the prefix (`None`: any).
    #[must_use]
    pub fn with_max_depth(mut self, segments: Option<usize>) -> Self {
        self.max_depth = segments;
        self
    }

    /// Returns the base URL, including the tester's userinfo and query.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Returns the path prefix without its last slash; empty for the root.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns whether a URL has the base URL's scheme, host and port.
    pub fn same_origin(&self, url: &Url) -> bool {
        url.scheme() == self.base.scheme()
            && url.port_or_known_default() == self.base.port_or_known_default()
            && url.host() == self.base.host()
    }

    /// Returns whether a URL is in scope: same origin, under the prefix and not excluded.
    ///
    /// This must hold for every spelling of its path that a server may accept.
    pub fn covers(&self, url: &Url) -> bool {
        if !self.same_origin(url) {
            return false;
        }
        let Some(levels) = spelling::decoded(url.path()) else {
            return false;
        };
        let of = |path: &str| spelling::decoded(path).unwrap_or_default();
        let (prefixes, bases) = (of(&self.prefix), of(self.base.path()));
        let at = |levels: &[String], level: usize| -> String {
            let last = levels.len().saturating_sub(1);
            levels.get(level.min(last)).cloned().unwrap_or_default()
        };
        levels.iter().enumerate().all(|(level, path)| {
            let (prefix, base) = (at(&prefixes, level), at(&bases, level));
            let places = spelling::places(path);
            places
                .iter()
                .all(|place| self.covers_place(place, &prefix, &base))
        })
    }

    fn covers_place(&self, path: &str, prefix: &str, base: &str) -> bool {
        let rest = rest(path, prefix);
        let is_base = path == base;
        if rest.is_none() && !is_base {
            return false;
        }
        let depth = rest.map_or(0, |rest| {
            rest.split('/')
                .filter(|segment| !segment.is_empty())
                .count()
        });
        if !is_base && self.max_depth.is_some_and(|most| depth > most) {
            return false;
        }
        // The start page is always in scope; otherwise an include pattern could leave no place to
        // start.
        let included = is_base || self.include.is_empty() || matches_any(&self.include, path);
        included && !matches_any(&self.exclude, path)
    }

    /// Returns the part of a path that follows the prefix.
    fn strip_prefix<'a>(&self, path: &'a str) -> Option<&'a str> {
        rest(path, &self.prefix)
    }

    fn aliases(&self) -> MutexGuard<'_, Vec<Alias>> {
        self.aliases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns an absolute URL on this target for a path that begins with `/` (query allowed).
    ///
    /// The path is used unchanged, from the origin's root.
    pub fn url_for(&self, path_and_query: &str) -> Option<Url> {
        let mut root = self.base.clone();
        root.set_query(None);
        root.set_path("/");
        let _ = root.set_username("");
        let _ = root.set_password(None);
        let path = path_and_query.strip_prefix('/').unwrap_or(path_and_query);
        // "//host" would name another host; this keeps it a path.
        let path = path.trim_start_matches('/');
        root.join(&format!("/{path}")).ok()
    }
}

fn matches_any(patterns: &[Regex], path: &str) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(path))
}

/// Returns what follows a prefix that ends at a `/`.
fn rest<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(base: &str, url: &str) -> bool {
        Target::parse(base)
            .unwrap()
            .covers(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_target_covers_its_origin_and_prefix_only() {
        assert!(covers("http://h:5000", "http://h:5000/a?b=c"));
        assert!(covers("http://h:5000/app", "http://h:5000/app/x"));
        assert!(covers("http://h:5000/app", "http://h:5000/app"));
        assert!(!covers("http://h:5000/app", "http://h:5000/apple"));
        assert!(!covers("http://h:5000", "http://h:5001/"));
        assert!(!covers("http://h:5000", "https://h:5000/"));
        assert!(!covers("http://h:5000", "http://other:5000/"));
        assert!(covers("http://h/app/index.html", "http://h/app/x"));
    }

    #[test]
    fn another_spelling_of_the_host_is_another_host() {
        assert!(!covers("http://localhost:5000", "http://127.0.0.1:5000/"));
        assert!(!covers("http://127.0.0.1:5000", "http://[::1]:5000/"));
        assert!(!covers("http://127.0.0.1:5000", "http://127.0.0.2:5000/"));
        assert!(covers("http://LOCALHOST:80", "http://localhost/"));
    }

    #[test]
    fn a_path_that_leaves_the_base_in_any_spelling_is_out_of_scope() {
        for path in [
            "..%2foutside",
            "..;/outside",
            "x/..%5c..%5coutside",
            "%252e%252e/outside",
            "x%2f..%2f..%2foutside",
            "%252e%252e%252foutside",
            "%2f..%2foutside",
            "%25252525252525252e%2e/outside",
            "%252525252525252525252e/outside",
            "..%3b/outside",
        ] {
            let url = format!("http://h/app/{path}");
            assert!(!covers("http://h/app", &url), "{url}");
        }
        for path in [
            "caf%C3%A9",
            "a%20b",
            "100%25",
            "x%2fy",
            "x/..%2fy",
            "%",
            "..x",
            "a;b/c",
        ] {
            let url = format!("http://h/app/{path}");
            assert!(covers("http://h/app", &url), "{url}");
        }
        assert!(covers("http://h/my%20app", "http://h/my%20app/x%20y"));
        assert!(!covers("http://h/app", "http://h/%61pp/x"));
    }

    #[test]
    fn patterns_are_asked_about_every_spelling() {
        let target = Target::parse("http://h")
            .unwrap()
            .with_include(vec![Regex::new("^/(api|x)/").unwrap()])
            .with_exclude(vec![Regex::new("^/api/admin").unwrap()]);
        let covers = |path: &str| target.covers(&Url::parse(&format!("http://h{path}")).unwrap());
        assert!(covers("/api/a%20b"));
        for path in [
            "/api/%61dmin",
            "/api/%2561dmin",
            "/x/..%2fapi/admin",
            "/api/..%2fother",
            "/%61pi/x",
        ] {
            assert!(!covers(path), "{path}");
        }
    }

    #[test]
    fn include_and_exclude_patterns_narrow_the_scope() {
        let target = Target::parse("http://h")
            .unwrap()
            .with_include(vec![Regex::new("^/api").unwrap()])
            .with_exclude(vec![Regex::new("admin").unwrap()]);
        let covers = |path: &str| target.covers(&Url::parse(&format!("http://h{path}")).unwrap());
        assert!(covers("/api/keys"));
        assert!(!covers("/api/admin"));
        assert!(!covers("/other"));
        assert!(covers("/"));
    }

    #[test]
    fn a_depth_counts_segments_below_the_base() {
        let target = Target::parse("http://h/app")
            .unwrap()
            .with_max_depth(Some(2));
        let covers = |path: &str| target.covers(&Url::parse(&format!("http://h{path}")).unwrap());
        assert!(covers("/app") && covers("/app/a") && covers("/app/a/b/"));
        assert!(!covers("/app/a/b/c"));
        let page = Target::parse("http://h/a/b/index.html")
            .unwrap()
            .with_max_depth(Some(1));
        assert!(page.covers(page.base()));
        assert!(!page.covers(&Url::parse("http://h/a/b/c/d").unwrap()));
    }

    #[test]
    fn a_wrong_url_says_what_is_wrong() {
        assert!(
            Target::parse("ftp://h")
                .unwrap_err()
                .to_string()
                .contains("http and https")
        );
        assert!(
            Target::parse("http://")
                .unwrap_err()
                .to_string()
                .contains("not a URL")
        );
        assert_eq!(
            Target::parse("localhost:5000").unwrap().base().as_str(),
            "http://localhost:5000/"
        );
    }

    #[test]
    fn a_path_with_two_slashes_stays_on_the_host() {
        let target = Target::parse("http://h:1").unwrap();
        assert_eq!(
            target.url_for("//evil.example/x").unwrap().as_str(),
            "http://h:1/evil.example/x"
        );
    }
}
