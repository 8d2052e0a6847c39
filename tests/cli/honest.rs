//! A shut door does not make a clean scan: walls, targets lost on the way, filters, dead proxies,
//! empty imports. Checks what the scan says of each, the exit code, and the files that are written
//! anyway.

use std::fs;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::place::Place;
use crate::raw::{
    Answered, Asked, ended, page, problem, read, says, scan, serve, shop, side_by_side,
};
use serde_json::Value;

#[test]
fn whatever_wall_it_is_it_has_a_name_and_ends_with_3() {
    side_by_side(
        [
            (
                "401 Unauthorized",
                "WWW-Authenticate: Basic realm=\"staging\"\r\n",
                "no",
                "login-needed",
                "staging",
            ),
            ("403 Forbidden", "", "go away", "blocked", "go away"),
            (
                "404 Not Found",
                "",
                "default backend",
                "nothing-there",
                "default backend",
            ),
            (
                "407 Proxy Authentication Required",
                "",
                "",
                "proxy-refused",
                "407",
            ),
            ("418 I'm a teapot", "", "", "blocked", "418"),
            ("451 Unavailable", "", "", "blocked", "451"),
            (
                "500 Internal Server Error",
                "",
                "oops",
                "server-errors",
                "500",
            ),
            (
                "400 Bad Request",
                "",
                "host is not trusted",
                "nothing-accepted",
                "not trusted",
            ),
            ("200 OK", "", "", "nothing-accepted", "empty"),
            ("204 No Content", "", "", "nothing-accepted", "empty"),
            (
                "302 Found",
                "Location: https://sso.example/start?x=1\r\n",
                "",
                "redirected-away",
                "sso.example",
            ),
            (
                "302 Found",
                "Location: /login?next=x\r\n",
                "",
                "login-needed",
                "/login",
            ),
            (
                "200 OK",
                "Content-Type: text/html\r\n",
                "<title>Just a moment...</title>",
                "blocked",
                "challenge",
            ),
        ],
        |(status, headers, body, code, part)| {
            let url = serve(move |_| says(status, headers, body));
            let place = Place::new();
            let said = ended(&place, &scan(&place, &url, &[]), code);
            assert!(said.contains(part), "{status}: {said}");
            let crawled = place.run(&[
                "crawl", &url, "--rate", "1000", "--format", "json", "--output", "c.json",
            ]);
            assert_eq!(crawled.code, 3, "{status}");
            assert!(problem(&read(&place, "c.json"), code).is_some(), "{status}");
        },
    );
}

