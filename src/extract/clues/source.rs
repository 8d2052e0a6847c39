//! Python source lines: routes, prefixes, and what a view reads from its request.
//!
//! Owns: [`Book`], the lines of the application's files seen so far, and reading them. Leaves out:
//! where the lines come from (`traceback.rs`).
//!
//! Lines are matched with patterns, not parsed: a traceback shows fragments of a file, cut anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::patterns::{all, pattern};

use crate::http::Method;
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};
use crate::traceback::Frame;
use crate::words::is_csrf;

/// A route as its decorator states it, without its blueprint's prefix yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The rule, with Flask's converters: `/keys/<int:id>`.
    pub rule: String,
    /// The methods.
    pub methods: Vec<Method>,
    /// The object that the decorator belongs to: `app`, `bp`.
    pub owner: String,
    /// The view's name, if its `def` was seen.
    pub function: String,
    /// The inputs that the view reads.
    pub inputs: Vec<Input>,
    /// The file.
    pub file: String,
}

/// Everything that the source lines of the application's files reveal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The routes.
    pub routes: Vec<Route>,
    /// Blueprint prefixes by variable name: `Blueprint(…, url_prefix="/api")`.
    pub prefixes: BTreeMap<String, String>,
    /// What each function reads from the request, by file and name.
    pub reads: BTreeMap<(String, String), Vec<Input>>,
}

/// The lines of the application's files that tracebacks have shown.
#[derive(Clone, Debug, Default)]
pub struct Book {
    files: BTreeMap<String, File>,
}

#[derive(Clone, Debug, Default)]
struct File {
    lines: BTreeMap<usize, String>,
    /// The function that each line belongs to, according to the frames.
    functions: BTreeMap<usize, String>,
}

/// The most files and lines that are kept.
const MAX_FILES: usize = 200;
const MAX_LINES: usize = 20_000;

impl Book {
    /// Adds a traceback's lines; returns true if any was new.
    pub fn add(&mut self, frames: &[Frame]) -> bool {
        let mut news = false;
        for frame in frames {
            if self.files.len() >= MAX_FILES && !self.files.contains_key(&frame.file) {
                continue;
            }
            let file = self.files.entry(frame.file.clone()).or_default();
            if !frame.function.starts_with('<') {
                file.functions.insert(frame.line, frame.function.clone());
            }
            for (number, line) in &frame.source {
                if file.lines.len() < MAX_LINES && !file.lines.contains_key(number) {
                    file.lines
                        .insert(*number, line.chars().take(1_000).collect());
                    news = true;
                }
            }
        }
        news
    }

    /// Reads all lines seen so far.
    pub fn read(&self) -> Reading {
        let mut reading = Reading::default();
        for (name, file) in &self.files {
            read_file(name, file, &mut reading);
        }
        reading
    }
}

/// A function whose lines are being read.
#[derive(Default)]
struct Function {
    name: String,
    indent: usize,
    routes: Vec<Route>,
    lines: Vec<String>,
    decorated: bool,
    seen_def: bool,
}

fn read_file(name: &str, file: &File, reading: &mut Reading) {
    let mut open = Function::default();
    let mut last = None;
    for (number, line) in &file.lines {
        let gap = last.is_some_and(|last| number - last > 1);
        last = Some(*number);
        if gap {
            close(name, std::mem::take(&mut open), reading);
        }
        let code = line.trim_start();
        let indent = line.len() - code.len();
        prefixes(code, reading);
        if code.starts_with('@') || code.starts_with("def ") || code.starts_with("async def ") {
            let nested = open.seen_def && indent > open.indent;
            let orphans = !open.decorated && !open.lines.is_empty();
            if !nested && (open.seen_def || orphans) {
                close(name, std::mem::take(&mut open), reading);
            }
            if nested {
                open.lines.push(line.clone());
                continue;
            }
        } else if open.seen_def
            && indent <= open.indent
            && !code.is_empty()
            && !code.starts_with(')')
        {
            // Back at the module level.
            close(name, std::mem::take(&mut open), reading);
        }
        if code.starts_with('@') {
            open.decorated = true;
            open.routes.extend(decorator(name, code));
        } else if let Some(defined) = definition(code) {
            defined.clone_into(&mut open.name);
            open.indent = indent;
            open.seen_def = true;
        } else {
            added_rule(name, code, reading);
        }
        if let Some(function) = file.functions.get(number)
            && open.name.is_empty()
        {
            open.name.clone_from(function);
        }
        open.lines.push(line.clone());
    }
    close(name, open, reading);
}

