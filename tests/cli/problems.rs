//! Meets every problem that a scan can have on a real server: what it says, and how the scan ends.

use std::fs;
use std::path::Path;

use crate::place::Place;
use crate::raw::{Asked, page, problem, read, says, scan, serve, shop};
use serde_json::{Value, json};

/// Checks that a scan ended with this code and reports a problem, and returns the problem's
/// message.
#[track_caller]
fn met(place: &Place, url: &str, more: &[&str], code: i32, wanted: &str) -> String {
    let ran = scan(place, url, more);
    let report = read(place, "out/report.json");
    assert_eq!(ran.code, code, "{}\n{}", ran.err, report["problems"]);
    let said = problem(&report, wanted).unwrap_or_else(|| panic!("{}", report["problems"]));
    // Lines are wrapped at the width of the terminal.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let console = words(&format!("{}{}", ran.out, ran.err));
    assert!(console.contains(&words(&said)), "{said:?}: {console}");
    said
}

/// Returns an archive of requests, as browsers save them.
fn har(urls: &[String]) -> String {
    let entries: Vec<Value> = urls
        .iter()
        .map(|url| json!({"request": {"method": "GET", "url": url}}))
        .collect();
    json!({"log": {"entries": entries}}).to_string()
}

#[test]
fn a_page_that_breaks_off_is_named() {
    let url = serve(|asked: &Asked| match asked.path.as_str() {
        "/" => page("<a href=\"/whole?q=1\">whole</a><a href=\"/broken\">broken</a>"),
        "/broken" => None,
        _ => shop(asked),
    });
    let said = met(&Place::new(), &url, &[], 0, "crawl-failure");
    assert!(said.contains("GET /broken"), "{said}");
}

#[test]
fn a_directory_of_more_pages_than_are_fetched_is_named() {
    let url = serve(|asked: &Asked| match asked.path.as_str() {
        "/" => {
            let links: Vec<String> = (0..400)
                .map(|n| format!("<a href=\"/wiki/{}\">page</a>", name(n)))
                .collect();
            page(&format!("<h1>all</h1>{}", links.concat()))
        }
        path if path.starts_with("/wiki/") => page(&format!("<h1>{path}</h1>")),
        _ => says("404 Not Found", "", "no such page"),
    });
    let said = met(&Place::new(), &url, &[], 0, "directory-bound");
    assert!(said.contains("/wiki/"), "{said}");
}

/// Returns a name of letters, as pages have that are not numbered.
fn name(mut number: usize) -> String {
    let mut letters = String::from("x");
    for _ in 0..4 {
        letters.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
        number /= 26;
    }
    letters
}

#[test]
fn imports_that_give_nothing_too_much_or_something_else_are_named() {
    let url = serve(shop);
    let page = format!("{url}/page1?q=1");
    let place = Place::new()
        .with("empty.har", &har(&[]))
        .with("elsewhere.har", &har(&["https://cdn.example/x.js".into()]))
        .with("huge.har", &har(&vec![page; 20_001]));
    for (file, code) in [
        ("empty.har", "import-empty"),
        ("elsewhere.har", "import-out-of-scope"),
        ("huge.har", "import-cut"),
    ] {
        let said = met(&place, &url, &["--import", file], 0, code);
        assert!(said.contains(file), "{said}");
    }
}

#[test]
fn a_login_that_shows_no_difference_is_named() {
    let url = serve(shop);
    let place = Place::new();
    let said = met(
        &place,
        &url,
        &["--auth", "bearer:mine"],
        0,
        "login-unproven",
    );
    assert!(said.contains("check"), "{said}");
}

#[test]
fn a_target_that_answers_and_accepts_nothing_is_named() {
    let url = serve(|asked: &Asked| match asked.path.as_str() {
        "/" => says("404 Not Found", "", ""),
        path if path.starts_with("/keys") => {
            says("422 Unprocessable Entity", "", "the key is wrong")
        }
        _ => says("404 Not Found", "", ""),
    });
    let place = Place::new().with(
        "keys.har",
        &har(&[format!("{url}/keys?key=1"), format!("{url}/keys2?key=1")]),
    );
    let options = ["--import", "keys.har"];
    let said = met(&place, &url, &options, 0, "never-accepted");
    assert!(said.contains("422"), "{said}");
}

/// Serves a specification of these paths, and this page.
fn specified(paths: &Value, servers: &Value, there: &'static str) -> String {
    let text = json!({
        "openapi": "3.0.0",
        "info": {"title": "shop", "version": "1"},
        "servers": servers,
        "paths": paths,
    })
    .to_string();
    let links = "<a href=\"/openapi.json\">API</a><a href=\"/page?q=1\">x</a>";
    serve(move |asked: &Asked| match asked.path.as_str() {
        "/" => page(&format!("<h1>shop</h1>{links}")),
        "/openapi.json" => says("200 OK", "Content-Type: application/json\r\n", &text),
        path if path == there => page("<p>a page</p>"),
        _ => says("404 Not Found", "", "no such page"),
    })
}

