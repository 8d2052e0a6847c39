//! Expressions: what is known about a value, as far as the text reveals it.
//!
//! Owns: texts built from parts, object and list literals, tables of routes. Leaves out: calls
//! (`call.rs`), and what a name refers to (`variables.rs`).

use tree_sitter::Node;

use super::super::tokens::{Token, tokens};
use super::sym::{self, Sym, better};
use super::{Run, children};

/// The longest text that is built; parts beyond it are left out.
const MAX_TEXT: usize = 4_000;

impl<'t> Run<'t> {
    /// Returns what is known about an expression's value, and records the calls in it.
    pub(super) fn value(&mut self, node: Node<'t>, scope: usize) -> Sym {
        if !self.enter() {
            return Sym::Other;
        }
        let value = self.value_of(node, scope);
        self.spend(sym::weight(&value));
        self.depth -= 1;
        value
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    fn value_of(&mut self, node: Node<'t>, scope: usize) -> Sym {
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "string" => Sym::Text(self.literal(node)),
            "template_string" => {
                let parts = self.template(node, scope);
                self.joined(&parts)
            }
            "number" | "true" | "false" => Sym::Plain(self.text_at(node).to_owned()),
            "regex" => Sym::Name(format!("\u{0}{}", self.text_at(node))),
            "identifier" | "shorthand_property_identifier" => {
                let name = self.text_at(node);
                self.lookup(name, scope)
                    .cloned()
                    .unwrap_or_else(|| Sym::Name(name.to_owned()))
            }
            "this" => self
                .this(scope)
                .cloned()
                .unwrap_or(Sym::Name("this".to_owned())),
            "parenthesized_expression"
            | "await_expression"
            | "non_null_expression"
            | "as_expression"
            | "satisfies_expression"
            | "expression_statement"
            | "yield_expression"
            | "instantiation_expression" => children(node)
                .first()
                .map_or(Sym::Other, |inner| self.value(*inner, scope)),
            "binary_expression" => self.binary(node, scope),
            "ternary_expression" => {
                self.maybe(field("condition"), scope);
                let first = self.maybe(field("consequence"), scope);
                let second = self.maybe(field("alternative"), scope);
                better(first, second)
            }
            "assignment_expression" => {
                let value = self.maybe(field("right"), scope);
                if let Some(left) = field("left") {
                    self.assigned(left, value.clone(), scope);
                }
                value
            }
            "augmented_assignment_expression" => {
                let value = self.maybe(field("right"), scope);
                let Some(left) = field("left") else {
                    return value;
                };
                let old = self.value(left, scope);
                let plus = field("operator").is_some_and(|word| self.text_at(word) == "+=");
                let whole = if plus {
                    self.joined(&[old, value])
                } else {
                    better(old, value)
                };
                self.assigned(left, whole.clone(), scope);
                whole
            }
            "member_expression" => {
                let object = self.maybe(field("object"), scope);
                let name = field("property").map_or("", |name| self.text_at(name));
                self.member(&object, name)
            }
            "subscript_expression" => {
                let object = self.maybe(field("object"), scope);
                let index = self.maybe(field("index"), scope);
                match &index {
                    Sym::Text(name) | Sym::Plain(name) => self.member(&object, name),
                    // Any of the fields: the first one.
                    _ => match object {
                        Sym::Object(at) => {
                            let all = self.objects[at].iter().map(|(_, value)| value.clone());
                            all.take(1).next().unwrap_or(Sym::Other)
                        }
                        _ => Sym::Other,
                    },
                }
            }
            "call_expression" => self.call(node, scope),
            "new_expression" => self.new_of(node, scope),
            "object" => self.object_of(node, scope),
            "array" => {
                let mut items = Vec::new();
                for part in children(node) {
                    let value = self.value(part, scope);
                    if part.kind() == "spread_element" {
                        items.extend(self.items(&value));
                    } else {
                        items.push(value);
                    }
                }
                self.list(items)
            }
            "spread_element" => children(node)
                .first()
                .map_or(Sym::Other, |inner| self.value(*inner, scope)),
            "arrow_function" | "function_expression" | "generator_function" => {
                self.function(node, scope, None)
            }
            "class" => self.class(node, scope),
            "sequence_expression" => {
                let mut last = Sym::Other;
                for part in children(node) {
                    last = self.value(part, scope);
                }
                last
            }
            "null" | "undefined" | "type_annotation" | "type_arguments" | "comment" => Sym::Other,
            _ => {
                for part in children(node) {
                    self.statement(part, scope);
                }
                Sym::Other
            }
        }
    }

    pub(super) fn maybe(&mut self, node: Option<Node<'t>>, scope: usize) -> Sym {
        node.map_or(Sym::Other, |node| self.value(node, scope))
    }

    /// Returns a string literal with its escapes decoded.
    fn literal(&self, node: Node<'t>) -> String {
        let written = self.text_at(node);
        if !written.contains('\\') {
            let inner = written.get(1..written.len().saturating_sub(1));
            return inner.unwrap_or_default().to_owned();
        }
        match tokens(written).0.into_iter().next() {
            Some(Token::Text(text)) => text,
            _ => String::new(),
        }
    }

