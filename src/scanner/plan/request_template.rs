//! A request template: a request described by what goes into each input, before canaries are minted.
//!
//! Owns: the description, which can be rendered again and again, with fresh canaries each time.
//! Leaves out: bytes (`compose.rs`).

use std::sync::Arc;

use serde_json::Value;

use crate::canary::Shape;
use crate::surface::{EndpointId, Input, Place};

/// Stands for the canary in a [`Fill::Json`].
pub const CANARY: &str = "{{canary}}";

/// What an input gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// A plain value.
    Plain(Value),
    /// A canary.
    Canary(Shape),
    /// A canary with a quote behind it.
    Quoted(Shape),
    /// A list that holds a canary, where text is expected.
    List(Shape),
    /// A canary made longer, to so many bytes.
    Padded(Shape, usize),
    /// A canary with a control character behind it, and a letter so that no trimming takes it off.
    Control(Shape),
    /// A JSON value with [`CANARY`] for the canary in its names and texts; written as text where the
    /// input is text.
    Json(Shape, Arc<Value>),
    /// A number, where text is expected. Carries no canary.
    Number,
    /// The fresh CSRF token of the form.
    Csrf,
    /// Nothing, though the tester sends this header with every other request.
    Withheld,
}

impl Fill {
    /// The shape of the canary that it carries.
    pub const fn shape(&self) -> Option<Shape> {
        match self {
            Self::Canary(shape)
            | Self::Quoted(shape)
            | Self::List(shape)
            | Self::Padded(shape, _)
            | Self::Control(shape)
            | Self::Json(shape, _) => Some(*shape),
            Self::Plain(_) | Self::Number | Self::Csrf | Self::Withheld => None,
        }
    }
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BodyKind {
    /// No body.
    None,
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// A GraphQL document with its variables, as `application/json`.
    Graphql,
}

impl BodyKind {
    /// True when an input of that place travels in a request with this body.
    pub const fn carries(self, place: Place) -> bool {
        match place {
            Place::Json => matches!(self, Self::Json),
            // A file field makes the whole form multipart, its other fields with it.
            Place::Form => matches!(self, Self::Form | Self::Multipart),
            Place::Multipart => matches!(self, Self::Multipart),
            Place::Query | Place::Header | Place::Cookie | Place::Path => true,
            Place::Graphql => matches!(self, Self::Graphql),
            Place::Xml | Place::Text => false,
        }
    }
}

/// A request as a description.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestTemplate {
    /// The operation.
    pub endpoint: EndpointId,
    /// How its body is written.
    pub body: BodyKind,
    /// What each input gets, in order; an input that is not named is absent.
    pub fills: Vec<(Input, Fill)>,
    /// The GraphQL document, for a body that is one.
    pub document: Option<String>,
    /// The page whose form gives the CSRF token.
    pub form_page: Option<String>,
    /// Another path than the template's, for control requests; no scope is bypassed by it.
    pub path: Option<String>,
    /// Sent twice with the same values; the second answer counts. What must be unique shows itself
    /// only so.
    pub repeat: bool,
}

impl RequestTemplate {
    /// The request of an operation with nothing in it.
    pub fn bare(endpoint: EndpointId) -> Self {
        Self {
            endpoint,
            body: BodyKind::None,
            fills: Vec::new(),
            document: None,
            form_page: None,
            path: None,
            repeat: false,
        }
    }

    /// The same request template where `change` gives the fill of each input (`None` keeps it).
    #[must_use]
    pub fn map(&self, change: impl Fn(&Input, &Fill) -> Option<Fill>) -> Self {
        let mut copy = self.clone();
        for (input, fill) in &mut copy.fills {
            if let Some(new) = change(input, fill) {
                *fill = new;
            }
        }
        copy
    }

    /// The same request template without the inputs for which `drop` is true.
    #[must_use]
    pub fn without(&self, drop: impl Fn(&Input) -> bool) -> Self {
        let mut copy = self.clone();
        copy.fills.retain(|(input, _)| !drop(input));
        copy
    }

    /// The same request template with one input set (added where it was absent).
    #[must_use]
    pub fn with(&self, input: &Input, fill: Fill) -> Self {
        let mut copy = self.clone();
        match copy
            .fills
            .iter_mut()
            .find(|(i, _)| i.place == input.place && i.name == input.name)
        {
            Some((_, known)) => *known = fill,
            None => copy.fills.push((input.clone(), fill)),
        }
        copy
    }

    /// True when some input gets a canary.
    pub fn plants(&self) -> bool {
        self.fills.iter().any(|(_, fill)| fill.shape().is_some())
    }

    /// What one input gets.
    pub fn fill(&self, place: Place, name: &str) -> Option<&Fill> {
        self.fills
            .iter()
            .find(|(i, _)| i.place == place && i.name == name)
            .map(|(_, fill)| fill)
    }
}
