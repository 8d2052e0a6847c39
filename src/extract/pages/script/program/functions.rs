//! Functions and classes of a program: what they are called with, and what they return.
//!
//! Owns: calling a function of the script, creating an instance of a class, and examining those that
//! the script never calls. Leaves out: functions of browsers and libraries (`library.rs`).

use tree_sitter::Node;

use super::sym::{Sym, better, put};
use super::{Run, children};

/// How deeply a function that calls itself is followed.
const MAX_ACTIVE: u8 = 2;

/// The most functions that are examined without a call.
const MAX_FUNCTIONS: usize = 5_000;

/// The field that contains the parent of an object's class.
pub(super) const PARENT: &str = "\u{0}parent";

/// A function with the scope in which it was defined.
pub(super) struct Function<'t> {
    node: Node<'t>,
    scope: usize,
    /// The value of `this`, if the function's position determines it.
    this: Option<Sym>,
    pub(super) getter: bool,
    pub(super) fields: Vec<(String, Sym)>,
    called: bool,
    active: u8,
}

/// A class.
pub(super) struct Class<'t> {
    node: Node<'t>,
    scope: usize,
    pub(super) statics: Vec<(String, Sym)>,
    made: bool,
}

impl<'t> Run<'t> {
    /// Creates a function as a value.
    pub(super) fn function(&mut self, node: Node<'t>, scope: usize, this: Option<Sym>) -> Sym {
        let getter = node.kind() == "method_definition"
            && self
                .text_at(node)
                .trim_start_matches("static ")
                .starts_with("get ");
        self.functions.push(Function {
            node,
            scope,
            this,
            getter,
            fields: Vec::new(),
            called: false,
            active: 0,
        });
        Sym::Function(self.functions.len() - 1)
    }

    /// Calls a function of the script and returns its result.
    pub(super) fn run(&mut self, at: usize, arguments: Vec<Sym>, this: Option<Sym>) -> Sym {
        if self.functions[at].active >= MAX_ACTIVE || !self.enter() {
            return Sym::Other;
        }
        self.functions[at].active += 1;
        self.functions[at].called = true;
        let node = self.functions[at].node;
        let own = self.functions[at].this.clone();
        let inner = self.scope(Some(self.functions[at].scope), this.or(own), true);
        self.parameters(node, arguments, inner);
        let before = std::mem::take(&mut self.returned);
        let value = match node.child_by_field_name("body") {
            Some(body) if body.kind() == "statement_block" => {
                self.statements(body, inner);
                let returned = std::mem::take(&mut self.returned);
                returned.into_iter().reduce(better).unwrap_or(Sym::Other)
            }
            Some(body) => self.value(body, inner),
            None => Sym::Other,
        };
        self.returned = before;
        self.functions[at].active -= 1;
        self.depth -= 1;
        value
    }

    fn parameters(&mut self, function: Node<'t>, arguments: Vec<Sym>, scope: usize) {
        let single = function.child_by_field_name("parameter");
        let listed = function.child_by_field_name("parameters").map(children);
        let all = single.map(|one| vec![one]).or(listed).unwrap_or_default();
        let mut given = arguments.into_iter();
        for parameter in all {
            let pattern = parameter.child_by_field_name("pattern");
            if pattern.is_some_and(|pattern| pattern.kind() == "this") {
                continue;
            }
            if pattern.is_some_and(|pattern| pattern.kind() == "rest_pattern") {
                let rest: Vec<Sym> = given.by_ref().collect();
                let list = self.list(rest);
                if let Some(name) = pattern.and_then(|pattern| children(pattern).first().copied()) {
                    self.bind(name, list, scope, false);
                }
                continue;
            }
            let value = given.next().unwrap_or(Sym::Other);
            self.bind(parameter, value.clone(), scope, false);
            // `constructor(private http: Client)` also defines a field.
            if let Some(name) = pattern.filter(|pattern| pattern.kind() == "identifier")
                && children(parameter)
                    .iter()
                    .any(|part| part.kind() == "accessibility_modifier")
                && let Some(Sym::Object(this)) = self.this(scope).cloned()
            {
                let name = self.text_at(name);
                put(&mut self.objects[this], name, value.or_name(name));
            }
        }
    }

