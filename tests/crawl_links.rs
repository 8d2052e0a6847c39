//! Ways of linking: a real application with a page for each, tables for single texts, and hostile pages.

#![allow(clippy::unwrap_used, clippy::too_many_lines)]

mod links_harness;

use std::collections::{BTreeMap, BTreeSet};

use keyspill::crawl::extract::extract;
use keyspill::http::{Method, Response};
use keyspill::surface::{Endpoint, EndpointId, Input, Kind, Place};
use links_harness::Served;
use serde_json::Value;
use url::Url;

/// Ways that a crawl without a browser cannot go, with the reason.
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
    let served = Served::start("app");
    // Paths that say `import` or `send` are named after their way here, and do nothing of the kind.
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

/// The GETs that the sprawling site got, without the one that asked whether it is up.
fn gets(served: &Served) -> Vec<String> {
    let visits = served.lines("VISITS").into_iter();
    let gets = visits.filter(|line| line[0] == "GET");
    gets.map(|line| line[1].clone()).collect()
}

#[test]
fn a_site_of_twenty_thousand_pages_is_crawled_whole_and_its_endless_rest_is_not() {
    let served = Served::start("sprawl");
    let crawled = served.crawl(&["--max-endpoints", "25000"]);
    assert_eq!(crawled.code, Some(0));
    // The first asked whether the site was up.
    let gets = gets(&served).split_off(1);
    let once: BTreeSet<&String> = gets.iter().collect();
    // Pages that were good are asked again, after many that are not there.
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
    assert_eq!(rows.iter().filter(is_page).count(), 20_000);
    let endpoints = rows.len();
    assert!(endpoints < 21_000, "{endpoints}");
    assert!(gets.len() < 23_000, "{}", gets.len());
    // Three GETs an endpoint at most, what is guessed apart.
    assert!(gets.len() <= 3 * endpoints);
    // 20 MB of it are the detectors by which a crawl masks what a scan would.
    assert!(crawled.peak < 120_000, "{} KB", crawled.peak);
    assert_eq!(crawled.problems(), ["copied-branch", "copied-branch"]);
}

