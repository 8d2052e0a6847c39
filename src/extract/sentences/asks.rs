//! What a message says about the input it belongs to: a type, a format, bounds, a place.

use regex::Regex;

use super::{Ask, Sentences};
use crate::surface::{Kind, Place, TypeHint};

/// The most values taken from a list.
const MAX_CHOICES: usize = 50;

/// What a message says about an input.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    /// The input is missing or required.
    pub(crate) required: bool,
    /// A library says so, and it says so only of absent inputs.
    pub(crate) absent: bool,
    /// What the message asks for.
    pub(crate) hint: TypeHint,
}

impl Ask {
    fn is_in(&self, message: &str) -> bool {
        self.pattern.is_match(message)
            && self.only.as_ref().is_none_or(|only| only.is_match(message))
            && !self
                .unless
                .as_ref()
                .is_some_and(|not| not.is_match(message))
    }
}

impl Sentences {
    /// Returns the place that a message mentions.
    pub(crate) fn place_of(&self, message: &str) -> Option<Place> {
        let places = self.asks.iter().filter(|ask| ask.place.is_some());
        places
            .filter(|ask| ask.is_in(message))
            .find_map(|ask| ask.place)
    }

    /// Returns what a message says about an input. The first form that knows the type or the format
    /// wins.
    pub(crate) fn heard(&self, message: &str) -> Heard {
        let mut heard = Heard::default();
        let asks = self.asks.iter().filter(|ask| ask.place.is_none());
        for ask in asks.filter(|ask| ask.is_in(message)) {
            heard.required |= ask.required;
            heard.absent |= ask.absent;
            let hint = &mut heard.hint;
            if hint.kind == Kind::Unknown {
                hint.kind = ask.kind.unwrap_or_default();
            }
            hint.format = hint.format.take().or_else(|| ask.format.clone());
            for found in ask.pattern.captures_iter(message) {
                for name in ask.pattern.names() {
                    if let Some(group) = found.name(name) {
                        fill(hint, name, group.as_str());
                    }
                }
            }
        }
        heard
    }
}

/// Sets the field of a hint that goes by this name.
pub(crate) fn fill(hint: &mut TypeHint, name: &str, text: &str) {
    match name {
        "min_length" => hint.min_length = text.parse().ok().or(hint.min_length),
        "max_length" => hint.max_length = text.parse().ok().or(hint.max_length),
        "length" => {
            fill(hint, "min_length", text);
            fill(hint, "max_length", text);
        }
        "minimum" => hint.minimum = text.parse().ok().or(hint.minimum),
        "maximum" => hint.maximum = text.parse().ok().or(hint.maximum),
        "pattern" if hint.pattern.is_none() && Regex::new(text).is_ok() => {
            hint.pattern = Some(text.to_owned());
        }
        "choices" if hint.choices.is_empty() => {
            let choices = text.replace(" or ", ",").replace('|', ",");
            let choices = choices.split(',').map(|one| one.trim().trim_matches('\''));
            let choices = choices.filter(|one| !one.is_empty()).map(str::to_owned);
            hint.choices = choices.take(MAX_CHOICES).collect();
        }
        _ => {}
    }
}
