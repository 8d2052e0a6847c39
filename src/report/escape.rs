//! JSON that shows its characters as they are: control, direction and zero-width characters are written
//! as `\u` escapes, so that no viewer is misled. Reading it back gives the same text.
//!
//! Owns: the writer of every JSON format. Leaves out: text for people (`sanitise`).

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::sanitise::is_hostile;

/// Writes a value as indented JSON.
///
/// # Errors
///
/// Returns an error if writing to `out` fails, or if the value cannot be expressed.
pub(crate) fn write_pretty<T: Serialize>(out: &mut dyn Write, value: &T) -> serde_json::Result<()> {
    let formatter = Visible(PrettyFormatter::new());
    value.serialize(&mut Serializer::with_formatter(out, formatter))
}

/// The pretty formatter, except for the content of strings.
struct Visible<'a>(PrettyFormatter<'a>);

impl Formatter for Visible<'_> {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut plain = 0;
        for (at, letter) in text
            .char_indices()
            .filter(|(_, letter)| is_hostile(*letter))
        {
            out.write_all(&text.as_bytes()[plain..at])?;
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            plain = at + letter.len_utf8();
        }
        out.write_all(&text.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_does_not_show_is_escaped_and_reads_back_the_same() {
        let value = json!({
            "a\u{202e}b": ["\u{9b}2J", "zero\u{200b}width \u{feff}", "tag \u{e0041}", "\u{7f}"],
            "plain": "schlüssel 鍵 🔑 \"\\\n",
            "empty": {},
        });
        let mut bytes = Vec::new();
        write_pretty(&mut bytes, &value).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.chars().any(|c| is_hostile(c) && c != '\n'), "{text}");
        assert!(text.contains("\\udb40\\udc41"), "{text}");
        assert!(text.contains("schlüssel 鍵 🔑"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        let indented = serde_json::to_string_pretty(&json!({"a": [1, {"b": []}]})).unwrap();
        let mut own = Vec::new();
        write_pretty(&mut own, &json!({"a": [1, {"b": []}]})).unwrap();
        assert_eq!(String::from_utf8(own).unwrap(), indented);
    }
}
