//! Sentences: names in quotes, in `snake_case`, in header style, or beside "is required".

use std::sync::LazyLock;

use regex::Regex;

use super::super::traceback::unescape;
use super::{Named, all, complains, is_name, named, pattern, push};
use crate::surface::{Place, TypeHint};

/// Text looked at in one answer.
const MAX_TEXT: usize = 64 << 10;

static KEY_ERROR: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r#"KeyError: ['"]([\w.-]{1,64})['"]"#));

static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r#"['"`‘“]([A-Za-z_][\w.-]{0,63})['"`’”]"#));

static HEADER: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b([A-Z][A-Za-z0-9]*(?:-[A-Z][A-Za-z0-9]*)+)\b"));

static SNAKE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b"));

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

/// Words of sentences that are no input's name.
const WORDS: [&str; 101] = [
    "a",
    "access",
    "all",
    "an",
    "and",
    "any",
    "api",
    "are",
    "arg",
    "argument",
    "arguments",
    "at",
    "auth",
    "authentication",
    "authorization",
    "bad",
    "be",
    "body",
    "both",
    "but",
    "by",
    "call",
    "characters",
    "content",
    "content-type",
    "cookie",
    "credentials",
    "data",
    "document",
    "either",
    "empty",
    "entry",
    "error",
    "field",
    "fields",
    "file",
    "for",
    "form",
    "format",
    "from",
    "has",
    "header",
    "headers",
    "http",
    "id",
    "in",
    "input",
    "invalid",
    "is",
    "it",
    "item",
    "items",
    "json",
    "key",
    "keys",
    "length",
    "literal",
    "login",
    "method",
    "missing",
    "must",
    "needed",
    "no",
    "not",
    "object",
    "of",
    "on",
    "one",
    "or",
    "parameter",
    "parameters",
    "params",
    "payload",
    "permission",
    "permissions",
    "property",
    "provided",
    "query",
    "request",
    "required",
    "resource",
    "schema",
    "set",
    "string",
    "that",
    "the",
    "there",
    "this",
    "to",
    "type",
    "user",
    "valid",
    "value",
    "values",
    "was",
    "were",
    "which",
    "with",
    "xml",
    "you",
    "your",
];

/// `'list' object has no attribute …`, `'int' object is not iterable`.
pub(super) fn is_python_type(word: &str) -> bool {
    const NAMES: [&str; 14] = [
        "NoneType", "ObjectId", "bool", "bytes", "dict", "float", "function", "int", "list",
        "object", "set", "str", "string", "tuple",
    ];
    NAMES.contains(&word)
}

/// Words that stand for themselves only where they are quoted.
fn is_plain_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    WORDS.binary_search(&lower.as_str()).is_ok()
}

/// Names in running text: sentences that say that something is missing, required or wrong.
pub(super) fn text(body: &str, found: &mut Vec<Named>) {
    for key in all(&KEY_ERROR, body) {
        let mut missing = named(&key[1], None, "missing");
        missing.hint = TypeHint::default();
        push(found, missing);
    }
    // Exceptions speak of the program's own names; only a KeyError's may be an input's.
    if body.contains("Traceback (most recent call last)") {
        return;
    }
    for sentence in body.split(['\n', ';']).flat_map(|line| line.split(". ")) {
        if sentence.len() > 600 || !complains(sentence) {
            continue;
        }
        self::sentence(sentence.trim(), found);
    }
}

fn sentence(sentence: &str, found: &mut Vec<Named>) {
    let place = place_of(sentence);
    let before = found.len();
    for name in all(&HEADER, sentence) {
        if !matches!(&name[1], "Content-Type" | "Content-Length" | "User-Agent") {
            push(
                found,
                named(&name[1].to_ascii_lowercase(), Some(Place::Header), sentence),
            );
        }
    }
    for name in all(&QUOTED, sentence) {
        if !name[1].contains('-') || place == Some(Place::Header) {
            push(found, named(&name[1], place, sentence));
        }
    }
    for name in all(&SNAKE, sentence) {
        push(found, named(&name[1], place, sentence));
    }
    for part in all(&SUBJECT, sentence) {
        for word in part[1].split([' ', ',']).filter(|word| !word.is_empty()) {
            if is_name(word) && !is_plain_word(word) {
                push(found, named(word, place, sentence));
            }
        }
    }
    if found.len() == before {
        for part in all(&OBJECT, sentence) {
            for word in part[1].split([' ', ',']).filter(|word| !word.is_empty()) {
                if is_name(word) && !is_plain_word(word) && word.len() > 1 {
                    push(found, named(word.trim_end_matches('.'), place, sentence));
                }
            }
        }
    }
}

pub(super) fn place_of(message: &str) -> Option<Place> {
    let lower = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["header"]) {
        Some(Place::Header)
    } else if has(&["query", "url parameter"]) {
        Some(Place::Query)
    } else if has(&["cookie"]) {
        Some(Place::Cookie)
    } else if has(&["json", "request body", "payload"]) {
        Some(Place::Json)
    } else if has(&["form field", "form data", "in the form"]) {
        Some(Place::Form)
    } else if has(&["uploaded file", "file upload"]) {
        Some(Place::Multipart)
    } else {
        None
    }
}

/// The text of a page without its tags, scripts and styles, bounded.
pub(super) fn visible_text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = ["script", "style"]
            .iter()
            .find(|name| {
                let head = rest.get(1..=name.len());
                head.is_some_and(|head| head.eq_ignore_ascii_case(name))
            })
            .and_then(|name| rest.find(&format!("</{name}")));
        if let Some(end) = end {
            rest = &rest[end..];
        }
        match rest.find('>') {
            Some(end) => rest = &rest[end + 1..],
            None => break,
        }
        text.push(' ');
        if text.len() > MAX_TEXT {
            break;
        }
    }
    text.push_str(rest.split('<').next().unwrap_or_default());
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= MAX_TEXT)
        .last()
        .unwrap_or(0);
    if text.len() > MAX_TEXT {
        text.truncate(end);
    }
    unescape(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_the_patterns_compile() {
        assert!(WORDS.is_sorted());
        for regex in [&KEY_ERROR, &QUOTED, &HEADER, &SNAKE, &SUBJECT, &OBJECT] {
            assert!(regex.is_some());
        }
    }
}
