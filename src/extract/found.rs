//! What an extractor reads out of one answer, before any scope check.
//!
//! Owns: [`Call`] and [`Found`]. Leaves out: resolving, scope and templates (`place.rs`).

use serde_json::Value;

use crate::canary::STAND_IN;
use crate::http::Method;
use crate::sanitise::shorten;
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};
use crate::words::is_csrf;

/// One operation as written: a link, a form, a call in a script, an entry of a specification.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The URL as written, relative or absolute; path variables appear as `{name}`.
    pub url: String,
    /// Possible prefixes of the rooted URL, likeliest first; empty if the URL is already complete.
    pub bases: Vec<String>,
    /// Inputs other than those of the URL's own query and placeholders.
    pub inputs: Vec<Input>,
    /// The kind of text that revealed it.
    pub provenance: Provenance,
    /// The call is only a guess: it counts once the application answers it.
    pub tentative: bool,
    /// The call is a form of the page being read.
    pub form: bool,
    /// The call sends the fields of one of the page's forms, in this place.
    pub of_form: Option<OfForm>,
    /// What a specification says about credentials.
    pub secured: Option<bool>,
    /// Tags, summary and operation id.
    pub summary: String,
}

/// The form whose fields a script sends.
#[derive(Clone, Debug, PartialEq)]
pub struct OfForm {
    /// Where the fields go in the request.
    pub place: Place,
    /// The form's id or name, if the script gives one.
    pub name: Option<String>,
}

/// The name of an input that stands for all fields of a form until the whole call has been read.
pub const FORM_FIELDS: &str = "\u{0}fields of a form";

impl Call {
    /// Creates a call without inputs.
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

    /// Creates a link.
    pub fn link(url: impl Into<String>) -> Self {
        Self::new(Method::Get, url, Provenance::Link)
    }

    /// Returns the same call, not to be trusted until the application answers it.
    #[must_use]
    pub fn tentative(mut self) -> Self {
        self.tentative = true;
        self
    }

    /// Returns the same call with the given inputs.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Vec<Input>) -> Self {
        self.inputs = inputs;
        self
    }
}

/// Everything that one answer revealed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// What relative URLs are relative to, if the page specifies it.
    pub base: Option<String>,
    /// The operations.
    pub calls: Vec<Call>,
    /// Names of cookies that scripts set.
    pub cookies: Vec<String>,
    /// Something was left out because the answer contains too much of it.
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

    /// Records a part of an import that is left out, up to [`MAX_LEFT_OUT`].
    pub fn leave_out(&mut self, part: &str, why: &str) {
        if self.left_out.len() < MAX_LEFT_OUT {
            // A query may contain a credential of whoever recorded it.
            let part = part.split(['?', '#']).next().unwrap_or_default();
            let part = shorten(part, 200);
            self.left_out.push((part, why.to_owned()));
        } else {
            self.cut = true;
        }
    }

    /// Merges what another extractor found in a part of the same answer.
    pub fn absorb(&mut self, other: Self) {
        self.base = self.base.take().or(other.base);
        self.cut |= other.cut;
        self.cookies.extend(other.cookies);
        for call in other.calls {
            self.push(call);
        }
    }
}

/// The most parts of an import that are reported as left out.
pub const MAX_LEFT_OUT: usize = 200;

/// The most calls that one answer reveals; the rest counts as cut.
pub const MAX_CALLS: usize = 20_000;

/// The most inputs that one operation keeps.
pub const MAX_INPUTS: usize = 500;

/// Returns true if the text contains the stand-in for a planted value, whole or cut.
pub fn is_stand_in(text: &str) -> bool {
    // A field may have cut it short or changed its case.
    let head = STAND_IN.get(..10).unwrap_or(STAND_IN);
    text.to_ascii_lowercase().contains(head)
}

/// Returns true if keyspill made this value itself: an answer that shows it repeats what was sent.
pub fn is_ours(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    // The plain word, possibly stretched to fill a field.
    let stretched = bare
        .strip_prefix(PLAIN)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("sa"));
    stretched || is_stand_in(value) || value.contains("'sample'") || value.contains("\"sample\"")
}

/// The value that inputs without a type get (`plan`).
pub const PLAIN: &str = "sample";

/// Returns what a value seen in a URL or a form says about its type.
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

/// Returns true for a postal code or a telephone number: `01234`, `+4912345`.
fn is_code(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let mut bytes = digits.bytes();
    let first = bytes.next();
    first == Some(b'+') || (first == Some(b'0') && bytes.next().is_some_and(|b| b.is_ascii_digit()))
}

/// Parses an integer that prints as it was written: `007` and `+1` are texts.
fn integer(value: &str) -> Option<i64> {
    value
        .parse::<i64>()
        .ok()
        .filter(|number| number.to_string() == value)
}

/// Returns the name of a field of a named object, or of the body itself: `a.b`, `b`.
pub(crate) fn below(name: &str, field: &str) -> String {
    if name.is_empty() {
        field.to_owned()
    } else {
        format!("{name}.{field}")
    }
}

/// Creates an input with the example and type of a value that was seen.
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
