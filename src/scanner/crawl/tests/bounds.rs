//! What is fetched, and that it ends.

use super::*;

#[tokio::test]
async fn a_link_whose_query_deletes_or_logs_out_is_listed_and_not_followed() {
    let links = "<a href='/items?action=delete&id=5'>x</a><a href='/todo?delete=3'>x</a>\
                 <a href='/?logout=1'>out</a><a href='/items?action=show&id=5'>show</a>";
    let http = site(&[("/", links), ("/items", "items"), ("/todo", "todo")]);
    let crawl = crawl(&http).await;
    let asked = http.asked.lock().unwrap().join("\n");
    assert!(asked.contains("GET /items?action=show&id=5"), "{asked}");
    assert!(asked.contains("GET /todo\n"), "{asked}");
    for word in ["action=delete", "delete=", "logout="] {
        assert!(!asked.contains(word), "{asked}");
    }
    let lines = lines(&crawl);
    for line in [
        "GET /items query:action query:id",
        "GET /todo query:delete",
        "GET / query:logout",
    ] {
        assert!(lines.contains(&line.to_owned()), "{lines:?}");
    }
}

#[tokio::test]
async fn a_cyclic_site_ends_and_no_page_is_fetched_twice() {
    let http = site(&CYCLE);
    let crawl = crawl(&http).await;
    assert_eq!(
        lines(&crawl),
        [
            "GET /",
            "GET /a",
            "GET /api/keys",
            "PUT /api/keys/{id} path:id json:label",
            "GET /b query:x",
            "POST /c form:q form:csrf_token",
            "GET /items/{id} path:id",
            "GET /logout",
        ]
    );
    let mut asked = http.asked.lock().unwrap().clone();
    let count = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), count, "every request is made once");
    assert!(!asked.contains(&"GET /logout".to_owned()));
    let is_item = |line: &&String| {
        let value = line.strip_prefix("GET /items/");
        value.is_some_and(|value| value.parse::<u32>().is_ok())
    };
    let items = asked.iter().filter(is_item).count();
    assert_eq!(items, 3);
    assert!(asked.contains(&"GET /deep".to_owned()));
}

