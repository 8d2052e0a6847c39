//! Scripts as trees: what a program would send if it ran, as far as its text reveals it.
//!
//! Owns: parsing, and the bounds of the walk over the tree. `statements` are read in order, with what
//! is known about `variables` and about the values (`sym`) of `expressions`. A `call` leads into one of
//! the script's own `functions` or classes, or into what the `library` provides; functions and classes
//! that nothing calls are examined as well. Leaves out: which calls send (`clients.rs`), and strings by
//! themselves (`script/mod.rs`).
//!
//! The parser is tree-sitter with its TypeScript grammar, which reads JavaScript, TypeScript and JSX.
//! Scripts come from the server under test: tree-sitter does not recurse, also reads broken scripts,
//! and can be stopped. `oxc_parser` is about ten times as fast, but it recurses (100,000 nested
//! brackets need 512 MB of stack, and an overflow aborts the process) and takes quadratic memory for
//! nested `(a=` and `<a`. The walk here is bounded in depth and steps. A long script is read in pieces,
//! so that its trees are not all in memory at once.

mod call;
mod expressions;
mod functions;
mod library;
mod statements;
mod sym;
mod variables;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree};

use crate::found::Call;
use crate::surface::Place;
use functions::{Class, Function};
use sym::Sym;
use variables::Scope;

/// The longest script read in one piece: a tree takes about sixty times the bytes of its script.
const MAX_BYTES: usize = 1 << 20;

/// A piece ends after a line or statement that ends within this many bytes of its limit, or else
/// anywhere.
const MAX_LINE: usize = 16 << 10;

/// The shortest piece to read again in halves after the parser was stopped.
const MIN_BYTES: usize = 64 << 10;

/// The time after which nothing is read again in halves.
const MAX_PARSE: Duration = Duration::from_secs(6);

/// The time after which the parser is stopped. It reads a megabyte of a bundle in less than a second.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most nodes visited, counting those of a function again for each call.
const MAX_STEPS: usize = 600_000;

/// The time after which the walks over all pieces end, however few steps they took.
const MAX_WALK: Duration = Duration::from_secs(10);

/// The number of steps between two checks of the clock.
const STEPS_A_LOOK: usize = 2_000;

/// The deepest nesting of nodes.
const MAX_DEPTH: usize = 150;

/// The most texts and scripts that are kept.
const MAX_TEXTS: usize = 2_000;

/// What a program reveals.
#[derive(Default)]
pub(super) struct Program {
    /// The requests that it sends.
    pub(super) calls: Vec<Call>,
    /// Texts that it builds.
    pub(super) texts: Vec<String>,
    /// Texts that it runs as scripts.
    pub(super) codes: Vec<String>,
    /// The parser had to be stopped.
    pub(super) cut: bool,
}

/// Reads a script.
pub(super) fn program(code: &str) -> Program {
    let start = Instant::now();
    let mut shown = Program::default();
    let pieces = u32::try_from(1 + code.len() / MAX_BYTES).unwrap_or(u32::MAX);
    let mut rest = vec![code];
    while let Some(piece) = rest.pop() {
        let mut most = MAX_BYTES;
        if piece.len() <= MAX_BYTES {
            if read(piece, MAX_WALK / pieces, &mut shown).is_some() {
                continue;
            }
            // Each half is parsed faster.
            most = piece.len() / 2;
            if most < MIN_BYTES || start.elapsed() > MAX_PARSE {
                shown.cut = true;
                continue;
            }
        }
        let (first, second) = piece.split_at(piece_end(piece, most));
        rest.extend([second, first]);
    }
    shown
}

/// Returns where the first piece of a script ends, given its maximum length in bytes.
fn piece_end(code: &str, most: usize) -> usize {
    let end = code.floor_char_boundary(most);
    let line = memchr::memrchr2(b'\n', b';', &code.as_bytes()[..end]);
    line.filter(|line| end - line < MAX_LINE)
        .map_or(end, |line| line + 1)
}

