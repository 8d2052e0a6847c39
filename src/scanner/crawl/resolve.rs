//! Resolving: from a URL as it was written to a path of the target.
//!
//! Owns: schemes, base, scope, placeholders, assets, and which values a request itself brought along.
//! Leaves out: what the path means for the surface (`place.rs`).

use std::collections::BTreeSet;

use url::Url;

use super::found::{Call, PLAIN};
use super::{Crawl, clues};
use crate::http::Request;
use crate::surface::{Provenance, Template};

/// A URL of the target, cut into what a surface needs.
pub(super) struct Resolved {
    /// Path with `{name}` placeholders as they were written.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
}

impl Crawl {
    /// A call's URL as a path of the target; `None` outside of the scope.
    pub(super) fn resolve(&self, call: &Call, base: &Url) -> Option<Resolved> {
        let mut url = self.settings.target.at_home(self.written(call, base)?);
        // Placeholders are read after parsing, so what is in scope is asked of what is sent.
        if !self.settings.target.covers(&url) {
            return None;
        }
        // A page that lists requests shows ours: names that were only guessed are no inputs.
        if let Some(query) = url.query()
            && self
                .guesses
                .as_ref()
                .is_some_and(|g| !g.scan(query.as_bytes()).is_empty())
        {
            url.set_query(None);
        }
        let query: Vec<(String, String)> = url
            .query_pairs()
            .take(100)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        // Werkzeug's own resources on a page of its debugger.
        if query.iter().any(|(name, _)| name == "__debugger__") {
            return None;
        }
        Some(Resolved {
            path: placeholders(url.path()),
            query,
        })
    }

    /// A call's URL as it was written, wherever it leads.
    pub(super) fn written(&self, call: &Call, base: &Url) -> Option<Url> {
        let raw = call.url.trim();
        if raw.len() > 2_000 || raw.starts_with('#') {
            return None;
        }
        let raw = match raw.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => match scheme.to_ascii_lowercase().as_str()
            {
                "http" | "https" => raw.to_owned(),
                "ws" => format!("http:{rest}"),
                "wss" => format!("https:{rest}"),
                _ => return None,
            },
            _ => raw.to_owned(),
        };
        let raw = without_mustaches(&raw)?;
        let mut url = if matches!(
            call.provenance,
            Provenance::Specification | Provenance::Import
        ) && raw.starts_with('/')
        {
            self.specified(&raw)?
        } else {
            base.join(&raw).ok()?
        };
        url.set_fragment(None);
        Some(url)
    }

    /// A specification's path, rebased: under the target's prefix, unless it has it already.
    fn specified(&self, path: &str) -> Option<Url> {
        let target = &self.settings.target;
        let url = target.url_for(path)?;
        if target.covers(&url) || target.prefix().is_empty() {
            return Some(url);
        }
        target.url_for(&format!("{}{path}", target.prefix()))
    }
}

/// What a request brought along: an answer that repeats it reveals nothing.
pub(super) struct Carried {
    values: BTreeSet<String>,
    /// Names with values: of the query, and of a form or a JSON object in the body.
    pairs: BTreeSet<(String, String)>,
    body: String,
}

impl Carried {
    pub(super) fn of(request: &Request) -> Self {
        let mut values: BTreeSet<String> = request
            .url
            .query_pairs()
            .map(|(_, value)| value.into_owned())
            .collect();
        values.extend(
            request
                .url
                .path_segments()
                .into_iter()
                .flatten()
                .map(str::to_owned),
        );
        values.extend(request.headers.iter().map(|(_, value)| value.clone()));
        let mut pairs: BTreeSet<(String, String)> =
            request.url.query_pairs().into_owned().collect();
        if let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(&request.body) {
            pairs.extend(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), plain(value))),
            );
        } else if request
            .header("content-type")
            .is_some_and(|kind| kind.contains("urlencoded"))
        {
            pairs.extend(url::form_urlencoded::parse(&request.body).into_owned());
        }
        Self {
            pairs,
            values,
            body: String::from_utf8_lossy(&request.body).into_owned(),
        }
    }

    /// True for a value that the request itself gave a field of this name.
    pub(super) fn brought(&self, name: &str, value: &serde_json::Value) -> bool {
        let value = plain(value);
        let part = format!("name=\"{name}\"\r\n\r\n{value}\r\n");
        self.body.contains(&part) || self.pairs.contains(&(name.to_owned(), value))
    }

    /// True for the plain word of our own, where query or body brought it.
    pub(super) fn has_plain(&self, text: &str) -> bool {
        text == PLAIN
            && (self.body.contains(text) || self.pairs.iter().any(|(_, value)| value == text))
    }

    /// True for a value that looks like one that was planted: a mixture of letters and digits.
    pub(super) fn has_value(&self, text: &str) -> bool {
        let plausible = text.len() >= 6 && text.bytes().any(|byte| byte.is_ascii_digit());
        plausible
            && (self.body.contains(text) || self.values.iter().any(|value| value.contains(text)))
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asset {
    /// Worth reading, but no operation.
    Readable,
    /// Pictures, fonts, media.
    Dead,
}

/// What a path's ending says.
pub(super) fn is_asset(path: &str) -> Option<Asset> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (_, end) = name.rsplit_once('.')?;
    match end.to_ascii_lowercase().as_str() {
        "js" | "mjs" | "css" | "map" | "webmanifest" | "svg" => Some(Asset::Readable),
        "png" | "jpg" | "jpeg" | "gif" | "ico" | "webp" | "avif" | "bmp" | "woff" | "woff2"
        | "ttf" | "otf" | "eot" | "mp3" | "mp4" | "webm" | "ogg" | "wav" | "swf" => {
            Some(Asset::Dead)
        }
        _ => None,
    }
}