fn close(file: &str, mut function: Function, reading: &mut Reading) {
    let inputs = accesses(&function.lines.join("\n"));
    for mut route in function.routes.drain(..) {
        route.function.clone_from(&function.name);
        route.inputs.clone_from(&inputs);
        reading.routes.push(route);
    }
    if !function.name.is_empty() && !inputs.is_empty() {
        let key = (file.to_owned(), function.name);
        reading.reads.entry(key).or_default().extend(inputs);
    }
}

fn definition(code: &str) -> Option<&str> {
    let rest = code
        .strip_prefix("async ")
        .unwrap_or(code)
        .strip_prefix("def ")?;
    rest.split('(').next().map(str::trim)
}

static ROUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?x) @ \s* ([\w.]+) \. (route|get|post|put|patch|delete|resource|expose|doc_route) \s* \( \s*
           (?:rule \s* = \s*)? [rfb]? ["']([^"'\n]*)["'] (.*)"#,
    )
});

static METHODS: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"methods\s*=\s*[\[({]([^\])}]*)"));

static ADDED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?x) ([\w.]+) \. (?:add_url_rule|add_resource) \s* \( [^"']* ["'](/[^"'\n]*)["'] (.*)"#,
    )
});

static PREFIX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?x) (\w+) \s* = \s* (?:\w+\.)? (?:API)?Blueprint \( .* url_prefix \s* = \s* ["']([^"']*)["']"#,
    )
});

static REGISTERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r#"(?x) register_blueprint \( \s* ([\w.]+) .* url_prefix \s* = \s* ["']([^"']*)["']"#)
});

fn decorator(file: &str, code: &str) -> Vec<Route> {
    all(&ROUTE, code)
        .map(|found| {
            let verb = &found[2];
            let methods = match verb.parse::<Method>() {
                Ok(method) => vec![method],
                Err(_) => listed_methods(&found[4]),
            };
            Route {
                rule: found[3].to_owned(),
                methods,
                owner: found[1].to_owned(),
                function: String::new(),
                inputs: Vec::new(),
                file: file.to_owned(),
            }
        })
        .collect()
}

/// Parses `methods=["POST"]`; without it, Flask answers GET.
fn listed_methods(rest: &str) -> Vec<Method> {
    let listed: BTreeSet<Method> = all(&METHODS, rest)
        .flat_map(|found| {
            let names = found[1].to_owned();
            names
                .split(',')
                .filter_map(|name| name.trim().trim_matches(['"', '\'']).parse().ok())
                .collect::<Vec<Method>>()
        })
        .collect();
    if listed.is_empty() {
        vec![Method::Get]
    } else {
        listed.into_iter().collect()
    }
}

fn added_rule(file: &str, code: &str, reading: &mut Reading) {
    for found in all(&ADDED, code) {
        reading.routes.push(Route {
            rule: found[2].to_owned(),
            methods: listed_methods(&found[3]),
            owner: found[1].to_owned(),
            function: String::new(),
            inputs: Vec::new(),
            file: file.to_owned(),
        });
    }
}

fn prefixes(code: &str, reading: &mut Reading) {
    for found in all(&PREFIX, code).chain(all(&REGISTERED, code)) {
        let name = found[1].rsplit('.').next().unwrap_or_default().to_owned();
        reading.prefixes.insert(name, found[2].to_owned());
    }
}

static ACCESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?x) request \. (args|form|values|headers|cookies|files|json) \s*
           (?: \[ \s* ["']([^"'\n]+)["'] \s* \]
             | \. (?:get|getlist|pop) \s* \( \s* ["']([^"'\n]+)["'] ([^)\n]*) )"#,
    )
});

static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?x) (\w+) \s* (?: : \s* [\w\[\],\s]+? )? \s* = \s* \(? \s* (?:flask\.)? request \. (get_json|json|args|form|values|headers|cookies|files|data) \b",
    )
});

static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?x) \b (\w+) (?: \[ \s* ["']([^"'\n]+)["'] \s* \]
             | \. (?:get|getlist|pop) \s* \( \s* ["']([^"'\n]+)["'] ([^)\n]*) )"#,
    )
});

static JSON_CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?x) get_json \s* \( [^)]* \) (?: \s* or \s* \{\} \s* \) )? \s*
           (?: \[ \s* ["']([^"'\n]+)["'] \s* \] | \. get \s* \( \s* ["']([^"'\n]+)["'] ([^)\n]*) )"#,
    )
});

static MEMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"["']([\w.-]+)["']\s+(?:not\s+)?in\s+(?:flask\.)?request\.(args|form|values|headers|cookies|files|json)\b"#,
    )
});

