//! Ways of linking: a real application with a page for each, and hostile pages. (For tables of
//! single texts, see `tests/pure/links.rs`.)

use std::collections::{BTreeMap, BTreeSet};

use keyspill::http::Method;
use keyspill::surface::{Endpoint, EndpointId, Input, Kind, Place};
use serde_json::Value;

use crate::crawled::{Site, pages_each};

/// Ways that a crawl without a browser cannot follow, with the reason.
const NEED_RUNNING: &[(&str, &str)] = &[
    (
        "script/needs-running-base64",
        "the address is decoded by atob",
    ),
    (
        "script/needs-running-char-codes",
        "it is made of character codes",
    ),
    (
        "script/needs-running-reversed",
        "it is turned round letter by letter",
    ),
    (
        "script/needs-running-page-text",
        "a part of it is the page's title in small letters",
    ),
    (
        "script/needs-running-counter",
        "a counter picks its letters",
    ),
    (
        "json/id-in-html-table",
        "which attribute of the page is the id, the script's handler decides",
    ),
];

#[test]
fn every_way_of_linking_leads_to_its_target() {
    let served = Site::start("app");
    // Paths that say `import` or `send` are named after their way of linking, and do no such thing.
    let allowed = ["--allow", "^GET .*(import|send)"];
    let bound = ["--dry-run", "--max-endpoints", "20000"];
    let crawled = served.scan(&[&bound[..], &allowed].concat());
    assert_eq!(crawled.code, Some(0));
    let reached: BTreeSet<String> = served
        .lines("REACHED")
        .into_iter()
        .map(|line| line[1].clone())
        .collect();
    let operations = crawled.operations();
    let ways = served.ways();
    assert!(ways.len() > 600, "{}", ways.len());
    let missed: BTreeSet<String> = ways
        .into_iter()
        .filter(|way| {
            let listed = |start: &str| operations.iter().any(|one| one.starts_with(start));
            !match way.method.as_str() {
                "GET" => reached.contains(&way.target),
                "TEMPLATE" => listed(&format!("GET {}/{{", way.target)),
                "OTHER" => ["PUT", "PATCH", "DELETE"]
                    .iter()
                    .any(|method| operations.contains(&format!("{method} {}", way.target))),
                method => operations.contains(&format!("{method} {}", way.target)),
            }
        })
        .map(|way| way.name)
        .collect();
    let excepted: BTreeSet<String> = NEED_RUNNING
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(missed, excepted);
}

/// Returns the GETs that the sprawling site got, including the one that asked whether it is up.
fn gets(served: &Site) -> Vec<String> {
    let visits = served.lines("VISITS").into_iter();
    let gets = visits.filter(|line| line[0] == "GET");
    gets.map(|line| line[1].clone()).collect()
}

#[test]
fn a_site_of_thousands_of_pages_is_crawled_whole_and_its_endless_rest_is_not() {
    let served = Site::start("sprawl");
    let pages = 100 * pages_each();
    let crawled = served.crawl(&["--max-endpoints", "25000"]);
    assert_eq!(crawled.code, Some(0));
    // The first request asked whether the site was up.
    let gets = gets(&served).split_off(1);
    let once: BTreeSet<&String> = gets.iter().collect();
    // Good pages are requested again after many that do not exist.
    let again = gets.len() - once.len();
    assert!(again <= 40, "{again} pages were fetched twice");
    let rows = crawled.report["endpoints"].as_array().unwrap();
    let trap = ["s", "print", "calendar", "shop", "blog"];
    let is_page = |row: &&Value| {
        let path = row["path"].as_str().unwrap();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let page = segments.len() == 3 && !trap.contains(&segments[0]) && !path.contains('{');
        page && row["status"] == 200 && once.contains(&path.to_owned())
    };
    assert_eq!(rows.iter().filter(is_page).count(), pages);
    let endpoints = rows.len();
    assert!(endpoints < pages + 1_000, "{endpoints}");
    assert!(gets.len() < pages + 3_000, "{}", gets.len());
    // At most three GETs per endpoint, not counting guesses.
    assert!(gets.len() <= 3 * endpoints);
    // 20 MB of this are the detectors with which a crawl masks what a scan would mask.
    assert!(crawled.peak < 120_000, "{} KB", crawled.peak);
    assert_eq!(crawled.problems(), ["copied-branch", "copied-branch"]);
}

