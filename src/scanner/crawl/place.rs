//! Placing: from a call as it was written to an endpoint of the surface, a page to fetch, or both.
//!
//! Owns: which template a path belongs to, which values are ours and teach nothing. Leaves out: what the
//! URL means as such (`resolve.rs`), the requests (`ask.rs`).

use std::collections::BTreeMap;

use url::Url;

use super::Crawl;
use super::found::{Call, Found, MAX_INPUTS, PLAIN, input_of, is_ours, is_stand_in};
use super::resolve::{Asset, Carried, Resolved, is_asset};
use super::shape::{self, PathShape};
use crate::http::{Method, Request};
use crate::policy::{is_named_like_an_action, may_send};
use crate::surface::{Endpoint, EndpointId, Place, Provenance, Template};

impl Crawl {
    /// Takes over what an extractor found in the answer to a request. True when something was new.
    pub(super) fn learn_found(&mut self, request: &Request, found: Found) -> bool {
        let page = request.url.clone();
        let base = found
            .base
            .as_deref()
            .and_then(|base| page.join(base).ok())
            .unwrap_or_else(|| page.clone());
        let carried = Carried::of(request);
        let mut news = false;
        self.learn_set_by_scripts(&found.cookies);
        let (doubtful, certain): (Vec<Call>, Vec<Call>) =
            (found.calls.into_iter()).partition(|call| !call.bases.is_empty());
        for call in certain {
            news |= self.learn_call(call, &base, page.path(), &carried);
        }
        news | self.weigh(doubtful, &page)
    }

    /// Takes over one call of a page. True when something was new.
    pub(super) fn learn_call(
        &mut self,
        call: Call,
        base: &Url,
        page: &str,
        carried: &Carried,
    ) -> bool {
        let Some(mut resolved) = self.resolve(&call, base) else {
            self.note_outside(call, base, page);
            return false;
        };
        let asset = is_asset(&resolved.path);
        let busters = asset.is_some().then(|| resolved.query.clone());
        if asset.is_some() {
            resolved
                .query
                .retain(|(name, value)| !is_buster(name, value));
        }
        // A picture that is made of its query is a page like any other.
        if asset == Some(Asset::Dead) && resolved.query.is_empty() {
            return false;
        }
        let shape = self.placed(&resolved.path, &call, carried);
        let mut endpoint = Endpoint::new(
            EndpointId::new(call.method, &shape.template),
            call.provenance,
        );
        if !shape.values.is_empty() {
            endpoint.samples.push(shape.values.clone());
        }
        endpoint.secured = call.secured;
        endpoint.summary.clone_from(&call.summary);
        if call.form {
            endpoint.form_page = Some(page.to_owned());
        }
        let names: Vec<String> = endpoint
            .id
            .path
            .names()
            .into_iter()
            .map(str::to_owned)
            .collect();
        for mut input in call.inputs {
            // A form that is shown again holds what was sent.
            if input.hint.example.as_ref().is_some_and(|example| {
                example.as_str().is_some_and(is_ours) || carried.brought(&input.name, example)
            }) {
                input.hint.example = None;
            }
            let known = input.place != Place::Path || names.contains(&input.name);
            if known && endpoint.inputs.len() < MAX_INPUTS {
                endpoint.add_input(input);
            }
        }
        for (name, value) in &resolved.query {
            if !name.is_empty() && name.len() <= 100 && endpoint.inputs.len() < MAX_INPUTS {
                let ours = carried.has_value(value)
                    || is_ours(value)
                    || carried.brought(name, &serde_json::Value::from(value.as_str()));
                let value = if ours { "" } else { value };
                endpoint.add_input(input_of(Place::Query, name, value, call.provenance));
            }
        }
        if call.form {
            self.settings
                .learnt
                .note_form_of(&endpoint.id, &endpoint.inputs);
        }
        if call.method == Method::Get && resolved.query.is_empty() && asset.is_none() {
            self.note_linked(&resolved.path, page);
        }
        // It is fetched as it is linked.
        resolved.query = busters.unwrap_or(resolved.query);
        self.place(endpoint, &resolved, &shape, call.tentative, asset.is_some())
    }

