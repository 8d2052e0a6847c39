//! A request template describes a request by what goes into each input, before canaries are minted.
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
    /// A canary followed by a quote.
    Quoted(Shape),
    /// A list that contains a canary, where text is expected.
    List(Shape),
    /// A canary that is padded to the given number of bytes.
    Padded(Shape, usize),
    /// A canary followed by a control character, and then by a letter so that trimming does not
    /// remove it.
    Control(Shape),
    /// A JSON value with [`CANARY`] in place of the canary in its names and texts. It is written as
    /// text if the input is text.
    Json(Shape, Arc<Value>),
    /// A number, where text is expected. It carries no canary.
    Number,
    /// The fresh CSRF token of the form.
    Csrf,
    /// Nothing, though the tester sends this header with every other request.
    Withheld,
}

impl Fill {
    /// Returns the shape of the canary that this fill carries.
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
    /// Returns true if an input of that place is sent in a request with this body.
    pub const fn carries(self, place: Place) -> bool {
        match place {
            Place::Json => matches!(self, Self::Json),
            // A file field makes the whole form multipart, including its other fields.
            Place::Form => matches!(self, Self::Form | Self::Multipart),
            Place::Multipart => matches!(self, Self::Multipart),
            Place::Query | Place::Header | Place::Cookie | Place::Path => true,
            Place::Graphql => matches!(self, Self::Graphql),
            Place::Xml | Place::Text => false,
        }
    }
}

/// The description of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestTemplate {
    /// The operation.
    pub endpoint: EndpointId,
    /// How its body is written.
    pub body: BodyKind,
    /// What each input gets, in order. An input that is not listed is absent.
    pub fills: Vec<(Input, Fill)>,
    /// The GraphQL document, if the body is one.
    pub document: Option<String>,
    /// The page with the form that provides the CSRF token.
    pub form_page: Option<String>,
    /// A path other than the template's, for control requests. It does not bypass the scope.
    pub path: Option<String>,
    /// True if the request is sent twice with the same values. The second answer counts, because
    /// only it shows which values must be unique.
    pub repeat: bool,
}

impl RequestTemplate {
    /// Creates an empty request to an operation.
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

    /// Replaces the fill of each input by what `change` returns; `None` keeps it.
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

    /// Removes the inputs for which `drop` returns true.
    #[must_use]
    pub fn without(&self, drop: impl Fn(&Input) -> bool) -> Self {
        let mut copy = self.clone();
        copy.fills.retain(|(input, _)| !drop(input));
        copy
    }

    /// Sets one input, adding it if it is absent.
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

    /// Returns true if some input gets a canary.
    pub fn plants(&self) -> bool {
        self.fills.iter().any(|(_, fill)| fill.shape().is_some())
    }

    /// Returns what one input gets.
    pub fn fill(&self, place: Place, name: &str) -> Option<&Fill> {
        self.fills
            .iter()
            .find(|(i, _)| i.place == place && i.name == name)
            .map(|(_, fill)| fill)
    }
}
