//! `keyspill crawl`, imports and word lists against real Flask applications, with the real binary.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::{Scan, Served, app, words};
use crate::place::{Place, Ran};

fn serve(module: &str) -> Served {
    app(&format!("surface/{module}")).serve()
}

/// Returns the requests that an application got, as `METHOD path`.
fn requests(server: &Served) -> Vec<String> {
    // Werkzeug colours requests that failed.
    let plain = |line: String| {
        let parts = line.split('\u{1b}');
        parts
            .map(|part| {
                part.split_once('m')
                    .filter(|(code, _)| code.starts_with('['))
                    .map_or(part, |(_, rest)| rest)
            })
            .collect::<String>()
    };
    let lines: Vec<String> = server.log().into_iter().map(plain).collect();
    let quoted = lines.iter().filter_map(|line| line.split('"').nth(1));
    let requests = quoted.filter_map(|request| request.strip_suffix(" HTTP/1.1"));
    requests.map(str::to_owned).collect()
}

fn crawl(place: &Place, server: &Served, arguments: &[&str]) -> Ran {
    let fixed = ["crawl", server.url(), "--rate", "1000"];
    place.run(&[&fixed[..], arguments].concat())
}

/// Returns the survey of a crawl, checked against its schema.
fn survey(place: &Place, server: &Served, arguments: &[&str]) -> Value {
    survey_that_ends(0, place, server, arguments)
}

/// Returns the survey of a crawl of an application that has nothing that an import names.
fn survey_of_blank(place: &Place, server: &Served, arguments: &[&str]) -> Value {
    survey_that_ends(3, place, server, arguments)
}

fn survey_that_ends(code: i32, place: &Place, server: &Served, arguments: &[&str]) -> Value {
    let ran = crawl(place, server, &[arguments, &["--format", "json"]].concat());
    ran.printed(code, &[]);
    let survey: Value = serde_json::from_str(&ran.out).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema/crawl.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors = validator.iter_errors(&survey);
    let errors: Vec<String> = errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    survey
}

fn endpoints(survey: &Value) -> &[Value] {
    survey["endpoints"].as_array().unwrap()
}

/// Returns `METHOD path` for every endpoint.
fn names(survey: &Value) -> BTreeSet<String> {
    let rows = endpoints(survey).iter();
    rows.map(|row| words(row, &["method", "path"])).collect()
}

#[track_caller]
fn endpoint<'a>(survey: &'a Value, method: &str, path: &str) -> &'a Value {
    endpoints(survey)
        .iter()
        .find(|row| row["method"] == method && row["path"] == path)
        .unwrap_or_else(|| panic!("no {method} {path} in {:#?}", names(survey)))
}

/// Returns every input with everything known about it, except what an imported document cannot say.
fn inputs(survey: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for row in endpoints(survey) {
        let line = |rest: &str| format!("{} {} {rest}", row["method"], row["path"]);
        lines.insert(line(&format!("secured {}", row["secured"])));
        for input in row["inputs"].as_array().unwrap() {
            let mut input = input.clone();
            input.as_object_mut().unwrap().shift_remove("discovered_by");
            if input["type"] == "file" {
                input.as_object_mut().unwrap().shift_remove("format");
            }
            lines.insert(line(&input.to_string()));
        }
    }
    lines
}

