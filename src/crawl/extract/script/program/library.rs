//! Calls: of the script's own functions, and of what browsers and libraries bring.
//!
//! Owns: texts and lists changed by their methods, instances of axios and ky with their base, `XMLHttpRequest`,
//! `FormData`. Leaves out: how a call of a library becomes a request (`calls.rs`).

use tree_sitter::Node;

use super::super::calls;
use super::super::payload::{body, header};
use super::functions::PARENT;
use super::sym::{MAX_EACH, Sym, call_of};
use super::{MAX_TEXTS, Run, children};
use crate::crawl::extract::script::value::Value;
use crate::crawl::found::Call;
use crate::http::Method;
use crate::surface::{Place, Provenance};

/// The field that holds the base of an axios or ky instance.
const BASE: &str = "\u{0}base";

/// Bytes of a text in which something was replaced, at most.
const MAX_REPLACED: usize = 16_000;

/// Bytes of the texts that a script runs, about.
const MAX_CODE: usize = 1 << 20;

/// Values written out for one call, at most.
const MAX_WRITTEN: usize = 2_000;

impl<'t> Run<'t> {
    pub(super) fn call(&mut self, node: Node<'t>, scope: usize) -> Sym {
        let Some(callee) = node.child_by_field_name("function") else {
            return Sym::Other;
        };
        let given = node.child_by_field_name("arguments");
        if let Some(template) = given.filter(|given| given.kind() == "template_string") {
            // fetch`…`, String.raw`…`
            let parts = self.template(template, scope);
            return self.joined(&parts);
        }
        let callee = unwrapped(callee);
        if callee.kind() == "member_expression" || callee.kind() == "subscript_expression" {
            let object = self.maybe(callee.child_by_field_name("object"), scope);
            let arguments = self.arguments(given, scope);
            let name = match callee.child_by_field_name("property") {
                Some(name) => self.text_at(name).to_owned(),
                None => {
                    let index = self.maybe(callee.child_by_field_name("index"), scope);
                    self.spoken(&index)
                }
            };
            return self.method(&object, &name, arguments);
        }
        if callee.kind() == "super" {
            let arguments = self.arguments(given, scope);
            return self.again(arguments, scope);
        }
        let function = if callee.kind() == "import" {
            Sym::Name("import".to_owned())
        } else {
            self.value(callee, scope)
        };
        let arguments = self.arguments(given, scope);
        match function {
            Sym::Function(at) => {
                // What sends for others may be named like a library's.
                self.run(at, arguments, None)
            }
            Sym::Object(_) => self.through(&function, "request", arguments),
            Sym::Name(name) => self.outside(&name, arguments),
            _ => Sym::Other,
        }
    }

    fn arguments(&mut self, given: Option<Node<'t>>, scope: usize) -> Vec<Sym> {
        let mut arguments = Vec::new();
        for part in given.map(children).unwrap_or_default() {
            if part.kind() == "comment" {
                continue;
            }
            let value = self.value(part, scope);
            if part.kind() == "spread_element" {
                arguments.extend(self.items(&value));
            } else {
                arguments.push(value);
            }
        }
        arguments
    }

    /// `super(…)`: the class above was constructed with the arguments of this one; what it was really
    /// given comes second and wins.
    fn again(&mut self, arguments: Vec<Sym>, scope: usize) -> Sym {
        let Some(this @ Sym::Object(_)) = self.this(scope).cloned() else {
            return Sym::Other;
        };
        let known = self.member(&this, PARENT);
        if let Sym::Class(parent) = known {
            self.construct(parent, arguments, &this, 1);
        }
        Sym::Other
    }