#[test]
fn the_greatest_number_of_endpoints_bounds_a_crawl_and_says_so() {
    let served = Site::start("sprawl");
    let crawled = served.crawl(&["--max-endpoints", "300"]);
    assert_eq!(crawled.code, Some(0));
    let gets = gets(&served).len();
    assert!((300..=3 * 300 + 500).contains(&gets), "{gets}");
    let listed = crawled.report["endpoints"].as_array().unwrap().len();
    assert!((300..=4 * 300).contains(&listed), "{listed}");
    let problems = crawled.problems();
    for code in ["max-endpoints", "crawl-bound"] {
        assert!(problems.contains(&code.to_owned()), "{problems:?}");
    }
}

/// Returns the operation that the way with this name leads to.
fn operation<'a>(
    served: &Site,
    surface: &'a keyspill::surface::Surface,
    way: &str,
) -> &'a Endpoint {
    let ways = served.ways();
    let way = ways.iter().find(|one| one.name == way).unwrap();
    surface
        .get(&EndpointId::new(Method::Post, &way.target))
        .unwrap()
}

fn inputs(endpoint: &Endpoint) -> BTreeSet<String> {
    let all = endpoint.inputs.iter();
    all.map(|input| format!("{} {}", input.place.as_str(), input.name))
        .collect()
}

#[test]
fn what_scripts_send_becomes_inputs() {
    let served = Site::start("app");
    let surface = served.surface(|_| {});
    // Fields of bodies, and headers.
    for (way, expected) in [
        (
            "fetch-post-json",
            "header x-tenant, json amount, json paid, json title",
        ),
        ("fetch-post-shorthand", "json amount, json title"),
        ("fetch-post-variable", "json amount, json title"),
        ("fetch-post-form-data", "multipart paper, multipart title"),
        ("fetch-post-search-params", "form amount, form title"),
        ("fetch-post-string", "form amount, form title"),
        ("fetch-post-wrapper", "json amount, json title"),
        ("fetch-post-built", "json amount, json title"),
        ("axios-post", "header x-tenant, json amount, json title"),
        ("axios-post-instance", "json amount, json title"),
        ("jquery-post", "form amount, form title"),
        ("jquery-ajax-post", "json amount, json title"),
        ("xhr-post", "json amount, json title"),
        ("request-post", "json amount, json title"),
        ("angular-post", "json amount, json title"),
        ("minified-post", "json amount, json title"),
    ] {
        let endpoint = operation(&served, &surface, &format!("script/{way}"));
        let found: Vec<String> = inputs(endpoint).into_iter().collect();
        assert_eq!(found.join(", "), expected, "{way}");
    }
}

#[test]
fn every_kind_of_control_becomes_an_input_with_its_type() {
    let surface = Site::start("app").surface(|_| {});
    let posted = |path: &str| surface.get(&EndpointId::new(Method::Post, path)).unwrap();
    let answer = posted("/form/answer");
    let by_name: BTreeMap<&str, &Input> = answer
        .inputs
        .iter()
        .map(|input| (input.name.as_str(), input))
        .collect();
    let hint = |name: &str| &by_name[name].hint;
    let choices = |name: &str| hint(name).choices.join(",");
    let example = |name: &str| hint(name).example.clone().unwrap();
    let format = |name: &str| hint(name).format.clone().unwrap();
    assert!(
        answer
            .inputs
            .iter()
            .all(|input| input.place == Place::Multipart)
    );
    assert!(by_name["person"].required);
    assert_eq!(
        (hint("person").min_length, hint("person").max_length),
        (Some(2), Some(40))
    );
    assert_eq!(format("mail"), "email");
    assert_eq!(format("page"), "uri");
    assert_eq!(format("word"), "password");
    assert_eq!(
        hint("code").pattern.as_deref(),
        Some("^(?:[A-Z]{2}[0-9]{4})$")
    );
    assert_eq!(example("ident"), "6f1ed002-ab55-4f2d-8a4c-2d5a1c9a7c11");
    assert_eq!(hint("amount").kind, Kind::Integer);
    assert_eq!(
        (hint("amount").minimum, hint("amount").maximum),
        (Some(3.0), Some(9.0))
    );
    assert_eq!(
        (hint("level").minimum, hint("level").maximum),
        (Some(10.0), Some(20.0))
    );
    assert_eq!(format("day"), "date");
    assert_eq!(format("moment"), "date-time");
    assert_eq!(format("colour"), "color");
    assert_eq!(choices("agreed"), "on");
    assert_eq!(choices("topping"), "ham,egg");
    assert_eq!(choices("size"), "small,large");
    assert_eq!(example("size"), "large", "the one that is checked");
    assert_eq!(choices("country"), "de,fr");
    assert_eq!(example("country"), "fr");
    assert_eq!(choices("tags"), "red,green");
    assert_eq!(
        example("fruit"),
        "apple",
        "a data list proposes, and takes other values too"
    );
    assert!(hint("fruit").choices.is_empty());
    assert_eq!(example("notes"), "as before");
    assert_eq!(
        (hint("paper").kind, hint("pictures").kind),
        (Kind::File, Kind::File)
    );
    assert_eq!(example("step"), 2);
    assert_eq!(example("read_only"), "kept");
    assert_eq!(choices("outside_choice"), "a,b");
    for name in [
        "outside",
        "locked",
        "switched_off",
        "in_legend",
        "phone",
        "find",
        "howmany",
        "deed",
        "far",
    ] {
        assert!(by_name.contains_key(name), "{name}");
    }
    // These are never sent.
    for name in [
        "undo",
        "only_script",
        "nothing",
        "inner",
        "in_dialog",
        "total",
    ] {
        assert!(!by_name.contains_key(name), "{name}");
    }
}

