//! The calls by which scripts send requests.
//!
//! Owns: `fetch`, axios and its kin, jQuery, `XMLHttpRequest`, sockets, navigation. Leaves out: how an
//! expression is read (`value.rs`).

use std::ops::Range;

use super::payload::{body, fields, header};
use super::tokens::Token;
use super::value::{self, Names, Value, text_of};
use super::wrappers::{Wrapper, Wrappers};
use super::{super::text, dotted};
use crate::crawl::found::{Call, Found};
use crate::http::Method;
use crate::policy::words;
use crate::surface::{Place, Provenance};

/// Tokens between `open(…)` and the `send(…)` of one `XMLHttpRequest`, at most.
const REQUEST_SPAN: usize = 400;

/// Finds every call that sends a request.
pub(super) fn calls(tokens: &[Token], names: &Names, found: &mut Found) {
    let wrappers = Wrappers::of(tokens, names);
    let mut calls = Vec::new();
    within(tokens, 0..tokens.len(), names, &wrappers, &mut calls);
    calls.extend(wrappers.uncalled());
    for call in calls {
        found.push(unglued(call));
    }
}

/// Finds the calls in a part of a script.
pub(super) fn within(
    tokens: &[Token],
    part: Range<usize>,
    names: &Names,
    wrappers: &Wrappers,
    found: &mut Vec<Call>,
) {
    let end = part.end.min(tokens.len().saturating_sub(1));
    for at in part.start..end {
        let Token::Name(last) = &tokens[at] else {
            continue;
        };
        match &tokens[at + 1] {
            Token::Mark('(') => {
                if is_declared(tokens, at) || !(wrappers.has(last) || is_interesting(last)) {
                    continue;
                }
                let Some(callee) = dotted(tokens, at) else {
                    continue;
                };
                let arguments = value::arguments(tokens, at + 2, names);
                let (wrapper, sure) = wrappers.called(&callee, at);
                if let Some(wrapper) = wrapper {
                    if wrapper.body.contains(&at) {
                        continue;
                    }
                    let through = wrapped(wrapper, last, arguments.clone(), sure);
                    if sure {
                        found.extend(through.and_then(|call| wrappers.kept(call, at)));
                        continue;
                    }
                    found.extend(through.map(Call::tentative));
                }
                let call = call(&callee, last, &arguments, None).or_else(|| {
                    (last == "open").then(|| request(&arguments, tokens, at, names))?
                });
                // What a wrapper calls is told by those who call it, if anybody does.
                found.extend(call.and_then(|call| wrappers.kept(call, at)));
            }
            // location = "/x", location.href = "/x", form.action = "/x"
            Token::Mark('=') if matches!(last.as_str(), "location" | "href" | "action" | "src") => {
                if let Value::Text(url) = value::expression(tokens, at + 2, names)
                    && is_url(&url)
                {
                    found.push(Call::new(
                        Method::Get,
                        without_base(&url),
                        Provenance::Script,
                    ));
                }
            }
            _ => {}
        }
    }
}

fn is_declared(tokens: &[Token], at: usize) -> bool {
    at > 0 && matches!(&tokens[at - 1], Token::Name(word) if word == "function")
}

/// A call of a function that sends for others: its URL with the argument in it, and what both say.
fn wrapped(wrapper: &Wrapper, last: &str, mut arguments: Vec<Value>, sure: bool) -> Option<Call> {
    if wrapper.index >= arguments.len() {
        return None;
    }
    let given = match arguments.remove(wrapper.index) {
        Value::Text(text) => text,
        other => text_of(&other),
    };
    let hole = format!("{{{}}}", wrapper.parameter);
    let prefix = wrapper.call.url.split(&hole).next().unwrap_or_default();
    let prefix = prefix.trim_end_matches('/');
    // `api("/v1/keys")` where the function adds "/v1" itself only where it is missing.
    let complete = !prefix.is_empty()
        && !prefix.contains('{')
        && given
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with('/'));
    let url = if complete {
        given.clone()
    } else {
        wrapper.call.url.replace(&hole, &given)
    };
    arguments.insert(0, Value::Text(url));
    let fixed = Some(wrapper.call.method).filter(|method| *method != Method::Get);
    let mut call = call(last, last, &arguments, fixed)?;
    for input in &wrapper.call.inputs {
        let known = call
            .inputs
            .iter()
            .any(|own| own.place == input.place && own.name == input.name);
        if !known {
            call.inputs.push(input.clone());
        }
    }
    let hollow = given.starts_with('{') && given.ends_with('}') && !given.contains('/');
    if sure && !hollow {
        wrapper.used.set(true);
    }
    Some(call)
}

/// `"/v1" + path` and `"/keys" + query`: what stands at the end without a slash before it is no value of
/// a segment. What stands before it may be a path of its own.
pub(super) fn unglued(mut call: Call) -> Call {
    if let Some(rest) = without_glued(&call.url) {
        call.url = rest.to_owned();
        call.tentative = true;
    }
    call
}

