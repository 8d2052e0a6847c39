//! JavaScript and TypeScript split into tokens.
//!
//! Owns: strings with their escapes, template literals, comments, regular expressions. Leaves out:
//! grammar (`value.rs` reads the expressions that matter).
//!
//! This is a hand-written scanner instead of a parser crate: scripts come from the server under test,
//! and on a file of nested brackets a recursive parser overflows the stack, which aborts the process.

use std::iter::Peekable;
use std::str::Chars;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Name(String),
    /// A string literal with its escapes decoded.
    Text(String),
    /// A template literal: texts, and the tokens between `${` and `}`.
    Template(Vec<Piece>),
    /// A number.
    Number(String),
    /// Any other character; `=>` becomes `⇒`.
    Mark(char),
}

/// A part of a template literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// Text.
    Text(String),
    /// An expression.
    Expression(Vec<Token>),
}

/// The most tokens of one script.
const MAX_TOKENS: usize = 1_500_000;

/// The deepest nesting of template literals.
const MAX_TEMPLATES: usize = 4;

/// Splits a script into tokens, and returns them with the text of the comments (only the first ones if
/// there are many). Never fails, and reads every character once.
pub(super) fn tokens(code: &str) -> (Vec<Token>, String) {
    let mut scanner = Scanner {
        letters: code.chars().peekable(),
        comments: String::new(),
    };
    (scanner.until(None, 0), scanner.comments)
}

/// The most comment text that is kept.
const MAX_COMMENTS: usize = 64 << 10;

struct Scanner<'a> {
    letters: Peekable<Chars<'a>>,
    comments: String,
}

impl Scanner<'_> {
    /// Reads tokens up to the end, or to the brace that closes a template's expression.
    fn until(&mut self, closing: Option<char>, depth: usize) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut braces = 0_usize;
        while let Some(letter) = self.letters.next() {
            if tokens.len() >= MAX_TOKENS {
                break;
            }
            match letter {
                _ if letter.is_whitespace() => {}
                '"' | '\'' => tokens.push(Token::Text(self.quoted(letter))),
                '`' => tokens.push(Token::Template(self.template(depth))),
                '/' if self.letters.peek() == Some(&'/') => {
                    self.letters.next();
                    while let Some(letter) = self.letters.next() {
                        if letter == '\n' {
                            break;
                        }
                        self.comment(letter);
                    }
                    self.comment('\n');
                }
                '/' if self.letters.peek() == Some(&'*') => self.block_comment(),
                '/' if regex_may_follow(tokens.last()) => self.regex(),
                '=' if self.letters.peek() == Some(&'>') => {
                    self.letters.next();
                    tokens.push(Token::Mark('⇒'));
                }
                '0'..='9' => tokens.push(Token::Number(self.run(letter))),
                _ if is_name(letter) => tokens.push(Token::Name(self.run(letter))),
                '{' => {
                    braces += 1;
                    tokens.push(Token::Mark(letter));
                }
                '}' if closing == Some('}') && braces == 0 => return tokens,
                '}' => {
                    braces = braces.saturating_sub(1);
                    tokens.push(Token::Mark(letter));
                }
                _ => tokens.push(Token::Mark(letter)),
            }
        }
        tokens
    }

    fn run(&mut self, first: char) -> String {
        let mut run = String::from(first);
        while let Some(letter) = self.letters.next_if(|letter| is_name(*letter)) {
            run.push(letter);
        }
        run
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut text = String::new();
        while let Some(letter) = self.letters.next() {
            match letter {
                '\\' => self.escape(&mut text),
                // A string ends with its line: what follows is broken code, not text.
                '\n' => break,
                _ if letter == quote => break,
                _ => text.push(letter),
            }
        }
        text
    }

    fn template(&mut self, depth: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        while let Some(letter) = self.letters.next() {
            match letter {
                '`' => break,
                '\\' => self.escape(&mut text),
                '$' if depth < MAX_TEMPLATES && self.letters.peek() == Some(&'{') => {
                    self.letters.next();
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Expression(self.until(Some('}'), depth + 1)));
                }
                _ => text.push(letter),
            }
        }
        pieces.push(Piece::Text(text));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        pieces
    }

    fn escape(&mut self, text: &mut String) {
        match self.letters.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('x') => self.code(2, text),
            Some('u') => self.code(4, text),
            Some('\n') | None => {}
            Some(letter) => text.push(letter),
        }
    }

    fn code(&mut self, digits: usize, text: &mut String) {
        let braced = digits == 4 && self.letters.next_if_eq(&'{').is_some();
        let most = if braced { 6 } else { digits };
        let mut value = 0;
        for _ in 0..most {
            let Some(digit) = self.letters.peek().and_then(|letter| letter.to_digit(16)) else {
                break;
            };
            self.letters.next();
            value = value * 16 + digit;
        }
        if braced {
            self.letters.next_if_eq(&'}');
        }
        text.extend(char::from_u32(value));
    }

    fn block_comment(&mut self) {
        self.letters.next();
        let mut before = ' ';
        while let Some(letter) = self.letters.next() {
            if before == '*' && letter == '/' {
                break;
            }
            self.comment(letter);
            before = letter;
        }
        self.comment('\n');
    }

    fn comment(&mut self, letter: char) {
        if self.comments.len() < MAX_COMMENTS {
            self.comments.push(letter);
        }
    }

    fn regex(&mut self) {
        let mut class = false;
        while let Some(letter) = self.letters.next() {
            match letter {
                '\\' => {
                    self.letters.next();
                }
                '[' => class = true,
                ']' => class = false,
                '/' if !class => break,
                '\n' => break,
                _ => {}
            }
        }
    }
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

/// Returns true if a slash begins a regular expression; after a value, it divides.
fn regex_may_follow(last: Option<&Token>) -> bool {
    match last {
        None => true,
        Some(Token::Name(name)) => {
            matches!(
                name.as_str(),
                "return" | "typeof" | "case" | "in" | "of" | "void" | "do"
            )
        }
        Some(Token::Mark(mark)) => !matches!(mark, ')' | ']' | '}'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_templates_comments_and_regexes_are_told_apart() {
        let code =
            "a = '/x\\u002fy' // '/no'\n/* '/no' */ .replace(/['\"]/g, \"\\x41\") + `t${b({})}u`";
        let (found, _) = tokens(code);
        assert!(found.contains(&Token::Text("/x/y".to_owned())));
        assert!(found.contains(&Token::Text("A".to_owned())));
        assert!(!found.contains(&Token::Text("/no".to_owned())));
        let Some(Token::Template(pieces)) = found.last() else {
            panic!("{found:?}")
        };
        assert_eq!(pieces.len(), 3);
    }

    #[test]
    fn endless_nesting_of_any_kind_ends() {
        for open in ["`${", "(", "{", "[", "'", "/*", "/[", "\\", "a=>"] {
            tokens(&open.repeat(200_000));
        }
    }
}
