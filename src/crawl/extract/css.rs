//! Style sheets: the URLs that they fetch.
//!
//! Owns: `url()`, `src()`, `image-set()`, `@import`, strings and comments, with the escapes of CSS Syntax
//! Module Level 3 (§4.3). Leaves out: selectors and everything else of the grammar.

use std::iter::Peekable;
use std::str::Chars;

use super::super::found::{Call, Found};
use super::text;

/// Longer values are no URLs.
const MAX_URL: usize = 2_000;

/// Text of comments that is read.
const MAX_COMMENTS: usize = 64 << 10;

/// The URLs of a style sheet or of a style attribute.
pub fn sheet(code: &str, found: &mut Found) {
    let mut reader = Reader {
        letters: code.chars().peekable(),
        comments: String::new(),
    };
    reader.read(found);
    for rest in reader.comments.split("sourceMappingURL=").skip(1).take(10) {
        push(
            rest.split_whitespace().next().unwrap_or_default(),
            true,
            found,
        );
    }
    text::paths(&reader.comments, found);
}

struct Reader<'a> {
    letters: Peekable<Chars<'a>>,
    comments: String,
}

impl Reader<'_> {
    fn read(&mut self, found: &mut Found) {
        // The name before a bracket, and whether the strings to come are URLs by their place.
        let mut name = String::new();
        let mut fetched = false;
        while let Some(letter) = self.letters.next() {
            match letter {
                '/' if self.letters.peek() == Some(&'*') => self.comment(),
                '"' | '\'' => {
                    let value = self.quoted(letter);
                    push(&value, fetched, found);
                }
                '(' => {
                    let name = name.trim_start_matches("-webkit-").to_ascii_lowercase();
                    if matches!(name.as_str(), "url" | "src" | "image-set" | "image") {
                        fetched = true;
                    }
                    while self.letters.next_if(|c| c.is_whitespace()).is_some() {}
                    if matches!(name.as_str(), "url" | "src")
                        && !matches!(self.letters.peek(), Some('"' | '\''))
                    {
                        let value = self.bare();
                        push(&value, true, found);
                        fetched = false;
                    }
                }
                ')' | ';' | '{' | '}' => fetched = false,
                _ => {}
            }
            if letter.is_alphanumeric() || matches!(letter, '-' | '_' | '@') {
                if name.len() < 40 {
                    name.push(letter);
                }
                fetched |= name.eq_ignore_ascii_case("@import");
            } else {
                name.clear();
            }
        }
    }

    fn comment(&mut self) {
        self.letters.next();
        let mut before = ' ';
        for letter in self.letters.by_ref() {
            if before == '*' && letter == '/' {
                break;
            }
            if self.comments.len() < MAX_COMMENTS {
                self.comments.push(letter);
            }
            before = letter;
        }
        self.comments.push('\n');
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut value = String::new();
        while let Some(letter) = self.letters.next() {
            match letter {
                '\\' => self.escape(&mut value),
                // An unclosed string ends at its line.
                '\n' => break,
                _ if letter == quote => break,
                _ => keep(&mut value, letter),
            }
        }
        value
    }

    fn bare(&mut self) -> String {
        let mut value = String::new();
        while let Some(letter) = self.letters.next() {
            match letter {
                '\\' => self.escape(&mut value),
                ')' => break,
                _ => keep(&mut value, letter),
            }
        }
        value
    }

    /// A backslash with up to six hexadecimal digits and one space after them, or with the letter itself.
    fn escape(&mut self, value: &mut String) {
        let mut code = 0_u32;
        let mut digits = 0;
        while digits < 6
            && let Some(digit) = self.letters.peek().and_then(|letter| letter.to_digit(16))
        {
            self.letters.next();
            code = code * 16 + digit;
            digits += 1;
        }
        if digits > 0 {
            self.letters.next_if(|letter| letter.is_whitespace());
            value.extend(char::from_u32(code));
        } else if let Some(letter) = self.letters.next()
            && letter != '\n'
        {
            keep(value, letter);
        }
    }
}

fn keep(value: &mut String, letter: char) {
    if value.len() <= MAX_URL {
        value.push(letter);
    }
}

fn push(value: &str, fetched: bool, found: &mut Found) {
    let value = value.trim();
    let scheme = value.get(..5).unwrap_or_default();
    if value.is_empty() || value.len() > MAX_URL || scheme.eq_ignore_ascii_case("data:") {
        return;
    }
    if fetched {
        found.link(value);
    } else if text::looks_like_path(value) {
        found.push(Call::link(value).tentative());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(code: &str) -> Vec<String> {
        let mut found = Found::default();
        sheet(code, &mut found);
        found.calls.into_iter().map(|call| call.url).collect()
    }

    #[test]
    fn everything_that_is_fetched_is_read() {
        assert_eq!(
            urls(
                "@IMPORT '/a' screen; @import URL( /b ); p{background:url(\"/c\") url(/d\\29 e);
                 background:image-set('f' 1x, \"/g\" 2x); filter:x(src='/h')} /* /i */ a{b:url(data:,x)}"
            ),
            ["/a", "/b", "/c", "/d)e", "f", "/g", "/h", "/i"]
        );
        assert!(urls("p::before { content: 'and/or'; quotes: '«' '»' }").is_empty());
    }

    #[test]
    fn endless_sheets_of_any_kind_end() {
        for open in [
            "url(",
            "\"",
            "/*",
            "\\",
            "@import ",
            "a{",
            "url('",
            "image-set(",
        ] {
            urls(&open.repeat(200_000));
        }
    }
}
