//! What scripts send.

use super::*;

/// Formats each certain call as `METHOD url place:name …`, sorted.
fn lines(found: &Found) -> Vec<String> {
    let certain = found.calls.iter().filter(|call| !call.tentative);
    let mut lines: Vec<String> = certain
        .map(|call| {
            let mut line = format!("{} {}", call.method, call.url);
            let mut inputs: Vec<String> = call
                .inputs
                .iter()
                .map(|input| [" ", input.place.as_str(), ":", &input.prefix, &input.name].concat())
                .collect();
            inputs.sort();
            line.push_str(&inputs.concat());
            line
        })
        .collect();
    lines.sort();
    lines
}

#[track_caller]
fn check(code: &str, expected: &str) {
    let lines = lines(&scripts(code));
    assert!(
        lines.iter().any(|line| line == expected),
        "{expected} in {lines:#?}"
    );
}

#[test]
fn fetch_tells_method_headers_and_fields() {
    check("fetch('/a')", "GET /a");
    check(
        "fetch(`/k/${item.id}/x?q=${q}`, {method:'PUT', headers:{'X-API-Key':k, Authorization:'Bearer '+t, 'Content-Type':'application/json'}, body:JSON.stringify({a, b:1, c:{d:x}, e:[{f:1}]})})",
        "PUT /k/{id}/x?q={q} header:Bearer authorization header:x-api-key json:a json:b json:c.d json:e[].f",
    );
    check(
        "const B='/api'; const o={method:'POST',body:JSON.stringify({z:1})}; fetch(B+'/x/'+encodeURIComponent(id), o)",
        "POST /api/x/{id} json:z",
    );
    check(
        "await fetch(API + '/y', {method: \"post\", body: new URLSearchParams({u: v})})",
        "POST /y form:u",
    );
    check(
        "const data = {n: 1}; fetch('/v', {method:'POST', body: JSON.stringify(data)})",
        "POST /v json:n",
    );
}

#[test]
fn libraries_are_known_by_their_calls() {
    check(
        "axios.post('/a', {x: 1}, {headers: {'X-K': k}})",
        "POST /a header:x-k json:x",
    );
    check("axios.get('/a', {params: {p: 1}})", "GET /a query:p");
    check(
        "axios({url: '/a', method: 'patch', data: {m: 1}})",
        "PATCH /a json:m",
    );
    check("$.post('/a', {x: 1})", "POST /a form:x");
    check(
        "$.ajax({url:'/a/'+id, type:'POST', data:{x:1}})",
        "POST /a/{id} form:x",
    );
    check("$.getJSON('/a', {x:1})", "GET /a query:x");
    check("$http.delete('/a/'+id)", "DELETE /a/{id}");
    check("postJson('/a', {k: v})", "POST /a json:k");
    check("new WebSocket('ws://h/s')", "GET ws://h/s");
    check("location.href = '/go?x=' + y", "GET /go?x={y}");
    check("window.open('/w')", "GET /w");
}

#[test]
fn what_is_spread_into_an_object_belongs_to_it() {
    let own = "const own = {'X-Key': key, Accept: 'a/b'};";
    check(
        &format!(
            "{own} fetch('/a', {{method: 'POST', headers: {{'Content-Type': 'application/json', ...own}}, body: JSON.stringify({{...{{x: 1}}, y}})}})"
        ),
        "POST /a header:x-key json:x json:y",
    );
    // The later of two fields counts; unknown values add nothing.
    check(
        "const o = {method: 'PUT'}; fetch('/a', {method: 'POST', ...o, ...what(), ...})",
        "PUT /a",
    );
}

#[test]
fn a_function_that_sends_for_others_is_seen_through() {
    let api = "async function api(path, options = {}) { const r = await fetch(`/v1${path}`, {...options, headers: {'X-Key': key}}); return r.json(); }";
    check(
        &format!("{api} api('/keys', {{method: 'POST', body: JSON.stringify({{a: 1}})}})"),
        "POST /v1/keys header:x-key json:a",
    );
    check(
        &format!("{api} api('/keys/' + id)"),
        "GET /v1/keys/{id} header:x-key",
    );
    assert!(lines(&scripts(api)).is_empty());
    let send = "const save = (data, url) => fetch('/api/' + url, {method: 'PUT', body: JSON.stringify(data)});";
    check(
        &format!("{send} save({{x: y}}, 'items')"),
        "PUT /api/items json:x",
    );
}

#[test]
fn a_function_that_nobody_calls_here_tells_its_own_call() {
    check(
        "export const save = (id, pin) => fetch(`/api/vaults/${id}/unlock`, {method: 'POST', body: JSON.stringify({pin})});",
        "POST /api/vaults/{id}/unlock json:pin",
    );
    // A glued parameter is not the value of a segment.
    let glued = scripts("const api = path => fetch(`${base}/v2${path}`); const q = api(p)");
    assert!(lines(&glued).is_empty());
    check(
        "const go = (path, o) => fetch('/v1' + path, o); const send = (path, data) => go(path, {method: 'POST', body: JSON.stringify(data)}); send('/keys', {a})",
        "POST /v1/keys json:a",
    );
}

