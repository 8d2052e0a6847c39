//! A single escape: percent-encoding, an HTML character reference or a backslash escape.
//!
//! This module decodes one escape; finding escapes and mapping positions back is left to its
//! callers. It is part of this crate because the recogniser must be fast and this crate depends on
//! no other crate of the project; the other crates read escapes with it too.

use super::transform::Transform;

/// An escape: the bytes it stands for and its length.
#[derive(Clone, Copy, Debug)]
pub struct Escape {
    utf8: [u8; 4],
    size: usize,
    /// Length of the escape itself, in bytes.
    pub len: usize,
    /// The kind of escape.
    pub kind: Transform,
}

impl Escape {
    /// Creates an escape that stands for a character.
    pub fn of(c: char, len: usize, kind: Transform) -> Self {
        let mut utf8 = [0; 4];
        let size = c.encode_utf8(&mut utf8).len();
        Self {
            utf8,
            size,
            len,
            kind,
        }
    }

    /// Returns the bytes it stands for: a character, or a single byte of one.
    pub fn bytes(&self) -> &[u8] {
        &self.utf8[..self.size]
    }
}

/// Returns the escape of any kind that begins here.
pub fn escape(bytes: &[u8]) -> Option<Escape> {
    match bytes.first()? {
        b'%' => {
            let byte = hex(bytes.get(1..3)?)?;
            Some(Escape {
                utf8: [u8::try_from(byte).ok()?, 0, 0, 0],
                size: 1,
                len: 3,
                kind: Transform::Url,
            })
        }
        b'&' => reference(bytes),
        b'\\' => backslash(bytes),
        _ => None,
    }
}

fn reference(bytes: &[u8]) -> Option<Escape> {
    // Every supported name begins with one of these, and many others do not.
    bytes
        .get(1)
        .filter(|first| b"#aApbnscelgqhz".contains(first))?;
    let end = bytes.iter().take(12).position(|b| *b == b';')?;
    let code = match &bytes[1..end] {
        [b'#', b'x' | b'X', digits @ ..] => hex(digits)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        name => named(name)?.into(),
    };
    Some(Escape::of(char::from_u32(code)?, end + 1, Transform::Html))
}

/// Returns the character of a named reference: the names that escaping produces, and those of
/// characters used in canaries, encodings and escapes.
fn named(name: &[u8]) -> Option<char> {
    Some(match name {
        b"amp" | b"AMP" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        b"percnt" => '%',
        b"bsol" => '\\',
        b"num" => '#',
        b"semi" => ';',
        b"commat" => '@',
        b"period" => '.',
        b"colon" => ':',
        b"sol" => '/',
        b"plus" => '+',
        b"equals" => '=',
        b"lowbar" => '_',
        b"hyphen" => '\u{2010}',
        b"shy" => '\u{ad}',
        b"zwnj" => '\u{200c}',
        b"zwj" => '\u{200d}',
        b"nbsp" => '\u{a0}',
        _ => return None,
    })
}

/// Reads an escape of JSON, of JavaScript or of Python's `repr`.
fn backslash(bytes: &[u8]) -> Option<Escape> {
    let (c, len) = match bytes.get(1)? {
        b'x' => (char::from_u32(hex(bytes.get(2..4)?)?)?, 4),
        b'u' if bytes.get(2) == Some(&b'{') => {
            let end = bytes.iter().take(10).position(|b| *b == b'}')?;
            (char::from_u32(hex(&bytes[3..end])?)?, end + 1)
        }
        b'u' => four_digits(bytes)?,
        b'U' => (char::from_u32(hex(bytes.get(2..10)?)?)?, 10),
        b'n' => ('\n', 2),
        b'r' => ('\r', 2),
        b't' => ('\t', 2),
        b'b' => ('\x08', 2),
        b'f' => ('\x0c', 2),
        other @ (b'"' | b'\'' | b'\\' | b'/') => (char::from(*other), 2),
        _ => return None,
    };
    Some(Escape::of(c, len, Transform::Json))
}

/// Reads `\u00e9`, or a pair of them for a character beyond the first 65,536.
fn four_digits(bytes: &[u8]) -> Option<(char, usize)> {
    let unit = hex(bytes.get(2..6)?)?;
    if let Some(c) = char::from_u32(unit) {
        return Some((c, 6));
    }
    let low = hex(bytes.get(6..12)?.strip_prefix(b"\\u")?)?;
    let units = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((c, 12))
}

fn hex(digits: &[u8]) -> Option<u32> {
    number(digits, 16)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |sum, digit| {
        Some(sum * radix + char::from(*digit).to_digit(radix)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_characters_and_have_a_length() {
        for (text, meaning) in [
            ("%2F", "/"),
            ("&lt;", "<"),
            ("&#39;", "'"),
            ("&#x27;", "'"),
            ("&nbsp;", "\u{a0}"),
            ("&#x10ffff;", "\u{10ffff}"),
            (r"\n", "\n"),
            (r"\/", "/"),
            (r"\x41", "A"),
            (r"\u00e9", "é"),
            (r"\u{1f511}", "🔑"),
            (r"\U0001f511", "🔑"),
            (r"\ud83d\udd11", "🔑"),
        ] {
            let read = escape(format!("{text}1;").as_bytes()).unwrap();
            assert_eq!(read.bytes(), meaning.as_bytes(), "{text}");
            assert_eq!(read.len, text.len(), "{text}");
        }
        for text in [
            "",
            "a",
            "%",
            "%4",
            "%zz",
            "& ",
            "&unknown;",
            "&#;",
            "&#xzz;",
            r"\",
            r"\q",
            r"\u12",
            r"\ud83d",
            r"\ud83d\u0041",
            r"\u{}",
            r"\x4",
        ] {
            assert!(escape(text.as_bytes()).is_none(), "{text}");
        }
    }
}