    pub(super) fn template(&mut self, node: Node<'t>, scope: usize) -> Vec<Sym> {
        let mut parts = Vec::new();
        let mut at = node.start_byte() + 1;
        for part in children(node) {
            let between = self.code.get(at..part.start_byte()).unwrap_or_default();
            if !between.is_empty() {
                parts.push(Sym::Text(between.to_owned()));
            }
            at = part.end_byte();
            match part.kind() {
                "template_substitution" => {
                    let inner = children(part).first().copied();
                    parts.push(self.maybe(inner, scope));
                }
                "escape_sequence" => {
                    let text = format!("'{}'", self.text_at(part));
                    if let Some(Token::Text(text)) = tokens(&text).0.into_iter().next() {
                        parts.push(Sym::Text(text));
                    }
                }
                _ => parts.push(Sym::Text(self.text_at(part).to_owned())),
            }
        }
        parts
    }

    /// Joins operands of `+` without recursing along their left side; for alternatives, returns the
    /// better one.
    fn binary(&mut self, node: Node<'t>, scope: usize) -> Sym {
        let operator = |node: Node<'t>| {
            node.child_by_field_name("operator").map_or("", |word| {
                self.code.get(word.byte_range()).unwrap_or_default()
            })
        };
        let kind = operator(node);
        let mut operands = Vec::new();
        let mut at = node;
        while at.kind() == "binary_expression" && operator(at) == kind {
            operands.extend(at.child_by_field_name("right"));
            match at.child_by_field_name("left") {
                Some(left) => at = left,
                None => break,
            }
        }
        operands.push(at);
        operands.reverse();
        let values: Vec<Sym> = operands
            .into_iter()
            .map(|operand| self.value(operand, scope))
            .collect();
        match kind {
            "+" => self.joined(&values),
            "||" | "??" => values.into_iter().reduce(better).unwrap_or(Sym::Other),
            "&&" => values.into_iter().next_back().unwrap_or(Sym::Other),
            _ => Sym::Other,
        }
    }

    /// Joins values into a text.
    pub(super) fn joined(&mut self, parts: &[Sym]) -> Sym {
        let mut whole = String::new();
        for part in parts {
            let text = self.spoken(part);
            // A function adds a prefix only if it is missing.
            let complete = whole.starts_with('/')
                && !whole.contains('{')
                && text
                    .strip_prefix(whole.trim_end_matches('/'))
                    .is_some_and(|rest| rest.starts_with('/'));
            if complete {
                whole.clear();
            }
            if whole.len() + text.len() <= MAX_TEXT {
                whole.push_str(&text);
            }
        }
        if parts.len() > 1 {
            self.text(&whole);
        }
        Sym::Text(whole)
    }

    fn object_of(&mut self, node: Node<'t>, scope: usize) -> Sym {
        let object = self.object(Vec::new());
        let Sym::Object(at) = object else {
            return object;
        };
        for part in children(node) {
            match part.kind() {
                "pair" => {
                    let Some(key) = part.child_by_field_name("key") else {
                        continue;
                    };
                    let name = if key.kind() == "computed_property_name" {
                        let inner = children(key).first().copied();
                        {
                            let key = self.maybe(inner, scope);
                            self.spoken(&key)
                        }
                    } else {
                        self.text_at(key).trim_matches(['"', '\'']).to_owned()
                    };
                    let value = self.maybe(part.child_by_field_name("value"), scope);
                    self.objects[at].push((name, value));
                }
                "shorthand_property_identifier" => {
                    let value = self.value(part, scope);
                    let name = self.text_at(part).to_owned();
                    self.objects[at].push((name, value));
                }
                "method_definition" => {
                    let name = part
                        .child_by_field_name("name")
                        .map_or("", |name| self.text_at(name));
                    let function = self.function(part, scope, Some(Sym::Object(at)));
                    self.objects[at].push((name.to_owned(), function));
                }
                "spread_element" => {
                    let value = self.value(part, scope);
                    if let Sym::Object(other) = value
                        && other != at
                    {
                        let fields = self.objects[other].iter().take(200);
                        let fields: Vec<(String, Sym)> = fields.cloned().collect();
                        self.spend(fields.iter().map(|(_, value)| 1 + sym::weight(value)).sum());
                        for (name, value) in fields {
                            sym::put(&mut self.objects[at], &name, value);
                        }
                    }
                }
                _ => {}
            }
        }
        self.routes(at, "", 0);
        Sym::Object(at)
    }

    /// Reads a table of routes: `{path: "/a", children: [{path: "b"}]}`.
    fn routes(&mut self, at: usize, above: &str, depth: usize) {
        let field = |name: &str| {
            let fields = self.objects[at].iter();
            fields
                .rev()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        let Some(Sym::Text(path)) = field("path") else {
            return;
        };
        let children = field("children").or_else(|| field("routes"));
        let whole = if path.starts_with('/') {
            path
        } else {
            format!("{}/{path}", above.trim_end_matches('/'))
        };
        if depth > 0 {
            self.text(&whole);
        }
        if let Some(children) = children
            && depth < 6
        {
            for child in self.items(&children) {
                if let Sym::Object(child) = child {
                    self.routes(child, &whole, depth + 1);
                }
            }
        }
    }
}