#[test]
fn a_class_method_is_meant_by_its_instances_only() {
    let class = "class Client { get(path) { return fetch('/v1' + path, {headers: {'X-K': k}}); } all() { return this.get('/all') } }\n";
    let found = scripts(&format!(
        "{class} const c = new Client(); c.get('/mine'); axios.get('/v2/usage', {{headers: h}}); $.get('/plain')"
    ));
    assert_eq!(
        lines(&found),
        [
            "GET /plain",
            "GET /v1/all header:x-k",
            "GET /v1/mine header:x-k",
            "GET /v2/usage",
        ]
    );
    check(&format!("{class} map.get('/other')"), "GET /other");
}

#[test]
fn a_prefix_is_not_added_twice() {
    check(
        "const api = path => fetch('/v1' + path); api('/v1/keys')",
        "GET /v1/keys",
    );
}

#[test]
fn an_xml_http_request_is_read_to_its_send() {
    check(
        "var x=new XMLHttpRequest();x.open('POST','/r');x.setRequestHeader('X-Token',t);x.send('a=1&b='+c)",
        "POST /r form:a form:b header:x-token",
    );
    check(
        "x.open('PUT','/r');x.setRequestHeader('Content-Type','application/json');x.send(JSON.stringify({q:1}))",
        "PUT /r json:q",
    );
}

#[test]
fn calls_without_their_arguments_are_no_stumble() {
    for name in [
        "open",
        "fetch",
        "axios",
        "$.ajax",
        "send",
        "setRequestHeader",
    ] {
        for arguments in ["", "'GET'", "'GET',", "{}", "[]", ",", "...x"] {
            scripts(&format!("x.{name}({arguments}); {name}({arguments})"));
        }
    }
}

#[test]
fn other_strings_are_tentative_paths() {
    let found = scripts("const routes = {a: '/api/list', b: 'text/html', c: '/', d: `/t/${x}`}");
    let urls: Vec<&str> = found.calls.iter().map(|call| call.url.as_str()).collect();
    assert_eq!(urls, ["/api/list", "/t/{x}"]);
    assert!(found.calls.iter().all(|call| call.tentative));
}

#[test]
fn what_is_no_address_is_not_called() {
    for code in [
        "a.push('image/png')",
        "b.replace('text/html', c)",
        "d.get('DD/MM/YYYY')",
        "names.push('red/green')",
    ] {
        assert!(lines(&scripts(code)).is_empty(), "{code}");
    }
    check("axios.post('image/upload')", "POST image/upload");
    check("router.push('/users/new')", "GET /users/new");
    assert!(scripts("client.get('users/list')").calls[0].tentative);
}

#[test]
fn cookies_are_known_by_their_names() {
    let code = "document.cookie='a=1'; window.document.cookie = `b=${f(x)}; path=/`; const N='c='; \
                document.cookie = N + v; document.cookie == 'd='; jar.cookie = 'e='";
    assert_eq!(scripts(code).cookies, ["a", "b", "c"]);
}

#[test]
fn a_script_that_is_broken_off_or_broken_is_read() {
    for end in [
        "'/x' +",
        "`/x/${",
        "`/x/${a",
        "'/x/' + f(",
        "'/x/' + a[",
        "'/x/' + a.",
        "'/x",
    ] {
        check(&format!("fetch('/whole'); fetch({end}"), "GET /whole");
    }
    for (code, expected) in [
        (
            "fetch('/a', {method: 'PUT'}) } ) ] fetch('/b'); if (x { f(",
            "PUT /a",
        ),
        (
            "a = {{ b }}; {% if x %} fetch('/a', {method: 'POST'}); {% endif %}",
            "POST /a",
        ),
        (
            "var y = 'open\nfetch('/a', {method: 'PUT'}); fetch('/b')",
            "PUT /a",
        ),
        (
            "const = 5; let let; fetch(`/k/${id}`, {method: 'DELETE'})",
            "DELETE /k/{id}",
        ),
    ] {
        check(code, expected);
    }
}

#[test]
fn a_script_of_many_megabytes_is_read_to_its_end() {
    let line = "function pad(a){return a.map(b=>b+1).join('')}\n";
    let code = format!(
        "fetch('/first');\n{}\nfetch('/last', {{method: 'POST'}})",
        line.repeat(22_500)
    );
    assert!(code.len() > 1 << 20);
    check(&code, "GET /first");
    check(&code, "POST /last");
}

#[test]
fn hostile_scripts_end_soon() {
    let start = std::time::Instant::now();
    for code in [
        "fetch(".repeat(100_000),
        "a='/x'+a;".repeat(50_000),
        "a=`${a}${a}`;".repeat(50_000),
        "fetch({url:".repeat(100_000),
        "get(['".repeat(100_000),
        "a={a,b:a};".repeat(20_000),
    ] {
        scripts(&code);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