#[test]
fn the_greatest_number_of_endpoints_bounds_a_crawl_and_says_so() {
    let served = Served::start("sprawl");
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

/// The operation that the way of this name leads to.
fn operation<'a>(
    served: &Served,
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
fn what_scripts_send_and_forms_ask_for_becomes_inputs_with_their_types() {
    let served = Served::start("app");
    let surface = served.surface(|_| {});

    // Scripts: fields of bodies, headers.
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

    // Forms: every control kind.
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
    // What is never sent.
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

    // Buttons that send the form elsewhere, by other methods.
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
    // A form in a form is none: its controls belong to the outer one.
    assert!(posted("/form/nested").input(Place::Form, "inner").is_some());
    assert!(
        surface
            .get(&EndpointId::new(Method::Get, "/form/never"))
            .is_none()
    );
}

/// The most memory that a crawl of hostile pages may need, in kilobytes.
const PEAK: u64 = 600 << 10;

#[test]
fn hostile_pages_end_as_problems_and_bounds() {
    let served = Served::start("hostile");
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
    // What comes behind the hostile pages is found all the same.
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
    let served = Served::start("hostile");
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

/// The URLs that an answer of this kind reveals.
fn urls(kind: &str, headers: &[(&str, &str)], body: &str) -> Vec<String> {
    let mut all = vec![("content-type", kind)];
    all.extend_from_slice(headers);
    let response = Response::of(200, &all, body);
    let page = Url::parse("http://h/dir/page").unwrap();
    let mut found = extract(&page, &response);
    found.absorb(keyspill::crawl::extract::headers::links(&response));
    let base = found
        .base
        .as_deref()
        .map_or(page.clone(), |base| page.join(base).unwrap());
    found
        .calls
        .iter()
        .filter_map(|call| base.join(&call.url).ok())
        .map(|url| {
            url[url::Position::BeforePath..]
                .replace("%7B", "{")
                .replace("%7D", "}")
        })
        .collect()
}

#[track_caller]
fn check(kind: &str, table: &[(&str, &str)]) {
    let missing: Vec<_> = table
        .iter()
        .filter(|(body, path)| !urls(kind, &[], body).iter().any(|url| url == path))
        .map(|(body, path)| format!("{path} in {body} (found {:?})", urls(kind, &[], body)))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_element_and_attribute_that_carries_a_url_is_read() {
    check(
        "text/html; charset=utf-8",
        &[
            ("<a href='/w'>", "/w"),
            ("<A HREF = /w >", "/w"),
            ("<a href=\"w\">", "/dir/w"),
            ("<a href='../w'>", "/w"),
            ("<a href='?w=1'>", "/dir/page?w=1"),
            ("<a href='//h/w'>", "/w"),
            ("<a href='http://h/w'>", "/w"),
            ("<a href='/w&amp;x'>", "/w&x"),
            ("<a href='\n/w\t'>", "/w"),
            ("<a ping='/w' href=#>", "/w"),
            ("<map><area href=/w></map>", "/w"),
            ("<link rel=next href=/w>", "/w"),
            ("<link rel=preload imagesrcset='/w 1x'>", "/w"),
            ("<script src=/w></script>", "/w"),
            ("<img src=/w>", "/w"),
            ("<img srcset='/a 1x, /w 2x'>", "/w"),
            ("<img longdesc=/w>", "/w"),
            ("<img lowsrc=/w>", "/w"),
            ("<img usemap=/w>", "/w"),
            ("<picture><source srcset='/w'></picture>", "/w"),
            ("<iframe src=/w></iframe>", "/w"),
            ("<iframe srcdoc='&lt;a href=/w&gt;'></iframe>", "/w"),
            ("<frameset><frame src=/w></frameset>", "/w"),
            ("<object data=/w></object>", "/w"),
            ("<object codebase=/w></object>", "/w"),
            ("<object archive=/w></object>", "/w"),
            ("<embed src=/w>", "/w"),
            ("<applet code=x codebase=/w></applet>", "/w"),
            ("<form action=/w></form>", "/w"),
            ("<form><button formaction=/w></form>", "/w"),
            ("<form><input type=submit formaction=/w></form>", "/w"),
            ("<input type=image src=/w>", "/w"),
            ("<meta http-equiv=refresh content='3;url=/w'>", "/w"),
            ("<meta http-equiv=refresh content=\"0; URL='/w'\">", "/w"),
            (
                "<meta http-equiv=content-security-policy content='report-uri /w'>",
                "/w",
            ),
            ("<meta property=og:url content=/w>", "/w"),
            ("<base href=/base/><a href=w>", "/base/w"),
            ("<svg><a xlink:href=/w></a></svg>", "/w"),
            ("<svg><use href=/w /></svg>", "/w"),
            ("<svg><image href=/w /></svg>", "/w"),
            (
                "<img src=\"data:image/svg+xml,<svg><a href='/w'/></svg>\">",
                "/w",
            ),
            (
                "<img src='data:image/svg+xml;base64,PGEgaHJlZj0iL3ciLz4='>",
                "/w",
            ),
            ("<audio src=/w></audio>", "/w"),
            ("<video poster=/w></video>", "/w"),
            ("<video><track src=/w></video>", "/w"),
            ("<audio><source src=/w></audio>", "/w"),
            ("<blockquote cite=/w></blockquote>", "/w"),
            ("<q cite=/w></q>", "/w"),
            ("<ins cite=/w></ins>", "/w"),
            ("<del cite=/w></del>", "/w"),
            ("<html manifest=/w>", "/w"),
            ("<head profile=/w></head>", "/w"),
            ("<body background=/w>", "/w"),
            ("<table background=/w>", "/w"),
            ("<table><tr><td background=/w>", "/w"),
            ("<div data-url=/w>", "/w"),
            ("<div data-src='./w'>", "/dir/w"),
            ("<div data-options='{\"url\": \"/w\"}'>", "/w"),
            ("<div hx-get=/w>", "/w"),
            ("<div hx-delete=/w>", "/w"),
            ("<div onclick=\"location='/w'\">", "/w"),
            ("<body onload=\"window.open('/w')\">", "/w"),
            ("<a href=\"javascript:go('/w')\">", "/w"),
            ("<div style='background:url(/w)'>", "/w"),
            ("<style>a{background:url('/w')}</style>", "/w"),
            ("<style>@import '/w';</style>", "/w"),
            ("<noscript><img src=/w></noscript>", "/w"),
            ("<template><a href=/w></template>", "/w"),
            ("<!-- <a href=/w> -->", "/w"),
            (
                "<!--[if lt IE 9]><script src=/w></script><![endif]-->",
                "/w",
            ),
            ("<!-- see /w for more -->", "/w"),
            ("<!DOCTYPE html SYSTEM \"/w\"><p>", "/w"),
            ("<script type=text/template><a href=/w></script>", "/w"),
            (
                "<script type=application/json>{\"next\": \"/w\"}</script>",
                "/w",
            ),
            (
                "<script type=importmap>{\"imports\": {\"x\": \"/w\"}}</script>",
                "/w",
            ),
            ("<p>open /w now</p>", "/w"),
            ("<p>open http://h/w.</p>", "/w"),
            ("<p>open ./w</p>", "/dir/w"),
            ("<textarea>/w</textarea>", "/w"),
            ("<input value=/w>", "/w"),
            ("<option value=/w>", "/w"),
            ("<a href='/w'<b>broken", "/w"),
            (
                "<table><form action=/w><tr><td><input name=x></table>",
                "/w",
            ),
            ("<swagger-ui spec-url=/w></swagger-ui>", "/w"),
            ("<redoc spec-url='/w'></redoc>", "/w"),
            ("<script>SwaggerUIBundle({url: \"/w\"})</script>", "/w"),
        ],
    );
}

#[test]
fn scripts_are_read_for_what_they_fetch() {
    check(
        "application/javascript",
        &[
            ("fetch('/w')", "/w"),
            ("fetch(\"/w\", {method: 'POST'})", "/w"),
            ("fetch(`/w/${id}`)", "/w/{id}"),
            ("fetch('/w/' + id + '/x')", "/w/{id}/x"),
            ("const base = '/w'; fetch(base + '/x')", "/w/x"),
            ("const url = new URL('/w', location); fetch(url)", "/w"),
            ("fetch(new Request('/w'))", "/w"),
            ("axios.get('/w')", "/w"),
            ("axios({url: '/w'})", "/w"),
            (
                "const c = axios.create({baseURL: '/api'}); c.get('/w')",
                "/w",
            ),
            ("$.get('/w')", "/w"),
            ("$.ajax({url: '/w'})", "/w"),
            ("$('#x').load('/w')", "/w"),
            ("x.open('GET', '/w')", "/w"),
            ("new WebSocket('ws://h/w')", "/w"),
            ("new EventSource('/w')", "/w"),
            ("new Worker('/w')", "/w"),
            ("navigator.sendBeacon('/w')", "/w"),
            ("navigator.serviceWorker.register('/w')", "/w"),
            ("import('/w')", "/w"),
            ("import x from '/w'", "/w"),
            ("importScripts('/w')", "/w"),
            ("location.href = '/w'", "/w"),
            ("location.replace('/w')", "/w"),
            ("history.pushState({}, '', '/w')", "/w"),
            ("const routes = [{path: '/w', component: A}]", "/w"),
            ("const routes = [{path: '/w/:id'}]", "/w/:id"),
            ("el.innerHTML = '<a href=\"/w\">x</a>'", "/w"),
            ("el.setAttribute('href', '/w')", "/w"),
            ("a=\"\\x2fw\"", "/w"),
            ("// see /w", "/w"),
        ],
    );
}

#[test]
fn other_documents_and_headers_carry_links_too() {
    check(
        "application/json",
        &[
            ("{\"_links\": {\"self\": {\"href\": \"/w\"}}}", "/w"),
            ("{\"next\": \"/w?page=2\"}", "/w?page=2"),
            ("{\"links\": [{\"rel\": \"x\", \"href\": \"w\"}]}", "/dir/w"),
            ("[\"/w\"]", "/w"),
            ("{\"start_url\": \"/w\", \"icons\": []}", "/w"),
        ],
    );
    check(
        "application/xml",
        &[(
            "<?xml version='1.0'?><urlset><url><loc>http://h/w</loc></url></urlset>",
            "/w",
        )],
    );
    check(
        "application/rss+xml",
        &[(
            "<rss><channel><item><link>/w</link></item></channel></rss>",
            "/w",
        )],
    );
    check(
        "application/atom+xml",
        &[("<feed><entry><link href=\"/w\"/></entry></feed>", "/w")],
    );
    check("text/plain", &[("Contact: http://h/w\nPolicy: /x", "/w")]);
    check("text/css", &[("@import url(/w); b{}", "/w")]);
    for (name, value) in [
        ("location", "/w"),
        ("content-location", "/w"),
        ("link", "</w>; rel=next"),
        ("refresh", "0;url=/w"),
        ("sourcemap", "/w"),
        ("content-security-policy", "report-uri /w"),
        ("reporting-endpoints", "a=\"/w\""),
    ] {
        assert!(
            urls("text/html", &[(name, value)], "").contains(&"/w".to_owned()),
            "{name}"
        );
    }
}

// What needs a script to run, and is not found: a URL that is computed (`atob("L3c=")`, `["/", "w"].join("")`
// with a loop, string arithmetic), that a server sends over a socket, or that stands behind a click handler in
// WebAssembly.
