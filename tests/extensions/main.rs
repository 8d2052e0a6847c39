//! The Flask extensions that describe and check what they are sent: small but complete applications on the
//! real packages, enumerated from their specification, and again from nothing but their routes and their errors.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation
)]

mod specification;
mod stage;

use std::collections::{BTreeMap, BTreeSet};

use keyspill::surface::{Place, Surface};
use stage::{Application, crawl, document, lines, scan};

const LENDING: Application = Application {
    name: "lending",
    attribute: "app",
    routes: "app",
    requirements: "requirements.txt",
    specification: "/desk/swagger.json",
    database: false,
};
const GARDEN: Application = Application {
    name: "garden",
    specification: "/docs/openapi.json",
    ..LENDING
};
const CLINIC: Application = Application {
    name: "clinic",
    specification: "/practice/spec.json",
    ..LENDING
};
const FERRY: Application = Application {
    name: "ferry",
    specification: "/apispec_1.json",
    ..LENDING
};
const ORCHARD: Application = Application {
    name: "orchard",
    specification: "/openapi/openapi.json",
    ..LENDING
};
const MUSEUM: Application = Application {
    name: "museum",
    attribute: "wsgi",
    routes: "flask_app",
    requirements: "requirements-connexion.txt",
    specification: "/guide/v1/openapi.json",
    database: false,
};
const APIARY: Application = Application {
    name: "apiary",
    requirements: "requirements-eve.txt",
    specification: "/api-docs",
    database: true,
    ..LENDING
};

/// The crawl's surface is the specification: every operation, every input with its place, name, type, and
/// whether it is required; and it costs three GETs an endpoint at most.
async fn is_enumerated(application: &Application) {
    let served = application.serve(&[("SPECIFICATION", "on")]);
    let root = document(&served, application.specification).await;
    let expected: BTreeSet<String> = specification::operations(&root)
        .iter()
        .flat_map(|operation| {
            let (method, path) = (&operation.method, &operation.path);
            let inputs = operation.inputs.iter();
            let inputs = inputs.map(move |input| stage::line(method, path, input));
            std::iter::once(format!("{method} {path}")).chain(inputs)
        })
        .collect();
    let (surface, gets) = crawl(&served).await;
    let described: BTreeSet<&str> = expected.iter().map(|line| head(line)).collect();
    let found: BTreeSet<String> = surface
        .iter()
        .flat_map(|endpoint| lines(endpoint))
        .filter(|line| described.contains(head(line)))
        .collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let other: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && other.is_empty(),
        "missing: {missing:#?}\nother: {other:#?}"
    );
    costs_three_gets_an_endpoint(&surface, &gets);
}

/// Guesses apart, no endpoint is fetched more than three times; and with them, the crawl asks for little.
fn costs_three_gets_an_endpoint(surface: &Surface, gets: &BTreeMap<String, usize>) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut guesses = 0;
    for (path, count) in gets {
        let template = surface.template_of(path);
        let offered = template.is_some_and(|template| {
            let values: BTreeMap<String, String> =
                template.values(path).into_iter().flatten().collect();
            surface
                .of_path(template)
                .any(|endpoint| values.is_empty() || endpoint.samples.contains(&values))
        });
        match template {
            Some(template) if offered => *known.entry(template.to_string()).or_default() += count,
            _ => guesses += count,
        }
    }
    let often: Vec<_> = known.iter().filter(|(_, count)| **count > 3).collect();
    assert!(often.is_empty(), "{often:#?}");
    let prefixes: BTreeSet<&str> = surface
        .iter()
        .filter_map(|endpoint| endpoint.id.path.as_str().rsplit_once('/'))
        .map(|(prefix, _)| prefix)
        .collect();
    // Usual places at the root, and a few below each prefix.
    assert!(guesses <= 90 + 17 * prefixes.len(), "{guesses} guesses");
}

/// `METHOD path` of a line.
fn head(line: &str) -> &str {
    let end = line.match_indices(' ').nth(1).map_or(line.len(), |(at, _)| at);
    &line[..end]
}

/// A required input that errors do not give up, and why.
type Miss = (&'static str, &'static str);

/// With the specification off and only the routes known, errors give up at least four of five required
/// inputs; the rest are those of the table, and nothing is made up.
async fn gives_up_its_inputs(application: &Application, misses: &[Miss]) {
    let described = application.serve(&[("SPECIFICATION", "on")]);
    let root = document(&described, application.specification).await;
    drop(described);
    let operations = specification::operations(&root);
    let shape = |method: &str, path: &str, place: Place, name: &str| {
        format!("{method} {} {place} {name}", anonymous(path))
    };
    let mut every = BTreeSet::new();
    let mut required = BTreeSet::new();
    for operation in &operations {
        let inputs = operation.inputs.iter();
        for input in inputs.filter(|input| input.place != Place::Path) {
            let line = shape(
                &operation.method,
                &operation.path,
                input.place,
                &input.name,
            );
            if input.required {
                required.insert(line.clone());
            }
            every.insert(line);
        }
    }
    let served = application.serve(&[("SPECIFICATION", "off")]);
    let routes = application.route_table(&served);
    let outcome = scan(&served, vec![routes]).await;
    let mut found = BTreeSet::new();
    let mut rows = Vec::new();
    for row in &outcome.surface {
        let (method, path) = (row.endpoint.method.as_str(), row.endpoint.path.as_str());
        for input in row.inputs.iter().filter(|i| i.place != Place::Path) {
            found.insert(shape(method, path, input.place, &input.name));
            rows.push(format!(
                "{}{}{} by {:?}",
                shape(method, path, input.place, &input.name),
                if input.required { " required" } else { "" },
                stage::values(&input.hint),
                input.discovered_by
            ));
        }
    }
    let missing: BTreeSet<&str> = required.difference(&found).map(String::as_str).collect();
    let told: BTreeSet<&str> = misses.iter().map(|(line, _)| *line).collect();
    let made_up: Vec<_> = found.difference(&every).collect();
    println!(
        "{}: {} of {} required; {} requests\n{rows:#?}\nmissing {missing:#?}\nmade up {made_up:#?}\nfindings {:#?}",
        application.name,
        required.len() - missing.len(),
        required.len(),
        outcome.coverage.requests,
        outcome.findings.iter().map(stage::finding).collect::<Vec<_>>()
    );
    assert_eq!(missing, told);
    assert!(made_up.is_empty(), "{made_up:#?}");
    assert!(missing.len() * 5 <= required.len());
}

/// A path with every placeholder written `{}`: the routes and the specification may name them differently.
fn anonymous(path: &str) -> String {
    keyspill::surface::Template::new(path).anonymous()
}

macro_rules! enumerated {
    ($($name:ident: $application:ident, $misses:expr;)*) => { $(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn is_enumerated_as_its_specification_says() {
                is_enumerated(&$application).await;
            }

            #[tokio::test]
            async fn gives_up_its_required_inputs_in_errors() {
                gives_up_its_inputs(&$application, &$misses).await;
            }
        }
    )* };
}

enumerated! {
    flask_restx: LENDING, [];
    flask_smorest: GARDEN, [];
    apiflask: CLINIC, [];
    flasgger: FERRY, [];
    flask_openapi3: ORCHARD, [];
    connexion: MUSEUM, [];
    eve: APIARY, [];
}