/// Returns the inputs that a piece of source code reads from the request.
pub fn accesses(code: &str) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    let text = |found: &regex::Captures<'_>, index: usize| {
        found.get(index).map_or("", |part| part.as_str()).to_owned()
    };
    for found in all(&ACCESS, code) {
        let required = found.get(2).is_some();
        let name = text(&found, if required { 2 } else { 3 });
        add(&found[1], &name, required, &text(&found, 4), &mut inputs);
    }
    for found in all(&JSON_CALL, code) {
        let required = found.get(1).is_some();
        let name = text(&found, if required { 1 } else { 2 });
        add("json", &name, required, &text(&found, 3), &mut inputs);
    }
    for found in all(&MEMBER, code) {
        add(&found[2], &found[1], false, "", &mut inputs);
    }
    let variables: BTreeMap<String, String> = all(&VARIABLE, code)
        .map(|found| (found[1].to_owned(), found[2].to_owned()))
        .collect();
    for found in all(&FIELD, code) {
        let Some(holder) = variables.get(&found[1]) else {
            continue;
        };
        let required = found.get(2).is_some();
        let name = text(&found, if required { 2 } else { 3 });
        add(holder, &name, required, &text(&found, 4), &mut inputs);
    }
    inputs
}

fn add(holder: &str, name: &str, required: bool, rest: &str, inputs: &mut Vec<Input>) {
    let places: &[Place] = match holder {
        "args" => &[Place::Query],
        "form" => &[Place::Form],
        // Flask merges both into `values`.
        "values" => &[Place::Query, Place::Form],
        "headers" => &[Place::Header],
        "cookies" => &[Place::Cookie],
        "files" => &[Place::Multipart],
        _ => &[Place::Json],
    };
    for place in places {
        if *place == Place::Header && is_transport(name) {
            continue;
        }
        let mut input = Input::new(*place, name, Provenance::Traceback);
        input.required = required && places.len() == 1;
        input.csrf = is_csrf(name);
        input.hint = hint(rest);
        if *place == Place::Multipart {
            input.hint.kind = Kind::File;
        }
        if !inputs
            .iter()
            .any(|i| i.place == input.place && i.name == input.name)
        {
            inputs.push(input);
        }
    }
}

/// Returns true for headers of the exchange itself, which no client sets as data.
fn is_transport(name: &str) -> bool {
    const NAMES: [&str; 6] = [
        "content-type",
        "content-length",
        "accept",
        "host",
        "connection",
        "transfer-encoding",
    ];
    NAMES.contains(&name.to_ascii_lowercase().as_str())
}

static CONVERTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"type\s*=\s*(int|float|bool|str)\b"));

/// Reads the `type=int` of `args.get`.
fn hint(rest: &str) -> TypeHint {
    let kind = all(&CONVERTED, rest)
        .next()
        .map(|found| found[1].to_owned());
    TypeHint {
        kind: match kind.as_deref() {
            Some("int") => Kind::Integer,
            Some("float") => Kind::Number,
            Some("bool") => Kind::Boolean,
            Some("str") => Kind::String,
            _ => Kind::Unknown,
        },
        ..TypeHint::default()
    }
}

/// Converts a Flask rule to a template, with the kinds of its converters: `/x/<int:id>` becomes
/// `/x/{id}`.
pub fn rule_to_template(rule: &str) -> (String, Vec<(String, TypeHint)>) {
    let mut template = String::new();
    let mut hints = Vec::new();
    let mut rest = rule;
    while let Some((before, after)) = rest.split_once('<') {
        template.push_str(before);
        let Some((inside, after)) = after.split_once('>') else {
            return (rule.replace(['<', '>'], ""), Vec::new());
        };
        let (converter, name) = inside.rsplit_once(':').unwrap_or(("", inside));
        let mut hint = TypeHint::default();
        match converter.split('(').next().unwrap_or_default() {
            "int" => hint.kind = Kind::Integer,
            "float" => hint.kind = Kind::Number,
            "uuid" => hint.format = Some("uuid".to_owned()),
            "regex" => {
                let quoted = between_last(converter);
                let quoted = quoted.trim_start_matches('r').trim_matches(['"', '\'']);
                if quoted == "[a-f0-9]{24}" {
                    // Eve's ids are MongoDB ids.
                    hint.format = Some("objectid".to_owned());
                }
                hint.pattern = Some(format!("^(?:{quoted})$"));
            }
            "any" => {
                let listed = between(converter);
                hint.choices = listed
                    .split(',')
                    .map(|item| item.trim().to_owned())
                    .collect();
            }
            _ => {}
        }
        template.push('{');
        template.push_str(name);
        template.push('}');
        hints.push((name.to_owned(), hint));
        rest = after;
    }
    template.push_str(rest);
    (template, hints)
}

