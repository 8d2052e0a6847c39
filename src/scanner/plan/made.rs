//! Random values in the form that an input is said to take: well-formed keys that were never
//! issued.
//!
//! Owns: making a value from a pattern, an example or a length if no canary has that form. Leaves
//! out: recognising the value again, which is impossible, and forms that a canary has (`shape.rs`).

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};
use sha2::{Digest, Sha256};

use super::shapes;
use crate::canary::RunKey;
use crate::canary::STAND_IN;
use crate::surface::{Input, Kind, TypeHint};

/// The most characters of a value.
const MOST: usize = 256;
/// The least number of random characters: a shorter value may be a word that is in use.
const LEAST: usize = 6;
/// The length of a key if any length will do.
const USUAL: usize = 32;
/// How often to write an open repetition. The first count that meets the length is used.
const REPEATS: [u32; 4] = [24, 8, 1, 0];
/// How deeply the groups of a pattern may be nested.
const DEPTH: u32 = 40;

/// Makes the `nth` random value in the form that an input is said to take.
///
/// Returns `None` if no form is given, or if a canary fits too and only a pattern gives the form.
pub(crate) fn made(input: &Input, key: &RunKey, nth: usize) -> Option<String> {
    let hint = &input.hint;
    if !matches!(hint.kind, Kind::String | Kind::Unknown) || !hint.choices.is_empty() {
        return None;
    }
    let purpose = format!("made {} {} {nth}", input.place, input.name);
    let mut dice = Dice::new(&key.derived(&purpose));
    let fits = !shapes(input).is_empty();
    let example = hint.example.as_ref().and_then(|example| example.as_str());
    match (&hint.pattern, example) {
        (Some(_), _) if fits => None,
        (Some(pattern), _) => by_pattern(pattern, hint, &mut dice),
        (None, Some(example)) => like(example, &mut dice).filter(|made| holds(hint, made)),
        (None, None) if fits || (hint.min_length, hint.max_length) == (None, None) => None,
        (None, None) => by_length(hint, &mut dice),
    }
}

/// Makes a lower-case word for the run that no application knows.
pub(crate) fn word(key: &RunKey) -> String {
    let mut dice = Dice::new(&key.derived("word"));
    (0..USUAL / 2)
        .filter_map(|_| dice.of(b"abcdefghijklmnopqrstuvwxyz"))
        .collect()
}

/// A source of bytes that depend on a seed alone.
struct Dice {
    seed: String,
    drawn: u32,
}

impl Dice {
    fn new(key: &RunKey) -> Self {
        Self {
            seed: key.to_string(),
            drawn: 0,
        }
    }

    /// Draws a number below `sides`; 0 if `sides` is 0.
    fn below(&mut self, sides: usize) -> usize {
        self.drawn += 1;
        let digest = Sha256::digest(format!("{} {}", self.seed, self.drawn));
        let number = digest
            .iter()
            .take(4)
            .fold(0, |number: usize, byte| number << 8 | usize::from(*byte));
        number.checked_rem(sides).unwrap_or(0)
    }

    fn of(&mut self, letters: &[u8]) -> Option<char> {
        let at = self.below(letters.len());
        letters.get(at).copied().map(char::from)
    }
}

fn holds(hint: &TypeHint, text: &str) -> bool {
    hint.min_length.is_none_or(|least| text.len() >= least)
        && hint.max_length.is_none_or(|most| text.len() <= most)
}

fn by_pattern(pattern: &str, hint: &TypeHint, dice: &mut Dice) -> Option<String> {
    let hir = ParserBuilder::new()
        .nest_limit(DEPTH)
        .build()
        .parse(pattern)
        .ok()?;
    let regex = regex::Regex::new(pattern).ok()?;
    REPEATS.iter().find_map(|repeats| {
        let mut writer = Writer {
            dice,
            text: String::new(),
            random: 0,
            repeats: *repeats,
        };
        writer.write(&hir)?;
        let (text, random) = (writer.text, writer.random);
        (random >= LEAST && holds(hint, &text) && regex.is_match(&text)).then_some(text)
    })
}

struct Writer<'d> {
    dice: &'d mut Dice,
    text: String,
    /// How many characters were drawn from a class of several.
    random: usize,
    repeats: u32,
}

impl Writer<'_> {
    /// Writes a text that a pattern matches. Returns `None` if it gets too long, or is not ASCII.
    fn write(&mut self, hir: &Hir) -> Option<()> {
        if self.text.len() > MOST {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let letters = letters(class);
                self.random += usize::from(letters.len() > 1);
                let letter = self.dice.of(&letters)?;
                self.text.push(letter);
            }
            HirKind::Repetition(repeated) => {
                let most = repeated.max.unwrap_or(u32::MAX).max(repeated.min);
                for _ in 0..self.repeats.clamp(repeated.min, most) {
                    self.write(&repeated.sub)?;
                    if self.text.is_empty() {
                        break;
                    }
                }
            }
            HirKind::Capture(capture) => self.write(&capture.sub)?,
            HirKind::Concat(parts) => {
                for part in parts {
                    self.write(part)?;
                }
            }
            HirKind::Alternation(parts) => {
                let at = self.dice.below(parts.len());
                self.write(parts.get(at)?)?;
            }
        }
        Some(())
    }
}

/// Returns the printable ASCII characters of a class: only letters and digits, if it has any.
fn letters(class: &Class) -> Vec<u8> {
    let has = |byte: u8| match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&char::from(byte))),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&byte)),
    };
    let all: Vec<u8> = (b'!'..=b'~').filter(|byte| has(*byte)).collect();
    let plain: Vec<u8> = all
        .iter()
        .copied()
        .filter(u8::is_ascii_alphanumeric)
        .collect();
    if plain.is_empty() { all } else { plain }
}