#[test]
fn buttons_send_a_form_elsewhere_and_by_other_methods() {
    let surface = Site::start("app").surface(|_| {});
    let posted = |path: &str| surface.get(&EndpointId::new(Method::Post, path)).unwrap();
    let preview = surface
        .get(&EndpointId::new(Method::Get, "/form/preview"))
        .unwrap();
    assert!(preview.input(Place::Query, "person").is_some());
    assert!(posted("/form/send").input(Place::Form, "person").is_some());
    assert!(
        posted("/form/outside")
            .inputs
            .iter()
            .any(|input| input.name == "far")
    );
    assert!(
        posted("/form/from-dialog")
            .input(Place::Form, "in_dialog")
            .is_some()
    );
    let search = surface
        .get(&EndpointId::new(Method::Get, "/form/search"))
        .unwrap();
    assert!(search.input(Place::Query, "needle").is_some());
    assert!(
        posted("/form/guarded")
            .input(Place::Form, "csrf_token")
            .unwrap()
            .csrf
    );
    assert!(
        posted("/form/controls")
            .input(Place::Form, "to_itself")
            .is_some()
    );
    assert!(
        posted("/form/in-table")
            .input(Place::Form, "cell")
            .is_some()
    );
    // A form inside a form does not count: its controls belong to the outer one.
    assert!(posted("/form/nested").input(Place::Form, "inner").is_some());
    assert!(
        surface
            .get(&EndpointId::new(Method::Get, "/form/never"))
            .is_none()
    );
}

/// The most memory that a crawl of hostile pages may use, in kilobytes.
const PEAK: u64 = 600 << 10;

#[test]
fn hostile_pages_end_as_problems_and_bounds() {
    let served = Site::start("hostile");
    let crawled = served.scan(&["--dry-run", "--max-endpoints", "300"]);
    assert_eq!(crawled.code, Some(0), "{:?}", crawled.report);
    let problems = crawled.problems();
    for code in ["page-cut", "max-endpoints", "crawl-bound"] {
        assert!(
            problems.iter().any(|one| one == code),
            "{code} in {problems:?}"
        );
    }
    let operations = crawled.operations();
    assert!(operations.len() <= 1_200, "{}", operations.len());
    // Pages behind the hostile ones are still found.
    assert!(operations.contains(&"GET /after/all".to_owned()));
    let form = crawled.report["surface"].as_array().unwrap();
    let form = form
        .iter()
        .find(|one| one["path"] == "/form" && one["method"] == "POST")
        .unwrap();
    assert_eq!(form["inputs"].as_array().unwrap().len(), 500);
    assert!(
        crawled.peak > 0 && crawled.peak < PEAK,
        "{} kB",
        crawled.peak
    );
}

#[test]
fn a_form_of_five_thousand_fields_is_sent_within_the_limit() {
    let served = Site::start("hostile");
    served.scan(&["--include", "^/form$", "--max-requests", "300"]);
    let fields: Vec<usize> = served
        .lines("FIELDS")
        .iter()
        .map(|line| line[0].parse().unwrap())
        .collect();
    let most = fields.iter().max().copied();
    assert!(
        most.is_some_and(|most| (1..=500).contains(&most)),
        "{most:?}"
    );
}
