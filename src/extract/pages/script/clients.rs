//! Clients: what a call of a sending function means, given its name and arguments.
//!
//! Owns: `fetch`, axios and similar libraries, jQuery, sockets, navigation. Leaves out: finding the
//! calls in a script (`program`), and what a body contains (`payload.rs`).

use super::address::{is_unrooted, is_url, without_base};
use super::payload::{body, fields, header};
use super::value::{Value, text_of};
use crate::found::Call;
use crate::http::Method;
use crate::surface::{Place, Provenance};
use crate::words::words;

/// Returns true if a function may send. This cheap test precedes reading the arguments, because it runs
/// for every call of a bundle.
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

/// Reads a call from its callee's dotted name, the last part of that name, and its arguments; `fixed`
/// is the method if the function determines it.
pub(super) fn call(
    callee: &str,
    last: &str,
    arguments: &[Value],
    fixed: Option<Method>,
) -> Option<Call> {
    let mut call = known(callee, last, arguments, fixed)?;
    // Lists, strings and maps have methods of these names: `names.push("a/b")`.
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

/// Returns the method in a function's name: `get`, `post`, `apiPost`, `deleteJSON`.
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

/// Returns true for an object that says how to send, not what.
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