/// The path before a placeholder that is glued to its end.
pub(super) fn without_glued(url: &str) -> Option<&str> {
    let (before, name) = url.strip_suffix('}')?.rsplit_once('{')?;
    let glued = before.ends_with(|c: char| c.is_alphanumeric() || c == '}');
    (glued && !name.contains(['}', '/']) && !before.contains('?')).then_some(before)
}

/// Cheap test before arguments are read: every call of a bundle passes here.
pub(super) fn is_interesting(name: &str) -> bool {
    const NAMES: [&str; 24] = [
        "ajax",
        "assign",
        "axios",
        "del",
        "delete",
        "download",
        "fetch",
        "get",
        "getJSON",
        "getScript",
        "head",
        "http",
        "import",
        "load",
        "navigate",
        "open",
        "options",
        "patch",
        "post",
        "push",
        "put",
        "redirect",
        "replace",
        "request",
    ];
    if NAMES.contains(&name) || matches!(name, "WebSocket" | "EventSource" | "sendBeacon") {
        return true;
    }
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "fetch"
                | "request"
                | "api"
                | "ajax"
                | "http"
                | "get"
                | "post"
                | "put"
                | "patch"
                | "delete"
                | "send"
                | "submit"
                | "call"
                | "load"
                | "json"
        )
    })
}

/// Reads a call by its callee's dotted name, its last part, and its arguments; `fixed` is the method
/// where the function decides it.
pub(super) fn call(
    callee: &str,
    last: &str,
    arguments: &[Value],
    fixed: Option<Method>,
) -> Option<Call> {
    let mut call = known(callee, last, arguments, fixed)?;
    // Lists, texts and maps have methods of these names: `names.push("a/b")`.
    call.tentative |= matches!(last, "push" | "replace" | "get" | "load") && is_unrooted(&call.url);
    Some(call)
}

fn known(callee: &str, last: &str, arguments: &[Value], fixed: Option<Method>) -> Option<Call> {
    let jquery = callee.starts_with("$.") || callee.starts_with("jQuery.");
    if last == "open" && callee != "window.open" && arguments.len() >= 2 {
        return None;
    }
    if let [options @ Value::Object(_), ..] = arguments {
        // axios({url, method}), $.ajax({url}), uni.request({url})
        let url = options.field("url").or_else(|| options.field("uri"))?;
        return with_options(url, Method::Get, Some(options), jquery);
    }
    // request("POST", "/x") and http.request("/x", …)
    if let [Value::Text(first), url, rest @ ..] = arguments
        && let Ok(method) = first.parse::<Method>()
    {
        return with_options(url, method, rest.first(), jquery);
    }
    let url = arguments.first()?;
    let second = arguments.get(1);
    match last {
        "WebSocket" | "EventSource" | "import" | "load" | "open" | "assign" | "replace"
        | "push" | "navigate" | "getScript" | "redirect" => {
            with_options(url, Method::Get, None, jquery)
        }
        "sendBeacon" => {
            let mut call = with_options(url, Method::Post, None, jquery)?;
            call.inputs.extend(
                second
                    .map(|data| body(data, Place::Text))
                    .unwrap_or_default(),
            );
            Some(call)
        }
        "getJSON" => {
            let mut call = with_options(url, Method::Get, None, jquery)?;
            call.inputs.extend(
                second
                    .map(|data| fields(data, Place::Query))
                    .unwrap_or_default(),
            );
            Some(call)
        }
        _ => {
            let method = fixed.or_else(|| named_method(last));
            let takes_body = method.is_some_and(Method::takes_body);
            if takes_body && !is_options(second) {
                // axios.post(url, data, {headers}), $.post(url, data), postJson(url, data)
                let mut call = with_options(url, method?, arguments.get(2), jquery)?;
                let place = if jquery { Place::Form } else { Place::Json };
                call.inputs
                    .extend(second.map(|data| body(data, place)).unwrap_or_default());
                return Some(call);
            }
            if jquery && last == "get" && !is_options(second) {
                let mut call = with_options(url, Method::Get, None, jquery)?;
                call.inputs.extend(
                    second
                        .map(|data| fields(data, Place::Query))
                        .unwrap_or_default(),
                );
                return Some(call);
            }
            // api("/x", "POST", {…})
            if let Some(Value::Text(word)) = second
                && let Ok(method) = word.parse::<Method>()
            {
                let mut call = with_options(url, method, None, jquery)?;
                let data = arguments.get(2).map(|data| body(data, Place::Json));
                call.inputs.extend(data.unwrap_or_default());
                return Some(call);
            }
            with_options(url, method.unwrap_or(Method::Get), second, jquery)
        }
    }
}

