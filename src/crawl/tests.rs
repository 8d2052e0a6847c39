//! The frontier against a transport that never leaves the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::*;
use crate::http::FailureKind;
use crate::progress::Silent;
use crate::surface::{Kind, Place};
use crate::target::Target;

type Handler = dyn Fn(&Request) -> Response + Send + Sync;

/// Answers from a closure, and remembers what was asked.
#[derive(Clone)]
struct Fake {
    handler: Arc<Handler>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Transport for Fake {
    async fn send(&self, request: Request) -> Result<Response, Failure> {
        let line = format!(
            "{} {}",
            request.method,
            &request.url[url::Position::BeforePath..]
        );
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(line);
            asked.len()
        };
        // Answers come in another order than they were asked for.
        for _ in 0..(number * 7) % 5 {
            tokio::task::yield_now().await;
        }
        Ok((self.handler)(&request))
    }
}

fn fake(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Fake {
    Fake {
        handler: Arc::new(handler),
        asked: Arc::default(),
    }
}

/// A site from a table of paths (with their query) and HTML bodies; JSON where the body is JSON.
fn site(pages: &[(&str, &str)]) -> Fake {
    let pages: BTreeMap<String, String> = pages
        .iter()
        .map(|(path, body)| ((*path).to_owned(), (*body).to_owned()))
        .collect();
    fake(move |request| {
        let whole = &request.url[url::Position::BeforePath..];
        let body = pages.get(whole).or_else(|| pages.get(request.url.path()));
        match body {
            Some(body) if body.starts_with(['{', '[']) => {
                Response::of(200, &[("content-type", "application/json")], body)
            }
            Some(body) => Response::of(200, &[("content-type", "text/html")], body),
            None => Response::of(404, &[("content-type", "text/html")], "Not Found"),
        }
    })
}

fn settings(width: usize) -> Settings {
    let mut settings = Settings::new(Target::parse("http://h:1").unwrap());
    settings.http.concurrency = width;
    settings
}

async fn crawl_with(settings: &Settings, http: &Fake) -> Crawl {
    let mut crawl = Crawl::new(settings, "test");
    crawl.run(http, &Silent, &mut |_, _| {}).await;
    crawl
}

async fn crawl(http: &Fake) -> Crawl {
    crawl_with(&settings(4), http).await
}

/// `METHOD path place:name …` of each endpoint.
fn lines(crawl: &Crawl) -> Vec<String> {
    crawl
        .surface
        .iter()
        .map(|endpoint| {
            let mut line = endpoint.id.to_string();
            for input in &endpoint.inputs {
                line.push_str(&[" ", input.place.as_str(), ":", &input.name].concat());
            }
            line
        })
        .collect()
}

const CYCLE: [(&str, &str); 7] = [
    ("/logout", "bye"),
    (
        "/",
        "<a href=/a>a</a><a href=/b?x=1>b</a><a href=http://other/z>z</a>",
    ),
    (
        "/a",
        "<a href=/>home</a><a href=/items/1>1</a><a href=/items/2>2</a><a href=/items/3>3</a><a href=/items/4>4</a><a href=/logout>out</a>",
    ),
    (
        "/b",
        "<a href='/b?x=2'>more</a><form method=post action=/c><input name=q><input type=hidden name=csrf_token value=t></form><script>fetch('/api/keys/' + id, {method: 'PUT', body: JSON.stringify({label})})</script>",
    ),
    ("/items/1", "<a href=/a>up</a>"),
    ("/items/2", "<a href=/deep>deep</a>"),
    ("/api/keys", "[{\"id\": 41}]"),
];

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
        results.push((crawl.surface, http.asked.lock().unwrap().clone()));
    }
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[tokio::test]
async fn a_form_keeps_its_page_and_csrf_field() {
    let crawl = crawl(&site(&CYCLE)).await;
    let form = crawl
        .surface
        .get(&EndpointId::new(Method::Post, "/c"))
        .unwrap();
    assert_eq!(form.form_page.as_deref(), Some("/b"));
    assert!(form.input(Place::Form, "csrf_token").unwrap().csrf);
}

