//! What the language, browsers and libraries provide: functions that the script calls but does not
//! define.
//!
//! Owns: the values of those functions, axios and ky instances with their base, `XMLHttpRequest`, and
//! texts run as scripts. Leaves out: how a library call becomes a request (`clients.rs`).

use super::super::address::{is_url, unglued};
use super::super::clients;
use super::super::payload::{body, header};
use super::sym::{MAX_EACH, Sym, call_of, put};
use super::{MAX_TEXTS, Run};
use crate::found::Call;
use crate::http::Method;
use crate::pages::script::value::Value;
use crate::surface::{Place, Provenance};

/// The field that contains the base of an axios or ky instance.
pub(super) const BASE: &str = "\u{0}base";

/// The approximate limit for the texts that a script runs, in bytes.
const MAX_CODE: usize = 1 << 20;

/// The most values written out for one call.
const MAX_WRITTEN: usize = 2_000;

impl Run<'_> {
    /// Evaluates a call of something that the script does not define.
    pub(super) fn outside(&mut self, callee: &str, mut arguments: Vec<Sym>) -> Sym {
        let last = callee.rsplit('.').next().unwrap_or(callee).to_owned();
        if let Some(value) = self.builtin(callee, &last, &arguments) {
            return value;
        }
        // A library's default: axios.defaults.baseURL.
        let root = callee.split('.').next().unwrap_or(callee);
        if let Some(Sym::Text(base)) = self
            .fields
            .get(&format!("{root}.defaults.baseURL"))
            .cloned()
        {
            based(&base, &mut arguments);
        }
        self.sent(callee, &last, &arguments);
        if arguments.len() > 4 {
            arguments.truncate(4);
        }
        call_of(callee, arguments)
    }

    /// Evaluates a call through an instance that has its own base.
    pub(super) fn through(&mut self, instance: &Sym, name: &str, mut arguments: Vec<Sym>) -> Sym {
        if name == "extend" || name == "create" {
            return self.client(&arguments);
        }
        if let Sym::Text(base) = self.member(instance, BASE) {
            match arguments.first() {
                Some(Sym::Object(options)) => {
                    if let url @ Sym::Text(_) = self.member(&Sym::Object(*options), "url") {
                        let mut one = vec![url];
                        based(&base, &mut one);
                        let whole = one.remove(0);
                        self.spend_fields(*options, 0);
                        let mut fields = self.objects[*options].clone();
                        put(&mut fields, "url", whole);
                        arguments[0] = self.object(fields);
                    }
                }
                _ => based(&base, &mut arguments),
            }
            let callee = format!("axios.{name}");
            self.sent(&callee, name, &arguments);
        }
        Sym::Other
    }

    /// Creates an axios or ky instance.
    fn client(&mut self, arguments: &[Sym]) -> Sym {
        let options = arguments.first().cloned().unwrap_or(Sym::Other);
        let base = ["baseURL", "prefixUrl", "baseUrl", "prefix"]
            .iter()
            .find_map(|name| match self.member(&options, name) {
                Sym::Text(text) => Some(text),
                _ => None,
            });
        match base {
            Some(base) => self.object(vec![(BASE.to_owned(), Sym::Text(base))]),
            None => call_of("axios.create", arguments.to_vec()),
        }
    }

    /// Converts arguments to the values that `clients` reads, within a common limit.
    fn all_written(&mut self, arguments: &[Sym]) -> Vec<Value> {
        let mut left = MAX_WRITTEN;
        let written = arguments
            .iter()
            .map(|argument| self.written(argument, 0, &mut left))
            .collect();
        self.spend((MAX_WRITTEN - left) / 10);
        written
    }

    /// Records what a library call sends.
    pub(super) fn sent(&mut self, callee: &str, last: &str, arguments: &[Sym]) {
        if !clients::is_interesting(last) {
            return;
        }
        let written = self.all_written(arguments);
        if let Some(call) = clients::call(callee, last, &written, None) {
            self.send(unglued(call));
        } else if last == "open"
            && let [Value::Text(method), url, ..] = &written[..]
            && let Ok(method) = method.parse()
            && let Some(call) = clients::with_options(url, method, None, false)
        {
            self.request = Some((self.shown.calls.len(), Place::Text));
            self.send(unglued(call));
        }
    }

    /// Evaluates functions of the language and of browsers whose value is known.
    fn builtin(&mut self, callee: &str, last: &str, arguments: &[Sym]) -> Option<Sym> {
        let first = arguments.first().cloned().unwrap_or(Sym::Other);
        match callee {
            "encodeURIComponent" | "encodeURI" | "String" | "decodeURIComponent" => match first {
                text @ (Sym::Text(_) | Sym::Plain(_)) => Some(text),
                _ => None,
            },
            "Object.freeze" | "Object.seal" | "Promise.resolve" | "structuredClone" => Some(first),
            "Object.assign" => {
                let mut fields = Vec::new();
                for argument in arguments {
                    if let Sym::Object(at) = argument {
                        self.spend_fields(*at, fields.len());
                        if self.steps == 0 {
                            break;
                        }
                        for (name, value) in self.objects[*at].clone() {
                            put(&mut fields, &name, value);
                        }
                    }
                }
                let whole = self.object(fields);
                if let (Sym::Object(into), Sym::Object(from)) = (&first, &whole) {
                    let fields = self.objects[*from].clone();
                    self.objects[*into] = fields;
                }
                Some(whole)
            }
            "Object.defineProperty" => {
                if let [owner, Sym::Text(key), descriptor, ..] = arguments {
                    let getter = self.member(descriptor, "get");
                    let value = match getter {
                        Sym::Function(at) => {
                            self.functions[at].getter = true;
                            Sym::Function(at)
                        }
                        _ => self.member(descriptor, "value"),
                    };
                    if !matches!(value, Sym::Name(_)) {
                        self.set(owner, key, value);
                    }
                }
                Some(first)
            }
            "Object.keys" => match first {
                Sym::Object(at) => {
                    let names = self.objects[at].iter().take(MAX_EACH);
                    let names = names.map(|(name, _)| Sym::Text(name.clone())).collect();
                    Some(self.list(names))
                }
                _ => None,
            },
            "Object.values" => match first {
                Sym::Object(at) => {
                    let values = self.objects[at].iter().take(MAX_EACH);
                    let values = values.map(|(_, value)| value.clone()).collect();
                    Some(self.list(values))
                }
                _ => None,
            },
            "JSON.parse" => match first {
                Sym::Text(text) => {
                    self.code(text);
                    Some(Sym::Other)
                }
                _ => None,
            },
            "eval" | "setTimeout" | "setInterval" | "execScript" | "window.setTimeout" => {
                if let Sym::Text(text) = first {
                    self.code(text);
                }
                None
            }
            _ => self.browser(callee, last, arguments, first),
        }
    }

    fn browser(&mut self, callee: &str, last: &str, arguments: &[Sym], first: Sym) -> Option<Sym> {
        match last {
            "create" | "extend" if arguments.len() == 1 => Some(self.client(arguments)),
            "load" if callee != "load" => match first {
                // $("#x").load("/y #part")
                Sym::Text(url) => {
                    let url = url.split(' ').next().unwrap_or_default();
                    if is_url(url) {
                        self.send(Call::new(Method::Get, url, Provenance::Script));
                    }
                    Some(Sym::Other)
                }
                _ => None,
            },
            "fetchBaseQuery" => {
                if let Sym::Text(base) = self.member(&first, "baseUrl") {
                    self.query_base = base;
                }
                None
            }
            "query" | "mutation" if matches!(first, Sym::Object(_)) => {
                self.endpoint(&first);
                None
            }
            "setRequestHeader" | "send" => {
                self.request_part(last, arguments);
                None
            }
            _ => None,
        }
    }

    /// Reads an RTK Query endpoint: `b.query({query: id => "/x"})`, relative to `fetchBaseQuery`.
    fn endpoint(&mut self, definition: &Sym) {
        let Sym::Function(at) = self.member(definition, "query") else {
            return;
        };
        let answer = self.run(at, Vec::new(), None);
        let base = self.query_base.clone();
        let mut arguments = match answer {
            Sym::Object(_) => vec![self.member(&answer, "url"), answer],
            other => vec![other],
        };
        based(&base, &mut arguments);
        self.sent("fetch", "fetch", &arguments);
    }

    /// Adds headers and body to an open `XMLHttpRequest`.
    fn request_part(&mut self, last: &str, arguments: &[Sym]) {
        let Some((at, place)) = self.request else {
            return;
        };
        let written = self.all_written(arguments);
        let Some(call) = self.shown.calls.get_mut(at) else {
            return;
        };
        if last == "send" {
            call.inputs.extend(
                written
                    .first()
                    .map(|data| body(data, place))
                    .unwrap_or_default(),
            );
            self.request = None;
        } else if let [Value::Text(name), value, ..] = &written[..] {
            if name.eq_ignore_ascii_case("content-type") {
                let json = matches!(value, Value::Text(kind) if kind.contains("json"));
                self.request = Some((at, if json { Place::Json } else { Place::Form }));
            }
            call.inputs.extend(header(name, value));
        }
    }

    pub(super) fn code(&mut self, code: String) {
        let bytes: usize = self.shown.codes.iter().map(String::len).sum();
        let fits = self.shown.codes.len() < MAX_TEXTS / 20 && bytes < MAX_CODE;
        if fits && code.contains('/') {
            self.shown.codes.push(code);
        }
    }
}

/// Prepends a base to the first argument, unless that is already complete.
fn based(base: &str, arguments: &mut [Sym]) {
    if base.is_empty() {
        return;
    }
    if let Some(Sym::Text(url)) = arguments.first_mut() {
        let whole = url.contains("://")
            || url.starts_with("//")
            || url.starts_with(&format!("{}/", base.trim_end_matches('/')));
        if !whole || base == "/" {
            *url = format!(
                "{}/{}",
                base.trim_end_matches('/'),
                url.trim_start_matches('/')
            );
        }
    }
}

/// Evaluates `new URL(address, base)`.
pub(super) fn address(arguments: &[Sym]) -> Sym {
    let first = arguments.first().cloned().unwrap_or(Sym::Other);
    let mut address = vec![first];
    if let Some(Sym::Text(base)) = arguments.get(1) {
        // Whatever follows the last slash is replaced.
        if let Some((directory, _)) = base.rsplit_once('/') {
            based(directory, &mut address);
        }
    }
    match &address[0] {
        Sym::Call(_, inner) if matches!(inner.first(), Some(Sym::Text(_))) => inner[0].clone(),
        other => other.clone(),
    }
}
