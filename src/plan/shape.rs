//! Which canary shapes an input can take, from its type hint.

use crate::canary::Shape;
use crate::surface::{Input, Kind};

/// Names that look like a size or a delay: a 15-digit number there could hang the application.
const SIZES: [&str; 22] = [
    "limit", "page", "size", "count", "days", "hours", "minutes", "seconds", "timeout", "delay",
    "width", "height", "offset", "skip", "per_page", "length", "depth", "max", "min", "retries",
    "quantity", "ttl",
];

/// The shapes to plant, in the order in which the input meets them: 10 characters first, then 40.
/// Empty where no shape fits; such an input gets a plain value and is listed as untested.
pub fn shapes(input: &Input) -> Vec<Shape> {
    let hint = &input.hint;
    if input.csrf || !hint.choices.is_empty() {
        return Vec::new();
    }
    if !matches!(hint.kind, Kind::String | Kind::Unknown | Kind::File) {
        return Vec::new();
    }
    if hint.pattern.is_some() || hint.format.as_deref().is_some_and(|f| f != "password") {
        return Vec::new();
    }
    let fits = |length: usize| {
        hint.min_length.is_none_or(|least| least <= length)
            && hint.max_length.is_none_or(|most| length <= most)
    };
    [Shape::Short, Shape::Token]
        .into_iter()
        .filter(|shape| fits(shape.len()))
        .collect()
}

/// Shapes to try one by one on an input that refused the first ones.
pub fn alternatives(_input: &Input, _credential_like: bool) -> Vec<Shape> {
    Vec::new()
}

/// True for inputs that must not get a large number.
pub(super) fn sizes_something(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name
        .rsplit(['.', '-'])
        .next()
        .unwrap_or(&name)
        .trim_end_matches("[]");
    SIZES
        .iter()
        .any(|word| last == *word || last.ends_with(&format!("_{word}")))
}
