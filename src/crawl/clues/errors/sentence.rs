//! Sentences: names in quotes, in `snake_case`, in header style, or beside "is required".

use std::sync::LazyLock;

use regex::Regex;

use super::super::patterns::{all, pattern};
use super::forms::{before_values, is_code};
use super::jsonschema::{dumps, name_of};
use super::named::{Named, is_name, named, push};
use super::places::place_of;
use super::words::{complains, is_plain_word, is_python_type, speaks_of_types};
use crate::surface::{Place, TypeHint};

static KEY_ERROR: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r#"KeyError: ['"]([\w.-]{1,64})['"]"#));

/// A body, or an error value, that is a quoted name.
static BARE_KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^'([A-Za-z_][\w.-]{0,63})'$"));

/// What Python says of types: `'int' object has no attribute 'x'`, `not 'list'`, `f() missing 1 required
/// positional argument: 'y'`. The names are the program's.
static EXCEPTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?x) '[\w.]+' \s object | \b (?: not | and | got ) \s '(?:[a-z]+|NoneType)' \s* (?: $ | \) )
             | \b expected \s \w+ , \s (?: got | not ) \b
             | \b (?: positional | keyword ) \s argument | \(\) \s (?: missing | takes | got ) \s
             | unsupported \s operand | indices \s must \s be | unhashable \s type | is \s not \s (?: iterable | callable | subscriptable )",
    )
});

static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r#"['"`‘“]([A-Za-z_][\w.-]{0,63})['"`’”]"#));

static HEADER: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b([A-Z][A-Za-z0-9]*(?:-[A-Z][A-Za-z0-9]*)+)\b"));

static SNAKE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b"));

/// pydantic's `str(ValidationError)`: a field to a line, its message below.
static PYDANTIC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?m)^([A-Za-z_][\w.-]{0,63})\r?\n\s{1,4}([^\n]{1,300}?) \[type=(\w+)")
});

/// `expected int for dictionary value @ data['a'][0]`.
static VOLUPTUOUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r#"([^\n@]{1,300}?) @ data((?:\[(?:'[^'\n]{1,64}'|"[^"\n]{1,64}"|\d+)\]){1,10})"#)
});

/// `'email' is a required property - 'contact.0'`.
static CONNEXION: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^([^\n]{1,300}) - '([A-Za-z_][\w.]{0,99})'(?:$|\n)"));

static PROPERTY: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^'([\w.-]{1,64})' is a required property"));

/// `url and secret are required`, `token is missing`.
static SUBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b ([a-z_][\w.-]* (?: \s*,\s*(?:and\s+|or\s+)?[a-z_][\w.-]* | \s+(?:and|or)\s+[a-z_][\w.-]* )*)
           \s+ (?:(?:query|form|json|url|body|post|get|request|http|cookie|input) \s+)*
           (?:(?:parameter|param|field|argument|header|cookie|value|key)s? \s+)?
           (?:is|are|was|were|must\s+be|cannot\s+be|may\s+not\s+be|can't\s+be|not)
           \s+ (?:a\s+)? (required|missing|mandatory|needed|blank|empty|null|provided|invalid|not\s+provided|not\s+set)",
    )
});

/// `Missing required parameter: name`, `missing header X-Key`, `Missing token`.
static OBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b (?:missing|requires?|required|provide|invalid|expected|need) \b \s*
           (?: (?:the|a|an|your|required|mandatory|query|form|json|url|body|post|get|request|http) \s+ )*
           (?: (?:parameter|param|field|argument|arg|header|cookie|key|value|property|input|file)s? \s* )?
           [:=]? \s* ([a-z_][\w.-]*(?:\s*,\s*[a-z_][\w.-]*)*)",
    )
});

/// `Authorization` beside `header`.
static AUTHORIZATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\bauthorization['\x22`]?\s+(?:\w+\s+)?header|\bheaders?\b[^.]{0,20}\bauthorization\b",
    )
});

/// How the value of such a header begins.
static SCHEME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"\b(Basic|Bearer|Token|JWT|ApiKey)\b\s*(?:[<{\[`'\x22]|auth|scheme|token|prefix|$)")
});

