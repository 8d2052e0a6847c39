//! MongoDB operators sent in values and names.
//!
//! Owns: what is sent where. An operator that no database knows carries the canary's name and is
//! refused as a whole, so it is harmless everywhere. A name that is not an operator and an operator
//! that every database knows, both of which match nothing, distinguish that refusal from any other.
//! Pairs that widen what is matched are sent to reads and logins only. Leaves out: sending, and what
//! the answers prove (`attempt`, `trial`).
//!
//! Operators travel in JSON bodies (`find({"name": request.json["name"]})`), as names of a body or a
//! query (`find(request.args.to_dict())`), in texts that are read as JSON
//! (`json.loads(request.args["filter"])`, Eve's `where`), and in `MongoEngine`'s `__raw__` and its
//! lookups (`objects(**request.args)`).

use std::sync::Arc;

use serde_json::{Value, json};

use crate::canary::Shape;
use crate::login::is_login;
use crate::plan::{Fill, RequestTemplate};
use crate::rule::{Candidate, Detector, Scene};
use crate::surface::{Endpoint, Input, Kind, Method, Place, Provenance};
use crate::trial::{CANARY, Expect, Experiment, Form, Sent, Step, Together, WORD};
use crate::words::words;

/// Words in the names of inputs that take a filter as JSON.
const FILTERS: [&str; 19] = [
    "aggregate",
    "condition",
    "conditions",
    "criteria",
    "data",
    "filter",
    "filters",
    "find",
    "json",
    "lookup",
    "match",
    "options",
    "params",
    "payload",
    "predicate",
    "query",
    "selector",
    "spec",
    "where",
];
/// The maximum number of inputs of one operation that are tried; a body with more is a document.
const INPUTS: usize = 32;
/// `MongoEngine`'s name for a filter that it passes on unchanged.
const RAW: &str = "__raw__";
/// The suffix of a `MongoEngine` lookup: no stored value is one of the letters of a canary.
const LOOKUP: &str = "__in";
/// Stands for every query name that begins with it.
const DOLLAR: &str = "$";
/// Neither an error nor a success that would be proof.
const NO_ERROR: &[Expect] = &[Expect::Success, Expect::Rejected, Expect::Refused];
const SAYS_NO: &[Expect] = &[Expect::Refused, Expect::Rejected];
const REFUSED: &[Expect] = &[Expect::Broken, Expect::Rejected];
const SUCCESS: &[Expect] = &[Expect::Success];

/// See the module documentation.
#[derive(Debug)]
pub(super) struct OperatorInjection {
    /// In the order of [`Try`].
    experiments: Vec<Arc<Experiment>>,
}

/// The kinds of experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Try {
    /// An unknown operator in a value breaks the operation.
    Breaks,
    /// An unknown operator is refused where a literal object and a known operator are not.
    IsRefused,
    /// A pair of values at a login.
    LetsIn,
    /// A pair of values at a read.
    Value,
    /// A pair of whole filters at a read.
    Filter,
    /// An unknown operator as a name of the query.
    QueryName,
    /// An unknown operator below a body name that `MongoEngine` takes for a whole filter; this also
    /// covers a whole body that is the filter of a field.
    Raw,
    /// A `MongoEngine` lookup as a name of the query, where unknown names are refused.
    Lookup,
}

impl Try {
    const ALL: [Self; 8] = [
        Self::Breaks,
        Self::IsRefused,
        Self::LetsIn,
        Self::Value,
        Self::Filter,
        Self::QueryName,
        Self::Raw,
        Self::Lookup,
    ];