#[test]
fn a_crawl_lists_operations_with_inputs_types_answers_and_reasons_and_writes_nothing() {
    let (place, server) = (Place::new(), serve("app"));
    let survey = survey(&place, &server, &[]);
    let sent = requests(&server);
    assert!(sent.len() > 20, "{sent:#?}");
    let harmless = |line: &&String| line.starts_with("GET ") || line.starts_with("OPTIONS ");
    let written: Vec<_> = sent.iter().filter(|line| !harmless(line)).collect();
    assert!(written.is_empty(), "{written:#?}");

    let input = |method: &str, path: &str, place: &str, name: &str| -> Value {
        let row = endpoint(&survey, method, path);
        let rows = row["inputs"].as_array().unwrap();
        let found = rows
            .iter()
            .find(|i| i["place"] == place && i["name"] == name);
        found
            .cloned()
            .unwrap_or_else(|| panic!("no {place} {name} in {row:#}"))
    };
    let title = input("POST", "/notes", "form", "title");
    assert_eq!(
        (&title["required"], &title["max_length"]),
        (&json!(true), &json!(40))
    );
    assert_eq!(title["discovered_by"], json!(["form"]));
    assert_eq!(
        input("POST", "/notes", "form", "tone")["enum"],
        json!(["low", "high"])
    );
    assert_eq!(
        input("POST", "/files", "multipart", "photo")["type"],
        "file"
    );
    input("PUT", "/profile", "json", "phones[].number");
    input("PUT", "/profile", "header", "x-device");
    input("GET", "/find", "query", "page");
    // This comes from the specification in YAML, through a reference, an anchor and a cycle.
    let label = input("POST", "/parcels", "json", "label");
    assert_eq!(
        (&label["pattern"], &label["min_length"]),
        (&json!("^[A-Z]+$"), &json!(2))
    );
    assert_eq!(
        input("POST", "/parcels", "json", "owner.mail")["format"],
        "email"
    );
    assert_eq!(
        input("POST", "/parcels", "header", "authorization")["prefix"],
        "Bearer "
    );
    assert_eq!(input("GET", "/parcels", "query", "sort")["required"], true);

    let reason = |method: &str, path: &str| {
        let row = endpoint(&survey, method, path);
        row["unreached"].as_str().unwrap_or("reached").to_owned()
    };
    assert_eq!(reason("GET", "/items/{id}"), "reached");
    assert!(reason("GET", "/logout").contains("--allow '^GET /logout$'"));
    assert!(reason("PUT", "/profile").contains("--methods PUT"));
    assert!(reason("GET", "/members").contains("login"));
    assert!(reason("POST", "/notes").contains("a scan sends it"));
    assert!(reason("DELETE", "/parcels/{parcel_id}").contains("--methods"));
    assert!(!names(&survey).contains("GET /attic/ledger"));
    let sources = survey["coverage"]["by_source"].as_object().unwrap();
    for source in ["link", "form", "script", "specification"] {
        assert!(
            sources[source]["endpoints"].as_u64() > Some(0),
            "{source}: {sources:#?}"
        );
    }
    // Values that were seen must not be published.
    assert!(!survey.to_string().contains("kim"));
}

#[test]
fn the_table_names_everything_in_lines_that_can_be_searched() {
    let (place, server) = (Place::new(), serve("app"));
    let ran = crawl(&place, &server, &[]);
    ran.printed(
        0,
        &[
            "METHOD",
            "not reached: ",
            "coverage: ",
            "found by: ",
            "* required, ! credential-like",
        ],
    );
    let line = |start: &str| {
        let mut lines = ran.out.lines();
        lines
            .find(|line| line.starts_with(start) && line.contains("/notes"))
            .unwrap()
    };
    assert!(line("POST ").ends_with("form"), "{}", ran.out);
    assert!(
        ran.out.contains("form title*, mail, count, tone"),
        "{}",
        ran.out
    );
    let written = crawl(
        &place,
        &server,
        &["--format", "table", "--output", "found.txt"],
    );
    written.printed(0, &[]);
    let text = fs::read_to_string(place.path("found.txt")).unwrap();
    assert!(text.contains("/notes") && !text.contains('\u{1b}'));
    let ran = crawl(&place, &server, &["--color", "always"]);
    assert!(ran.out.contains('\u{1b}'));
}

