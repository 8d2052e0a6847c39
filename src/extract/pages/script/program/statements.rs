//! The statements of a program, in order, each read once.
//!
//! Owns: declarations, blocks, loops. Leaves out: expressions (`expressions.rs`), functions and classes
//! (`functions.rs`).

use tree_sitter::Node;

use super::sym::{self, Sym};
use super::{Run, children};

impl<'t> Run<'t> {
    pub(super) fn statements(&mut self, block: Node<'t>, scope: usize) {
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

    pub(super) fn statement(&mut self, node: Node<'t>, scope: usize) {
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

    /// Evaluates `for (x of list)` and `for (name in object)`, for each known item, or once.
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
}