/// Reads a piece; `None` if the parser had to be stopped.
fn read(code: &str, walk: Duration, shown: &mut Program) -> Option<()> {
    let start = Instant::now();
    let mut tree = parsed(code, &tree_sitter_typescript::LANGUAGE_TSX.into(), start)?;
    if tree.root_node().has_error() && code.contains('>') {
        // `<any>{page}` is a cast in TypeScript and an element in TSX.
        let plain = tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into();
        let other = parsed(code, &plain, start).filter(|tree| !tree.root_node().has_error());
        tree = other.unwrap_or(tree);
    }
    let mut run = Run::new(code, Instant::now() + walk, std::mem::take(shown));
    let top = run.scope(None, None, true);
    run.statements(tree.root_node(), top);
    run.rest();
    *shown = run.shown;
    Some(())
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

struct Run<'t> {
    code: &'t str,
    scopes: Vec<Scope>,
    objects: Vec<Vec<(String, Sym)>>,
    lists: Vec<Vec<Sym>>,
    functions: Vec<Function<'t>>,
    classes: Vec<Class<'t>>,
    /// Values assigned to fields of unknown objects: `axios.defaults.baseURL`.
    fields: BTreeMap<String, Sym>,
    returned: Vec<Sym>,
    shown: Program,
    /// The request that an `open(…)` started, and where its body goes.
    request: Option<(usize, Place)>,
    /// The base of `fetchBaseQuery`.
    query_base: String,
    steps: usize,
    depth: usize,
    /// When the walk has to end.
    end: Instant,
}

impl<'t> Run<'t> {
    fn new(code: &'t str, end: Instant, shown: Program) -> Self {
        Self {
            code,
            scopes: Vec::new(),
            objects: Vec::new(),
            lists: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            fields: BTreeMap::new(),
            returned: Vec::new(),
            shown,
            request: None,
            query_base: String::new(),
            steps: MAX_STEPS,
            depth: 0,
            end,
        }
    }

    fn text_at(&self, node: Node<'t>) -> &'t str {
        self.code.get(node.byte_range()).unwrap_or_default()
    }

    fn object(&mut self, fields: Vec<(String, Sym)>) -> Sym {
        self.objects.push(fields);
        Sym::Object(self.objects.len() - 1)
    }

    fn list(&mut self, items: Vec<Sym>) -> Sym {
        self.lists.push(items);
        Sym::List(self.lists.len() - 1)
    }

    /// Goes one step further and one level deeper; returns false if a bound is reached.
    fn enter(&mut self) -> bool {
        if self.steps == 0 || self.depth >= MAX_DEPTH {
            return false;
        }
        self.spend(1);
        self.depth += 1;
        true
    }

    /// Takes steps for whatever is copied, and checks the clock at intervals; once time is up, no steps
    /// remain.
    fn spend(&mut self, steps: usize) {
        let before = self.steps / STEPS_A_LOOK;
        self.steps = self.steps.saturating_sub(steps);
        if self.steps / STEPS_A_LOOK != before && Instant::now() > self.end {
            self.steps = 0;
        }
    }

    /// Takes steps for copying an object's fields into an object with `into` fields.
    fn spend_fields(&mut self, at: usize, into: usize) {
        let fields = &self.objects[at];
        // Each field is looked up among the existing ones.
        let each = 1 + (fields.len() + into) / 50;
        let values: usize = fields.iter().map(|(_, value)| sym::weight(value)).sum();
        self.spend(fields.len() * each + values);
    }

    /// Records a text that was built.
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
}

/// The most children visited of one node.
const MAX_CHILDREN: usize = 100_000;

/// Returns the named children of a node, up to a bound.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .take(MAX_CHILDREN)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a script, which must take only seconds.
    #[track_caller]
    fn reads(code: &str) -> Program {
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
        assert!(shown.cut || shown.calls[0].url == "/before");
        let spread = "y={...X};".repeat(20_000);
        reads(&format!("const X={{{fields}}};let y;{spread}"));
    }
}
