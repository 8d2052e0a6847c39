//! Form controls: the inputs they produce, and what they say about their values.
//!
//! Owns: types, choices, bounds, examples. Leaves out: which controls belong to a form (`mod.rs`).

use std::collections::BTreeMap;

use scraper::ElementRef;
use serde_json::Value;

use crate::found::{Found, MAX_INPUTS, hint_of};
use crate::policy::{is_dangerous_field, is_dangerous_value};
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};
use crate::words::is_csrf;

/// The most choices kept for one input.
pub(super) const MAX_CHOICES: usize = 200;

/// The data lists of a page, by id.
pub(super) type Lists<'a> = BTreeMap<&'a str, ElementRef<'a>>;

pub(super) fn control_type(control: ElementRef<'_>) -> String {
    match control.value().name() {
        "input" => control
            .value()
            .attr("type")
            .unwrap_or("text")
            .trim()
            .to_ascii_lowercase(),
        other => other.to_owned(),
    }
}

pub(super) fn inputs(
    controls: &[ElementRef<'_>],
    place: Place,
    lists: &Lists<'_>,
    found: &mut Found,
) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for control in controls {
        let kind = control_type(*control);
        if kind == "image" {
            if inputs.len() + 1 < MAX_INPUTS {
                inputs.extend(click(*control, place));
            }
            continue;
        }
        let Some(name) = control.value().attr("name").filter(|name| !name.is_empty()) else {
            continue;
        };
        // Buttons that send nothing.
        let own = control.value().attr("type").unwrap_or_default();
        if matches!(own.trim().to_ascii_lowercase().as_str(), "button" | "reset") {
            continue;
        }
        let value = control.value().attr("value").unwrap_or_default();
        // A browser sends only the button that was pressed and the boxes that were ticked.
        let pressed = matches!(kind.as_str(), "submit" | "button" | "checkbox" | "radio");
        if pressed && (is_dangerous_field(name) || is_dangerous_value(name, value)) {
            continue;
        }
        let checked = control.value().attr("checked").is_some();
        let full = inputs.len() >= MAX_INPUTS;
        match inputs.iter_mut().find(|input| input.name == name) {
            // Radio buttons, and check boxes of the same name, are one input with choices.
            Some(known) => {
                let choices = &mut known.hint.choices;
                if !value.is_empty()
                    && choices.len() < MAX_CHOICES
                    && !choices.iter().any(|choice| choice == value)
                {
                    choices.push(value.to_owned());
                }
                if checked {
                    known.hint.example = Some(Value::from(value));
                }
            }
            None if full => {
                found.cut = true;
                break;
            }
            None => inputs.push(input(*control, &kind, name, (value, place), lists)),
        }
    }
    inputs
}

pub(super) fn input(
    control: ElementRef<'_>,
    kind: &str,
    name: &str,
    (value, place): (&str, Place),
    lists: &Lists<'_>,
) -> Input {
    let attribute = |name: &str| control.value().attr(name);
    let mut hint = match kind {
        "hidden" => hint_of(value),
        "select" => select_hint(control, name),
        "textarea" => text_hint(&control.text().collect::<String>()),
        _ => text_hint(value),
    };
    if hint.example.is_none()
        && let Some(proposed) = attribute("list").and_then(|id| proposed(lists.get(id)?))
    {
        hint.example = Some(Value::from(proposed));
    }
    let (typed, format) = match kind {
        "number" | "range" => (Kind::Number, None),
        "file" => (Kind::File, None),
        "email" => (Kind::String, Some("email")),
        "url" => (Kind::String, Some("uri")),
        "date" => (Kind::String, Some("date")),
        "datetime-local" | "datetime" => (Kind::String, Some("date-time")),
        "time" => (Kind::String, Some("time")),
        "month" => (Kind::String, Some("month")),
        "week" => (Kind::String, Some("week")),
        "color" => (Kind::String, Some("color")),
        "password" => (Kind::String, Some("password")),
        "text" | "search" | "tel" | "textarea" => (Kind::String, None),
        _ => (hint.kind, None),
    };
    hint.kind = typed;
    hint.format = format.map(str::to_owned);
    if matches!(kind, "number" | "range") {
        hint.minimum = attribute("min").and_then(|text| text.parse().ok());
        hint.maximum = attribute("max").and_then(|text| text.parse().ok());
        // Without a fractional step, browsers send only whole numbers.
        if attribute("step").is_none_or(|step| !step.contains('.') && step != "any") {
            hint.kind = Kind::Integer;
        }
    }
    if matches!(kind, "radio" | "checkbox") {
        let value = if value.is_empty() { "on" } else { value };
        hint.choices = vec![value.to_owned()];
        hint.example = Some(Value::from(value));
    }
    hint.pattern = attribute("pattern").map(|pattern| format!("^(?:{pattern})$"));
    hint.min_length = attribute("minlength").and_then(|text| text.parse().ok());
    hint.max_length = attribute("maxlength").and_then(|text| text.parse().ok());
    let mut input = Input::new(place, name, Provenance::Form).with_hint(hint);
    input.required = attribute("required").is_some();
    // A single word is a realistic value; a sentence says what to type.
    let shown = attribute("placeholder").map(str::trim).unwrap_or_default();
    if (2..=40).contains(&shown.len()) && !shown.contains(char::is_whitespace) {
        input.shown.insert(shown.to_owned());
    }
    input.csrf = is_csrf(name) || (kind == "hidden" && name == "nonce");
    input
}

/// Returns the inputs for the position of a click on an image button: `name.x` and `name.y`, or `x` and
/// `y`.
fn click(control: ElementRef<'_>, place: Place) -> [Input; 2] {
    let name = control.value().attr("name").unwrap_or_default();
    let dot = if name.is_empty() { "" } else { "." };
    ["x", "y"].map(|axis| {
        let hint = TypeHint {
            kind: Kind::Integer,
            example: Some(Value::from(1)),
            ..TypeHint::default()
        };
        Input::new(place, &format!("{name}{dot}{axis}"), Provenance::Form).with_hint(hint)
    })
}

/// Returns the first option of a data list, which accepts any other value too.
fn proposed(list: &ElementRef<'_>) -> Option<String> {
    let options = list.descendants().filter_map(ElementRef::wrap);
    let mut options = options.filter(|element| element.value().name() == "option");
    let value = options.next()?.value().attr("value")?.to_owned();
    (!value.is_empty() && value.len() <= 200).then_some(value)
}

fn text_hint(value: &str) -> TypeHint {
    let value = value.trim();
    TypeHint {
        example: (!value.is_empty() && value.len() <= 200).then(|| Value::from(value)),
        ..TypeHint::default()
    }
}

fn select_hint(control: ElementRef<'_>, name: &str) -> TypeHint {
    let mut hint = TypeHint {
        kind: Kind::String,
        ..TypeHint::default()
    };
    let options = control
        .descendants()
        .filter_map(ElementRef::wrap)
        .filter(|inner| inner.value().name() == "option");
    for option in options.take(MAX_CHOICES) {
        let value = option.value().attr("value").map_or_else(
            || option.text().collect::<String>().trim().to_owned(),
            str::to_owned,
        );
        if value.is_empty() || is_dangerous_value(name, &value) {
            continue;
        }
        if option.value().attr("selected").is_some() {
            hint.example = Some(Value::from(value.as_str()));
        }
        if !hint.choices.contains(&value) {
            hint.choices.push(value);
        }
    }
    if hint.example.is_none() {
        hint.example = hint
            .choices
            .first()
            .map(|first| Value::from(first.as_str()));
    }
    hint
}
