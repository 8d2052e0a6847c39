//! Kin: guesses made from what was found. A collection may have an export and a twin in the singular, an
//! interface of one version may have others, a web page may be data for who asks for data.
//!
//! Owns: which of these are worth a request. Leaves out: telling that they exist (`tentative.rs`).

use std::collections::BTreeSet;

use super::found::input_of;
use super::job::{Job, Why};
use super::mark::mark;
use super::shape::directory;
use super::siblings::Structure;
use super::{Crawl, shaped};
use crate::http::{Method, Response};
use crate::policy::may_send;
use crate::surface::{Endpoint, EndpointId, Place, Provenance, Template};
use crate::words::singular;

/// What stands below a collection beside its items.
const BESIDE_ITEMS: [&str; 2] = ["export", "search"];

/// Collections that get guesses, at most.
const MAX_COLLECTIONS: usize = 20;

/// Interfaces with a version, and operations that are looked for in another version, at most.
const MAX_VERSIONS: usize = 4;
const MAX_PORTED: usize = 40;

/// Pages that are asked for data, at most.
const MAX_VARIANTS: usize = 40;

impl Crawl {
    /// Queues guesses that what was found suggests.
    pub(super) fn guess_kin(&mut self) {
        self.guess_beside_items();
        self.guess_versions();
    }

    /// `/users/export`, and `/user` where items stand below `/users`.
    fn guess_beside_items(&mut self) {
        let collections: BTreeSet<String> = self
            .known
            .surface
            .wide()
            .filter_map(|template| {
                let (collection, item) = template.as_str().rsplit_once('/')?;
                let alone = item.starts_with('{') && item.ends_with('}');
                (alone && !collection.is_empty() && !collection.contains('{'))
                    .then(|| collection.to_owned())
            })
            .filter(|collection| self.is_there(&Template::new(collection)))
            .collect();
        for collection in collections {
            if self.asking.collections.len() >= MAX_COLLECTIONS {
                return;
            }
            if !self.asking.collections.insert(collection.clone()) {
                continue;
            }
            let refused = self.known.reached.iter().any(|(id, reach)| {
                let path = id.path.as_str();
                (path == collection || directory(path) == collection) && reach.needs_login()
            });
            if refused {
                self.ask_refusal(&collection);
            }
            for name in BESIDE_ITEMS {
                self.try_path(&format!("{collection}/{name}"), Provenance::Guess);
            }
            if let Some(twin) = twin(&collection) {
                self.try_path(&twin, Provenance::Guess);
            }
        }
    }

    /// `/api/v2/users` and `/api/v3/users` beside `/api/v2`: one operation of each, and all of them where
    /// that one was there.
    fn guess_versions(&mut self) {
        let known: Vec<Endpoint> = self
            .known
            .surface
            .iter()
            .filter(|endpoint| endpoint.id.method == Method::Get)
            .filter(|endpoint| version(endpoint.id.path.as_str()).is_some())
            .filter(|endpoint| self.is_there(&endpoint.id.path))
            .cloned()
            .collect();
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let mut ported = 0;
        for endpoint in known {
            let path = endpoint.id.path.as_str();
            let Some((before, number, after)) = version(path) else {
                continue;
            };
            for other in [number + 1, number.saturating_sub(1)] {
                let prefix = format!("{before}/v{other}");
                let inside = format!("{prefix}/");
                let exists = self
                    .known
                    .surface
                    .iter()
                    .any(|one| one.id.path.as_str().starts_with(&inside));
                let first = asked.insert(prefix.clone());
                if other == 0 || ported >= MAX_PORTED || asked.len() > MAX_VERSIONS {
                    continue;
                }
                if exists || (first && endpoint.id.path.is_literal()) {
                    ported += 1;
                    self.port(&endpoint, &format!("{prefix}{after}"));
                } else if first {
                    // The next one that can be asked for stands for them all.
                    asked.remove(&prefix);
                }
            }
        }
    }

    /// Asks whether an operation is there under another path too.
    fn port(&mut self, endpoint: &Endpoint, path: &str) {
        let mut other = Endpoint::new(EndpointId::new(Method::Get, path), Provenance::Guess);
        if self.known.surface.get(&other.id).is_some() {
            return;
        }
        other.samples.clone_from(&endpoint.samples);
        let sample = other.samples.first().cloned().unwrap_or_default();
        let one = "1".to_owned();
        let concrete = other
            .id
            .path
            .fill(|name| sample.get(name).unwrap_or(&one).clone());
        self.try_endpoints(&concrete, vec![other]);
    }

    /// Asks for data where a web page was shown: one page of each directory, and all of them where that
    /// one made a difference or a page says (`Vary`) that it may.
    pub(super) fn ask_variant(&mut self, path: &str, response: &Response) {
        if !response.media_type().contains("html") {
            return;
        }
        let directory = directory(&shaped(path)).to_owned();
        let says = response.header("vary").is_some_and(|vary| {
            vary.to_ascii_lowercase().contains("accept,") || vary.eq_ignore_ascii_case("accept")
        });
        let first = self.asking.variants.len() < MAX_VARIANTS
            && self.asking.variants.insert(directory.clone())
            && self.is_new_form(path, response);
        if first || says || self.known.negotiates.contains(&directory) {
            self.queue_variant(path, Some("format=json"));
        }
    }