    /// Creates a class as a value, and reads its static fields.
    pub(super) fn class(&mut self, node: Node<'t>, scope: usize) -> Sym {
        let at = self.classes.len();
        self.classes.push(Class {
            node,
            scope,
            statics: Vec::new(),
            made: false,
        });
        let class = Sym::Class(at);
        if let Some(name) = node.child_by_field_name("name") {
            self.declare(self.text_at(name), class.clone(), scope, false);
        }
        for part in parts(node, true) {
            let name = part
                .child_by_field_name("name")
                .or_else(|| part.child_by_field_name("property"));
            let name = name.map_or("", |name| self.text_at(name)).to_owned();
            if part.kind() == "method_definition" {
                let function = self.function(part, scope, Some(class.clone()));
                put(&mut self.classes[at].statics, &name, function);
            } else {
                let value = self.maybe(part.child_by_field_name("value"), scope);
                put(&mut self.classes[at].statics, &name, value);
            }
        }
        class
    }

    /// Evaluates `new Class(arguments)`.
    pub(super) fn instance(&mut self, at: usize, arguments: Vec<Sym>) -> Sym {
        let object = self.object(Vec::new());
        self.construct(at, arguments, &object, 0);
        object
    }

    /// Fills an object with the members of its class and the classes above it.
    pub(super) fn construct(&mut self, at: usize, arguments: Vec<Sym>, object: &Sym, above: usize) {
        if above > 8 || !self.enter() {
            return;
        }
        self.classes[at].made = true;
        let (node, outer) = (self.classes[at].node, self.classes[at].scope);
        let scope = self.scope(Some(outer), Some(object.clone()), true);
        let heritage = children(node)
            .into_iter()
            .find(|part| part.kind() == "class_heritage");
        let parent = heritage.and_then(|heritage| {
            let clause = children(heritage).first().copied()?;
            Some(clause.child_by_field_name("value").unwrap_or(clause))
        });
        let parent = self.maybe(parent, outer);
        let parts = parts(node, false);
        let mut constructor = None;
        let mut fields = Vec::new();
        if let Sym::Class(parent) = parent {
            self.construct(parent, arguments.clone(), object, above + 1);
            self.set(object, PARENT, Sym::Class(parent));
        }
        for part in parts {
            let name = part
                .child_by_field_name("name")
                .or_else(|| part.child_by_field_name("property"));
            let name = name.map_or("", |name| self.text_at(name));
            if part.kind() == "method_definition" {
                let function = self.function(part, scope, Some(object.clone()));
                if name == "constructor" {
                    constructor = Some(function);
                } else {
                    self.set(object, name, function);
                }
            } else {
                fields.push((name, part));
            }
        }
        for (name, part) in fields {
            let value = self.maybe(part.child_by_field_name("value"), scope);
            self.set(object, name, value);
        }
        if let Some(Sym::Function(constructor)) = constructor {
            self.run(constructor, arguments, Some(object.clone()));
        }
        self.depth -= 1;
    }

    /// Examines whatever the script never calls: handlers and exports.
    pub(super) fn rest(&mut self) {
        let mut at = 0;
        let mut class = 0;
        loop {
            if at < self.functions.len().min(MAX_FUNCTIONS) {
                if !self.functions[at].called {
                    self.run(at, Vec::new(), None);
                }
                at += 1;
            } else if class < self.classes.len().min(MAX_FUNCTIONS) {
                if !self.classes[class].made {
                    self.instance(class, Vec::new());
                }
                class += 1;
            } else {
                return;
            }
        }
    }
}

/// Returns the methods and fields of a class, either the static ones or the others.
fn parts(class: Node<'_>, statics: bool) -> Vec<Node<'_>> {
    let body = class
        .child_by_field_name("body")
        .map(children)
        .unwrap_or_default();
    body.into_iter()
        .filter(|part| {
            matches!(
                part.kind(),
                "method_definition" | "public_field_definition" | "field_definition"
            )
        })
        .filter(|part| {
            let mut cursor = part.walk();
            let is_static = part
                .children(&mut cursor)
                .take(6)
                .any(|word| word.kind() == "static");
            is_static == statics
        })
        .collect()
}