/// Returns the text between the first opening bracket and the last closing one.
fn between_last(text: &str) -> &str {
    let inner = text.split_once('(').map_or("", |(_, inner)| inner);
    inner.rsplit_once(')').map_or(inner, |(inner, _)| inner)
}

fn between(text: &str) -> &str {
    let inner = text.split_once('(').map_or("", |(_, inner)| inner);
    inner.split_once(')').map_or(inner, |(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::super::lines;
    use super::*;

    fn book(source: &str, running: usize, function: &str) -> Reading {
        let mut book = Book::default();
        book.add(&[Frame {
            file: "app.py".to_owned(),
            line: running,
            function: function.to_owned(),
            source: source
                .lines()
                .enumerate()
                .map(|(at, line)| (at + 1, line.to_owned()))
                .collect(),
        }]);
        book.read()
    }

    #[test]
    fn every_pattern_compiles() {
        for regex in [
            &ROUTE,
            &METHODS,
            &ADDED,
            &PREFIX,
            &REGISTERED,
            &ACCESS,
            &VARIABLE,
            &FIELD,
            &JSON_CALL,
            &MEMBER,
            &CONVERTED,
        ] {
            assert!(regex.is_some());
        }
    }

    #[test]
    fn routes_and_what_their_views_read_are_found() {
        let reading = book(
            "    x = request.args['lost']\n    return x\n\n@bp.route('/k/<int:kid>', methods=['GET', 'POST'])\n@login\ndef show(kid):\n    who = request.headers.get('X-Who')\n    data = request.get_json(silent=True) or {}\n    return f(data['secret'], data.get('n', type=int), who)\n\n@app.post(\"/hidden\")\ndef hidden():\n    return request.form[\"pin\"]",
            9,
            "show",
        );
        assert_eq!(reading.routes.len(), 2);
        let show = &reading.routes[0];
        assert_eq!(
            (show.rule.as_str(), show.owner.as_str()),
            ("/k/<int:kid>", "bp")
        );
        assert_eq!(show.methods, [Method::Get, Method::Post]);
        assert_eq!(
            lines(&show.inputs),
            ["header x-who", "json secret!", "json n"]
        );
        let hidden = &reading.routes[1];
        assert_eq!(hidden.methods, [Method::Post]);
        assert_eq!(lines(&hidden.inputs), ["form pin!"]);
        let reads = &reading.reads[&("app.py".to_owned(), "show".to_owned())];
        assert_eq!(reads.len(), 3);
        assert_eq!(
            reading.reads.len(),
            2,
            "the first lines belong to nobody: {reading:#?}"
        );
    }

    #[test]
    fn a_window_that_begins_inside_the_running_function_counts_for_it() {
        let reading = book("    a = 1\n    b = request.args['q']\n    1 / 0", 3, "view");
        let reads = &reading.reads[&("app.py".to_owned(), "view".to_owned())];
        assert_eq!(lines(reads), ["query q!"]);
    }

    #[test]
    fn prefixes_and_added_rules_are_found() {
        let reading = book(
            "bp = Blueprint('x', __name__, url_prefix='/api')\napp.register_blueprint(views.adm, url_prefix=\"/adm\")\napp.add_url_rule('/added', view_func=f, methods=['PUT'])\napi.add_resource(Todo, '/todos/<tid>')",
            1,
            "<module>",
        );
        assert_eq!(reading.prefixes["bp"], "/api");
        assert_eq!(reading.prefixes["adm"], "/adm");
        assert_eq!(reading.routes[0].methods, [Method::Put]);
        assert_eq!(reading.routes[1].rule, "/todos/<tid>");
    }

    #[test]
    fn flask_converters_become_placeholders_with_types() {
        let (template, hints) = rule_to_template("/a/<int:id>/<path:rest>/<any(x, y):pick>/<name>");
        assert_eq!(template, "/a/{id}/{rest}/{pick}/{name}");
        assert_eq!(hints[0].1.kind, Kind::Integer);
        assert_eq!(hints[2].1.choices, ["x", "y"]);
        assert_eq!(rule_to_template("/a/<b").0, "/a/b");
    }

    #[test]
    fn every_way_of_reading_the_request_is_known() {
        let found = accesses(
            "a = request.values.get('v')\nif 'm' in request.args: pass\nt = request.cookies.get('c')\nf = request.files['up']\nj = (request.get_json(silent=True) or {}).get('g')\nq = request.json['jj']\nd: dict = request.json\nd['deep']\nh = request.headers['Content-Type']",
        );
        assert_eq!(
            lines(&found),
            [
                "query v",
                "form v",
                "cookie c",
                "multipart up!",
                "json jj!",
                "json g",
                "query m",
                "json deep!"
            ]
        );
    }
}
