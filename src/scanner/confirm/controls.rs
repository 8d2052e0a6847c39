//! Controls: a sighting that a control explains is not a finding.
//!
//! Owns: the nonsense parameter, the nonsense path and the baseline, each sent once per operation
//! and shared between the rules that need it. Leaves out: what follows from them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::Confirm;
use crate::canary::Shape;
use crate::finding::{Role, Source};
use crate::http::Transport;
use crate::judge::sightings::Sighting;
use crate::observe::Observation;
use crate::plan::{BodyKind, Fill, RequestTemplate};
use crate::progress::Progress;
use crate::rule::CanarySink;
use crate::surface::{EndpointId, Input, Kind, Place, Provenance, Template, TypeHint};
use crate::target::Target;

/// A name that no application reads or serves.
pub(crate) const NONSENSE: &str = "zq7wvx";

/// Controls and baselines that have been requested, by operation. Each is sent once, however many
/// rules need it, even if they ask at the same time.
#[derive(Default)]
pub(crate) struct Shared(RefCell<BTreeMap<EndpointId, Vec<Entry>>>);

struct Entry {
    what: What,
    template: Arc<RequestTemplate>,
    cell: Cell,
}

type Cell = Arc<OnceCell<Arc<Control>>>;

/// The key of an entry, besides its request template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A nonsense parameter; one serves all inputs of a place.
    Parameter(Place, BodyKind),
    /// A nonsense path; one serves all inputs of a place.
    Path(Place, BodyKind),
    /// The request template alone.
    Request,
}

/// What a control showed.
pub(crate) struct Control {
    /// The control request's observation.
    pub(crate) observation: Observation,
    /// The sightings of the control's own canary.
    pub(crate) echoes: Vec<Sighting>,
    /// The source of the control's canary.
    pub(crate) source: Source,
}

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Sends the same request with the canary in a parameter that no application reads. An echo of
    /// it means that the answer repeats whatever it gets. Returns `None` for path inputs.
    pub(super) async fn nonsense_parameter(
        &self,
        template: &RequestTemplate,
        source: &Source,
    ) -> Option<Arc<Control>> {
        let shape = template
            .fill(source.place, &source.input)
            .and_then(Fill::shape);
        let what = What::Parameter(source.place, template.body);
        let without = self.plain(template, source);
        self.nonsense(what, &without, source, shape).await
    }

    /// Sends a nonsense parameter in place of the input. The answer must look as if the input were
    /// absent.
    pub(crate) async fn nonsense_instead(
        &self,
        without: &RequestTemplate,
        source: &Source,
        shape: Shape,
    ) -> Option<Arc<Control>> {
        self.nonsense(What::Request, without, source, Some(shape))
            .await
    }

    async fn nonsense(
        &self,
        what: What,
        without: &RequestTemplate,
        source: &Source,
        shape: Option<Shape>,
    ) -> Option<Arc<Control>> {
        let place = source.place;
        if place == Place::Path {
            return None;
        }
        let name = match place {
            Place::Header => format!("x-{NONSENSE}"),
            _ => NONSENSE.to_owned(),
        };
        let hint = TypeHint {
            kind: Kind::String,
            ..TypeHint::default()
        };
        let input = Input::new(place, &name, Provenance::Guess).with_hint(hint);
        let control = without.with(&input, Fill::Canary(shape.unwrap_or(Shape::Token)));
        let source = Source {
            input: input.name,
            ..source.clone()
        };
        Some(self.once(what, control, source).await)
    }

    /// Sends the same request to a path beside it that is not served. Returns `None` if the scope
    /// has none.
    pub(crate) async fn nonsense_path(
        &self,
        template: &RequestTemplate,
        source: &Source,
    ) -> Option<Arc<Control>> {
        let mut control = template.clone();
        if source.place == Place::Path {
            // The canary stays in its place; the segment before it is replaced.
            let beside = nonsense(self.executor.target, &template.endpoint.path);
            control.endpoint.path = beside.filter(|path| !path.names().is_empty())?;
        } else {
            control.path = Some(nonsense_beside(
                self.executor.target,
                &self.template(template),
            )?);
        }
        let of_control = Source {
            endpoint: control.endpoint.clone(),
            ..source.clone()
        };
        let what = What::Path(source.place, template.body);
        Some(self.once(what, control, of_control).await)
    }

    /// Returns the answer to a request that plants nothing of its own: a baseline, or one with the
    /// input left out. All rules share the first answer; each rule makes its own repeats.
    pub(crate) async fn baseline(
        &self,
        template: &RequestTemplate,
        source: &Source,
    ) -> Arc<Control> {
        self.once(What::Request, template.clone(), source.clone())
            .await
    }

    /// Sends a control, but only once.
    async fn once(&self, what: What, template: RequestTemplate, source: Source) -> Arc<Control> {
        // A nonsense path has no operation of its own; it belongs to the operation that it is a
        // control for.
        let (cell, template) = self.controls.cell(&source, what, template);
        let control = cell
            .get_or_init(|| async { Arc::new(self.control(&template, source).await) })
            .await;
        Arc::clone(control)
    }

    async fn control(&self, template: &Arc<RequestTemplate>, source: Source) -> Control {
        let (observation, seen) = self.replay(template, Role::Control).await;
        let echoes = seen
            .canaries
            .into_iter()
            .filter(|sighting| {
                sighting.source == source && observation.planted.contains(&sighting.slot)
            })
            .collect();
        Control {
            observation,
            echoes,
            source,
        }
    }

    /// Returns the template that a request template's path belongs to: a crawled page was fetched
    /// before its template was settled.
    pub(super) fn template(&self, template: &RequestTemplate) -> Template {
        let path = template.endpoint.path.as_str();
        self.surface
            .template_of(path)
            .cloned()
            .unwrap_or_else(|| Template::new(path))
    }

    /// Replaces the source's canary in a request template by a plain value, or by nothing.
    pub(crate) fn plain(&self, template: &RequestTemplate, source: &Source) -> RequestTemplate {
        let is_source = |input: &Input| input.place == source.place && input.name == source.input;
        let baseline = self
            .surface
            .get(&template.endpoint)
            .map(|endpoint| self.executor.planner.baseline(endpoint, template.body));
        let fill = baseline
            .as_ref()
            .and_then(|baseline| baseline.fill(source.place, &source.input).cloned());
        match fill {
            Some(fill) => template.map(|input, _| is_source(input).then(|| fill.clone())),
            None => template.without(is_source),
        }
    }
}