    /// Returns the steps, and what must hold between two of them, given by their indices.
    fn steps(self) -> (Vec<Step>, Vec<Together>) {
        use Together::{Differ, Same};
        let raw = |value: Value| named(RAW, value);
        let word = |mark: &str| vec![named(&format!("{mark}{WORD}"), json!(CANARY))];
        let exists = |there: bool| json!({ CANARY: { "$exists": there } });
        let single = ["$eq", "$ne", "ne"].map(|name| json!({ name: CANARY }));
        match self {
            Self::Breaks => (
                told(value, &[Expect::Broken], NO_ERROR),
                vec![Differ(1, 0), Same(1, 2)],
            ),
            Self::IsRefused => (
                told(value, &[Expect::Rejected], SUCCESS),
                vec![Differ(1, 0), Same(1, 2)],
            ),
            Self::Raw => (told(raw, REFUSED, SUCCESS), Vec::new()),
            Self::LetsIn => (
                pair(single, [SAYS_NO, SUCCESS, &[]]),
                vec![Differ(0, 1), Differ(2, 1)],
            ),
            Self::Value => (pair(single, [SUCCESS; 3]), vec![Differ(0, 1), Same(0, 2)]),
            Self::Filter => {
                let literal = json!({ CANARY: { "exists": false } });
                let values = [exists(true), exists(false), literal];
                (pair(values, [SUCCESS; 3]), vec![Differ(0, 1), Same(0, 2)])
            }
            Self::QueryName => (
                vec![
                    Step::new("operator", word("$"), REFUSED),
                    Step::new("literal", word(""), SUCCESS),
                    Step::new("known", vec![named("$comment", json!(CANARY))], SUCCESS),
                ],
                Vec::new(),
            ),
            Self::Lookup => (
                vec![
                    Step::new("operator", word("$"), REFUSED),
                    Step::new("literal", word(""), REFUSED),
                    Step::new("none", vec![value(json!(CANARY))], SUCCESS),
                    Step::new("absent", vec![Sent::Form(Form::Absent)], SUCCESS),
                ],
                vec![Differ(3, 2)],
            ),
        }
    }
}

impl Default for OperatorInjection {
    fn default() -> Self {
        let experiment = |one: Try| {
            let (steps, together) = one.steps();
            // However it is detected, it is one fault of the input.
            Arc::new(Experiment::new("operator", steps, together))
        };
        Self {
            experiments: Try::ALL.into_iter().map(experiment).collect(),
        }
    }
}

impl Detector for OperatorInjection {
    fn experiments(&self) -> &[Arc<Experiment>] {
        &self.experiments
    }

    fn candidates(&self, scene: &dyn Scene) -> Vec<Candidate> {
        let mut found = Vec::new();
        for endpoint in scene.operations() {
            let reads = endpoint.id.method == Method::Get;
            for input in endpoint.inputs.iter().take(INPUTS) {
                let Some(base) = scene.base(endpoint, input.place) else {
                    continue;
                };
                if !scene.was_asked(endpoint, input) {
                    continue;
                }
                let tries: &[Try] = match input.place {
                    Place::Json if is_login(endpoint.id.path.as_str()) => {
                        let base = base.map(|other, fill| any_beside(input, other, fill));
                        found.push(self.candidate(Try::LetsIn, input, base));
                        &[Try::Breaks]
                    }
                    Place::Query | Place::Form if !takes_json(input) => &[],
                    Place::Query if reads => {
                        &[Try::Breaks, Try::IsRefused, Try::Value, Try::Filter]
                    }
                    Place::Json | Place::Query | Place::Form => &[Try::Breaks, Try::IsRefused],
                    _ => &[],
                };
                let each = tries.iter();
                found.extend(each.map(|one| self.candidate(*one, input, base.clone())));
            }
            found.extend(self.names(scene, endpoint));
        }
        found
    }
}

impl OperatorInjection {
    /// Returns the candidates for names that nothing has mentioned.
    fn names(&self, scene: &dyn Scene, endpoint: &Endpoint) -> Vec<Candidate> {
        let mut found = Vec::new();
        let of = |place: Place| endpoint.inputs.iter().find(|input| input.place == place);
        if of(Place::Json).is_some()
            && let Some(base) = scene.base(endpoint, Place::Json)
        {
            found.push(self.candidate(Try::Raw, &guessed(Place::Json, RAW), base));
        }
        if endpoint.id.method == Method::Get
            && of(Place::Query).is_some()
            && let Some(base) = scene.base(endpoint, Place::Query)
        {
            let mut optional = endpoint.inputs.iter().filter(|input| !input.required);
            let input = optional.find(|input| input.place == Place::Query);
            let name = guessed(Place::Query, DOLLAR);
            // An input that is sent leaves less to match.
            let Some(input) = input else {
                found.push(self.candidate(Try::QueryName, &name, base));
                return found;
            };
            let without =
                base.without(|other| other.place == Place::Query && other.name == input.name);
            let lookup = guessed(Place::Query, &format!("{}{LOOKUP}", input.name));
            found.push(self.candidate(Try::QueryName, &name, without.clone()));
            found.push(self.candidate(Try::Lookup, &lookup, without));
        }
        found
    }

    fn candidate(&self, one: Try, input: &Input, base: RequestTemplate) -> Candidate {
        let at = Try::ALL.iter().position(|known| *known == one).unwrap_or(0);
        Candidate::new(&self.experiments[at], input, base, Shape::Token)
    }
}

