//! What an extractor reads out of one answer, before anybody asks whether it is in scope.
//!
//! Owns: [`Call`] and [`Found`]. Leaves out: resolving, scope and templates (`place.rs`).

use serde_json::Value;

use crate::canary::STAND_IN;
use crate::http::Method;
use crate::sanitise::shorten;
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};
use crate::words::is_csrf;

/// One operation as it was written: a link, a form, a call in a script, a row of a specification.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The URL as written, relative or not; path variables stand as `{name}`.
    pub url: String,
    /// Prefixes of which one stands before the rooted URL, the likeliest first; empty where it is whole.
    pub bases: Vec<String>,
    /// Inputs besides those of the URL's own query and placeholders.
    pub inputs: Vec<Input>,
    /// What kind of text revealed it.
    pub provenance: Provenance,
    /// Only a guess: it counts when the application answers it.
    pub tentative: bool,
    /// It is a form of the page at hand.
    pub form: bool,
    /// It sends the fields of a form of the page, in this place.
    pub of_form: Option<OfForm>,
    /// What a specification says of credentials.
    pub secured: Option<bool>,
    /// Tags, summary, operation id.
    pub summary: String,
}

/// The form whose fields a script sends.
#[derive(Clone, Debug, PartialEq)]
pub struct OfForm {
    /// Where they stand in the request.
    pub place: Place,
    /// The form's id or name, where the script says it.
    pub name: Option<String>,
}

/// The name of an input that stands for all fields of a form until a call is found whole.
pub const FORM_FIELDS: &str = "\u{0}fields of a form";

impl Call {
    /// A call without inputs.
    pub fn new(method: Method, url: impl Into<String>, provenance: Provenance) -> Self {
        Self {
            method,
            url: url.into(),
            bases: Vec::new(),
            inputs: Vec::new(),
            provenance,
            tentative: false,
            form: false,
            of_form: None,
            secured: None,
            summary: String::new(),
        }
    }

    /// A link.
    pub fn link(url: impl Into<String>) -> Self {
        Self::new(Method::Get, url, Provenance::Link)
    }

    /// The same call, not to be trusted before the application answers it.
    #[must_use]
    pub fn tentative(mut self) -> Self {
        self.tentative = true;
        self
    }

    /// The same call with inputs.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Vec<Input>) -> Self {
        self.inputs = inputs;
        self
    }
}

/// Everything that one answer revealed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// What relative URLs are relative to, where the page says so.
    pub base: Option<String>,
    /// Operations.
    pub calls: Vec<Call>,
    /// Names of cookies that scripts set.
    pub cookies: Vec<String>,
    /// Something was left out because the answer holds too much of it.
    pub cut: bool,
    /// Parts of an import that were left out, and why.
    pub left_out: Vec<(String, String)>,
}

impl Found {
    /// Adds a link.
    pub fn link(&mut self, url: impl Into<String>) {
        self.push(Call::link(url));
    }

    /// Adds a call, up to [`MAX_CALLS`].
    pub fn push(&mut self, mut call: Call) {
        if let Some(at) = call.inputs.iter().position(|i| i.name == FORM_FIELDS) {
            let fields = call.inputs.remove(at);
            let name = fields.hint.example.as_ref().and_then(Value::as_str);
            call.of_form = Some(OfForm {
                place: fields.place,
                name: name.map(str::to_owned),
            });
        }
        if self.calls.len() < MAX_CALLS {
            self.calls.push(call);
        } else {
            self.cut = true;
        }
    }

    /// Notes a part of an import that is left out, up to [`MAX_LEFT_OUT`].
    pub fn leave_out(&mut self, part: &str, why: &str) {
        if self.left_out.len() < MAX_LEFT_OUT {
            // A query may hold a credential of whoever recorded it.
            let part = part.split(['?', '#']).next().unwrap_or_default();
            let part = shorten(part, 200);
            self.left_out.push((part, why.to_owned()));
        } else {
            self.cut = true;
        }
    }