#[test]
fn the_openapi_document_is_valid_and_reads_back_as_the_same_surface() {
    let place = Place::new();
    let found = {
        let server = serve("app");
        let arguments = ["--format", "json,openapi", "--output", "out"];
        crawl(&place, &server, &arguments).printed(0, &[]);
        let text = fs::read_to_string(place.path("out/crawl.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let document = place.path("out/openapi.json");
    let blank = serve("blank");
    let checked = blank
        .python()
        .args(["-I", "-m", "openapi_spec_validator", "--schema", "3.1"])
        .arg(&document)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:#?}");

    let again = survey_of_blank(&place, &blank, &["--import", "out/openapi.json"]);
    assert_eq!(names(&found), names(&again));
    let (mut left, right) = (inputs(&found), inputs(&again));
    // A challenge made it required. A document says so about the operation, not about the header.
    left.retain(|line| !line.contains("\"authorization\""));
    let right: BTreeSet<_> = right
        .into_iter()
        .filter(|l| !l.contains("\"authorization\""))
        .collect();
    let lost: Vec<_> = left.difference(&right).collect();
    let new: Vec<_> = right.difference(&left).collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "lost {lost:#?}\nnew {new:#?}"
    );
}

#[test]
fn a_word_list_finds_what_no_link_names_and_no_catch_all_page() {
    let words = "# mine\n\n/attic/ledger\nattic/box/{id}\nspa/admin\nspa/backup\nlogout\nnothing\n";
    let place = Place::new().with("words.txt", words);
    let server = serve("app");
    let survey = survey(&place, &server, &["--wordlist", "words.txt"]);
    let ledger = endpoint(&survey, "GET", "/attic/ledger");
    assert_eq!(ledger["status"], 200);
    assert_eq!(ledger["discovered_by"], json!(["wordlist"]));
    let by_word = |row: &&Value| {
        row["discovered_by"]
            .as_array()
            .unwrap()
            .contains(&json!("wordlist"))
    };
    let found: BTreeSet<&str> = endpoints(&survey)
        .iter()
        .filter(by_word)
        .map(|row| row["path"].as_str().unwrap())
        .collect();
    assert_eq!(found, BTreeSet::from(["/attic/box/{id}", "/attic/ledger"]));
    let problems = survey["problems"].to_string();
    assert!(problems.contains("/logout was not tried"), "{problems}");
    let sent = requests(&server);
    assert!(!sent.contains(&"GET /logout".to_owned()), "{sent:#?}");
    // A short list is also tried under paths that were discovered.
    assert!(sent.contains(&"GET /items/nothing".to_owned()), "{sent:#?}");
}

#[test]
fn depth_and_patterns_bind_the_crawl() {
    let (place, server) = (Place::new(), serve("app"));
    let shallow = survey(&place, &server, &["--max-depth", "4"]);
    let names = names(&shallow);
    assert!(names.contains("GET /deep/b/c/d") && !names.contains("GET /deep/b/c/d/e"));
    let deep = |line: &&String| line.split(' ').nth(1).unwrap().matches('/').count() > 4;
    let sent = requests(&server);
    assert_eq!(sent.iter().filter(deep).count(), 0, "{sent:#?}");

    let server = serve("app");
    survey(
        &place,
        &server,
        &["--include", "^/items", "--exclude", "2$"],
    );
    let outside = |line: &&String| {
        let path = line.split(' ').nth(1).unwrap();
        path != "/" && (!path.starts_with("/items") || path.ends_with('2'))
    };
    let sent = requests(&server);
    let outside: Vec<_> = sent.iter().filter(outside).collect();
    assert!(outside.is_empty(), "{outside:#?}");
}

#[test]
fn imports_of_every_format_are_listed_and_rebased_onto_the_target() {
    let har = json!({"log": {"entries": [
        {"request": {"method": "POST", "url": "http://127.0.0.1:PORT/har?api_key=s3cret", "headers": [], "postData": {"mimeType": "application/json", "text": "{\"password\": \"s3cret\", \"city\": \"x\"}"}}},
        {"request": {"method": "GET", "url": "https://elsewhere.example/other", "headers": []}}
    ]}});
    let postman = json!({
        "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": [{"request": {"method": "POST", "url": "{{baseUrl}}/postman/:id", "body": {"mode": "urlencoded", "urlencoded": [{"key": "u", "value": "v"}]}}}]
    });
    let insomnia = "type: collection.insomnia.rest/5.0\ncollection:\n- url: '{{ _.host }}/insomnia'\n  method: GET\n";
    let burp = "<?xml version=\"1.0\"?><items><item><url><![CDATA[http://localhost:PORT/burp?b=1]]></url><request base64=\"false\"><![CDATA[GET /burp?b=1 HTTP/1.1\n\n]]></request></item></items>";
    let routes = "Endpoint  Methods    Rule\n--------  ---------  ------------------\nr         GET, POST  /routes/<int:n>\n";
    let spec = "swagger: '2.0'\nhost: prod.example\nbasePath: /v1\npaths:\n  /spec:\n    get: {responses: {200: {description: ok}}}\n";
    let server = serve("blank");
    let port = server.port().to_string();
    let place = Place::new()
        .with("a.har", &har.to_string().replace("PORT", &port))
        .with("b.json", &postman.to_string())
        .with("c.yaml", insomnia)
        .with("d.xml", &burp.replace("PORT", &port))
        .with("e.txt", routes)
        .with("f.yml", spec)
        .with("keyspill.yaml", "import: [d.xml, e.txt, f.yml]\n");
    let arguments = [
        "--import",
        "a.har",
        "--import",
        "b.json",
        "--import",
        "c.yaml",
        "--config",
        "keyspill.yaml",
    ];
    let survey = survey_of_blank(&place, &server, &arguments);
    let expected = [
        "POST /har",
        "POST /postman/{id}",
        "GET /insomnia",
        "GET /burp",
        "GET /routes/{n}",
        "POST /routes/{n}",
        "GET /v1/spec",
    ];
    assert_eq!(names(&survey), expected.map(str::to_owned).into());
    assert!(!survey.to_string().contains("s3cret"));
    assert!(!requests(&server).join("\n").contains("s3cret"));
    let recorded = survey["run"]["arguments"].to_string();
    assert!(recorded.contains("a.har"), "{recorded}");
}

#[test]
fn an_import_from_the_target_is_fetched_and_one_from_elsewhere_is_not() {
    let (place, server) = (Place::new(), serve("app"));
    let url = format!("{}/attic/contract.yaml", server.url());
    let survey = survey(&place, &server, &["--import", &url]);
    endpoint(&survey, "POST", "/contract");

    let missing = format!("{}/none.json", server.url());
    let ran = crawl(&place, &server, &["--import", &missing]);
    ran.refused(2, &["--import", "/none.json", "404"]);
    let ran = crawl(
        &place,
        &server,
        &["--import", "http://127.0.0.1:1/spec.json"],
    );
    ran.refused(
        2,
        &[
            "--import http://127.0.0.1:1/spec.json",
            "out of scope",
            "download",
        ],
    );
}

#[test]
fn an_import_that_cannot_be_read_is_a_usage_error_that_names_it_before_anything_is_sent() {
    let place = Place::new()
        .with(
            "broken.json",
            "{\n  \"openapi\": \"3.0.0\",\n  \"paths\": [}\n",
        )
        .with("broken.yaml", "openapi: 3.0.0\npaths:\n  /a: {get: [}\n")
        .with("other.json", "{\"a\": 1}")
        .with("notes.txt", "nothing of use")
        .with("empty.txt", "# no path\n");
    let server = serve("blank");
    for (option, file, parts) in [
        ("--import", "broken.json", ["broken.json", "line 3"]),
        ("--import", "broken.yaml", ["broken.yaml", "line 3"]),
        ("--import", "other.json", ["other.json", "no OpenAPI"]),
        ("--import", "notes.txt", ["notes.txt", "flask routes"]),
        ("--import", "none.har", ["none.har", "No such file"]),
        ("--import", ".", [".", "directory"]),
        ("--wordlist", "empty.txt", ["empty.txt", "no path"]),
        ("--wordlist", "none.txt", ["none.txt", "No such file"]),
    ] {
        for command in ["crawl", "scan"] {
            let ran = place.run(&[command, server.url(), option, file]);
            ran.refused(2, &[&format!("{option} "), parts[0], parts[1]]);
        }
    }
    assert!(requests(&server).is_empty());
}

#[test]
fn documents_that_cycle_explode_or_mistake_their_types_end_as_bounds() {
    let mut bomb = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        writeln!(bomb, "a{level}: &a{level} [{before}]").unwrap();
    }
    let cyclic = json!({
        "openapi": "3.0.0",
        "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}},
        "paths": {"/cyclic": {"post": {"parameters": 7, "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}, "/wrong": []}
    });
    // This is 50 MB of traffic, most of it bodies.
    let entry = json!({"request": {"method": "GET", "url": "http://127.0.0.1/large", "headers": [{"name": "x", "value": "y".repeat(1 << 20)}]}});
    let large = json!({"log": {"entries": vec![entry; 50]}}).to_string();
    assert!(large.len() > 50 << 20);
    let place = Place::new()
        .with("bomb.yaml", &bomb)
        .with("cyclic.json", &cyclic.to_string())
        .with("large.har", &large);
    let server = serve("blank");
    let ran = crawl(&place, &server, &["--import", "bomb.yaml"]);
    ran.refused(2, &["bomb.yaml"]);
    let survey = survey_of_blank(
        &place,
        &server,
        &["--import", "cyclic.json", "--import", "large.har"],
    );
    endpoint(&survey, "POST", "/cyclic");
    // It was recorded on another port, so nothing in it is in scope, and the crawl says so.
    let problems = survey["problems"].to_string();
    assert!(
        problems.contains("large.har") && problems.contains("in scope"),
        "{problems}"
    );
}

/// Scans the GraphQL application.
fn scan_graph(faulty: bool) -> Scan {
    let scan = app("surface/graph").faulty(faulty).settle("0s").scan();
    assert!(scan.code <= 1, "{} {}", scan.stderr, scan.stdout);
    scan
}

#[test]
fn a_key_stored_by_a_mutation_is_found_in_a_query_and_not_in_the_repaired_application() {
    let found = scan_graph(true);
    let findings = found.findings();
    let stored = findings.iter().find(|finding| {
        finding["rule"] == "data-exposure/stored-canary"
            && finding["source"]["path"] == "/graphql#createKey"
            && finding["sink"]["path"] == "/graphql#keys"
    });
    let stored = stored.unwrap_or_else(|| panic!("{findings:#?}"));
    assert_eq!(stored["source"]["place"], "graphql");
    assert_eq!(stored["source"]["input"], "secret");
    assert_eq!(stored["sink"]["field"], "data.keys[].secret");
    assert_eq!(stored["verdict"], "confirmed");
    // The operation that deletes is listed, but not sent.
    let rows = found.rows();
    let row = |path: &str| rows.iter().find(|row| row["path"] == path).unwrap();
    let delete = row("/graphql#deleteKey");
    assert!(
        delete["reached"].to_string().contains("--allow"),
        "{delete:#}"
    );
    assert!(!found.log.iter().any(|line| line.contains("DELETED")));

    // An operation without inputs is sent, too.
    assert_eq!(row("/graphql#keys")["reached"]["status"], 200);
    let found = scan_graph(false);
    assert_eq!(found.above_info(), [""; 0]);
    let paths: Vec<_> = found.rows().iter().map(|row| &row["path"]).collect();
    assert!(paths.contains(&&json!("/graphql#createKey")), "{paths:?}");
}

#[test]
fn what_was_found_leads_to_its_kin() {
    let (place, server) = (Place::new(), serve("kin"));
    let survey = survey(&place, &server, &[]);
    let names = names(&survey);
    for expected in [
        // Beside the items of a collection, in the singular, and in another version.
        "GET /api/v1/users/export",
        "GET /api/v1/user",
        "GET /api/v2/users",
        "GET /api/v2/users/{id}",
        // What a page offers to programs, and where that leads.
        "GET /reports/raw",
        "GET /board/feed",
    ] {
        assert!(names.contains(expected), "{expected} in {names:#?}");
    }
    let inputs = |path: &str| inputs_of(endpoint(&survey, "GET", path));
    assert_eq!(
        inputs("/reports"),
        ["query format"],
        "the query made the difference"
    );
    assert!(inputs("/board").is_empty(), "the header did");
    // Nothing is requested without a reason.
    let sent = requests(&server);
    let ported = sent
        .iter()
        .filter(|line| line.contains("/v3/") || line.contains("/v0/"))
        .count();
    assert!(ported <= 1, "{sent:#?}");
    let variants = sent
        .iter()
        .filter(|line| line.ends_with("?format=json"))
        .count();
    assert!(variants <= 3, "{sent:#?}");
}

fn inputs_of(row: &Value) -> Vec<String> {
    let rows = row["inputs"].as_array().unwrap().iter();
    rows.map(|input| words(input, &["place", "name"])).collect()
}

#[test]
fn a_name_in_the_middle_of_a_path_is_a_placeholder_and_pages_that_look_alike_stay_pages() {
    let (place, server) = (Place::new(), serve("slugs"));
    let survey = survey(&place, &server, &["--concurrency", "1"]);
    let expected = [
        "GET /",
        "GET /questions/{id}/{id2}",
        "GET /teams/blue/board",
        "GET /teams/green/board",
        "GET /teams/red/board",
        "GET /u/drafts/posts",
        "GET /u/{id}/posts",
        "GET /u/{id}/posts/{id2}",
        "POST /u/{id}/follow",
    ];
    assert_eq!(names(&survey).into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(
        inputs_of(endpoint(&survey, "POST", "/u/{id}/follow")),
        ["path id", "form note"]
    );
    let sent = requests(&server);
    let of_members = |line: &&String| line.starts_with("GET /u/") && line.contains("/posts");
    let pages = sent.iter().filter(of_members).count();
    assert!(pages <= 20, "{pages}: {sent:#?}");
}

#[test]
fn the_id_that_a_create_returns_opens_the_item_its_change_and_what_is_below_it() {
    let kin = app("surface/kin").seed(7).settle("0s");
    let found = kin.options(&["--methods", "GET,POST,PATCH,OPTIONS"]).scan();
    assert!(matches!(found.code, 0 | 1), "{}", found.stderr);
    for (method, path) in [
        ("GET", "/tickets/{id}"),
        ("PATCH", "/tickets/{id}"),
        ("GET", "/tickets/{id}/notes"),
    ] {
        let row = found.row(method, path);
        assert_eq!(row["reached"]["status"], 200, "{row:#}");
    }
}