fn guessed(place: Place, name: &str) -> Input {
    Input::new(place, name, Provenance::Guess)
}

/// Makes the other texts of a login match anything.
fn any_beside(input: &Input, other: &Input, fill: &Fill) -> Option<Fill> {
    let beside = other.place == Place::Json && other.name != input.name;
    let text = matches!(fill, Fill::Plain(Value::String(_)));
    (beside && text).then(|| Fill::Json(Shape::Token, Arc::new(json!({ "$ne": CANARY }))))
}

/// Returns true for an input that seems to take JSON as text, by its name and its hints.
fn takes_json(input: &Input) -> bool {
    let hint = &input.hint;
    let example = hint.example.as_ref().and_then(Value::as_str);
    let shown = example
        .into_iter()
        .chain(hint.choices.iter().map(String::as_str));
    let is_json = |text: &str| text.trim_start().starts_with(['{', '[', '"']);
    matches!(hint.kind, Kind::Object)
        || hint.format.as_deref() == Some("json")
        || shown
            .chain(input.shown.iter().map(String::as_str))
            .any(is_json)
        || words(&input.name)
            .iter()
            .any(|word| FILTERS.contains(&word.as_str()))
}

/// Returns steps with an operator that no database knows, the same name without a dollar sign, and an
/// operator that every database knows.
fn told(of: impl Fn(Value) -> Sent, refused: &[Expect], taken: &[Expect]) -> Vec<Step> {
    let operator = of(json!({ format!("${CANARY}"): 1 }));
    let literal = of(json!({ CANARY: 1 }));
    // One fits a single value, the other a whole filter.
    let known = [json!({ "$eq": CANARY }), json!({ "$and": [{ CANARY: 1 }] })];
    vec![
        Step::new("operator", vec![operator], refused),
        Step::new("literal", vec![literal], taken),
        Step::new("known", known.map(of).to_vec(), taken),
    ]
}

/// Returns steps with a value that matches nothing, one that matches anything, and one without a dollar
/// sign.
fn pair(values: [Value; 3], expect: [&[Expect]; 3]) -> Vec<Step> {
    let steps = ["none", "any", "literal"]
        .into_iter()
        .zip(values)
        .zip(expect);
    let steps = steps.map(|((name, one), expect)| Step::new(name, vec![value(one)], expect));
    steps.collect()
}

fn value(value: Value) -> Sent {
    Sent::Json(Arc::new(value))
}

fn named(name: &str, value: Value) -> Sent {
    Sent::Named(name.to_owned(), Arc::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::EndpointId;

    /// Operations whose inputs have all been answered.
    struct Answered(Vec<Endpoint>);

    impl Scene for Answered {
        fn in_range(&self, _: &Arc<Experiment>) -> Vec<Candidate> {
            Vec::new()
        }

        fn operations(&self) -> Vec<&Endpoint> {
            self.0.iter().collect()
        }

        fn base(&self, endpoint: &Endpoint, _: Place) -> Option<RequestTemplate> {
            Some(RequestTemplate::bare(endpoint.id.clone()))
        }

        fn was_asked(&self, _: &Endpoint, _: &Input) -> bool {
            true
        }
    }

    /// Returns what is sent to an operation with one input, as JSON texts.
    fn sent(method: Method, path: &str, place: Place) -> String {
        let mut endpoint = Endpoint::new(EndpointId::new(method, path), Provenance::Link);
        let input = Input::new(place, "filter", Provenance::Link);
        endpoint.inputs = vec![input];
        let seen = Answered(vec![endpoint]);
        let candidates = OperatorInjection::default().candidates(&seen);
        assert!(!candidates.is_empty());
        let steps = candidates.iter().flat_map(|one| &one.experiment.steps);
        let forms = steps.flat_map(|step| &step.forms).map(|sent| match sent {
            Sent::Json(value) => value.to_string(),
            Sent::Named(name, value) => json!({ name: **value }).to_string(),
            Sent::Form(_) => String::new(),
        });
        forms.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_widens_goes_to_reads_and_logins_only() {
        let widening = ["$ne", "$exists\":false", "$comment", "__in"];
        let widens = |text: &str| widening.iter().any(|one| text.contains(one));
        for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
            for place in [Place::Json, Place::Form, Place::Query] {
                let sent = sent(method, "/members/search", place);
                assert!(sent.contains("${{canary}}") && !widens(&sent), "{sent}");
            }
        }
        assert!(widens(&sent(Method::Post, "/login", Place::Json)));
        assert!(widens(&sent(Method::Get, "/members", Place::Query)));
    }
}