/// Names in running text: sentences that say that something is missing, required or wrong.
pub(super) fn text(body: &str, found: &mut Vec<Named>) {
    for key in all(&KEY_ERROR, body) {
        let mut missing = named(&key[1], None, "missing");
        missing.hint = TypeHint::default();
        push(found, missing);
    }
    // str(KeyError) is the key in quotes and nothing else.
    if let Some(key) = all(&BARE_KEY, body.trim()).next() {
        let mut missing = named(&key[1], None, "missing");
        missing.hint = TypeHint::default();
        push(found, missing);
        return;
    }
    dumps(body, found);
    if located(body, found) {
        return;
    }
    // jsonschema's message stands before the schema that it prints.
    let body = body
        .split_once("Failed validating '")
        .map_or(body, |(message, _)| message);
    // Exceptions speak of the program's own names; only a KeyError's may be an input's.
    if body.contains("Traceback (most recent call last)") {
        return;
    }
    // "Bad Authorization header. Expected 'Authorization: Bearer …'" is one message.
    for line in body.lines().filter(|line| line.len() <= 600) {
        if complains(line)
            && let Some(header) = authorization(line)
        {
            push(found, header);
        }
    }
    let parts = body.split(['\n', ';']).flat_map(|line| line.split(". "));
    for sentence in parts.flat_map(clauses) {
        let of_types = all(&EXCEPTION, sentence).next().is_some();
        if sentence.len() > 600 || of_types || !complains(sentence) {
            continue;
        }
        self::sentence(sentence.trim(), found);
    }
}

/// Headers of an application's own (`X-…`) that a refusal names: `Send your key as X-Partner-Key.`
pub(super) fn own_headers(said: &str, found: &mut Vec<Named>) {
    for name in all(&HEADER, said) {
        let lower = name[1].to_ascii_lowercase();
        let usual = matches!(
            lower.as_str(),
            "x-forwarded-for" | "x-forwarded-proto" | "x-requested-with" | "x-request-id"
        );
        let known = found.iter().any(|named| named.name == lower);
        if lower.starts_with("x-") && !usual && !known {
            let mut header = named(&lower, Some(Place::Header), "");
            header.hint = TypeHint::default();
            push(found, header);
        }
    }
}

/// A sentence and its aside, where the aside complains by itself: flask-jwt-extended's
/// `Missing JWT in headers or cookies (Missing cookie "x"; …)`.
fn clauses(sentence: &str) -> impl Iterator<Item = &str> {
    let (first, rest) = match sentence.split_once(" (") {
        Some((first, rest)) if complains(rest) => (first, Some(rest)),
        _ => (sentence, None),
    };
    std::iter::once(first).chain(rest)
}

/// `Missing Authorization Header`, `Bad Authorization header. Expected 'Authorization: Bearer …'`.
fn authorization(sentence: &str) -> Option<Named> {
    all(&AUTHORIZATION, sentence).next()?;
    let mut named = named("authorization", Some(Place::Header), sentence);
    named.hint = TypeHint::default();
    let scheme = all(&SCHEME, sentence).next();
    let scheme = scheme.as_ref().map_or("Bearer", |found| &found[1]);
    named.prefix = format!("{scheme} ");
    if scheme == "Basic" {
        named.hint.format = Some("basic".to_owned());
    }
    Some(named)
}

