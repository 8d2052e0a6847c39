//! The ladder: the requests that one operation gets, from the most harmless to the most telling.
//!
//! Owns: which inputs a request contains, and what each of them gets at each rung. One request
//! carries a different canary in every input. Requests are split only by the limits of servers and
//! later, in `send`, where a combined request fails although its baseline did not.

use serde_json::Value;

use super::plain::plain;
use super::request_template::{BodyKind, Fill, RequestTemplate};
use super::shape::{shapes, sizes_something, takes_large_numbers};
use crate::canary::Shape;
use crate::credential::Credentials;
use crate::http::Method;
use crate::policy::{is_acting_name, is_dangerous_field, is_dangerous_name};
use crate::surface::{Endpoint, EndpointId, Input, Kind, Place, Provenance};

/// The most bytes that the query of one request may take; keeps the request line below 3,500.
const QUERY_BYTES: usize = 2900;
/// The most headers of one request, and their bytes; leaves room for the client's own.
const HEADERS: usize = 48;
const HEADER_BYTES: usize = 5000;
/// The most bytes of cookies in one request.
const COOKIE_BYTES: usize = 2800;
/// The most fields of one form.
const FORM_FIELDS: usize = 450;

/// Headers that are never planted: they control the connection or the message, not the application.
const RESERVED: [&str; 16] = [
    "host",
    "connection",
    "transfer-encoding",
    "expect",
    "range",
    "te",
    "upgrade",
    "trailer",
    "keep-alive",
    "proxy-connection",
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "origin",
    "user-agent",
    "cookie",
];

/// What the plan needs to know about the scan.
#[derive(Clone, Debug)]
pub struct Planner {
    /// The tables of credential names.
    pub credentials: Credentials,
    /// The tester's own headers, in lower case. They are never planted.
    pub own_headers: Vec<String>,
    /// The tester's own cookies. They are never planted.
    pub own_cookies: Vec<String>,
    /// The names of query values that go with every request.
    pub own_queries: Vec<String>,
    /// The names of inputs that must not get canaries, by the tester's wish.
    pub excluded: Vec<String>,
}

/// The requests of one operation with one kind of body.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Plain values in all inputs that a well-behaved client would send.
    pub baseline: RequestTemplate,
    /// Nothing but the path, so that the answer names what is missing. `None` if nothing can be
    /// left out.
    pub absent: Option<RequestTemplate>,
    /// Canaries only in credential-like headers, query values and cookies: gets past a key check
    /// that looks at nothing but the shape. `None` if there are no such inputs.
    pub keys: Option<RequestTemplate>,
    /// Canaries in every input outside the path: first of 10 characters, then of 40.
    pub combined: Vec<RequestTemplate>,
    /// Canaries in the path, which usually hide everything else behind a 404.
    pub path: Vec<RequestTemplate>,
    /// Values of the wrong form or type.
    pub malformed: Vec<RequestTemplate>,
}

/// Returns the kinds of body to send an operation with: one for each kind that its inputs name.
pub fn bodies(endpoint: &Endpoint) -> Vec<BodyKind> {
    if endpoint.document.is_some() {
        return vec![BodyKind::Graphql];
    }
    let has = |place| endpoint.inputs.iter().any(|input| input.place == place);
    let file = endpoint
        .inputs
        .iter()
        .any(|i| i.place == Place::Form && i.hint.kind == Kind::File);
    let mut kinds = Vec::new();
    if has(Place::Json) {
        kinds.push(BodyKind::Json);
    }
    if has(Place::Multipart) || file {
        kinds.push(BodyKind::Multipart);
    } else if has(Place::Form) {
        kinds.push(BodyKind::Form);
    }
    if kinds.is_empty() {
        // Nothing describes the body. An empty JSON object makes most applications name what they
        // miss, even if that is only the kind of body.
        let kind = match endpoint.body {
            Some(Place::Form) => BodyKind::Form,
            Some(Place::Multipart) => BodyKind::Multipart,
            _ if endpoint.id.method.takes_body() => BodyKind::Json,
            _ => BodyKind::None,
        };
        kinds.push(kind);
    }
    kinds
}

/// Returns the kind of body with which a read is sent.
pub(crate) fn read_body(endpoint: &Endpoint) -> BodyKind {
    match endpoint.document {
        Some(_) => BodyKind::Graphql,
        None => BodyKind::None,
    }
}