/// `get`, `post`, `apiPost`, `deleteJSON`: the method in a function's name.
fn named_method(name: &str) -> Option<Method> {
    words(name).iter().find_map(|word| match word.as_str() {
        "post" | "submit" => Some(Method::Post),
        "put" => Some(Method::Put),
        "patch" => Some(Method::Patch),
        "delete" | "del" => Some(Method::Delete),
        "get" => Some(Method::Get),
        "head" => Some(Method::Head),
        _ => None,
    })
}

/// True for an object that tells how to send, not what.
fn is_options(value: Option<&Value>) -> bool {
    const NAMES: [&str; 9] = [
        "method",
        "headers",
        "body",
        "credentials",
        "params",
        "mode",
        "signal",
        "data",
        "json",
    ];
    match value {
        Some(options @ Value::Object(_)) => NAMES.iter().any(|name| options.field(name).is_some()),
        _ => false,
    }
}

/// Builds a call from a URL and an options object.
pub(super) fn with_options(
    url: &Value,
    method: Method,
    options: Option<&Value>,
    jquery: bool,
) -> Option<Call> {
    let url = match url {
        Value::Text(url) => url.clone(),
        // new URL("/x", location), new Request("/x")
        Value::Call(name, arguments) if name == "URL" || name == "Request" => {
            text_of(arguments.first()?)
        }
        _ => return None,
    };
    if !is_url(&url) {
        return None;
    }
    let mut call = Call::new(method, without_base(&url), Provenance::Script);
    let Some(options) = options else {
        return Some(call);
    };
    let said = options.field("method").or_else(|| options.field("type"));
    if let Some(Value::Text(word)) = said
        && let Ok(method) = word.parse()
    {
        call.method = method;
    }
    let mut content_type = String::new();
    if let Some(Value::Object(headers)) = options.field("headers") {
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("content-type") {
                content_type = text_of(value);
            }
            call.inputs.extend(header(name, value));
        }
    }
    if let Some(value) = options.field("contentType") {
        content_type = text_of(value);
    }
    for name in ["params", "query", "searchParams", "qs"] {
        if let Some(data) = options.field(name) {
            call.inputs.extend(fields(data, Place::Query));
        }
    }
    let place = if content_type.contains("json") {
        Place::Json
    } else if content_type.contains("urlencoded") || jquery {
        Place::Form
    } else {
        Place::Json
    };
    for (name, place) in [
        ("body", place),
        ("data", place),
        ("json", Place::Json),
        ("form", Place::Form),
    ] {
        if let Some(data) = options.field(name) {
            if call.method == Method::Get && name != "body" {
                call.inputs.extend(fields(data, Place::Query));
            } else {
                call.inputs.extend(body(data, place));
            }
        }
    }
    Some(call)
}

/// `xhr.open(method, url)` with the headers and the body that follow it.
fn request(arguments: &[Value], tokens: &[Token], at: usize, names: &Names) -> Option<Call> {
    let [Value::Text(word), url, ..] = arguments else {
        return None;
    };
    let mut call = with_options(url, word.parse().ok()?, None, false)?;
    let mut place = Place::Text;
    let end = tokens.len().min(at + REQUEST_SPAN);
    for next in at + 1..end.saturating_sub(1) {
        let (Token::Name(name), Token::Mark('(')) = (&tokens[next], &tokens[next + 1]) else {
            continue;
        };
        match name.as_str() {
            "open" => break,
            "setRequestHeader" => {
                let given = value::arguments(tokens, next + 2, names);
                if let [Value::Text(name), value, ..] = given.as_slice() {
                    if name.eq_ignore_ascii_case("content-type") {
                        let kind = text_of(value);
                        place = if kind.contains("json") {
                            Place::Json
                        } else {
                            Place::Form
                        };
                    }
                    call.inputs.extend(header(name, value));
                }
            }
            "send" => {
                let given = value::arguments(tokens, next + 2, names);
                call.inputs.extend(
                    given
                        .first()
                        .map(|data| body(data, place))
                        .unwrap_or_default(),
                );
                break;
            }
            _ => {}
        }
    }
    Some(call)
}

/// `a/b`: neither rooted nor absolute.
fn is_unrooted(url: &str) -> bool {
    url.starts_with(|c: char| c.is_ascii_alphanumeric()) && !url.contains("://")
}