/// Makes a value like an example: keeps its prefix (`sk_live_`), and draws the rest anew from the
/// same classes.
fn like(example: &str, dice: &mut Dice) -> Option<String> {
    if example.len() > MOST || example.contains(STAND_IN) || !example.is_ascii() {
        return None;
    }
    let is_mark = |letter: char| !letter.is_ascii_alphanumeric();
    let is_lead = |part: &&str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.len() <= 4 || (digits == 0 && part.len() <= 12)
    };
    let parts: Vec<&str> = example.split_inclusive(is_mark).collect();
    // At least the last part has to be drawn.
    let inner = parts.get(..parts.len().saturating_sub(1))?;
    let lead: usize = inner
        .iter()
        .take_while(|part| is_lead(part))
        .map(|p| p.len())
        .sum();
    let (lead, rest) = example.split_at(lead);
    let (mut digits, mut drawn) = (0, 0);
    let hex = |one: fn(&u8) -> bool| {
        let mut letters = rest.bytes().filter(u8::is_ascii_alphanumeric);
        letters.all(|byte| byte.is_ascii_digit() || (byte.is_ascii_hexdigit() && one(&byte)))
    };
    let (lower_hex, upper_hex) = (hex(u8::is_ascii_lowercase), hex(u8::is_ascii_uppercase));
    let (lower, upper): (&[u8], &[u8]) = (
        if lower_hex {
            b"abcdef"
        } else {
            b"abcdefghijklmnopqrstuvwxyz"
        },
        if upper_hex {
            b"ABCDEF"
        } else {
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        },
    );
    let mut text = lead.to_owned();
    for letter in rest.chars() {
        let class = match letter {
            '0'..='9' => {
                digits += 1;
                b"0123456789"
            }
            'a'..='z' => lower,
            'A'..='Z' => upper,
            mark => {
                text.push(mark);
                continue;
            }
        };
        drawn += 1;
        text.push(dice.of(class)?);
    }
    // Words that stand for a key (`your-api-key`) contain no digits.
    (drawn > LEAST && digits > 0).then_some(text)
}

fn by_length(hint: &TypeHint, dice: &mut Dice) -> Option<String> {
    let least = hint.min_length.unwrap_or(0).max(LEAST);
    let most = hint.max_length.unwrap_or(MOST).min(MOST);
    if least > most {
        return None;
    }
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..USUAL.clamp(least, most))
        .map(|_| dice.of(letters))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::{Place, Provenance};

    fn of(hint: TypeHint) -> Option<[String; 2]> {
        let input = Input::new(Place::Header, "x-key", Provenance::Specification).with_hint(hint);
        let key = RunKey::from_seed(7);
        Some([made(&input, &key, 0)?, made(&input, &key, 1)?])
    }

    fn pattern(text: &str) -> TypeHint {
        TypeHint {
            pattern: Some(text.to_owned()),
            ..TypeHint::default()
        }
    }

    fn example(text: &str) -> TypeHint {
        TypeHint {
            example: Some(serde_json::Value::String(text.to_owned())),
            ..TypeHint::default()
        }
    }

    #[test]
    fn a_pattern_that_no_canary_meets_is_met_by_two_values() {
        for text in [
            "^[A-Z0-9]{32}$",
            r"^pk7_[A-Za-z0-9]{24}(-\d{4})?$",
            "^(live|test)-[^ ]{20,}$",
            r"^KEY-\d{4}-\d{4}-\d{4}$",
        ] {
            let [one, two] = of(pattern(text)).unwrap_or_else(|| panic!("{text}"));
            let regex = regex::Regex::new(text).unwrap();
            assert!(regex.is_match(&one) && regex.is_match(&two), "{one} {two}");
            assert_ne!(one, two);
        }
    }

    #[test]
    fn a_canary_is_used_where_it_fits_and_nothing_is_made_of_what_is_not_known() {
        assert_eq!(of(pattern("^[0-9a-f]{32}$")), None);
        assert_eq!(of(TypeHint::default()), None);
        for text in ["^(?=.*[0-9]).{8}$", "^(yes|no)$", "(", "^(a{200}){200}$"] {
            assert_eq!(of(pattern(text)), None, "{text}");
        }
        for text in ["your-api-key", "string", "YOUR_KEY_HERE", "k1", STAND_IN] {
            assert_eq!(of(example(text)), None, "{text}");
        }
    }

    #[test]
    fn an_example_keeps_its_lead_and_its_classes() {
        for (text, form) in [
            (
                "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
                "^sk_live_[A-Za-z0-9]{24}$",
            ),
            (
                "pk7_9F3C-11AB-77D0",
                "^pk7_[A-F0-9]{4}-[A-F0-9]{4}-[A-F0-9]{4}$",
            ),
            ("6f1c2a349b1d4e52", "^[a-f0-9]{16}$"),
        ] {
            let [one, two] = of(example(text)).unwrap_or_else(|| panic!("{text}"));
            let regex = regex::Regex::new(form).unwrap();
            assert!(regex.is_match(&one) && regex.is_match(&two), "{one} {two}");
            assert!(one != two && one != text);
        }
    }

    #[test]
    fn a_length_that_no_canary_has_is_kept() {
        let exactly = |length| TypeHint {
            min_length: Some(length),
            max_length: Some(length),
            ..TypeHint::default()
        };
        let [one, two] = of(exactly(100)).unwrap();
        assert_eq!((one.len(), two.len()), (100, 100));
        assert_ne!(one, two);
        assert_eq!(of(exactly(3)), None);
        assert_eq!(of(exactly(5000)), None);
    }
}
