//! Style sheets: the URLs they fetch.
//!
//! Owns: which functions and rules fetch their content: `url()`, `src()`, `image-set()`, `@import`.
//! Leaves out: selectors and the rest of the grammar.

use cssparser::{ParseError, Parser, Token};

use super::super::found::{Call, Found};
use super::text;

/// The longest value that counts as a URL.
const MAX_URL: usize = 2_000;

/// The most comment text that is read.
const MAX_COMMENTS: usize = 64 << 10;

/// The deepest nesting of brackets that is read.
const MAX_DEPTH: usize = 40;

/// Reads the URLs of a style sheet or of a style attribute.
pub fn sheet(code: &str, found: &mut Found) {
    let mut comments = String::new();
    read(
        &mut Parser::new(code),
        false,
        MAX_DEPTH,
        &mut comments,
        found,
    );
    for rest in comments.split("sourceMappingURL=").skip(1).take(10) {
        push(
            rest.split_whitespace().next().unwrap_or_default(),
            true,
            found,
        );
    }
    text::paths(&comments, found);
}

/// Reads the content of a bracket; with `fetched`, its strings are URLs by their position.
fn read(
    sheet: &mut Parser<'_>,
    mut fetched: bool,
    depth: usize,
    comments: &mut String,
    found: &mut Found,
) {
    while let Ok(token) = sheet.next_including_whitespace_and_comments() {
        let inner = match token {
            Token::Comment(text) => {
                if comments.len() < MAX_COMMENTS {
                    comments.push_str(&text[..text.floor_char_boundary(MAX_COMMENTS)]);
                    comments.push('\n');
                }
                continue;
            }
            Token::UnquotedUrl(url) | Token::BadUrl(url) => {
                push(url, true, found);
                continue;
            }
            // An unclosed string ends at the end of its line.
            Token::QuotedString(text) | Token::BadString(text) => {
                push(text, fetched, found);
                continue;
            }
            Token::AtKeyword(name) => {
                fetched = name.eq_ignore_ascii_case("import");
                continue;
            }
            Token::Semicolon => {
                fetched = false;
                continue;
            }
            Token::Function(name) => {
                let name = name.to_ascii_lowercase();
                let name = name.trim_start_matches("-webkit-");
                matches!(name, "url" | "src" | "image-set" | "image")
            }
            Token::ParenthesisBlock | Token::SquareBracketBlock => fetched,
            Token::CurlyBracketBlock => {
                fetched = false;
                false
            }
            _ => continue,
        };
        if depth > 0 {
            let _ = sheet.parse_nested_block(|sheet| {
                read(sheet, inner, depth - 1, comments, found);
                Ok::<(), ParseError<()>>(())
            });
        }
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