impl Planner {
    /// Returns true if an operation's input is credential-like, taking its path into account.
    pub fn is_credential(&self, id: &EndpointId, input: &Input) -> bool {
        self.credentials.possible(id.path.as_str(), input)
    }

    /// Returns true if an operation's input may carry a canary.
    pub fn may_plant(&self, id: &EndpointId, input: &Input) -> bool {
        if input.csrf || self.is_excluded(&input.name) {
            return false;
        }
        match input.place {
            Place::Header => {
                let name = input.name.as_str();
                !(RESERVED.contains(&name)
                    || name.starts_with("content-")
                    || name.starts_with("accept")
                    || name.starts_with("if-")
                    || name.starts_with("sec-")
                    || self.own_headers.iter().any(|own| own == name))
            }
            Place::Cookie => !self.own_cookies.contains(&input.name),
            // The tester's own credential may be in the query as well.
            Place::Query => !is_dangerous_name(&input.name) && !is_acting_name(id, &input.name),
            place if place.in_body() => !is_dangerous_field(&input.name),
            _ => true,
        }
    }

    /// Returns true if `--exclude-input` gives this name, as a whole or as the last part of a
    /// field.
    fn is_excluded(&self, name: &str) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        let last = last.strip_suffix("[]").unwrap_or(last);
        self.excluded
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name) || own.eq_ignore_ascii_case(last))
    }

    /// Returns true for the tester's own credential in the query. A canary in its place locks the
    /// tester out, so it is planted alone.
    fn is_own(&self, input: &Input) -> bool {
        input.place == Place::Query && self.own_queries.contains(&input.name)
    }

    /// Returns true if an input is planted somewhere in the ladder.
    pub fn plants(&self, id: &EndpointId, input: &Input) -> bool {
        self.may_plant(id, input) && !shapes(input).is_empty()
    }

    /// Builds a request with plain values in all inputs that a well-behaved client would send.
    pub fn baseline(&self, endpoint: &Endpoint, body: BodyKind) -> RequestTemplate {
        let sample = endpoint.samples.last();
        let mut fills: Vec<(Input, Fill)> = endpoint
            .inputs
            .iter()
            .filter(|input| body.carries(input.place) && self.expected(&endpoint.id, input))
            .map(|input| {
                (
                    input.clone(),
                    self.plain_fill(&endpoint.id, input, sample.and_then(|s| s.get(&input.name))),
                )
            })
            .collect();
        // Some servers do not count an empty form as a body (Connexion: "RequestBody is required").
        if endpoint.body == Some(Place::Form)
            && body == BodyKind::Form
            && !endpoint.inputs.iter().any(|input| input.place.in_body())
        {
            let any = Input::new(Place::Form, crate::crawl::found::PLAIN, Provenance::Guess);
            let value = plain(&any, false);
            fills.push((any, Fill::Plain(value)));
        }
        RequestTemplate {
            endpoint: endpoint.id.clone(),
            body,
            fills,
            form_page: endpoint.form_page.clone(),
            path: None,
            document: endpoint.document.clone(),
            repeat: false,
        }
    }

    /// Returns true for inputs that a well-behaved client sends: required ones, the fields of a
    /// form, what a script sets, what a link carries, what the body of a documented request holds.
    fn expected(&self, id: &EndpointId, input: &Input) -> bool {
        if input.place == Place::Path || input.csrf {
            return true;
        }
        if matches!(input.place, Place::Header | Place::Cookie) {
            // The baseline shows what happens without a credential, so it never contains a made-up
            // one.
            return input.required && self.may_plant(id, input) && !self.is_credential(id, input);
        }
        // Any value would delete, reset or log out; or the tester's own value is added anyway.
        let acts = match input.place {
            Place::Query => !self.may_plant(id, input) || self.is_own(input),
            _ => is_dangerous_field(&input.name),
        };
        if acts {
            return false;
        }
        input.required
            || input.provenance.contains(&Provenance::Form)
            || input.provenance.contains(&Provenance::Script)
            || (input.provenance.contains(&Provenance::Link)
                && (input.hint.example.is_some() || input.place.in_body()))
    }

    /// Builds the ladder of an operation. `only` limits the canaries to some inputs (those newly
    /// found by a later round); the others get plain values.
    pub fn ladder(
        &self,
        endpoint: &Endpoint,
        body: BodyKind,
        only: Option<&dyn Fn(&Input) -> bool>,
    ) -> Ladder {
        let baseline = self.baseline(endpoint, body);
        let plantable: Vec<&Input> = endpoint
            .inputs
            .iter()
            .filter(|input| body.carries(input.place) && self.may_plant(&endpoint.id, input))
            .filter(|input| only.is_none_or(|only| only(input)))
            .collect();
        let (in_path, elsewhere): (Vec<&Input>, Vec<&Input>) = plantable
            .into_iter()
            .partition(|input| input.place == Place::Path);
        let keys = self.keys(&baseline, &elsewhere);
        let elsewhere: Vec<&Input> = elsewhere
            .into_iter()
            .filter(|input| !self.is_own(input))
            .collect();
        let droppable = |input: &Input| input.place != Place::Path;
        let absent = baseline
            .fills
            .iter()
            .any(|(input, _)| droppable(input))
            .then(|| baseline.without(droppable));
        Ladder {
            keys,
            combined: {
                let mut templates = rungs(&baseline, &elsewhere);
                templates.extend(self.secrets_alone(&baseline, &elsewhere));
                templates
            },
            path: in_paths(&baseline, &in_path),
            malformed: malformed(&baseline, &elsewhere),
            absent,
            baseline,
        }
    }

    fn plain_fill(&self, id: &EndpointId, input: &Input, sample: Option<&String>) -> Fill {
        if input.csrf {
            return Fill::Csrf;
        }
        match sample {
            Some(sample) if input.place == Place::Path => {
                Fill::Plain(Value::String(sample.clone()))
            }
            _ => Fill::Plain(plain(input, self.is_credential(id, input))),
        }
    }

    /// Builds a write with canaries in the credential-like inputs and plain values in the others,
    /// so that a search for a plain value finds the record with the canary. Returns `None` if there
    /// are no others.
    fn secrets_alone(
        &self,
        baseline: &RequestTemplate,
        inputs: &[&Input],
    ) -> Option<RequestTemplate> {
        let sent = |input: &&&Input| input.place.in_body() || input.place == Place::Query;
        let (secret, plain): (Vec<&Input>, Vec<&Input>) = inputs
            .iter()
            .filter(sent)
            .filter(|input| !shapes(input).is_empty())
            .partition(|input| self.is_credential(&baseline.endpoint, input));
        if baseline.endpoint.method.is_safe() || secret.is_empty() || plain.is_empty() {
            return None;
        }
        Some(secret.into_iter().fold(
            baseline.clone(),
            |template, input| match shapes(input).last() {
                Some(shape) => template.with(input, Fill::Canary(*shape)),
                None => template,
            },
        ))
    }

    fn keys(&self, baseline: &RequestTemplate, inputs: &[&Input]) -> Option<RequestTemplate> {
        let mut template = baseline.clone();
        for input in inputs {
            let carried = matches!(input.place, Place::Header | Place::Query | Place::Cookie);
            if carried
                && self.is_credential(&baseline.endpoint, input)
                && let Some(shape) = shapes(input).last()
            {
                template = template.with(input, Fill::Canary(*shape));
            }
        }
        template.plants().then_some(template)
    }
}