#[test]
fn a_redirect_to_https_names_the_url_to_give() {
    let url = serve(|asked| {
        let host = asked
            .whole
            .split("host: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        let to = format!("Location: https://{host}{}\r\n", asked.path);
        says("301 Moved Permanently", &to, "")
    });
    let place = Place::new();
    let said = ended(&place, &scan(&place, &url, &[]), "redirected-away");
    assert!(said.contains("https://127.0.0.1"), "{said}");
}

#[test]
fn a_port_for_https_that_says_so_is_asked_once_and_the_url_to_give_is_named() {
    side_by_side(
        [
            "<center>The plain HTTP request was sent to HTTPS port</center>",
            "Client sent an HTTP request to an HTTPS server.",
        ],
        |body| {
            let url = serve(move |asked| {
                assert_eq!(asked.number, 0, "it has said all");
                says("400 Bad Request", "", body)
            });
            let place = Place::new();
            let said = ended(&place, &scan(&place, &url, &[]), "target-unreachable");
            let instead = url.replace("http://", "https://");
            let hint = format!("it speaks https: give {instead}");
            assert!(said.contains(&hint), "{said}");
        },
    );
}

#[test]
fn a_target_that_says_only_when_to_come_back_is_told_in_whole_words() {
    let url = serve(|_| says("503 Service Unavailable", "Retry-After: 20\r\n", ""));
    let place = Place::new();
    let ran = scan(&place, &url, &["--max-wait", "1s"]);
    let said = ended(&place, &ran, "server-errors");
    assert!(said.contains(": retry-after 20; "), "{said}");
}

#[test]
fn a_budget_is_spent_to_the_last_request_while_there_is_more_to_do() {
    side_by_side([9_usize, 17, 37, 60, 150], |most| {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let url = serve(move |one| {
            count.fetch_add(1, Ordering::SeqCst);
            shop(one)
        });
        let place = Place::new();
        let ran = scan(&place, &url, &["--max-requests", &most.to_string()]);
        assert_eq!(asked.load(Ordering::SeqCst), most, "{}", ran.out);
        let report = read(&place, "out/report.json");
        assert_eq!(report["coverage"]["requests"], most);
        assert_eq!(report["run"]["complete"], false);
        assert!(problem(&report, "budget").is_some());
    });
}

#[test]
fn wrong_credentials_are_named_and_never_shown() {
    let url = serve(|_| {
        says(
            "401 Unauthorized",
            "WWW-Authenticate: Basic realm=\"x\"\r\n",
            "",
        )
    });
    let place = Place::new();
    let ran = scan(&place, &url, &["--auth", "basic:alice:s3cret-pass"]);
    let said = ended(&place, &ran, "login-refused");
    assert!(said.contains("in spite of the credentials"), "{said}");
    assert!(
        !fs::read_to_string(place.path("out/report.json"))
            .unwrap()
            .contains("s3cret-pass")
    );
}

#[test]
fn a_healthy_page_without_inputs_is_a_problem_and_a_clean_scan() {
    let url = serve(|asked| match asked.path.as_str() {
        "/" => page("<h1>open</h1>"),
        _ => says("404 Not Found", "", ""),
    });
    let place = Place::new();
    let ran = scan(&place, &url, &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let report = read(&place, "out/report.json");
    assert!(problem(&report, "no-inputs").is_some());
    assert_eq!(report["run"]["complete"], true);
}

#[test]
fn a_target_that_refuses_everything_on_the_way_is_lost_and_nothing_is_fixed() {
    side_by_side(
        [
            (60, "503 Service Unavailable", "target-lost"),
            (60, "403 Forbidden", "blocked"),
            (60, "", "target-lost"),
        ],
        |(after, status, code)| {
            let place = Place::new();
            let healthy = scan(&place, &serve(shop), &["--seed", "7"]);
            assert_eq!(healthy.code, 0, "{}", healthy.err);
            fs::rename(place.path("out"), place.path("before")).unwrap();
            let before = read(&place, "before/report.json");
            let known = before["findings"].as_array().unwrap().len();
            assert!(known > 0);

            let url = serve(move |asked| match (asked.number < after, status) {
                (true, _) => shop(asked),
                (false, "") => None,
                (false, status) => says(status, "", "<h1>no</h1>"),
            });
            let ran = scan(
                &place,
                &url,
                &["--seed", "7", "--baseline", "before/report.json"],
            );
            let said = ended(&place, &ran, code);
            assert!(said.contains("GET / answered 200 before"), "{said}");
            let diff = place.run(&["diff", "before/report.json", "out/report.json"]);
            assert!(diff.out.contains("0 fixed"), "{}", diff.out);

            // Uploading it closes no alert.
            let count = |path: &str| {
                let sarif = read(&place, path);
                sarif["runs"][0]["results"].as_array().unwrap().len()
            };
            let told = count("before/report.sarif");
            assert!(count("out/report.sarif") >= told, "{after} {status}");
            let report = read(&place, "out/report.json");
            let coverage = &report["coverage"];
            assert!(
                coverage["inputs_tested"].as_u64() < before["coverage"]["inputs_tested"].as_u64()
            );
        },
    );
}

#[test]
fn a_filter_that_swallows_every_canary_leaves_nothing_tested() {
    let long = |text: &str| {
        text.split(|letter: char| !letter.is_ascii_alphanumeric())
            .any(|word| word.len() >= 24)
    };
    side_by_side([None, Some("403 Forbidden")], |swallow| {
        let url = serve(move |asked| match swallow {
            Some(status) if long(&asked.whole) => says(status, "", "blocked by filter"),
            None if long(&asked.whole) => None,
            _ => match asked.path.as_str() {
                "/" => page("<a href=\"/echo?q=1&lang=en\">echo</a>"),
                "/echo" => page("<p>ok</p>"),
                _ => says("404 Not Found", "", ""),
            },
        });
        let place = Place::new();
        let ran = scan(&place, &url, &[]);
        assert_eq!(ran.code, 3, "{}", ran.out);
        let report = read(&place, "out/report.json");
        let said = problem(&report, "canaries-blocked");
        assert!(said.is_some(), "{}", report["problems"]);
    });
}

/// Serves an application of four operations behind a filter, which uses `answer` for every request
/// that contains a long word.
fn filtered(answer: impl Fn() -> Answered + Send + Sync + 'static) -> String {
    let long = |asked: &Asked| {
        let words = asked
            .whole
            .split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_.@".contains(letter));
        words.map(str::len).any(|length| length >= 24)
    };
    serve(move |asked| match asked.path.as_str() {
        _ if long(asked) => answer(),
        "/" => {
            let links =
                ["a", "b", "c", "d"].map(|n| format!("<a href=\"/{n}?q=red&to=sea\">{n}</a>"));
            page(&links.concat())
        }
        path @ ("/a" | "/b" | "/c" | "/d") => page(&format!("<p>this is {path}</p>")),
        _ => says("404 Not Found", "", "no such page"),
    })
}

#[test]
fn a_filter_that_answers_canaries_as_an_application_might_is_told_by_a_control() {
    let html = "Content-Type: text/html\r\n";
    let json = "Content-Type: application/json\r\n";
    side_by_side(
        [
            ("200 OK", html, "<h1>Request held</h1>"),
            ("200 OK", json, "{\"error\": \"held\"}"),
            ("400 Bad Request", html, "<h1>Bad Request</h1>"),
            ("401 Unauthorized", json, "{}"),
            ("302 Found", "Location: /blocked\r\n", "moved"),
            ("404 Not Found", "", "nothing of the kind"),
            ("500 Internal Server Error", html, "<h1>Error</h1>"),
        ],
        |(status, headers, body)| {
            let place = Place::new();
            let url = filtered(move || says(status, headers, body));
            let said = ended(&place, &scan(&place, &url, &[]), "canaries-blocked");
            assert!(said.contains(&status[..3]), "{status}: {said}");
            let report = read(&place, "out/report.json");
            assert_eq!(report["coverage"]["inputs_tested"], 0, "{status}");
        },
    );
}

#[test]
fn an_application_that_says_one_thing_to_all_that_it_does_not_know_is_no_filter() {
    // It says so to every value that is not a colour, to unknown names as well, or to everything.
    side_by_side(
        [(true, false), (true, true), (false, false)],
        |(strict, names)| {
            let url = serve(move |asked| match asked.path.as_str() {
                "/" => {
                    let links =
                        ["a", "b", "c", "d"].map(|n| format!("<a href=\"/{n}?q=red\">{n}</a>"));
                    page(&links.concat())
                }
                path @ ("/a" | "/b" | "/c" | "/d") => {
                    let target = asked.whole.split(' ').nth(1).unwrap();
                    let value = target.split("q=").nth(1).unwrap_or("red");
                    let value = value.split('&').next().unwrap();
                    let unknown = names && target.contains("zq7wvx");
                    if unknown || (strict && value != "red") {
                        return says("400 Bad Request", "", "a colour, please");
                    }
                    let body = if strict { path } else { "done" };
                    says("200 OK", "Content-Type: text/plain\r\n", body)
                }
                _ => says("404 Not Found", "", "no such page"),
            });
            let ran = scan(&Place::new(), &url, &[]);
            assert_eq!(ran.code, 0, "{strict} {names}: {}", ran.out);
        },
    );
}

#[test]
fn an_application_of_which_only_the_start_page_answers_is_not_up() {
    side_by_side(
        [
            "503 Service Unavailable",
            "500 Internal Server Error",
            "502 Bad Gateway",
        ],
        |status| {
            let url = serve(move |asked| match asked.path.as_str() {
                "/" => page("<a href=\"/a?q=1\">a</a><a href=\"/b?q=1\">b</a><a href=\"/c\">c</a>"),
                "/a" | "/b" | "/c" => says(status, "", "not now"),
                _ => says("404 Not Found", "", "no such page"),
            });
            let place = Place::new();
            let said = ended(&place, &scan(&place, &url, &[]), "server-errors");
            assert!(
                said.contains("GET / answers") && said.contains(&status[..3]),
                "{said}"
            );
        },
    );
}

#[test]
fn what_never_accepted_anything_says_why_and_coverage_can_be_required() {
    let url = serve(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/") => page(
            "<a href=\"/a?q=1\">a</a><form action=\"/b\" method=\"post\"><input name=\"n\"></form>",
        ),
        ("GET", "/a") => page("ok"),
        ("POST", "/b") => says("422 Unprocessable", "", "n is out of range"),
        _ => says("404 Not Found", "", ""),
    });
    let place = Place::new();
    assert_eq!(scan(&place, &url, &["--require-coverage", "10"]).code, 0);
    let report = read(&place, "out/report.json");
    let rows = report["surface"].as_array().unwrap();
    let refused = rows
        .iter()
        .find(|row| row["path"] == "/b" && row["method"] == "POST");
    let why = refused.unwrap()["reached"]["why"].as_str().unwrap();
    assert!(
        why.contains("422") && why.contains("n is out of range"),
        "{why}"
    );
    let reached = report["coverage"]["endpoints_reached"].as_u64().unwrap();
    assert!(reached < report["coverage"]["endpoints"].as_u64().unwrap());

    let said = ended(
        &place,
        &scan(&place, &url, &["--require-coverage", "100"]),
        "coverage-short",
    );
    assert!(said.contains("100 %"), "{said}");
    let wrong = place.run(&["scan", &url, "--require-coverage", "101"]);
    assert_eq!(wrong.code, 2);
}

