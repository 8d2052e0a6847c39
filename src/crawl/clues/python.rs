//! Python literals, as `repr` and `pprint` write them.
//!
//! Owns: dictionaries, lists, tuples, strings (also several in a row, as `pprint` breaks them), numbers,
//! `True`, `False`, `None`. Leaves out: everything else; an object's `repr` ends the reading.

use serde_json::{Map, Number, Value};

/// Literals nest no deeper than this.
const MAX_DEPTH: usize = 24;

/// The literal that a text begins with; `None` where it begins with something else.
pub(super) fn literal(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    reader.value(MAX_DEPTH)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.space();
        let depth = depth.checked_sub(1)?;
        match self.rest.chars().next()? {
            '{' => self.dictionary(depth),
            '[' => self.items(']', depth),
            '(' => {
                let Value::Array(mut items) = self.items(')', depth)? else {
                    return None;
                };
                // pprint puts a long string into brackets.
                match items.len() {
                    1 => items.pop(),
                    _ => Some(Value::Array(items)),
                }
            }
            '\'' | '"' => {
                let mut text = self.string()?;
                loop {
                    self.space();
                    if !self.rest.starts_with(['\'', '"']) {
                        return Some(Value::String(text));
                    }
                    text.push_str(&self.string()?);
                }
            }
            _ => self.word(),
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Value> {
        self.skip();
        let mut fields = Map::new();
        loop {
            self.space();
            if self.take('}') {
                return Some(Value::Object(fields));
            }
            let key = match self.value(depth)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            self.space();
            if !self.take(':') {
                return None;
            }
            fields.insert(key, self.value(depth)?);
            self.space();
            let _ = self.take(',');
        }
    }

    fn items(&mut self, end: char, depth: usize) -> Option<Value> {
        self.skip();
        let mut items = Vec::new();
        loop {
            self.space();
            if self.take(end) {
                return Some(Value::Array(items));
            }
            items.push(self.value(depth)?);
            self.space();
            let _ = self.take(',');
        }
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.skip()?;
        let mut text = String::new();
        loop {
            match self.skip()? {
                '\\' => match self.skip()? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    other if "\\'\"".contains(other) => text.push(other),
                    other => {
                        text.push('\\');
                        text.push(other);
                    }
                },
                c if c == quote => return Some(text),
                c => text.push(c),
            }
        }
    }

    fn word(&mut self) -> Option<Value> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !"+-._".contains(c))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            "None" => Some(Value::Null),
            _ => word
                .parse::<i64>()
                .map(Value::from)
                .ok()
                .or_else(|| Number::from_f64(word.parse().ok()?).map(Value::Number)),
        }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn skip(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let first = chars.next();
        self.rest = chars.as_str();
        first
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_pprint_writes_is_read() {
        let text = "{'a': [1, -2.5, True],\n 'b': {'c': None, \"d'\": 'x\\'y\\n'},\n 'e': ('one '\n       'two'),\n 'f': (1, 2)}\n\nOn";
        let expected = json!({"a": [1, -2.5, true], "b": {"c": null, "d'": "x'y\n"}, "e": "one two", "f": [1, 2]});
        assert_eq!(literal(text), Some(expected));
        assert_eq!(literal("''"), Some(json!("")));
    }

    #[test]
    fn what_is_no_literal_ends_the_reading() {
        let deep = "[".repeat(10_000);
        for text in [
            "",
            "{",
            "{'a'",
            "{'a': <object at 0x7f>}",
            "[1, ",
            "'",
            "\\",
            deep.as_str(),
        ] {
            assert_eq!(literal(text), None, "{text:.20}");
        }
    }
}