#[tokio::test]
async fn ids_of_a_list_are_samples_of_the_item() {
    let crawl = crawl(&site(&CYCLE)).await;
    let item = crawl
        .surface
        .get(&EndpointId::new(Method::Put, "/api/keys/{id}"))
        .unwrap();
    assert_eq!(item.samples[0]["id"], "41");
}

#[tokio::test]
async fn a_specification_names_the_placeholders_and_takes_its_instances() {
    let spec = serde_json::json!({
        "openapi": "3.0.3", "paths": {
            "/users/{name}": {"get": {}, "delete": {}},
            "/items/{item_id}": {"get": {"parameters": [{"name": "item_id", "in": "path", "schema": {"type": "integer"}}]}}
        }
    });
    let spec = spec.to_string();
    let http = site(&[
        (
            "/",
            "<a href=/users/ann>ann</a><a href=/items/3>3</a><a href=/users/export>x</a>",
        ),
        ("/openapi.json", &spec),
        ("/users/ann", "{}"),
        ("/users/export", "{}"),
        ("/items/3", "{}"),
    ]);
    let crawl = crawl(&http).await;
    assert_eq!(
        lines(&crawl),
        [
            "GET /",
            "GET /items/{item_id} path:item_id",
            "GET /openapi.json",
            "GET /users/export",
            "GET /users/{name} path:name",
            "DELETE /users/{name} path:name",
        ]
    );
    let user = crawl
        .surface
        .get(&EndpointId::new(Method::Get, "/users/{name}"))
        .unwrap();
    assert_eq!(user.samples[0]["name"], "ann");
    assert_eq!(crawl.reached(&user.id), Some(200));
}

#[tokio::test]
async fn a_catch_all_page_makes_no_guess_true() {
    let http = fake(|request| {
        let body = match request.url.path() {
            "/" => "<a href=/real>r</a>".to_owned(),
            "/config" => "DEBUG = True, MAIL_SERVER = localhost".to_owned(),
            path => format!(
                "<h1>Welcome</h1> you asked for {path} (request 83{})",
                path.len()
            ),
        };
        Response::of(200, &[("content-type", "text/html")], &body)
    });
    let crawl = crawl(&http).await;
    assert_eq!(lines(&crawl), ["GET /", "GET /config", "GET /real"]);
}