#[tokio::test]
async fn the_width_of_the_crawl_does_not_change_what_is_found() {
    let mut results = Vec::new();
    for width in [1, 2, 64] {
        let http = site(&CYCLE);
        let crawl = crawl_with(&settings(width), &http).await;
        results.push((crawl.known.surface, http.asked.lock().unwrap().clone()));
    }
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[tokio::test]
async fn an_endless_calendar_is_bounded() {
    let http = fake(|request| {
        let path = request.url.path().to_owned();
        let month: u64 = path
            .rsplit('/')
            .next()
            .and_then(|last| last.parse().ok())
            .unwrap_or(0);
        let known = path == "/" || path.starts_with("/calendar/");
        let body = format!(
            "<a href=/calendar/{}>next</a><a href='?sort={month}&page={month}'>s</a>",
            month + 1
        );
        Response::of(
            if known { 200 } else { 404 },
            &[("content-type", "text/html")],
            &body,
        )
    });
    let crawl = crawl(&http).await;
    let asked = http.asked.lock().unwrap();
    let is_month =
        |line: &&String| line.starts_with("GET /calendar/") && line.contains(char::is_numeric);
    assert!(asked.iter().filter(is_month).count() <= 3, "{asked:#?}");
    assert!(lines(&crawl).contains(&"GET /calendar/{id} path:id query:sort query:page".to_owned()));
}

#[tokio::test]
async fn a_page_of_a_hundred_thousand_links_is_bounded() {
    let links: String = (0..100_000).fold(String::new(), |all, n| {
        all + &format!("<a href=/p{n}x/q{n}>x</a>")
    });
    let http = site(&[("/", &links)]);
    let mut crawl = Crawl::new(&settings(8), "test");
    let problems = crawl.run(&http, &Silent, &mut |_, _| {}).await;
    assert!(problems.iter().any(|problem| problem.code == "page-cut"));
    assert!(crawl.known.surface.len() <= 4_000);
    assert!(http.asked.lock().unwrap().len() <= 3_600);
}

#[tokio::test]
async fn a_target_below_a_prefix_is_crawled_below_it_only() {
    let http = site(&[
        ("/app/", "<a href=x>x</a><a href=/out>o</a>"),
        ("/app/x", "x"),
        ("/app/health", "ok"),
    ]);
    let mut settings = settings(2);
    settings.target = Target::parse("http://h:1/app/").unwrap();
    let crawl = crawl_with(&settings, &http).await;
    assert_eq!(
        lines(&crawl),
        ["GET /app/", "GET /app/health", "GET /app/x"]
    );
    assert!(
        http.asked
            .lock()
            .unwrap()
            .iter()
            .all(|line| line.contains(" /app"))
    );
}

#[tokio::test]
async fn a_stopped_transport_ends_the_crawl() {
    #[derive(Clone)]
    struct Stopped;
    impl Transport for Stopped {
        async fn send(&self, _: Request) -> Result<Response, Failure> {
            Err(Failure::new(FailureKind::Stopped, "stopped"))
        }
    }
    let mut crawl = Crawl::new(&settings(3), "test");
    let mut count = 0;
    let problems = crawl.run(&Stopped, &Silent, &mut |_, _| count += 1).await;
    assert!(count <= 3);
    assert!(problems.is_empty());
}

#[tokio::test]
async fn a_busy_or_failing_server_loses_nothing_and_proves_nothing() {
    let count = Arc::new(Mutex::new(0));
    let http = fake(move |request| match (request.method, request.url.path()) {
        (Method::Get, "/") => Response::of(200, &[("content-type", "text/html")], "hello"),
        (Method::Get, "/openapi.json") => {
            let mut count = count.lock().unwrap();
            *count += 1;
            if *count < 3 {
                Response::of(503, &[], "busy")
            } else {
                Response::of(
                    200,
                    &[("content-type", "application/json")],
                    "{\"openapi\": \"3.0.3\", \"paths\": {\"/deep\": {\"get\": {}}}}",
                )
            }
        }
        (_, "/config") | (Method::Get, "/login") => Response::of(500, &[], "out of luck"),
        (Method::Options, "/login") => Response::of(200, &[("allow", "GET, POST")], ""),
        (_, "/env") => Response::of(429, &[], "slow down"),
        _ => Response::of(404, &[], ""),
    });
    let crawl = crawl(&http).await;
    assert_eq!(
        lines(&crawl),
        [
            "GET /",
            "GET /deep",
            "GET /login",
            "POST /login",
            "GET /openapi.json"
        ]
    );
}

#[tokio::test]
async fn what_a_plant_brings_back_seeds_the_next_run() {
    let http = site(&[
        ("/", "<form method=post action=/keys><input name=n></form>"),
        ("/keys/77/log", "x"),
    ]);
    let mut crawl = crawl(&http).await;
    let url = url::Url::parse("http://h:1/keys").unwrap();
    let mut plant = Request::new(Method::Post, url.clone());
    plant.body = b"n=canary1234".to_vec();
    let created = Response::of(
        201,
        &[
            ("location", "/keys/77/log"),
            ("content-type", "application/json"),
        ],
        "{\"id\": 77, \"url\": \"/people/canary1234\"}",
    );
    assert!(crawl.learn(&plant, &created));
    let refused = Response::of(
        422,
        &[("content-type", "application/json")],
        "{\"error\": \"'owner' is required\"}",
    );
    assert!(crawl.learn(&Request::new(Method::Post, url.clone()), &refused));
    assert!(
        !crawl.learn(&Request::new(Method::Post, url), &refused),
        "nothing new the second time"
    );
    crawl.run(&http, &Silent, &mut |_, _| {}).await;
    let lines = lines(&crawl);
    assert!(
        lines.contains(&"GET /keys/{id}/log path:id".to_owned()),
        "{lines:#?}"
    );
    assert!(
        lines.contains(&"GET /people/{id} path:id".to_owned()),
        "{lines:#?}"
    );
    assert!(
        lines.contains(&"POST /keys form:n form:owner".to_owned()),
        "{lines:#?}"
    );
    assert!(
        http.asked
            .lock()
            .unwrap()
            .contains(&"GET /keys/77/log".to_owned())
    );
}