fn sentence(sentence: &str, found: &mut Vec<Named>) {
    let place = place_of(sentence);
    if all(&AUTHORIZATION, sentence).next().is_some() {
        return;
    }
    let before = found.len();
    let names = before_values(sentence);
    for name in all(&HEADER, names) {
        let usual = matches!(&name[1], "Content-Type" | "Content-Length" | "User-Agent");
        if !usual && is_header(&name[1]) {
            push(
                found,
                named(&name[1].to_ascii_lowercase(), Some(Place::Header), sentence),
            );
        }
    }
    for name in all(&QUOTED, names) {
        let at = name.get(0).map_or(0, |whole| whole.start());
        if is_python_type(&name[1]) && speaks_of_types(&sentence[..at]) {
            continue;
        }
        if !name[1].contains('-') || place == Some(Place::Header) {
            push(found, named(&name[1], place, sentence));
        }
    }
    for name in all(&SNAKE, names) {
        // Where webargs and flask-jwt-extended look, not what for; or a code for programs.
        let code = is_code(&name[1]) || name[1].len() == sentence.len();
        if !code && !matches!(&name[1], "query_string" | "json_or_form") {
            push(found, named(&name[1], place, sentence));
        }
    }
    for part in all(&SUBJECT, sentence) {
        for word in words(&part[1]) {
            if is_name(word) && !is_plain_word(word) {
                push(found, plainly(named(word, place, sentence)));
            }
        }
    }
    if found.len() == before {
        for part in all(&OBJECT, sentence) {
            for word in words(&part[1]) {
                if is_name(word) && !is_plain_word(word) && word.len() > 1 {
                    push(found, plainly(named(word, place, sentence)));
                }
            }
        }
    }
}

/// True for what may be a header's name: `YYYY-MM-DD` and `E-Mail` are none.
fn is_header(name: &str) -> bool {
    let date = |part: &str| {
        let usual = matches!(part, "Mon" | "Month" | "Day" | "Year" | "Hh" | "Mm" | "Dd");
        usual || part.bytes().all(|b| b"YMDHSWT".contains(&b))
    };
    let single = |part: &str| part.len() == 1 && part != "X";
    !name.split('-').all(|part| date(part) || single(part)) && !name.split('-').any(single)
}

/// The sentences of a text that somebody wrote: no library's report, no trace.
pub(super) fn hand_written(text: &str) -> impl Iterator<Item = &str> {
    const REPORTS: [&str; 5] = [
        "[type=",
        " @ data[",
        "Failed validating",
        "On instance",
        "Traceback (most recent call last)",
    ];
    let report = REPORTS.iter().any(|mark| text.contains(mark));
    let text = if report { "" } else { text };
    let parts = text.split(['\n', ';']).flat_map(|line| line.split(". "));
    parts
        .map(str::trim)
        .filter(|sentence| all(&EXCEPTION, sentence).next().is_none())
}

/// The words of a list in a sentence, without its full stop.
fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([' ', ','])
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty())
}

/// `stops.0` as `stops[]`.
fn numbered(path: &str) -> String {
    let mut name = String::new();
    for part in path.split('.') {
        if part.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() {
            name.push_str("[]");
        } else {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(part);
        }
    }
    name
}

/// Messages that say where they are: pydantic's text, voluptuous' `@ data['a'][0]`, Connexion's ` - 'a.0'`.
/// True where it was one.
fn located(text: &str, found: &mut Vec<Named>) -> bool {
    let before = found.len();
    if text.contains("[type=") {
        for part in all(&PYDANTIC, text) {
            let mut named = named(&numbered(&part[1]), None, &part[2]);
            named.required = &part[3] == "missing";
            push(found, named);
        }
    }
    for part in all(&VOLUPTUOUS, text) {
        push(found, named(&name_of(&part[2]), None, &part[1]));
    }
    if let Some(part) = all(&CONNEXION, text).next() {
        let path = numbered(&part[2]);
        let inner = all(&PROPERTY, &part[1]).next();
        let name = inner.map_or_else(|| path.clone(), |inner| format!("{path}.{}", &inner[1]));
        if is_name(&name) {
            push(found, named(&name, None, &part[1]));
        }
    }
    found.len() > before
}

/// A name that is a word of the sentence, in no quotes and not written like a name.
fn plainly(mut named: Named) -> Named {
    named.plain = !named.name.contains(['_', '-', '.']);
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_compile() {
        for regex in [
            &KEY_ERROR,
            &QUOTED,
            &HEADER,
            &SNAKE,
            &SUBJECT,
            &OBJECT,
            &AUTHORIZATION,
            &SCHEME,
            &EXCEPTION,
            &BARE_KEY,
            &PYDANTIC,
            &VOLUPTUOUS,
            &CONNEXION,
            &PROPERTY,
        ] {
            assert!(regex.is_some());
        }
    }
}