/// Builds one request template per rung and batch. Every input gets its shape for that rung, or its
/// last one.
fn rungs(baseline: &RequestTemplate, inputs: &[&Input]) -> Vec<RequestTemplate> {
    let with_shapes: Vec<(&Input, Vec<Shape>)> = inputs
        .iter()
        .map(|input| (*input, shapes(input)))
        .filter(|(_, shapes)| !shapes.is_empty())
        .collect();
    let height = with_shapes
        .iter()
        .map(|(_, shapes)| shapes.len())
        .max()
        .unwrap_or(0);
    let mut templates = Vec::new();
    for rung in 0..height {
        for batch in batches(&with_shapes) {
            let mut template = baseline.clone();
            for (input, shapes) in batch {
                // The longest shape is the strongest, so inputs with fewer shapes join in at the
                // last rungs.
                let short_by = height - shapes.len();
                let Some(shape) = shapes.get(rung.saturating_sub(short_by)) else {
                    continue;
                };
                template = template.with(input, Fill::Canary(*shape));
            }
            templates.push(template);
        }
    }
    templates
}

/// Builds the rungs for inputs in the path, and a request with a stray quote there. Numbers get
/// fifteen digits in a request of their own, because the route does not match text.
fn in_paths(baseline: &RequestTemplate, inputs: &[&Input]) -> Vec<RequestTemplate> {
    let mut templates = rungs(baseline, inputs);
    templates.extend(quoted(baseline, inputs));
    let numbers = inputs.iter().filter(|input| takes_large_numbers(input));
    let template = numbers.fold(baseline.clone(), |template, input| {
        template.with(input, Fill::Canary(Shape::Integer))
    });
    if template.plants() {
        templates.push(template);
    }
    templates
}

