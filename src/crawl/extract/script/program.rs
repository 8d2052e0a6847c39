//! Scripts as trees: what a program would send if it ran, as far as its text says so.
//!
//! Owns: parsing, and walking the tree with what is known of variables, objects, functions and classes:
//! texts put together are followed through them, and every function is looked into once, whoever calls it.
//! Leaves out: which calls send (`calls.rs`), and strings by themselves (`mod.rs`).
//!
//! The parser is tree-sitter with its TypeScript grammar, which reads JavaScript, TypeScript and JSX. Scripts
//! come from the server under test: it does not recurse, it reads broken scripts too, and it can be stopped.
//! `oxc_parser` is about ten times as fast, but recurses (100,000 nested brackets need 512 MB of stack; an
//! overflow aborts the process) and takes quadratic memory for nested `(a=` and `<a`. The walk here is bounded in
//! depth and steps. Where the parser is stopped, the reader of tokens (`calls.rs`) stands in.

mod functions;
mod library;
mod sym;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree};

use super::calls;
use super::tokens::{Token, tokens};
use crate::crawl::found::Call;
use crate::http::Method;
use crate::surface::{Place, Provenance};
use functions::{Class, Function};
use sym::{Sym, better};

/// Longer scripts are read by their tokens: a tree takes some sixty times the bytes of its script.
const MAX_BYTES: usize = 1 << 20;

/// When the parser is stopped. It reads a megabyte of a bundle in less than a second.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nodes of the tree that are looked at, with those of functions that are called again.
const MAX_STEPS: usize = 600_000;

/// The walk ends after this, however few steps it took.
const MAX_WALK: Duration = Duration::from_secs(10);

/// Steps between two looks at the clock.
const STEPS_A_LOOK: usize = 2_000;

/// Nodes inside nodes, at most.
const MAX_DEPTH: usize = 150;

/// Functions that are looked into without a call.
const MAX_FUNCTIONS: usize = 5_000;

/// Texts longer than this are cut off from what is put together.
const MAX_TEXT: usize = 4_000;

/// Texts and codes kept, at most.
const MAX_TEXTS: usize = 2_000;

/// What a program shows.
#[derive(Default)]
pub(super) struct Program {
    /// The requests that it sends.
    pub(super) calls: Vec<Call>,
    /// Texts that it puts together.
    pub(super) texts: Vec<String>,
    /// Texts that it runs as scripts.
    pub(super) codes: Vec<String>,
}

/// Reads a script; `None` where it is too long or the parser had to be stopped.
pub(super) fn program(code: &str) -> Option<Program> {
    if code.len() > MAX_BYTES {
        return None;
    }
    let start = Instant::now();
    let mut tree = parsed(code, &tree_sitter_typescript::LANGUAGE_TSX.into(), start)?;
    if tree.root_node().has_error() && code.contains('>') {
        // `<any>{page}` is a cast in TypeScript and an element in TSX.
        let plain = tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into();
        let other = parsed(code, &plain, start).filter(|tree| !tree.root_node().has_error());
        tree = other.unwrap_or(tree);
    }
    let mut run = Run::new(code);
    let top = run.scope(None, None, true);
    run.statements(tree.root_node(), top);
    run.rest();
    Some(run.shown)
}

fn parsed(code: &str, language: &Language, start: Instant) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    let mut impatient = |_: &ParseState| {
        if start.elapsed() > PATIENCE {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let options = ParseOptions::new().progress_callback(&mut impatient);
    let bytes = code.as_bytes();
    parser.parse_with_options(
        &mut |at, _| bytes.get(at..).unwrap_or_default(),
        None,
        Some(options),
    )
}

/// Variables of one block or function.
struct Scope {
    variables: BTreeMap<String, Sym>,
    parent: Option<usize>,
    this: Option<Sym>,
    /// `var` is declared here.
    function: bool,
}

struct Run<'t> {
    code: &'t str,
    scopes: Vec<Scope>,
    objects: Vec<Vec<(String, Sym)>>,
    lists: Vec<Vec<Sym>>,
    functions: Vec<Function<'t>>,
    classes: Vec<Class<'t>>,
    /// What was assigned to fields of things that are not known: `axios.defaults.baseURL`.
    fields: BTreeMap<String, Sym>,
    returned: Vec<Sym>,
    shown: Program,
    /// The request that an `open(…)` began, and where its body goes.
    request: Option<(usize, Place)>,
    /// The base of `fetchBaseQuery`.
    query_base: String,
    steps: usize,
    depth: usize,
    start: Instant,
}

impl<'t> Run<'t> {
    fn new(code: &'t str) -> Self {
        Self {
            code,
            scopes: Vec::new(),
            objects: Vec::new(),
            lists: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            fields: BTreeMap::new(),
            returned: Vec::new(),
            shown: Program::default(),
            request: None,
            query_base: String::new(),
            steps: MAX_STEPS,
            depth: 0,
            start: Instant::now(),
        }
    }