/// `image/png`: a type that is registered, or that says that it is of its maker's own.
fn is_media_type(text: &str) -> bool {
    const TYPES: [&str; 8] = [
        "application",
        "audio",
        "font",
        "image",
        "message",
        "multipart",
        "text",
        "video",
    ];
    const KINDS: [&str; 31] = [
        "avif",
        "bmp",
        "calendar",
        "css",
        "csv",
        "event-stream",
        "form-data",
        "gif",
        "gzip",
        "html",
        "javascript",
        "jpeg",
        "jpg",
        "json",
        "markdown",
        "mixed",
        "mp4",
        "mpeg",
        "octet-stream",
        "ogg",
        "pdf",
        "plain",
        "png",
        "rtf",
        "ttf",
        "wav",
        "webm",
        "webp",
        "woff2",
        "xml",
        "zip",
    ];
    let Some((kind, rest)) = text.split_once('/') else {
        return false;
    };
    let rest = rest.split(';').next().unwrap_or_default().trim();
    let own = rest.starts_with("x-") || rest.starts_with("vnd.") || rest.contains('+');
    TYPES.contains(&kind) && !rest.contains('/') && (own || KINDS.contains(&rest))
}

/// `DD/MM/YYYY`, `%d/%m/%y`.
fn is_date_format(text: &str) -> bool {
    let mut parts = text.split('/').map(|part| part.trim_start_matches('%'));
    parts.all(|part| {
        let mut letters = part.chars();
        letters
            .next()
            .is_some_and(|first| "dDmMyY".contains(first) && letters.all(|letter| letter == first))
    })
}

/// True for what may stand where a URL is expected.
pub(super) fn is_url(text: &str) -> bool {
    let text = without_base(text);
    let absolute = ["http://", "https://", "ws://", "wss://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    let relative = text.contains('/')
        && text.len() < 500
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '?')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "/._-{}?=&%".contains(c))
        && !is_media_type(text)
        && !is_date_format(text);
    absolute || relative || text::looks_like_path(text) || text.starts_with('?')
}

/// `{base}/x` is `/x`: what a variable in front of a rooted path holds is not known.
pub(super) fn without_base(text: &str) -> &str {
    // `ws://{host}/x` too.
    let open = ["http://{", "https://{", "ws://{", "wss://{"];
    let text = open
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme).and(text.get(scheme.len() - 1..)))
        .unwrap_or(text);
    match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, rest)) if rest.starts_with('/') => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::super::{names, scripts};
    use super::*;

    /// `METHOD url place:name …` of each certain call, in the order of letters.
    fn lines(found: &Found) -> Vec<String> {
        let certain = found.calls.iter().filter(|call| !call.tentative);
        let mut lines: Vec<String> = certain
            .map(|call| {
                let mut line = format!("{} {}", call.method, call.url);
                let mut inputs: Vec<String> = call
                    .inputs
                    .iter()
                    .map(|input| {
                        [" ", input.place.as_str(), ":", &input.prefix, &input.name].concat()
                    })
                    .collect();
                inputs.sort();
                line.push_str(&inputs.concat());
                line
            })
            .collect();
        lines.sort();
        lines
    }

    /// What the tree shows, and what the tokens alone show.
    fn read(code: &str) -> [Vec<String>; 2] {
        let (tokens, _) = tokens(code);
        let mut found = Found::default();
        super::calls(&tokens, &names(&tokens), &mut found);
        [lines(&scripts(code)), lines(&found)]
    }

    #[track_caller]
    fn check(code: &str, expected: &str) {
        for lines in read(code) {
            assert!(
                lines.iter().any(|line| line == expected),
                "{expected} in {lines:#?}"
            );
        }
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
        // The later one of two fields counts; what is not known adds nothing.
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
        assert_eq!(read(api), [const { Vec::<String>::new() }; 2]);
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
        // A glued parameter is no segment's value.
        assert_eq!(
            read("const api = path => fetch(`${base}/v2${path}`); const q = api(p)"),
            [const { Vec::<String>::new() }; 2]
        );
        check(
            "const go = (path, o) => fetch('/v1' + path, o); const send = (path, data) => go(path, {method: 'POST', body: JSON.stringify(data)}); send('/keys', {a})",
            "POST /v1/keys json:a",
        );
    }

    #[test]
    fn a_class_method_is_meant_by_its_instances_only() {
        let class = "class Client { get(path) { return fetch('/v1' + path, {headers: {'X-K': k}}); } all() { return this.get('/all') } }\n";
        let both = read(&format!(
            "{class} const c = new Client(); c.get('/mine'); axios.get('/v2/usage', {{headers: h}}); $.get('/plain')"
        ));
        for lines in both {
            assert_eq!(
                lines,
                [
                    "GET /plain",
                    "GET /v1/all header:x-k",
                    "GET /v1/mine header:x-k",
                    "GET /v2/usage",
                ]
            );
        }
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
        let found =
            scripts("const routes = {a: '/api/list', b: 'text/html', c: '/', d: `/t/${x}`}");
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
            assert_eq!(read(code), [const { Vec::<String>::new() }; 2], "{code}");
        }
        check("axios.post('image/upload')", "POST image/upload");
        check("router.push('/users/new')", "GET /users/new");
        assert!(scripts("client.get('users/list')").calls[0].tentative);
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
}