    /// Puts an endpoint into the surface, or its URL into the frontier, or both.
    fn place(
        &mut self,
        endpoint: Endpoint,
        resolved: &Resolved,
        shape: &PathShape,
        tentative: bool,
        asset: bool,
    ) -> bool {
        let id = endpoint.id.clone();
        let linked = endpoint
            .provenance
            .iter()
            .all(|found| *found == Provenance::Link);
        if linked && id.method == Method::Get && self.known.copies.covers(&shape.template) {
            return false;
        }
        // A path with our own value in it shows a route, and is no page to visit.
        let ours = is_stand_in(&resolved.path)
            || (shape.template != resolved.path && shape.values.is_empty());
        let concrete = !resolved.path.contains('{') && !ours;
        let fetchable = may_send(&self.settings, &id, &endpoint.summary).is_ok();
        if asset && endpoint.inputs.is_empty() {
            // Scripts and style sheets are read, and are no operations.
            self.fetch(&resolved.path, &resolved.query, &resolved.path);
            return false;
        }
        if tentative && self.known.surface.get(&id).is_none() {
            self.note_told(&endpoint);
            return if concrete {
                self.try_with_query(&resolved.path, &resolved.query, vec![endpoint])
            } else {
                self.try_template(endpoint)
            };
        }
        let literal_post = id.method != Method::Get && concrete && shape.values.is_empty();
        let news = self.add(endpoint);
        if id.method == Method::Get && concrete && fetchable {
            self.fetch(&resolved.path, &resolved.query, &shape.template);
        } else if concrete && is_named_like_an_action(&self.settings, &id) {
            self.ask_whether_it_acts(&resolved.path, &id);
        } else if literal_post
            && self
                .known
                .surface
                .get(&EndpointId::new(Method::Get, &resolved.path))
                .is_none()
        {
            // Where something is posted, something can often be read.
            self.try_path(&resolved.path, Provenance::Guess);
        }
        news
    }

    /// The template of a path: one that is known, or its own shape.
    fn placed(&self, path: &str, call: &Call, carried: &Carried) -> PathShape {
        if path.contains('{') {
            return PathShape {
                template: path.to_owned(),
                values: BTreeMap::new(),
            };
        }
        let literal = EndpointId::new(call.method, path);
        let below = self.is_below_ours(path);
        let is_carried = |segment: &str| {
            carried.has_value(segment) || carried.has_plain(segment) || (below && segment == PLAIN)
        };
        let mut plain = shape::shape(path, is_carried);
        if plain.values.values().any(|value| value == PLAIN) {
            plain.values.clear();
        }
        let unchanged = plain.template == path;
        if self.known.surface.get(&literal).is_some() && unchanged {
            return plain;
        }
        if unchanged
            && let Some(merged) = self
                .known
                .slug_segments
                .merged(path, call.method, |_| false)
        {
            let values = Template::new(&merged).values(path).unwrap_or_default();
            return PathShape {
                template: merged,
                values: values.into_iter().collect(),
            };
        }
        if unchanged
            && self.known.siblings.takes(path)
            && let Some((directory, name)) = path.rsplit_once('/')
        {
            return PathShape {
                template: format!("{directory}/{{id}}"),
                values: BTreeMap::from([("id".to_owned(), name.to_owned())]),
            };
        }
        let known = self.known.surface.wide_of(path).find_map(|template| {
            let values = template.values(path)?;
            let fits = values.iter().all(|(_, value)| {
                shape::varies(value) || carried.has_value(value) || is_stand_in(value)
            });
            let ours = values.iter().any(|(_, value)| is_ours(value));
            fits.then(|| PathShape {
                template: template.as_str().to_owned(),
                values: if ours {
                    BTreeMap::new()
                } else {
                    values.into_iter().collect()
                },
            })
        });
        known.unwrap_or(plain)
    }

    /// True where our plain word stands in a path in the place of a known placeholder.
    fn is_below_ours(&self, path: &str) -> bool {
        path.split('/').any(|segment| segment == PLAIN)
            && self.known.surface.wide().any(|template| {
                let mut pairs = template.as_str().split('/').zip(path.split('/'));
                pairs
                    .find(|(known, own)| known != own)
                    .is_some_and(|(known, own)| known.starts_with('{') && own == PLAIN)
            })
    }
}

/// True for what stands in the query of a script, a sheet or a picture so that browsers fetch it anew:
/// `?v=3.3`, `?1699999999`.
fn is_buster(name: &str, value: &str) -> bool {
    const NAMES: [&str; 9] = ["v", "ver", "version", "rev", "hash", "t", "ts", "_", "cb"];
    value.is_empty() || NAMES.contains(&name.to_ascii_lowercase().as_str())
}