    fn text_at(&self, node: Node<'t>) -> &'t str {
        self.code.get(node.byte_range()).unwrap_or_default()
    }

    fn scope(&mut self, parent: Option<usize>, this: Option<Sym>, function: bool) -> usize {
        self.scopes.push(Scope {
            variables: BTreeMap::new(),
            parent,
            this,
            function,
        });
        self.scopes.len() - 1
    }

    fn object(&mut self, fields: Vec<(String, Sym)>) -> Sym {
        self.objects.push(fields);
        Sym::Object(self.objects.len() - 1)
    }

    fn list(&mut self, items: Vec<Sym>) -> Sym {
        self.lists.push(items);
        Sym::List(self.lists.len() - 1)
    }

    fn lookup(&self, name: &str, scope: usize) -> Option<&Sym> {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get(at)) {
            if let Some(known) = scope.variables.get(name) {
                return Some(known);
            }
            at = scope.parent;
        }
        None
    }

    fn this(&self, scope: usize) -> Option<&Sym> {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get(at)) {
            if scope.this.is_some() {
                return scope.this.as_ref();
            }
            at = scope.parent;
        }
        None
    }

    /// Assigns to the variable of this name that is nearest, or makes one.
    fn assign(&mut self, name: &str, value: Sym, scope: usize) {
        let mut at = scope;
        loop {
            if self.scopes[at].variables.contains_key(name) {
                break;
            }
            match self.scopes[at].parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        let old = self.scopes[at].variables.get(name).cloned();
        // `u = "/x"` in one branch and `u = y` in another: the text is worth more.
        let value = match old {
            Some(old) if matches!(value, Sym::Name(_) | Sym::Other) => better(old, value),
            _ => value,
        };
        self.scopes[at].variables.insert(name.to_owned(), value);
    }

    fn declare(&mut self, name: &str, value: Sym, scope: usize, var: bool) {
        let mut at = scope;
        while var
            && !self.scopes[at].function
            && let Some(parent) = self.scopes[at].parent
        {
            at = parent;
        }
        self.scopes[at].variables.insert(name.to_owned(), value);
    }

    /// Names what a pattern takes out of a value.
    fn bind(&mut self, pattern: Node<'t>, value: Sym, scope: usize, var: bool) {
        if !self.enter() {
            return;
        }
        match pattern.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => {
                let name = self.text_at(pattern);
                self.declare(name, value.or_name(name), scope, var);
            }
            "required_parameter" | "optional_parameter" => {
                let given = self.or_default(value, pattern.child_by_field_name("value"), scope);
                if let Some(inner) = pattern.child_by_field_name("pattern") {
                    self.bind(inner, given, scope, var);
                }
            }
            "assignment_pattern" | "object_assignment_pattern" => {
                let given = self.or_default(value, pattern.child_by_field_name("right"), scope);
                if let Some(inner) = pattern.child_by_field_name("left") {
                    self.bind(inner, given, scope, var);
                }
            }
            "object_pattern" => {
                for part in children(pattern) {
                    let (key, inner) = match part.kind() {
                        "pair_pattern" => (
                            part.child_by_field_name("key"),
                            part.child_by_field_name("value"),
                        ),
                        "object_assignment_pattern" => {
                            (part.child_by_field_name("left"), Some(part))
                        }
                        _ => (Some(part), Some(part)),
                    };
                    if let (Some(key), Some(inner)) = (key, inner) {
                        let name = self.text_at(key).trim_matches(['"', '\'']).to_owned();
                        let field = self.member(&value, &name);
                        let field =
                            if matches!(&field, Sym::Name(_)) && !matches!(value, Sym::Name(_)) {
                                Sym::Other
                            } else {
                                field
                            };
                        self.bind(inner, field, scope, var);
                    }
                }
            }
            "array_pattern" => {
                let items = self.items(&value);
                for (at, part) in children(pattern).into_iter().enumerate() {
                    self.bind(
                        part,
                        items.get(at).cloned().unwrap_or(Sym::Other),
                        scope,
                        var,
                    );
                }
            }
            _ => {}
        }
        self.depth -= 1;
    }

    fn or_default(&mut self, value: Sym, default: Option<Node<'t>>, scope: usize) -> Sym {
        match (value, default) {
            (Sym::Other, Some(default)) => self.value(default, scope),
            (value, _) => value,
        }
    }

    /// One step further and deeper; false where that is too far.
    fn enter(&mut self) -> bool {
        if self.steps == 0 || self.depth >= MAX_DEPTH {
            return false;
        }
        self.spend(1);
        self.depth += 1;
        true
    }

    /// Takes steps for what is copied: a text of 100 KB costs as many as it takes bytes.
    fn spend(&mut self, steps: usize) {
        let before = self.steps / STEPS_A_LOOK;
        self.steps = self.steps.saturating_sub(steps);
        if self.steps / STEPS_A_LOOK != before && self.start.elapsed() > MAX_WALK {
            self.steps = 0;
        }
    }

    /// Takes steps for the fields of an object that are copied into one of so many.
    fn spend_fields(&mut self, at: usize, into: usize) {
        let fields = &self.objects[at];
        // Each is looked for among those that are there.
        let each = 1 + (fields.len() + into) / 50;
        let values: usize = fields.iter().map(|(_, value)| sym::weight(value)).sum();
        self.spend(fields.len() * each + values);
    }

    fn statements(&mut self, block: Node<'t>, scope: usize) {
        let all = children(block);
        for node in &all {
            let inner = match node.kind() {
                "export_statement" => node.child_by_field_name("declaration").unwrap_or(*node),
                _ => *node,
            };
            if matches!(
                inner.kind(),
                "function_declaration" | "generator_function_declaration"
            ) && let Some(name) = inner.child_by_field_name("name")
            {
                let function = self.function(inner, scope, None);
                self.declare(self.text_at(name), function, scope, true);
            }
        }
        for node in all {
            self.statement(node, scope);
        }
    }

    fn statement(&mut self, node: Node<'t>, scope: usize) {
        if !self.enter() {
            return;
        }
        match node.kind() {
            "statement_block" | "class_static_block" | "internal_module" | "module" => {
                let inner = self.scope(Some(scope), None, false);
                self.statements(node, inner);
            }
            "program" | "else_clause" | "switch_body" | "switch_case" | "switch_default"
            | "finally_clause" | "catch_clause" | "labeled_statement" | "try_statement"
            | "if_statement" | "while_statement" | "do_statement" | "for_statement"
            | "with_statement" | "ERROR" | "export_statement" => self.statements(node, scope),
            "lexical_declaration" | "variable_declaration" => {
                let var = node.kind() == "variable_declaration";
                for part in children(node) {
                    let Some(name) = part.child_by_field_name("name") else {
                        continue;
                    };
                    let value = part
                        .child_by_field_name("value")
                        .map_or(Sym::Other, |value| self.value(value, scope));
                    self.bind(name, value, scope, var);
                }
            }
            "class_declaration" | "abstract_class_declaration" => {
                let class = self.class(node, scope);
                if let Some(name) = node.child_by_field_name("name") {
                    self.declare(self.text_at(name), class, scope, false);
                }
            }
            "enum_declaration" => self.enumeration(node, scope),
            "return_statement" => {
                let value = children(node)
                    .first()
                    .map_or(Sym::Other, |value| self.value(*value, scope));
                self.returned.push(value);
            }
            "for_in_statement" => self.each(node, scope),
            "function_declaration"
            | "generator_function_declaration"
            | "import_statement"
            | "interface_declaration"
            | "type_alias_declaration"
            | "comment" => {}
            _ => {
                self.value(node, scope);
            }
        }
        self.depth -= 1;
    }

    fn enumeration(&mut self, node: Node<'t>, scope: usize) {
        let mut fields = Vec::new();
        for part in node
            .child_by_field_name("body")
            .map(children)
            .unwrap_or_default()
        {
            if let (Some(name), Some(value)) = (
                part.child_by_field_name("name"),
                part.child_by_field_name("value"),
            ) {
                let value = self.value(value, scope);
                fields.push((
                    self.text_at(name).trim_matches(['"', '\'']).to_owned(),
                    value,
                ));
            }
        }
        let object = self.object(fields);
        if let Some(name) = node.child_by_field_name("name") {
            self.declare(self.text_at(name), object, scope, false);
        }
    }

    /// `for (x of list)`, `for (name in object)`: for each that is known, or once.
    fn each(&mut self, node: Node<'t>, scope: usize) {
        let (Some(left), Some(right)) = (
            node.child_by_field_name("left"),
            node.child_by_field_name("right"),
        ) else {
            return;
        };
        let value = self.value(right, scope);
        let of = node
            .child_by_field_name("operator")
            .is_some_and(|word| self.text_at(word) == "of");
        let mut items = match (&value, of) {
            (Sym::Object(at), false) => self.objects[*at]
                .iter()
                .take(sym::MAX_EACH)
                .map(|(name, _)| Sym::Text(name.clone()))
                .collect(),
            (value, true) => self.items(value),
            _ => Vec::new(),
        };
        if items.is_empty() {
            items.push(Sym::Other);
        }
        for item in items {
            let inner = self.scope(Some(scope), None, false);
            self.bind(left, item, inner, false);
            if let Some(body) = node.child_by_field_name("body") {
                self.statement(body, inner);
            }
        }
    }

    /// What is known of an expression's value; the calls in it are noted on the way.
    fn value(&mut self, node: Node<'t>, scope: usize) -> Sym {
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
                    // Any of them: the first that is a text or a function.
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

    fn maybe(&mut self, node: Option<Node<'t>>, scope: usize) -> Sym {
        node.map_or(Sym::Other, |node| self.value(node, scope))
    }

    /// A string literal with its escapes read.
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

    fn template(&mut self, node: Node<'t>, scope: usize) -> Vec<Sym> {
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

    /// Operands joined by `+` without recursion along their left side; of alternatives, the better.
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

    /// Values put together into a text.
    fn joined(&mut self, parts: &[Sym]) -> Sym {
        let mut whole = String::new();
        for part in parts {
            let text = self.spoken(part);
            // A function adds a prefix only where it is missing.
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

    /// Notes a text that was put together.
    fn text(&mut self, text: &str) {
        if self.shown.texts.len() < MAX_TEXTS && text.contains('/') {
            self.shown.texts.push(text.to_owned());
        }
    }

    fn send(&mut self, call: Call) {
        if self.shown.calls.len() < MAX_TEXTS {
            self.shown.calls.push(call);
        }
    }

    /// `left = value`.
    fn assigned(&mut self, left: Node<'t>, value: Sym, scope: usize) {
        let name = match left.kind() {
            "identifier" => {
                let name = self.text_at(left);
                self.assign(name, value.clone(), scope);
                name
            }
            "member_expression" | "subscript_expression" => {
                let object = left.child_by_field_name("object");
                let key = match left.kind() {
                    "member_expression" => left
                        .child_by_field_name("property")
                        .map_or("", |name| self.text_at(name)),
                    _ => left
                        .child_by_field_name("index")
                        .filter(|index| index.kind() == "string")
                        .map_or("", |index| self.text_at(index).trim_matches(['"', '\''])),
                };
                let owner = self.maybe(object, scope);
                match (&owner, object) {
                    // A URL is changed in place.
                    (Sym::Call(name, _), Some(object))
                        if name == "URL" && object.kind() == "identifier" && key == "pathname" =>
                    {
                        self.assign(self.text_at(object), value.clone(), scope);
                    }
                    _ => self.set(&owner, key, value.clone()),
                }
                key
            }
            "object_pattern" | "array_pattern" => {
                self.bind(left, value, scope, false);
                return;
            }
            _ => return,
        };
        if matches!(name, "location" | "href" | "action" | "src" | "pathname")
            && let Sym::Text(url) = &value
            && calls::is_url(url)
        {
            let url = calls::without_base(url);
            self.send(Call::new(Method::Get, url, Provenance::Script));
        }
    }

    fn set(&mut self, owner: &Sym, key: &str, value: Sym) {
        match owner {
            Sym::Object(at) => {
                self.spend(self.objects[*at].len() / 50);
                sym::put(&mut self.objects[*at], key, value);
            }
            Sym::Function(at) => sym::put(&mut self.functions[*at].fields, key, value),
            Sym::Class(at) => sym::put(&mut self.classes[*at].statics, key, value),
            Sym::Name(name) if self.fields.len() < MAX_TEXTS => {
                self.fields.insert(format!("{name}.{key}"), value);
            }
            _ => {}
        }
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

    /// `{path: "/a", children: [{path: "b"}]}`: a table of routes.
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

/// The named children of a node, up to a bound.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .take(MAX_CHILDREN)
        .collect()
}

/// Children of one node that are looked at.
const MAX_CHILDREN: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a script within seconds; `None` where the parser had no patience.
    #[track_caller]
    fn reads(code: &str) -> Option<Program> {
        let start = Instant::now();
        let shown = program(code);
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
        shown
    }

    #[test]
    fn a_long_text_that_is_copied_without_end_is_bounded() {
        let text = "x".repeat(100_000);
        reads(&format!(
            "const s='{text}';const a=[{}];",
            "s,".repeat(60_000)
        ));
        reads(&format!(
            "let s='/{}';{}",
            "a".repeat(1_000),
            "s=s.replaceAll('a',s);".repeat(30)
        ));
        reads(&format!(
            "let a=f(1);{}fetch('/end')",
            "a=f(a,a,a,a);".repeat(40)
        ));
    }

    #[test]
    fn objects_that_are_copied_without_end_are_bounded() {
        let fields: String = (0..5_000).fold(String::new(), |text, n| text + &format!("f{n}:1,"));
        let copies = "Object.assign({},X);".repeat(20_000);
        let shown = reads(&format!("fetch('/before');const X={{{fields}}};{copies}"));
        assert!(shown.is_none_or(|shown| shown.calls[0].url == "/before"));
        let spread = "y={...X};".repeat(20_000);
        reads(&format!("const X={{{fields}}};let y;{spread}"));
    }
}