fn is_scheme(text: &str) -> bool {
    text.len() <= 20
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// `/users/{{ user.id }}` of a template that the browser fills is `/users/{id}`; `{{ base }}/x` is `/x`.
/// `None` where a variable holds the whole address.
fn without_mustaches(raw: &str) -> Option<String> {
    let open =
        |text: &str| text.contains("{{") || text.contains("%7B%7B") || text.contains("%7b%7b");
    if !open(raw) {
        return Some(raw.to_owned());
    }
    let mut rest = raw
        .replace("%7B", "{")
        .replace("%7b", "{")
        .replace("%7D", "}")
        .replace("%7d", "}");
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("{{") {
        let (expression, after) = after.split_once("}}")?;
        plain.push_str(before);
        // A third brace keeps the value from being escaped.
        let expression = expression.trim_matches(['{', '}']).replace("%20", " ");
        let value = expression.split('|').next().unwrap_or_default();
        let name = value
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .find(|word| !word.is_empty())
            .unwrap_or("id");
        let after = after.strip_prefix('}').unwrap_or(after).to_owned();
        if plain.is_empty() {
            // What a variable in front holds is not known.
            if !after.starts_with('/') {
                return None;
            }
        } else {
            plain.extend(["{", name, "}"]);
        }
        rest = after;
    }
    Some(plain + &rest)
}

/// Reads `%7Bid%7D`, `<int:id>` and `:id` in a parsed path as placeholders.
fn placeholders(path: &str) -> String {
    let path = path.replace("%7B", "{").replace("%7D", "}");
    let flask = path.replace("%3C", "<").replace("%3E", ">");
    let path = if flask.contains('<') {
        clues::source::rule_to_template(&flask).0
    } else {
        path
    };
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| match segment.strip_prefix(':') {
            Some(name) if !name.is_empty() && name.chars().all(is_name_letter) => {
                format!("{{{name}}}")
            }
            _ => segment.to_owned(),
        })
        .collect();
    cleaned(&segments.join("/"))
}

fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

/// Placeholders with names that a report can print; each name once.
fn cleaned(path: &str) -> String {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    Template::new(path).fill(|name| {
        let name: String = name
            .chars()
            .filter(|c| is_name_letter(*c))
            .take(40)
            .collect();
        let stem = if name.is_empty() {
            "id".to_owned()
        } else {
            name
        };
        let mut unique = stem.clone();
        let mut number = 2;
        while !seen.insert(unique.clone()) {
            unique = format!("{stem}{number}");
            number += 1;
        }
        format!("{{{unique}}}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_fills_in_is_a_placeholder() {
        for (raw, plain) in [
            ("/users/{{ user.id }}", Some("/users/{id}")),
            (
                "/u/{{{ u['name'] | json }}}/x?p={{page}}",
                Some("/u/{name}/x?p={page}"),
            ),
            ("/a/%7B%7B%20item.slug%20%7D%7D", Some("/a/{slug}")),
            ("{{ base }}/x", Some("/x")),
            ("{{ url }}", None),
            ("/open/{{", None),
            ("/plain/{id}", Some("/plain/{id}")),
        ] {
            assert_eq!(without_mustaches(raw).as_deref(), plain, "{raw}");
        }
    }
}