    /// True unless a page that looks the same in a directory nearby was asked: `/u/ann/posts` and
    /// `/u/bob/posts`.
    fn is_new_form(&mut self, path: &str, response: &Response) -> bool {
        let below = path.strip_prefix(self.settings.target.prefix());
        let mut segments = below.unwrap_or(path).split('/').skip(1);
        let (branch, deep) = (segments.next(), segments.count() > 1);
        match Structure::of(response, path) {
            Some(form) if deep => self.known.variant_forms.insert(mark((branch, form.number))),
            _ => true,
        }
    }

    fn queue_variant(&mut self, path: &str, query: Option<&str>) {
        let id = EndpointId::new(Method::Get, path);
        if may_send(&self.settings, &id, "").is_err() {
            return;
        }
        if let Some(mut url) = self.settings.target.url_for(path) {
            url.set_query(query);
            let why = Why::Variant;
            let method = Method::Get;
            self.asking
                .frontier
                .admit(Job { method, url, why }, &shaped(path));
        }
    }

    /// Takes the answer of a page that was asked for data. True where it gave some.
    pub(super) fn take_variant(&mut self, job: &Job, response: &Response) -> bool {
        let kind = response.media_type();
        let data = ["json", "csv", "xml"]
            .iter()
            .any(|data| kind.contains(data));
        let data = response.is_success() && data && !kind.contains("html");
        let path = job.url.path();
        if job.url.query().is_none() {
            // Without the query: it is the query that makes the difference, or the header.
            let id = EndpointId::new(Method::Get, path);
            if !data && let Some(endpoint) = self.known.surface.get_mut(&id) {
                endpoint.add_input(input_of(Place::Query, "format", "json", Provenance::Guess));
            }
            return data;
        }
        if !data {
            return false;
        }
        self.queue_variant(path, None);
        if self
            .known
            .negotiates
            .insert(directory(&shaped(path)).to_owned())
        {
            // Pages of this directory that were passed over.
            let pages: Vec<String> = self
                .known
                .surface
                .iter()
                .filter(|one| one.id.method == Method::Get && one.id.path.is_literal())
                .map(|one| one.id.path.as_str())
                .filter(|other| *other != path && directory(other) == directory(path))
                .map(str::to_owned)
                .collect();
            for page in pages.into_iter().take(MAX_VARIANTS) {
                self.queue_variant(&page, Some("format=json"));
            }
        }
        true
    }

    /// True for a path that answered well, or that only lacked a login.
    fn is_there(&self, path: &Template) -> bool {
        let id = EndpointId::of(Method::Get, path.clone());
        self.known
            .reached(&id)
            .is_some_and(|status| matches!(status, 200..=399 | 401 | 403))
    }
}

/// `/user` of `/users`, `/users` of `/user`.
fn twin(collection: &str) -> Option<String> {
    let (before, name) = collection.rsplit_once('/')?;
    let plain = name.len() >= 3 && name.bytes().all(|byte| byte.is_ascii_lowercase());
    if !plain {
        return None;
    }
    let one = singular(name);
    let twin = match name {
        _ if one != name => one,
        _ if name.ends_with('y') && !["ay", "ey", "oy"].iter().any(|end| name.ends_with(end)) => {
            format!("{}ies", name.strip_suffix('y')?)
        }
        _ if name.ends_with('s') => format!("{name}es"),
        _ => format!("{name}s"),
    };
    Some(format!("{before}/{twin}"))
}

/// `/api`, 1, `/users` of `/api/v1/users`.
fn version(path: &str) -> Option<(&str, u32, &str)> {
    let mut start = 0;
    for segment in path.split('/').skip(1) {
        let end = start + 1 + segment.len();
        let number = segment
            .strip_prefix('v')
            .and_then(|digits| digits.parse().ok());
        if let Some(number) = number.filter(|number| (1..100).contains(number)) {
            return Some((&path[..start], number, &path[end..]))
                .filter(|(_, _, rest)| !rest.is_empty());
        }
        start = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_twins_are_read_from_paths() {
        assert_eq!(
            version("/api/v1/users/{id}"),
            Some(("/api", 1, "/users/{id}"))
        );
        assert_eq!(version("/v12/x"), Some(("", 12, "/x")));
        for path in ["/api/v1", "/vault/x", "/v/x", "/v0/x", "/api/version2/x"] {
            assert_eq!(version(path), None, "{path}");
        }
        assert_eq!(twin("/api/users").as_deref(), Some("/api/user"));
        assert_eq!(twin("/api/entry").as_deref(), Some("/api/entries"));
        assert_eq!(twin("/entries").as_deref(), Some("/entry"));
        assert_eq!(twin("/a"), None);
    }
}