    /// `object.name(arguments)`.
    fn method(&mut self, object: &Sym, name: &str, arguments: Vec<Sym>) -> Sym {
        match object {
            Sym::Text(text) => return self.text_method(text, name, &arguments),
            Sym::List(at) => return self.list_method(*at, name, &arguments),
            Sym::Function(at) => match name {
                "call" => {
                    let mut all = arguments.into_iter();
                    let this = all.next();
                    return self.run(*at, all.collect(), this);
                }
                "apply" => {
                    let given = arguments.get(1).cloned().unwrap_or(Sym::Other);
                    let items = self.items(&given);
                    return self.run(*at, items, arguments.into_iter().next());
                }
                "bind" => return object.clone(),
                _ => {}
            },
            Sym::Call(callee, inner) => {
                if matches!(callee.as_str(), "FormData" | "URLSearchParams")
                    && matches!(name, "append" | "set")
                    && let (Some(fields), [Sym::Text(key), rest @ ..]) =
                        (inner.first(), &arguments[..])
                {
                    let value = rest.first().cloned().unwrap_or(Sym::Other);
                    self.set(fields, key, value);
                    return Sym::Other;
                }
                // The selector tells which form.
                if matches!(callee.as_str(), "$" | "jQuery")
                    && matches!(name, "serialize" | "serializeArray")
                {
                    return Sym::Call(format!("$.{name}"), inner.clone());
                }
                if callee == "URL" && matches!(name, "toString" | "toJSON") {
                    return inner.first().cloned().unwrap_or(Sym::Other);
                }
            }
            _ => {}
        }
        if let Sym::Object(_) = object {
            match self.member(object, name) {
                Sym::Function(at) => return self.run(at, arguments, Some(object.clone())),
                found @ Sym::Object(_) => return self.through(&found, "request", arguments),
                _ => {}
            }
            if matches!(self.member(object, BASE), Sym::Text(_)) {
                return self.through(object, name, arguments);
            }
        } else if matches!(object, Sym::Function(_) | Sym::Class(_))
            && let Sym::Function(at) = self.member(object, name)
        {
            return self.run(at, arguments, Some(object.clone()));
        }
        let owner = match object {
            Sym::Name(owner) => owner.clone(),
            Sym::Call(callee, _) => callee.clone(),
            Sym::Object(_) => "object".to_owned(),
            _ => "value".to_owned(),
        };
        if let Some(Sym::Function(at)) = self.fields.get(&format!("{owner}.{name}")).cloned() {
            return self.run(at, arguments, Some(object.clone()));
        }
        self.outside(&format!("{owner}.{name}"), arguments)
    }

