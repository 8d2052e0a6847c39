//! Variables: what a name refers to at a given point, and what an assignment changes.
//!
//! Owns: scopes, patterns, fields of objects assigned to. Leaves out: the values (`sym.rs`).

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::super::address::{is_url, without_base};
use super::sym::{self, Sym, better};
use super::{MAX_TEXTS, Run, children};
use crate::found::Call;
use crate::http::Method;
use crate::surface::Provenance;

/// The variables of one block or function.
pub(super) struct Scope {
    variables: BTreeMap<String, Sym>,
    parent: Option<usize>,
    this: Option<Sym>,
    /// Variables declared with `var` belong here.
    function: bool,
}

impl<'t> Run<'t> {
    pub(super) fn scope(
        &mut self,
        parent: Option<usize>,
        this: Option<Sym>,
        function: bool,
    ) -> usize {
        self.scopes.push(Scope {
            variables: BTreeMap::new(),
            parent,
            this,
            function,
        });
        self.scopes.len() - 1
    }

    pub(super) fn lookup(&self, name: &str, scope: usize) -> Option<&Sym> {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get(at)) {
            if let Some(known) = scope.variables.get(name) {
                return Some(known);
            }
            at = scope.parent;
        }
        None
    }

    pub(super) fn this(&self, scope: usize) -> Option<&Sym> {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get(at)) {
            if scope.this.is_some() {
                return scope.this.as_ref();
            }
            at = scope.parent;
        }
        None
    }

    /// Assigns to the nearest variable of this name, or creates one.
    pub(super) fn assign(&mut self, name: &str, value: Sym, scope: usize) {
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
        // `u = "/x"` in one branch and `u = y` in another: the text is more useful.
        let value = match old {
            Some(old) if matches!(value, Sym::Name(_) | Sym::Other) => better(old, value),
            _ => value,
        };
        self.scopes[at].variables.insert(name.to_owned(), value);
    }

    pub(super) fn declare(&mut self, name: &str, value: Sym, scope: usize, var: bool) {
        let mut at = scope;
        while var
            && !self.scopes[at].function
            && let Some(parent) = self.scopes[at].parent
        {
            at = parent;
        }
        self.scopes[at].variables.insert(name.to_owned(), value);
    }

    /// Declares the names in a pattern, with what it takes from a value.
    pub(super) fn bind(&mut self, pattern: Node<'t>, value: Sym, scope: usize, var: bool) {
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

    /// Evaluates `left = value`.
    pub(super) fn assigned(&mut self, left: Node<'t>, value: Sym, scope: usize) {
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
            && is_url(url)
        {
            let url = without_base(url);
            self.send(Call::new(Method::Get, url, Provenance::Script));
        }
    }

    pub(super) fn set(&mut self, owner: &Sym, key: &str, value: Sym) {
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
}
