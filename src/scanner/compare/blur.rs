//! The obvious blurs: values that never repeat between two answers of the same page.
//!
//! Owns: runs of digits and long random words. Leaves out: everything that only repeated controls can
//! show (`noise`).

/// Stands for a run of digits.
const DIGITS: char = '#';
/// Stands for a token.
pub(super) const TOKEN: char = '~';

/// Returns a text with runs of digits and tokens blurred.
pub(super) fn blur(text: &str) -> String {
    let mut blurred = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if is_word(first) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if is_token(word) {
                blurred.push(TOKEN);
            } else {
                digits_blurred(word, &mut blurred);
            }
            rest = after;
        } else {
            let end = rest.find(is_word).unwrap_or(rest.len());
            let (gap, after) = rest.split_at(end);
            blurred.push_str(gap);
            rest = after;
        }
    }
    blurred
}

/// Returns the blurred name of a field. Numbers and tokens are ids of the contents of the field; other
/// names are kept.
///
/// Numbers and tokens share one blur, because one in fifty strings of eight random hex digits is a
/// number.
pub(super) fn name(name: &str) -> String {
    let number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if number || is_token(name) || is_hex_id(name) {
        DIGITS.to_string()
    } else {
        name.to_owned()
    }
}

/// Returns true if the name is an id of what it contains.
pub(crate) fn is_id(text: &str) -> bool {
    name(text) != text
}

/// Returns true for eight or more hex digits with both digits and letters among them: `0781177e`.
fn is_hex_id(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.len() >= 8
        && (1..name.len()).contains(&digits)
        && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns true for a text that holds a time or a date. That it stood still in a few quick controls
/// says nothing about the next second.
pub(super) fn tells_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let colon = (1..bytes.len())
        .any(|at| matches!(bytes[at], b':' | b'-') && digit(at - 1) && digit(at + 1));
    colon
        || text
            .split(|c: char| !c.is_ascii_digit())
            .any(|run| matches!(run.len(), 10 | 13 | 16) && run.starts_with(['1', '2']))
}

fn digits_blurred(word: &str, blurred: &mut String) {
    let mut in_digits = false;
    for c in word.chars() {
        let digit = c.is_ascii_digit();
        if !digit {
            blurred.push(c);
        } else if !in_digits {
            blurred.push(DIGITS);
        }
        in_digits = digit;
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '=')
}

/// Returns true for a word that looks random.
///
/// Random text switches between digits and letters, and between cases, every few characters, or
/// consists largely of digits; names that contain a number switch only once or twice.
fn is_token(word: &str) -> bool {
    if word.len() < 8 {
        return false;
    }
    let (mut digits, mut letters, mut switches) = (0_usize, 0_usize, 0_usize);
    let mut last = None;
    for byte in word.bytes() {
        let class = match byte {
            b'0'..=b'9' => {
                digits += 1;
                0
            }
            b'a'..=b'z' => {
                letters += 1;
                1
            }
            b'A'..=b'Z' => {
                letters += 1;
                2
            }
            _ => continue,
        };
        switches += usize::from(last.is_some_and(|last| last != class));
        last = Some(class);
    }
    let mixed = if word.len() < 16 {
        switches * 3 >= word.len()
    } else {
        switches * 5 >= word.len() || digits * 4 >= word.len()
    };
    digits > 0 && letters > 0 && mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_counters_and_tokens_blur_and_names_do_not() {
        assert_eq!(blur("at 12:30:01, visit 7"), "at #:#:#, visit #");
        assert_eq!(blur("id 65a1b2c3d4e5f60718293a4b."), "id ~.");
        assert_eq!(blur("3f2504e0-4f89-11d3-9a0c-0305e82c3301"), "~");
        assert_eq!(blur("n=a1b2c3d4"), "~");
        assert_eq!(blur("42738327a987349564d43991"), "~");
        assert_eq!(blur("plan-enterprise-2024"), "plan-enterprise-#");
        assert_eq!(blur("grüße 5 ü"), "grüße # ü");
    }

    #[test]
    fn names_that_are_ids_are_one_place() {
        assert_eq!(name("17"), "#");
        assert_eq!(name("65a1b2c3d4e5f60718293a4b"), "#");
        assert_eq!(name("0781177e"), "#");
        for kept in ["address2", "facade", "decade1", "feedface", "face2days"] {
            assert_eq!(name(kept), kept);
        }
    }

    #[test]
    fn clocks_are_known_and_prices_are_not_clocks() {
        for clock in ["12:30", "2024-01-31", "1700000000", "1700000000123"] {
            assert!(tells_time(clock), "{clock}");
        }
        for plain in ["19.99", "42", "a: b", "x-1", "7000000000"] {
            assert!(!tells_time(plain), "{plain}");
        }
    }
}
