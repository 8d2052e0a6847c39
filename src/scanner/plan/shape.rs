//! Decides which canary shapes an input can take, from its type hint.

use serde_json::Value;

use super::request_template::Fill;
use crate::canary::{NotTestable, Shape};
use crate::surface::{Input, Kind, Place, TypeHint};

/// Names that look like a size or a delay: a 15-digit number there could hang the application.
const SIZES: [&str; 22] = [
    "limit", "page", "size", "count", "days", "hours", "minutes", "seconds", "timeout", "delay",
    "width", "height", "offset", "skip", "per_page", "length", "depth", "max", "min", "retries",
    "quantity", "ttl",
];

/// Returns the shapes to plant, in order: 10 characters first, then the shape that suits best.
///
/// The list is empty if none fits; such an input gets a plain value and is listed as untested.
pub fn shapes(input: &Input) -> Vec<Shape> {
    let hint = &input.hint;
    // Numbers stay plain here, because most refuse fifteen digits. The last rung of the ladder
    // tries them once.
    if input.csrf || !matches!(hint.kind, Kind::String | Kind::Unknown | Kind::File) {
        return Vec::new();
    }
    let Ok(fitting) = Shape::fit(hint) else {
        return Vec::new();
    };
    let best = fitting
        .iter()
        .copied()
        .find(|shape| !matches!(shape, Shape::Short | Shape::Integer));
    let first = fitting.contains(&Shape::Short).then_some(Shape::Short);
    first.into_iter().chain(best).collect()
}

/// Returns why an input takes no canary; `None` if it takes one, or if nothing rules one out.
pub(crate) fn untestable(input: &Input) -> Option<NotTestable> {
    Shape::fit(&input.hint).err()
}

/// Returns true for an input that takes whole numbers of fifteen digits, as far as is known.
pub(super) fn takes_large_numbers(input: &Input) -> bool {
    // A pattern describes text.
    let hint = TypeHint {
        pattern: None,
        ..input.hint.clone()
    };
    input.hint.kind == Kind::Integer && !sizes_something(&input.name) && Shape::fit(&hint).is_ok()
}

/// Returns shapes to try one by one on an input that refused the first ones for no known reason.
/// `plain` is what it got in the baseline.
pub fn alternatives(input: &Input, credential_like: bool, plain: Option<&Fill>) -> Vec<Shape> {
    if input.hint.format.is_some()
        || input.hint.pattern.is_some()
        || input.hint.kind == Kind::Integer
    {
        return Vec::new();
    }
    if input.place == Place::Path
        && let Some(Fill::Plain(Value::String(text))) = plain
        && text.bytes().all(|byte| byte.is_ascii_digit())
    {
        // Flask's `<int:id>` accepts nothing else, and says so only by its 404.
        return vec![Shape::Integer];
    }
    let known = shapes(input);
    let order = if credential_like {
        [Shape::Hex32, Shape::Uuid, Shape::Prefixed, Shape::Hex64]
    } else {
        [Shape::Email, Shape::Url, Shape::Uuid, Shape::Hex32]
    };
    order
        .into_iter()
        .filter(|shape| !known.contains(shape))
        .collect()
}

/// Returns true for inputs that must not get a large number.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::Provenance;

    fn of(hint: TypeHint) -> Vec<Shape> {
        shapes(&Input::new(Place::Json, "x", Provenance::Link).with_hint(hint))
    }

    #[test]
    fn ten_characters_come_first_and_what_a_hint_asks_for_comes_last() {
        assert_eq!(of(TypeHint::default()), [Shape::Short, Shape::Token]);
        let format = |format: &str| TypeHint {
            format: Some(format.to_owned()),
            ..TypeHint::default()
        };
        assert_eq!(of(format("email")), [Shape::Email]);
        assert_eq!(of(format("uuid")), [Shape::Uuid]);
        assert_eq!(of(format("date")), []);
        let hex = TypeHint {
            pattern: Some("^[0-9a-f]{32}$".to_owned()),
            ..TypeHint::default()
        };
        assert_eq!(of(hex), [Shape::Hex32]);
        assert_eq!(
            of(TypeHint {
                kind: Kind::Integer,
                ..TypeHint::default()
            }),
            []
        );
    }

    #[test]
    fn where_a_number_stood_in_a_path_a_number_is_tried() {
        let plain = |text: &str| Fill::Plain(Value::from(text));
        let of = |place, text: &str| {
            let input = Input::new(place, "id", Provenance::Link);
            alternatives(&input, false, Some(&plain(text)))
        };
        assert_eq!(of(Place::Path, "7"), [Shape::Integer]);
        assert_eq!(of(Place::Path, "ann").len(), 4);
        assert_eq!(of(Place::Query, "7").len(), 4);
    }
}