#[tokio::test]
async fn a_405_names_the_methods_of_a_guessed_path() {
    let http = fake(|request| match request.url.path() {
        "/" => Response::of(200, &[("content-type", "text/html")], "hello"),
        "/webhook" => Response::of(405, &[("allow", "OPTIONS, POST")], ""),
        _ => Response::of(404, &[], ""),
    });
    let crawl = crawl(&http).await;
    assert_eq!(lines(&crawl), ["GET /", "POST /webhook"]);
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
async fn a_traceback_reveals_routes_and_inputs() {
    let page = concat!(
        "<script src=\"?__debugger__=yes&amp;cmd=resource&amp;f=debugger.js\"></script>EVALEX = true",
        "<div class=\"frame\" id=\"frame-1\"><h4>File <cite class=\"filename\">\"/srv/api.py\"</cite>,",
        " line <em class=\"line\">23</em>, in <code class=\"function\">show</code></h4>",
        "<pre class=\"line before\">@bp.get(&#34;/keys/&lt;int:id&gt;&#34;)</pre>\n",
        "<pre class=\"line before\">def show(id):</pre>\n",
        "<pre class=\"line current\">    who = request.headers[&#34;X-Who&#34;]</pre>\n",
        "<pre class=\"line after\"> </pre>\n",
        "<pre class=\"line after\">@bp.post(&#34;/hidden&#34;)</pre>\n",
        "<pre class=\"line after\">def hidden():</pre>\n",
        "<pre class=\"line after\">    pin = request.json[&#34;pin&#34;]</pre>",
        "<div class=\"plain\">",
    );
    let http = fake(move |request| match request.url.path() {
        "/" => Response::of(
            200,
            &[("content-type", "text/html")],
            "<a href=/api/keys/1>k</a>",
        ),
        "/api/keys/1" => Response::of(500, &[("content-type", "text/html")], page),
        _ => Response::of(404, &[], ""),
    });
    let crawl = crawl(&http).await;
    assert_eq!(
        lines(&crawl),
        [
            "GET /",
            "POST /api/hidden json:pin",
            "GET /api/keys/{id} path:id header:x-who",
        ]
    );
    let show = crawl
        .surface
        .get(&EndpointId::new(Method::Get, "/api/keys/{id}"))
        .unwrap();
    assert_eq!(
        show.input(Place::Path, "id").unwrap().hint.kind,
        Kind::Integer
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
async fn a_path_that_redirects_to_its_slash_is_one_operation_with_it() {
    let http = fake(|request| match request.url.path() {
        "/" => Response::of(
            200,
            &[("content-type", "text/html")],
            "<a href=/keys?q=1>k</a>",
        ),
        "/keys" => Response::of(308, &[("location", "http://h:1/keys/?q=1")], ""),
        "/keys/" => Response::of(200, &[("content-type", "text/html")], "keys"),
        _ => Response::of(404, &[], ""),
    });
    let crawl = crawl(&http).await;
    assert_eq!(lines(&crawl), ["GET /", "GET /keys/ query:q"]);
    assert_eq!(
        crawl.reached(&EndpointId::new(Method::Get, "/keys/")),
        Some(200)
    );
}

#[tokio::test]
async fn slugs_of_a_directory_that_takes_any_name_are_one_operation() {
    let http = fake(|request| {
        let path = request.url.path();
        let html = [("content-type", "text/html")];
        match (request.method, path.strip_prefix("/blog/")) {
            (_, None) if path == "/" => {
                let links: Vec<String> = (0..500u32)
                    .map(|n| {
                        format!(
                            "<a href=/blog/post-{}>p</a>",
                            ["a", "b", "c"][n as usize % 3].repeat(n as usize)
                        )
                    })
                    .collect();
                Response::of(200, &html, &links.concat())
            }
            (Method::Options, Some(_)) => Response::of(200, &[("allow", "GET, HEAD, OPTIONS")], ""),
            (_, Some(slug)) if slug.starts_with("post-") => {
                Response::of(200, &html, "<h1>post</h1>")
            }
            _ => Response::of(404, &html, "no"),
        }
    });
    let crawl = crawl(&http).await;
    assert_eq!(lines(&crawl), ["GET /", "GET /blog/{id} path:id"]);
    let asked = http.asked.lock().unwrap();
    assert!(
        asked
            .iter()
            .filter(|line| line.contains("/blog/post-"))
            .count()
            <= 61
    );
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
    assert!(crawl.surface.len() <= 4_000);
    assert!(http.asked.lock().unwrap().len() <= 3_600);
}

#[tokio::test]
async fn an_id_in_a_list_opens_the_item_though_nothing_links_to_it() {
    let http = fake(|request| match (request.method, request.url.path()) {
        (Method::Get, "/") => Response::of(
            200,
            &[("content-type", "text/html")],
            "<a href=/orders>o</a>",
        ),
        (Method::Get, "/orders") => Response::of(
            200,
            &[("content-type", "application/json")],
            "[{\"id\": 7, \"user_id\": 3}]",
        ),
        (Method::Options, "/orders/7") => {
            Response::of(200, &[("allow", "GET, HEAD, OPTIONS, PUT")], "")
        }
        (Method::Get, "/orders/7") => {
            Response::of(200, &[("content-type", "text/plain")], "an order")
        }
        _ => Response::of(404, &[], ""),
    });
    let crawl = crawl(&http).await;
    assert_eq!(
        lines(&crawl),
        [
            "GET /",
            "GET /orders",
            "GET /orders/{id} path:id",
            "PUT /orders/{id} path:id"
        ]
    );
    assert!(
        http.asked
            .lock()
            .unwrap()
            .contains(&"GET /orders/7".to_owned())
    );
}

#[tokio::test]
async fn a_route_that_takes_any_name_is_one_operation() {
    let http = fake(|request| match (request.method, request.url.path()) {
        (Method::Get, "/") => Response::of(
            200,
            &[("content-type", "text/html")],
            "<a href=/about>a</a><form method=post action=/admin/purge></form>",
        ),
        (Method::Get, "/about") => Response::of(200, &[("content-type", "text/html")], "about us"),
        (Method::Options, _) => Response::of(200, &[("allow", "GET, OPTIONS, DELETE")], ""),
        (Method::Get, _) => Response::of(404, &[], "no such thing"),
        _ => Response::of(405, &[("allow", "GET, OPTIONS, DELETE")], ""),
    });
    let crawl = crawl(&http).await;
    let lines = lines(&crawl);
    let deletes: Vec<&String> = lines
        .iter()
        .filter(|line| line.starts_with("DELETE"))
        .collect();
    assert!(
        deletes.iter().all(|line| line.contains("{id}")) && deletes.len() <= 2,
        "{lines:#?}"
    );
}

#[tokio::test]
async fn cookies_and_challenges_become_inputs() {
    let http = fake(|request| match request.url.path() {
        "/" => Response::of(
            200,
            &[("content-type", "text/html")],
            "<a href=/shop/in>i</a><a href=/shop/me>m</a><a href=/api/me>a</a>",
        ),
        "/shop/in" => Response::of(
            200,
            &[
                ("content-type", "text/html"),
                ("set-cookie", "gate=; Max-Age=0"),
            ],
            "in",
        ),
        "/shop/me" => Response::of(403, &[("content-type", "text/html")], "not you"),
        "/api/me" => Response::of(401, &[("www-authenticate", "Token realm=x")], "who?"),
        _ => Response::of(404, &[], ""),
    });
    let crawl = crawl(&http).await;
    let lines = lines(&crawl);
    for expected in [
        "GET /api/me header:authorization",
        "GET /shop/in cookie:gate",
        "GET /shop/me cookie:gate",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{lines:#?}");
    }
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
async fn what_we_sent_comes_back_as_no_example() {
    let mut crawl = Crawl::new(&settings(1), "test");
    let url = url::Url::parse("http://h:1/notes").unwrap();
    let mut plant = Request::new(Method::Post, url)
        .with_header("content-type", "application/x-www-form-urlencoded");
    plant.body = b"title=kim%40example.com&tag=s4mple0value0s4mple0value".to_vec();
    let refused = Response::of(
        422,
        &[
            ("content-type", "text/html"),
            ("location", "/room/s4mple0value0s4mple0value"),
        ],
        "<form method=post><input name=title value=kim@example.com>\
         <input name=tag value=s4mple0value0s4mple0value><input name=kind value=memo></form>",
    );
    crawl.learn(&plant, &refused);
    let form = crawl
        .surface
        .get(&EndpointId::new(Method::Post, "/notes"))
        .unwrap();
    for (name, has) in [("title", false), ("tag", false), ("kind", true)] {
        let input = form.input(Place::Form, name).unwrap();
        assert_eq!(input.hint.example.is_some(), has, "{name}");
    }
    let room = crawl
        .surface
        .get(&EndpointId::new(Method::Get, "/room/{id}"))
        .unwrap();
    assert!(room.samples.is_empty());
    // The plain word is known in the place of a placeholder.
    plant.body = b"room=sample".to_vec();
    let to = [("location", "/hall/sample")];
    crawl.learn(&plant, &Response::of(302, &to, ""));
    let page = url::Url::parse("http://h:1/hall/sample").unwrap();
    let form = "<form method=post action=/hall/sample/send></form><a href=/sample>s</a>";
    let html = [("content-type", "text/html")];
    crawl.learn(&Request::get(page), &Response::of(200, &html, form));
    let lines = lines(&crawl);
    assert!(
        lines.contains(&"POST /hall/{id}/send path:id".to_owned()),
        "{lines:#?}"
    );
    assert!(lines.contains(&"GET /sample".to_owned()), "{lines:#?}");
    assert!(
        !lines.iter().any(|line| line.contains("/hall/sample")),
        "{lines:#?}"
    );
}

#[tokio::test]
async fn what_a_script_writes_can_often_be_read() {
    let http = fake(|request| match (request.method, request.url.path()) {
        (Method::Get, "/") => Response::of(
            200,
            &[("content-type", "text/html")],
            "<script>const save = (name, pin) => fetch(`/things/${name}`, {method: 'PUT', body: JSON.stringify({pin})})</script>",
        ),
        (Method::Options, path) if path.starts_with("/things/") => {
            Response::of(200, &[("allow", "GET, PUT, OPTIONS")], "")
        }
        _ => Response::of(404, &[], ""),
    });
    let crawl = crawl(&http).await;
    assert_eq!(
        lines(&crawl),
        [
            "GET /",
            "GET /things/{name} path:name",
            "PUT /things/{name} path:name json:pin"
        ]
    );
}

/// A specification of a foreign server, on an application that knows these paths.
async fn specified(document: &str, paths: &'static [&str]) -> (Vec<String>, Vec<Problem>, usize) {
    let document = document.to_owned();
    let http = fake(move |request| {
        let path = request.url.path();
        if path == "/openapi.json" {
            Response::of(200, &[("content-type", "application/json")], &document)
        } else if !paths.contains(&path) {
            Response::of(404, &[("content-type", "text/html")], "Not Found")
        } else if request.method == Method::Options {
            Response::of(200, &[("allow", "GET, POST, OPTIONS")], "")
        } else {
            Response::of(401, &[("content-type", "application/json")], "{}")
        }
    });
    let mut crawl = Crawl::new(&settings(4), "test");
    let problems = crawl.run(&http, &Silent, &mut |_, _| {}).await;
    let asked = http.asked.lock().unwrap();
    let below = |line: &&String| line.contains(" /users");
    (lines(&crawl), problems, asked.iter().filter(below).count())
}

#[tokio::test]
async fn the_application_tells_under_which_prefix_a_foreign_servers_paths_lie() {
    let paths = r#""paths": {"/users": {"get": {}, "post": {}}, "/users/{id}": {"get": {}}}"#;
    let openapi = format!(
        r#"{{"openapi": "3.0.0", "servers": [{{"url": "https://api.example/api/v1"}}], {paths}}}"#
    );
    let swagger =
        format!(r#"{{"swagger": "2.0", "host": "api.example", "basePath": "/api/v1", {paths}}}"#);
    for document in [openapi, swagger] {
        let own: &[&str] = &["/api/v1/users", "/api/v1/users/1"];
        let (found, problems, asked) = specified(&document, own).await;
        for line in [
            "GET /api/v1/users",
            "POST /api/v1/users",
            "GET /api/v1/users/{id} path:id",
        ] {
            assert!(found.contains(&line.to_owned()), "{line} in {found:#?}");
        }
        assert!(
            !found.iter().any(|line| line.contains(" /users")),
            "{found:#?}"
        );
        assert!(problems.is_empty(), "{problems:?}");
        // A guess, and the two samples.
        assert!(asked <= 3, "{asked}");

        let (found, problems, _) = specified(&document, &["/users", "/users/1"]).await;
        assert!(found.contains(&"POST /users".to_owned()), "{found:#?}");
        assert!(
            !found.iter().any(|line| line.contains("/api/v1/users")),
            "{found:#?}"
        );
        assert!(problems.is_empty(), "{problems:?}");

        let (_, problems, _) = specified(&document, &[]).await;
        assert_eq!(problems[0].code, "specification-misfit", "{problems:?}");
    }
}

#[tokio::test]
async fn pages_beside_a_wide_template_keep_their_forms_and_methods() {
    let http = site(&[
        (
            "/",
            "<a href=/signup>s</a><a href=/abc>short</a><form action=/find><input name=q></form>",
        ),
        ("/signup", "<form method=post><input name=email></form>"),
        ("/find", "found"),
        ("/abc", "gone"),
        (
            "/openapi.json",
            r#"{"openapi": "3.0.0", "paths": {"/{code}": {"get": {"parameters": [{"name": "code", "in": "path"}]}}}}"#,
        ),
    ]);
    let found = lines(&crawl(&http).await);
    for line in ["POST /signup form:email", "GET /find query:q"] {
        assert!(found.contains(&line.to_owned()), "{line} in {found:#?}");
    }
    assert!(
        !found
            .iter()
            .any(|line| line.contains("/abc") || line.contains("POST /{code}")),
        "{found:#?}"
    );
}

#[tokio::test]
async fn what_keeps_a_script_fresh_is_no_input_and_a_drawn_picture_is_a_page() {
    let http = site(&[
        (
            "/",
            "<script src='/app.js?v=3.3'></script><img src='/logo.png?1699'><img src='/qr.png?data=x&token=abc'>",
        ),
        ("/app.js", "fetch('/from-script')"),
        ("/from-script", "{}"),
        ("/qr.png", "png"),
    ]);
    let found = lines(&crawl(&http).await);
    assert!(
        found.contains(&"GET /qr.png query:data query:token".to_owned()),
        "{found:#?}"
    );
    assert!(found.contains(&"GET /from-script".to_owned()), "{found:#?}");
    assert!(
        !found
            .iter()
            .any(|line| line.contains(".js") || line.contains("logo")),
        "{found:#?}"
    );
    let asked = http.asked.lock().unwrap();
    assert!(asked.contains(&"GET /app.js?v=3.3".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn a_type_that_a_value_suggests_ends_with_the_first_text() {
    let http = site(&[
        (
            "/",
            "<a href='/s?q=2024&p=1&z=01234'>a</a><a href='/s?q=flask&p=2'>b</a><a href='/s?q=7'>c</a>",
        ),
        ("/s", "list"),
    ]);
    let crawl = crawl(&http).await;
    let search = crawl
        .surface
        .get(&EndpointId::new(Method::Get, "/s"))
        .unwrap();
    let kind = |name: &str| search.input(Place::Query, name).unwrap().hint.kind;
    assert_eq!(kind("q"), Kind::Unknown);
    assert_eq!(kind("z"), Kind::Unknown);
    assert_eq!(kind("p"), Kind::Integer);
}

/// Answers OPTIONS for paths that a test takes, GET for these pages.
fn routed(
    pages: &'static [(&'static str, &'static str)],
    takes: fn(&str) -> bool,
    other: (u16, &'static str),
) -> Fake {
    fake(move |request| {
        let path = request.url.path();
        let html = [("content-type", "text/html")];
        if request.method == Method::Options && takes(path) {
            return Response::of(200, &[("allow", "GET, HEAD, OPTIONS")], "");
        }
        match pages.iter().find(|(known, _)| *known == path) {
            Some((_, body)) => Response::of(200, &html, body),
            None if path.starts_with("/api/") => Response::of(404, &html, "no such thing"),
            None => Response::of(other.0, &html, other.1),
        }
    })
}

#[tokio::test]
async fn a_scripts_template_is_asked_with_every_kind_of_value() {
    const PAGES: &[(&str, &str)] = &[(
        "/",
        "<script>var a = '/api/items/:id', b = '/api/docs/:id', c = '/api/none/:id'</script>",
    )];
    let takes = |path: &str| {
        let value = path.rsplit('/').next().unwrap_or_default();
        path.starts_with("/api/items/") && value.len() == 36
            || path.starts_with("/api/docs/")
                && value.len() == 24
                && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let found = lines(&crawl(&routed(PAGES, takes, (404, "Not Found"))).await);
    for line in ["GET /api/items/{id} path:id", "GET /api/docs/{id} path:id"] {
        assert!(found.contains(&line.to_owned()), "{line} in {found:#?}");
    }
    assert!(
        !found.iter().any(|line| line.contains("none")),
        "{found:#?}"
    );
}

#[tokio::test]
async fn a_clients_own_routes_are_no_endpoints_beside_a_catch_all() {
    const SHELL: &str = "<div id=app></div><script src=/app.js></script>";
    const PAGES: &[(&str, &str)] = &[(
        "/app.js",
        "var routes = [{path: '/users/:id'}, {path: '/teams/:id/edit'}], u = '/api/users/:id'",
    )];
    let http = routed(PAGES, |_| true, (200, SHELL));
    let found = lines(&crawl(&http).await);
    assert!(
        found.contains(&"GET /api/users/{id} path:id".to_owned()),
        "{found:#?}"
    );
    assert!(
        !found
            .iter()
            .any(|line| line.contains("/teams") || line.contains(" /users")),
        "{found:#?}"
    );
}

#[tokio::test]
async fn a_cookie_that_a_script_sets_is_an_input_of_what_refuses() {
    let http = fake(|request| match request.url.path() {
        "/" => Response::of(
            200,
            &[("content-type", "text/html")],
            "<a href=/vault>v</a><script>document.cookie = 'gate=' + pin + '; path=/'</script>",
        ),
        "/vault" => Response::of(401, &[], "no"),
        _ => Response::of(404, &[], "Not Found"),
    });
    let found = lines(&crawl(&http).await);
    assert!(
        found.contains(&"GET /vault cookie:gate".to_owned()),
        "{found:#?}"
    );
}