/// Splits inputs into batches so that no request exceeds what servers accept.
fn batches<'a>(inputs: &'a [(&'a Input, Vec<Shape>)]) -> Vec<Vec<(&'a Input, &'a [Shape])>> {
    let mut batches: Vec<Vec<(&Input, &[Shape])>> = vec![Vec::new()];
    let mut cost = Cost::default();
    for (input, shapes) in inputs {
        let longest = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
        if !cost.take(input, longest) {
            batches.push(Vec::new());
            cost = Cost::default();
            let _ = cost.take(input, longest);
        }
        if let Some(batch) = batches.last_mut() {
            batch.push((*input, shapes.as_slice()));
        }
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}

#[derive(Default)]
struct Cost {
    query: usize,
    headers: usize,
    header_bytes: usize,
    cookies: usize,
    form: usize,
}

impl Cost {
    /// Adds an input; returns false if it would exceed a limit.
    fn take(&mut self, input: &Input, value: usize) -> bool {
        let bytes = input.name.len() + value + 4;
        match input.place {
            Place::Query => self.query += bytes,
            Place::Header => {
                self.headers += 1;
                self.header_bytes += bytes + input.prefix.len();
            }
            Place::Cookie => self.cookies += bytes,
            Place::Form | Place::Multipart => self.form += 1,
            _ => {}
        }
        self.query <= QUERY_BYTES
            && self.headers <= HEADERS
            && self.header_bytes <= HEADER_BYTES
            && self.cookies <= COOKIE_BYTES
            && self.form <= FORM_FIELDS
    }
}

/// Builds requests with values of the wrong form, in all inputs at once.
///
/// The first has text where a number is expected, a stray quote in text (query, form), and a number
/// where JSON text is expected. The second has a list instead of JSON text, and fifteen digits
/// where a number is expected; by then the effect of short text is known. The third has a stray
/// quote in JSON text.
fn malformed(baseline: &RequestTemplate, inputs: &[&Input]) -> Vec<RequestTemplate> {
    let mut first = baseline.clone();
    let mut second = baseline.clone();
    let mut seconds = false;
    for input in inputs {
        let text = matches!(input.hint.kind, Kind::String | Kind::Unknown);
        let sized = sizes_something(&input.name);
        match input.place {
            Place::Json if text => {
                let number = if sized {
                    Fill::Number
                } else {
                    Fill::Canary(Shape::Integer)
                };
                first = first.with(input, number);
                second = second.with(input, Fill::List(Shape::Short));
                seconds = true;
            }
            Place::Json => first = first.with(input, Fill::Canary(Shape::Short)),
            Place::Query | Place::Form if text && !sized => {
                first = first.with(input, Fill::Quoted(Shape::Short));
            }
            Place::Query | Place::Form if input.hint.kind != Kind::File => {
                first = first.with(input, Fill::Canary(Shape::Short));
            }
            _ => {}
        }
        let number = input.hint.kind == Kind::Integer && !sized;
        if number && matches!(input.place, Place::Json | Place::Query | Place::Form) {
            second = second.with(input, Fill::Canary(Shape::Integer));
            seconds = true;
        }
    }
    let mut templates = Vec::new();
    if first != *baseline {
        templates.push(first);
    }
    if seconds {
        templates.push(second);
    }
    // The first request had a number instead of JSON text, so the quote needs a request of its own.
    let inner: Vec<&Input> = inputs
        .iter()
        .filter(|input| matches!(input.place, Place::Json | Place::Graphql))
        .copied()
        .collect();
    templates.extend(quoted(baseline, &inner));
    templates
}

/// Puts a stray quote into all text. It breaks a statement that was concatenated from strings.
fn quoted(baseline: &RequestTemplate, inputs: &[&Input]) -> Option<RequestTemplate> {
    let text = inputs
        .iter()
        .filter(|input| matches!(input.hint.kind, Kind::String | Kind::Unknown))
        .filter(|input| !sizes_something(&input.name) && !shapes(input).is_empty());
    let template = text.fold(baseline.clone(), |template, input| {
        template.with(input, Fill::Quoted(Shape::Short))
    });
    (template != *baseline).then_some(template)
}

/// Returns the rank of a method in the order of a round: reads come first.
pub(crate) const fn order(method: Method) -> u8 {
    match method {
        Method::Get | Method::Head | Method::Options => 0,
        Method::Post => 1,
        Method::Put | Method::Patch => 2,
        Method::Delete => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::{EndpointId, TypeHint};

    fn planner() -> Planner {
        Planner {
            credentials: Credentials::default(),
            own_headers: vec!["x-mine".to_owned()],
            own_cookies: vec!["mine".to_owned()],
            own_queries: vec!["pass".to_owned()],
            excluded: vec!["Coupon".to_owned()],
        }
    }

    fn endpoint(inputs: Vec<Input>) -> Endpoint {
        let mut endpoint = Endpoint::new(
            EndpointId::new(Method::Post, "/keys/{id}"),
            Provenance::Link,
        );
        for input in inputs {
            endpoint.add_input(input);
        }
        endpoint
    }

    #[test]
    fn one_request_carries_a_canary_in_every_input_but_the_path() {
        let endpoint = endpoint(vec![
            Input::new(Place::Query, "q", Provenance::Link),
            Input::new(Place::Header, "X-Key", Provenance::Link),
            Input::new(Place::Json, "a", Provenance::Script),
        ]);
        let ladder = planner().ladder(&endpoint, BodyKind::Json, None);
        assert_eq!(ladder.combined.len(), 2);
        for (template, shape) in ladder.combined.iter().zip([Shape::Short, Shape::Token]) {
            for (place, name) in [
                (Place::Query, "q"),
                (Place::Header, "x-key"),
                (Place::Json, "a"),
            ] {
                assert_eq!(template.fill(place, name), Some(&Fill::Canary(shape)));
            }
            assert!(matches!(
                template.fill(Place::Path, "id"),
                Some(Fill::Plain(_))
            ));
        }
        assert_eq!(
            ladder.path[1].fill(Place::Path, "id"),
            Some(&Fill::Canary(Shape::Token))
        );
    }

    #[test]
    fn a_number_in_the_path_gets_fifteen_digits_once_unless_it_sizes_something() {
        let mut endpoint = Endpoint::new(
            EndpointId::new(Method::Get, "/keys/{id}/{page}"),
            Provenance::Link,
        );
        for input in &mut endpoint.inputs {
            input.hint.kind = Kind::Integer;
        }
        let ladder = planner().ladder(&endpoint, BodyKind::None, None);
        let [template] = ladder.path.as_slice() else {
            panic!("{:?}", ladder.path);
        };
        assert_eq!(
            template.fill(Place::Path, "id"),
            Some(&Fill::Canary(Shape::Integer))
        );
        assert_eq!(
            template.fill(Place::Path, "page").and_then(Fill::shape),
            None
        );
        if let Some(input) = endpoint.input_mut(Place::Path, "id") {
            input.hint.maximum = Some(1000.0);
        }
        assert!(
            planner()
                .ladder(&endpoint, BodyKind::None, None)
                .path
                .is_empty()
        );
    }

    #[test]
    fn the_testers_own_and_the_connections_headers_are_never_planted() {
        let endpoint = endpoint(vec![
            Input::new(Place::Header, "X-Mine", Provenance::Link),
            Input::new(Place::Header, "Host", Provenance::Link),
            Input::new(Place::Header, "Content-Type", Provenance::Link),
            Input::new(Place::Header, "If-Match", Provenance::Link),
            Input::new(Place::Cookie, "mine", Provenance::Link),
        ]);
        let ladder = planner().ladder(&endpoint, BodyKind::Json, None);
        assert!(ladder.combined.is_empty());
    }

    #[test]
    fn the_testers_own_key_in_the_query_is_planted_apart_from_the_rest() {
        let endpoint = endpoint(vec![
            Input::new(Place::Query, "pass", Provenance::Specification).required(),
            Input::new(Place::Query, "q", Provenance::Link),
        ]);
        let ladder = planner().ladder(&endpoint, BodyKind::None, None);
        for template in ladder.combined.iter().chain([&ladder.baseline]) {
            assert_eq!(template.fill(Place::Query, "pass"), None);
        }
    }

    #[test]
    fn a_stray_quote_goes_into_json_and_paths_too() {
        let endpoint = endpoint(vec![Input::new(Place::Json, "a", Provenance::Script)]);
        let ladder = planner().ladder(&endpoint, BodyKind::Json, None);
        let quoted = Some(&Fill::Quoted(Shape::Short));
        let last = |templates: &[RequestTemplate]| templates.last().cloned().unwrap();
        assert_eq!(last(&ladder.malformed).fill(Place::Json, "a"), quoted);
        assert_eq!(last(&ladder.path).fill(Place::Path, "id"), quoted);
    }

    #[test]
    fn no_request_carries_a_query_that_deletes_or_logs_out() {
        let example = |name: &str, value: &str| {
            Input::new(Place::Query, name, Provenance::Link).with_hint(TypeHint {
                example: Some(value.into()),
                ..TypeHint::default()
            })
        };
        let endpoint = endpoint(vec![
            example("action", "delete"),
            example("logout", "1"),
            Input::new(Place::Query, "delete", Provenance::Specification).required(),
            example("page", "2"),
        ]);
        let ladder = planner().ladder(&endpoint, BodyKind::None, None);
        for template in ladder.combined.iter().chain([&ladder.baseline]) {
            assert_eq!(template.fill(Place::Query, "logout"), None);
            assert_eq!(template.fill(Place::Query, "delete"), None);
            assert!(template.fill(Place::Query, "page").is_some());
        }
        let action = ladder.baseline.fill(Place::Query, "action");
        assert_eq!(action, Some(&Fill::Plain("sample".into())));
    }

    #[test]
    fn a_csrf_field_gets_its_forms_token_in_every_request() {
        let mut token = Input::new(Place::Form, "csrf_token", Provenance::Form);
        token.csrf = true;
        let endpoint = endpoint(vec![
            token,
            Input::new(Place::Form, "name", Provenance::Form),
        ]);
        let ladder = planner().ladder(&endpoint, BodyKind::Form, None);
        for template in ladder.combined.iter().chain([&ladder.baseline]) {
            assert_eq!(template.fill(Place::Form, "csrf_token"), Some(&Fill::Csrf));
        }
    }

    #[test]
    fn a_hundred_query_inputs_are_split_below_the_request_lines_limit() {
        let endpoint = endpoint(
            (0..100)
                .map(|n| Input::new(Place::Query, &format!("parameter{n}"), Provenance::Link))
                .collect(),
        );
        let ladder = planner().ladder(&endpoint, BodyKind::None, None);
        for template in &ladder.combined {
            let bytes: usize = template
                .fills
                .iter()
                .map(|(i, f)| i.name.len() + f.shape().map_or(9, Shape::len))
                .sum();
            assert!(bytes < 3500, "{bytes}");
        }
        let planted: usize = ladder
            .combined
            .iter()
            .map(|r| {
                r.fills
                    .iter()
                    .filter(|(_, f)| f.shape() == Some(Shape::Token))
                    .count()
            })
            .sum();
        assert_eq!(planted, 100);
    }

    #[test]
    fn a_number_carries_a_canary_unless_it_sizes_something() {
        let integer = |name: &str| {
            Input::new(Place::Json, name, Provenance::Specification).with_hint(TypeHint {
                kind: Kind::Integer,
                ..TypeHint::default()
            })
        };
        let endpoint = endpoint(vec![
            integer("pin"),
            integer("page_size"),
            Input::new(Place::Json, "name", Provenance::Specification),
        ]);
        let ladder = planner().ladder(&endpoint, BodyKind::Json, None);
        let got = |rung: usize, name| ladder.malformed[rung].fill(Place::Json, name).cloned();
        assert_eq!(got(0, "name"), Some(Fill::Canary(Shape::Integer)));
        assert_eq!(got(0, "pin"), Some(Fill::Canary(Shape::Short)));
        assert_eq!(got(1, "pin"), Some(Fill::Canary(Shape::Integer)));
        assert_ne!(got(1, "page_size"), Some(Fill::Canary(Shape::Integer)));
    }

    #[test]
    fn an_input_that_no_shape_fits_gets_a_plain_value() {
        let hint = TypeHint {
            kind: Kind::Boolean,
            ..TypeHint::default()
        };
        let endpoint = endpoint(vec![
            Input::new(Place::Json, "on", Provenance::Specification)
                .required()
                .with_hint(hint),
            Input::new(Place::Json, "name", Provenance::Specification).required(),
        ]);
        let ladder = planner().ladder(&endpoint, BodyKind::Json, None);
        assert_eq!(
            ladder.combined[1].fill(Place::Json, "on"),
            Some(&Fill::Plain(true.into()))
        );
    }
}