    /// Takes over what another extractor found in a part of the same answer.
    pub fn absorb(&mut self, other: Self) {
        self.base = self.base.take().or(other.base);
        self.cut |= other.cut;
        self.cookies.extend(other.cookies);
        for call in other.calls {
            self.push(call);
        }
    }
}

/// Parts of an import that are named as left out, at most.
pub const MAX_LEFT_OUT: usize = 200;

/// One answer teaches no more calls than this; the rest counts as cut.
pub const MAX_CALLS: usize = 20_000;

/// One operation keeps no more inputs than this.
pub const MAX_INPUTS: usize = 500;

/// True for a text that holds the stand-in for what was planted, whole or cut.
pub fn is_stand_in(text: &str) -> bool {
    // A field may have cut it short, or changed its case.
    let head = STAND_IN.get(..10).unwrap_or(STAND_IN);
    text.to_ascii_lowercase().contains(head)
}

/// True for a value of keyspill's own making: an answer that shows it repeats what was sent.
pub fn is_ours(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    // The plain word, stretched to a field's length.
    let stretched = bare
        .strip_prefix(PLAIN)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("sa"));
    stretched || is_stand_in(value) || value.contains("'sample'") || value.contains("\"sample\"")
}

/// What fields without a type get (`plan`).
pub const PLAIN: &str = "sample";

/// What a value seen in a URL or a form says about its type.
pub fn hint_of(value: &str) -> TypeHint {
    let mut hint = TypeHint::default();
    if value.is_empty() || value.len() > 200 || value.contains('{') || is_ours(value) {
        return hint;
    }
    if let Some(number) = integer(value) {
        hint.kind = Kind::Integer;
        hint.example = Some(Value::from(number));
    } else {
        match value {
            "true" | "false" => hint.kind = Kind::Boolean,
            _ if is_code(value) => {}
            _ if value.parse::<f64>().is_ok_and(f64::is_finite) => hint.kind = Kind::Number,
            _ => {}
        }
        hint.example = Some(Value::from(value));
    }
    hint
}

/// A postal code or a telephone number: `01234`, `+4912345`.
fn is_code(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let mut bytes = digits.bytes();
    let first = bytes.next();
    first == Some(b'+') || (first == Some(b'0') && bytes.next().is_some_and(|b| b.is_ascii_digit()))
}

/// A whole number that reads back as written: `007` and `+1` are texts.
fn integer(value: &str) -> Option<i64> {
    value
        .parse::<i64>()
        .ok()
        .filter(|number| number.to_string() == value)
}

/// The name of a field of what has a name of its own, or is the whole body: `a.b`, `b`.
pub(crate) fn below(name: &str, field: &str) -> String {
    if name.is_empty() {
        field.to_owned()
    } else {
        format!("{name}.{field}")
    }
}

/// A query, form or JSON input whose example and type come from a value seen.
pub fn input_of(place: Place, name: &str, value: &str, provenance: Provenance) -> Input {
    let mut input = Input::new(place, name, provenance).with_hint(hint_of(value));
    input.csrf = is_csrf(name);
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_tells_its_type() {
        assert_eq!(hint_of("12").kind, Kind::Integer);
        for text in ["007", "+4912345", "-01", "00.5"] {
            assert_eq!(hint_of(text).kind, Kind::Unknown, "{text}");
        }
        assert_eq!(hint_of("0.5").kind, Kind::Number);
        assert_eq!(hint_of("0").kind, Kind::Integer);
        assert_eq!(hint_of("true").kind, Kind::Boolean);
        assert_eq!(hint_of("abc").kind, Kind::Unknown);
        assert_eq!(hint_of("{id}").example, None);
        assert_eq!(hint_of("nan").kind, Kind::Unknown);
    }

    #[test]
    fn our_own_values_are_no_examples() {
        for value in [
            "s4mple0value0s4mple0value",
            "x-S4mple0value0",
            "sample",
            "samplesa",
            "'sample'",
        ] {
            assert_eq!(hint_of(value).example, None, "{value}");
        }
        assert!(hint_of("samples.csv").example.is_some() && hint_of("example").example.is_some());
    }
}
