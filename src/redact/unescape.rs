//! A text with its escapes undone, and the way back to where they stood.
//!
//! Percent, HTML and JSON escapes may be used for any character or for none, so that a list of
//! escaped forms of a secret would never be whole. The secret is looked for in the unescaped text.

use std::ops::Range;

use memchr::memchr3;

/// Every kind of escape, by the byte with which it begins: URL, HTML, JSON.
pub(super) const ALL: &[u8] = b"%&\\";

/// The unescaped text.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    /// Where in the view a stretch begins, and where it begins in the original; in order.
    stretches: Vec<Stretch>,
    /// The original's length.
    len: usize,
}

struct Stretch {
    view: usize,
    original: usize,
    /// An escape: its bytes in the view belong to all of it.
    escape: bool,
}

impl View {
    /// The text with some kinds of escapes undone; `None` where there are none.
    pub(super) fn of(bytes: &[u8], kinds: &[u8]) -> Option<Self> {
        let mut made = Self {
            bytes: Vec::new(),
            stretches: Vec::new(),
            len: bytes.len(),
        };
        let mut plain = 0;
        let mut at = 0;
        while let Some(found) = memchr3(b'%', b'&', b'\\', &bytes[at..]) {
            at += found;
            let known = kinds.contains(&bytes[at]);
            let Some((text, length)) = escape(&bytes[at..]).filter(|_| known) else {
                at += 1;
                continue;
            };
            made.push(plain, &bytes[plain..at], false);
            made.push(at, text.as_slice(), true);
            at += length;
            plain = at;
        }
        if made.stretches.is_empty() {
            return None;
        }
        made.push(plain, &bytes[plain..], false);
        Some(made)
    }

    fn push(&mut self, original: usize, bytes: &[u8], escape: bool) {
        if bytes.is_empty() {
            return;
        }
        self.stretches.push(Stretch {
            view: self.bytes.len(),
            original,
            escape,
        });
        self.bytes.extend_from_slice(bytes);
    }

    /// The range of the original that a range of the view came from. Not for empty ranges.
    pub(super) fn original(&self, range: &Range<usize>) -> Range<usize> {
        let (first, _) = self.place(range.start);
        let (_, last) = self.place(range.end.saturating_sub(1));
        first..last
    }

    /// Where a byte of the view begins and ends in the original.
    fn place(&self, at: usize) -> (usize, usize) {
        let next = self.stretches.partition_point(|one| one.view <= at);
        let end = self
            .stretches
            .get(next)
            .map_or(self.len, |one| one.original);
        match next
            .checked_sub(1)
            .and_then(|index| self.stretches.get(index))
        {
            Some(one) if !one.escape => {
                let begin = one.original + (at - one.view);
                (begin, begin + 1)
            }
            Some(one) => (one.original, end),
            None => (0, end),
        }
    }
}

/// What one escape stands for: a byte or a character.
struct Meaning([u8; 4], usize);

impl Meaning {
    fn byte(byte: u8) -> Self {
        Self([byte, 0, 0, 0], 1)
    }

    fn char(c: char) -> Self {
        let mut bytes = [0; 4];
        let length = c.encode_utf8(&mut bytes).len();
        Self(bytes, length)
    }

    fn as_slice(&self) -> &[u8] {
        &self.0[..self.1]
    }
}

/// The escape at the beginning of `rest`, with its length.
fn escape(rest: &[u8]) -> Option<(Meaning, usize)> {
    match rest {
        [b'%', high, low, ..] => {
            let byte = u8::try_from(hex(&[*high, *low])?).ok()?;
            Some((Meaning::byte(byte), 3))
        }
        [b'&', ..] => entity(rest),
        [b'\\', b'u', ..] => unicode(rest),
        [b'\\', b'x', high, low, ..] => {
            Some((Meaning::char(char::from_u32(hex(&[*high, *low])?)?), 4))
        }
        [b'\\', letter, ..] => {
            let meant = match letter {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'"' | b'\'' | b'\\' | b'/' => *letter,
                _ => return None,
            };
            Some((Meaning::byte(meant), 2))
        }
        _ => None,
    }
}

fn unicode(rest: &[u8]) -> Option<(Meaning, usize)> {
    let unit = hex(rest.get(2..6)?)?;
    if let Some(c) = char::from_u32(unit) {
        return Some((Meaning::char(c), 6));
    }
    // Half of a pair.
    let low = match rest.get(6..12)? {
        [b'\\', b'u', digits @ ..] => hex(digits)?,
        _ => return None,
    };
    let units = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((Meaning::char(c), 12))
}

fn entity(rest: &[u8]) -> Option<(Meaning, usize)> {
    // The longest is `&#x10ffff;`.
    let end = rest.iter().take(12).position(|&byte| byte == b';')?;
    let name = std::str::from_utf8(&rest[1..end]).ok()?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => hex(digits.as_bytes())?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((Meaning::char(c), end + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    let mut value = 0;
    for &digit in digits {
        value = value * 16 + char::from(digit).to_digit(16)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> String {
        View::of(text.as_bytes(), ALL).map_or_else(
            || text.to_owned(),
            |view| String::from_utf8_lossy(&view.bytes).into_owned(),
        )
    }

    #[test]
    fn escapes_of_urls_html_and_json_are_undone() {
        assert_eq!(unescaped("a%2Fb%c3%A9%zz%"), "a/bé%zz%");
        assert_eq!(
            unescaped("&lt;&#39;&#x27;&amp;&unknown; & &#xzz;"),
            "<''&&unknown; & &#xzz;"
        );
        assert_eq!(
            unescaped(r"\u003c\ud83d\udd11\/\n\q\ud83d"),
            "<🔑/\n\\q\\ud83d"
        );
        assert_eq!(unescaped(r"\x41\\"), "A\\");
    }

    #[test]
    fn other_kinds_of_escapes_stay() {
        let view = View::of(b"%41&lt;\\n", b"&").unwrap();
        assert_eq!(view.bytes, b"%41<\\n");
        assert!(View::of(b"%41", b"&").is_none());
    }

    #[test]
    fn places_lead_back_to_the_whole_escape() {
        let text = "ab%2Fcd&amp;e";
        let view = View::of(text.as_bytes(), ALL).unwrap();
        assert_eq!(view.bytes, b"ab/cd&e");
        let back = |range: Range<usize>| &text[view.original(&range)];
        assert_eq!(back(0..2), "ab");
        assert_eq!(back(2..3), "%2F");
        assert_eq!(back(1..4), "b%2Fc");
        assert_eq!(back(4..6), "d&amp;");
        assert_eq!(back(0..7), text);
        assert_eq!(back(6..7), "e");
    }

    #[test]
    fn a_text_without_escapes_has_no_view() {
        assert!(View::of(b"plain & simple 100%", ALL).is_none());
        assert!(View::of(b"", ALL).is_none());
    }
}