    /// A call of what the script does not define.
    fn outside(&mut self, callee: &str, mut arguments: Vec<Sym>) -> Sym {
        let last = callee.rsplit('.').next().unwrap_or(callee).to_owned();
        if let Some(value) = self.builtin(callee, &last, &arguments) {
            return value;
        }
        // A library's defaults: axios.defaults.baseURL.
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

    /// A call through an instance that has a base of its own.
    fn through(&mut self, instance: &Sym, name: &str, mut arguments: Vec<Sym>) -> Sym {
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
                        super::sym::put(&mut fields, "url", whole);
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

    /// An instance of axios or ky.
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

    /// Arguments as the readers of calls take them, together within what may be written.
    fn all_written(&mut self, arguments: &[Sym]) -> Vec<Value> {
        let mut left = MAX_WRITTEN;
        let written = arguments
            .iter()
            .map(|argument| self.written(argument, 0, &mut left))
            .collect();
        self.spend((MAX_WRITTEN - left) / 10);
        written
    }

    /// Notes what a library's call sends.
    fn sent(&mut self, callee: &str, last: &str, arguments: &[Sym]) {
        if !calls::is_interesting(last) {
            return;
        }
        let written = self.all_written(arguments);
        if let Some(call) = calls::call(callee, last, &written, None) {
            self.send(calls::unglued(call));
        } else if last == "open"
            && let [Value::Text(method), url, ..] = &written[..]
            && let Ok(method) = method.parse()
            && let Some(call) = calls::with_options(url, method, None, false)
        {
            self.request = Some((self.shown.calls.len(), Place::Text));
            self.send(calls::unglued(call));
        }
    }

    /// Functions of the language and of browsers whose value is known.
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
                            super::sym::put(&mut fields, &name, value);
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
                    if calls::is_url(url) {
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

    /// RTK Query: `b.query({query: id => "/x"})`, relative to `fetchBaseQuery`.
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

    /// Headers and body of an `XMLHttpRequest` that was opened.
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

    fn code(&mut self, code: String) {
        let bytes: usize = self.shown.codes.iter().map(String::len).sum();
        let fits = self.shown.codes.len() < MAX_TEXTS / 20 && bytes < MAX_CODE;
        if fits && code.contains('/') {
            self.shown.codes.push(code);
        }
    }

    pub(super) fn new_of(&mut self, node: Node<'t>, scope: usize) -> Sym {
        let Some(callee) = node.child_by_field_name("constructor") else {
            return Sym::Other;
        };
        let function = self.value(unwrapped(callee), scope);
        let mut arguments = self.arguments(node.child_by_field_name("arguments"), scope);
        match function {
            Sym::Class(at) => self.instance(at, arguments),
            Sym::Function(at) => {
                // Old classes: what their prototype has, and what they assign to `this`.
                let prototype = self.member(&function, "prototype");
                let mut fields = match prototype {
                    Sym::Object(at) => {
                        self.spend_fields(at, 0);
                        self.objects[at].clone()
                    }
                    _ => Vec::new(),
                };
                self.spend(self.fields.len() / 50);
                let start = "prototype.";
                let named = self.fields.iter().filter_map(|(name, value)| {
                    Some((name.strip_prefix(start)?.to_owned(), value.clone()))
                });
                fields.extend(named);
                let object = self.object(fields);
                self.run(at, arguments, Some(object.clone()));
                object
            }
            Sym::Name(name) => match name.rsplit('.').next().unwrap_or(&name) {
                "URL" => call_of("URL", vec![address(&arguments)]),
                kind @ ("FormData" | "URLSearchParams") => {
                    if !matches!(arguments.first(), Some(Sym::Object(_) | Sym::Text(_))) {
                        arguments.insert(0, Sym::Object(self.objects.len()));
                        self.objects.push(Vec::new());
                    }
                    call_of(kind, arguments)
                }
                "Function" => {
                    if let Some(Sym::Text(code)) = arguments.last().cloned() {
                        self.code(code);
                    }
                    Sym::Other
                }
                "Request" => {
                    self.sent("fetch", "fetch", &arguments);
                    call_of("Request", arguments)
                }
                _ => self.outside(&name, arguments),
            },
            _ => Sym::Other,
        }
    }

    fn text_method(&mut self, text: &str, name: &str, arguments: &[Sym]) -> Sym {
        match (name, arguments) {
            ("concat", parts) => {
                let mut all = vec![Sym::Text(text.to_owned())];
                all.extend_from_slice(parts);
                self.joined(&all)
            }
            ("replace" | "replaceAll", [Sym::Text(from), Sym::Text(to), ..])
                if !from.is_empty() =>
            {
                let most = if name == "replace" { 1 } else { 50 };
                let times = text.matches(from.as_str()).take(most).count();
                if text.len() + times * to.len() > MAX_REPLACED {
                    return Sym::Text(text.to_owned());
                }
                let whole = text.replacen(from.as_str(), to, most);
                self.text(&whole);
                Sym::Text(whole)
            }
            // A regular expression that takes slashes off the end.
            ("replace", [Sym::Name(pattern), Sym::Text(to), ..])
                if to.is_empty()
                    && pattern.starts_with('\u{0}')
                    && pattern.contains('/')
                    && pattern.contains('$') =>
            {
                Sym::Text(text.trim_end_matches('/').to_owned())
            }
            ("trim" | "toString" | "valueOf" | "normalize" | "replace", _) => {
                Sym::Text(text.to_owned())
            }
            ("toLowerCase", _) => Sym::Text(text.to_lowercase()),
            ("toUpperCase", _) => Sym::Text(text.to_uppercase()),
            ("split", [Sym::Text(by), ..]) if !by.is_empty() => {
                let parts = text.split(by.as_str()).take(200);
                let parts = parts.map(|part| Sym::Text(part.to_owned())).collect();
                self.list(parts)
            }
            _ => Sym::Other,
        }
    }

    fn list_method(&mut self, at: usize, name: &str, arguments: &[Sym]) -> Sym {
        let list = Sym::List(at);
        match (name, arguments) {
            ("join", [Sym::Text(by), ..]) => {
                let mut parts = Vec::new();
                for item in self.items(&list) {
                    if !parts.is_empty() {
                        parts.push(Sym::Text(by.clone()));
                    }
                    parts.push(item);
                }
                self.joined(&parts)
            }
            ("push" | "unshift", items) => {
                if self.lists[at].len() < MAX_TEXTS {
                    self.lists[at].extend_from_slice(items);
                }
                Sym::Other
            }
            ("concat", others) => {
                let mut all = self.items(&list);
                for other in others {
                    all.extend(self.items(other));
                }
                self.list(all)
            }
            (
                "map" | "forEach" | "flatMap" | "filter" | "some" | "every" | "find" | "reduce",
                [Sym::Function(function), ..],
            ) => {
                let mut results = Vec::new();
                for item in self.items(&list) {
                    results.push(self.run(*function, vec![item], None));
                }
                if matches!(name, "map" | "flatMap") {
                    self.list(results)
                } else {
                    list
                }
            }
            ("reverse" | "sort" | "slice" | "filter" | "flat", _) => list,
            _ => Sym::Other,
        }
    }
}

/// The first argument as a URL under a base, unless it is whole by itself.
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

/// `(0, x.y)(…)`, `(x)(…)`, `x!(…)`: what is called.
fn unwrapped(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while matches!(
        node.kind(),
        "parenthesized_expression"
            | "sequence_expression"
            | "non_null_expression"
            | "as_expression"
    ) {
        let inner = children(node);
        let next = if node.kind() == "as_expression" {
            inner.first()
        } else {
            inner.last()
        };
        match next {
            Some(next) => node = *next,
            None => break,
        }
    }
    node
}

/// `new URL(address, base)`.
fn address(arguments: &[Sym]) -> Sym {
    let first = arguments.first().cloned().unwrap_or(Sym::Other);
    let mut address = vec![first];
    if let Some(Sym::Text(base)) = arguments.get(1) {
        // What stands behind the last slash is replaced.
        if let Some((directory, _)) = base.rsplit_once('/') {
            based(directory, &mut address);
        }
    }
    match &address[0] {
        Sym::Call(_, inner) if matches!(inner.first(), Some(Sym::Text(_))) => inner[0].clone(),
        other => other.clone(),
    }
}
