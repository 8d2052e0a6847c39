//! The words of error messages: which complain, which are a sentence's own and name no input.
//!
//! Owns: the lists. Leaves out: finding names beside them (`sentence.rs`, `json.rs`).

/// True for a message that complains about what was sent.
pub(super) fn complains(message: &str) -> bool {
    const WORDS: [&str; 17] = [
        "missing",
        "required",
        "invalid",
        "must ",
        "not a valid",
        "should ",
        "expected",
        "cannot be",
        "can't be",
        "may not",
        "shorter",
        "longer",
        "not allowed",
        "unknown field",
        "is a required",
        "not provided",
        "unallowed",
    ];
    let lower = message.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// The same as [`complains`], and messages that complain only where they stand beside a field's name.
pub(super) fn complains_of_a_field(message: &str) -> bool {
    const WORDS: [&str; 16] = [
        "between",
        "choice",
        "could not convert",
        "does not match",
        "greater than",
        "is not one of",
        "is too long",
        "is too short",
        "less than",
        "max length",
        "max value",
        "min length",
        "min value",
        "not a ",
        "of type",
        "within the range",
    ];
    let lower = message.to_ascii_lowercase();
    complains(message) || WORDS.iter().any(|word| lower.contains(word))
}

/// Words of sentences that are no input's name.
const WORDS: [&str; 102] = [
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
    "jwt",
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

/// Words that stand for themselves only where they are quoted.
pub(super) fn is_plain_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    WORDS.binary_search(&lower.as_str()).is_ok()
}

/// `'list' object has no attribute …`, `'int' object is not iterable`.
pub(super) fn is_python_type(word: &str) -> bool {
    const NAMES: [&str; 35] = [
        "Decimal",
        "ImmutableMultiDict",
        "Markup",
        "MultiDict",
        "NoneType",
        "None",
        "ObjectId",
        "Response",
        "True",
        "False",
        "array",
        "bool",
        "boolean",
        "bytearray",
        "bytes",
        "complex",
        "date",
        "datetime",
        "dict",
        "float",
        "frozenset",
        "function",
        "generator",
        "int",
        "integer",
        "list",
        "method",
        "module",
        "null",
        "number",
        "object",
        "set",
        "str",
        "string",
        "tuple",
    ];
    NAMES.contains(&word)
}

/// True where the next quoted word of a sentence is a type: `expected`, `not of type`, `got`.
pub(super) fn speaks_of_types(before: &str) -> bool {
    let before = before.trim_end().to_ascii_lowercase();
    let before = before
        .strip_suffix(" a")
        .or_else(|| before.strip_suffix(" an"))
        .unwrap_or(&before);
    ["expected", "type", "not", "got", "be", "to", "from"]
        .iter()
        .any(|word| before.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(WORDS.is_sorted());
    }
}
