//! What answers teach of inputs and of the values of placeholders.

use super::*;

#[tokio::test]
async fn a_form_keeps_its_page_and_csrf_field() {
    let crawl = crawl(&site(&CYCLE)).await;
    let form = crawl
        .known
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
        .known
        .surface
        .get(&EndpointId::new(Method::Put, "/api/keys/{id}"))
        .unwrap();
    assert_eq!(item.samples[0]["id"], "41");
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
        .known
        .surface
        .get(&EndpointId::new(Method::Post, "/notes"))
        .unwrap();
    for (name, has) in [("title", false), ("tag", false), ("kind", true)] {
        let input = form.input(Place::Form, name).unwrap();
        assert_eq!(input.hint.example.is_some(), has, "{name}");
    }
    let room = crawl
        .known
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
        .known
        .surface
        .get(&EndpointId::new(Method::Get, "/s"))
        .unwrap();
    let kind = |name: &str| search.input(Place::Query, name).unwrap().hint.kind;
    assert_eq!(kind("q"), Kind::Unknown);
    assert_eq!(kind("z"), Kind::Unknown);
    assert_eq!(kind("p"), Kind::Integer);
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
