//! Tables of texts that carry a link: markup, scripts, other documents, headers.

use keyspill::crawl::extract::extract;
use keyspill::http::Response;
use url::Url;

/// Returns the URLs that an answer of this kind reveals.
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
        ],
    );
}

#[test]
fn urls_in_a_pages_texts_data_and_values_are_read() {
    check(
        "text/html; charset=utf-8",
        &[
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

// Not found, because a script would have to run: a URL that is computed (`atob("L3c=")`, `["/",
// "w"].join("")` with a loop, string arithmetic), that a server sends over a socket, or that is
// behind a click handler in WebAssembly.
