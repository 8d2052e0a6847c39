//! Which routes there are: guesses, catch-all pages, placeholders, methods.

use super::*;

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
        crawl.known.reached(&EndpointId::new(Method::Get, "/keys/")),
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
        .known
        .surface
        .get(&EndpointId::new(Method::Get, "/users/{name}"))
        .unwrap();
    assert_eq!(user.samples[0]["name"], "ann");
    assert_eq!(crawl.known.reached(&user.id), Some(200));
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
        .known
        .surface
        .get(&EndpointId::new(Method::Get, "/api/keys/{id}"))
        .unwrap();
    assert_eq!(
        show.input(Place::Path, "id").unwrap().hint.kind,
        Kind::Integer
    );
}