#[test]
fn a_scan_that_cannot_start_writes_what_was_asked_for() {
    let dead = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let place = Place::new()
        .with("out/report.json", "LAST MONTH")
        .with("out/report.sarif", "LAST MONTH");
    let ran = scan(&place, &format!("http://{dead}"), &[]);
    let said = ended(&place, &ran, "target-unreachable");
    assert!(said.contains(&dead.to_string()), "{said}");
    assert_eq!(ran.out, "");

    let ran = place.run(&[
        "scan",
        &format!("http://{dead}"),
        "--format",
        "sarif",
        "--output",
        "-",
    ]);
    assert_eq!(ran.code, 3);
    let sarif: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(
        sarif["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );

    let crawl = [
        "crawl",
        &format!("http://{dead}"),
        "--format",
        "json",
        "--output",
        "c.json",
    ];
    assert_eq!(place.run(&crawl).code, 3);
    assert!(problem(&read(&place, "c.json"), "target-unreachable").is_some());
}

#[test]
fn a_proxy_that_is_dead_or_refuses_is_named_as_the_proxy() {
    let dead = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let place = Place::new();
    let proxy = format!("http://kim:s3cret-pass@{dead}");
    let ran = scan(&place, "http://app.example", &["--proxy", &proxy]);
    let said = ended(&place, &ran, "proxy-refused");
    assert!(said.contains(&format!("proxy {dead}")), "{said}");
    assert!(
        !said.contains("s3cret") && !ran.err.contains("s3cret"),
        "{said} {}",
        ran.err
    );

    let refusing = serve(|_| says("407 Proxy Authentication Required", "", ""));
    let ran = scan(&place, "http://app.example", &["--proxy", &refusing]);
    let said = ended(&place, &ran, "proxy-refused");
    assert!(said.contains("through the proxy 127.0.0.1"), "{said}");
    let ran = scan(&place, "https://app.example", &["--proxy", &refusing]);
    ended(&place, &ran, "proxy-refused");
}

#[test]
fn an_import_says_what_was_read_and_one_that_is_not_there_is_a_problem() {
    let entry = |method: &str, url: &str| {
        format!(r#"{{"request": {{"method": "{method}", "url": "{url}"}}}}"#)
    };
    let url = serve(shop);
    let har = |entries: &[String]| format!(r#"{{"log": {{"entries": [{}]}}}}"#, entries.join(", "));
    let mixed = har(&[
        entry("GET", &format!("{url}/page1?q=1")),
        entry("GET", "https://cdn.example/x.js"),
        entry("PROPFIND", &format!("{url}/dav?token=s3cret")),
        "{}".to_owned(),
    ]);
    let lost = har(&[
        entry("GET", &format!("{url}/v1/a")),
        entry("GET", &format!("{url}/v1/b")),
    ]);
    let place = Place::new()
        .with("mixed.har", &mixed)
        .with("lost.har", &lost);
    let ran = scan(&place, &url, &["--import", "mixed.har", "-v"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = read(&place, "out/report.json");
    let import = &report["imports"][0];
    assert_eq!(
        (&import["name"], &import["read"]),
        (&"mixed.har".into(), &2.into())
    );
    assert_eq!(import["out_of_scope"], 1);
    assert_eq!(import["left_out"].as_array().unwrap().len(), 2);
    let said = problem(&report, "import-left-out").unwrap();
    assert!(
        said.contains("PROPFIND") && !said.contains("s3cret"),
        "{said}"
    );
    let console = format!("{}{}", ran.out, ran.err);
    assert!(
        console.contains("import mixed.har: 2 requests"),
        "{console}"
    );

    let said = ended(
        &place,
        &scan(&place, &url, &["--import", "lost.har"]),
        "import-missing",
    );
    assert!(said.contains("lost.har"), "{said}");
}

/// Runs the script of the README's workflow. Returns its exit code, and the output that permits an
/// upload.
fn workflow(place: &Place, url: &str) -> (Option<i32>, String) {
    let readme = include_str!("../../README.md");
    let steps = readme.split("```yaml").nth(1).unwrap();
    let steps: Value = serde_yaml::from_str(steps.split("```").next().unwrap()).unwrap();
    let script = steps[0]["run"].as_str().unwrap();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_keyspill"));
    let paths = [
        binary.parent().unwrap(),
        "/usr/bin".as_ref(),
        "/bin".as_ref(),
    ];
    let ran = std::process::Command::new("bash")
        .args(["-e", "-c", script])
        .current_dir(place.path(""))
        .env("STAGING_URL", url)
        .env("GITHUB_OUTPUT", place.path("said"))
        .env("PATH", std::env::join_paths(paths).unwrap())
        .output()
        .unwrap();
    let said = fs::read_to_string(place.path("said")).unwrap_or_default();
    (ran.status.code(), said)
}

#[test]
fn the_workflow_of_the_readme_uploads_complete_runs_only() {
    let place = Place::new();
    assert_eq!(
        workflow(&place, &serve(shop)),
        (Some(0), "complete=true\n".to_owned())
    );
    let results = &read(&place, "reports/report.sarif")["runs"][0]["results"];
    assert_eq!(results.as_array().unwrap().len(), 8);

    let place = Place::new();
    let walled = serve(|_| says("403 Forbidden", "", "no"));
    assert_eq!(workflow(&place, &walled), (Some(3), String::new()));
    assert!(place.path("reports/report.sarif").exists());
}
