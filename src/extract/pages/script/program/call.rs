//! Calls: what is called, with which arguments, and what results.
//!
//! Owns: telling the script's own functions from others, the methods of texts and lists, and what `new`
//! creates. Leaves out: entering a function (`functions.rs`), and what browsers and libraries provide
//! (`library.rs`).

use tree_sitter::Node;

use super::functions::PARENT;
use super::library::{BASE, address};
use super::sym::{Sym, call_of};
use super::{MAX_TEXTS, Run, children};

/// The most bytes of a text after a replacement.
const MAX_REPLACED: usize = 16_000;

impl<'t> Run<'t> {
    /// Evaluates a call of a function of the script, a method of a value, or something unknown.
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
                // A function of the script that sends for others may be named like a library's.
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

    /// Evaluates `super(…)`: the parent class was constructed with this class's arguments; its actual
    /// arguments come second and win.
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

    /// Evaluates `new callee(arguments)`.
    pub(super) fn new_of(&mut self, node: Node<'t>, scope: usize) -> Sym {
        let Some(callee) = node.child_by_field_name("constructor") else {
            return Sym::Other;
        };
        let function = self.value(unwrapped(callee), scope);
        let mut arguments = self.arguments(node.child_by_field_name("arguments"), scope);
        match function {
            Sym::Class(at) => self.instance(at, arguments),
            Sym::Function(at) => {
                // Classes in the old style: what their prototype contains, and what they assign to
                // `this`.
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

    /// Evaluates `object.name(arguments)`.
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
                // The selector identifies the form.
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
            // A regular expression that removes slashes from the end.
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

/// Returns what is called in `(0, x.y)(…)`, `(x)(…)` and `x!(…)`.
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