#[test]
fn a_specification_of_another_place_is_named() {
    let paths = json!({
        "/a": {"get": {"responses": {}}},
        "/b": {"get": {"responses": {}}},
    });
    let servers = json!([{"url": "https://api.example/v9"}]);
    let url = specified(&paths, &servers, "/page");
    let said = met(&Place::new(), &url, &[], 0, "specification-misfit");
    assert!(said.contains("/openapi.json"), "{said}");
}

#[test]
fn an_input_that_no_canary_fits_is_named() {
    let parameter =
        json!({"name": "open", "in": "path", "schema": {"type": "boolean"}, "required": true});
    let paths = json!({"/doors/{open}": {"get": {"parameters": [parameter], "responses": {}}}});
    let url = specified(&paths, &json!([]), "/doors/true");
    let said = met(&Place::new(), &url, &[], 0, "untested-input");
    assert!(said.contains("GET /doors/{open} path open"), "{said}");
    assert!(said.contains("takes true or false only"), "{said}");
}

#[test]
fn a_pattern_that_a_form_declares_is_kept_by_every_canary() {
    let target = |asked: &Asked| asked.whole.split(' ').nth(1).unwrap_or_default().to_owned();
    let url = serve(move |asked: &Asked| match asked.path.as_str() {
        "/" => page(
            "<form action=\"/look\"><input name=\"token\" pattern=\"[a-z0-9]{39}[ag7]\" required>\
             </form>",
        ),
        "/look" => {
            let target = target(asked);
            let token = target.split("token=").nth(1).unwrap_or_default();
            let token = token.split('&').next().unwrap_or_default();
            if token.len() == 40 && token.ends_with(['a', 'g', '7']) {
                page(&format!("<p>nothing is known of {token}</p>"))
            } else {
                says("400 Bad Request", "", "no such token")
            }
        }
        _ => says("404 Not Found", "", "no such page"),
    });
    let place = Place::new();
    for seed in ["1", "2", "3"] {
        let ran = scan(&place, &url, &["--seed", seed]);
        let report = read(&place, "out/report.json");
        assert_eq!(ran.code, 0, "{seed}: {}", ran.out);
        let echoed = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| {
                finding["rule"] == "data-exposure/canary-in-body"
                    && finding["verdict"] == "confirmed"
            });
        assert!(echoed, "{seed}: {}", report["findings"]);
    }
}

#[test]
fn a_target_that_refuses_for_a_while_and_comes_back_is_named() {
    let url = serve(|asked: &Asked| match asked.number {
        60..=68 => says("503 Service Unavailable", "", "back soon"),
        _ => shop(asked),
    });
    let options = ["--concurrency", "1"];
    met(&Place::new(), &url, &options, 0, "target-away");
}

#[test]
fn lines_of_a_word_list_that_are_no_paths_and_those_that_look_dangerous_are_named() {
    let url = serve(shop);
    let place = Place::new().with("words.txt", "page1\nhttp://[::\nusers/delete\n");
    let options = ["--wordlist", "words.txt"];
    let said = met(&place, &url, &options, 0, "wordlist-lines");
    assert!(said.contains("words.txt"), "{said}");
    let said = met(&place, &url, &options, 0, "wordlist-withheld");
    assert!(said.contains("/users/delete"), "{said}");
}

#[test]
fn a_link_whose_query_acts_is_named_and_not_followed() {
    let url = serve(|asked: &Asked| match asked.path.as_str() {
        "/" => page("<h1>notes</h1><a href=\"/notes?do=archive&id=3\">archive</a>"),
        "/notes" if asked.whole.contains("archive") => panic!("{}", asked.whole),
        "/notes" => page("<p>three notes</p>"),
        _ => says("404 Not Found", "", "no such page"),
    });
    let said = met(&Place::new(), &url, &[], 0, "query-withheld");
    assert!(said.contains("do=archive"), "{said}");
}

#[test]
fn every_problem_has_a_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folders = ["cli", "e2e", "pure"].map(|name| fs::read_dir(tests.join(name)).unwrap());
    let texts: Vec<String> = folders
        .into_iter()
        .flatten()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    // This problem is a defect of keyspill, which no server can cause.
    let defect = "half-made-finding";
    for code in keyspill::problem::CODES {
        let named = format!("\"{}\"", code.code);
        let tested = texts.iter().any(|text| text.contains(&named));
        assert!(tested || code.code == defect, "{} has no test", code.code);
    }
}
