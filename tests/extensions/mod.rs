//! The Flask extensions that describe and check what they are sent: small but complete applications on the
//! real packages, enumerated from their specification, and again from nothing but their routes and their errors.

mod said;
mod specification;
mod stage;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use keyspill::surface::{Kind, Place, Surface};
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
    let served = application.serve("SPECIFICATION", "on");
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
        .flat_map(lines)
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
    let end = line
        .match_indices(' ')
        .nth(1)
        .map_or(line.len(), |(at, _)| at);
    &line[..end]
}

/// What an application's errors are held against.
struct Known {
    /// Lines of the specification that the application does not keep: as written, as it is, and why.
    corrections: &'static [(&'static str, Option<&'static str>, &'static str)],
    /// Required inputs that errors do not give up, and why.
    misses: &'static [(&'static str, &'static str)],
    /// Inputs that are found where they are not read: what became of a miss.
    misplaced: &'static [&'static str],
}

/// With the specification off and only the routes known, errors give up at least four of five required
/// inputs; the rest are those of the table, and nothing is made up.
async fn gives_up_its_inputs(application: &Application, known: &Known) {
    let described = application.serve("SPECIFICATION", "on");
    let root = document(&described, application.specification).await;
    drop(described);
    let (required, every) = documented(&root, known);
    let served = application.serve("SPECIFICATION", "off");
    let routes = application.route_table(&served);
    let outcome = scan(&served, vec![routes]).await;
    let mut found = BTreeSet::new();
    let mut unsaid = Vec::new();
    for row in &outcome.surface {
        let (method, path) = (row.endpoint.method.as_str(), row.endpoint.path.as_str());
        for input in row.inputs.iter().filter(|i| i.place != Place::Path) {
            let mut line = shape(method, path, input.place, &input.name);
            let field = shape(method, path, Place::Form, &input.name);
            if input.place == Place::Multipart && every.contains(&field) {
                line = field;
            }
            if !input.required && required.contains(&line) {
                unsaid.push(line.clone());
            }
            found.insert(line);
        }
    }
    let missing: BTreeSet<&str> = required.difference(&found).map(String::as_str).collect();
    let told: BTreeSet<&str> = known.misses.iter().map(|(line, _)| *line).collect();
    let made_up: Vec<&str> = found.difference(&every).map(String::as_str).collect();
    println!(
        "{}: {} of {} required, {unsaid:#?} not known to be; {} requests\n{}",
        application.name,
        required.len() - missing.len(),
        required.len(),
        outcome.coverage.requests,
        stage::rows(&outcome).join("\n")
    );
    assert_eq!(missing, told);
    assert_eq!(made_up, known.misplaced);
    assert!(missing.len() * 5 <= required.len());
    assert_eq!(stage::findings(&outcome), Vec::<String>::new());
}

/// The inputs that a specification calls required, and all of them, with its mistakes corrected. Those of
/// the path are in the routes already, so they count for nothing.
fn documented(root: &serde_json::Value, known: &Known) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut required = BTreeSet::new();
    let mut every = BTreeSet::new();
    for operation in specification::operations(root) {
        for input in operation.inputs.iter().filter(|i| i.place != Place::Path) {
            // To Flask, the fields of a form are the same however it is encoded; only files are others.
            let place = match input.place {
                Place::Multipart if input.hint.kind != Kind::File => Place::Form,
                place => place,
            };
            let line = shape(&operation.method, &operation.path, place, &input.name);
            if input.required {
                required.insert(line.clone());
            }
            every.insert(line);
        }
    }
    for (written, real, _) in known.corrections {
        assert!(required.remove(*written), "{written}");
        if let Some(real) = real {
            every.remove(*written);
            required.insert((*real).to_owned());
            every.insert((*real).to_owned());
        }
    }
    (required, every)
}

/// An input without the name of its path's placeholders; a list of plain values is `a` and `a[]` alike.
fn shape(method: &str, path: &str, place: Place, name: &str) -> String {
    let name = name.trim_end_matches("[]");
    format!("{method} {} {place} {name}", anonymous(path))
}

/// A path with every placeholder written `{}`: the routes and the specification may name them differently.
fn anonymous(path: &str) -> String {
    keyspill::surface::Template::new(path).anonymous()
}

macro_rules! enumerated {
    ($($name:ident: $application:ident, $known:ident;)*) => { $(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn is_enumerated_as_its_specification_says() {
                is_enumerated(&$application).await;
            }

            #[tokio::test]
            async fn gives_up_its_required_inputs_in_errors() {
                gives_up_its_inputs(&$application, &tables::$known).await;
            }
        }
    )* };
}

enumerated! {
    flask_restx: LENDING, LENDING;
    flask_smorest: GARDEN, GARDEN;
    apiflask: CLINIC, CLINIC;
    flasgger: FERRY, FERRY;
    flask_openapi3: ORCHARD, ORCHARD;
    connexion: MUSEUM, MUSEUM;
    eve: APIARY, APIARY;
}

/// Eve's links, all written from its entry point, lead from there to every resource and its documents.
#[tokio::test]
async fn hypermedia_leads_from_the_entry_point_to_every_document() {
    let served = APIARY.serve("SPECIFICATION", "off");
    let (surface, gets) = stage::crawl_below(&served, "/club/").await;
    let found: Vec<String> = surface
        .iter()
        .map(|endpoint| format!("{} {}", endpoint.id.method, endpoint.id.path.anonymous()))
        .collect();
    let resources = ["harvests", "hives", "members"];
    let expected: Vec<String> = std::iter::once("GET /club/".to_owned())
        .chain(resources.iter().flat_map(|name| {
            ["GET", "POST"]
                .map(|method| format!("{method} /club/{name}"))
                .into_iter()
                .chain(
                    ["GET", "POST", "PUT", "PATCH"]
                        .map(|method| format!("{method} /club/{name}/{{}}")),
                )
        }))
        .collect();
    assert_eq!(found, expected);
    costs_three_gets_an_endpoint(&surface, &gets);
}

const DEPOT: Application = Application {
    name: "depot",
    specification: "",
    ..LENDING
};

/// Every route and input of the lists, each with its type, after a scan of nothing but the base URL.
async fn the_depot_gives_up(debug: &str, lists: &[&[&str]]) {
    let served = DEPOT.serve("DEPOT_DEBUG", debug);
    let outcome = scan(&served, Vec::new()).await;
    let rows = stage::rows(&outcome);
    let missing: Vec<&str> = lists
        .concat()
        .into_iter()
        .filter(|wanted| {
            let words: Vec<&str> = wanted.split(' ').collect();
            let place = words[..words.len().min(4)].join(" ");
            !rows.iter().any(|row| {
                let known: Vec<&str> = row.split(' ').collect();
                known[..known.len().min(4)].join(" ") == place
                    && words.iter().all(|word| known.contains(word))
            })
        })
        .collect();
    println!(
        "{} requests\n{}",
        outcome.coverage.requests,
        rows.join("\n")
    );
    println!("{:#?}", stage::findings(&outcome));
    assert!(missing.is_empty(), "{missing:#?}");
}

#[tokio::test]
async fn errors_alone_give_up_what_they_print() {
    the_depot_gives_up("0", &[said::ALWAYS]).await;
}

#[tokio::test]
async fn debug_mode_gives_up_what_its_pages_print() {
    the_depot_gives_up("1", &[said::ALWAYS, said::IN_DEBUG_MODE]).await;
}