impl Shared {
    /// Returns the cell for a control's answer, and the request template to send for it.
    fn cell(
        &self,
        source: &Source,
        what: What,
        template: RequestTemplate,
    ) -> (Cell, Arc<RequestTemplate>) {
        let mut known = self.0.borrow_mut();
        let entries = known.entry(source.endpoint.clone()).or_default();
        let serves = |entry: &&Entry| {
            (what != What::Request && entry.what == what) || *entry.template == template
        };
        if let Some(entry) = entries.iter().find(serves) {
            return (Arc::clone(&entry.cell), Arc::clone(&entry.template));
        }
        let template = Arc::new(template);
        let cell = Cell::default();
        entries.push(Entry {
            what,
            template: Arc::clone(&template),
            cell: Arc::clone(&cell),
        });
        (cell, template)
    }
}

/// Returns a path beside a template's that is not served, with its placeholders filled; `None` if
/// the scope has none, so that there is no such control.
pub(super) fn nonsense_beside(target: &Target, template: &Template) -> Option<String> {
    nonsense(target, template).map(|beside| filled(&beside))
}

/// Replaces the last literal segment of a template below the prefix, so that `/items/{id}` becomes
/// `/zq7wvx/{id}` rather than another item. If every segment varies, returns a path of its own. If
/// the scope does not cover the result, returns the template with one more segment.
fn nonsense(target: &Target, template: &Template) -> Option<Template> {
    let path = template.as_str();
    let prefix = target.prefix();
    let below = path.strip_prefix(prefix).unwrap_or(path);
    let mut segments: Vec<&str> = below.split('/').collect();
    let literal = segments
        .iter()
        .rposition(|part| !part.is_empty() && !part.contains('{'));
    let replaced = match literal {
        Some(at) => {
            segments[at] = NONSENSE;
            format!("{prefix}{}", segments.join("/"))
        }
        None => format!("{prefix}/{NONSENSE}/1"),
    };
    let longer = format!("{}/{NONSENSE}", path.trim_end_matches('/'));
    [replaced, longer]
        .iter()
        .map(|path| Template::new(path))
        .find(|beside| {
            let url = target.url_for(&filled(beside));
            url.is_some_and(|url| target.covers(&url))
        })
}

fn filled(template: &Template) -> String {
    template.fill(|_| "1".to_owned())
}

/// Returns true if a control's echo explains a sighting: it came back in the same part and field,
/// in at least as many places.
pub(super) fn explains(control: &Control, kind: CanarySink, seen: &[&Sighting]) -> bool {
    let Some(first) = seen.first() else {
        return false;
    };
    let echoes = control
        .echoes
        .iter()
        .filter(|echo| echo.sink.place == first.sink.place && echo.sink.field == first.sink.field)
        .filter(|echo| {
            echo.kind
                .is_none_or(|echoed| echoed == kind || first.sink.field.is_empty())
        })
        .count();
    echoes > 0 && echoes >= seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(target: &Target, path: &str) -> Option<String> {
        nonsense_beside(target, &Template::new(path))
    }

    #[test]
    fn the_path_beside_is_no_other_item_of_the_same_operation() {
        let target = Target::parse("http://127.0.0.1:5000").unwrap();
        for (path, expected) in [
            ("/items/{id}", "/zq7wvx/1"),
            ("/api/items/{id}/notes", "/api/items/1/zq7wvx"),
            ("/config", "/zq7wvx"),
            ("/{slug}", "/zq7wvx/1"),
            ("/", "/zq7wvx/1"),
        ] {
            assert_eq!(beside(&target, path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn the_path_beside_stays_in_the_scope() {
        let mounted = Target::parse("http://127.0.0.1:5000/shop").unwrap();
        for (path, expected) in [
            ("/shop/items/{id}", "/shop/zq7wvx/1"),
            ("/shop/{slug}", "/shop/zq7wvx/1"),
            ("/shop", "/shop/zq7wvx/1"),
        ] {
            assert_eq!(beside(&mounted, path).as_deref(), Some(expected), "{path}");
        }
        let only = |pattern: &str| {
            let target = Target::parse("http://127.0.0.1:5000").unwrap();
            target.with_include(vec![regex::Regex::new(pattern).unwrap()])
        };
        let keys = only("^/api/keys");
        for (path, expected) in [
            ("/api/keys", "/api/keys/zq7wvx"),
            ("/api/keys/{id}", "/api/keys/1/zq7wvx"),
            ("/api/keys/{id}/notes", "/api/keys/1/zq7wvx"),
        ] {
            assert_eq!(beside(&keys, path).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(beside(&only("^/api/keys$"), "/api/keys"), None);
    }
}
